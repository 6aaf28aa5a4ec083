"""From what a planner has set on the screen to a solve of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from optimizer.intake import RawSheet, Reading
from optimizer.runs import Run, Work
from optimizer.studies import NAIVE_RULES, STUDIES, Study, budget_scaled
from ui.session import announcing, state, visitor, windows
from ui.words import solve as text


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of the solve page. None: as the workbook has it. budget: factor on every amount of the Budget sheet."""

    risk_weight: float | None = None
    budget: float | None = None
    scenarios: int | None = None
    time_limit_seconds: float | None = None

    def settings(self) -> dict[str, Any]:
        """The settings that stand in for the workbook's."""
        values = {name: getattr(self, name) for name in ("risk_weight", "scenarios", "time_limit_seconds")}
        return {name: value for name, value in values.items() if value is not None}

    def sheets(self, sheets: tuple[RawSheet, ...]) -> tuple[RawSheet, ...]:
        """The sheets with the budget as it was set."""
        return sheets if self.budget is None else budget_scaled(sheets, self.budget)

    def in_words(self) -> list[str]:
        """Say in short what differs from the workbook."""
        return text.choices_in_words(self.risk_weight, self.budget, self.scenarios, self.time_limit_seconds)


def choices_of(work: Work, reading: Reading) -> Choices:
    """Return the choices that are set for a work, without what says the same as its workbook."""
    kept, settings = work.choices, reading.case.settings
    found = {name: kept.get(name) for name in Choices.__dataclass_fields__}
    for name in ("risk_weight", "scenarios", "time_limit_seconds"):
        if found[name] is not None and found[name] == getattr(settings, name):
            found[name] = None
    if found["budget"] == 1.0 or not reading.case.budget:
        found["budget"] = None
    return Choices(**found)


def begin(work: Work, choices: Choices | None = None, title: str = "") -> None:
    """Ask for a plan and look at it from now on."""
    choices = choices or Choices()
    with windows.changing(work, windows.PLANS):
        named = title or title_of(work, choices)
        run = work.new_run(choices.sheets(work.sheets), title=named, settings=choices.settings(), who=visitor.who(), budget=choices.budget)
    _before_studies(work, run)
    state.look_at(work, run)
    state.wait_for(run)


def begin_point(work: Work, base: Run, choices: Choices) -> None:
    """Ask for the plan of one point of a frontier: the question that `base` answered, with these choices; look at it from now on."""
    settings = {**base.request["settings"], **choices.settings()}
    run = work.new_run(choices.sheets(base.sheets), title=title_of(work, choices), settings=settings)
    _before_studies(work, run)
    state.look_at(work, run)
    state.wait_for(run)


def _before_studies(work: Work, run: Run) -> None:
    """Start a run before the studies of its work that are under way, which are asked for again behind it: a work solves one thing at a time.

    What is still being made of a plan that is kept already is left to whoever looks at it.
    """
    for made in work.runs:
        if made is not run and made.under_way and made.has_plan:
            made.stop()
    displaced = [made for made in work.all_runs if made.study and made.under_way and not made.asked_to_stop]
    for study in displaced:
        study.displace()
    state.solve_queue().start(run)
    for study in displaced:
        begin_study(work, study.base, STUDIES[study.study])


def begin_naive(work: Work, base: Run, rule: str) -> None:
    """Ask for the naive plan of the question that `base` answered."""
    with windows.changing(work, windows.PLANS):
        run = work.new_run(base.sheets, title=NAIVE_RULES[rule].title, kind=rule, settings=base.request["settings"], base=base.id, who=visitor.who())
    _before_studies(work, run)


def begin_study(work: Work, base: Run, study: Study) -> None:
    """Ask for a study of a plan."""
    made, is_new = work.new_study(base, study.name, study.title)
    announcing.awaiting(made.id)
    if is_new:
        state.solve_queue().start(made)


def title_of(work: Work, choices: Choices) -> str:
    """A name that says what is different about this plan."""
    number = 1 + sum(not run.naive for run in (*work.runs, *work.deleted_runs))
    words = choices.in_words()
    return f"Plan {number}" + (f": {', '.join(words)}" if words else "")
