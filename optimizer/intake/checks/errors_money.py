"""The rules on sales and budgets whose breach is an error. Each docstring is the planner's message."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.intake.checks.rules import Finding, WorkbookRead, at

Findings = Iterator[Finding]


def limit_without_sale(book: WorkbookRead) -> Findings:
    """sale_limit_per_year of {material} is given, and sale_price is blank: nothing is sold without a price. Expected both, or no limit. Fill in
    sale_price, or clear sale_limit_per_year."""
    for row in book.rows("Materials", "material", "sale_price", "sale_limit_per_year"):
        if row["sale_limit_per_year"] is not None and row["sale_price"] is None:
            yield at("Materials", row.number, "sale_limit_per_year", material=row["material"])


MONEY_RULES = (limit_without_sale,)
