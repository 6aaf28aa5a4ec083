"""The command `study`: solve a workbook and ask a study of its plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from optimizer.cli.console import Stop, say
from optimizer.cli.outcomes import NO_PLAN, NOT_WRITTEN, SOLVED, status_of
from optimizer.cli.screen import ProgressLine, show_frame, show_table
from optimizer.errors import OptimizerError

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.schema.results import Output
    from optimizer.studies.study import Study

WORDS = "words"
"""The column of a table that says its rows in sentences."""

MOST_ROWS = 20
"""Rows of a table that are shown; the workbook has all."""


class Enough(Exception):
    """The study was stopped by hand."""


def list_studies() -> None:
    """Show every study that can be asked, with what it tells."""
    from optimizer.studies.registry import STUDIES

    show_table([(name, study.meaning) for name, study in STUDIES.items()], ("bold", ""), (f"{name}: {study.meaning}" for name, study in STUDIES.items()))


def study_one(study: Study, case: Path, output: Path | None, overrides: dict[str, str], stop: Stop) -> int:
    """Solve a case, make a study of its plan, show it and write it where it is wanted; the exit status."""
    from optimizer.api import solve
    from optimizer.report.study_book import write_study
    from optimizer.runs.keeping import reason

    line = ProgressLine(case.name)

    def look(progress) -> None:
        line.show(progress)
        if stop.asked:
            raise Enough

    try:
        plan = solve(case, overrides, progress=line.show, cancelled=stop)
        tables = study.run(plan, look)
    except OptimizerError as error:
        say(str(error), err=True)
        return status_of(error)
    except Enough:
        say("Stopped.", err=True)
        return NO_PLAN
    finally:
        line.clear()
    if counts := study.counts(plan.case):
        say(counts)
    for table in study.tables:
        _show(table, tables[table.name])
    if output is None:
        return SOLVED
    try:
        write_study(plan, study, tables, output)
    except OSError as error:
        say(f"{output} could not be written: {reason(output, error)}.", err=True)
        return NOT_WRITTEN
    say(f"Wrote {output}")
    return SOLVED


def _show(declared: Output, frame: pd.DataFrame) -> None:
    """Show a table: its sentences where it has some, else its first rows."""
    if frame.empty:
        return
    say(f"\n{declared.sheet}")
    if WORDS in frame:
        for words in frame[WORDS].head(MOST_ROWS):
            say(f"  {words}")
    else:
        show_frame(frame.head(MOST_ROWS))
    if len(frame) > MOST_ROWS:
        say(f"  and {len(frame) - MOST_ROWS:,} more; all of them are in the workbook that -o names")
