"""What reports are made of: sections of sentences and tables, from a plan and from the studies that were made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from optimizer.plan.plan import Plan
from optimizer.schema.tables import Output

Found = Mapping[str, pd.DataFrame]
"""The tables of the studies that were made of a plan, by name."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a report.

    lines: its sentences. tables: each declaration with its rows, which may be none. chart: the name of what is drawn in it, "" for nothing.
    empty: what is said where it has neither sentences nor rows.
    """

    title: str
    lines: list[str] = field(default_factory=list)
    tables: list[tuple[Output, pd.DataFrame]] = field(default_factory=list)
    chart: str = ""
    empty: str = "There is nothing to tell."


@dataclass(frozen=True, slots=True)
class Report:
    """A report of a plan, declared once.

    meaning: a sentence on what it is for. needs: the studies without which a part of it is missing; better_with: those that take longer and say more,
    both by name. sections: what makes it.
    """

    name: str
    title: str
    meaning: str
    needs: tuple[str, ...]
    better_with: tuple[str, ...]
    sections: Callable[[Plan, Found], list[Section]]
