"""A map over the probability and the duration of one disruption: what the best plan rests on at each point.

Tomlin (2006, On the value of mitigation and contingency strategies for managing supply chain disruption risks, Management Science 52) shows which of
acceptance, inventory and a second source is best as disruptions become rarer and longer. Here each point is the workbook's case with another annual
probability and mean duration, solved anew; what its plan does while the disruption is active says to which strategy the point belongs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.case import Case
from optimizer.executors import Executor, Processes
from optimizer.plan.explain import figure, percent
from optimizer.plan.plan import Plan
from optimizer.plan.quantities import HOW, Quantities, total
from optimizer.schema.results import MATERIAL, Output, number, text, whole
from optimizer.solving.solution import Solution
from optimizer.solving.watch import Phase, Progress, Watch
from optimizer.studies.path_weights import LISTED, objective
from optimizer.studies.study import Study
from optimizer.studies.thresholds.flips import answer_of
from optimizer.studies.thresholds.solves import case_for_many, solve_many
from optimizer.studies.thresholds.varied import duration_of, probability_of, without

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""The grid, as multiples of the workbook's probability and mean duration."""

PROBABILITIES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""The grid of probabilities where the workbook's is 0."""

SECONDS = 100.0
"""The time after which what is not solved stays blank."""

LEAST_GAP = 0.01
"""The gap within which the plan of a point is proven, at least: what is worth less does not tell one strategy from another."""

ACCEPT, STOCK, CONTRACT, BUILD = "accept", "stock", "contract", "build"

_UNKNOWN = "no plan was found in time, or no demand arises while it is active"
TABLES = (
    Output(
        "risk_map",
        "Risk map",
        "What the best plan rests on while a disruption is active, over its probability and duration: accept, stock, contract or build.",
        {
            "disruption": text("The disruption."),
            **MATERIAL,
            "probability": number("share", "Its probability at this point: a year's, on its decision date, or that it occurs in the listed futures."),
            "duration_months": number("months", "Its mean duration at this point."),
            "strategy": text("What the largest share of demand rests on while it is active; accept: it is short, or bought as ever.", blank=_UNKNOWN),
            "stock": number("share", "Share of the expected demand while it is active that is served out of stock or by open orders.", blank=_UNKNOWN),
            "contract": number("share", "The same, by arrivals under contracts with offers that it does not strike.", blank=_UNKNOWN),
            "project": number("share", "The same, by arrivals from offers that a project of the plan has opened.", blank=_UNKNOWN),
            "other": number("share", "The same, by all other arrivals, and by substitutes.", blank=_UNKNOWN),
            "short": number("share", "Share of the expected demand while it is active that is left short.", blank=_UNKNOWN),
            "objective": number("{currency}", "The objective of the plan there.", blank="no plan was found in time"),
            "futures": whole("The number of futures that the point was solved with."),
            "words": text("The same in a sentence."),
        },
    ),
)


@dataclass(frozen=True, slots=True)
class Served:
    """How the demand for a material is served while a disruption is active, as shares of it; NaN where there is none. Their sum is 1."""

    stock: float
    contract: float
    project: float
    other: float
    short: float
    objective: float
    futures: int

    @property
    def strategy(self) -> str | None:
        """Return the strategy: accept is what is short and what is bought as ever; of equal shares the one that needs less. None without demand."""
        if np.isnan(self.short):
            return None
        shares = {ACCEPT: self.short + self.other, STOCK: self.stock, CONTRACT: self.contract, BUILD: self.project}
        return max(shares, key=lambda name: round(shares[name], 9))


