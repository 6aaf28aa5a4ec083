"""The playbook: pick a disruption and its date, and see what the plan does then, period by period.

Each branch leaves the reference path when a disruption begins and comes back to its regimes when it ends. What the plan has decided
by then is kept: contracts, project starts, and all that the reference path did before. From there on the branch takes the cheapest
response of a buyer who knows how long the disruption lasts, within every limit that holds in all scenarios; the two stock measures,
minimum orders and minimum fill rates, which speak of the reference path or of all futures together, are not asked of it.

A buyer who knows that nothing more will happen runs stocks down, disruption or not. So what a disruption costs is counted against
the cheapest course from the same period on in which nothing happens, known likewise; stocks and orders stand beside the plan's own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.case import Case
from optimizer.model.stamp import shared_columns
from optimizer.plan.explain import figure, money
from optimizer.plan.plan import Plan
from optimizer.plan.quantities import total
from optimizer.plan.results import Results, Rows
from optimizer.scenarios.tree import Regime, Scenario, ScenarioTree
from optimizer.schema.results import BLOC, DEMAND, MATERIAL, OFFER, ORDERED, ORIGIN, PERIOD, UNIT, Output, number, text, yes_no
from optimizer.solving.blocks import BlockProgram, cut_up
from optimizer.solving.built import Built, build
from optimizer.solving.outcome import Status
from optimizer.solving.readout import decisions_of
from optimizer.solving.solution import Solution
from optimizer.solving.subproblems import FEASIBLE, Block
from optimizer.solving.watch import Phase, Progress, Watch
from optimizer.studies.study import Study, solution_of

MOST_BRANCHES = 120
WORKERS = 2

_IMPOSSIBLE = "the limits cannot be kept"
_BRANCH = {
    "disruption": text("The disruption."),
    "begins": text("The period in which it begins."),
    "lasts_until": text("The last period in which it is active."),
    "feasible": yes_no("Whether the limits can be kept."),
}

TABLES = (
    Output(
        "playbook",
        "Playbook",
        "What the plan does when a disruption begins, against its reference path. The buyer knows how long it lasts.",
        {
            **_BRANCH,
            **MATERIAL,
            **PERIOD,
            **DEMAND,
            "stock": number("{unit}", "Stock at the period's end, all origins.", blank=_IMPOSSIBLE),
            "short": number("{unit}", "Demand not met.", blank=_IMPOSSIBLE),
            "cover_days": number("days", "Stock divided by the period's demand per day.", blank=f"no demand, or {_IMPOSSIBLE}"),
            "ordered": number("{unit}", "Quantity ordered in the period.", blank=_IMPOSSIBLE),
            **UNIT,
            "stock_undisturbed": number("{unit}", "Stock at the period's end on the plan's reference path."),
        },
    ),
    Output(
        "playbook_orders",
        "Playbook orders",
        "Orders when a disruption begins, beside those of the reference path.",
        {
            "disruption": _BRANCH["disruption"],
            "begins": _BRANCH["begins"],
            **OFFER,
            **BLOC,
            **ORIGIN,
            **PERIOD,
            **ORDERED,
            **UNIT,
            "spot_undisturbed": number("{unit}", "Ordered on the spot market on the plan's reference path."),
            "contract_undisturbed": number("{unit}", "Call-off under a contract on the plan's reference path."),
        },
    ),
    Output(
        "playbook_summary",
        "Playbook summary",
        "What each disruption costs the plan, by when it begins, for a buyer who then knows how long it lasts.",
        {
            **_BRANCH,
            "extra_cost": number(
                "{currency}", "Cost above that of the cheapest course from then on in which nothing more happens, discounted.", blank=_IMPOSSIBLE
            ),
            "extra_shortage_cost": number("{currency}", "Shortage cost above that of the same course, discounted.", blank=_IMPOSSIBLE),
            "first_short": text("The first period with a shortage.", blank="none"),
            "words": text("The same in a sentence."),
        },
    ),
)


@dataclass(frozen=True, slots=True)
class Branch:
    """A disruption (a position in Case.disruptions; -1: none) that begins in a period and lasts so many.

    leaves: the first period in which its regime is not the reference path's, the horizon's length where it never is.
    """

    disruption: int
    begins: int
    lasts: int
    regimes: tuple[Regime, ...]
    leaves: int


def branches_of(case: Case, reference: tuple[Regime, ...], most: int = MOST_BRANCHES) -> list[Branch]:
    """List every disruption in every period of the horizon but the first, the earliest periods first, at most `most`."""
    beyond = case.calendar.periods - case.calendar.within
    pairs = [(t, d) for t in range(1, len(reference) - beyond) for d in range(len(case.disruptions))]
    return [_branch(case, reference, d, t) for t, d in pairs[:most]]


def _branch(case: Case, reference: tuple[Regime, ...], d: int, begins: int) -> Branch:
    """Return the reference regimes with d added for its mean duration, and what d follows from the period before."""
    position = {row.disruption: k for k, row in enumerate(case.disruptions)}
    lasts = max(1, case.calendar.periods_of(case.disruptions[d].mean_duration_months))
    regimes = [set(regime) for regime in reference]
    first, added = begins, d
    for t in range(begins, min(begins + lasts, len(regimes))):
        regimes[t].add(d)
    while (before := case.disruptions[added].follows) is not None and position[before] not in regimes[max(0, first - 1)]:
        added, first = position[before], max(1, first - 1)
        for t in range(first, min(begins + lasts, len(regimes))):
            regimes[t].add(added)
    path = tuple(tuple(sorted(regime)) for regime in regimes)
    leaves = next((t for t, (own, usual) in enumerate(zip(path, reference)) if own != usual), len(path))
    return Branch(d, begins, lasts, path, leaves)


def comb(reference: tuple[Regime, ...], branches: list[Branch], method: str) -> tuple[ScenarioTree, np.ndarray]:
    """Build the tree of the reference path and the branches that leave it, each with nodes of its own; and each branch's path, (branches, T).

    Every node has weight 1, so that what a branch costs in the program is what it costs.
    """
    periods = len(reference)
    paths = np.full((len(branches) + 1, periods), -1, dtype=np.int64)
    parent: list[int] = []
    period: list[int] = []
    regime: list[Regime] = []
    for t in range(periods):
        for k, (leaves, regimes) in enumerate([(0, reference), *((b.leaves, b.regimes) for b in branches)]):
            if t < leaves:
                paths[k, t] = paths[0, t]
                continue
            paths[k, t] = len(parent)
            parent.append(int(paths[k, t - 1]) if t else -1)
            period.append(t)
            regime.append(regimes[t])
    regimes = tuple(sorted(set(regime)))
    position = {r: i for i, r in enumerate(regimes)}
    tree = ScenarioTree(
        parent=np.array(parent, dtype=np.int64),
        period=np.array(period, dtype=np.int64),
        probability=np.ones(len(parent)),
        regime=np.array([position[r] for r in regime], dtype=np.int64),
        regimes=regimes,
        reference=tuple(int(n) for n in paths[0]),
        scenarios=tuple(Scenario(str(k), 1.0, int(path[-1])) for k, path in enumerate(paths)),
        method=method,
    )
    return tree, paths


def playbook(plan: Plan, progress: Callable[[Progress], None] | None = None) -> dict[str, pd.DataFrame]:
    """Make the tables playbook, playbook_orders and playbook_summary, as TABLES declares them.

    progress is told now and then where it stands. ValueError for a plan that was read back without its solver's arrays.

    >>> tables = optimizer.playbook(optimizer.solve("sample_inputs/tutorial.xlsx"))
    >>> tables["playbook_summary"].words[0]
    'Export stop, 2028: costs USD 75,000 more; short of 100 kg of Dysprosium oxide, from 2028 on.'
    """
    solution = solution_of(plan)
    watch = Watch(report=progress)
    made = solution.built
    reference = tuple(made.tree.regimes[made.tree.regime[n]] for n in made.tree.reference)
    branches = branches_of(made.case, reference)
    calm = [Branch(-1, t, 0, reference, t) for t in sorted({b.leaves for b in branches})]
    tree, paths = comb(reference, branches + calm, made.tree.method)
    built = build(made.case.with_settings(risk_weight=0.0), watch, ("fill_rate",), tree)
    x, feasible = responses(built, kept_decisions(solution, built), paths, watch)
    solution = Solution(built, Status.OPTIMAL, decisions=decisions_of(built, x), term_cost=built.costs(x), x=x)
    tables = _Tables(Results(solution, part=None), branches, paths, feasible)
    return {output.name: output.frame(ROWS[output.name](tables)) for output in TABLES}


def kept_decisions(solution: Solution, built: Built) -> np.ndarray:
    """Return (columns,) what the plan decides here and now and on its reference path, on the columns of another program; 0 elsewhere."""
    x = np.zeros(built.program.columns)
    # Both programs are of one case, so that their templates have the same columns.
    made = solution.built
    assert solution.x is not None and made.template.columns == built.template.columns
    x[shared_columns(built.template, built.program, built.tree)] = solution.x[shared_columns(made.template, made.program, made.tree)]
    return x


def responses(
    built: Built, x: np.ndarray, paths: np.ndarray, watch: Watch, phase: Phase = Phase.PLAYBOOK, word: str = "playbook"
) -> tuple[np.ndarray, np.ndarray]:
    """Return x with every branch's cheapest response in it, in the planner's units, and (branches,) whether there is one.

    paths: (branches + 1, T) of `comb`. phase, word: what the watch is told with each branch.
    """
    parts, scale = cut_up(built, built.tree.size), built.scales.column
    kept = x[parts.trunk.columns] / scale[parts.trunk.columns]
    seed, done = built.case.settings.seed, itertools.count(1)

    def ask(part: BlockProgram) -> tuple[np.ndarray, bool]:
        block = Block(part, seed)
        answer = block.ask(kept, price=0.0)
        watch.tell(phase, f"{word}, {next(done)} of {len(parts)}")
        return block.answer, answer.feasible or answer.value <= FEASIBLE

    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(ask, (parts[k] for k in range(len(parts)))))
    possible = np.array([fits for _, fits in answers], dtype=bool)
    for columns, (y, fits) in zip(parts.columns, answers):
        if fits:
            x[columns] = np.clip(y, 0, None) * scale[columns]
    block = np.full(built.tree.size, -1)
    placed = built.program.column_node >= 0
    block[built.program.column_node[placed]] = parts.split.column_block[placed]
    # A branch that never leaves the trunk has no block, -1, and is feasible.
    return x, np.append(possible, True)[block[paths[1:, -1]]]


class _Tables:
    """The playbook's tables, from the results of its tree: scenario 0 is the reference path, k the k-th branch, then the calm ones."""

    def __init__(self, results: Results, branches: list[Branch], paths: np.ndarray, feasible: np.ndarray) -> None:
        self.results, self.branches, self.paths, self.feasible = results, branches, paths, feasible
        self.case, self.labels = results.case, results.labels
        self.cost = total(results.term_cost.values(), results.tree.size)

    def _heads(self) -> pd.DataFrame:
        rows = []
        for k, b in enumerate(self.branches, start=1):
            last = min(b.begins + b.lasts, len(self.labels)) - 1
            rows.append(
                {
                    "scenario": str(k),
                    "disruption": self.case.disruptions[b.disruption].disruption,
                    "begins": self.labels[b.begins],
                    "lasts_until": self.labels[last],
                    "feasible": bool(self.feasible[k - 1]),
                }
            )
        return pd.DataFrame(rows, columns=["scenario", *_BRANCH]).astype({"feasible": bool})

    def playbook(self) -> pd.DataFrame:
        r = self.results
        stock = r.scenario_stock()
        ordered = {m.material: total((r.ordered(s) for s in r.data.offers_of[m.material]), r.tree.size) for m in r.materials}
        stock["ordered"] = np.concatenate([ordered[m.material][self.paths].ravel() for m in r.materials])
        stock = stock.rename(columns={"quantity": "stock"})
        calm = stock[stock["scenario"] == "0"][["material", "period", "stock"]].rename(columns={"stock": "stock_undisturbed"})
        table = self._heads().merge(stock, on="scenario").merge(calm, on=["material", "period"], how="left")
        table.loc[~table["feasible"], ["stock", "short", "cover_days", "ordered"]] = np.nan
        return table.drop(columns="scenario")

    def playbook_orders(self) -> Rows:
        orders = self.results.scenario_orders()
        if not isinstance(orders, pd.DataFrame):
            return orders
        keys = ["supplier", "material", "offer", "origin", "period"]
        calm = orders[orders["scenario"] == "0"].set_index(keys)[["spot", "contract"]].add_suffix("_undisturbed").reset_index()
        bloc = {o.key: o.bloc for o in self.case.offers}
        unit = self.results.unit
        heads = self._heads()
        heads = heads[heads["feasible"]]
        own = heads.merge(orders.drop(columns="unit"), on="scenario")
        table = own.merge(heads.merge(calm, how="cross"), on=[*heads.columns, *keys], how="outer")
        table[["spot", "contract", "spot_undisturbed", "contract_undisturbed"]] = (
            table[["spot", "contract", "spot_undisturbed", "contract_undisturbed"]].astype(float).fillna(0.0)
        )
        table["bloc"] = [bloc[key] for key in zip(table["supplier"], table["material"], table["offer"])]
        table["unit"] = table["material"].map(unit)
        number = table["scenario"].astype(int)
        table = table.assign(number=number).sort_values(["number", "period", "material", "supplier", "offer", "origin"], kind="stable")
        return table[list(TABLES[1].columns)]

    def playbook_summary(self) -> Rows:
        rows: list[dict[str, Any]] = []
        r = self.results
        cost, shortage = self.cost, r.term_cost["shortage"]
        leaves = sorted({b.leaves for b in self.branches})
        calm_of = dict(zip(leaves, self.paths[len(self.branches) + 1 :]))
        for k, head in enumerate(self._heads().drop(columns="scenario").to_dict("records")):
            path, calm, fits = self.paths[k + 1], calm_of[self.branches[k].leaves], self.feasible[k]
            extra = float(cost[path].sum() - cost[calm].sum()) if fits else np.nan
            missing = float(shortage[path].sum() - shortage[calm].sum()) if fits else np.nan
            first, words = self._words(head, path, extra) if fits else (None, self._impossible(head))
            rows.append({**head, "extra_cost": extra, "extra_shortage_cost": missing, "first_short": first, "words": words})
        return rows

    @staticmethod
    def _span(head: dict[str, Any]) -> str:
        return f"{head['disruption']}, {head['begins']}" + (f" to {head['lasts_until']}" if head["lasts_until"] != head["begins"] else "")

    def _impossible(self, head: dict[str, Any]) -> str:
        return f"{self._span(head)}: cannot be met within the limits and budgets, whatever is ordered then."

    def _words(self, head: dict[str, Any], path: np.ndarray, extra: float) -> tuple[str | None, str]:
        """Return the first period with a shortage, None without one, and one sentence."""
        r = self.results
        size = max(1.0, abs(float(self.cost[self.paths[0]].sum())))
        said = "changes no cost" if abs(extra) <= 1e-6 * size else (f"costs {money(abs(extra), self.case.settings.currency)} {'more' if extra > 0 else 'less'}")
        missing = {m.material: r.of_material(r.short_of, m.material)[path] for m in r.materials}
        hit = [t for short in missing.values() for t in np.flatnonzero(short > 0)]
        if not hit:
            return None, f"{self._span(head)}: {said}; every demand is met."
        first = self.labels[min(hit)]
        parts = [f"{figure(short.sum())} {r.unit[m]} of {m}" for m, short in missing.items() if short.sum() > 0]
        return first, f"{self._span(head)}: {said}; short of {', '.join(parts)}, from {first} on."


ROWS: dict[str, Callable[[_Tables], Rows]] = {
    "playbook": _Tables.playbook,
    "playbook_orders": _Tables.playbook_orders,
    "playbook_summary": _Tables.playbook_summary,
}
"""The name of each declared table and the method that makes its rows."""

PLAYBOOK = Study("playbook", "Playbook", TABLES[0].help, TABLES, playbook, together=True)
