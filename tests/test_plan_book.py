"""The plan workbook says what the plan says, carries its input along, and lets nothing that was typed become live."""

from __future__ import annotations

import datetime as dt
import re
import zipfile

import openpyxl
import pandas as pd
import pytest
from openpyxl.chart import BarChart, LineChart
from support import need, offer, ore, settings

from optimizer.case import BLOCS, Case
from optimizer.errors import Problem
from optimizer.forms.inputs import free_name
from optimizer.forms.plan_sheets import heading
from optimizer.forms.template import write_template
from optimizer.forms.writing import LONGEST_TEXT, safe_text
from optimizer.intake.files.sources import RawSheet
from optimizer.plan.explain import order_quantity
from optimizer.plan.plan import Plan
from optimizer.plan.status import ResultStatus, percent_up, proven
from optimizer.report import plan_book, writers  # noqa: F401  (importing it says what a plan can be saved as)
from optimizer.report.charts import cost_histogram
from optimizer.report.colours import BLOC_COLOURS
from optimizer.report.plan_book import write_plan
from optimizer.report.scales import scale_of
from optimizer.schema.results import OUTPUTS
from optimizer.schema.sheets import INPUTS

HOSTILE = ("=1+1", "<b>bold</b>", "\U0001f525 emoji", "@SUM(A1)", "x!A1", "=Materials!$A$2", "https://example.org/a", "a\x0bb & 'c'")


def raw(name, *rows, percents=()):
    return RawSheet(name, tuple(rows), frozenset(percents))


