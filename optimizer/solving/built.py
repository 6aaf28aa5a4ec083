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
from optimizer.model.stamp import NO_NODE, Program, by_index, columns_of, stamp
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

    def column_keys(self, node_of: np.ndarray | None = None, nodes: int | None = None) -> np.ndarray:
        """Return for each column a number that tells what it is, in the order of the columns: its column of the template, or of risk, and its node.

        node_of: the numbers that the nodes have in another tree, of `nodes` nodes, whose columns have the same keys.
        """
        node, template, known = self.program.column_node.astype(np.int64), self.program.column_template.astype(np.int64), len(self.template.columns)
        if self.risk is not None:
            template[self.risk.threshold] = known
            node[self.risk.running], template[self.risk.running] = np.arange(self.tree.size), known + 1
            node[self.risk.excess], template[self.risk.excess] = self.tree.leaves, known + 2
        if node_of is not None:
            node = np.where(node >= 0, node_of[node], NO_NODE)
        return template * ((nodes or self.tree.size) + 1) + node + 1

    def costs(self, x: np.ndarray, of: Collection[str] = ()) -> dict[str, np.ndarray]:
        """Return each cost term at each node, discounted. of: what is counted in units of these materials alone, where any are named."""
        if of:
            counts = [family.material(self.data, *index) in of for family, index in self.template.columns] + [False]
            x = np.where(np.array(counts)[self.program.column_template], x, 0.0)
        return {term: np.bincount(c.row, c.value * x[c.column], minlength=self.tree.size) for term, c in self.program.term_cost.items()}

    def path_costs(self, x: np.ndarray) -> np.ndarray:
        """Return the cost from the root to each node, discounted."""
        return self.tree.along_paths(sum(self.costs(x).values(), np.zeros(self.tree.size)))

    def objective(self, path_cost: np.ndarray) -> tuple[float, float, float]:
        """Return the expected cost, CVaR and objective of costs from the root to each node."""
        leaves, s = self.tree.leaves, self.case.settings
        expected = float(self.tree.probability[leaves] @ path_cost[leaves])
        cvar = conditional_value_at_risk(path_cost[leaves], self.tree.probability[leaves], s.cvar_level)
        return expected, cvar, (1 - s.risk_weight) * expected + s.risk_weight * cvar

    @property
    def laid_out(self) -> bool:
        """Whether the program is here, and not its shape alone."""
        return len(self.program.row) > 0

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


@dataclass(frozen=True)
class Drawn:
    """A case in canonical order, with the periods beyond its horizon, and its scenario tree.

    in_parts: whether its program is to be laid out in parts, because the whole is too large.
    """

    case: Case
    data: CaseData
    tree: ScenarioTree
    in_parts: bool = False

    def template(self, watch: Watch, drop: Collection[str] = ()) -> Template:
        """Return the compiled model, without the constraints named in `drop`. Raises Stopped where the watch ends."""

        def tick(done: int, total: int) -> None:
            watch.check()
            watch.tell(Phase.MODEL, f"model, {done} of {total}")

        return template_of(self.data, self.tree, drop, tick)


def draw(case: Case, watch: Watch, tree: ScenarioTree | None = None, parts: bool = False) -> Drawn:
    """Draw the scenario tree of a case, or take the one that is given, of all periods with those beyond the horizon.

    parts: whether a program that is too large to be laid out as a whole may be solved in parts. Raises WorkbookError where it is too large for the
    memory, Stopped where the watch ends.
    """
    case = canonical(with_tail(case))
    watch.tell(Phase.SCENARIOS)
    data, in_parts = CaseData(case), False
    if tree is None:
        tree, in_parts = tree_that_fits(data, lambda: watch.check(Phase.SCENARIOS), parts)
    return Drawn(case, data, with_memories(case, tree), in_parts)


def build(case: Case, watch: Watch | None = None, drop: Collection[str] = (), tree: ScenarioTree | None = None) -> Built:
    """Build the program of a case on its own scenario tree or another, without the constraints named in `drop`. Raises what `draw` does."""
    watch = watch or Watch()
    return build_drawn(draw(case, watch, tree), watch, drop)


def build_drawn(drawn: Drawn, watch: Watch, drop: Collection[str] = ()) -> Built:
    """Build the program of a case whose tree is drawn. Raises Stopped where the watch ends."""
    template = drawn.template(watch, drop)
    watch.tell(Phase.MODEL, "model, laid onto the scenarios")
    return stamped(drawn.case, drawn.data, drawn.tree, template, tuple(drop), watch.check)


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
