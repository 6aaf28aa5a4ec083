"""Explain why no plan satisfies the limits: which numbers of the workbook clash, and by how much they have to give for a plan to exist.

The duals of the least total slack prove the infeasibility and name the suspects; a deletion filter (Chinneck & Dravnieks, 1991)
reduces them to an irreducible infeasible set, of which none can be left out. What is decided beforehand, contracts that are fixed and projects that
start in any case or never, counts among the suspects as limits do. By how much each has to give is then computed for the whole case,
with its yes/no decisions and all other limits, and the case is solved with every amount, as it is printed, before it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, product

import numpy as np

from optimizer.errors import Conflict, InfeasibleError
from optimizer.solving.beforehand import opened
from optimizer.solving.built import Built, build
from optimizer.solving.elastic import Elastic, Unfinished, single_path
from optimizer.solving.suspects import Suspect
from optimizer.solving.watch import Phase, Stopped, Watch

MOST_CLASHES = 5
MOST_CHOICES = 24
"""Choices of one row from each of several clashes that are tried; of more, one choice that is enough is named."""
LARGE = 15_000
"""Rows from which the reference path alone is examined first, because it takes seconds and the whole tree minutes."""

NO_SLACK = 1e-9
"""A slack or a dual up to this one is rounding: it is the tolerance with which feasibility is checked here, elastic.STRICT."""

ACQUITTAL = ("Suppliers", "Offer changes", "Plants", "Materials", "Substitutes", "Demand", "Budget", "Limits", "Projects")
"""The order in which suspects are set free: first what a planner can change least, so that limits and budgets remain; after all of them what is decided
beforehand, which is the planner's own word."""

Clash = list[int]


def explained(built: Built, watch: Watch, until: float = np.inf) -> InfeasibleError:
    """Return the error that says what has to give in an infeasible case. until: in the watch's seconds, when to end with what is known by then."""
    known = _Known()
    try:
        return InfeasibleError(_explain(built, watch, until, known))
    except (Unfinished, Stopped):
        return InfeasibleError(known.conflicts or _listed(known.suspects, known.clashes, {}, enough=False), finished=False)


def explain(built: Built, watch: Watch | None = None) -> list[Conflict]:
    """Return what has to give in an infeasible case; empty where nothing that gives makes it feasible.

    Of each clash (Conflict.clash) one row has to give its amount; with one row in each, all have to.
    """
    return list(explained(built, watch or Watch()).conflicts)


def _explain(built: Built, watch: Watch, until: float, known: _Known) -> list[Conflict]:
    watch.tell(Phase.CLASHES)
    built, never = opened(built, watch) if built.laid_out else (built, frozenset())
    if (built.program.rows > LARGE or not built.laid_out) and built.tree.size > len(built.tree.reference):
        # What clashes on the likeliest path clashes in the whole, and is found there at once; but for fill rates, which hold on average.
        alone = build(built.case, watch, ("fill_rate",), tree=single_path(built.tree, [d.row for d in built.case.disruptions]))
        path = Elastic(alone, watch, until, never=never)
        if not path.feasible(set()):
            alone_clash = _clashes(path, Elastic(alone, watch, until, mixed=False, never=never), [], known) or []
            known.conflicts = _listed(path.suspects, alone_clash, {k: path.least(k, set(), {}) for clash in alone_clash for k in clash}, enough=False)
    if not built.laid_out:
        raise Unfinished  # the whole is not there to be examined
    whole = Elastic(built, watch, until, never=never)
    begun = _same(known.suspects, known.clashes, whole)
    clashes = _clashes(whole, Elastic(built, watch, until, mixed=False, never=never), begun, known)
    return [] if clashes is None else _enough(whole, clashes)


class _Known:
    """The findings so far, for the case that the time is over."""

    def __init__(self) -> None:
        self.suspects: list[Suspect] = []
        self.clashes: list[Clash] = []
        self.conflicts: list[Conflict] = []


def _same(before: list[Suspect], clashes: list[Clash], elastic: Elastic) -> list[Clash]:
    """Return the clashes of another program of the same case, by the numbers of this one's suspects."""
    here = {s.key: k for k, s in enumerate(elastic.suspects)}
    return [[here[before[k].key] for k in clash] for clash in clashes]


# -- which rows clash ------------------------------------------------------------------------------------------------------


