"""The reports of a plan: what they say is in the plan and its studies, what they lack they say, and each can be had in every kind of file."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from pptx import Presentation
from pypdf import PdfReader
from support import case, need, offer, ore, settings
from test_report import MAY_STAND, Page

import optimizer
from optimizer.case import Disruption, Project, StockItem, Substitute
from optimizer.cli.commands import cli
from optimizer.report.reports import REPORTS
from optimizer.report.risk_assessment import effect_of
from optimizer.report.sources import concentration, expected_orders, shares
from optimizer.report.strategic import STRATEGIC, strategic_name
from optimizer.studies.cash import cash_flow
from optimizer.studies.failing.stress_test import stress
from optimizer.studies.registry import STUDIES
from ui.report import files, printing
from ui.report.slides import SLIDES, slides_bytes
from ui.words import charts as text
from ui.words import reports as words

HOSTILE = "<script>alert(1)</script> {b} gallium"


def drawn(**changes):
    """Gallium from a cheap Chinese smelter that a ban stops in half of the years, and from a dear allied one; 6 months are on hand; one project helps."""
    ban = Disruption(
        2, "ban", annual_probability=0.5, mean_duration_months=12.0, capacity_remaining=0.0, price_multiplier=1.0, spillover_price_multiplier=2.0,
        country=("China",),
    )  # fmt: skip
    whole = {
        "settings": settings(periods=3, title="Chips", cvar_level=0.8, risk_weight=0.5, discount_rate=0.1),
        "materials": (ore("gallium metal", holding_cost_per_year=0.5),),
        "demand": (need(100.0, 50.0, "gallium metal", "chips"), need(20.0, 5.0, "gallium metal", "lamps", row=3)),
        "offers": (
            offer("Smelter", "gallium metal", price=2.0, capacity=110.0, bloc="chinese", country="China", terms="both", take_or_pay=0.5),
            offer("Refiner", "gallium metal", price=8.0, capacity=50.0, row=3, country="Canada"),
            offer("Scrap", "gallium metal", price=1.0, capacity=10.0, row=4, country="Canada", project="Recycle"),
        ),
        "projects": (Project(row=2, project="Recycle", kind="recycling", cost=1.0, lead_time_months=0.0),),
        "disruptions": (ban,),
        "inventory": (StockItem(row=2, material="gallium metal", origin="allied", quantity=60.0),),
    }
    return case(**{**whole, **changes})


@pytest.fixture(scope="module")
def made():
    """The plan, and the tables of two studies of it."""
    plan = optimizer.solve(drawn())
    return plan, {**stress(plan), **cash_flow(plan)}


def section(name, plan, found, title):
    return next(part for part in REPORTS[name].sections(plan, found) if part.title.startswith(title))


def table(part, name):
    return next(frame for output, frame in part.tables if output.name == name)


def test_the_strategic_raw_materials_are_seventeen_and_known_by_name():
    """Those of Annex I, Section 1; a word counts whole, and what speaks of none is none."""
    assert len(STRATEGIC) == 17
    assert [strategic_name(name) for name in ("Gallium 6N", "Dysprosium oxide", "NdFeB magnets", "Aluminium", "Tin", "Supercopperium")] == [
        "gallium", "rare earth elements for permanent magnets", "rare earth elements for permanent magnets", "bauxite, alumina, aluminium", "", "",
    ]  # fmt: skip


def test_concentration_by_hand():
    """Two sources of 60 and 40 of a hundred: an index of 5,200; a single one has 10,000, and nothing ordered has no share."""
    plan_shares = shares(pd.Series([60.0, 40.0]), ["a", "b"])
    assert plan_shares.to_dict() == {"a": 0.6, "b": 0.4} and concentration(plan_shares) == pytest.approx(5200)
    assert concentration(plan_shares.head(1) / 0.6) == pytest.approx(10_000)
    assert shares(plan_shares * 0, ["a", "b"]).empty


def test_the_map_says_where_what_is_ordered_comes_from(made):
    """The shares of a material add up to 1 and are those of the expected orders; recycling is known by its project, the rest is said not to be."""
    plan, found = made
    part = section("risk", plan, found, "(a)")
    rows = table(part, "risk_map_of_sources").set_index("supplier")
    ordered = expected_orders(plan)
    assert rows["share"].sum() == pytest.approx(1) and rows.loc["Smelter", "ordered"] == pytest.approx(ordered["Smelter", "gallium metal", ""])
    assert rows["stage"].to_dict() == {"Smelter": "not stated", "Refiner": "not stated", "Scrap": "recycling"}
    found_ = table(part, "risk_concentration").iloc[0]
    china, canada = rows.loc["Smelter", "share"], rows.loc["Refiner", "share"] + rows.loc["Scrap", "share"]
    assert found_["largest_country"] == "China" and found_["index"] == pytest.approx(10_000 * (china**2 + canada**2))


def test_factors_say_what_a_disruption_does_and_how_much_it_strikes(made):
    """The ban strikes what comes from China, and its chance is that of the futures in which it is ever active."""
    plan, found = made
    row = table(section("risk", plan, found, "(b)"), "risk_factors").iloc[0]
    events = plan.tables["scenario_events"]["scenario"].unique()
    chance = plan.tables["scenarios"].set_index("scenario")["probability"].loc[events].sum()
    ordered = expected_orders(plan)
    assert row["chance"] == pytest.approx(chance) and 0.3 < chance < 1
    assert row["struck"] == pytest.approx(ordered["Smelter", "gallium metal", ""] / ordered.sum())
    assert row["effect"] == "stops what it strikes and multiplies prices of the other offers by 2"
    surge = replace(plan.case.disruptions[0], capacity_remaining=1.0, spillover_price_multiplier=1.0, demand_multiplier=2.0)
    told = section("risk", replace(plan, case=replace(plan.case, disruptions=(surge,))), found, "(b)")
    assert table(told, "risk_factors")["struck"].isna().all(), "what multiplies demand strikes no source"
    event = Disruption(3, "tension", 0.1, 12.0, 1.0)
    assert effect_of(event, plan.case) == "changes nothing by itself"
    raised = replace(plan.case, disruptions=(event, replace(plan.case.disruptions[0], raised_by="tension", raised_probability=0.9)))
    assert effect_of(event, raised) == "makes other disruptions likelier"


def test_vulnerabilities_are_those_of_the_plan_and_of_its_stress_test(made):
    """Uses with their fill rates; each failure that recovers too late counts as significant; without the stress test that is said."""
    plan, found = made
    part = section("risk", plan, found, "(c)")
    rates = plan.tables["fill_rate"].set_index("use")["fill_rate"]
    assert table(part, "risk_vulnerable").set_index("use")["fill_rate"].to_dict() == pytest.approx(rates.to_dict())
    failures, late = table(part, "risk_failures"), found["stress"].query("not in_time")
    assert len(late) and set(failures.loc[failures["significant"] == "yes", "failure"]) == set(late["failure"])
    assert failures["significant"].iloc[0] == "yes" and len(failures) == len(found["stress"])
    without = section("risk", plan, {}, "(c)")
    assert any("stress test was not asked" in line for line in without.lines) and len(without.tables) == 1


def test_mitigation_names_what_is_signed_started_and_held(made):
    """A contract in the country that delivers most is none that diversifies."""
    plan, found = made
    rows = table(section("risk", plan, found, "Mitigation"), "risk_measures")
    kinds = dict(zip(rows["measure"].str.split().str[0], rows["kind"]))
    assert kinds["Recycle"] == "new capacity" and kinds["Stock"] == "stock"
    assert ("Contract" in kinds) == (len(plan.tables["contracts"]) > 0) and "diversification" not in kinds.values()


def test_what_the_assessment_lacks_is_said(made):
    """Offers without a stage or feedstock, and the studies that were not asked."""
    plan, found = made
    said = " ".join(section("risk", plan, found, "What is missing").lines)
    assert "2 of 3 offers have no stage" in said and "3 of 3 offers have nothing on where the feedstock comes from" in said
    assert "regret was not asked" in said and "stress was not asked" not in said
    unplaced = replace(plan.case, offers=tuple(replace(o, country=None) for o in plan.case.offers))
    assert "3 of 3 offers have no country" in " ".join(section("risk", replace(plan, case=unplaced), {}, "What is missing").lines)


def test_the_stock_requirement_by_hand(made):
    """What is to be held is the largest stock of the reference path; its value, storage and tied-up money follow from the workbook's own figures."""
    plan, found = made
    row = table(section("stock", plan, found, "Requirement"), "stock_requirement").iloc[0]
    cover = plan.tables["cover"]
    assert row["requirement"] == pytest.approx(cover["quantity"].max()) and row["on_hand"] == 60.0
    assert row["to_build"] == pytest.approx(max(0.0, cover["quantity"].max() - 60.0))
    largest = plan.tables["scenario_stock"].groupby("scenario")["quantity"].max()
    chance = plan.tables["scenarios"].set_index("scenario")["probability"]
    assert chance[largest <= row["high"] + 1e-9].sum() >= 0.9 - 1e-9 > chance[largest < row["high"] - 1e-9].sum()
    cost = table(section("stock", plan, found, "What it costs"), "stock_cost").iloc[0]
    stock = plan.tables["scenario_stock"]
    mean = (stock["quantity"] * stock["scenario"].map(chance)).sum() / 3
    assert cost["price"] == 1.0 and cost["value"] == pytest.approx(row["requirement"])
    assert cost["storage"] == pytest.approx(0.5 * mean) and cost["capital"] == pytest.approx(0.1 * 1.0 * mean)


