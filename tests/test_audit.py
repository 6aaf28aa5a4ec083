"""The audit accepts a plan whose cost was worked out by hand, and finds whatever is done to it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import numpy as np
import pytest
from audit_cases import CLAIMED, DEFENCE, MAGNETS, ban, findings, nodes, put, sound, trade, tree_of, with_offer, with_row
from support import case, need, offer, ore, settings

from optimizer.case import BudgetRow, Case, Disruption, Limit, Project, StockItem
from optimizer.errors import AuditError
from optimizer.model.decisions import Decisions
from optimizer.plan.audit import Claimed, audit, require
from optimizer.plan.audit_costs import PARTS, cvar
from optimizer.plan.audit_facts import gather
from optimizer.scenarios.tree import build_tree


def test_a_sound_plan_passes_and_its_amounts_are_those_worked_out_by_hand():
    """Every rule is kept, and every amount is the hand-made one."""
    result = audit(trade(), tree_of(trade()), sound(), CLAIMED)
    assert result.findings == () and result.worst_violation < 1e-12
    assert (result.objective, result.expected_cost, result.cvar) == pytest.approx((756.625, 755.75, 757.5))
    assert result.costs == pytest.approx(CLAIMED.costs)
    assert result.total_by_leaf == pytest.approx([757.5, 750.5])
    assert result.cost_by_node == pytest.approx([332.0, 425.5, 418.5])
    require(result)


def test_the_audit_adds_up_every_part_of_the_cost():
    """The audit has an amount of its own for each part that optimizer/schema/costs.py names."""
    result = audit(trade(), tree_of(trade()), sound(), CLAIMED)
    assert set(result.parts_by_node) == set(PARTS), "optimizer/plan/audit_costs.py: add the part to parts_by_node, an outlay to outlay()"


SABOTAGED_PLANS = {
    "stock from nowhere": (put("stock", ("ore", "chinese"), 1, 6.5), r"Balance of ore of chinese origin in 2028, scenario calm"),
    "input not used": (put("spot", (1, "chinese"), 2, 1.0), r"Balance of ore of chinese origin in 2028, scenario struck, with ban active"),
    "more exposed origin": (put("draw", ("metal", "chinese", "magnets"), 1, 0.0), r"Balance of metal of chinese origin in 2028, scenario calm"),
    "late arrival": (put("spot", (2, "other"), 0, 5.0), r"Balance of metal of other origin in 2028, scenario struck"),
    "demand not met": (put("short", MAGNETS, 2, 3.0), r"Demand of metal for magnets in 2028, scenario struck, with ban active: 7 t"),
    "origin refused": (put("draw", ("metal", "chinese", "defence"), 1, 1.0), r"Origin of metal for defence in 2028, .*: 1 t of chinese origin"),
    "over capacity": (put("spot", (2, "other"), 0, 7.0), r"Capacity of C, metal in 2027.*: 7 t ordered, 6 can be had"),
    "over struck capacity": (put("spot", (1, "allied"), 2, 3.0), r"Capacity of B, metal in 2028, scenario struck.*: 3 t ordered, 2 can be had"),
    "over the spot limit": (put("spot", (0, "chinese"), 2, 3.0), r"Spot limit of A, ore in 2028, scenario struck.*: 3 t ordered, 2\.5 can"),
    "contract under its minimum": (replace(sound(), contract={0: 3.0}), r"Contract of A, ore: 3 t a year are neither 0 nor between"),
    "contract over capacity": (replace(sound(), contract={0: 101.0}), r"Contract of A, ore: 101 t a year are neither"),
    "contract of a spot offer": (replace(sound(), contract={0: 4.0, 2: 1.0}), r"Terms of C, metal: it is sold on the spot market only"),
    "call-off of a spot offer": (put("call_off", (2, "other"), 0, 1.0), r"Terms of C, metal: they are spot, the plan has call-off 1 in 2027"),
    "call-off over contract": (put("call_off", (0, "chinese"), 2, 2.5), r"Contract of A, ore in 2028, scenario struck.*: 2\.5 t are called off, it gives 2"),
    "call-off not paid": (put("paid", 0, 1, 3.0), r"Contract of A, ore in 2028, scenario calm: 4 t are called off, 3 paid for"),
    "take-or-pay": (put("paid", 0, 0, 1.0), r"Take-or-pay of A, ore in 2027.*: 1 t are paid for, at least 2"),
    "not reserved": (put("reserved", 0, 0, 3.0), r"Reservation of A, ore in 2027.*: 3 t a year are reserved, 4 are in force"),
    "no room": (put("stock", ("ore", "allied"), 0, 5.0), r"Storage of ore in 2027.*: 10 t are kept, there is room for 9"),
    "thrown away": (put("discard", ("metal", "allied"), 1, 1.0), r"Disposal of metal in 2028, scenario calm: 1 t of allied origin"),
    "under the minimum order": (put("spot", (0, "chinese"), 0, 4.0), r"Minimum order of A, ore in 2027.*: 4 t ordered, neither 0 nor at least 5"),
    "under a later minimum order": (put("spot", (0, "chinese"), 1, 0.5), r"Minimum order of A, ore in 2028, scenario calm, on the reference path: 4\.5 t"),
    "fill rate": (put("short", DEFENCE, 1, 4.0), r"Fill rate of metal for defence: 3 t are short in expectation"),
    "not ready": (replace(sound(), start={"plant": 1}), r"Capacity of B, metal in 2028.*, as project plant is not ready"),
    "never started": (replace(sound(), start={"plant": None}), r"Capacity of B, metal in 2028.*, as project plant is not ready"),
    "started twice": (replace(sound(), start={"plant": (0, 1)}), r"project plant starts in \(0, 1\): that is not one period"),
    "started outside": (replace(sound(), start={"plant": 2}), r"project plant starts in period 2, outside the horizon"),
    "unknown project": (replace(sound(), start={"plant": 0, "other": 0}), r"project other: the plan starts it"),
    "negative": (put("discard", ("metal", "allied"), 0, -1.0), r"discard of metal, allied is negative in 2027.*: -1"),
    "negative contract": (replace(sound(), contract={0: -4.0}), r"contract of A, ore is negative: -4"),
    "not a number": (put("short", MAGNETS, 1, np.nan), r"short of metal, magnets is not a finite number in 2028, scenario calm"),
    "unknown contract": (replace(sound(), contract={0: 4.0, 7: 1.0}), r"contract of an unknown offer 7: 1"),
    "contract without number": (replace(sound(), contract={0: np.nan}), r"contract of A, ore: nan is not a quantity"),
    "unknown decision": (put("spot", (0, "allied"), 0, 1.0), r"spot of A, ore, allied: the plan has 1 where the case has no such decision"),
    "wrong shape": (replace(sound(), short={MAGNETS: np.zeros(2)}), r"short of metal, magnets: the plan has \(2,\) values, the tree 3 nodes"),
}


@pytest.mark.parametrize("plan, sentence", SABOTAGED_PLANS.values(), ids=SABOTAGED_PLANS)
def test_a_plan_that_breaks_a_rule_is_found_with_its_place(plan, sentence):
    """One number of the sound plan changed is found, and the sentence says what and where."""
    assert re.search(sentence, findings(trade(), plan))


def budget(year: int, amount: float, category: str = "all") -> Case:
    return replace(trade(), budget=(BudgetRow(2, year, amount, category=category),))


TIGHTENED_CASES = {
    "terms": (with_offer(0, terms="contract"), r"Terms of A, ore: they are contract, the plan has spot 5 in 2027"),
    "terms spot": (with_offer(0, terms="spot"), r"Terms of A, ore: they are spot, the plan has (call-off|paid|reserved) 4"),
    "capacity": (with_offer(1, capacity_per_year=2.0), r"Capacity of B, metal in 2028, scenario calm: 3 t ordered, 2 can be had"),
    "spot limit": (with_offer(0, spot_limit_per_year=4.9), r"Spot limit of A, ore in 2027"),
    "not yet available": (with_offer(0, available_from=1), r"Capacity of A, ore in 2027.*: 5 t ordered, 0 can be had"),
    "minimum order": (with_offer(2, minimum_order=7.0), r"Minimum order of C, metal in 2027"),
    "lead time": (with_offer(2, lead_time_months=12.1), r"Balance of metal of other origin in 2028"),
    "storage": (with_row("materials", 0, storage_capacity=8.9), r"Storage of ore in 2027"),
    "loss": (with_row("materials", 0, annual_loss=0.4), r"Balance of ore of chinese origin in 2028"),
    "fill rate": (with_row("demand", 0, minimum_fill_rate=0.63), r"Fill rate of metal for magnets: 6 t are short in expectation"),
    "lists bind later": (with_row("demand", 0, allowed_origins=("other",), allowed_origins_from=1), r"Origin of metal for magnets in 2028.*allied"),
    "demand": (with_row("demand", 0, by_period={1: 9.0}), r"Demand of metal for magnets in 2028"),
    "demand in a regime": (with_row("disruptions", 0, demand_multiplier=2.0), r"Demand of metal for magnets in 2028, scenario struck"),
    "earliest start": (with_row("projects", 0, earliest_start=1), r"project plant starts in 2027, before its earliest start 2028"),
    "latest start": (with_row("projects", 0, latest_start=-1), r"project plant starts in 2027, after its latest start 2026"),
    "readiness": (with_row("projects", 0, lead_time_months=13.0), r"Capacity of B, metal in 2028.*project plant is not ready"),
    "open order": (with_row("inventory", 1, arrives=2), r"Balance of ore of allied origin in 2028"),
    "budget of purchases": (budget(2027, 72.9, "purchases"), r"Budget of fiscal year 2027 for purchases .* in 2027.*: 73 USD are spent of 72\.9"),
    "budget of storage": (budget(2028, 5.4, "storage"), r"Budget of fiscal year 2028 for storage .* in 2028, scenario calm: 5\.5 USD"),
    "budget of projects": (budget(2027, 49.9, "projects"), r"Budget of fiscal year 2027 for projects .*: 50 USD"),
    "budget of all": (budget(2027, 131.9), r"Budget of fiscal year 2027 for everything .*: 132 USD"),
}


@pytest.mark.parametrize("tightened, sentence", TIGHTENED_CASES.values(), ids=TIGHTENED_CASES)
def test_a_plan_that_does_not_fit_a_tighter_case_is_found(tightened, sentence):
    """The sound plan no longer keeps the rule that was tightened under it."""
    assert re.search(sentence, findings(tightened, sound()))


LIMITS = {  # measure and filters, side, the bound that is just kept, one that is not, where it is broken
    "share most": (dict(measure="purchase_share", material=("metal",), supplier=("C",)), "maximum", 1.0, 0.9, r"metal.*2027.*: 6 t, at most 5\.4"),
    "share least": (dict(measure="purchase_share", material=("metal",), bloc=("other",), end=0), "minimum", 1.0, 1.1, "metal.*2027"),
    "share by origin": (dict(measure="purchase_share", material=("metal",), origin=("chinese",)), "maximum", 1 / 3, 0.3, "2028, scenario calm"),
    "supplier": (dict(measure="largest_supplier_share", material=("ore",)), "maximum", 1.0, 0.9, "of ore, A at most"),
    "country": (dict(measure="largest_country_share"), "maximum", 1.0, 0.9, "of metal, X at most.*2027"),
    "to demand most": (dict(measure="purchase_to_demand", material=("metal",)), "maximum", 0.5, 0.4, r"2027.*6 t, at most 4\.8"),
    "to demand least": (dict(measure="purchase_to_demand", start=1), "minimum", 1 / 6, 0.2, "2028, scenario struck"),
    "cover": (dict(measure="stock_cover_days", start=1), "minimum", 365 / 12, 31.0, r"metal at least 31\) in 2028, scenario calm"),
    "cover of a use": (dict(measure="stock_cover_days", use=("defence",), start=1), "minimum", 91.25, 92.0, "2028, scenario calm"),
    "cover most": (dict(measure="stock_cover_days", use=("magnets",), origin=("allied",)), "maximum", 365 / 8, 45.0, "2028, scenario calm"),
    "cover drawable": (dict(measure="stock_cover_days", use=("defence",), origin=("chinese", "allied")), "maximum", 91.25, 91.0, "2028, scenario calm"),
    "cover refused": (dict(measure="stock_cover_days", use=("defence",), origin=("chinese",), start=1), "maximum", 0.0, -1.0, "2028, scenario"),
    "quantity most": (dict(measure="stock_quantity", material=("ore",)), "maximum", 9.0, 8.9, "ore at most.*2027"),
    "quantity least": (dict(measure="stock_quantity", material=("ore",), origin=("chinese",)), "minimum", 5.0, 5.2, r"2027.*: 5 t, at least 5\.2"),
}


@pytest.mark.parametrize("limit, side, kept, broken, sentence", LIMITS.values(), ids=LIMITS)
def test_each_measure_of_a_limit_is_kept_or_found(limit, side, kept, broken, sentence):
    """A bound that the plan just meets passes; one a little tighter is found, with the limit, the group and the place."""
    loose, tight = (replace(trade(), limits=(Limit(2, "rule", **limit, **{side: bound}),)) for bound in (kept, broken))
    assert findings(loose, sound()) == ""
    assert re.search(f"Limit rule.*{sentence}", findings(tight, sound()))


@pytest.mark.parametrize(
    "limit, node_costs",
    [
        (dict(measure="purchase_share", material=("metal",), supplier=("C",), minimum=0.5), (0.0, 15.0, 10.0)),
        (dict(measure="stock_quantity", material=("ore",), minimum=10.0, maximum=5.25), (10 + 37.5, 45 + 2.5, 0.0)),
        (dict(measure="stock_quantity", material=("ore",), minimum=10.0, penalty=0.0), (0.0, 0.0, 0.0)),
    ],
)
def test_a_limit_with_a_penalty_is_paid_for_at_the_node_of_its_row(limit, node_costs):
    """Each violation times the penalty is a cost of its node (a year's row: the year's last), and no finding but of the cost."""
    broken = replace(trade(), limits=(Limit(2, "rule", **{"penalty": 10.0, **limit}),))
    result = audit(broken, tree_of(broken), sound(), CLAIMED)
    assert result.parts_by_node["penalties"] == pytest.approx(node_costs)
    assert all(finding.startswith("Claimed") for finding in result.findings) and bool(result.findings) == any(node_costs)


@pytest.mark.parametrize(
    "claimed, sentence",
    [
        (replace(CLAIMED, objective=756.63), "Claimed objective: the plan says 756.63 USD, its decisions come to 756.625"),
        (replace(CLAIMED, expected_cost=755.8), "Claimed expected cost"),
        (replace(CLAIMED, cvar=np.nan), "Claimed cvar"),
        (replace(CLAIMED, costs={**CLAIMED.costs, "salvage": 1.5}), "Claimed cost of salvage"),
        (replace(CLAIMED, costs={k: v for k, v in CLAIMED.costs.items() if k != "storage"}), "Claimed cost of storage: the plan says 0"),
        (replace(CLAIMED, costs={**CLAIMED.costs, "bribes": 0.0}), "Claimed cost of bribes: there is no such part"),
    ],
)
def test_a_wrong_claim_is_found(claimed, sentence):
    """Whatever a plan says of its cost must be what its decisions come to."""
    result = audit(trade(), tree_of(trade()), sound(), claimed)
    assert sentence in "\n".join(result.findings) and len(result.findings) == 1
    with pytest.raises(AuditError, match="Claimed"):
        require(result)


@pytest.mark.parametrize(
    "change, sentence",
    [
        (dict(probability=nodes(1, 0.75, 0.2)), "Probabilities of what follows in 2027"),
        (dict(probability=nodes(0.9, 0.7, 0.2)), "Probabilities of the first period"),
        (dict(reference=(0, 2)), "Reference path 2028"),
    ],
)
def test_a_tree_that_does_not_hold_together_is_found(change, sentence):
    """Probabilities add up, and the reference path is the likeliest course."""
    result = audit(trade(), replace(tree_of(trade()), **change), sound(), CLAIMED)
    assert sentence in "\n".join(result.findings)


def test_the_reference_path_of_a_sampled_tree_is_the_likeliest_of_the_process():
    """Of a draw in which the ban has most of the weight, the path without it is the reference path, as the process says; another is found."""
    ban = Disruption(2, "ban", 0.3, 12.0, 1.0)
    given = case(settings=settings(periods=2, scenario_method="sampled"), disruptions=(ban,))
    paths = [([(), ()], 0.1, "calm"), ([(), (0,)], 0.9, "ban")]
    decided = Decisions({}, {}, short={("ore", "use"): np.full(3, 10.0)})
    for reference, found in ((paths[0][0], False), (paths[1][0], True)):
        tree = build_tree(paths, [2], "sampled", reference=reference)
        said = audit(given, tree, decided, Claimed(0, 0, 0, {})).findings
        assert any("leaves the likeliest course" in sentence for sentence in said) == found


def test_many_findings_are_cut_short_with_the_worst_first():
    """At most 20 sentences are printed, and how many more there are."""
    everything = replace(sound(), stock={}, draw={}, short={}, spot={}, call_off={})
    long = case(settings=settings(periods=30))
    result = audit(long, tree_of(long, [([()] * 30, 1.0, "calm")]), Decisions({}, {}), Claimed(0, 0, 0, {}))
    assert len(result.findings) == 21 and result.findings[-1] == "and 10 more" and result.worst_violation == 1.0
    assert "Demand of metal" in findings(trade(), everything)


QUANTITIES = {"storage_capacity", "annual_demand", "capacity_per_year", "spot_limit_per_year", "minimum_order", "minimum_contract", "quantity"}
UNIT_PRICES = {"holding_cost_per_year", "salvage_value", "shortage_cost", "price", "contract_price", "reservation_price"}
MONEY = {"cost", "amount"}


def rescaled(record, goods: float, money: float):
    """A row in other units of quantity and money."""
    factors = {**dict.fromkeys(QUANTITIES, goods), **dict.fromkeys(UNIT_PRICES, money / goods), **dict.fromkeys(MONEY, money)}
    changes = {name: getattr(record, name) * f for name, f in factors.items() if getattr(record, name, None) is not None}
    return replace(record, **changes)


@pytest.mark.parametrize("goods, money", [(1e-6, 1e-9), (1e-6, 1e6), (1e9, 1e-3), (1e6, 1e6)])
def test_the_units_make_no_difference(goods, money):
    """In grams or kilotonnes, dollars or billions, noise below the tolerance passes and the same error is found."""
    sheets = ("materials", "demand", "offers", "inventory", "projects", "budget")
    scaled = replace(trade(), **{sheet: tuple(rescaled(row, goods, money) for row in getattr(trade(), sheet)) for sheet in sheets})
    kinds = ("spot", "call_off", "paid", "reserved", "stock", "draw", "short")
    claimed = Claimed(*(money * x for x in (756.625, 755.75, 757.5)), {part: money * x for part, x in CLAIMED.costs.items()})
    noise = np.random.default_rng(0)

    def plan(size: float) -> Decisions:
        values = {kind: {key: goods * (v + size * noise.uniform(-1, 1, 3)) for key, v in getattr(sound(), kind).items()} for kind in kinds}
        return Decisions(contract={0: 4.0 * goods, 2: size * goods}, start={"plant": 0}, **values)

    assert findings(scaled, plan(1e-7), claimed) == ""
    assert "Balance of" in findings(scaled, plan(1e-4), claimed) and "Terms of C" in findings(scaled, plan(1e-4), claimed)
    tight = Limit(2, "rule", "purchase_to_demand", material=("metal",), maximum=0.4)
    assert "Limit rule" in findings(replace(scaled, limits=(tight,)), plan(1e-7), claimed)


def test_money_is_discounted_and_a_project_is_paid_over_its_lead_time():
    """Cost is discounted by period, salvage by the horizon's end, and what a project costs past the horizon falls in its last period."""
    discounted = case(
        settings=settings(discount_rate=1.0),
        materials=(ore(salvage_value=1.0),),
        demand=(need(0.0),),
        inventory=(StockItem(2, "ore", "allied", 8.0),),
        projects=(Project(2, "mine", 30.0, 36.0),),
    )
    held = Decisions({}, {"mine": 0}, stock={("ore", "allied"): nodes(8, 8)})
    result = audit(discounted, tree_of(discounted, [([(), ()], 1.0, "calm")]), held, Claimed(18.0, 18.0, 18.0, {"projects": 20.0, "salvage": -2.0}))
    assert result.findings == () and result.parts_by_node["projects"] == pytest.approx([10.0, 10.0])


