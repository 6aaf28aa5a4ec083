"""Everything that can go wrong, as one tree.

OptimizerError
├── WorkbookError      the input cannot be read as a case; carries every problem        exit status 2
├── InfeasibleError    no plan satisfies the limits; carries the conflicts              exit status 3
├── NoPlanError        stopped before any plan was found                                exit status 4
├── NotWrittenError    a plan was found and could not be written where it should go    exit status 5
├── ClusterError       the Dask cluster that was named cannot do the work               exit status 2
└── InternalError      a promise of ours is broken; never the planner's fault
    ├── AuditError     a plan does not agree with its case
    └── SolverError    the solver refused or mangled the program
        └── NumericalError   it lost its way on a part of one that was cut up, which goes back to one piece

>>> try:
...     optimizer.solve("sample_inputs/tutorial.xlsx", {"risk_weight": 30})
... except optimizer.errors.WorkbookError as error:
...     [problem.where for problem in error.problems]
['--set']
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

_PLACE = re.compile(r"(?:row )?([A-Z]*)([0-9]*)")


class Level(StrEnum):
    """Say whether a problem stops the reading of a workbook or only looks suspicious."""

    ERROR = "error"
    WARNING = "warning"


# -- repairs ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Repair:
    """Describe one change that may put a problem right. words: what the change does, as the planner reads it on a button."""

    words: str


@dataclass(frozen=True, slots=True)
class SetCells(Repair):
    """Give cells of the problem's sheet another value. cells: (row, column, value), both counted from 1; the value None blanks the cell."""

    cells: tuple[tuple[int, int, Any], ...]


