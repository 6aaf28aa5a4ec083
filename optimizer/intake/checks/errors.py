"""The rules across rows and sheets whose breach is an error. Each docstring is the planner's message.

A rule looks only at rows whose cells it needs are sound, so that one slip is reported once.
"""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.errors import Level, Problem, Repair
from optimizer.intake.cells.parse import is_blank, shown
from optimizer.intake.checks.errors_changes import CHANGE_RULES
from optimizer.intake.checks.errors_contracts import CONTRACT_RULES
from optimizer.intake.checks.errors_money import MONEY_RULES
from optimizer.intake.checks.errors_offers import OFFER_RULES
from optimizer.intake.checks.errors_substitutes import SUBSTITUTE_RULES
from optimizer.intake.checks.rules import ROUNDING, Finding, WorkbookRead, at, growing, problems_of
from optimizer.intake.rows.table import Row
from optimizer.schema.choices import HELD_MEASURES, STOCK_MEASURES
from optimizer.schema.language import LARGEST_NUMBER, Sheet, fold
from optimizer.schema.sheets import INVENTORY, OFFER_CHANGES

Findings = Iterator[Finding]

HOLDING_COLUMNS = ("holds", "released_by", "refill_months")
"""The columns of Limits that say where a limit on stock, or of purchase_to_demand, holds."""

UNUSED_COLUMNS = {
    "purchase_share": ("use", *HOLDING_COLUMNS),
    "largest_supplier_share": ("use", *HOLDING_COLUMNS),
    "largest_country_share": ("use", *HOLDING_COLUMNS),
    "purchase_to_demand": ("use",),
    "stock_cover_days": ("bloc", "country", "supplier"),
    "stock_quantity": ("bloc", "country", "supplier", "use"),
}
"""Measure -> the columns of Limits that it does not use."""

LARGEST_SHARES = ("largest_supplier_share", "largest_country_share")
SHARES = ("purchase_share", *LARGEST_SHARES)


def find_errors(book: WorkbookRead) -> list[Problem]:
    """Return every breach of a rule, as far as the rows could be read."""
    return [problem for rule in RULES for problem in problems_of(rule, Level.ERROR, book)]


# -- rows that stand twice -------------------------------------------------------------------------------------------------


def same_key(book: WorkbookRead) -> Findings:
    """{what} stands twice on {sheet}, here and in row {first}. Expected one row for each. Merge the rows, or rename one."""
    for table in book.tables.values():
        sheet = table.sheet
        if sheet.settings or not sheet.key:
            continue
        for row, first in _doubles(table.complete(*sheet.key), sheet.key):
            what = ", ".join(f"{name} {shown(row[name])}" for name in sheet.key if row[name] not in ("", None))
            repairs = book.clear_twin(sheet.name, row.number, first.number)
            yield at(sheet.name, row.number, sheet.key[0], repairs, what=what, sheet=sheet.name, first=first.number)


def same_row(book: WorkbookRead) -> Findings:
    """This row says the same as row {first}. Expected each row of {sheet} once. Delete one, or add up what both mean."""
    for table in book.tables.values():
        sheet = table.sheet
        if not sheet.settings and not sheet.key and sheet is not OFFER_CHANGES:  # changes have a rule of their own, change_twice
            names = _names(sheet)
            rows = (row for row in table.complete(*names) if row.sound and not (sheet is INVENTORY and (row["arrives"] is not None or row["supplier"])))
            # Two open orders of one material that arrive in one period are two orders.
            for row, first in _doubles(rows, names):
                repairs = book.clear_twin(sheet.name, row.number, first.number)
                yield at(sheet.name, row.number, names[0], repairs, first=first.number, sheet=sheet.name)


def _names(sheet: Sheet) -> tuple[str, ...]:
    return tuple(column.name for column in sheet.columns)


def _doubles(rows: Iterator[Row], columns: tuple[str, ...]) -> Iterator[tuple[Row, Row]]:
    """Yield each row that agrees in these columns with an earlier one, and that one."""
    seen: dict[tuple, Row] = {}
    for row in rows:
        values = (row[column] for column in columns)
        content = tuple(fold(value) if isinstance(value, str) else value for value in values)
        if content in seen:
            yield row, seen[content]
        else:
            seen[content] = row


# -- offers ----------------------------------------------------------------------------------------------------------------


