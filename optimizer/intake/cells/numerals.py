"""Find the numbers that a written number may mean.

A planner writes 1.250 for one and a quarter, or for twelve hundred and fifty: which of the two depends on their country. `numeral`
gives every reading, and never chooses between two.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

CURRENCY_SIGNS = {"€": "EUR", "$": "USD", "US$": "USD", "£": "GBP", "¥": "JPY", "CN¥": "CNY", "元": "CNY", "₩": "KRW", "₹": "INR"}
"""Signs and the currency that each of them usually means. A sign alone does not decide: $ serves many dollars, ¥ the yen and the yuan."""

_PLAIN = re.compile(r"[0-9]+")
_EXPONENT = re.compile(r"[0-9]*[.,]?[0-9]+[eE][+-]?[0-9]{1,3}|[0-9]+[.,][eE][+-]?[0-9]{1,3}")
_GROUPS = re.compile(r"[0-9]{1,3}(?:([., '])[0-9]{2,3}(?:\1[0-9]{2,3})*)?")
_DECIMAL = re.compile(r"[0-9]*[.,][0-9]+|[0-9]+[.,]")
_SIGN_OR_CODE = re.compile(r"[A-Z]{0,3}[€$£¥元₩₹]|[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Numeral:
    """Hold what a text says as a number.

    values: every number that it may mean, the reading with a decimal point first; more than one where the text is ambiguous.
    percent: whether it bears a percent sign, which the values take into account (35% is 0.35). currency: the sign or code that it
    bears, as written; "" for none.
    """

    values: tuple[float, ...]
    percent: bool = False
    currency: str = ""


def numeral(text: str) -> Numeral | None:
    """Return every number that `text` may mean; None where it is no number.

    Understood are decimal points and decimal commas, thousands grouped by commas, points, blanks and apostrophes, exponents, a
    percent sign, a currency sign or three-letter code before or after, a leading sign and, as in accounting, brackets for a negative number.
    """
    body = _cleaned(text)
    currency, body = _without_currency(body)
    negative = False
    if body.startswith("(") and body.endswith(")"):
        negative, body = True, body[1:-1].strip()
    if not currency:
        currency, body = _without_currency(body)
    percent = body.endswith("%") or body.startswith("%")
    body = body.strip("%").strip() if body.count("%") == 1 else body
    if body[:1] in ("+", "-") and not negative:
        negative, body = body[0] == "-", body[1:].strip()
    if not currency:
        currency, body = _without_currency(body)
    values = [_hundredth(value) if percent else value for value in _readings(body) if math.isfinite(value)]
    if not values or (percent and currency):
        return None
    return Numeral(tuple(-value if negative and value else value for value in dict.fromkeys(values)), percent, currency)


def _hundredth(value: float) -> float:
    """Return a percentage as a fraction: 35.7% is the number that .357 is, which a division would miss by its last digit."""
    return float(Decimal(repr(value)).scaleb(-2))


def _cleaned(text: str) -> str:
    """Return the text with full-width characters, minus signs, blanks and apostrophes in their plain forms."""
    # Only width and blanks: the plain forms of 10\u2074 and of 5\u00b2 are other numbers.
    plain = "".join(
        unicodedata.normalize("NFKC", mark) if unicodedata.decomposition(mark).startswith(("<wide>", "<noBreak>", "<compat> 0020")) else mark for mark in text
    )
    plain = re.sub(r"[\u200b-\u200d\u2060\ufeff]", "", plain)
    plain = re.sub(r"[\u2010-\u2015\u2212]", "-", plain)
    plain = re.sub(r"[\u2018\u2019\u02bc`\u00b4]", "'", plain)
    return " ".join(plain.split())


def _without_currency(body: str) -> tuple[str, str]:
    """Return the currency sign or code at either end of a text, and the text without it."""
    if found := _SIGN_OR_CODE.match(body):
        rest = body[found.end() :].strip()
        if rest:
            return found[0], rest
    if found := re.search(r"(?:" + _SIGN_OR_CODE.pattern + r")$", body):
        rest = body[: found.start()].strip()
        if rest and rest[-1:].isdigit() or rest[-1:] in (".", ",", ")"):
            return found[0], rest
    return "", body


def _readings(body: str) -> list[float]:
    """Return the numbers that unsigned digits with separators may mean."""
    if _PLAIN.fullmatch(body):
        return [float(body)]
    if _EXPONENT.fullmatch(body):
        return [float(body.replace(",", "."))]
    readings = []
    if _DECIMAL.fullmatch(body):
        readings.append(float(body.replace(",", ".")))
    if _grouped(body):
        readings.append(float(re.sub(r"[., ']", "", body)))
    for at in ".,":
        # Groups by one sign, then decimals after another: 1,250.5 or 1 250,5.
        whole, separator, decimals = body.rpartition(at)
        if separator and at not in whole and _PLAIN.fullmatch(decimals or "0") and _grouped(whole):
            readings.append(float(re.sub(r"[., ']", "", whole) + "." + (decimals or "0")))
    return readings


def _grouped(body: str) -> bool:
    """Return whether digits stand in groups of thousands (or of lakhs, two digits and three at last), the first of which is no zero."""
    found = _GROUPS.fullmatch(body)
    if not found or not found[1] or body.startswith("0"):
        return False
    groups = body.split(found[1])
    return len(groups[-1]) == 3 and (len({len(group) for group in groups[1:]}) == 1 or all(len(group) == 2 for group in groups[1:-1]))
