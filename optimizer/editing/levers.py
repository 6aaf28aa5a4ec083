"""The edits that a planner thinks in, each as a change of the sheets: leave an offer out, decide on a project, fix a contract or a stock, have a
disruption come for certain. Each is listed and taken back like anything that is typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl.utils.cell import coordinate_to_tuple

from optimizer.case import Case, Disruption, Limit, Offer, Project
from optimizer.editing.rows import Difference, differences, without_differences
from optimizer.editing.sheets import Sheets, add_column, add_sheet, column_positions, headers_in, raw_of, value_at, with_cells
from optimizer.intake.cells.headers import SETTING_COLUMNS
from optimizer.intake.cells.parse import is_blank
from optimizer.intake.files.raw import RawSheet
from optimizer.schema.language import Sheet, normalize
from optimizer.schema.sheets import DISRUPTIONS, LIMITS, OFFER_CHANGES, PROJECTS, SETTINGS, SUPPLIERS

OUT_COLUMNS = ("capacity_per_year", "fixed_contract")
"""The columns of Suppliers that leaving an offer out changes."""
CERTAIN_COLUMNS = ("annual_probability", "decision_date", "decision_probability", "active_now", "follows", "raised_by", "raised_probability")
"""The columns of Disruptions that say whether one begins."""


# -- rows ------------------------------------------------------------------------------------------------------------------


def with_fields(sheets: Iterable[RawSheet], sheet: Sheet, row: int, values: Mapping[str, Any]) -> Sheets:
    """Return the sheets with values in a row of one, counted from 1, by the names of its columns. A column that is missing is added, unless its value is
    None, which clears a cell."""
    sheets = add_sheet(sheets, sheet)
    for name, value in values.items():
        raw = raw_of(sheets, sheet)
        assert raw is not None  # it was added where it was missing
        if name not in column_positions(raw):
            if value is None:
                continue
            sheets = add_column(sheets, raw.name, name)
            raw = raw_of(sheets, sheet)
            assert raw is not None
        sheets = with_cells(sheets, raw.name, {(row, column_positions(raw)[name]): value})
    return sheets


def with_new_row(sheets: Iterable[RawSheet], sheet: Sheet, values: Mapping[str, Any]) -> Sheets:
    """Return the sheets with one more row below the last filled one of a sheet, which is added where it is missing."""
    sheets = add_sheet(sheets, sheet)
    raw = raw_of(sheets, sheet)
    assert raw is not None  # it was added where it was missing
    return with_fields(sheets, sheet, _first_free(raw), values)


def _first_free(raw: RawSheet) -> int:
    """Return the number, from 1, of the row below the last that holds anything."""
    top = headers_in(raw)
    filled = (row for row in range(top + 1, len(raw.rows) + 1) if any(not is_blank(value) for value in raw.rows[row - 1]))
    return max(filled, default=top) + 1


def with_settings(sheets: Iterable[RawSheet], values: Mapping[str, Any]) -> Sheets:
    """Return the sheets with other values of some settings, by name, each in its row of the Settings sheet, or in a new one."""
    sheets = tuple(sheets)
    setting, value_of = (column.name for column in SETTING_COLUMNS[:2])
    for name, value in values.items():
        sheets = add_sheet(sheets, SETTINGS)
        raw = raw_of(sheets, SETTINGS)
        assert raw is not None  # it was added where it was missing
        at = column_positions(raw)[setting]
        rows = range(headers_in(raw) + 1, len(raw.rows) + 1)
        row = next((row for row in rows if not is_blank(found := value_at(raw, row, at)) and normalize(found) == normalize(name)), None)
        new = {setting: name, value_of: value}
        sheets = with_new_row(sheets, SETTINGS, new) if row is None else with_fields(sheets, SETTINGS, row, {value_of: value})
    return sheets


def as_before(before: Iterable[RawSheet], after: Iterable[RawSheet], sheet: Sheet, rows: Iterable[int], columns: Iterable[str]) -> Sheets:
    """Return the sheets as they are now, but for cells in these columns of these rows of one sheet, which are again as they were before."""
    before, after = tuple(before), tuple(after)
    raw = raw_of(after, sheet)
    if raw is None:
        return after
    places = {(row, at) for name, at in column_positions(raw).items() if name in set(columns) for row in rows}
    found = [change for change in differences(before, after) if change.sheet == raw.name and _cell_of(change) in places]
    return without_differences(before, after, found)


def _cell_of(change: Difference) -> tuple[int, int]:
    """Return the row and column of a change of a cell; (0, 0) for one of a whole row or sheet."""
    return coordinate_to_tuple(change.cell) if change.cell and " " not in change.cell else (0, 0)


# -- offers ----------------------------------------------------------------------------------------------------------------


def is_out(case: Case, offer: Offer) -> bool:
    """Return whether an offer can deliver nothing in any period."""
    return offer.capacity_per_year == 0 and not any(change.capacity_per_year for change in _changes_of(case, offer))


def _changes_of(case: Case, offer: Offer) -> list[Any]:
    """List the rows of Offer changes that change the capacity of an offer."""
    return [row for row in case.offer_changes if (row.supplier, row.material, row.offer) == offer.key and row.capacity_per_year is not None]


def without_offer(sheets: Iterable[RawSheet], case: Case, offer: Offer) -> Sheets:
    """Return the sheets in which an offer of their case can deliver nothing: its capacity is 0 at every date. What else names it stays sound."""
    sheets = with_fields(sheets, SUPPLIERS, offer.row, {"capacity_per_year": 0, "fixed_contract": None})
    for change in _changes_of(case, offer):
        sheets = with_fields(sheets, OFFER_CHANGES, change.row, {"capacity_per_year": 0})
    return sheets


def with_offer_again(before: Iterable[RawSheet], after: Iterable[RawSheet], case: Case, offer: Offer) -> Sheets:
    """Return the sheets in which an offer that was left out has again the capacity that it had before."""
    before = tuple(before)
    sheets = as_before(before, after, SUPPLIERS, [offer.row], OUT_COLUMNS)
    return as_before(before, sheets, OFFER_CHANGES, [change.row for change in _changes_of(case, offer)], ("capacity_per_year",))


# -- contracts, projects, stocks ---------------------------------------------------------------------------------------------


def with_fixed_contract(sheets: Iterable[RawSheet], offer: Offer, quantity: Any) -> Sheets:
    """Return the sheets in which the contract of an offer has a quantity, in the unit of its row; None leaves it to the plan."""
    return with_fields(sheets, SUPPLIERS, offer.row, {"fixed_contract": quantity})


def with_decided(sheets: Iterable[RawSheet], project: Project, decided: str) -> Sheets:
    """Return the sheets in which a project is "open", or is decided to "start", or "never" to."""
    return with_fields(sheets, PROJECTS, project.row, {"decided": None if decided == "open" else decided})


def fixed_stocks(case: Case) -> list[Limit]:
    """List the limits that fix the stock of one material at a quantity."""
    return [row for row in case.limits if row.measure == "stock_quantity" and len(row.material) == 1 and row.minimum is not None and row.minimum == row.maximum]


def with_fixed_stock(sheets: Iterable[RawSheet], material: str, quantity: Any, since: str) -> Sheets:
    """Return the sheets with a limit that fixes the stock of a material at the end of each period from `since` on, a period's label, but in and
    after disruptions that strike its supply: then there may be less."""
    row = {"limit": f"Stock of {material}", "measure": "stock_quantity", "material": material, "minimum": quantity, "maximum": quantity, "from": since}
    return with_new_row(sheets, LIMITS, row)


# -- disruptions -------------------------------------------------------------------------------------------------------------


def coming(disruption: Disruption) -> int | None:
    """Return the period in which a disruption comes for certain, 0 for the first; -1 where it never comes, None where that is a matter of chance."""
    if disruption.active_now:
        return 0
    if disruption.decision_date is not None and disruption.decision_probability == 1:
        return disruption.decision_date
    chances = (disruption.annual_probability, disruption.decision_probability or 0.0, disruption.raised_probability or 0.0)
    return None if any(chances) else -1


def with_certain(sheets: Iterable[RawSheet], case: Case, disruption: Disruption, period: int) -> Sheets:
    """Return the sheets in which a disruption begins in a period for certain, and at no other time."""
    first = period == 0
    when = None if first else case.calendar.label(period)
    values = {"decision_date": when, "decision_probability": None if first else 1, "active_now": "yes" if first else None}
    return with_fields(sheets, DISRUPTIONS, disruption.row, {"annual_probability": 0, "follows": None, "raised_by": None, "raised_probability": None, **values})


def without_disruption(sheets: Iterable[RawSheet], disruption: Disruption) -> Sheets:
    """Return the sheets in which a disruption never begins."""
    return with_fields(sheets, DISRUPTIONS, disruption.row, {"annual_probability": 0, **dict.fromkeys(CERTAIN_COLUMNS[1:])})
