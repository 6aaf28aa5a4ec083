"""The planner's way through the app, in a real browser on a real server."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from browser import browsing, grid_focused, new_page, opened, press, serving, settled, type_into_cell, unreadable, visit, wait_for_plan
from plans import BITING, SAMPLES
from playwright.sync_api import Page, expect
from workbooks import write_workbook

from ui.pages import FIRST, PAGES, Needs

CHARTS_DRAWN = "() => [...document.querySelectorAll('[data-testid=stVegaLiteChart]')].every(chart => chart.querySelector('svg, canvas'))"

TUTORIAL = SAMPLES / "tutorial.xlsx"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for this file."""
    with serving(tmp_path_factory.mktemp("app") / "home") as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """One browser for this file; each test has visitors of its own."""
    with browsing() as found:
        yield found


def spoiled(tmp_path):
    """The tutorial with a word where a price should be and a bloc misspelled."""
    book = openpyxl.load_workbook(TUTORIAL)
    book["Suppliers"]["E2"], book["Suppliers"]["C3"] = "dear", "alied"
    path = tmp_path / "spoiled.xlsx"
    book.save(path)
    return path


def hard_to_prove(tmp_path):
    """The magnets of 20 futures, to be proven to a gap that takes minutes: a plan is known long before."""
    book = openpyxl.load_workbook(SAMPLES / "rare_earth_magnets.xlsx")
    for name, value in book["Settings"].iter_rows(min_row=2, max_col=2):
        value.value = {"scenarios": 20, "mip_gap": 1e-9}.get(name.value, value.value)
    path = tmp_path / "hard.xlsx"
    book.save(path)
    return path


def upload(page: Page, path) -> Page:
    """The inputs page of an uploaded workbook."""
    page.set_input_files("input[type=file]", path)
    page.wait_for_selector("text=Where the suppliers are")
    return settled(page)


def type_into_grid(page: Page, grid: int, column: int, row: int, value: str) -> Page:
    """Type a value into a cell of a grid, as a planner would: click, walk there, type. column: counted from that of the row numbers."""
    grid_focused(page, page.get_by_test_id("stDataFrame").nth(grid), 60, 52)
    for key in [*["ArrowDown"] * row, *["ArrowRight"] * column]:
        page.keyboard.press(key, delay=20)
    type_into_cell(page, value)
    page.wait_for_timeout(700)
    return settled(page)


def test_from_a_sample_to_a_plan_in_two_clicks(server, browser):
    """The first page says what this is; one click on a sample solves it and shows the answer and its figures."""
    page = opened(new_page(browser), server)
    expect(page.get_by_text("a plan that you can defend")).to_be_visible()
    page.get_by_role("button", name="Tutorial").click()
    wait_for_plan(page)
    expect(page.get_by_text("Sign 1 contract with 1 supplier")).to_be_visible()
    assert page.get_by_test_id("stMetric").count() == 7
    assert re.search(r"/plan\?.*work=.+plan=", page.url)


def tab_to(page: Page, name: str, most: int = 80) -> None:
    """Press Tab until a button or link called `name` has the keyboard."""
    for _ in range(most):
        page.keyboard.press("Tab")
        words = page.evaluate("(at => at.matches('a, button') ? (at.ariaLabel ?? '') + at.innerText : '')(document.activeElement)")
        if name in words:
            return
    raise AssertionError(f"the keyboard does not reach {name!r}")


def test_from_a_sample_to_the_report_by_the_keyboard_alone(server, browser):
    """Tab and Enter lead from the first page to a plan, from there to the page that hands it on, and to the board report as a file."""
    page = opened(new_page(browser), server)
    tab_to(page, "Tutorial")
    page.keyboard.press("Enter")
    wait_for_plan(page)
    tab_to(page, "Hand on")
    page.keyboard.press("Enter")
    page.wait_for_url("**/export?*")
    settled(page)
    tab_to(page, "Board report .html")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    assert "<svg" in waiting.value.path().read_text(encoding="utf-8")


