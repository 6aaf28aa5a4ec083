"""The grid in a real browser: what is typed and pasted arrives as text, rows come and go, and undo outlasts a reload."""

from __future__ import annotations

import pytest
from books import put, setting, sound, write_xlsx
from browser import PATIENCE, at_rest, browsing, grid_focused, new_page, opened, press, serving, settled, type_into_cell
from playwright.sync_api import Page, expect

from optimizer.editing.sheets import sheet_of
from optimizer.intake.reader import read_sheets
from optimizer.runs.store import Store
from optimizer.schema.sheets import SUPPLIERS

COLUMNS = [column.name for column in SUPPLIERS.columns]
TICK, ROW, CHECK, LINE = 15, 65, 165, 35
"""Where the first columns of the grid are, in pixels from its left, and how high a line is."""
FIRST = 30 + 70 + 130 + 30

TYPED = {
    "price": ("70,5", 70.5),
    "price_growth": ("0,02", 0.02),
    "capacity_per_year": ("8.000", "8.000"),
    "spot_limit_per_year": ("1 250", 1250),
    "available_from": ("01/04/2027", "01/04/2027"),
    "lead_time_months": (".5", 0.5),
    "ships_after_months": ("0,25", 0.25),
    "terms": ("Both", "Both"),
    "contract_price": ("€ 99.50", "€ 99.50"),
}
"""Column -> what is typed there, in the columns' order from the price on, and what is kept."""
PASTED = (
    {
        "supplier": "Pasted A",
        "material": "Oxide",
        "bloc": "alied",
        "country": "China; Chile",
        "price": "1.250",
        "price_growth": "3%",
        "capacity_per_year": "1.234,5",
        "available_from": "1.4.2027",
        "terms": "CONTRACT",
    },
    {
        "supplier": "007",
        "material": "Ore",
        "bloc": "Allied",
        "country": "Peru",
        "price": "USD 12",
        "price_growth": "0,35",
        "capacity_per_year": "$5",
        "available_from": "2027-Q2",
        "terms": "spot or so",
    },
)
KEPT = (
    {
        "supplier": "Pasted A",
        "material": "Oxide",
        "bloc": "alied",
        "country": "China; Chile",
        "price": "1.250",
        "price_growth": 0.03,
        "capacity_per_year": 1234.5,
        "available_from": "1.4.2027",
        "terms": "CONTRACT",
    },
    {
        "supplier": "007",
        "material": "Ore",
        "bloc": "Allied",
        "country": "Peru",
        "price": 12,
        "price_growth": 0.35,
        "capacity_per_year": "$5",
        "available_from": "2027-Q2",
        "terms": "spot or so",
    },
)


