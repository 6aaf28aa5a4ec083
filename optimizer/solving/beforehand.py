"""What the workbook decides beforehand, as rows that may give way: contracts whose quantity is fixed, projects that start in any case, or never.

A fixed contract gives by being larger, or smaller. A project gives by being left to the plan. One that never starts is in no program of its case;
that of the case in which it is open holds it, and a row of its own forbids it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.case import Project
from optimizer.model.arrays import Arrays
from optimizer.model.stamp import rows_of
from optimizer.solving.built import Built, build
from optimizer.solving.suspects import OPEN, Suspect
from optimizer.solving.watch import Watch

NEVER = "never"
"""What stands in the column `decided` of a project that must not start."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that is made beforehand, and may give way: by a slack in one row of the elastic program.

    row: of the arrays; effect: the coefficient of the slack there, in the solver's units.
    """

    suspect: Suspect
    row: int
    effect: float


def opened(built: Built, watch: Watch) -> tuple[Built, frozenset[str]]:
    """Return the program in which projects that never start may do so, and the names of these; the same program where there are none.

    Raises what `build` does.
    """
    never = frozenset(row.project for row in built.case.projects if row.decided == NEVER)
    if not never:
        return built, never
    projects = tuple(replace(row, decided=OPEN) if row.project in never else row for row in built.case.projects)
    return build(replace(built.case, projects=projects), watch, built.drop, tree=built.tree), never


def decided(built: Built, never: frozenset[str]) -> list[Decided]:
    """List what is decided beforehand in a program that `opened` has returned. The rows of `never` stand behind the program's, as `forbidden` adds them."""
    found = [*_contracts(built), *_starting(built)]
    return found + [_project(built, name, "decided never to start", NEVER, built.program.rows + k, -1.0) for k, name in enumerate(_those(built, never))]


def forbidden(built: Built, never: frozenset[str], arrays: Arrays) -> Arrays:
    """Return the arrays of a program that `opened` has returned with a row for each project of `never`, by which it does not start."""
    names, scale = _those(built, never), built.scales.column
    row_of = {name: arrays.rows + k for k, name in enumerate(names)}
    entries = []
    for family in ("start", "start_if"):
        columns = built.columns(family)
        mine = columns[np.array([name in never for name in columns.project], dtype=bool)]
        entries.append((np.array([row_of[name] for name in mine.project], dtype=np.int64), mine.number, scale[mine.number]))
    return arrays.with_rows(len(names), upper=0.0, entries=entries)


def _those(built: Built, never: frozenset[str]) -> list[str]:
    return [row.project for row in built.case.projects if row.project in never]


def _contracts(built: Built) -> list[Decided]:
    """List the contracts whose quantity is fixed, each in the directions in which it can give."""
    rows, found = rows_of(built.template, built.program, "contract_fixed"), []
    for number, s in zip(rows.number.tolist(), rows.offer.tolist()):
        offer, most = built.data.offers[s], built.data.largest_capacity[s]
        fixed, unit = float(offer.fixed_contract or 0.0), f"{built.data.materials[offer.material].unit} per year"
        what = f"the contract of {offer.name}, fixed at {fixed:,.10g} {unit},"
        for sign, room in ((1, most - fixed), (-1, fixed)):
            if room > 0:
                scale = float(built.scales.row[number])
                suspect = Suspect("Suppliers", offer.row, "fixed_contract", what, unit, fixed, sign, room, share=False, scale=scale, beforehand=True)
                found.append(Decided(suspect, number, float(-sign)))
    return found


def _starting(built: Built) -> list[Decided]:
    """List the projects that are decided to start."""
    rows = rows_of(built.template, built.program, "decided_start")
    return [_project(built, name, "decided to start", "start", number, 1.0) for number, name in zip(rows.number.tolist(), rows.project.tolist())]


def _project(built: Built, name: str, words: str, word: str, row: int, effect: float) -> Decided:
    """Describe a decision on a project. effect: in a row that counts its starts, and lets the slack take one."""
    record: Project = built.data.projects[name]
    scale = built.scales.row[row] if row < built.program.rows else 1.0
    what = f"the project {name}, {words},"
    suspect = Suspect("Projects", record.row, "decided", what, "", 0.0, 1, 1.0, share=False, scale=1.0, beforehand=True, word=word)
    return Decided(suspect, row, effect / float(scale))
