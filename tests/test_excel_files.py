"""Excel files as programs write them: sound ones are read whatever they look like, unsound ones never lose a value in silence."""

from __future__ import annotations

import datetime as dt
import io
import os
import socket
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from books import only, problems_of, raw, repacked, sound, write_xlsx

from optimizer.editing.file import ABOUT, edited_bytes
from optimizer.editing.load import NEW_FILE, NO_LOOKS, NO_PROPERTIES
from optimizer.editing.sheets import sheet_of, with_address
from optimizer.errors import WorkbookError
from optimizer.intake.cells.parse import Formula
from optimizer.intake.files import limits
from optimizer.intake.reader import case_from_sheets, read, read_sheets, sheets_of_bytes
from optimizer.runs.uploads import read_upload

CASES = Path(__file__).parent / "cases"
NAMES = list(sound())
OFFERS = f"xl/worksheets/sheet{NAMES.index('Suppliers') + 1}.xml"
LINKS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The bytes of a sound workbook."""
    return write_xlsx(sound(), tmp_path_factory.mktemp("sound") / "case.xlsx").read_bytes()


def part(data, name=OFFERS):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def swapped(data, old, new, name=OFFERS):
    """The workbook with a replacement in one of its parts."""
    old, new = (text.encode() if isinstance(text, str) else text for text in (old, new))
    assert old in part(data, name)
    return repacked(data, **{name: part(data, name).replace(old, new, 1)})


def renamed(data, old, new):
    """The workbook with a part under another name, to which its relationships lead."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as changed:
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith((".rels", "[Content_Types].xml")):
                content = content.replace(old.encode(), new.encode())
            changed.writestr(new if name == old else name, content)
    return out.getvalue()


def listed(data, entry, relation=""):
    """The workbook with a further sheet in its list."""
    data = swapped(data, "</sheets>", f"{entry}</sheets>", "xl/workbook.xml")
    return swapped(data, "</Relationships>", f"{relation}</Relationships>", "xl/_rels/workbook.xml.rels")


def values(sheets):
    return {one.name: one.rows for one in sheets}


# -- what a file looks like does not matter --------------------------------------------------------------------------------


COSMETIC = {
    "01-empty-fill-style": NO_LOOKS,
    "01b-fill-extlst": NO_LOOKS,
    "01d-core-date": NO_PROPERTIES,
    "01e-no-styles": NEW_FILE,
    "01f-bad-colour": NO_LOOKS,
    "01j-font-family": NO_LOOKS,
}


@pytest.mark.parametrize("name", COSMETIC)
def test_a_part_that_only_concerns_the_looks_never_stands_in_the_way(name):
    """The case is read, and the file can be edited and downloaded; what it lost on the way is said in it."""
    path = CASES / "messy" / f"{name}.xlsx"
    reading = read(path)
    assert [(offer.supplier, offer.price, offer.capacity_per_year) for offer in reading.case.offers] == [
        ("Eastern Metals", 600, 9000),
        ("Rhine Refining", 850, 3000),
        ("Eastern Metals", 2600, 3000),
        ("Maple Zinc", 3400, 900),
    ]
    assert reading.case.settings.start == dt.date(2027, 1, 1)
    edited = with_address(reading.sheets, "Suppliers", "E2", 610)
    again = sheets_of_bytes(edited_bytes(path.read_bytes(), reading.sheets, edited), "case.xlsx").sheets
    assert values(again) == {**values(edited), ABOUT: ((ABOUT,), (COSMETIC[name],))}
    assert case_from_sheets(again).case.offers[0].price == 610


def test_days_of_a_workbook_without_number_formats_are_read_and_said():
    """Without styles a day is a number: where the schema wants a day it is one, with a warning."""
    reading = read(CASES / "messy" / "01e-no-styles.xlsx")
    assert [warning.where for warning in reading.warnings if "46388 is read as 2027-01-01" in warning.message] == ["Settings!B2"]


STYLES = {
    "an unknown colour": ("<fonts", '<fonts x="1"', "<font>", '<font><color rgb="red"/>'),
    "a pattern that is none": ("<fills", '<fills x="1"', "<fill>", '<fill><patternFill patternType="stripes"/></fill><fill>'),
    "a negative font size": ("<fonts", '<fonts x="1"', "<font>", '<font><sz val="-4"/>'),
    "a border that is none": ("<borders", '<borders x="1"', "<border>", '<border><left style="zigzag"/>'),
    "unknown parts": ("</styleSheet>", "<oddity><b/></oddity></styleSheet>", "<cellXfs", "<cellXfs"),
}


