"""A plan on futures that it has not seen: its figures are those of all futures, within intervals that are true."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from plans import solved
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import Case, Disruption
from optimizer.executors import Here
from optimizer.scenarios.exact import exact_paths
from optimizer.scenarios.sampled import unseen_paths
from optimizer.studies.estimates import double_sampled, double_sampled_share
from optimizer.studies.living.many import Sample, how_many_lived
from optimizer.studies.living.replay import RollingHorizon
from optimizer.studies.living.unseen_futures import STEP_SCENARIOS, TABLES, out_of_sample

LEVEL = 0.8


def threatened(**changes) -> Case:
    """Ten units a year for six years, at 1 from a source that bans of one or two years stop, or at 1.5 from another that a strike halves."""
    return case(
        settings=settings(periods=6, scenario_method="sampled", scenarios=12, cvar_level=LEVEL, risk_weight=0.3, **changes),
        materials=(ore(holding_cost_per_year=0.05),),
        offers=(offer(bloc="chinese", capacity=30.0), offer("Other", price=1.5, capacity=8.0, row=3)),
        demand=(need(10.0, shortage_cost=4.0),),
        disruptions=(Disruption(2, "ban", 0.3, 18.0, 0.0, bloc=("chinese",)), Disruption(3, "strike", 0.2, 12.0, 0.5, bloc=("allied",))),
    )


@pytest.fixture(scope="module")
def enumerated() -> tuple[optimizer.Plan, Sample, np.ndarray]:
    """A plan, what each future there is costs under its policy, and the probability of each."""
    plan = optimizer.solve(threatened())
    paths = exact_paths(plan.case)
    policy = RollingHorizon(plan.solution, STEP_SCENARIOS, plan.case.settings.seed)
    policy.prepare([path for path, _, _ in paths])
    each = [tuple(path) for path, _, _ in paths]
    return plan, Sample(policy, each, [policy.live(p) for p in each], [policy.foresee(p) for p in each]), np.array([p for _, p, _ in paths])


def test_intervals_cover_the_policy_s_true_figures(enumerated):
    """In at least 93% of 200 repetitions the intervals of cost, CVaR and chance of a shortage hold what all futures together have."""
    plan, everything, chances = enumerated
    known = {path: k for k, path in enumerate(everything.paths)}
    cost = np.array([lived.cost for lived in everything.lived])
    short = np.array([float(lived.short["ore", "use"] > 1e-3) for lived in everything.lived])
    worst = np.argsort(-cost)
    tail = np.minimum(chances[worst], np.maximum(0, 1 - LEVEL - np.concatenate([[0], np.cumsum(chances[worst])[:-1]])))
    truth = {"cost": chances @ cost, "cvar": tail @ cost[worst] / (1 - LEVEL), "short": chances @ short}
    hits = dict.fromkeys(truth, 0)
    few = []
    for seed in range(200):
        paths = [tuple(path) for path in unseen_paths(plan.case, 400, seed)]
        n = how_many_lived(plan.case, 400, 100, seed)
        few.append(n)
        lived, foreseen = [everything.lived[known[p]] for p in paths[:n]], [everything.foreseen[known[p]] for p in paths]
        sample = Sample(everything.policy, paths, lived, foreseen)
        found = {
            "cost": double_sampled(*sample.costs),
            "cvar": double_sampled(*sample.tails(LEVEL)),
            "short": double_sampled_share(*sample.each(lambda one: float(one.short["ore", "use"] > 1e-3))),
        }
        for name, estimate in found.items():
            hits[name] += estimate.low <= truth[name] <= estimate.high
    assert np.median(few) < 400, "the futures lived through are to be fewer than those drawn"
    assert min(hits.values()) >= 0.93 * 200, hits


def test_the_tables_say_what_the_futures_cost(enumerated):
    """Asked for through its door, the study has the figures of the same futures, computed here from what each of them costs."""
    plan, everything, _ = enumerated
    known = {path: k for k, path in enumerate(everything.paths)}
    told = []
    tables = out_of_sample(plan, told.append, futures=150, lived=20, executor=Here())
    paths = [tuple(path) for path in unseen_paths(plan.case, 150, plan.case.settings.seed)]
    n = how_many_lived(plan.case, 150, 20, plan.case.settings.seed)
    lived = np.array([everything.lived[known[p]].cost for p in paths[:n]])
    foreseen = np.array([everything.foreseen[known[p]].cost for p in paths])
    expected = double_sampled(lived, foreseen)
    costs = tables["out_of_sample_costs"].set_index("figure")
    total = costs.loc["Total expected cost"]
    assert (total.unseen, total.low, total.high) == pytest.approx((expected.mean, expected.low, expected.high), rel=1e-6)
    assert total.in_plan == plan.expected_cost and total.foreseen == pytest.approx(foreseen.mean()) and total.foreseen < total.unseen
    listed = tables["out_of_sample_futures"]
    assert listed["lived"].notna().sum() == n and listed["foreseen"].to_numpy() == pytest.approx(foreseen)
    service = tables["out_of_sample_service"]
    assert service["chance"].between(0, 1).all() and (service["chance_low"] <= service["chance"]).all() and (service["chance"] <= service["chance_high"]).all()
    assert [progress.share for progress in told if progress.share is not None][-1] == 1.0
    assert any("150 futures were drawn" in words for words in tables["out_of_sample"]["words"])


def test_in_worker_processes_it_says_the_same(enumerated):
    """Where it is computed makes no difference."""
    plan, _, _ = enumerated
    here, there = (out_of_sample(plan, futures=30, lived=5, executor=executor) for executor in (Here(), None))
    for declared in TABLES:
        assert here[declared.name].equals(there[declared.name])


def test_a_tree_with_every_future_is_its_own_evidence():
    """The plan's own figures stand, without an interval, and nothing is drawn."""
    plan = solved("tutorial")
    tables = out_of_sample(plan)
    costs = tables["out_of_sample_costs"]
    assert (costs["in_plan"] == costs["unseen"]).all() and (costs["low"] == costs["high"]).all()
    assert costs.set_index("figure").loc["Total expected cost", "unseen"] == plan.expected_cost
    assert tables["out_of_sample_futures"].empty


class Enough(Exception):
    """Raised by whoever stops a study."""


def test_it_stops_when_it_is_told_to(enumerated):
    """What the progress function raises comes out, and the tables do not."""

    def stop(progress) -> None:
        if progress.share:
            raise Enough

    with pytest.raises(Enough):
        out_of_sample(enumerated[0], stop, futures=60, lived=10, executor=Here())


def test_what_cannot_be_lived_through_is_refused(enumerated):
    """A plan that was read back, and counts that make no sense, are refused with a sentence."""
    plan = enumerated[0]
    with pytest.raises(ValueError, match="read back"):
        out_of_sample(replace(plan, solution=None))
    for futures, lived in ((10, 20), (10, 2)):
        with pytest.raises(ValueError, match="three"):
            out_of_sample(plan, futures=futures, lived=lived)
