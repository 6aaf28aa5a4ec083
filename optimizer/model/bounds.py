"""The numbers of the workbook that limit something: how each stands behind the rows of a constraint.

From these follow which limits clash (solving/infeasibility.py) and what loosening one of them is worth (plan/worth.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from optimizer.model.data import CaseData
from optimizer.model.decisions import Decisions
from optimizer.scenarios.tree import NOTHING, Memory, Regime, ScenarioTree


@dataclass(frozen=True, slots=True)
class Bound:
    """A number of the workbook that limits something.

    column: of its sheet. what: words for it with the number. unit: of what it allows. size: the amount that it allows, or one of
    its order where that is 0, in `unit`. value: the number as it stands in the workbook; side: "minimum" or "maximum".
    """

    sheet: str
    row: int
    column: str
    what: str
    unit: str
    size: float
    value: float
    side: str = "maximum"

    @property
    def key(self) -> tuple[str, int, str]:
        """Return sheet, row and words, by which a bound is told from others."""
        return (self.sheet, self.row, self.what)


@dataclass(frozen=True, slots=True)
class Typical:
    """Amounts of a case that stand for a bound of 0: units of each material in a year, and money."""

    yearly: Mapping[str, float]
    money: float


@dataclass(frozen=True, slots=True)
class Kept:
    """The integer decisions that a plan keeps, its tree, and what is known of the past at a row's node, for bounds whose effect depends on them."""

    decisions: Decisions
    tree: ScenarioTree
    memory: Memory = NOTHING


Loosening: TypeAlias = Callable[..., float | None]
"""(data, kept or None, *index) -> by how much a row is loosened by one unit of its bound; None where that is not known or not at all."""


def always(p: CaseData, kept: Kept | None, *index: Any) -> float:
    """Loosen the row by as much as the bound gives."""
    return 1.0


@dataclass(frozen=True, slots=True)
class BoundOf:
    """How a number of the workbook stands behind the rows of a constraint.

    describe(data, typical, *index) gives the bound; loosens: the effect of one unit of it on a row. served(data, regime, period, which): the
    effect is per unit that the row's offer or plant, the last of its index, can serve in its period, and this is how much that is of a year's.
    """

    describe: Callable[..., Bound]
    loosens: Loosening = always
    served: Callable[[CaseData, Regime, int, Any], float] | None = None


def served_by_offer(p: CaseData, regime: Regime, t: int, s: int) -> float:
    """Return how much of a year's capacity of an offer can be served in a period."""
    return p.years * p.availability(s, t, regime)


def served_by_plant(p: CaseData, regime: Regime, t: int, h: str) -> float:
    """Return how much of a year's capacity of a plant can be served in a period."""
    return p.years * p.served(h, t, regime)


# -- of single rows of the workbook ----------------------------------------------------------------------------------------


def of_budget(p: CaseData, typical: Typical, t: int, i: int) -> Bound:
    """Describe the amount of a row of Budget."""
    row, currency = p.case.budget[i], p.case.settings.currency
    kind = "" if row.category == "all" else f" for {row.category}"
    kind += f" of {' and '.join(row.material)}" if row.material else ""
    what = f"the {row.fiscal_year} budget{kind} of {row.amount:,.10g} {currency}"
    return Bound("Budget", row.row, "amount", what, currency, row.amount or 100 * typical.money, row.amount)


def of_material(column: str, side: str = "maximum") -> Callable[..., Bound]:
    """Describe a column of Materials that bounds a quantity of the material in a period."""

    def describe(p: CaseData, typical: Typical, t: int, g: str) -> Bound:
        m = p.materials[g]
        value = getattr(m, column) or 0.0
        what = f"the {column.replace('_', ' ')} of {m.material}, {value:,.10g} {m.unit},"
        return Bound("Materials", m.row, column, what, m.unit, value or typical.yearly[g] * p.years, value, side)

    return describe


def of_sale_limit(p: CaseData, typical: Typical, t: int, g: str) -> Bound:
    """Describe the sale limit of a material."""
    m = p.materials[g]
    value = m.sale_limit_per_year or 0.0
    what = f"the sale limit of {m.material}, {value:,.10g} {m.unit} per year,"
    return Bound("Materials", m.row, "sale_limit_per_year", what, f"{m.unit} per year", value or typical.yearly[g], value)


def of_a_period(p: CaseData, kept: Kept | None, *index: Any) -> float:
    """Loosen a row of a period by its part of a year's bound."""
    return p.years


def of_fill_rate(p: CaseData, typical: Typical, g: str, u: str, q: int) -> Bound:
    """Describe the minimum fill rate of a use."""
    row = p.demands[g, u]
    rate = row.minimum_fill_rate or 0.0
    what = f"the minimum fill rate {rate:.6g} of {row.material} for {row.use}"
    unit = f"{p.materials[g].unit} of expected demand"
    return Bound("Demand", row.row, "minimum_fill_rate", what, unit, rate * typical.yearly[g], rate, "minimum")


def _of_offer(p: CaseData, typical: Typical, s: int, t: int, words: str, column: str) -> Bound:
    """Describe a column of an offer as it holds in a period: the cell of its own row, or of the row of Offer changes that has taken its place."""
    offer, row = p.offers[s], p.schedules[s].change(column, t)
    value, unit = getattr(offer if row is None else row, column), f"{p.materials[offer.material].unit} per year"
    sheet, number, since = ("Suppliers", offer.row, "") if row is None else ("Offer changes", row.row, f" from {p.calendar.label(max(row.start, 0))} on")
    return Bound(sheet, number, column, f"{words} of {offer.name}{since}", unit, value or typical.yearly[offer.material], value)


