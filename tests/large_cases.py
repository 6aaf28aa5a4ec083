"""Random cases large enough to enter the decomposition's harder ways: projects, minimum contracts, budgets and limits over 50 to 300 futures.

`large_case(seed)` is valid as a workbook and the same for a seed for ever; as one program it takes seconds. `compared(seed)` solves it
both ways and says what does not agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from random_cases import (
    draw_budget,
    draw_capacities,
    draw_contract,
    draw_demand,
    draw_disruptions,
    draw_duties,
    draw_inputs,
    draw_inventory,
    draw_limits,
    draw_materials,
    draw_offer_changes,
    draw_offers,
    draw_origin_rules,
    draw_plants,
    draw_projects,
    draw_settings,
    draw_substitutes,
    draw_waiting,
)
from random_streams import Draw

from optimizer.case import Case
from optimizer.solving.built import build
from optimizer.solving.decomposed import solve_decomposed
from optimizer.solving.extensive import solve_built
from optimizer.solving.solution import Solution
from optimizer.solving.solve import decomposes
from optimizer.solving.watch import Progress, Watch

GAP = 1e-4


def large_case(seed: int) -> Case:
    """The case of a seed."""
    draw = Draw(f"large {seed}")
    large = draw.within("large")
    settings = replace(
        draw_settings(draw.within("Settings")),
        periods=large("periods").whole(4, 8),
        scenario_method="sampled",
        scenarios=large("scenarios").whole(50, 300),
        mip_gap=GAP,
        seed=seed,
        time_limit_seconds=120.0,
    )
    materials = draw_materials(draw.within("Materials"))
    demand = draw_demand(draw.within("Demand"), settings, materials)
    projects = _some(draw.within("Projects"), lambda at: draw_projects(at, settings))
    offers = draw_offers(draw.within("Suppliers"), settings, materials, demand, projects, large("offers").whole(4, 8))
    # At least one offer waits for a project, and one is under a contract with a minimum.
    waiting, contracted = large("waiting").whole(0, len(offers) - 1), large("contracted").whole(0, len(offers) - 1)
    changed = list(offers)
    changed[waiting] = replace(offers[waiting], project=large("project").pick(projects).project)
    chosen = changed[contracted]
    terms = draw_contract(large.within("contract"), chosen.price, chosen.capacity_per_year)
    terms["minimum_contract"] = round(chosen.capacity_per_year * large("minimum_contract").between(0.2, 0.8), 1)
    changed[contracted] = replace(chosen, terms="both", **terms)
    disruptions = _some(draw.within("Disruptions"), lambda at: draw_disruptions(at, settings, materials, offers), at_least=2)
    case = Case(settings, materials, demand, tuple(changed), disruptions, projects=projects)
    case = replace(case, inventory=draw_inventory(draw.within("Inventory"), case))
    case = replace(case, projects=draw_waiting(draw.within("Projects"), case))
    case = draw_inputs(draw.within("Inputs"), case)
    case = replace(case, materials=draw_capacities(draw.within("Materials"), case))
    case = replace(case, origin_rules=draw_origin_rules(draw.within("Origin rules"), case))
    case = replace(case, substitutes=draw_substitutes(draw.within("Substitutes"), case))
    case = draw_plants(draw.within("Plants"), case)
    case = replace(case, duties=draw_duties(draw.within("Duties"), case))
    case = replace(case, offer_changes=draw_offer_changes(draw.within("Offer changes"), case))
    budget = _some(draw.within("Budget"), lambda at: draw_budget(at, case))
    return replace(case, budget=budget, limits=_some(draw.within("Limits"), lambda at: draw_limits(at, case)))


def _some(draw: Draw, rows: Callable[[Draw], tuple], at_least: int = 1) -> tuple:
    """Return rows drawn again until there are enough."""
    return next(drawn for attempt in count() if len(drawn := rows(draw.within(f"attempt {attempt}"))) >= at_least)


@dataclass(frozen=True, slots=True)
class Compared:
    """A case solved both ways. faults: what does not agree, in words; none where all is well."""

    whole: Solution
    parts: Solution
    seconds: tuple[float, float]
    faults: tuple[str, ...]


def compared(seed: int, largest: int | None = None) -> Compared | None:
    """Solve the case of a seed as one program and decomposed; None where its tree has nothing to cut. largest: nodes of a block at most."""
    built = build(large_case(seed))
    if not decomposes(built, "decomposed"):
        return None
    watches = Watch(), Watch()
    whole = solve_built(built, watches[0])
    one = watches[0].seconds
    told: list[Progress] = []
    watches = Watch(), Watch(report=told.append)
    parts = solve_decomposed(built, watches[1], largest=largest)
    return Compared(whole, parts, (one, watches[1].seconds), tuple(_faults(whole, parts, told)))


def _faults(whole: Solution, parts: Solution, told: list[Progress]):
    """What the decomposition says that the extensive form's optimum contradicts."""
    rounding = 1e-6 * max(1.0, abs(whole.objective))
    if whole.status not in ("optimal", "infeasible"):
        # As one program it was not solved in time, but its plan is a plan.
        if parts.bound > whole.objective + rounding:
            yield f"bound {parts.bound:.9g} above a plan of {whole.objective:.9g}"
        return
    if parts.status != whole.status:
        yield f"{parts.status}, as one program {whole.status}"
    if whole.status != "optimal" or not np.isfinite(parts.objective):
        return
    if abs(parts.objective - whole.objective) > 1.1 * GAP * abs(whole.objective) + rounding:
        yield f"objective {parts.objective:.9g}, as one program {whole.objective:.9g}"
    for at in told:
        if at.bound is not None and at.bound > whole.objective + rounding:
            yield f"bound {at.bound:.9g} in '{at.words}' above the optimum {whole.objective:.9g}"
            break
        if at.incumbent is not None and at.incumbent < whole.bound - rounding:
            yield f"best plan {at.incumbent:.9g} in '{at.words}' below what any plan can cost, {whole.bound:.9g}"
            break
    if parts.bound > whole.objective + rounding:
        yield f"bound {parts.bound:.9g} above the optimum {whole.objective:.9g}"
