"""Result tables and comparisons as tables on the screen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

import pandas as pd
import streamlit as st

from optimizer.forms import heading
from optimizer.plan import Plan, order_decimals
from optimizer.schema import OUTPUTS, Output
from ui.words import compare as compare_words
from ui.words import shared as text
from ui.words.escape import short

ROWS_SHOWN = 12


ROW_PIXELS = 35

WHAT_PIXELS = 230
"""The width of the column that says what a difference is in: on a phone there is room beside it for the difference."""


def output(name: str) -> Output:
    """The declaration of a result table."""
    return next(declared for declared in OUTPUTS if declared.name == name)


def table(
    frame: pd.DataFrame,
    plan: Plan,
    columns: Mapping[str, tuple[Any, ...]],
    alt: str,
    labels: dict[str, str] | None = None,
    typed: Collection[str] = (),
    **more: Any,
) -> Any:
    """A table with its headings, units and number formats.

    columns: name -> (unit, meaning), in the order in which they are shown; the unit column is left out where one unit heads them all.
    labels: headings other than the columns' own. typed: the columns of quantities that a buyer types, which are shown to that digit. more: as
    st.dataframe has it.
    """
    labels = {**text.COLUMN_LABELS, **(labels or {})}
    frame = frame.assign(**{name: [as_typed(value) for value in frame[name]] for name in typed})
    units = frame["unit"].dropna().unique().tolist() if "unit" in frame and len(frame) else []
    units = units or [m.unit for m in plan.case.materials]
    shown = [name for name in columns if not (name == "unit" and len(set(units)) == 1)]
    config = {}
    for name in shown:
        unit, meaning, *_ = columns[name]
        label = short(heading(labels.get(name, name), unit, plan.case.settings.currency, units), 80)
        if unit == "share":
            config[name] = st.column_config.NumberColumn(short(labels.get(name, name).capitalize().replace("_", " "), 80), help=meaning, format="percent")
        elif unit:
            config[name] = st.column_config.NumberColumn(label, help=meaning, format="localized" if name in typed else _format(frame[name]))
        elif pd.api.types.is_float_dtype(frame[name]):
            config[name] = st.column_config.NumberColumn(label, help=meaning, format="localized")
        else:
            config[name] = st.column_config.TextColumn(label, help=meaning)
    height: Literal["content"] | int = "content" if len(frame) <= ROWS_SHOWN else ROW_PIXELS * (ROWS_SHOWN + 1)
    # Of numbers without a unit a missing one stays missing: a text among them could not be shown.
    filled = frame[shown].fillna({name: "" for name in shown if not columns[name][0] and not pd.api.types.is_numeric_dtype(frame[name])})
    for name in filled.select_dtypes("bool").columns:
        filled[name] = filled[name].map({True: text.YES, False: text.NO})
    if "kind" in filled:
        filled["kind"] = filled["kind"].str.replace("_", " ")  # new_plant: as the workbook spells it, not as people do
    return st.dataframe(filled, column_config=config, hide_index=True, height=height, alt=alt, placeholder="", **more)


def as_typed(value: float) -> float:
    """Round the quantity of an order to the digit that a buyer types."""
    return value if pd.isna(value) else round(value, order_decimals(value))


def _format(values: pd.Series) -> str:
    """Thousands separators, and decimals that suit the largest number, or every one where small ones stand beside large ones."""
    sizes = pd.to_numeric(values, errors="coerce").abs()
    if (sizes.dropna() % 1 == 0).all():
        return "%,.0f"
    top, low = sizes.max(), sizes[sizes > 0].min()
    if low < 1 and top >= 100:
        return "localized"
    return "%,.0f" if not top < 100 else "%,.1f" if top >= 10 else "%,.2f" if top >= 1 else "%,.4f"


def comparison(frame: pd.DataFrame, names: list[str], *, only: bool, alt: str) -> None:
    """A comparison as a table: labels to the left, a column a plan; `only` leaves out the rows in which all plans agree."""
    if only:
        frame = frame[frame[names].astype(str).nunique(axis=1) > 1]
    if frame.empty:
        st.markdown(text.ALL_EQUAL)
        return
    labels = {name: text.COLUMN_LABELS.get(name, name).replace("_", " ").capitalize() for name in frame.columns if name not in names}
    config = {name: st.column_config.TextColumn(labels.get(name, short(name, 60))) for name in frame.columns}
    st.dataframe(frame.astype(str), column_config=config, hide_index=True, height="content" if len(frame) <= 3 * ROWS_SHOWN else 500, alt=alt)


def differences(frame: pd.DataFrame, names: tuple[str, str], currency: str, alt: str) -> None:
    """Where two plans differ, in numbers: what, the two figures, their difference and its share of the first. frame: of studies/differences.py."""
    shares = frame["unit"] == "share"
    shown = pd.DataFrame({text.WHAT: frame["what"]})
    # The difference stands first, so that a phone shows it.
    for column, label in (("difference", compare_words.DIFFERENCE), ("base", short(names[0], 60)), ("other", short(names[1], 60))):
        shown[label] = [_rounded(100 * value if share else value) for value, share in zip(frame[column], shares)]
    shown.insert(2, compare_words.PERCENT, frame["percent"])
    shown.insert(3, compare_words.UNIT, ["%" if unit == "share" else currency if unit == "money" else unit for unit in frame["unit"]])
    config: dict[str, Any] = {
        name: st.column_config.NumberColumn(name, format="localized") for name in shown.columns if name not in (text.WHAT, compare_words.UNIT)
    }
    config[text.WHAT] = st.column_config.TextColumn(text.WHAT, width=WHAT_PIXELS)
    config[compare_words.PERCENT] = st.column_config.NumberColumn(compare_words.PERCENT, format="percent")
    height: Literal["content"] | int = "content" if len(shown) <= ROWS_SHOWN else ROW_PIXELS * (ROWS_SHOWN + 1)
    st.dataframe(shown, column_config=config, hide_index=True, height=height, alt=alt, placeholder="")


def _rounded(value: float) -> float:
    """The number to four digits, those before the point all kept."""
    return float(round(value)) if abs(value) >= 1000 else float(f"{value:.4g}")
