"""The studies of a plan in a real browser: each asked, its chart drawn, left and returned to, put beside another plan's, taken along."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import NamedTuple

import openpyxl
import pytest
from browser import browsing, new_page, opened, press, serving, settled, visit
from plans import SAMPLES
from playwright.sync_api import expect

from optimizer.runs import Store, Work, duplicate_run
from optimizer.studies.registry import STUDIES

ASKED = [study for study in STUDIES.values() if study.on_request]


DRAWN = {"out_of_sample", "policies", "regret", "stress", "value", "frontier", "budget_frontier", "tornado", "risk_map", "cash_flow"}
"""The studies that draw a chart of the plan below; the others have sentences and tables alone."""


class Planned(NamedTuple):
    """A server with a plan of a workbook: where the page of its studies is, and the work that holds the plan."""

    address: str
    work: Work


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """A server with a plan of the tutorial on a few futures that were drawn, so that every study has something to tell."""
    home = tmp_path_factory.mktemp("app") / "home"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPTIMIZER_HOME", str(home))
        few = ("--set", "scenario_method=sampled", "--set", "scenarios=6")
        subprocess.run([sys.executable, "-m", "optimizer", "solve", str(SAMPLES / "tutorial.xlsx"), *few], check=True, capture_output=True)
        last = json.loads((home / "last.json").read_text())
        work = Store().work(last["work"])
    with serving(home) as address:
        yield Planned(f"{address}/studies?work={last['work']}&plan={last['run']}", work)


@pytest.fixture(scope="module")
def browser():
    """One browser for this file."""
    with browsing() as found:
        yield found


def pick(page, study) -> None:
    """Choose a study on the page."""
    page.get_by_test_id("stButtonGroup").get_by_text(study.title, exact=True).click()
    settled(page)
    page.get_by_role("heading", name=study.title).first.wait_for()


def charts_of(page, study) -> int:
    """The number of charts that a study draws, once they are drawn."""
    charts = page.get_by_test_id("stVegaLiteChart")
    if study.name in DRAWN:
        charts.first.locator("canvas, svg").first.wait_for()
    return charts.count()


def test_every_study_is_asked_answers_stays_is_set_beside_another_and_taken_along(planned, browser):
    """One click asks each study. Its answer, with its charts, stands there after a visit elsewhere, beside that of another plan, and in an Excel workbook."""
    page = opened(new_page(browser, height=1600), planned.address)
    drawn = {}
    for study in ASKED:
        pick(page, study)
        expect(page.get_by_text(study.meaning)).to_be_visible()
        press(page, "Find out")
        page.get_by_role("button", name="Ask again").wait_for()
        settled(page)
        expect(page.locator("#live-happened")).to_contain_text(f"{study.title}: the answer is there.")
        assert page.get_by_test_id("stException").count() == 0
        drawn[study.name] = charts_of(page, study)
        assert (drawn[study.name] > 0) == (study.name in DRAWN), study.name
        assert page.get_by_test_id("stMarkdownContainer").locator("li").count() > 0 or drawn[study.name] > 0, study.name
    (run,) = planned.work.runs
    duplicate_run(planned.work, run, "Kept as it was")
    visit(page, "Plan")
    visit(page, "Studies")
    for study in ASKED:
        pick(page, study)
        expect(page.get_by_role("button", name="Ask again")).to_be_visible()
        page.get_by_role("combobox", name="Beside the same study of").click()
        page.get_by_role("option", name="Kept as it was", exact=True).click()
        expect(page.get_by_text("Kept as it was", exact=True).last).to_be_visible()
        settled(page)
        assert charts_of(page, study) == 2 * drawn[study.name], study.name
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Download these tables").click()
        book = openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes()), read_only=True)
        assert {table.sheet for table in study.tables} <= set(book.sheetnames), study.name
        assert page.get_by_test_id("stException").count() == 0, study.name


def asked(page, study) -> None:
    """Choose a study of the plan that the page shows, and ask it where that has not been done."""
    pick(page, study)
    if page.get_by_role("button", name="Ask again").count() == 0:
        press(page, "Find out")
    page.get_by_role("button", name="Ask again").wait_for()
    settled(page)


def test_a_study_stands_beside_that_of_another_plan(planned, browser):
    """Where two plans of a workbook have the same study, their answers stand side by side."""
    page = opened(new_page(browser, height=1600), planned.address)
    study = STUDIES["cash_flow"]
    asked(page, study)
    visit(page, "Solve")
    page.get_by_role("slider", name="How much do the worst futures count?").focus()
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    settled(page)
    press(page, "Make the plan")
    page.wait_for_selector("text=Total expected cost")
    settled(page)
    visit(page, "Studies")
    asked(page, study)
    page.get_by_role("combobox", name="Beside the same study of").click()
    page.get_by_role("option", name="Plan 1", exact=True).click()
    settled(page)
    assert page.get_by_test_id("stVegaLiteChart").count() == 2
    assert page.get_by_test_id("stException").count() == 0
