"""The first page of a plan workbook: one landscape page that a board member can read."""

from __future__ import annotations

import math
import unicodedata

from xlsxwriter.worksheet import Worksheet

from optimizer.forms.plan_sheets import SUMMARY_HEAD
from optimizer.forms.writing import INK, LINE, MUTED, PALE, Book, safe_text
from optimizer.plan.headline import Headline
from optimizer.plan.plan import Plan
from optimizer.report.scales import scale_of

SECTIONS = (
    (("sign", "What to sign", "Contracts"), ("hold", "What to hold", "Cover")),
    (("start", "What to start", "Project starts"), ("binds", "What stands in the way of a cheaper plan", "What binds")),
    (("order", "What to order", "Orders"), ("protects", "What it protects against", "Fill rate")),
)
LINES = 6
"""Lines that a pair of sections has on the page, and those that the pairs above left over; the rest stands on its sheet."""

_FIRST, _LAST = 1, 12
_MIDDLE = 6
_COLUMN_WIDTH = 11.9
_LINE_CHARACTERS = 92
_SMALL_LETTERS = 1.15
"""Letters of the smallest text for each unit of a column's width."""
_PROVENANCE = {"input": "input", "input_sha256": "SHA-256", "version": "version", "solver": "solver", "seed": "seed", "seconds": "seconds"}
_BLUE = "#0B4F6C"


def add_summary(book: Book, page: Worksheet, plan: Plan) -> None:
    """Fill the summary sheet."""
    page.hide_gridlines(2)
    page.set_column(0, 0, 1.5)
    page.set_column(_FIRST, _LAST, _COLUMN_WIDTH)
    book.put(page, 0, _FIRST, SUMMARY_HEAD, font_color=MUTED, font_size=11)
    book.put_across(page, 1, _FIRST, _LAST, plan.case.settings.title or SUMMARY_HEAD, bold=True, font_size=20, font_color=INK, valign="vcenter")
    page.set_row(1, 30)
    book.put_across(page, 2, _FIRST, _LAST, f"{plan.proven} {_horizon(plan)}", font_color=MUTED, valign="top")
    page.set_row(2, 22)
    row = _costs(book, page, _tiles(book, page, 3, plan), plan)
    spare = 0
    for pair in SECTIONS:
        room = LINES + spare
        spare = room - _pair(book, page, row, pair, plan.sentences, room)
        row += 3
    book.put_across(page, row, _FIRST, _LAST, _provenance_line(plan), font_size=8, font_color=MUTED, text_wrap=True, valign="top", top=1, top_color=LINE)
    page.set_row(row, 24)
    page.print_area(0, 0, row, _LAST)
    page.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.4)
    page.center_horizontally()
    page.fit_to_pages(1, 1)
    page.activate()


def _horizon(plan: Plan) -> str:
    """Say the horizon and the number of futures in a sentence."""
    labels, futures = plan.case.calendar.labels, len(plan.tables["scenarios"])
    counted = f"{futures:,} future{'s' if futures != 1 else ''}"
    return f"{labels[0]} to {labels[-1]}, {counted}; costs in {plan.case.settings.currency}, discounted."


def _tiles(book: Book, page: Worksheet, row: int, plan: Plan) -> int:
    """Write the big figures, each over a line that says what it is: money first, the others in a row below. Return the next free row."""
    figures = plan.headlines
    for line in ([f for f in figures if f.kind == "money"], [f for f in figures if f.kind != "money"]):
        _tile_row(book, page, row, line, plan.case.settings.currency)
        row += 4
    return row


def _tile_row(book: Book, page: Worksheet, row: int, figures: list[Headline], currency: str) -> None:
    """Write figures side by side across the page."""
    money = scale_of([f.value for f in figures if f.kind == "money" and f.value is not None], currency)
    formats = {"money": money.format + (f'" {money.word}"' if money.word else ""), "share": "0.0%", "days": "#,##0"}
    span = (_LAST - _FIRST + 1) // len(figures)
    box = {"bg_color": PALE, "align": "left", "indent": 1}
    for number, figure in enumerate(figures):
        first = _FIRST + span * number
        last, edge = first + span - 1, {"left": 5, "left_color": "#FFFFFF"}
        label = f"{figure.label} ({currency})" if figure.kind == "money" else figure.label
        value = figure.text if figure.value is None else figure.value
        book.put_across(page, row, first, last, label, font_size=10, font_color=MUTED, **box, **edge)
        book.put_across(page, row + 1, first, last, value, bold=True, font_size=20, font_color=_BLUE, num_format=formats[figure.kind], **box, **edge)
        book.put_across(page, row + 2, first, last, figure.meaning, font_size=9, font_color=MUTED, text_wrap=True, valign="top", **box, **edge)
    lines = max(_lines(figure.meaning, int(span * _COLUMN_WIDTH * _SMALL_LETTERS)) for figure in figures)
    for offset, height in enumerate((20, 30, 12.5 * lines + 4, 8)):
        page.set_row(row + offset, height)