def test_prices_leads_and_availability_follow_the_regime():
    """Struck, spilled-over and indexed prices, floors and ceilings, queues and feedstock are those of each node's regime."""
    ds = (ban(lead_time_added_months=1.0, spillover_price_multiplier=3.0, demand_multiplier=3.0), ban(row=3, disruption="quota", bloc=(), country=("Y",)))
    offers = (
        offer("A", bloc="chinese", terms="both", contract_price=3.0, contract_pricing="indexed", price_ceiling=5.0, lead_time_months=12.0),
        offer("B", price=2.0, price_growth=0.5, feedstock_bloc="chinese", feedstock_country="Y", feedstock_dependence=0.5),
        offer("C", contract_price_growth=1.0, price_floor=1.5, available_from=1, feedstock_bloc="chinese", feedstock_dependence=1.0),
    )
    facts = gather(made := case(offers=offers, disruptions=ds), tree_of(made, [([(), (0, 1)], 1.0, "both")]))
    assert facts.available.tolist() == [[1, 0.5], [1, 1 - 0.5 * 0.75], [0, 0.5]]
    assert facts.spot_price.tolist() == [[1, 2], [2, 9], [1, 3]]
    assert facts.contract_price.tolist() == [[3, 5], [2, 2], [1.5, 2]]
    assert facts.demand["ore", "use"].tolist() == [10, 30]
    assert facts.lead.tolist() == [[1, 2], [0, 0], [0, 0]]


