"""The bytes of a .csv file as rows of text: which encoding, which separator. What is not clear is refused, never guessed."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from dataclasses import dataclass
from typing import Any

from openpyxl.utils.cell import get_column_letter

from optimizer.errors import Level, Problem
from optimizer.intake.files.limits import MOST_CELLS, MOST_COLUMNS, MOST_PLACES, MOST_ROWS
from optimizer.intake.files.raw import declared_sheet
from optimizer.intake.files.refusals import sheet_problem
from optimizer.intake.files.wanted import header_names
from optimizer.schema.language import normalize

SEPARATORS = ",;\t|"
AS_UTF_8 = (
    "Save it in Excel as 'CSV UTF-8' (File > Save As; the entry stands apart from plain 'CSV' and is named alike in every language, "
    "such as 'CSV UTF-8 (durch Trennzeichen getrennt)'). Commas or semicolons between the values are read alike."
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CODE_PAGES = {"Western European": "cp1252", "Central European": "cp1250", "Cyrillic": "cp1251"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SEPARATOR_LINE = re.compile(r"\"?sep=(.)\"?[,;\t]*(?:\r\n|\r|\n|$)", re.IGNORECASE)
_HEADER_ROWS = 10
"""Rows in which the headers are looked for, to tell by them what separates the values."""


class CsvFault(Exception):
    """A .csv file that cannot be read. problems: why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class TextTable:
    """The rows of a .csv file as text, all equally long; a blank cell is None. separator: what stands between the values."""

    rows: list[list[Any]]
    separator: str
    remarks: tuple[Problem, ...]


def text_table(data: bytes, name: str) -> TextTable:
    """Return the rows of one .csv file. CsvFault says what is wrong with it, at its cell where it has one."""
    text, encoding = _decoded(data, name)
    remarks = []
    if "\ufeff" in text:
        line = text.count("\n", 0, text.index("\ufeff")) + 1
        message = f"A mark of a file's beginning stands inside the file {name}.csv, in line {line}, and is left out: files may have been joined here."
        remarks.append(Problem(name, f"row {line}", message, "a byte order mark inside the file", "", "", Level.WARNING))
        text = text.replace("\ufeff", "")
    marked = _SEPARATOR_LINE.match(text)
    if marked:
        text = text[marked.end() :]
    separator = marked[1] if marked else _separator(text, name)
    try:
        rows = list(itertools.islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), MOST_ROWS + 1))
    except csv.Error:
        fix = "Check the quotation marks: one that opens must close, and stands doubled inside a quoted text."
        raise CsvFault(sheet_problem(name, "", "The file does not read as separated values.", fix)) from None
    width = max((len(row) for row in rows), default=0)
    filled = sum(sum(map(bool, row)) for row in rows)
    if len(rows) > MOST_ROWS or width > MOST_COLUMNS or filled > MOST_CELLS or len(rows) * width > MOST_PLACES:
        message = f"The file has {len(rows):,} rows or more, {width:,} columns and {filled:,} filled cells."
        fix = f"The limit is {MOST_ROWS:,} rows, {MOST_COLUMNS:,} columns and {MOST_CELLS:,} filled cells."
        raise CsvFault(sheet_problem(name, "", message, fix))
    if encoding and declared_sheet(name) is not None:
        remarks += _assumed(rows, encoding, name)
    faults = list(_faulty_texts(rows, name))
    if faults:
        raise CsvFault(*faults)
    return TextTable([[text if text.strip() else None for text in row] + [None] * (width - len(row)) for row in rows], separator, tuple(remarks))


# -- encodings -------------------------------------------------------------------------------------------------------------


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    """Return the text of a file, and the Windows code page that was assumed; "" where the encoding is sure."""
    mark, encoding = next(((mark, encoding) for mark, encoding in _MARKS if data.startswith(mark)), (b"", "utf-8"))
    if not mark and (wide := _unmarked_utf_16(data)):
        encoding = wide
    try:
        return data.decode("utf-8-sig" if encoding == "utf-8" else encoding), ""
    except UnicodeDecodeError:
        if encoding != "utf-8" or mark:
            message = "The file begins as Unicode, but does not go on as such: it is damaged."
            raise CsvFault(sheet_problem(name, "", message, "Save it again, or fetch it again.")) from None
    return _in_code_page(data, name), "cp1252"


