"""The language in which result tables are declared: their columns, each with its kind, unit and meaning, and the table that is made of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "number", "whole", "yes_no"]
TYPES = {"number": "float64", "whole": "int64", "yes_no": "bool"}  # NumPy's, by the column's kind; words are what pandas makes of them


class Field(NamedTuple):
    """One column of a result table, or one figure of a plan.

    unit: what a number is counted in, with {currency} and {unit} standing for those of the case. blank: what a missing value says; "" where
    none is ever missing. adds: whether the sum of the column means something, so that its sheet shows it; quantities are added up only where
    the rows speak of one material.
    """

    unit: str
    meaning: str
    kind: Kind = "text"
    blank: str = ""
    adds: bool = False


def text(meaning: str, blank: str = "") -> Field:
    """Declare a column of words or names."""
    return Field("", _with_blank(meaning, blank), "text", blank)


def number(unit: str, meaning: str, blank: str = "", *, adds: bool = False) -> Field:
    """Declare a column of numbers."""
    return Field(unit, _with_blank(meaning, blank), "number", blank, adds)


def whole(meaning: str) -> Field:
    """Declare a column of whole numbers that count nothing, such as years and rows."""
    return Field("", meaning, "whole")


def yes_no(meaning: str) -> Field:
    """Declare a column that says yes or no."""
    return Field("", meaning, "yes_no")


def _with_blank(meaning: str, blank: str) -> str:
    return f"{meaning.removesuffix('.')}; blank = {blank}." if blank else meaning


@dataclass(frozen=True, slots=True)
class Output:
    """One result table: its name in code and JSON, its sheet in the plan workbook, and its columns by name.

    keyed_by: the column by whose values the JSON has the others, each as one mapping; "" where the JSON has a list of rows. beyond: of a table about
    what is planned for beyond the horizon, the table of the horizon that tells the same; None of a table of the horizon. detail: whether the plan
    workbook has the table only where its detail is asked for.
    """

    name: str
    sheet: str
    help: str
    columns: dict[str, Field]
    keyed_by: str = ""
    beyond: str | None = None
    detail: bool = False

    @property
    def json_keys(self) -> dict[str, str]:
        """Return the keys under which the JSON has the table, each with the column whose values it holds; "" for all columns, as a list of rows."""
        if not self.keyed_by:
            return {self.name: ""}
        first, *others = (name for name in self.columns if name != self.keyed_by)
        return {self.name: first, **{f"{self.name}_{name}": name for name in others}}

    def frame(self, rows: Iterable[Mapping[str, Any]] | pd.DataFrame) -> pd.DataFrame:
        """Make the table of these rows, with the declared columns in their order and of their kinds.

        ValueError: a row has other keys than the declared columns, or a yes/no is not a bool.
        """
        import numpy as np
        import pandas as pd

        if isinstance(rows, pd.DataFrame):
            self._check(rows.columns)
            table = rows[list(self.columns)]
            self._check_yes_no({name: table[name].tolist() for name in table})
            # A column that is of its kind is left alone: to convert one takes longer than to make it.
            return table.astype({name: TYPES[c.kind] for name, c in self.columns.items() if c.kind in TYPES and table[name].dtype != TYPES[c.kind]})
        listed = list(rows)
        for row in listed:
            self._check(row)
        values = {name: [row[name] for row in listed] for name in self.columns}
        self._check_yes_no(values)
        if not listed:  # pandas takes a list without words for one of numbers
            return pd.DataFrame({name: np.array([], dtype=TYPES.get(column.kind, "object")) for name, column in self.columns.items()})
        return pd.DataFrame({name: np.array(values[name], dtype=TYPES[c.kind]) if c.kind in TYPES else values[name] for name, c in self.columns.items()})

    def restored(self, kept: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
        """Make the table again from columns that this version or an earlier one kept; without rows where one that is never blank is not among them.

        Yes and no, which earlier versions kept as words, come back as bools.
        """
        import pandas as pd

        rows = len(next(iter(kept.values()), ()))
        kept = {**{name: [None] * rows for name, column in self.columns.items() if column.blank}, **kept}
        if not self.columns.keys() <= kept.keys():
            return self.frame([])
        words = {"yes": True, "no": False}
        known = {name: [words.get(value, value) for value in kept[name]] if c.kind == "yes_no" else kept[name] for name, c in self.columns.items()}
        return self.frame(pd.DataFrame(known, columns=list(self.columns)))

    def _check_yes_no(self, values: Mapping[str, Sequence[Any]]) -> None:
        for name, column in self.columns.items():
            if column.kind == "yes_no" and any(getattr(value, "dtype", type(value)) not in (bool,) for value in values[name]):  # NumPy's, too
                raise ValueError(f"The column {name} of the table {self.name} holds something other than True and False.")

    def _check(self, names: Iterable[Any]) -> None:
        found = set(names)
        if found != set(self.columns):
            missing, unknown = (", ".join(sorted(map(str, some))) or "none" for some in (set(self.columns) - found, found - set(self.columns)))
            raise ValueError(f"A row of the table {self.name} is not as schema/results.py declares it: missing columns {missing}; unknown columns {unknown}.")
