"""The audit knows each rule by itself: hand-solved cases, and what it says of plans near a rule's border."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from audit_cases import CLAIMED, DEFENCE, MAGNETS, ban, findings, nodes, sound, trade, tree_of, with_offer
from constraint_cases import CASES
from support import case, offer, settings
from term_cases import TERMS

from optimizer.case import BudgetRow, Case, Disruption, Duty, Limit, OriginRule
from optimizer.model.decisions import Decisions
from optimizer.plan.audit import Claimed, audit
from optimizer.plan.audit_costs import limit_rows
from optimizer.plan.audit_facts import Ledger, gather
from optimizer.plan.audit_read import read
from optimizer.plan.results import Results
from optimizer.scenarios.tree import build_tree
from optimizer.solving.extensive import solve_extensive


@pytest.mark.parametrize("solved", CASES + TERMS, ids=lambda solved: solved.about)
def test_the_audit_comes_to_the_answer_worked_out_by_hand(solved):
    """The audit finds nothing in the optimal plan of a hand-solved case, and adds its decisions up to the hand-made answer by itself."""
    solution = solve_extensive(solved.case)
    claimed = Claimed(solution.objective, solution.expected_cost, solution.cvar, {row["part"]: row["expected"] for row in Results(solution).costs()})
    audited = audit(solution.built.case, solution.built.tree, solution.decisions, claimed)
    assert audited.findings == () and audited.objective == pytest.approx(solved.answer, rel=1e-6), solved.why


ORIGIN_RULES = {  # a rule under which the magnets may draw "other" alone, and the years in which their allied metal breaks it
    "always": (dict(), ["2028, scenario calm", "2028, scenario struck"]),
    "from": (dict(start=1), ["2028, scenario calm", "2028, scenario struck"]),
    "to": (dict(end=1), ["2028, scenario calm", "2028, scenario struck"]),
    "over": (dict(end=0), []),
    "not yet": (dict(start=2), []),
    "while active": (dict(while_active="ban"), ["2028, scenario struck"]),
    "unless active": (dict(unless_active="ban"), ["2028, scenario calm"]),
    "never": (dict(while_active="ban", unless_active="ban"), []),
    "the material": (dict(material=("metal", "ore")), ["2028, scenario calm", "2028, scenario struck"]),
    "another material": (dict(material=("ore",)), []),
    "another use": (dict(use=("defence",)), []),
    "allied too": (dict(allowed_origins=("other", "allied")), []),
}


@pytest.mark.parametrize("changes, broken", ORIGIN_RULES.values(), ids=ORIGIN_RULES)
def test_an_origin_rule_forbids_where_it_is_in_force(changes, broken):
    """A rule forbids the origins that it does not name from its first year to its last, to its uses of its materials, as its disruption says."""
    given = replace(trade(), origin_rules=(OriginRule(2, "rule", **{"allowed_origins": ("other",), **changes}),))
    said = re.findall(r"Origin of metal for magnets in ([^:]*?)(?:, with ban active)?(?:, on the reference path)?: \S+ t of allied", findings(given, sound()))
    assert sorted(said) == broken


LATER_FAULTS = {  # a plan with two faults of one kind: what is said of the second
    "values": (replace(sound(), short={MAGNETS: np.zeros(2), DEFENCE: nodes(0, -1, 0)}), r"short of metal, defence is negative in 2028, scenario calm"),
    "key": (
        replace(sound(), spot={(0, "allied"): nodes(1, 0, 0), **sound().spot, (2, "other"): nodes(7, 0, 0)}),
        r"Capacity of C, metal in 2027.*: 7 t ordered",
    ),
    "contract": (replace(sound(), contract={7: 1.0, 0: 3.0}), r"Contract of A, ore: 3 t a year are neither"),
    "never started": (replace(sound(), start={"other": None, "plant": 2}), r"project plant starts in period 2, outside the horizon"),
}


@pytest.mark.parametrize("plan, sentence", LATER_FAULTS.values(), ids=LATER_FAULTS)
def test_what_cannot_be_read_hides_nothing_that_follows(plan, sentence):
    """A decision that is left out of the audit does not end it: what follows is read and checked."""
    assert re.search(sentence, findings(trade(), plan))


def test_a_rate_below_zero_is_measured_by_what_is_usual_in_a_year():
    """In quarters, a rate per year may be below zero by the tolerance of the 10 t of a year, not of a quarter."""
    quarterly = case(settings=settings(period="quarter"), offers=(offer(terms="both"),))
    tree = tree_of(quarterly, [([(), ()], 1.0, "calm")])
    for share, found in ((0.5, 0), (2.0, 2)):
        rate = -share * 1e-6 * 10
        plan = Decisions({0: rate}, {}, reserved={0: nodes(rate, 0)}, short={("ore", "use"): nodes(2.5, 2.5)})
        assert sum("is negative" in sentence for sentence in audit(quarterly, tree, plan, Claimed(0, 0, 0, {})).findings) == found


def test_a_budget_is_measured_by_the_largest_of_what_is_usually_paid():
    """A hundred-thousandth of a dollar over a budget of 0 is rounding where ore for 10 is usual, also where nothing is paid for storage or projects."""
    given = case(budget=(BudgetRow(2, 2027, 0.0, category="all"),))
    tree = tree_of(given, [([(), ()], 1.0, "calm")])
    for spot, found in ((1e-6, False), (1e-3, True)):
        plan = Decisions(
            {}, {}, spot={(0, "allied"): nodes(spot, 0)}, draw={("ore", "allied", "use"): nodes(spot, 0)}, short={("ore", "use"): nodes(10 - spot, 10)}
        )
        assert any("Budget" in sentence for sentence in audit(given, tree, plan, Claimed(0, 0, 0, {})).findings) == found


@pytest.mark.parametrize("measure", ["purchase_to_demand", "stock_cover_days"])
@pytest.mark.parametrize("demand, broken", [(0.0, False), (0.5, True)])
def test_a_limit_per_demand_leaves_out_a_period_without_demand(measure, demand, broken):
    """Where nothing is needed there is nothing to measure against; however little is needed, there is."""
    limits = (Limit(2, "rule", measure=measure, material=("metal",), start=1, minimum=1000.0),)
    needs = tuple(replace(row, by_period={0: row.annual_demand, 1: demand}) for row in trade().demand)
    given = replace(trade(), demand=needs, limits=limits)
    assert ("Limit rule" in findings(given, sound())) == broken


A_PAID, C_PAID = nodes(5, 9, 4), nodes(60, 0, 0)
"""What crosses the border of the sound plan from A, at its spot and contract prices, and from C."""

DUES = {  # a duty of a half on some of the sound plan, and on what it is due
    "supplier": (dict(supplier=("A",)), A_PAID),
    "country": (dict(country=("X", "Y")), C_PAID),
    "bloc": (dict(bloc=("other", "chinese")), A_PAID + C_PAID),
    "bloc and material": (dict(bloc=("other", "chinese"), material=("ore",)), A_PAID),
    "nobody": (dict(bloc=("other",), material=("ore",)), nodes(0, 0, 0)),
    "from": (dict(supplier=("A",), start=1), nodes(0, 9, 4)),
    "to": (dict(supplier=("A",), end=0), nodes(5, 0, 0)),
    "over before it begins": (dict(supplier=("A",), end=-1), nodes(0, 0, 0)),
    "while active": (dict(supplier=("A",), while_active="ban"), nodes(0, 0, 4)),
    "unless active": (dict(supplier=("A",), unless_active="ban"), nodes(5, 9, 0)),
}


@pytest.mark.parametrize("filters, due", DUES.values(), ids=DUES)
def test_a_duty_is_added_up_where_it_is_due(filters, due):
    """A duty is a share of what is delivered by the offers that it names, from its first year to its last, as its disruption says."""
    given = replace(trade(), duties=(Duty(2, "tariff", 0.5, **filters),))
    assert audit(given, tree_of(given), sound(), CLAIMED).parts_by_node["duties"] == pytest.approx(0.5 * due)


RELEASES = {  # of the ban: what it does and strikes, and whether it releases a reserve of metal; B makes metal of Chinese feedstock, C is of X
    "capacity of all": (dict(), True),
    "nothing but prices": (dict(capacity_remaining=1.0), False),
    "lead time alone": (dict(capacity_remaining=1.0, lead_time_added_months=1.0), True),
    "feedstock": (dict(bloc=("chinese",)), True),
    "feedstock of a country": (dict(country=("Z",)), True),
    "neither offer nor feedstock": (dict(bloc=("onshored",)), False),
    "no country": (dict(country=("Y",)), False),
    "an offer": (dict(bloc=("other",), country=("X",)), True),
    "an offer elsewhere": (dict(bloc=("other",), country=("Y",)), False),
    "feedstock elsewhere": (dict(bloc=("chinese",), country=("Y",)), False),
    "a supplier": (dict(supplier=("C",)), True),
    "a supplier of ore": (dict(supplier=("A",)), False),
    "a supplier strikes no feedstock": (dict(supplier=("A",), bloc=("chinese",)), False),
    "the material": (dict(material=("metal",)), True),
    "another material": (dict(material=("ore",)), False),
    "another material's feedstock": (dict(material=("ore",), bloc=("chinese",)), False),
}


def held_at(given: Case) -> list[int]:
    """The nodes at which a reserve of 99 t of metal must be kept in 2028."""
    given = replace(given, limits=(Limit(2, "reserve", measure="stock_quantity", material=("metal",), start=1, minimum=99.0),))
    facts = gather(given, tree_of(given))
    (row,) = limit_rows(facts, read(facts, sound(), Ledger(1e-6)))
    return row.nodes.tolist()


@pytest.mark.parametrize("changes, released", RELEASES.values(), ids=RELEASES)
def test_a_reserve_is_released_by_what_takes_supply(changes, released):
    """A minimum stock need not be kept where a disruption takes capacity or adds lead time, of an offer of the material or of its feedstock."""
    given = replace(with_offer(1, feedstock_country="Z"), disruptions=(ban(**{"bloc": (), **changes}),))
    assert held_at(given) == ([1] if released else [1, 2])


def test_feedstock_on_which_nothing_depends_releases_no_reserve():
    """A disruption of the place that feedstock comes from takes no supply where the offer does not depend on it."""
    given = replace(with_offer(1, feedstock_dependence=0.0), disruptions=(ban(bloc=("chinese",)),))
    assert held_at(given) == [1, 2]


def event(name: str, probability: float, months: float = 120.0, **changes) -> Disruption:
    """A disruption that changes nothing but the course of events."""
    return Disruption(2, name, probability, months, 1.0, **changes)


COURSES = {  # disruptions, and which are active in each year where each goes its likelier way
    "likely": ([event("a", 0.9), event("b", 0.1)], [(), (0,), (0,), (0,)]),
    "short": ([event("a", 0.9, 12.0)], [(), (0,), (), (0,)]),
    "active now": ([event("a", 0.1, active_now=True), event("b", 0.1, 12.0, active_now=True)], [(0, 1), (0,), (0,), (0,)]),
    "decided once": ([event("a", 0.0, 12.0, decision_date=1, decision_probability=0.9)], [(), (0,), (), ()]),
    "decided later": ([event("a", 0.0, decision_date=2, decision_probability=0.9)], [(), (), (0,), (0,)]),
    "follows": ([event("a", 0.9), event("b", 0.9, follows="a")], [(), (0,), (0, 1), (0, 1)]),
    "follows what is calm": ([event("a", 0.1), event("b", 0.9, follows="a")], [(), (), (), ()]),
    "raised": ([event("a", 0.9), event("b", 0.1, raised_by="a", raised_probability=0.9)], [(), (0,), (0, 1), (0, 1)]),
    "lowered": ([event("a", 0.9), event("b", 0.6, 12.0, raised_by="a", raised_probability=0.2)], [(), (0, 1), (0,), (0,)]),
    "not raised": ([event("a", 0.1), event("b", 0.1, raised_by="a", raised_probability=0.9)], [(), (), (), ()]),
}


@pytest.mark.parametrize("disruptions, course", COURSES.values(), ids=COURSES)
def test_the_likeliest_course_of_a_sampled_tree_follows_every_rule_of_the_process(disruptions, course):
    """Each disruption goes its likelier way from year to year, as its own data and what was active a year before say; another way is found."""
    given = case(settings=settings(periods=4, scenario_method="sampled"), disruptions=tuple(replace(d, row=k + 2) for k, d in enumerate(disruptions)))
    for t in range(1, 4):
        other = [*course[:t], (0,) if course[t] == () else (), *course[t + 1 :]]
        for reference, found in ((course, False), (other, True)):
            tree = build_tree([(course, 0.5, "one"), (other, 0.5, "two")], range(2, 9), "sampled", reference=reference)
            said = audit(given, tree, Decisions({}, {}, short={("ore", "use"): np.full(tree.size, 10.0)}), Claimed(0, 0, 0, {})).findings
            assert any("leaves the likeliest course" in sentence for sentence in said) == found
