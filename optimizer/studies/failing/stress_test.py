"""The stress test: for how long supply lasts when a source fails, whatever the chance of it, how soon it recovers, and what the failure costs.

Time to survive, time to recover and the loss for a given duration are those of Simchi-Levi et al. (2015), "Identifying Risks and Mitigating
Disruptions in the Automotive Supply Chain", Interfaces 45(5). No probability enters: every supplier, country, bloc and disruption is assumed to
fail, one at a time, from a moment on, and meets what the plan holds on its reference path at that moment. The time to survive is one of goods alone
(survival.py); the loss is that of the cheapest answer within budgets and limits (stress_losses.py). A plan runs its stock down towards the end of
its horizon, which says nothing about a plan that goes on; so the weakest moment is looked for before the last twelve months.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from optimizer.model.data import CaseData
from optimizer.plan.explain import figure, money
from optimizer.plan.plan import Plan
from optimizer.plan.results import Rows
from optimizer.schema.results import MATERIAL, PERIOD, Output, number, text, whole, yes_no
from optimizer.solving.watch import Phase, Progress, Watch
from optimizer.studies.failing.failures import failures_of
from optimizer.studies.failing.stress_losses import Asked, Loss, losses
from optimizer.studies.failing.stress_network import Held, SupplyNetwork
from optimizer.studies.failing.stress_times import Stressed, Survival
from optimizer.studies.study import Study, solution_of

MONTHS = (3.0, 6.0, 12.0, 24.0)
"""The durations for which a loss is told."""

MOST_NODES, NODES_AT_ONCE = 20_000, 4_000
"""The nodes of the branches that are answered in all, so that the losses of more failures are not told, and those of one program."""

AT_ONCE = 0.01
"""The months below which supply is said to run out at once."""

_WITHOUT_END = "it lasts without end"
_IMPOSSIBLE = "the limits or firm orders cannot be kept"
_FAILURE = {"kind": text("What fails: a supplier, country, bloc, origin, or a disruption of the workbook."), "failure": text("Its name.")}

TABLES = (
    Output(
        "stress",
        "Stress test",
        "For how long all demand can be met when a source fails, how soon it is replaced, and what the failure costs, the dearest first.",
        {
            **_FAILURE,
            "survives_at_start": number("months", "The time to survive if it fails in the first period.", blank=_WITHOUT_END),
            "survives_least": number(
                "months", "The least such time, over all periods in which it may begin but those of the last 12 months.", blank=_WITHOUT_END
            ),
            "weakest_period": text("The period in which that failure begins.", blank=_WITHOUT_END),
            "recovers": number(
                "months",
                "The time to recover, until what the plan orders from it is replaced: a disruption lasts its mean duration; else the lead times of the "
                "offers with free capacity that replace it soonest, with the time until their projects are ready.",
                blank="nothing in the workbook replaces it",
            ),
            "recovers_by": text("What then delivers in its place, or why it is over."),
            "in_time": yes_no("Whether it recovers before the supply runs out, at its weakest moment."),
            "longest_loss": number(
                "{currency}",
                "Cost of the longest failure above a course without it, from the weakest moment on, discounted.",
                blank=f"not told, or {_IMPOSSIBLE}",
            ),
            "words": text("The same in sentences."),
        },
    ),
    Output(
        "stress_losses",
        "Stress losses",
        "What each failure costs by how long it lasts, against the cheapest course without it, the dearest first.",
        {
            "rank": whole("Its place among the failures of the same duration."),
            **_FAILURE,
            "begins": text("The period in which it begins: the first, and the weakest one."),
            "months": number("months", "How long it lasts; the model rounds it up to whole periods."),
            "lasts_until": text("The last period of it within the horizon; what comes after the horizon is not counted."),
            "feasible": yes_no("Whether every limit, budget and firm order can be kept."),
            "extra_cost": number("{currency}", "Cost above the course without it, discounted.", blank=_IMPOSSIBLE),
            "extra_shortage_cost": number("{currency}", "Shortage cost above that of the same course, discounted.", blank=_IMPOSSIBLE),
            "extra_purchase_cost": number("{currency}", "Cost of purchases and duties above that of the same course, discounted.", blank=_IMPOSSIBLE),
            "material": text("The material of the use that is hit hardest, by shortage cost.", blank="no more is short"),
            "use": text("That use.", blank="no more is short"),
            "short": number("{unit}", "How much more that use is short than on the same course.", blank="no more is short"),
            "unit": text("The material's unit.", blank="no more is short"),
            "first_short": text("The first period from then on in which any demand is short.", blank="none"),
            "words": text("The same in a sentence."),
        },
    ),
    Output(
        "stress_uses",
        "Stress by use",
        "For how long a material, or one of its uses, can be met when a source fails, if it has the first call on everything.",
        {
            **_FAILURE,
            "begins": text("The period in which it fails: the first, and the weakest one."),
            **MATERIAL,
            "use": text("The use.", blank="all of the material's uses together"),
            "survives": number("months", "How long its demand can be met.", blank=_WITHOUT_END),
        },
    ),
    Output(
        "stress_periods",
        "Stress by period",
        "For how long all demand can be met, by the period in which a source fails.",
        {
            **_FAILURE,
            **PERIOD,
            "survives": number("months", "How long all demand can be met if it fails in this period and never recovers.", blank=_WITHOUT_END),
            "without_failure": number("months", "The same if nothing fails; finite where the plan itself runs short or ends its stock.", blank=_WITHOUT_END),
        },
    ),
)


def stress(plan: Plan, progress: Callable[[Progress], None] | None = None, *, months: Sequence[float] = MONTHS) -> dict[str, pd.DataFrame]:
    """Make the tables stress, stress_losses, stress_uses and stress_periods, as TABLES declares them.

    months: the durations for which a loss is told. progress is told now and then where it stands. ValueError for a plan that was read back without
    its solver's arrays, or without a duration. (Simchi-Levi et al., 2015.)

    >>> tables = optimizer.studies.stress(optimizer.solve("sample_inputs/tutorial.xlsx"))
    >>> tables["stress"].words[0].split(". ")[0]
    'If the supplier Southern Refinery fails in 2027, some demand cannot be met from the first day on'
    """
    solution = solution_of(plan)
    if not months or min(months) <= 0:
        raise ValueError("The stress test needs at least one duration above 0 months.")
    watch = Watch(report=progress)
    watch.tell(Phase.STRESS)
    made = solution.built
    case, failures = failures_of(made.case)
    position = {row.disruption: k for k, row in enumerate(case.disruptions)}
    names = [row.disruption for row in made.case.disruptions]
    reference = tuple(tuple(sorted(position[names[d]] for d in made.tree.regimes[made.tree.regime[n]])) for n in made.tree.reference)
    network = SupplyNetwork(CaseData(case), Held(solution.decisions, made.tree.reference), reference)
    found = Survival(network, watch)
    stressed = [found.of(failure, k, len(failures)) for k, failure in enumerate(failures)]
    for batch in _batches(stressed, network.periods, sorted(months)):
        asked = [Asked(one.failure.regime, t, max(1, case.calendar.periods_of(m))) for one, t, m in batch]
        for (one, t, m), loss in zip(batch, losses(solution, case, reference, asked, watch)):
            one.losses[t, m] = loss
    tables = _Tables(case.settings.currency, case.calendar.labels, network, stressed, found)
    return {output.name: output.frame(ROWS[output.name](tables)) for output in TABLES}


def _batches(stressed: list[Stressed], periods: int, months: Sequence[float]) -> Iterator[list[tuple[Stressed, int, float]]]:
    """Yield the failures, periods and durations whose losses are asked for together; those survived for the shortest time first."""
    batch: list[tuple[Stressed, int, float]] = []
    nodes, told = 0, 0
    for one in sorted(stressed, key=lambda one: one.least):
        size = sum(periods - t for t in one.moments) * len(months)
        if told and told + size > MOST_NODES:
            break
        if batch and nodes + size > NODES_AT_ONCE:
            yield batch
            batch, nodes = [], 0
        batch += [(one, t, m) for t in one.moments for m in months]
        nodes, told = nodes + size, told + size
    yield batch


# -- tables ----------------------------------------------------------------------------------------------------------------


def _blank(months: float) -> float:
    """Return a finite number of months, NaN for one without end."""
    return months if np.isfinite(months) else np.nan


class _Tables:
    """The tables of the stress test."""

    def __init__(self, currency: str, labels: Sequence[str], network: SupplyNetwork, stressed: list[Stressed], survival: Survival) -> None:
        self.currency, self.labels, self.network, self.stressed, self.survival = currency, labels, network, stressed, survival

    def _heads(self, one: Stressed) -> dict[str, str]:
        return {"kind": one.failure.kind, "failure": one.failure.name}

    def stress(self) -> Rows:
        """List the failures, those whose limits cannot be kept and the dearest first."""
        rows = []
        for one in sorted(self.stressed, key=self._dearness):
            _, loss = self._longest(one)
            least = _blank(one.least)
            rows.append(
                {
                    **self._heads(one),
                    "survives_at_start": _blank(one.survives[0]),
                    "survives_least": least,
                    "weakest_period": None if np.isnan(least) else self.labels[one.weakest],
                    "recovers": _blank(one.recovers),
                    "recovers_by": one.by,
                    "in_time": bool(one.least == np.inf or one.least >= one.recovers),
                    "longest_loss": loss.cost if loss is not None and loss.feasible else np.nan,
                    "words": self._words(one),
                }
            )
        return rows

    def _longest(self, one: Stressed) -> tuple[float, Loss | None]:
        """Return the longest duration and its loss from the weakest moment on; None where it is not told."""
        months = max((m for t, m in one.losses if t == one.weakest), default=0.0)
        return months, one.losses.get((one.weakest, months))

    def _dearness(self, one: Stressed) -> tuple[float, float]:
        _, loss = self._longest(one)
        return (np.inf if loss is None else -loss.cost if loss.feasible else -np.inf), one.least

    def _words(self, one: Stressed) -> str:
        """Return what a planner says of a failure."""
        what = f"If the disruption {one.failure.name} begins" if one.failure.kind == "disruption" else f"If the {one.failure.kind} {one.failure.name} fails"
        start = one.survives[0]
        told = [f"{what} in {self.labels[0]}, {self._lasting(start, 0)}."]
        if one.weakest and one.least < start:
            told.append(f"The plan is weakest in {self.labels[one.weakest]}: {self._lasting(one.least, one.weakest)} then.")
        if np.isinf(one.recovers):
            told.append(f"It does not recover: {one.by}.")
        elif one.recovers > 0 or one.failure.kind == "disruption":
            verdict = "" if np.isinf(one.least) else ", in time" if one.least >= one.recovers else ", too late"
            told.append(f"It recovers after {figure(one.recovers)} months{verdict} ({one.by}).")
        months, loss = self._longest(one)
        if loss is not None:
            told.append(f"Lasting {figure(months)} months from {self.labels[one.weakest]} on, {self._cost(loss)}.")
        return " ".join(told)

    def _lasting(self, months: float, begins: int) -> str:
        """Say for how long all demand is met if something fails in a period, and for how long without, where that ends, too."""
        calm = self.survival.calm[begins]
        usual = "as is the case if nothing fails" if calm < AT_ONCE else f"if nothing fails, it can for {figure(calm)} months"
        known = "" if np.isinf(calm) else f" ({usual})"
        if months < AT_ONCE:
            return f"some demand cannot be met from the first day on{known}"
        return "all demand can be met without end" if np.isinf(months) else f"all demand can be met for {figure(months)} months{known}"

    def _cost(self, loss: Loss) -> str:
        if not loss.feasible:
            return "some limit, budget or firm order cannot be kept, whatever is decided then"
        if loss.hit is not None and loss.short is not None:
            material, use = loss.hit
            unit = self.network.data.materials[material].unit
            hit = f"; {use} is hit hardest, short of {figure(loss.short[loss.hit])} {unit} of {material}"
        else:
            hit = "; no more demand is short than without it"
        if money(abs(loss.cost), self.currency) == money(0.0, self.currency):
            return f"it changes no cost{hit}"
        if loss.cost < 0:
            return f"it costs {money(-loss.cost, self.currency)} less, because what is not delivered or not kept in stock is not paid{hit}"
        return f"it costs {money(loss.cost, self.currency)} more{hit}"

    def stress_losses(self) -> Rows:
        """List the losses by duration, those whose limits cannot be kept and the dearest first."""
        found = [(m, -np.inf if not loss.feasible else -loss.cost, one, t, loss) for one in self.stressed for (t, m), loss in one.losses.items()]
        rows, place = [], dict[float, int]()
        for months, _, one, t, loss in sorted(found, key=lambda row: row[:2]):
            place[months] = place.get(months, 0) + 1
            last = min(t + max(1, self.network.data.calendar.periods_of(months)), len(self.labels)) - 1
            material, use = loss.hit or (None, None)
            known = loss.feasible
            span = f"{self.labels[t]} to {self.labels[last]}" if last > t else self.labels[t]
            rows.append(
                {
                    "rank": place[months],
                    **self._heads(one),
                    "begins": self.labels[t],
                    "months": months,
                    "lasts_until": self.labels[last],
                    "feasible": known,
                    "extra_cost": loss.cost if known else np.nan,
                    "extra_shortage_cost": loss.shortage if known else np.nan,
                    "extra_purchase_cost": loss.purchases if known else np.nan,
                    "material": material,
                    "use": use,
                    "short": loss.short[loss.hit] if loss.short and loss.hit else np.nan,
                    "unit": None if material is None else self.network.data.materials[material].unit,
                    "first_short": None if loss.first_short is None else self.labels[loss.first_short],
                    "words": f"{one.failure.name}, {span}: {self._cost(loss)}.",
                }
            )
        return rows

    def stress_uses(self) -> Rows:
        """List the times of materials and uses, the failures in their own order."""
        return [
            {**self._heads(one), "begins": self.labels[t], "material": g, "use": u, "survives": _blank(value)}
            for one in self.stressed
            for (t, g, u), value in one.uses.items()
        ]

    def stress_periods(self) -> Rows:
        """List the times by period."""
        calm = self.survival.calm
        return [
            {**self._heads(one), "period": self.labels[t], "survives": _blank(value), "without_failure": _blank(calm[t])}
            for one in self.stressed
            for t, value in one.survives.items()
        ]


ROWS: dict[str, Callable[[_Tables], Rows]] = {
    "stress": _Tables.stress,
    "stress_losses": _Tables.stress_losses,
    "stress_uses": _Tables.stress_uses,
    "stress_periods": _Tables.stress_periods,
}
"""The name of each declared table and the method that makes its rows."""

STRESS = Study("stress", "Stress test", TABLES[0].help, TABLES, stress, on_request=True, takes="under a minute")
"""What happens when a source fails, without probabilities."""
