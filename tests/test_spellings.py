"""Two spellings of one name: what is one name without a word, what counts as one with a warning, and what only looks alike."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from books import put, raw, setting, sound

import optimizer
from optimizer.editing.repairs import fixes
from optimizer.intake.names.spellings import COMPANY, COUNTRY, PLAIN, meant, pairs
from optimizer.intake.reader import case_from_sheets
from optimizer.schema.language import fold, normalize, visible

ONE_NAME = {
    "decomposed accents": ("Münster Raffinerie", unicodedata.normalize("NFD", "Münster Raffinerie")),
    "full width": ("Gallium 6N", "Ｇａｌｌｉｕｍ　６Ｎ"),
    "half-width kana": ("ガリウム", "ｶﾞﾘｳﾑ"),
    "a zero-width space": ("Gallium", "Gal\u200blium"),
    "a zero-width joiner": ("Gallium", "Gallium\u200d"),
    "a byte-order mark": ("Gallium", "\ufeffGallium"),
    "a soft hyphen": ("Dysprosium oxide", "Dyspro\u00adsium oxide"),
    "a mark of direction": ("Gallium", "\u200eGallium\u200f"),
    "a variation selector": ("Gallium", "Gallium\ufe0f"),
    "a curly apostrophe": ("Xi'an Metals", "Xi’an Metals"),
    "a modifier apostrophe": ("Xi'an Metals", "Xiʼan Metals"),
    "an acute accent as apostrophe": ("Xi'an Metals", "Xi´an Metals"),
    "a prime": ("Xi'an Metals", "Xi′an Metals"),
    "curly quotes": ('"Red" line', "“Red” line"),
    "a hyphen that does not break": ("Alcoa-Sojitz", "Alcoa\u2011Sojitz"),
    "a Unicode hyphen": ("Alcoa-Sojitz", "Alcoa\u2010Sojitz"),
    "an en dash": ("Alcoa-Sojitz", "Alcoa–Sojitz"),
    "a minus sign": ("Alcoa-Sojitz", "Alcoa−Sojitz"),
    "double blanks": ("Dy oxide", "Dy   oxide"),
    "a blank that does not break": ("Dy oxide", "Dy\u00a0oxide"),
    "a narrow blank": ("Dy oxide", "Dy\u202foxide"),
    "an ideographic space": ("Dy oxide", "Dy　oxide"),
    "a tab": ("Dy oxide", "Dy\toxide"),
    "case": ("Dy Oxide", "DY OXIDE"),
    "a sharp s": ("Gießen", "GIESSEN"),
    "a ligature": ("Graphite flakes", "Graphite ﬂakes"),
}


@pytest.mark.parametrize("kind", ONE_NAME)
def test_one_name_in_two_ways_to_write_its_characters_is_one_name_shown_as_first_spelled(kind):
    """Two encodings of the same visible name are one name on all sheets, shown as it was spelled first."""
    first, second = ONE_NAME[kind]
    assert fold(first) == fold(second)
    sheets = sound()
    put(sheets, "Materials", 3, "material", first)
    put(sheets, "Demand", 2, "material", second)
    for number in (2, 3):
        put(sheets, "Inventory", number, "material", second)
        put(sheets, "Suppliers", number, "material", second)
    put(sheets, "Disruptions", 2, "material", f"Ore, {second}")
    case = case_from_sheets(raw(sheets)).case
    shown = " ".join(first.split())
    assert [row.material for row in case.materials] == ["Ore", shown]
    assert {row.material for row in (*case.inventory, *case.demand, *case.offers)} == {"Ore", shown}
    assert case.disruptions[0].material == ("Ore", shown)


def test_what_nobody_sees_is_left_out_of_the_first_spelling_too():
    """Invisible characters and repeated blanks are removed from the name that is shown."""
    sheets = sound()
    put(sheets, "Suppliers", 4, "supplier", "\ufeffMi\u200bne\u00a0\u00a0One ")
    assert case_from_sheets(raw(sheets)).case.offers[2].supplier == "Mine One"


def test_a_cell_of_invisible_characters_alone_is_blank():
    """A cell that shows nothing counts as blank and takes its default."""
    sheets = sound()
    put(sheets, "Suppliers", 2, "spot_limit_per_year", "\u200b \u00a0\ufeff")
    assert case_from_sheets(raw(sheets)).case.offers[0].spot_limit_per_year is None


@pytest.mark.parametrize("header", ["ｐｒｉｃｅ＿ｇｒｏｗｔｈ", "Price\u00a0growth", "price\u2011growth", "price_growth\u200b", "PRICE – GROWTH"])
def test_headers_match_in_any_way_to_write_their_characters(header):
    """A header in full width, with other blanks or other hyphens is the same header."""
    assert normalize(header) == "price_growth"


@pytest.mark.parametrize("header", ["Größe", "öprice", "价格", "pricé"])
def test_letters_of_other_alphabets_are_letters(header):
    """Letters beyond ASCII stay in a normalised header and do not vanish like punctuation."""
    assert normalize(header) == header.lower()


COUNTED_AS_ONE = {
    COMPANY: [
        ("Eastern Metals Co., Ltd.", "Eastern Metals Co Ltd"),
        ("Eastern Metals Co., Ltd.", "EASTERN METALS COMPANY LIMITED"),
        ("Eastern Metals", "Eastern Metals Ltd"),
        ("Alcoa Corp.", "Alcoa Corporation"),
        ("Rhine Refining GmbH", "Rhine Refining G.m.b.H."),
        ("Bianchi S.p.A.", "Bianchi SpA"),
        ("Bar GmbH & Co. KG", "Bar GmbH and Co KG"),
        ("Alcoa-Sojitz", "Alcoa Sojitz"),
        ("Acme, Inc.", "ACME Inc"),
        ("The Teck Company", "Teck Co"),
        ("Novák s.r.o.", "Novák sro"),
        ("Tanaka K.K.", "Tanaka Kabushiki Kaisha"),
        ("Ørsted A/S", "Ørsted AS"),
        ("Shin (Etsu)", "Shin Etsu"),
        ("RioTinto", "Rio Tinto"),
    ],
    COUNTRY: [
        ("China", "PRC"),
        ("China", "People's Republic of China"),
        ("China", "CN"),
        ("China", "P.R. China"),
        ("PR China", "中国"),
        ("China", "Volksrepublik China"),
        ("USA", "United States"),
        ("United States of America", "U.S."),
        ("Korea", "South Korea"),
        ("Republic of Korea", "ROK"),
        ("UK", "United Kingdom"),
        ("Czech Republic", "Czechia"),
        ("Russia", "Russian Federation"),
        ("Vietnam", "Viet Nam"),
        ("DRC", "Democratic Republic of the Congo"),
        ("Germany", "Deutschland"),
        ("Netherlands", "The Netherlands"),
        ("Turkey", "Türkiye"),
        ("Côte d’Ivoire", "Ivory Coast"),
    ],
}
LOOK_ALIKE = {
    COMPANY: [
        ("Northern Separation", "Northern Seperation"),
        ("Eastern Metals", "Eastern Metlas"),
        ("Eastern Metals", "Eastern Metalls"),
        ("Münster Werk", "Muenster Werk"),
        ("Münster Werk", "Munster Werk"),
        ("Acme AG", "Acme Inc."),
        ("Ørsted", "Orsted"),
        ("АСМЕ Metals", "ACME Metals"),
        ("Vacuumschmelze", "Vacumschmelze"),
        ("Lynas Gebeng", "Lynas Gebong"),
    ],
    COUNTRY: [("Germany", "Germny"), ("Estonia", "Estnoia")],
    PLAIN: [("Traction motors", "Traction motor"), ("Grain boundary", "Grain boundry"), ("Dy oxide", "Dy-oxide"), ("Rotor (core)", "Rotor core")],
}
TWO_NAMES = {
    COMPANY: [
        ("North", "South"),
        ("Line 1", "Line 2"),
        ("Line 1.5", "Line 15"),
        ("MP 10X", "MP 11X"),
        ("Eastern Metals", "Western Metals"),
        ("Northern Metals", "Southern Metals"),
        ("Chinese gallium refiner", "Chinese germanium smelter"),
        ("Supplier A", "Supplier B"),
        ("Korea Zinc Onsan", "Korea Zinc Antimony"),
        ("Plant II", "Plant III"),
        ("Ore", "Ores"),
        ("Co", "Ltd"),
        ("Limited Co", "Private Co"),
    ],
    COUNTRY: [
        ("Austria", "Australia"),
        ("Niger", "Nigeria"),
        ("Iran", "Iraq"),
        ("Slovakia", "Slovenia"),
        ("North Korea", "South Korea"),
        ("Congo", "DR Congo"),
        ("China", "Taiwan"),
        ("China", "Hong Kong"),
        ("Dominica", "Dominican Republic"),
        ("Guinea", "Guinea-Bissau"),
    ],
    PLAIN: [
        ("Terbium oxide", "Erbium oxide"),
        ("Cerium oxide", "Cesium oxide"),
        ("Traction motors", "Traction rotors"),
        ("Grade A+", "Grade A"),
        ("Grade A-", "Grade A"),
        ("Purity 99.9%", "Purity 99.99%"),
        ("Gallium 6N", "Gallium 7N"),
        ("Motors, core models", "Motors, base models"),
        ("Sodium nitrate", "Sodium nitrite"),
        ("Dy oxide", "Y oxide"),
        ("Size <5", "Size >5"),
        ("Ban 2027", "Ban 2028"),
    ],
}


def each(groups):
    return [(kind, *pair) for kind, found in groups.items() for pair in found]


@pytest.mark.parametrize(("kind", "first", "second"), each(COUNTED_AS_ONE))
def test_one_thing_in_two_spellings_is_known_for_certain(kind, first, second):
    """Two spellings that can only mean one thing are a pair that is certain."""
    assert [(pair.name, pair.first, pair.certain) for pair in pairs([first, "Something Else", second], kind)] == [(second, first, True)]


@pytest.mark.parametrize(("kind", "first", "second"), each(LOOK_ALIKE))
def test_names_that_look_alike_are_suspected(kind, first, second):
    """Names that look alike are a pair, and for companies and countries one that is not certain."""
    found = pairs([first, "Something Else", second], kind)
    assert [(pair.name, pair.first) for pair in found] == [(second, first)]
    assert kind == PLAIN or not found[0].certain


@pytest.mark.parametrize(("kind", "first", "second"), each(TWO_NAMES))
def test_names_of_two_things_are_left_alone(kind, first, second):
    """Names that differ as two things' names do are no pair."""
    assert pairs([first, second], kind) == []


