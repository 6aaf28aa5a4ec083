"""Read a workbook as the planner's case, or list everything that is wrong with it.

    file ──sources──▶ raw sheets ──rows──▶ tables ──resolve──▶ names and periods ──checks──▶ Case

`read` does it all; `read_sheets` and `case_from_sheets` are its halves, for tables that were edited elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from optimizer.case import Case
from optimizer.errors import AddSheet, Level, Problem, RenameSheet, WorkbookError
from optimizer.intake.cells.headers import Context
from optimizer.intake.cells.parse import Labels, nearest, shown
from optimizer.intake.checks.errors import find_errors
from optimizer.intake.checks.rules import WorkbookRead
from optimizer.intake.checks.suspicions import find_warnings
from optimizer.intake.files.limits import MOST_PROBLEMS
from optimizer.intake.files.sources import RawSheet, Source, read_sheets, sheets_of_bytes
from optimizer.intake.readout import ABSENT, Readout, readout
from optimizer.intake.rows.changes import named_offers, settled, with_full_names
from optimizer.intake.rows.examples import without_examples
from optimizer.intake.rows.kinds import merged_unread
from optimizer.intake.rows.read import read_table
from optimizer.intake.rows.resolve import resolve_dates, resolve_names
from optimizer.intake.rows.restate import Measures, restated
from optimizer.intake.rows.settings import read_settings, settings_with
from optimizer.intake.rows.table import Report, Row, Table
from optimizer.intake.rows.titles import foreign_sheet_name, unit_in_sheet_name
from optimizer.intake.rows.twins import find_twins, unite
from optimizer.intake.unread import meant_sheet, odd_files, sheet_by_headers, unread_sheets
from optimizer.schema.language import Sheet, fold, normalize
from optimizer.schema.records import Settings
from optimizer.schema.sheets import CURRENCIES, INPUTS, INPUTS_OF_OFFERS, INVENTORY, MATERIALS, OFFER_CHANGES, SETTINGS

__all__ = ["RawSheet", "Reading", "Source", "case_from_sheets", "read", "read_sheets", "reading_of", "sheets_of_bytes"]


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold what a workbook says. warnings: what is legal but suspicious. sheets: all cell values of every sheet of the file.

    sha256: of the file's bytes. name: of the file, without its folder. report: what was read and what was not. given: settings that were given
    in place of the workbook's, by name; they hold, too, where it is read again with others.
    """

    case: Case
    warnings: tuple[Problem, ...]
    sheets: tuple[RawSheet, ...]
    sha256: str
    name: str
    report: Readout | None = None
    given: Mapping[str, object] = field(default_factory=dict)


def read(path: str | os.PathLike, overrides: Mapping[str, object] | None = None) -> Reading:
    """Read a workbook (.xlsx, .xlsm) or a folder of .csv files, one a sheet, separated by commas.

    overrides: settings that take the place of the workbook's, by name, as text or value. Raises WorkbookError with every
    problem found.
    """
    source = read_sheets(path)
    odd = odd_files(path) if os.path.isdir(path) else ()
    return case_from_sheets(source.sheets, source.name, source.sha256, overrides, odd)


def reading_of(source: str | os.PathLike | Reading | Case, overrides: Mapping[str, object] | None = None) -> Reading:
    """Return a workbook, a case or a reading as a reading, with other settings where given. Raises WorkbookError as `read` does."""
    if isinstance(source, Reading):
        if not overrides:
            return source
        if source.sheets:
            return case_from_sheets(source.sheets, source.name, source.sha256, merged_settings(source.given, overrides))
        # A reading without sheets was made of a case.
        return replace(source, case=replace(source.case, settings=settings_with(source.case.settings, overrides)))
    if isinstance(source, Case):
        case = replace(source, settings=settings_with(source.settings, overrides)) if overrides else source
        return Reading(case=case, warnings=(), sheets=(), sha256="", name=case.settings.title)
    return read(source, overrides)


def merged_settings(given: Mapping[str, object], overrides: Mapping[str, object]) -> dict[str, object]:
    """Return settings given earlier and later, by name however it is spelled; the later ones hold."""
    later = {normalize(name) for name in overrides}
    return {**{name: value for name, value in given.items() if normalize(name) not in later}, **overrides}