def test_a_queue_delays_only_what_is_ordered_while_it_lasts():
    """An order keeps the lead time of its own period: two of them may arrive together."""
    licence = ban(bloc=(), capacity_remaining=1.0, price_multiplier=1.0, lead_time_added_months=12.0)
    queue = case(settings=settings(periods=3), disruptions=(licence,), offers=(offer(lead_time_months=12.0),))
    plan = Decisions({}, {}, spot={(0, "allied"): nodes(4, 6, 0)}, draw={("ore", "allied", "use"): nodes(0, 0, 10)}, short={("ore", "use"): nodes(10, 10, 0)})
    tree = tree_of(queue, [([(0,), (), ()], 1.0, "queue")])
    assert audit(queue, tree, plan, Claimed(2010.0, 2010.0, 2010.0, {"purchases": 10.0, "shortage": 2000.0})).findings == ()


def quarters_case(**changes) -> Case:
    """Two quarters of one offer under contract, whose mine is ready in the second; every bound is met exactly."""
    mine = offer(
        capacity=40.0, spot_limit_per_year=20.0, terms="both", contract_price=2.0, reservation_price=4.0, take_or_pay=1.0, minimum_contract=20.0, project="mine"
    )
    return case(
        settings=settings(period="quarter"),
        materials=(ore(holding_cost_per_year=8.0, disposal_cost=3.0),),
        demand=(need(48.0, minimum_fill_rate=0.625),),
        offers=(replace(mine, **changes),),
        inventory=(StockItem(2, "ore", "allied", 6.0),),
        projects=(Project(2, "mine", 0.0, 3.0, earliest_start=0, latest_start=0),),
    )


