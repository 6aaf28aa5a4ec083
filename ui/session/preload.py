"""The modules that the pages need, loaded while the first visitor reads the first page, and left out of the search for garbage.

After every run of a page, also of a part that asks twice a second how a solve goes, Streamlit looks through all objects of the server for garbage
(ScriptRunner._on_script_finished). Some 160,000 of them belong to modules and stay to the end: to look through them took longer than most runs.
"""

from __future__ import annotations

import gc
import logging
import pkgutil
import threading
from importlib import import_module

from streamlit import runtime

import ui

SCRIPTS = ("ui.app", "ui.app_pages", "ui.launch")
"""What is run, and not imported."""
BESIDES = ("optimizer.plan.record", "optimizer.report.plan_book")
"""Modules that are imported where they are used, because other programs than the app seldom need them."""

_begun = threading.Lock()
_done = threading.Event()


def begin() -> None:
    """Load the modules in a thread of its own, once for a server. Nothing happens without a server, as in tests of single pages."""
    if runtime.exists() and _begun.acquire(blocking=False):
        threading.Thread(target=_load, name="preload", daemon=True).start()


def wait() -> None:
    """Wait until what `begin` has begun is done: two threads that import the same modules at once may see them half made."""
    if _begun.locked():
        _done.wait()


def _load() -> None:
    try:
        for module in pkgutil.walk_packages(ui.__path__, "ui."):
            if not module.name.startswith(SCRIPTS):
                import_module(module.name)
        for name in BESIDES:
            import_module(name)
        gc.collect()
        gc.freeze()
    except ImportError:  # an extra is not installed: the page that needs it says so
        logging.getLogger("ui").exception("not all modules could be loaded")
    finally:
        _done.set()
