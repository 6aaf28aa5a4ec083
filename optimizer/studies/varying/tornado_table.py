"""The table of the tornado: a row a change, what moves the objective most first, with a sentence each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.case import Case
from optimizer.plan.explain import figure, money
from optimizer.scenarios import choose_method
from optimizer.schema.results import Output, number, text, whole, yes_no
from optimizer.studies.estimates import CONFIDENCE, equal_draws, student
from optimizer.studies.varying.variants import NO_PLAN, NO_TIME, Figures

NOTABLE = 0.01
"""The share by which a contract's quantity must change to be told."""

FEWEST = 3
"""The futures that an interval needs at least."""

_NOT_KNOWN = "not known; the sentence says why"
_SEVERAL = "several numbers, or none"

TABLES = (
    Output(
        "tornado",
        "Tornado",
        "What moves the plan: one number of the workbook changed at a time, and the case solved again; what moves the objective most stands first.",
        {
            "change": text("What is changed."),
            "low": text("How far down, or the value."),
            "high": text("How far up, or the value."),
            "value": number("as in the workbook", "The number that the workbook holds.", blank=_SEVERAL),
            "low_value": number("as in the workbook", "The number that stands in its place on the low side.", blank=_SEVERAL),
            "high_value": number("as in the workbook", "The number that stands in its place on the high side.", blank=_SEVERAL),
            "objective_low": number("{currency}", "The objective on the low side, discounted.", blank=_NOT_KNOWN),
            "objective": number("{currency}", "The objective of the workbook as it is, on the same number of futures.", blank=_NOT_KNOWN),
            "objective_high": number("{currency}", "The objective on the high side, discounted.", blank=_NOT_KNOWN),
            "expected_cost_low": number("{currency}", "Expected cost on the low side, discounted.", blank=_NOT_KNOWN),
            "expected_cost": number("{currency}", "Expected cost of the workbook as it is.", blank=_NOT_KNOWN),
            "expected_cost_high": number("{currency}", "Expected cost on the high side, discounted.", blank=_NOT_KNOWN),
            "spread": number("{currency}", "How far the objective moves in all, from the lowest to the highest of the three.", blank=_NOT_KNOWN),
            "gap": number("{currency}", "How much of the spread the gap of the solver can make up.", blank=_NOT_KNOWN),
            "interval_low": number(
                "{currency}", "Where the 95% interval of the high side's expected cost less the low side's begins.", blank="the futures are not drawn"
            ),
            "interval_high": number("{currency}", "Where that interval ends.", blank="the futures are not drawn"),
            "decisions_low": text("Contracts and projects that change on the low side.", blank=_NOT_KNOWN),
            "decisions_high": text("Contracts and projects that change on the high side.", blank=_NOT_KNOWN),
            "kept_low": yes_no("Whether there was no time to solve the low side, so that it keeps all decisions of the workbook as it is."),
            "kept_high": yes_no("The same for the high side."),
            "futures": whole("On how many futures all of this was solved."),
            "words": text("The same in a sentence."),
        },
    ),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One change and what it came to. low, high: in words; the values are None where there are several. found_low, found_high: figures, or why not."""

    name: str
    low: str
    high: str
    value: float | None
    low_value: float | None
    high_value: float | None
    found_low: Figures | str
    found_high: Figures | str

    @property
    def impossible(self) -> bool:
        """Return whether a side has no plan, or makes a workbook that is not sound."""
        return any(isinstance(found, str) and found != NO_TIME for found in (self.found_low, self.found_high))


def spread_of(base: Figures | str, *found: Figures | str) -> float | None:
    """Return how far the objective moves between the base and the sides that are known; None where none is, or where the base is not."""
    known = [one.objective for one in found if isinstance(one, Figures)]
    if not isinstance(base, Figures) or not known:
        return None
    return max(base.objective, *known) - min(base.objective, *known)


def rows_of(bars: Sequence[Bar], base: Figures | str, case: Case) -> list[dict[str, object]]:
    """Return the rows of the table: first the changes that leave no plan, then by spread, those that are not known last. case: with the futures solved on."""
    sampled = choose_method(case) == "sampled"
    futures = len(base.path_cost) if isinstance(base, Figures) else case.settings.scenarios
    copies = copies_of(base, case.settings.scenarios) if sampled and isinstance(base, Figures) else {}

    def rank(bar: Bar) -> tuple[bool, bool, float]:
        spread = spread_of(base, bar.found_low, bar.found_high)
        return not bar.impossible, spread is None, -(spread or 0.0)

    rows: list[dict[str, object]] = []
    for bar in sorted(bars, key=rank):
        spread = spread_of(base, bar.found_low, bar.found_high)
        interval = difference(bar.found_low, bar.found_high, copies) if sampled else None
        row: dict[str, object] = {"change": bar.name, "low": bar.low, "high": bar.high}
        row |= {"value": bar.value, "low_value": bar.low_value, "high_value": bar.high_value}
        for side, found in (("_low", bar.found_low), ("", base), ("_high", bar.found_high)):
            row |= {f"{name}{side}": getattr(found, name) if isinstance(found, Figures) else None for name in ("objective", "expected_cost")}
        row |= {"spread": spread, "gap": _gap(base, bar.found_low, bar.found_high) if spread is not None else None}
        row |= {"interval_low": interval[0] if interval else None, "interval_high": interval[1] if interval else None}
        row |= {f"decisions_{side}": _decisions(base, found) for side, found in (("low", bar.found_low), ("high", bar.found_high))}
        row |= {f"kept_{side}": isinstance(found, Figures) and found.kept for side, found in (("low", bar.found_low), ("high", bar.found_high))}
        rows.append({**row, "futures": futures, "words": _words(bar, base, case, interval)})
    return rows


def _gap(*found: Figures | str) -> float:
    """Return how far apart two objectives can be by the gaps of their solves alone: the two widest."""
    widths = sorted((one.objective - one.bound for one in found if isinstance(one, Figures) and not one.kept), reverse=True)
    return float(sum(widths[:2]))


def copies_of(base: Figures, scenarios: int) -> dict[str, int]:
    """Return how many equal draws each future but the most probable one stands for; scenarios: how many futures were asked for, that one included."""
    drawn = [name for name in base.weights if name != base.modal]
    if not drawn:
        return {}
    return dict(zip(drawn, equal_draws(np.array([base.weights[name] for name in drawn]), scenarios - 1).tolist()))


def difference(low: Figures | str, high: Figures | str, copies: Mapping[str, int] | None = None) -> tuple[float, float] | None:
    """Return the 95% interval of the expected cost on the high side less that on the low side, from the futures of both; None where it is not known.

    The futures are paired by name, as they stand for the same random numbers (common random numbers; Glasserman & Yao, 1992). The most probable future is
    in the sample for certain, so that only the others vary. copies: how many equal draws a future stands for; one without an entry. As their weights may
    differ from side to side, the variance is that of a difference of two ratio estimates (Cochran, 1977, ch. 6); with equal weights it is that of the mean
    of paired differences.
    """
    if not isinstance(low, Figures) or not isinstance(high, Figures):
        return None
    drawn = [name for name in low.path_cost if name in high.path_cost and name not in (low.modal, high.modal)]
    if len(drawn) < FEWEST:
        return None
    draws = np.array([(copies or {}).get(name, 1) for name in drawn])
    free, (below, above) = int(draws.sum()) - 1, (_influence(side, drawn) for side in (low, high))
    # A future of k equal draws pulls as its draws do together, each by a k-th of it.
    half = student((1 + CONFIDENCE) / 2, free) * float(np.sqrt(((above - below) ** 2 / draws).sum() * draws.sum() / free))
    middle = high.expected_cost - low.expected_cost
    return middle - half, middle + half


def _influence(side: Figures, drawn: Sequence[str]) -> np.ndarray:
    """Return by how much each drawn future pulls the expected cost from what it would be without it: its weight times its cost above their mean."""
    weight, cost = np.array([side.weights[name] for name in drawn]), np.array([side.path_cost[name] for name in drawn])
    whole = 1 - side.weights.get(side.modal, 0.0)
    share = weight / weight.sum()
    pulled: np.ndarray = whole * share * (cost - share @ cost)
    return pulled


def _decisions(base: Figures | str, found: Figures | str) -> str | None:
    """Say which contracts and projects differ from those of the base; None where that is not known."""
    if not isinstance(base, Figures) or not isinstance(found, Figures):
        return None
    if found.kept:
        return "all kept"
    parts = [f"signs {name}" for name in found.contracts if name not in base.contracts]
    parts += [f"does not sign {name}" for name in base.contracts if name not in found.contracts]
    for name in found.contracts:
        before, now = base.contracts.get(name, 0.0), found.contracts[name]
        if before and abs(now - before) > NOTABLE * before:
            parts.append(f"signs {figure(now)} in place of {figure(before)} a year of {name}")
    parts += _of_projects(base.projects, found.projects)
    return "; ".join(parts) or "none"


def _of_projects(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    parts = []
    for name in dict.fromkeys([*now, *before]):
        if name not in before:
            parts.append(f"starts {name}, {now[name]}")
        elif name not in now:
            parts.append(f"does not start {name}")
        elif now[name] != before[name]:
            parts.append(f"starts {name}, {now[name]} in place of {before[name]}")
    return parts


def _words(bar: Bar, base: Figures | str, case: Case, interval: tuple[float, float] | None) -> str:
    """Say a change in a sentence or three."""
    if not isinstance(base, Figures):
        return f"{bar.name}: not known, because there was no time to solve the workbook as it is."
    currency, size = case.settings.currency, 0.0
    parts = []
    for words, found in ((bar.low, bar.found_low), (bar.high, bar.found_high)):
        if isinstance(found, Figures):
            moved = found.objective - base.objective
            size = max(size, abs(moved))
            what = f"the objective {'rises' if moved > 0 else 'falls'} by {money(abs(moved), currency)}" if moved else "it stays as it is"
        else:
            what = {NO_PLAN: "no plan keeps the limits", NO_TIME: "there was no time to solve it"}.get(found, f"the workbook is not sound ({found})")
        parts.append(f"with {words} {what}")
    said = [f"{bar.name}: {', '.join(parts)}."]
    decided = {side: _decisions(base, found) for side, found in (("down", bar.found_low), ("up", bar.found_high))}
    changed = [f"{side}, it {what}" for side, what in decided.items() if what not in (None, "none", "all kept")]
    if changed:
        said.append(f"What is decided now changes: {'; '.join(changed)}.")
    elif all(what == "none" for what in decided.values()):
        said.append("The same contracts are signed, and the same projects started.")
    if any(isinstance(found, Figures) and found.kept for found in (bar.found_low, bar.found_high)):
        said.append("Where there was no time to solve anew, all decisions are kept.")
    if 0 < size <= _gap(base, bar.found_low, bar.found_high):
        said.append("That is within the gap of the solver, so that it may be nothing.")
    if interval and interval[0] <= 0 <= interval[1] and size > 0:
        said.append("The futures that were drawn are too few to say which side costs more.")
    return " ".join(said)
