"""Break-even: the probability, the duration and the price at which each contract and project of the plan flips between being taken and not.

For each decision the disruption is varied whose absence changes most what the decision saves. Where the decision flips is guessed from two plans on the
same futures and confirmed by solving the case with that value; its futures are then drawn anew with the same numbers (decision 31). See flips.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from optimizer.executors import Executor, Processes
from optimizer.plan.plan import Plan
from optimizer.plan.status import ResultStatus
from optimizer.schema.results import Output, number, text, whole, yes_no
from optimizer.solving.watch import Phase, Progress, Watch
from optimizer.studies.study import Study
from optimizer.studies.thresholds.break_even_search import Search
from optimizer.studies.thresholds.decisions_now import Decision, chosen, taken_in
from optimizer.studies.thresholds.flips import Guess, Side, answer_of
from optimizer.studies.thresholds.solves import Kept, case_for_many
from optimizer.studies.thresholds.varied import Varied

MOST_DECISIONS = 8
"""Decisions that are looked into, those of the most money at stake."""

SECONDS = 100.0
"""The time after which the search ends with the brackets that are known by then."""

QUICK_ROWS = 2_000
"""Rows of a program up to which it is solved so quickly that no decision need be kept while brackets are looked for."""

_NO_FLIP = "no flip was found"
_EXACT = "all futures are known and plans are exact, or there is no estimate"
_NO_ESTIMATE = "there is none within the range"
TABLES = (
    Output(
        "break_even",
        "Break-even",
        "The probability, duration and price at which each contract and project flips between being taken and not; it lies between low and high.",
        {
            "decision": text("The contract or project."),
            "in_plan": yes_no("Whether the plan takes it."),
            "varied": text("What is changed; all else stays as the workbook has it."),
            "unit": text("The unit of the four numbers that follow."),
            "workbook": number("", "Its value in the workbook."),
            "low": number("", "The decision flips at no less than this value.", blank=_NO_FLIP),
            "high": number("", "The decision flips at no more than this value.", blank=_NO_FLIP),
            "taken": text("Whether it is taken below or above that value.", blank=_NO_FLIP),
            "estimate": number("", "The value at which a plan with it and one without it cost the same, both kept as they are.", blank=_NO_ESTIMATE),
            "estimate_low": number("", "The lower end of its 95% interval, with room for the gap of both plans.", blank=_EXACT),
            "estimate_high": number("", "The upper end of that interval.", blank=_EXACT),
            "confirmed": yes_no("Whether that was found with all other decisions free as well; else the plan's other yes/no decisions were kept."),
            "futures": whole("The number of futures that the search has solved with at the workbook's value."),
            "words": text("The same in a sentence."),
        },
    ),
)


def break_even(
    plan: Plan,
    progress: Callable[[Progress], None] | None = None,
    *,
    decisions: int = MOST_DECISIONS,
    seconds: float = SECONDS,
    quick_rows: int = QUICK_ROWS,
    executor: Executor | None = None,
) -> dict[str, pd.DataFrame]:
    """Make the table `break_even`, as TABLES declares it.

    decisions: how many are looked into at most, those of the most money at stake. seconds: the time after which the search ends with the brackets that
    are known by then. quick_rows: rows of the plan's program up to which every solve leaves all decisions free; in a larger one the other yes/no
    decisions are kept while brackets are looked for. executor: where cases are solved, by default in processes of this machine. ValueError for a plan
    that was read back without its solver's arrays.

    >>> table = optimizer.studies.break_even(optimizer.solve("sample_inputs/tutorial.xlsx"))["break_even"]
    >>> print(table.words[0].split(";")[0])
    The contract with Allied Separation for Dysprosium oxide is signed where the annual probability of Export stop is above a value between 24.1% and 24.7%
    """
    watch, until = Watch(report=progress), time.monotonic() + seconds
    case, fewer = case_for_many(plan)
    watch.tell(Phase.BREAK_EVEN)
    assert plan.solution is not None
    taken = taken_in(plan.solution)
    picked = chosen(case, plan.solution, decisions)
    large = plan.solution.built.program.rows > quick_rows
    kept = Kept.of(plan.solution, taken, frozenset(picked)) if large else None
    known = None if large or fewer or plan.status != ResultStatus.OPTIMAL else answer_of(plan.solution)
    workers = executor or Processes()
    try:
        search = Search(case, picked, taken, workers, until, watch, known, kept)
        if picked:
            search.run()
    finally:
        workers.close()
    rows = [row for decision in picked for row in _rows(search, decision, decision in taken)]
    return {output.name: output.frame(rows) for output in TABLES}


# -- rows ------------------------------------------------------------------------------------------------------------------


def _rows(search: Search, decision: Decision, in_plan: bool) -> Iterator[dict[str, Any]]:
    """Yield the rows of one decision: one for each flip that was found, and one for each number at which none was."""
    by_number: dict[tuple[str, ...], list[Side]] = {}
    for side in search.sides.get(decision, ()):
        by_number.setdefault(side.varied.key, []).append(side)
    for sides in by_number.values():
        found = [side for side in sides if in_plan == side.taken and side.bracket[1] is not None]
        guesses = [side for side in sides if in_plan == side.taken and side.guess is not None and not side.flips_nowhere]
        for side in found or guesses[:1] or sides[:1]:
            varied, (near, far), guess = side.varied, side.bracket, side.guess if side in guesses else None
            row = {
                "decision": decision.name,
                "in_plan": in_plan,
                "varied": varied.what[0].upper() + varied.what[1:],
                "unit": varied.unit,
                "workbook": varied.value,
                **dict.fromkeys(("low", "high", "estimate", "estimate_low", "estimate_high"), float("nan")),
                "taken": None,
                "confirmed": _agreement(search, [side] if found else sides) is True,
                "futures": 0 if search.base is None else len(search.base.futures.paths),
            }
            if guess is not None:
                row |= {"estimate": guess.value, "estimate_low": guess.low, "estimate_high": guess.high}
            if side in found and far is not None:
                low, high = sorted((near, far))
                row |= {"low": low, "high": high, "taken": "below" if side.upward == side.taken else "above"}
                yield {**row, "words": _flip(side, low, high, str(row["taken"])) + _estimated(guess, varied) + _checked(search, [side]) + _doubt(side)}
            else:
                yield {**row, "words": _without_flip(search, decision, in_plan, sides) + _estimated(guess, varied) + _checked(search, sides) + _doubt(side)}


def _verb(decision: Decision) -> str:
    return "signed" if decision.is_contract else "started"


def _flip(side: Side, low: float, high: float, taken: str) -> str:
    """Say between which values a decision flips."""
    varied, verb = side.varied, _verb(side.decision)
    where = f"where the {varied.what} is {taken} a value between {varied.written(low)} and {varied.written(high)}"
    return f"{side.decision.name} is {verb} {where}; the workbook says {varied.written(varied.value)}."


def _estimated(guess: Guess | None, varied: Varied) -> str:
    """Say at which value a plan with the decision and one without it cost the same, where it is known from a sample or not yet confirmed."""
    if guess is None:
        return ""
    between = f" (95% interval: {varied.written(guess.low)} to {varied.written(guess.high)})" if guess.low < guess.high else ""
    return f" A plan with it and one without it, both kept as they are, cost the same at {varied.written(guess.value)}{between}."


def _without_flip(search: Search, decision: Decision, in_plan: bool, sides: list[Side]) -> str:
    """Say why no value is known at which a decision flips."""
    varied, verb = sides[0].varied, _verb(decision)
    own, usual = varied.written(varied.value), "is" if in_plan else "is not"
    if in_plan != sides[0].taken:
        other, count = "not " if in_plan else "", len(search.base.futures.paths) if search.base is not None else 0
        return (
            f"{decision.name} {usual} {verb} in the plan, but is {other}{verb} with the {count} futures that there is time to solve with. "
            f"So the {varied.what} at which that changes cannot be told."
        )
    same = [varied.written(side.end) for side in sides if side.end != varied.value and side.known.get(side.end) is not None]
    impossible = [varied.written(side.end) for side in sides if (varied.key, side.end) in search.impossible]
    unknown = [side for side in sides if side.end != varied.value and side.known.get(side.end) is None and (varied.key, side.end) not in search.impossible]
    words = f"{decision.name} {usual} {verb} at the workbook's {varied.what} of {own}"
    words += f", and also at {' and '.join(same)}." if same else "."
    if impossible:
        given = "" if search.kept is None else " with the plan's other yes/no decisions"
        words += f" At {' and '.join(impossible)}, no plan keeps all limits{given}."
    if unknown:
        words += f" The time was over before a case with {' or '.join('more' if side.upward else 'less' for side in unknown)} was solved."
    return words


def _agreement(search: Search, sides: list[Side]) -> bool | None:
    """Return whether cases with all decisions free say what the searches say; None where they were not all solved, or a search has not ended."""
    found = [search.confirmed(side) for side in sides if side.end != side.varied.value]
    return None if None in found or not found else all(found)


def _checked(search: Search, sides: list[Side]) -> str:
    """Say whether what was found was solved with all decisions free, too."""
    if search.kept is None or not any(side.ends for side in sides):
        return ""
    agrees = _agreement(search, sides)
    if agrees is None:
        return " That holds with the plan's other yes/no decisions; there was no time to solve with all decisions free."
    if agrees:
        return " Solving with all other decisions free says the same."
    varied, decision = sides[0].varied, sides[0].decision
    found = [(value, search.anew.get(search.place(varied, value))) for side in sides for value in side.ends]
    says = [f"{'' if decision in answer.taken else 'not '}{_verb(decision)} at {varied.written(value)}" for value, answer in found if answer is not None]
    return f" That holds with the plan's other yes/no decisions; with all decisions free it is {' and '.join(says)}."


def _doubt(side: Side) -> str:
    """Say where a decision is worth so little that the solver's allowed gap decides on it."""
    return " It is worth less than the gap that plans are solved to, so that it may be taken or not by accident." if side.doubtful else ""


BREAK_EVEN = Study(
    "break_even",
    "Break-even",
    "Where each contract and project flips between being taken and not, as a probability, a duration or its price changes.",
    TABLES,
    break_even,
    on_request=True,
    takes="up to two minutes",
    together=True,
)
"""The study for the registry."""
