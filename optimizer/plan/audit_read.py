"""The decisions as the audit reads them: every key known, every number finite, what is missing zero."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from optimizer.case import BLOCS, Project
from optimizer.model.decisions import Decisions
from optimizer.plan.audit_facts import Facts, Ledger, in_periods, origins


@dataclass(frozen=True)
class Plan:
    """The decisions, complete. contract: (S,); paid, reserved, spot_of, call_off_of: (S, N), summed over origins.

    ready: (S, N), 1 where the offer's project is done. order: (offer, origin) -> spot and call-off together, (N,).
    filed, withdrawn: (S, N), of offers that ship later. open_shipped: position in Case.inventory -> (N,). begun: project -> (N,) the period in which
    it has started on the path to a node, T where it has not. input_taken: (row of Inputs, origin) -> (N,). replaced: (row of Substitutes, origin of the
    substitute, "" without one) -> (N,).
    """

    contract: np.ndarray
    paid: np.ndarray
    reserved: np.ndarray
    spot_of: np.ndarray
    call_off_of: np.ndarray
    ready: np.ndarray
    order: dict[tuple[int, str], np.ndarray]
    stock: dict[tuple[str, str], np.ndarray]
    discard: dict[tuple[str, str], np.ndarray]
    sold: dict[tuple[str, str], np.ndarray]
    draw: dict[tuple[str, str, str], np.ndarray]
    short: dict[tuple[str, str], np.ndarray]
    filed: np.ndarray
    withdrawn: np.ndarray
    open_shipped: dict[int, np.ndarray]
    replaced: dict[tuple[int, str], np.ndarray]
    begun: dict[str, np.ndarray]
    input_taken: dict[tuple[int, str], np.ndarray]

    @property
    def ordered(self) -> np.ndarray:
        """Return (S, N) spot orders and call-offs together."""
        ordered: np.ndarray = self.spot_of + self.call_off_of
        return ordered

    def stock_of(self, material: str, of: Iterable[str]) -> np.ndarray:
        """Return (N,) stock of a material, of these origins together."""
        return _sum((self.stock[material, origin] for origin in of), self.paid.shape[1])


def _sum(parts: Iterable[np.ndarray], size: int) -> np.ndarray:
    """Add up arrays of one length; zeros where there is none."""
    result = np.zeros(size)
    for part in parts:
        result = result + part
    return result


def read(facts: Facts, decisions: Decisions, ledger: Ledger) -> Plan:
    """Read the decisions, with a finding for whatever cannot be read: it then counts as zero."""
    case = facts.case
    offers = range(len(case.offers))
    by_origin = [(s, b) for s in offers for b in origins(facts, s)]
    held = [(m.material, b) for m in case.materials for b in BLOCS]
    uses = [(row.material, row.use) for row in case.demand]
    drawn = [(m, b, u) for m, u in uses for b in BLOCS]

    def arrays(kind: str, known: Sequence[Any]) -> dict[Any, np.ndarray]:
        return _arrays(facts, ledger, kind, getattr(decisions, kind), known)

    def stack(values: dict[int, np.ndarray]) -> np.ndarray:
        return np.array([values[s] for s in offers]).reshape(len(case.offers), facts.tree.size)

    spot, call_off = arrays("spot", by_origin), arrays("call_off", by_origin)
    spot_of, call_off_of = ({s: _sum((kind[s, b] for b in origins(facts, s)), facts.tree.size) for s in offers} for kind in (spot, call_off))
    starts, conditions = _starts(facts, decisions.start, ledger), _conditions(facts, decisions, ledger)
    _decided_to_start(facts, starts.keys() | conditions.keys(), ledger)
    begun = _begun(facts, starts, conditions)
    waiting = [s for s in offers if case.offers[s].ships_after_months > 0]
    unshipped = [i for i, item in enumerate(case.inventory) if item.supplier is not None]
    return Plan(
        contract=_contracts(facts, decisions.contract, ledger),
        paid=stack(arrays("paid", list(offers))),
        reserved=stack(arrays("reserved", list(offers))),
        spot_of=stack(spot_of),
        call_off_of=stack(call_off_of),
        ready=_ready(facts, begun),
        order={key: spot[key] + call_off[key] for key in by_origin},
        stock=arrays("stock", held),
        discard=arrays("discard", held),
        sold=arrays("sold", held),
        draw=arrays("draw", drawn),
        short=arrays("short", uses),
        filed=stack({**dict.fromkeys(offers, np.zeros(facts.tree.size)), **arrays("filed", waiting)}),
        withdrawn=stack({**dict.fromkeys(offers, np.zeros(facts.tree.size)), **arrays("withdrawn", waiting)}),
        open_shipped=arrays("open_shipped", unshipped),
        replaced=arrays("replaced", [(i, b) for i, row in enumerate(case.substitutes) for b in (BLOCS if row.substitute else ("",))]),
        begun=begun,
        input_taken=arrays("input_taken", [(i, b) for i in range(len(case.inputs)) for b in BLOCS]),
    )


def _arrays(facts: Facts, ledger: Ledger, kind: str, given: Mapping[Any, np.ndarray], known: Sequence[Any]) -> dict[Any, np.ndarray]:
    """Return one number at each node for every known key, and check that each is finite and at least 0."""
    size = facts.tree.size
    result = {key: np.zeros(size) for key in known}
    for key, values in given.items():
        values = np.asarray(values, float)
        what = f"{kind} of {_named(facts, kind, key)}"
        if values.shape != (size,):
            ledger.note(f"{what}: the plan has {values.shape} values, the tree {size} nodes.")
            continue
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            ledger.note(f"{what} is not a finite number {facts.place(int(bad[0]))}.")
            values = np.where(np.isfinite(values), values, 0.0)
        if key not in result:
            if values.any():
                ledger.note(f"{what}: the plan has {np.abs(values).max():.6g} where the case has no such decision.")
            continue
        result[key] = values
        material = _material(facts, kind, key)
        usual = facts.scale[material] / (facts.years if kind == "reserved" else 1.0)
        _nonnegative(ledger, values, usual, lambda n: f"{what} is negative {facts.place(n)}: {values[n]:.6g}.")
    return result


def _nonnegative(ledger: Ledger, values: np.ndarray, usual: ArrayLike, sentence: Callable[[int], str]) -> None:
    """Check that no quantity is below 0."""
    ledger.check(-values, np.maximum(np.abs(values), usual), sentence)


def _material(facts: Facts, kind: str, key: Any) -> str:
    """Return the material that a key of a known decision is about."""
    key = key if isinstance(key, tuple) else (key,)
    if kind == "open_shipped":
        return str(facts.case.inventory[key[0]].material)
    if kind == "replaced":
        return str(facts.case.substitutes[key[0]].material)
    if kind == "input_taken":
        return str(facts.case.inputs[key[0]].input_material)
    return facts.case.offers[key[0]].material if isinstance(key[0], int) else str(key[0])


def _named(facts: Facts, kind: str, key: Any) -> str:
    """Say a key in a reader's words: the offer's name, or what stands in a row of Inventory or Substitutes, in place of its position."""
    words = [key] if not isinstance(key, tuple) else list(key)
    if kind in ("open_shipped", "replaced"):
        rows: Sequence[Any] = facts.case.inventory if kind == "open_shipped" else facts.case.substitutes
        words[0] = rows[words[0]].material if words[0] in range(len(rows)) else f"an unknown row {words[0]}"
    elif isinstance(words[0], int):
        known = 0 <= words[0] < len(facts.case.offers)
        words[0] = facts.case.offers[words[0]].name if known else f"an unknown offer {words[0]}"
    return ", ".join(str(word) for word in words)


def _contracts(facts: Facts, given: dict[int, float], ledger: Ledger) -> np.ndarray:
    """Return (S,) units per year under contract, and check that each is finite, of a known offer, and at least 0."""
    offers = facts.case.offers
    result = np.zeros(len(offers))
    for s, value in given.items():
        if not (s in range(len(offers)) and np.isfinite(value)):
            ledger.note(f"contract of {_named(facts, 'contract', s)}: {value} is not a quantity of a known offer.")
            continue
        result[s] = value
    usual = np.array([facts.scale[offer.material] / facts.years for offer in offers])
    _nonnegative(ledger, result, usual, lambda s: f"contract of {offers[s].name} is negative: {result[s]:.6g} a year.")
    return result


def _starts(facts: Facts, given: dict[str, int | None], ledger: Ledger) -> dict[str, int]:
    """Check that each project starts in the first period of the horizon or of a fiscal year, within its earliest and latest start.

    A start outside the horizon is left out of the rest of the audit.
    """
    known = {project.project: project for project in facts.case.projects}
    starts: dict[str, int] = {}
    for name, start in given.items():
        if start is None:
            continue
        if name not in known:
            ledger.note(f"project {name}: the plan starts it, the case does not know it.")
        elif not isinstance(start, (int, np.integer)) or isinstance(start, bool):
            ledger.note(f"project {name} starts in {start}: that is not one period.")
        elif not 0 <= start < facts.tree.periods:
            ledger.note(f"project {name} starts in period {start}, outside the horizon.")
        else:
            starts[name] = int(start)
            _check_window(facts, known[name], int(start), ledger)
    return starts


def _check_window(facts: Facts, project: Project, start: int, ledger: Ledger) -> None:
    """Check that a project starts when a year opens, neither before its earliest nor after its latest start."""
    calendar, label = facts.calendar, facts.calendar.label
    said = f"project {project.project} starts in {label(start)}"
    if start > 0 and calendar.fiscal_year(start) == calendar.fiscal_year(start - 1):
        ledger.note(f"{said}, which opens neither the horizon nor a fiscal year.")
    if project.earliest_start is not None and start < project.earliest_start:
        ledger.note(f"{said}, before its earliest start {label(project.earliest_start)}.")
    if project.decided == "never":
        ledger.note(f"{said}, though it is decided that it never starts.")
    if project.latest_start is not None and start > project.latest_start:
        ledger.note(f"{said}, after its latest start {label(project.latest_start)}.")


def _conditions(facts: Facts, decisions: Decisions, ledger: Ledger) -> dict[str, str]:
    """Check that a project that starts once a disruption is active may wait for it, and has no start on a date beside it."""
    known = {project.project: project for project in facts.case.projects}
    found: dict[str, str] = {}
    for name, disruption in decisions.start_if.items():
        if name not in known or disruption not in known[name].may_wait_for:
            ledger.note(f"project {name} starts once {disruption} is active: it may not wait for that.")
        elif known[name].decided == "never":
            ledger.note(f"project {name} starts once {disruption} is active, though it is decided that it never starts.")
        elif decisions.start.get(name) is not None:
            ledger.note(f"project {name} starts on a date and once {disruption} is active: it starts at most once.")
        else:
            found[name] = disruption
    return found


def _decided_to_start(facts: Facts, begun: Set[str], ledger: Ledger) -> None:
    """Check that each project that is decided to start does, if a year opens within its window or it may wait for something."""
    calendar = facts.calendar
    opening = [t for t in range(facts.tree.periods) if t == 0 or calendar.fiscal_year(t) != calendar.fiscal_year(t - 1)]
    for row in facts.case.projects:
        first, last = row.earliest_start, row.latest_start
        possible = row.may_wait_for or any((first is None or first <= t) and (last is None or t <= last) for t in opening)
        if row.decided == "start" and possible and row.project not in begun:
            ledger.note(f"project {row.project} does not start, though it is decided that it does.")


def _begun(facts: Facts, start: dict[str, int], conditions: dict[str, str]) -> dict[str, np.ndarray]:
    """Return for each project the period in which it has started on the path to each node, (N,), T where it has not: on its date, or at the first
    node within its window at which the disruption that it waits for is active."""
    tree, never = facts.tree, facts.tree.periods
    found = {}
    for project in facts.case.projects:
        begun = np.full(tree.size, start.get(project.project, never))
        if (condition := conditions.get(project.project)) is not None:
            names = [{facts.case.disruptions[k].disruption for k in regime} for regime in tree.regimes]
            active = np.array([condition in there for there in names], dtype=bool)[tree.regime]
            first = 0 if project.earliest_start is None else project.earliest_start
            last = never if project.latest_start is None else project.latest_start
            for t in range(tree.periods):
                here = np.flatnonzero(tree.period == t)
                before = begun[tree.parent[here]] if t else begun[here]
                begun[here] = np.where((before == never) & active[here] & (first <= t <= last), t, before)
        found[project.project] = begun
    return found


def _ready(facts: Facts, begun: dict[str, np.ndarray]) -> np.ndarray:
    """Return (S, N) whether an offer may be used: it has no project, or its project's start plus lead time has come."""
    ready = np.ones((len(facts.case.offers), facts.tree.size))
    leads = {p.project: int(in_periods(facts.calendar, p.lead_time_months)) for p in facts.case.projects}
    for s, offer in enumerate(facts.case.offers):
        if offer.project is not None:
            started = begun[offer.project]
            ready[s] = (started < facts.tree.periods) & (started + leads[offer.project] <= facts.period)
    return ready
