"""The failures of a stress test: which sources are assumed to deliver nothing, whatever the chance of it, and how soon they can be replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from optimizer.case import Case, Disruption, Offer
from optimizer.model.data import CaseData, canonical
from optimizer.scenarios.tree import Regime
from optimizer.studies.failing.stress_network import SupplyNetwork

NEGLIGIBLE = 1e-6
"""The part of the solver's unit of a material below which a monthly quantity counts as none."""


@dataclass(frozen=True, slots=True)
class Blackout(Disruption):
    """A disruption of a stress test that leaves nothing of what it strikes. source_origin: an origin that it strikes; "" = any."""

    source_origin: str = ""

    def strikes(self, offer: Offer) -> bool:
        return Disruption.strikes(self, offer) and self.source_origin in ("", offer.origin)

    def strikes_feedstock(self, offer: Offer) -> bool:
        return not self.source_origin and Disruption.strikes_feedstock(self, offer)


@dataclass(frozen=True, slots=True)
class Failure:
    """What is assumed to fail. kind: supplier, country, bloc, origin or disruption. regime: what is then active, positions in Case.disruptions.

    mean_months: how long it lasts on average; None where the workbook does not say, as of all but its disruptions.
    """

    kind: str
    name: str
    regime: Regime
    mean_months: float | None = None


def failures_of(case: Case) -> tuple[Case, list[Failure]]:
    """Return the case, in canonical order, with a disruption for each failure of a source that it lacks, and the failures.

    Every supplier, country, bloc and disruption is one; an origin is one where it does not name the same offers as its bloc. Failures that
    strike the same offers share one disruption. A disruption of the workbook comes with those that it follows.
    """
    blackouts: dict[tuple[tuple[bool, bool], ...], Blackout] = {}
    found: list[tuple[str, str, str]] = []
    taken = {row.disruption.casefold() for row in case.disruptions}
    for kind, name, blackout in _sources(case):
        effect = tuple((blackout.strikes(offer), offer.feedstock_dependence > 0 and blackout.strikes_feedstock(offer)) for offer in case.offers)
        if effect not in blackouts:
            label = f"{kind}: {name}"
            while label.casefold() in taken:
                label += "'"
            taken.add(label.casefold())
            blackouts[effect] = replace(blackout, disruption=label)
        found.append((kind, name, blackouts[effect].disruption))
    whole = canonical(replace(case, disruptions=(*case.disruptions, *blackouts.values())))
    position = {row.disruption: k for k, row in enumerate(whole.disruptions)}
    sources = [Failure(kind, name, (position[label],)) for kind, name, label in found]
    rows = sorted(case.disruptions, key=lambda row: row.row)
    return whole, sources + [Failure("disruption", row.disruption, _with_followed(whole, position, row), row.mean_duration_months) for row in rows]


def _sources(case: Case) -> list[tuple[str, str, Blackout]]:
    """List the failures of sources: kind, name and the disruption that stands for it, whose own name is to be given."""

    blank = Blackout(row=0, disruption="", annual_probability=0.0, mean_duration_months=1.0, capacity_remaining=0.0)
    offers = sorted(case.offers, key=lambda offer: offer.row)
    by_bloc = {frozenset(o.key for o in offers if o.bloc == bloc) for bloc in {o.bloc for o in offers}}

    def values(of: Callable[[Offer], str | None]) -> list[str]:
        return list(dict.fromkeys(value for offer in offers if (value := of(offer))))

    return [
        *(("supplier", name, replace(blank, supplier=(name,))) for name in values(lambda offer: offer.supplier)),
        *(("country", name, replace(blank, country=(name,))) for name in values(lambda offer: offer.country)),
        *(("bloc", name, replace(blank, bloc=(name,))) for name in values(lambda offer: offer.bloc)),
        *(
            ("origin", name, replace(blank, source_origin=name))
            for name in values(lambda offer: offer.origin)
            if frozenset(o.key for o in offers if o.origin == name) not in by_bloc
        ),
    ]


