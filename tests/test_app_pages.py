"""Each page of the app under Streamlit's own test driver: what it shows with nothing, with a workbook, with a plan."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace

import pytest
import streamlit as st
from plans import SAMPLES
from streamlit.testing.v1 import AppTest
from support import PATIENCE
from test_runs import ROOT, ended, work_of

from optimizer.editing.sheets import sheet_of, with_address
from optimizer.runs.solve_queue import SolveQueue
from optimizer.runs.states import RunState
from optimizer.runs.store import Store
from optimizer.solving.watch import Watch
from optimizer.studies.living.unseen_futures import out_of_sample
from optimizer.studies.registry import STUDIES
from ui.pages import FIRST, PAGES, Needs, page_named
from ui.parts.tables import output
from ui.report.files import ENDINGS, TITLES
from ui.words import compare as compare_text
from ui.words import plan as text

APP = str(ROOT / "ui" / "app.py")
SAYS = {
    "start": "Try a sample",
    "importing": "Import your own sheets",
    "data": "What was read",
    "solve": "What should the plan weigh?",
    "plan": "Sign\nStart\nOrder\nHold",
    "scenarios": "The futures",
    "studies": "Put the plan to the test",
    "compare": "Plans side by side",
    "export": "Where this plan comes from",
    "glossary": "The words of the plan",
}
"""What each page says where there is a plan, by the page's name."""


@pytest.fixture(autouse=True)
def fresh_server():
    """What a server keeps for all its visitors is made anew for each test."""
    st.cache_resource.clear()


def app(work=None, run=None, page: str = "start") -> AppTest:
    """The app on a page, with a work and a plan in its address."""
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    if work is not None:
        test.query_params["work"] = work.id
    if run is not None:
        test.query_params["plan"] = run.id
    test.run()
    return test if page == FIRST.name else test.switch_page(page_named(page).script).run()


def words(test: AppTest) -> str:
    """Everything that the page says."""
    kinds = (test.title, test.header, test.markdown, test.info, test.warning, test.error, test.text)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def until(test: AppTest, condition, seconds: float = PATIENCE) -> AppTest:
    """The app, run again and again until something holds, as a browser would."""
    end = time.monotonic() + seconds
    while not condition(test):
        assert time.monotonic() < end, words(test)
        time.sleep(0.2)
        test.run()
    return test


@pytest.fixture(scope="module")
def solved_once(tmp_path_factory):
    """A folder of works with one that has a solved plan of the tutorial, and the names of both."""
    store = Store(tmp_path_factory.mktemp("solved"))
    work = work_of(store=store)
    run = work.new_run(work.sheets, title="Plan 1")
    SolveQueue(store).start(run)
    assert ended(run).state == "done", run.status
    return store.root, work.id, run.id


@pytest.fixture
def solved(home, solved_once):
    """A work with a solved plan of the tutorial, of the test's own."""
    folder, work, run = solved_once
    shutil.copytree(folder, home)
    found = Store().work(work)
    return found, found.run(run)


def test_the_first_page_offers_three_ways_in():
    """Without a work: one sentence, the samples, an upload and the template; no exception."""
    test = app()
    assert not test.exception
    labels = [button.label for button in test.button]
    assert {"Gallium and germanium", "Rare earth magnets"} <= set(labels)
    assert len(test.file_uploader) == 1 and len(test.get("download_button")) == 1
    assert "Go on where you were" not in labels


def test_a_sample_is_solved_by_one_click():
    """One click on a sample ends on its plan, with the answer and the figures."""
    test = app()
    next(button for button in test.button if button.label.startswith("Tutorial")).click().run()
    until(test, lambda t: len(t.metric) == 7)
    assert [metric.label for metric in test.metric] == [
        "Total expected cost",
        "of which cash",
        "of which losses from shortage",
        "Cost in the worst 30% of futures",
        "Chance of a shortage",
        "Budget used",
        "Days of cover",
    ]
    assert test.metric[0].value == "1\\.05 million"
    assert "Sign 1 contract with 1 supplier" in words(test)


def test_every_script_is_a_page_and_every_page_a_script():
    """app_pages/ holds one script for each page that ui/pages.py declares, and no other."""
    declared, there = {page.script for page in PAGES}, {f"app_pages/{path.name}" for path in (ROOT / "ui" / "app_pages").glob("*.py")}
    assert there - declared == set(), "a script that ui/pages.py does not declare"
    assert declared - there == set(), "a page of ui/pages.py without its script in ui/"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_has_a_test(page):
    """Each page has its line in SAYS, without which no test tells whether it shows anything."""
    assert page.name in SAYS, f"tests/test_app_pages.py: add to SAYS what ui/{page.script} says"


