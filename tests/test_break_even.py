"""Break-even: the values at which decisions flip, by hand; the weights of futures under other chances; the map over probability and duration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_cases import random_case
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import Case, Disruption, Limit, Project, ScenarioRow
from optimizer.executors import Here
from optimizer.model.data import canonical
from optimizer.plan.status import ResultStatus
from optimizer.scenarios import make_tree
from optimizer.scenarios.exact import exact_paths
from optimizer.studies.estimates import Estimate, exactly
from optimizer.studies.path_weights import Futures, difference, objective, terms
from optimizer.studies.thresholds.break_even import break_even
from optimizer.studies.thresholds.decisions_now import Decision, chosen, decisions_of, taken_in
from optimizer.studies.thresholds.flips import Side, grid, guessed
from optimizer.studies.thresholds.risk_map import BUILD, STOCK, risk_map
from optimizer.studies.thresholds.solves import Kept
from optimizer.studies.thresholds.varied import duration_of, price_of, probability_of, without

CONTRACT = "The contract with Ally for ore"


def hedged(price: float = 10.0, probability: float = 0.3, **changes) -> Case:
    """Ten units a year for two years at 1 from China, which a ban may stop in the second, when a unit short costs 100; or under an allied contract.

    The contract is paid for in any case and replaces a unit at 1 in each year: it costs 2c a unit, and saves 2 + 99p.
    """
    return replace(
        case(
            settings=settings(),
            materials=(ore(storage_capacity=0.0),),
            offers=(offer("China", bloc="chinese"), offer("Ally", price=price, contract_price=price, capacity=10.0, row=3, terms="contract", take_or_pay=1.0)),
            disruptions=(Disruption(2, "ban", probability, 12.0, 0.0, bloc=("chinese",)),),
        ),
        **changes,
    )


def found(given: Case, **limits):
    """The rows of the table, by decision and by the first word of what is varied."""
    table = break_even(optimizer.solve(given), executor=Here(), **limits)["break_even"]
    return {(row.decision, row.varied.split()[0]): row for row in table.itertuples()}


def test_a_contract_s_break_even_probability_and_price_by_hand():
    """It is signed where 2c < 2 + 99p: at 10 from a probability of 18/99 on, and at a probability of 0.3 up to a price of 15.85."""
    rows = found(hedged())
    chance, price = rows[CONTRACT, "Annual"], rows[CONTRACT, "Contract"]
    assert chance.low <= 18 / 99 <= chance.high and chance.high - chance.low <= 0.01 and chance.taken == "above" and chance.in_plan
    assert price.low <= 15.85 <= price.high and price.high <= 1.02 * price.low and price.taken == "below"
    assert price.estimate == pytest.approx(15.85, rel=1e-3) and np.isnan(price.estimate_low)
    assert chance.words.startswith(f"{CONTRACT} is signed where the annual probability of ban is above a value between ")
    assert chance.words.count("the workbook says 30%.") == 1


def test_large_programs_are_searched_with_other_decisions_kept_and_confirmed():
    """Kept or not, the values by hand are found, and cases with all decisions free confirm them; without time for those, nothing is confirmed."""
    for given, key, exact in ((hedged(), "Annual", 18 / 99), (hedged(), "Contract", 15.85), (hedged(price=20.0), "Annual", 38 / 99)):
        row = found(given, quick_rows=0)[CONTRACT, key]
        assert row.low <= exact <= row.high and row.confirmed and "Solving with all other decisions free says the same." in row.words
    offers = (offer("China", bloc="chinese"), offer("New", capacity=10.0, row=3, project="line"))
    given = hedged(offers=offers, projects=(Project(2, "line", cost=200.0, lead_time_months=12.0),))
    row = found(given, quick_rows=0)["The project line", "Annual"]
    assert row.low <= 200 / 990 <= row.high and row.confirmed


def test_what_is_free_changes_what_is_found_and_is_said():
    """A contract at 10 against a project for 40 that does the same: kept, the contract flips at 18/99; free, at no probability is it signed."""
    offers = (*hedged().offers, offer("New", capacity=10.0, row=4, project="line"))
    given = hedged(offers=offers, projects=(Project(2, "line", cost=40.0, lead_time_months=12.0),))
    plan = optimizer.solve(given)
    assert taken_in(plan.solution) == {Decision(("line",))}
    kept = Kept.of(plan.solution, taken_in(plan.solution), frozenset([Decision(("Ally", "ore", ""))]))
    built = kept.applied(plan.solution.built)
    start = built.columns("start")
    fixed = built.program.lower[start.number] == built.program.upper[start.number]
    assert fixed.all() and built.program.lower[start.number].sum() == 1 and not built.program.integer[start.number].any()
    free = Kept.of(plan.solution, frozenset(), frozenset([Decision(("line",))])).applied(plan.solution.built)
    assert free.program.integer[start.number].all() and (free.program.lower[start.number] == 0).all()


def test_a_plan_solved_at_either_end_of_a_bracket_says_the_same():
    """At the lower end and at the upper end of each bracket, optimizer.solve takes the decision at one of them alone, on the side that the row says."""
    checked = 0
    for seed in (1, 2, 14, 20):
        given = random_case(seed)
        plan = optimizer.solve(given)
        table = break_even(plan, executor=Here(), decisions=3)["break_even"]
        names = {d.name: d for d in decisions_of(given)}
        for row in table.dropna(subset=["low"]).head(3).itertuples():
            decision = names[row.decision]
            listed = plan.solution.built.tree.method == "listed"
            numbers = [price_of(given, decision)]
            for disruption in given.disruptions:
                numbers += [probability_of(given, disruption.disruption, listed), duration_of(given, disruption.disruption, listed)]
            number = next(n for n in numbers if n is not None and n.what.casefold() == row.varied.casefold() and n.value == pytest.approx(row.workbook))
            low, high = (decision in taken_in(optimizer.solve(number.change(given, value)).solution) for value in (row.low, row.high))
            assert (low, high) == (row.taken == "below", row.taken == "above"), (seed, row.words)
            checked += 1
    assert checked >= 3


def test_a_contract_that_is_not_signed_by_hand():
    """At a price of 20 and a probability of 0.3 it is not signed; it is from 38/99 on, or up to a price of 15.85."""
    rows = found(hedged(price=20.0))
    chance, price = rows[CONTRACT, "Annual"], rows[CONTRACT, "Contract"]
    assert not chance.in_plan and chance.low <= 38 / 99 <= chance.high and chance.taken == "above"
    assert price.low <= 15.85 <= price.high and price.taken == "below"


def test_a_project_s_break_even_cost_and_probability_by_hand():
    """A project that opens an allied source at 1 saves 990 in a ban: at a cost of 200 it is started from a probability of 200/990 on, and up to 297."""
    offers = (offer("China", bloc="chinese"), offer("New", capacity=10.0, row=3, project="line"))
    rows = found(hedged(offers=offers, projects=(Project(2, "line", cost=200.0, lead_time_months=12.0),)))
    chance, cost = rows["The project line", "Annual"], rows["The project line", "Cost"]
    assert chance.low <= 200 / 990 <= chance.high and chance.taken == "above"
    assert cost.low <= 297 <= cost.high and cost.taken == "below" and "is started where the cost of the project is below" in cost.words


def test_a_break_even_duration_by_hand():
    """With a ban in force it lasts another year with the chance s = 1 - 12/m: a contract at 70 costs 140 and saves 101 + 99s, so it is signed from 19.8 on."""
    ban = Disruption(2, "ban", 0.0, 24.0, 0.0, bloc=("chinese",), active_now=True)
    row = found(hedged(price=70.0, disruptions=(ban,)))[CONTRACT, "Mean"]
    exact = 12 / (1 - 39 / 99)
    assert row.low <= exact <= row.high and row.high <= 1.02 * row.low and row.taken == "above" and row.unit == "months"


def test_a_decision_that_does_not_flip_is_said_so():
    """A contract that is cheaper than the spot market pays whatever the probability is, and whatever the duration."""
    rows = found(hedged(price=0.5))
    row = rows[CONTRACT, "Annual"]
    assert np.isnan(row.low) and row.taken is None and "and also at 0% and 100%" in row.words
    assert np.isnan(rows[CONTRACT, "Mean"].low)


def test_listed_futures_keep_their_proportions():
    """With listed futures it is the chance that the ban occurs at all that is varied: the contract pays from 18/99 on."""
    listed = (ScenarioRow(2, scenario="ban", probability=0.3, disruption="ban", starts=1, duration_months=12.0),)
    row = found(hedged(scenarios=listed, settings=settings(scenario_method="auto")))[CONTRACT, "Probability"]
    assert row.low <= 18 / 99 <= row.high and row.taken == "above" and row.workbook == pytest.approx(0.3)


def test_a_limit_that_needs_the_contract_leaves_no_flip():
    """Where a limit cannot be kept without the contract, it is signed at every price."""
    rows = found(hedged(limits=(Limit(2, "no China", "purchase_share", bloc=("chinese",), maximum=0.0),), demand=(need(shortage_cost=1000.0),)))
    assert np.isnan(rows[CONTRACT, "Contract"].low)


def test_a_plan_that_was_stopped_is_solved_again_first():
    """What a plan that was stopped early takes is no proof, so the case is solved again; here it says the same."""
    stopped = replace(optimizer.solve(hedged()), status=ResultStatus.FEASIBLE)
    row = break_even(stopped, executor=Here())["break_even"].iloc[0]
    assert row.low <= 18 / 99 <= row.high


def test_risk_alone_and_no_demand_and_no_disruption():
    """A plan for CVaR alone has a break-even; without demand, decisions or disruptions the table has what there is."""
    averse = found(hedged(settings=settings(risk_weight=1.0, cvar_level=0.5)))[CONTRACT, "Annual"]
    # The worst half is the ban with p and calm with the rest of it: the contract pays where 2c < 2 + 99 * 2p.
    assert averse.low - 1e-9 <= 9 / 99 <= averse.high
    assert found(hedged(demand=(need(0.0),), offers=(offer(),))) == {}
    assert {key[1] for key in found(hedged(disruptions=()))} == {"Contract"}


def test_the_time_ends_the_search():
    """With no time at all, the rows say that nothing was solved, and what the plan does stands in them."""
    table = break_even(optimizer.solve(hedged()), seconds=0.0, executor=Here())["break_even"]
    assert table["low"].isna().all() and table["in_plan"].all()
    assert table["words"].str.contains("The time was over before").all()


def test_who_listens_stops_it_at_once():
    """An exception of the listener comes through, and closes the executor."""
    closed = []

    class Closing(Here):
        def close(self) -> None:
            closed.append(True)

    def stop(progress) -> None:
        if "searches" in progress.detail:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_even(optimizer.solve(hedged()), stop, executor=Closing())
    assert closed


def test_a_plan_that_was_read_back_is_refused():
    """Without the solver's arrays nothing can be varied."""
    plan = replace(optimizer.solve(hedged()), solution=None)
    for study in (break_even, risk_map):
        with pytest.raises(ValueError, match="read back"):
            study(plan)


