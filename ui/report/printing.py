"""A report as PDF, printed by the Chrome, Edge or Chromium of this computer through Playwright, so that it is the page that the browser shows.

This module alone knows Playwright, which the extra `report` installs.
"""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from ui.words import reports as words

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge", "microsoft-edge-stable")
"""The names of browsers that print, as they stand on the path."""
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
    "C:/Program Files/Microsoft/Edge/Application/msedge.exe",
)
"""Where macOS and Windows have them."""
_FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
_PATIENCE = 120_000
"""Milliseconds that printing may take."""


class NotPrintedError(Exception):
    """A page could not be printed; the words say why."""


def installed() -> bool:
    """Return whether the package that drives the browser is there."""
    return find_spec("playwright") is not None


@cache
def browser() -> str:
    """Return the browser that prints, "" where there is none."""
    named = (path for name in BROWSERS if (path := shutil.which(name)))
    return next(iter([*named, *(place for place in _PLACES if Path(place).exists())]), "")


def pdf(html: str) -> bytes:
    """Print a page on A4. NotPrintedError: no Chrome, Edge or Chromium is found, or it did not print."""
    if not browser():
        raise NotPrintedError(words.NO_BROWSER)
    # In a thread of its own: Playwright's plain interface refuses to run where an event loop does, as in the app.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_printed, html).result()


def _printed(html: str) -> bytes:
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as driver:
            started = driver.chromium.launch(executable_path=browser(), args=_FLAGS, timeout=_PATIENCE)
            try:
                page = started.new_page(java_script_enabled=False, offline=True)
                page.set_content(html, timeout=_PATIENCE)
                return page.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
            finally:
                started.close()
    except Error as error:
        raise NotPrintedError(words.not_printed(browser(), str(error).splitlines()[0])) from error
