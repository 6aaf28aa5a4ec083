"""The reference page of the sourcing workbook and of the plan workbook, written from the schema."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from optimizer.intake.files.limits import MOST_BYTES, MOST_CELLS, MOST_COLUMNS, MOST_ROWS
from optimizer.schema.choices import MEASURES
from optimizer.schema.language import LARGEST_NUMBER, Column, Sheet
from optimizer.schema.results import OUTPUTS, Output
from optimizer.schema.sheets import INPUTS

OPENING = f"""\
# The sourcing workbook

<!-- Generated from optimizer/schema/ by docs/build.py: change the schema, then run `python docs/build.py`. -->

One Excel workbook (.xlsx, or .xlsm whose macros never run) describes one case. For scripts a folder of .csv files, one a
sheet, does as well. `optimizer template CASE.xlsx` writes a blank one with notes, drop-downs and an example row on each sheet, its names
marked `Example:`. An example row that is left as it is never counts; one in which anything is changed does.

## How it is read

- Each sheet is a table: headers in row 1, data from row 2. Sheets and columns may come in any order. A wholly blank row is skipped.
- A header matches its column when both read the same in lower case with every run of other characters than letters and
  digits turned into `_` and dropped at both ends: `Lead time (months)` is `lead_time_months`. Sheet names match likewise.
- A sheet that is not named here is left alone and travels along into the plan workbook. A column that is not named here, on
  a sheet that is, is an error.
- Several names or words in one cell stand between commas, semicolons or lines. Between semicolons a name may hold commas itself.
- A header that begins with `# ` marks a column that is not read, such as `# Notes`; a row whose first text begins with `# ` is a note.
  Both stay in the workbook, and it is said that they were not read. The app marks a column or row so with one click.
- Titles above the headers are not read: the headers are the one of the first 20 rows that names most columns. A row of units under the headers
  counts as if the units stood in them. A row that adds up others (`Total`, `Subtotal`, or sums without a name), and the heading of a section
  (the name of a material, or a text that the next row holds elsewhere, or one that ends with a colon) are left out. Of a name, word or date
  in cells merged over several rows each row has it; a number so merged is an error. Each of these is a warning at its cell.
- Names (materials, suppliers and so on) match without regard to case, outer or doubled blanks, and the ways in which the same
  characters can be written: composed or decomposed accents, full width, zero-width characters, curly apostrophes, kinds of hyphens and
  blanks. The first spelling is shown.
- A supplier or country that is spelled in two ways (`Acme Co., Ltd.` and `Acme Co Ltd`; `China` and `PRC`) counts as one, with a warning
  and one click to make them one. Names that only look alike (a letter apart, another legal form) stay two, with a warning.
- Two open orders of one material in one period are two orders. What was read, what was not, and what stands on defaults is said by
  `optimizer check`, on the inputs page of the app, and in Python by `optimizer.load(...).report`.
- Every problem of a workbook is reported at once, each with its sheet and cell, what was found, what was expected, and the
  fix. Nothing is guessed, dropped or clipped.

## Files

