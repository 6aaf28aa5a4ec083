"""The summary of what was read of a workbook, and of what looks odd about it, with repairs that a click carries out."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from optimizer.editing import fixes
from optimizer.errors import Problem, WorkbookError
from optimizer.intake import Default, Reading, Readout, SheetRead
from optimizer.runs import Work
from optimizer.schema import SETTINGS
from ui.grid import editing
from ui.words import readout as text
from ui.words.escape import md, short

_ROWS_SHOWN = 12


def show(work: Work, reading: Reading | WorkbookError) -> None:
    """Show what was read and what looks odd, each folded up under one line."""
    report = reading.report
    if isinstance(report, Readout):
        with st.expander(f"**{text.HEAD}**: {md(report.headline, 200)}", icon=":material/fact_check:"):
            _read(report)
    if reading.warnings:
        with st.expander(f"{text.WARNINGS_HEAD} ({len(reading.warnings):,})", icon=":material/info:"):
            _warnings(work, reading.warnings)


def _read(report: Readout) -> None:
    """The page itself: units first, then what was left out, then each sheet, then what stands on defaults."""
    about = [md(report.currency, 30), md(report.horizon, 80), *(f"{md(material, 60)} in {md(unit, 30)}" for material, unit in report.units.items())]
    st.markdown(" · ".join(words for words in about if words))
    left = [f"**{md(name, 60)}** ({text.filled(rows)})" for name, rows in report.unread]
    left += [f"**{md(sheet.title, 60)}: {md(header, 60)}** ({text.column_unread(cell)})" for sheet in report.sheets for cell, header in sheet.unread]
    left += [f"**{md(sheet.title, 60)}: {md(words, 60)}** ({text.no_data(cell)})" for sheet in report.sheets for cell, words in sheet.ignored]
    left += [f"**{md(sheet.title, 60)}**: {text.example(sheet.examples)}" for sheet in report.sheets if sheet.examples]
    st.markdown(f"{text.NOT_READ}: {'; '.join(left)}" if left else text.NOTHING_LEFT_OUT)
    st.markdown(f"{text.SHEETS}: " + " · ".join(f"**{md(sheet.title, 60)}** {_rows(sheet)}" for sheet in report.sheets))
    if report.absent:
        st.markdown(f"{text.ABSENT}: " + "; ".join(f"**{name}**, so {meaning}" for name, meaning in report.absent.items()))
    defaults = [(sheet, default) for sheet in report.sheets for default in sheet.defaults]
    if defaults:
        st.markdown(f"**{text.DEFAULTS}.** {text.DEFAULTS_NOTE}")
        frame = pd.DataFrame(
            {
                text.SHEET: [short(sheet.title, 40) for sheet, _ in defaults],
                text.COLUMN: [default.name for _, default in defaults],
                text.COUNTS: [default.meaning for _, default in defaults],
                text.ROWS: [_in_rows(sheet, default) for sheet, default in defaults],
            }
        )
        st.dataframe(frame, hide_index=True, alt=text.DEFAULTS, height="content" if len(frame) <= _ROWS_SHOWN else 35 * (_ROWS_SHOWN + 1))


def _rows(sheet: SheetRead) -> str:
    words = text.rows(sheet.rows)
    return f"{words}, {sheet.note}" if sheet.note else words


def _in_rows(sheet: SheetRead, default: Default) -> str:
    """In how many rows a default counts; a setting has no rows."""
    if sheet.name == SETTINGS.name:
        return ""
    return text.EVERY_ROW if default.all else text.some_rows(default.rows, sheet.rows)


def _warnings(work: Work, warnings: tuple[Problem, ...]) -> None:
    """The warnings as a table; of the one that is chosen the whole sentence, and what may put it right."""
    st.markdown(text.WARNINGS_NOTE)
    frame = pd.DataFrame({text.WHERE: [warning.where for warning in warnings], text.WHAT: [warning.message for warning in warnings]})
    config = {text.WHERE: st.column_config.TextColumn(width=150), text.WHAT: st.column_config.TextColumn(width=1000)}
    event = st.dataframe(
        frame, hide_index=True, column_config=config, on_select="rerun", selection_mode="single-row", key=f"warnings:{hash(warnings)}", alt=text.WARNINGS_HEAD
    )
    chosen = next((warnings[row] for row in event.selection.rows if row < len(warnings)), warnings[0])
    with st.container(border=True):
        st.markdown(f"**{md(chosen.where)}** {md(chosen.message, 600)}")
        with st.container(horizontal=True):
            for number, fix in enumerate(fixes(chosen, work.sheets)):
                if st.button(md(fix.words, 100), key=f"warning-fix:{editing.generation()}:{number}", icon=":material/auto_fix_high:"):
                    editing.replace(work, fix.sheets)
