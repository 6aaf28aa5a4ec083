"""A program's columns and rows as what a plan says: decisions by name, contracts and slacks no larger than they need be, duals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.decisions import Decisions

if TYPE_CHECKING:
    from optimizer.solving.extensive import Built
    from optimizer.solving.highs import Outcome


def duals_of(built: Built, outcome: Outcome) -> np.ndarray | None:
    """The duals of the program's own rows in money per unit of the row; None unless they belong to an optimum."""
    if outcome.row_dual is None or outcome.status != "optimal":
        return None
    return outcome.row_dual[: len(built.program.row_lower)] * built.scales.money / built.scales.row


def without_idle_contracts(built: Built, x: np.ndarray) -> np.ndarray:
    """The decisions with every contract that costs nothing to hold cut to what is taken under it.

    Such are contracts without reservation price and take-or-pay, and those that wait for a project that is not started.
    """
    program, data, tree = built.program, built.data, built.tree
    names = [(family.name, index) for family, index in built.template.columns]
    here = {names[j]: k for k, j in enumerate(program.column_template) if j >= 0 and names[j][0] in ("contract", "signed", "start")}
    started = {index[0] for (name, index), k in here.items() if name == "start" and x[k] > 0.5}
    idle = {}
    for (name, index), k in here.items():
        offer = data.offers[index[0]] if name == "contract" else None
        if offer and (offer.reservation_price == offer.take_or_pay == 0 or (offer.project and offer.project not in started)):
            idle[index[0]] = k
    taken = {s: np.zeros(tree.size) for s in idle}
    for k, j in enumerate(program.column_template):
        if j >= 0 and names[j][0] == "lift" and names[j][1][1] in taken:
            taken[names[j][1][1]][program.column_node[k]] += x[k]
    for s, k in idle.items():
        served = np.array([data.availability(s, int(t), tree.regimes[r]) for t, r in zip(tree.period, tree.regime)]) * data.years
        needed = float(np.max(np.divide(taken[s], served, out=np.zeros(tree.size), where=served > 0), initial=0.0))
        if needed > 1e-7 * min(data.usable.contract[s], 100 * built.scales.column[k]):
            needed = max(needed, data.offers[s].minimum_contract)
        else:
            needed = 0.0
            if ("signed", (s,)) in here:
                x[here["signed", (s,)]] = 0.0
        x[k] = min(x[k], needed)
    return x


def with_least_slacks(built: Built, x: np.ndarray) -> np.ndarray:
    """The decisions with the slack of each limit no larger than what it is short of or over."""
    program, matrix = built.program, built.program.matrix
    is_slack = np.array([family.name in ("slack", "reference_slack") for family, _ in built.template.columns] + [False])[program.column_template]
    entry = np.flatnonzero(is_slack[matrix.column] & (program.row_template[matrix.row] >= 0))
    row, column, value = matrix.row[entry], matrix.column[entry], matrix.value[entry]
    others = np.bincount(matrix.row, matrix.value * np.where(is_slack, 0.0, x)[matrix.column], minlength=len(program.row_lower))[row]
    missing = np.where(np.isfinite(program.row_upper[row]), others - program.row_upper[row], program.row_lower[row] - others)
    x[column] = np.clip(missing / np.abs(value), 0, x[column])
    return x


def decisions_of(built: Built, x: np.ndarray) -> Decisions:
    """The program's columns as decisions by offer, material, origin, use and node."""
    program, template, data = built.program, built.template, built.data
    names = np.array([family.name for family, _ in template.columns])
    contract: dict[int, float] = {}
    start: dict[str, int | None] = {project: None for project in data.projects}
    by_node: dict[str, dict] = {name: {} for name in ("spot", "lift", "unlifted", "reserved", "stock", "discard", "draw", "short")}
    own = np.flatnonzero(program.column_template >= 0)
    order = own[np.argsort(program.column_template[own], kind="stable")]
    template_of = program.column_template[order]
    cuts = np.searchsorted(template_of, np.arange(len(template.columns) + 1))
    for j, (_, index) in enumerate(template.columns):
        columns = order[cuts[j] : cuts[j + 1]]
        name = names[j]
        if name == "contract":
            contract[index[0]] = float(x[columns[0]])
        elif name == "start":
            if x[columns[0]] > 0.5:
                start[index[0]] = index[1]
        elif name in by_node:
            key = index[1] if len(index) == 2 else index[1:]
            values = by_node[name].setdefault(key, np.zeros(built.tree.size))
            values[program.column_node[columns]] = x[columns]
    nothing = np.zeros(built.tree.size)
    unlifted, reserved = by_node.pop("unlifted"), by_node.pop("reserved")
    paid = {s: sum((by_node["lift"][s, b] for b in data.order_origins(s)), unlifted.get(s, nothing)) for s in contract}
    in_force = {s: reserved.get(s, nothing + quantity) for s, quantity in contract.items()}
    return Decisions(contract, start, paid=paid, reserved=in_force, **by_node)
