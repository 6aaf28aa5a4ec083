"""The language in which sheets and columns are declared: kinds, bounds, and the wording of what is allowed.

records.py and sheets.py say in these terms what the workbook holds; reader, template, reference page and forms derive from them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Every year and date of a workbook lies between these: one outside is a slip."""
LARGEST_NUMBER = 1e12
"""Every number of a workbook is below this: what is larger is a slip, and endangers the solver's arithmetic."""

NUMBER_KINDS = ("number", "share", "whole")
"""The kinds of columns whose cells are numbers."""

_BLANKS = {"names": (), "choices": (), "text": ""}
"""What stays blank is None, but for kinds that have an empty value of their own."""


@dataclass(frozen=True, slots=True)
class Column:
    """One input column.

    kind of a cell, what it may hold, and the type of the record's field that it fills:
          text      free text, kept as typed: str
          name      the name of something (matched by `fold`): str
          names     names with commas or semicolons between them; blank = any: tuple[str, ...]
          number    a finite number below 1e12: float
          share     a number given as a fraction; a text such as 35% is read as 0.35: float
          whole     a whole number: int
          choice    one word of `choices`: str
          choices   words of `choices` with commas or semicolons between them; blank = all: tuple[str, ...]
          date      an Excel date, ISO text or calendar label, meaning its first day: int, the number of the period that
                    holds it (below 0: before the horizon; T or more: after it); of a setting the day itself, a date
          last_date the same, meaning its last day
          year      a fiscal year, a whole number 1900..2200: int
          yes_no    yes or no: bool
    unit: what the number is counted in, with {currency} and {unit} standing for those of the case. Blank: no unit.
    default: the value of a blank cell; None = blank stays blank. default_from: the column whose value it takes.
    blank_words: what a blank cell means, where neither of them says it.
    from_periods: may stay blank, though required, in a row where every period has its own quantity.
    low, high: bounds, strict where above / below is set. refers: the "Sheet.column"s, one of which must hold the name.
    key: no two rows have the same values in all columns that are so marked. percent_decimals: of the percentage that
    a cell shows; None = it shows the number itself. field: the field of the record that it fills, where it has not its name.
    """

    name: str
    kind: str
    help: str
    unit: str = ""
    required: bool = False
    default: Any = None
    default_from: str | None = None
    blank_words: str = ""
    low: float | None = None
    high: float | None = None
    above: bool = False
    below: bool = False
    choices: tuple[str, ...] = ()
    refers: tuple[str, ...] = ()
    key: bool = False
    percent_decimals: int | None = None
    field: str | None = None
    example: Any = None
    from_periods: bool = False

    @property
    def attribute(self) -> str:
        """The field of the record that this column fills."""
        return self.field or self.name

    @property
    def blank(self) -> Any:
        """The value of a blank cell: the default, of the same type as a value that is read."""
        if self.default is None:
            return _BLANKS.get(self.kind)
        return float(self.default) if self.kind in ("number", "share") else self.default

    def allowed(self) -> str:
        """What a cell of this column may hold, in words."""
        if self.kind in ("choice", "choices"):
            words = ", ".join(self.choices)
            return f"one of {words}" if self.kind == "choice" else f"a comma-separated list of {words}"
        if self.kind in NUMBER_KINDS:
            noun = {"number": "a number", "share": "a share (a fraction or a percentage)", "whole": "a whole number"}[self.kind]
            return f"{noun}{self._range()}"
        return {
            "text": "text",
            "name": "a name",
            "names": "a comma-separated list of names",
            "date": "a date (an Excel date, 2027-04-01, 2027-04, 2027-Q2 or 2027)",
            "last_date": "a date (an Excel date, 2027-04-01, 2027-04, 2027-Q2 or 2027)",
            "year": "a fiscal year such as 2027",
            "yes_no": "yes or no",
        }[self.kind]

    def _range(self) -> str:
        low = None if self.low is None else f"{'above' if self.above else 'at least'} {self.low:,.15g}"
        high = None if self.high is None else f"{'below' if self.below else 'at most'} {self.high:,.15g}"
        parts = [part for part in (low, high) if part]
        return (" " + " and ".join(parts)) if parts else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One input sheet.

    columns: in the order of the blank workbook. record: the class of the record that a row becomes. case_field: the field
    of Case that holds these records. key: the columns that identify a row. required: whether the sheet must be there.
    rows_required: at least one row must stand on it.
    settings: a sheet of two columns, setting and value, whose `columns` are the settings; all of it becomes one record.
    period_columns: the field that further columns, each headed by a period's label, fill; None = none are admitted.
    """

    name: str
    help: str
    columns: tuple[Column, ...]
    record: type[Any]
    case_field: str
    key: tuple[str, ...] = ()
    required: bool = True
    rows_required: bool = False
    settings: bool = False
    period_columns: str | None = None

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"
_APOSTROPHES = "\u2018\u2019\u201a\u201b\u02bc\u02b9\u2032\u00b4\u0060\uff07"
_QUOTES = "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02"
_ALIKE = {mark: plain for marks, plain in ((_HYPHENS, "-"), (_APOSTROPHES, "'"), (_QUOTES, '"')) for mark in marks}
_ALIKE_MARKS = re.compile(f"[{re.escape(''.join(_ALIKE))}]")
"""Marks that a keyboard, a web page and Word write differently, and a reader takes for the same."""


_UNSEEN = re.compile(
    "[\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u2800"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0001\U000e0020-\U000e007f]+"
)
"""Zero-width and soft characters (Unicode's category Cf), and fillers, joiners and selectors that show nothing either."""


@lru_cache(maxsize=10_000)
def visible(text: str) -> str:
    """A text without what nobody sees: zero-width and soft characters, outer and doubled blanks of any kind."""
    if not text.isascii():
        text = _UNSEEN.sub("", text)
    return " ".join(text.split())


def _plain(text: str) -> str:
    """A text in one of the ways in which the same characters can be written: composed, in plain width, with plain hyphens and quotes."""
    if text.isascii():
        return text
    # The accents ´ and ` are folded before NFKC, which would take them apart into a blank and a combining mark.
    return visible(_with_plain_marks(unicodedata.normalize("NFKC", _with_plain_marks(visible(text)))))


def _with_plain_marks(text: str) -> str:
    return _ALIKE_MARKS.sub(lambda found: _ALIKE[found[0]], text)


def normalize(header: str) -> str:
    """A header or sheet name as it is matched: lower case, runs of other characters than letters and digits as `_`."""
    return _normalized(str(header))


@lru_cache(maxsize=1 << 14)
def _normalized(header: str) -> str:
    # The same few names are asked for again and again: for each cell of the first rows of a sheet, whether it is a header.
    return re.sub(r"[\W_]+", "_", _plain(header).lower()).strip("_")


def without_accents(text: str) -> str:
    """Return a text with the accents taken off its letters."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


@lru_cache(maxsize=10_000)
def fold(name: str) -> str:
    """A name as it is matched: without regard to case, outer or doubled blanks, and ways to write the same characters.

    Composed and decomposed accents, full width, zero-width characters, curly apostrophes and the kinds of hyphens and blanks are one.
    """
    return " ".join(unicodedata.normalize("NFKC", _plain(str(name)).casefold()).split())
