"""The cause of each shortage of a plan: no decision avoids it, a limit stands in the way, or avoiding it is dearer than bearing it.

Three questions are asked of every material, use and period in which something goes short, on the futures of the plan:

1. How much is short if all is done to avoid this one shortage, with money and contracts unlimited (least_shortage.py)? That much is unavoidable.
2. How much less is short in the best plan without a row of Budget or Limits, or without all of them? That much is due to the limit.
3. What does the best plan cost in which it is no more than what is unavoidable, the rows of both sheets kept, in all periods
   together, as a shortage could else be moved to another period? What that plan costs more, all but the
   shortage itself, divided by the units that it avoids, is the cost of avoiding one unit; where it is above what a unit short costs, the rest is borne
   knowingly. The duals do not tell it: at the optimum the next unit costs as much to avoid as to bear wherever a plan is in between.

Where not even a plan without these rows avoids it, though the quantities are there, the terms of contracts and orders are the limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from optimizer.plan.plan import Plan
from optimizer.plan.quantities import NEGLIGIBLE, Quantities
from optimizer.schema.results import MATERIAL, PERIOD, UNIT, USE, Output, number, text
from optimizer.solving.solution import Solution
from optimizer.solving.watch import Phase, Progress, Stopped
from optimizer.studies.shortages.least_shortage import Key, LeastShortage, Shortages
from optimizer.studies.shortages.relaxing import Resolves
from optimizer.studies.shortages.words import KNOWINGLY, LIMIT, NOT_KNOWN, OPEN, TERMS, TOGETHER, UNAVOIDABLE, in_words, of_all
from optimizer.studies.study import Study, solution_of
from optimizer.studies.worth.limit_costs import Line, named
from optimizer.studies.worth.work import Work

SECONDS = 100.0
"""The seconds after which no other program is solved: what is not reached by then is said to be not known."""

OF_LIMITS = 0.6
"""The most of the time that is left which the programs without limits may take; those with a shortage held low have the rest."""

MOST_ALONE = 0.98
"""A limit is named alone if without it alone at least this share goes of what goes without all limits."""

LITTLE = 0.01
"""Parts of a shortage up to this share of it are not told apart from nothing."""

TIE = 1e-6
"""Plans whose objectives differ by no more than this share cost the same."""

_UNKNOWN = "not known"

TABLES = (
    Output(
        "shortage_causes",
        "Causes of shortages",
        "Why each demand goes short in each period: no decision avoids it, a limit stands in the way, or avoiding it is dearer than bearing it.",
        {
            **MATERIAL,
            **USE,
            **PERIOD,
            "short": number("{unit}", "Demand not met, on average over all futures."),
            **UNIT,
            "chance": number("share", "The chance that any of it is short in this period."),
            "cost": number("{currency}", "What the shortage costs on average over all futures, discounted."),
            "cause": text(
                "unavoidable, limit, knowingly, open (avoiding it costs no more within the gap of the solver), or not known: the largest part of it."
            ),
            "unavoidable": number("{unit}", "The part that no decision avoids, with money and contracts unlimited.", blank=_UNKNOWN),
            "by_limits": number("{unit}", "The part that is not short in the best plan without the limit.", blank=_UNKNOWN),
            "limit": text("The limit.", blank="none, or not known"),
            "knowingly": number("{unit}", "The rest, where avoiding it costs more than bearing it.", blank=_UNKNOWN),
            "avoiding": number(
                "{currency} per {unit}", "What avoiding one unit of the rest would cost, all but the shortage itself, discounted.", blank=_UNKNOWN
            ),
            "bearing": number("{currency} per {unit}", "What a unit of it that is short costs, discounted.", blank=_UNKNOWN),
            "words": text("The same in sentences."),
        },
    ),
    Output(
        "shortage_costs",
        "Shortage costs by cause",
        "What the shortages of each cause cost together, on average over all futures.",
        {
            "cause": text("unavoidable, limit, knowingly, open, or not known."),
            "cost": number("{currency}", "What they cost on average over all futures, discounted."),
            "share": number("share", "Of the cost of all shortages."),
            "words": text("The same in a sentence."),
        },
    ),
)


@dataclass
class Cause:
    """What is known of one shortage. short, unavoidable, by_limits, rest: units on average over all futures, NaN where not known; they add up.

    avoiding, bearing: money for a unit of the rest; elsewhere: the part of avoiding that is the cost of other shortages. limit: what by_limits is due to,
    in words. within: whether the rest can be avoided with all limits kept. kept: whether yes/no decisions of the plan were kept. verdict: what the rest is.
    """

    key: Key
    short: float
    chance: float
    cost: float
    unavoidable: float = np.nan
    by_limits: float = 0.0
    limit: str = ""
    avoiding: float = np.nan
    bearing: float = np.nan
    elsewhere: float = 0.0
    within: bool = True
    kept: bool = False
    together: bool = False
    verdict: str = NOT_KNOWN
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def rest(self) -> float:
        """The units that neither are unavoidable nor due to a limit; 0 where that is too little to be told."""
        left = self.short - self.unavoidable - self.by_limits
        return 0.0 if left <= LITTLE * self.short else left

    def settle(self) -> None:
        """Divide the shortage among its causes."""
        unknown = bool(np.isnan(self.unavoidable))
        self.parts = {NOT_KNOWN: self.short} if unknown else {UNAVOIDABLE: self.unavoidable, LIMIT: self.by_limits}
        if not unknown:
            self.parts[self.verdict] = self.parts.get(self.verdict, 0.0) + self.rest

    @property
    def cause(self) -> str:
        """The cause of its largest part."""
        return max(self.parts, key=self.parts.__getitem__)


def shortage_causes(plan: Plan, progress: Callable[[Progress], None] | None = None, *, seconds: float = SECONDS) -> dict[str, pd.DataFrame]:
    """Make the tables shortage_causes and shortage_costs, as TABLES declares them.

    progress is told several times a second where it stands; an exception that it raises stops the study. seconds: after which no other program is
    solved. ValueError for a plan that was read back without its solver's arrays.

    >>> tables = optimizer.studies.shortage_causes(optimizer.solve("sample_inputs/tutorial.xlsx"))
    >>> tables["shortage_causes"].cause.tolist()
    ['knowingly', 'knowingly']
    """
    solution = solution_of(plan)
    work = Work(progress, seconds, Phase.CAUSES)
    try:
        work.tell("causes of shortages, getting ready")
        causes = _Causes(solution, work).found()
    except Stopped:
        work.raise_failure()
        raise
    finally:
        work.close()
    currency, labels = plan.case.settings.currency, plan.case.calendar.labels
    unit = {material.material: material.unit for material in plan.case.materials}
    rows = [_row(cause, labels[cause.key[2]], unit[cause.key[0]], currency) for cause in causes]
    return {output.name: output.frame(listed) for output, listed in zip(TABLES, (rows, _by_cause(causes, currency)), strict=True)}


class _Causes:
    """Looks for the causes, the dearest shortages first."""

    def __init__(self, solution: Solution, work: Work) -> None:
        self.solution, self.work, self.built = solution, work, solution.built
        self.shortages = Shortages(self.built)
        self.price = np.zeros(self.built.program.columns)
        paid = self.built.program.term_cost["shortage"]
        np.add.at(self.price, paid.column, paid.value * self.built.tree.probability[paid.row])

    def found(self) -> list[Cause]:
        """Return every shortage of the plan with its cause, in the order of the workbook and of time."""
        causes = self._shortages()
        if not causes:
            return []
        least = LeastShortage(self.built, self.work.watch).at([cause.key for cause in causes])
        for cause in causes:
            floor = least[cause.key]
            if floor is not None:
                mine = self.shortages.of(cause.key)
                cause.unavoidable = min(cause.short, float(self.built.tree.probability[mine.node] @ floor))
        dearest = sorted((cause for cause in causes if cause.rest > 0), key=lambda cause: -cause.cost * cause.rest / cause.short)
        if dearest and not self.work.watch.over:
            resolves = Resolves(self.solution, self.work)
            try:
                free = self._due_to_limits(resolves, dearest)
                groups = _groups([cause for cause in dearest if cause.rest > 0])
                for number, group in enumerate(groups, start=1):
                    self.work.tell(f"causes of shortages, {number} of {len(groups)} avoided")
                    possible = self._avoided(resolves, group, least, free)
                    for cause in group if not possible and len(group) > 1 else ():
                        self._avoided(resolves, [cause], least, free)
            finally:
                resolves.close()
        for cause in causes:
            cause.settle()
        return causes

    def _shortages(self) -> list[Cause]:
        seen = Quantities(self.solution)
        assert self.solution.x is not None
        causes = []
        rank = {(row.material, row.use): row.row for row in self.built.case.demand}
        for material, use in sorted(seen.short_of, key=rank.__getitem__):
            at_node = seen.short_of[material, use]
            for period in self.built.case.calendar.parts[0]:
                nodes = (self.built.tree.period == period) & (at_node > 0)
                if nodes.any():
                    weight = self.built.tree.probability[nodes]
                    cost = float(self.price[self.shortages.of((material, use, period)).number] @ self._units(self.solution, (material, use, period)))
                    causes.append(Cause((material, use, period), float(weight @ at_node[nodes]), min(1.0, float(weight.sum())), cost))
        return causes

    def _units(self, solution: Solution, key: Key) -> np.ndarray:
        assert solution.x is not None
        units: np.ndarray = solution.x[self.shortages.of(key).number]
        return units

    # -- limits --------------------------------------------------------------------------------------------------------

    def _due_to_limits(self, resolves: Resolves, causes: list[Cause]) -> Solution | None:
        """Say of each shortage how much of it is due to which limit. Return the best plan without any limit; None where there are none, or no time."""
        lines = resolves.binding
        with self.work.within(OF_LIMITS):
            free = self._cheaper(resolves, lines, "all limits") if len(lines) > 1 else None
            alone = {line: self._cheaper(resolves, [line], f"row {line.row_of(self.built.case)} of {line.sheet}") for line in lines}
        if len(lines) == 1:
            free = alone[lines[0]]
        for cause in causes:
            gone = {line: self._gone(resolves.base, found, cause) for line, found in alone.items() if found is not None}
            best = max(gone, key=gone.__getitem__, default=None)
            together = 0.0 if free is None else self._gone(resolves.base, free, cause)
            most = max([together, *gone.values()], default=0.0)
            if most <= LITTLE * cause.short:
                continue
            cause.by_limits, cause.kept = most, resolves.kept
            cause.limit = self._named(best) if best is not None and gone[best] >= MOST_ALONE * most else TOGETHER
        return free

    def _cheaper(self, resolves: Resolves, lines: list[Line], words: str) -> Solution | None:
        """Return the best plan without these rows, where one was found that is cheaper than with them."""
        self.work.tell(f"causes of shortages, without {words}")
        found = resolves.without(lines)
        base = resolves.base.objective
        return found if found is not None and found.x is not None and found.objective < base - TIE * abs(base) else None

    def _gone(self, base: Solution, other: Solution, cause: Cause) -> float:
        """Return how much of a shortage, beyond what is unavoidable, another plan does not leave."""
        assert base.x is not None and other.x is not None
        less = self.shortages.expected(base.x, cause.key) - self.shortages.expected(other.x, cause.key)
        return float(np.clip(less, 0.0, cause.short - cause.unavoidable))

    def _named(self, line: Line) -> str:
        case = self.built.case
        return named((case.budget if line.sheet == "Budget" else case.limits)[line.position], case.settings.currency)

    # -- what avoiding it costs ----------------------------------------------------------------------------------------

    def _avoided(self, resolves: Resolves, group: list[Cause], least: dict[Key, np.ndarray | None], free: Solution | None) -> bool:
        """Say what the rest of some shortages is, and what avoiding them together would cost; return whether some plan does, as far as is known.

        free: the best plan without any limit, where limits matter.
        """
        columns = np.concatenate([self.shortages.of(cause.key).number for cause in group])
        floor = np.concatenate([least[cause.key] for cause in group]) + NEGLIGIBLE * self.built.scales.column[columns]
        base, within = resolves.base, True
        found = resolves.held(columns, floor)
        if found is not None and found.x is None and resolves.binding:
            within, base = False, free or base
            found = resolves.held(columns, floor, resolves.binding)
        for cause in group:
            cause.kept, cause.within, cause.together = resolves.kept, within, len(group) > 1
            if found is not None and found.x is None and not resolves.kept:
                cause.by_limits, cause.limit = cause.short - cause.unavoidable, TERMS
        if found is not None and found.x is not None:
            self._compare(group, columns, base, found)
        return found is None or found.x is not None

    def _compare(self, group: list[Cause], columns: np.ndarray, base: Solution, other: Solution) -> None:
        """Compare a plan that avoids shortages with one that bears them. columns: those of the shortages."""
        assert base.x is not None and other.x is not None and base.term_cost is not None and other.term_cost is not None
        probability, less = self.built.tree.probability, (base.x - other.x)[columns]
        avoided = float(probability[self.built.program.column_node[columns]] @ less)
        if avoided <= LITTLE * sum(cause.rest for cause in group):
            return
        saved = float(self.price[columns] @ less)
        elsewhere = float(probability @ (other.term_cost["shortage"] - base.term_cost["shortage"])) + saved
        # The best plan that avoids them costs at least the bound of its solve, and the best one that bears them at most what the plan costs.
        dearer = other.bound - base.objective > TIE * abs(base.objective)
        for cause in group:
            cause.avoiding, cause.bearing = (other.expected_cost - base.expected_cost + saved) / avoided, saved / avoided
            cause.elsewhere, cause.verdict = elsewhere / avoided, KNOWINGLY if dearer else OPEN


def _groups(causes: list[Cause]) -> list[list[Cause]]:
    """Return the shortages that are avoided together, the dearest first: those of a material and use in all periods.

    One of them alone might only be moved to another period.
    """
    groups: dict[tuple[str, str], list[Cause]] = {}
    for cause in causes:
        groups.setdefault(cause.key[:2], []).append(cause)
    return sorted(groups.values(), key=lambda group: -sum(cause.cost * cause.rest / cause.short for cause in group))


# -- tables ----------------------------------------------------------------------------------------------------------------


def _row(cause: Cause, label: str, unit: str, currency: str) -> dict[str, object]:
    material, use, _ = cause.key
    known = not np.isnan(cause.unavoidable)
    return {
        "material": material,
        "use": use,
        "period": label,
        "short": cause.short,
        "unit": unit,
        "chance": cause.chance,
        "cost": cause.cost,
        "cause": cause.cause,
        "unavoidable": cause.unavoidable,
        "by_limits": cause.by_limits if known else np.nan,
        "limit": cause.limit or None,
        "knowingly": cause.parts.get(KNOWINGLY, 0.0) if known and NOT_KNOWN not in cause.parts else np.nan,
        "avoiding": cause.avoiding,
        "bearing": cause.bearing,
        "words": in_words(cause, label, unit, currency),
    }


def _by_cause(causes: list[Cause], currency: str) -> list[dict[str, object]]:
    """Return the rows of the table shortage_costs, without causes of which there are none."""
    total = sum(cause.cost for cause in causes)
    rows: list[dict[str, object]] = []
    for name in (UNAVOIDABLE, LIMIT, KNOWINGLY, OPEN, NOT_KNOWN):
        cost = sum(cause.cost * cause.parts.get(name, 0.0) / sum(cause.parts.values()) for cause in causes)
        if cost > 0:
            rows.append({"cause": name, "cost": cost, "share": cost / total, "words": of_all(name, cost, total, currency)})
    return rows


SHORTAGE_CAUSES = Study(
    "shortage_causes",
    "Why something goes short",
    TABLES[0].help,
    TABLES,
    shortage_causes,
    on_request=True,
    takes="up to two minutes",
    nothing="Nothing goes short in any future of this plan.",
)
"""The study as the registry lists it."""
