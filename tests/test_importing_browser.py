"""A planner's own sheets in a real browser: upload, look, answer, confirm; and next month the upload alone."""

from __future__ import annotations

from pathlib import Path

import import_cases
import openpyxl
import pytest
from browser import at_rest, browsing, new_page, opened, press, serving, settled, visit, wait_for_plan
from import_cases import OWN_SHEETS, write_book
from playwright.sync_api import Page, TimeoutError, expect

from optimizer.intake.reader import case_from_sheets
from optimizer.runs.store import Store

PLAN_COST = 768_049
"""The expected cost in EUR of the plan of sample_inputs/own_sheets, as docs/app.md has it, within the gap."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The folder of the server's works."""
    return tmp_path_factory.mktemp("app") / "home"


@pytest.fixture(scope="module")
def server(home):
    """One server for this file."""
    with serving(home) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """One browser for this file; each test has a visitor of its own."""
    with browsing() as found:
        yield found


def upload(page: Page, paths) -> Page:
    """The page after files were dropped on the first page."""
    page.set_input_files("input[type=file]", paths)
    page.wait_for_url("**/importing*")
    return settled(page)


def choose(page: Page, label: str, value: str) -> Page:
    """The page after a value was picked from a list by typing it; the list closes where the page is drawn anew beneath it."""
    box, option = page.get_by_role("combobox", name=label, exact=True).first, page.get_by_role("option", name=value, exact=True)
    for _ in range(30):
        at_rest(page, box)  # what is unfolded above it still moves it
        box.click()
        page.keyboard.type(value)
        try:
            option.click(timeout=2_000)
            break
        except TimeoutError:
            page.keyboard.press("Escape")
    return settled(page)


def test_two_files_of_a_buyer_are_a_case_in_five_clicks_and_next_month_in_one(server, browser, home, tmp_path):
    """Upload, one cost and one bloc for all, confirm: the case is ready to solve. The next files of that shape are there at once."""
    files = import_cases.makers_and_sites(tmp_path)
    page = upload(opened(new_page(browser, height=1400), server), files)
    expect(page.get_by_text("2 tables in 2 files")).to_be_visible()
    expect(page.get_by_text("3 things to look at, then confirm")).to_be_visible()
    page.get_by_label("the same for all").first.fill("5000000")
    page.keyboard.press("Enter")
    choose(settled(page), "the same for all", "other")
    press(page, "Confirm and open").wait_for_url("**/data*")
    expect(page.get_by_text("Ready to solve")).to_be_visible()
    visit(page, "Start")
    expect(page.get_by_text("they are imported as last time")).to_be_visible()
    before = page.url
    page.set_input_files("input[type=file]", files)
    page.wait_for_url(lambda url: "/data" in url and url.partition("work=")[2] != before.partition("work=")[2])
    expect(page.get_by_text("Ready to solve")).to_be_visible()
    work = Store(home).work(page.url.partition("work=")[2].partition("&")[0])
    assert "Offers VND per box!A1" in work.choices["mapping"]


def test_what_is_open_is_answered_beside_its_column_before_it_can_be_confirmed(server, browser, tmp_path):
    """A capacity without a time and a header that means nothing: the first is chosen, the second is used; what is left blank is listed on the next page."""
    table = [
        ["Vendor", "Item", "Country", "Price (USD/kg)", "Capacity (kg)", "Xyz"],
        ["Alpha", "Gallium", "China", 300, 400, 6],
        ["Beta", "Gallium", "Canada", 420, 150, 9],
    ]
    page = upload(opened(new_page(browser, height=1400), server), write_book(tmp_path / "bids.xlsx", {"Bids": table}))
    expect(page.get_by_role("button", name="Confirm and open")).to_be_disabled()
    expect(page.get_by_text("1 question to answer")).to_be_visible()
    choose(page, "Capacity (kg): its numbers are in", "kg per month")
    expect(page.get_by_role("button", name="Confirm and open")).to_be_enabled()
    choose(page, "1 column not used: Xyz", "Xyz")
    page.reload()
    settled(page)
    expect(page.get_by_role("button", name="Confirm and open")).to_be_enabled()  # the answer is there as before, and so is the column that was looked at
    choose(page, "Xyz becomes", "lead time months")
    choose(page, "Xyz: its numbers are in", "weeks")
    press(page, "Confirm and open").wait_for_url("**/data*")
    expect(page.get_by_text("5 problems to put right")).to_be_visible()