def fake(materials=("ore", "oxide"), futures=20, sentences=(), **changes):
    """A plan of made-up figures: the workbook repeats what it is given and computes no result of its own."""
    case = Case(
        settings=settings(periods=8, period="quarter", title="Ore and oxide", cvar_level=0.9),
        materials=tuple(ore(name, unit="kg" if number else "t") for number, name in enumerate(materials)),
        demand=tuple(need(material=name) for name in materials),
        offers=tuple(offer(f"Supplier {bloc}", name, bloc=bloc) for name in materials for bloc in BLOCS),
    )
    periods, first = case.calendar.labels, materials[0]
    each = [(name, period) for name in materials for period in periods]
    rows = {
        "contracts": [(o.supplier, o.material, "", o.bloc, 1234.5, "t", 9.5, periods[0], periods[-1], 0.8, 2e4, 3e4, 2000.0) for o in case.offers],
        "projects": [
            ("Plant", "new_plant", periods[0], None, periods[3], 1.0, 4e6, None),
            ("Mine", "other", None, "Ban", None, 0.25, 9e6, None),
            ("Smelter", "other", None, None, None, 0.0, 7e6, "It would be ready only after the horizon."),
        ],
        "filed": [("Supplier allied", first, "", periods[0], 80.0, "t", periods[1])],
        "held_back": [("Supplier allied", first, "", 60.0, "t", periods[1], "Ban", 0.25)],
        "orders": [(o.supplier, o.material, "", o.bloc, o.bloc, p, 10.0, 0.0, "t", 1e4, p) for o in case.offers for p in periods],
        "replaced": [(first, "use", "oxide", periods[0], 7.0, "t"), (first, "use", None, periods[1], 2.0, "t")],
        "stock": [(name, bloc, period, 5.0, "t") for name, period in each for bloc in BLOCS],
        "sales": [(first, "allied", periods[1], 2.5, "t")],
        "cover": [(name, period, 20.0, "t", 30.0, 0.0, 12.0 + number) for number, (name, period) in enumerate(each)],
        "mix": [(name, bloc, period, 10.0, "t") for name, period in each for bloc in BLOCS],
        "budget": [(2027, "all", "", 4e6, 0.0, 3e6, 3.9e6, 0.975), (2028, "all", "", 5e6, 0.0, 2e6, 5e6, 1.0)],
        "spending": [(2027, "purchases", 3e6), (2027, "storage", 2e5)],
        "fill_rate": [(name, "use", 0.975, 12.0, "t", 0.08) for name in materials],
        "binding": [("Budget", 3, "the 2027 budget of 4,000,000 USD", 0.35, "USD"), ("Limits", 2, "'share' for ore", 310.0, "t")],
        "substitution": [(first, "use", "oxide", 70.0, "t", 35.0, 0.5), (first, "use", None, 20.0, "t", None, 1.0)],
        "limits": [("cover", name, "minimum", "", 0.94, 0.05, 0.01, 2.5, "t") for name in materials],
        "small_orders": [("Supplier allied", first, "", 0.25)],
        "costs": [("purchases", 4.5e6, 4.1e6), ("shortage", 5e5, 0.0)],
        "yearly": [(2027, 3e6, 2.9e6, 1e5, 9e4), (2028, 2e6, 1.8e6, 4e5, 3.6e5)],
        "scenarios": [(f"{n}", 1 / futures, 4e6 + 1e5 * n, 0.0, "nothing", n >= 0.9 * futures) for n in range(futures)],
        "scenario_events": [("0", "Ban", periods[0], periods[1])],
        "scenario_orders": [(f"{n}", "Supplier allied", first, "", "allied", p, 1.0, 0.0, "t") for n in range(futures) for p in periods],
        "scenario_stock": [(f"{n}", name, p, 1.0, 2.0, 0.0, 33.0, "t") for n in range(futures) for name, p in each],
        "scenario_budget": [(f"{n}", 2027, "all", "", 4e6, 0.0, 3e6) for n in range(futures)],
    }
    plan = {
        "case": case,
        "status": ResultStatus.OPTIMAL,
        "objective": 5e6,
        "bound": 5e6 * (1 - 0.00008),
        "expected_cost": 5e6,
        "cvar": 6e6,
        "probability_of_shortage": 0.08,
        "unavoidable_shortage": 0.02,
        "tables": {o.name: pd.DataFrame(rows[o.name] if o.beyond is None else [], columns=list(o.columns)) for o in OUTPUTS},
        "provenance": {"input_sha256": "ab" * 32, "seed": 1, "options": {"mip_gap": 1e-4}},
        "warnings": (Problem("Suppliers", "D4", "The lead time is past the horizon.", "30", "at most 24", "Shorten it.", "warning"),),
        "sheets": (raw("Settings", ("setting", "value"), ("start", dt.datetime(2027, 1, 1)), ("periods", 8)),),
    }
    made = Plan(**{**plan, **changes})
    sentences = sentences or [f"sentence {number}" for number in range(9)]
    vars(made)["sentences"] = {key: list(sentences) for key in ("sign", "start", "order", "hold", "cost", "protects", "binds")}
    return made


def written(plan, tmp_path, *, detail=True, **more):
    write_plan(plan, tmp_path / "plan.xlsx", detail=detail)
    return openpyxl.load_workbook(tmp_path / "plan.xlsx", **more)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return written(fake(), tmp_path_factory.mktemp("plan"))


def texts(page):
    return [str(cell.value) for row in page.iter_rows() for cell in row if cell.value is not None]


def test_the_sheets_stand_in_the_order_in_which_they_are_read(book):
    """The plan's workbook begins with summary and charts, then the results in their declared order, then what lies behind them."""
    results = [output.sheet for output in OUTPUTS if output.beyond is None]
    assert book.sheetnames == ["Summary", "Charts", *results, "Provenance", "Warnings", "Chart data", "Settings"]


