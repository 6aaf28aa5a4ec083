"""Report what stands above the headers of a sheet: titles, which are not read, and units in them, which must not be lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from openpyxl.utils import get_column_letter

from optimizer.errors import Level, Problem, SetCells
from optimizer.intake.cells.headers import Context, Header, convert, match, place
from optimizer.intake.cells.parse import is_blank, listed, shown
from optimizer.intake.cells.units import CURRENCIES, Measure, UnitFault, parse_unit, same_currency, signs_in
from optimizer.intake.files.sources import RawSheet
from optimizer.intake.rows.kinds import filled, is_note, note, unit_of
from optimizer.schema.language import NUMBER_KINDS, Sheet, normalize

if TYPE_CHECKING:
    from optimizer.intake.rows.table import Table

LARGE = re.compile(
    r"\b(?:in )?(?:thousands?|millions?|billions?|tausend|millionen|milliarden|milliers?|milliards?|mio|mn|mln|mrd|mld|tsd|tys|'?000s?)\b(?![.,]\d)|"
    r"\b(?:cents?|pence)\b|(?:\bin |[x×*÷/] ?)1[,. ']?000\b(?![.,]\d)",
    re.IGNORECASE,
)
"""Words that say that figures are counted in thousands, millions or hundredths."""

_OF_A_COPY = re.compile(r"\d{1,2}|v\d+|copy|kopie|copie|copia|old|new|draft|final", re.IGNORECASE)
"""What a name says of a sheet that was copied: Suppliers (2). It says nothing of its figures."""

_RATE = re.compile(
    r"\b(?:per|pro|par|por) (?:day|week|month|quarter|tag|woche|monat|quartal|jour|semaine|mois|trimestre|mes|semana)\b|"
    r"\b(?:daily|weekly|monthly|quarterly)(?= (?:demand|needs?|requirements?|capacity|capacities|quantit\w+|volumes?|consumption|figures|values)\b)",
    re.IGNORECASE,
)
"""Words within a title that say per what time figures are: Demand per month. A Monthly review says nothing of them."""


def report_above(table: Table, raw: RawSheet, context: Context, report: Callable[[Problem], None]) -> None:
    """Say which rows stand above the headers and are not read. A currency or a unit among them that is not the columns' is an error."""
    top = table.header_row
    numbers = [number for number in range(1, top) if filled(raw.rows[number - 1])]
    said = []
    for number in numbers:
        cells = raw.rows[number - 1]
        texts = [str(cells[position]) for position in filled(cells)]
        table.ignored.append((place(number, filled(cells)[0]), listed((" ".join(text.split()) for text in texts), 3)))
        if not is_note(cells):
            said.append(number)
        for position in filled(cells):
            for message, fix in _odd_units(table, raw, str(cells[position]), context):
                report(Problem(table.title, place(number, position), f"{message} {fix}", shown(cells[position]), "a title without units", fix))
    table.merged |= {f"{place(a + 1, b)}:{place(c + 1, d)}" for a, b, c, d in raw.merged if c < top - 1}
    if said:
        header = raw.rows[top - 1]
        first, last = filled(header)[0], filled(header)[-1]
        rows = f"Row {said[0]} above is" if len(said) == 1 else f"Rows {listed(said)} above are"
        title = shown(raw.rows[said[0] - 1][filled(raw.rows[said[0] - 1])[0]])
        letters = f"{get_column_letter(first + 1)} to {get_column_letter(last + 1)}"
        message = f"The headers were found in row {top}, columns {letters}. {rows} not read: {title}."
        cells = tuple(cell for number in said for cell in note(table.title, number, raw.rows[number - 1], "").cells)
        mark = SetCells(f"Mark what stands above row {top} as not to be read (a # before it)", cells)
        report(Problem(table.title, place(top, first), message, f"headers in row {top}", "headers in row 1", "", Level.WARNING, repairs=(mark,)))


