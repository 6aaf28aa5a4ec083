"""How long a planner waits in the app, beside the command line's time for the same samples in the same run: python benchmarks/app.py.

It starts a server of its own with nothing kept, opens a headless browser and prints a table in Markdown. CPU seconds are those of the server, its
solvers and the browser together, from the click to the end of the wait, read from /proc (Linux): on a machine that others use, too, they tell more than
the clock does. Plans are checked on unseen futures behind the page, as at a planner's desk; --check off leaves that out. Needs the test extra.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser import browsing, grid_focused, new_page, opened, serving, settled, type_into_cell, visit, wait_for_plan  # noqa: E402
from phase_clock import children_seconds  # noqa: E402

from optimizer.studies import NAIVE_RULES  # noqa: E402

SAMPLES = {"tutorial": "Tutorial", "gallium_germanium": "Gallium", "national_stockpile": "National", "rare_earth_magnets": "Rare earth"}
PAGES = {
    "Inputs": "Where the suppliers are",
    "Solve": "Make the plan",
    "Plan": "Total expected cost",
    "Futures": "Replay",
    "Studies": "Put the plan to the test",
    "Compare": "Plans side by side",
    "Hand on": "Where this plan comes from",
}
"""The pages that are changed to, and what is waited for on each."""
LARGE = 4_000
"""Offers of the large case."""

Measured = tuple[float, float]


def measured(what: Callable[[], Any]) -> Measured:
    """How long `what` takes: seconds by the clock, and CPU seconds of all processes that this one has started."""
    began, used = time.perf_counter(), children_seconds()
    what()
    return time.perf_counter() - began, children_seconds() - used


def say(what: str, took: Measured) -> None:
    """Print a line of the table."""
    print(f"| {what} | {took[0]:.2f} | {took[1]:.2f} |", flush=True)


# -- a sample -------------------------------------------------------------------------------------------------------------


def command_line(sample: str, folder: Path) -> Measured:
    """The time of `optimizer solve` for a sample, the whole process, with nothing kept."""
    command = [sys.executable, "-m", "optimizer", "solve", str(ROOT / "sample_inputs" / f"{sample}.xlsx"), "--quiet"]
    with tempfile.TemporaryDirectory(dir=folder) as home:
        environment = {**os.environ, "OPTIMIZER_HOME": home, "PYTHONPATH": str(ROOT)}
        return measured(lambda: subprocess.run(command, check=True, cwd=home, env=environment, capture_output=True))


def first_page(browser: Any, server: str) -> Measured:
    """From the address to the first page, as a new visitor."""
    page = new_page(browser)
    return measured(lambda: (page.goto(server), page.get_by_text("Try a sample").wait_for()))


def sample_to_plan(browser: Any, server: str, button: str) -> tuple[Measured, Any]:
    """From the click on a sample to its figures on the screen."""
    page = opened(new_page(browser), server)
    cost = page.get_by_test_id("stMetric").filter(has_text="Total expected cost").first
    return measured(lambda: (page.get_by_role("button", name=button).click(), cost.wait_for())), page


def page_change(page: Any, name: str) -> Measured:
    """From the click on an entry of the navigation to that page."""
    link = page.get_by_test_id("stTopNavLink").filter(has_text=re.compile(f"{name}$"))
    return measured(lambda: (link.click(), page.get_by_test_id("stMain").get_by_text(PAGES[name]).first.wait_for()))


def naive_plan(page: Any, title: str) -> Measured:
    """From the click on a naive plan to its figures beside the plan's."""
    button = page.get_by_role("button", name=f"Add: {title}")
    charts = page.get_by_text("What the expected cost is made of").first
    # The plan is picked as one of those that are set side by side once it is there.
    return measured(lambda: (button.click(), page.locator("[data-tag]").filter(has_text=title).first.wait_for(), charts.wait_for()))


def exports(page: Any) -> dict[str, Measured]:
    """From the click on each file of the page that hands the plan on to the file."""
    found = {}
    for button in page.get_by_test_id("stDownloadButton").get_by_role("button").all():

        def take(button: Any = button) -> None:
            with page.expect_download() as waiting:
                button.click()
            waiting.value.path()
            found[waiting.value.suggested_filename] = None

        took = measured(take)
        found[list(found)[-1]] = took
        settled(page)
    return found


