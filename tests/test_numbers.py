"""Numbers of any size: what is proven is the best, what has an answer gets it, and what is found wrong is solved another way."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from random_cases import random_case
from support import case, need, offer, ore, settings
from written_out import solve_written_out

import optimizer
from optimizer.case import Limit, Project
from optimizer.errors import AuditError, SolverError
from optimizer.model.arrays import Arrays
from optimizer.model.data import CaseData, canonical
from optimizer.plan.audit import Claimed, audit
from optimizer.plan.results import Results
from optimizer.solving import extensive
from optimizer.solving.extensive import solve_extensive
from optimizer.solving.highs import Solver
from optimizer.solving.outcome import Outcome, Status
from optimizer.solving.refined import dual_bound
from optimizer.solving.watch import Phase

CASES = Path(__file__).parent / "cases" / "solver"


def findings(solution) -> tuple[str, ...]:
    """What the audit says of a solution."""
    costs = {row["part"]: row["expected"] for row in Results(solution).costs()}
    claimed = Claimed(solution.objective, solution.expected_cost, solution.cvar, costs)
    return audit(solution.built.case, solution.built.tree, solution.decisions, claimed).findings


# -- the files on which it failed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "objective"),
    [
        ("capacity_1e9_project_audit", 17013.776620371606),
        ("minimum_contract_1e+10", 2000.0),
        ("free_goods_wrong_optimum", 86.38375985314758),
        ("shortage_1e9_infeasible", 240e9 * (1 + 1 / 1.05 + 1 / 1.05**2 + 1 / 1.05**3) + 400e9 * (1 + 1 / 1.05 + 1 / 1.05**2 + 1 / 1.05**3)),
    ],
)
def test_cases_that_failed_for_their_numbers_are_solved(name, objective):
    """Each is proven, at the value that the written-out form has with smaller numbers or that is plain by hand."""
    plan = optimizer.solve(CASES / f"{name}.xlsx")
    assert plan.status == "optimal" and plan.gap <= 1e-6
    assert plan.objective == pytest.approx(objective, rel=1e-6)


def test_a_probability_of_one_in_a_billion_is_no_trouble():
    """The case is infeasible for its cover limits, and the answer names these and no other row."""
    with pytest.raises(optimizer.errors.InfeasibleError) as error:
        optimizer.solve(CASES / "probability_1e-9.xlsx")
    assert {(c.sheet, c.row) for c in error.value.conflicts} == {("Limits", 3)}


def test_the_least_expected_cost_of_a_case_of_many_futures():
    """At risk_weight 1 the room of 1e-6 above the least CVaR is used to the full, for an expected cost that the solver confirms without presolve.

    The case is decomposed, which finds the least CVaR less exactly than that, so that it is found anew in one piece.
    """
    plan = optimizer.solve(CASES / "least_expected_cost_at_risk_weight_1.xlsx")
    assert plan.status == "optimal" and plan.solution.method == "decomposed" and plan.gap <= 1e-6
    assert plan.cvar == pytest.approx(13625.0131549 * (1 + 1e-6), rel=1e-8)
    assert plan.expected_cost == pytest.approx(9630.5077, rel=1e-6)


# -- random cases ------------------------------------------------------------------------------------------------------


def in_other_money(case, unit: float):
    """The same case with all money counted in `unit`."""

    def counted(rows, *names):
        return tuple(replace(row, **{name: getattr(row, name) / unit for name in names if getattr(row, name) is not None}) for row in rows)

    return replace(
        case,
        materials=counted(case.materials, "holding_cost_per_year", "disposal_cost", "salvage_value", "sale_price"),
        demand=counted(case.demand, "shortage_cost"),
        offers=counted(case.offers, "price", "contract_price", "price_floor", "price_ceiling", "reservation_price", "prepayment", "upside_trigger"),
        offer_changes=counted(case.offer_changes, "price", "contract_price"),
        projects=counted(case.projects, "cost"),
        substitutes=counted(case.substitutes, "cost"),
        budget=counted(case.budget, "amount"),
        limits=counted(case.limits, "penalty"),
    )


def extreme(seed: int, *kinds: str):
    """A random case with shortage costs of 1e3 to 1e9 times the prices, goods that cost nothing, or capacities of 1e8 to 1e11."""
    draw, case = random.Random(seed), canonical(random_case(seed)).with_settings(mip_gap=0.0, time_limit_seconds=60.0)
    offers, materials, demand = case.offers, case.materials, case.demand
    if "capacity" in kinds:
        large = 10 ** draw.uniform(8, 11)
        offers = tuple(replace(o, capacity_per_year=large, spot_limit_per_year=large) if draw.random() < 0.6 else o for o in offers)
        materials = tuple(replace(m, salvage_value=0.0, sale_price=None, sale_limit_per_year=None) for m in materials)
        case = replace(case, offer_changes=())  # a contract counts by the share that a changed capacity is of the largest
    if "free" in kinds:
        free = {"price": 0.0, "contract_price": 0.0, "contract_pricing": "fixed", "price_floor": None, "reservation_price": 0.0}
        offers = tuple(replace(o, **free) if draw.random() < 0.7 else o for o in offers)
    if "shortage" in kinds:
        factor = 10 ** draw.uniform(3, 9)
        demand = tuple(replace(d, shortage_cost=d.shortage_cost * factor) if draw.random() < 0.8 else d for d in demand)
    return replace(case, offers=offers, materials=materials, demand=demand)


def with_capacities_to(case, most: float):
    """The case with no capacity above `most`."""

    def limited(offer):
        limit = offer.spot_limit_per_year
        return replace(offer, capacity_per_year=min(offer.capacity_per_year, most), spot_limit_per_year=None if limit is None else min(limit, most))

    return replace(case, offers=tuple(map(limited, case.offers)))


@pytest.mark.parametrize("kinds", [("shortage",), ("capacity",), ("free", "shortage"), ("capacity", "free", "shortage")], ids="-".join)
def test_what_is_proven_is_the_best_whatever_the_numbers(kinds):
    """Proven, with a sound plan, at the written-out form's optimum, which is solved with capacities of 1e4 and in money of its size."""
    unseen = 0
    for seed in range(15):
        case = extreme(seed, *kinds)
        solution = solve_extensive(case)
        value = max(abs(solution.objective), 1e-6) if solution.status == "optimal" else 1e9
        for size in (value / 1e3, value / 1e6, value):
            # The solver behind the written-out form can fail in one money and not in another.
            other = solve_written_out(in_other_money(with_capacities_to(case, 1e4), size))
            if other.status == "optimal":
                break
        if solution.status == "optimal":
            assert solution.gap <= 1e-6 and not findings(solution), f"seed {seed}: {solution.gap}, {findings(solution)}"
            unseen += other.status != "optimal"
        else:
            assert solution.status == other.status == "infeasible", f"seed {seed}"
        if other.status == "optimal":
            assert solution.objective == pytest.approx(other.objective * size, rel=1e-6, abs=1e-6), f"seed {seed}"
    # The solver behind the written-out form calls infeasible what the audit has found sound.
    assert unseen <= 2


