"""What a better plan could save is bounded as often as promised, decisions are counted as they are, and a plan that knows every future is left alone."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from random_cases import random_case
from support import PATIENCE, case, need, offer, ore, settings

import optimizer
from optimizer.case import Case, Disruption, Limit, Project, ScenarioRow
from optimizer.executors import Here, Processes, run_all
from optimizer.scenarios.tree import build_tree
from optimizer.solving import solve
from optimizer.solving.built import build
from optimizer.solving.outcome import Status
from optimizer.solving.solve import solve_case
from optimizer.solving.watch import Phase, Watch
from optimizer.studies.estimates import student, two_sided, upper_bound
from optimizer.studies.resampling import fresh_samples as fresh
from optimizer.studies.resampling import replications as study
from optimizer.studies.resampling.fresh_samples import Answer, Chosen, HereAndNow, Replication, Samples, draw, here_and_now, replicate, seeds_of
from optimizer.studies.resampling.replications import SAMPLES, estimates, multiple_replications

# -- Student's t -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probability", "freedom", "published"),
    [(0.95, 1, 6.3138), (0.975, 4, 2.7764), (0.95, 9, 1.8331), (0.975, 9, 2.2622), (0.99, 19, 2.5395), (0.975, 120, 1.9799), (0.05, 9, -1.8331)],
)
def test_quantiles_of_students_t_are_the_published_ones(probability, freedom, published):
    """They agree with the table of Fisher and Yates to its four digits."""
    assert student(probability, freedom) == pytest.approx(published, abs=6e-5)


def test_intervals_by_hand():
    """Of 1, 2 and 3 the mean is 2 and its standard error 1/sqrt(3); one value alone has no interval, and none at all no mean."""
    error = 1 / np.sqrt(3)
    assert two_sided([1, 2, 3]) == pytest.approx((2, 2 - 4.302653 * error, 2 + 4.302653 * error), abs=1e-6)
    assert upper_bound([1, 2, 3]) == pytest.approx((2, 2 + 2.919986 * error), abs=1e-6)
    assert np.isnan(two_sided([5.0])[1:]).all() and two_sided([5.0])[0] == 5.0 and np.isnan(upper_bound([5.0])[1])
    assert np.isnan([*two_sided([]), *upper_bound([])]).all()
    assert student(0.95, 0) == np.inf


# -- by hand ---------------------------------------------------------------------------------------------------------------


def banned(**changes) -> Case:
    """Ten units a year at 1, which a ban stops for the second year at a chance of one half; holding one costs 0.1 a year, lacking one 2.

    Whatever the seed, a sample has both futures with their probabilities.
    """
    s = settings(**{"scenario_method": "sampled", "scenarios": 5, **changes.pop("settings", {})})
    return replace(
        case(
            settings=s,
            materials=(ore(holding_cost_per_year=0.1),),
            offers=(offer(bloc="chinese", capacity=20.0),),
            demand=(need(10.0, shortage_cost=2.0),),
            disruptions=(Disruption(2, "ban", 0.5, 12.0, 0.0, bloc=("chinese",)),),
        ),
        **changes,
    )


def ordering(given: HereAndNow, solution, quantity: float) -> HereAndNow:
    """The same decisions with another order in the first period."""
    columns = solution.built.columns("spot")
    value = given.value.copy()
    value[solution.built.program.column_template[columns.number[columns.node == 0]]] = quantity
    return replace(given, value=value)


@pytest.mark.parametrize(
    ("risk", "objective"),
    # Ten are bought and lacking later, or not: 20 or 30. Of the worse half that is 30.
    [({}, 25.0), ({"risk_weight": 0.5, "cvar_level": 0.5}, 27.5), ({"risk_weight": 1.0, "cvar_level": 0.5}, 30.0)],
)
def test_a_buyer_who_does_not_stock_up_by_hand(risk, objective):
    """Holding ten costs 21 in either future. Who does not buy them pays 20 or 30, so that a better plan saves the difference."""
    solution = solve_case(banned(settings=risk), watch=Watch())
    given = ordering(here_and_now(solution), solution, 10.0)
    if risk:
        assert given.threshold == pytest.approx(21.0)
        given = replace(given, threshold=20.0)
    samples = draw(solution.built, seeds_of(1, 3), Watch())
    found = [replicate(samples, k, given) for k in range(3)]
    for one in found:
        assert one.answer == Answer.KEPT and one.futures == 2
        assert (one.objective, one.expected_cost, one.bound, one.gap) == pytest.approx((objective, 25.0, 21.0, objective - 21.0))
        assert one.chosen == Chosen({}, {}, {0: pytest.approx(20.0)}, {"ore": pytest.approx(10.0)})
    e = estimates(found)
    assert e.gap == pytest.approx((objective - 21, objective - 21)) and e.expected_cost == pytest.approx((25.0, 25.0, 25.0))


def test_a_threshold_of_risk_is_a_decision_that_a_plan_has_taken():
    """With the threshold at 21, 30 is 9 above it in half of the futures: 21 + 9 and not the least that any threshold gives."""
    solution = solve_case(banned(settings={"risk_weight": 1.0, "cvar_level": 0.25}), watch=Watch())
    given = ordering(here_and_now(solution), solution, 10.0)
    samples = draw(solution.built, seeds_of(1, 2), Watch())
    assert replicate(samples, 0, given).objective == pytest.approx(21 + 0.5 * 9 / 0.75)


def test_decisions_that_break_a_hard_limit_are_told_from_samples_that_nobody_can_serve():
    """Five are to be in stock whatever happens: who buys nothing has none in a ban. Fifty are more than anybody can hold."""
    rule = Limit(2, "reserve", "stock_quantity", minimum=5.0, start=1, holds="everywhere")
    solution = solve_case(banned(limits=(rule,)), watch=Watch())
    samples = draw(solution.built, seeds_of(1, 2), Watch())
    given = here_and_now(solution)
    kept, broken = replicate(samples, 0, given), replicate(samples, 1, ordering(given, solution, 0.0))
    assert kept.answer == Answer.KEPT and kept.gap == pytest.approx(0.0, abs=1e-6)
    assert broken.answer == Answer.BROKEN and np.isnan(broken.objective) and broken.chosen is not None
    e = estimates([kept, kept, broken])
    assert (e.kept, e.broken, e.gap[0]) == (2, 1, pytest.approx(0.0, abs=1e-6)) and np.isnan(e.gap[1])
    (row, *_) = study._figures(solution, [kept, kept, broken])
    assert np.isnan(row["high"]) and "has no bound" in row["words"]
    assert row["words"].endswith("In 1 of 3 samples the plan's decisions cannot keep a hard limit or a budget, whatever is decided later.")
    impossible = build(banned(limits=(replace(rule, minimum=50.0),)), Watch())
    assert replicate(draw(impossible, seeds_of(1, 2), Watch()), 0, given).answer == Answer.IMPOSSIBLE


def test_a_sample_that_takes_too_long_is_said_and_left_out(monkeypatch):
    """Whoever has no time left hands back no figure, and the words say so."""
    monkeypatch.setattr(fresh, "LEAST_SECONDS", 0.0)
    solution = solve_case(banned(), watch=Watch())
    samples = draw(solution.built, seeds_of(1, 3), Watch())
    late = replicate(samples, 0, here_and_now(solution), until=time.time() - 1)
    assert late.answer == Answer.UNSOLVED and np.isnan(late.gap)
    found = [late, *(replicate(samples, k, here_and_now(solution)) for k in (1, 2))]
    words = study._figures(solution, found)[0]["words"]
    assert estimates(found).unsolved == 1 and "from 2 fresh samples" in words and "In 1 of 3 samples there was not enough time" in words
    assert study._figures(solution, [late] * 3)[0]["words"].startswith("What a better plan could save is not known.")


@pytest.mark.parametrize(("months", "share"), [(24.0, 0.4), (12.0, 0.0)])
def test_what_a_sample_foresees_by_hand(months, share):
    """Two of three futures begin without a ban, the third, of 0.4, with one that may end next year, or must: what must be is not foreseen."""
    given = banned(settings={"periods": 3}, disruptions=(Disruption(2, "ban", 0.5, months, 0.0, bloc=("chinese",)),))
    paths = [([(), (), ()], 0.3, "a"), ([(), (), (0,)], 0.3, "b"), ([(), (0,), ()], 0.4, "c")]
    assert fresh.foreseen_share(given, build_tree(paths, [2], "sampled")) == pytest.approx(share)
    found = [Replication(k, 3, Answer.KEPT, 1.0, 1.0, 1.0, 1.0, foreseen=share) for k in range(2)]
    words = study._figures(solve_case(given, watch=Watch()), found)[-1]["words"]
    assert ("in 40% of the steps after the first" in words) == (share > 0)
    assert ("foresee 40% of the steps" in study._figures(solve_case(given, watch=Watch()), found)[0]["words"]) == (share > 0)


# -- properties ------------------------------------------------------------------------------------------------------------


def sampled(seed: int) -> Case | None:
    """A random case whose futures are drawn, where it has any that can differ."""
    drawn = random_case(seed).with_settings(scenario_method="sampled", scenarios=6, mip_gap=0.0, seed=seed)
    return drawn if drawn.disruptions else None


def test_on_its_own_sample_a_plan_is_the_best_and_costs_what_it_says():
    """The plan's here-and-now decisions cost its objective on its own futures, and on others at least what the best plan for them costs."""
    seen = waiting = 0
    for seed in range(16):
        drawn = sampled(seed)
        solution = solve_case(drawn, watch=Watch()) if drawn is not None else None
        if solution is None or solution.x is None or not fresh.is_sampled(solution.built):
            continue
        samples = draw(solution.built, [seed, *seeds_of(seed, 1)], Watch())
        own, other = (replicate(samples, k, here_and_now(solution)) for k in (0, 1))
        size = 1 + np.abs(solution.path_cost).max()
        assert own.answer == Answer.KEPT and own.futures == len(solution.built.tree.scenarios), seed
        assert own.objective == pytest.approx(solution.objective, abs=2e-6 * size), seed
        assert own.bound == pytest.approx(solution.bound, abs=2e-6 * size) and own.gap <= 4e-6 * size, seed
        assert other.answer != Answer.KEPT or other.objective >= other.bound - 2e-6 * size, seed
        seen += 1
        waiting += any(project.may_wait_for for project in drawn.projects)
    assert seen >= 6 and waiting