def test_columns_side_by_side_become_rows_by_hand_and_are_columns_again(server, browser, home, tmp_path):
    """A table whose headers say nothing: its sheet is chosen, two columns become rows of uses, are taken back, and become rows once more."""
    needs = [["What we make", "Motors", "Sensors"], ["Gallium", 40, 12.5], ["Germanium", 8, 3]]
    page = upload(opened(new_page(browser, height=1600), server), write_book(tmp_path / "needs.xlsx", {"Needs": needs}))
    expect(page.get_by_text("Nothing yet: no table is used.")).to_be_visible()
    choose(page, "This table is", "Demand")
    choose(page, "3 columns not used: What we make, Motors, Sensors", "What we make")
    choose(page, "What we make becomes", "material")
    unused = page.get_by_role("combobox", name="2 columns not used: Motors, Sensors")
    for again in (False, True):
        expect(unused).to_be_visible()
        page.get_by_text("More: fixed values").first.click()
        for header in ("Motors", "Sensors"):
            choose(page, "Columns, headed by periods or by names", header)
        page.keyboard.press("Escape")
        choose(page, "Their headers become", "use")
        choose(page, "Their cells become", "annual demand")
        press(page, "Make rows of them")
        expect(page.get_by_text("Motors, Sensors").first).to_be_visible()
        if not again:
            press(page, "Do not use these columns")
    press(page, "Confirm and open").wait_for_url("**/data*")
    work = Store(home).work(page.url.partition("work=")[2].partition("&")[0])
    header, *found = next(raw.rows for raw in work.sheets if raw.name == "Demand")
    places = [header.index(name) for name in ("material", "use", "annual_demand")]
    typed = {tuple(row[place] for place in places) for row in found}
    assert typed == {("Gallium", "Motors", 40), ("Gallium", "Sensors", 12.5), ("Germanium", "Motors", 8), ("Germanium", "Sensors", 3)}


def heard(page: Page, region: str = "happened"):
    """The region whose words a screen reader reads out when they change."""
    return page.locator(f"#live-{region}")


def downloaded(page: Page, name: str, folder) -> Path:
    """The file that the first button of this name has made."""
    with page.expect_download() as made:
        page.get_by_role("button", name=name).first.click()
    made.value.save_as(folder / made.value.suggested_filename)
    return folder / made.value.suggested_filename


def test_two_files_of_a_buyer_are_a_plan_and_a_report_by_the_clicks_that_the_docs_list(server, browser, home, tmp_path):
    """The way of docs/app.md, from the bare address to the three files, and what is heard on it; the figures of the case and of the plan are right."""
    page = upload(opened(new_page(browser, height=900), server), [OWN_SHEETS / "price_list.xlsx", OWN_SHEETS / "demand_plan.csv"])
    expect(page.get_by_text("4 tables in 2 files")).to_be_visible()
    expect(page.get_by_text("'China; Malaysia' names several countries")).to_be_visible()
    expect(heard(page)).to_have_text("Open questions: 0. Proposals to look at: 2.")
    assert heard(page).get_attribute("role") == "status" and heard(page).get_attribute("aria-live") == "polite"
    page.get_by_text("More: fixed values").first.click()
    choose(page, "Column to fill", "lead time months")
    page.get_by_label("Value; {Header}").first.fill("2")
    page.get_by_role("button", name="Fill in").first.click()  # without Enter: what is typed comes with the click
    expect(page.get_by_text("lead time months: 2")).to_be_visible()
    page.get_by_role("textbox", name="title").fill("Gallium and germanium 2027")
    page.get_by_label("the same for all").fill("6000")
    page.keyboard.press("Enter")
    choose(settled(page), "all others", "allied")
    choose(page, "Malaysia", "other")
    press(page, "Confirm and open").wait_for_url("**/data*")
    expect(page.get_by_text("Ready to solve")).to_be_visible()
    expect(heard(page)).to_have_text("The case is made. The inputs have no problem. Warnings: 0.")
    work = Store(home).work(page.url.partition("work=")[2].partition("&")[0])
    case = case_from_sheets(work.sheets).case
    offers = [(offer.supplier, offer.country, offer.bloc, offer.price, offer.capacity_per_year, offer.lead_time_months) for offer in case.offers]
    assert offers[:3] == [
        ("Eastern Metals Trading", "China", "chinese", 289.5, 1400, 2),
        ("Eastern Metals Trading", "Malaysia", "other", 289.5, 1400, 2),
        ("Rheingallium", "Germany", "allied", 512, 600, 2),
    ]
    assert [(offer.price, offer.bloc) for offer in case.offers[3:]] == [(478.25, "allied"), (1180, "chinese"), (1945.5, "allied"), (2060.75, "allied")]
    assert [(row.use, row.shortage_cost, row.by_period[0], row.by_period[11]) for row in case.demand] == [
        ("Dresden", 6000, 62.5, 55),
        ("Regensburg", 6000, 31, 25),
        ("Jena", 6000, 40, 35),
    ]
    assert (case.settings.title, case.settings.currency, case.plants[0].capacity_per_year) == ("Gallium and germanium 2027", "EUR", 1400)
    assert work.title == "Gallium and germanium 2027.xlsx"
    press(page, "Make a plan").wait_for_url("**/solve*")
    press(page, "Make the plan")
    expect(heard(page, "progress")).to_contain_text(", 0 s.")
    wait_for_plan(page)
    expect(heard(page)).to_contain_text("Plan 1 is there. Total expected cost:")
    assert work.runs[0].plan().expected_cost == pytest.approx(PLAN_COST, rel=1e-3)
    visit(page, "Hand on")
    assert openpyxl.load_workbook(downloaded(page, "Download .xlsx", tmp_path), read_only=True).sheetnames[0] == "Summary"
    expect(heard(page)).to_contain_text("is being downloaded")
    assert "Gallium and germanium 2027" in downloaded(page, "Board report .html", tmp_path).read_text(encoding="utf-8")
    assert downloaded(page, "Slides .pptx", tmp_path).stat().st_size > 20_000