def test_no_sample_holds_a_name_in_two_spellings():
    """The samples have no pair of spellings among suppliers, countries or materials."""
    names = {"supplier": COMPANY, "country": COUNTRY, "material": PLAIN}
    for sample in ("gallium_germanium", "national_stockpile", "rare_earth_magnets", "tutorial"):
        case = optimizer.load(f"sample_inputs/{sample}.xlsx").case
        for attribute, kind in names.items():
            assert pairs([getattr(offer, attribute) for offer in case.offers if getattr(offer, attribute)], kind) == []


@pytest.mark.parametrize(
    ("name", "known", "kind", "one"),
    [
        ("Ga", ["Gallium", "Germanium"], PLAIN, "Gallium"),
        ("Dy", ["Dysprosium oxide", "Gallium"], PLAIN, "Dysprosium oxide"),
        ("Sb", ["Antimony", "Tungsten"], PLAIN, "Antimony"),
        ("germ", ["Gallium", "Germanium"], PLAIN, "Germanium"),
        ("PRC", ["China", "Chile"], COUNTRY, "China"),
        ("Eastern Metals Limited", ["Eastern Metals Ltd.", "Mine"], COMPANY, "Eastern Metals Ltd."),
        ("G", ["Gallium", "Germanium"], PLAIN, None),
        ("Ge", ["Germanium 4N", "Germanium 5N"], PLAIN, None),
    ],
)
def test_an_unknown_name_is_traced_to_the_one_that_it_can_mean(name, known, kind, one):
    """An abbreviation, symbol or other spelling leads to the known name if exactly one fits, else to None."""
    assert meant(name, known, kind) == one