def case_from_sheets(
    sheets: Iterable[RawSheet], name: str = "", sha256: str = "", overrides: Mapping[str, object] | None = None, odd: Iterable[Problem] = ()
) -> Reading:
    """Return the case that sheets of plain values describe. odd: warnings of what lay beside them.

    Raises WorkbookError with every problem found, up to MOST_PROBLEMS.
    """
    problems = _Found(odd)
    try:
        return _case_from_sheets(tuple(sheets), name, sha256, overrides, problems)
    except _TooMany:
        message = f"There are more problems than the {MOST_PROBLEMS:,} that are listed. Put these right first."
        first = [problem for problem in problems if problem.level is Level.ERROR][:MOST_PROBLEMS]
        raise WorkbookError([Problem("", "", message), *_in_order(first)], source=name) from None


class _TooMany(Exception):
    """More problems than anybody reads."""


class _Found(list):
    """The problems found so far; it ends the reading where they are too many."""

    def append(self, problem: Problem) -> None:
        super().append(problem)
        if len(self) >= MOST_PROBLEMS:
            raise _TooMany


def _case_from_sheets(sheets: tuple[RawSheet, ...], name: str, sha256: str, overrides: Mapping[str, object] | None, problems: list[Problem]) -> Reading:
    chosen = _choose(sheets, problems.append)
    examples: dict[str, tuple[int, ...]] = {}
    for sheet in INPUTS:
        if sheet.name in chosen:
            chosen[sheet.name], examples[sheet.name] = without_examples(sheet, chosen[sheet.name])
    tables: dict[str, Table] = {}
    if SETTINGS.name in chosen:
        tables[SETTINGS.name] = read_table(SETTINGS, chosen[SETTINGS.name], Labels(), None, problems.append)
    settings = read_settings(tables.get(SETTINGS.name), overrides or {}, PurePath(name).stem, problems.append)
    for sheet in INPUTS:
        if sheet is not SETTINGS and sheet.name in chosen:
            context = Context(settings.labels.currency, _units(tables.get(MATERIALS.name)))
            raw, left_out = chosen[sheet.name], examples[sheet.name]
            tables[sheet.name] = read_table(sheet, raw, settings.labels, settings.calendar, problems.append, context, left_out)
            problems += foreign_sheet_name(tables[sheet.name], context)
    problems += unread_sheets(sheets, {name: len(table.rows) for name, table in tables.items()})
    for known, raw in chosen.items():
        problems += [*raw.warnings, *merged_unread(raw, tables[known].merged)]
    resolve_dates(tables, settings.calendar)
    resolve_names(tables, problems.append)
    book = WorkbookRead(tables, settings, tuple(find_twins(tables)))
    problems += find_errors(book)
    if len(problems) > MOST_PROBLEMS:
        raise _TooMany
    report = readout(name, sheets, book, examples)
    errors = [problem for problem in problems if problem.level is Level.ERROR]
    warnings = [problem for problem in problems if problem.level is Level.WARNING]
    if errors:
        raise WorkbookError(_in_order(errors), _in_order(warnings), source=name, report=report)
    # Before suppliers of two spellings become one, which may give their offers other names.
    offers = {sheet.name: named_offers(tables, sheet.name) for sheet in (INVENTORY, INPUTS_OF_OFFERS, OFFER_CHANGES)}
    unite(tables, book.twins)
    case = _build(tables, settings.record, offers)
    warnings += find_warnings(case, book)
    return Reading(case, tuple(_in_order(warnings)), sheets, sha256, name, report, dict(overrides or {}))


def _choose(sheets: tuple[RawSheet, ...], report: Report) -> dict[str, RawSheet]:
    """Return the raw sheet of each declared one; missing and doubled ones are reported."""
    chosen: dict[str, RawSheet] = {}
    for sheet in INPUTS:
        matching = [raw for raw in sheets if normalize(raw.name) == normalize(sheet.name)]
        if matching:
            chosen[sheet.name] = matching[0]
        for double in matching[1:]:
            fix = "Delete or rename one of them."
            message = f"Two sheets read as {sheet.name}: {shown(matching[0].name)} and {shown(double.name)}. {fix}"
            report(Problem(double.name, "", message, shown(double.name), f"one sheet {sheet.name}", fix))
    others = [raw for raw in sheets if not any(normalize(raw.name) == normalize(sheet.name) for sheet in INPUTS)]
    for sheet in INPUTS:
        if sheet.name not in chosen and sheet.required:
            _report_missing(sheet, others, report)
    return chosen