def test_the_requirement_says_for_whom_and_against_what(made):
    """The use whose shortage costs most stands first; the disruption has its chance, what survives comes from the stress test."""
    plan, found = made
    assert table(section("stock", plan, found, "Uses"), "stock_uses")["use"].tolist() == ["chips", "lamps"]
    against = table(section("stock", plan, found, "What it protects"), "stock_against")
    ban = against[against["failure"] == "ban"].iloc[0]
    uses = found["stress_uses"]
    assert ban["survives"] == pytest.approx(uses[(uses["failure"] == "ban") & uses["use"].isna()]["survives"].min()) and 0 < ban["chance"] < 1
    without = section("stock", plan, {}, "What it protects")
    assert table(without, "stock_against")["failure"].tolist() == ["ban"] and "was not asked" in without.lines[-1]


@pytest.mark.parametrize("name", [*REPORTS, words.BOARD])
@pytest.mark.parametrize("studied", [True, False])
def test_every_report_is_a_page_that_stands_alone(made, name, studied):
    """With and without studies: its tags close, nothing is live, and what was typed is shown as text."""
    plan, found = made
    renamed = replace(plan, case=replace(plan.case, settings=replace(plan.case.settings, title=HOSTILE, currency="<b>")))
    html = files.report_file(name, ".html", renamed, "Base <i>", found if studied else None).decode()
    page = Page(html)
    assert not page.open and set(page.tags) <= MAY_STAND and HOSTILE.split(" {b}")[0] in page.text
    assert ">nan<" not in html.lower() and "None" not in page.words


