"""The quantities, shortages and outlays of one solution at the nodes of its tree, from which all result tables are made.

N counts the nodes of the tree. A quantity is in the material's unit; one that is negligible counts as nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Literal

import numpy as np

from optimizer.case import BudgetRow
from optimizer.model.limits import DAYS_PER_YEAR
from optimizer.plan.unavoidable import unavoidable_shortage
from optimizer.schema.costs import EVERYTHING, SPENDING, outlays_of
from optimizer.schema.results import AFTER_HORIZON
from optimizer.solving.scaling import material_scales
from optimizer.solving.solution import Solution
from optimizer.solving.watch import Watch

How = Literal["spot", "call_off"]
HOW: tuple[How, ...] = ("spot", "call_off")
"""The two ways to buy: on the spot market, and by calling off under a contract."""

NEGLIGIBLE = 1e-6
"""A quantity below this part of a material's typical period demand is shown as nothing; a shortage likewise."""


HORIZON, TAIL = 0, 1
"""The parts of the periods: the horizon, and what is planned for beyond it."""

SAME = 1e-9
"""Futures whose costs differ by no more than this share are equally bad."""


def total(parts: Iterable[np.ndarray], size: int) -> np.ndarray:
    """Add up arrays of one length; zeros where there is none."""
    result = np.zeros(size)
    for part in parts:
        result = result + part
    return result


def worst_weights(cost: np.ndarray, probability: np.ndarray, level: float) -> np.ndarray:
    """Return the weights, (L,), under which the mean of costs (L,) is their CVaR: of the worst 1 - level, those equally bad at its border in proportion."""
    order = np.argsort(-cost, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(probability[order])[:-1]])
    border = cost[order][max(0, int(np.searchsorted(before, 1 - level)) - 1)]
    tied = np.abs(cost - border) <= SAME * max(1.0, abs(float(border)))
    weight = np.where((cost > border) & ~tied, probability, 0.0)
    weight[tied] = probability[tied] * max(0.0, 1 - level - weight.sum()) / probability[tied].sum()
    result: np.ndarray = weight / weight.sum()
    return result


