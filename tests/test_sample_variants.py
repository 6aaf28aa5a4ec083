"""What the page of the samples says of their variants: the plan without the third-country channel, with the ban in force, with one constant hazard ..."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import optimizer

SAMPLES = Path(__file__).resolve().parent.parent / "sample_inputs"
README = " ".join((SAMPLES / "README.md").read_text(encoding="utf-8").split())
Rows = list[dict[str, str]]


def on(sheet: str, change: Callable[[Rows], Rows]) -> tuple[str, Callable[[Rows], Rows]]:
    """Return a change of one sheet's rows."""
    return sheet, change


def put(names: tuple[str, ...], **cells: str) -> Callable[[Rows], Rows]:
    """Return a change of the cells of the rows whose first cell is one of `names`."""
    return lambda rows: [row | cells if next(iter(row.values())) in names else row for row in rows]


def constant(**numbers: tuple[str, str]) -> Callable[[Rows], Rows]:
    """Return a change that takes the tension away and gives measures one constant probability and duration, by the start of their names."""

    def change(rows: Rows) -> Rows:
        kept = [row | {"raised_by": "", "raised_probability": ""} for row in rows if not row["disruption"].startswith("Trade tension")]
        for start, (probability, months) in numbers.items():
            (row,) = (row for row in kept if row["disruption"].startswith(start.replace("_", " ")))
            row.update(annual_probability=probability, mean_duration_months=months)
        return kept

    return change


def without_waves(rows: Rows) -> Rows:
    """Give each measure of the magnets that the trade talks raise the constant probability that it has on average."""
    constants = {"Licence stop": "0.22", "NdPr put": "0.14", "Licence queue": "0.21", "Crackdown": "0.37"}
    found = [next((p for start, p in constants.items() if row["disruption"].startswith(start)), None) for row in rows]
    return [row | {"annual_probability": p, "raised_by": "", "raised_probability": ""} if p else row for row, p in zip(rows, found)]


VARIANTS = {
    "rare_earth_magnets": {
        "the defence rule repealed for certain": on("Disruptions", put(("Defence rule repealed",), decision_probability="1")),
        "with one constant hazard": on("Disruptions", without_waves),
    },
    "gallium_germanium": {
        "the ban in force from the first day": on("Disruptions", put(("US ban on gallium and germanium returns",), active_now="yes")),
        "without the third-country channel": on("Suppliers", put(("Gulf Metals Re-export",), capacity_per_year="0")),
        "with one constant hazard": on(
            "Disruptions",
            constant(US_ban=("0.22", "11.2"), Crackdown=("0.37", "3.5"), Licences=("0.21", "3.25"), Germanium=("0.22", "24"), Section=("0.16", "36")),
        ),
    },
    "national_stockpile": {
        "without the third-country channel": on("Suppliers", put(("Gulf re-export trader", "Re-export trader"), capacity_per_year="0")),
        "without cover targets": on("Limits", lambda rows: [row for row in rows if " days of " not in row["limit"]]),
        "without an end stock": on("Limits", lambda rows: [row for row in rows if not row["limit"].startswith(("End stock", "1,100 t"))]),
        "without carry-over": on("Budget", lambda rows: [row | {"carry_over": ""} for row in rows]),
        "with the defence rule put off": on("Disruptions", put(("The defence rule of 2027 is put off",), active_now="yes")),
        "with one constant hazard": on(
            "Disruptions",
            constant(
                Licence_stop=("0.22", "12"),
                US_ban=("0.22", "12"),
                October=("0.06", "12"),
                Antimony=("0.22", "24"),
                Graphite=("0.08", "24"),
                Full=("0.04", "24"),
            ),
        ),
    },
}
"""Sample -> what the page's table calls a variant -> what it changes."""


def changed(name: str, variant: str, folder: Path) -> Path:
    """Write the data of a variant as a folder of .csv and return it."""
    sheet, change = VARIANTS[name][variant]
    shutil.copytree(SAMPLES / "data" / name, folder / name)
    file = folder / name / f"{sheet}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    after = change(rows)
    assert after != rows
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(after)
    return folder / name


@pytest.mark.parametrize("name, variant", [(name, variant) for name, variants in VARIANTS.items() for variant in variants])
def test_the_page_says_what_a_variant_costs(name, variant, tmp_path):
    """The expected cost and the worst tenth of each variant stand in the table of its sample as its plan has them."""
    plan = optimizer.solve(changed(name, variant, tmp_path))
    ones = 1e3 if plan.case.settings.currency.startswith("thousand") else 1.0
    section = README.split("## " + {"gallium_germanium": "Gallium", "national_stockpile": "National", "rare_earth_magnets": "Rare"}[name])[1].split(" ## ")[0]
    expected, worst = re.search(rf"\| {variant} \| ([\d.]+) \| ([\d.]+) \|", section).groups()
    assert float(expected) * 1e6 == pytest.approx(plan.expected_cost * ones, rel=0.01)
    assert float(worst) * 1e6 == pytest.approx(plan.cvar * ones, rel=0.01)
