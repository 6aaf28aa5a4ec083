"""Folders of .csv files as Excel and other programs of several languages write them."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from books import only, problems_of, says, setting, sound, write_csv

from optimizer.intake.files import limits
from optimizer.intake.files.csv_numbers import decimal_sign
from optimizer.intake.reader import read

CASES = Path(__file__).parent / "cases"


def offers(price="300", capacity="80", other="200", separator=";", supplier="North"):
    """Suppliers as a program writes them that puts `separator` between the values."""
    rows = [
        ("supplier", "material", "bloc", "country", "price", "capacity_per_year"),
        (supplier, "Oxide", "allied", "Estonia", price, capacity),
        ("East", "Oxide", "chinese", "China", other, "500"),
        ("Mine", "Ore", "other", "Chile", "10", "1000"),
    ]
    return "".join(separator.join(row) + "\r\n" for row in rows)


def folder_with(tmp_path, **files):
    """The sound case as a folder, some of its files replaced."""
    folder = write_csv(sound(), tmp_path / "case")
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def first_offer(reading):
    return reading.case.offers[0].supplier, reading.case.offers[0].price, reading.case.offers[0].capacity_per_year


def said(reading, words):
    """The places of the warnings that hold these words."""
    return [warning.where for warning in reading.warnings if words in warning.message]


# -- the files on which it failed ------------------------------------------------------------------------------------------


def test_a_folder_from_a_german_excel_is_read_as_it_is_meant():
    """Semicolons between the values and decimal commas in them, each file with one warning that shows the first of its numbers."""
    reading = read(CASES / "messy" / "10b-csv-semicolon-decimal-comma")
    assert (reading.case.disruptions[0].annual_probability, reading.case.disruptions[0].capacity_remaining) == (0.2, 0.1)
    assert (reading.case.budget[0].amount, reading.case.limits[0].maximum) == (9_000_000, 0.8)
    assert said(reading, "decimal commas") == ["Disruptions!B2", "Budget!B2", "Limits!D2"]


def test_a_windows_code_page_is_read_where_its_letters_are_beyond_doubt():
    """A file in Windows-1252 is read with its umlauts, and a warning names the cell."""
    reading = read(CASES / "messy" / "10c-csv-cp1252")
    assert reading.case.offers[1].supplier == "Münster Raffinerie"
    assert said(reading, "'Münster Raffinerie'") == ["Suppliers!A3"]


def test_utf_16_is_read():
    """A file in UTF-16 is read in full and without a warning."""
    reading = read(CASES / "messy" / "10d-csv-utf16")
    assert [offer.supplier for offer in reading.case.offers] == ["Eastern Metals", "Rhine Refining", "Eastern Metals", "Maple Zinc"]
    assert reading.warnings == ()


def test_a_mark_inside_a_file_is_left_out_and_said():
    """A byte-order mark between two rows is left out of the name after it, and a warning names the row."""
    reading = read(CASES / "hostile" / "v34_bom_inside")
    assert [offer.supplier for offer in reading.case.offers] == ["Southern Refinery", "Allied Separation"]
    assert said(reading, "left out") == ["Suppliers!row 3"]


def test_a_nul_is_refused_at_its_cell():
    """A NUL character is an error at its cell that says what to do."""
    says(only(problems_of(CASES / "hostile" / "v51_nul")), "Suppliers!A2", "NUL character", "Type the cell again")


# -- separators and encodings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("first_line", ["", "sep={}\r\n", '"sep={}"\r\n'])
def test_what_separates_the_values_is_found(separator, first_line, tmp_path):
    """By the headers, or by the line in which Excel is told."""
    folder = folder_with(tmp_path, Suppliers=first_line.format(separator) + offers("300.5", separator=separator, supplier='"North; Inc, A|B"'))
    assert first_offer(read(folder)) == ("North; Inc, A|B", 300.5, 80)


def test_a_line_that_names_the_separator_counts_as_no_row(tmp_path):
    """Rows are numbered as Excel shows them, which is without that line."""
    says(only(problems_of(folder_with(tmp_path, Suppliers="sep=;\n" + offers("many")))), "Suppliers!E2", "many")


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_line_breaks_of_any_kind_part_rows_and_quoted_ones_do_not(end, tmp_path):
    """CRLF, LF and CR all end a row; the same characters within quotation marks belong to the cell."""
    text = offers(supplier='"North\nInc"').replace("\r\n", end)
    assert first_offer(read(folder_with(tmp_path, Suppliers=text))) == ("North Inc", 300, 80)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_of_any_kind_is_read_without_a_word(encoding, tmp_path):
    """UTF-8, UTF-16 and UTF-32, with or without a byte-order mark, are read without a warning."""
    reading = read(folder_with(tmp_path, Suppliers=offers(supplier="北方 Łódź").encode(encoding)))
    assert first_offer(reading)[0] == "北方 Łódź" and not [warning for warning in reading.warnings if warning.sheet == "Suppliers"]


@pytest.mark.parametrize("name", ["Münster Größe", "Société Générale", "Smith’s", "Škoda", "T°"])
def test_letters_that_the_likely_code_pages_share_are_read_and_said(name, tmp_path):
    """A letter that all likely code pages encode alike is read as that letter, with a warning at its cell."""
    reading = read(folder_with(tmp_path, Suppliers=offers(supplier=name).encode("cp1252")))
    assert first_offer(reading)[0] == name and said(reading, f"'{name}'") == ["Suppliers!A2"]


@pytest.mark.parametrize(
    ("name", "encoding", "shown"),
    [
        ("Łódź", "cp1250", "'Łódź' (Central European)"),
        ("Plzeň", "cp1250", "'Plzeň' (Central European)"),
        ("Норникель", "cp1251", "'Норникель' (Cyrillic)"),
        ("Sørlandet", "cp1252", "'Sørlandet' (Western European)"),
        ("Münster", "cp850", "not in UTF-8"),
        ("Käse", "cp850", "not in UTF-8"),
        ("Münster", "mac_roman", "not in UTF-8"),
        ("北方稀土", "gb18030", "not in UTF-8"),
        ("住友金属", "shift_jis", "not in UTF-8"),
        ("Işık", "cp1254", "not in UTF-8"),
    ],
)
def test_letters_that_may_be_others_are_refused_with_advice_that_works_in_any_excel(name, encoding, shown, tmp_path):
    """The advice names what a German Excel offers, whose semicolons are read."""
    problem = only(problems_of(folder_with(tmp_path, Suppliers=offers(supplier=name).encode(encoding))))
    says(problem, "Suppliers!row 2", shown, "CSV UTF-8 (durch Trennzeichen getrennt)")


# -- numbers and days ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "capacity", "other", "read_as"),
    [
        ("300,5", "1.250", "200,25", (300.5, 1250)),
        ("300.5", "1,250", "200.25", (300.5, 1250)),
        ("1.300,5", "80", "7", (1300.5, 80)),
        ("1 300,5", "1 250", "200,25", (1300.5, 1250)),
        ("1.250.000", "1.250", "7", (1_250_000, 1250)),
        ("300.5", "1.250", "7", (300.5, 1.25)),
        ("300,5", "2,000", "7", (300.5, 2)),
        ("1,5e3", "80", "0,25", (1500, 80)),
        ("300", "80", "7", (300, 80)),
    ],
)
def test_one_clear_number_tells_how_all_of_its_file_are_meant(price, capacity, other, read_as, tmp_path):
    """One number whose decimal sign is certain decides how the ambiguous numbers of the same file are read."""
    assert first_offer(read(folder_with(tmp_path, Suppliers=offers(price, capacity, other))))[1:] == read_as


@pytest.mark.parametrize(
    ("price", "capacity", "other", "readings"),
    [
        ("1.250", "80", "7", ("Suppliers!E2", "1.25 or 1250")),
        ("1,250", "80", "7", ("Suppliers!E2", "1.25 or 1250")),
        ("300,5", "1.250", "200.25", ("Suppliers!F2", "1.25 or 1250")),
    ],
)
def test_a_number_with_two_readings_is_an_error_that_names_both(price, capacity, other, readings, tmp_path):
    """A number that may have decimals or thousands is an error that gives both values."""
    where, words = readings
    problem = next(problem for problem in problems_of(folder_with(tmp_path, Suppliers=offers(price, capacity, other))) if problem.where == where)
    assert words in problem.message


@pytest.mark.parametrize("grouped", ["5 000", "5\u00a0000", "5\u202f000", "5'000", "5\u2019000"])
def test_whole_numbers_grouped_by_blanks_or_apostrophes_need_no_decimals_beside_them(grouped, tmp_path):
    """As French, Polish and Swiss Excel writes them: they have one reading, which is said once."""
    reading = read(folder_with(tmp_path, Suppliers=offers(capacity=grouped)))
    assert first_offer(reading) == ("North", 300, 5000)
    assert said(reading, "is read as 5000") == ["Suppliers!F2"]


def test_a_file_with_both_kinds_of_decimals_is_refused(tmp_path):
    """A file with a decimal comma in one cell and a decimal point in another is refused at the cell with the comma."""
    says(only(problems_of(folder_with(tmp_path, Suppliers=offers("300,5", "80", "200.25")))), "Suppliers!E2", "300,5")


def test_between_commas_a_point_is_decimal(tmp_path):
    """In a file whose columns are separated by commas, 1.250 is one and a quarter."""
    assert first_offer(read(folder_with(tmp_path, Suppliers=offers("1.250", separator=","))))[1] == 1.25


def test_a_percentage_with_a_decimal_comma_is_a_share(tmp_path):
    """35,5% is 0.355, beside a date written as day.month.year."""
    rows = "setting;value\nstart;01.01.2027\nperiods;8\nperiod;quarter\nrisk_weight;35,5%\n"
    settings = read(folder_with(tmp_path, Settings=rows)).case.settings
    assert (settings.risk_weight, settings.start) == (pytest.approx(0.355), dt.date(2027, 1, 1))


def test_days_with_points_begin_with_the_day_also_in_headers(tmp_path):
    """A header 01.04.2027 is the first of April, in the second quarter."""
    rows = "material;use;annual_demand;shortage_cost;01.04.2027\nOxide;Motors;100;5000;7,5\nOre;Flux;10;90;\n"
    assert read(folder_with(tmp_path, Demand=rows)).case.demand[0].by_period == {1: 7.5}


def test_days_with_strokes_are_refused(tmp_path):
    """They begin with the day in one country and with the month in another."""
    sheets = sound()
    setting(sheets, "start", "04/01/2027")
    says(only(problems_of(write_csv(sheets, tmp_path / "case"))), "Settings!B2", "04/01/2027", "2027-Q2")


@pytest.mark.parametrize(
    ("texts", "sign"),
    [
        (["1", "2"], ""),
        (["0,5"], ","),
        (["0.5", "1,250"], "."),
        (["0,5", "0.5"], ""),
        (["1.250"], ""),
        (["1.250.000"], ","),
        (["35%", "1,5%"], ","),
        (["5 €"], ""),
        (["x,y"], ""),
        (["(1,5)"], ","),
        (["1'250.5"], "."),
    ],
)
def test_the_decimal_sign_of_a_file_is_what_its_numbers_leave_no_doubt_about(texts, sign):
    """The decimal sign is what the certain numbers agree on, and empty if there are none or they disagree."""
    assert decimal_sign(texts) == sign


def test_odd_numbers_without_end_are_refused_in_one_sentence(tmp_path):
    """800 ambiguous numbers give 50 problems and one sentence that there are many more."""
    rows = "supplier;material;bloc;country;price;capacity_per_year\n" + "".join(f"S{k};Ore;other;Chile;1.{k:03};10\n" for k in range(100, 900))
    problems = problems_of(folder_with(tmp_path, Suppliers=rows))
    assert len(problems) == 51
    assert sum("a great many more numbers" in problem.message for problem in problems) == 1


# -- the folder ------------------------------------------------------------------------------------------------------------


def test_what_is_no_csv_file_is_named(tmp_path):
    """Files beside the .csv files are not read and are named in a warning, temporary files of Excel as such."""
    folder = folder_with(tmp_path)
    (folder / "notes.txt").write_text("x")
    (folder / "~$Materials.csv").write_bytes(b"\x05user")
    reading = read(folder)
    assert len(said(reading, "Not read, because they are no .csv files: notes.txt")) == 1
    assert len(said(reading, "~$Materials.csv is a temporary file")) == 1


@pytest.mark.parametrize("ending", [".txt", ".tsv", ".xlsx", ""])
def test_a_sheet_under_another_ending_is_missed(ending, tmp_path):
    """An optional sheet such as Limits would be lost in silence."""
    folder = folder_with(tmp_path)
    (folder / "Limits.csv").rename(folder / f"Limits{ending}")
    says(only(problems_of(folder)), "Limits", f"Limits{ending} is named like the sheet Limits", "Limits.csv")


def test_two_files_of_one_sheet_are_refused(tmp_path):
    """Two files whose names mean the same sheet are one error that names both."""
    folder = folder_with(tmp_path)
    (folder / "LIMITS.csv").write_text("limit,measure,maximum\n")
    says(only(problems_of(folder)), "Limits", "Two sheets read as Limits", "LIMITS")


def test_a_broken_file_is_refused_if_it_is_needed_and_else_left_out_with_a_warning(tmp_path):
    """A broken file that is no sheet of the model is left out with a warning, and the rest is read."""
    reading = read(folder_with(tmp_path, Notes=b'a,b\n"x'))
    assert len(said(reading, "The file Notes.csv is left out")) == 1


def test_a_pipe_a_folder_or_a_loop_named_like_a_sheet_is_refused(tmp_path):
    """What bears the name of a sheet and is a pipe, a folder or a circular link is an error of that sheet; reading does not hang."""
    for number, (make, words) in enumerate(((os.mkfifo, "a pipe"), (os.mkdir, "a folder"), (lambda path: os.symlink("Limits.csv", path), "cannot be opened"))):
        (tmp_path / str(number)).mkdir()
        folder = folder_with(tmp_path / str(number))
        (folder / "Limits.csv").unlink()
        make(folder / "Limits.csv")
        says(only(problems_of(folder)), "Limits", words)


def test_a_folder_beyond_the_documented_size_is_refused(tmp_path):
    """A sheet with too many cells is an error that states the limit; an unknown file of that size is left out with a warning."""
    rows = "a,b,c,d\n" + "1,2,3,4\n" * (limits.MOST_CELLS // 4)
    assert any("The limit is" in problem.message for problem in problems_of(folder_with(tmp_path, Suppliers=rows)))
    (tmp_path / "more").mkdir()
    assert len(said(read(folder_with(tmp_path / "more", Notes=rows)), "The file Notes.csv is left out")) == 1
