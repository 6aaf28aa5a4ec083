"""Turn a planner's tables into a case by a mapping: its sheets, the place of every cell in the planner's own files, and what is still to be answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from optimizer.calendar import Calendar, parse_date
from optimizer.errors import Problem, WorkbookError
from optimizer.importing.converting import Units, convert_records, currencies_in, units_of_materials
from optimizer.importing.lanes import with_additions
from optimizer.importing.mapping import Mapping, TableMapping
from optimizer.importing.quantities import dated_needs, horizon_of, rows_by_period
from optimizer.importing.records import CURRENCY, RATE, SETTING, UNIT, Cell, Findings, Origin, Question, Record, records_of
from optimizer.importing.sheets import Ask, Row, Rows, fill_and_ask, rows_of, with_derived
from optimizer.importing.tables import FoundTable
from optimizer.intake.cells.headers import place
from optimizer.intake.cells.parse import is_blank
from optimizer.intake.cells.units import currency_of, same_currency
from optimizer.intake.files.raw import RawSheet
from optimizer.intake.reader import Reading, case_from_sheets
from optimizer.schema.language import fold
from optimizer.schema.sheets import CURRENCIES, DEMAND, INPUTS, SETTINGS

PROVENANCE = "Where from"
"""The sheet of an imported case that says where each of its rows came from."""
_ASKED_SETTINGS = ("start", "periods", "currency")
"""Settings that every case needs and that no default can give: a plan's first day, its length, and the currency that its figures bear."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a mapping makes of tables.

    sheets: of the case, as far as it goes. questions: what only the planner knows; until they are answered nothing of it may be solved. asks: required
    values that no table has. notes: what was left out or made, in sentences. settings: those that hold. origins: (sheet, cell) -> its place in the files.
    """

    sheets: tuple[RawSheet, ...]
    questions: tuple[Question, ...]
    asks: tuple[Ask, ...]
    notes: tuple[str, ...]
    settings: dict[str, object] = field(default_factory=dict, hash=False)
    origins: dict[tuple[str, str], Origin] = field(default_factory=dict, hash=False, repr=False)

    def reading(self, name: str = "", sha256: str = "") -> Reading:
        """Return the case. WorkbookError with every problem, each at the place in the planner's own files where it has one."""
        try:
            return case_from_sheets(self.sheets, name, sha256)
        except WorkbookError as error:
            raise WorkbookError(map(self.traced, error.problems), map(self.traced, error.warnings), source=name, report=error.report) from None

    def traced(self, problem: Problem) -> Problem:
        """Return a problem with the place of its cell in the planner's own file before its message."""
        origin = self.origins.get((problem.sheet, problem.cell)) or self.origins.get((problem.sheet, f"row {problem.row}"))
        return problem if origin is None else replace(problem, message=f"{problem.message} (From {origin}.)")


def apply(
    mapping: Mapping, tables: Sequence[FoundTable], progress: Callable[[int, int], None] | None = None, cancelled: Callable[[], bool] = lambda: False
) -> Imported:
    """Return the case that a mapping makes of tables; mapping.tables stand in the order of the tables, as `propose` gives them.

    progress(done, of): tables read so far. cancelled: ends it early, with a question that says so. Raises ValueError where the two do not go together.
    """
    if len(mapping.tables) != len(tables):
        raise ValueError("A mapping has a part for each table: propose(tables, mapping) finds which is which.")
    findings = Findings()
    records: list[Record] = []
    for number, (table, made) in enumerate(zip(tables, mapping.tables, strict=True)):
        if cancelled():
            findings.ask("", "The import was stopped before all tables were read.", "stopped")
            break
        _ask_of_mapping(table, made, number, mapping.confirmed, findings)
        records += records_of(table, made, number, findings)
        if progress:
            progress(number + 1, len(tables))
    if not any(made.sheet for made in mapping.tables):
        findings.ask("", "None of the tables is used: say of at least one what it is.", "table")
    settings = {**_settings_in(records), **mapping.settings}
    currencies = currencies_in(records)
    if not settings.get("currency") and len(currencies) == 1:
        settings["currency"] = currencies[0]
    records = with_additions(records, mapping.tables, findings)
    known, unclear = _units(records, mapping)
    for name, several in unclear.items():
        words = f"The tables count {name} in {' and '.join(several)}. In which unit is the plan to count it? Give it as the unit of the material."
        findings.ask("", words, UNIT, header=name)
    units = Units(str(settings.get("currency") or ""), known, mapping.rates)
    _ask_currency(settings, currencies, findings)
    convert_records(records, tables, mapping.tables, units, findings)
    needs = dated_needs(records, tables, mapping.tables, settings, findings)
    settings = {**horizon_of(needs), **{name: value for name, value in settings.items() if not is_blank(value)}}
    calendar = _calendar(settings)
    rows = rows_of(records, mapping.tables, rows_by_period(needs, calendar, findings) if calendar is not None else ())
    findings.notes += with_derived(rows, units.materials)
    _add_currencies(rows, units, findings)
    asks = fill_and_ask(rows, mapping, unclear)
    for name in _ASKED_SETTINGS:
        if is_blank(settings.get(name)) and not any(question.header == name for question in findings.questions):
            findings.ask("", f"Settings: {SETTINGS.column(name).help}", SETTING, header=name)
    sheets, origins = _written(rows, settings, calendar)
    return Imported(sheets, tuple(findings.questions), tuple(asks), tuple(dict.fromkeys(findings.notes)), settings, origins)


