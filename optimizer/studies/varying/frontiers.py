"""The frontier of cost against risk: what more safety costs, from expected cost alone to the worst futures alone, or budget by budget.

Every point is the plan of the same case on the same futures under another risk weight (the weighted-sum method of Zadeh, 1963), or with every
amount of the Budget sheet times a factor. As each answer is within the solver's gap, so is the frontier: between two weights expected cost falls,
or CVaR rises, by no more than their gaps allow. The knee is the point of the largest distance from the chord between the ends of the frontier,
both axes brought to 0..1 (Das, 1999): beyond it a further step towards safety costs more than it did on average.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from optimizer.case import Case
from optimizer.model.data import CaseData
from optimizer.model.template import Template
from optimizer.plan.explain import money, percent, worst_futures
from optimizer.plan.plan import Plan
from optimizer.schema.results import Output, number, text, yes_no
from optimizer.solving.built import Built, stamped
from optimizer.solving.solution import Solution
from optimizer.solving.watch import Phase, Progress, Watch
from optimizer.studies.study import Study, solution_of
from optimizer.studies.varying.variants import NO_TIME, Figures, Variants, figures_of

WEIGHTS = tuple(k / 10 for k in range(11))
"""The risk weights of the frontier, unless others are asked for."""

MOST_SECONDS = 90.0
"""What the points may take in all, so that the study ends within two minutes with what putting the last one in order takes."""

STRAIGHT = 1e-3
"""The distance from the chord, in normalised axes, up to which a frontier counts as straight."""

SAME = 1e-6
"""The relative difference up to which two figures count as the same: that of the tolerances of a solve."""

BEYOND_WEIGHT = "beyond it a step towards safety costs more than on average"
BEYOND_BUDGET = "beyond it more budget saves less than on average"
"""What a knee along the risk weights says, and one along the factors on the budget."""

_NOT_KNOWN = "there was no time for it, or no plan keeps the limits"

TABLES = (
    Output(
        "frontier",
        "Frontier",
        "What more safety costs: the plan for each risk weight, or for each factor on the budget, on the same futures.",
        {
            "risk_weight": number("share", "The risk weight under which it is the plan: 0 = expected cost alone, 1 = the worst futures alone."),
            "budget_factor": number("times", "What every amount of the Budget sheet is multiplied by."),
            "objective": number("{currency}", "The objective: expected cost and CVaR, weighted, discounted.", blank=_NOT_KNOWN),
            "expected_cost": number("{currency}", "Expected cost, discounted.", blank=_NOT_KNOWN),
            "beyond": number("{currency}", "How much of that lies in the periods beyond the horizon (tail_periods); 0 without any.", blank=_NOT_KNOWN),
            "cvar": number("{currency}", "CVaR: the mean cost of the worst futures, discounted.", blank=_NOT_KNOWN),
            "shortage_cost": number("{currency}", "Expected shortage cost, discounted; it is part of the expected cost.", blank=_NOT_KNOWN),
            "probability_of_shortage": number("share", "Chance of any shortage.", blank=_NOT_KNOWN),
            "worst_cost": number("{currency}", "Cost of the dearest future, discounted.", blank=_NOT_KNOWN),
            "worst_scenario": text("The dearest future.", blank=_NOT_KNOWN),
            "contracts": number("contracts", "Contracts signed.", blank=_NOT_KNOWN),
            "projects": number("projects", "Projects started, or waiting for a disruption to start.", blank=_NOT_KNOWN),
            "gap": number("share", "How much more than the best possible plan it can cost at most.", blank=_NOT_KNOWN),
            "knee": yes_no("Whether it is the knee: the point of largest distance from the chord between the ends, both axes brought to 0..1."),
            "dominated": yes_no("Whether another point has neither a higher expected cost nor a higher CVaR, nor a larger budget; they differ within the gap."),
            "is_plan": yes_no("Whether it is the plan itself."),
            "words": text("The same in a sentence."),
        },
    ),
)


@dataclass(frozen=True, slots=True)
class Point:
    """One point asked for, and what it came to: its figures, or in words why it has none. is_plan: whether it is the plan itself."""

    weight: float
    factor: float
    found: Figures | str
    is_plan: bool = False


def frontier(
    plan: Plan,
    progress: Callable[[Progress], None] | None = None,
    *,
    weights: Sequence[float] | None = None,
    budgets: Sequence[float] | None = None,
    seconds: float = MOST_SECONDS,
) -> dict[str, pd.DataFrame]:
    """Make the table frontier, as TABLES declares it, a row a point, in the order of weights and factors.

    weights: the risk weights, 0 to 1 in tenths by default, or that of the plan where budgets are given. budgets: factors on every amount of the Budget
    sheet. seconds: what all points may take; those that are left then are blank, the ends and the middle come first. progress is told several times
    a second where it stands. ValueError for a plan without its solver's arrays, a weight outside 0..1, a negative factor, or factors without a budget.

    >>> plan = optimizer.solve("sample_inputs/tutorial.xlsx")
    >>> table = optimizer.studies.frontier(plan, weights=[0, 0.3, 1])["frontier"]
    >>> table[["expected_cost", "cvar"]].round(-2).values.tolist()
    [[1013500.0, 1234000.0], [1047200.0, 1084000.0], [1047200.0, 1084000.0]]
    """
    solution = solution_of(plan)
    own = solution.built.case.settings.risk_weight
    weights, factors = _asked(solution, weights, budgets)
    asked = [(weight, factor) for factor in factors for weight in weights]
    points = {}
    if (own, 1.0) in asked:
        points[own, 1.0] = Point(own, 1.0, figures_of(solution), True)
    todo = [pair for pair in _by_halves(asked) if pair not in points]
    with Variants(Phase.FRONTIER, "frontier", len(todo), progress, seconds) as variants:
        variants.tell()
        programs = _Programs(solution)
        for done, (weight, factor) in enumerate(todo):
            found = variants.solve(programs.of(weight, factor), seconds=_share(variants.left, len(todo) - done, first=done == 0))
            points[weight, factor] = Point(weight, factor, found)
    listed = [points[pair] for pair in asked]
    return {"frontier": TABLES[0].frame(_rows(listed, solution.built.case))}


def _asked(solution: Solution, weights: Sequence[float] | None, budgets: Sequence[float] | None) -> tuple[list[float], list[float]]:
    """Return the weights and the factors, each sorted and once. ValueError where they are none."""
    own = solution.built.case.settings.risk_weight
    weights = ((own,) if budgets is not None else (*WEIGHTS, own)) if weights is None else weights
    budgets = (1.0,) if budgets is None else budgets
    if not weights or not all(0 <= weight <= 1 for weight in weights):
        raise ValueError(f"A risk weight is a share from 0 to 1, not {', '.join(map(str, weights)) or 'nothing'}.")
    if not budgets or not all(0 <= factor < np.inf for factor in budgets):
        raise ValueError(f"A budget is multiplied by a number of at least 0, not by {', '.join(map(str, budgets)) or 'nothing'}.")
    if set(budgets) != {1.0} and not solution.built.case.budget:
        raise ValueError("The workbook has no budget that could be multiplied.")
    return sorted({float(weight) for weight in weights}), sorted({float(factor) for factor in budgets})


def _by_halves(asked: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points in an order in which any first part is spread over the whole: the first, the middle, the last, then those between."""
    last = len(asked) - 1
    # The middle comes before the last, which takes the longest where it is CVaR alone, and then begins from what the middle has left.
    order, spans = [0, last // 2, last], [(0, last)]
    while spans:
        low, high = spans.pop(0)
        if high - low > 1:
            middle = (low + high) // 2
            order.append(middle)
            spans += [(low, middle), (middle, high)]
    return [asked[k] for k in dict.fromkeys(order)]


FIRST_SHARE = 0.5
"""The share of the time that the first point may take: all that come after it begin from what it has learned."""


def _share(left: float, count: int, first: bool) -> float:
    """Return the seconds that the next of `count` points may take: twice its part, as most take less, and more for the first."""
    return left * min(1.0, max(2.0 / count, FIRST_SHARE if first else 0.0))


class _Programs:
    """Lays out the program of a point on the futures of the plan, from its template: a risk weight changes none of its rows, a budget's factor a bound."""

    def __init__(self, solution: Solution) -> None:
        self.built = solution.built

    def of(self, weight: float, factor: float) -> Callable[[Watch], Built]:
        """Return the function that lays out the program."""

        def make(watch: Watch) -> Built:
            made = self.built
            case = made.case.with_settings(risk_weight=weight, time_limit_seconds=max(watch.limit, 1.0))
            case = case if factor == 1 else with_budget(case, factor)
            watch.check(Phase.MODEL)
            return stamped(case, CaseData(case), made.tree, with_budget_rows(made.template, factor), made.drop, watch.check)

        return make


def with_budget(case: Case, factor: float) -> Case:
    """Return the case with every amount of its budget times a factor, as studies.budget_scaled does on the sheets."""
    return replace(case, budget=tuple(replace(row, amount=row.amount * factor) for row in case.budget))


def with_budget_rows(template: Template, factor: float) -> Template:
    """Return the template of the case that `with_budget` returns: an amount of Budget stands on the right side of its rows and nowhere else."""
    rows = np.array([family.name == "budget" for family, _ in template.rows], dtype=bool)
    return replace(template, rhs=np.where(rows[:, None], template.rhs * factor, template.rhs))


# -- the knee, and what is dominated ---------------------------------------------------------------------------------------


def knee_of(x: Sequence[float], y: Sequence[float]) -> int | None:
    """Return the position of the knee of a curve that falls from the left to the right; None where it has none.

    It is the point farthest below the chord between the curve's ends, both axes brought to 0..1 (Das, 1999). There is none with under three
    different points, where the curve does not fall, and where it is straight. Equally far points: the first.
    """
    a, b = np.asarray(x, float), np.asarray(y, float)
    if len({(round(one, 12), round(two, 12)) for one, two in zip(_unit(a), _unit(b))}) < 3:
        return None
    left, right = int(np.lexsort((b, a))[0]), int(np.lexsort((-b, a))[-1])
    if not (a[right] > a[left] and b[left] > b[right]):
        return None
    across, down = (a - a[left]) / (a[right] - a[left]), (b - b[right]) / (b[left] - b[right])
    below = (1 - across - down) / np.sqrt(2)
    best = int(np.argmax(np.round(below, 12)))
    return best if below[best] > STRAIGHT else None


def _unit(values: np.ndarray) -> np.ndarray:
    """Return values brought to 0..1; what differs by less than the tolerances of a solve is the same."""
    size = np.abs(values).max(initial=0.0)
    width = float(np.ptp(values)) if len(values) else 0.0
    if width <= SAME * size:
        return np.zeros(len(values))
    scaled: np.ndarray = np.round((values - values.min()) / width, 9)
    return scaled


def dominated(points: Sequence[Point]) -> list[bool]:
    """Return for each point whether another has neither a higher expected cost, nor a higher CVaR, nor a larger budget, and one of the costs lower."""
    known = [(point.factor, point.found.expected_cost, point.found.cvar) for point in points if isinstance(point.found, Figures)]

    def beaten(point: Point) -> bool:
        if not isinstance(point.found, Figures):
            return False
        cost, risk = point.found.expected_cost, point.found.cvar
        room = SAME * max(abs(cost), abs(risk))
        return any(f <= point.factor and c <= cost + room and r <= risk + room and (c < cost - room or r < risk - room) for f, c, r in known)

    return [beaten(point) for point in points]


def _knees(points: Sequence[Point], beaten: Sequence[bool]) -> set[int]:
    """Return the positions of the knees: one for each factor on the budget along the weights; along the factors where there is one weight alone."""
    standing = [k for k, point in enumerate(points) if isinstance(point.found, Figures) and not beaten[k]]
    if len({point.weight for point in points}) == 1:
        found = knee_of([points[k].factor for k in standing], [_figures(points[k]).objective for k in standing])
        return set() if found is None else {standing[found]}
    knees = set()
    for factor in {point.factor for point in points}:
        mine = [k for k in standing if points[k].factor == factor]
        found = knee_of([_figures(points[k]).expected_cost for k in mine], [_figures(points[k]).cvar for k in mine])
        knees |= set() if found is None else {mine[found]}
    return knees


def _figures(point: Point) -> Figures:
    assert isinstance(point.found, Figures)
    return point.found


# -- the table -------------------------------------------------------------------------------------------------------------


def _rows(points: Sequence[Point], case: Case) -> list[dict[str, object]]:
    """Return the rows of the table."""
    beaten = dominated(points)
    knees, by_budget = _knees(points, beaten), len({point.weight for point in points}) == 1
    rows = []
    for k, point in enumerate(points):
        found = point.found if isinstance(point.found, Figures) else None
        marks = {"knee": k in knees, "dominated": beaten[k], "is_plan": point.is_plan}
        rows.append(
            {
                "risk_weight": point.weight,
                "budget_factor": point.factor,
                **{name: getattr(found, name) if found else None for name in ("objective", "expected_cost", "beyond", "cvar", "shortage_cost")},
                **{name: getattr(found, name) if found else None for name in ("probability_of_shortage", "worst_cost", "gap")},
                "worst_scenario": found.worst if found else None,
                "contracts": len(found.contracts) if found else None,
                "projects": len(found.projects) if found else None,
                **marks,
                "words": _words(point, case, by_budget, **marks),
            }
        )
    return rows


def _words(point: Point, case: Case, by_budget: bool, knee: bool, dominated: bool, is_plan: bool) -> str:
    """Say a point in a sentence or two. by_budget: whether the points differ in the budget alone, so that it is the budget's knee."""
    currency, level = case.settings.currency, case.settings.cvar_level
    head = f"Risk weight {percent(point.weight)}" + (f", budget times {point.factor:g}" if point.factor != 1 else "")
    if not isinstance(point.found, Figures):
        why = f"not known, because {NO_TIME}" if point.found == NO_TIME else "no plan keeps the budget and the other limits"
        return f"{head}: {why}."
    found = point.found
    signed = f"{len(found.contracts)} contract{'s' * (len(found.contracts) != 1)}"
    parts = [
        f"{head}: the plan costs {money(found.expected_cost, currency)} on average and {money(found.cvar, currency)} in {worst_futures(level)}, "
        f"something goes short in {percent(found.probability_of_shortage)} of futures, and {signed} {'is' if len(found.contracts) == 1 else 'are'} signed."
    ]
    parts += ["This is the plan."] if is_plan else []
    parts += [f"This is the knee: {BEYOND_BUDGET if by_budget else BEYOND_WEIGHT}."] if knee else []
    parts += ["Another point is at least as good in all, so that they differ within the gap of the solver alone."] if dominated else []
    return " ".join(parts)


FRONTIER = Study(
    "frontier",
    "Cost against risk",
    "What more safety costs: the plan under each risk weight, from expected cost alone to the worst futures alone, all on the futures of this plan.",
    TABLES,
    frontier,
    on_request=True,
    takes="up to two minutes",
    together=True,
)
