"""The audit: a second reading of the specification that checks a plan against its case, with plain arithmetic.

It knows the case, the tree and the decisions, not the program that the solver saw: every datum is derived anew, every
rule checked, every amount added up, and what was claimed is compared with what comes out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.case import Case
from optimizer.errors import AuditError
from optimizer.model.decisions import Decisions
from optimizer.plan import audit_rules as rules
from optimizer.plan import audit_shipping, audit_substitution  # noqa: F401  (importing them puts their rules on the list)
from optimizer.plan.audit_age import AGE_RULES
from optimizer.plan.audit_budgets import BUDGET_RULES
from optimizer.plan.audit_costs import PARTS, LimitRow, cvar, limit_rows, parts_by_node, share_of_cvar, stretches
from optimizer.plan.audit_facts import Facts, Ledger, gather
from optimizer.plan.audit_read import read
from optimizer.scenarios.tree import ScenarioTree


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a plan says of its horizon, or of what it plans for beyond it. cvar: its part of CVaR, the mean of what it costs over the futures worst in all."""

    expected_cost: float
    cvar: float
    costs: dict[str, float]


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a plan says of itself.

    costs: the expected discounted amount of each part of the cost by name; sales and salvage are 0 or below, so that they add up to expected_cost.
    stretches: of the horizon and, where there is any, of what lies beyond it; they add up to the whole. None are compared where none are claimed.
    """

    objective: float
    expected_cost: float
    cvar: float
    costs: dict[str, float]
    stretches: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class Audited:
    """What the audit found.

    findings: a sentence for each broken rule, none in a sound plan. worst_violation: the largest, relative to the scale
    of its rule, kept within tolerance or not. The amounts are the audit's own; parts_by_node and cost_by_node are (N,)
    and discounted, total_by_leaf follows ScenarioTree.leaves. limit_rows: every row of every limit as it was measured.
    """

    findings: tuple[str, ...]
    worst_violation: float
    costs: dict[str, float]
    expected_cost: float
    cvar: float
    objective: float
    cost_by_node: np.ndarray
    parts_by_node: dict[str, np.ndarray]
    total_by_leaf: np.ndarray
    limit_rows: list[LimitRow]


def audit(case: Case, tree: ScenarioTree, decisions: Decisions, claimed: Claimed, tolerance: float = 1e-6) -> Audited:
    """Check every rule of the model on the decisions, add up their cost, and compare it with what was claimed."""
    if tree.periods != case.settings.periods:
        raise AuditError([f"The tree has {tree.periods} periods, the case {case.settings.periods}."])
    ledger, facts = Ledger(tolerance), gather(case, tree)
    plan = read(facts, decisions, ledger)
    rows = list(limit_rows(facts, plan))
    _tree(facts, ledger)
    for rule in (*rules.RULES, *AGE_RULES, *BUDGET_RULES):
        rule(facts, plan, ledger)
    rules.limits(facts, rows, ledger)
    parts = parts_by_node(facts, plan, rows)
    if lacking := [part for part in PARTS if part not in parts]:
        raise AuditError([f"The audit adds up no cost of {part}: optimizer/plan/audit_costs.py lacks it." for part in lacking])
    by_node = np.sum([parts[part] for part in PARTS], axis=0)
    leaves = tree.leaves
    totals = by_node[facts.line[leaves]].sum(axis=1)
    weight = case.settings.risk_weight
    expected = float(tree.probability[leaves] @ totals)
    at_risk = cvar(totals, tree.probability[leaves], case.settings.cvar_level)
    costs = {part: float(tree.probability @ parts[part]) for part in PARTS}
    apart = tuple(_stretch(facts, parts, totals, first, end) for first, end in stretches(facts))
    own = Claimed((1.0 - weight) * expected + weight * at_risk, expected, at_risk, costs, apart)
    _compare(facts, claimed, own, parts, ledger)
    return Audited(ledger.findings(), ledger.worst, costs, expected, at_risk, own.objective, by_node, parts, totals, rows)


def require(audited: Audited) -> None:
    """Raise AuditError if the audit has findings."""
    if audited.findings:
        raise AuditError(audited.findings)


def _stretch(facts: Facts, parts: dict[str, np.ndarray], totals: np.ndarray, first: int, end: int) -> Stretch:
    """Add up what the periods from `first` to before `end` cost, and what they cost on the leaves that are worst by the totals of all periods."""
    tree, level = facts.tree, facts.case.settings.cvar_level
    within = (facts.period >= first) & (facts.period < end)
    costs = {part: float(tree.probability @ np.where(within, parts[part], 0.0)) for part in PARTS}
    mine = np.sum([parts[part] for part in PARTS], axis=0)[facts.line[tree.leaves, first:end]].sum(axis=1)
    return Stretch(sum(costs.values()), share_of_cvar(mine, totals, tree.probability[tree.leaves], level), costs)


def _compare(facts: Facts, claimed: Claimed, own: Claimed, parts: dict[str, np.ndarray], ledger: Ledger) -> None:
    """Check that objective, expected cost, CVaR and each part are what was claimed, to the scale of all money of the plan."""
    currency = facts.case.settings.currency
    money = sum(float(facts.tree.probability @ np.abs(values)) for values in parts.values())
    pairs = [(name, getattr(claimed, name), getattr(own, name)) for name in ("objective", "expected_cost", "cvar")]
    pairs += [(f"cost of {part}", claimed.costs.get(part, 0.0), own.costs[part]) for part in PARTS]
    for name, said, found in pairs:
        ledger.check(
            abs(said - found),
            max(abs(said), abs(found), money),
            lambda _: f"Claimed {name.replace('_', ' ')}: the plan says {said:.8g} {currency}, its decisions come to {found:.8g}.",
        )
    _compare_stretches(facts, claimed, own, money, ledger)
    for part in sorted(set(claimed.costs) - set(PARTS)):
        ledger.note(f"Claimed cost of {part}: there is no such part; they are {', '.join(PARTS)}.")


def _compare_stretches(facts: Facts, claimed: Claimed, own: Claimed, money: float, ledger: Ledger) -> None:
    """Check what is claimed of the horizon and of what lies beyond it, and that both together are the objective."""
    if not claimed.stretches:
        return
    currency, weight = facts.case.settings.currency, facts.case.settings.risk_weight
    for name, one, other in zip(("horizon", "periods beyond the horizon"), claimed.stretches, own.stretches, strict=False):
        pairs = [("expected cost", one.expected_cost, other.expected_cost), ("cvar", one.cvar, other.cvar)]
        for what, said, found in [*pairs, *((f"cost of {part}", one.costs.get(part, 0.0), other.costs[part]) for part in PARTS)]:
            ledger.check(
                abs(said - found),
                max(abs(said), abs(found), money),
                lambda _: f"Claimed {what} of the {name}: the plan says {said:.8g} {currency}, its decisions come to {found:.8g}.",
            )
    together = sum((1.0 - weight) * one.expected_cost + weight * one.cvar for one in claimed.stretches)
    if len(claimed.stretches) != len(own.stretches):
        ledger.note(
            f"Claimed parts: the plan tells of {len(claimed.stretches)}, its periods are of {len(own.stretches)}: the horizon, and what lies beyond it."
        )
    ledger.check(
        abs(together - claimed.objective),
        max(abs(together), abs(claimed.objective), money),
        lambda _: f"Claimed objective: horizon and tail come to {together:.8g} {currency} together, the plan says {claimed.objective:.8g}.",
    )


def _tree(facts: Facts, ledger: Ledger) -> None:
    """Check that the probabilities of a node's children add up to its own, those of the roots to 1, and that the reference path takes the most probable."""
    tree = facts.tree
    above = np.where(tree.parent < 0, tree.size, tree.parent)
    below = np.bincount(above, weights=tree.probability, minlength=tree.size + 1)
    inner = np.append(tree.period < tree.periods - 1, True)
    gap = np.where(inner, np.abs(below - np.append(tree.probability, 1.0)), 0.0)
    ledger.check(
        gap,
        1.0,
        lambda n: (
            "Probabilities "
            + (f"of what follows {facts.place(n)}" if n < tree.size else "of the first period")
            + f": they add up to {below[n]:.9g}, off by {gap[n]:.3g}."
        ),
    )
    if tree.method == "sampled":
        _likeliest_of_the_process(facts, ledger)
        return
    rows = [sorted(facts.case.disruptions[d].row for d in regime) for regime in tree.regimes]
    node = -1
    for t, chosen in enumerate(tree.reference):
        nodes = np.flatnonzero((tree.parent == node) & (tree.period == t))
        likely = nodes[tree.probability[nodes] >= tree.probability[nodes].max(initial=0.0) * (1.0 - 1e-9)]
        node = min((int(n) for n in likely), key=lambda n: (len(rows[tree.regime[n]]), rows[tree.regime[n]]), default=-1)
        if node != chosen:
            ledger.note(f"Reference path {facts.calendar.label(t)}: it leaves the likeliest course of events.")
            return


def _likeliest_of_the_process(facts: Facts, ledger: Ledger) -> None:
    """Check that a sampled tree's reference path goes to the most probable regime of each period, whatever was drawn: each disruption the likelier way."""
    disruptions, years = facts.case.disruptions, facts.years
    active = {d.disruption for d in disruptions if d.active_now}
    for t, node in enumerate(facts.tree.reference):
        if t:
            before, active = active, set()
            for d in disruptions:
                chance = 1.0 - (1.0 - d.annual_probability) ** years
                if d.raised_by in before and d.raised_probability is not None:
                    chance = 1.0 - (1.0 - d.raised_probability) ** years
                if d.decision_date == t and d.decision_probability is not None:
                    chance = d.decision_probability
                if d.follows is not None and d.follows not in before:
                    chance = 0.0
                if d.disruption in before:
                    chance = 1.0 - min(1.0, 12.0 * years / d.mean_duration_months)
                if chance * (1.0 - 1e-9) > 1.0 - chance:
                    active.add(d.disruption)
        if {disruptions[k].disruption for k in facts.tree.regimes[facts.tree.regime[node]]} != active:
            ledger.note(f"Reference path {facts.calendar.label(t)}: it leaves the likeliest course of events.")
            return