# -- futures under other chances -------------------------------------------------------------------------------------------


def test_futures_of_a_random_case_have_the_probabilities_of_the_changed_tree():
    """On every path of an exact tree the new weight is the probability that the tree of the changed case gives it."""
    seen = 0
    for seed in range(60):
        given = canonical(random_case(seed))
        if not given.disruptions or given.scenarios or given.settings.scenario_method == "listed":
            continue
        given = given.with_settings(scenario_method="exact")
        name = given.disruptions[seed % len(given.disruptions)].disruption
        number = probability_of(given, name, False)
        futures = Futures.of(given, make_tree(given))
        changed = number.change(given, 0.3 * number.value + 0.2)
        weight = futures.reweighted(changed)
        if weight is None:
            continue
        anew = Futures.of(changed, make_tree(changed))
        expected = dict(zip(anew.paths, anew.weight, strict=True))
        assert weight == pytest.approx([expected[path] for path in futures.paths]) and weight.sum() == pytest.approx(1.0)
        seen += futures.weight.size > 1
    assert seen >= 10


def test_sampled_futures_are_weighed_to_the_mean_under_other_chances():
    """Over many seeds the weighed share of paths with a ban is the chance of one under the changed probability, and the modal path has its own."""
    given = hedged(settings=settings(periods=4, scenario_method="sampled", scenarios=40))
    shares = []
    for seed in range(20):
        one = given.with_settings(seed=seed)
        futures = Futures.of(one, make_tree(one))
        weight = futures.reweighted(probability_of(one, "ban", False).change(one, 0.2))
        shares.append(sum(w for w, path in zip(weight, futures.paths) if any(path)))
        assert weight[futures.modal] == pytest.approx(0.8**3)
    assert np.mean(shares) == pytest.approx(1 - 0.8**3)


