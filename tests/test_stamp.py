"""The stamped program, the model written out node by node in plain Pyomo, and the audit agree on random cases."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from constraint_cases import CASES
from random_cases import random_case, seeds
from term_cases import TERMS
from written_out import solve_written_out

from optimizer.model import template
from optimizer.model.costs import COST_TERMS
from optimizer.model.data import CaseData, canonical
from optimizer.model.path_compiler import PathCompiler
from optimizer.model.registry import CONSTRAINTS, VARIABLES
from optimizer.model.template import compile_template, covering_paths
from optimizer.plan.audit import Claimed, audit
from optimizer.plan.results import Results
from optimizer.scenarios import make_tree
from optimizer.scenarios.memory import with_memories
from optimizer.solving.extensive import solve_extensive

SEEDS = seeds(160)
BATCH = 20


def tight(case):
    """The case without room for a gap."""
    return case.with_settings(mip_gap=0.0, time_limit_seconds=60.0)


@pytest.mark.parametrize("first", range(SEEDS.start, SEEDS.stop, BATCH))
def test_stamped_written_out_and_audit_agree(first):
    """The same status and the same optimum to 1e-6, and a plan that passes the audit, on cases with every feature."""
    for seed in range(first, min(first + BATCH, SEEDS.stop)):
        case = tight(random_case(seed))
        solution, other = solve_extensive(case), solve_written_out(case)
        assert solution.status == other.status, f"seed {seed}: {solution.status}, written out {other.status}"
        if solution.status != "optimal":
            continue
        scale = max(1.0, abs(other.objective))
        assert solution.objective == pytest.approx(other.objective, abs=1e-6 * scale), f"seed {seed}"
        if case.settings.risk_weight in (0, 1):
            # The second solve of risk_weight 1 may use 1e-6 of the CVaR to lower the expected cost.
            assert solution.expected_cost == pytest.approx(other.expected_cost, abs=1e-6 * scale), f"seed {seed}"
        costs = {row["part"]: row["expected"] for row in Results(solution).costs()}
        claimed = Claimed(solution.objective, solution.expected_cost, solution.cvar, costs)
        checked = audit(solution.built.case, solution.built.tree, solution.decisions, claimed)
        assert not checked.findings, f"seed {seed}: {checked.findings}"


def test_what_an_equation_gave_on_an_earlier_path_is_what_it_gives_on_this_one():
    """Compiled along one path after the other, each path has the arrays that it has when it is compiled first; many equations are taken from before."""
    taken = made = 0
    for seed in range(12):
        case = canonical(random_case(seed))
        p, tree = CaseData(case), with_memories(case, make_tree(case))
        numbers = [
            {(family.name, index): k for k, (family, index) in enumerate((f, i) for f in families.values() for i in f.index(p))}
            for families in (VARIABLES, CONSTRAINTS)
        ]
        costs = {row: k for k, row in enumerate((t, term) for t in p.periods for term in COST_TERMS)}
        compiler = partial(PathCompiler, p, tree, *numbers, costs, lambda: None)
        one, paths = compiler(), covering_paths(tree)[0]
        for path in paths:
            here, alone = one.compile(path, lambda: None), compiler().compile(path, lambda: None)
            for name in ("rhs", "present", "sense"):
                assert np.array_equal(getattr(here, name), getattr(alone, name)), f"seed {seed}: {name}"
            for table in ("matrix", "cost"):
                assert all(map(np.array_equal, getattr(here, table), getattr(alone, table))), f"seed {seed}: {table}"
        rows = sum(len(by_answers) for of_equation in one.known.values() for by_answers in of_equation.values())
        made += rows
        taken += len(paths) * (len(numbers[1]) + len(costs)) - rows
    assert taken > made


@pytest.mark.parametrize("first", range(0, 120, 40))
def test_no_coefficient_depends_on_more_than_the_regime_of_its_period(first, monkeypatch):
    """Compiled along other mixed paths, every coefficient and right-hand side is the same: by the regime of its column's period, else of its row's."""
    for seed in range(first, first + 40):
        assert not undecided(canonical(random_case(seed)), monkeypatch), f"seed {seed}"


def test_nor_does_one_of_a_case_solved_by_hand(monkeypatch):
    """The same of all cases that are solved by hand, which use every rule."""
    for solved in (*CASES, *TERMS):
        assert not undecided(canonical(solved.case), monkeypatch), solved.about


def undecided(case, monkeypatch) -> list:
    """The (row, column) of coefficients, and the rows of right-hand sides, that differ between two ways to mix the regimes of a case's tree."""
    p, tree = CaseData(case), with_memories(case, make_tree(case))
    one = compile_template(p, tree)
    with monkeypatch.context() as patched:
        patched.setattr(template, "covering_paths", mixed_otherwise)
        other = compile_template(p, tree)
    found: list = [one.rows[i] for i, t in enumerate(one.row_period) if not same(one.rhs[i], other.rhs[i], t, one, other)]
    for name, periods in (("matrix", one.row_period), ("cost", np.array([t for t, _ in one.cost_rows]))):
        a, b = getattr(one, name), getattr(other, name)
        assert np.array_equal(a.row, b.row) and np.array_equal(a.column, b.column)
        decides = np.where(one.column_period[a.column] >= 0, one.column_period[a.column], periods[a.row])
        found += [(a.row[k], one.columns[a.column[k]]) for k, t in enumerate(decides) if not same(a.value[k], b.value[k], t, one, other)]
    return found


def mixed_otherwise(tree):
    """Paths that show every regime of every period, as covering_paths has them, but with the regimes of each period in another order."""
    random = np.random.default_rng(tree.size)
    seen = [random.permutation(np.unique(tree.regime[tree.period == t])) for t in range(tree.periods)]
    path_of = np.full((tree.periods, len(tree.regimes)), -1, dtype=np.int64)
    for t, regimes in enumerate(seen):
        path_of[t, regimes] = np.arange(len(regimes))
    longest = max(map(len, seen))
    return [[int(regimes[k % len(regimes)]) for regimes in seen] for k in range(longest)], path_of


def same(values, others, t: int, one, other) -> bool:
    """Whether a coefficient, given along all paths of either template, is the same under each regime of its period; along all, where it has none."""
    if t < 0:
        return len({*values.tolist(), *others.tolist()}) == 1
    regimes = np.flatnonzero(one.path_of[t] >= 0)
    return bool(np.array_equal(values[one.path_of[t, regimes]], others[other.path_of[t, regimes]]))