def _ask_of_mapping(table: FoundTable, made: TableMapping, number: int, confirmed: bool, findings: Findings) -> None:
    """Ask about what a mapping is not sure of, and about numbers that stand in one merged cell for several rows."""
    if not confirmed:
        for words, header in [
            (made.question, ""),
            *((use.question, use.header) for use in made.uses),
            *((one.question, ", ".join(one.headers[:2])) for one in made.unpivots),
        ]:
            if words:
                findings.ask(table.title, f"{header}: {words}" if header else words, "table" if not header else "column", number, header)
    else:
        for use in made.uses:
            if use.question:
                findings.ask(table.title, f"{use.header}: {use.question}", "column", number, use.header)
    if made.sheet:
        findings.notes += [f"{table.title}: {words}" for words in table.remarks]
    if made.sheet and table.numbers_merged:
        cells = ", ".join(table.numbers_merged[:5])
        findings.ask(
            table.title, f"One merged cell holds a number for several rows ({cells}): each of them may have it, or all together. Unmerge it.", "place", number
        )


def _settings_in(records: Iterable[Record]) -> dict[str, object]:
    """Return the settings that tables hold, the first of each name."""
    found: dict[str, object] = {}
    for record in records:
        for target, cells in record.cells.items():
            if target.startswith(f"{SETTINGS.name}.") and not is_blank(cells[0].value):
                found.setdefault(target.partition(".")[2], cells[0].value)
    return found


def _units(records: Sequence[Record], mapping: Mapping) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return the unit of each material by folded name: as the planner answered, else as the tables say; and the units of those that are still unclear."""
    found, unclear = units_of_materials(records)
    answer = mapping.answer("Materials.unit")
    if answer is not None:
        names = {fold(record.text(f"{sheet}.material")) for record in records for sheet in ("Materials", "Suppliers", "Demand", "Inventory", "Inputs")} - {""}
        given = {fold(key): str(value) for key, value in answer.values.items() if not is_blank(value)}
        found |= {name: unit for name in names if (unit := given.get(name, given.get("*", ""))) and name not in found}
    return found, {name: several for name, several in unclear.items() if fold(name) not in found}


def _ask_currency(settings: dict[str, object], currencies: list[str], findings: Findings) -> None:
    own = str(settings.get("currency") or "")
    if not own and len(currencies) > 1:
        findings.ask("", f"The tables have amounts in {' and '.join(currencies)}: in which currency is the plan to be?", CURRENCY, header="currency")


def _calendar(settings: dict[str, object]) -> Calendar | None:
    """Return the calendar of the settings; None where they do not make one."""
    period, first_month = str(settings.get("period") or "quarter"), settings.get("fiscal_year_start_month") or 1
    start, periods = settings.get("start"), settings.get("periods")
    day = parse_date(str(start)[:10], period, int(str(first_month))) if start else None
    try:
        return None if day is None or not periods else Calendar(day, period, int(float(str(periods))), int(str(first_month)))
    except ValueError:
        return None


def _add_currencies(rows: Rows, units: Units, findings: Findings) -> None:
    """Add the rates of the currencies in which rows are, and ask for those that are not known."""
    known = {fold(row.text("currency")) for row in rows.get(CURRENCIES.name, [])}
    for name in ("Suppliers", "Projects"):
        for row in rows.get(name, []):
            text = row.text("currency")
            if text and same_currency(text, units.currency):
                row.cells.pop("currency")
            elif text and fold(text) not in known:
                known.add(fold(text))
                rate = units.rates.get(text) or units.rates.get(currency_of(text))
                if rate is None:
                    findings.ask("", f"What is one {text} worth in {units.currency or 'the currency of the plan'}?", RATE, header=text)
                else:
                    rows.setdefault(CURRENCIES.name, []).append(_rate_row(text, rate))


def _rate_row(currency: str, rate: float) -> Row:
    return Row({"currency": Cell(currency), "rate": Cell(rate)})


# -- sheets ----------------------------------------------------------------------------------------------------------------


def _written(rows: Rows, settings: dict[str, object], calendar: Calendar | None) -> tuple[tuple[RawSheet, ...], dict[tuple[str, str], Origin]]:
    """Return the rows as sheets of cells in the schema's order, and the place that each cell came from."""
    sheets, origins = [], {}
    ordered = [(column.name, settings[column.name]) for column in SETTINGS.columns if not is_blank(settings.get(column.name))]
    sheets.append(RawSheet(SETTINGS.name, (("setting", "value"), *ordered)))
    provenance: list[tuple[object, ...]] = [("sheet", "row", "file", "sheet in the file", "cell")]
    for sheet in INPUTS:
        found = rows.get(sheet.name, [])
        if sheet is SETTINGS or not (found or sheet.required):
            continue
        columns = [column.name for column in sheet.columns if column.required or any(row.text(column.name) for row in found)]
        periods = sorted({t for row in found for t in row.by_period}) if sheet is DEMAND and calendar is not None else []
        grid: list[tuple[object, ...]] = [(*columns, *(calendar.label(t) for t in periods if calendar is not None))]
        for number, row in enumerate(found, start=2):
            cells = [*(row.cells.get(name) for name in columns), *(row.by_period.get(t) for t in periods)]
            grid.append(tuple(None if cell is None else cell.value for cell in cells))
            for position, cell in enumerate(cells):
                if cell is not None and cell.origin is not None:
                    origins[sheet.name, place(number, position)] = cell.origin
            if row.origin is not None:
                origins[sheet.name, f"row {number}"] = row.origin
                provenance.append((sheet.name, number, row.origin.file, row.origin.sheet, row.origin.cell))
        sheets.append(RawSheet(sheet.name, tuple(grid)))
    sheets.append(RawSheet(PROVENANCE, tuple(provenance)))
    return tuple(sheets), origins