def test_what_no_path_can_tell_is_not_told():
    """A disruption that never begins in the workbook has no path that could be weighed up; one that ends at once has none that lasts."""
    given = hedged(probability=0.0, settings=settings(periods=3))
    futures = Futures.of(given, make_tree(given))
    assert futures.reweighted(probability_of(given, "ban", False).change(given, 0.2)) is None
    given = hedged(settings=settings(periods=3))
    futures = Futures.of(given, make_tree(given))
    assert futures.reweighted(duration_of(given, "ban", False).change(given, 24.0)) is None


def test_the_terms_of_the_objective_have_it_as_their_mean():
    """CVaR is the mean of what lies above its quantile, for any weights."""
    random = np.random.default_rng(3)
    for level in (0.0, 0.5, 0.9):
        weight, cost = random.dirichlet(np.ones(30)), random.normal(size=30)
        assert weight @ terms(weight, cost, 0.4, level) == pytest.approx(objective(weight, cost, 0.4, level))


def test_the_interval_of_a_difference_covers():
    """In at least 93 of 100 samples the interval holds the true difference of two costs, each a figure of its path, over all paths there are."""
    given = hedged(settings=settings(periods=4, scenario_method="sampled", scenarios=30))
    every = exact_paths(given)
    cost = {tuple(path): 10.0 * any(path) + 5.0 * np.sin(k) for k, (path, _, _) in enumerate(every)}
    truth = sum(chance * cost[tuple(path)] for path, chance, _ in every)
    hits = []
    for seed in range(200):
        one = given.with_settings(seed=seed)
        futures = Futures.of(one, make_tree(one))
        mine = np.array([cost[path] for path in futures.paths])
        estimate = difference(futures, futures.weight, mine, 0 * mine, 0.0, 0.0)
        hits.append(estimate.low <= truth <= estimate.high)
    assert np.mean(hits) >= 0.93