def _unmarked_utf_16(data: bytes) -> str:
    """Return the kind of UTF-16 that a file without a mark is in: every other byte of its beginning is 0; "" if it is none."""
    start = data[:512]
    evens, odds = start[::2], start[1::2]
    if len(data) % 2 or len(start) < 4:
        return ""
    if odds.count(0) > 0.8 * len(odds) and not evens.count(0):
        return "utf-16-le"
    return "utf-16-be" if evens.count(0) > 0.8 * len(evens) and not odds.count(0) else ""


def _in_code_page(data: bytes, name: str) -> str:
    """Return a text in the code page of Windows in Western Europe, where each of its letters is the same in that of Central Europe.

    Which code page a file is in, nothing in it says: names are read only where the likely ones agree, and where the text is one in
    Latin letters with some accents, not one in another script.
    """
    text = data.decode("cp1252", "replace")
    high = re.findall(rb"[\x80-\xff]", data)
    runs = sum(map(len, re.findall(rb"[\xc0-\xff]{3,}", data)))
    agree = "\ufffd" not in text and text == data.decode("cp1250", "replace")
    inside = re.search(r"[^\W\d_][\u2018\u201a-\u2022\u2026\u2030\u2039\u203a\u2122\xa2-\xbf][^\W\d_]", text)
    if agree and runs <= 0.5 * len(high) and not inside:
        return text
    place = next(
        (
            number
            for number, line in enumerate(data.splitlines(), start=1)
            if re.search(rb"[\x80-\xff]", line) and line.decode("cp1252", "replace") != line.decode("cp1250", "replace")
        ),
        None,
    )
    place = place or next(number for number, line in enumerate(data.splitlines(), start=1) if re.search(rb"[\x80-\xff]", line))
    words = re.findall(rb"[A-Za-z\x80-\xff]*[\x80-\xff]+[A-Za-z\x80-\xff]*", data.splitlines()[place - 1])
    odd = next((word for word in words if word.decode("cp1252", "replace") != word.decode("cp1250", "replace")), words[0])
    readings = " or ".join(f"'{odd[:40].decode(page, 'replace')}' ({words})" for words, page in _CODE_PAGES.items())
    message = f"The file is not in UTF-8, and a text in line {place} may be {readings}, by the language of the Windows that wrote it."
    raise CsvFault(sheet_problem(name, f"row {place}", message, AS_UTF_8, "a text that is not in UTF-8", "a file in UTF-8"))


def _assumed(rows: list[list[str]], encoding: str, name: str) -> list[Problem]:
    """Return the warning that says how a file that is not in Unicode was read, with the first text that it matters for."""
    for number, row in enumerate(rows, start=1):
        for position, text in enumerate(row, start=1):
            if not text.isascii():
                cell = f"{get_column_letter(position)}{number}"
                message = f"The file is not in UTF-8; it is read as one from Windows in Western Europe ({encoding}), so that {cell} says '{text.strip()[:60]}'."
                return [sheet_problem(name, cell, message, f"If that is wrong: {AS_UTF_8[0].lower()}{AS_UTF_8[1:]}", encoding, "UTF-8", Level.WARNING)]
    return []


# -- separators ------------------------------------------------------------------------------------------------------------


def _separator(text: str, name: str) -> str:
    """Return what separates the values: that by which the most headers of the sheet are found; else that of which the first row has most."""
    sheet = declared_sheet(name)
    names = header_names(sheet) if sheet is not None else set()

    def score(separator: str) -> tuple[int, int]:
        try:
            rows = list(itertools.islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), _HEADER_ROWS))
        except csv.Error:
            return 0, 0
        headers = max((sum(normalize(cell) in names for cell in row) for row in rows), default=0)
        return headers, len(rows[0]) if rows else 0

    return max(SEPARATORS, key=score)


def _faulty_texts(rows: list[list[str]], name: str) -> list[Problem]:
    """Yield the problem of each cell that holds a character which no text has."""
    found = []
    for number, row in enumerate(rows, start=1):
        if _CONTROL.search("".join(row)):
            for position, text in enumerate(row, start=1):
                if odd := _CONTROL.search(text):
                    cell = f"{get_column_letter(position)}{number}"
                    what = "a NUL character" if odd[0] == "\0" else f"the invisible character number {ord(odd[0])}"
                    message = f"The cell {cell} of the file {name}.csv holds {what}: the file is damaged, or no text."
                    found.append(sheet_problem(name, cell, message, "Type the cell again, or fetch the file again.", what, "text"))
    return found[:50]