@pytest.mark.parametrize("name", STYLES)
def test_odd_styles_change_no_value(name, data):
    """Fonts, fills and borders of any kind leave the values as they are, and the number formats too."""
    first, second, old, new = STYLES[name]
    odd = swapped(swapped(data, first, second, "xl/styles.xml"), old, new, "xl/styles.xml")
    assert sheets_of_bytes(odd, "case.xlsx").sheets == sheets_of_bytes(data, "case.xlsx").sheets
    assert case_from_sheets(sheets_of_bytes(odd, "case.xlsx").sheets).case.offers[0].price == 300


@pytest.mark.parametrize("name", ["docProps/core.xml", "docProps/app.xml", "xl/theme/theme1.xml"])
def test_a_damaged_part_beside_the_cells_changes_nothing(name, data):
    """Damaged properties or a damaged theme leave every cell as it was read from the sound file."""
    assert sheets_of_bytes(repacked(data, **{name: b"<no xml"}), "case.xlsx").sheets == sheets_of_bytes(data, "case.xlsx").sheets


@pytest.mark.parametrize(
    "extra",
    [
        '<conditionalFormatting sqref="no range"><cfRule type="odd" dxfId="99"/></conditionalFormatting>',
        '<dataValidations count="x"><dataValidation type="odd" sqref="A1:XFD1048576"/></dataValidations>',
        '<hyperlinks><hyperlink ref="A1:XFD1048576" location="x"/></hyperlinks>',
        '<pageMargins left="wide"/><drawing r:id="rId99" ' + LINKS + "/>",
        '<extLst><ext uri="{x}"><a:b xmlns:a="a"><a:c/></a:b></ext></extLst>',
    ],
)
def test_what_stands_beside_the_cells_changes_nothing(extra, data):
    """Rules, links, drawings and extensions of any kind are passed over, and such a file can be edited."""
    odd = swapped(data, "</sheetData>", f"</sheetData>{extra}")
    sheets = sheets_of_bytes(odd, "case.xlsx").sheets
    assert sheets == sheets_of_bytes(data, "case.xlsx").sheets
    edited = with_address(sheets, "Suppliers", "E2", 310)
    again = values(sheets_of_bytes(edited_bytes(odd, sheets, edited), "case.xlsx").sheets)
    assert {name: again[name] for name in values(edited)} == values(edited)


def test_every_kind_of_value_is_known(tmp_path):
    """Numbers, texts, truths, errors, days, times, formulas with and without a value, percentages and formats come as they are."""
    path = tmp_path / "case.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("Kinds")
        page.write_row(0, 0, [1, 2.5, "text", True, " _x000D_ ", -1e-7])
        page.write_datetime(1, 0, dt.datetime(2027, 4, 1), book.add_format({"num_format": "dd/mm/yyyy"}))
        page.write_datetime(1, 1, dt.time(6, 30), book.add_format({"num_format": "hh:mm"}))
        page.write_number(1, 2, 1.5, book.add_format({"num_format": "[h]:mm"}))
        page.write_number(1, 3, 0.35, book.add_format({"num_format": "0.0%"}))
        page.write_number(1, 4, 7, book.add_format({"num_format": '000" kg"'}))
        page.write_formula(2, 0, "=1/0", value="#DIV/0!")
        page.write_formula(2, 2, "=2*2", value=4)
        page.write_rich_string(3, 0, "one ", book.add_format({"bold": True}), "two")
    (raw_sheet,) = read_sheets(path).sheets
    assert raw_sheet.rows == (
        (1, 2.5, "text", True, " _x000D_ ", -1e-7),
        (dt.datetime(2027, 4, 1), dt.time(6, 30), dt.timedelta(days=1.5), 0.35, 7, None),
        ("#DIV/0!", None, 4, None, None, None),
        ("one two", None, None, None, None, None),
    )
    assert raw_sheet.formats == {(1, 0): "dd/mm/yyyy", (1, 1): "hh:mm", (1, 2): "[h]:mm", (1, 3): "0.0%", (1, 4): '000" kg"'}
    assert raw_sheet.percents == {(1, 3)}


