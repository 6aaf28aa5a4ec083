"""The guard before the parser: what a file is by its content, and whether it is safe to unpack and parse.

A workbook is a zip of XML parts. A small file can unpack to gigabytes, or make the parser take minutes; everything that could
is bounded here, by counting in the raw bytes, before a parser sees them. Each refusal tells a planner what to do.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from optimizer.errors import Problem, WorkbookError

MOST_BYTES = 20_000_000
MOST_PARTS = 5_000
MOST_PART_BYTES = 96 * 2**20
MOST_UNPACKED_BYTES = 256 * 2**20
RATIO, RATIO_FROM = 200, 4 * 2**20
"""A part may unpack to this many times its size once it is larger than RATIO_FROM: real workbooks reach 6 to 12."""
LONGEST_TOKEN = 2**20
"""Expat before 2.6 takes quadratic time over a long tag or comment (CVE-2023-52425)."""
MOST_CELLS = 2_000_000
MOST_ROWS, MOST_COLUMNS = 200_000, 1_000
MOST_RANGE_CELLS = 1_000_000
"""Cells in the merged areas and hyperlinks of a sheet: the parser makes an object of each."""
RANGE_COST = 50
"""One more such area takes the parser as long as this many cells in it."""

SAVE_AS = "Open it in Excel and save it as Excel Workbook (.xlsx)."
_ENCODINGS = {b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252"}
_RANGES = re.compile(rb"<(?:\w+:)?(?:mergeCell|hyperlink)\s[^>]*?\bref\s*=\s*[\"']([^\"']*)[\"']")
_CELL_RANGE = re.compile(rb"([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?")
_CELL = re.compile(rb"<(?:\w+:)?(?:c|row)[\s>/]")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")


def refusal(name: str, message: str, found: str = "", expected: str = "", fix: str = "") -> WorkbookError:
    """The error that refuses a whole file for one reason."""
    return WorkbookError([Problem("", "", f"{message} {fix}".strip(), found, expected, fix)], source=name)


def check_size(size: int, name: str) -> None:
    """Refuse a file that is larger than any workbook that this is made for."""
    if size > MOST_BYTES:
        fix = "Remove pictures, old sheets and empty formatted rows."
        raise refusal(name, f"The file has {size / 1e6:.1f} MB; the limit is {MOST_BYTES / 1e6:.0f} MB.", f"{size} bytes", fix=fix)


def guard(data: bytes, name: str) -> bool:
    """Refuse, with a WorkbookError, what is no workbook or not safe to parse. Returns whether any sheet holds formulas."""
    check_size(len(data), name)
    _check_kind(data, name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_directory(archive, name)
            return _check_parts(archive, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError) as error:
        message = "The file is damaged: it ends early or its content does not fit its table of contents."
        raise refusal(name, message, "a damaged .xlsx", "a whole workbook", "Save it again in Excel, or fetch it again.") from error


def _check_kind(data: bytes, name: str) -> None:
    """Tell by its first bytes, never by its name, what a file is; refuse all but a zip."""
    if data[:4] == b"PK\x03\x04":
        return
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not data:
        found, fix = "an empty file", "Save the workbook again."
    elif data[:8] == bytes.fromhex("d0cf11e0a1b11ae1"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            found, fix = "a workbook protected by a password", "Open it in Excel, remove the password (File > Info) and save it."
        else:
            found, fix = "an old Excel or Office file (.xls)", SAVE_AS
    elif start.startswith(b"%pdf"):
        found, fix = "a PDF", "Give the workbook that it was printed from."
    elif start.startswith((b"<!doctype html", b"<html", b"<table")):
        found, fix = "a web page", SAVE_AS
    elif start.startswith(b"<?xml"):
        found, fix = "an XML file", SAVE_AS
    elif data[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0", b"GIF8"):
        found, fix = "a picture", "Give the workbook itself."
    elif _is_text(data):
        found, fix = "plain text, such as .csv", f"{SAVE_AS} Or put one .csv file for each sheet in a folder and give the folder."
    else:
        found, fix = "a file of an unknown kind", SAVE_AS
    raise refusal(name, f"This is {found}, not an Excel workbook.", found, "an Excel workbook (.xlsx or .xlsm)", fix)


def _is_text(data: bytes) -> bool:
    try:
        return b"\0" not in data and bool(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return b"," in data[:512] and all(byte >= 9 for byte in data[:512])


def _check_directory(archive: zipfile.ZipFile, name: str) -> None:
    """The table of contents of the zip: whose it is, and that it is no bomb."""
    parts = archive.infolist()
    names = [part.filename.lower() for part in parts]
    if "xl/workbook.xml" not in names:
        kinds = {"xl/workbook.bin": "a binary workbook (.xlsb)", "word/document.xml": "a Word document",
                 "ppt/presentation.xml": "a PowerPoint presentation", "content.xml": "an OpenDocument file such as .ods",
                 "index/document.iwa": "a Numbers file"}
        found = next((kind for part, kind in kinds.items() if part in names), "a zip archive")
        raise refusal(name, f"This is {found}, not an Excel workbook.", found, "an Excel workbook (.xlsx or .xlsm)", SAVE_AS)
    total = sum(part.file_size for part in parts)
    ends = [part.header_offset + 30 + len(part.filename) + part.compress_size for part in sorted(parts, key=lambda p: p.header_offset)]
    starts = sorted(part.header_offset for part in parts)
    faults = {
        f"it has more than {MOST_PARTS} parts": len(parts) > MOST_PARTS,
        "two of its parts have one name": len(set(names)) < len(names),
        "a part has a path of its own": any(re.match(r"[/\\]|.*:", part) or ".." in re.split(r"[/\\]", part) for part in names),
        "a part is encrypted": any(part.flag_bits & 0x1 for part in parts),
        "a part is packed in an unusual way": any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts),
        "its parts overlap": any(end > start for end, start in zip(ends, starts[1:], strict=False)),
        "it unpacks to far more than a workbook holds": total > MOST_UNPACKED_BYTES or any(_is_bomb(part) for part in parts),
    }
    for fault, found in faults.items():
        if found:
            raise refusal(name, f"The file is not safe to open: {fault}.", fault, "a workbook as Excel saves it", SAVE_AS)


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    packed_too_well = part.file_size > RATIO_FROM and part.file_size > RATIO * max(part.compress_size, 1)
    return packed_too_well or part.file_size > MOST_PART_BYTES


def _check_parts(archive: zipfile.ZipFile, name: str) -> bool:
    """The XML parts before they are parsed. Reading one also checks its checksum."""
    cells, formulas = 0, False
    for part in archive.infolist():
        data = archive.read(part)
        lower = part.filename.lower()
        if not lower.endswith((".xml", ".rels", ".vml")):
            continue
        if fault := _xml_fault(data):
            fix = "Unmerge or unlink them, and save it." if "merges" in fault else SAVE_AS
            raise refusal(name, f"The file is not safe to open: {part.filename} {fault}.", fault, "a workbook as Excel saves it", fix)
        if lower == "xl/workbook.xml" and b"purl.oclc.org/ooxml" in data:
            found = "a workbook saved as Strict Open XML"
            raise refusal(name, f"This is {found}, which is not read.", found, "an Excel Workbook (.xlsx)", SAVE_AS)
        if lower.startswith("xl/worksheets/"):
            cells += len(_CELL.findall(data))
            formulas = formulas or _FORMULA.search(data) is not None
    if cells > MOST_CELLS:
        fix = "Delete the sheets that are not needed, and rows and columns that are formatted but empty."
        raise refusal(name, f"The workbook has {cells:,} cells; the limit is {MOST_CELLS:,}.", f"{cells} cells", fix=fix)
    return formulas


def _xml_fault(data: bytes) -> str | None:
    """Why a part must not be parsed, if it must not."""
    declared = re.search(rb"encoding\s*=\s*[\"']([^\"']*)[\"']", data[:200])
    if b"\0" in data or (declared and declared[1].lower() not in _ENCODINGS):
        return "has an unusual text encoding"
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return "declares entities of its own"
    if _has_long_token(data):
        return "holds a tag or comment of over a million letters"
    total = 0
    for reference in _RANGES.findall(data):
        cells = _range_cells(reference)
        total += cells + RANGE_COST
        if cells == 0 or total > MOST_RANGE_CELLS:
            return f"merges or links too many cells ({reference.decode('ascii', 'replace')[:40]})"
    return None


def _has_long_token(data: bytes) -> bool:
    """Whether one tag, comment or the like may be longer than LONGEST_TOKEN."""
    for opening, closing in ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>")):
        start = data.find(opening)
        while start >= 0:
            end = data.find(closing, start)
            if end < 0 or end - start > LONGEST_TOKEN:
                return True
            start = data.find(opening, end)
    position = 0
    while position + LONGEST_TOKEN < len(data):
        # The last "<" within reach: between it and the one before lies less than a token's length.
        following = data.rfind(b"<", position + 1, position + LONGEST_TOKEN)
        if following < 0:
            return True
        position = following
    return False


def _range_cells(reference: bytes) -> int:
    """How many cells a range holds; 0 if it is none."""
    found = _CELL_RANGE.fullmatch(reference.replace(b"$", b""))
    if not found:
        return 0
    left, top, right, bottom = found[1], int(found[2]), found[3] or found[1], int(found[4] or found[2])
    return (abs(_column_number(right) - _column_number(left)) + 1) * (abs(bottom - top) + 1)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
