"""The rules on sales and budgets whose breach is an error. Each docstring is the planner's message."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.intake.checks.rules import Finding, WorkbookRead, at
from optimizer.intake.rows.table import Row
from optimizer.schema.language import fold

Findings = Iterator[Finding]


def limit_without_sale(book: WorkbookRead) -> Findings:
    """sale_limit_per_year of {material} is given, and sale_price is blank: nothing is sold without a price. Expected both, or no limit. Fill in
    sale_price, or clear sale_limit_per_year."""
    for row in book.rows("Materials", "material", "sale_price", "sale_limit_per_year"):
        if row["sale_limit_per_year"] is not None and row["sale_price"] is None:
            yield at("Materials", row.number, "sale_limit_per_year", material=row["material"])


def projects_of_a_material(book: WorkbookRead) -> Findings:
    """The row limits what projects cost, but names materials, and no project belongs to a material. Expected no materials, or another category. Clear material,
    or correct category."""
    for row in book.rows("Budget", "category", "material"):
        if row["category"] == "projects" and row["material"]:
            yield at("Budget", row.number, "material")


def carried_over_to_two(book: WorkbookRead) -> Findings:
    """Row {first} is for the fiscal year {year} and the same category and materials, too, and the rows of {carrying} carry money over. Expected one row,
    so that it is clear what is left and where it goes. Merge the two, or set carry_over to 0."""
    seen: dict[tuple[int, str, frozenset[str]], list[Row]] = {}
    for row in book.rows("Budget", "fiscal_year", "category", "material", "carry_over"):
        seen.setdefault((row["fiscal_year"], row["category"], frozenset(map(fold, row["material"] or ()))), []).append(row)
    for (year, category, materials), rows in seen.items():
        for carrying in (year, year - 1):
            if len(rows) > 1 and any(row["carry_over"] for row in seen.get((carrying, category, materials), ())):
                for row in rows[1:]:
                    yield at("Budget", row.number, "fiscal_year", year=str(year), first=str(rows[0].number), carrying=str(carrying))
                break


MONEY_RULES = (limit_without_sale, projects_of_a_material, carried_over_to_two)
