"""Last year's plan kept: every year the orders of the year before, whatever has happened since.

A workbook does not hold last year's plan, as what was ordered then has arrived or is an open order. So the first year of the horizon stands for it: what
the plan orders then on its reference path, from each offer, on the spot market and under contract, is ordered again in the same part of every later
year, as far as it can be served and would arrive within the horizon. A buyer who keeps to that needs no more than what these orders need: the contracts of
the plan from which something is called off in the first year, at the plan's size, and the projects of the plan that are ready in it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.model.arrays import Arrays
from optimizer.plan.quantities import Quantities
from optimizer.solving.built import Built
from optimizer.solving.solution import Solution
from optimizer.studies.naive_plans import miss_cost

FAMILIES = ("spot", "call_off", "filed")
"""The families of columns that are orders. What an offer ships some time after the order follows from what was filed."""


@dataclass(frozen=True)
class FirstYear:
    """What a plan orders in its first year. quantity: (family, offer) -> (periods of a year,) units, of all origins; those of nothing are left out.

    contracts: positions of the offers whose contracts are called off. projects: those that are ready within the year.
    """

    quantity: dict[tuple[str, int], np.ndarray]
    contracts: frozenset[int]
    projects: frozenset[str]

    @classmethod
    def of(cls, solution: Solution) -> FirstYear | None:
        """Return the first year of a plan; None where its horizon is no longer than a year, so that nothing is repeated."""
        built, seen = solution.built, Quantities(solution)
        assert solution.x is not None
        year = max(1, round(1 / built.data.years))
        if len(built.data.periods) <= year:
            return None
        nodes, ordered = list(built.tree.reference[:year]), dict[tuple[str, int], np.ndarray]()
        for family in FAMILIES:
            for index, at_node in built.by_index(family, solution.x).items():
                s = index[0]
                if built.data.offers[s].ships_later == (family == "filed"):
                    ordered[family, s] = ordered.get((family, s), np.zeros(year)) + at_node[nodes]
        least = {s: seen.least[offer.material] for s, offer in enumerate(built.data.offers)}
        ordered = {key: quantity for key, quantity in ordered.items() if quantity.sum() > least[key[1]]}
        called = frozenset(s for family, s in ordered if family in ("call_off", "filed") and solution.decisions and solution.decisions.contract.get(s, 0) > 0)
        starts = solution.decisions.start if solution.decisions else {}
        ready = frozenset(j for j, start in starts.items() if start is not None and start + built.data.project_lead(j) < year)
        return cls(ordered, called, ready)

    def signed(self, built: Built, known: np.ndarray) -> np.ndarray:
        """Return decisions by column of the template without the contracts and projects that the first year's orders do not need."""
        kept = known.copy()
        for column, (family, index) in enumerate(built.template.columns):
            if family.name in ("contract", "signed") and index[0] not in self.contracts:
                kept[column] = 0.0
            if family.name in ("start", "start_if") and index[0] not in self.projects:
                kept[column] = 0.0
        return kept

    def repeated(self, built: Built, arrays: Arrays, now: int) -> Arrays:
        """Return the program from period `now` on in which each order is that of the first year, as far as it can be served.

        What is missing of an order is dearer than any purchase, and its cost is none of the plan's.
        """
        tree, settings = built.tree, built.case.settings
        averse = 1 + (settings.risk_weight / (1 - settings.cvar_level) if settings.cvar_level < 1 else 0.0)
        upper = arrays.upper.copy()
        for family in FAMILIES:
            columns = built.columns(family)
            mine = np.array([n >= now and built.data.offers[s].ships_later == (family == "filed") for n, s in zip(columns.node, columns.offer)], dtype=bool)
            asked = np.array([self._asked(built, family, s, n) for s, n in zip(columns.offer[mine], columns.node[mine])])
            upper[columns.number[mine][asked <= 0]] = 0.0
            for s in dict.fromkeys(columns.offer[mine][asked > 0].tolist()):
                own = columns[mine][(asked > 0) & (columns.offer[mine] == s)]
                nodes, place = np.unique(own.node, return_inverse=True)
                size = float(built.scales.column[own.number].max())
                wanted = np.array([self._asked(built, family, s, int(n)) for n in nodes]) / size
                miss = averse * miss_cost(built, built.data.offers[s].material) * size / built.scales.money
                arrays = arrays.with_columns(len(nodes), cost=miss * tree.probability[nodes])
                ordered = (arrays.rows + place, own.number, built.scales.column[own.number] / size)
                missing = (arrays.rows + np.arange(len(nodes)), arrays.columns - len(nodes) + np.arange(len(nodes)), 1.0)
                arrays = arrays.with_rows(len(nodes), lower=wanted, upper=wanted, entries=[ordered, missing])
        return replace(arrays, upper=np.concatenate([upper, arrays.upper[len(upper) :]]))

    def _asked(self, built: Built, family: str, s: int, node: int) -> float:
        """Return what is ordered of an offer at a node: nothing that would arrive after the horizon."""
        t, quantity = int(built.tree.period[node]), self.quantity.get((family, s))
        if quantity is None or t + built.data.lead(s, built.tree.regimes[built.tree.regime[node]]) >= len(built.data.periods):
            return 0.0
        return float(quantity[t % len(quantity)])
