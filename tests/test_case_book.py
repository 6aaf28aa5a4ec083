"""A benchmark's instance, written as a workbook, is read as the same case."""

from __future__ import annotations

import re

import pytest

import optimizer
from benchmarks.case_book import write_case
from benchmarks.features import every_feature
from benchmarks.instances import instance


@pytest.mark.parametrize("made", [instance(1, 50, projects=True, materials=3, quarters=8), every_feature(1, 50)], ids=["plain", "every feature"])
def test_a_case_that_is_written_as_a_workbook_is_read_as_the_same_case(made, tmp_path):
    """Every record of every sheet comes back, its numbers to the digits that a cell keeps."""
    write_case(tmp_path / "case.xlsx", made)
    read = optimizer.load(tmp_path / "case.xlsx").case
    for name in made.__dataclass_fields__:
        assert _told(getattr(read, name)) == _told(getattr(made, name)), name


def _told(records: object) -> str:
    """Return records in words, their numbers to the 15 digits that a cell keeps."""
    return re.sub(r"\d+\.\d+", lambda number: f"{float(number[0]):.15g}", repr(records))
