"""How a result table is declared: its columns, what each is counted in and means, and the table itself.

Tables of plans (schema/results.py) and of studies (beside each study) are declared in these terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "number", "whole", "yes_no"]


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

    keyed_by: the column by whose values the JSON has the others, each as one mapping; "" where the JSON has a list of rows. detail: whether the
    plan workbook has the table only where its detail is asked for.
    """

    name: str
    sheet: str
    help: str
    columns: dict[str, Field]
    keyed_by: str = ""
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
        import pandas as pd

        if isinstance(rows, pd.DataFrame):
            self._check(rows.columns)
            table = rows[list(self.columns)]
        else:
            listed = list(rows)
            for row in listed:
                self._check(row)
            table = pd.DataFrame(listed, columns=list(self.columns))
        for name, column in self.columns.items():
            if column.kind == "yes_no" and not table[name].map(lambda value: value is True or value is False).all():
                raise ValueError(f"The column {name} of the table {self.name} holds something other than True and False.")
        types = {"number": "float64", "whole": "int64", "yes_no": "bool"}
        return table.astype({name: types[column.kind] for name, column in self.columns.items() if column.kind in types})

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

    def _check(self, names: Iterable[Any]) -> None:
        found = set(names)
        if found != set(self.columns):
            missing, unknown = (", ".join(sorted(map(str, some))) or "none" for some in (set(self.columns) - found, found - set(self.columns)))
            raise ValueError(f"A row of the table {self.name} is not as schema/results.py declares it: missing columns {missing}; unknown columns {unknown}.")