def test_the_board_report_says_how_sure_why_what_would_change_it_and_cash(made):
    """The four parts stand in it, each with what its studies say, or with which were not asked; every study on request is in one of them."""
    plan, found = made
    page = Page(files.report_file(words.BOARD, ".html", plan, "", found).decode())
    for _, title, studies in words.PARTS:
        assert title in page.words and all(STUDIES[study].title in page.text for study in studies)
    assert found["commitments"]["words"].iloc[0][:80] in page.text and found["stress"]["words"].iloc[0][:80] in page.text
    told = [study for _, _, studies in words.PARTS for study in studies]
    assert sorted(told) == sorted(name for name, study in STUDIES.items() if study.on_request)


def test_a_report_prints_as_pdf(made):
    """The browser of this machine prints it, with its headings as the outline."""
    plan, found = made
    data = files.report_file("stock", ".pdf", plan, "", found)
    read = PdfReader(io.BytesIO(data))
    assert "Stock requirement" in read.pages[0].extract_text() and read.outline


def test_without_a_browser_it_is_said_what_to_do(made, monkeypatch):
    """No PDF, and a sentence that leads to the page instead."""
    monkeypatch.setattr(printing, "browser", lambda: "")
    assert files.unavailable(".pdf") == words.NO_BROWSER and files.unavailable(".html") == ""
    with pytest.raises(printing.NotPrintedError, match="print it to PDF instead"):
        files.report_file("risk", ".pdf", made[0])