def _odd_units(table: Table, raw: RawSheet, text: str, context: Context) -> Iterator[tuple[str, str]]:
    """Yield what a title says of units that is not how the columns are read."""
    named = [*signs_in(text), *(word for word in re.findall(r"(?<![A-Za-z])[kM]?([A-Z]{3})(?![A-Za-z])", text) if word in CURRENCIES)]
    foreign = [one for one in dict.fromkeys(named) if context.currency and not same_currency(one, context.currency)]
    if foreign:
        fix = "Convert the amounts, or correct the title, or currency on Settings."
        yield f"The title speaks of {' and '.join(foreign)}, and the currency of the case is {context.currency}.", fix
        return
    parts = re.findall(r"[(\[]([^()\[\]]*)[)\]]", text)
    parts += re.split(r"[,:;–—|]|\s-\s|\b(?:in|en|w)\b", re.sub(r"[(\[][^()\[\]]*[)\]]", "", text))[1:]  # Budget, k USD; all lead times in weeks
    parts += [text] if len(text.strip()) > 1 or text.strip() == "t" else []  # kUSD by itself; a single letter may number the columns
    parts += [re.sub(r"^\w+ ", "per ", rate) for rate in _RATE.findall(text)]
    measures = [found for part in parts if (found := unit_of(part, context)) is not None]
    for measure in measures:
        columns = list(_other_unit(table, raw, measure, context))
        if columns:
            fix = f"Write the unit into the header of each column that it is meant for, such as {columns[0][1]} ({measure.text}), and take it out of the title."
            yield f"The title gives the unit {measure.text}, which is not that of {listed(name for _, name in columns)}.", fix
            return
    if not measures and LARGE.search(text):
        fix = "Write it into the header of each column that it is meant for, such as amount (k), and take it out of the title."
        yield f"The title says {shown(LARGE.search(text)[0])}: which columns are counted so is not clear.", fix


def _other_unit(table: Table, raw: RawSheet, measure: Measure, context: Context) -> Iterator[tuple[int, str]]:
    """Yield the columns of the sheet that count the same kind of thing as a unit, but not in it: position and header.

    A header that says itself what it counts is believed, but for what it leaves open: Price (USD) below a title in USD/t, Demand per year in t.
    """
    for position, text in enumerate(raw.rows[table.header_row - 1]):
        header = None if is_blank(text) else match(text, table.sheet.columns, context)
        own = header.measure if header is not None else None
        if header is None or header.column.kind not in NUMBER_KINDS or (own is not None and own.top is not None and (own.per or not measure.per)):
            continue
        for unit in dict.fromkeys((context.units or {}).values()) or ("",):
            try:
                by = convert(Header(header.column, measure), context, unit)
                as_read = 1.0 if own is None else convert(header, context, unit)
            except UnitFault:
                continue
            if own is not None and own.per and not measure.per:
                by *= as_read  # the title says what is counted, the header per what
            if abs(by - as_read) > 1e-9 * as_read:
                yield position, " ".join(str(text).split()) if own is not None and own.top is None else header.column.name
                break


def unit_in_sheet_name(sheet: Sheet, names: Iterable[str]) -> Problem | None:
    """Return the problem of a sheet that is missing because its name bears a unit, such as Budget (kUSD): the unit would be lost by a new name alone."""
    for name in names:
        found = re.fullmatch(r"\s*(.*?)\s*[(\[]([^()\[\]]*)[)\]]\s*", name)
        if found and _OF_A_COPY.fullmatch(found[2].strip()):
            continue
        beside = found or _with_unit_beside(sheet, name)
        if beside and normalize(beside[1]) == normalize(sheet.name):
            found = beside
            fix = f"Name it {sheet.name}, and write {found[2]} into the header of each column that it is meant for."
            message = f"The sheet {shown(name)} is not read: its name says more than {sheet.name}. {fix}"
            return Problem(name, "", message, shown(name), f"a sheet {sheet.name}", fix)
    return None


def _with_unit_beside(sheet: Sheet, name: str) -> re.Match[str] | None:
    """Return the parts of a name that holds a sheet's and, without brackets, a unit: Budget kUSD, Demand_t, Budget in Mio."""
    words = r"[\s_\-–:,.]+".join(map(re.escape, sheet.name.split()))
    found = re.fullmatch(rf"\s*({words})[\s_\-–:,.]+(.+?)\s*", name, re.IGNORECASE)
    if found and (parse_unit(found[2]) is not None or LARGE.fullmatch(found[2]) or _RATE.fullmatch(found[2])):
        return found
    return None


def foreign_sheet_name(table: Table, context: Context) -> Iterator[Problem]:
    """Yield the problem of a sheet whose name gives another currency than the case's, or a multiple, such as Budget (€)."""
    text = table.title
    named = [*signs_in(text), *(word for word in re.findall(r"(?<![A-Za-z])[kM]?([A-Z]{3})(?![A-Za-z])", text) if word in CURRENCIES)]
    foreign = [one for one in dict.fromkeys(named) if context.currency and not same_currency(one, context.currency)]
    if foreign:
        fix = "Convert the amounts, or rename the sheet, or correct currency on Settings."
        message = f"The name of the sheet speaks of {' and '.join(foreign)}, and the currency of the case is {context.currency}. {fix}"
        yield Problem(text, "", message, shown(text), f"a sheet {table.sheet.name}", fix)