def test_without_detail_the_workbook_has_what_people_use_and_says_what_it_leaves_out(tmp_path):
    """No table of every future, none without a row; what is left out although it holds something is named among the warnings."""
    plan = fake()
    plan.tables["sales"] = plan.tables["sales"].iloc[:0]
    book = written(plan, tmp_path, detail=False)
    shown = [output.sheet for output in OUTPUTS if not output.detail and output.beyond is None and output.name != "sales"]
    assert book.sheetnames == ["Summary", "Charts", *shown, "Provenance", "Warnings", "Chart data", "Settings"]
    assert {"Contracts", "Project starts", "Orders", "Cover", "Costs by year"} <= set(shown) and len(shown) < 16
    note = next(text for text in texts(book["Warnings"]) if text.startswith("This file leaves out"))
    assert "Orders by scenario" in note and "Sales" not in note and "--detail" in note


def test_a_plan_saved_without_detail_is_the_small_workbook(tmp_path):
    """Plan.save leaves the tables of every future out unless detail is asked for."""
    fake().save(tmp_path / "plan.xlsx")
    fake().save(tmp_path / "all.xlsx", detail=True)
    small, large = (set(openpyxl.load_workbook(tmp_path / name, read_only=True).sheetnames) for name in ("plan.xlsx", "all.xlsx"))
    assert "Orders by scenario" not in small and small < large


def test_totals_live_and_show_their_value_to_who_does_not_calculate(tmp_path):
    """A total is a formula that follows the filter, and holds its value; where two materials stand in a table, quantities are not added up."""
    plan = fake()
    for values in (False, True):
        book = written(plan, tmp_path, data_only=values)
        contracts, orders, one = book["Contracts"], book["Orders"], book["Sales"]
        last = len(plan.tables["contracts"]) + 2
        money = {contracts.cell(1, column).value: contracts.cell(last, column).value for column in range(1, 14)}
        assert money["Committed (USD)"] == (8 * 2e4 if values else f"=SUBTOTAL(109,K2:K{last - 1})")
        assert money["Lifted (in the material's unit)"] is None and money["Supplier"] == "Total"
        assert orders.cell(len(plan.tables["orders"]) + 2, 9).value is None, "quantities of two materials"
        assert one.max_row == 2, "a single row needs no total"
        total = [row for row in book["Summary"].iter_rows() if "Total" in [cell.value for cell in row]][0][-1]
        below = book["Summary"].cell(total.row + 1, total.column).value
        assert below == (5e6 if values else f"=SUM(K{total.row + 1}:L{total.row + 1})")


def test_quantities_of_one_material_are_added_up(tmp_path):
    """Where all rows speak of one material, its quantities have a total too."""
    plan = fake(materials=("ore",))
    page = written(plan, tmp_path, data_only=True)["Orders"]
    heads = [cell.value for cell in page[1]]
    assert page.cell(page.max_row, heads.index("Spot (t)") + 1).value == plan.tables["orders"]["spot"].sum() > 0


def test_projects_that_do_not_start_are_folded_with_their_reason(book):
    """They stand last, hidden in a group that a click opens."""
    page = book["Project starts"]
    assert [page.cell(row, 1).value for row in (2, 3, 4)] == ["Plant", "Mine", "Smelter"]
    assert [bool(page.row_dimensions[row].hidden) for row in (2, 3, 4)] == [False, False, True]
    assert page.row_dimensions[4].outlineLevel == 1 and page.cell(4, 8).value == "It would be ready only after the horizon."


def test_orders_are_shown_to_the_digit_that_a_buyer_types(tmp_path):
    """Four significant digits and no less than whole units, whatever else stands in the column."""
    plan = fake()
    plan.tables["orders"]["spot"] = ([12345.678, 731.5754, 12.3456, 0.5] * len(plan.tables["orders"]))[: len(plan.tables["orders"])]
    page = written(plan, tmp_path)["Orders"]
    assert [page.cell(row, 7).number_format for row in (2, 3, 4, 5)] == ["#,##0", "#,##0.0", "#,##0.00", "#,##0.0000"]
    assert [order_quantity(value) for value in (12345.678, 731.5754, 12.3456, 0.5, 1000.0, 100.0, 0.0)] == [
        "12,346", "731.6", "12.35", "0.5", "1,000", "100", "0"
    ]  # fmt: skip


