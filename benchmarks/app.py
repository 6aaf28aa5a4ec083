"""How long a planner waits in the app, beside the command line's time for the same samples in the same run: python benchmarks/app.py.

It starts a server of its own with nothing kept, opens a headless browser and prints a table in Markdown. Needs the test extra.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser import browsing, new_page, opened, serving, settled, wait_for_plan  # noqa: E402

SAMPLES = {"tutorial": "Tutorial", "gallium_germanium": "Gallium", "national_stockpile": "National", "rare_earth_magnets": "Rare earth"}
PAGES = ("Inputs", "Solve", "Plan", "Scenarios", "Compare", "Hand on")
SHOWN = {
    "Inputs": "Where the sources are",
    "Solve": "Make the plan",
    "Plan": "Total expected cost",
    "Scenarios": "Replay:",
    "Compare": "Plans side by side",
    "Hand on": "Where this plan comes from",
}


def seconds(what) -> float:
    """How long `what` takes."""
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def command_line(sample: str, home: Path) -> float:
    """The time of `optimizer solve` for a sample, the whole process."""
    command = [sys.executable, "-m", "optimizer", "solve", str(ROOT / "sample_inputs" / f"{sample}.xlsx"), "--quiet"]
    return seconds(lambda: subprocess.run(command, check=True, cwd=ROOT, env={"OPTIMIZER_HOME": str(home), "PATH": "/usr/bin:/bin"}, capture_output=True))


def first_page(browser, server: str) -> float:
    """From the address to the first page, as a new visitor."""
    page = new_page(browser)
    return seconds(lambda: (page.goto(server), page.get_by_text("Try a sample").wait_for()))


def sample_to_plan(browser, server: str, button: str) -> tuple[float, object]:
    """From the click on a sample to its plan on the screen."""
    page = opened(new_page(browser), server)
    return seconds(lambda: (page.get_by_role("button", name=button).click(), page.get_by_text("Total expected cost").wait_for(timeout=300_000))), page


def page_change(page, name: str) -> float:
    """From the click on an entry of the navigation to that page."""
    link = page.get_by_test_id("stTopNavLink").filter(has_text=re.compile(f"{name}$"))
    return seconds(lambda: (link.click(), page.get_by_text(SHOWN[name]).first.wait_for()))


def main() -> None:
    """Measure and print."""
    home = Path(tempfile.mkdtemp()) / "home"
    with serving(home) as server, browsing() as browser:
        print("| what | seconds |\n|---|---|")
        for visit in ("first visitor", "next visitor"):
            print(f"| first page, {visit} | {first_page(browser, server):.2f} |")
        for sample, button in SAMPLES.items():
            taken, page = sample_to_plan(browser, server, button)
            print(f"| {sample}: from the click to the plan | {taken:.2f} |")
            print(f"| {sample}: the command line | {command_line(sample, home):.2f} |")
            wait_for_plan(page)
            for name in (*PAGES, "Plan"):
                print(f"| {sample}: to the page {name} | {page_change(page, name):.2f} |")
                settled(page)


if __name__ == "__main__":
    main()