@dataclass(frozen=True, slots=True)
class ServedDuring:
    """Tells of a solution how the demand for a material is served while a disruption is active."""

    disruption: str
    material: str

    def __call__(self, solution: Solution) -> Served:
        q = Quantities(solution)
        number_ = next(k for k, row in enumerate(q.case.disruptions) if row.disruption == self.disruption)
        active = np.array([number_ in regime for regime in q.tree.regimes])[q.tree.regime]
        need, short = q.of_material(q.demand_of, self.material), q.of_material(q.short_of, self.material)
        arrivals = {kind: total(parts, q.tree.size) for kind, parts in self._arrivals(q, number_).items()}
        come = total(arrivals.values(), q.tree.size)
        replaced = total((values for (k, _), values in q.decisions.replaced.items() if q.case.substitutes[k].material == self.material), q.tree.size)
        served = np.maximum(need - short - replaced, 0.0)
        # What comes in a period serves it first; the rest of it goes into stock.
        used = np.divide(np.minimum(come, served), come, out=np.zeros(q.tree.size), where=come > 0)
        weight = q.tree.probability * active
        whole_ = float(weight @ need)
        if whole_ <= 0:
            return Served(*(float("nan"),) * 5, solution.objective, len(q.futures))
        share = {kind: float(weight @ (used * values)) / whole_ for kind, values in arrivals.items()}
        other = share["other"] + float(weight @ np.minimum(replaced, need)) / whole_
        stock = float(weight @ (served - used * come)) / whole_
        missing = float(weight @ short) / whole_
        return Served(stock, share["contract"], share["project"], other, missing, solution.objective, len(q.futures))

    def _arrivals(self, q: Quantities, number_: int) -> dict[str, list[np.ndarray]]:
        """Return what arrives of the material at each node: of offers that a project opens, under contracts with offers not struck, of all others."""
        found: dict[str, list[np.ndarray]] = {"project": [], "contract": [], "other": []}
        for s in q.data.offers_of[self.material]:
            offer = q.case.offers[s]
            struck = q.case.disruptions[number_].strikes(offer)
            for how in HOW:
                kind = "project" if offer.project is not None else "contract" if how == "call_off" and not struck else "other"
                bought = total((q.bought(s, b, how) for b in q.data.order_origins(s)), q.tree.size)
                found[kind].append(arriving(q, s, bought))
        return found


def arriving(q: Quantities, s: int, bought: np.ndarray) -> np.ndarray:
    """Return (N,) what arrives at each node of what was bought of an offer at its ancestors, by the lead time of where it was bought."""
    lead = np.array([q.data.lead(s, regime) for regime in q.tree.regimes])[q.tree.regime]
    come, above, back = np.zeros(q.tree.size), np.arange(q.tree.size), 0
    while (above >= 0).any():
        here = np.flatnonzero(above >= 0)
        here = here[lead[above[here]] == back]
        come[here] += bought[above[here]]
        above, back = np.where(above >= 0, q.tree.parent[above], -1), back + 1
    return come


def dearest_disruption(case: Case, solution: Solution) -> str:
    """Return the disruption whose absence lowers the plan's objective most, its futures weighed anew; the first where none does.

    Of listed futures, those that occur in some of them and not in all come first, because no other probability can be varied.
    """
    answer, s = answer_of(solution), case.settings
    futures = answer.futures

    def saved(name: str) -> float:
        weight = futures.reweighted(without(futures.case, name, futures.method == LISTED))
        if weight is None:
            return 0.0
        usual, absent = (objective(some, answer.cost, s.risk_weight, s.cvar_level) for some in (futures.weight, weight))
        return usual - absent

    varied = [row for row in case.disruptions if probability_of(case, row.disruption, futures.method == LISTED) is not None]
    return max(varied or case.disruptions, key=lambda row: saved(row.disruption)).disruption


def material_of(case: Case, disruption: str) -> str:
    """Return the material that a disruption concerns most: of those with an offer that it strikes, that of the dearest demand; of all, where none has."""
    row = next(row for row in case.disruptions if row.disruption == disruption)
    struck = {offer.material for offer in case.offers if row.strikes(offer) or row.strikes_feedstock(offer)}
    needed = dict.fromkeys([need.material for need in case.demand if need.material in struck] or [need.material for need in case.demand])
    years = case.calendar.years

    def worth(material: str) -> float:
        prices = [offer.price for offer in case.offers if offer.material == material]
        quantity = sum((sum(need.by_period.values()) / years if need.by_period else need.annual_demand) for need in case.demand if need.material == material)
        return quantity * (sum(prices) / len(prices) if prices else 0.0)

    return max(needed, key=worth)