def test_no_result_sheet_has_the_name_of_an_input_sheet():
    """No sheet of results would take the name of an input sheet that is copied into the same workbook."""
    ours = {"summary", "charts", "chart data", "provenance", "warnings", "read me"} | {output.sheet.casefold() for output in OUTPUTS}
    assert not ours & {sheet.name.casefold() for sheet in INPUTS}


@pytest.mark.parametrize("output", [one for one in OUTPUTS if one.beyond is None], ids=lambda output: output.name)
def test_a_result_table_is_repeated_value_by_value(book, output):
    """Each result sheet holds its table cell for cell, with a filter and a fixed header."""
    page, frame = book[output.sheet], fake().tables[output.name]
    (table,) = page.tables.values()
    assert table.autoFilter is not None and page.freeze_panes == "A2"
    assert table.autoFilter.ref.endswith(str(len(frame) + 1)) and page.max_column == len(output.columns)
    assert page.max_row == len(frame) + 1 + (table.totalsRowCount or 0)
    for number, row in enumerate(frame.itertuples(index=False), start=2):
        for value, cell in zip(row, page[number], strict=True):
            expected = ("yes" if value else "no") if isinstance(value, bool) else None if pd.isna(value) or value == "" else value
            assert cell.value == expected


@pytest.mark.parametrize("output", [one for one in OUTPUTS if one.beyond is None], ids=lambda output: output.name)
def test_every_number_has_its_unit_in_the_header_and_its_meaning_as_a_note(book, output):
    """A header carries a unit where its column has one, and each header has the column's meaning as a note."""
    for cell, (unit, meaning, *_) in zip(book[output.sheet][1], output.columns.values(), strict=True):
        assert ("(" in cell.value) == bool(unit) and "{" not in cell.value
        assert cell.comment.text == meaning


def test_headers_name_the_currency_and_the_unit():
    """Headers name the currency and, if all materials share it, the unit."""
    assert heading("spot", "{unit}", "EUR", ["t", "kg"]) == "Spot (in the material's unit)"
    assert heading("spot", "{unit}", "EUR", ["t", "t"]) == "Spot (t)"
    assert heading("per_year", "{unit} per year", "EUR", ["t"]) == "Per year (t per year)"
    assert heading("cost", "{currency}", "EUR", ["t"]) == "Cost (EUR)"
    assert heading("cover_days", "days", "EUR", ["t"]) == "Cover (days)"
    assert heading("fiscal_year", "", "EUR", ["t"]) == "Fiscal year"


def test_numbers_are_shown_as_a_reader_expects(book):
    """Shares are shown as percentages, quantities with thousands separators and years without."""
    assert book["Fill rate"]["C2"].number_format == "0.0%"
    assert book["Orders"]["J2"].number_format == "#,##0" and book["Contracts"]["G2"].number_format == "#,##0.00"
    assert book["Budget use"]["A2"].number_format == "0", "a year has no thousands separator"


def test_one_colour_a_bloc(book):
    """Each bloc has its own colour, the same one in the tables and in the charts."""
    cells = book["Contracts"]["D"][1:-1]
    assert {cell.value: cell.border.left.color.rgb[2:] for cell in cells} == {bloc: colour[1:] for bloc, colour in BLOC_COLOURS.items()}
    mix = next(chart for chart in book["Charts"]._charts if len(chart.series) == 4)
    assert [series.graphicalProperties.solidFill.srgbClr for series in mix.series] == [colour[1:] for colour in BLOC_COLOURS.values()]


def chart_titles(book):
    return [chart.title.tx.strRef.strCache.pt[0].v for chart in book["Charts"]._charts]


