"""The command `report`: solve a workbook, ask the studies that a report needs, and write the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.cli.console import Stop, say
from optimizer.cli.outcomes import NO_PLAN, NOT_WRITTEN, SOLVED, status_of
from optimizer.cli.screen import ProgressLine, show_table
from optimizer.cli.studying import Enough
from optimizer.errors import OptimizerError
from optimizer.files import replace_file

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.plan.plan import Plan

INSTALL = 'pip install "critical-materials-optimizer[app,report]"'


def list_reports() -> None:
    """Show every report that can be written, with what it is for and the kinds of file that it can be."""
    from ui.report.files import ENDINGS, MEANINGS

    rows = [(name, f"{MEANINGS[name]} ({', '.join(endings)})") for name, endings in ENDINGS.items()]
    show_table(rows, ("bold", ""), (f"{name}: {words}" for name, words in rows))


def ready(name: str, output: Path) -> None:
    """Refuse before a long solve a report that there is none of, or a kind of file that it cannot be. click.ClickException says why."""
    from optimizer.runs.keeping import in_the_way
    from ui.report.files import ENDINGS, unavailable
    from ui.words.reports import NO_PACKAGE

    if name not in ENDINGS:
        raise click.BadParameter(f"'{name}' is no report; the reports are {', '.join(ENDINGS)}.", param_hint="NAME")
    if (ending := output.suffix.lower()) not in ENDINGS[name]:
        raise click.ClickException(f"{output} should end in {' or '.join(ENDINGS[name])}.")
    if trouble := in_the_way(output):
        raise click.ClickException(f"The report cannot be written to {output}: {trouble}.")
    if reason := unavailable(ending):
        raise click.ClickException(f"{reason} {INSTALL}" if reason == NO_PACKAGE else reason)


def report_one(name: str, case: Path, output: Path, overrides: dict[str, str], thorough: bool, stop: Stop) -> int:
    """Solve a case, ask the studies of a report and write it; the exit status. thorough: whether the studies that take longer are asked too."""
    from optimizer.api import solve
    from optimizer.runs.keeping import reason
    from ui.report.files import better_with, needs, report_file
    from ui.report.printing import NotPrintedError

    line = ProgressLine(case.name)
    wanted = dict.fromkeys((*needs(name), *(better_with(name) if thorough else ())))
    try:
        plan = solve(case, overrides, progress=line.show, cancelled=stop)
        found = _asked(plan, list(wanted), line, stop)
    except OptimizerError as error:
        line.clear()
        say(str(error), err=True)
        return status_of(error)
    except Enough:
        line.clear()
        say("Stopped.", err=True)
        return NO_PLAN
    line.clear()
    say(f"{case.name}: writing {output.name}", err=True)
    try:
        replace_file(output, report_file(name, output.suffix.lower(), plan, "", found))
    except NotPrintedError as error:
        say(str(error), err=True)
        return NOT_WRITTEN
    except OSError as error:
        say(f"{output} could not be written: {reason(output, error)}.", err=True)
        return NOT_WRITTEN
    say(f"Wrote {output}")
    _say_missing(better_with(name), found)
    return SOLVED


def _asked(plan: Plan, names: list[str], line: ProgressLine, stop: Stop) -> dict[str, pd.DataFrame]:
    """Ask studies of a plan, one after the other. Enough: it was stopped by hand."""
    from optimizer.studies.registry import STUDIES

    def look(progress) -> None:
        line.show(progress)
        if stop.asked:
            raise Enough

    found: dict[str, pd.DataFrame] = {}
    for name in names:
        found |= STUDIES[name].run(plan, look)
    return found


def _say_missing(names: tuple[str, ...], found: dict[str, pd.DataFrame]) -> None:
    from optimizer.studies.registry import STUDIES
    from ui.report.files import asked

    left = [STUDIES[name].title for name in names if not asked(name, found)]
    if left:
        say(f"The report says more with --thorough, which asks these studies too: {', '.join(left)}.")
