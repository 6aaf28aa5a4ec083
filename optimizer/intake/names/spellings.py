"""Tell whether two names are one in two spellings: company names, countries, and names of anything else.

A name has a *form*: what is left of it without case, accents' ways of writing, punctuation and, for a company, its legal form. Names of
one form are certainly one thing; names that are nearly of one form are suspected of it. Nothing here changes a name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from optimizer.intake.names.countries import country_of
from optimizer.schema.language import fold, without_accents

COMPANY, COUNTRY, PLAIN = "company", "country", "plain"

_LEGAL = {
    "co": "company",
    "company": "company",
    "cie": "company",
    "compagnie": "company",
    "ltd": "limited",
    "limited": "limited",
    "ltda": "limited",
    "limitada": "limited",
    "inc": "incorporated",
    "incorporated": "incorporated",
    "corp": "corporation",
    "corporation": "corporation",
    "plc": "plc",
    "llc": "llc",
    "llp": "llp",
    "lp": "lp",
    "gmbh": "gmbh",
    "mbh": "gmbh",
    "ag": "ag",
    "kg": "kg",
    "kgaa": "kgaa",
    "ohg": "ohg",
    "ug": "ug",
    "ev": "ev",
    "se": "se",
    "sa": "sa",
    "sas": "sas",
    "sarl": "sarl",
    "srl": "srl",
    "spa": "spa",
    "sca": "sca",
    "nv": "nv",
    "bv": "bv",
    "cv": "cv",
    "oy": "oy",
    "oyj": "oyj",
    "ab": "ab",
    "as": "as",
    "asa": "as",
    "aps": "aps",
    "ou": "ou",
    "oue": "ou",
    "uab": "uab",
    "sia": "sia",
    "doo": "doo",
    "zrt": "zrt",
    "kft": "kft",
    "sro": "sro",
    "zoo": "spzoo",
    "sp": "spzoo",
    "pty": "proprietary",
    "proprietary": "proprietary",
    "pte": "private",
    "pvt": "private",
    "private": "private",
    "sdn": "sdn",
    "bhd": "bhd",
    "kk": "kk",
    "jsc": "jsc",
    "ojsc": "jsc",
    "pjsc": "jsc",
    "cjsc": "jsc",
    "oao": "jsc",
    "pao": "jsc",
    "zao": "jsc",
    "ooo": "ooo",
    "ao": "jsc",
    "tbk": "tbk",
}
"""Words of legal forms, as they stand at the end of a company's name -> the form that they mean. Abbreviations of one form are one."""
_LONG_FORMS = (
    ("kabushiki kaisha", "kk"),
    ("besloten vennootschap", "bv"),
    ("aktiengesellschaft", "ag"),
    ("sociedad anonima", "sa"),
    ("societe anonyme", "sa"),
    ("s p a", "spa"),
    ("z o o", "zoo"),
    ("d o o", "doo"),
    ("s r o", "sro"),
    ("e v", "ev"),
    ("k k", "kk"),
    ("a s", "as"),
)
_LETTERS = str.maketrans("авекмнорстухіѕјԁαβεικνορτυχ", "abekmhopctyxisjdabeiknoptyx")
"""Cyrillic and Greek letters that look like Latin ones, in lower case."""
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe", "ß": "ss"})
_UNMARKED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss"})
_PART_AND = re.compile(r"\b(and|und|et|y)\b|&")

_MOST_OF_A_FORM = 20
"""Names of one form that are compared with each other; a workbook with more has said so often enough."""
_MOST_COMPARED, _LONGEST_COMPARED = 2_000, 80
"""So many names of so many letters are compared letter by letter; more would keep the planner waiting."""
_SHORTEST_NAME, _SHORTEST_WORD = 8, 5
"""A name that is one letter apart from another is suspected from this length on, of the name and of the word that differs."""

