"""From the decisions of a plan to its result tables, as schema/results.py declares them.

Rows stand in the order of the workbook's own rows, periods in time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from optimizer.case import BLOCS
from optimizer.plan.commitments import commitments
from optimizer.plan.events import Spell, in_words, spells
from optimizer.plan.limits_kept import limits_kept
from optimizer.plan.not_started import why_not_started
from optimizer.plan.quantities import HOW, NEGLIGIBLE, Quantities, total
from optimizer.plan.shipping import filed, held_back
from optimizer.plan.substitution import replaced, substitution
from optimizer.plan.worth import worth
from optimizer.schema.costs import CATEGORIES, SPENDING
from optimizer.schema.results import AFTER_HORIZON, OUTPUTS

Rows: TypeAlias = list[dict[str, Any]] | pd.DataFrame


class Results(Quantities):
    """The tables of one solution, one method each; ROWS ties every method to its declaration."""

    def tables(self) -> dict[str, pd.DataFrame]:
        """Make every table of OUTPUTS, by name."""
        return {output.name: output.frame(ROWS[output.name](self)) for output in OUTPUTS}

    # -- here and now --------------------------------------------------------------------------------------------------

    def contracts(self) -> list[dict[str, Any]]:
        bound = {} if self.solution.x is None else {found.offer: found for found in commitments(self)}
        rows = []
        for s in self.offers:
            amount, offer = self.decisions.contract.get(s, 0.0), self.case.offers[s]
            if amount <= self.least[offer.material]:
                continue
            lifted = sum(float(self.tree.probability @ self.bought(s, b, "call_off")) for b in self.data.order_origins(s))
            terms = bound.get(s)
            rows.append(
                {
                    **self.offer_keys(s),
                    "bloc": offer.bloc,
                    "per_year": amount,
                    "unit": self.unit[offer.material],
                    "price": np.nan if terms is None else terms.price,
                    "begins": self._label(None if terms is None else terms.begins),
                    "ends": self._label(None if terms is None else terms.ends),
                    "take_or_pay": offer.take_or_pay,
                    "committed": np.nan if terms is None else float(terms.due.sum()),
                    "value": np.nan if terms is None else float(terms.full.sum()),
                    "lifted": lifted,
                }
            )
        return rows

    def projects(self) -> list[dict[str, Any]]:
        """Return the projects, those first that start: on a date, then once a disruption is there, then those that do not start."""
        rows = []
        for project in sorted(self.case.projects, key=lambda p: p.row):
            start, condition = self.decisions.start.get(project.project), self.decisions.start_if.get(project.project)
            ready = None if start is None else start + self.data.project_lead(project.project)
            rows.append(
                {
                    "project": project.project,
                    "kind": project.kind,
                    "start": self._label(start),
                    "if": condition,
                    "ready": self._label(ready),
                    "chance": float(start is not None) if condition is None else self.chance_of_start(project.project, condition),
                    "cost": project.cost,
                    "reason": why_not_started(self.data, project.project) if start is None and condition is None else None,
                }
            )
        return sorted(rows, key=lambda row: (row["start"] is None, row["if"] is None))

    def _label(self, t: int | None) -> str | None:
        """Return what a period is called, None for None."""
        return None if t is None else self.labels[t] if t < len(self.labels) else AFTER_HORIZON

    # -- the reference path --------------------------------------------------------------------------------------------

    def orders(self) -> list[dict[str, Any]]:
        rows = []
        for s in self.offers:
            offer = self.case.offers[s]
            for b in self.data.order_origins(s):
                spot, call_off = (self.bought(s, b, how)[self.reference] for how in HOW)
                for t in map(int, np.flatnonzero(spot + call_off > 0)):
                    regime = self.tree.regimes[self.tree.regime[self.reference[t]]]
                    cost = self.data.spot_price(s, t, regime) * spot[t] + self.data.contract_price(s, t, regime) * call_off[t]
                    due = t + self.data.lead(s, regime)
                    rows.append(
                        {
                            **self.offer_keys(s),
                            "bloc": offer.bloc,
                            "origin": b,
                            "period": self.labels[t],
                            "spot": spot[t],
                            "contract": call_off[t],
                            "unit": self.unit[offer.material],
                            "cost": cost,
                            "arrives": self.labels[due] if due < len(self.labels) else AFTER_HORIZON,
                        }
                    )
        return sorted(rows, key=lambda row: row["period"])

    def stock(self) -> list[dict[str, Any]]:
        return [
            {"material": m.material, "origin": b, "period": self.labels[t], "quantity": held[node], "unit": m.unit}
            for m in self.materials
            for b in self.data.origins[m.material]
            for held in [self.stock_of(m.material, b)]
            for t, node in enumerate(self.reference)
        ]

    def sales(self) -> list[dict[str, Any]]:
        return [
            {"material": m.material, "origin": b, "period": self.labels[t], "quantity": sold[node], "unit": m.unit}
            for m in self.materials
            for b in self.data.origins[m.material]
            for sold in [self.sold(m.material, b)]
            for t, node in enumerate(self.reference)
            if sold[node] > 0
        ]

    def cover(self) -> list[dict[str, Any]]:
        rows = []
        for m in self.materials:
            held, need, short = self.stock_of(m.material), self.of_material(self.demand_of, m.material), self.of_material(self.short_of, m.material)
            days = self.cover_days(held, need)
            rows += [
                {
                    "material": m.material,
                    "period": self.labels[t],
                    "quantity": held[n],
                    "unit": m.unit,
                    "demand": need[n],
                    "short": short[n],
                    "cover_days": days[n],
                }
                for t, n in enumerate(self.reference)
            ]
        return rows

    def mix(self) -> list[dict[str, Any]]:
        rows = []
        for m in self.materials:
            for bloc in BLOCS:
                mine = (s for s in self.data.offers_of[m.material] if self.case.offers[s].bloc == bloc)
                ordered = total((self.ordered(s) for s in mine), self.tree.size)
                rows += [
                    {"material": m.material, "bloc": bloc, "period": self.labels[t], "ordered": ordered[n], "unit": m.unit}
                    for t, n in enumerate(self.reference)
                ]
        return rows

    # -- money ---------------------------------------------------------------------------------------------------------

    def budget(self) -> list[dict[str, Any]]:
        rows, reference = [], self.reference[None, :]
        for row in self.budget_rows():
            spent, room = self.spent(row, self.paths), row.amount + self.carried(row, self.paths)
            fullest = np.divide(spent, room, out=np.full(len(room), -np.inf), where=room > 0).max()
            rows.append(
                {
                    **self.budget_keys(row),
                    "carried": float(self.carried(row, reference)[0]),
                    "spent": float(self.spent(row, reference)[0]),
                    "highest": float(spent.max()),
                    "fullest": float(fullest) if np.isfinite(fullest) else np.nan,
                }
            )
        return rows

    def spending(self) -> list[dict[str, Any]]:
        return [
            {"fiscal_year": year, "category": category, "spent": self.reference_spent(year, category)}
            for year in self.case.calendar.fiscal_years
            for category in (SPENDING if self.case.substitutes else CATEGORIES)
        ]

    def binding(self) -> list[dict[str, Any]]:
        return [{"sheet": w.bound.sheet, "row": w.bound.row, "what": w.bound.what, "worth": w.worth, "unit": w.bound.unit} for w in worth(self.solution)]

    @property
    def expected_costs(self) -> dict[str, float]:
        """Return the expected discounted amount of each part of the cost."""
        return {row["part"]: row["expected"] for row in self.costs()}

    def costs(self) -> list[dict[str, Any]]:
        probability = self.tree.probability
        return [
            {"part": term, "expected": float(probability @ values), "reference": float(values[self.reference].sum())} for term, values in self.term_cost.items()
        ]

    def yearly(self) -> list[dict[str, Any]]:
        """Return cash and losses from shortage by fiscal year: means over all futures."""
        cash, lost = self.outlay["all"], self.term_cost["shortage"] / self.discount
        year = np.array([self.case.calendar.fiscal_year(t) for t in self.data.periods])[self.tree.period]

        def mean(values: np.ndarray, which: int) -> float:
            return float((self.tree.probability * values)[year == which].sum())

        return [
            {
                "fiscal_year": y,
                "cash": mean(cash, y),
                "cash_discounted": mean(cash * self.discount, y),
                "shortage_losses": mean(lost, y),
                "shortage_losses_discounted": mean(lost * self.discount, y),
            }
            for y in self.case.calendar.fiscal_years
        ]

    # -- all scenarios -------------------------------------------------------------------------------------------------

    def fill_rate(self) -> list[dict[str, Any]]:
        probability = self.tree.probability
        rows = []
        for row in sorted(self.case.demand, key=lambda row: row.row):
            key = (row.material, row.use)
            need, short = (float(probability @ table[key]) for table in (self.demand_of, self.short_of))
            rows.append(
                {
                    "material": row.material,
                    "use": row.use,
                    "fill_rate": 1 - short / need if need > 0 else 1.0,
                    "expected_short": short,
                    "unit": self.unit[row.material],
                    "probability_of_shortage": self.chance(self.short_of[key] > 0),
                }
            )
        return rows

    def limits(self) -> list[dict[str, Any]]:
        return limits_kept(self.case, self.tree, self.decisions)

    def small_orders(self) -> list[dict[str, Any]]:
        off = ~np.isin(np.arange(self.tree.size), self.reference)
        rows = []
        for s in (s for s in self.offers if self.case.offers[s].minimum_order > 0):
            ordered, least = self.ordered(s), self.case.offers[s].minimum_order
            placed = self.tree.probability * (off & (ordered > NEGLIGIBLE))
            below = placed[ordered < least * (1 - NEGLIGIBLE)].sum()
            rows.append({**self.offer_keys(s), "below_minimum": float(below / placed.sum()) if placed.any() else 0.0})
        return rows

    @cached_property
    def _spells(self) -> list[list[Spell]]:
        """List the spells of each scenario's disruptions."""
        return [spells(self.tree, path) for path in self.paths]

    def scenario_events(self) -> list[dict[str, Any]]:
        return [
            {
                "scenario": future.name,
                "disruption": self.case.disruptions[spell.disruption].disruption,
                "begins": self.labels[spell.begins],
                "ends": self.labels[spell.ends],
            }
            for future, found in zip(self.futures, self._spells)
            for spell in found
        ]

    def _tail(self) -> np.ndarray:
        """Tell which scenarios lie in the worst 1 - cvar_level."""
        cost = self.path_cost[[s.leaf for s in self.futures]]
        order = np.argsort(-cost, kind="stable")
        before = np.concatenate([[0.0], np.cumsum([self.futures[k].probability for k in order])[:-1]])
        tail = np.zeros(len(order), dtype=bool)
        tail[order] = before < 1 - self.case.settings.cvar_level - 1e-12
        return tail

    def scenarios(self) -> list[dict[str, Any]]:
        shortage = self.term_cost["shortage"]
        tail = self._tail()
        return [
            {
                "scenario": s.name,
                "probability": s.probability,
                "cost": float(self.path_cost[s.leaf]),
                "shortage_cost": float(shortage[path].sum()),
                "events": in_words(found, self.case),
                "in_tail": bool(worst),
            }
            for s, path, found, worst in zip(self.futures, self.paths, self._spells, tail)
        ]

    def scenario_orders(self) -> Rows:
        names = np.array([s.name for s in self.futures], dtype=object)
        labels = np.array(self.labels, dtype=object)
        parts = []
        for s in self.offers:
            for b in self.data.order_origins(s):
                spot, call_off = (self.bought(s, b, how)[self.paths] for how in HOW)
                which, when = np.nonzero(spot + call_off > 0)
                if len(which):
                    parts.append(
                        pd.DataFrame(
                            {
                                "scenario": names[which],
                                **self.offer_keys(s),
                                "origin": b,
                                "period": labels[when],
                                "spot": spot[which, when],
                                "contract": call_off[which, when],
                                "unit": self.unit[self.case.offers[s].material],
                            }
                        )
                    )
        return pd.concat(parts, ignore_index=True) if parts else []

    def scenario_stock(self) -> pd.DataFrame:
        count, periods = self.paths.shape
        parts = []
        for m in self.materials:
            held, need, short = self.stock_of(m.material), self.of_material(self.demand_of, m.material), self.of_material(self.short_of, m.material)
            parts.append(
                pd.DataFrame(
                    {
                        "scenario": np.repeat(np.array([s.name for s in self.futures], dtype=object), periods),
                        "material": m.material,
                        "period": np.tile(np.array(self.labels, dtype=object), count),
                        "quantity": held[self.paths].ravel(),
                        "demand": need[self.paths].ravel(),
                        "short": short[self.paths].ravel(),
                        "cover_days": self.cover_days(held, need)[self.paths].ravel(),
                        "unit": m.unit,
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)

    def scenario_budget(self) -> list[dict[str, Any]]:
        rows = []
        for row in self.budget_rows():
            keys = self.budget_keys(row)
            rows += [
                {"scenario": s.name, **keys, "carried": float(gained), "spent": float(value)}
                for s, value, gained in zip(self.futures, self.spent(row, self.paths), self.carried(row, self.paths))
            ]
        return rows


ROWS: dict[str, Callable[[Results], Rows]] = {
    "contracts": Results.contracts,
    "projects": Results.projects,
    "filed": filed,
    "held_back": held_back,
    "orders": Results.orders,
    "replaced": replaced,
    "stock": Results.stock,
    "sales": Results.sales,
    "cover": Results.cover,
    "mix": Results.mix,
    "budget": Results.budget,
    "spending": Results.spending,
    "binding": Results.binding,
    "fill_rate": Results.fill_rate,
    "substitution": substitution,
    "limits": Results.limits,
    "small_orders": Results.small_orders,
    "costs": Results.costs,
    "yearly": Results.yearly,
    "scenarios": Results.scenarios,
    "scenario_events": Results.scenario_events,
    "scenario_orders": Results.scenario_orders,
    "scenario_stock": Results.scenario_stock,
    "scenario_budget": Results.scenario_budget,
}
"""The name of each declared table and the method that makes its rows."""