def quarters_plan(contract: float = 20.0, reserved: float = 20.0) -> Decisions:
    """Six units on hand go to use, store and waste; then five are bought and five lifted."""
    allied = (0, "allied")
    return Decisions(
        {0: contract},
        {"mine": 0},
        {allied: nodes(0, 5)},
        {allied: nodes(0, 5)},
        {0: nodes(0, 5)},
        {0: nodes(0, reserved)},
        stock={("ore", "allied"): nodes(1, 0)},
        discard={("ore", "allied"): nodes(1, 0)},
        draw={("ore", "allied", "use"): nodes(4, 11)},
        short={("ore", "use"): nodes(8, 1)},
    )


@pytest.mark.parametrize(
    "changes, plan, sentence",
    [
        ({}, quarters_plan(), ""),
        ({"capacity_per_year": 39.9}, quarters_plan(), "Capacity of A, ore in 2027-Q2"),
        ({"spot_limit_per_year": 19.9}, quarters_plan(), "Spot limit of A, ore in 2027-Q2"),
        ({}, quarters_plan(19.9, 19.9), "Contract of A, ore in 2027-Q2"),
        ({}, quarters_plan(20.0, 20.1), "Take-or-pay of A, ore in 2027-Q2"),
        ({}, quarters_plan(20.0, 19.9), "Reservation of A, ore in 2027-Q2"),
    ],
)
def test_rates_per_year_count_by_the_length_of_a_period(changes, plan, sentence):
    """Capacity, contract, reservation, holding and take-or-pay are per year; none of a contract is in force before its project is ready."""
    the_case = quarters_case(**changes)
    tree = tree_of(the_case, [([(), ()], 1.0, "calm")])
    cost = 5.0 + 5.0 * 2.0 + plan.reserved[0][1] / 4 * 4.0
    result = audit(the_case, tree, plan, Claimed(*[905 + cost] * 3, {"purchases": cost, "storage": 5.0, "shortage": 900.0}))
    assert any(said.startswith(sentence) for said in result.findings) if sentence else result.findings == ()


