"""Put the values of formulas back into a workbook that was saved without them.

openpyxl writes a formula without the value that it had. Here the XML of each sheet is parsed, and of the cells in question the type and the
value are replaced; every other byte stays as it was written.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from openpyxl.utils.datetime import WINDOWS_EPOCH, to_excel

from optimizer.forms.writing import safe_text
from optimizer.intake.cells.parse import ERROR_VALUES
from optimizer.intake.files.package import Package, parse, relation_id

Values = Mapping[str, Any]
"""The name of a cell, such as D4 -> the value of its formula; None for a formula that gives no text."""


def with_cached_values(data: bytes, values: Mapping[str, Values], epoch: dt.datetime = WINDOWS_EPOCH) -> bytes:
    """Return the workbook with the values of formulas. values: title of a sheet -> its cells; epoch: the day from which its dates count.

    A cell that holds no formula, or is not there, stays as it is.
    """
    if not any(values.values()):
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        of_part = {part: values[title] for title, part in _sheet_parts(Package(old)).items() if values.get(title)}
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry, patched(content, of_part[entry.filename], epoch) if entry.filename in of_part else content)
    return out.getvalue()


def _sheet_parts(package: Package) -> dict[str, str]:
    """Return the part that holds each sheet, by the sheet's title."""
    book = next((one.target for one in package.relations("").values() if one.kind == "officeDocument"), "xl/workbook.xml")
    relations, found = package.relations(book), {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        relation = relations.get(relation_id(attributes))
        if tag.endswith(" sheet") and relation is not None:
            found[attributes.get("name", "")] = relation.target

    parse(package.read(book), start)
    return found


def patched(xml: bytes, values: Values, epoch: dt.datetime = WINDOWS_EPOCH) -> bytes:
    """Return the XML of a sheet with the values of its formulas."""
    cells = _FormulaCells(xml, values)
    pieces, position = [], 0
    for cell in cells.found:
        kind, text = _type_and_text(values[cell.attributes["r"]], epoch)
        attributes = {name: value for name, value in cell.attributes.items() if name != "t"} | ({"t": kind} if kind else {})
        prefix = cell.tag.rpartition("c")[0]
        start = f"<{cell.tag}{''.join(f' {name}={quoteattr(value)}' for name, value in attributes.items())}>"
        value = f"<{prefix}v>{escape(text)}</{prefix}v>"
        formula = xml[slice(*cell.children[f"{prefix}f"])]
        rest = [xml[slice(*span)] for name, span in cell.children.items() if name not in (f"{prefix}f", f"{prefix}v")]
        pieces += [xml[position : cell.start], start.encode(), formula, value.encode(), *rest]
        position = cell.end
    return b"".join([*pieces, xml[position:]])


class _Cell:
    """A cell as it stands in the XML. start, end: where its start tag begins and its end tag begins; children: tag -> where they stand."""

    def __init__(self, tag: str, attributes: dict[str, str], start: int) -> None:
        self.tag, self.attributes, self.start, self.end = tag, attributes, start, start
        self.children: dict[str, tuple[int, int]] = {}


class _FormulaCells:
    """Find the cells of a sheet that hold a formula and are wanted, with the bytes that they and their children take."""

    def __init__(self, xml: bytes, wanted: Values) -> None:
        self.found: list[_Cell] = []
        self._xml, self._wanted = xml, wanted
        self._path: list[tuple[str, int]] = []
        self._cell: _Cell | None = None
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._start, self._end
        self._parser.Parse(xml, True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        start = self._parser.CurrentByteIndex
        if tag.rpartition(":")[2] == "c" and attributes.get("r") in self._wanted and self._cell is None:
            self._cell = _Cell(tag, attributes, start)
        self._path.append((tag, start))

    def _end(self, tag: str) -> None:
        _, start = self._path.pop()
        if self._cell is None:
            return
        end = self._parser.CurrentByteIndex  # where the end tag begins; behind a tag that is empty
        if start == self._cell.start:
            self._cell.end = end
            if any(name.rpartition(":")[2] == "f" for name in self._cell.children):
                self.found.append(self._cell)
            self._cell = None
        elif self._path[-1][1] == self._cell.start:
            closing = f"</{tag}".encode()
            is_closing = self._xml.startswith(closing, end) and self._xml[end + len(closing) : end + len(closing) + 1] in (b">", b" ", b"\t", b"\r", b"\n")
            self._cell.children[tag] = (start, self._xml.index(b">", end) + 1 if is_closing else end)


def _type_and_text(value: Any, epoch: dt.datetime) -> tuple[str, str]:
    """Return the type of a cell, "" for a number, and its value as the file holds it."""
    if value is None:
        return "str", ""
    if isinstance(value, str):
        return ("e" if value.strip().upper() in ERROR_VALUES else "str"), safe_text(value)
    if isinstance(value, bool):
        return "b", str(int(value))
    return "", repr(value if isinstance(value, (int, float)) else to_excel(value, epoch))