def of_sample(browser: Any, server: str, folder: Path, sample: str) -> None:
    """Measure what a planner waits for with one sample."""
    say(f"{sample}: the command line", command_line(sample, folder))
    took, page = sample_to_plan(browser, server, SAMPLES[sample])
    say(f"{sample}: from the click to the plan", took)
    wait_for_plan(page)
    for name in (*PAGES, "Plan"):
        say(f"{sample}: to the page {name}", page_change(page, name))
        settled(page)
    visit(page, "Compare")
    for rule in NAIVE_RULES.values():
        say(f"{sample}: naive plan, {rule.title}", naive_plan(page, rule.title))
        settled(page)
    visit(page, "Hand on")
    for file, took in exports(page).items():
        say(f"{sample}: file {file.removeprefix(f'{sample} ')}", took)
    page.context.close()


# -- a large case ---------------------------------------------------------------------------------------------------------


def large_case(path: Path) -> Path:
    """Write the gallium sample with LARGE offers: its own again and again, each under a supplier's name of its own."""
    book = openpyxl.load_workbook(ROOT / "sample_inputs" / "gallium_germanium.xlsx")
    page = book["Suppliers"]
    at = [cell.value for cell in page[1]].index("supplier")
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2) if row[at].value is not None]
    for number in range(LARGE - len(rows)):
        row = list(rows[number % len(rows)])
        row[at] = f"{row[at]} {number // len(rows) + 2}"
        page.append(row)
    book.save(path)
    return path


LONGEST_FRAME = """async () => {
    const longest = { at: performance.now(), most: 0, frames: 0 };
    const grid = [...document.querySelectorAll('.dvn-scroller')][0];
    const step = grid.scrollHeight / 200;
    for (let turn = 0; turn < 200; turn++) {
        grid.scrollTop += step;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        longest.most = Math.max(longest.most, now - longest.at);
        longest.at = now;
    }
    return longest.most / 1000;
}"""
"""Scroll the grid from its first row to its last in 200 steps; the longest that one frame takes, in seconds."""


def of_large(browser: Any, server: str, folder: Path) -> None:
    """Measure what a planner waits for with a case of LARGE offers."""
    page = opened(new_page(browser, height=1400), server)
    path = large_case(folder / "large.xlsx")
    ready = page.get_by_role("heading", name="Where the suppliers are")
    say(f"{LARGE:,} offers: from the file to the inputs", measured(lambda: (page.set_input_files("input[type=file]", path), ready.wait_for(), settled(page))))
    visit(page, "Solve")
    say(f"{LARGE:,} offers: to the page Inputs", page_change(page, "Inputs"))
    settled(page)
    say(f"{LARGE:,} offers: from the address to the inputs", measured(lambda: (page.reload(), ready.wait_for(), settled(page))))
    frame: list[float] = []
    took = measured(lambda: frame.append(page.evaluate(LONGEST_FRAME)))
    say(f"{LARGE:,} offers: scrolled to the last row in 200 frames, of which the longest takes {frame[0]:.3f} s", took)
    page.evaluate("[...document.querySelectorAll('.dvn-scroller')][0].scrollTop = 0")
    grid_focused(page, page.get_by_test_id("stDataFrame").first, 60, 52)
    for key in ("ArrowRight", "ArrowRight"):
        page.keyboard.press(key, delay=20)
    undo = page.get_by_role("button", name="Undo")

    def shown(sheet: str) -> None:
        page.get_by_role("radio", name=re.compile(f"^{sheet}")).click()
        settled(page)

    for number, words in enumerate(("first", "next")):

        def edit(number: int = number) -> None:
            type_into_cell(page, f"Renamed {number}")
            page.wait_for_function("() => [...document.querySelectorAll('button')].some(b => b.innerText.includes('Undo') && !b.disabled)")
            settled(page)

        say(f"{LARGE:,} offers: the {words} edit of a cell, with the typing (0.6 s)", measured(edit))
    say(f"{LARGE:,} offers: undo", measured(lambda: (undo.click(), settled(page))))
    say(f"{LARGE:,} offers: to another sheet", measured(lambda: shown("Materials")))
    say(f"{LARGE:,} offers: and back", measured(lambda: shown("Suppliers")))
    page.context.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", default=[*SAMPLES, "large"], help=f"what to measure: {', '.join(SAMPLES)}, large; all of it by default")
    parser.add_argument("--check", default="on", choices=("on", "off"), help="whether plans are checked on unseen futures behind the page")
    asked = parser.parse_args()
    os.environ["OPTIMIZER_CHECK"] = asked.check
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "home") as server, browsing() as browser:
        print("| what | seconds | CPU seconds |\n|---|---|---|")
        for visitor in ("first visitor", "next visitor"):
            say(f"first page, {visitor}", first_page(browser, server))
        for name in asked.what:
            if name == "large":
                of_large(browser, server, Path(folder))
            else:
                of_sample(browser, server, Path(folder), name)


if __name__ == "__main__":
    main()