def risk_map(
    plan: Plan,
    progress: Callable[[Progress], None] | None = None,
    *,
    disruption: str | None = None,
    material: str | None = None,
    seconds: float = SECONDS,
    executor: Executor | None = None,
) -> dict[str, pd.DataFrame]:
    """Make the table `risk_map`, as TABLES declares it: a row for each point of the grid, in the order of probability and duration.

    disruption: the one whose probability and duration are varied, by default that whose absence lowers the plan's cost most; material: the one looked
    at, by default the dearest that it strikes. seconds: the time after which what is not solved stays blank. executor: where, by default in processes of
    this machine. KeyError for a disruption or material that the case has not; ValueError for a plan that was read back without its solver's arrays.

    >>> table = optimizer.studies.risk_map(optimizer.solve("sample_inputs/tutorial.xlsx"))["risk_map"]
    >>> table.pivot(index="probability", columns="duration_months", values="strategy").shape
    (5, 5)
    """
    case, _ = case_for_many(plan)
    watch, until = Watch(report=progress), time.monotonic() + seconds
    watch.tell(Phase.RISK_MAP)
    assert plan.solution is not None
    listed = plan.solution.built.tree.method == LISTED
    if not case.disruptions or not case.demand:
        return {output.name: output.frame([]) for output in TABLES}
    name = disruption or dearest_disruption(case, plan.solution)
    if name not in {row.disruption for row in case.disruptions}:
        raise KeyError(name)
    looked_at = material or material_of(case, name)
    if looked_at not in {row.material for row in case.materials}:
        raise KeyError(looked_at)
    case = case.with_settings(mip_gap=max(case.settings.mip_gap, LEAST_GAP))
    points, cases = _grid(case, name, listed)
    # A coarse grid is solved first, so that it is whole where the time is short.
    order = sorted(range(len(cases)), key=lambda place: place // len(FACTORS) % 2 + place % len(FACTORS) % 2)
    workers, found = executor or Processes(), dict[int, Served | None]()

    def tick(done: int) -> None:
        watch.tell(Phase.RISK_MAP, f"risk map, {done} of {len(cases)} points", share=done / len(cases))

    try:
        for number_, reply in solve_many(workers, [cases[place] for place in order], ServedDuring(name, looked_at), until, tick):
            found[number_] = reply.told
    finally:
        workers.close()
    found = {place: found.get(number_) for number_, place in enumerate(order)}
    rows = [_row(name, looked_at, *point, found.get(number_)) for number_, point in enumerate(points)]
    return {output.name: output.frame(rows) for output in TABLES}


def _grid(case: Case, name: str, listed: bool) -> tuple[list[tuple[float, float]], list[Case]]:
    """Return the points, (probability, duration in months), and the case at each; none where the disruption is in no listed future, or in all."""
    probability, duration = probability_of(case, name, listed), duration_of(case, name, listed)
    if probability is None or duration is None:
        return [], []
    chances = sorted({min(1.0, probability.value * factor) for factor in FACTORS}) if probability.value > 0 else list(PROBABILITIES)
    points = [(chance, duration.value * factor) for chance in chances for factor in FACTORS]
    return points, [duration.change(probability.change(case, chance), months) for chance, months in points]


_DOES = {
    ACCEPT: "the largest share of demand is left short or bought as ever",
    STOCK: "the largest share of demand is served out of stock",
    CONTRACT: "the largest share of demand is served by contracts with suppliers that it does not strike",
    BUILD: "the largest share of demand is served by offers that a project has opened",
}


def _row(disruption: str, material: str, probability: float, months: float, served: Served | None) -> dict[str, Any]:
    """Make the row of one point."""
    where = f"{disruption} with a probability of {percent(probability)} and a mean duration of {figure(months)} months"
    head = {"disruption": disruption, "material": material, "probability": probability, "duration_months": months}
    if served is None:
        blank = dict.fromkeys(("stock", "contract", "project", "other", "short", "objective"), float("nan"))
        return {**head, "strategy": None, **blank, "futures": 0, "words": f"{where}: no plan was found in time."}
    shares = {name: getattr(served, name) for name in ("stock", "contract", "project", "other", "short", "objective", "futures")}
    strategy = served.strategy
    words = f"{where}: no demand for {material} arises while it is active in the futures that were solved."
    if strategy is not None:
        words = f"{where}: {strategy}; while it is active, {_DOES[strategy]}, and {percent(served.short)} of the demand for {material} is short."
    return {**head, "strategy": strategy, **shares, "words": words}


RISK_MAP = Study("risk_map", "Risk map", TABLES[0].help, TABLES, risk_map, on_request=True, takes="up to two minutes", together=True)
"""The study for the registry."""