def test_formulas_without_a_value_are_their_text_each_of_a_shared_one_at_its_own_place(data):
    """A formula without a stored value is kept as a formula, and a shared one with its references moved to its own row."""
    cells = (
        '<row r="9"><c r="G9"><f t="shared" si="0" ref="G9:G10">E2*2</f></c><c r="H9"><f t="array" ref="H9">SUM(E:E)</f></c></row>'
        '<row r="10"><c r="G10"><f t="shared" si="0"/></c></row>'
    )
    offers = sheet_of(sheets_of_bytes(swapped(data, "</sheetData>", f"{cells}</sheetData>"), "case.xlsx").sheets, "Suppliers")
    assert [(type(value), value) for value in (offers.rows[8][6], offers.rows[8][7], offers.rows[9][6])] == [
        (Formula, "=E2*2"),
        (Formula, "=SUM(E:E)"),
        (Formula, "=E3*2"),
    ]


SOUND = {
    "a part under another name": lambda data: renamed(data, OFFERS, "xl/worksheets/table.dat"),
    "a part in UTF-16": lambda data: repacked(data, **{OFFERS: part(data).decode().encode("utf-16")}),
    "a dimension that lies": lambda data: swapped(data, "<dimension ref=", '<dimension ref="A1:B1" x='),
    "rows out of order": lambda data: swapped(data, b"<sheetData>" + b"".join(rows_of(data)), b"<sheetData>" + b"".join(rows_of(data)[::-1])),
    "rows without numbers": lambda data: repacked(data, **{OFFERS: b"".join(part(data).replace(f'<row r="{k}"'.encode(), b"<row") for k in [1])}),
    "absurd column widths": lambda data: swapped(data, "<sheetData>", '<cols><col min="1" max="999999999" width="1e308"/></cols><sheetData>'),
    "nested extensions": lambda data: swapped(data, "</sheetData>", "</sheetData>" + "<x>" * 20_000 + "</x>" * 20_000),
    "an empty row at the end": lambda data: swapped(data, "</sheetData>", '<row r="1048576" s="1"/></sheetData>'),
    "names without end": lambda data: swapped(
        data, "</sheets>", "</sheets><definedNames>" + '<definedName name="n">A1</definedName>' * 20_000 + "</definedNames>", "xl/workbook.xml"
    ),
}


def rows_of(data):
    return [b"<row" + rest for rest in part(data).split(b"<sheetData>")[1].split(b"</sheetData>")[0].split(b"<row")[1:]]


@pytest.mark.parametrize("name", SOUND)
def test_what_can_be_read_in_one_way_only_is_read(name, data):
    """An odd part that leaves no doubt about any value gives the very values of the plain file."""
    assert values(sheets_of_bytes(SOUND[name](data), "case.xlsx").sheets) == values(sheets_of_bytes(data, "case.xlsx").sheets)


def test_a_strict_open_xml_spreadsheet_is_read(data):
    """Excel's other format differs by its namespaces."""
    strict = data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            content = archive.read(name).replace(MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main")
            content = content.replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/relationships", b"http://purl.oclc.org/ooxml/officeDocument/relationships"
            )
            strict = repacked(strict, **{name: content})
    sheets = sheets_of_bytes(strict, "case.xlsx").sheets
    assert values(sheets) == values(sheets_of_bytes(data, "case.xlsx").sheets)
    again = sheets_of_bytes(edited_bytes(strict, sheets, with_address(sheets, "Suppliers", "E2", 310)), "case.xlsx").sheets
    assert sheet_of(again, "Suppliers").rows[1][4] == 310 and sheet_of(again, ABOUT).rows[1] == (NEW_FILE,)


# -- what is not clear is refused, never lost ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "where", "words"),
    [
        ("w17_no_t_inline", "Suppliers!H3", "a text of its own"),
        ("w24_v_nested", "Suppliers!F2", "a tag within its value"),
        ("w35_two_sheetdata", "Suppliers", "twice"),
        ("w38_same_sheet_name", "Suppliers", "Two sheets of the workbook are named Suppliers"),
        ("w41_limits_part_missing", "Limits", "the file does not hold it"),
        ("w82_merge_in_dat", "Suppliers", "merges too many cells"),
    ],
)
def test_a_file_that_would_lose_a_value_is_refused_by_sheet(name, where, words):
    """A file from which a value could be lost on the way is refused at its sheet or cell, with what to do."""
    problem = only(problems_of(CASES / "hostile" / f"{name}.xlsx"))
    assert problem.where == where and words in problem.message and problem.fix