- Up to {MOST_BYTES / 1e6:.0f} MB, {MOST_ROWS:,} rows and {MOST_COLUMNS:,} columns a sheet, and {MOST_CELLS:,} filled cells in all,
  which is some {MOST_CELLS // 20:,} offers of 20 columns. Up to that size any file is read or refused within two seconds of processor
  time and 500 MB. A sheet of your own that would go beyond is left out, with a warning.
- Of an Excel workbook only values and number formats are read: fonts, colours, drawings and macros do not matter. A cell, row or sheet that stands
  twice, a value under merged cells, and a sheet that the file lists but does not hold are errors: nothing is dropped.
- A .csv file may separate its values by commas, semicolons, tabs or `|`, and may begin with a line `sep=;`. It is best saved as
  "CSV UTF-8", which Excel offers in every language; UTF-16 is read as well, and a Windows code page where its letters are beyond doubt.
- The numbers of one .csv file are all of one kind. Where one of them can only have a decimal comma, such as `0,5`, and none can only have
  a decimal point, `1.250` is 1250, and a warning says so. Where nothing tells, it is an error that names both readings; between
  commas as separators it is 1.25. A day may be written `2027-04-01` or `01.04.2027`.
- Files in the folder that are no .csv are named in a warning.

## Units

A quantity of a material is in that material's `unit`. Money is in the case's one `currency`. A share is a fraction from 0 to 1:
a cell formatted as a percentage holds that fraction, and a text such as `35%` is read as 0.35. Below, "unit" means the
unit of the row's material and "currency" the currency of the case.

A header may bear a unit of its own, in brackets or behind the name, and may then leave out the one in the column's name:
`Lead time (weeks)`, `Capacity per month`, `Monthly demand`, `Growth (%)`, `Price (USD/t)`, `Amount (kUSD)`, `2027-Q1 (t)`. What differs from the
column's unit is converted, with a warning that gives an example:

| what the column counts | units that are converted |
| --- | --- |
| months | days, weeks, quarters, years: a year has 365 days, a month 365/12, a week 7 |
| per year | per day, week, month, quarter; growth and other rates that compound only per year |
| a share, or times | %: under `Growth (%)` the number 2 means 0.02, and 0.5 means 0.005; a cell that shows 2% means what it shows |
| currency | k, thousand, '000, M, mn, million, bn of the case's own currency |
| unit | mg, g, kg, t (tonne, metric ton, mt), kt, lb, oz, troy oz, short ton, long ton, where the material's unit is one of them |

Any other unit is an error at the header. So is a currency sign or code, in a header, a title, a cell or its number format, that is not the case's
currency (`$` may be any dollar, `¥` yen or yuan), and a number format that shows another unit than the column's. A number in a column
of names is read as its format shows it: `007`, where the cell holds 7.

## Blocs and origins

A bloc or origin is one of `chinese`, `other` (non-aligned), `allied`, `onshored`, from most to least exposed.

## Dates and periods

- A date is an Excel date or ISO text (`2027-04-01`). Wherever a date stands, a calendar label (`2027-04`, `2027-Q2`, `2027`)
  serves too and means its first day; in `to` and `latest_start` its last. A bare whole number from 1900 to 2200 is a year.
- A date means the whole period that holds it: an offer, a list, a start counts from that period on; `to` and
  `latest_start` include theirs.
- `arrives`, `available_from`, `allowed_origins_from`, `earliest_start`, `from` and `starts` before the horizon count as its first
  period (a listed disruption keeps its end). `latest_start` or `to` before it leave no start and no period. A `decision_date`
  before it is an error. What begins after the horizon has no effect and is warned of.
- With `tail_periods` the plan goes on for so many periods beyond the horizon, so that stocks and contracts at its end are not decided as if nothing
  came after it. What the sheets date there holds; where they say nothing, the last year goes on: its quantities by period and its budgets are repeated, limits,
  duties and rules that end with the horizon go on, and growth and disruptions go on by themselves. A budget for a part of a fiscal year stays that of the
  part, and the rest of the year has one at the same rate. Minimum fill rates and shares of a year hold in the horizon by itself and beyond it by itself. A
  contract's last period and a project's latest start stay as written. Only what is left at the very end has its salvage value. What the plan minimises
  counts both; every other figure is the horizon's own, and the sheets whose names begin with Tail tell the rest.
- Periods are named by the calendar: `2027-04`, `2027-Q2` (begins 1 April). Yearly periods are named by their fiscal year:
  there `2027` means that fiscal year, elsewhere the calendar year.

## Bounds

Every number is finite and below {LARGEST_NUMBER:g}. The bounds of each column stand in its table below.
"""

BETWEEN = """
# The plan workbook

A plan workbook opens with a Summary and Charts. Then comes one sheet for each table below, then Provenance (input, versions,
options), Warnings and Chart data, and at last the input sheets as they were read: the plan workbook is itself a sourcing
workbook and gives the same case again. Costs are discounted where the table says so.
"""

REMARKS = {
    "Materials": """\
With `shelf_life_months`, what arrives in a period can be used in so many periods, rounded up, that one included; stock on hand counts as fresh. The
oldest goes out first. Where `disposal_cost` is blank, what ends its life is thrown away for nothing. With a `sale_price`, stock may be sold in any
period, of all origins together at most `sale_limit_per_year`, which is given beside a price only.""",
    "Demand": """\
The header of a period column must be a period of this case; demand_multiplier applies to its quantities too. Rates and
prices everywhere are those of the horizon's start; growth steps each period. Where every period of the case has its column, `annual_demand` may
be left out, or blank in a row that fills them all: it is then the mean of the periods per year.""",
    "Suppliers": """\
With an `input_material`, the price is the fee for converting it, `input_per_unit` is required, and the input is bought and
stored on its own. The reservation price is paid while the supplier is struck, too; only a project that is not ready suspends
it. Take-or-pay has no make-up later.

With `ships_after_months` goods leave so long after an order, and a disruption can stop them until then; lead_time_added_months counts towards it. What is
bought in a period is then what leaves in it: price, duty, capacity, contract, limits and budgets count at that time. An order is firm: what can leave when
it is due is taken and paid for. What is stopped may be taken later or withdrawn, at no cost. Take-or-pay and reservation begin once orders placed after the
start of the horizon, and after the offer's project is ready, are due.

A contract counts in the periods of `contract_from` to `contract_to` alone; `prepayment` is paid in the first of them. With `upside_trigger` and
`upside_share` (both or neither) the buyer pays, after floor and ceiling, less by that share of what the price is above the trigger. Of the offers with
one `choose_one`, all of terms contract, at most one is signed: price breaks are such rows, with a minimum_contract each and a plant.
What is written in `fixed_contract` is contracted in any case: the plan decides everything else.""",
    "Offer changes": """\
From the period of `from` on a value stands in place of the offer's own, in the unit and currency of the offer's row on Suppliers; growth counts from then, and
a blank cell leaves the column as it was. Of two dates in one period the later counts. At least one value is needed. A blank `offer` is the one without a
name, or the only one that the supplier makes of the material.

A contract is at most the largest capacity of the periods in which it is live. In a period as large a share of it as the capacity then is of the largest can be
called off, and counts for take-or-pay and reservation. A `spot_limit_per_year` that is blank on Suppliers and here is the capacity of the period; a
`contract_price` that is blank there is the offer's own price, whatever changes. An indexed contract keeps the ratio of contract_price to price on Suppliers;
a changed `contract_price` sets it to that over the price that then holds, before growth.""",
    "Origin rules": """\
A use may draw an origin only if its own columns on Demand allow it and every rule then in force for it lists it. A rule is in force in the periods of
`from` to `to`, while `while_active` is active and `unless_active` is not. Where nothing is left the use draws nothing: that is legal, and warned of.""",
    "Currencies": """\
A row of Suppliers or Projects whose `currency` stands here is converted by its rate. The `unit` of a row of Suppliers, Inventory or Demand is converted
into the material's own: g, kg, t, lb, oz, short ton, long ton and their usual spellings; a bare ton is refused, and any other word that is not the
material's own unit. `input_per_unit` counts the materials' own units. A plan speaks in the case's units and currency.""",
    "Substitutes": """\
A row lets a use take `units_per_unit` of the substitute in place of one unit of its material, or, with a blank `substitute`, do without a unit:
`cost` and `maximum_share` are then required. Up to `maximum_share` of each period's demand is replaced so, in the regime of the period. The
substitute is taken from stock, of the origins that the use may draw of its material and that every origin rule in force for the substitute and this
use lists. What is replaced is met: it is no shortage, and counts for a minimum_fill_rate. Its cost is an outlay, which budgets of the category `all` count.""",
    "Plants": """\
The offers that name a plant share its capacity, spot and contract together, on top of their own; of a plant that is struck as much is served as of its
offer that is served best. Their materials have one unit, in which the capacity is.""",
    "Projects": """\
A project may start in the first period of the horizon or of a fiscal year; that is decided now, for all scenarios. With `may_wait_for` it may also be decided
now to start it once one of these disruptions is active: on each path in the first period, any one, of its window in which that is. Cost, lead time and
readiness count from then. Of plans that cost the same the start on a date is stated. With
`decided` = start it starts in any case, when the plan says, and with never it does not.""",
    "Inventory": """\
A row without `arrives` and `supplier` is in stock; one with `arrives` is under way, and nothing stops it. One with a `supplier` has not left: it is due in
the period of `ships`, leaves only as far as the supplier's offer is served, then or later, and arrives after the transit of that offer: its lead_time_months
less its ships_after_months, each rounded up to periods. It takes no capacity and bears no duty.""",
    "Disruptions": """\
It strikes an offer that passes each filter that is not blank. `decision_date` and `decision_probability` (both or neither)
make a dated event, such as a suspension that lapses: in that one period, not the first, it begins with this probability
instead of the annual one. `raised_by` and `raised_probability` (both or neither) let trouble come in waves: while the one named was
active in the period before, this one begins with the raised chance in place of its annual one. The one named may strike nothing, and two may raise each
other; a decision_date goes first, and follows still must hold. `annual_probability_low` and `annual_probability_high` say between which values
annual_probability may truly be; a blank one is annual_probability itself. The plan counts with annual_probability alone; the study of the worst probabilities
asks how dear it can become within these ranges, and what a plan against that costs. They concern neither decision_probability nor raised_probability.""",
    "Scenarios": """\
The sheet is read when scenario_method is `listed`, or `auto` and it has rows. It then says everything: annual_probability,
mean_duration_months, decision_date, follows, raised_by and active_now are not read. The probability is repeated equal on each row of a
scenario; a disruption is active while any of its rows says so. What the probabilities leave short of 1 is the scenario in
which nothing happens; a sum over 1 is an error.""",
    "Duties": """\
A row is due on the offers that pass each filter that is not blank, in the periods of `from` to `to`, while `while_active` is active and `unless_active` is
not. What crosses the border bears it: spot orders at the spot price, and what is called off at the contract price; not what is paid for without being
called off, nor reservation. A fee for converting an input bears it as a price does. Budgets count duties as purchases.""",
    "Budget": """\
Of a year only partly in the horizon, the amount is what may be spent inside it. Shortage cost, penalties and salvage are no
outlay, and sales add to no budget; inventory and open orders are paid already. A row that names materials counts their purchases, with duties and
prepayment, and their storage, as its category says; a project is of no material. What is not spent is gone, but for the share `carry_over` of it, which
the row of the next fiscal year with the same category and the same materials gains; such rows stand once a year.""",
    "Limits": """\
At least one of `minimum` and `maximum` is required; `from` and `to` are both inclusive. A limit without a penalty is hard.
`holds` says in which futures a limit on stock, or of purchase_to_demand, is kept: `everywhere`; `unless released`, where its minimum is left out
while a disruption of `released_by` is active and `refill_months` after (a maximum always holds); or on the `reference path` alone. Blank, a
minimum of stock holds unless released and anything else everywhere. Without `released_by`, every disruption releases it that takes capacity of,
or adds lead time to, an offer of the material or its feedstock; without `refill_months`, they are 12.""",
}
"""What the tables of columns do not say."""

