"""The rules of the model, one function each, checked on the decisions by plain arithmetic.

Each function reports to the ledger by how much its rule is broken and where; a rule's scale is the largest
quantity in the row and what is usual for the material, so that grams and kilotonnes are judged alike.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from optimizer.case import BLOCS, Material, Offer, StockItem
from optimizer.plan.audit_costs import LimitRow, live_at, rates, stretches
from optimizer.plan.audit_facts import Facts, Ledger, delivered, may_draw, ruled_out, transit
from optimizer.plan.audit_read import Plan

Rule = Callable[[Facts, Plan, Ledger], None]

RULES: list[Rule] = []
"""Every rule but those of age and sale (audit_age.py), of budgets (audit_budgets.py) and of the limits, whose rows the costs need too."""


def rule(check: Rule) -> Rule:
    """Put the decorated function on the list of rules that every plan is checked by."""
    RULES.append(check)
    return check


def largest(*terms) -> np.ndarray:
    """Return the largest magnitude among the terms of a row, place by place."""
    return np.max(np.abs(np.broadcast_arrays(*terms)), axis=0)


def arrivals(facts: Facts, s: int, ordered: np.ndarray) -> np.ndarray:
    """Return what arrives at each node of an offer's orders: as many periods later as the lead time was where they were placed."""
    arriving = np.zeros(facts.tree.size)
    for lag in np.unique(facts.lead[s]):
        nodes = np.flatnonzero(facts.period >= lag)
        source = facts.line[nodes, facts.period[nodes] - lag]
        arriving[nodes] += np.where(facts.lead[s][source] == lag, ordered[source], 0.0)
    return arriving


def moved(facts: Facts, shipped: np.ndarray, later: int) -> np.ndarray:
    """Return what arrives at each node of what is shipped, so many periods later."""
    arriving = np.zeros(facts.tree.size)
    nodes = np.flatnonzero(facts.period >= later)
    arriving[nodes] = shipped[facts.line[nodes, facts.period[nodes] - later]]
    return arriving


def seller(facts: Facts, item: StockItem) -> Offer:
    """Return the offer of an open order that has not left."""
    mine = [offer for offer in facts.case.offers if (offer.supplier, offer.material) == (item.supplier, item.material)]
    return mine[0] if len(mine) == 1 else next(offer for offer in mine if offer.offer == item.offer)


def ready_when_filed(facts: Facts, plan: Plan, s: int) -> np.ndarray:
    """Return (N,) 1 where an offer's project was ready when the latest orders that are due by now were placed; 0 where none is due yet."""
    if facts.case.offers[s].ships_after_months <= 0:
        return plan.ready[s]
    found = np.zeros(facts.tree.size)
    for a in range(facts.tree.periods):
        below = np.flatnonzero(facts.period >= a)
        filed = facts.line[below, a]
        due = a + facts.wait[s][filed] <= facts.period[below]
        found[below[due]] = plan.ready[s][filed[due]]
    return found


def material_of(facts: Facts, name: str) -> Material:
    """Return the row of a material."""
    return next(m for m in facts.case.materials if m.material == name)


def comes_in(facts: Facts, plan: Plan) -> dict[tuple[str, str], np.ndarray]:
    """Return (material, origin) -> (N,) what arrives at each node: of orders and of open orders."""
    arriving = {key: np.zeros(facts.tree.size) for key in plan.stock}
    for (s, origin), quantity in plan.order.items():
        offer = facts.case.offers[s]
        arriving[offer.material, delivered(facts, s, origin)] += arrivals(facts, s, quantity)
    for i, item in enumerate(facts.case.inventory):
        if item.supplier is not None:
            arriving[item.material, item.origin] += moved(facts, plan.open_shipped[i], transit(facts.calendar, seller(facts, item)))
        elif item.arrives is not None:
            arriving[item.material, item.origin] += np.where(facts.period == max(0, item.arrives), item.quantity, 0.0)
    return arriving


def goes_out(facts: Facts, plan: Plan) -> dict[tuple[str, str], list[np.ndarray]]:
    """Return (material, origin) -> what leaves the stock at each node, (N,) each: drawn, used as input or in place of others, thrown away and sold."""
    used = {key: np.zeros(facts.tree.size) for key in plan.stock}
    for (s, origin), quantity in plan.order.items():
        offer = facts.case.offers[s]
        if offer.input_material:
            used[offer.input_material, origin] += offer.input_per_unit * quantity
    for (i, origin), quantity in plan.input_taken.items():
        used[facts.case.inputs[i].input_material, origin] += quantity
    for (i, origin), quantity in plan.replaced.items():
        row = facts.case.substitutes[i]
        if row.substitute is not None and row.units_per_unit is not None:
            used[row.substitute, origin] += row.units_per_unit * quantity
    drawn = {key: np.zeros(facts.tree.size) for key in plan.stock}
    for (material, origin, _), values in plan.draw.items():
        drawn[material, origin] += values
    return {key: [drawn[key], used[key], plan.discard[key], plan.sold[key]] for key in plan.stock}


