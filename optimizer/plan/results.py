"""From the decisions of a plan to its tidy tables, as schema.OUTPUTS declares them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.case import BLOCS
from optimizer.model.costs import OUTLAYS
from optimizer.model.limits import DAYS_PER_YEAR
from optimizer.plan.unavoidable import unavoidable_shortage
from optimizer.plan.worth import worth
from optimizer.schema.sheets import OUTPUTS
from optimizer.solving.scaling import material_scales
from optimizer.solving.solution import Solution
from optimizer.solving.watch import Watch

NEGLIGIBLE = 1e-6
"""A quantity below this part of a material's typical period demand is shown as nothing; a shortage likewise."""


class Results:
    """The tables of one solution. Rows stand in the order of the workbook's own rows, periods in time."""

    def __init__(self, solution: Solution, watch: Watch | None = None) -> None:
        """watch: what takes long is left out once its time is over."""
        built, self.watch = solution.built, watch
        self.solution, self.case, self.data, self.tree = solution, built.case, built.data, built.tree
        self.decisions = solution.decisions
        self.labels = self.case.calendar.labels
        self.reference = np.array(self.tree.reference)
        self.futures = self.tree.scenarios
        self.paths = self.tree.ancestors()[[future.leaf for future in self.futures]]
        self.unit = {m.material: m.unit for m in self.case.materials}
        self.least = {g: 10 * scale * NEGLIGIBLE for g, scale in material_scales(self.data).items()}
        self.materials = sorted(self.case.materials, key=lambda m: m.row)
        self.offers = sorted(range(len(self.case.offers)), key=lambda s: self.case.offers[s].row)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table of OUTPUTS, by name."""
        return {output.name: self._frame(output, getattr(self, output.name)()) for output in OUTPUTS}

    @staticmethod
    def _frame(output, rows) -> pd.DataFrame:
        columns = list(output.columns)
        if isinstance(rows, pd.DataFrame):
            return rows.reindex(columns=columns)
        return pd.DataFrame(rows, columns=columns)

    # -- quantities at nodes -------------------------------------------------------------------------------------------

    def _offer(self, s: int) -> dict:
        offer = self.case.offers[s]
        return {"supplier": offer.supplier, "material": offer.material, "offer": offer.offer}

    def _shown(self, values, material: str):
        """Values with what is negligible as nothing."""
        return np.where(np.abs(values) < self.least[material], 0.0, values)

    def bought(self, s: int, b: str, how: str) -> np.ndarray:
        """(N,) quantity of an offer and origin bought by `how`, spot or lift."""
        found = getattr(self.decisions, how).get((s, b))
        return np.zeros(self.tree.size) if found is None else self._shown(found, self.case.offers[s].material)

    def stock_of(self, material: str, origin: str | None = None) -> np.ndarray:
        """(N,) stock of one origin or of all."""
        origins = [origin] if origin else self.data.origins[material]
        found = [self.decisions.stock[material, b] for b in origins if (material, b) in self.decisions.stock]
        return self._shown(sum(found, np.zeros(self.tree.size)), material)

    @cached_property
    def demand_of(self) -> dict[tuple[str, str], np.ndarray]:
        """(material, use) -> (N,) demand."""
        result = {}
        for g, u in self.data.demands:
            pairs = {
                (t, r): self.data.demand(g, u, int(t), self.tree.regimes[r]) for t, r in {(int(t), int(r)) for t, r in zip(self.tree.period, self.tree.regime)}
            }
            result[g, u] = np.array([pairs[int(t), int(r)] for t, r in zip(self.tree.period, self.tree.regime)])
        return result

    @cached_property
    def short_of(self) -> dict[tuple[str, str], np.ndarray]:
        """(material, use) -> (N,) demand not met; what is not over 1e-6 of the demand is none."""
        result = {}
        for key, need in self.demand_of.items():
            short = self.decisions.short.get(key, np.zeros(self.tree.size))
            result[key] = np.where(short > NEGLIGIBLE * need, short, 0.0)
        return result

    def _sum(self, table: dict, material: str) -> np.ndarray:
        return sum((values for (g, _), values in table.items() if g == material), np.zeros(self.tree.size))

    def _chance(self, at_node: np.ndarray) -> float:
        """Probability of the scenarios in which `at_node` is true at some node of the path."""
        hit = at_node[self.paths].any(axis=1)
        return min(1.0, float(sum(s.probability for s, happens in zip(self.futures, hit) if happens)))

    @property
    def probability_of_shortage(self) -> float:
        """Chance that any demand of any period is short."""
        return self._chance(sum(self.short_of.values(), np.zeros(self.tree.size)) > 0)

    @cached_property
    def unavoidable_shortage(self) -> float:
        """Chance of the futures in which something goes short whatever is decided, NaN where there was no time; see plan/unavoidable.py."""
        materials = list(self.data.materials)
        short = np.array([self._sum(self.short_of, g)[self.paths].any(axis=1) for g in materials])
        certain = unavoidable_shortage(self.solution.built, short, self.least, self.watch)
        if certain is None:
            return np.nan
        return min(self.probability_of_shortage, float(sum(s.probability for s, hit in zip(self.futures, certain) if hit)))

    # -- here and now --------------------------------------------------------------------------------------------------

    def contracts(self) -> list[dict]:
        probability = self.tree.probability
        rows = []
        for s in self.offers:
            amount, offer = self.decisions.contract.get(s, 0.0), self.case.offers[s]
            if amount <= self.least[offer.material]:
                continue
            lifted = sum(float(probability @ self.bought(s, b, "lift")) for b in self.data.order_origins(s))
            rows.append({**self._offer(s), "bloc": offer.bloc, "per_year": amount, "unit": self.unit[offer.material], "lifted": lifted})
        return rows

    def projects(self) -> list[dict]:
        rows = []
        for project in sorted(self.case.projects, key=lambda p: p.row):
            start = self.decisions.start.get(project.project)
            ready = None if start is None else start + self.data.project_lead(project.project)
            after = ready is not None and ready >= len(self.labels)
            rows.append(
                {
                    "project": project.project,
                    "kind": project.kind,
                    "start": None if start is None else self.labels[start],
                    "ready": None if ready is None else "after the horizon" if after else self.labels[ready],
                    "cost": project.cost,
                }
            )
        return rows

    # -- the reference path --------------------------------------------------------------------------------------------

    def orders(self) -> list[dict]:
        rows = []
        for s in self.offers:
            offer = self.case.offers[s]
            for b in self.data.order_origins(s):
                spot, lift = (self.bought(s, b, how)[self.reference] for how in ("spot", "lift"))
                for t in np.flatnonzero(spot + lift > 0):
                    t = int(t)
                    regime = self.tree.regimes[self.tree.regime[self.reference[t]]]
                    cost = self.data.spot_price(s, t, regime) * spot[t] + self.data.contract_price(s, t, regime) * lift[t]
                    due = t + self.data.lead(s, regime)
                    rows.append(
                        {
                            **self._offer(s),
                            "bloc": offer.bloc,
                            "origin": b,
                            "period": self.labels[t],
                            "spot": spot[t],
                            "contract": lift[t],
                            "unit": self.unit[offer.material],
                            "cost": cost,
                            "arrives": self.labels[due] if due < len(self.labels) else "after the horizon",
                        }
                    )
        return sorted(rows, key=lambda row: row["period"])

    def stock(self) -> list[dict]:
        return [
            {"material": m.material, "origin": b, "period": self.labels[t], "quantity": held[node], "unit": m.unit}
            for m in self.materials
            for b in self.data.origins[m.material]
            for held in [self.stock_of(m.material, b)]
            for t, node in enumerate(self.reference)
        ]

    def cover(self) -> list[dict]:
        rows = []
        for m in self.materials:
            held, need, short = self.stock_of(m.material), self._sum(self.demand_of, m.material), self._sum(self.short_of, m.material)
            days = self._days(held, need)
            rows += [
                {
                    "material": m.material,
                    "period": self.labels[t],
                    "quantity": held[n],
                    "unit": m.unit,
                    "demand": need[n],
                    "short": short[n],
                    "cover_days": None if np.isnan(days[n]) else days[n],
                }
                for t, n in enumerate(self.reference)
            ]
        return rows

    def _days(self, held: np.ndarray, need: np.ndarray) -> np.ndarray:
        """Days of demand that the stock covers; NaN without demand."""
        per_day = need / (self.data.years * DAYS_PER_YEAR)
        return np.divide(held, per_day, out=np.full(len(held), np.nan), where=per_day > 0)

    def mix(self) -> list[dict]:
        rows = []
        for m in self.materials:
            for bloc in BLOCS:
                ordered = np.zeros(self.tree.size)
                for s in self.data.offers_of[m.material]:
                    if self.case.offers[s].bloc == bloc:
                        ordered += sum(self.bought(s, b, how) for b in self.data.order_origins(s) for how in ("spot", "lift"))
                rows += [
                    {"material": m.material, "bloc": bloc, "period": self.labels[t], "ordered": ordered[n], "unit": m.unit}
                    for t, n in enumerate(self.reference)
                ]
        return rows

    # -- money ---------------------------------------------------------------------------------------------------------

    @cached_property
    def _discount(self) -> np.ndarray:
        """(N,) what money of the node's period counts."""
        return np.array([self.data.discount(t) for t in self.data.periods])[self.tree.period]

    @cached_property
    def outlay(self) -> dict[str, np.ndarray]:
        """Category -> (N,) outlay of the node, not discounted; `all` is the three together."""
        parts = {name: self.solution.term_cost[name] / self._discount for name in OUTLAYS}
        return {**parts, "all": sum(parts.values())}

    def _spent(self, fiscal_year: int, category: str) -> np.ndarray:
        """(scenarios,) outlay of a fiscal year in each scenario."""
        periods = list(self.case.calendar.periods_in(fiscal_year))
        return self.outlay[category][self.paths[:, periods]].sum(axis=1)

    def _budget_rows(self):
        years = self.case.calendar.fiscal_years
        return [row for row in sorted(self.case.budget, key=lambda row: row.row) if row.fiscal_year in years]

    def _reference_spent(self, fiscal_year: int, category: str) -> float:
        return float(self.outlay[category][self.reference[list(self.case.calendar.periods_in(fiscal_year))]].sum())

    def budget(self) -> list[dict]:
        return [
            {
                "fiscal_year": row.fiscal_year,
                "category": row.category,
                "amount": row.amount,
                "spent": self._reference_spent(row.fiscal_year, row.category),
                "highest": float(self._spent(row.fiscal_year, row.category).max()),
            }
            for row in self._budget_rows()
        ]

    def spending(self) -> list[dict]:
        return [
            {"fiscal_year": year, "category": category, "spent": self._reference_spent(year, category)}
            for year in self.case.calendar.fiscal_years
            for category in ("purchases", "storage", "projects")
        ]

    def binding(self) -> list[dict]:
        return [
            {"sheet": w.bound.sheet, "row": w.bound.row, "what": w.bound.what.rstrip(","), "worth": w.worth, "unit": w.bound.unit} for w in worth(self.solution)
        ]

    def costs(self) -> list[dict]:
        probability = self.tree.probability
        return [
            {"part": term, "expected": float(probability @ values), "reference": float(values[self.reference].sum())}
            for term, values in self.solution.term_cost.items()
        ]

    def yearly(self) -> list[dict]:
        """Cash and losses from shortage by fiscal year: means over all futures."""
        cash, lost = self.outlay["all"], self.solution.term_cost["shortage"] / self._discount
        year = np.array([self.case.calendar.fiscal_year(t) for t in self.data.periods])[self.tree.period]

        def mean(values: np.ndarray, which: int) -> float:
            return float((self.tree.probability * values)[year == which].sum())

        return [
            {
                "fiscal_year": y,
                "cash": mean(cash, y),
                "cash_discounted": mean(cash * self._discount, y),
                "shortage_losses": mean(lost, y),
                "shortage_losses_discounted": mean(lost * self._discount, y),
            }
            for y in self.case.calendar.fiscal_years
        ]

    # -- all scenarios -------------------------------------------------------------------------------------------------

    def fill_rate(self) -> list[dict]:
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
                    "probability_of_shortage": self._chance(self.short_of[key] > 0),
                }
            )
        return rows

    def events(self, path: np.ndarray) -> str:
        """What happens along a path, in words: each disruption and the periods in which it is active."""
        active: dict[int, list[int]] = {}
        for t, node in enumerate(path):
            for d in self.tree.regimes[self.tree.regime[node]]:
                active.setdefault(d, []).append(t)
        words = []
        for d, periods in sorted(active.items(), key=lambda item: item[1]):
            spells = np.split(periods, np.flatnonzero(np.diff(periods) > 1) + 1)
            spans = [self.labels[s[0]] if len(s) == 1 else f"{self.labels[s[0]]} to {self.labels[s[-1]]}" for s in spells]
            words.append(f"{self.case.disruptions[d].disruption}: {', '.join(spans)}")
        return "; ".join(words) or "nothing happens"

    def _tail(self) -> np.ndarray:
        """Which scenarios lie in the worst 1 - cvar_level."""
        cost = self.solution.path_cost[[s.leaf for s in self.futures]]
        order = np.argsort(-cost, kind="stable")
        before = np.concatenate([[0.0], np.cumsum([self.futures[k].probability for k in order])[:-1]])
        tail = np.zeros(len(order), dtype=bool)
        tail[order] = before < 1 - self.case.settings.cvar_level - 1e-12
        return tail

    def scenarios(self) -> list[dict]:
        shortage = self.solution.term_cost["shortage"]
        tail = self._tail()
        return [
            {
                "scenario": s.name,
                "probability": s.probability,
                "cost": float(self.solution.path_cost[s.leaf]),
                "shortage_cost": float(shortage[path].sum()),
                "events": self.events(path),
                "in_tail": "yes" if worst else "no",
            }
            for s, path, worst in zip(self.futures, self.paths, tail)
        ]

    def scenario_orders(self) -> pd.DataFrame:
        names = np.array([s.name for s in self.futures], dtype=object)
        labels = np.array(self.labels, dtype=object)
        parts = []
        for s in self.offers:
            for b in self.data.order_origins(s):
                spot, lift = (self.bought(s, b, how)[self.paths] for how in ("spot", "lift"))
                which, when = np.nonzero(spot + lift > 0)
                if len(which):
                    parts.append(
                        pd.DataFrame(
                            {
                                "scenario": names[which],
                                **self._offer(s),
                                "origin": b,
                                "period": labels[when],
                                "spot": spot[which, when],
                                "contract": lift[which, when],
                                "unit": self.unit[self.case.offers[s].material],
                            }
                        )
                    )
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def scenario_stock(self) -> pd.DataFrame:
        count, periods = self.paths.shape
        parts = []
        for m in self.materials:
            held, need, short = self.stock_of(m.material), self._sum(self.demand_of, m.material), self._sum(self.short_of, m.material)
            parts.append(
                pd.DataFrame(
                    {
                        "scenario": np.repeat(np.array([s.name for s in self.futures], dtype=object), periods),
                        "material": m.material,
                        "period": np.tile(np.array(self.labels, dtype=object), count),
                        "quantity": held[self.paths].ravel(),
                        "demand": need[self.paths].ravel(),
                        "short": short[self.paths].ravel(),
                        "cover_days": self._days(held, need)[self.paths].ravel(),
                        "unit": m.unit,
                    }
                )
            )
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def scenario_budget(self) -> list[dict]:
        rows = []
        for row in self._budget_rows():
            spent = self._spent(row.fiscal_year, row.category)
            rows += [
                {"scenario": s.name, "fiscal_year": row.fiscal_year, "category": row.category, "amount": row.amount, "spent": float(value)}
                for s, value in zip(self.futures, spent)
            ]
        return rows
