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
from optimizer.plan.audit import Claimed, Stretch
from optimizer.plan.audit_costs import LimitRow
from optimizer.plan.commitments import commitments
from optimizer.plan.events import Spell, in_words, spells
from optimizer.plan.limits_kept import limits_kept, measured_limits
from optimizer.plan.not_started import why_not_started
from optimizer.plan.quantities import HOW, NEGLIGIBLE, TAIL, Quantities, total
from optimizer.plan.shipping import filed, held_back
from optimizer.plan.substitution import replaced, substitution
from optimizer.plan.worth import worth
from optimizer.schema.costs import CATEGORIES, SPENDING
from optimizer.schema.results import OUTPUTS

Rows: TypeAlias = list[dict[str, Any]] | pd.DataFrame


class Results(Quantities):
    """The tables of one solution, one method each; ROWS ties every method to its declaration.

    measured: every row of every limit, where the audit has measured them; else they are measured when they are asked for.
    """

    measured: list[LimitRow] | None = None

    def tables(self) -> dict[str, pd.DataFrame]:
        """Make every table of OUTPUTS, by name: those of the horizon, and those of what is planned for beyond it."""
        later = Results(self.solution, self.watch, part=TAIL) if len(self.case.calendar.parts) > 1 else None
        if later is not None:
            later.measured = self.measured
        made = {}
        for output in OUTPUTS:
            rows: Rows = []
            if output.beyond is None:
                rows = ROWS[output.name](self)
            elif later is not None:
                rows = ROWS[output.beyond](later)
            made[output.name] = output.frame(rows)
        return made

    def claimed(self) -> Claimed:
        """Return what the plan says of itself, which the audit checks: as a whole, and of the horizon and what lies beyond it."""
        solution = self.solution
        apart = [self, *([Results(solution, self.watch, part=TAIL)] if len(self.case.calendar.parts) > 1 else [])]
        told = tuple(Stretch(one.expected_cost, one.cvar, {row["part"]: row["expected"] for row in one.costs()}) for one in apart)
        return Claimed(solution.objective, solution.expected_cost, solution.cvar, self.expected_costs, told)

    # -- here and now --------------------------------------------------------------------------------------------------

    def contracts(self) -> list[dict[str, Any]]:
        bound = {found.offer: found for found in commitments(self)}
        within = slice(self.window.start, self.window.stop)
        rows = []
        for s in self.offers:
            amount, offer = self.decisions.contract.get(s, 0.0), self.case.offers[s]
            if amount <= self.least[offer.material]:
                continue
            lifted = sum(float(self.weight @ self.bought(s, b, "call_off")) for b in self.data.order_origins(s))
            terms = bound.get(s)
            rows.append(
                {
                    **self.offer_keys(s),
                    "bloc": offer.bloc,
                    "per_year": amount,
                    "unit": self.unit[offer.material],
                    "price": np.nan if terms is None else terms.price,
                    "begins": None if terms is None or terms.begins is None else self.label(terms.begins),
                    "ends": None if terms is None or terms.ends is None else self.label(terms.ends),
                    "take_or_pay": offer.take_or_pay,
                    "committed": np.nan if terms is None else float(terms.due[within].sum()),
                    "value": np.nan if terms is None else float(terms.full[within].sum()),
                    "lifted": lifted,
                }
            )
        return rows

    def projects(self) -> list[dict[str, Any]]:
        """Return the projects, those first that start: on a date, then once a disruption is there, then those that do not start."""
        rows = []
        for project in sorted(self.case.projects, key=lambda p: p.row):
            start, condition = self.decisions.start.get(project.project), self.decisions.start_if.get(project.project)
            # A start beyond the horizon is no decision of it.
            start = start if start in self.window else None
            if self.window.start and start is None:
                continue
            ready = None if start is None else start + self.data.project_lead(project.project)
            rows.append(
                {
                    "project": project.project,
                    "kind": project.kind,
                    "start": None if start is None else self.label(start),
                    "if": condition,
                    "ready": None if ready is None else self.label(ready),
                    "chance": float(start is not None) if condition is None else self.chance_of_start(project.project, condition),
                    "cost": project.cost,
                    "reason": why_not_started(self.data, project.project) if start is None and condition is None else None,
                }
            )
        return sorted(rows, key=lambda row: (row["start"] is None, row["if"] is None))

    # -- the reference path --------------------------------------------------------------------------------------------

    def orders(self) -> list[dict[str, Any]]:
        rows = []
        for s in self.offers:
            offer = self.case.offers[s]
            for b in self.data.order_origins(s):
                spot, call_off = (self.bought(s, b, how)[self.reference] for how in HOW)
                for t in map(int, np.flatnonzero(spot + call_off > 0)):
                    regime, when = self.tree.regimes[self.tree.regime[self.reference[t]]], self.window[t]
                    cost = self.data.spot_price(s, when, regime) * spot[t] + self.data.contract_price(s, when, regime) * call_off[t]
                    due = when + self.data.lead(s, regime)
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
                            "arrives": self.label(due),
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
        rows, reference, paths = [], self.whole_reference[None, :], self.whole_paths
        for row in self.budget_rows():
            spent, room = self.spent(row, paths), row.amount + self.carried(row, paths)
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
            for year in self.fiscal_years
            for category in (SPENDING if self.case.substitutes else CATEGORIES)
        ]

    def binding(self) -> list[dict[str, Any]]:
        return [{"sheet": w.bound.sheet, "row": w.bound.row, "what": w.bound.what, "worth": w.worth, "unit": w.bound.unit} for w in worth(self.solution)]

    @property
    def expected_costs(self) -> dict[str, float]:
        """Return the expected discounted amount of each part of the cost, over all periods."""
        return {term: float(self.tree.probability @ values) for term, values in self.term_cost.items()}

    def costs(self) -> list[dict[str, Any]]:
        return [
            {"part": term, "expected": float(self.weight @ values), "reference": float(values[self.reference].sum())} for term, values in self.term_cost.items()
        ]

    def yearly(self) -> list[dict[str, Any]]:
        """Return cash and losses from shortage by fiscal year: means over all futures."""
        cash, lost = self.outlay["all"], self.term_cost["shortage"] / self.discount
        year = np.array([self.case.calendar.fiscal_year(t) for t in self.data.periods])[self.tree.period]

        def mean(values: np.ndarray, which: int) -> float:
            return float((self.weight * values)[year == which].sum())

        return [
            {
                "fiscal_year": y,
                "cash": mean(cash, y),
                "cash_discounted": mean(cash * self.discount, y),
                "shortage_losses": mean(lost, y),
                "shortage_losses_discounted": mean(lost * self.discount, y),
            }
            for y in self.fiscal_years
        ]

    # -- all scenarios -------------------------------------------------------------------------------------------------

    def fill_rate(self) -> list[dict[str, Any]]:
        rows = []
        for row in sorted(self.case.demand, key=lambda row: row.row):
            key = (row.material, row.use)
            need, short = (float(self.weight @ table[key]) for table in (self.demand_of, self.short_of))
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
        measured = measured_limits(self.case, self.tree, self.decisions) if self.measured is None else self.measured
        return limits_kept(self.case, self.tree, measured, self.inside)

    def small_orders(self) -> list[dict[str, Any]]:
        off = ~np.isin(np.arange(self.tree.size), self.reference)
        rows = []
        for s in (s for s in self.offers if self.case.offers[s].minimum_order > 0):
            ordered, least = self.ordered(s), self.case.offers[s].minimum_order
            placed = self.weight * (off & (ordered > NEGLIGIBLE))
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
        shortage, cost = self.term_cost["shortage"], total(self.term_cost.values(), self.tree.size)
        tail = self._tail()
        return [
            {
                "scenario": s.name,
                "probability": s.probability,
                "cost": float(cost[path].sum()),
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
                for s, value, gained in zip(self.futures, self.spent(row, self.whole_paths), self.carried(row, self.whole_paths))
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
