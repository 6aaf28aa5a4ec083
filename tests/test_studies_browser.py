"""The studies of a plan in a real browser: each asked, its chart drawn, left and returned to, put beside another plan's, taken along."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import openpyxl
import pytest
from browser import browsing, new_page, opened, press, serving, settled, visit
from plans import SAMPLES
from playwright.sync_api import expect

from optimizer.studies.registry import STUDIES

ASKED = [study for study in STUDIES.values() if study.on_request]


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """A server with a plan of the tutorial, and the address of the page of its studies."""
    home = tmp_path_factory.mktemp("app") / "home"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPTIMIZER_HOME", str(home))
        subprocess.run([sys.executable, "-m", "optimizer", "solve", str(SAMPLES / "tutorial.xlsx")], check=True, capture_output=True)
    last = json.loads((home / "last.json").read_text())
    with serving(home) as address:
        yield f"{address}/studies?work={last['work']}&plan={last['run']}"


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


def test_every_study_is_asked_answers_and_stays(planned, browser):
    """One click asks each study; its answer, with a chart where it has one, stands there after a visit elsewhere, and its tables can be downloaded."""
    page = opened(new_page(browser, height=1600), planned)
    for study in ASKED:
        pick(page, study)
        expect(page.get_by_text(study.meaning)).to_be_visible()
        press(page, "Find out")
        page.get_by_role("button", name="Ask again").wait_for()
        settled(page)
        expect(page.locator("#live-happened")).to_contain_text(f"{study.title}: the answer is there.")
        assert page.get_by_test_id("stException").count() == 0
        assert page.get_by_test_id("stMarkdownContainer").locator("li").count() > 0 or page.get_by_test_id("stVegaLiteChart").count() > 0, study.name
    visit(page, "Plan")
    visit(page, "Studies")
    for study in (STUDIES["frontier"], STUDIES["tornado"], STUDIES["stress"]):
        pick(page, study)
        expect(page.get_by_role("button", name="Ask again")).to_be_visible()
        page.get_by_test_id("stVegaLiteChart").first.wait_for()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download these tables").click()
    book = openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes()))
    assert {table.sheet for table in STUDIES["stress"].tables} <= set(book.sheetnames)


def test_a_study_stands_beside_that_of_another_plan(planned, browser):
    """Where two plans of a workbook have the same study, their answers stand side by side."""
    page = opened(new_page(browser, height=1600), planned)
    study = STUDIES["cash_flow"]
    visit(page, "Solve")
    page.get_by_role("slider", name="How much do the worst futures count?").focus()
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    settled(page)
    press(page, "Make the plan")
    page.wait_for_selector("text=Total expected cost")
    settled(page)
    visit(page, "Studies")
    pick(page, study)
    press(page, "Find out")
    page.get_by_role("button", name="Ask again").wait_for()
    if page.get_by_text("Beside the same study of").count() == 0:
        page.reload()
        settled(page)
        pick(page, study)
    box = page.get_by_role("combobox", name="Beside the same study of")
    box.click()
    page.get_by_role("option", name="Plan 1", exact=True).click()
    settled(page)
    assert page.get_by_test_id("stVegaLiteChart").count() == 2
    assert page.get_by_test_id("stException").count() == 0
