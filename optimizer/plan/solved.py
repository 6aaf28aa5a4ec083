"""A solved case: its figures and result tables, from which all words about a plan are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from optimizer.case import Case
from optimizer.errors import Level, Problem
from optimizer.intake.files.sources import RawSheet
from optimizer.plan.status import ResultStatus
from optimizer.schema.costs import OUTLAYS
from optimizer.solving.outcome import relative_gap
from optimizer.solving.solution import Solution

BROKEN = "Broken rule"
"""Stands in place of a sheet where a warning tells which of the workbook's own rules a naive plan breaks."""


MANY_SMALL_ORDERS = 0.01
"""The share of an offer's orders below its minimum from which on a plan warns of them."""


@dataclass(frozen=True)
class SolvedCase:
    """The figures and tables of a solved case.

    status: optimal or feasible. objective, bound, expected_cost, cvar: in the case's currency, discounted; of
    the horizon alone but for objective and bound. tail_expected_cost, tail_cvar: of what is planned for beyond it. unavoidable_shortage: the part of
    probability_of_shortage that no decision can avoid, NaN where there was no time to tell, see plan/unavoidable.py. tables: name -> tidy
    DataFrame, as OUTPUTS of schema/results.py declares it. warnings: what is suspicious in the workbook. broken_rules: a sentence for each
    rule of the workbook that a naive plan breaks. sheets: the input. solution: the solver's own arrays, None in a plan that was read back.
    """

    case: Case
    status: ResultStatus
    objective: float
    bound: float
    expected_cost: float
    cvar: float
    probability_of_shortage: float
    unavoidable_shortage: float
    tables: dict[str, pd.DataFrame]
    provenance: dict[str, Any]
    warnings: tuple[Problem, ...] = ()
    broken_rules: tuple[str, ...] = ()
    sheets: tuple[RawSheet, ...] = ()
    solution: Solution | None = field(default=None, repr=False, compare=False)
    tail_expected_cost: float = 0.0
    tail_cvar: float = 0.0

    @property
    def gap(self) -> float:
        """Return the distance of the objective from the bound, relative to the objective."""
        return relative_gap(self.objective, self.bound)

    @property
    def all_warnings(self) -> tuple[Problem, ...]:
        """Return what is suspicious in the workbook, each of its rules that the plan breaks, and orders that are too small, in one list."""
        broken = (Problem(BROKEN, "", rule, level=Level.WARNING) for rule in self.broken_rules)
        return (*self.warnings, *broken, *self._too_small())

    def _too_small(self) -> Iterator[Problem]:
        """Warn of the offers whose minimum order, which binds on the reference path alone, many orders of other futures do not reach."""
        rows = {(offer.supplier, offer.material, offer.offer): offer for offer in self.case.offers}
        for small in self.tables["small_orders"].itertuples():
            if small.below_minimum > MANY_SMALL_ORDERS:
                offer = rows[small.supplier, small.material, small.offer]
                message = (
                    f"{100 * small.below_minimum:.0f}% of the orders from {offer.name} off the reference path are below its minimum order, "
                    "which binds on the reference path alone."
                )
                yield Problem("Suppliers", f"row {offer.row}", message, level=Level.WARNING)

    @property
    def expected_cash(self) -> float:
        """Return the mean over all futures of what is paid, discounted."""
        return self._expected(*OUTLAYS)

    @property
    def shortage_losses(self) -> float:
        """Return the mean over all futures of what the demand that is not met costs, discounted. Nobody pays it in cash."""
        return self._expected("shortage")

    def _expected(self, *parts: str) -> float:
        costs = self.tables["costs"]
        return float(costs.loc[costs["part"].isin(parts), "expected"].sum())
