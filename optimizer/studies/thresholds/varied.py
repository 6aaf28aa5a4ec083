"""One number of a workbook as a variable: a probability, a duration, a contract's price, a project's cost; and the case with another value of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from optimizer.case import Case, Disruption, ScenarioRow
from optimizer.plan.explain import figure, percent
from optimizer.studies.thresholds.decisions_now import Decision

SHORTEST, LONGEST = 0.1, 10.0
"""The range of a mean duration, as multiples of the workbook's."""

CHEAPEST, DEAREST = 0.5, 2.0
"""The range of a price or a cost, as multiples of the workbook's."""

SHARE, MONTHS = "share", "months"


@dataclass(frozen=True, slots=True)
class Varied:
    """A number of the workbook that a study varies.

    key: what identifies it. what: the number in words, within a sentence. unit: what it is counted in. value: the workbook's own. low, high: the range in
    which it is varied. change: returns the case with another value; disruptions, offers and projects keep their order.
    """

    key: tuple[str, ...]
    what: str
    unit: str
    value: float
    low: float
    high: float
    change: Callable[[Case, float], Case]

    def written(self, value: float) -> str:
        """Write a value with its unit."""
        return percent(value) if self.unit == SHARE else f"{figure(value)} {self.unit}"

    @property
    def is_share(self) -> bool:
        """Whether it is a probability."""
        return self.unit == SHARE


# -- disruptions -----------------------------------------------------------------------------------------------------------


def probability_of(case: Case, name: str, listed: bool) -> Varied | None:
    """Return the probability of a disruption as a variable.

    That is its annual probability; where this is 0 and it has a decision date, the probability on that date. listed: the futures are those of the
    sheet Scenarios, so that it is the chance that it occurs at all: the futures with it, and those without it, keep their proportions among
    themselves. None where that chance is 0 or 1 there.
    """
    row, key = _disruption(case, name), ("probability", name)
    if listed:
        chance = _listed_chance(case, name)
        of_list = _ListedProbability(name, chance)
        return Varied(key, f"probability that {name} occurs", SHARE, chance, 0.0, 1.0, of_list) if 0 < chance < 1 - 1e-9 else None
    if row.annual_probability == 0 and row.decision_date is not None and row.decision_probability is not None:
        return Varied(
            key, f"probability of {name} on its decision date", SHARE, row.decision_probability, 0.0, 1.0, _OfDisruption(name, "decision_probability")
        )
    return Varied(key, f"annual probability of {name}", SHARE, row.annual_probability, 0.0, 1.0, _OfDisruption(name, "annual_probability"))


def duration_of(case: Case, name: str, listed: bool) -> Varied | None:
    """Return the mean duration of a disruption as a variable, in months. listed: as for `probability_of`; None where it is not on the sheet Scenarios."""
    value = _disruption(case, name).mean_duration_months
    change: Callable[[Case, float], Case] = _OfDisruption(name, "mean_duration_months")
    if listed:
        mine = [row for row in case.scenarios if row.disruption == name and row.duration_months]
        if not mine:
            return None
        value = sum(row.probability * (row.duration_months or 0.0) for row in mine) / sum(row.probability for row in mine)
        change = _ListedDuration(name, value)
    return Varied(("duration", name), f"mean duration of {name}", MONTHS, value, SHORTEST * value, LONGEST * value, change)


def without(case: Case, name: str, listed: bool) -> Case:
    """Return the case in which a disruption never begins. One that is active in the first period ends as it would."""
    if listed:
        return _ListedProbability(name, _listed_chance(case, name))(case, 0.0)
    row = _disruption(case, name)
    never = {
        "annual_probability": 0.0,
        "decision_probability": None if row.decision_probability is None else 0.0,
        "raised_probability": None if row.raised_probability is None else 0.0,
    }
    return _with_disruption(case, name, **never)


def _disruption(case: Case, name: str) -> Disruption:
    return next(row for row in case.disruptions if row.disruption == name)


def _with_disruption(case: Case, name: str, **changes: Any) -> Case:
    return replace(case, disruptions=tuple(replace(row, **changes) if row.disruption == name else row for row in case.disruptions))


