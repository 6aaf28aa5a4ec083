"""Sampled scenarios: every design is unbiased, its weights sum to 1, it keeps to `scenarios`, and what it promises to hit exactly it hits."""

from __future__ import annotations

from collections import defaultdict
from math import fsum

import numpy as np
import pytest
from support import case, settings

from benchmarks.sampling_designs import DESIGNS, drawn_paths, thin_out
from optimizer.case import Disruption
from optimizer.scenarios import choose_method, make_tree
from optimizer.scenarios.exact import exact_paths
from optimizer.scenarios.process import DisruptionProcess

SEEDS = 300

every_design = pytest.mark.parametrize("design", DESIGNS)

DISRUPTIONS = (
    Disruption(2, "stop", 0.3, 12.0, 0.5),
    Disruption(3, "ban", 0.15, 9.0, 0.0, active_now=True),
    Disruption(4, "afterwards", 0.6, 24.0, 0.5, follows="stop"),
    Disruption(5, "vote", 0.05, 18.0, 0.5, decision_date=2, decision_probability=0.4),
)
"""One of each kind: at any time, active at the start, after another, on a date."""


def drawn_case(scenarios: int, seed: int = 1, periods: int = 4, disruptions=DISRUPTIONS):
    """A case of quarters with `scenarios` paths to draw."""
    return case(settings=settings(periods=periods, period="quarter", scenario_method="sampled", scenarios=scenarios, seed=seed), disruptions=disruptions)


def by_name(drawn, paths) -> dict[tuple, float]:
    """The weight of each path, told by the names of what is active in each period."""
    names = [d.disruption for d in drawn.disruptions]
    return {tuple(tuple(sorted(names[k] for k in regime)) for regime in path): weight for path, weight, _ in paths}


@every_design
def test_mean_weight_of_a_path_is_its_probability(design):
    """Over many seeds the weight of every likely path, of all unlikely ones together, and of each disruption in each period is right."""
    exact = by_name(drawn_case(1), exact_paths(drawn_case(1)))
    events = {path: {path} for path, probability in exact.items() if probability > 0.01}
    events["unlikely"] = {path for path, probability in exact.items() if probability <= 0.01}
    for name in ("stop", "ban", "afterwards", "vote"):
        for t in range(1, 4):
            events[name, t] = {path for path in exact if name in path[t]}
    for scenarios in (5, 13):
        weights = defaultdict(list)
        for seed in range(SEEDS):
            drawn = by_name(drawn_case(scenarios), drawn_paths(drawn_case(scenarios, seed), design))
            assert drawn.keys() <= exact.keys()
            for event, paths in events.items():
                weights[event].append(fsum(weight for path, weight in drawn.items() if path in paths))
        for event, weight in weights.items():
            probability = fsum(exact[path] for path in events[event])
            assert np.mean(weight) == pytest.approx(probability, abs=4.5 * np.std(weight) / SEEDS**0.5 + 1e-9), event


@every_design
@pytest.mark.parametrize("scenarios", [1, 2, 3, 17, 100])
def test_weights_sum_to_one_and_paths_keep_to_scenarios(design, scenarios):
    """Weights are positive and sum to 1, paths differ from each other, are no more than asked for and start as they must."""
    paths = drawn_paths(drawn_case(scenarios, periods=6), design)
    assert len({tuple(path) for path, _, _ in paths}) == len(paths) <= scenarios
    assert fsum(weight for _, weight, _ in paths) == pytest.approx(1, abs=1e-12) and all(weight > 0 for _, weight, _ in paths)
    assert all(len(path) == 6 and path[0] == (1,) for path, _, _ in paths)
    assert [name for _, _, name in paths] == [f"S{k:03d}" for k in range(1, len(paths) + 1)]


@every_design
def test_a_seed_gives_the_same_paths_and_another_others(design):
    """The draw depends on the seed and on nothing else."""
    first, again, other = (drawn_paths(drawn_case(30, seed), design) for seed in (1, 1, 2))
    assert first == again and first != other


@every_design
def test_order_of_rows_changes_no_path(design):
    """Disruptions in another order of rows are drawn the same."""
    there, back = drawn_case(40), drawn_case(40, disruptions=DISRUPTIONS[::-1])
    assert by_name(there, drawn_paths(there, design)) == by_name(back, drawn_paths(back, design))


