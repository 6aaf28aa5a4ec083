"""Five sourcing data sets of the public record, laid out as a buyer would have them, and what a planner answers about them.

The first two have the figures of their sources and their published optima. Of the others only the shape is the source's: makers, numbers and names are made
up here, by a rule, so that nothing of theirs is copied.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import openpyxl

OWN_SHEETS = Path(__file__).resolve().parent.parent / "sample_inputs" / "own_sheets"
"""The two files of a buyer that docs/app.md walks through."""


def write_book(path: Path, sheets: dict[str, list[list]]) -> Path:
    """Write a workbook: sheet -> its rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


def write_csv(path: Path, rows: list[list], separator: str = ",", encoding: str = "utf-8") -> Path:
    """Write a text file of values."""
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    return path


def price_breaks(folder: Path, least_of_premium: float | None = 250) -> list[Path]:
    """Three suppliers with price breaks by order quantity and a set-up cost, a month's need, and what was promised to one of them."""
    bands = {
        "Joe": [(0, 100, 1.5, 0), (100, 300, 1, 50), (300, 1000, 0.8, 110), (1000, 3000, 0.6, 310)],
        "Bulk": [(0, 10000, 0.75, 0)],
        "Premium": [
            (0, 50, 2, 0), (50, 100, 1.8, 10), (100, 200, 1.6, 30), (200, 300, 1.4, 70), (300, 400, 1.2, 130), (400, 800, 1.1, 170), (800, 2000, 1, 250),
        ],
    }  # fmt: skip
    quotes = [[name, "Cranberries", *band] for name, its in bands.items() for band in its]
    sheets = {
        "Quotes": [
            ["Price breaks as quoted, per month"],
            [],
            ["Supplier", "Product", "Order qty from (kg/month)", "Order qty to (kg/month)", "Unit price USD/kg", "Set-up cost USD"],
            *quotes,
        ],
        "Need": [["Product", "Jan 2027 (kg)"], ["Cranberries", 2250]],
    }
    if least_of_premium is not None:
        sheets["Agreements"] = [
            ["Agreement", "Measure", "Supplier", "Minimum share of demand"],
            ["Premium", "purchase_to_demand", "Premium", least_of_premium / 2250],
        ]
    return [write_book(folder / "quotes.xlsx", sheets)]


def makers_and_sites(folder: Path) -> list[Path]:
    """A matrix of prices, makers by sites, with each maker's capacity for all sites together; what the sites need in a file of its own."""
    prices = [
        ["M1", 704986, 704370, 639830, 781834, 50],
        ["M2", 681994, 744763, 759305, 727634, 38],
        ["M3", 649896, 669537, 664394, 653397, 30],
        ["M4", 722885, 753833, 773519, 699529, 45],
        ["M5", 699373, 652477, 652477, 670911, 30],
    ]
    book = write_book(folder / "makers.xlsx", {"Offers VND per box": [["Maker", "HCM", "Hanoi", "Haiphong", "Danang", "Capacity per month"], *prices]})
    need = [["Site", "2027-01"], ["HCM", 40], ["Hanoi", 50], ["Haiphong", 37], ["Danang", 35]]
    return [book, write_csv(folder / "need.csv", need)]