# -- in a workbook ---------------------------------------------------------------------------------------------------------


def twins(first="Eastern Metals Co., Ltd.", second="Eastern Metals Co Ltd", **limit):
    """The sound workbook with two offers of one supplier, and a limit."""
    sheets = sound()
    put(sheets, "Suppliers", 3, "supplier", first)
    sheets["Suppliers"].append([second, "Oxide", "chinese", "China", 205, 500, None])
    setting(sheets, "discount_rate", 0)
    for header, value in {"measure": "largest_supplier_share", "bloc": None, "maximum": 0.2, "penalty": None, **limit}.items():
        put(sheets, "Limits", 2, header, value)
    return sheets


def test_a_hard_cap_on_one_supplier_is_not_passed_by_its_twin():
    """A supplier in two spellings counts as one for the limit on the largest supplier, in the optimal plan too."""
    sheets = twins()
    sheets["Suppliers"] += [[name, "Oxide", "allied", None, 400, 500, None] for name in ("One", "Two", "Three", "Four")]
    reading = case_from_sheets(raw(sheets))
    assert [(warning.where, warning.level) for warning in reading.warnings] == [("Suppliers!A5", "warning")]
    assert "'Eastern Metals Co Ltd' is 'Eastern Metals Co., Ltd.' of row 3 in another spelling: both count as one supplier" in reading.warnings[0].message
    assert [(offer.supplier, offer.offer) for offer in reading.case.offers[1:4:2]] == [
        ("Eastern Metals Co., Ltd.", ""),
        ("Eastern Metals Co., Ltd.", "Eastern Metals Co Ltd"),
    ]
    orders = optimizer.solve(reading.case).tables["orders"]
    oxide = orders[orders.material == "Oxide"].groupby("supplier")[["spot", "contract"]].sum().sum(axis=1)
    assert oxide.filter(like="Eastern").sum() == pytest.approx(0.2 * oxide.sum()) and oxide.sum() > 100


