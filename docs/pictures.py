"""Take the pictures of the pages anew: python docs/pictures.py. Needs the test extra and a Chromium, Chrome or Edge.

The pictures of the plan workbook, plan.png and charts.png, are taken with LibreOffice and pdftoppm (poppler); without these they stay as they are.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

from browser import browsing, new_page, opened, press, serving, settled, visit, wait_for_plan  # noqa: E402
from import_cases import OWN_SHEETS  # noqa: E402

import optimizer  # noqa: E402

SAMPLE = "Gallium"
HEADS = {"Stock and cover": "Stock at the end of each period", "Flows": "From suppliers through materials to uses", "Playbook": "Stock and shortage"}
"""The sections of the plan that are shown, and a heading that stands in each."""


def picture(page, name: str) -> None:
    """Keep what the page shows, once its charts have come to rest."""
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
    page.wait_for_timeout(1500)
    page.screenshot(path=HERE / f"app-{name}.png")


def section(page, name: str) -> None:
    """Show a section of the plan, its name at the top of the picture."""
    page.get_by_role("radio", name=name).click()
    page.get_by_role("heading", name=HEADS[name]).first.wait_for()
    settled(page)
    page.get_by_test_id("stMain").evaluate("(main, top) => main.scrollBy(0, top - 90)", page.get_by_role("radio", name=name).bounding_box()["y"])


def sheets_of_the_plan_workbook() -> None:
    """Keep what a plan workbook's sheets Summary and Charts look like when they are printed."""
    office, to_picture = shutil.which("soffice"), shutil.which("pdftoppm")
    if office is None or to_picture is None:
        print("plan.png and charts.png are not taken anew: LibreOffice and pdftoppm are wanted.")
        return
    folder = Path(tempfile.mkdtemp())
    optimizer.solve(HERE.parent / "sample_inputs" / "rare_earth_magnets.xlsx").save(folder / "plan.xlsx")
    subprocess.run([office, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(folder / "plan.xlsx")], check=True, capture_output=True)
    for page, name in ((1, "plan"), (2, "charts")):
        size = ["-r", "98", "-f", str(page), "-l", str(page), "-singlefile", "-png"]
        subprocess.run([to_picture, *size, str(folder / "plan.pdf"), str(HERE / name)], check=True)


def main() -> None:
    """Walk through the app with a sample and keep a picture of each page."""
    with serving(Path(tempfile.mkdtemp()) / "home") as server, browsing() as browser:
        page = opened(new_page(browser, height=800), server)
        picture(page, "start")
        own = opened(new_page(browser, height=1100), server)
        own.set_input_files("input[type=file]", [OWN_SHEETS / "price_list.xlsx", OWN_SHEETS / "demand_plan.csv"])
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
    sheets_of_the_plan_workbook()


if __name__ == "__main__":
    main()
