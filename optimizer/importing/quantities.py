"""Add up the quantities of periods or days by the periods of the case: one row of Demand for each material and use."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from optimizer.calendar import Calendar
from optimizer.importing.mapping import OPEN, PERIOD_NAME, PERIOD_QUANTITY, TableMapping
from optimizer.importing.periods import DAY, MONTH, QUARTER, WEEK, YEAR, Span, fiscal_year, in_years_from, is_fiscal, side_by_side, span_of
from optimizer.importing.records import PLACE, Cell, Findings, Record
from optimizer.importing.tables import FoundTable
from optimizer.importing.values import is_number, tidy_number
from optimizer.importing.wording import alone_in, read_header
from optimizer.intake.cells.parse import is_blank, shown
from optimizer.schema.language import fold

_WEEKS_COVER = 0.85
"""Share of a period that whole weeks must cover: they seldom begin with a month."""


@dataclass(slots=True)
class DatedNeed:
    """What one record says of one stretch of time. The cell of a quantity that waits for an answer is blank and pending."""

    record: Record
    span: Span
    quantity: Cell
    wide: bool


@dataclass(slots=True)
class PeriodRow:
    """A row of Demand whose quantities stand by period: its other cells, and period -> the cell of its sum."""

    cells: dict[str, Cell]
    by_period: dict[int, Cell] = field(default_factory=dict)


def dated_needs(
    records: Sequence[Record], tables: Sequence[FoundTable], made: Sequence[TableMapping], settings: Mapping[str, object], findings: Findings
) -> list[DatedNeed]:
    """Return the quantities of records that name a period or day. One that cannot be read, or overlaps another column's, is asked.

    settings: fiscal_year_start_month says when a fiscal year begins; where a table has some and it is not there, it is asked.
    """
    first_month = settings.get("fiscal_year_start_month")
    for number, (table, one) in enumerate(zip(tables, made, strict=True)):
        if any(unpivot.year == OPEN for unpivot in one.unpivots):
            findings.ask(table.title, "Of which year are the months, quarters or weeks in its headers?", "column", number)
    wide = {number: _wide(table, one) for number, (table, one) in enumerate(zip(tables, made, strict=True))}
    for number, spans in wide.items():
        _report_overlaps(tables[number], spans, number, findings)
    unknown = [{header for unpivot in one.unpivots if unpivot.year == OPEN for header in unpivot.headers} for one in made]
    found = []
    for record in records:
        if PERIOD_NAME not in record.cells or PERIOD_QUANTITY not in record.cells:
            continue
        name, quantity = record.cells[PERIOD_NAME][0], record.cells[PERIOD_QUANTITY][0]
        spans, day_first = wide[record.table], made[record.table].day_first
        span = spans.get(str(name.value)) or span_of(name.value, day_first)
        if is_blank(quantity.value) and not quantity.pending:
            continue
        if span is not None and is_fiscal(str(name.value)):
            if first_month in (None, ""):
                findings.ask(
                    "", "In which month does a fiscal year begin? The tables have quantities of fiscal years.", "fiscal", header="fiscal_year_start_month"
                )
            span = fiscal_year(span, int(float(str(first_month or 1))))
        if span is None and str(name.value) in unknown[record.table]:
            continue
        if span is None:
            words = f"{shown(name.value)} is no period or day." if not is_blank(name.value) else "The period or day is missing."
            findings.ask(str(name.origin), words, PLACE, record.table)
        elif not is_number(quantity.value) and not quantity.pending:
            findings.ask(str(quantity.origin), f"{shown(quantity.value)} is no quantity.", PLACE, record.table)
        else:
            found.append(DatedNeed(record, span, quantity, str(name.value) in spans))
    return found


def _wide(table: FoundTable, made: TableMapping) -> dict[str, Span]:
    """Return the spans of the headers that become rows of Demand."""
    found: dict[str, Span] = {}
    for one in made.unpivots:
        headers = [header for header in one.headers if header in table.positions] if one.values == PERIOD_QUANTITY else []
        found |= side_by_side({header: span_of(header, made.day_first) or read_header(header).span for header in headers})
        if one.year.isdigit():
            names = {header: alone_in(header) for header in headers}
            spans = in_years_from([name for name in names.values() if name], int(one.year))
            found |= {header: spans[name] for header, name in names.items() if name in spans}
    return found


def _report_overlaps(table: FoundTable, spans: dict[str, Span], number: int, findings: Findings) -> None:
    """Ask about columns whose periods overlap, such as months and their quarter: which of them count."""
    ordered = sorted(spans.items(), key=lambda one: (one[1].first, -(one[1].after - one[1].first).days))
    for (one, span), (other, following) in zip(ordered, ordered[1:], strict=False):
        if following.first < span.after:
            findings.ask(table.title, f"The columns '{one}' and '{other}' overlap in time. Leave out those that are sums of others.", "column", number, one)
            return


def horizon_of(needs: Sequence[DatedNeed]) -> dict[str, object]:
    """Return the settings start, period and periods that the quantities cover; nothing where there are none."""
    spans = [need.span for need in needs]
    if not spans:
        return {}
    kinds = {span.kind for span in spans}
    period = YEAR if kinds == {YEAR} else QUARTER if kinds <= {YEAR, QUARTER} else MONTH
    first, last = min(span.first for span in spans), max(span.after for span in spans)
    if WEEK in kinds:
        first, last = _whole_months(first, last)
    if period == YEAR and first.month > 1:
        return {"start": f"{first.year}-{first.month:02d}-01", "period": period, "periods": max(1, last.year - first.year)}
    month = {MONTH: first.month, QUARTER: 3 * ((first.month - 1) // 3) + 1, YEAR: 1}[period]
    length = {MONTH: 1, QUARTER: 3, YEAR: 12}[period]
    count = 12 * (last.year - first.year) + last.month - month + (last.day > 1)
    return {"start": f"{first.year}-{month:02d}-01", "period": period, "periods": max(1, -(-count // length))}


def _whole_months(first: dt.date, after: dt.date) -> tuple[dt.date, dt.date]:
    """Return the first day and the day after the last of the months that weeks cover, but for a few days at either end."""
    begin = first.replace(day=1)
    end = (after.replace(day=1) + dt.timedelta(days=32)).replace(day=1) if after.day > 1 else after
    following = (begin + dt.timedelta(days=32)).replace(day=1)
    if (following - first).days < _WEEKS_COVER * (following - begin).days:
        begin = following
    month = (end - dt.timedelta(days=1)).replace(day=1)
    if (after - month).days < _WEEKS_COVER * (end - month).days:
        end = month
    return (begin, end) if begin < end else (first.replace(day=1), after)


def rows_by_period(needs: Sequence[DatedNeed], calendar: Calendar, findings: Findings) -> list[PeriodRow]:
    """Return a row for each material and use, in their order. What lies outside of the horizon is left out, which is said."""
    rows: dict[tuple[str, str], PeriodRow] = {}
    covered: dict[tuple[str, str], dict[int, float]] = {}
    sums: dict[tuple[str, str], dict[int, float]] = {}
    outside, spread = 0, set()
    edges = [calendar.first_day(t) for t in range(calendar.periods + 1)]
    for need in needs:
        key = (fold(need.record.text("Demand.material")), fold(need.record.text("Demand.use")))
        row = rows.setdefault(key, PeriodRow({}))
        for target, cells in need.record.cells.items():
            if target not in (PERIOD_NAME, PERIOD_QUANTITY):
                _agree(row, target, cells[0], need, findings)
        total = 0.0
        for t in _periods_of(need.span, edges):
            share = need.span.share_in(edges[t], edges[t + 1])
            total += share
            sums.setdefault(key, {}).setdefault(t, 0.0)
            sums[key][t] += math.nan if need.quantity.pending else share * float(need.quantity.value)
            row.by_period.setdefault(t, need.quantity)
            lapse = covered.setdefault(key, {})
            lapse[t] = lapse.get(t, 0.0) + (need.span.share_in(edges[t], edges[t + 1]) * _days(need.span)) / (edges[t + 1] - edges[t]).days
            if share < 1 - 1e-9 and need.span.kind in (YEAR, QUARTER, MONTH):
                spread.add(need.span.kind)
        outside += total < 1 - 1e-9
    for key, row in rows.items():
        row.by_period = {t: _summed(sums[key][t], cell) for t, cell in sorted(row.by_period.items())}
    _report_gaps(rows, covered, needs, calendar, findings)
    if outside:
        what = "quantity lies" if outside == 1 else "quantities lie"
        findings.notes.append(f"Demand: {outside:,} {what} outside of the {calendar.periods} periods of the plan, in whole or in part; that part is left out.")
    if spread:
        findings.notes.append(f"Demand: quantities of a {' or '.join(sorted(spread))} are spread evenly over the shorter periods of the plan.")
    return list(rows.values())


def _summed(total: float, first: Cell) -> Cell:
    """Return the cell of a sum; it waits for an answer where a part of it does."""
    return Cell(None, first.origin, pending=True) if math.isnan(total) else Cell(tidy_number(total), first.origin)


def _days(span: Span) -> int:
    return (span.after - span.first).days


def _periods_of(span: Span, edges: Sequence[dt.date]) -> list[int]:
    return [t for t in range(len(edges) - 1) if edges[t] < span.after and span.first < edges[t + 1]]


def _agree(row: PeriodRow, target: str, cell: Cell, need: DatedNeed, findings: Findings) -> None:
    """Keep a cell of the row; ask where two rows of one material and use say different things."""
    known = row.cells.get(target)
    if known is None or is_blank(known.value):
        row.cells[target] = cell
    elif not is_blank(cell.value) and known.value != cell.value and not (isinstance(cell.value, str) and fold(str(known.value)) == fold(cell.value)):
        words = f"{target} is {shown(cell.value)} here and {shown(known.value)} in {known.origin} for the same material and use."
        findings.ask(str(cell.origin), words, PLACE, need.record.table)


Key = tuple[str, str]
"""A material and a use, folded."""


def _report_gaps(rows: dict[Key, PeriodRow], covered: dict[Key, dict[int, float]], needs: Sequence[DatedNeed], calendar: Calendar, findings: Findings) -> None:
    """Fill periods of a list of days without an order with 0; ask where the columns of a table cover a period in part."""
    dated = {
        (fold(need.record.text("Demand.material")), fold(need.record.text("Demand.use"))) for need in needs if need.span.kind in (DAY, WEEK) and not need.wide
    }
    partly: dict[int, float] = {}
    for key, row in rows.items():
        if key in dated:
            for t in range(calendar.periods):
                row.by_period.setdefault(t, Cell(0, None))
            row.by_period = dict(sorted(row.by_period.items()))
            continue
        for t, share in covered.get(key, {}).items():
            if share < (_WEEKS_COVER if any(need.span.kind == WEEK for need in needs) else 1 - 1e-6):
                partly[t] = share
    for t in sorted(partly)[:1]:
        part = f"quantities of about {partly[t]:.0%} of its days are there"
        words = f"The period {calendar.label(t)} of the plan is covered in part only: {part}. Begin and end the plan where they do."
        findings.ask("Demand", words, PLACE)