def test_a_filter_by_one_spelling_holds_for_the_other():
    """A limit or disruption that names one spelling applies to the offers of both."""
    sheets = twins(measure="purchase_share", supplier="Eastern Metals Co Ltd")
    put(sheets, "Disruptions", 2, "supplier", "Eastern Metals Co Ltd, North")
    case = case_from_sheets(raw(sheets)).case
    assert case.limits[0].supplier == ("Eastern Metals Co., Ltd.",)
    assert case.disruptions[0].supplier == ("Eastern Metals Co., Ltd.", "North")
    assert all(case.limits[0].matches(offer) for offer in case.offers[1::2])


@pytest.mark.parametrize(
    ("sheet", "column", "name", "one"),
    [
        ("Disruptions", "country", "PRC", "China"),
        ("Disruptions", "supplier", "East Ltd.", "East"),
        ("Limits", "country", "P.R. China", "China"),
        ("Disruptions", "supplier", "North, East Co., Ltd., Mine", "East"),
        ("Limits", "supplier", "East Co., Ltd.", "East"),
        ("Demand", "material", "Oxide.", "Oxide"),
    ],
)
def test_a_name_that_stands_nowhere_is_traced_to_its_other_spelling_with_one_click(sheet, column, name, one):
    """An unknown name in a filter proposes the known spelling, and the repair makes the workbook readable."""
    sheets = sound()
    put(sheets, sheet, 2, column, name)
    with pytest.raises(optimizer.errors.WorkbookError) as caught:
        case_from_sheets(raw(sheets))
    (problem,) = caught.value.problems
    assert f"Did you mean '{one}'?" in problem.message
    assert case_from_sheets(fixes(problem, raw(sheets))[0].sheets).case


