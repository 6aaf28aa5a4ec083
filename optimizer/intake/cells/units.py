"""Read units as planners write them (of time, weight and money, and percentages), and convert a number from one into another.

One table of units serves headers, rows of units and number formats. Nothing is converted that is not in it: a unit that is unknown, or of
another kind than the column's, is refused by who asks.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from optimizer.intake.cells.numerals import CURRENCY_SIGNS

DAYS_PER_YEAR = 365
"""As in the measures of cover: a year has 365 days, a month a twelfth of them, a week 7 days."""

_MONTHS = {
    "second seconds sec secs s": 12 / (DAYS_PER_YEAR * 86_400),
    "minute minutes min": 12 / (DAYS_PER_YEAR * 1_440),
    "hour hours hr hrs h": 12 / (DAYS_PER_YEAR * 24),
    "day days d tag tage tagen jour jours día días dia dias giorno giorni dzień dni": 12 / DAYS_PER_YEAR,
    "week weeks wk wks w woche wochen semaine semaines semana semanas settimana settimane tydzień tygodnie tygodni tygodniach": 7 * 12 / DAYS_PER_YEAR,
    "month months mo mos mth mths mon monat monate monaten mois mes meses mese mesi miesiąc miesiące miesięcy miesiącach mês": 1.0,
    "quarter quarters qtr qtrs q quartal quartale quartalen trimestre trimestres trimestri kwartał kwartały": 3.0,
    "year years yr yrs y annum a jahr jahre jahren année années an ans año años ano anos anno anni rok roku lata lat": 12.0,
}
_GRAMS = {
    "mg milligram milligrams": 0.001,
    "g gram grams gramme grammes gr": 1.0,
    "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes": 1_000.0,
    "t tonne tonnes tonnen mt metric_ton metric_tons metric_tonne metric_tonnes": 1e6,
    "kt kilotonne kilotonnes": 1e9,
    "lb lbs pound pounds": 453.59237,
    "oz ounce ounces": 28.349523125,
    "troy_oz troy_ounce troy_ounces ozt oz_t toz": 31.1034768,
    "short_ton short_tons": 907_184.74,
    "long_ton long_tons": 1_016_046.9088,
}
_MULTIPLES = {
    "k thousand thousands tsd tausend tys millier milliers 000 000s 1000 1000s ths": 1e3,
    "m mm mn mio mill mln million millions millionen": 1e6,
    "bn billion billions mrd mld milliarden milliard milliards": 1e9,
}
_ADVERBS = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "annual": "year",
    "annually": "year",
    "yearly": "year",
    "pa": "year",
    "jährlich": "year",
    "monatlich": "month",
    "wöchentlich": "week",
    "mensuel": "month",
    "mensuelle": "month",
    "hebdomadaire": "week",
    "mensual": "month",
    "semanal": "week",
    "mensile": "month",
    "settimanale": "week",
    "pm": "month",
    "pw": "week",
    "pq": "quarter",
}
_MONEY_WORDS = {"euro": "EUR", "euros": "EUR", "dollar": "$", "dollars": "$", "sterling": "GBP", "yuan": "CNY", "rmb": "CNY", "yen": "JPY"}
CURRENCIES = frozenset(
    "AED ARS AUD BGN BHD BRL CAD CHF CLP CNH CNY COP CZK DKK EGP EUR GBP HKD HRK HUF IDR ILS INR ISK JPY KES KRW KWD KZT MAD MXN MYR NGN NOK NZD OMR "
    "PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TND TRY TWD TZS UAH USD UYU UZS VND XAF XOF ZAR ZMW".split()
)
_SIGNS_OF_MANY = {
    "$": frozenset("USD AUD CAD NZD SGD HKD TWD MXN ARS CLP COP BRL UYU".split()),
    "¥": frozenset(("JPY", "CNY", "CNH")),
    "kr": frozenset(("SEK", "NOK", "DKK", "ISK")),
    "£": frozenset(("GBP", "EGP")),
    "₹": frozenset(("INR",)),
    "R$": frozenset(("BRL",)),
    "zł": frozenset(("PLN",)),
    "₽": frozenset(("RUB",)),
    "₺": frozenset(("TRY",)),
    "₫": frozenset(("VND",)),
    "₴": frozenset(("UAH",)),
    "₪": frozenset(("ILS",)),
    "฿": frozenset(("THB",)),
    "Fr.": frozenset(("CHF",)),
}
"""Signs that serve several currencies, or that numerals do not know: any of them may be meant."""
_ANY_SIGN = "$£¥元฿¢¤\u20a0-\u20cf"
"""The signs of currencies, as the inside of a pattern's brackets: those that are known, and all others that there are, so that none is lost."""
PERCENTS = "%‰‱٪"
SIGN = re.compile(rf"US\$|CN¥|R\$|A\$|C\$|NZ\$|S\$|HK\$|[{_ANY_SIGN}]|zł|\bkr\b|\bFr\.")
_LETTERED_DOLLARS = {"A$": "AUD", "C$": "CAD", "NZ$": "NZD", "S$": "SGD", "HK$": "HKD"}
_REMARKS = frozenset("text name number numeric date share fraction ratio optional required mandatory yes no list blank unit units word words n a".split())
"""What stands in brackets or in a row of units without being a unit."""


