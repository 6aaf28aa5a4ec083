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
    from optimizer.editing.entry import entry_text, typed
    from optimizer.editing.file import edited_bytes
    from optimizer.editing.fixes import fixes
    from optimizer.editing.readings import currency_of
    from optimizer.editing.rows import delete_rows, differences, insert_rows, repeat_rows, without_differences
    from optimizer.editing.sheets import (
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
    from optimizer.forms.plan_sheets import heading
    from optimizer.forms.template import header_note, template_bytes
    from optimizer.forms.writing import safe_text
    from optimizer.intake.cells.headers import columns_of
    from optimizer.intake.cells.parse import is_blank, tidy
    from optimizer.intake.names.countries import country_of, nearest_country
    from optimizer.intake.reader import RawSheet, Reading
    from optimizer.intake.readout import Default, Readout, SheetRead
    from optimizer.plan.explain import figure, money, percent
    from optimizer.plan.headline import Headline, answer
    from optimizer.plan.plan import Plan
    from optimizer.report.charts import TAIL, Scale, ranges_of, scale_of
    from optimizer.report.colours import BLOC_COLOURS
    from optimizer.report.summary import status_in_words
    from optimizer.runs.desk import Desk
    from optimizer.runs.history import History
    from optimizer.runs.run import Run
    from optimizer.runs.store import Store, Work
    from optimizer.runs.uploads import read_upload
    from optimizer.schema.language import NUMBER_KINDS, Column, Output, Sheet, fold, normalize
    from optimizer.schema.sheets import INPUTS, MATERIALS, OUTPUTS, SETTINGS
    from optimizer.studies.compare import LABELS, compare
    from optimizer.studies.naive import BROKEN, NAIVE_RULES, naive
    from optimizer.studies.playbook import playbook
    from optimizer.studies.whatif import budget_scaled

_HOMES = {
    "optimizer.api": ("WhatIf", "check", "load", "load_sheets", "solve", "sweep"),
    "optimizer.case": ("BLOCS", "Case"),
    "optimizer.plan.explain": ("figure", "money", "percent"),
    "optimizer.plan.headline": ("Headline", "answer"),
    "optimizer.plan.plan": ("Plan",),
    "optimizer.runs.desk": ("Desk",),
    "optimizer.runs.history": ("History",),
    "optimizer.runs.uploads": ("read_upload",),
    "optimizer.runs.run": ("Run",),
    "optimizer.runs.store": ("Store", "Work"),
    "optimizer.studies.compare": ("LABELS", "compare"),
    "optimizer.studies.naive": ("BROKEN", "NAIVE_RULES", "naive"),
    "optimizer.studies.playbook": ("playbook",),
    "optimizer.studies.whatif": ("budget_scaled",),
    "optimizer.intake.cells.parse": ("is_blank", "tidy"),
    "optimizer.report.charts": ("TAIL", "Scale", "ranges_of", "scale_of"),
    "optimizer.intake.names.countries": ("country_of", "nearest_country"),
    "optimizer.editing.sheets": (
        "PERIOD_COLUMN",
        "add_sheet",
        "column_at",
        "column_positions",
        "headers_in",
        "raw_of",
        "same",
        "sheet_of",
        "value_at",
        "with_address",
        "with_cells",
    ),
    "optimizer.editing.file": ("edited_bytes",),
    "optimizer.editing.fixes": ("fixes",),
    "optimizer.editing.readings": ("currency_of",),
    "optimizer.editing.rows": ("delete_rows", "differences", "insert_rows", "repeat_rows", "without_differences"),
    "optimizer.editing.entry": ("entry_text", "typed"),
    "optimizer.forms.writing": ("safe_text",),
    "optimizer.report.colours": ("BLOC_COLOURS",),
    "optimizer.forms.plan_sheets": ("heading",),
    "optimizer.intake.reader": ("RawSheet", "Reading"),
    "optimizer.intake.readout": ("Default", "Readout", "SheetRead"),
    "optimizer.intake.cells.headers": ("columns_of",),
    "optimizer.schema.sheets": ("INPUTS", "MATERIALS", "OUTPUTS", "SETTINGS"),
    "optimizer.report.summary": ("status_in_words",),
    "optimizer.schema.language": ("NUMBER_KINDS", "Column", "Output", "Sheet", "fold", "normalize"),
    "optimizer.forms.template": ("header_note", "template_bytes"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "BLOCS",
    "BLOC_COLOURS",
    "BROKEN",
    "INPUTS",
    "LABELS",
    "MATERIALS",
    "NAIVE_RULES",
    "NUMBER_KINDS",
    "OUTPUTS",
    "PERIOD_COLUMN",
    "SETTINGS",
    "TAIL",
    "AuditError",
    "Case",
    "ClusterError",
    "Column",
    "Conflict",
    "Default",
    "Desk",
    "Headline",
    "History",
    "InfeasibleError",
    "NoPlanError",
    "OptimizerError",
    "Output",
    "Plan",
    "Problem",
    "RawSheet",
    "Reading",
    "Readout",
    "Run",
    "Scale",
    "Sheet",
    "SheetRead",
    "Store",
    "WhatIf",
    "Work",
    "WorkbookError",
    "add_sheet",
    "answer",
    "budget_scaled",
    "check",
    "column_at",
    "column_positions",
    "columns_of",
    "compare",
    "country_of",
    "currency_of",
    "delete_rows",
    "differences",
    "edited_bytes",
    "entry_text",
    "figure",
    "fixes",
    "fold",
    "header_note",
    "headers_in",
    "heading",
    "insert_rows",
    "is_blank",
    "load",
    "load_sheets",
    "money",
    "naive",
    "nearest_country",
    "normalize",
    "percent",
    "playbook",
    "ranges_of",
    "raw_of",
    "read_upload",
    "repeat_rows",
    "safe_text",
    "same",
    "scale_of",
    "sheet_of",
    "solve",
    "status_in_words",
    "sweep",
    "template_bytes",
    "tidy",
    "typed",
    "value_at",
    "with_address",
    "with_cells",
    "without_differences",
]


def __getattr__(name: str):
    """Import what is asked for only then: reading a workbook must not wait for pandas, Pyomo and the solver."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'optimizer' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME_OF[name]), name)