def test_the_charts_are_native_and_titled(book):
    """The charts are charts of Excel, one pair a material and the totals, each with its title; cover has an axis of its own."""
    assert chart_titles(book) == [
        "Stock and cover: ore",
        "Supplier mix: ore",
        "Stock and cover: oxide",
        "Supplier mix: oxide",
        "Budget by fiscal year",
        "Cost of the futures: mean 5.00, worst 10% 6.00 (USD million)",
    ]
    stock = book["Charts"]._charts[0]
    assert isinstance(stock, BarChart) and isinstance(stock._charts[1], LineChart)
    assert stock._charts[1].y_axis.axId != stock.y_axis.axId, "cover has an axis of its own"


def test_without_a_budget_the_outlay_is_drawn(tmp_path):
    """Without budget rows, the chart shows the outlay a fiscal year and the summary says that no budget is set."""
    plan = fake()
    plan.tables["budget"] = plan.tables["budget"].iloc[:0]
    book = written(plan, tmp_path)
    assert "Outlay by fiscal year (no budget is set)" in chart_titles(book)
    assert "No budget is set." in texts(book["Summary"])


def test_the_cost_chart_holds_all_probability_and_marks_the_tail():
    """The bars of the cost chart sum to 1 and those of the worst futures to their share; equal costs are one bar."""
    rows = fake(futures=200).tables["scenarios"]
    table = cost_histogram(rows, "Worst 10%", 1e6)
    assert table.to_numpy().sum() == pytest.approx(1) and table["Worst 10%"].sum() == pytest.approx(0.1)
    assert len(cost_histogram(rows.head(1), "Worst 10%", 1e6)) == 1
    assert (cost_histogram(rows.assign(cost=0.0), "Worst 10%", 1.0).sum(axis=1) > 0).sum() == 1


def test_large_money_is_shown_in_millions_and_billions():
    """Amounts from a million on are shown in millions, from a billion on in billions, whatever their sign."""
    assert [scale_of([value]).word for value in (999_999, -2e6, 3e9)] == ["", "million", "billion"]


def test_the_summary_is_one_landscape_page(book):
    """The summary prints on one landscape page and holds each answer that a planner looks for."""
    page = book["Summary"]
    assert page.page_setup.orientation == "landscape" and page.sheet_properties.pageSetUpPr.fitToPage
    assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight or 1) == (1, 1)
    shown = texts(page)
    for text in (
        "Ore and oxide",
        "What to sign",
        "What to start",
        "What to hold",
        "What it costs",
        "What it protects against",
        "Total expected cost (USD)",
        "of which cash (USD)",
        "of which losses from shortage (USD)",
        "Cost in the worst 10% of futures (USD)",
        "The same total, 2027-Q1 to 2028-Q4, discounted, on average in those futures (CVaR): of the whole horizon, not of one year.",
        "Share of futures in which any demand goes short, be it by little. In 2% of futures not even a buyer who knew what comes and had no budget"
        " and no limits could avoid it: too little can arrive in time.",
    ):
        assert text in shown
    assert any(text.startswith("Proven within 0.01% of the best possible.") for text in shown)
    assert any("and 4 more: see the sheet Contracts" in text for text in shown)


def test_the_summary_gives_the_fullest_budget_and_the_mean_cover(book):
    """The tiles show the fullest budget's share, and the mean cover of the material that has the least."""
    values = {cell.value for row in book["Summary"].iter_rows() for cell in row}
    assert {0.75, 12.0 + 3.5} <= values
    assert "Of ore, which has the least: mean over the periods' ends, on the reference path." in values


@pytest.mark.parametrize(
    ("status", "gap", "words"),
    [
        ("optimal", 0.0, "Proven within 0.01% of the best possible."),
        ("optimal", 0.0001, "Proven within 0.01% of the best possible."),
        ("feasible", 0.03, "Stopped early: within 3% of the best possible."),
        ("feasible", 0.12345, "Stopped early: within 13% of the best possible."),
        ("feasible", float("inf"), "Stopped early: how far from the best possible it is, is not known."),
    ],
)
def test_the_status_is_in_words(status, gap, words):
    """The solver's status and gap become one sentence that never claims more than was proven."""
    assert proven(ResultStatus(status), gap) == words


