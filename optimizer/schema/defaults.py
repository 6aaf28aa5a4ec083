"""The meaning of a blank cell, in words."""

from __future__ import annotations

from optimizer.schema.language import Column


def default_in_words(column: Column) -> str:
    """Say what a blank cell of a column means."""
    if column.blank_words:
        return column.blank_words
    if column.default_from:
        return f"the value of {column.default_from}"
    if column.default is None:
        return "none" if column.kind not in ("names", "choices") else "any"
    if column.kind == "yes_no":
        return "yes" if column.default else "no"
    return "no name" if column.default == "" else str(column.default)
