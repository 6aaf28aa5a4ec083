"""The values of formulas in an edited file: each formula keeps its value, and nothing else of the file changes."""

from __future__ import annotations

import datetime as dt
import io
import random
import xml.etree.ElementTree as ET

import openpyxl
import pytest
import xlsxwriter
from test_edit import blankless, equal, parts, random_edits

from optimizer.editing.file import ABOUT, edited_bytes
from optimizer.editing.sheets import with_address
from optimizer.editing.xlsx_patch import patched, with_cached_values
from optimizer.intake.cells.parse import Formula
from optimizer.intake.reader import sheets_of_bytes

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FORMULAS = ("=A1*2", '="a"&"b"', "=IF(A1<2,1,0)", "=SUM(Z1:Z9)", "='S 1'!A1", '="<v>5</v></c>"', '="]]>"', "=1/0", '="é 元 😀"', '=A1&" & "&B1')
RESULTS = (0, 1, -2.5, 1e-9, 1e300, 0.1, 12345678, "ab", "<b> & \"'", "é 元 😀", "two\nlines", "  blanks  ", "_x0041_", True, False, "#DIV/0!", "#N/A", "")
TITLES = ("S 1", "Data & more", "元", "It's")


def random_workbook(seed):
    """A workbook of random formulas with values, among constants, with its formulas by (sheet, cell)."""
    draw, out, formulas = random.Random(seed), io.BytesIO(), {}
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    for title in draw.sample(TITLES, draw.randint(1, len(TITLES))):
        page = book.add_worksheet(title)
        for row in range(draw.randint(1, 12)):
            for column in range(draw.randint(1, 30)):
                kind = draw.random()
                if kind < 0.3:
                    formula = draw.choice(FORMULAS)
                    page.write_formula(row, column, formula, draw.choice((None, bold)), draw.choice(RESULTS))
                    formulas[title, xlsxwriter.utility.xl_rowcol_to_cell(row, column)] = formula
                elif kind < 0.4:
                    page.write_datetime(row, column, dt.datetime(2027, 4, 1), day)
                elif kind < 0.7:
                    page.write(row, column, draw.choice((1, 0.25, "text", "a < b", None, True)), draw.choice((None, bold)))
    book.close()
    return out.getvalue(), formulas


@pytest.mark.parametrize("seed", range(25))
def test_formulas_and_their_values_survive_random_edits(seed):
    """After random edits each cell holds what it held or was given, and each formula that was not typed over is there with its value."""
    data, formulas = random_workbook(seed)
    before = sheets_of_bytes(data, "x.xlsx").sheets
    after = random_edits(before, seed)
    written = edited_bytes(data, before, after)
    again = sheets_of_bytes(written, "x.xlsx").sheets
    assert equal([blankless(one) for one in after], [blankless(one) for one in again if one.name != ABOUT])
    book, calculated = openpyxl.load_workbook(io.BytesIO(written)), openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    values = openpyxl.load_workbook(io.BytesIO(written), data_only=True)
    kept = [(sheet, cell) for sheet, cell in formulas if book[sheet][cell].data_type == "f"]
    # Where a row was filled so that others seem to have moved, formulas give way to their values, and the file says so.
    assert len(kept) >= len(formulas) - 25 or ABOUT in book.sheetnames
    for sheet, cell in kept:
        assert book[sheet][cell].value == formulas[sheet, cell]
        assert (values[sheet][cell].value or "") == (calculated[sheet][cell].value or ""), (sheet, cell)


@pytest.mark.parametrize("seed", range(5))
def test_without_values_to_put_back_no_byte_changes(seed):
    """A workbook comes back as it is where no formula has a value, and every part but the sheets in question stays to the byte."""
    data, formulas = random_workbook(seed)
    assert with_cached_values(data, {}) is data and with_cached_values(data, {"S 1": {}}) is data
    sheet, cell = next(iter(formulas))
    changed = {name for name, content in parts(with_cached_values(data, {sheet: {cell: 7}})).items() if content != parts(data)[name]}
    assert len(changed) == 1 and changed.pop().startswith("xl/worksheets/sheet")