def test_a_bad_workbook_is_put_right_solved_changed_compared_and_downloaded(server, browser, tmp_path):
    """Upload a bad workbook, fix one cell by its proposal and one in the grid, solve, change the budget, solve, compare, download."""
    page = upload(opened(new_page(browser, height=1400), server), spoiled(tmp_path))
    expect(page.get_by_text("2 problems to put right")).to_be_visible()
    type_into_grid(page, grid=1, column=8, row=0, value="260")
    expect(page.get_by_text("1 problem to put right")).to_be_visible()
    press(page, "Use 'allied'")
    expect(page.get_by_text("Ready to solve")).to_be_visible()
    visit(page, "Solve")
    press(page, "Make the plan")
    wait_for_plan(page)
    visit(page, "Solve")
    page.get_by_role("slider", name="Budget").focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    settled(page)
    expect(page.get_by_text("budget 80%").first).to_be_visible()
    press(page, "Make the plan")
    wait_for_plan(page)
    visit(page, "Compare")
    press(page, "Add: Cheapest supplier")
    page.get_by_text("Cheapest supplier, no stock", exact=True).first.wait_for()
    expect(page.get_by_text("What the expected cost is made of").first).to_be_visible()
    visit(page, "Hand on")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download .xlsx").click()
    book = openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes()))
    assert {"Summary", "Charts", "Provenance"} <= set(book.sheetnames)
    assert book["Suppliers"]["E2"].value == 260 and book["Suppliers"]["C3"].value == "allied"
    assert book["Budget"]["B2"].value == 0.8 * 500_000
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Board report .html").click()
    report = waiting.value.path().read_text(encoding="utf-8")
    assert "<svg" in report and "<script" not in report and "SHA-256" in report


def test_the_edited_workbook_comes_back_as_a_file(server, browser, tmp_path):
    """What was typed stands in the downloaded workbook; with problems, the faulty cells are marked in it."""
    page = upload(opened(new_page(browser, height=1400), server), spoiled(tmp_path))
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download with the problems marked").click()
    book = openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes()))
    assert "Problems" in book.sheetnames and "expected a number" in book["Suppliers"]["E2"].comment.text
    type_into_grid(page, grid=1, column=8, row=0, value="270")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the edited workbook").click()
    assert openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes()))["Suppliers"]["E2"].value == 270


def test_a_long_solve_is_stopped_and_keeps_its_best_plan(server, browser, tmp_path):
    """While it solves the page shows where it stands; stopped, it shows the best plan so far and how good it is; discarded, nothing."""
    page = upload(opened(new_page(browser), server), hard_to_prove(tmp_path))
    visit(page, "Solve")
    page.get_by_role("slider", name="How many futures").focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    page.get_by_role("button", name="Make the plan").click()
    page.get_by_text("Cannot be better than").wait_for()
    for known in ("Cannot be better than", "Best plan so far"):
        expect(page.get_by_test_id("stMetric").filter(has_text=known)).to_contain_text("USD")
    page.get_by_role("button", name="Stop and keep the best plan").click()
    wait_for_plan(page)
    expect(page.get_by_text("Stopped early").first).to_be_visible()
    visit(page, "Solve")
    page.get_by_role("slider", name="How many futures").focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    page.get_by_role("button", name="Make the plan").click()
    page.get_by_role("button", name="Throw away").click()
    page.get_by_text("This solve was thrown away").wait_for()
    expect(page.get_by_role("button", name="Make the plan")).to_be_visible()


def test_two_browsers_see_only_their_own_work(server, browser, tmp_path):
    """Two visitors at once: each sees the workbook and the plan of its own, on every page."""
    first, second = new_page(browser), new_page(browser)
    opened(first, server).get_by_role("button", name="Tutorial").click()
    opened(second, server).get_by_role("button", name="Gallium").click()
    for page, mine, other in ((first, "tutorial.xlsx", "allium"), (second, "gallium_germanium.xlsx", "utorial")):
        wait_for_plan(page)
        for shown in (each for each in PAGES if each.needs != Needs.NOTHING):
            visit(page, shown.title)
            words = page.locator("[data-testid=stMain]").inner_text()
            assert other not in words, f"{shown.script} shows the other's work"
        visit(page, "Plan")
        expect(page.get_by_test_id("stMain")).to_contain_text(mine)
    stranger = opened(new_page(browser), server)
    assert "Go on where you were" not in stranger.locator("[data-testid=stMain]").inner_text()