def floor_above_ceiling(book: WorkbookRead) -> Findings:
    """price_floor {floor} is above price_ceiling {ceiling}. Expected a floor of at most the ceiling. Lower one or raise the other."""
    for row in book.rows("Suppliers", "price_floor", "price_ceiling"):
        floor, ceiling = row["price_floor"], row["price_ceiling"]
        if floor is not None and ceiling is not None and floor > ceiling:
            yield at("Suppliers", row.number, "price_floor", floor=floor, ceiling=ceiling)


def indexed_on_nothing(book: WorkbookRead) -> Findings:
    """An indexed contract follows the spot price, and that is 0. Expected a price above 0. Give the price, or make the contract fixed."""
    for row in book.rows("Suppliers", "contract_pricing", "price", "terms"):
        if row["contract_pricing"] == "indexed" and row["price"] == 0 and row["terms"] != "spot":
            yield at("Suppliers", row.number, "price")


def input_without_quantity(book: WorkbookRead) -> Findings:
    """input_material {input} is given without input_per_unit. Expected the units of it used per unit of output. Fill in input_per_unit."""
    for row in book.rows("Suppliers", "input_material", "input_per_unit"):
        if row["input_material"] is not None and row["input_per_unit"] is None:
            yield at("Suppliers", row.number, "input_per_unit", input=row["input_material"])


def input_is_output(book: WorkbookRead) -> Findings:
    """The offer's input is its own material, {material}. Expected another one. Give the input a name and row of its own on Materials."""
    for sheet, row in _converted(book):
        if row["input_material"] == row["material"]:
            yield at(sheet, row.number, "input_material", material=row["material"])


def _converted(book: WorkbookRead) -> list[tuple[str, Row]]:
    """List the rows that name an input, each with its sheet."""
    return [(sheet, row) for sheet in ("Suppliers", "Inputs") for row in book.rows(sheet, "material", "input_material") if row["input_material"] is not None]


def inputs_in_a_circle(book: WorkbookRead) -> Findings:
    """Inputs form a circle: {circle}. Expected materials that are made from others in one direction. Remove an input of the circle."""
    rows = _converted(book)
    made_from: dict[str, list[str]] = {}
    for _, row in rows:
        made_from.setdefault(row["material"], []).append(row["input_material"])
    reported: set[frozenset[str]] = set()
    for sheet, row in rows:
        if row["input_material"] == row["material"]:
            continue
        chain = _way(made_from, row["input_material"], row["material"])
        if chain and frozenset(chain) not in reported:
            reported.add(frozenset(chain))
            yield at(sheet, row.number, "input_material", circle=" from ".join([row["material"], *chain]))


def _way(made_from: dict[str, list[str]], start: str, goal: str) -> list[str] | None:
    """Return a chain of materials from `start` to `goal`, each made from the next; None if there is none."""
    before: dict[str, str | None] = {start: None}
    waiting = [start]
    while waiting:
        material = waiting.pop(0)
        if material == goal:
            chain = [material]
            while (previous := before[chain[-1]]) is not None:
                chain.append(previous)
            return chain[::-1]
        for following in made_from.get(material, ()):
            if following not in before:
                before[following] = material
                waiting.append(following)
    return None


def grows_too_large(book: WorkbookRead) -> Findings:
    """{column} {value} grows past {largest} within the horizon, at {rate} per year. Expected a growth such as 5%. Correct the growth."""
    pairs = (("Suppliers", "price", "price_growth"), ("Suppliers", "contract_price", "contract_price_growth"), ("Demand", "annual_demand", "annual_growth"))
    if book.calendar is None:
        return
    years = (book.calendar.periods + book.tail) * book.calendar.years
    for sheet, column, growth in pairs:
        for row in book.rows(sheet, column, growth):
            value = row["price"] if row[column] is None and "price" in row.values else row[column]
            if value and growing(value, row[growth], years) >= LARGEST_NUMBER:
                yield at(sheet, row.number, growth, column=column, value=value, rate=row[growth], largest=f"{LARGEST_NUMBER:,.0f}")


# -- disruptions -----------------------------------------------------------------------------------------------------------


def half_a_decision(book: WorkbookRead) -> Findings:
    """{blank} is blank while {given} is given. Expected both or neither: the date of a decision and its chance. Fill in {blank}."""
    pair = ("decision_date", "decision_probability")
    for row in book.rows("Disruptions", *pair):
        for blank, given in (pair, pair[::-1]):
            if row[blank] is None and row[given] is not None:
                yield at("Disruptions", row.number, blank, blank=blank, given=given)


