"""Plans side by side: figures, decisions and inputs, a column a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import pandas as pd
from openpyxl.utils.cell import coordinate_to_tuple

from optimizer.case import Settings
from optimizer.editing.sheets import Change, changes, row_name, value_at
from optimizer.plan.explain import figure, money, percent
from optimizer.plan.plan import Plan
from optimizer.schema.language import normalize
from optimizer.schema.sheets import SETTINGS
from optimizer.studies.differences import differences, in_words

FIGURE, DECISION, WHERE, WHAT = LABELS = ("figure", "decision", "where", "what")
"""The columns that say what a row is; no plan may be called like one of them."""
NOTHING, BLANK = "–", "blank"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Plans side by side in words, with the plans' names as the last columns, and where each differs from the first in numbers.

    figures: figure. decisions: decision. inputs: where (sheet and cell, or setting), what; only what is not the same for all. differences: name of
    a plan but the first -> its differences from the first, see studies/differences.py; words: likewise, in a few sentences. A plan in another
    currency than the first is in neither.
    """

    figures: pd.DataFrame
    decisions: pd.DataFrame
    inputs: pd.DataFrame
    differences: dict[str, pd.DataFrame] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


def compare(plans: Sequence[Plan], names: Sequence[str]) -> Comparison:
    """Set plans side by side; names: what each is called. Raise ValueError unless each plan has a name of its own that is in no table.

    >>> plans = optimizer.sweep(["sample_inputs/tutorial.xlsx"], settings=[{"risk_weight": 0}, {"risk_weight": 0.6}])
    >>> print(optimizer.compare(plans, ["neutral", "careful"]).inputs.to_string(index=False))
       where        what neutral careful
    Settings Risk weight      0%     60%
    """
    if len(set(names)) != len(plans) or len(names) != len(plans) or set(LABELS) & set(names):
        raise ValueError("Each plan needs a name of its own.")
    same = [k for k in range(1, len(plans)) if plans[k].case.settings.currency == plans[0].case.settings.currency]
    numbers = {names[k]: differences(plans[0], plans[k]) for k in same}
    return Comparison(
        _side_by_side(FIGURE, [_figures(plan) for plan in plans], names),
        _side_by_side(DECISION, [_decisions(plan) for plan in plans], names),
        _inputs(plans, names),
        numbers,
        {names[k]: in_words(numbers[names[k]], plans[0], plans[k], (names[0], names[k])) for k in same},
    )


def _side_by_side(head: str, columns: Sequence[dict[str, str]], names: Sequence[str]) -> pd.DataFrame:
    """Set side by side what each plan says of each line, in the order in which the lines first appear."""
    lines = list(dict.fromkeys(line for column in columns for line in column))
    return pd.DataFrame({head: lines, **{name: [column.get(line, NOTHING) for line in lines] for name, column in zip(names, columns)}})


def _figures(plan: Plan) -> dict[str, str]:
    """List the headlines, the parts of the cost, and how much of each demand is met."""
    currency = plan.case.settings.currency
    found = {line.label: line.text for line in plan.headlines}
    found |= {f"Expected cost of {row.part}": money(row.expected, currency) for row in plan.tables["costs"].itertuples()}
    return found | {f"Met of {row.material} for {row.use}": percent(row.fill_rate) for row in plan.tables["fill_rate"].itertuples()}


def _decisions(plan: Plan) -> dict[str, str]:
    """List contracts, project starts and the largest stocks."""
    found = {}
    for row in plan.tables["contracts"].itertuples():
        offer = f" ({row.offer})" if row.offer else ""
        found[f"Sign {row.supplier}, {row.material}{offer}"] = f"{figure(row.per_year)} {row.unit} a year"
    projects = plan.tables["projects"]
    for name, start, condition in zip(projects["project"], projects["start"], projects["if"]):
        found[f"Start {name}"] = start if isinstance(start, str) else f"once {condition} is in force" if isinstance(condition, str) else "not started"
    for material, cover in plan.tables["cover"].groupby("material", sort=False):
        peak = cover.loc[cover["quantity"].idxmax()]
        found[f"Hold {material} at most"] = f"{figure(peak['quantity'])} {peak['unit']}"
    return found


def _inputs(plans: Sequence[Plan], names: Sequence[str]) -> pd.DataFrame:
    """List the settings and cells that differ between any of the plans."""
    rows = []
    told: set[str] = set()
    for setting in fields(Settings):
        values = [getattr(plan.case.settings, setting.name) for plan in plans]
        if len(set(values)) > 1 and setting.name != "title":
            told.add(setting.name)
            shares = SETTINGS.column(setting.name).kind == "share"
            rows.append((SETTINGS.name, setting.name.replace("_", " ").capitalize(), *(percent(v) if shares else _shown(v) for v in values)))
    places: dict[tuple[str, str], str] = {}
    for plan in plans[1:]:
        # Read backwards, too: of a sheet that was taken away only that way each cell is told.
        for change in (*changes(plans[0].sheets, plan.sheets), *changes(plan.sheets, plans[0].sheets)):
            if change.cell and _setting(plans, change) not in told:
                places.setdefault((change.sheet, change.cell), change.label)
    for (sheet, cell), label in places.items():
        rows.append((f"{sheet}!{cell}", label, *(_shown(_cell(plan, sheet, cell)) for plan in plans)))
    return pd.DataFrame(rows, columns=[WHERE, WHAT, *names])


def _setting(plans: Sequence[Plan], change: Change) -> str:
    """Return the name of the setting to which a changed cell belongs; "" for a cell of another sheet."""
    if change.sheet != SETTINGS.name:
        return ""
    row, _ = coordinate_to_tuple(change.cell)
    rows = (row_name(raw, row) for plan in plans for raw in plan.sheets if raw.name == change.sheet)
    return next((normalize(name) for name in rows if name), "")


def _cell(plan: Plan, sheet: str, cell: str) -> object:
    """Return what a cell of the plan's workbook holds."""
    raw = next((raw for raw in plan.sheets if raw.name == sheet), None)
    return None if raw is None else value_at(raw, *coordinate_to_tuple(cell))


def _shown(value: object) -> str:
    """Write a value as a reader knows it."""
    if value is None:
        return BLANK
    return f"{value:,.12g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