AFTER_MEASURES = """
Quantity ordered is spot and contract liftings. bloc, country and supplier are the offer's; origin is that of what it
delivers. For the two stock measures origin is the stock's, and bloc, country and supplier stay blank; use serves
`stock_cover_days` alone. The measures that divide by demand leave out a period without demand.
"""


def reference_page() -> str:
    """The reference page of all input sheets and result tables, as Markdown."""
    parts = [OPENING, "\n## Sheets\n\n", markdown_table(("sheet", "needed", "what it holds"), map(_overview, INPUTS))]
    parts += [_sheet(sheet) for sheet in INPUTS]
    parts.append(BETWEEN)
    parts += [_output(output) for output in OUTPUTS]
    return "".join(parts)


def _overview(sheet: Sheet) -> tuple[str, str, str]:
    needed = "with rows" if sheet.rows_required else "yes" if sheet.required else "optional"
    return f"[{sheet.name}](#{sheet.name.lower().replace(' ', '-')})", needed, sheet.help


def _sheet(sheet: Sheet) -> str:
    """The section of one input sheet."""
    heads = ("setting" if sheet.settings else "column", "required", "what is allowed", "unit", "default", "meaning")
    text = f"\n## {sheet.name}\n\n{sheet.help}{_remarks(sheet)}\n\n{markdown_table(heads, map(_column, sheet.columns))}"
    if sheet.name != "Limits":
        return text
    measures = markdown_table(("measure", "bounds"), ((f"`{name}`", meaning) for name, meaning in MEASURES.items()))
    return f"{text}\n{measures}{AFTER_MEASURES}"


