"""What holds for every test: works are kept in a folder of the test's own, never in the user's; one test more than there are cores at a time."""

from __future__ import annotations

import os

import pytest


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many tests run at a time: those of the browser wait for it half of their time, which leaves a core to another test."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """The folder in which this test's works are kept, also by the programs that it starts."""
    folder = tmp_path / "home"
    monkeypatch.setenv("OPTIMIZER_HOME", str(folder))
    return folder