SYMBOLS = {
    "li": "lithium",
    "be": "beryllium",
    "b": "boron",
    "mg": "magnesium",
    "al": "aluminium",
    "si": "silicon",
    "sc": "scandium",
    "ti": "titanium",
    "v": "vanadium",
    "cr": "chromium",
    "mn": "manganese",
    "fe": "iron",
    "co": "cobalt",
    "ni": "nickel",
    "cu": "copper",
    "zn": "zinc",
    "ga": "gallium",
    "ge": "germanium",
    "as": "arsenic",
    "se": "selenium",
    "sr": "strontium",
    "y": "yttrium",
    "zr": "zirconium",
    "nb": "niobium",
    "mo": "molybdenum",
    "ru": "ruthenium",
    "rh": "rhodium",
    "pd": "palladium",
    "ag": "silver",
    "cd": "cadmium",
    "in": "indium",
    "sn": "tin",
    "sb": "antimony",
    "te": "tellurium",
    "cs": "cesium",
    "ba": "barium",
    "la": "lanthanum",
    "ce": "cerium",
    "pr": "praseodymium",
    "nd": "neodymium",
    "sm": "samarium",
    "eu": "europium",
    "gd": "gadolinium",
    "tb": "terbium",
    "dy": "dysprosium",
    "ho": "holmium",
    "er": "erbium",
    "tm": "thulium",
    "yb": "ytterbium",
    "lu": "lutetium",
    "hf": "hafnium",
    "ta": "tantalum",
    "w": "tungsten",
    "re": "rhenium",
    "os": "osmium",
    "ir": "iridium",
    "pt": "platinum",
    "au": "gold",
    "hg": "mercury",
    "pb": "lead",
    "bi": "bismuth",
    "c": "graphite",
}
"""Chemical symbols of what is bought as a critical material -> its name."""
_CHEMISTRY = frozenset(SYMBOLS.values()) | {
    "caesium",
    "chloride",
    "chlorine",
    "chlorate",
    "chlorite",
    "fluoride",
    "fluorine",
    "fluorite",
    "nitrate",
    "nitrite",
    "nitride",
    "oxide",
    "oxalate",
    "phosphate",
    "phosphite",
    "phosphide",
    "sulfate",
    "sulfite",
    "sulfide",
    "sulphate",
    "sulphite",
    "sulphide",
    "silicon",
    "silicone",
    "carbonate",
    "carbonite",
    "carbide",
    "iodide",
    "iodate",
    "bromide",
    "bromate",
    "thallium",
    "thorium",
    "rubidium",
    "selenate",
    "selenite",
    "tellurite",
    "tellurate",
}
"""Words that differ by a letter and mean different substances."""


@dataclass(frozen=True, slots=True)
class Form:
    """A name as it is compared. words: its own words; legal: its legal form, "" where none is said; loose: other ways to write the words."""

    words: str
    legal: str = ""
    loose: frozenset[str] = frozenset()


LONGEST_COMPARED = 200
"""Letters up to which a name is compared with others: no name of a company or a place is longer, and thousands of such would take minutes."""


@lru_cache(maxsize=100_000)
def form_of(name: str, kind: str) -> Form:
    """Return the form of a name of a kind (COMPANY, COUNTRY, PLAIN)."""
    if kind == COUNTRY and (country := country_of(name)):
        return Form(f"country {country.number}")
    text = _words(fold(name))
    legal = ""
    if kind == COMPANY:
        text, legal = _without_legal_form(text)
    joined = text if re.search(r"[0-9]", text) else text.replace(" ", "")
    loose = frozenset() if joined.isascii() else frozenset((_stripped(joined), _stripped(joined.translate(_SPELLED_OUT))))
    return Form(joined, legal, loose)


def _words(text: str) -> str:
    """Return the words of a folded name: letters, digits, and the signs that tell grades apart; punctuation is a gap, a point or ' is nothing."""
    if text.replace(" ", "").isalnum() and text.isascii() and not _PART_AND.search(text):
        return text
    text = _PART_AND.sub(" and ", re.sub(r"['.\u00b7]", "", re.sub(r"(?<=[0-9])\.(?=[0-9])", "_", text)))
    marks = []
    for place, mark in enumerate(text):
        category = unicodedata.category(mark)
        grade = mark == "-" and (place + 1 == len(text) or text[place + 1] == " ") and place > 0 and text[place - 1] != " "
        marks.append(f" {mark} " if category in ("Sm", "Sc") or grade else mark if category[0] in "LNM" or mark == "_" else " ")
    return " ".join("".join(marks).split())


def _without_legal_form(text: str) -> tuple[str, str]:
    """Return a company's words without the legal form at their end, and that form."""
    for long, short in _LONG_FORMS:
        if text.endswith(f" {long}"):
            text = text.removesuffix(long) + short
    words = text.removeprefix("the ").split()
    found: list[str] = []
    while len(words) > 1 and (words[-1] in _LEGAL or (words[-1] == "and" and found)):
        word = words.pop()
        if word != "and":
            found.append(_LEGAL[word])
    return " ".join(words), " ".join(dict.fromkeys(sorted(found)))


