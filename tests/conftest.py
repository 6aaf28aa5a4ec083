"""What holds for every test: works are kept in a folder of the test's own, never in the user's."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """The folder in which this test's works are kept, also by the programs that it starts."""
    folder = tmp_path / "home"
    monkeypatch.setenv("OPTIMIZER_HOME", str(folder))
    return folder
