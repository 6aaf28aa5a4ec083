"""What a rule must know of a node's past, beside the regime of its period.

The model's coefficients depend on the regime of their period alone. Where a rule asks for more, such as whether a ban has ended less than
a year ago, the answer is kept as a memory beside the regime: nodes of one regime that differ in it are told apart. A case without such a
rule has no memories, and its tree is as it would be without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optimizer.case import Case, Offer
from optimizer.scenarios.tree import Memory, ScenarioTree


def with_memories(case: Case, tree: ScenarioTree, reference: Sequence[int] | None = None) -> ScenarioTree:
    """Return the tree with the memories that the rules of the case ask for; it is the same tree where none does.

    reference: the nodes that count as those of the reference path; all of the tree's reference path without them.
    """
    released, filed, began = _released(case, tree), _filed_for(case, tree), _began(case, tree)
    due_since = {s: values for s, values in filed.items() if delayed(case, case.offers[s])}
    begun = {pair: _since(case, tree, pair[0], values) for pair, values in began.items()}
    ready_for = _ready_for(case, tree, filed, began)
    asks_for_path = any(row.holding == "reference path" for row in case.limits)
    on_reference = np.zeros(tree.size, dtype=bool)
    if asks_for_path:
        on_reference[list(tree.reference if reference is None else reference)] = True
    parts = [*released.values(), *due_since.values(), *begun.values(), *ready_for.values()]
    if not parts and not asks_for_path:
        return tree
    # One number for each distinct (regime, memory), in the order of the regimes.
    distinct, regime = np.unique(np.stack([tree.regime, on_reference, *parts], axis=1).astype(np.int64), axis=0, return_inverse=True)

    def memory(row: list[int]) -> Memory:
        left = iter(row[2:])
        return Memory(
            on_reference=bool(row[1]),
            released=frozenset(name for name in released if next(left)),
            due_since=tuple((s, period) for s in due_since if (period := next(left)) >= 0),
            begun=tuple((*pair, since) for pair in begun if (since := next(left)) >= 0),
            ready_for=frozenset(pair for pair in ready_for if next(left)),
        )

    memories = tuple(memory(row) for row in distinct.tolist())
    return replace(tree, regime=regime.reshape(-1).astype(np.int64), regimes=tuple(tree.regimes[row[0]] for row in distinct), memories=memories)


def _released(case: Case, tree: ScenarioTree) -> dict[tuple[int, str], np.ndarray]:
    """Return for each limit and material whose minimum can be released: (N,) whether it is, at each node."""
    found: dict[tuple[int, str], np.ndarray] = {}
    known: dict[tuple[frozenset[int], int], np.ndarray] = {}
    for i, row in enumerate(case.limits):
        if row.holding != "unless released" or row.minimum is None:
            continue
        within = case.calendar.periods_of(row.months_of_refilling)
        for material in (m.material for m in case.materials if not row.material or m.material in row.material):
            releasing = frozenset(case.releasing(row, material))
            if releasing:
                pair = (releasing, within)
                if pair not in known:
                    known[pair] = _active_within(tree, releasing, within)
                found[i, material] = known[pair]
    return found


def delayed(case: Case, offer: Offer) -> bool:
    """Return whether some disruption adds to the time until an offer's goods leave."""
    return any(d.lead_time_added_months > 0 and d.strikes(offer) for d in case.disruptions)


def _filed_for(case: Case, tree: ScenarioTree) -> dict[int, np.ndarray]:
    """Return for each offer that ships later and has a contract to pay for: (N,) the latest period whose orders are due by then, -1 = none."""
    found: dict[int, np.ndarray] = {}
    for s, offer in enumerate(case.offers):
        if not (offer.ships_later and offer.paid_unused):
            continue
        added = [sum(case.disruptions[k].lead_time_added_months for k in regime if case.disruptions[k].strikes(offer)) for regime in tree.regimes]
        wait = np.array([case.calendar.periods_of(offer.ships_after_months + months) for months in added])[tree.regime]
        filed, line = np.full(tree.size, -1), tree.ancestors()
        for a in range(tree.periods):
            below = np.flatnonzero(tree.period >= a)
            due = a + wait[line[below, a]] <= tree.period[below]
            filed[below[due]] = a
        found[s] = filed
    return found


def _began(case: Case, tree: ScenarioTree) -> dict[tuple[str, str], np.ndarray]:
    """Return for each project and disruption that it may wait for: (N,) the period in which it has started on the path to a node, -1 = not yet."""
    found: dict[tuple[str, str], np.ndarray] = {}
    for project in case.projects:
        for name in project.may_wait_for:
            position = next(k for k, d in enumerate(case.disruptions) if d.disruption == name)
            active = np.array([position in regime for regime in tree.regimes], dtype=bool)[tree.regime]
            began = np.full(tree.size, -1)
            for t in range(tree.periods):
                here = np.flatnonzero(tree.period == t)
                before = began[tree.parent[here]] if t else began[here]
                began[here] = np.where((before < 0) & active[here] & project.in_window(t), t, before)
            found[project.project, name] = began
    return found


def _since(case: Case, tree: ScenarioTree, name: str, began: np.ndarray) -> np.ndarray:
    """Return (N,) the periods since a project has started, no more than it takes, -1 = not yet."""
    months = next(project.lead_time_months for project in case.projects if project.project == name)
    return np.where(began < 0, -1, np.minimum(tree.period - began, max(1, case.calendar.periods_of(months))))


def _ready_for(case: Case, tree: ScenarioTree, filed: dict[int, np.ndarray], began: dict[tuple[str, str], np.ndarray]) -> dict[tuple[int, str], np.ndarray]:
    """Return for each of the offers in `filed` and disruption that its project may wait for: (N,) whether that was ready in the period of `filed`."""
    found: dict[tuple[int, str], np.ndarray] = {}
    leads = {project.project: case.calendar.periods_of(project.lead_time_months) for project in case.projects}
    for s, periods in filed.items():
        for (project, name), values in began.items():
            if case.offers[s].project == project:
                found[s, name] = (values >= 0) & (values + leads[project] <= periods)
    return found


def _active_within(tree: ScenarioTree, disruptions: frozenset[int], periods: int) -> np.ndarray:
    """Return (N,): whether one of the disruptions is active at the node or at one of its so many nearest ancestors."""
    strikes = np.array([not disruptions.isdisjoint(regime) for regime in tree.regimes])[tree.regime]
    # How many periods ago it was active last, as far as that matters; a node stands after its parent.
    since = np.full(tree.size, periods + 1)
    for t in range(tree.periods):
        here = np.flatnonzero(tree.period == t)
        if t:
            since[here] = np.minimum(since[tree.parent[here]] + 1, periods + 1)
        since[here[strikes[here]]] = 0
    return since <= periods