def _stripped(text: str) -> str:
    """Return a text without accents, in Latin letters where others look the same."""
    return without_accents(text.translate(_LETTERS).translate(_UNMARKED))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two spellings. name: the later one; first: the one met first. certain: they are one thing and count as one."""

    name: str
    first: str
    certain: bool


def pairs(names: Iterable[str], kind: str) -> list[Pair]:
    """Return the names that are another name's second spelling, each once, with the first that it is like. names: in order, as spelled."""
    order: dict[str, int] = {}
    seen: set[str] = set()
    for name in names:
        if len(name) <= LONGEST_COMPARED and fold(name) not in seen:
            seen.add(fold(name))
            order[name] = len(order)
    found = {pair.name: pair for pair in _by_form(list(order), kind)}
    for left, right in _one_letter_apart(list(order), kind) if len(order) <= _MOST_COMPARED else ():
        first, name = sorted((left, right), key=order.__getitem__)
        found.setdefault(name, Pair(name, first, certain=False))
    return sorted(found.values(), key=lambda pair: order[pair.name])


def _by_form(names: list[str], kind: str) -> Iterator[Pair]:
    """Yield names of an equal or nearly equal form."""
    forms = {name: form_of(name, kind) for name in names}
    order = {name: place for place, name in enumerate(names)}
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        form = forms[name]
        keys = form.loose | {form.words}
        earlier = [other for key in sorted(keys) for other in groups[key]]
        same = [other for other in earlier if forms[other].words == form.words]
        for key in keys:
            if len(groups[key]) < _MOST_OF_A_FORM:
                groups[key].append(name)
        if earlier:
            first = min(same or earlier, key=order.__getitem__)
            yield Pair(name, first, bool(same) and _one_legal_form(form.legal, forms[first].legal, [forms[other].legal for other in same]))


def _one_legal_form(legal: str, first: str, others: list[str]) -> bool:
    """Return whether two companies of one name are of one legal form, or one of them leaves it out where no other form is in sight."""
    return legal == first or (not (legal and first) and len({legal, *others} - {""}) < 2)


def _one_letter_apart(names: list[str], kind: str) -> Iterator[tuple[str, str]]:
    """Yield long names that differ by one letter: left out, added, changed, or two exchanged. They are found by their common deletions, in linear time."""
    texts: dict[str, list[str]] = defaultdict(list)
    for name in names:
        words = _without_legal_form(_words(fold(name)))[0] if kind == COMPANY else _words(fold(name))
        if (len(words) >= _SHORTEST_NAME or kind == COUNTRY) and len(words) <= _LONGEST_COMPARED:
            texts[words].append(name)
    near: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        for key in {text, *(text[:place] + text[place + 1 :] for place in range(len(text)))}:
            near[key].append(text)
    seen = set()
    for group in near.values():
        for place, left in enumerate(group[:50]):
            for right in group[place + 1 : 50]:
                if (left, right) not in seen and left != right and _slip(left, right, kind):
                    seen.add((left, right))
                    yield texts[left][0], texts[right][0]


def _slip(left: str, right: str, kind: str) -> bool:
    """Return whether two texts that are one letter apart look like a slip: in a long word, not in its first letter, not in a number or a substance."""
    pairs_of_words = list(zip(left.split(), right.split(), strict=False))
    if len(left.split()) != len(right.split()):
        return False
    differing = [(a, b) for a, b in pairs_of_words if a != b]
    if len(differing) != 1:
        return False
    a, b = differing[0]
    if kind == COUNTRY and country_of(left) and country_of(right):
        return False
    if min(len(a), len(b)) < _SHORTEST_WORD or a[0] != b[0] or re.search(r"[0-9]", a + b) or (a in _CHEMISTRY and b in _CHEMISTRY):
        return False
    return a.isalpha() and b.isalpha() and _distance_is_one(a, b)


def _distance_is_one(a: str, b: str) -> bool:
    """Return whether one letter left out, added, changed, or two neighbours exchanged make one word of the other."""
    if len(a) == len(b):
        unlike = [place for place in range(len(a)) if a[place] != b[place]]
        swapped = len(unlike) == 2 and unlike[1] == unlike[0] + 1 and a[unlike[0]] == b[unlike[1]] and a[unlike[1]] == b[unlike[0]]
        return len(unlike) == 1 or swapped
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return len(longer) == len(shorter) + 1 and any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))


def meant(name: str, known: Iterable[str], kind: str) -> str | None:
    """Return the one known name that an unknown one means in another spelling, by symbol or as an abbreviation; None if none or several might be."""
    known, form = list(known), form_of(name, kind)
    like = [other for other in known if (found := form_of(other, kind)).words == form.words or (found.loose | {found.words}) & form.loose]
    if not like and kind == PLAIN:
        word = fold(name)
        whole = SYMBOLS.get(word, word)
        like = [other for other in known if whole in fold(other).split()] or [
            other for other in known if len(word) >= 2 and (fold(other).startswith(word) or _initials(other) == word)
        ]
    return like[0] if len(like) == 1 else None


def _initials(name: str) -> str:
    return "".join(word[0] for word in fold(name).split())