@pytest.mark.parametrize("name", REPORTS)
def test_the_tables_of_a_report_are_a_workbook(made, name):
    """Its sentences on the first sheet, then a sheet for each table, with where it comes from."""
    plan, found = made
    book = openpyxl.load_workbook(io.BytesIO(files.report_file(name, ".xlsx", plan, "", found)))
    parts = REPORTS[name].sections(plan, found)
    assert book.sheetnames == ["Report", *(output.sheet for part in parts for output, _ in part.tables), "Provenance"]
    said = [cell.value for cell in book["Report"]["A"]]
    assert {line for part in parts for line in part.lines} <= set(said)


def test_slides_show_the_five_charts_with_the_plan_s_numbers(made):
    """Each slide has a sentence and a chart of PowerPoint's own; the bars of cost are the parts of the plan's cost."""
    plan, _ = made
    deck = Presentation(io.BytesIO(slides_bytes(plan, "Base case")))
    charts = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    assert len(deck.slides) == len(SLIDES) == 5 and len(charts) == 5
    costs = plan.tables["costs"].set_index("part")["expected"]
    plot = charts[0].plots[0]
    assert dict(zip(plot.categories, plot.series[0].values)) == pytest.approx({text.part_word(name): value for name, value in costs.items() if value})
    assert sum(sum(series.values) for series in charts[1].plots[0].series) == pytest.approx(1)
    assert sum(series.values[0] for series in charts[4].plots[0].series) == pytest.approx(1), "shares of a material"
    assert "on average" in deck.slides[0].shapes.title.text and "Proven" in deck.slides[0].shapes[-1].text_frame.text


@pytest.mark.parametrize("needed", [0.0, 10.0])
def test_slides_of_a_plan_with_little_to_show(needed):
    """Without a budget, an order or a stock a slide says so instead of drawing nothing."""
    plan = optimizer.solve(case(settings=settings(periods=1), demand=(need(needed),)))
    deck = Presentation(io.BytesIO(slides_bytes(plan)))
    said = [slide.shapes.title.text for slide in deck.slides]
    assert len(said) == 5 and words.SLIDE_BUDGET_EMPTY in said and (words.SLIDE_MIX_EMPTY in said) == (needed == 0)


def test_replaced_demand_is_a_measure():
    """A use that a substitute serves is told as a substitution, with its chance."""
    row = Substitute(row=2, material="gallium metal", use="lamps", substitute=None, units_per_unit=None, cost=0.1, maximum_share=1.0)
    plan = optimizer.solve(drawn(substitutes=(row,)))
    rows = table(section("risk", plan, {}, "Mitigation"), "risk_measures")
    assert "gallium metal for lamps replaced by needing less" in rows.loc[rows["kind"] == "substitution", "measure"].iloc[0]


def test_the_command_line_writes_a_report_and_says_what_it_lacks(tmp_path):
    """The study that it needs is asked; those of which it would say more are named; nonsense is refused before anything is solved."""
    run = CliRunner().invoke
    done = run(cli, ["report", "stock", "sample_inputs/tutorial.xlsx", "-o", str(tmp_path / "stock.xlsx")])
    assert done.exit_code == 0 and "Wrote" in done.output and "--thorough" in done.output
    assert "stress test was not asked" not in str([cell.value for cell in openpyxl.load_workbook(tmp_path / "stock.xlsx")["Report"]["A"]])
    assert "risk: " in run(cli, ["report"]).output
    for words_, said in (
        (["nonsense", "x.xlsx", "-o", "a.html"], "the reports are board, risk, stock"),
        (["risk", "x.xlsx", "-o", "a.pptx"], "should end in .html or .pdf or .xlsx"),
        (["risk", "x.xlsx"], "Name the workbook"),
        (["risk", "x.xlsx", "-o", str(tmp_path / "no" / "a.html")], "there is no folder"),
    ):
        refused = run(cli, ["report", *words_])
        assert refused.exit_code == 2 or refused.exit_code == 1, words_
        assert said in refused.output, (words_, refused.output)
