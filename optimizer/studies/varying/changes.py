"""The changes that a tornado makes to a workbook: each disruption, and groups of cells that a planner knows, a little less and a little more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl.utils.cell import get_column_letter

from optimizer.case import BLOCS, Case
from optimizer.editing.cells import Times, number_at, place_of
from optimizer.editing.sheets import Sheets, column_at, column_positions, headers_in, raw_of
from optimizer.intake.files.raw import RawSheet
from optimizer.plan.explain import figure, percent
from optimizer.scenarios import choose_method
from optimizer.schema.language import Sheet, normalize
from optimizer.schema.sheets import BUDGET, DEMAND, DISRUPTIONS, MATERIALS, OFFER_CHANGES, SUPPLIERS

SEPARATORS = ("!", " / ")
"""What stands in the name of a cell and in no setting's name."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something of the workbook, once lower and once higher.

    name: what it is, as a planner says it. low, high: what stands in place of the workbook's own: the name of a cell, as editing.place_of takes it, or
    of a setting -> its value, or Times.
    """

    name: str
    low: Mapping[str, Any] = field(hash=False)
    high: Mapping[str, Any] = field(hash=False)


def is_cell(name: str) -> bool:
    """Return whether a name is one of a cell, and not of a setting."""
    return any(mark in name for mark in SEPARATORS)


def split(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the cells and the settings among what is changed."""
    return {name: value for name, value in values.items() if is_cell(name)}, {name: value for name, value in values.items() if not is_cell(name)}


def given_changes(asked: Mapping[str, tuple[Any, Any]], sheets: Sheets) -> list[Change]:
    """Return the changes that a caller gives by name: (low, high) of a cell, a column or a setting. WorkbookError where a name means no cell."""
    for name in asked:
        if is_cell(name):
            place_of(sheets, name)
    return [Change(name, {name: low}, {name: high}) for name, (low, high) in asked.items()]


def usual_changes(case: Case, sheets: Sheets, step: float) -> list[Change]:
    """Return the changes of the tornado, each down and up by the share `step`, as far as the workbook holds what they change.

    Budget, prices and capacities by bloc, demand by material, shortage cost, holding cost, discount rate, and the probability and the mean duration
    of each disruption that can happen, the likeliest first.
    """
    found = [_scaled("All budgets", sheets, BUDGET, ["amount"], None, step)]
    for bloc in BLOCS:
        rows = {offer.row for offer in case.offers if offer.bloc == bloc}
        keys = {(offer.supplier, offer.material) for offer in case.offers if offer.bloc == bloc}
        later = {change.row for change in case.offer_changes if (change.supplier, change.material) in keys}
        found.append(_prices(f"Prices of {bloc} suppliers", sheets, rows, later, ["price", "contract_price"], step))
        found.append(_prices(f"Capacities of {bloc} suppliers", sheets, rows, later, ["capacity_per_year", "spot_limit_per_year"], step))
    for material in case.materials:
        rows = {row.row for row in case.demand if row.material == material.material}
        found.append(_scaled(f"Demand of {material.material}", sheets, DEMAND, ["annual_demand"], rows, step, periods=True))
    found.append(_scaled("All shortage costs", sheets, DEMAND, ["shortage_cost"], None, step))
    found.append(_scaled("All holding costs", sheets, MATERIALS, ["holding_cost_per_year"], None, step))
    if rate := case.settings.discount_rate:
        found.append(Change("Discount rate", {"discount_rate": rate * (1 - step)}, {"discount_rate": rate * (1 + step)}))
    return [*(change for change in found if change is not None), *_of_disruptions(case, sheets, step)]


def _of_disruptions(case: Case, sheets: Sheets, step: float) -> Iterator[Change]:
    """Yield the changes of each disruption that can happen, the likeliest first. Listed futures have their own probabilities, so that none matters there."""
    if choose_method(case) == "listed":
        return
    chances = ["annual_probability", "decision_probability", "raised_probability"]
    likely = sorted(case.disruptions, key=lambda d: -max(d.annual_probability, d.decision_probability or 0.0, d.raised_probability or 0.0))
    for row in likely:
        probability = _scaled(f"Probability of {row.disruption}", sheets, DISRUPTIONS, chances, {row.row}, step)
        duration = _scaled(f"Mean duration of {row.disruption}", sheets, DISRUPTIONS, ["mean_duration_months"], {row.row}, step)
        if probability is not None:
            yield probability
        if duration is not None and (probability is not None or row.active_now):
            yield duration


def _prices(name: str, sheets: Sheets, rows: set[int], later: set[int], columns: list[str], step: float) -> Change | None:
    """Return the change of columns of offers, and of the same columns where they change by date."""
    cells = _cells(sheets, SUPPLIERS, columns, rows) + _cells(sheets, OFFER_CHANGES, columns, later)
    return _change(name, cells, step)


def _scaled(name: str, sheets: Sheets, sheet: Sheet, columns: list[str], rows: set[int] | None, step: float, periods: bool = False) -> Change | None:
    return _change(name, _cells(sheets, sheet, columns, rows, periods), step)


def _change(name: str, cells: list[str], step: float) -> Change | None:
    return Change(name, dict.fromkeys(cells, Times(1 - step)), dict.fromkeys(cells, Times(1 + step))) if cells else None


def _cells(sheets: Sheets, sheet: Sheet, columns: Iterable[str], rows: set[int] | None, periods: bool = False) -> list[str]:
    """Return the addresses of the cells in these columns that hold a number above 0. rows: their numbers, None for all. periods: with those of a period."""
    raw = raw_of(sheets, sheet)
    if raw is None or not raw.rows:
        return []
    positions, top = column_positions(raw), headers_in(raw)
    chosen = [positions[column] for column in columns if column in positions]
    if periods:
        chosen += [at for at, header in enumerate(raw.rows[top - 1], start=1) if header is not None and at not in positions.values()]
    numbers = range(top + 1, len(raw.rows) + 1) if rows is None else sorted(rows)
    return [_address(raw, row, at) for row in numbers for at in chosen if (number_at(raw, row, at) or 0) > 0 and column_at(raw, row, at) is not None]


def _address(raw: RawSheet, row: int, column: int) -> str:
    title = raw.name.replace("'", "''")
    return f"'{title}'!{get_column_letter(column)}{row}"


def values_of(sheets: Sheets, changed: Mapping[str, Any], case: Case) -> float | None:
    """Return the number that all cells or settings of a change hold; None where they hold several, or none."""
    found = set()
    for name in changed:
        if not is_cell(name):
            found.add(getattr(case.settings, normalize(name), None))
            continue
        place = place_of(sheets, name)
        raw = next(raw for raw in sheets if raw.name == place.sheet)
        found |= {number_at(raw, *cell) for cell in place.cells}
    only = found.pop() if len(found) == 1 else None
    return float(only) if isinstance(only, (int, float)) and not isinstance(only, bool) else None


def in_words(values: Mapping[str, Any]) -> str:
    """Say what stands in place of the workbook's own: a share less or more, or the value."""
    said = dict.fromkeys(_said(value) for value in values.values())
    return ", ".join(said)


def _said(value: Any) -> str:
    if isinstance(value, Times):
        if value.factor == 1:
            return "as it is"
        return f"{percent(round(abs(value.factor - 1), 12))} {'less' if value.factor < 1 else 'more'}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return figure(float(value))
    return "blank" if value is None else str(value)
