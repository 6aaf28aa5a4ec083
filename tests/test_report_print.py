"""The board report as it is printed: numbered pages, and tables that stay whole."""

from __future__ import annotations

import io

import pytest
from browser import browsing, new_page
from plans import solved
from pypdf import PdfReader

from optimizer.plan.explain import percent
from ui.report.board import report_html


@pytest.fixture(scope="module")
def printer():
    """The text of each page of the largest sample's report, printed on A4 below an empty space of so many millimetres."""
    html = report_html(solved("national_stockpile"), "Base case")
    with browsing() as browser:
        page = new_page(browser)

        def printed(space: int) -> list[str]:
            page.set_content(html.replace("<main>", f'<main><div style="height:{space}mm"></div>'))
            data = page.pdf(prefer_css_page_size=True, print_background=True)
            # Where a cell is wrapped depends on the fonts of the machine.
            return [" ".join(sheet.extract_text().split()) for sheet in PdfReader(io.BytesIO(data)).pages]

        yield printed


def test_every_page_bears_its_number_and_how_many_there_are(printer):
    """The number stands at the foot of each page."""
    printed = printer(0)
    assert len(printed) > 3
    for number, page in enumerate(printed, start=1):
        assert f"{number} / {len(printed)}" in page


@pytest.mark.parametrize("space", (0, 60, 120, 180))
def test_tables_stand_on_one_page(printer, space):
    """Cash by year, budget and demand met are each found whole on a page, wherever on the page they would begin."""
    printed = printer(space)
    plan = solved("national_stockpile")
    tables = {
        "Losses, discounted": [str(year) for year in plan.tables["yearly"]["fiscal_year"]],
        "Demand met": [row.use for row in plan.tables["fill_rate"].itertuples()] + [percent(row.fill_rate) for row in plan.tables["fill_rate"].itertuples()],
        "Dearest future": [str(row.fiscal_year) for row in plan.tables["budget"].itertuples()],
    }
    for head, cells in tables.items():
        holding = [page for page in printed if head in page]
        assert any(all(page.count(cell) >= cells.count(cell) for cell in cells) for page in holding), head
