"""The decomposition and the extensive form agree: same status, objectives within the gap, plans that pass the audit."""

from __future__ import annotations

from functools import cache

import pytest
from random_cases import random_case, seeds

from optimizer.errors import NumericalError
from optimizer.plan.audit import Claimed, audit
from optimizer.plan.results import Results
from optimizer.solving import worker_pool
from optimizer.solving.built import build
from optimizer.solving.decomposed import solve_decomposed
from optimizer.solving.extensive import solve_built
from optimizer.solving.solve import decomposes, solve_case
from optimizer.solving.subproblems import Block
from optimizer.solving.watch import Phase, Watch

GAP = 1e-5


def decomposable(seed: int, gap: float = GAP):
    """A random case, every feature included, to be solved within a gap."""
    return random_case(seed).with_settings(mip_gap=gap, time_limit_seconds=60.0)


@pytest.mark.parametrize("first", seeds(120)[::20])
def test_decomposed_agrees_with_extensive(first):
    """On random cases with every feature, cut into the smallest blocks: same status, and objectives within the gap."""
    agree(range(first, first + 20))


def test_as_a_large_tree_it_agrees_too(monkeypatch):
    """So it does as a tree too large for memory is treated: one solver for all blocks, sent one by one, the program let go of."""
    for name in ("SHARED_SOLVER_ROWS", "RELEASED_ROWS", "CHUNK_ROWS"):
        monkeypatch.setattr(worker_pool, name, 0)
    agree(range(0, 80, 2))


@cache
def as_one_program(seed: int) -> tuple[str, float]:
    """The status and the objective of the extensive form of a seed's case, to which both tests compare."""
    whole = solve_built(build(decomposable(seed)), Watch())
    return whole.status, whole.objective


def agree(seeds):
    """Decomposed and extensive have one status and, within the gap, one objective."""
    for seed in seeds:
        built = build(decomposable(seed))
        if built.tree.size == len(built.tree.reference):
            continue
        assert decomposes(built, "decomposed")
        parts = solve_decomposed(built, Watch(), largest=1 + seed % 3)
        status, objective = as_one_program(seed)
        assert parts.status == status, f"seed {seed}: {parts.status}, as one program {status}"
        if status != "optimal":
            continue
        room = 1.1 * GAP * max(1.0, abs(objective))
        assert parts.objective == pytest.approx(objective, abs=room), f"seed {seed}"
        assert parts.bound <= objective + 0.1 * room, f"seed {seed}: the bound is above the optimum"
        assert not findings(built, parts), f"seed {seed}"


def test_what_cannot_be_solved_in_parts_is_solved_in_one_piece(monkeypatch):
    """Where the solver loses its way on a part of the tree, the program goes back to one piece, and that is said."""

    def lost(self, *args):
        raise NumericalError("A part of the tree ended with: Unknown.")

    monkeypatch.setattr(Block, "_optimality_cut", lost)
    said = []
    case = decomposable(1)
    solution = solve_case(case, watch=Watch(report=lambda at: said.append((at.phase, at.words))), method="decomposed")
    assert solution.method == "extensive form" and solution.objective == pytest.approx(solve_built(build(case), Watch()).objective)
    assert any(phase == Phase.ONE_PROGRAM and words.startswith("as one program after all") for phase, words in said)


def findings(built, solution):
    """What the audit finds wrong with a solution."""
    costs = {row["part"]: row["expected"] for row in Results(solution).costs()}
    claimed = Claimed(solution.objective, solution.expected_cost, solution.cvar, costs)
    return audit(built.case, built.tree, solution.decisions, claimed).findings


@pytest.mark.parametrize("first", range(240, 320, 20))
def test_a_plan_of_a_wide_gap_is_sound(first):
    """Ended early, at 5% from the best possible, a decomposed plan passes the audit and its bound still holds."""
    for seed in range(first, first + 20):
        built = build(decomposable(seed, gap=0.05))
        if built.tree.size == len(built.tree.reference):
            continue
        parts, whole = solve_decomposed(built, Watch(), largest=2), solve_built(built, Watch())
        assert (parts.decisions is None) == (whole.decisions is None), f"seed {seed}"
        if parts.decisions is not None:
            assert not findings(built, parts), f"seed {seed}"
            assert parts.bound <= whole.objective + 1e-6 * abs(whole.objective), f"seed {seed}"
            assert parts.gap <= 0.05 * (1 + 1e-6), f"seed {seed}"
