"""Numbers as people read them, each with its unit."""

from __future__ import annotations

import math
from collections.abc import Iterable

from optimizer.plan import figure, money
from optimizer.report import Scale, scale_of
from ui.words import charts as text
from ui.words.escape import short

_NAME, _UNIT = 40, 20
"""Letters of a name, and of a unit or currency, in a chart."""


def name_text(name: object, most: int = _NAME) -> str:
    """A name in a chart, cut where it is long."""
    return short(name, most)


def apart(names: Iterable[object], most: int = _NAME) -> list[str]:
    """Names cut for a chart, each its own: where cutting makes two equal, a number tells them apart."""
    labels: list[str] = []
    for name in names:
        label, number = name_text(name, most), 2
        while label in labels:
            label, number = f"{name_text(name, most)} {number}", number + 1
        labels.append(label)
    return labels


def unit_text(unit: str) -> str:
    """A unit or currency as typed, cut where it is long."""
    return short(unit, _UNIT)


def money_text(value: float | None, currency: str) -> str:
    """An amount of money; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return text.NO_VALUE
    return money(value, unit_text(currency))


def bare_money(value: float, currency: str) -> str:
    """An amount of money as money_text words it, without its currency."""
    return f"{value:,.0f}" if " " in currency else money(value, "").strip()


def quantity(value: float | None, unit: str) -> str:
    """An amount with its unit; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return text.NO_VALUE
    return f"{figure(value)} {unit_text(unit)}".rstrip()


def money_scale(values: Iterable[float], currency: str) -> Scale:
    """The scale in which amounts are drawn."""
    return scale_of(values, currency)