@every_design
def test_without_chance_there_is_one_path(design):
    """No disruption, or none that can change: one path of weight 1."""
    lasting = (Disruption(2, "never", 0.0, 12.0, 0.5), Disruption(3, "at once", 0.0, 3.0, 0.5, active_now=True, decision_date=2, decision_probability=1.0))
    for disruptions in ((), lasting):
        paths = drawn_paths(drawn_case(20, disruptions=disruptions), design)
        assert [weight for _, weight, _ in paths] == [1.0]
    assert [regime for regime in paths[0][0]] == [(1,), (), (1,), ()]


def test_strata_by_first_event_have_their_exact_probability():
    """The path without any change and, where each is due a path, each first change of a disruption in a period weigh what they are likely."""
    disruptions = DISRUPTIONS[:1] + DISRUPTIONS[3:]
    drawn = drawn_case(400, disruptions=disruptions)

    def strata(paths):
        total = defaultdict(float)
        for path, weight, _ in paths:
            total[next(((t, min(regime)) for t, regime in enumerate(path) if regime), None)] += weight
        return total

    assert strata(drawn_paths(drawn, "stratified by first event")) == pytest.approx(strata(exact_paths(drawn)))


def test_systematic_branching_is_within_a_path_of_exact():
    """At every node each successor has its probability times the node's paths, up to less than one path."""
    scenarios = 60
    drawn = drawn_case(scenarios)
    process, weight = DisruptionProcess(drawn), defaultdict(float)
    for path, w, _ in drawn_paths(drawn, "systematic branching"):
        for t in range(4):
            weight[tuple(path[: t + 1])] += w
    for history, w in list(weight.items()):
        if len(history) < 4:
            for successor, chance in process.successors(history[-1], len(history)):
                assert abs(weight.get((*history, successor), 0.0) - w * chance) < 1 / scenarios + 1e-12


def test_array_draws_each_disruption_as_often_as_it_is_likely():
    """In the first step, where all paths are alike, each disruption is active on its share of the paths, up to a few."""
    scenarios = 200
    drawn = drawn_case(scenarios)
    paths = drawn_paths(drawn, "array quasi-Monte Carlo")
    for k, chance in enumerate(DisruptionProcess(drawn).chances((1,), 1)):
        assert fsum(w for path, w, _ in paths if k in path[1]) == pytest.approx(chance, abs=3 / scenarios)


def test_thinned_branching_keeps_what_is_probable():
    """With room for all paths they are all there with their probabilities; with less room the most probable one keeps its own."""
    everything = drawn_case(5000)
    exact = by_name(everything, exact_paths(everything))
    assert by_name(everything, drawn_paths(everything, "thinned branching")) == pytest.approx(exact)
    likeliest = max(exact, key=exact.get)
    assert by_name(everything, drawn_paths(drawn_case(40), "thinned branching"))[likeliest] == pytest.approx(exact[likeliest])


def test_thinning_out_keeps_the_sum_and_each_mean():
    """Of 20 weights 7 are kept, the large ones as they are; the sum stays, and over many draws so does each weight's mean."""
    random = np.random.default_rng(1)
    weight = random.dirichlet(np.full(20, 0.4))
    total, draws = np.zeros(20), 4000
    for _ in range(draws):
        kept, new = thin_out(weight, 7, random)
        assert len(kept) == 7 and np.all(np.diff(kept) > 0) and new.sum() == pytest.approx(1)
        total[kept] += new
    assert total / draws == pytest.approx(weight, abs=0.01)
    assert new[np.searchsorted(kept, weight.argmax())] == pytest.approx(weight.max())


def test_sampled_trees_are_of_the_default_design():
    """The tree of a sampled case is the one of array quasi-Monte Carlo, scenario by scenario."""
    drawn = drawn_case(50)
    weights = sorted(w for _, w, _ in drawn_paths(drawn, "array quasi-Monte Carlo"))
    assert sorted(s.probability for s in make_tree(drawn).scenarios) == pytest.approx(weights)


def test_as_many_paths_as_scenarios_are_taken_exactly():
    """`auto` is exact where the paths are exactly as many as `scenarios`, and sampled where they are one more."""
    drawn = drawn_case(1, periods=3, disruptions=DISRUPTIONS[:1])
    paths = len(exact_paths(drawn))
    assert paths == 4
    for scenarios, method in ((paths, "exact"), (paths - 1, "sampled")):
        assert choose_method(drawn.with_settings(scenario_method="auto", scenarios=scenarios)) == method
