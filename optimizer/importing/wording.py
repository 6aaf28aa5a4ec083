"""Read a header as a planner writes it: the words that say what it is, the unit among them, the period; and find the column that these words mean."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz, process

from optimizer.importing.periods import Span, part_of_year, span_of
from optimizer.intake.cells.senses import may_be_meant
from optimizer.intake.cells.units import Measure, is_remark, is_signed, parse_unit
from optimizer.schema.language import normalize, without_accents
from optimizer.schema.sheets import INPUTS
from optimizer.schema.synonyms import words_of

EXACT, SYNONYM, WEAK = 100.0, 97.0, 80.0
"""How far a header's words mean a column: its own name, a synonym, a word that only the table as a whole makes clear."""
_CUTOFF = 86
"""Likeness, of 100, from which a misspelled word is proposed."""
_BRACKETS = re.compile(r"[(\[{（]([^()\[\]{}（）]*)[)\]}）]")
PIECES = frozenset(
    "pc pcs piece pieces ea each set sets box boxes unit_of_use carton cartons pallet pallets drum drums roll rolls pair pairs litre litres liter liters "
    "l ml m3 m2 stk stueck stück st "
    "szt sztuk pz pezzi pièces pièce pce pces unidades uds ud un kwh mwh gwh".split()
)
"""Words for units that are no weight, which a material may be counted in."""
PRICE_BASES = frozenset(
    "price_unit price_per pricing_unit price_basis price_base per_quantity per_qty per_unit_quantity preiseinheit peh "
    "unite_de_prix unidad_de_precio unita_di_prezzo".split()
)
"""Headers of the column that says for how many units a price is: 250 per 100 kg."""
_PER = re.compile(r"\b(?:per|pro|par|por|al|na) (?=\S)", re.IGNORECASE)
_UNIT_WORDS = 5
"""Most words of a unit that stands in a header without brackets."""


@dataclass(frozen=True, slots=True)
class HeaderWords:
    """A header taken apart. base: what it names, normalized; unit: the text of its unit, "" for none; span: the period in it, None for none."""

    text: str
    base: str
    unit: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Meaning:
    """A column that words may mean. target: such as Suppliers.price; score: 0 to 100; how: exact, synonym, weak or like."""

    target: str
    score: float
    how: str


def period_of(value: Any) -> Span | None:
    """Return the period that a header names as a whole; None where it is something else. A bare number is a year only between 1990 and 2200."""
    return span_of(value)


def alone_in(text: str) -> str:
    """Return the month, quarter or week without a year that a header names beside its unit, "" for none."""
    plain = " ".join(_BRACKETS.sub(" ", re.sub(r" #\d+$", "", text)).split())
    return plain if part_of_year(plain) is not None else ""


@lru_cache(maxsize=20_000)
def unit_in(text: str) -> Measure | None:
    """Return the unit that a text gives; None where it gives none. Any currency, any weight and the usual words for pieces are understood."""
    if not text.strip():
        return None
    piece = next((word for word in re.findall(r"[^\W\d_]+[23]?", text.casefold()) if word in PIECES), "")
    return parse_unit(text, "", piece)


@lru_cache(maxsize=20_000)
def read_header(text: str) -> HeaderWords:
    """Take a header apart: a name known as a whole stays whole; else its unit, in brackets or beside, and its period are told from its name."""
    plain = unicodedata.normalize("NFKC", re.sub(r" #\d+$", "", text))
    span = span_of(plain)
    if span is not None:
        return HeaderWords(text, "", "", span)
    inside = [_PER.sub("per ", part.strip()) for part in _BRACKETS.findall(plain)]
    outside = " ".join(_BRACKETS.sub(" ", plain).split()).strip(" :,;-–")
    if not re.search(r"[\s_\-./]", outside) and not _is_word(normalized(outside)):
        outside = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", outside)
    units = [part for part in inside if unit_in(part) is not None]
    rest = [part for part in inside if part not in units and not is_remark(part)]
    span = next((found for part in rest if (found := span_of(part)) is not None), None)
    outside, beside = ("", whole) if (whole := span_of(outside)) is not None else _without_period(outside) if span is None else (outside, span)
    span = span or beside
    base = normalized(" ".join([outside, *(part for part in rest if span_of(part) is None)]))
    if base and _is_word(base) and not is_signed(outside):
        return HeaderWords(text, base, " ".join(units), span)
    name, unit = _without_unit(outside)
    return HeaderWords(text, normalized(name), " ".join(filter(None, (" ".join(units), unit))), span)