def test_projects_start_where_a_year_opens():
    """A start inside a fiscal year is found; the horizon's first period and a fiscal year's first are not."""
    grid = settings(start=dt.date(2027, 4, 1), period="quarter", periods=6, fiscal_year_start_month=10)
    quarters = case(settings=grid, demand=(need(0.0),), projects=(Project(2, "mine", 0.0, 1.0),))
    tree = tree_of(quarters, [([()] * 6, 1.0, "calm")])
    found = {t: audit(quarters, tree, Decisions({}, {"mine": t}), Claimed(0, 0, 0, {})).findings for t in range(6)}
    assert [t for t in found if not found[t]] == [0, 2]
    assert found[3] == ("project mine starts in 2028-Q1, which opens neither the horizon nor a fiscal year.",)


@pytest.mark.parametrize("level", [0.0, 0.3, 0.9, 0.999])
def test_cvar_is_the_mean_of_the_worst_tail(level):
    """CVaR is the mean of the worst 1 − level of probability, split where a leaf straddles it."""
    rng = np.random.default_rng(1)
    totals, probability = rng.integers(0, 9, 40).astype(float), rng.dirichlet(np.ones(40))
    left, tail = 1.0 - level, 0.0
    for k in np.argsort(-totals):
        taken = min(left, probability[k])
        left, tail = left - taken, tail + taken * totals[k]
    assert cvar(totals, probability, level) == pytest.approx(tail / (1.0 - level))


