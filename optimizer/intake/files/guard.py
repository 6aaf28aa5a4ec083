"""The guard before the parser: what a file is by its content, and whether it is safe to unpack.

A workbook is a zip of XML parts. A small file can unpack to gigabytes: everything that could is bounded here, before anything is
parsed; package.py then checks each part. Each refusal tells a planner what to do.
"""

from __future__ import annotations

import re
import zipfile

from optimizer.intake.files.limits import MOST_BYTES, MOST_PARTS, MOST_UNPACKED_BYTES, RATIO, RATIO_FROM
from optimizer.intake.files.refusals import SAVE_AS, refusal


def check_size(size: int, name: str) -> None:
    """Refuse a file that is larger than any workbook that this is made for."""
    if size > MOST_BYTES:
        fix = "Remove pictures, old sheets and empty formatted rows."
        raise refusal(name, f"The file has {size / 1e6:.1f} MB; the limit is {MOST_BYTES / 1e6:.0f} MB.", f"{size} bytes", fix=fix)


def check_kind(data: bytes, name: str) -> None:
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


def check_directory(archive: zipfile.ZipFile, name: str) -> None:
    """Check by its table of contents that a zip is a workbook, and that unpacking it is safe."""
    parts = archive.infolist()
    names = [part.filename.replace("\\", "/").casefold() for part in parts]
    if "xl/workbook.xml" not in names and not _is_workbook(archive, names):
        kinds = {
            "xl/workbook.bin": "a binary workbook (.xlsb)",
            "word/document.xml": "a Word document",
            "ppt/presentation.xml": "a PowerPoint presentation",
            "content.xml": "an OpenDocument file such as .ods",
            "index/document.iwa": "a Numbers file",
        }
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
    for fault, is_there in faults.items():
        if is_there:
            raise refusal(name, f"The file is not safe to open: {fault}.", fault, "a workbook as Excel saves it", SAVE_AS)
    _check_whole(archive)


def _is_workbook(archive: zipfile.ZipFile, names: list[str]) -> bool:
    """Return whether a zip says that one of its parts, under whatever name, is a workbook's list of sheets."""
    types = next((part for part in archive.infolist() if part.filename.casefold() == "[content_types].xml" and part.file_size < RATIO_FROM), None)
    return types is not None and "_rels/.rels" in names and re.search(rb"spreadsheetml\.sheet\.main|ms-excel\.sheet\.macro", archive.read(types)) is not None


def _check_whole(archive: zipfile.ZipFile) -> None:
    """Unpack every part once, keeping none: zipfile checks its size and checksum, and fails where a part is damaged."""
    for part in archive.infolist():
        with archive.open(part) as unpacked:
            while unpacked.read(2**20):
                pass


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    packed_too_well = part.file_size > RATIO_FROM and part.file_size > RATIO * max(part.compress_size, 1)
    return packed_too_well or part.file_size > MOST_UNPACKED_BYTES