@dataclass(frozen=True, slots=True)
class Term:
    """One unit. kind: time (size in months), mass (in grams), money (size 1, name the currency), percent, or other (known by its name alone).

    multiple: how many of them one is, such as 1000 in kUSD.
    """

    kind: str
    name: str
    size: float = 1.0
    multiple: float = 1.0


@dataclass(frozen=True, slots=True)
class Measure:
    """A unit as written: its text, what is counted (None where only a rate is given, as in "per month") and per what."""

    text: str
    top: Term | None
    per: tuple[Term, ...] = ()

    @property
    def of_time(self) -> tuple[Term, ...]:
        """Return the times that it is per."""
        return tuple(term for term in self.per if term.kind == "time")

    @property
    def weighs(self) -> bool:
        """Return whether it counts a material, or is per one."""
        return any(term.kind in ("mass", "other") for term in (self.top, *self.per) if term is not None)

    @property
    def currency(self) -> str:
        """Return the currency that it counts, "" for none."""
        return self.top.name if self.top is not None and self.top.kind == "money" else ""


class UnitFault(Exception):
    """Say why a unit does not serve a column, as a clause; sentence: what to do, "" where the usual advice serves."""

    def __init__(self, clause: str, advice: str = "") -> None:
        super().__init__(clause)
        self.clause, self.advice = clause, advice


def _lookup(table: dict[str, float]) -> dict[str, float]:
    return {word: size for words, size in table.items() for word in words.split()}


_TIME, _MASS, _TIMES = _lookup(_MONTHS), _lookup(_GRAMS), _lookup(_MULTIPLES)


def grams_of(word: str) -> float | None:
    """Return the weight of a unit in grams, None for a word that is none. A bare ton is none: it may be metric, short or long."""
    return _lookup(_GRAMS).get("_".join(word.casefold().split()))


def currency_of(word: str) -> str:
    """Return the currency that a sign, a code or a word means, a sign that serves many as itself; "" if it is none."""
    plain = word.strip()
    if plain in _SIGNS_OF_MANY and plain not in ("R$",):
        return plain
    return (
        _LETTERED_DOLLARS.get(plain)
        or CURRENCY_SIGNS.get(plain)
        or _MONEY_WORDS.get(plain.lower())
        or ("BRL" if plain == "R$" else "")
        or (plain.upper() if plain.upper() in CURRENCIES and plain.upper() != "ALL" else "")
    )


def same_currency(found: str, own: str) -> bool:
    """Return whether a currency as found is, or may be, the case's own, which may be given as a code, a sign or a word."""
    mine, theirs = (currency_of(word) or word.strip().upper() for word in (own, found))
    return bool(mine) and (mine == theirs or mine in _SIGNS_OF_MANY.get(theirs, ()) or theirs in _SIGNS_OF_MANY.get(mine, ()))


def signs_in(text: str) -> list[str]:
    """Return every currency sign in a text, as currencies."""
    return [currency_of(found[0]) or found[0] for found in SIGN.finditer(text)]


def parse_unit(text: str, own: str = "", material_unit: str = "") -> Measure | None:
    """Return what a unit's text says; None if it is not understood.

    own: the case's currency, of any word. material_unit: a unit of any word that is taken as itself.
    """
    words = _words(text)
    top: list[str] = []
    per: list[list[str]] = []
    rates: list[Term] = []
    for number, word in enumerate(words):
        plain = word.lower()
        if plain in ("in", "of", "each", "the", "-", ",", "."):
            continue
        if plain in ("/", "per", "÷"):
            per.append([])
        elif plain == "and" and per and per[-1]:
            per.append([])
        elif plain in ("a", "p") and words[number + 1 : number + 2] and words[number + 1].lower() in _TIME and not per:
            per.append([])
        elif plain in _ADVERBS and not (per and not per[-1]):
            rates.append(Term("time", _ADVERBS[plain], _TIME[_ADVERBS[plain]]))
        else:
            (per[-1] if per else top).append(word)
    terms = [_term(segment, own, material_unit) for segment in per]
    if any(term is None for term in terms):
        return None
    first = _term(top, own, material_unit) if top else None
    if (top and (first is None or first.kind == "unit")) or (first is None and not terms and not rates):
        return None
    return Measure(" ".join(text.split()), first, (*terms, *rates))