@rule
def balance(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Stock = what was kept of the parent's + arrivals − draws − input used − discards − sales; at the root the inventory, without loss."""
    size, roots = facts.tree.size, facts.tree.parent < 0
    arriving, leaving = comes_in(facts, plan), goes_out(facts, plan)
    for (name, b), stock in plan.stock.items():
        rate = (1.0 - material_of(facts, name).annual_loss) ** facts.years
        on_hand = sum(
            item.quantity for item in facts.case.inventory if (item.material, item.origin) == (name, b) and item.arrives is None and item.supplier is None
        )
        kept = np.where(roots, on_hand, rate * stock[facts.tree.parent])
        due = kept + arriving[name, b] - sum(leaving[name, b], np.zeros(size))
        scale = largest(stock, kept, arriving[name, b], *leaving[name, b], facts.scale[name])
        ledger.check(
            np.abs(stock - due),
            scale,
            lambda n: (
                f"Balance of {name} of {b} origin {facts.place(n)}: the plan keeps {stock[n]:.6g} {facts.unit(name)}, "
                f"what comes in less what goes out leaves {due[n]:.6g}."
            ),
        )


@rule
def inputs(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """What an offer with rows of Inputs delivers takes its units of each; of an origin or cleaner it takes that origin or cleaner, and is no cleaner itself."""
    for s, rows in facts.recipes.items():
        offer = facts.case.offers[s]
        for rank, b in enumerate(BLOCS):
            cleaner = sum((plan.order[s, c] for c in BLOCS[rank:]), np.zeros(facts.tree.size))
            if rank > BLOCS.index(offer.origin):
                ledger.check(
                    cleaner,
                    largest(cleaner, facts.scale[offer.material]),
                    lambda n: f"Origin of {offer.name} {facts.place(n)}: {cleaner[n]:.6g} are cleaner than the offer.",
                )
            for row, i in ((facts.case.inputs[i], i) for i in rows):
                taken = sum((plan.input_taken[i, c] for c in BLOCS[rank:]), np.zeros(facts.tree.size))
                needed = row.input_per_unit * cleaner
                ledger.check(
                    np.abs(needed - taken) if rank == 0 else needed - taken,
                    largest(needed, taken, facts.scale[row.input_material]),
                    lambda n: f"Input {row.input_material} of {offer.name} {facts.place(n)}: {taken[n]:.6g} of {b} origin or cleaner, {needed[n]:.6g} needed.",
                )


@rule
def demand_met(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """What a use draws from the origins it allows, replaces, and goes short of, is its demand; it draws nothing of other origins."""
    for row in facts.case.demand:
        m, u = row.material, row.use
        unit, usual, wanted, served = facts.unit(m), facts.demand_scale[m], facts.demand[m, u], plan.short[m, u].copy()
        for (i, _), instead in plan.replaced.items():
            if (facts.case.substitutes[i].material, facts.case.substitutes[i].use) == (m, u):
                served += instead
        for b in BLOCS:
            allowed, drawn = may_draw(row, b, facts.period) & ~ruled_out(facts.case, facts.tree, row.material, row.use, b), plan.draw[m, b, u]
            served += np.where(allowed, drawn, 0.0)
            ledger.check(
                np.where(allowed, 0.0, drawn),
                largest(drawn, usual),
                lambda n: f"Origin of {m} for {u} {facts.place(n)}: {drawn[n]:.6g} {unit} of {b} origin are drawn, which this use does not allow.",
            )
        ledger.check(
            np.abs(served - wanted),
            largest(served, wanted, usual),
            lambda n: f"Demand of {m} for {u} {facts.place(n)}: {served[n]:.6g} {unit} are delivered or short, {wanted[n]:.6g} are needed.",
        )


@rule
def capacity(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Spot orders keep to the spot limit, all orders to the capacity, both as far as available; nothing before the project is ready."""
    for s, offer in enumerate(facts.case.offers):
        unit, usual, ready = facts.unit(offer.material), facts.scale[offer.material], plan.ready[s]
        spot, ordered = plan.spot_of[s], plan.ordered[s]
        limit = facts.spot_limit[s] * facts.years * facts.available[s]
        ledger.check(
            spot - limit,
            largest(spot, limit, usual),
            lambda n: f"Spot limit of {offer.name} {facts.place(n)}: {spot[n]:.6g} {unit} ordered, {limit[n]:.6g} can be had.",
        )
        most = facts.capacity[s] * facts.years * facts.available[s] * ready
        ledger.check(
            ordered - most,
            largest(ordered, most, usual),
            lambda n: (
                f"Capacity of {offer.name} {facts.place(n)}: {ordered[n]:.6g} {unit} ordered, {most[n]:.6g} can be had"
                + ("." if ready[n] else f", as project {offer.project} is not ready.")
            ),
        )


@rule
def terms(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """An offer with terms contract has no spot orders; one with terms spot has no contract, no call-off and nothing of what goes with it."""
    for s, offer in enumerate(facts.case.offers):
        usual = facts.scale[offer.material]
        refused = {"spot": plan.spot_of[s]} if offer.terms == "contract" else {}
        if offer.terms == "spot":
            refused = {"call-off": plan.call_off_of[s], "paid": plan.paid[s], "reserved": plan.reserved[s] * facts.years}
            ledger.check(
                plan.contract[s],
                max(plan.contract[s], usual / facts.years),
                lambda _: f"Terms of {offer.name}: it is sold on the spot market only, the plan contracts {plan.contract[s]:.6g} a year.",
            )
        for kind, values in refused.items():
            ledger.check(
                values,
                largest(values, usual),
                lambda n: f"Terms of {offer.name}: they are {offer.terms}, the plan has {kind} {values[n]:.6g} {facts.place(n)}.",
            )


@rule
def contracts(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """A contract is 0 or between minimum_contract and the largest capacity while it is live, what is fixed where that is, and counts by that of the
    period. What is called off,
    paid for and reserved agrees with it."""
    for s, offer in enumerate(facts.case.offers):
        if offer.terms == "spot":
            continue
        unit, usual, agreed = facts.unit(offer.material), facts.scale[offer.material], plan.contract[s]
        live, (top, rate) = live_at(facts, offer), rates(facts, s)
        outside = min(agreed, max(offer.minimum_contract - agreed, agreed - top))
        ledger.check(
            outside,
            max(agreed, usual / facts.years),
            lambda _: (
                f"Contract of {offer.name}: {agreed:.6g} {unit} a year are neither 0 nor between the minimum contract "
                f"{offer.minimum_contract:.6g} and the capacity {top:.6g}."
            ),
        )
        if offer.fixed_contract is not None and live.any():
            ledger.check(
                abs(agreed - offer.fixed_contract),
                max(agreed, offer.fixed_contract, usual / facts.years),
                lambda _: f"Contract of {offer.name}: {agreed:.6g} {unit} a year are not the {offer.fixed_contract:.6g} that are fixed.",
            )
        call_off, paid, reserved = plan.call_off_of[s], plan.paid[s], plan.reserved[s]
        most = agreed * rate * facts.years * facts.available[s] * live
        ledger.check(
            call_off - most,
            largest(call_off, most, usual),
            lambda n: f"Contract of {offer.name} {facts.place(n)}: {call_off[n]:.6g} {unit} are called off, it gives {most[n]:.6g}.",
        )
        ledger.check(
            call_off - paid,
            largest(call_off, paid, usual),
            lambda n: f"Contract of {offer.name} {facts.place(n)}: {call_off[n]:.6g} {unit} are called off, {paid[n]:.6g} paid for.",
        )
        force = np.where(live, agreed - top * (1.0 - ready_when_filed(facts, plan, s)), 0.0)
        ledger.check(
            force - reserved,
            largest(reserved, agreed, usual / facts.years),
            lambda n: f"Reservation of {offer.name} {facts.place(n)}: {reserved[n]:.6g} {unit} a year are reserved, {force[n]:.6g} are in force.",
        )
        least = offer.take_or_pay * rate * facts.years * facts.available[s] * np.where(live, reserved, 0.0)
        ledger.check(
            least - paid,
            largest(least, paid, usual),
            lambda n: f"Take-or-pay of {offer.name} {facts.place(n)}: {paid[n]:.6g} {unit} are paid for, at least {least[n]:.6g} must be.",
        )


@rule
def plants(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Check that the offers of a plant together keep to its capacity, as far as the offer that is served best is."""
    for row in facts.case.plants:
        mine = [s for s, offer in enumerate(facts.case.offers) if offer.plant == row.plant]
        if not mine:
            continue
        ordered = np.sum([plan.ordered[s] for s in mine], axis=0)
        most = row.capacity_per_year * facts.years * np.max([facts.available[s] for s in mine], axis=0)
        ledger.check(
            ordered - most,
            largest(ordered, most, max(facts.scale[facts.case.offers[s].material] for s in mine)),
            lambda n: f"Plant {row.plant} {facts.place(n)}: {ordered[n]:.6g} are ordered from it, {most[n]:.6g} can be had.",
        )


@rule
def choose_one(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Check that of the offers of a group at most one is contracted."""
    groups: dict[str, list[int]] = {}
    for s, offer in enumerate(facts.case.offers):
        if offer.choose_one is not None:
            groups.setdefault(offer.choose_one, []).append(s)
    for group, members in groups.items():
        second = sorted(plan.contract[s] for s in members)[-2] if len(members) > 1 else 0.0
        scale = max(max(plan.contract[s] for s in members), facts.scale[facts.case.offers[members[0]].material] / facts.years)
        ledger.check(second, scale, lambda _: f"Group {group}: more than one of its contracts is signed.")


@rule
def storage(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Stock of all origins fits the storage capacity; a material without disposal cost that keeps for ever is not thrown away."""
    for m in facts.case.materials:
        name, usual = m.material, facts.scale[m.material]
        if m.storage_capacity is not None:
            kept = plan.stock_of(name, BLOCS)
            ledger.check(
                kept - m.storage_capacity,
                largest(kept, m.storage_capacity, usual),
                lambda n: f"Storage of {name} {facts.place(n)}: {kept[n]:.6g} {m.unit} are kept, there is room for {m.storage_capacity:.6g}.",
            )
        for b in BLOCS if m.disposal_cost is None and m.shelf_life_months is None else ():
            thrown = plan.discard[name, b]
            ledger.check(
                thrown,
                largest(thrown, usual),
                lambda n: f"Disposal of {name} {facts.place(n)}: {thrown[n]:.6g} {m.unit} of {b} origin are thrown away; nothing may be.",
            )


@rule
def minimum_order(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """On the reference path an offer's order of a period is 0 or at least its minimum order."""
    path = np.array(facts.tree.reference)
    for s, offer in enumerate(facts.case.offers):
        ordered = plan.ordered[s][path]
        scale = largest(ordered, facts.scale[offer.material])
        ledger.check(
            np.minimum(ordered, offer.minimum_order - ordered),
            scale,
            lambda k: (
                f"Minimum order of {offer.name} {facts.place(int(path[k]))}, on the reference path: "
                f"{ordered[k]:.6g} {facts.unit(offer.material)} ordered, neither 0 nor at least {offer.minimum_order:.6g}."
            ),
        )


def limits(facts: Facts, rows: list[LimitRow], ledger: Ledger) -> None:
    """Every row of a limit without penalty is kept; one with a penalty may be broken, and its violation is paid for."""
    for row in rows:
        if row.limit.penalty is not None:
            continue
        side, share = ("at least", row.limit.minimum) if row.minimum else ("at most", row.limit.maximum)
        of = f"{row.limit.measure} of {row.material}" + (f", {row.group}" if row.group else "")
        scale = largest(row.value, row.bound, 0.0 if row.limit.measure.startswith("stock") else row.base, facts.scale[row.material])
        ledger.check(
            row.excess,
            scale,
            lambda k: (
                f"Limit {row.limit.limit} ({of} {side} {share:.6g}) {facts.place(int(row.nodes[k]))}: "
                f"{row.value[k]:.6g} {facts.unit(row.material)}, {side} {row.bound[k]:.6g} asked, off by {row.excess[k]:.6g}."
            ),
        )


@rule
def fill_rate(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Expected shortage over the horizon, and over what lies beyond it, is at most what the minimum fill rate leaves of expected demand."""
    asked = [row for row in facts.case.demand if row.minimum_fill_rate is not None]
    for row, (first, end) in ((row, stretch) for row in asked for stretch in stretches(facts)):
        m, u = row.material, row.use
        chance = np.where((facts.period >= first) & (facts.period < end), facts.tree.probability, 0.0)
        short, wanted = (float(chance @ values) for values in (plan.short[m, u], facts.demand[m, u]))
        most = (1.0 - (row.minimum_fill_rate or 0.0)) * wanted
        ledger.check(
            short - most,
            max(abs(short), wanted, facts.demand_scale[m]),
            lambda _: (
                f"Fill rate of {m} for {u}: {short:.6g} {facts.unit(m)} are short in expectation, "
                f"a fill rate of {row.minimum_fill_rate:.6g} leaves at most {most:.6g}."
            ),
        )