@dataclass(frozen=True, slots=True)
class AddColumn(Repair):
    """Add a column with this header to the problem's sheet. cells: (row counted from 1, value) to fill in below the header."""

    header: str
    cells: tuple[tuple[int, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class AddSheet(Repair):
    """Add the sheet of the schema of this name, with its headers."""

    name: str


@dataclass(frozen=True, slots=True)
class RenameSheet(Repair):
    """Give a sheet of the file another name. replaces: the name of a sheet without rows that goes, because the renamed sheet takes its place."""

    old: str
    new: str
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class AddRow(Repair):
    """Add a row to the problem's sheet. cells: (column counted from 1, value)."""

    cells: tuple[tuple[int, Any], ...]


@dataclass(frozen=True, slots=True)
class ClearRows(Repair):
    """Blank every cell of these rows of the problem's sheet. rows: counted from 1."""

    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SetSetting(Repair):
    """Give a setting this value, in its own row of the settings sheet or in a new one."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class UseOneName(Repair):
    """Write one spelling of a name wherever the workbook has another. columns: the "Sheet.column" that define such names."""

    columns: tuple[str, ...]
    old: str
    new: str


# -- problems --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    """Describe one thing that is wrong or suspicious in a workbook.

    sheet and cell say where it is; cell may be "" for a whole sheet, or "row 7". message is the whole sentence; found, expected and fix are
    its parts. They are written for people, and no code reads them: what code may do about a problem stands in `repairs`, made where the
    fault is found. Each repair keeps unit, sense and data, or its words say what it would change.
    """

    sheet: str
    cell: str
    message: str
    found: str = ""
    expected: str = ""
    fix: str = ""
    level: Level = Level.ERROR
    repairs: tuple[Repair, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "level", Level(self.level))

    @property
    def row(self) -> int:
        """Return the number of the row that the problem stands in; 0 where it concerns a whole sheet."""
        return int(self._place()[1] or 0)

    @property
    def column(self) -> int:
        """Return the number of the column that the problem stands in, counted from 1; 0 where it concerns a whole row or sheet."""
        number = 0
        for letter in self._place()[0]:
            number = 26 * number + ord(letter) - ord("A") + 1
        return number

    def _place(self) -> tuple[str, str]:
        """Return the letters and digits of the cell."""
        found = _PLACE.fullmatch(self.cell)
        return (found[1], found[2]) if found else ("", "")

    def record(self) -> dict[str, str]:
        """Return the problem as plain texts by field, without its repairs."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "repairs"}

    @property
    def where(self) -> str:
        """Return sheet and cell as one text, such as Suppliers!D4."""
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


@dataclass(frozen=True, slots=True)
class Conflict:
    """One cell of the workbook that takes part in a clash of limits: a number, or the word that decides on a project beforehand.

    column, value: where it stands on its row, and what it is; to: what it has to be at least, or at most, so that it gives `give`, in
    `unit`. A word gives whole: to is the word in its place, and give 1.

    With enough=False the time was over: give is then the least that can do, and None where not even that is known.
    clash: number of the clash. Of each clash one row has to give.
    """

    sheet: str
    row: int
    what: str
    give: float | None
    unit: str
    clash: int = 1
    column: str = ""
    value: float | str | None = None
    to: float | str | None = None
    enough: bool = True

    @property
    def gives(self) -> str:
        """Return in words by how much it has to give, and what it then is."""
        if isinstance(self.to, str):
            return f"way ({self.to} in place of {self.value})"
        if self.give is None:
            return "by an amount that is not known yet"
        amount = f"{self.give:,.6g} {self.unit}".rstrip()
        least = "" if self.enough else "at least "
        return f"{least}{amount}" if self.to is None else f"{least}{amount} ({self.to:,.12g} in place of {self.value:,.12g})"

    def __str__(self) -> str:
        return f"{self.sheet}, row {self.row}: {self.what} would have to give {self.gives}"


class OptimizerError(Exception):
    """Base of all errors that this package raises on purpose."""

    @property
    def brief(self) -> str:
        """Say in one line what went wrong."""
        return _one_line([str(self)])


def _one_line(sentences: Iterable[str]) -> str:
    return " ".join(" ".join(sentences).split())


class WorkbookError(OptimizerError):
    """The input is not a case. problems: every error found, each with its place; warnings: what was suspicious besides.

    report: what was read all the same, as Reading.report; None where no sheet could be.
    """

    def __init__(self, problems: Iterable[Problem], warnings: Iterable[Problem] = (), source: str = "", report: Any = None) -> None:
        self.problems = tuple(problems)
        self.warnings = tuple(warnings)
        self.source = source
        self.report = report
        count = len(self.problems)
        head = f"{source or 'The workbook'}: {count} problem{'s' if count != 1 else ''}"
        super().__init__("\n".join([head, *(f"  {problem}" for problem in self.problems)]))

    @property
    def brief(self) -> str:
        """Say in one line what is wrong first, and how many problems there are besides."""
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        return _one_line([f"{self.problems[0]}{more}"]) if self.problems else super().brief

    def __reduce__(self) -> tuple[Any, ...]:
        return WorkbookError, (self.problems, self.warnings, self.source, self.report)


class InfeasibleError(OptimizerError):
    """No plan satisfies all limits. conflicts: what has to give, and by how much; of each clash one row.

    finished: whether what is enough was known when the time was over, or it was stopped by hand.
    """

    def __init__(self, conflicts: Iterable[Conflict], finished: bool = True) -> None:
        self.conflicts, self.finished = tuple(conflicts), finished
        clashes = [[c for c in self.conflicts if c.clash == number] for number in sorted({c.clash for c in self.conflicts})]
        lines = ["No plan satisfies all limits."]
        alone = [clash[0] for clash in clashes if len(clash) == 1]
        if alone:
            lines.append("It is enough that this one gives way:" if len(alone) == 1 else "All of these have to give way:")
            lines += [f"  {conflict}" for conflict in alone]
        for clash in clashes:
            if len(clash) > 1:
                lines.append(f"These clash{', too' * (len(lines) > 1)}; it is enough that one of them gives way:")
                lines += [f"  {conflict}" for conflict in clash]
        if not finished:
            lines.append("The search ended before it was known which change is enough. Allow more time (time_limit_seconds), or fewer futures.")
        elif not self.conflicts:
            lines.append(
                "Loosening limits, budgets, fill rates, capacities or decisions made beforehand does not help; look at project dates and minimum contracts."
            )
        self._reasons = lines[1:]
        super().__init__("\n".join(lines))

    @property
    def brief(self) -> str:
        """Say in one line what has to give first."""
        return _one_line(self._reasons[:2])

    def __reduce__(self) -> tuple[Any, ...]:
        return InfeasibleError, (self.conflicts, self.finished)


class NoPlanError(OptimizerError):
    """Stopped before any plan was found, or a plan that cannot be studied."""


class NotWrittenError(OptimizerError):
    """A plan was found and could not be written. path: where it should go; reason: why not; kept: the file or folder in which it is, "" if none."""

    def __init__(self, path: str, reason: str, kept: str = "") -> None:
        self.path, self.reason, self.kept = path, reason, kept
        where = f"It is kept: {kept}" if kept else "It could not be kept in the data folder either."
        super().__init__(f"The plan could not be written to {path}: {reason}.\n{where}")

    def __reduce__(self) -> tuple[Any, ...]:
        return NotWrittenError, (self.path, self.reason, self.kept)


class ClusterError(OptimizerError):
    """The Dask cluster that was named cannot be reached, or cannot do the work; the message says why."""


class InternalError(OptimizerError):
    """A promise of ours is broken."""


class AuditError(InternalError):
    """A plan does not agree with its case. findings: one sentence each."""

    def __init__(self, findings: Iterable[str]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(["The plan failed its audit and is not shown.", *(f"  {finding}" for finding in self.findings)]))

    @property
    def brief(self) -> str:
        """Say in one line the first two of the findings."""
        return _one_line(self.findings[:2])

    def __reduce__(self) -> tuple[Any, ...]:
        return AuditError, (self.findings,)


class SolverError(InternalError):
    """The solver refused or mangled the program."""


class NumericalError(SolverError):
    """The solver lost its way, from a warm start and from scratch alike, on a part of a program that was cut up."""
