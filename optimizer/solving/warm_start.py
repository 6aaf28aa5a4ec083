"""What a solve leaves behind for the next one, of a case that differs in a budget, a limit, a price or a setting.

A program in one piece leaves its plan and its basis. A decomposition leaves its workers with their blocks and bases, its best point, and
the cuts that still hold: a cut is a dual answer of its block, which stays valid, moved, where a bound of a row moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from optimizer.executors import Executor
from optimizer.solving.built import Built, alike
from optimizer.solving.highs import Basis, Solver


class Closable(Protocol):
    """Something that holds workers until it is closed."""

    def close(self) -> None:
        """Let the workers go."""


@dataclass
class WarmStart:
    """Kept between solves by whoever asks what-if; close() lets its workers go. executor: None for processes of this machine.

    decomposition: the last one, of the program `built`. x, basis: the plan of the program in one piece, in its own units, and the solver's basis.
    """

    executor: Executor | None = None
    decomposition: Closable | None = None
    built: Built | None = None
    x: np.ndarray | None = None
    basis: Basis | None = None

    def fits(self, built: Built) -> bool:
        """Return whether the last program had the same columns and rows as this one."""
        return self.built is not None and alike(self.built, built)

    def remember(self, built: Built, x: np.ndarray | None, basis: Basis | None = None) -> None:
        """Keep the plan and the basis of a program."""
        self.built, self.x, self.basis = built, x, basis

    def apply(self, solver: Solver, built: Built) -> None:
        """Let the solver begin from what is known, if it fits."""
        if not self.fits(built) or self.x is None:
            return
        if solver.arrays.integer.any():
            solver.start_from(self.x / built.scales.column)
        elif self.basis is not None:
            solver.basis = self.basis

    def forget(self) -> None:
        """Let go of the decomposition and its blocks."""
        if self.decomposition is not None:
            self.decomposition.close()
            self.decomposition = None

    def close(self) -> None:
        """Let go of everything."""
        self.forget()
        self.built = self.x = self.basis = None
