"""Read what the number format of a cell says: a currency, a unit, leading zeros. A planner sees the number in its format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from numbers import Real
from typing import Any

from optimizer.intake.cells.units import CURRENCIES, PERCENTS, SIGN, currency_of

_OF_LOCALE = {
    ("$", "c09"): "AUD",
    ("$", "1009"): "CAD",
    ("$", "1409"): "NZD",
    ("$", "4809"): "SGD",
    ("$", "c04"): "HKD",
    ("$", "404"): "TWD",
    ("$", "80a"): "MXN",
    ("¥", "804"): "CNY",
    ("¥", "411"): "JPY",
    ("￥", "804"): "CNY",
    ("￥", "411"): "JPY",
}
"""A sign that serves many currencies, with the number of the language that Excel writes beside it."""
_TOKEN = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)(?:-([0-9A-Fa-f]*))?\]|\[[^\]]*\]|_.|\*.|(General|[0#?.,%/]|E[+-])|(.)', re.DOTALL)
_LIKE_A_UNIT = re.compile(rf"[{PERCENTS}]|/\s*\w|\b(?:per|pro|pct)\b", re.IGNORECASE)
_SHORTENED = re.compile(r"\b[a-z]/[a-z]\b", re.IGNORECASE)
"""Words that are no unit for all their stroke: n/a, w/o."""


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """The parts of a number format. text: the words and signs that stand beside the number; currencies: those among them.

    scale: what the number is divided by before it is shown. parts: placeholders (0, #, ...) and texts in their order, for whole numbers.
    """

    text: str
    currencies: tuple[str, ...]
    scale: float
    parts: tuple[tuple[str, str], ...]


def read_format(code: str) -> NumberFormat:
    """Return the parts of the first section of a number format."""
    parts: list[tuple[str, str]] = []
    currencies: list[str] = []
    for found in _TOKEN.finditer(_first_section(code)):
        quoted, escaped, sign, language, digits, bare = found.groups()
        if sign is not None:
            known = _OF_LOCALE.get((sign, (language or "").lower().lstrip("0"))) or sign
            if sign:
                currencies.append(currency_of(known) or known)
                parts.append(("text", known))
        elif digits:
            parts.append(("digits", digits))
        elif (text := quoted or escaped or bare) is not None:
            parts.append(("text", text))
    text = "".join(text if kind == "text" else " " for kind, text in parts)
    currencies += [currency_of(one[0]) or one[0] for one in SIGN.finditer(text) if (currency_of(one[0]) or one[0]) not in currencies]
    currencies += [word for word in re.findall(r"(?<![A-Za-z])[kM]?([A-Z]{3})(?![A-Za-z])", text) if word in CURRENCIES and word not in currencies]
    codes = "".join(text for kind, text in parts if kind == "digits")
    commas = len(codes) - len(codes.rstrip(",")) if re.search(r"[0#?],+$", codes) else len(re.findall(r",(?=,*\.)", codes))
    return NumberFormat(" ".join(text.split()), tuple(dict.fromkeys(currencies)), 1000.0**commas, tuple(parts))


def seems_a_unit(text: str) -> bool:
    """Return whether the words beside a number have what only units have, be they known or not: USD/100 kg, per drum, ‰."""
    return bool(_LIKE_A_UNIT.search(_SHORTENED.sub("", text)))


def _first_section(code: str) -> str:
    """Return a format up to the first semicolon that is no text: what positive numbers are shown by."""
    quoted = False
    for position, mark in enumerate(code):
        if mark == '"':
            quoted = not quoted
        elif mark == ";" and not quoted and code[position - 1 : position] != "\\":
            return code[:position]
    return code


def as_shown(value: Any, code: str) -> str | None:
    """Return a whole number as a format of zeros and texts shows it, such as 007 or PN-0007; None where the format is of another kind."""
    if isinstance(value, bool) or not isinstance(value, Real) or value < 0 or not float(value).is_integer():
        return None
    parts = read_format(code).parts
    slots = [number for number, (kind, text) in enumerate(parts) if kind == "digits"]
    if not slots or any(parts[number][1] not in ("0", "#") for number in slots):
        return None
    digits = f"{float(value):.0f}"
    filled: dict[int, str] = {}
    for number in reversed(slots):
        filled[number] = digits[-1:] or ("0" if parts[number][1] == "0" else "")
        digits = digits[:-1]
    filled[slots[0]] = digits + filled[slots[0]]
    return "".join(filled.get(number, text) if kind == "digits" else text for number, (kind, text) in enumerate(parts)).strip()


def is_year_alone(code: str) -> bool:
    """Return whether a date is shown as its year alone."""
    return re.sub(r"\[[^\]]*\]|;@$|[\"\\ ]", "", code).lower() in ("yyyy", "yy", "e")