def _without_period(text: str) -> tuple[str, Span | None]:
    """Return a header without the period at one of its ends: "Capacity 2027", "Q1 2027 demand"."""
    words = text.replace("_", " ").split()
    for count in (1, 2):
        if len(words) > count:
            for part, rest in ((words[-count:], words[:-count]), (words[:count], words[count:])):
                if (span := span_of(" ".join(part))) is not None:
                    return " ".join(rest), span
    return text, None


def _without_unit(text: str) -> tuple[str, str]:
    """Return a header without the unit that its last, or first, words are: "Price EUR/kg", "Qty/yr", "weekly demand", "Demand per month t"."""
    words = re.findall(r"[^\s/_]+|/", _PER.sub("/ ", text).replace("_", " "))
    fallback = (text, "")
    for size in range(min(_UNIT_WORDS, len(words) - 1), 0, -1):
        for last, unit, name in ((True, words[-size:], words[:-size]), (False, words[:size], words[size:])):
            joined = " ".join(unit)
            if unit[0] == "/" and not last:
                continue
            base = [word for word in name if word != "/"]
            if unit_in(joined) is None or not base or name[-1:] == ["/"]:
                continue
            while len(base) > 1 and base[-1].lower() in ("in", "en"):
                base.pop()
            if _is_word(normalized(" ".join(base))):
                return " ".join(base), _spoken_unit(joined)
            if last and not fallback[1] and len(unit) > 1:
                fallback = (" ".join(base), _spoken_unit(joined))
    return fallback


def _spoken_unit(unit: str) -> str:
    """Return a unit as people write it: EUR/kg, per month."""
    plain = re.sub(r"\s*/\s*", "/", unit.removeprefix("in "))
    return f"per {plain[1:]}" if plain.startswith("/") else plain


def normalized(text: str) -> str:
    """Return words as the table of synonyms has them: lower case, without accents, joined by _."""
    return without_accents(normalize(re.sub(r"[#*]+", " ", text.replace("ß", "ss").translate(_SPELLED_OUT))))


_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ł": "l", "Ł": "L"})


@lru_cache(maxsize=1)
def _names() -> dict[str, tuple[Meaning, ...]]:
    """Return every word that means a column -> the columns that it means."""
    found: dict[str, dict[str, Meaning]] = defaultdict(dict)

    def add(word: str, target: str, score: float, how: str) -> None:
        known = found[word].get(target)
        if word and (known is None or known.score < score):
            found[word][target] = Meaning(target, score, how)

    for sheet in INPUTS:
        for column in sheet.columns:
            target = f"{sheet.name}.{column.name}"
            add(normalize(column.name), target, EXACT, "exact")
            for word in words_of(sheet.name, column.name):
                add(word, target, SYNONYM, "synonym")
            for word in words_of(sheet.name, column.name, "weak"):
                add(word, target, WEAK, "weak")
    return {word: tuple(meanings.values()) for word, meanings in found.items()}


def _is_word(base: str) -> bool:
    return base in _names()


@lru_cache(maxsize=20_000)
def meanings(base: str) -> tuple[Meaning, ...]:
    """Return the columns that a header's words may mean, the likeliest first: by name, by synonym, and by likeness (RapidFuzz) where they are misspelled."""
    names = _names()
    if base in names:
        return names[base]
    if len(base) < 4 or base in PRICE_BASES:
        return ()
    like = process.extract(base.replace("_", " "), _spoken(), scorer=fuzz.token_sort_ratio, score_cutoff=_CUTOFF, limit=8)
    found: dict[str, Meaning] = {}
    for _, score, word in like:
        if may_be_meant(base, word):
            for meaning in names[word]:
                found.setdefault(meaning.target, Meaning(meaning.target, score * meaning.score / 110, "like"))
    return tuple(sorted(found.values(), key=lambda one: -one.score))


@lru_cache(maxsize=1)
def _spoken() -> dict[str, str]:
    return {word: word.replace("_", " ") for word in _names()}


@lru_cache(maxsize=20_000)
def known_words(text: str) -> float:
    """Return how surely a cell is a header of some column, from 0 to 1."""
    if len(text) > 60:
        return 0.0
    words = read_header(text)
    best = max((one.score for one in meanings(words.base)), default=0.0) if words.base else 0.0
    return best / 100 if best >= WEAK * 0.9 else 0.5 if alone_in(text) else 0.0