def test_names_that_only_look_alike_stay_two_and_the_warning_names_the_limit_that_each_keeps_by_itself():
    """Two names that only look alike stay two suppliers, and the warning says which limit each may reach alone."""
    reading = case_from_sheets(raw(twins("Acme AG", "Acme Inc.")))
    assert [offer.supplier for offer in reading.case.offers[1::2]] == ["Acme AG", "Acme Inc."]
    assert "count as two, each of which may reach Chinese share by itself" in reading.warnings[0].message


def test_countries_in_two_spellings_are_one_for_a_limit_on_one_country():
    """Two names of a country are one country for limits and disruptions, with one warning."""
    sheets = twins("Eastern Metals", "Southern Metals", measure="largest_country_share")
    put(sheets, "Suppliers", 5, "country", "PRC")
    put(sheets, "Disruptions", 2, "country", "PRC")
    reading = case_from_sheets(raw(sheets))
    assert [warning.where for warning in reading.warnings] == ["Suppliers!D5"]
    assert {offer.country for offer in reading.case.offers[1::2]} == {"China"} and reading.case.disruptions[0].country == ("China",)


@pytest.mark.parametrize("keep", [0, 1])
def test_one_click_makes_two_spellings_one_on_every_sheet_and_in_every_list(keep):
    """Either repair of a pair of spellings replaces the other one in cells and lists of all sheets."""
    sheets = twins(measure="purchase_share", supplier="North, Eastern Metals Co., Ltd.")
    put(sheets, "Disruptions", 2, "supplier", "Eastern Metals Co Ltd,Eastern Metals Co., Ltd., Mine")
    reading = case_from_sheets(raw(sheets))
    offered = fixes(reading.warnings[0], raw(sheets))
    assert [fix.words for fix in offered] == ["Write 'Eastern Metals Co., Ltd.' everywhere", "Write 'Eastern Metals Co Ltd' everywhere"]
    after = case_from_sheets(offered[keep].sheets)
    name = ("Eastern Metals Co., Ltd.", "Eastern Metals Co Ltd")[keep]
    assert after.warnings == ()
    assert [offer.supplier for offer in after.case.offers] == ["North", name, "Mine", name]
    assert after.case.limits[0].supplier == ("North", name) and after.case.disruptions[0].supplier == (name, "Mine")


def test_one_click_makes_two_names_of_a_country_one_for_feedstock_too():
    """The repair of two names of a country covers the column of feedstock countries too."""
    sheets = sound()
    put(sheets, "Suppliers", 2, "feedstock_country", "PRC")
    put(sheets, "Suppliers", 2, "feedstock_dependence", 0.5)
    put(sheets, "Limits", 2, "country", "China")
    put(sheets, "Suppliers", 4, "country", "P.R. China")
    put(sheets, "Suppliers", 4, "bloc", "chinese")
    put(sheets, "Disruptions", 3, "bloc", None)
    warnings = case_from_sheets(raw(sheets)).warnings
    assert [warning.where for warning in warnings] == ["Suppliers!G2", "Suppliers!D4"]
    once = fixes(warnings[0], raw(sheets))[0].sheets
    twice = fixes(case_from_sheets(once).warnings[0], once)[0].sheets
    after = case_from_sheets(twice)
    assert after.warnings == () and after.case.offers[0].feedstock_country == "China" and after.case.offers[2].country == "China"


FILLERS = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0") | {chr(code) for code in range(0xFE00, 0xFE10)}


def test_what_nobody_sees_is_taken_out_and_nothing_else():
    """Of all characters those of Unicode's category Cf go, and a few fillers; blanks of any kind become one plain blank."""
    for code in range(sys.maxunicode + 1):
        mark, unseen = chr(code), visible(f"a{chr(code)}b") == "ab"
        if unicodedata.category(mark) == "Cf":
            assert unseen, hex(code)
        elif unseen:
            assert mark in FILLERS or unicodedata.category(mark) == "Cn", hex(code)