# -- the search ------------------------------------------------------------------------------------------------------------


def test_a_guess_is_where_the_gain_changes_its_sign():
    """Between 1 and 2 the gain falls from 1 to -1; with errors of a half the interval runs from 1 to 3."""
    values = np.array([0.0, 1.0, 2.0, 3.0])
    sure = guessed(values, [exactly(gain) for gain in (2.0, 1.0, -1.0, -2.0)], True)
    assert sure.value == pytest.approx(1.5) and np.isnan(sure.low)
    unsure = guessed(values, [Estimate(gain, gain - 1.5, gain + 1.5) for gain in (2.0, 1.0, -1.0, -2.0)], True)
    assert (unsure.low, unsure.high) == (1.0, 3.0)
    assert guessed(values, [exactly(1.0)] * 4, True) is None


@pytest.mark.parametrize("guess", (None, 0.2, 0.32, 0.9))
def test_the_search_ends_with_a_narrow_bracket_whatever_the_guess(guess):
    """A flip at 0.61 is found from 0.3 upward in at most nine solves, also where the guess is wrong."""
    from optimizer.studies.thresholds.flips import Answer, Guess

    number, one = probability_of(hedged(), "ban", False), Decision(("Ally", "ore", ""))
    known: dict[float, Answer | None] = {}
    side = Side(one, number, True, False, known, None if guess is None else Guess(guess))
    while (value := side.next_probe) is not None:
        assert value not in known and number.value < value <= 1
        known[value] = Answer(frozenset([one] if value > 0.61 else []), 0.0, None, np.zeros(0), {})
    near, far = side.bracket
    assert near <= 0.61 <= far <= near + 0.01 and len(known) <= 9


def test_the_grid_runs_from_the_workbook_s_value_to_the_end():
    """It begins at the workbook's value and ends at the end of the range on either side."""
    price = price_of(hedged(), Decision(("Ally", "ore", "")))
    assert (grid(price, True)[[0, -1]] == pytest.approx([10.0, 20.0])) and grid(price, False)[-1] == pytest.approx(5.0)