def half_a_raise(book: WorkbookRead) -> Findings:
    """{blank} is blank while {given} is given. Expected both or neither: what makes it likelier, and the chance that it then has. Fill in
    {blank}."""
    pair = ("raised_by", "raised_probability")
    for row in book.rows("Disruptions", *pair):
        for blank, given in (pair, pair[::-1]):
            if row[blank] is None and row[given] is not None:
                yield at("Disruptions", row.number, blank, blank=blank, given=given)


def range_without_its_probability(book: WorkbookRead) -> Findings:
    """annual_probability is {central}, and {column} is {bound}. Expected annual_probability_low to be no larger than annual_probability, and
    annual_probability_high no smaller. Correct one of them, or leave {column} blank."""
    for row in book.rows("Disruptions", "annual_probability", "annual_probability_low", "annual_probability_high"):
        central = row["annual_probability"]
        for column, sign in (("annual_probability_low", 1), ("annual_probability_high", -1)):
            bound = row[column]
            if central is not None and bound is not None and sign * (bound - central) > 0:
                yield at("Disruptions", row.number, column, central=central, column=column, bound=bound)


def decision_too_early(book: WorkbookRead) -> Findings:
    """The decision falls {when}. Expected a date after the first period, {first}. Correct it, or use active_now for what has begun."""
    if book.calendar is None:
        return
    for row in book.rows("Disruptions", "decision_date"):
        if row["decision_date"] is not None and row["decision_date"] <= 0:
            when = "in the first period" if row["decision_date"] == 0 else "before the horizon"
            yield at("Disruptions", row.number, "decision_date", when=when, first=book.calendar.label(0))


def follows_in_a_circle(book: WorkbookRead) -> Findings:
    """Disruptions follow each other in a circle: {circle}. Expected one that follows no other. Leave follows blank for one of them."""
    rows = list(book.rows("Disruptions", "disruption", "follows"))
    follows = {row["disruption"]: row["follows"] for row in rows if row["follows"] is not None}
    reported: set[str] = set()
    for row in rows:
        chain = [row["disruption"]]
        while (following := follows.get(chain[-1])) is not None and following not in chain:
            chain.append(following)
        if following == row["disruption"] and following not in reported:
            reported.update(chain)
            yield at("Disruptions", row.number, "follows", circle=" follows ".join([*chain, following]))


# -- scenarios -------------------------------------------------------------------------------------------------------------


def no_listed_rows(book: WorkbookRead) -> Findings:
    """scenario_method is listed, but no scenarios are. Expected rows on the sheet Scenarios. Add them, or choose auto."""
    table = book.tables.get("Scenarios")
    if book.settings.values.get("scenario_method") == "listed" and not (table and table.rows):
        yield at("Settings", 0, "scenario_method")


def unequal_probability(book: WorkbookRead) -> Findings:
    """Scenario {scenario} has probability {here} here and {there} in row {first}. Expected one on all its rows. Make them equal."""
    first_rows: dict[str, Row] = {}
    for row in book.rows("Scenarios", "scenario", "probability"):
        first = first_rows.setdefault(row["scenario"], row)
        if abs(row["probability"] - first["probability"]) > ROUNDING:
            facts = {"here": row["probability"], "there": first["probability"], "first": first.number}
            yield at("Scenarios", row.number, "probability", scenario=row["scenario"], **facts)


def probability_over_one(book: WorkbookRead) -> Findings:
    """The probabilities of the scenarios up to this one add up to {total}. Expected at most 1 in all. Lower some of them."""
    total, seen = 0.0, set()
    for row in book.rows("Scenarios", "scenario", "probability"):
        if row["scenario"] in seen:
            continue
        seen.add(row["scenario"])
        total += row["probability"]
        if total > 1 + ROUNDING:
            yield at("Scenarios", row.number, "probability", total=f"{total:.10g}")
            return


def nothing_beside_something(book: WorkbookRead) -> Findings:
    """Scenario {scenario} has {rows} rows, and this one names no disruption. Expected one in each row. Name it, or delete the row."""
    counts: dict[str, int] = {}
    for row in book.rows("Scenarios", "scenario"):
        counts[row["scenario"]] = counts.get(row["scenario"], 0) + 1
    for row in book.rows("Scenarios", "scenario", "disruption"):
        if row["disruption"] is None and counts[row["scenario"]] > 1:
            yield at("Scenarios", row.number, "disruption", scenario=row["scenario"], rows=counts[row["scenario"]])


def disruption_without_time(book: WorkbookRead) -> Findings:
    """{column} is blank beside the disruption {disruption}. Expected starts and duration_months where one is named. Fill in {column}."""
    for column in ("starts", "duration_months"):
        for row in book.rows("Scenarios", "disruption", column):
            if row["disruption"] is not None and row[column] is None:
                yield at("Scenarios", row.number, column, column=column, disruption=row["disruption"])


