"""Why a project does not start, as far as the workbook itself tells."""

from __future__ import annotations

from optimizer.model.parameters import Parameters


def why_not_started(data: Parameters, project: str) -> str:
    """Say what keeps a project from being of use within the horizon; where nothing does, that the plan is better without it."""
    starts, calendar = data.starts(project), data.calendar
    if not starts and not data.conditions(project):
        return "No period in which it may start lies within the horizon."
    offers = [s for s, offer in enumerate(data.offers) if offer.project == project]
    if not offers:
        return "No offer needs it, so that it would change nothing."
    ready = starts[0] + data.project_lead(project) if starts else None
    if ready is not None and ready >= calendar.periods:
        return f"Started in {calendar.label(starts[0])}, the earliest period, it would be ready only after the horizon."
    if ready is not None and all(ready + data.lead(s, ()) >= calendar.periods for s in offers):
        return f"Started in {calendar.label(starts[0])}, the earliest period, it could deliver nothing before the end of the horizon."
    return "The plan is better without it. The study Why, and what reversing costs tells by how much."