CELLS = {
    "as openpyxl writes it": ('<c r="A1" s="2"><f>B1*2</f><v /></c>', '<c r="A1" s="2"><f>B1*2</f><v>7</v></c>'),
    "an empty value": ('<c r="A1" t="str"><f>B1</f><v></v></c>', '<c r="A1"><f>B1</f><v>7</v></c>'),
    "no value": ('<c r="A1"><f>B1</f></c>', '<c r="A1"><f>B1</f><v>7</v></c>'),
    "an old value": ('<c r="A1" t="b"><f>B1</f><v>1</v></c>', '<c r="A1"><f>B1</f><v>7</v></c>'),
    "attributes in another order and quotes": (
        "<c t='str' s='2' r='A1' ><f t='array' ref='A1:A2'>B1</f><v/></c >",
        '<c s="2" r="A1"><f t="array" ref="A1:A2">B1</f><v>7</v></c>',
    ),
    "lines between": ('<c\n r="A1"\n>\n <f>B1</f>\n <v/>\n</c>', '<c r="A1"><f>B1</f><v>7</v></c>'),
    "tags in a formula's text": (
        '<c r="A1"><f><![CDATA[IF(B1<2,"</c>","<v>")]]></f><v/></c>',
        '<c r="A1"><f><![CDATA[IF(B1<2,"</c>","<v>")]]></f><v>7</v></c>',
    ),
    "a shared formula without text": ('<c r="A1"><f t="shared" si="0"/><v/></c>', '<c r="A1"><f t="shared" si="0"/><v>7</v></c>'),
    "an extension": ('<c r="A1"><f>B1</f><v/><extLst><ext><v>1</v></ext></extLst></c>', '<c r="A1"><f>B1</f><v>7</v><extLst><ext><v>1</v></ext></extLst></c>'),
    "a comment": ('<c r="A1"><f>B1</f><!-- <v>3</v> --><v/></c>', '<c r="A1"><f>B1</f><v>7</v></c>'),
    "no formula": ('<c r="A1"><v>3</v></c>', '<c r="A1"><v>3</v></c>'),
    "nothing at all": ('<c r="A1" s="1"/>', '<c r="A1" s="1"/>'),
    "another cell": ('<c r="AA1"><f>B1</f><v/></c>', '<c r="AA1"><f>B1</f><v/></c>'),
}
"""A cell's XML, and what it says after its value, 7, was put back."""


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("name", CELLS)
def test_the_value_is_put_back_however_the_cell_is_written(name, prefix):
    """However a cell's XML is written, its formula gets the value; the cells beside it stay to the byte."""
    before, after = (prefixed(text, prefix) for text in CELLS[name])
    beside = prefixed('<c r="B1"><f>C1</f><v/></c>', prefix), prefixed('<c r="C1" t="s"><v>0</v></c>', prefix)
    head, tail = f'<{prefix}sheetData xmlns{":x" if prefix else ""}="{MAIN}"><!--é--><{prefix}row r="1">', f"</{prefix}row></{prefix}sheetData>"
    xml = f"{head}{beside[0]}{before}{beside[1]}{tail}".encode()
    found = patched(xml, {"A1": 7})
    assert canonical(found) == canonical(f"{head}{beside[0]}{after}{beside[1]}{tail}".encode())
    assert found.startswith(f"{head}{beside[0]}".encode()) and found.endswith(f"{beside[1]}{tail}".encode())


def prefixed(text, prefix):
    """The same elements with a prefix, also where they stand in a text or a comment, which makes no difference."""
    if not prefix:
        return text
    for tag in ("c", "f", "v", "extLst", "ext"):
        for end in (" ", ">", "/", "\n"):
            text = text.replace(f"<{tag}{end}", f"<{prefix}{tag}{end}").replace(f"</{tag}{end}", f"</{prefix}{tag}{end}")
    return text


def canonical(xml):
    return ET.canonicalize(xml.decode(), strip_text=True)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "str", None),
        ("a & <b>", "str", "a & <b>"),
        ("#n/a ", "e", "#n/a "),
        (True, "b", "1"),
        (0.1, None, "0.1"),
        (12, None, "12"),
        (dt.datetime(2027, 4, 1, 12), None, "46478.5"),
        ("\x01", "str", "\ufffd"),
    ],
)
def test_each_kind_of_value_is_written_as_excel_has_it(value, kind, text):
    """A text, an error, a yes or no, a number and a day have the type and the value that Excel gives them."""
    cell = ET.fromstring(patched(f'<sheetData xmlns="{MAIN}"><c r="A1"><f>B1</f><v/></c></sheetData>'.encode(), {"A1": value}))[0]
    assert cell.get("t") == kind and cell[1].text == text


def test_a_formula_that_no_program_has_calculated_stays_without_a_value():
    """A formula without a value is a Formula when the file is read, and still is one when the edited file is read."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A2"] = "=1+1", 5
    out = io.BytesIO()
    book.save(out)
    before = sheets_of_bytes(out.getvalue(), "x.xlsx").sheets
    after = with_address(before, "Sheet", "A2", 6)
    again = sheets_of_bytes(edited_bytes(out.getvalue(), before, after), "x.xlsx").sheets[0]
    assert isinstance(before[0].rows[0][0], Formula) and isinstance(again.rows[0][0], Formula) and again.rows[1][0] == 6
