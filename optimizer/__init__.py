"""Stockpiling and procurement optimizer for critical materials.

    import optimizer
    plan = optimizer.solve("sample_inputs/rare_earth_magnets.xlsx", risk_weight=0.5)
    plan.tables["contracts"]          # tidy pandas DataFrames, one a result table
    plan.save("plan.xlsx")            # or plan.json

check() lists what is wrong with a workbook, load() reads it; errors are drawn as one tree in optimizer.errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.errors import AuditError, ClusterError, Conflict, InfeasibleError, NoPlanError, OptimizerError, Problem, WorkbookError

if TYPE_CHECKING:
    from optimizer.api import WhatIf, check, load, load_sheets, solve, sweep
    from optimizer.case import BLOCS, Case
    from optimizer.plan.explain import figure, money, percent
    from optimizer.plan.headline import Headline, answer
    from optimizer.plan.plan import Plan
    from optimizer.runs.desk import Desk
    from optimizer.runs.history import History
    from optimizer.runs.intake import read_upload
    from optimizer.runs.run import Run
    from optimizer.runs.store import Store, Work
    from optimizer.studies.compare import LABELS, compare
    from optimizer.studies.naive import BROKEN, NAIVE_RULES, naive
    from optimizer.studies.playbook import playbook
    from optimizer.studies.whatif import budget_scaled
    from optimizer.workbook.cells import is_blank, tidy
    from optimizer.workbook.charts import TAIL, Scale, ranges_of, scale_of
    from optimizer.workbook.countries import country_of, nearest_country
    from optimizer.workbook.edit import (
        PERIOD_COLUMN,
        add_sheet,
        column_at,
        column_positions,
        headers_in,
        raw_of,
        same,
        sheet_of,
        value_at,
        with_address,
        with_cells,
    )
    from optimizer.workbook.edit_file import edited_bytes
    from optimizer.workbook.edit_fixes import fixes
    from optimizer.workbook.edit_readings import currency_of
    from optimizer.workbook.edit_rows import delete_rows, differences, insert_rows, repeat_rows, without_differences
    from optimizer.workbook.entry import entry_text, typed
    from optimizer.workbook.paper import BLOC_COLOURS, safe_text
    from optimizer.workbook.plan_book import heading
    from optimizer.workbook.reader import RawSheet, Reading
    from optimizer.workbook.readout import Default, Readout, SheetRead
    from optimizer.workbook.rows import columns_of
    from optimizer.workbook.schema import INPUTS, MATERIALS, OUTPUTS, SETTINGS
    from optimizer.workbook.summary import status_in_words
    from optimizer.workbook.tables import NUMBER_KINDS, Column, Output, Sheet, fold, normalize
    from optimizer.workbook.template import header_note, template_bytes

_HOMES = {
    "optimizer.api": ("WhatIf", "check", "load", "load_sheets", "solve", "sweep"),
    "optimizer.case": ("BLOCS", "Case"),
    "optimizer.plan.explain": ("figure", "money", "percent"),
    "optimizer.plan.headline": ("Headline", "answer"),
    "optimizer.plan.plan": ("Plan",),
    "optimizer.runs.desk": ("Desk",),
    "optimizer.runs.history": ("History",),
    "optimizer.runs.intake": ("read_upload",),
    "optimizer.runs.run": ("Run",),
    "optimizer.runs.store": ("Store", "Work"),
    "optimizer.studies.compare": ("LABELS", "compare"),
    "optimizer.studies.naive": ("BROKEN", "NAIVE_RULES", "naive"),
    "optimizer.studies.playbook": ("playbook",),
    "optimizer.studies.whatif": ("budget_scaled",),
    "optimizer.workbook.cells": ("is_blank", "tidy"),
    "optimizer.workbook.charts": ("TAIL", "Scale", "ranges_of", "scale_of"),
    "optimizer.workbook.countries": ("country_of", "nearest_country"),
    "optimizer.workbook.edit": (
        "PERIOD_COLUMN", "add_sheet", "column_at", "column_positions", "headers_in", "raw_of", "same", "sheet_of", "value_at", "with_address", "with_cells",
    ),
    "optimizer.workbook.edit_file": ("edited_bytes",),
    "optimizer.workbook.edit_fixes": ("fixes",),
    "optimizer.workbook.edit_readings": ("currency_of",),
    "optimizer.workbook.edit_rows": ("delete_rows", "differences", "insert_rows", "repeat_rows", "without_differences"),
    "optimizer.workbook.entry": ("entry_text", "typed"),
    "optimizer.workbook.paper": ("BLOC_COLOURS", "safe_text"),
    "optimizer.workbook.plan_book": ("heading",),
    "optimizer.workbook.reader": ("RawSheet", "Reading"),
    "optimizer.workbook.readout": ("Default", "Readout", "SheetRead"),
    "optimizer.workbook.rows": ("columns_of",),
    "optimizer.workbook.schema": ("INPUTS", "MATERIALS", "OUTPUTS", "SETTINGS"),
    "optimizer.workbook.summary": ("status_in_words",),
    "optimizer.workbook.tables": ("NUMBER_KINDS", "Column", "Output", "Sheet", "fold", "normalize"),
    "optimizer.workbook.template": ("header_note", "template_bytes"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "BLOCS", "BLOC_COLOURS", "BROKEN", "INPUTS", "LABELS", "MATERIALS", "NAIVE_RULES", "NUMBER_KINDS", "OUTPUTS", "PERIOD_COLUMN", "SETTINGS", "TAIL",
    "AuditError", "Case", "ClusterError", "Column", "Conflict", "Default", "Desk", "Headline", "History", "InfeasibleError", "NoPlanError",
    "OptimizerError", "Output", "Plan", "Problem", "RawSheet", "Reading", "Readout", "Run", "Scale", "Sheet", "SheetRead", "Store", "WhatIf", "Work",
    "WorkbookError", "add_sheet", "answer", "budget_scaled", "check", "column_at", "column_positions", "columns_of", "compare", "country_of", "currency_of",
    "delete_rows", "differences", "edited_bytes", "entry_text", "figure", "fixes", "fold", "header_note", "headers_in", "heading", "insert_rows", "is_blank",
    "load", "load_sheets", "money", "naive", "nearest_country", "normalize", "percent", "playbook", "ranges_of", "raw_of", "read_upload",
    "repeat_rows", "safe_text", "same", "scale_of", "sheet_of", "solve", "status_in_words", "sweep", "template_bytes", "tidy", "typed", "value_at",
    "with_address", "with_cells", "without_differences",
]


def __getattr__(name: str):
    """Import what is asked for only then: reading a workbook must not wait for pandas, Pyomo and the solver."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'optimizer' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME_OF[name]), name)
