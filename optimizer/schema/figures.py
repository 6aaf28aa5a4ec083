"""How figures are written for people, in whatever room a sentence is made."""

from __future__ import annotations


def money(value: float, currency: str) -> str:
    """Write an amount of money, in millions or billions where it is large; "thousand USD" and the like stand behind the number."""
    if " " in currency:
        return f"{value:,.0f} {currency}"
    for size, word in ((1e9, " billion"), (1e6, " million")):
        if abs(value) >= size:
            return f"{currency} {value / size:,.2f}{word}"
    return f"{currency} {value:,.0f}"