def test_a_tree_that_is_cut_up_gives_the_same_figures(monkeypatch):
    """By decomposition, where the decisions are tried after the best plan is known, each figure is that of the program in one piece."""
    seen = 0
    for seed in range(60):
        drawn = sampled(seed)
        solution = solve_case(drawn, watch=Watch()) if drawn is not None else None
        if solution is None or solution.x is None or not fresh.is_sampled(solution.built) or not solve.decomposes(solution.built, "decomposed"):
            continue
        samples, given = draw(solution.built, seeds_of(seed, 1), Watch()), here_and_now(solution)
        whole = replicate(samples, 0, given)
        with monkeypatch.context() as patch:
            patch.setattr(solve, "LARGE", 0)
            cut = replicate(samples, 0, given)
        size = 1 + np.abs(solution.path_cost).max()
        assert cut.answer == whole.answer, seed
        assert cut.bound == pytest.approx(whole.bound, abs=1e-5 * size, nan_ok=True), seed
        assert cut.objective == pytest.approx(whole.objective, abs=1e-5 * size, nan_ok=True), seed
        seen += 1
        if seen == 6:
            return
    pytest.fail("too few cases could be cut up")


# -- coverage --------------------------------------------------------------------------------------------------------------

REPETITIONS, PER_REPETITION = 200, SAMPLES
PROMISED = 0.93
"""Of 200 intervals of 95%, fewer than this share cover the truth by chance in one of ten runs; the seeds are fixed."""