def test_at_risk_weight_1_the_expected_cost_is_the_least_within_a_millionth_of_the_cvar():
    """As in the written-out form, whose room is exactly 1e-6."""
    compared = 0
    for seed in range(20):
        case = canonical(random_case(seed)).with_settings(mip_gap=0.0, risk_weight=1.0, cvar_level=(0.5, 0.9)[seed % 2])
        solution = solve_extensive(case)
        if solution.status != "optimal":
            continue
        other = solve_written_out(case)
        assert solution.expected_cost == pytest.approx(other.expected_cost, rel=1e-6, abs=1e-6), f"seed {seed}"
        assert solution.cvar <= other.objective + 1.001e-6 * abs(other.objective) + 1e-9, f"seed {seed}"
        compared += 1
    assert compared > 12


# -- what an offer can be used for -------------------------------------------------------------------------------------


def unlimited(*limits, **changes):
    """10 t a year are needed over two years, of an allied offer without a limit that waits for a project and a chinese one of 1,000 t."""
    return case(
        offers=(offer("A", price=2.0, capacity=1e10, project="plant"), offer("B", price=1.0, capacity=1e10, bloc="chinese", row=3)),
        projects=(Project(2, "plant", 5.0, 0.0),),
        limits=limits,
        **changes,
    )


def test_what_is_usable_follows_demand_limits_and_losses():
    """The whole horizon's demand; more where a share dilutes, goods are lost or a limit asks for more; all where it pays without end."""

    def usable(c):
        return CaseData(c).usable.order[0]

    assert usable(unlimited()) == pytest.approx(20.0)
    assert usable(unlimited(materials=(ore(annual_loss=0.5),))) == pytest.approx(10.0 + 20.0)
    assert usable(unlimited(Limit(2, "more", "purchase_to_demand", minimum=3.0))) == pytest.approx(80.0)
    assert usable(unlimited(Limit(2, "share", "purchase_share", bloc=("allied",), minimum=0.9))) >= 20.0 / 0.1
    assert usable(unlimited(materials=(ore(salvage_value=1.9),))) == pytest.approx(20.0)
    assert usable(unlimited(materials=(ore(salvage_value=2.1),))) == float("inf")


def test_a_contract_large_enough_for_the_worst_regime_stays_possible():
    """With a tenth served under an embargo, ten times the need is contracted where going short costs more than that."""
    from constraint_cases import event

    c = case(
        settings=settings(periods=1),
        offers=(offer("A", capacity=1e10, terms="contract", bloc="chinese", minimum_contract=1.0),),
        disruptions=(event("ban", 0.5, 120.0, 0.1, bloc=("chinese",), active_now=True),),
    )
    solution = solve_extensive(c)
    assert solution.decisions.contract[0] == pytest.approx(100.0)
    assert solution.objective == pytest.approx(10.0)


