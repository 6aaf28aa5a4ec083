"""The workbook of a study: each of its tables, and where its plan comes from."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pandas as pd

from optimizer.files import replace_file
from optimizer.forms.writing import Book
from optimizer.plan.plan import Plan
from optimizer.report.plan_book import add_provenance, add_table
from optimizer.studies.study import Study


def write_study(plan: Plan, study: Study, tables: Mapping[str, pd.DataFrame], path: str | os.PathLike[str]) -> None:
    """Write the workbook of a study to `path`: all of it, or, when something fails, nothing."""
    replace_file(path, study_bytes(plan, study, tables))


def study_bytes(plan: Plan, study: Study, tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Return the workbook of a study of a plan as a file's content. tables: those that the study made, by name."""
    book = Book(f"{study.title}: {plan.case.settings.title or 'sourcing plan'}")
    notes = [note for output in study.tables if (note := add_table(book, output, tables[output.name], plan.case))]
    counts = study.counts(plan.case)
    add_provenance(book, {**plan.provenance, **({"counts": counts} if counts else {}), **({"left_out": " ".join(notes)} if notes else {})})
    return book.data()
