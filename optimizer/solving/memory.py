"""What a solve leaves behind for the next one, of a case that differs in a budget, a limit, a price or a setting.

A decomposition leaves its workers with their blocks and bases, its best point, and the cuts that still hold: a cut is a dual answer
of its block, which a moved bound of a row moves but does not make wrong. A program in one piece leaves its plan and its basis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.executors import Executor
from optimizer.solving.extensive import Built
from optimizer.solving.highs import Solver


@dataclass
class Memory:
    """Kept between solves by whoever asks what-if; close() lets its workers go. executor: None for processes of this machine."""

    executor: Executor | None = None
    benders: object | None = None
    built: Built | None = None
    x: np.ndarray | None = None
    basis: object | None = None

    def fits(self, built: Built) -> bool:
        """Whether the last program had the same columns and rows as this one."""
        return self.built is not None and alike(self.built, built)

    def remember(self, built: Built, x: np.ndarray | None, basis=None) -> None:
        """Keep a plan of a program in one piece, in its own units, and the solver's basis."""
        self.built, self.x, self.basis = built, x, basis

    def help(self, solver: Solver, built: Built) -> None:
        """Start the solver from what is known."""
        if not self.fits(built) or self.x is None:
            return
        if solver.arrays.integer.any():
            solver.start_from(self.x / built.scales.column)
        elif self.basis is not None:
            solver.highs.setBasis(self.basis)

    def forget(self) -> None:
        """Let go of a decomposition and its blocks."""
        if self.benders is not None:
            self.benders.close()
            self.benders = None

    def close(self) -> None:
        self.forget()
        self.built = self.x = self.basis = None


def alike(one: Built, other: Built) -> bool:
    """Whether two programs have the same columns and rows on the same tree."""
    a, b = one.tree, other.tree
    same = a.regimes == b.regimes and a.reference == b.reference and np.array_equal(a.parent, b.parent) and np.array_equal(a.regime, b.regime)
    return (
        same
        and one.template.columns == other.template.columns
        and one.template.rows == other.template.rows
        and (one.risk is None) == (other.risk is None)
        and np.array_equal(one.program.column_template, other.program.column_template)
        and np.array_equal(one.program.row_template, other.program.row_template)
    )