def test_diluting_purchases_stay_possible_under_limits_on_shares():
    """Of 10 t that only chinese goods can serve, a share of a fifth at most asks for 40 t of others that nobody needs."""
    c = case(
        settings=settings(periods=1),
        demand=(need(allowed_origins=("chinese",)),),
        offers=(offer("A", price=0.5, capacity=1e10, project="plant"), offer("B", price=1.0, capacity=1e10, bloc="chinese", row=3)),
        projects=(Project(2, "plant", 5.0, 0.0),),
        limits=(Limit(2, "share", "purchase_share", bloc=("chinese",), maximum=0.2),),
    )
    assert solve_extensive(c).objective == pytest.approx(10 * 1.0 + 40 * 0.5 + 5.0)


def test_where_selling_pays_without_end_the_capacity_as_typed_is_bought():
    """A capacity of a million sold at a gain of 1 is bought to the full."""
    c = case(settings=settings(periods=1), materials=(ore(salvage_value=2.0),), offers=(offer(capacity=1e6),))
    assert solve_extensive(c).objective == pytest.approx(1e6 * 1.0 - (1e6 - 10) * 2.0)


# -- a second opinion --------------------------------------------------------------------------------------------------


def test_a_wrong_claim_of_the_solver_is_found_out(monkeypatch):
    """A first answer with a worse plan, called proven by the solver, is replaced by the best one."""
    c = unlimited(demand=(need(shortage_cost=3.0),))
    best = solve_extensive(c)
    real = Solver.solve

    def sabotaged(self, phase=Phase.SEARCH):
        outcome = real(self, phase)
        if phase != Phase.SEARCH:
            return outcome
        worse = Solver(replace(self.arrays, cost=-self.arrays.cost))
        endless = np.flatnonzero(np.isinf(self.arrays.upper))
        worse.set_bounds(endless, np.zeros(len(endless)), np.full(len(endless), 1e4))
        x = real(worse, phase).x
        value = float(self.arrays.cost @ x)
        assert value > outcome.objective * 1.1
        return replace(outcome, x=x, objective=value, bound=value)

    monkeypatch.setattr(Solver, "solve", sabotaged)
    solution = solve_extensive(c)
    assert solution.objective == pytest.approx(best.objective) and solution.gap <= 1e-9


def test_a_false_claim_that_there_is_no_plan_is_found_out(monkeypatch):
    """A first answer "infeasible" is not believed before the program without costs says so, too."""
    c = unlimited()
    best = solve_extensive(c)
    real = Solver.solve
    monkeypatch.setattr(Solver, "solve", lambda self, phase=Phase.SEARCH: Outcome(Status.INFEASIBLE) if phase == Phase.SEARCH else real(self, phase))
    assert solve_extensive(c).objective == pytest.approx(best.objective)


def test_a_bound_from_duals_is_below_any_answer_and_at_the_optimum():
    """Of a linear program the bound of its own duals is its optimum; from other duals it is lower."""
    draw = np.random.default_rng(3)
    for _ in range(20):
        rows, columns = 6, 9
        value = draw.uniform(0.1, 2, (rows, columns))
        row, column = np.divmod(np.arange(rows * columns), columns)
        order = np.argsort(column, kind="stable")
        arrays = Arrays(
            draw.uniform(1, 5, columns),
            np.zeros(columns),
            np.full(columns, np.inf),
            np.zeros(columns, dtype=bool),
            draw.uniform(1, 4, rows),
            np.full(rows, np.inf),
            row[order].astype(np.int32),
            column[order].astype(np.int32),
            value.ravel()[order],
        )
        outcome = Solver(arrays).solve()
        assert dual_bound(arrays, outcome.row_dual, outcome.x) == pytest.approx(outcome.objective)
        assert dual_bound(arrays, outcome.row_dual * draw.uniform(0, 2, rows), outcome.x) < outcome.objective


def spoiled(solution):
    """A solution whose plan delivers what nobody ordered."""
    decisions = replace(solution.decisions, stock={key: values + 5.0 for key, values in solution.decisions.stock.items()})
    return replace(solution, decisions=decisions)


@pytest.mark.parametrize("failure", ["audit", "solver"])
def test_what_fails_is_solved_another_way_before_anybody_hears_of_it(monkeypatch, failure):
    """A first answer that fails its audit, or a solver that breaks down, still ends in a sound plan, which says how it was found."""
    import optimizer.solving.solve as solving

    right, real = optimizer.solve(unlimited()), solving.solve_case

    def first(case, **more):
        if failure == "solver":
            raise SolverError("The solver broke down.")
        return spoiled(real(case, **more))

    monkeypatch.setattr(solving, "solve_case", first)
    plan = optimizer.solve(unlimited())
    assert plan.objective == pytest.approx(right.objective) and plan.status == "optimal"
    assert "another way" in plan.provenance["method"]


def test_what_fails_both_ways_is_an_error(monkeypatch):
    """A plan that fails its audit twice is never shown."""
    import optimizer.solving.solve as solving

    once, twice = solving.solve_case, extensive.solve_again
    monkeypatch.setattr(solving, "solve_case", lambda case, **more: spoiled(once(case, **more)))
    monkeypatch.setattr(extensive, "solve_again", lambda case, watch: spoiled(twice(case, watch)))
    with pytest.raises(AuditError):
        optimizer.solve(unlimited())
