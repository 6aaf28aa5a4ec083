"""What holds for every test: works are kept in a folder of the test's own, never in the user's; how tests are shared out among the cores."""

from __future__ import annotations

import gc
import os
import sys
from itertools import count

import pytest

from optimizer.executors import one_thread

one_thread(os.environ)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many tests run at a time: one more than there are cores, because a test of the browser often waits."""
    return (os.cpu_count() or 1) + 1


LONGEST = (
    "test_app_browser.py",
    "test_style.py",
    "test_sample_variants.py",
    "test_stamp.py",
    "test_decomposition_large.py",
    "test_benders.py",
    "test_studies_browser.py",
    "test_regret.py",
    "test_replications.py",
    "test_grid_browser.py",
    "test_whatif_solves.py",
    "test_cli.py",
    "test_charts.py",
    "test_app_data.py",
    "test_app_pages.py",
    "test_app_library.py",
    "test_value.py",
    "test_importing_browser.py",
    "test_backtest.py",
    "test_stress.py",
    "test_horizon.py",
    "test_worth.py",
    "test_numbers.py",
    "test_samples.py",
    "test_degenerate.py",
)
"""The files that take longest, in the order in which they are begun: a long one that was begun last would run alone. Between two files of the
browser's tests stand some that compute, because two of them at a time leave half of the machine idle."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest; a worker takes a whole file."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


def pytest_collection_finish():
    """Leave what collecting has made, which stays to the end, out of every search for garbage: it is most of what there is to look through."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def shared_plans(tmp_path_factory, worker_id):
    """Tell plans.py the folder, one for all workers, of the plans that many files look at."""
    own = tmp_path_factory.getbasetemp()
    os.environ["SHARED_PLANS"] = str(own if worker_id == "master" else own.parent)


NUMBER = count()


@pytest.fixture(scope="session")
def homes(tmp_path_factory):
    """The folder of the folders of this worker's tests."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def home(homes, monkeypatch):
    """The folder, not there yet, in which this test's works are kept, also by the programs that it starts.

    It is no part of the test's tmp_path: of the thousands of tests few write anything, and each tmp_path is made by a look through all earlier ones.
    """
    folder = homes / str(next(NUMBER))
    monkeypatch.setenv("OPTIMIZER_HOME", str(folder))
    # Plans are not checked on unseen futures behind other tests, which takes both cores for minutes.
    monkeypatch.setenv("OPTIMIZER_CHECK", "off")
    return folder


@pytest.fixture(autouse=True)
def visitors_leave():
    """Close the pages that a test has opened, which would go on asking their server; those of a whole file stay."""
    visitors = getattr(sys.modules.get("browser"), "VISITORS", [])
    stay = list(visitors)
    yield
    for visitor in [visitor for visitor in visitors if visitor not in stay]:
        visitor.close()
        visitors.remove(visitor)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    """Solve the parts of a tree in the test's own process, because the cores are busy with other tests. A program that a test starts does as usual."""
    monkeypatch.setattr("optimizer.solving.benders.WORTH_PROCESSES", float("inf"))
