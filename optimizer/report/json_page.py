"""The page that describes the JSON of a plan, docs/json.md, written from the declarations that the JSON derives from."""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.forms.reference import markdown_table, plain_unit
from optimizer.plan.status import ResultStatus
from optimizer.schema.results import FIGURES, JSON_FORMAT, OUTPUTS, PROVENANCE, Field

OPENING = f"""\
# The JSON of a plan

`optimizer solve CASE.xlsx --json PLAN.json`, `Plan.save("plan.json")` and `Plan.to_dict()` give one object. This page is written from the
declaration that the object derives from, `optimizer/schema/results.py`.

`format` is the version of all that stands below, now {JSON_FORMAT}. It is raised when a key is renamed, taken away or given another meaning;
new keys may come under the same version, so a reader passes over keys that it does not know.

Money is in the case's currency and quantities in their material's unit. Periods are labels such as `2027-Q1`. What is not known, or says
nothing, is `null`; there is no NaN and no infinity.
"""

SHARED = {
    "format": ("whole number", f"Version of this format: {JSON_FORMAT}."),
    "status": ("text", "What came of the solve."),
    "conflicts": ("list", "Empty in a plan. In a case that is infeasible: what has to give, as below."),
}

PLAN_ONLY = {
    "provenance": ("object", "Where the plan comes from, as below."),
    "warnings": ("list of texts", "What is suspicious in the workbook, and which of its rules a naive plan breaks, a sentence each."),
}

FAILURE_ONLY = {
    "problems": ("list", "What is wrong in the workbook, as below; empty for another status than `bad_input`."),
    "message": ("text", "All that is said on the screen."),
}

CONFLICT = {
    "sheet": "The sheet of the workbook.",
    "row": "Its row.",
    "what": "The limit, in words.",
    "give": "By how much it has to give; `null` = not known.",
    "unit": "The unit of that amount.",
    "clash": "The number of the clash. Of each clash one row has to give.",
    "column": "The column in which the number stands.",
    "value": "The number that stands there.",
    "to": "What it has to be at least, or at most, so that it gives that much; `null` = not known.",
    "enough": "Whether that is enough; `false` where the time was over, and `give` is the least that can do.",
}

PROBLEM = {
    "sheet": "The sheet of the workbook.",
    "cell": "The cell, or `row 7`; an empty text for a whole sheet.",
    "message": "The whole sentence.",
    "found": "What was found.",
    "expected": "What is allowed.",
    "fix": "What to do.",
    "level": "`error` or `warning`.",
}

TYPES = {"text": "text", "number": "number", "whole": "whole number", "yes_no": "`true` or `false`"}
"""What a kind of column is called in JSON."""


def json_page() -> str:
    """Write the page as Markdown."""
    parts = [OPENING, "\n## status\n\n", markdown_table(("status", "meaning"), ((f"`{status}`", status.meaning) for status in ResultStatus))]
    figures = {name: (_type(field), _said(field)) for name, field in FIGURES.items()}
    tables = {key: _of_table(output.sheet, output.help, column) for output in OUTPUTS for key, column in output.json_keys.items()}
    parts += ["\n## A plan\n\nThe status is `optimal` or `feasible`.\n\n", _keys({**SHARED, **figures, **tables, **PLAN_ONLY})]
    for output in OUTPUTS:
        if not output.keyed_by:
            rows = ((f"`{name}`", _type(field), plain_unit(field.unit), _meaning(field)) for name, field in output.columns.items())
            parts.append(f"\n### {output.name}\n\n{output.help}\n\n{markdown_table(('key', 'type', 'unit', 'meaning'), rows)}")
    parts += ["\n### provenance\n\n", markdown_table(("key", "meaning"), ((f"`{name}`", f"{words}.") for name, words in PROVENANCE.items()))]
    parts += ["\n## A case without a plan\n\nThe status is one of the others.\n\n", _keys({**SHARED, **FAILURE_ONLY})]
    for name, fields in (("conflicts", CONFLICT), ("problems", PROBLEM)):
        parts += [f"\n### {name}\n\n", markdown_table(("key", "meaning"), ((f"`{key}`", meaning) for key, meaning in fields.items()))]
    return "".join(parts)


def _type(field: Field) -> str:
    return f"{TYPES[field.kind]}{' or `null`' if field.blank else ''}"


def _said(field: Field) -> str:
    unit = plain_unit(field.unit)
    return f"{_meaning(field)} Unit: {unit}." if unit else _meaning(field)


def _meaning(field: Field) -> str:
    return field.meaning.replace(f"; blank = {field.blank}.", f"; `null` = {field.blank}.")


def _of_table(sheet: str, help: str, column: str) -> tuple[str, str]:
    """Say what stands under the key of a table: rows, or one column of it as a mapping."""
    return ("object", f"{help} An object with `{column}` for each.") if column else ("list", f"{help} A list of rows, as below.")


def _keys(keys: Mapping[str, tuple[str, str]]) -> str:
    return markdown_table(("key", "type", "meaning"), ((f"`{name}`", kind, meaning) for name, (kind, meaning) in keys.items()))
