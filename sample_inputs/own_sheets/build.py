"""Write the two files of a buyer that docs/app.md walks through: python sample_inputs/own_sheets/build.py. Byte for byte the same on every run.

They are as buyers keep such files, and so on purpose no sourcing workbook: a title in merged cells, notes above and below the table, units in the headers,
decimal commas, two countries in one cell, a month a column, and lead times, blocs and the cost of a shortage nowhere. Suppliers and figures are invented.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import sys
from pathlib import Path

import xlsxwriter

HERE = Path(__file__).resolve().parent
CREATED = dt.datetime(2026, 11, 23)
OFFERS = (
    ("Vendor", "Product", "Country of origin", "Price (EUR/kg)", "Max. quantity (t/year)", "MOQ (kg)", "Contact"),
    ("Eastern Metals Trading", "Gallium 6N", "China; Malaysia", "289,50", "1,4", 25, "R. Lim"),
    ("Rheingallium", "Gallium 6N", "Germany", "512,00", "0,6", 10, "K. Vogt"),
    ("Pacific Refining", "Gallium 6N", "Japan", "478,25", "0,5", 20, "H. Mori"),
    ("Eastern Metals Trading", "Germanium dioxide", "China", "1.180,00", "0,9", 10, "R. Lim"),
    ("Ardennes Metals", "Germanium dioxide", "Belgium", "1.945,50", "0,45", 5, "L. Maes"),
    ("Northern Smelter", "Germanium dioxide", "Canada", "2.060,75", "0,4", 5, "A. Roy"),
)
STOCK = (("Product", "Origin", "On hand (kg)"), ("Gallium 6N", "allied", "220,5"), ("Germanium dioxide", "allied", "95"))
RISKS = (
    ("Risk", "Country", "Probability per year", "Duration (months)", "Remaining capacity", "Price factor"),
    ("Export stop", "China", "35%", "6", "0%", "1,6"),
    ("Port strike", "Malaysia", "15%", "2", "40%", "1,1"),
)
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
NEEDS = (
    ("Gallium 6N", "Dresden", (62.5, 62.5, 65, 65, 65, 67.5, 67.5, 60, 70, 70, 72.5, 55)),
    ("Gallium 6N", "Regensburg", (31, 31, 31, 33.5, 33.5, 33.5, 35, 28, 35, 36.5, 36.5, 25)),
    ("Germanium dioxide", "Jena", (40, 40, 42.5, 42.5, 42.5, 45, 45, 38, 45, 47.5, 47.5, 35)),
)


def price_list() -> bytes:
    """The offers, the stock and the risks, as an Excel workbook."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"created": CREATED, "author": ""})
        title, head = book.add_format({"bold": True, "font_size": 14, "align": "center"}), book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        offers = book.add_worksheet("Price list")
        offers.merge_range(0, 0, 0, len(OFFERS[0]) - 1, "Approved sources of gallium and germanium, 2027", title)
        offers.write(1, 0, "Delivered Dresden, duty paid. As of 16 November 2026.")
        _write(offers, 3, OFFERS, head)
        offers.write(4 + len(OFFERS), 0, "Quantities of several origins are for all of them together.")
        offers.set_column(0, len(OFFERS[0]) - 1, 21)
        stock = book.add_worksheet("Stock")
        _write(stock, 1, STOCK, head)
        stock.set_column(0, len(STOCK[0]) - 1, 19)
        risks = book.add_worksheet("Risk register")
        risks.write(0, 0, "Supply risks, purchasing committee", title)
        _write(risks, 2, RISKS, head)
        risks.set_column(0, len(RISKS[0]) - 1, 19)
    return target.getvalue()


def _write(sheet, first: int, rows: tuple, head) -> None:
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            sheet.write(first + number, place, value, head if number == 0 else None)


def demand_plan() -> bytes:
    """The needs of each month in kg, as a text file in the way of a German or French Excel."""
    target = io.StringIO()
    lines = csv.writer(target, delimiter=";", lineterminator="\r\n")
    lines.writerow(["Product", "Site", *(f"{month} 2027 (kg)" for month in MONTHS)])
    for product, site, needs in NEEDS:
        lines.writerow([product, site, *(f"{need:.1f}".replace(".", ",") for need in needs)])
    return target.getvalue().encode()


FILES = {"price_list.xlsx": price_list, "demand_plan.csv": demand_plan}


def main() -> None:
    """Write both files, or with --check say which are out of step."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is not in step with this script")
    only_check = options.parse_args().check
    stale = [name for name, made in FILES.items() if not (HERE / name).exists() or (HERE / name).read_bytes() != made()]
    if only_check:
        sys.exit(f"Not in step with build.py: {', '.join(stale)}" if stale else 0)
    for name in stale:
        (HERE / name).write_bytes(FILES[name]())


if __name__ == "__main__":
    main()