@pytest.mark.parametrize("page", [page.name for page in PAGES if page.needs != Needs.NOTHING])
def test_each_page_leads_out_where_nothing_is(page):
    """Without a work each page says so and leads to the first page; an unknown work counts as none."""
    for work in (None, type("Unknown", (), {"id": "x" * 24})):
        test = app(work, page=page)
        assert not test.exception and "There is no workbook yet" in words(test)
    assert [button.label for button in test.button] == ["To the first page"]


@pytest.mark.parametrize("page", [page.name for page in PAGES if page.needs == Needs.PLAN])
def test_each_page_of_a_plan_leads_to_solving_without_one(page):
    """With a workbook and no plan, the pages of the plan lead to solving."""
    test = app(work_of(), page=page)
    assert not test.exception and "There is no plan yet" in words(test)


@pytest.mark.parametrize("page", [page.name for page in PAGES])
def test_each_page_shows_a_plan_without_fault(solved, page):
    """With a solved plan no page fails, and each says what it is for."""
    test = app(*solved, page=page)
    assert not test.exception and not test.error, words(test)
    labels = "\n".join(expander.label for expander in test.expander)
    assert SAYS.get(page, "") in words(test) + labels, words(test)


@pytest.mark.parametrize("section", text.SECTIONS)
def test_each_section_of_the_plan_shows(solved, section):
    """Every section of the plan page draws, and none of them fails."""
    test = app(*solved, page="plan")
    test.button_group(key="section").set_value(section).run()
    assert not test.exception and not test.error, words(test)


@pytest.mark.parametrize("possible", (True, False))
def test_the_answer_to_a_disruption_is_drawn_where_there_is_one(solved, possible):
    """A branch within the limits has its chart and its orders; one that no orders can meet has its sentence alone."""
    work, run = solved
    studies = {name: table.assign(feasible=possible) if "feasible" in table else table for name, table in run.studies().items()}
    run.keep_studies(studies)
    test = app(work, run, page="plan")
    test.button_group(key="section").set_value("playbook").run()
    assert not test.exception and len(test.info) == 1
    assert bool(test.get("vega_lite_chart") or test.get("arrow_vega_lite_chart")) == possible
    assert (text.PLAYBOOK_ORDERS in words(test)) == possible


def test_without_pictures_the_report_says_what_to_install(solved, monkeypatch):
    """Where charts cannot be drawn as pictures, the page offers the other files and says what the report needs."""
    monkeypatch.setattr("ui.report.pictures.find_spec", lambda name: None)
    test = app(*solved, page="export")
    assert not test.exception and "vl-convert-python" in words(test)
    without = sum(ending not in (".html", ".pdf") for endings in ENDINGS.values() for ending in endings)
    assert len(test.get("download_button")) == 2 + without > 2 and "[report]" in test.code[0].value


def test_a_contract_is_read_with_its_terms_and_the_reports_are_one_section_away(solved):
    """Price, term, commitment and value stand in the table of contracts; the section Reports offers each report in each kind of file."""
    test = app(*solved, page="plan")
    assert {"price", "begins", "ends", "take_or_pay", "committed", "value"} <= set(test.dataframe[0].value.columns)
    test.session_state["section"] = "reports"
    test.run()
    assert not test.exception and all(title in words(test) for title in TITLES.values())
    assert len(test.get("download_button")) == sum(map(len, ENDINGS.values()))


def test_choices_are_kept_and_make_another_plan(solved):
    """A moved slider is said in words, is still there on a new visit, and makes a plan of its own name; undo takes it back."""
    work, run = solved
    test = app(work, run, "solve")
    test.select_slider(key=f"budget:{work.id}").set_value(1.2).run()
    test.select_slider(key=f"risk_weight:{work.id}").set_value(0.9).run()
    assert "budget 120%, risk weight 90%" in words(test)
    again = app(work, run, "solve")
    assert "budget 120%, risk weight 90%" in words(again)
    next(button for button in again.button if button.label == "Make the plan").click().run()
    until(again, lambda t: len(t.metric) == 7)
    made = work.runs[-1]
    assert made.title == "Plan 2: budget 120%, risk weight 90%"
    assert {row.amount for row in made.plan().case.budget} == {600_000.0} and made.plan().case.settings.risk_weight == 0.9
    test = app(work, made, "solve")
    next(button for button in test.button if button.label == "Undo").click().run()
    assert "Everything as in the workbook." in words(test)