def _with_followed(case: Case, position: dict[str, int], row: Disruption) -> Regime:
    """Return a disruption with those that must be active for it to begin."""
    active = {position[row.disruption]}
    while row.follows is not None and position[row.follows] not in active:
        row = case.disruptions[position[row.follows]]
        active.add(position[row.disruption])
    return tuple(sorted(active))


# -- time to recover -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Remedy:
    """Another source of a material: the months until it delivers, the units a month that it has free, and its offer's name."""

    months: float
    free: float
    name: str


def months_to_replace(lost: float, remedies: list[Remedy]) -> tuple[float, str]:
    """Return the months until remedies, the quickest first, together replace `lost` units a month, and the last one needed; inf where they cannot."""
    missing = lost * (1 - NEGLIGIBLE)
    for remedy in sorted(remedies, key=lambda r: (r.months, -r.free)):
        missing -= remedy.free
        if missing <= 0:
            return remedy.months, remedy.name
    return float("inf"), ""


def time_to_recover(network: SupplyNetwork, failure: Failure, begins: int) -> tuple[float, str]:
    """Return the months until a failure that begins in a period is made good, and by what; inf where nothing replaces what is lost.

    A disruption is over after its mean duration. Another source is replaced: of each material, what the plan orders from it in an average month is
    taken over by the free capacity of other offers, the quickest first. An offer delivers after its lead time; one that is not available, or waits for a
    project, delivers later by as much; a project that the plan does not start is begun at the next date on which it may start.
    """
    if failure.mean_months is not None:
        return failure.mean_months, "its mean duration in the workbook"
    longest, by = 0.0, ""
    for g in network.data.materials:
        offers = network.data.offers_of[g]
        planned = {s: planned_rate(network, s) for s in offers}
        lost = sum(planned[s] * lost_share(network, s, begins, failure.regime) for s in offers)
        if lost <= NEGLIGIBLE * network.scale[g]:
            continue
        remedies = [r for s in offers if (r := _remedy(network, s, begins, failure.regime, planned[s])) is not None]
        months, name = months_to_replace(lost, remedies)
        if months > longest or not by:
            longest, by = months, name or f"nothing in the workbook replaces all of it for {g}"
    return longest, by or "the plan orders nothing from it"


def planned_rate(network: SupplyNetwork, s: int) -> float:
    """Return the units a month that the plan orders from an offer on its reference path, mean over the horizon."""
    months = network.periods * network.months
    return sum(network.held.ordered(s, b, t) for b in network.data.order_origins(s) for t in range(network.periods)) / months


def lost_share(network: SupplyNetwork, s: int, begins: int, failure: Regime) -> float:
    """Return the share of what an offer would serve in a period that a failure takes from it."""
    data: CaseData = network.data
    usual = data.availability(s, begins, network.regime(begins, begins, ()))
    return 1 - data.availability(s, begins, network.regime(begins, begins, failure)) / usual if usual > 0 else 0.0


def _remedy(network: SupplyNetwork, s: int, begins: int, failure: Regime, planned: float) -> Remedy | None:
    """Return an offer as a remedy; None where it has nothing free, or its project can no longer be started."""
    data, offer = network.data, network.data.offers[s]
    if not data.order_origins(s):
        return None
    first = max(begins, offer.available_from or 0)
    if offer.project is not None:
        ready = network.ready_from(begins, failure).get(offer.project)
        if ready is None:
            starts = [t for t in data.starts(offer.project) if t >= begins]
            if not starts:
                return None
            ready = starts[0] + data.project_lead(offer.project)
        first = max(first, ready)
    regime = network.regime(first, begins, failure)
    free = network.rate(s, first, regime, True) - planned * (1 - lost_share(network, s, begins, failure))
    if free <= NEGLIGIBLE * network.scale[offer.material]:
        return None
    added = sum(data.case.disruptions[k].lead_time_added_months for k in regime if k in data.struck_by(s))
    return Remedy((first - begins) * network.months + offer.lead_time_months + added, free, offer.name)
