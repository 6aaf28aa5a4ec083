"""Write what was seen of each offer in each quarter of a history from its readable data: <history>/quotes.csv.

    python sample_inputs/history/build.py            write the quotes of every history
    python sample_inputs/history/build.py --check    exit 1 if quotes on disk are not in step with their data

prices.csv holds the prices that were found, each with its date; follows.csv says which of these series an offer follows, times which factor (two
series, joined by " + ", stand for their mean). The price of a quarter is that of its middle, on the straight line between the nearest dates before and
after; before the first date and after the last one that price is carried. available.csv says how much of an offer's capacity could be had.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEADER = ("period", "supplier", "material", "offer", "price", "available", "grade", "note")


def histories() -> list[str]:
    """The histories, by name."""
    return sorted(file.parent.name for file in HERE.glob("*/active.csv"))


def rows(name: str, sheet: str) -> list[dict[str, str]]:
    """The rows of one file of a history; rows of another length than the header are refused."""
    with (HERE / name / f"{sheet}.csv").open(encoding="utf-8", newline="") as lines:
        found = list(csv.DictReader(lines))
    for number, row in enumerate(found, start=2):
        if None in row or None in row.values():
            raise ValueError(f"{name}/{sheet}.csv, line {number}: not as many cells as headers")
    return found


def middle(period: str) -> dt.date:
    """The day in the middle of a quarter such as 2024-Q1."""
    return dt.date(int(period[:4]), 3 * int(period[-1]) - 1, 15)


def price_on(points: list[tuple[dt.date, float]], day: dt.date) -> tuple[float, str]:
    """The price of a series on a day, and how it is known."""
    points = sorted(points)
    if day <= points[0][0]:
        return points[0][1], f"carried back from {points[0][0]}"
    for (before, low), (after, high) in pairwise(points):
        if before <= day <= after:
            return low + (high - low) * (day - before).days / (after - before).days, f"between {before} and {after}"
    return points[-1][1], f"carried on from {points[-1][0]}"


def quotes(name: str) -> Iterator[dict[str, str]]:
    """The rows of quotes.csv."""
    series: dict[str, list[tuple[dt.date, float]]] = {}
    for row in rows(name, "prices"):
        series.setdefault(row["series"], []).append((dt.date.fromisoformat(row["date"]), float(row["price"])))
    had = {(row["supplier"], row["material"], row["offer"], row["period"]): row for row in rows(name, "available")}
    periods = [row["period"] for row in rows(name, "active")]
    follows = {(row["supplier"], row["material"], row["offer"]): row for row in rows(name, "follows")}
    for key in dict.fromkeys([*follows, *(key[:3] for key in had)]):
        for period in periods:
            share, rule = had.pop((*key, period), None), follows.get(key)
            found = [price_on(series[part], middle(period)) for part in rule["series"].split(" + ")] if rule else []
            if not found and not share:
                continue
            price = f"{sum(price for price, _ in found) / len(found) * float(rule['factor']):.6g}" if rule and found else ""
            yield {
                **dict(zip(("supplier", "material", "offer"), key)),
                "period": period,
                "price": price,
                "available": share["available"] if share else "",
                "grade": "".join(sorted({part["grade"] for part in (rule, share) if part})),
                "note": "; ".join(dict.fromkeys(known for _, known in found)),
            }
    if had:
        raise ValueError(f"{name}/available.csv names periods or offers that are nowhere else: {sorted(had)}")


def written(name: str) -> str:
    """quotes.csv as text."""
    text = io.StringIO()
    table = csv.DictWriter(text, HEADER, lineterminator="\n")
    table.writeheader()
    table.writerows(quotes(name))
    return text.getvalue()


def main(arguments: list[str] | None = None) -> int:
    """Write or check the quotes of every history."""
    parser = argparse.ArgumentParser(description="Write the quotes of every history from their readable data.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if quotes are not in step with their data")
    options = parser.parse_args(arguments)
    stale = []
    for name in histories():
        file = HERE / name / "quotes.csv"
        if options.check:
            if not file.exists() or file.read_text(encoding="utf-8") != written(name):
                stale.append(name)
                print(f"{name}/quotes.csv is not in step with its data; run: python sample_inputs/history/build.py")
        else:
            file.write_text(written(name), encoding="utf-8")
            print(f"wrote {name}/quotes.csv")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
