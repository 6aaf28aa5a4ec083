"""Sampled scenarios: every design is unbiased, its weights sum to 1, it keeps to `scenarios`, and what it promises to hit exactly it hits."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from math import fsum

import numpy as np
import pytest
from support import case, settings

from benchmarks.sampling_designs import DESIGNS, PRODUCT, drawn_paths, thin_out
from optimizer.case import Disruption
from optimizer.scenarios import choose_method, make_tree
from optimizer.scenarios.exact import exact_paths
from optimizer.scenarios.process import DisruptionProcess
from optimizer.scenarios.sampled import Chain, candidates, modal_path

SEEDS = 300

every_design = pytest.mark.parametrize("design", [*DESIGNS, PRODUCT])

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
    names = [name for _, _, name in paths]
    assert names[0] == "S001" and sorted(set(names)) == names


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


# -- the product's own design --------------------------------------------------------------------------------------------------


def paths_of(drawn) -> dict[str, dict[str, tuple[bool, ...]]]:
    """Candidate -> disruption -> the periods in which it is active, of what the product draws."""
    names = [d.disruption for d in drawn.disruptions]
    return {
        name: {who: tuple(k in regime for regime in path) for k, who in enumerate(names)} for path, _, name in drawn_paths(drawn, PRODUCT) if name != "S001"
    }


def same_paths(one, other, names) -> int:
    """Assert that disruptions have the same paths in the candidates that two draws share; return how many they share."""
    shared = one.keys() & other.keys()
    assert all(one[future][name] == other[future][name] for future in shared for name in names)
    return len(shared)


@pytest.mark.parametrize("gone", range(4))
def test_a_disruption_that_is_added_or_removed_leaves_the_others_as_they_were(gone):
    """In the candidates of one number, all but what follows it have the very same paths without a disruption as with it."""
    rest = tuple(d for k, d in enumerate(DISRUPTIONS) if k != gone and not (gone == 0 and d.follows))
    with_it, without = paths_of(drawn_case(80, periods=8)), paths_of(drawn_case(80, periods=8, disruptions=rest))
    assert same_paths(with_it, without, [d.disruption for d in rest]) > 40


@pytest.mark.parametrize(("changed", "moved"), [(0, {"stop", "afterwards"}), (1, {"ban"}), (3, {"vote"})])
@pytest.mark.parametrize("change", [{"annual_probability": 0.7}, {"mean_duration_months": 3.0}])
def test_a_changed_number_moves_only_its_own_path_and_those_of_followers(changed, moved, change):
    """Another probability or duration of one disruption leaves the paths of the others as they were."""
    other = tuple(replace(d, **change) if k == changed else d for k, d in enumerate(DISRUPTIONS))
    names = {d.disruption for d in DISRUPTIONS} - moved
    before, after = paths_of(drawn_case(80, periods=8)), paths_of(drawn_case(80, periods=8, disruptions=other))
    assert same_paths(before, after, names) > 40
    assert any(before[future] != after[future] for future in before.keys() & after.keys())


@pytest.mark.parametrize("seed", range(5))
def test_with_more_probability_the_first_onset_is_never_later(seed):
    """On every candidate a disruption that is more probable first begins in the same period or before; on some it begins before."""

    def onsets(annual: float) -> dict[str, int]:
        drawn = drawn_case(100, seed, 8, (replace(DISRUPTIONS[0], annual_probability=annual), DISRUPTIONS[3]))
        return {future: (*path["stop"], True).index(True) for future, path in paths_of(drawn).items()}

    seldom, often = onsets(0.2), onsets(0.4)
    shared = seldom.keys() & often.keys()
    assert len(shared) > 20 and all(often[future] <= seldom[future] for future in shared) and any(often[f] < seldom[f] for f in shared)


def test_the_most_probable_path_has_its_own_probability_and_is_the_reference_path():
    """It goes from each regime to the most probable next one, of equal ones to that with fewest disruptions, and no other future is equal to it."""
    drawn = drawn_case(60, periods=5)
    process, regime, probability, path = DisruptionProcess(drawn), (1,), 1.0, [(1,)]
    for t in range(1, 5):
        regime, chance = max(process.successors(regime, t), key=lambda found: (found[1], -len(found[0])))
        probability, path = probability * chance, [*path, regime]
    paths = drawn_paths(drawn, PRODUCT)
    assert [(p, w) for p, w, name in paths if name == "S001"] == [(path, pytest.approx(probability, rel=1e-12))]
    assert sum(p == path for p, _, _ in paths) == 1
    tree = make_tree(drawn)
    assert [tree.regimes[tree.regime[node]] for node in tree.reference] == path
    even = drawn_case(9, periods=3, disruptions=(Disruption(2, "coin", 0.9375, 12.0, 0.5),))  # one half in a quarter
    assert drawn_paths(even, PRODUCT)[0][0] == [(), (), ()]


def test_first_onsets_are_spread_as_evenly_as_candidates_allow():
    """Of the candidates of one block a disruption has begun by each period on its share, up to one candidate."""
    drawn = drawn_case(200, periods=8)
    chain = Chain(drawn)
    paths = candidates(chain, 1, 0, 200)
    begun = np.maximum.accumulate(paths[:, :, 2], axis=1).mean(axis=0)
    assert begun == pytest.approx([1 - 0.7 ** (t / 4) for t in range(8)], abs=1.01 / 200)


def test_trouble_comes_in_waves():
    """While the tension lasted in the period before, the ban begins with its raised chance, else with its own; a decision date goes first."""
    ban = Disruption(3, "ban", 0.1, 12.0, 0.0, raised_by="tension", raised_probability=0.5)
    process = DisruptionProcess(drawn_case(1, disruptions=(Disruption(2, "tension", 0.2, 12.0, 1.0), ban)))
    assert process.chances((), 1) == pytest.approx([1 - 0.8**0.25, 1 - 0.9**0.25])
    assert process.chances((0,), 1) == pytest.approx([0.75, 1 - 0.5**0.25])
    dated = replace(ban, decision_date=2, decision_probability=0.3, follows="tension")
    process = DisruptionProcess(drawn_case(1, disruptions=(Disruption(2, "tension", 0.2, 12.0, 1.0), dated)))
    assert [process.chances((0,), t)[1] for t in (1, 2)] == pytest.approx([1 - 0.5**0.25, 0.3])
    assert process.chances((), 2)[1] == 0.0


def test_two_disruptions_may_raise_each_other():
    """A circle is legal: each is likelier after a period in which the other was active, in exact and in sampled futures alike."""
    pair = (
        Disruption(2, "east", 0.1, 6.0, 0.5, raised_by="west", raised_probability=0.9),
        Disruption(3, "west", 0.2, 6.0, 0.5, raised_by="east", raised_probability=0.8),
    )
    exact = by_name(drawn_case(1, disruptions=pair), exact_paths(drawn_case(1, disruptions=pair)))
    assert fsum(exact.values()) == pytest.approx(1)
    both_in_turn = ((), ("east",), ("west",), ())
    assert exact[both_in_turn] == pytest.approx((1 - 0.9**0.25) * 0.8**0.25 * 0.5 * (1 - 0.2**0.25) * 0.5 * (0.1**0.25))
    weights = [
        fsum(
            w
            for path, w in by_name(drawn_case(20, seed, disruptions=pair), drawn_paths(drawn_case(20, seed, disruptions=pair), PRODUCT)).items()
            if "west" in path[3]
        )
        for seed in range(200)
    ]
    assert np.mean(weights) == pytest.approx(fsum(w for path, w in exact.items() if "west" in path[3]), abs=4.5 * np.std(weights) / 200**0.5)


def test_a_name_stands_for_the_number_of_a_candidate():
    """S001 is the most probable path, S002 the first candidate, and of the second block of ten the first is S012: those equal to the first are left out."""
    drawn = drawn_case(10, periods=6)
    chain = Chain(drawn)
    modal, _ = modal_path(chain)
    expected = {"S001": next(chain.regimes(modal[None]))}
    for block in range(5):
        for number, path in enumerate(chain.regimes(candidates(chain, 1, block, 10))):
            if path not in expected.values():
                expected[f"S{block * 10 + number + 2:03d}"] = path
    found = drawn_paths(drawn, PRODUCT)
    assert len(found) > 3
    assert {name: path for path, _, name in found} == dict(list(expected.items())[: len(found)])


def test_where_nearly_all_futures_are_the_most_probable_one_the_draw_ends():
    """With a risk of one in a hundred million there is a plan's tree all the same, and its weights sum to 1."""
    drawn = drawn_case(10, disruptions=(Disruption(2, "meteor", 1e-8, 12.0, 0.5),))
    assert [(w, name) for _, w, name in drawn_paths(drawn, PRODUCT)] == [(1.0, "S001")]