def _remarks(sheet: Sheet) -> str:
    """What holds for the rows of a sheet as a whole."""
    remarks = [] if sheet.required else ["This sheet is optional."]
    if sheet.settings:
        remarks.append("The sheet has two columns, `setting` and `value`.")
    elif sheet.key:
        remarks.append(f"No two rows may have the same {' and '.join(f'`{name}`' for name in sheet.key)}.")
    text = "".join(f" {remark}" for remark in remarks)
    return f"{text}\n\n{REMARKS[sheet.name]}" if sheet.name in REMARKS else text


def _column(column: Column) -> tuple[str, ...]:
    allowed = column.allowed() + (f" on {' or '.join(column.refers)}" if column.refers else "")
    return f"`{column.name}`", "yes" if column.required else "", allowed, plain_unit(column.unit), _default(column), column.help


def _default(column: Column) -> str:
    """The default of a column as the table shows it."""
    if column.default_from:
        return f"`{column.default_from}`"
    if column.default is None:
        return ""
    if isinstance(column.default, bool):
        return "yes" if column.default else "no"
    return "blank" if column.default == "" else str(column.default)


def plain_unit(unit: str) -> str:
    """Return a unit without the braces around what stands for that of the case."""
    return unit.replace("{", "").replace("}", "")


def _output(output: Output) -> str:
    """Write the section of one result table."""
    rows = ((f"`{name}`", plain_unit(field.unit), field.meaning) for name, field in output.columns.items())
    keys = ", ".join(f"`{key}`" for key in output.json_keys)
    names = f"In code: `{output.name}`; in [JSON](json.md): {keys}."
    names += " The plan workbook has it with its detail alone." if output.detail else ""
    return f"\n## {output.sheet}\n\n{output.help} {names}\n\n{markdown_table(('column', 'unit', 'meaning'), rows)}"


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