def of_spot_limit(p: CaseData, typical: Typical, t: int, s: int) -> Bound:
    """Describe the spot limit of an offer."""
    return _of_offer(p, typical, s, t, "the spot limit", "spot_limit_per_year")


def of_capacity(p: CaseData, typical: Typical, *index: int) -> Bound:
    """Describe the capacity of the offer that stands last in an index, in the period before it where there is one."""
    return _of_offer(p, typical, index[-1], index[0] if len(index) > 1 else 0, "the capacity", "capacity_per_year")


def of_plant(p: CaseData, typical: Typical, t: int, h: str) -> Bound:
    """Describe the capacity of a plant."""
    row, material = p.plants[h], p.offers[p.offers_of_plant(h)[0]].material
    what = f"the capacity of the plant {row.plant}"
    return Bound(
        "Plants",
        row.row,
        "capacity_per_year",
        what,
        f"{p.materials[material].unit} per year",
        row.capacity_per_year or typical.yearly[material],
        row.capacity_per_year,
    )


def of_maximum_share(p: CaseData, typical: Typical, t: int, g: str, u: str, i: int) -> Bound:
    """Describe the share of a period's demand that a row of Substitutes can replace."""
    row = p.case.substitutes[i]
    how = f"replaced by {row.substitute}" if row.substitute else "saved"
    what = f"the maximum share {row.maximum_share:.6g} of {g} for {u} that can be {how}"
    unit = f"{p.materials[g].unit} of a period's demand"
    return Bound("Substitutes", row.row, "maximum_share", what, unit, (row.maximum_share or 1.0) * typical.yearly[g] * p.years, row.maximum_share)


def substitution_loosens(p: CaseData, kept: Kept | None, t: int, g: str, u: str, i: int) -> float | None:
    """Loosen `substitution`: in full once the row's project is ready."""
    project = p.case.substitutes[i].project
    if kept is None:
        return None if project else 1.0
    return float(_project_ready(p, kept, t, project))


# -- the capacity stands behind four constraints: how, depends on what is started, signed and ordered -----------------------


def _moves_a_contract(p: CaseData, s: int) -> bool:
    """Return whether the capacity of an offer changes by date while it sells under contract: its contract's rates then depend on it, too."""
    return p.offers[s].contractable and p.schedules[s].changes_in("capacity_per_year")


def capacity_loosens(p: CaseData, kept: Kept | None, t: int, s: int) -> float | None:
    """Loosen `capacity`: in full once the offer's project is ready."""
    if _moves_a_contract(p, s):
        return None
    if kept is None:
        return None if p.offers[s].project else 1.0
    return float(_ready(p, kept, t, s))


def filing_loosens(p: CaseData, kept: Kept | None, t: int, s: int) -> float | None:
    """Loosen `filing`: by the length of a period once the offer's project is ready."""
    loosens = capacity_loosens(p, kept, t, s)
    return None if loosens is None else loosens * p.years


def contract_maximum_loosens(p: CaseData, kept: Kept | None, s: int) -> float | None:
    """Loosen `contract_maximum`: in full where the contract is signed or needs no signing."""
    offer = p.offers[s]
    if _moves_a_contract(p, s):
        return None
    if kept is None:
        return None if offer.project or offer.minimum_contract > 0 or offer.choose_one else 1.0
    if offer.choose_one:
        return float(kept.decisions.contract.get(s, 0.0) > max(offer.minimum_contract / 2, 1e-6 * p.largest_capacity[s]))
    return float(kept.decisions.contract.get(s, 0.0) >= offer.minimum_contract / 2)


def contract_reserved_loosens(p: CaseData, kept: Kept | None, t: int, s: int) -> float | None:
    """Loosen `contract_reserved`: in full while the offer's project was not ready when what is now due was ordered."""
    if kept is None or _moves_a_contract(p, s):
        return None
    filed = p.filed_for(s, t, kept.memory)
    return float(filed is None or not _ready(p, kept, t, s, filed))


def order_switch_loosens(p: CaseData, kept: Kept | None, t: int, s: int) -> float | None:
    """Loosen `order_switch`: in full where the plan places an order."""
    if kept is None or _moves_a_contract(p, s):
        return None
    node, tables = kept.tree.reference[t], (kept.decisions.spot, kept.decisions.call_off)
    taken = [table[s, b][node] for table in tables for b in p.order_origins(s) if (s, b) in table]
    return float(sum(taken) >= p.offers[s].minimum_order / 2)


def _ready(p: CaseData, kept: Kept, t: int, s: int, filed: int | None = None) -> bool:
    """Return whether the project that an offer waits for is ready in period t, or was in the earlier period `filed` whose orders are due in t."""
    project, at = p.offers[s].project, t if filed is None else filed
    if project and at != t and (condition := kept.decisions.start_if.get(project)) is not None:
        return (s, condition) in kept.memory.ready_for
    return _project_ready(p, kept, at, project)


def _project_ready(p: CaseData, kept: Kept, t: int, project: str | None) -> bool:
    """Return whether a project, if there is one, is ready in period t."""
    if not project:
        return True
    condition = kept.decisions.start_if.get(project)
    start = kept.decisions.start.get(project) if condition is None else p.begun_for(project, condition, t, kept.memory)
    return start is not None and start + p.project_lead(project) <= t