def time_without_disruption(book: WorkbookRead) -> Findings:
    """{column} is given, but no disruption. Expected both blank where nothing happens. Name the disruption, or clear {column}."""
    for column in ("starts", "duration_months"):
        for row in book.rows("Scenarios", "disruption", column):
            if row["disruption"] is None and row[column] is not None:
                yield at("Scenarios", row.number, column, column=column)


# -- limits ----------------------------------------------------------------------------------------------------------------


def unused_column(book: WorkbookRead) -> Findings:
    """The measure {measure} does not use {column}. Expected a blank cell. Clear it, or choose another measure."""
    for row in book.rows("Limits", "measure"):
        for column in UNUSED_COLUMNS[row["measure"]]:
            if not is_blank(row.raw.get(column)):
                yield at("Limits", row.number, column, _cleared(book, row.number, column), measure=row["measure"], column=column)


def _cleared(book: WorkbookRead, row: int, column: str) -> tuple[Repair, ...]:
    return book.set_cells(f"Clear the cell: {column} then counts for nothing in this row", "Limits", {(row, column): None})


def release_of_nothing(book: WorkbookRead) -> Findings:
    """{column} is only for a limit that can be released, but this one holds {holds}. Expected a blank cell, or a limit that holds unless released.
    Clear it, or write 'unless released' in holds."""
    for row in book.rows("Limits", "measure", "holds", "minimum"):
        holds = row["holds"] or ("unless released" if row["measure"] in STOCK_MEASURES and row["minimum"] is not None else "everywhere")
        if row["measure"] not in HELD_MEASURES or holds == "unless released":
            continue
        for column in HOLDING_COLUMNS[1:]:
            if not is_blank(row.raw.get(column)):
                words = "on the reference path" if holds == "reference path" else holds
                yield at("Limits", row.number, column, _cleared(book, row.number, column), column=column, holds=words)


def no_bound(book: WorkbookRead) -> Findings:
    """The limit has neither minimum nor maximum. Expected at least one of them. Fill in one."""
    for row in book.rows("Limits", "minimum", "maximum"):
        if row["minimum"] is None and row["maximum"] is None:
            yield at("Limits", row.number, "minimum")


def minimum_of_the_largest(book: WorkbookRead) -> Findings:
    """{measure} takes a maximum only. Expected a blank minimum. Clear it, or use purchase_share."""
    for row in book.rows("Limits", "measure", "minimum"):
        if row["measure"] in LARGEST_SHARES and row["minimum"] is not None:
            yield at("Limits", row.number, "minimum", _cleared(book, row.number, "minimum"), measure=row["measure"])


def share_over_one(book: WorkbookRead) -> Findings:
    """{column} of {measure} is {value}. Expected a share between 0 and 1. Type a percentage such as 65%, or the fraction 0.65."""
    for column in ("minimum", "maximum"):
        for row in book.rows("Limits", "measure", column):
            if row["measure"] in SHARES and row[column] is not None and row[column] > 1:
                yield at("Limits", row.number, column, column=column, measure=row["measure"], value=row[column])


def percent_of_stock(book: WorkbookRead) -> Findings:
    """{column} of {measure} is a percentage. Expected {what}. Type the number, in a cell that is not formatted as a percentage."""
    for column in ("minimum", "maximum"):
        for row in book.rows("Limits", "measure", column):
            if row["measure"] in STOCK_MEASURES and (isinstance(row.raw.get(column), str) or column in row.percents):
                what = "a number of days" if row["measure"] == "stock_cover_days" else "a quantity in the material's unit"
                yield at("Limits", row.number, column, column=column, measure=row["measure"], what=what)


RULES = (
    same_key,
    same_row,
    floor_above_ceiling,
    indexed_on_nothing,
    input_without_quantity,
    input_is_output,
    inputs_in_a_circle,
    grows_too_large,
    *CONTRACT_RULES,
    *CHANGE_RULES,
    *OFFER_RULES,
    *SUBSTITUTE_RULES,
    *MONEY_RULES,
    half_a_decision,
    decision_too_early,
    half_a_raise,
    range_without_its_probability,
    follows_in_a_circle,
    no_listed_rows,
    unequal_probability,
    probability_over_one,
    nothing_beside_something,
    disruption_without_time,
    time_without_disruption,
    unused_column,
    release_of_nothing,
    no_bound,
    minimum_of_the_largest,
    share_over_one,
    percent_of_stock,
)
