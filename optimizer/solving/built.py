"""From a case to its program: the deterministic equivalent of its whole scenario tree, ready to solve."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from optimizer.case import Case
from optimizer.lengthening import with_tail
from optimizer.model.arrays import Arrays, aggregate
from optimizer.model.cache import template_of
from optimizer.model.data import CaseData, canonical
from optimizer.model.risk import RiskColumns, conditional_value_at_risk, least_cost, with_risk
from optimizer.model.stamp import Program, by_index, columns_of, stamp
from optimizer.model.template import Template
from optimizer.scenarios import ScenarioTree
from optimizer.scenarios.memory import with_memories
from optimizer.solving.scaling import Scales, scales_of
from optimizer.solving.size import tree_that_fits
from optimizer.solving.watch import Phase, Watch


@dataclass(frozen=True)
class Built:
    """A case and its program. case is in canonical order; scales bring the program's units to the solver's."""

    case: Case
    data: CaseData
    tree: ScenarioTree
    template: Template
    program: Program
    risk: RiskColumns | None
    scales: Scales
    drop: tuple[str, ...] = ()

    def arrays(self) -> Arrays:
        """Return the program in the solver's units."""
        p, s = self.program, self.scales
        value = p.value * s.column[p.column]
        value /= s.row[p.row]
        cost, bounds = p.cost * s.column / s.money, (p.lower / s.column, p.upper / s.column)
        return Arrays(cost, *bounds, p.integer, p.row_lower / s.row, p.row_upper / s.row, p.row, p.column, value)

    def columns(self, family: str) -> np.recarray:
        """Return the columns of a family of variables: the fields number and node, and those of its index, such as offer and origin."""
        return columns_of(self.template, self.program, family)

    def by_index(self, family: str, x: np.ndarray) -> dict[tuple[Any, ...], np.ndarray]:
        """Return the values of a family at the nodes: its index without the period -> (nodes,)."""
        return by_index(self.template, self.program, family, x, self.tree.size)

    def costs(self, x: np.ndarray, of: Collection[str] = ()) -> dict[str, np.ndarray]:
        """Return each cost term at each node, discounted. of: what is counted in units of these materials alone, where any are named."""
        if of:
            counts = [family.material(self.data, *index) in of for family, index in self.template.columns] + [False]
            x = np.where(np.array(counts)[self.program.column_template], x, 0.0)
        return {term: np.bincount(c.row, c.value * x[c.column], minlength=self.tree.size) for term, c in self.program.term_cost.items()}

    def path_costs(self, x: np.ndarray) -> np.ndarray:
        """Return the cost from the root to each node, discounted."""
        total: np.ndarray = sum(self.costs(x).values(), np.zeros(self.tree.size))
        for node in np.flatnonzero(self.tree.parent >= 0):
            total[node] += total[self.tree.parent[node]]
        return total

    def objective(self, path_cost: np.ndarray) -> tuple[float, float, float]:
        """Return the expected cost, CVaR and objective of costs from the root to each node."""
        leaves, s = self.tree.leaves, self.case.settings
        expected = float(self.tree.probability[leaves] @ path_cost[leaves])
        cvar = conditional_value_at_risk(path_cost[leaves], self.tree.probability[leaves], s.cvar_level)
        return expected, cvar, (1 - s.risk_weight) * expected + s.risk_weight * cvar

    @property
    def mixed(self) -> bool:
        """Whether the program has integer columns."""
        return bool(self.program.integer.any())

    @property
    def risk_alone(self) -> bool:
        """Whether the objective is CVaR alone, so that a second solve chooses among the plans of least CVaR (lexicographic optimisation)."""
        return self.risk is not None and self.case.settings.risk_weight == 1

    @property
    def expected_cost(self) -> np.ndarray:
        """The coefficients of the expected cost."""
        cost = np.zeros(self.program.columns)
        for triples in self.program.term_cost.values():
            np.add.at(cost, triples.column, triples.value * self.tree.probability[triples.row])
        return cost


def build(
    case: Case,
    watch: Watch | None = None,
    drop: Collection[str] = (),
    tree: ScenarioTree | None = None,
    drawn: Callable[[CaseData, ScenarioTree], None] = lambda data, tree: None,
) -> Built:
    """Build the program of a case on its own scenario tree or another, without the constraints named in `drop`.

    The case goes on beyond its horizon as its setting tail_periods asks; a tree that is given is one of all these periods. drawn is called with the
    tree once it is there, before the model is compiled.

    Raises WorkbookError where it is too large for the memory, Stopped where the watch ends.
    """
    watch = watch or Watch()
    case = canonical(with_tail(case))
    watch.tell(Phase.SCENARIOS)
    data = CaseData(case)
    tree = with_memories(case, tree or tree_that_fits(data, lambda: watch.check(Phase.SCENARIOS)))

    drawn(data, tree)

    def tick(done: int, total: int) -> None:
        watch.check()
        watch.tell(Phase.MODEL, f"model, {done} of {total}")

    template = template_of(data, tree, drop, tick)
    watch.tell(Phase.MODEL, "model, laid onto the scenarios")
    return stamped(case, data, tree, template, tuple(drop), watch.check)


def stamped(case: Case, data: CaseData, tree: ScenarioTree, template: Template, drop: tuple[str, ...] = (), tick: Callable[[], None] = lambda: None) -> Built:
    """Build the program of a case on a tree from a template that has seen the tree's regimes. tick: called now and then."""
    program, risk = stamp(template, tree, tick), None
    s = case.settings
    if s.risk_weight > 0 and s.cvar_level > 0:
        program, risk = with_risk(program, tree, s.risk_weight, s.cvar_level, least_cost(data), drop)
    tick()
    row, column, value = aggregate(program.row, program.column, program.value, program.rows)
    program = replace(program, row=row, column=column, value=value)
    tick()
    return Built(case, data, tree, template, program, risk, scales_of(data, template, program), drop)


def alike(one: Built, other: Built) -> bool:
    """Return whether two programs have the same columns and rows on the same tree."""
    a, b = one.tree, other.tree
    same = (
        a.regimes == b.regimes
        and a.memories == b.memories
        and a.reference == b.reference
        and np.array_equal(a.parent, b.parent)
        and np.array_equal(a.regime, b.regime)
    )
    return (
        same
        and one.template.columns == other.template.columns
        and one.template.rows == other.template.rows
        and (one.risk is None) == (other.risk is None)
        and np.array_equal(one.program.column_template, other.program.column_template)
        and np.array_equal(one.program.row_template, other.program.row_template)
    )
