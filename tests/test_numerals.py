"""Every number that a written number may mean, and no other."""

import pytest

from optimizer.intake.cells.numerals import numeral

ONE_READING = {
    "35": 35,
    "35%": 0.35,
    "35 %": 0.35,
    "0.35": 0.35,
    "0,35": 0.35,
    ".05": 0.05,
    ",5": 0.5,
    "70,5": 70.5,
    "70,5 %": 0.705,
    "0.125": 0.125,
    "0,125": 0.125,
    "1,250.5": 1250.5,
    "1.250,5": 1250.5,
    "1,250,000": 1_250_000,
    "1.250.000": 1_250_000,
    "1 250": 1250,
    "1\u00a0250,5": 1250.5,
    "1\u202f250": 1250,
    "1'250": 1250,
    "1’250.75": 1250.75,
    "12,34,567": 1_234_567,
    "1e6": 1e6,
    "1.5E3": 1500,
    "2,5e-3": 0.0025,
    "-4": -4,
    "−4": -4,
    "+4": 4,
    "(1,250.5)": -1250.5,
    "３５": 35,
    "1250.": 1250,
    "1234.567": 1234.567,
    "0": 0,
    "-0": 0,
    "12,5": 12.5,
    "1,25": 1.25,
    "1250,000": 1250,
}
TWO_READINGS = {"1.250": (1.25, 1250), "1,250": (1.25, 1250), "25.000": (25, 25000), "8.000": (8, 8000), "-1.250": (-1.25, -1250), "1.250%": (0.0125, 12.5)}
NO_NUMBER = [
    "",
    "abc",
    "1_500",
    "nan",
    "inf",
    "1.2.3",
    "1,2,3",
    "12-34",
    "1.250,000.5",
    "5 kg",
    "35%%",
    "1 25",
    "--4",
    "0.125.000",
    "1e999",
    "€",
    "%",
    "$5%",
    "4 weeks",
    "2027-04",
]


@pytest.mark.parametrize("text", ONE_READING)
def test_a_clear_number_has_one_reading(text):
    """A number whose signs leave no doubt has exactly one value."""
    assert numeral(text).values == (pytest.approx(ONE_READING[text], rel=1e-15),)


@pytest.mark.parametrize("text", TWO_READINGS)
def test_an_unclear_number_has_both_readings(text):
    """A number with one sign before three digits has both its values: with decimals and with thousands."""
    assert numeral(text).values == pytest.approx(TWO_READINGS[text], rel=1e-15)


@pytest.mark.parametrize("text", NO_NUMBER)
def test_what_is_no_number_has_none(text):
    """A text that is no number in any custom has no value."""
    assert numeral(text) is None


@pytest.mark.parametrize(
    "text, currency, value",
    [
        ("€ 99.50", "€", 99.5),
        ("99,50 €", "€", 99.5),
        ("$1,250.00", "$", 1250),
        ("USD 12", "USD", 12),
        ("12 EUR", "EUR", 12),
        ("-$5", "$", -5),
        ("US$ 7", "US$", 7),
        ("($5)", "$", -5),
    ],
)
def test_a_currency_is_told_apart_from_the_number(text, currency, value):
    """A currency before or after a number is returned beside the value, as it was written."""
    found = numeral(text)
    assert (found.currency, found.values) == (currency, (value,))
