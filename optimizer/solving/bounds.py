"""The rows of the workbook that limit something, and which rows of the program each of them stands behind.

From these follow which limits clash (infeasibility.py) and what loosening one of them is worth (plan/worth.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.model.decisions import Decisions
from optimizer.model.limits import LIMIT_ROWS
from optimizer.solving.built import Built
from optimizer.solving.scaling import material_scales


@dataclass(frozen=True, slots=True)
class Bound:
    """A row of the workbook that limits something. size: the amount that it allows, or one of its order, in `unit`."""

    sheet: str
    row: int
    what: str
    unit: str
    size: float

    @property
    def key(self) -> tuple[str, int, str]:
        return (self.sheet, self.row, self.what)


@dataclass(frozen=True, slots=True)
class BoundRows:
    """Bounds, and behind which program rows they stand: triples of row, position in `bounds`, and effect.

    effect, at least 0: by how much the program row is loosened, in its own unit, when the bound gives one unit.
    """

    bounds: list[Bound]
    row: np.ndarray
    bound: np.ndarray
    effect: np.ndarray


def bound_rows(built: Built, decisions: Decisions | None = None) -> BoundRows:
    """What limits a program.

    With decisions every bound counts as it stands behind the rows under their yes/no decisions; without, only bounds that are
    hard and whose effect no decision changes.
    """
    program, template, tree = built.program, built.template, built.tree
    order = np.argsort(program.row_template, kind="stable")
    cuts = np.searchsorted(program.row_template[order], np.arange(len(template.rows) + 1))
    describe = _Describer(built, decisions)
    found: dict[tuple[str, int, str], int] = {}
    bounds: list[Bound] = []
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for i, (family, index) in enumerate(template.rows):
        rows = order[cuts[i] : cuts[i + 1]]
        described = describe(family.name, index) if len(rows) else None
        if described is None:
            continue
        bound, effect, offer = described
        effects = np.full(len(rows), effect)
        if offer is not None:
            regimes = tree.regime[program.row_node[rows]]
            served = {r: built.data.availability(offer, index[0], tree.regimes[r]) for r in np.unique(regimes)}
            effects *= built.data.years * np.array([served[r] for r in regimes])
        if bound.key not in found:
            found[bound.key] = len(bounds)
            bounds.append(bound)
        parts.append((rows, np.full(len(rows), found[bound.key]), effects))
    columns = [np.concatenate(part) for part in zip(*parts)] or [np.zeros(0, dtype=np.int64)] * 2 + [np.zeros(0)]
    return BoundRows(bounds, *columns)


class _Describer:
    """Says of a row of the program which bound it comes from."""

    def __init__(self, built: Built, decisions: Decisions | None) -> None:
        self.built, self.p, self.case, self.decisions = built, built.data, built.case, decisions
        self.yearly = {g: 10 * scale / self.p.years for g, scale in material_scales(self.p).items()}

    def __call__(self, name: str, index: tuple) -> tuple[Bound, float, int | None] | None:
        """(bound, effect, offer), None for rows that cannot give; with an offer the effect is times what it can serve in a period."""
        if name == "budget":
            return self._budget(index[1]), 1.0, None
        if name == "storage":
            return self._storage(index[1]), 1.0, None
        if name == "fill_rate":
            return self._fill_rate(*index), 1.0, None
        if name == "spot_limit":
            return self._offer(index[1], "the spot limit", "spot_limit_per_year"), 1.0, index[1]
        if name in LIMIT_ROWS:
            limit = self.case.limits[index[1]]
            return (self._limit(name, *index[:3]), 1.0, None) if limit.penalty is None or self.decisions else None
        if name in ("capacity", "contract_maximum", "contract_reserved", "order_switch"):
            return self._capacity(name, index)
        return None

    def _budget(self, i: int) -> Bound:
        row, currency = self.case.budget[i], self.case.settings.currency
        kind = "" if row.category == "all" else f" for {row.category}"
        what = f"the {row.fiscal_year} budget{kind} of {row.amount:,.10g} {currency}"
        return Bound("Budget", row.row, what, currency, row.amount or 100 * self.built.scales.money)

    def _storage(self, g: str) -> Bound:
        m = self.p.materials[g]
        what = f"the storage capacity of {m.material}, {m.storage_capacity:,.10g} {m.unit},"
        return Bound("Materials", m.row, what, m.unit, m.storage_capacity or self.yearly[g] * self.p.years)

    def _fill_rate(self, g: str, u: str) -> Bound:
        row = self.p.demands[g, u]
        what = f"the minimum fill rate {row.minimum_fill_rate:.6g} of {row.material} for {row.use}"
        return Bound("Demand", row.row, what, f"{self.p.materials[g].unit} of expected demand", row.minimum_fill_rate * self.yearly[g])

    def _offer(self, s: int, words: str, field: str) -> Bound:
        offer = self.p.offers[s]
        unit = f"{self.p.materials[offer.material].unit} per year"
        return Bound("Suppliers", offer.row, f"{words} of {offer.name}", unit, getattr(offer, field) or self.yearly[offer.material])

    def _capacity(self, name: str, index: tuple) -> tuple[Bound, float, int | None] | None:
        """The capacity stands behind four families of rows; how, depends on what is started, signed and ordered."""
        s, decisions = index[-1], self.decisions
        offer, bound = self.p.offers[s], self._offer(s, "the capacity", "capacity_per_year")
        if decisions is None:
            if offer.project or (name == "contract_maximum" and offer.minimum_contract > 0) or name not in ("capacity", "contract_maximum"):
                return None
            return bound, 1.0, s if name == "capacity" else None
        if name == "contract_maximum":
            return bound, float(offer.minimum_contract == 0 or decisions.contract.get(s, 0.0) > 0), None
        t = index[0]
        start = decisions.start.get(offer.project) if offer.project else 0
        ready = not offer.project or (start is not None and start + self.p.project_lead(offer.project) <= t)
        if name == "contract_reserved":
            return bound, float(not ready), None
        if name == "order_switch":
            return bound, float(self._ordered(s, self.built.tree.reference[t])), s
        return bound, float(ready), s

    def _ordered(self, s: int, node: int) -> bool:
        taken = [table[s, b][node] for table in (self.decisions.spot, self.decisions.lift) for b in self.p.order_origins(s) if (s, b) in table]
        return sum(taken) >= self.p.offers[s].minimum_order / 2

    def _limit(self, name: str, t: int, i: int, g: str) -> Bound:
        limit, m = self.case.limits[i], self.p.materials[g]
        side = "minimum" if name.endswith("minimum") else "maximum"
        bound = getattr(limit, side)
        what = f"'{limit.limit}' ({limit.measure}, {side} {bound:,.10g}) for {m.material}"
        yearly = self.yearly[g]
        per_unit = {"stock_quantity": 1.0, "stock_cover_days": yearly / 365, "purchase_to_demand": yearly * self.p.years}
        return Bound("Limits", limit.row, what, m.unit, bound * per_unit.get(limit.measure, yearly) or yearly)