CELL = '<c r="E2" t="n"><v>300</v></c>'
UNSOUND = {
    "a cell twice": ("</sheetData>", '<row r="9"><c r="A9"><v>1</v></c><c r="A9"><v>2</v></c></row></sheetData>', "Suppliers!A9", "stands twice"),
    "a row twice": ("</sheetData>", '<row r="2"><c r="A2"><v>1</v></c></row></sheetData>', "Suppliers", "Row 2 stands twice"),
    "a cell of another row": ("</sheetData>", '<row r="9"><c r="A8"><v>1</v></c></row></sheetData>', "Suppliers", "no cell of that row"),
    "a cell beyond the sheet": ("</sheetData>", '<row r="9"><c r="ZZZZ9"><v>1</v></c></row></sheetData>', "Suppliers", "no cell of that row"),
    "a row beyond the sheet": ("</sheetData>", '<row r="99999999"><c r="ZZZZ99999999"><v>1</v></c></row></sheetData>', "Suppliers", "row numbered"),
    "two values": (CELL, '<c r="E2"><v>300</v><v>400</v></c>', "Suppliers!E2", "second or misplaced"),
    "a value beside a text": (CELL, '<c r="E2" t="inlineStr"><v>300</v><is><t>400</t></is></c>', "Suppliers!E2", "beside another value"),
    "text outside a value": (CELL, '<c r="E2">300</c>', "Suppliers!E2", "text outside its value"),
    "a number that is none": (CELL, '<c r="E2"><v>3OO</v></c>', "Suppliers!E2", "reads otherwise"),
    "an infinite number": (CELL, '<c r="E2"><v>INF</v></c>', "Suppliers!E2", "reads otherwise"),
    "a text that is not there": (CELL, '<c r="E2" t="s"><v>99999</v></c>', "Suppliers!E2", "names a text"),
    "a truth that is none": (CELL, '<c r="E2" t="b"><v>2</v></c>', "Suppliers!E2", "does not read as such"),
    "a kind that is none": (CELL, '<c r="E2" t="zz"><v>2</v></c>', "Suppliers!E2", "of the kind 'zz'"),
    "a day that is none": (CELL, '<c r="E2" t="d"><v>tomorrow</v></c>', "Suppliers!E2", "of the kind 'd'"),
    "a nested cell": (CELL, f'<c r="E2">{CELL}</c>', "Suppliers!E2", "misplaced"),
    "a row outside the table": ("<sheetData>", '<row r="9"><c r="A9"><v>1</v></c></row><sheetData>', "Suppliers", "in an odd place"),
    "a table within an extension": ("</sheetData>", "</sheetData><extLst><ext><sheetData/></ext></extLst>", "Suppliers", "in an odd place"),
    "no table": (MAIN, "http://odd/main", "Suppliers", "no worksheet"),
    "a value under merged cells": ("</sheetData>", '</sheetData><mergeCells><mergeCell ref="E2:E4"/></mergeCells>', "Suppliers!E3", "hide the value that E3"),
    "merged cells without end": (
        "</sheetData>",
        "</sheetData><mergeCells>" + '<mergeCell ref="AA1:AB1"/>' * (limits.MOST_MERGES + 1) + "</mergeCells>",
        "Suppliers",
        "merges too many",
    ),
    "a text beyond a cell": (CELL, f'<c r="E2" t="inlineStr"><is><t>{"x" * 32768}</t></is></c>', "Suppliers!E2", "more letters"),
    "an entity": ("<sheetData>", '<sheetData><!DOCTYPE a [<!ENTITY b "c">]>', "Suppliers", "entities"),
    "a tag without end": ("</sheetData>", f'</sheetData><x y="{"z" * (limits.LONGEST_TOKEN + 1)}"/>', "Suppliers", "over a million letters"),
    "formulas that grow": (
        "</sheetData>",
        f'<row r="9"><c r="A9"><f t="shared" si="0">{"A1+" * 2000}1</f></c></row>'
        + "".join(f'<row r="{k}"><c r="A{k}"><f t="shared" si="0"/></c></row>' for k in range(10, 100))
        + "</sheetData>",
        "Suppliers",
        "formulas without a value",
    ),
    "tags without end": ("</sheetData>", "</sheetData>" + "<!----><a/>" * (limits.MOST_TAGS // 2), "Suppliers", "far more cells, texts or formats"),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_what_is_not_clear_is_refused_at_its_sheet_and_cell(name, data, tmp_path):
    """Markup that readers of Excel files understand in different ways is an error at its sheet or cell, with what to do."""
    old, new, where, words = UNSOUND[name]
    out = io.BytesIO(swapped(data, old, new))
    (tmp_path / "case.xlsx").write_bytes(stored(out.getvalue()) if name.endswith("without end") else out.getvalue())
    problems = problems_of(tmp_path / "case.xlsx")
    assert problems[0].where == where and words in problems[0].message and problems[0].fix, problems


def stored(data):
    """The same parts, not packed, so that no ratio of sizes gives them away."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return out.getvalue()


def test_all_faults_of_all_sheets_are_said_at_once(data, tmp_path):
    """Two unreadable cells and an unreadable sheet are reported together."""
    spoilt = swapped(data, CELL, '<c r="E2"><v>x</v></c>')
    spoilt = swapped(spoilt, '<c r="F2" t="n"><v>80</v></c>', '<c r="F2"><v>y</v></c>')
    spoilt = swapped(spoilt, "</sheetData>", "</sheetDat>", f"xl/worksheets/sheet{NAMES.index('Budget') + 1}.xml")
    (tmp_path / "case.xlsx").write_bytes(spoilt)
    assert [problem.where for problem in problems_of(tmp_path / "case.xlsx")] == ["Suppliers!E2", "Suppliers!F2", "Budget"]


@pytest.mark.parametrize(
    ("entry", "relation", "where", "words"),
    [
        (f'<sheet name="Stock" sheetId="90" r:id="rId90" {LINKS}/>', "", "", "left out"),
        (f'<sheet name="limits" sheetId="90" r:id="rId1" {LINKS}/>', "", "limits", "Two sheets of the workbook are named limits"),
        (f'<sheet name="Twin" sheetId="90" r:id="rId5" {LINKS}/>', "", "Twin", "one table of cells in common"),
    ],
)
def test_a_sheet_that_the_list_names_is_there_or_named(entry, relation, where, words, data):
    """A sheet of the planner's own that is missing is a warning; one that makes it unclear what counts is an error."""
    try:
        reading = case_from_sheets(sheets_of_bytes(listed(data, entry, relation), "case.xlsx").sheets)
        problems = [problem for problem in reading.warnings if words in problem.message]
    except WorkbookError as error:
        problems = error.problems
    assert words in only(problems).message and (not where or only(problems).where == where)


def test_a_table_outside_the_file_or_of_another_kind_is_no_sheet(data, tmp_path):
    """A sheet whose part lies outside the file or is a chart is refused and never followed."""
    for old, new, words in (
        (f'Target="/{OFFERS}"', 'TargetMode="External" Target="file:///etc/hosts"', "does not hold it"),
        (f'Target="/{OFFERS}"', 'Target="../../../etc/hosts"', "does not hold it"),
        ("relationships/worksheet", "relationships/chartsheet", "a chartsheet"),
    ):
        (tmp_path / "case.xlsx").write_bytes(swapped(data, old, new, "xl/_rels/workbook.xml.rels"))
        assert words in only(problems_of(tmp_path / "case.xlsx")).message


def test_an_own_sheet_that_is_unsound_or_too_large_is_left_out_with_a_warning(data, tmp_path):
    """It is not needed: the case is read without it, and the file keeps it when it is edited."""
    relation = '<Relationship Id="rId90" Type="x/worksheet" Target="notes.xml"/>'
    entry = f'<sheet name="Notes" sheetId="90" r:id="rId90" {LINKS}/>'
    for notes in ("<sheetData><row r='1'><c r='A1'><v>1<b/></v></c></row></sheetData>", "<sheetData>" + "<row/>" * limits.MOST_TAGS + "</sheetData>"):
        file = repacked(listed(data, entry, relation), **{"xl/notes.xml": f'<worksheet xmlns="{MAIN}">{notes}</worksheet>'.encode()})
        reading = case_from_sheets(sheets_of_bytes(stored(file), "case.xlsx").sheets)
        assert len(reading.case.offers) == 3
        assert [warning.where for warning in reading.warnings if "The sheet Notes is left out" in warning.message] == ["Notes"]


def test_a_plan_workbook_whose_results_are_large_is_an_input_without_a_word(data):
    """Its sheets of results are written anew with the next plan; what stands behind them is read."""
    entries = "".join(f'<sheet name="{name}" sheetId="{k}" r:id="rId{k}" {LINKS}/>' for k, name in ((90, "Stock by scenario"), (91, "Notes")))
    relations = "".join(f'<Relationship Id="rId{k}" Type="x/worksheet" Target="n{k}.xml"/>' for k in (90, 91))
    large = "".join(f"<row>{'<c><v>1</v></c>' * 1000}</row>" for _ in range(limits.MOST_CELLS // 1000 + 1))
    pages = {
        f"xl/n{k}.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()
        for k, rows in ((90, large), (91, "<row><c><v>7</v></c></row>"))
    }
    sheets = sheets_of_bytes(repacked(listed(data, entries, relations), **pages), "plan.xlsx").sheets
    assert sheet_of(sheets, "Notes").rows == ((7,),) and sheet_of(sheets, "Stock by scenario") is None
    assert case_from_sheets(sheets).warnings == ()


# -- sizes -----------------------------------------------------------------------------------------------------------------


def test_a_workbook_of_the_documented_size_is_read_by_the_process_that_has_limits(tmp_path):
    """As many cells as are documented pass; one row more is refused with its sheet."""
    rows = (limits.MOST_CELLS - 500) // 20
    letters = "ABCDEFGHIJKLMNOPQRST"
    page = "".join(f'<row r="{r}">' + "".join(f'<c r="{letter}{r}"><v>{r}.5</v></c>' for letter in letters) + "</row>" for r in range(1, rows + 1))
    data = write_xlsx(sound(), tmp_path / "case.xlsx").read_bytes()
    file = repacked(data, **{OFFERS: f'<worksheet xmlns="{MAIN}"><sheetData>{page}</sheetData></worksheet>'.encode()})
    assert len(sheet_of(read_upload(file, "case.xlsx").sheets, "Suppliers").rows) == rows
    more = page + "".join(f'<row r="{r}"><c r="A{r}"><v>1</v></c></row>' for r in range(rows + 1, rows + 502))
    with pytest.raises(WorkbookError) as caught:
        sheets_of_bytes(repacked(data, **{OFFERS: f'<worksheet xmlns="{MAIN}"><sheetData>{more}</sheetData></worksheet>'.encode()}), "case.xlsx")
    assert any(problem.where in ("Suppliers", "Limits", "Budget") and "150,000 filled cells" in problem.message for problem in caught.value.problems)


def test_problems_without_end_are_listed_up_to_a_thousand():
    """Of more than 1,000 problems, 1,000 are listed after one that says that there are more."""
    sheets = sound()
    sheets["Suppliers"] += [["x", "nowhere", "y", "z", -1, -1]] * 2000
    with pytest.raises(WorkbookError) as caught:
        case_from_sheets(raw(sheets))
    assert len(caught.value.problems) == 1001 and "more problems than the 1,000" in caught.value.problems[0].message


def test_only_files_are_opened(tmp_path, monkeypatch):
    """A pipe, a device, a socket, a folder and a link to itself are refused in words, and nothing waits for them."""
    os.mkfifo(tmp_path / "pipe.xlsx")
    (tmp_path / "folder.xlsx").mkdir()
    os.symlink("loop.xlsx", tmp_path / "loop.xlsx")
    with socket.socket(socket.AF_UNIX) as plug:
        monkeypatch.chdir(tmp_path)  # a socket's path must be short
        plug.bind("plug.xlsx")
        for path, words in (
            (tmp_path / "pipe.xlsx", "a pipe"),
            (Path("/dev/zero"), "a device"),
            (tmp_path / "plug.xlsx", "a socket"),
            (tmp_path / "folder.xlsx", "holds no .csv file"),
            (tmp_path / "loop.xlsx", "cannot be opened"),
            (tmp_path / "a\0b", "no"),
        ):
            assert words in only(problems_of(path)).message


def test_formulas_survive_the_loss_of_the_looks(tmp_path):
    """A file with odd styles that is edited keeps its formulas with their values, its number formats and its column widths."""
    path, sheets = tmp_path / "case.xlsx", sound()
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            page.set_column(0, 0, 33)
            for number, row in enumerate(rows):
                page.write_row(number, 0, [value.isoformat() if isinstance(value, dt.date) else value for value in row])
            if name == "Demand":
                page.write_formula(1, 2, "=50*2", book.add_format({"num_format": "0.000"}), 100)
    odd = swapped(path.read_bytes(), "<font>", '<font><color rgb="F00"/>', "xl/styles.xml")
    before = sheets_of_bytes(odd, "case.xlsx").sheets
    written = edited_bytes(odd, before, with_address(before, "Suppliers", "E2", 310))
    page = openpyxl.load_workbook(io.BytesIO(written))["Demand"]
    assert (page["C2"].value, page["C2"].number_format, page.column_dimensions["A"].width > 30) == ("=50*2", "0.000", True)
    assert sheet_of(sheets_of_bytes(written, "case.xlsx").sheets, "Demand").rows[1][2] == 100