def test_a_gap_is_never_rounded_down():
    """The gap that is shown is at least the gap that was proven."""
    assert all(float(percent_up(gap)[:-1]) >= 100 * gap - 1e-9 for gap in (0.000123, 0.00999, 0.0301, 0.5, 1.7, 12.0))


def test_nothing_that_was_typed_becomes_a_formula_or_a_link(tmp_path):
    """Names that look like formulas or links are written as text, in cells, charts and copied sheets."""
    case = fake(materials=HOSTILE).case.with_settings(title="=1+1", currency="=2+2")
    sheets = (raw("Notes", HOSTILE), raw("=1+1", ("a",)))
    plan = fake(materials=HOSTILE, sentences=HOSTILE, case=case, provenance={name: name for name in HOSTILE}, sheets=sheets)
    book = written(plan, tmp_path)
    found = [cell for page in book for row in page.iter_rows() for cell in row if cell.data_type == "f" or cell.hyperlink]
    assert all(re.fullmatch(r"=(SUBTOTAL\(109,|SUM\()[A-Z]+\d+:[A-Z]+\d+\)", cell.value) and not cell.hyperlink for cell in found), "totals alone"
    with zipfile.ZipFile(tmp_path / "plan.xlsx") as parts:
        content = {name: parts.read(name).decode() for name in parts.namelist() if name.endswith((".xml", ".rels"))}
    formulas = {formula for name, text in content.items() if "worksheets/" in name for formula in re.findall(r"<f>(.*?)</f>", text)}
    assert formulas and all(re.fullmatch(r"(SUBTOTAL\(109,|SUM\()[A-Z]+\d+:[A-Z]+\d+\)", formula) for formula in formulas)
    assert not [name for name, text in content.items() if 'TargetMode="External"' in text]
    assert chart_titles(book)[::2][: len(HOSTILE)] == [f"Stock and cover: {safe_text(name)}" for name in HOSTILE]
    assert [cell.value for cell in book["Notes"][1]] == [safe_text(name) for name in HOSTILE]


def test_text_is_cut_where_excel_would_refuse_it():
    """Text is cut at Excel's longest cell with a mark, and characters that XML does not allow are replaced."""
    assert safe_text("\U0001f525" * 40_000).endswith(" [cut]") and len(safe_text("\U0001f525" * 40_000).encode("utf-16-le")) <= 2 * LONGEST_TEXT
    assert safe_text("a\x00b\ud800c\r\nd\te") == "a\ufffdb\ufffdc\nd\te"
    assert safe_text("x" * LONGEST_TEXT) == "x" * LONGEST_TEXT


def test_the_input_travels_along(tmp_path):
    """The plan's workbook repeats every input sheet value by value, dates as dates."""
    write_template(tmp_path / "case.xlsx")
    source = openpyxl.load_workbook(tmp_path / "case.xlsx")
    sheets = tuple(raw(page.title, *page.iter_rows(values_only=True)) for page in source)
    book = written(fake(sheets=sheets), tmp_path)
    for sheet in sheets:
        assert tuple(book[sheet.name].iter_rows(values_only=True)) == sheet.rows
    assert book["Settings"]["B4"].is_date


def test_every_kind_of_cell_travels_along(tmp_path):
    """Every kind of cell value is written such that Excel shows the same value."""
    row = (1, 2.5, True, "text", None, dt.date(2027, 4, 1), dt.datetime(2027, 4, 1, 12, 30), dt.time(8, 0), dt.date(1850, 1, 1), float("nan"), 10**14, "1e5")
    book = written(fake(sheets=(raw("Kinds", row),)), tmp_path)
    assert [cell.value for cell in book["Kinds"][1]] == [
        1,
        2.5,
        True,
        "text",
        None,
        dt.datetime(2027, 4, 1),
        dt.datetime(2027, 4, 1, 12, 30),
        dt.time(8, 0),
        "1850-01-01",
        None,
        10**14,
        "1e5",
    ]