def _clashes(mixed: Elastic, relaxed: Elastic, begun: list[Clash], known: _Known) -> list[Clash] | None:
    """Return disjoint sets of suspects: each set clashes, and once all are free there is a plan. None where there is none even then."""
    known.suspects, known.clashes = mixed.suspects, list(begun)
    if not mixed.feasible(mixed.everyone):
        return None
    free = {k for clash in begun for k in clash}
    while not mixed.feasible(free):
        # Most clashes do not need the yes/no decisions: without them every further solve is a quick one.
        quick = mixed if relaxed.feasible(free) else relaxed
        clash = _irreducible(quick, free)
        known.clashes.append(clash)
        free |= set(clash)
        if len(known.clashes) >= MOST_CLASHES and not mixed.feasible(free):
            known.clashes.append(_rest(mixed, free))
            break
    return known.clashes


def _irreducible(elastic: Elastic, free: set[int]) -> Clash:
    """Return suspects that clash and none of which can be left out, while those in `free` give as much as they like."""
    everyone = elastic.everyone
    guilty = _accused(elastic, free)
    released = everyone - guilty
    if elastic.feasible(released):
        guilty, released = everyone - free, set(free)
    for k in _in_order(elastic, guilty):
        if not elastic.feasible(released | {k}):
            released.add(k)
    return sorted(everyone - released)


def _in_order(elastic: Elastic, suspects: set[int]) -> Clash:
    return sorted(suspects, key=lambda k: (elastic.suspects[k].beforehand, ACQUITTAL.index(elastic.suspects[k].sheet), -elastic.suspects[k].row, k))


def _accused(elastic: Elastic, free: set[int]) -> set[int]:
    """Return the suspects whose rows have a dual price at the least total slack: they prove the infeasibility."""
    everyone = elastic.everyone
    outcome = elastic.solve(everyone, {}, {k: 1.0 for k in everyone - free})
    if outcome.row_dual is None:
        return everyone - free
    a = elastic.arrays
    priced = np.abs(outcome.row_dual[a.row]) > NO_SLACK
    return {int(k) for k in a.column[priced] - elastic.slacks[0] if k >= 0} - free


def _rest(elastic: Elastic, free: set[int]) -> Clash:
    """Return the suspects besides those in `free` that give at the least total slack."""
    outcome = elastic.solve(elastic.everyone, {}, {k: 1.0 for k in elastic.everyone - free})
    assert outcome.x is not None  # with every suspect free there is a plan, which was asked before
    return [k for k in sorted(elastic.everyone - free) if outcome.x[elastic.slacks[k]] > NO_SLACK]


# -- by how much they have to give -----------------------------------------------------------------------------------------


def _enough(elastic: Elastic, clashes: list[Clash]) -> list[Conflict]:
    """Return what is enough: any one row of each clash where that is so, else rows all of which have to give."""
    members = {k for clash in clashes for k in clash}
    amounts = {k: elastic.least(k, members - set(clash), {}) for clash in clashes for k in clash}
    chosen = [[k for k in clash if amounts[k]] for clash in clashes]
    if all(chosen) and _every_choice_is_enough(elastic, chosen, amounts):
        return _listed(elastic.suspects, chosen, amounts)
    return _together(elastic, members)


def _every_choice_is_enough(elastic: Elastic, clashes: list[Clash], amounts: Mapping[int, float | None]) -> bool:
    """Return whether there is a plan whichever row of each clash gives its amount."""
    if len(clashes) == 1:
        return True
    choices = list(islice(product(*clashes), MOST_CHOICES + 1))
    return len(choices) <= MOST_CHOICES and all(elastic.feasible(set(), {k: amounts[k] or 0.0 for k in choice}) for choice in choices)


def _together(elastic: Elastic, members: set[int]) -> list[Conflict]:
    """Return rows that are enough if all of them give, and of which none can be left out.

    Each gives the least that is enough beside those before it, while those after it are free; what a planner can change least comes first.
    """
    given: dict[int, float] = {}
    waiting = _in_order(elastic, members)
    while waiting:
        k = waiting.pop(0)
        amount = elastic.least(k, set(waiting), given)
        if amount is None:
            return []
        if amount > 0:
            given[k] = amount
    for k in _in_order(elastic, set(given)):
        without = {other: amount for other, amount in given.items() if other != k}
        if elastic.feasible(set(), without):
            given = without
    return _listed(elastic.suspects, [[k] for k in sorted(given)], given)


def _listed(suspects: list[Suspect], clashes: list[Clash], amounts: Mapping[int, float | None], enough: bool = True) -> list[Conflict]:
    """Return suspects as conflicts, clash by clash."""
    return [suspects[k].conflict(amounts.get(k), number, enough) for number, clash in enumerate(clashes, start=1) for k in clash]