def is_signed(text: str) -> bool:
    """Return whether a text bears a percent sign or the sign of a currency, be it one that is not known, in any width."""
    plain = unicodedata.normalize("NFKC", text)
    return bool(re.search(f"[{PERCENTS}]", plain) or SIGN.search(plain))


def is_remark(text: str) -> bool:
    """Return whether a text in brackets or in a row of units says nothing of a unit: (text), (optional)."""
    words = re.findall(r"[^\W_]+", text.lower())
    return not words and not is_signed(text) or bool(words) and all(word in _REMARKS for word in words)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"\bp\s*\.\s*([amqw])\s*\.?(?=\W|$)", r" p\1 ", plain, flags=re.IGNORECASE)
    plain = re.sub(r"(?<=[A-Za-z€$£¥%])\s*-\s*(?=[A-Za-z])", " ", plain)
    plain = re.sub(r"\b1[,. ']?000\b", "1000", plain)
    plain = re.sub(r"\b(\w+)-1\b|\b(\w+)\s*\^\s*-\s*1\b", r"per \1\2", plain)
    return re.findall(rf"US\$|CN¥|R\$|A\$|C\$|NZ\$|S\$|HK\$|Fr\.|[{_ANY_SIGN}{PERCENTS}/÷]|[^\W\d_]+|\d+s?|-|,", plain)


def _term(words: list[str], own: str, material_unit: str) -> Term | None:
    """Return the one unit that words say, with the multiple before or after it: k USD, USD k, thousand USD, metric ton."""
    if not words:
        return None
    whole = " ".join(words)
    for label, kind in ((own, "money"), (material_unit, "mass")):
        if label and _same(whole, label):
            return Term("money", label) if kind == "money" else _material(label)
    single = _unit(words, own)
    if single is not None:
        return single
    for at, rest in ((0, words[1:]), (-1, words[:-1])):
        multiple = 1e3 if at == 0 and words[0] == "T" else _TIMES.get(words[at].lower())  # T€, as German has it
        if multiple and rest:
            found = _unit(rest, own)
            return replace(found, multiple=multiple) if found is not None and found.kind == "money" else None
    return _glued(whole, own) if len(words) == 1 else None


def _unit(words: list[str], own: str) -> Term | None:
    whole, key = " ".join(words), "_".join(words).lower()
    currencies = {name for name in map(currency_of, words) if name}
    if own and _same(whole, own):
        return Term("money", own)
    if len(words) == 1 and words[0] == "Mt":
        return None  # metric tons or a million of them
    if key in _MASS:
        return Term("mass", key, _MASS[key])
    if words[-1:] == ["sterling"] and key == "pounds_sterling" or key == "pound_sterling":
        return Term("money", "GBP")
    if key in _TIME and not (len(words[0]) == 1 and words[0].isupper() and words[0] != "Q"):
        return Term("time", key, _TIME[key])
    if key in ("unit", "units"):
        return Term("unit", "unit")
    if key in ("%", "٪", "percent", "pct", "percentage", "per_cent", "percentages"):
        return Term("percent", "%", 0.01)
    if key in ("‰", "permille"):
        return Term("percent", "‰", 0.001)
    if key in _TIMES:
        return Term("multiple", key, multiple=_TIMES[key])
    if len(currencies) == 1 and all(map(currency_of, words)):
        return Term("money", currencies.pop())
    return None


def _glued(word: str, own: str) -> Term | None:
    """Return a multiple written together with a currency: kUSD, MEUR, USDm, EURk."""
    for multiple in ("mio", "mn", "mm", "bn", "k", "m", "t"):
        for rest in (word[len(multiple) :] if word.lower().startswith(multiple) else "", word[: -len(multiple)] if word.lower().endswith(multiple) else ""):
            if rest and (currency_of(rest) and rest.isupper() or (own and _same(rest, own))):
                return Term("money", own if own and _same(rest, own) else currency_of(rest), multiple=_TIMES.get(multiple, 1e3))
    return None