def _occurs_in(case: Case, name: str) -> set[str]:
    """Return the listed scenarios in which a disruption occurs."""
    return {row.scenario for row in case.scenarios if row.disruption == name}


def _listed_chance(case: Case, name: str) -> float:
    """Return the chance of the listed scenarios in which a disruption occurs."""
    found = _occurs_in(case, name)
    return sum({row.scenario: row.probability for row in case.scenarios if row.scenario in found}.values())


@dataclass(frozen=True, slots=True)
class _OfDisruption:
    """Changes one column of a disruption."""

    name: str
    column: str

    def __call__(self, case: Case, value: float) -> Case:
        return _with_disruption(case, self.name, **{self.column: value})


@dataclass(frozen=True, slots=True)
class _ListedProbability:
    """Changes the chance of the listed scenarios in which a disruption occurs. chance: what it is in the workbook.

    A scenario of probability 0 is left out: the sheet has none such.
    """

    name: str
    chance: float

    def __call__(self, case: Case, value: float) -> Case:
        found = _occurs_in(case, self.name)

        def changed(row: ScenarioRow) -> ScenarioRow:
            factor = value / self.chance if row.scenario in found else (1 - value) / (1 - self.chance)
            return replace(row, probability=row.probability * factor)

        return replace(case, scenarios=tuple(row for row in map(changed, case.scenarios) if row.probability > 0))


@dataclass(frozen=True, slots=True)
class _ListedDuration:
    """Changes how long a disruption lasts in every listed scenario, in proportion. mean: what it is in the workbook."""

    name: str
    mean: float

    def __call__(self, case: Case, value: float) -> Case:
        factor = value / self.mean

        def changed(row: ScenarioRow) -> ScenarioRow:
            return replace(row, duration_months=row.duration_months * factor) if row.disruption == self.name and row.duration_months else row

        return replace(case, scenarios=tuple(map(changed, case.scenarios)))


# -- prices ----------------------------------------------------------------------------------------------------------------


def price_of(case: Case, decision: Decision) -> Varied | None:
    """Return the contract's price, or the project's cost, as a variable; None where it is 0."""
    if decision.is_contract:
        offer = decision.offer(case)
        material = next(row for row in case.materials if row.material == offer.material)
        unit, what, value = f"{case.settings.currency} per {material.unit}", "contract price", offer.contract_price
        change: Callable[[Case, float], Case] = _ContractPrice(decision.key, value)
    else:
        unit, what, value = case.settings.currency, "cost of the project", decision.project(case).cost
        change = _ProjectCost(decision.key[0])
    return Varied(("price", *decision.key), what, unit, value, CHEAPEST * value, DEAREST * value, change) if value > 0 else None


@dataclass(frozen=True, slots=True)
class _ContractPrice:
    """Changes a contract's price, and with it in proportion its floor, ceiling, trigger and the later prices of Offer changes. price: the workbook's."""

    key: tuple[str, ...]
    price: float

    def __call__(self, case: Case, value: float) -> Case:
        factor = value / self.price

        def scaled(row: Any, *columns: str) -> Any:
            return replace(row, **{name: getattr(row, name) * factor for name in columns if getattr(row, name) is not None})

        offers = tuple(scaled(o, "contract_price", "price_floor", "price_ceiling", "upside_trigger") if o.key == self.key else o for o in case.offers)
        changes = tuple(scaled(c, "contract_price") if self._concerns(case, c) else c for c in case.offer_changes)
        return replace(case, offers=offers, offer_changes=changes)

    def _concerns(self, case: Case, row: Any) -> bool:
        """Return whether a row of Offer changes speaks of this offer; its name may be left blank where the supplier makes one of the material."""
        if (row.supplier, row.material) != self.key[:2]:
            return False
        return row.offer == self.key[2] or sum((o.supplier, o.material) == self.key[:2] for o in case.offers) == 1


@dataclass(frozen=True, slots=True)
class _ProjectCost:
    """Changes a project's cost."""

    name: str

    def __call__(self, case: Case, value: float) -> Case:
        return replace(case, projects=tuple(replace(row, cost=value) if row.project == self.name else row for row in case.projects))