def test_a_reload_keeps_the_work(server, browser, tmp_path):
    """After a reload the same plan is shown; an edit and a moved slider are still there, also in a browser that knows the address."""
    page = upload(opened(new_page(browser, height=1400), server), TUTORIAL)
    visit(page, "Solve")
    page.get_by_role("slider", name="Budget").focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    page.reload()
    expect(page.get_by_text("budget 105%").first).to_be_visible()
    press(page, "Make the plan")
    wait_for_plan(page)
    page.reload()
    wait_for_plan(page)
    again = opened(new_page(browser), page.url)
    wait_for_plan(again)
    visit(again, "Solve")
    expect(again.get_by_text("budget 105%").first).to_be_visible()


def test_hostile_names_are_text_on_every_page(server, browser, tmp_path):
    """Markup, formulas, links and endless names are shown as text: no page fails, nothing runs, nothing is fetched from elsewhere."""
    path = hostile(tmp_path)
    page = new_page(browser, height=1600)
    foreign, dialogs = [], []
    page.on("request", lambda request: foreign.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    upload(opened(page, server), path)
    visit(page, "Solve")
    press(page, "Make the plan")
    wait_for_plan(page)
    for each in PAGES:
        visit(page, each.title)
        main = page.locator("[data-testid=stMain]")
        assert "Something went wrong" not in main.inner_text(), each.script
        assert not page.get_by_test_id("stException").count(), each.script
        assert main.locator("a[href*='example.org'], img[src='x'], script").count() == 0, each.script
    visit(page, "Plan")
    for section in ("Stock and cover", "Suppliers", "Flows", "Money", "What binds", "Playbook"):
        page.get_by_role("radio", name=section).click()
        settled(page)
        assert "Something went wrong" not in page.locator("[data-testid=stMain]").inner_text(), section
    assert {url for url in foreign if not url.startswith((server, "data:", "blob:"))} == set()
    assert dialogs == []


def hostile(tmp_path):
    """A workbook whose every name bites."""
    material, supplier, use = BITING[0], BITING[2], BITING[3]
    path = write_workbook(
        tmp_path / "hostile.xlsx",
        {
            "Settings": {"start": "2027-01-01", "period": "year", "periods": 3, "title": BITING[2], "currency": "<b>$</b>"},
            "Materials": [{"material": material, "unit": "**kg**"}, {"material": "x" * 10_000, "unit": "kg"}],
            "Demand": [{"material": material, "use": use, "annual_demand": 10, "shortage_cost": 100}],
            "Suppliers": [
                {"supplier": supplier, "material": material, "bloc": "chinese", "country": BITING[1], "price": 1, "capacity_per_year": 1000},
                {
                    "supplier": "y" * 10_000,
                    "material": material,
                    "bloc": "allied",
                    "country": ":smile:",
                    "price": 2,
                    "capacity_per_year": 1000,
                    "terms": "both",
                },
            ],
            "Disruptions": [{"disruption": BITING[6], "annual_probability": 0.3, "mean_duration_months": 12, "capacity_remaining": 0, "bloc": "chinese"}],
            "Budget": [{"fiscal_year": 2027, "amount": 1000}],
        },
    )
    book = openpyxl.load_workbook(path)
    for cell in book["Suppliers"][2]:
        cell.data_type = "s" if cell.value == BITING[1] else cell.data_type  # a text that looks like a formula, not a formula
    book.save(path)
    return path


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_every_page_fits_its_window_and_can_be_read(server, browser, width, dark):
    """At 1280 and at 390 pixels no page is wider than its window, and axe-core finds nothing of moderate weight or more, in light and in dark."""
    page = opened(new_page(browser, width=width, height=900, dark=dark), server)
    page.get_by_role("button", name="Tutorial").click()
    wait_for_plan(page)
    address = page.url
    for path in ("" if each is FIRST else each.name for each in PAGES):
        opened(page, address.replace("/plan?", f"/{path}?"))
        wide = page.evaluate("() => { const main = document.querySelector('[data-testid=stMain]'); return main.scrollWidth - main.clientWidth; }")
        assert wide <= 1, f"{path}: {wide} pixels too wide"
        page.wait_for_function(CHARTS_DRAWN)
        assert unreadable(page) == [], path
