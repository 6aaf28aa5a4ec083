"""What-if: a changed case solved from what the last one left has the answer that it has by itself."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from random_cases import random_case, seeds

import optimizer
from optimizer.case import Case
from optimizer.errors import InfeasibleError
from optimizer.model.cache import content_key, template_of
from optimizer.model.data import CaseData, canonical
from optimizer.scenarios import make_tree
from optimizer.solving import built, worker_pool
from optimizer.solving.benders import Benders
from optimizer.solving.branch_and_bound import BranchAndBound

GAP = 1e-5
NATIONAL = Path(__file__).resolve().parent.parent / "sample_inputs" / "national_stockpile.xlsx"


def budgets(case: Case, factor: float) -> Case:
    return replace(case, budget=tuple(replace(row, amount=row.amount * factor) for row in case.budget))


def limits(case: Case, factor: float) -> Case:
    return replace(
        case, limits=tuple(replace(row, maximum=row.maximum * factor) if row.maximum is not None and row.minimum is None else row for row in case.limits)
    )


def dearer(case: Case, factor: float) -> Case:
    return replace(case, offers=tuple(replace(offer, price=offer.price * factor) if k % 2 else offer for k, offer in enumerate(case.offers)))


def questions(case: Case) -> list[Case]:
    """The case with something changed, and changed back."""
    weight = 0.5 if case.settings.risk_weight < 1 else 1.0
    return [budgets(case, 0.9), budgets(case, 1.2), limits(case, 0.9), dearer(case, 1.1), case.with_settings(risk_weight=weight), case]


def objective(solve, case: Case) -> float | None:
    """The least objective; None where no plan satisfies the limits."""
    try:
        return solve(case).objective
    except InfeasibleError:
        return None


@pytest.mark.parametrize("first", seeds(10)[::5])
def test_what_if_has_the_answers_of_solve(first):
    """Random cases with every feature, asked one after the other with a budget, a limit, prices and the risk weight changed, by either method."""
    assert answered(("decomposed", "extensive"), range(first, first + 5)) > 15


def test_as_of_a_large_tree_it_has_them_too(monkeypatch):
    """So it is where one solver answers for all blocks and the program is let go of in between."""
    for name in ("SHARED_SOLVER_ROWS", "RELEASED_ROWS", "CHUNK_ROWS"):
        monkeypatch.setattr(worker_pool, name, 0)
    assert answered(("decomposed",), range(0, 6)) > 10


def answered(methods: tuple[str, ...], seeds) -> int:
    """How many questions had an answer, by each method the same as that of the changed case alone."""
    asked = 0
    for seed in seeds:
        case = random_case(seed).with_settings(mip_gap=GAP, time_limit_seconds=60.0)
        with ExitStack() as stack:
            askers = [stack.enter_context(optimizer.WhatIf(case, method=method)) for method in methods]
            asks = [case, *questions(case)]
            # The case itself is asked first and last; alone it is solved once.
            alone_of = {number: objective(optimizer.solve, one) for number, one in {id(one): one for one in asks}.items()}
            for changed in asks:
                alone = alone_of[id(changed)]
                asked += alone is not None
                for method, ask in zip(methods, askers):
                    again = objective(ask.solve, changed)
                    assert (alone is None) == (again is None), f"seed {seed}, {method}"
                    if alone is not None:
                        assert again == pytest.approx(alone, abs=2.2 * GAP * max(1.0, abs(alone))), f"seed {seed}, {method}"
    return asked


def test_what_if_keeps_workers_and_cuts(monkeypatch):
    """A changed budget takes up the decomposition that is there: one is made in all, and the second answer takes fewer rounds."""
    made, rounds = [], []
    begun, solved = Benders.__init__, Benders.solve_from

    def count(self, *args, **more):
        made.append(self)
        begun(self, *args, **more)

    def look(self, start):
        outcome = solved(self, start)
        rounds.append((id(self), self.problem.rounds))
        return outcome

    case = next(case for case in map(random_case, range(400)) if case.budget and not case.projects and optimizer_size(case) > 60)
    monkeypatch.setattr(Benders, "__init__", count)
    monkeypatch.setattr(Benders, "solve_from", look)
    with optimizer.WhatIf(case.with_settings(mip_gap=GAP), method="decomposed") as ask:
        ask.solve()
        whole = [entry for entry in rounds if entry[0] == id(made[0])]
        ask.solve(budgets(ask.reading.case, 1.05))
        again = [entry for entry in rounds if entry[0] == id(made[0])]
    assert len(again) == 2 and again[1][1] <= whole[0][1]


def test_a_search_begins_where_the_last_one_was_split(monkeypatch):
    """Ten projects under changed budgets: what is looked at first are the parts of the search before, of which some are still open."""
    begun, nodes_of = [], BranchAndBound.first_nodes

    def look(self):
        heap, shut = nodes_of(self)
        begun.append((len(self.leaves), len(heap), len(shut)))
        return heap, shut

    monkeypatch.setattr(BranchAndBound, "first_nodes", look)
    case = optimizer.load(NATIONAL).case.with_settings(scenarios=10, mip_gap=1e-4)
    with optimizer.WhatIf(case, method="decomposed") as ask:
        ask.solve()
        for changed in (budgets(case, 0.95), budgets(case, 1.05), case):
            again, alone = ask.solve(changed), optimizer.solve(changed, method="decomposed")
            assert again.objective == pytest.approx(alone.objective, rel=2 * 1e-4)
            assert again.bound <= alone.objective and alone.bound <= again.objective
    asked = [entry for entry in begun if entry[0] > 1]
    assert len(asked) == 3 and all(leaves == len_open + shut for leaves, len_open, shut in asked) and asked[0][1] > 1


def optimizer_size(case: Case) -> int:
    return make_tree(canonical(case)).size


def test_another_tree_begins_anew():
    """Programs of different trees have nothing to tell each other."""
    one, other = random_case(3), random_case(4)
    assert built.alike(built.build(one), built.build(one)) and not built.alike(built.build(one), built.build(other))


def test_templates_come_back_from_the_cache_as_they_were(home):
    """Read from disk, a template is the one that was compiled; what does not belong to it changes no key, a price does."""
    case = canonical(next(case for case in map(random_case, range(7, 60)) if len(case.offers) > 1))
    tree, data = make_tree(case), CaseData(case)
    first = template_of(data, tree)
    import optimizer.model.cache as cache

    cache._known.clear()
    again = template_of(data, tree)
    assert again is not first and again.columns == first.columns and again.rows == first.rows and again.cost_rows == first.cost_rows
    assert all((getattr(again, name) == getattr(first, name)).all() for name in ("rhs", "present", "sense", "path_of"))
    assert (again.matrix.value == first.matrix.value).all() and (again.cost.value == first.cost.value).all()
    key = content_key(data, tree, ())
    assert key == content_key(CaseData(case.with_settings(risk_weight=0.9, seed=5)), tree, ())
    assert len(case.offers) > 1 and key != content_key(CaseData(dearer(case, 1.1)), tree, ())
    assert key != content_key(data, tree, ("balance",))
    (file,) = (home / "cache" / "templates").glob("*.npz")
    file.write_bytes(b"damaged")
    cache._known.clear()
    assert template_of(data, tree).columns == first.columns