class Desk:
    """A page on a work's suppliers, and what is kept of them."""

    def __init__(self, page: Page, address: str, store: Store, work: str) -> None:
        self.page, self.address, self.store, self.work = page, address, store, work
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        opened(page, address)

    def sheet(self):
        return sheet_of(self.store.work(self.work).sheets, "Suppliers")

    def rows(self) -> list[dict]:
        """The rows that are kept: column -> value."""
        header, *rows = self.sheet().rows
        return [{name: value for name, value in zip(header, row, strict=True) if value is not None} for row in rows]

    def wait_for(self, condition) -> None:
        """Wait until what is kept is as it should be."""
        for _ in range(PATIENCE // 100):
            if condition():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(self.rows())

    def click(self, row: int, at: int) -> None:
        """Click a cell of a row of the grid, counted as Excel does, `at` pixels from the grid's left."""
        grid_focused(self.page, self.page.get_by_test_id("stDataFrame").first, at, LINE * (row - 1) + 17)

    def go_to(self, row: int, column: str) -> None:
        self.click(row, FIRST)
        for _ in range(COLUMNS.index(column)):
            self.page.keyboard.press("ArrowRight", delay=20)

    def tick(self, *rows: int) -> None:
        settled(self.page)
        self.click(rows[0], FIRST)  # a grid that was just drawn does not take a click at once
        box = at_rest(self.page, self.page.get_by_test_id("stDataFrame").first)
        for number, row in enumerate(rows, start=1):
            self.page.mouse.click(box["x"] + TICK, box["y"] + LINE * (row - 1) + 17)
            self.page.get_by_text(f"{number} row{'s' * (number > 1)} ticked").wait_for()

    def paste(self, text: str) -> None:
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.page.keyboard.press("Control+v")
        settled(self.page)


@pytest.fixture(scope="module")
def begin(tmp_path_factory):
    """A server and a browser: a function that opens the sound workbook on a page of its own."""
    folder = tmp_path_factory.mktemp("grid")
    store = Store(folder / "home")
    rows = sound()
    setting(rows, "currency", "USD")
    for name in TYPED:
        put(rows, "Suppliers", 2, name, None)
    put(rows, "Suppliers", 2, "price", 300)
    put(rows, "Suppliers", 2, "capacity_per_year", 80)
    put(rows, "Suppliers", 3, "price_growth", 0.035)
    path = write_xlsx(rows, folder / "case.xlsx")
    with serving(folder / "home") as at, browsing() as browser:

        def one(**look) -> Desk:
            work = store.begin(read_sheets(path), path.read_bytes())
            return Desk(new_page(browser, height=1400, **look), f"{at}/data?work={work.id}", store, work.id)

        yield one


def block(rows) -> str:
    """Rows as Excel copies them, from the supplier to the terms."""
    last = COLUMNS.index("terms") + 1
    return "".join("\t".join(row.get(name, "") for name in COLUMNS[:last]) + "\r\n" for row in rows)


def test_what_is_typed_is_kept_as_it_says_or_listed(begin):
    """Nine texts typed cell by cell along a row: numbers with one reading are kept as these, all others as they were typed, and listed."""
    desk = begin()
    desk.go_to(2, "price")
    for name in TYPED:
        type_into_cell(desk.page, TYPED[name][0], end="Tab")
        desk.wait_for(lambda name=name: desk.rows()[0].get(name) == TYPED[name][1])
        settled(desk.page)
    kept = desk.rows()[0]
    assert {name: kept[name] for name in TYPED} == {name: value for name, (_, value) in TYPED.items()}
    expect(desk.page.get_by_text("3 problems to put right")).to_be_visible()
    press(desk.page, "Use 8000")
    desk.wait_for(lambda: desk.rows()[0]["capacity_per_year"] == 8000)
    press(desk.page, "Use 1 April 2027")
    expect(desk.page.get_by_text("1 problem to put right")).to_be_visible()


def test_a_block_of_excel_is_pasted_text_by_text(begin):
    """Two rows of nine cells from Excel arrive below the last row: each cell is kept as it says or as it was, none is dropped or changed."""
    desk = begin()
    desk.click(5, FIRST)
    desk.paste(block(PASTED))
    desk.wait_for(lambda: len(desk.rows()) == 5)
    assert tuple(desk.rows()[3:]) == KEPT
    expect(desk.page.get_by_text("problems to put right")).to_be_visible()
    assert not desk.page.get_by_text("Ready to solve").count()


def test_merged_cells_of_excel_do_not_shift_a_block(begin):
    """A block with a supplier's name merged over two rows, as Excel copies it, puts each value into its own column."""
    desk = begin()
    html = "<table><tr><td rowspan=2>Twice</td><td>Oxide</td><td></td><td>allied</td></tr><tr><td>Ore</td><td></td><td>other</td></tr></table>"
    desk.page.evaluate(
        """([html, text]) => navigator.clipboard.write([new ClipboardItem({
        'text/html': new Blob([html], {type: 'text/html'}), 'text/plain': new Blob([text], {type: 'text/plain'})})])""",
        [html, "Twice\tOxide\t\tallied\r\n\tOre\t\tother\r\n"],
    )
    desk.click(5, FIRST)
    desk.page.keyboard.press("Control+v")
    desk.wait_for(lambda: len(desk.rows()) == 5)
    assert desk.rows()[3:] == [{"supplier": "Twice", "material": "Oxide", "bloc": "allied"}, {"material": "Ore", "bloc": "other"}]


def test_a_block_in_the_wrong_place_is_refused_with_a_word(begin):
    """Pasted onto the rows' numbers a block would be shifted: nothing of it is taken, and this is said."""
    desk = begin()
    before = desk.sheet()
    desk.click(5, ROW)
    desk.paste(block(PASTED))
    expect(desk.page.get_by_text("Nothing was changed")).to_be_visible()
    assert desk.sheet() == before


def test_a_block_that_is_longer_than_the_grid_is_said_to_be_cut(begin):
    """Of a block with more rows than the grid has blank ones, what fits is kept, and it is said that the rest was not taken."""
    desk = begin()
    desk.click(5, FIRST)
    desk.paste("".join(f"S{number}\tOre\r\n" for number in range(300)))
    expect(desk.page.get_by_text("these were not taken")).to_be_visible()
    assert desk.rows()[-1] == {"supplier": "S199", "material": "Ore"}


def test_a_cell_that_is_pasted_onto_itself_is_the_same(begin):
    """Copied and pasted onto themselves, three rows with numbers, percentages and blanks stay what they are, bit for bit."""
    desk = begin()
    before = desk.sheet()
    desk.click(2, FIRST)
    for key in ["ArrowDown"] * 2 + ["ArrowRight"] * 13:
        desk.page.keyboard.press(f"Shift+{key}", delay=20)
    desk.page.keyboard.press("Control+c")
    desk.page.wait_for_timeout(300)
    desk.page.keyboard.press("Control+v")
    settled(desk.page)
    desk.page.wait_for_timeout(300)
    assert desk.sheet() == before and desk.store.work(desk.work).edition == 0


def test_rows_come_and_go_and_undo_outlasts_a_reload(begin):
    """Rows are inserted at a place, copied and deleted; after a reload each step is undone and redone; the Delete key blanks a cell. Each is heard."""
    desk = begin()
    heard = desk.page.locator("#live-happened[role=status]")
    names = lambda: [row.get("supplier") for row in desk.rows()]  # noqa: E731
    desk.tick(3)
    press(desk.page, "Insert above")
    desk.wait_for(lambda: names() == ["North", None, "East", "Mine"])
    desk.tick(2, 4)
    press(desk.page, "Copy below")
    desk.wait_for(lambda: names() == ["North", "North", None, "East", "East", "Mine"])
    desk.tick(2, 5)
    press(desk.page, "Delete")
    desk.wait_for(lambda: names() == ["North", None, "East", "Mine"])
    expect(heard).to_contain_text("2 rows deleted.")
    desk.click(5, FIRST)
    desk.page.keyboard.press("Delete")
    desk.wait_for(lambda: names() == ["North", None, "East", None])
    expect(heard).to_contain_text("Kept.")
    desk.page.reload()
    settled(desk.page)
    one_more = ["North", None, "East", "Mine"]
    for expected in (one_more, ["North", "North", None, "East", "East", "Mine"], one_more, ["North", "East", "Mine"]):
        press(desk.page, "Undo")
        desk.wait_for(lambda expected=expected: names() == expected)
    expect(desk.page.get_by_role("button", name="Undo")).to_be_disabled()
    expect(heard).to_contain_text("Undone.")
    desk.page.reload()
    settled(desk.page)
    press(desk.page, "Redo")
    desk.wait_for(lambda: names() == ["North", None, "East", "Mine"])


def test_rows_that_are_ticked_are_filled_from_a_list(begin):
    """One word chosen for a column goes into all ticked rows."""
    desk = begin()
    desk.tick(2, 4)
    press(desk.page, "Fill")
    desk.page.get_by_role("combobox", name="Column").click()
    desk.page.get_by_role("option", name="Bloc").click()
    settled(desk.page)
    desk.page.get_by_role("combobox", name="Value").click()
    desk.page.get_by_role("option", name="onshored").click()
    settled(desk.page)
    press(desk.page, "Fill the ticked rows")
    desk.wait_for(lambda: [row["bloc"] for row in desk.rows()] == ["onshored", "chinese", "onshored"])