def _report_missing(sheet: Sheet, others: list[RawSheet], report: Report) -> None:
    """Report a required sheet that is missing, and name the sheet that may be meant by its name or its headers.

    One that may have no rows (Disruptions, Budget) may be missing too, with a warning, where no other sheet may be meant.
    """
    if problem := unit_in_sheet_name(sheet, [raw.name for raw in others]):
        report(problem)
        return
    near = next((raw.name for raw in others if sheet_by_headers(raw) == sheet.name), None)
    near = near or next((raw.name for raw in others if meant_sheet(raw.name) == sheet.name), None) or nearest(sheet.name, [raw.name for raw in others])
    if near is None and not sheet.rows_required:
        fix = f"Add a sheet named {sheet.name} if that is not meant: {sheet.help}"
        message = f"There is no sheet {sheet.name}: {ABSENT[sheet.name]}. {fix}"
        add = AddSheet(f"Add the sheet {sheet.name}", sheet.name)
        report(Problem(sheet.name, "", message, "no such sheet", f"a sheet {sheet.name}", fix, Level.WARNING, repairs=(add,)))
        return
    fix = f"Is it the sheet {shown(near)}? Then rename that one." if near else f"Add a sheet named {sheet.name}: {sheet.help}"
    add = AddSheet(f"Add the sheet {sheet.name}", sheet.name)
    repairs = (RenameSheet(f"Rename the sheet {shown(near)} to {sheet.name}", near, sheet.name), add) if near else (add,)
    report(Problem(sheet.name, "", f"The sheet {sheet.name} is missing. {fix}", "no such sheet", f"a sheet {sheet.name}", fix, repairs=repairs))


def _units(table: Table | None) -> dict[str, str]:
    """Return the unit of each material, by its folded name."""
    return {fold(row["material"]): row["unit"] for row in table.complete("material", "unit")} if table is not None else {}


def _build(tables: Mapping[str, Table], settings: Settings, offers: Mapping[str, Mapping[int, Row]]) -> Case:
    """Build the case of tables in which nothing is wrong. offers: sheet -> the number of a row of it -> the row of Suppliers that it is about."""
    fields: dict[str, Any] = {"settings": settings}
    rates = {fold(row["currency"]): row["rate"] for row in (tables["Currencies"].rows if "Currencies" in tables else ())}
    measures = Measures(_units(tables.get("Materials")), {fold(settings.currency): 1.0} | rates)
    for sheet in INPUTS:
        if sheet is OFFER_CHANGES:
            changes = settled(tables[sheet.name].rows, offers[sheet.name]) if sheet.name in tables else []
            fields[sheet.case_field] = tuple(_record(sheet, row, *measures.factors(offers[sheet.name][row.number].values)) for row in changes)
        elif not sheet.settings:
            rows = with_full_names(tables[sheet.name].rows, offers.get(sheet.name, {})) if sheet.name in tables else ()
            own = sheet in (MATERIALS, CURRENCIES)  # what others are restated in
            fields[sheet.case_field] = tuple(_record(sheet, row, *((1.0, 1.0) if own else measures.factors(row.values))) for row in rows)
    return Case(**fields)


def _record(sheet: Sheet, row: Row, quantity: float, money: float) -> Any:
    """Build the record of one row, in the material's unit and the case's currency: quantities and money times what they are multiplied by."""
    values = {column.attribute: restated(row[column.name], column, quantity, money) for column in sheet.columns}
    if sheet.period_columns:
        values[sheet.period_columns] = {t: value * quantity for t, value in row.by_period.items()}
    return sheet.record(row=row.number, **values)


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems in the order in which a reader walks through the workbook: the file, each sheet in the schema's order, row by row."""
    order = {normalize(sheet.name): number for number, sheet in enumerate(INPUTS)}

    def key(problem: Problem) -> tuple[int, int, int]:
        return order.get(normalize(problem.sheet), -1), problem.row, problem.column

    return sorted(problems, key=key)