def _material(label: str) -> Term:
    """Return a material's unit: a weight where it is one, else known by its name alone."""
    words = _words(label)
    key = "_".join(words).lower()
    return Term("mass", key, _MASS[key]) if key in _MASS and words != ["Mt"] else Term("other", " ".join(label.split()).casefold())


def _same(left: str, right: str) -> bool:
    """Return whether two words are one, but for case, blanks and a plural."""
    one, other = ("".join(word.split()).casefold().rstrip(".") for word in (left, right))
    return one == other or (min(len(one), len(other)) > 1 and one.removesuffix("s") == other.removesuffix("s"))


# -- what a number in a unit is in a column --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Declared:
    """The unit of a column of the schema. top: what is counted: money, material, share, months, seconds or times. per_*: whether it is per these."""

    top: str
    per_material: bool = False
    per_year: bool = False


def declared_unit(unit: str) -> Declared | None:
    """Return the parts of a unit of the schema; None for one that no other unit can be converted into."""
    return {
        "{currency}": Declared("money"),
        "{currency} per {unit}": Declared("money", True),
        "{currency} per {unit} and year": Declared("money", True, True),
        "{unit}": Declared("material"),
        "{unit} per year": Declared("material", False, True),
        "months": Declared("months"),
        "seconds": Declared("seconds"),
        "per year": Declared("share", False, True),
        "share per year": Declared("share", False, True),
        "share": Declared("share"),
        "times": Declared("times"),
    }.get(unit)


def factor(measure: Measure, unit: str, own: str, material_unit: str) -> float:
    """Return what a number in `measure` is multiplied by to stand in a column of the schema's `unit`. UnitFault if it cannot be.

    What the measure leaves open is as the column has it: (EUR) on a price is per unit of the material.
    """
    wanted = declared_unit(unit)
    if wanted is None:
        raise UnitFault("the column takes no other unit than its own")
    return _top_factor(measure, wanted, own, material_unit) / _per_factor(measure, wanted, material_unit)


def _top_factor(measure: Measure, wanted: Declared, own: str, material_unit: str) -> float:
    top = measure.top
    if top is None:
        return 1.0
    if top.kind == "money" and wanted.top == "money":
        if not same_currency(top.name, own):
            advice = "Convert the column to the case's currency, or correct currency on Settings."
            raise UnitFault(f"it is in {top.name}, and the currency of the case is {own}", advice)
        return top.multiple
    if top.kind == "multiple" and (wanted.top == "money" or (wanted.top == "material" and len(top.name) > 1)):
        return top.multiple  # a bare m or k on a quantity may be metres, or anything
    if top.kind == "percent" and wanted.top in ("share", "times"):
        return top.size
    if top.kind == "time" and wanted.top in ("months", "seconds"):
        return top.size / (1.0 if wanted.top == "months" else _TIME["second"])
    if wanted.top == "material":
        return _weight(top, material_unit)
    raise UnitFault(f"it counts {top.name}, and the column does not")


def _per_factor(measure: Measure, wanted: Declared, material_unit: str) -> float:
    result = 1.0
    times = weights = 0
    for term in measure.per:
        if term.kind == "time":
            times += 1
            if not wanted.per_year:
                raise UnitFault(f"it is per {term.name}, and the column is not per time")
            if wanted.top == "share" and term.size != 12:
                raise UnitFault(f"it is per {term.name}, and rates compound: only rates per year are read", "Give the rate per year.")
            result *= term.size / 12
        elif wanted.per_material:
            weights += 1
            result *= _weight(term, material_unit)
        else:
            raise UnitFault(f"it is per {term.name}, and the column is not")
    if times > 1 or weights > 1:
        raise UnitFault("it is per the same thing twice")
    return result


def _weight(term: Term, material_unit: str) -> float:
    """Return how many of the material's units one of `term` is."""
    own = _material(material_unit) if material_unit else None
    if term.kind == "unit":
        return term.multiple
    if term.kind not in ("mass", "other"):
        raise UnitFault(f"it counts {term.name}, which is no unit of a material")
    if term.kind == "other" and own is not None and own.kind == "other" and own.name == term.name:
        return term.multiple
    if own is None:
        return 1.0  # the material of the row is not known, which is a problem of its own
    if term.kind != "mass" or own.kind != "mass":
        raise UnitFault(f"it counts {term.name}, and the unit of the material is {material_unit}", "Give the quantity in the material's unit.")
    return term.multiple * term.size / own.size