def _costs(book: Book, page: Worksheet, row: int, plan: Plan) -> int:
    """Write what the plan costs, part by part across the page, without parts that are nothing. Return the next free row."""
    _headline(book, page, row, _FIRST, _LAST, "What it costs")
    costs = plan.tables["costs"]
    parts = [
        (str(part).replace("_", " ").capitalize(), expected, reference)
        for part, expected, reference in zip(costs["part"], costs["expected"], costs["reference"], strict=True)
        if expected or reference
    ]
    adds_up = math.isclose(sum(part[1] for part in parts), plan.expected_cost, rel_tol=1e-6, abs_tol=1e-6)
    parts.append(("Total", plan.expected_cost, costs["reference"].sum() if adds_up else None))
    scale = scale_of([plan.expected_cost], plan.case.settings.currency)
    start = _LAST + 1 - len(parts)
    rule = {"bottom": 1, "bottom_color": LINE}
    unit = scale.unit(plan.case.settings.currency)
    for offset, label in enumerate((f"{unit}, discounted", "Expected over all futures", "On the reference path")):
        book.put_across(page, row + 1 + offset, _FIRST, start - 1, label, font_size=10, font_color=MUTED, align="left", indent=1, **rule)
    for position, (part, expected, reference) in enumerate(parts, start=start):
        weight = {"bold": part == "Total", "align": "right", "font_size": 10, **rule}
        book.put(page, row + 1, position, part, font_color=MUTED, **weight)
        for line, value in ((row + 2, expected), (row + 3, reference)):
            if part == "Total" and adds_up and len(parts) > 1:
                book.put_sum(page, line, position, start, position - 1, value, num_format=scale.format, **weight)
            else:
                book.put(page, line, position, value, num_format=scale.format, **weight)
    text = safe_text(" ".join(plan.sentences.get("cost", [])[:2]))
    if not text:
        return row + 4
    book.put_across(page, row + 4, _FIRST, _LAST, text, font_size=10, text_wrap=True, valign="vcenter", align="left", indent=1)
    page.set_row(row + 4, 13.2 * _lines(text, 2 * _LINE_CHARACTERS) + 8)
    return row + 5


def _headline(book: Book, page: Worksheet, row: int, first: int, last: int, text: str) -> None:
    book.put_across(page, row, first, last, text, bold=True, font_size=12, font_color=_BLUE, bottom=2, bottom_color=_BLUE, valign="bottom")
    page.set_row(row, 24)


def _pair(book: Book, page: Worksheet, row: int, pair: tuple[tuple[str, str, str], ...], sentences: dict[str, list[str]], room: int) -> int:
    """Write two sections side by side, in three rows. Return the number of lines that they take of the `room`."""
    tallest = 1
    page.set_row(row + 1, 4)
    for (key, title, sheet), first, last in zip(pair, (_FIRST, _MIDDLE + 1), (_MIDDLE, _LAST), strict=True):
        _headline(book, page, row, first, last, title)
        lines = _shown(sentences.get(key, []), sheet, room)
        look = {"font_size": 10, "text_wrap": True, "valign": "top", "align": "left", "indent": 1}
        book.put_across(page, row + 2, first, last, "\n".join(lines), **look)
        tallest = max(tallest, sum(_lines(line, _LINE_CHARACTERS) for line in lines))
    page.set_row(row + 2, min(13.2 * tallest + 4, 400))
    return tallest


def _shown(sentences: list[str], sheet: str, room: int) -> list[str]:
    """Choose the sentences of a section, as many as `room` lines hold, at least one."""
    shown: list[str] = []
    used = 0
    for number, sentence in enumerate(sentences):
        line = f"• {safe_text(sentence)}"
        used += _lines(line, _LINE_CHARACTERS)
        spare = 0 if number == len(sentences) - 1 else 1
        if shown and used + spare > room:
            return [*shown, f"… and {len(sentences) - number} more: see the sheet {sheet}."]
        shown.append(line)
    return shown or ["Nothing."]


def _lines(text: str, characters: int) -> int:
    """Return the number of lines that a text takes, wide characters counted double."""
    width = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return max(1, math.ceil(width / characters))


def _provenance_line(plan: Plan) -> str:
    """Say where the plan comes from, in one line."""
    facts = [f"{words} {plan.provenance[name]}" for name, words in _PROVENANCE.items() if plan.provenance.get(name) not in (None, "")]
    return f"Provenance: {', '.join(facts) or 'not recorded'}. More on the sheet Provenance."