def three_risks(**changes) -> Case:
    """Two years and eight futures, of which a sample draws at most eight, and decisions today that matter: a contract, an order, a project."""
    return case(
        settings=settings(**changes),
        materials=(ore(holding_cost_per_year=0.2),),
        demand=(need(10.0, shortage_cost=4.0),),
        offers=(
            offer("A", capacity=25.0, bloc="chinese"),
            offer("B", price=1.6, capacity=6.0, row=3, terms="both", contract_price=1.2, take_or_pay=1.0),
            offer("C", price=2.2, capacity=9.0, row=4, bloc="other"),
        ),
        disruptions=(
            Disruption(2, "ban", 0.25, 12.0, 0.2, bloc=("chinese",)),
            Disruption(3, "strike", 0.3, 12.0, 0.4, price_multiplier=1.5, bloc=("other",)),
            Disruption(4, "boom", 0.35, 12.0, 1.0, demand_multiplier=1.5),
        ),
    )


def true_cost(given: HereAndNow, **changes) -> tuple[float, float]:
    """The least objective, and the expected cost, of given decisions over all futures with their probabilities."""
    status, x = fresh._as_one(whole := given.within(build(three_risks(**changes), Watch())), given, Watch())
    assert status == Status.OPTIMAL
    cost = whole.path_costs(x)
    return given.objective(whole, cost), whole.objective(cost)[0]


def each_solved_once(samples: Samples, given: HereAndNow) -> list[Replication]:
    """Every sample replicated; samples that came out the same are one program, which is solved once."""
    known: dict[tuple[bytes, ...], Replication] = {}
    found = []
    for k, tree in enumerate(samples.trees):
        key = (tree.parent.tobytes(), tree.regime.tobytes(), tree.probability.tobytes())
        known[key] = known.get(key) or replicate(samples, k, given)
        found.append(known[key])
    assert len(known) > 20, "the samples do not differ"
    return found


