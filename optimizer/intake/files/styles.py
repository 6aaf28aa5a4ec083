"""The number formats of a workbook's cells: the one thing of its styles that says what a value is."""

from __future__ import annotations

from dataclasses import dataclass

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

from optimizer.intake.files.limits import MOST_STYLES
from optimizer.intake.files.package import MAIN, parse

_EAST_ASIAN_DAYS = (*range(27, 37), *range(50, 59))
"""Numbers of formats for days and times that Excel in Chinese, Japanese and Korean has built in; files do not spell them out."""


@dataclass(frozen=True, slots=True)
class Style:
    """A number format, and what it makes of a number: a day or time, a duration, a percentage."""

    format: str
    date: bool
    duration: bool
    percent: bool


GENERAL = Style("General", False, False, False)
LONGEST_FORMAT = 255


def style_of(number_format: str) -> Style:
    """Return what a number format says. One that is longer than Excel allows says nothing."""
    if len(number_format) > LONGEST_FORMAT:
        return GENERAL
    duration = is_timedelta_format(number_format)
    return Style(number_format, is_date_format(number_format) or duration, duration, "%" in number_format)


def cell_styles(data: bytes) -> list[Style]:
    """Return the styles of cells, by their number. ValueError where the part is none of styles, or holds more than Excel can."""
    formats = {**BUILTIN_FORMATS, **dict.fromkeys(_EAST_ASIAN_DAYS, "yyyy-mm-dd")}
    numbers: list[int] = []
    path: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition(" ")
        if not path and (name != "styleSheet" or space not in MAIN):
            raise ValueError("the part of styles holds none")
        if name == "numFmt" and path[-1:] == ["numFmts"]:
            formats[_number(attributes.get("numFmtId"))] = attributes.get("formatCode") or "General"
        elif name == "xf" and path[-1:] == ["cellXfs"]:
            numbers.append(_number(attributes.get("numFmtId")))
            if len(numbers) > MOST_STYLES:
                raise ValueError("more styles than a workbook can have")
        path.append(name)

    def end(_: str) -> None:
        path.pop()

    parse(data, start, end)
    known: dict[int, Style] = {}
    for number in numbers:
        if number not in known:
            known[number] = style_of(formats.get(number, "General"))
    return [known[number] for number in numbers]


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
