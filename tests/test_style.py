"""Style, format and types: what ruff and mypy say of the whole project, beside the other tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("words", (("mypy",), ("ruff", "check", "."), ("ruff", "format", "--check", ".")), ids=" ".join)
def test_nothing_is_found(words):
    """The tool ends without a finding; what it found is in the message."""
    done = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
