"""Take the pictures of app.md anew: python docs/pictures.py. Needs the test extra and a Chromium, Chrome or Edge."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

from browser import browsing, new_page, opened, press, serving, settled, visit, wait_for_plan  # noqa: E402
from import_cases import makers_and_sites  # noqa: E402

SAMPLE = "Gallium"


def picture(page, name: str) -> None:
    """Keep what the page shows, once its charts have come to rest."""
    page.wait_for_timeout(1500)
    page.screenshot(path=HERE / f"app-{name}.png")


def section(page, name: str) -> None:
    """Show a section of the plan."""
    page.get_by_role("radio", name=name).click()
    settled(page)


def main() -> None:
    """Walk through the app with a sample and keep a picture of each page."""
    with serving(Path(tempfile.mkdtemp()) / "home") as server, browsing() as browser:
        page = opened(new_page(browser, height=800), server)
        picture(page, "start")
        own = opened(new_page(browser, height=1100), server)
        own.set_input_files("input[type=file]", makers_and_sites(Path(tempfile.mkdtemp())))
        own.wait_for_url("**/importing*")
        picture(settled(own), "import")
        page.get_by_role("button", name=SAMPLE).click()
        wait_for_plan(page)
        address = page.url
        picture(page, "plan")
        page.set_viewport_size({"width": 1280, "height": 1000})
        for name, words in (("stock", "Stock and cover"), ("flows", "Flows")):
            section(page, words)
            picture(page, name)
        visit(page, "Inputs")
        picture(page, "inputs")
        visit(page, "Futures")
        picture(page, "scenarios")
        visit(page, "Studies")
        page.get_by_text("Cost against risk", exact=True).click()
        press(page, "Find out")
        page.get_by_role("button", name="Ask again").wait_for()
        picture(page, "studies")
        visit(page, "Compare")
        for rule in ("Cheapest", "60 days"):
            press(page, f"Add: {rule}")
        page.get_by_text("Figures", exact=True).wait_for()
        page.wait_for_timeout(6000)
        picture(page, "compare")
        dark = opened(new_page(browser, height=1100, dark=True), address)
        section(dark, "Playbook")
        picture(dark, "playbook")
        narrow = opened(new_page(browser, width=390, height=1400), address)
        section(narrow, "Stock and cover")
        picture(narrow, "narrow")


if __name__ == "__main__":
    main()