def test_a_large_plan_is_audited():
    """250 scenarios of 16 periods and 40 offers, with limits on shares, are looked at whole."""
    offers = tuple(offer(f"S{k}", bloc="chinese" if k % 2 else "allied", terms="both") for k in range(40))
    ds = tuple(ban(row=2 + k, disruption=f"d{k}", bloc=(), supplier=(f"S{k}",)) for k in range(10))
    limits = (Limit(2, "a", "purchase_share", bloc=("allied",), minimum=0.0), Limit(3, "b", "largest_supplier_share", maximum=1.0))
    large = case(settings=settings(periods=16), offers=offers, disruptions=ds, limits=limits)
    rng = np.random.default_rng(2)
    paths = {tuple(tuple(np.flatnonzero(rng.random(10) < 0.3).tolist()) for _ in range(16)) for _ in range(250)}
    tree = tree_of(large, [(path, 1 / len(paths), str(k)) for k, path in enumerate(paths)])
    plan = Decisions({}, {}, short={("ore", "use"): np.full(tree.size, 10.0)})
    assert audit(large, tree, plan, Claimed(16000.0, 16000.0, 16000.0, {"shortage": 16000.0})).findings == ()


def test_a_tree_of_another_horizon_is_no_tree_of_the_case():
    """A tree with fewer periods than the case is refused before any rule is checked."""
    with pytest.raises(AuditError, match="The tree has 2 periods, the case 3"):
        audit(replace(trade(), settings=replace(trade().settings, periods=3)), tree_of(trade()), sound(), CLAIMED)


def test_a_project_that_is_not_started_does_not_hide_the_next():
    """After a project without a start, the starts of the others are checked all the same."""
    assert "project plant starts in period 2, outside the horizon" in findings(trade(), replace(sound(), start={"spare": None, "plant": 2}))
