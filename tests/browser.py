"""A real browser on a real server of the app, for the tests that need one."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge", "microsoft-edge")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
PLACEHOLDER = "[data-testid=stSkeleton]"
"""What the framework shows where a grid or a chart will stand whose code the browser still loads."""
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
PATIENCE = 600_000
"""Milliseconds to wait for a page: a busy machine is no failure."""


def executable() -> str:
    """The browser of this machine. In CI a missing one is a failure, at a desk the test is skipped."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        assert not os.environ.get("CI"), "CI must have a browser"
        pytest.skip("no Chromium, Chrome or Edge on this machine")
    return found


@contextmanager
def serving(home: Path, sound: bool = True) -> Iterator[str]:
    """The address of a server of the app whose works are kept in `home`. sound: whether its log may not hold any failure."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {"OPTIMIZER_CHECK": "off", **os.environ, "OPTIMIZER_HOME": str(home)}
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "ui" / "app.py"), f"--server.port={port}"]
    log = home.parent / f"server-{port}.log"
    home.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=home, env=environment, stdout=out, stderr=out)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_up(address, server)
            yield address
        finally:
            server.terminate()
            server.wait(20)
    words = log.read_text(encoding="utf-8", errors="replace")
    assert not sound or "Traceback" not in words, words[-4000:]


def _wait_until_up(address: str, server: subprocess.Popen) -> None:
    for _ in range(300):
        try:
            with urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            assert server.poll() is None, "the server ended"
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


@contextmanager
def browsing() -> Iterator[Browser]:
    """A headless browser."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable(), args=list(FLAGS))
        try:
            yield browser
        finally:
            VISITORS[:] = [visitor for visitor in VISITORS if visitor.browser != browser]
            browser.close()


VISITORS: list[BrowserContext] = []
"""Who visits a server now. A page that stays open asks its server every few seconds what another window has changed."""


def new_page(browser: Browser, width: int = 1280, height: int = 1000, dark: bool = False) -> Page:
    """A page of a visitor of its own, as wide as is said."""
    visitor = browser.new_context(viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", accept_downloads=True)
    visitor.set_default_timeout(PATIENCE)
    VISITORS.append(visitor)
    return visitor.new_page()


def settled(page: Page) -> Page:
    """The page once its script has run and every grid and chart of it is there: until then the others are counted wrongly and still move."""
    _drawn(page)
    page.wait_for_timeout(250)
    _drawn(page)
    return page


def _drawn(page: Page) -> None:
    page.wait_for_selector(READY)
    page.wait_for_selector(PLACEHOLDER, state="detached")


def opened(page: Page, address: str) -> Page:
    """The page at an address."""
    page.goto(address)
    return settled(page)


MINOR = ("minor", None)
"""Findings of axe-core that are none of the person's trouble: the framework's own empty header over row numbers, for one."""


def unreadable(page: Page) -> list[str]:
    """What axe-core finds on the page by the rules of WCAG 2.2 A and AA and of good practice, of moderate weight or more: rule, and where it is broken."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": [*WCAG, "best-practice"]}}).response["violations"]
    weighty = [rule for rule in found if rule["impact"] not in MINOR]
    return [f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:200]}" for rule in weighty for node in rule["nodes"]]


def press(page: Page, name: str) -> Page:
    """The page after a button was pressed."""
    page.get_by_role("button", name=name, exact=False).first.click()
    return settled(page)


def visit(page: Page, name: str) -> Page:
    """The page of that title, after a click on its entry of the navigation.

    Until the server has answered the click, the page before is still shown, and its script has run. The title of the browser's tab is written by the
    script of the page that was asked for: once it is there, that script is the one whose end is waited for.
    """
    page.get_by_test_id("stTopNavLink").filter(has_text=re.compile(f"{name}$")).first.click()
    page.wait_for_function("title => document.title.startsWith(title)", arg=f"{name} ·")
    return settled(page)


def at_rest(page: Page, element: Locator) -> dict:
    """Where an element stands (x, y, width, height) once it has stood there for a moment."""
    before, now = None, element.bounding_box()
    while now is None or now != before:
        page.wait_for_timeout(150)
        before, now = now, element.bounding_box()
    return now


def grid_focused(page: Page, grid: Locator, x: float, y: float) -> None:
    """Click into a grid, so many pixels from its left and top, until it has the keyboard: one that was just drawn takes it a moment later.

    It is clicked where it stands still, because a click on a grid that moves meets something else. A second click on a cell opens it to be typed into:
    that is left again by Escape, which gives the keyboard to the grid.
    """

    focused = "document.activeElement.getAttribute('role') === 'gridcell'"
    for _ in range(200):
        box = at_rest(page, grid)
        page.mouse.click(box["x"] + x, box["y"] + y)
        page.wait_for_timeout(300)
        if page.evaluate("['INPUT', 'TEXTAREA'].includes(document.activeElement.tagName)"):
            page.keyboard.press("Escape")
            page.wait_for_timeout(300)
        if page.evaluate(focused):
            return
    raise AssertionError("the grid does not take the keyboard")


def type_into_cell(page: Page, value: str, end: str = "Enter") -> None:
    """Type over the cell of a grid that has the keyboard, and leave it by a key."""
    page.keyboard.press("Enter")
    page.wait_for_function("['INPUT', 'TEXTAREA'].includes(document.activeElement.tagName)")
    page.keyboard.press("Control+a")
    page.keyboard.type(value, delay=60)
    page.keyboard.press(end)


def wait_for_plan(page: Page) -> Page:
    """The page once it shows a plan. The list of works tells the cost of each as text, the page of a plan as a figure."""
    page.get_by_test_id("stMetric").filter(has_text="Total expected cost").first.wait_for(timeout=2 * PATIENCE)
    return settled(page)