def test_a_percentage_travels_along_as_one(tmp_path):
    """A cell that was shown as a percentage is shown as one in the copy too, and its neighbour is not."""
    page = written(fake(sheets=(raw("Budget", ("a", "b"), (0.35, 0.35), percents=[(1, 1)]),)), tmp_path)["Budget"]
    assert [cell.number_format for cell in page[2]] == ["General", "0.00%"]


def test_a_plan_made_from_a_plan_workbook_does_not_carry_the_old_results(tmp_path):
    """Sheets of results in the input are left out of the new plan's workbook."""
    first = written(fake(), tmp_path)
    sheets = tuple(raw(page.title, *page.iter_rows(values_only=True)) for page in first)
    assert written(fake(sheets=sheets), tmp_path).sheetnames == first.sheetnames


def test_a_sheet_of_the_planners_own_keeps_its_rows_under_another_name(tmp_path):
    """A planner's own sheet that bears the name of a result is copied under a name of its own."""
    own = (raw("Sources", ("what", "where"), ("price", "broker")), raw("stock", ("my", "own")), raw("Charts", ("mine",)))
    book = written(fake(sheets=own), tmp_path)
    assert book.sheetnames[-3:] == ["Sources", "stock (input)", "Charts (input)"]
    assert book["stock (input)"]["B1"].value == "own"


def test_a_sheet_name_is_made_one_that_excel_accepts():
    """A sheet's name is made unique, at most 31 characters long and free of what Excel forbids."""
    taken = {"stock"}
    assert free_name("Stock", taken) == "Stock (input)" and free_name("STOCK", taken) == "STOCK (input 2)"
    assert free_name("a/b:c*[d]", taken) == "a_b_c__d_" and free_name("'x'", taken) == "x" and free_name("''", taken) == "Sheet"
    assert free_name("history", taken) == "history_"
    assert len(free_name("n" * 40, taken)) == 31 and len(free_name("n" * 50, taken)) == 31


def test_a_table_longer_than_a_sheet_is_cut_with_a_note(tmp_path, monkeypatch):
    """A table with more rows than a sheet takes is cut there, and the warnings say so."""
    monkeypatch.setattr(plan_book, "MOST_ROWS", 50)
    book = written(fake(), tmp_path)
    assert book["Stock by scenario"].max_row == 51
    assert "Stock by scenario has 320 rows; this file shows the first 50." in texts(book["Warnings"])


def test_empty_tables_and_no_futures_still_give_a_workbook(tmp_path):
    """A plan with empty tables and without futures is written all the same."""
    plan = fake(warnings=(), provenance={}, sheets=(), tables={name: frame.iloc[:0] for name, frame in fake().tables.items()})
    vars(plan)["sentences"] = {}
    book = written(plan, tmp_path)
    assert book["Orders"].max_row <= 2 and texts(book["Warnings"])[-1] == "No warnings."


def test_the_same_plan_has_the_same_bytes(tmp_path):
    """Writing the same plan twice gives the same bytes."""
    write_plan(fake(), tmp_path / "a.xlsx")
    write_plan(fake(), tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_failure_leaves_the_old_file_as_it_was(tmp_path):
    """If writing fails, the file that stood there is unchanged and no other file is left."""
    path = tmp_path / "plan.xlsx"
    path.write_bytes(b"old")
    broken = fake()
    del broken.tables["costs"]
    with pytest.raises(KeyError):
        write_plan(broken, path)
    assert path.read_bytes() == b"old" and [entry.name for entry in tmp_path.iterdir()] == ["plan.xlsx"]


def test_no_half_written_file_stays_behind(tmp_path, monkeypatch):
    """If the disk fails at the last step, no file is left in the folder."""
    monkeypatch.setattr("optimizer.files.os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_plan(fake(), tmp_path / "plan.xlsx")
    assert not list(tmp_path.iterdir())