def strategic_sourcing(folder: Path) -> list[Path]:
    """Materials, offers with lead weeks and transit days, weekly needs of five plants, and a bill of materials with scrap: five files for one case."""
    materials = [f"Part {number:03d}" for number in range(1, 9)]
    countries = ["Japan", "Germany", "Malaysia", "China", "Estonia"]
    offers = [
        [f"Maker {(3 * number + turn) % 11 + 1}", name, countries[(number + turn) % 5], round(12 + 1.7 * number + 0.9 * turn, 2), 900 + 60 * turn, 3 + turn]
        for number, name in enumerate(materials)
        for turn in range(3)
    ]
    head = ["Vendor", "Part no", "Country of origin", "Unit cost (EUR)", "Weekly capacity (pcs)", "Lead time (weeks)"]
    write_csv(folder / "offers.csv", [head, *[[str(value).replace(".", ",") for value in row] for row in offers]], ";")
    needs = [["Assembly X", f"Plant {number}", 20 + 5 * number] for number in range(1, 6)]
    lanes = [["Origin country", "Transit days", "Freight (EUR/pc)"], *[[name, 6 + 4 * number, 0.5 + number / 10] for number, name in enumerate(countries)]]
    write_csv(folder / "lanes.csv", lanes)
    write_csv(folder / "weekly_demand.csv", [["Item", "Receiving plant", "Weekly demand (pcs)"], *needs])
    recipe = [["Assembly X", name, 1 + number % 3, 2 + number] for number, name in enumerate(materials)]
    write_csv(folder / "bom.csv", [["Parent", "Component", "Qty per", "Scrap %"], *recipe])
    stock = [[name, "allied", 40 + number] for number, name in enumerate(materials)]
    write_csv(folder / "stock on hand.csv", [["Part", "Origin", "Stock on hand"], *stock])
    return [folder / name for name in ("offers.csv", "lanes.csv", "weekly_demand.csv", "bom.csv", "stock on hand.csv")]


def mines_by_year(folder: Path) -> list[Path]:
    """Mines with capacity by year, stages of cost, many further columns, and NA where nothing is known."""
    years = list(range(2027, 2033))
    further = [f"Assay {number}" for number in range(1, 39)]
    head = ["Mine", "Country", "Metal", "Mining cost USD/t", "Processing cost USD/t", *[f"Capacity {year} (t)" for year in years], *further]
    places = ["Chile", "Australia", "China", "Canada", "Congo"]
    rows = []
    for number in range(9):
        ramp = [None if year < 2027 + number % 3 else 400 + 150 * (year - 2027) + 40 * number for year in years]
        cost = ["NA" if number == 5 else 9 + number, 4 + number % 4]
        rows.append(
            [
                f"Mine {number + 1}",
                places[number % 5],
                ["Lithium", "Cobalt", "Nickel"][number % 3],
                *cost,
                *["NA" if value is None else value for value in ramp],
            ]
        )
        rows[-1] += ["NA" if (number + place) % 4 else round(0.1 * number + place, 1) for place in range(len(further))]
    need = [
        ["Metal", *years],
        ["Lithium", 900, 1000, 1100, 1200, 1300, 1400],
        ["Cobalt", 800, 850, 900, 950, 1000, 1050],
        ["Nickel", 700, 800, 900, 1000, 1100, 1200],
    ]
    sheets = {"Mines": [["Mine data base, status 2026"], head, *rows], "Demand (t)": need}
    return [write_book(folder / "mines.xlsx", sheets)]


def daily_orders(folder: Path) -> list[Path]:
    """Orders by day, lead times in days, and a bill of materials of two levels, in a German workbook."""
    first = dt.date(2027, 3, 1)
    orders = [[first + dt.timedelta(days=3 * number), ["Pumpe", "Ventil"][number % 2], 5 + number % 7] for number in range(30)]
    parts = [
        ["Gehäuse", "Guss AG", "Deutschland", "21,50 €", "9 Tage", 4000],
        ["Feder", "Draht KG", "Polen", "3,20 €", "4 Tage", 9000],
        ["Stahl", "Werk Nord", "Schweden", "1,10 €", "14 Tage", 30000],
    ]
    recipe = [["Pumpe", "Gehäuse", 1], ["Pumpe", "Feder", 2], ["Ventil", "Feder", 1], ["Ventil", "Stahl", 2.5]]
    sheets = {
        "Aufträge": [["Datum", "Artikel", "Bedarf"], *orders],
        "Lieferanten": [["Artikel", "Lieferant", "Land", "Preis", "Lieferzeit", "Jahreskapazität"], *parts],
        "Stückliste": [["Baugruppe", "Komponente", "Menge je"], *recipe],
    }
    return [write_book(folder / "fertigung.xlsx", sheets)]