def covered(found: list[Replication], gap: float, cost: float) -> tuple[float, float]:
    """In which share of the repetitions the bound covers the gap, and the interval the expected cost."""
    hits = []
    for k in range(0, len(found), PER_REPETITION):
        e = estimates(found[k : k + PER_REPETITION])
        rounding = 1e-9 * (1 + abs(cost))
        hits.append((e.gap[1] >= gap - rounding, e.expected_cost[1] - rounding <= cost <= e.expected_cost[2] + rounding))
    share = np.mean(hits, axis=0)
    return float(share[0]), float(share[1])


@pytest.mark.parametrize("risk", [{}, {"risk_weight": 0.5, "cvar_level": 0.8}], ids=["expected cost", "with CVaR"])
@pytest.mark.parametrize("bad", [False, True], ids=["a plan", "a bad plan"])
def test_intervals_cover_the_truth_as_often_as_they_promise(bad, risk):
    """Over 200 repetitions, the bound covers the true gap, known from all eight futures, and the interval the true expected cost."""
    least = solve_case(three_risks(**risk), watch=Watch()).objective
    plan = solve_case(three_risks(scenario_method="sampled", scenarios=6, seed=3, **risk), watch=Watch())
    given = here_and_now(plan)
    if bad:
        given = ordering(given, plan, 0.0)
    objective, cost = true_cost(given, **risk)
    assert objective - least > (1.0 if bad else -1e-9)
    samples = draw(plan.built, seeds_of(77, REPETITIONS * PER_REPETITION), Watch())
    found = each_solved_once(samples, given)
    of_gap, of_cost = covered(found, objective - least, cost)
    assert of_gap >= PROMISED and of_cost >= PROMISED, (of_gap, of_cost)


# -- the study -------------------------------------------------------------------------------------------------------------


def test_a_plan_that_knows_every_future_is_not_solved_again(monkeypatch):
    """Exact, listed and certain futures have no sampling error: the figures are the plan's own, and nothing is drawn."""
    monkeypatch.setattr(study, "draw", lambda *_: pytest.fail("drawn"))
    course = ScenarioRow(2, "ban in 2028", 0.4, disruption="ban", starts=1, duration_months=12.0)
    for given in (
        banned(settings={"scenario_method": "exact"}),
        banned(settings={"scenario_method": "listed"}, scenarios=(course,)),
        banned(disruptions=()),
        banned(disruptions=(Disruption(2, "ban", 1.0, 12.0, 0.0, bloc=("chinese",)),)),
        banned(settings={"scenario_method": "exact", "periods": 1}, demand=(need(0.0),)),
    ):
        plan, told = optimizer.solve(given), []
        tables = multiple_replications(plan, told.append)
        gap, cost = tables["replications"].to_dict("records")
        assert (gap["figure"], gap["high"], gap["samples"]) == ("gap", pytest.approx(0.0, abs=1e-9), 0) and "no sampling error" in gap["words"]
        assert (cost["low"], cost["high"]) == pytest.approx((plan.expected_cost,) * 2) and "no sampling error" in cost["words"]
        assert tables["replication_decisions"].empty and tables["replication_samples"].empty and told[0].phase == Phase.REPLICATIONS


def test_a_plan_for_one_future_alone_is_told_nothing(monkeypatch):
    """The most probable future is the same in every sample, so that their agreement would prove nothing."""
    monkeypatch.setattr(study, "draw", lambda *_: pytest.fail("drawn"))
    table = multiple_replications(optimizer.solve(banned(settings={"scenarios": 1})))["replications"]
    assert table["high"].isna().all() and all("Plan for more futures" in words for words in table["words"])


def test_what_cannot_be_told_is_refused_with_a_sentence():
    """A plan without its solver's arrays, and fewer samples than an interval takes."""
    plan = optimizer.solve(banned())
    with pytest.raises(ValueError, match="read back"):
        multiple_replications(replace(plan, solution=None))
    with pytest.raises(ValueError, match="at least 2 samples, not 1"):
        multiple_replications(plan, samples=1)