def test_decisions_are_chosen_by_what_is_at_stake():
    """What the plan takes comes first, then what it could take, the dearest first; what costs nothing is still listed where there is room."""
    given = hedged(projects=(Project(2, "idle", cost=5.0, lead_time_months=0.0), Project(3, "dear", cost=50.0, lead_time_months=0.0)))
    solution = optimizer.solve(given).solution
    assert taken_in(solution) == {Decision(("Ally", "ore", ""))}
    assert [d.key[0] for d in chosen(given, solution, 8)] == ["Ally", "dear", "idle"]
    assert [d.key[0] for d in chosen(given, solution, 2)] == ["Ally", "dear"]
    closed = Decision(("idle",)).without(given).projects
    assert not any(closed[0].in_window(t) for t in range(2)) and closed[1] == given.projects[1]


def test_without_a_disruption_it_never_begins():
    """Its annual probability, that on its date and that while another is active are all 0."""
    given = hedged(disruptions=(Disruption(2, "ban", 0.3, 12.0, 0.0, decision_date=1, decision_probability=0.5),))
    assert len(make_tree(without(given, "ban", False)).scenarios) == 1


# -- the map ---------------------------------------------------------------------------------------------------------------


def test_the_map_tells_stock_from_a_contract_by_hand():
    """A unit held over the year costs 1 and 2 to hold, so 3p' < 97p: where a ban is not too rare the ten units of its year come out of stock."""
    plan = optimizer.solve(hedged(price=60.0, materials=(ore(holding_cost_per_year=2.0),)))
    table = risk_map(plan, executor=Here())["risk_map"]
    assert len(table) == 25 and list(table["probability"].unique()) == pytest.approx([0.075, 0.15, 0.3, 0.6, 1.0])
    assert set(table["strategy"]) == {STOCK} and table["stock"].to_numpy() == pytest.approx(1.0)
    rare = risk_map(optimizer.solve(hedged(probability=0.04, price=1.2)), executor=Here())["risk_map"]
    # The contract costs 2.4 and saves 2 + 99p: it is signed from a probability of 0.0041 on, and a ban leaves nothing else.
    assert set(rare["strategy"]) == {"contract"} and rare["contract"].to_numpy() == pytest.approx(1.0)


def test_the_map_tells_accept_from_build_by_hand():
    """The project for 200 is started from a probability of 200/990 on; below, all is left short."""
    offers = (offer("China", bloc="chinese"), offer("New", capacity=10.0, row=3, project="line"))
    plan = optimizer.solve(hedged(offers=offers, projects=(Project(2, "line", cost=200.0, lead_time_months=12.0),)))
    table = risk_map(plan, executor=Here())["risk_map"]
    assert list(table["strategy"]) == ["accept"] * 10 + [BUILD] * 15
    sums = table[["stock", "contract", "project", "other", "short"]].sum(axis=1)
    assert sums.to_numpy() == pytest.approx(1.0) and table["short"][0] == pytest.approx(1.0)


def test_the_map_of_random_cases_adds_up():
    """On random cases the shares are none below 0 and add up to 1 wherever there is demand while the disruption is active."""
    seen = 0
    for seed in range(12):
        given = random_case(seed)
        if not given.disruptions:
            continue
        try:
            plan = optimizer.solve(given)
        except optimizer.errors.OptimizerError:
            continue
        for name in [row.disruption for row in given.disruptions][:1]:
            from optimizer.studies.thresholds.risk_map import ServedDuring

            served = ServedDuring(name, given.materials[0].material)(plan.solution)
            shares = np.array([served.stock, served.contract, served.project, served.other, served.short])
            if not np.isnan(shares).any():
                assert shares.min() >= -1e-6 and shares.sum() == pytest.approx(1.0)
                seen += 1
    assert seen >= 3


def test_the_map_refuses_names_that_are_not_there():
    """A disruption or a material that the case has not is a KeyError; without disruptions there is no map."""
    plan = optimizer.solve(hedged())
    with pytest.raises(KeyError):
        risk_map(plan, disruption="flood", executor=Here())
    with pytest.raises(KeyError):
        risk_map(plan, material="tin", executor=Here())
    assert risk_map(optimizer.solve(hedged(disruptions=())), executor=Here())["risk_map"].empty