@pytest.mark.parametrize("name, section, shown", [("gallium_germanium", "do", ("filed", "held_back")), ("national_stockpile", "binds", ("limits",))])
def test_what_to_file_what_waits_and_which_limits_are_kept_is_shown(name, section, shown):
    """A plan with such offers and limits shows these tables under their own headings, with all their rows."""
    work = work_of(SAMPLES / f"{name}.xlsx")
    run = work.new_run(work.sheets, title="Plan 1", settings={"scenarios": 20, "mip_gap": 0.02})
    SolveQueue(Store()).start(run)
    plan = ended(run).plan()
    test = app(work, run, "plan")
    test.button_group(key="section").set_value(section).run()
    assert not test.exception, words(test)
    for table in shown:
        heads, sizes = [head.value for head in test.header], [len(frame.value) for frame in test.dataframe]
        assert len(plan.tables[table]) and output(table).sheet in heads and len(plan.tables[table]) in sizes, table


def test_what_is_not_found_yet_cannot_be_kept():
    """While a solve has no plan yet, the button that stops it and keeps one cannot be pressed; throwing it away always can."""
    work = work_of()
    run = work.new_run(work.sheets, title="Plan 1")
    bound = {"phase": "round 1", "seconds": 1.0, "incumbent": None, "bound": 1.0, "gap": None}
    plan = {"phase": "round 2", "seconds": 2.0, "incumbent": 2.0, "bound": 1.0, "gap": 0.5}
    for reports, nothing_to_keep in (([], True), ([bound], True), ([bound, plan], False)):
        (run.folder / "progress.jsonl").write_text("".join(json.dumps(report) + "\n" for report in reports), encoding="utf-8")
        buttons = {button.label: button.disabled for button in app(work, run, "solve").button}
        assert (buttons["Stop and keep the best plan"], buttons["Throw away"]) == (nothing_to_keep, False), reports


def test_a_workbook_with_problems_cannot_be_solved():
    """With a fault in the workbook the solve page leads to the inputs and offers no solve."""
    work = work_of()
    work.save_sheets(with_address(work.sheets, "Suppliers", "E2", "dear"))
    test = app(work, page="solve")
    assert "The workbook has problems" in words(test)
    assert "Make the plan" not in [button.label for button in test.button]


def test_an_infeasible_case_names_the_rows_that_clash():
    """Where no plan satisfies the limits, the page names the rows of the workbook; what was typed is kept."""
    work = work_of()
    width = len(next(raw for raw in work.sheets if raw.name == "Demand").rows[0])
    from optimizer.editing.sheets import with_cell

    sheets = with_cell(with_cell(work.sheets, "Demand", 1, width + 1, "minimum_fill_rate"), "Demand", 2, width + 1, 1.0)
    work.save_sheets(with_address(sheets, "Budget", "B2", 10.0))
    test = app(work, page="solve")
    next(button for button in test.button if button.label == "Make the plan").click().run()
    until(test, lambda t: t.error)
    assert "No plan satisfies all limits" in words(test)
    assert any("Demand, row 2" in str(frame.value.to_dict()) for frame in test.dataframe)
    assert sheet_of(work.sheets, "Budget").rows[1][1] == 10.0 and "Make the plan" in [button.label for button in test.button]


def test_a_damaged_upload_is_refused_with_a_sentence():
    """What is no workbook is refused where it was given; the page stays."""
    test = app()
    test.file_uploader(key="upload").upload("notes.xlsx", b"just text").run()
    assert not test.exception and "not an Excel workbook" in words(test)


def test_a_good_upload_opens_on_the_inputs():
    """An uploaded workbook becomes a work and opens on the inputs page."""
    test = app()
    test.file_uploader(key="upload").upload("mine.xlsx", (SAMPLES / "tutorial.xlsx").read_bytes()).run()
    assert not test.exception and "mine" in words(test)


def test_the_progress_of_a_run_is_told_whatever_its_identifier():
    """An identifier is drawn from letters, digits, - and _, of which two may stand side by side; Streamlit's keys refuse that."""

    def page():
        from ui.parts import live_regions

        live_regions.progress("study 2m4A__-zeOVY", "solving", 1.0, "A study goes on.")

    assert not AppTest.from_function(page).run().exception