class Quantities:
    """What a solution buys, holds, misses and pays at each node. Rows stand in the order of the workbook's own rows.

    What is added up or listed by period is of the horizon alone, or of what is planned for beyond it alone: labels, reference, paths and `weight`, (N,) the
    probability of the nodes of these periods and 0 elsewhere, are those of the periods in `window`.
    """

    def __init__(self, solution: Solution, watch: Watch | None = None, part: int | None = HORIZON) -> None:
        """Take a solution that has decisions; ValueError for another. watch: what takes long is left out once its time is over.

        part: of which periods is told: HORIZON, TAIL, which the case must have, or all together (None).
        """
        if solution.decisions is None or solution.term_cost is None:
            raise ValueError("There is no plan to show: the solution has no decisions.")
        built, self.watch = solution.built, watch
        self.solution, self.case, self.data, self.tree = solution, built.case, built.data, built.tree
        self.decisions, self.term_cost = solution.decisions, solution.term_cost
        self.window = range(self.tree.periods) if part is None else self.case.calendar.parts[part]
        self.labels = tuple(self.case.calendar.label(t) for t in self.window)
        self.futures = self.tree.scenarios
        self.whole_reference = np.array(self.tree.reference)
        self.whole_paths = self.tree.ancestors()[[future.leaf for future in self.futures]]
        self.reference, self.paths = self.whole_reference[self.window.start : self.window.stop], self.whole_paths[:, self.window.start : self.window.stop]
        self.inside = np.isin(self.tree.period, self.window)
        self.weight = np.where(self.inside, self.tree.probability, 0.0)
        self.unit = {m.material: m.unit for m in self.case.materials}
        self.least = {g: 10 * scale * NEGLIGIBLE for g, scale in material_scales(self.data).items()}
        self.materials = sorted(self.case.materials, key=lambda m: m.row)
        self.offers = sorted(range(len(self.case.offers)), key=lambda s: self.case.offers[s].row)

    @property
    def path_cost(self) -> np.ndarray:
        """Return the (N,) cost of the path from the root to each node; ValueError for a solution that lacks it."""
        if self.solution.path_cost is None:
            raise ValueError("The solution does not say what each path costs.")
        return self.solution.path_cost

    def label(self, t: int) -> str:
        """Return the label of a period, counted from the first of all; that it lies after the window where it does."""
        return self.case.calendar.label(t) if t < self.window.stop else AFTER_HORIZON

    def offer_keys(self, s: int) -> dict[str, str]:
        offer = self.case.offers[s]
        return {"supplier": offer.supplier, "material": offer.material, "offer": offer.offer}

    def _shown(self, values: np.ndarray, material: str) -> np.ndarray:
        """Replace what is negligible by nothing."""
        return np.where(np.abs(values) < self.least[material], 0.0, values)

    def bought(self, s: int, b: str, how: How) -> np.ndarray:
        """Return the (N,) quantity of an offer and origin bought by `how`."""
        found = (self.decisions.spot if how == "spot" else self.decisions.call_off).get((s, b))
        return np.zeros(self.tree.size) if found is None else self._shown(found, self.case.offers[s].material)

    def ordered(self, s: int) -> np.ndarray:
        """Return the (N,) quantity ordered from an offer, of all origins and both ways to buy."""
        return total((self.bought(s, b, how) for b in self.data.order_origins(s) for how in HOW), self.tree.size)

    def stock_of(self, material: str, origin: str | None = None) -> np.ndarray:
        """Return the (N,) stock of one origin, or of all."""
        origins = [origin] if origin else self.data.origins[material]
        found = [self.decisions.stock[material, b] for b in origins if (material, b) in self.decisions.stock]
        return self._shown(total(found, self.tree.size), material)

    def sold(self, material: str, origin: str) -> np.ndarray:
        """Return the (N,) quantity sold out of the stock of one origin."""
        return self._shown(self.decisions.sold.get((material, origin), np.zeros(self.tree.size)), material)

    @cached_property
    def demand_of(self) -> dict[tuple[str, str], np.ndarray]:
        """Return (material, use) -> (N,) demand."""
        result = {}
        for g, u in self.data.demands:
            pairs = {
                (t, r): self.data.demand(g, u, int(t), self.tree.regimes[r]) for t, r in {(int(t), int(r)) for t, r in zip(self.tree.period, self.tree.regime)}
            }
            result[g, u] = np.array([pairs[int(t), int(r)] for t, r in zip(self.tree.period, self.tree.regime)])
        return result

    @cached_property
    def short_of(self) -> dict[tuple[str, str], np.ndarray]:
        """Return (material, use) -> (N,) demand not met; what is not over 1e-6 of the demand is none."""
        result = {}
        for key, need in self.demand_of.items():
            short = self.decisions.short.get(key, np.zeros(self.tree.size))
            result[key] = np.where(short > NEGLIGIBLE * need, short, 0.0)
        return result

    def of_material(self, table: dict[tuple[str, str], np.ndarray], material: str) -> np.ndarray:
        """Add up the (N,) quantities of a material over its uses."""
        return total((values for (g, _), values in table.items() if g == material), self.tree.size)

    def chance(self, at_node: np.ndarray) -> float:
        """Return the probability of the scenarios in which `at_node` is true at some node of the path."""
        hit = at_node[self.paths].any(axis=1)
        return min(1.0, float(sum(s.probability for s, happens in zip(self.futures, hit) if happens)))

    def chance_of_start(self, project: str, disruption: str) -> float:
        """Return the chance that a project which starts once a disruption is active does so within the window."""
        begun = [any(pair[:2] == (project, disruption) for pair in self.tree.memory(r).begun) for r in range(len(self.tree.regimes))]
        return self.chance(np.array(begun)[self.tree.regime])

    @property
    def probability_of_shortage(self) -> float:
        """Return the chance that any demand of any period is short."""
        return self.chance(total(self.short_of.values(), self.tree.size) > 0)

    @cached_property
    def unavoidable_shortage(self) -> float:
        """Return the chance of the futures in which something goes short whatever is decided, NaN where there was no time, or no memory, to tell."""
        materials = list(self.data.materials)
        short = np.array([self.of_material(self.short_of, g)[self.paths].any(axis=1) for g in materials])
        built = self.solution.built
        certain = unavoidable_shortage(built, short, self.least, self.watch, self.window.stop) if built.laid_out else None
        if certain is None:
            return np.nan
        return min(self.probability_of_shortage, float(sum(s.probability for s, hit in zip(self.futures, certain) if hit)))

    def cover_days(self, held: np.ndarray, need: np.ndarray) -> np.ndarray:
        """Return the days of demand that the stock covers; NaN without demand."""
        per_day = need / (self.data.years * DAYS_PER_YEAR)
        days: np.ndarray = np.divide(held, per_day, out=np.full(len(held), np.nan), where=per_day > 0)
        return days

    @cached_property
    def discount(self) -> np.ndarray:
        """Return (N,) what money of the node's period counts today."""
        discount: np.ndarray = np.array([self.data.discount(t) for t in self.data.periods])[self.tree.period]
        return discount

    @cached_property
    def outlay(self) -> dict[str, np.ndarray]:
        """Return entry of SPENDING -> (N,) outlay of the node, not discounted; `all` is all of them together."""
        return {name: total((self.term_cost[part] for part in outlays_of(name)), self.tree.size) / self.discount for name in (*SPENDING, EVERYTHING)}

    def counted(self, row: BudgetRow) -> np.ndarray:
        """Return (N,) what a row of Budget counts of the node's outlay, not discounted: that of its materials alone, where it names some."""
        if not row.material:
            return self.outlay[row.category]
        costs = self.solution.costs_of(row.material)
        counted: np.ndarray = total((costs[part] for part in outlays_of(row.category, of_materials=True)), self.tree.size) / self.discount
        return counted

    def spent(self, row: BudgetRow, paths: np.ndarray) -> np.ndarray:
        """Return (K,) what a row of Budget counts in the periods of the window along each of some paths, (K, T) nodes of all periods."""
        return self._spent_in(row, paths, [t for t in self.case.budget_periods(row) if t in self.window])

    def _spent_in(self, row: BudgetRow, paths: np.ndarray, periods: Sequence[int]) -> np.ndarray:
        spent: np.ndarray = self.counted(row)[paths[:, list(periods)]].sum(axis=1)
        return spent

    def carried(self, row: BudgetRow, paths: np.ndarray) -> np.ndarray:
        """Return (K,) what a row of Budget gains along each path: what the row just before that carries over to it has not spent, in part."""
        before = self.data.budget_before(self.case.budget.index(row))
        if before is None:
            return np.zeros(len(paths))
        source = self.case.budget[before]
        unspent = source.amount + self.carried(source, paths) - self._spent_in(source, paths, self.case.budget_periods(source))
        gained: np.ndarray = source.carry_over * np.maximum(unspent, 0.0)
        return gained

    def budget_keys(self, row: BudgetRow) -> dict[str, Any]:
        """Return what a row of Budget limits, and its amount."""
        return {"fiscal_year": row.fiscal_year, "category": row.category, "material": ", ".join(row.material), "amount": row.amount}

    def budget_rows(self) -> list[BudgetRow]:
        """Return the rows of the Budget sheet that count a period of the window, in their order."""
        rows = (row for row in self.case.budget if any(t in self.window for t in self.case.budget_periods(row)))
        return sorted(rows, key=lambda row: (row.row, row.fiscal_year))

    @property
    def fiscal_years(self) -> list[int]:
        """Return the fiscal years of the window, in order."""
        return sorted({self.case.calendar.fiscal_year(t) for t in self.window})

    def reference_spent(self, fiscal_year: int, category: str) -> float:
        """Return the outlay of a fiscal year on the reference path."""
        periods = [t for t in self.case.calendar.periods_in(fiscal_year) if t in self.window]
        return float(self.outlay[category][self.whole_reference[periods]].sum())

    # -- the horizon and what lies beyond it ---------------------------------------------------------------------------

    @property
    def expected_cost(self) -> float:
        """Return the mean over all futures of what the periods of the window cost, discounted."""
        return float(sum(self.weight @ values for values in self.term_cost.values()))

    @property
    def cvar(self) -> float:
        """Return the mean of what the periods of the window cost over the futures that are worst in all: their part of CVaR, which adds up (Tasche, 1999).

        Futures that cost the same as the last one of the worst share what is left of their weight in proportion.
        """
        leaves, level = self.tree.leaves, self.case.settings.cvar_level
        cost, probability = self.path_cost[leaves], self.tree.probability[leaves]
        lines = self.tree.ancestors()[leaves][:, self.window.start : self.window.stop]
        mine = total(self.term_cost.values(), self.tree.size)[lines].sum(axis=1)
        return float(worst_weights(cost, probability, level) @ mine)
