"""A planner's own sheets in a real browser: upload, look, answer, confirm; and next month the upload alone."""

from __future__ import annotations

import import_cases
import pytest
from browser import browsing, new_page, opened, press, serving, settled, visit
from import_cases import write_book
from playwright.sync_api import Page, TimeoutError, expect

from optimizer.runs.store import Store


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
    expect(page.get_by_text("they come in as last time")).to_be_visible()
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
    choose(page, r"Capacity \(kg\): its numbers are in", "kg per month")
    expect(page.get_by_role("button", name="Confirm and open")).to_be_enabled()
    choose(page, "1 column not used: Xyz", "Xyz")
    choose(page, "Xyz becomes", "lead time months")
    choose(page, "Xyz: its numbers are in", "weeks")
    press(page, "Confirm and open").wait_for_url("**/data*")
    expect(page.get_by_text("5 problems to put right")).to_be_visible()