def test_the_tables_by_hand():
    """In every sample 20 are ordered and 10 held, at 21 in each future: no better plan, no doubt, and decisions that never change."""
    plan = optimizer.solve(banned(settings={"risk_weight": 0.5, "cvar_level": 0.5}))
    tables = multiple_replications(plan, samples=4, executor=Here())
    figures = tables["replications"].set_index("figure")
    assert list(figures.index) == ["gap", "objective", "expected_cost"] and list(figures["samples"]) == [4, 4, 4]
    assert list(figures["estimate"]) == pytest.approx([0.0, 21.0, 21.0], abs=1e-6) and list(figures["high"]) == pytest.approx([0.0, 21.0, 21.0], abs=1e-6)
    order, stock = tables["replication_decisions"].to_dict("records")
    assert (order["kind"], order["decided"]) == ("first order", 4)
    assert [order[name] for name in ("least", "most", "in_plan")] == pytest.approx([20.0] * 3)
    assert order["words"] == "A, ore: ordered in 4 of 4 samples, 20 t; in the plan 20 t."
    assert stock["words"] == "ore: held in 4 of 4 samples, 10 t; in the plan 10 t."
    samples = tables["replication_samples"]
    assert list(samples["answer"]) == ["kept"] * 4 and samples["seed"].nunique() == 4 and samples["gap"].max() == pytest.approx(0.0, abs=1e-6)


def test_decisions_are_told_in_how_many_samples_and_between_what():
    """A contract signed in two of three samples, a project on a date, on another, or once a ban is active, in sentences."""
    given = banned(
        offers=(offer(terms="both", contract_price=1.5, take_or_pay=0.0), offer("B", price=9.0, row=3, terms="contract", contract_price=9.0)),
        projects=(Project(row=2, project="plant", cost=1.0, lead_time_months=0.0), Project(row=3, project="mine", cost=1.0, lead_time_months=0.0)),
    )
    solution = solve_case(given, watch=Watch())
    peak, none = {"ore": 0.0}, {"plant": None, "mine": None}
    others = [
        Chosen({0: 360.0}, {"plant": 1, "mine": None}, {}, peak),
        Chosen({0: 380.0}, {"plant": 0, "mine": None}, {0: 4.0}, {"ore": 3.0}),
        Chosen({}, {"plant": "ban", "mine": None}, {}, peak),
    ]
    found = [Replication(k, 2, Answer.KEPT, 1.0, 1.0, 1.0, 1.0, one) for k, one in enumerate(others)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "chosen_by", lambda _: Chosen({0: 370.0}, {**none, "plant": 0}, {}, {"ore": 2.0}))
        words = [row["words"] for row in study._decisions(solution, found)]
    assert words == [
        "A, ore: signed in 2 of 3 samples, between 360 and 380 t a year; in the plan 370 t a year.",
        "plant: started in 3 of 3 samples (in 2027 in 1, in 2028 in 1, once ban is active in 1); in the plan in 2027.",
        "mine: started in 0 of 3 samples; not started in the plan.",
        "A, ore: ordered in 1 of 3 samples, 4 t; not ordered in the plan.",
        "ore: held in 1 of 3 samples, 3 t; in the plan 2 t.",
    ]


class Enough(Exception):
    """What a caller raises who has seen enough."""


def test_samples_are_solved_in_processes_which_end_with_what_the_caller_raises(monkeypatch):
    """Processes give the figures of this process; an exception of the caller's ends them at once, and none is left behind."""
    plan = optimizer.solve(three_risks(scenario_method="sampled", scenarios=6))
    started: list = []

    class Watched(Processes):
        def close(self) -> None:
            started.extend(process for pool in self._pools if pool is not None for process in pool._processes.values())
            super().close()

    monkeypatch.setattr(study, "Processes", lambda lanes=2: Watched(min(2, lanes)))
    told: list = []
    here = multiple_replications(plan, samples=4, executor=Here())
    apart = multiple_replications(plan, told.append, samples=4)
    for name, table in here.items():
        assert table.equals(apart[name]), name
    assert told[-1].words == "fresh samples of futures, 4 of 4" and len(started) == 2
    started.clear()

    def enough(progress) -> None:
        if "1 of" in progress.words:
            raise Enough

    began = time.monotonic()
    with pytest.raises(Enough):
        multiple_replications(plan, enough, samples=1000)
    assert time.monotonic() - began < PATIENCE and started and not any(process.is_alive() for process in started)


def test_whoever_waits_for_processes_is_asked_meanwhile_whether_to_stop():
    """A caller is asked while every lane is busy, and what it raises comes through."""
    processes, asked = Processes(1), []

    def look() -> bool:
        asked.append(time.monotonic())
        if len(asked) > 3:
            raise Enough
        return False

    try:
        with pytest.raises(Enough):
            dict(run_all(processes, time.sleep, [(1.5,)], look))
    finally:
        processes.close()
