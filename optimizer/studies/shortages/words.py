"""The sentences on the causes of shortages."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from optimizer.plan.explain import figure, money, percent

UNAVOIDABLE, LIMIT, KNOWINGLY, OPEN, NOT_KNOWN = "unavoidable", "limit", "knowingly", "open", "not known"
"""The causes of a shortage."""

TERMS = "the terms of contracts and orders"
"""What stands in the way where neither quantities nor rows of Budget and Limits do."""

TOGETHER = "All rows of Budget and Limits together"
"""What causes what no single one of these rows does."""

TOLD = 0.05
"""The share of the cost of avoiding a shortage from which other shortages that it brings about are told."""


class Told(Protocol):
    """What a sentence needs to know of a shortage; see causes.Cause."""

    key: tuple[str, str, int]
    short: float
    chance: float
    unavoidable: float
    by_limits: float
    limit: str
    avoiding: float
    bearing: float
    elsewhere: float
    within: bool
    kept: bool
    together: bool
    verdict: str

    @property
    def rest(self) -> float:
        """The units that neither are unavoidable nor due to a limit."""


def in_words(cause: Told, label: str, unit: str, currency: str) -> str:
    """Say why something goes short. label: of the period."""
    material, use, _ = cause.key
    said = [f"{material} for {use}, {label}: {figure(cause.short)} {unit} are short on average over all futures, in {percent(cause.chance)} of them."]
    if np.isnan(cause.unavoidable):
        return " ".join([*said, "Its cause was not found in the time of this study."])
    whole = cause.short * 0.99
    if cause.unavoidable > 0.01 * cause.short:
        part = "it" if cause.unavoidable >= whole else f"{figure(cause.unavoidable)} {unit} of it"
        said.append(f"No decision avoids {part}, with money and contracts unlimited.")
    if cause.by_limits > 0:
        said.append(_limit(cause, unit, whole))
    if cause.rest > 0:
        said.append(_rest(cause, unit, currency, whole))
    return " ".join(said)


def _limit(cause: Told, unit: str, whole: float) -> str:
    part = "it" if cause.by_limits >= whole else f"{figure(cause.by_limits)} {unit} of it"
    if cause.limit == TERMS:
        return f"The quantities are there, but {cause.limit} leave no plan that avoids {part}."
    kept = ", with the same yes/no decisions" if cause.kept else ""
    if cause.limit == TOGETHER:
        return f"{cause.limit} cause {part}: without them, the best plan{kept}{',' * bool(kept)} avoids {part}."
    return f"A limit causes {part}: {cause.limit}. Without it, the best plan{kept}{',' * bool(kept)} avoids {part}."


def _rest(cause: Told, unit: str, currency: str, whole: float) -> str:
    part = "it" if cause.rest >= whole else f"the other {figure(cause.rest)} {unit}"
    if cause.verdict == NOT_KNOWN:
        return f"Decisions could avoid {part}, as far as quantities go; what that would cost was not found in the time of this study."
    each = f"{_price(cause.avoiding, currency)} for each {unit}"
    if cause.elsewhere > TOLD * abs(cause.avoiding):
        each += f", {_price(cause.elsewhere, currency)} of it in other shortages"
    kept = "with the same yes/no decisions " if cause.kept else ""
    within = "" if cause.within else " (no plan that avoids it keeps all rows of Budget and Limits, so these are left out here)"
    everything = "avoiding it" if cause.rest >= whole else "avoiding all that can be avoided"
    everything += ", in all periods together," if cause.together else ""
    bearing = f"bearing it costs {_price(cause.bearing, currency)}"
    if cause.verdict == OPEN:
        return f"For {part}, avoiding and bearing are equally good within the gap of the solver{within}: {kept}{everything} would cost {each}, and {bearing}."
    risk = "; the worst futures decide, which would cost more" if cause.avoiding <= cause.bearing else ""
    return f"The plan bears {part} knowingly{within}: {kept}{everything} would cost {each}, and {bearing}{risk}."


def _price(value: float, currency: str) -> str:
    """Write a price with its currency: small ones with their decimals."""
    if abs(value) >= 100:
        return money(value, currency)
    return f"{figure(value)} {currency}" if " " in currency else f"{currency} {figure(value)}"


def of_all(cause: str, cost: float, total: float, currency: str) -> str:
    """Say what the shortages of one cause cost together."""
    share = f"{money(cost, currency)} of the {money(total, currency)} that shortages cost on average ({percent(cost / total)})"
    return {
        UNAVOIDABLE: f"No decision avoids {share}.",
        LIMIT: f"Limits cause {share}.",
        KNOWINGLY: f"The plan bears {share} knowingly, because avoiding it would cost more.",
        OPEN: f"Avoiding {share} would cost no more, within the gap of the solver.",
        NOT_KNOWN: f"The cause of {share} was not found in the time of this study.",
    }[cause]
