"""Load the planner's own file into openpyxl to edit it; where openpyxl cannot take it, load as much of it as it can.

Reading a file (excel_files.py) needs its values alone; editing it needs openpyxl, which fails on parts that only concern the looks. Then
these are put aside, the least first: the document's properties, then fonts, fills and borders.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Collection
from xml.sax.saxutils import quoteattr

import openpyxl
from openpyxl.workbook import Workbook

from optimizer.intake.files.limits import MOST_BYTES, MOST_STYLES
from optimizer.intake.files.package import MAIN, Package, as_utf_8, xml_fault
from optimizer.intake.files.styles import cell_styles

NO_PROPERTIES = "The document's properties (author, dates) could not be kept: they are written in a way that is not understood."
NO_LOOKS = "The fonts, colours and borders could not be kept: they are written in a way that is not understood. Values, formulas and number formats are."
NEW_FILE = "The original file could not be changed, so this is a new one: it holds the values and number formats, but no formulas, colours or drop-downs."

_MOST_LINKED_CELLS = 100_000
_MOST_TAGS_BESIDE_CELLS = 200_000
_LINK = re.compile(rb"<(?:\w+:)?hyperlink\s[^>]*?\bref\s*=\s*[\"']\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")
_STYLES = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"


def load_to_edit(data: bytes, titles: Collection[str]) -> tuple[Workbook, str] | None:
    """Return the file with its formulas, formats and, if it has any, macros, and a sentence on what could not be kept, "" for nothing.

    titles: of the sheets that it must have. None where the file cannot be edited, or not within bounds.
    """
    if not _in_bounds(data):
        return None
    for repaired, lost in ((_as_it_is, ""), (_without_properties, NO_PROPERTIES), (_without_looks, NO_LOOKS)):
        try:
            book = _open(repaired(data))
        except Exception:  # openpyxl fails in many ways on a part that it does not understand; the next attempt is without it
            continue
        if set(titles) <= {page.title for page in book.worksheets}:
            return book, lost
    return None


def _open(data: bytes) -> Workbook:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        macros = "xl/vbaProject.bin" in archive.namelist()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pictures and extensions, which openpyxl does not keep
        return openpyxl.load_workbook(io.BytesIO(data), keep_vba=macros, rich_text=True)


def _in_bounds(data: bytes) -> bool:
    """Return whether openpyxl takes bounded time and memory for a file: it makes an object of every tag, and of every cell that a link covers."""
    beside = linked = 0
    if len(data) > MOST_BYTES:
        return False
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.infolist():
            xml = as_utf_8(archive.read(part))
            if not xml.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
                continue
            beside += max(xml.count(b"<") - 8 * (xml.count(b"<c ") + xml.count(b"<si>")) - 2 * xml.count(b"<row "), 0)
            for left, top, right, bottom in _LINK.findall(xml):
                width = openpyxl.utils.column_index_from_string((right or left).decode()) - openpyxl.utils.column_index_from_string(left.decode())
                linked += (abs(width) + 1) * (abs(int(bottom or top) - int(top)) + 1)
            if xml_fault(xml) or beside > _MOST_TAGS_BESIDE_CELLS or linked > _MOST_LINKED_CELLS or xml.count(b"<xf ") > MOST_STYLES:
                return False
    return True


# -- repairs ---------------------------------------------------------------------------------------------------------------


def _as_it_is(data: bytes) -> bytes:
    return data


def _without_properties(data: bytes) -> bytes:
    return _repacked(data, lambda name, content: None if name.casefold().startswith("docprops/") else content)


def _without_looks(data: bytes) -> bytes:
    """Return the file with styles that hold number formats alone."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        package = Package(archive)
        book = next((one.target for one in package.relations("").values() if one.kind == "officeDocument"), "xl/workbook.xml")
        styles = next((one.target for one in package.relations(book).values() if one.kind == "styles"), "xl/styles.xml")
        own = package.read(styles) if styles in package else b""

    def plain(name: str, content: bytes) -> bytes | None:
        if name == "[Content_Types].xml" and not own:
            return content.replace(b"</Types>", f'<Override PartName="/{styles}" ContentType="{_STYLES}"/></Types>'.encode())
        return None if name.casefold().startswith("docprops/") or name == styles else content

    return _repacked(data, plain, {styles: _plain_styles(own)})


def _plain_styles(data: bytes) -> bytes:
    """Return a part of styles with the number formats of an old one, and as many rules of conditional formats, which change nothing."""
    formats = [style.format for style in cell_styles(data)] if data else ["General"]
    numbers = {text: 164 + number for number, text in enumerate(dict.fromkeys(formats))}
    declared = "".join(f'<numFmt numFmtId="{number}" formatCode={quoteattr(text)}/>' for text, number in numbers.items())
    cells = "".join(f'<xf numFmtId="{numbers[text]}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' for text in formats)
    rules = "<dxf/>" * len(re.findall(rb"<(?:\w+:)?dxf[\s>/]", data))
    return (
        f'<styleSheet xmlns="{MAIN[0]}"><numFmts>{declared}</numFmts>'
        '<fonts><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
        '<fills><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
        "<borders><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
        '<cellStyleXfs><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs>{cells}</cellXfs><cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles><dxfs>{rules}</dxfs></styleSheet>'
    ).encode()


def _repacked(data: bytes, change: Callable[[str, bytes], bytes | None], added: dict[str, bytes] | None = None) -> bytes:
    """Return the file with each part as `change` gives it, None leaving it out, and further parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = change(part.filename, old.read(part))
            if content is not None:
                new.writestr(part.filename, content)
        for name, content in (added or {}).items():
            new.writestr(name, content)
    return out.getvalue()
