"""Rules on substitutes and thrift whose breach is an error. Each docstring is the planner's message, as in errors.py."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.intake.cells.parse import is_blank
from optimizer.intake.checks.rules import Finding, WorkbookRead, at
from optimizer.schema.language import fold

Findings = Iterator[Finding]


def replaces_no_demand(book: WorkbookRead) -> Findings:
    """Demand has no row of {material} for {use}. Expected a material and use that stand on Demand together. Correct one of them, or add the row there."""
    needed = {(fold(row["material"]), fold(row["use"])) for row in book.rows("Demand", "material", "use")}
    materials, uses = ({pair[k] for pair in needed} for k in range(2))
    for row in book.rows("Substitutes", "material", "use"):
        pair = fold(row["material"]), fold(row["use"])
        # A material that nobody needs is found here, a use that nobody has where names are looked up.
        if pair not in needed and pair[1] in uses:
            yield at("Substitutes", row.number, "use" if pair[0] in materials else "material", material=row["material"], use=row["use"])


def replaces_itself(book: WorkbookRead) -> Findings:
    """{material} is its own substitute. Expected another material, or a blank cell where the use does with less. Correct substitute."""
    for row in book.rows("Substitutes", "material", "substitute"):
        if row["substitute"] is not None and fold(row["substitute"]) == fold(row["material"]):
            yield at("Substitutes", row.number, "substitute", material=row["material"])


def substitute_without_quantity(book: WorkbookRead) -> Findings:
    """substitute {substitute} is given without units_per_unit. Expected the units of it for one unit replaced. Fill in units_per_unit."""
    for row in book.rows("Substitutes", "substitute", "units_per_unit"):
        if row["substitute"] is not None and row["units_per_unit"] is None:
            yield at("Substitutes", row.number, "units_per_unit", substitute=row["substitute"])


def thrift_without_measure(book: WorkbookRead) -> Findings:
    """{column} is blank, and so is substitute, which means using less of {material}. Expected what saving a unit costs, and how much of the demand can be
    saved. Fill in {column}, or name the substitute."""
    for row in book.rows("Substitutes", "material", "substitute"):
        for column in ("cost", "maximum_share") if row["substitute"] is None else ():
            if is_blank(row.raw.get(column)):
                yield at("Substitutes", row.number, column, column=column, material=row["material"])


SUBSTITUTE_RULES = (replaces_no_demand, replaces_itself, substitute_without_quantity, thrift_without_measure)