def test_plans_with_awkward_names_stand_side_by_side(solved):
    """Plans called alike, or like a column of the comparison, are told apart; a plan's warnings are shown with it."""
    work, first = solved
    queue, runs = SolveQueue(Store()), [first]
    for title in ("figure", "Plan 1", "Plan 1 2"):
        runs.append(queue.start(work.new_run(work.sheets, title=title)))
    assert [ended(run).state for run in runs] == ["done"] * 4
    test = app(work, runs[1], "compare")
    assert not test.exception and not test.error, words(test)
    assert any("Total expected cost" in str(frame.value.to_dict()) for frame in test.dataframe)


def test_where_a_plan_differs_is_said_in_numbers_and_can_be_filtered(solved):
    """A sentence, the input that differs, and a table of numbers, of which the kinds that are picked stay; another plan can be set against the base."""
    work, first = solved
    queue, runs = SolveQueue(Store()), [first]
    for weight, title in ((0.9, "Careful"), (0.0, "Neutral")):
        runs.append(queue.start(work.new_run(work.sheets, title=title, settings={"risk_weight": weight})))
    assert [ended(run).state for run in runs] == ["done"] * 3
    test = app(work, first, "compare")
    assert "costs on average" in words(test) and "Risk weight" in words(test)
    (numbers,) = [frame.value for frame in test.dataframe if "Difference" in frame.value]
    base, other = numbers.columns[-2:]
    assert ((numbers[other] - numbers[base] - numbers["Difference"]).abs() <= 0.01 * numbers["Difference"].abs() + 1e-3 * numbers[other].abs()).all()
    test.button_group(key="compare:kinds").set_value(["cost"]).run()
    (costs,) = [frame.value for frame in test.dataframe if "Difference" in frame.value]
    assert len(costs) < len(numbers) and costs["What"].str.startswith("Expected").all()
    test.button_group(key="compare:beside").set_value("Careful").run()
    assert other == "Neutral" and not test.exception and compare_text.NO_DIFFERENCE in words(test)


def test_what_a_naive_plan_breaks_is_said_beside_it():
    """A hard floor that the cheapest buyer does not keep is named on the comparison."""
    work = work_of()
    from optimizer.editing.sheets import add_sheet, with_cells
    from optimizer.runs.run import Run
    from optimizer.schema.sheets import LIMITS

    columns = [column.name for column in LIMITS.columns]
    row = {"limit": "reserve", "measure": "stock_quantity", "minimum": 100.0, "to": "2028"}
    sheets = with_cells(add_sheet(work.sheets, LIMITS), "Limits", {(2, columns.index(name) + 1): value for name, value in row.items()})
    queue, run = SolveQueue(Store()), work.new_run(sheets, title="Plan 1")
    assert ended(queue.start(run)).state == "done", run.status
    naive: Run = work.new_run(sheets, title="Cheapest", kind="cheapest", base=run.id)
    assert ended(queue.start(naive)).state == "done", naive.status
    test = app(work, run, "compare")
    assert any("reserve" in str(warning.value) for warning in test.warning), words(test)


def test_a_study_is_asked_for_on_its_page_and_its_answer_stays(solved):
    """One click asks it; once it is done its sentences stand there, the tables can be taken along, and it can be asked again."""
    work, run = solved
    test = app(work, run, page="studies")
    next(button for button in test.button if button.label == "Find out").click().run()
    until(test, lambda t: any(button.label == "Ask again" for button in t.button))
    assert not test.exception and "so that its own figures hold" in words(test)
    assert "out_of_sample_costs" in run.studies() and test.get("download_button")
    again = app(work, run, page="studies")
    assert "so that its own figures hold" in words(again)