def test_a_row_of_probability_0_changes_no_bit_of_the_futures():
    """A disruption that never happens, wherever its row stands, leaves every path, weight and name, and the tree, as they are."""
    never = Disruption(9, "never", 0.0, 12.0, 0.5)
    plain = drawn_case(60, periods=6)
    for place in range(5):
        with_it = drawn_case(60, periods=6, disruptions=(*DISRUPTIONS[:place], never, *DISRUPTIONS[place:]))
        assert by_name(plain, drawn_paths(plain, PRODUCT)) == by_name(with_it, drawn_paths(with_it, PRODUCT))
        one, other = make_tree(plain), make_tree(with_it)
        assert np.array_equal(one.parent, other.parent) and np.array_equal(one.probability, other.probability)
        assert one.reference == other.reference and one.scenarios == other.scenarios and np.array_equal(one.regime, other.regime)


def test_as_many_paths_as_scenarios_are_taken_exactly():
    """`auto` is exact where the paths are exactly as many as `scenarios`, and sampled where they are one more."""
    drawn = drawn_case(1, periods=3, disruptions=DISRUPTIONS[:1])
    paths = len(exact_paths(drawn))
    assert paths == 4
    for scenarios, method in ((paths, "exact"), (paths - 1, "sampled")):
        assert choose_method(drawn.with_settings(scenario_method="auto", scenarios=scenarios)) == method
