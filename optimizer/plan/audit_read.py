"""The decisions as the audit reads them: every key known, every number finite, what is missing zero."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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

    ready: (S, T), 1 where the offer's project is done. order: (offer, origin) -> spot and call-off together, (N,).
    """

    contract: np.ndarray
    start: dict[str, int]
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
    by_origin = [(s, b) for s in offers for b in origins(case.offers[s])]
    held = [(m.material, b) for m in case.materials for b in BLOCS]
    uses = [(row.material, row.use) for row in case.demand]
    drawn = [(m, b, u) for m, u in uses for b in BLOCS]

    def arrays(kind: str, known: Sequence[Any]) -> dict[Any, np.ndarray]:
        return _arrays(facts, ledger, kind, getattr(decisions, kind), known)

    def stack(values: dict[int, np.ndarray]) -> np.ndarray:
        return np.array([values[s] for s in offers]).reshape(len(case.offers), facts.tree.size)

    spot, call_off = arrays("spot", by_origin), arrays("call_off", by_origin)
    spot_of, call_off_of = ({s: _sum((kind[s, b] for b in origins(case.offers[s])), facts.tree.size) for s in offers} for kind in (spot, call_off))
    start = _starts(facts, decisions.start, ledger)
    return Plan(
        contract=_contracts(facts, decisions.contract, ledger),
        start=start,
        paid=stack(arrays("paid", list(offers))),
        reserved=stack(arrays("reserved", list(offers))),
        spot_of=stack(spot_of),
        call_off_of=stack(call_off_of),
        ready=_ready(facts, start),
        order={key: spot[key] + call_off[key] for key in by_origin},
        stock=arrays("stock", held),
        discard=arrays("discard", held),
        sold=arrays("sold", held),
        draw=arrays("draw", drawn),
        short=arrays("short", uses),
    )


def _arrays(facts: Facts, ledger: Ledger, kind: str, given: Mapping[Any, np.ndarray], known: Sequence[Any]) -> dict[Any, np.ndarray]:
    """Return one number at each node for every known key, and check that each is finite and at least 0."""
    size = facts.tree.size
    result = {key: np.zeros(size) for key in known}
    for key, values in given.items():
        values = np.asarray(values, float)
        what = f"{kind} of {_named(facts, key)}"
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
        material = facts.case.offers[key].material if isinstance(key, int) else _material(facts, key)
        usual = facts.scale[material] / (facts.years if kind == "reserved" else 1.0)
        _nonnegative(ledger, values, usual, lambda n: f"{what} is negative {facts.place(n)}: {values[n]:.6g}.")
    return result


def _nonnegative(ledger: Ledger, values: np.ndarray, usual: ArrayLike, sentence: Callable[[int], str]) -> None:
    """Check that no quantity is below 0."""
    ledger.check(-values, np.maximum(np.abs(values), usual), sentence)


def _material(facts: Facts, key: tuple[Any, ...]) -> str:
    """Return the material that a key of a known decision is about."""
    return facts.case.offers[key[0]].material if isinstance(key[0], int) else str(key[0])


def _named(facts: Facts, key: Any) -> str:
    """Say a key in a reader's words: the offer's name in place of its position."""
    words = [key] if not isinstance(key, tuple) else list(key)
    if isinstance(words[0], int):
        known = 0 <= words[0] < len(facts.case.offers)
        words[0] = facts.case.offers[words[0]].name if known else f"an unknown offer {words[0]}"
    return ", ".join(str(word) for word in words)


def _contracts(facts: Facts, given: dict[int, float], ledger: Ledger) -> np.ndarray:
    """Return (S,) units per year under contract, and check that each is finite, of a known offer, and at least 0."""
    offers = facts.case.offers
    result = np.zeros(len(offers))
    for s, value in given.items():
        if not (s in range(len(offers)) and np.isfinite(value)):
            ledger.note(f"contract of {_named(facts, s)}: {value} is not a quantity of a known offer.")
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
    if project.latest_start is not None and start > project.latest_start:
        ledger.note(f"{said}, after its latest start {label(project.latest_start)}.")


def _ready(facts: Facts, start: dict[str, int]) -> np.ndarray:
    """Return (S, T) whether an offer may be used: it has no project, or its project's start plus lead time has come."""
    ready = np.ones((len(facts.case.offers), facts.tree.periods))
    leads = {p.project: int(in_periods(facts.calendar, p.lead_time_months)) for p in facts.case.projects}
    for s, offer in enumerate(facts.case.offers):
        if offer.project is not None:
            done = start[offer.project] + leads[offer.project] if offer.project in start else facts.tree.periods
            ready[s] = np.arange(facts.tree.periods) >= done
    return ready
