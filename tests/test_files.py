"""Files that are no sound workbooks: refused before they are parsed, with what they are and what to do."""

from __future__ import annotations

import io
import zipfile

import pytest
from books import only, problems_of, put, repacked, says, sound, write_csv, write_xlsx

from optimizer.intake.files import limits


def bytes_of(sheets, tmp_path):
    return write_xlsx(sheets, tmp_path / "sound.xlsx").read_bytes()


def sheet_with(data, old, new):
    """The workbook with a replacement in its first sheet's XML."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    assert old in xml
    return repacked(data, **{"xl/worksheets/sheet1.xml": xml.replace(old, new, 1)})


def zip_of(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


OLE = bytes.fromhex("d0cf11e0a1b11ae1")
COMMENT = b"<!--" + b"x" * (limits.LONGEST_TOKEN + 9) + b"-->"

FILES = {
    "an empty file": (lambda data: b"", "an empty file"),
    "an old .xls": (lambda data: OLE + bytes(600) + "Workbook".encode("utf-16-le"), ".xls", "save it as Excel Workbook (.xlsx)"),
    "a password": (lambda data: OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "protected by a password", "remove the password"),
    "a csv in disguise": (lambda data: b"material,unit\nOre,t\n", "plain text, such as .csv", "folder"),
    "a pdf": (lambda data: b"%PDF-1.7\n...", "a PDF"),
    "a web page": (lambda data: b"\n<html><table></table></html>", "a web page"),
    "a picture": (lambda data: b"\x89PNG\r\n\x1a\n\0\0", "a picture"),
    "noise": (lambda data: bytes(range(256)) * 4, "unknown kind"),
    "a binary workbook": (lambda data: zip_of(**{"xl/workbook.bin": b"x"}), "(.xlsb)", "save it as"),
    "an .ods": (lambda data: zip_of(mimetype=b"application/vnd.oasis", **{"content.xml": b"<x/>"}), ".ods", "save it as"),
    "a Word document": (lambda data: zip_of(**{"word/document.xml": b"<x/>"}), "a Word document"),
    "any zip": (lambda data: zip_of(**{"a.txt": b"x"}), "a zip archive"),
    "a truncated file": (lambda data: data[: len(data) * 2 // 3], "damaged", "ends early"),
    "a flipped byte": (lambda data: data[:3000] + bytes([data[3000] ^ 255]) + data[3001:], "damaged"),
    "a zip bomb": (lambda data: repacked(data, **{"xl/media/a.bin": bytes(30_000_000)}), "unpacks to far more"),
    "a part of its own path": (lambda data: repacked(data, **{"../../evil.xml": b"<x/>"}), "a path of its own"),
    "too many parts": (lambda data: repacked(data, **{f"x{k}.bin": b"" for k in range(limits.MOST_PARTS)}), "more than 5000 parts"),
    "an entity": (lambda data: sheet_with(data, b"<worksheet", b"<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet"), "entities"),
    "a huge comment": (lambda data: sheet_with(data, b"<sheetData>", COMMENT + b"<sheetData>"), "over a million letters"),
    "a huge attribute": (lambda data: sheet_with(data, b"<sheetData>", b'<sheetData x="' + COMMENT[4:-3] + b'">'), "over a million letters"),
    "a merge of everything": (
        lambda data: sheet_with(data, b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
        "merges too many",
    ),
    "a value at the end of the sheet": (
        lambda data: sheet_with(data, b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'),
        "XFD1048576",
        "the limit is",
    ),
    "broken XML": (lambda data: sheet_with(data, b"</sheetData>", b"</sheetDat>"), "cannot be read", "save it as a new"),
    "broken text": (lambda data: sheet_with(data, b"<sheetData>", b"<sheetData>\xff\xfe"), "cannot be read"),
}

NAMED = ("an entity", "a huge comment", "a huge attribute", "a merge of everything", "a value at the end of the sheet", "broken XML", "broken text")
"""What is unsound in one sheet alone: the sheet is named."""


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_sound_workbook_is_refused_with_what_to_do(name, tmp_path):
    """Each kind of file that is no sound workbook gives one problem that says what it is and what to do."""
    spoil, *words = FILES[name]
    path = tmp_path / "case.xlsx"
    path.write_bytes(spoil(bytes_of(sound(), tmp_path)))
    problem = only(problems_of(path))
    says(problem, "Settings" if name in NAMED else "", *words)
    assert problem.fix


def test_a_part_named_twice_is_refused(tmp_path):
    """A workbook with two parts whose names differ only in case is refused."""
    out = io.BytesIO(bytes_of(sound(), tmp_path))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("XL/WORKBOOK.xml", b"<x/>")
    (tmp_path / "case.xlsx").write_bytes(out.getvalue())
    says(only(problems_of(tmp_path / "case.xlsx")), "", "two of its parts have one name")


def test_parts_that_overlap_are_refused(tmp_path):
    """A zip file in which two entries share their bytes is refused."""
    data = bytearray(repacked(bytes_of(sound(), tmp_path), **{"a.bin": b"one", "b.bin": b"one"}))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first = archive.getinfo("a.bin").header_offset
    entry = data.index(b"b.bin", data.index(b"PK\x01\x02")) - 46
    data[entry + 42 : entry + 46] = first.to_bytes(4, "little")
    (tmp_path / "case.xlsx").write_bytes(data)
    says(only(problems_of(tmp_path / "case.xlsx")), "", "overlap")


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path):
    """A file of more than 20 MB is refused by its size, with the limit."""
    with (tmp_path / "case.xlsx").open("wb") as file:
        file.truncate(limits.MOST_BYTES + 1)
    says(only(problems_of(tmp_path / "case.xlsx")), "", "20.0 MB", "the limit is 20 MB")


def test_a_missing_file_or_an_empty_folder_is_named(tmp_path):
    """A path that does not exist and a folder without .csv files each give one problem that names the path or what is missing."""
    says(only(problems_of(tmp_path / "none.xlsx")), "", "There is no file", "none.xlsx")
    says(only(problems_of(tmp_path)), "", "holds no .csv file", "one .csv file for each sheet")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'material,unit\n"Ore,t\n', ("quotation marks",)),
        (b"\xff\xfem\0a\0t", ("begins as Unicode", "damaged")),
        (b"material,unit\n" + b"Ore," * 1001 + b"\n", ("1,002 columns", "The limit is")),
    ],
)
def test_a_faulty_csv_file_names_its_sheet(data, words, tmp_path):
    """An open quotation mark, broken Unicode or too many columns are a problem of the sheet that the file is named after."""
    folder = write_csv(sound(), tmp_path / "case")
    (folder / "Materials.csv").write_bytes(data)
    says(only(problems_of(folder)), "Materials", *words)


@pytest.mark.parametrize("text", ["nan", "inf", "1_500", "1,500", "1e999", "0x10", "١٢"])
def test_what_only_looks_like_a_number_in_csv_is_text(text, tmp_path):
    """Texts that Python would turn into numbers, such as nan, 1_500 or 0x10, are refused as prices."""
    sheets = sound()
    put(sheets, "Suppliers", 2, "price", text)
    says(only(problems_of(write_csv(sheets, tmp_path / "case"))), "Suppliers!E2", "the text", text)