@pytest.mark.parametrize(("study", "setting"), (("frontier", "risk_weight"), ("budget_frontier", None)))
def test_a_point_of_a_frontier_is_opened_as_a_plan(solved, study, setting):
    """The point that is picked is solved as a plan of its own: with its risk weight in the settings, or with its factor on the Budget sheet."""
    work, run = solved
    run.add_study(STUDIES[study].run(run.solved_plan(Watch())))
    test = app(work, run, page="studies")
    test.button_group(key="study").set_value(study).run()
    box = test.selectbox(key=f"point:{study}")
    picked = run.studies()[study].query("objective.notna() and not is_plan")["risk_weight" if setting else "budget_factor"].tolist()
    assert len(box.options) == len(picked)
    box.select_index(len(picked) - 1).run()
    next(button for button in test.button if button.label == "Make this plan").click().run()
    (made,) = [other for other in work.runs if other.id != run.id]
    if setting:
        assert made.request["settings"] == {**run.request["settings"], setting: picked[-1]}
    else:
        amounts = [[row[1] for row in sheet_of(one.sheets, "Budget").rows[1:]] for one in (run, made)]
        assert amounts[1] == pytest.approx([picked[-1] * amount for amount in amounts[0]])
    until(test, lambda _: not made.under_way)
    assert made.state == "done" and not test.exception


def test_the_figures_of_a_plan_are_those_on_unseen_futures(solved, monkeypatch):
    """Where futures were drawn, the plan page begins the check behind it; once it is made, its figures stand first and the plan's own beside them."""
    work, run = solved
    plan = replace(run.plan(), provenance={**run.plan().provenance, "scenario_method": "sampled"})
    monkeypatch.setattr("ui.session.state.plan_of", lambda _: plan)
    found = out_of_sample(run.solved_plan(Watch()))
    costs = found["out_of_sample_costs"]
    costs.loc[costs["figure"] == "Total expected cost", ["unseen", "low", "high"]] = (1_100_000.0, 1_090_000.0, 1_110_000.0)
    run.add_study(found)
    test = app(work, run, page="plan")
    first = test.metric[0]
    assert not test.exception and first.value == "1\\.10 million" and "1\\.05 million" in first.proto.delta_description
    assert "95% interval" in first.help and test.metric[4].label == "Chance of a shortage"


def test_a_playbook_that_the_command_line_left_out_is_made_when_it_is_looked_at(solved):
    """The command line writes the plan and ends; its playbook is made where it is asked for."""
    work, run = solved
    run.keep_studies({})
    test = app(work, run, page="plan")
    assert not run.studies()
    test.button_group(key="section").set_value("playbook").run()
    until(test, lambda t: "Export stop" in words(t))
    assert not test.exception and "playbook_summary" in run.studies()


def test_a_plan_is_shown_while_its_playbook_is_still_made(solved):
    """As soon as a plan is kept it is what every page shows, the page Solve, too, once it is awaited; its playbook says that it is being made."""
    work, run = solved
    studies = run.studies()
    run.keep_studies({})
    run.set_state(RunState.RUNNING, kept="optimal")
    test = app(work, run, page="plan")
    assert not test.exception and len(test.metric) == 7 and not test.info
    test.button_group(key="section").set_value("playbook").run()
    assert not test.exception and "Export stop" not in words(test) and work.study_of(run, "playbook") is None
    assert "Make the plan" in [button.label for button in app(work, run, page="solve").button]
    run.keep(run.plan(), studies)
    test.run()
    assert "Export stop" in words(test)


def test_a_study_of_a_plan_that_no_failure_hurts_is_shown(solved):
    """Where a column of units is blank, because nothing goes short, the tables stand there all the same."""
    work, run = solved
    tables = STUDIES["stress"].run(run.solved_plan(Watch()))
    losses = tables["stress_losses"]
    losses[["material", "use", "short", "unit"]] = None
    run.add_study(tables)
    test = app(work, run, page="studies")
    next(group for group in test.button_group if group.key == "study").set_value("stress").run()
    assert not test.exception and "Something went wrong" not in words(test)


@pytest.mark.parametrize("check, begun", [("on", 1), ("off", 0)])
def test_a_plan_of_drawn_futures_is_checked_behind_its_page(solved, monkeypatch, check, begun):
    """As soon as its page is looked at, unless whoever runs the server has turned that off; then the page says where it can be asked for."""
    work, run = solved
    plan = replace(run.plan(), provenance={**run.plan().provenance, "scenario_method": "sampled"})
    asked = []
    monkeypatch.setenv("OPTIMIZER_CHECK", check)
    monkeypatch.setattr("ui.session.state.plan_of", lambda _: plan)
    monkeypatch.setattr("ui.session.solving.begin_study", lambda work, base, study: asked.append(study.name))
    test = app(work, run, page="plan")
    assert not test.exception and asked == ["out_of_sample"] * begun
    assert any("The page Studies checks them" in caption.value for caption in test.caption)
