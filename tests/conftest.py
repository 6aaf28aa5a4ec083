"""What holds for every test: works are kept in a folder of the test's own, never in the user's; how tests are shared out among the cores."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from optimizer.model import cache


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many tests run at a time: those of the browser wait for it half of their time, which leaves a core to another test."""
    return (os.cpu_count() or 1) + 1


LONGEST = (
    "test_style.py",
    "test_app_browser.py",
    "test_grid_browser.py",
    "test_sample_variants.py",
    "test_stamp.py",
    "test_benders.py",
    "test_whatif_solves.py",
    "test_worth.py",
    "test_decomposition_large.py",
    "test_app_data.py",
    "test_samples.py",
    "test_charts.py",
    "test_numbers.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: a worker takes a whole file, and one begun last would run while the other workers have nothing to do."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def templates(tmp_path_factory, worker_id) -> Path:
    """The folder of compiled templates, one for all workers: many tests solve the same samples and the same random cases."""
    folder = tmp_path_factory.getbasetemp() / "templates" if worker_id == "master" else tmp_path_factory.getbasetemp().parent / "templates"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch, templates):
    """The folder in which this test's works are kept, also by the programs that it starts."""
    folder = tmp_path / "home"
    (folder / "cache").mkdir(parents=True)
    (folder / "cache" / "templates").symlink_to(templates)
    monkeypatch.setenv("OPTIMIZER_HOME", str(folder))
    monkeypatch.setattr(cache, "MOST_FILES", 100_000)
    return folder
