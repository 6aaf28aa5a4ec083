"""The command line: template, import, check, solve, study, report, sweep, app.

Exit status: 0 solved, 2 bad input, 3 infeasible, 4 stopped without a plan, 5 a plan could not be written, 6 an import has open questions,
1 a mistake of this program.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.cli.console import Stop, flush_streams, open_streams, say, say_usage
from optimizer.cli.outcomes import BAD_INPUT, BROKEN, NO_PLAN, NOT_WRITTEN, SOLVED, status_of, write_failure
from optimizer.cli.screen import ProgressLine, show_table
from optimizer.errors import InternalError, Level, OptimizerError, Problem, WorkbookError
from optimizer.executors import one_thread

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan
    from optimizer.runs.keeping import Kept

STOPPING = "Stopping: the best plan found is kept. Press Ctrl-C again to end at once."
WORKBOOKS = (".xlsx", ".xlsm")
HEADS = {"cost": "Cost", "sign": "Sign", "start": "Start", "order": "Order first", "hold": "Hold", "protects": "Protects", "binds": "Binds"}
_MOST_LINES = 8
RARELY = (100_000, 20, 100)
"""After how many new objects, and such rounds, Python looks for cyclic garbage. Imports and workbooks make hundreds of thousands of objects that stay: at
its usual 700 the search takes a tenth of a short solve."""
METHODS = ("auto", "extensive", "decomposed")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="critical-materials-optimizer", prog_name="optimizer")
def cli() -> None:
    """From an Excel sourcing workbook to a plan: what to sign, start, order and hold."""


@cli.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def template(out: Path) -> None:
    """Write a blank sourcing workbook, with drop-downs, notes and an example row on each sheet, to OUT.xlsx."""
    from optimizer.forms.template import write_template

    _writable(out, (".xlsx",))
    if out.exists():
        raise click.ClickException(f"{out} is there already; choose another name.")
    try:
        write_template(out)
    except OSError as error:
        from optimizer.runs.keeping import reason

        say(f"{out} could not be written: {reason(out, error)}.", err=True)
        sys.exit(NOT_WRITTEN)
    say(f"Wrote {out}. Fill it in, then run: optimizer solve {out}")


@cli.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-m", "--mapping", type=click.Path(dir_okay=False, path_type=Path), help="The mapping saved by an earlier import: what your columns become.")
@click.option("-s", "--save-mapping", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the mapping, with the questions to answer in it.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Sourcing workbook to write.")
@click.option("--confirm", is_flag=True, help="Take all proposals as they are shown. What is open stays a question.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting of the case, e.g. start=2027-01-01.")
def import_(files: tuple[Path, ...], mapping: Path | None, save_mapping: Path | None, output: Path | None, confirm: bool, settings: tuple[str, ...]) -> None:
    """Make a sourcing workbook of your own sheets: bid sheets, price lists, demand plans, in workbooks and .csv files.

    Without a mapping, one is proposed: what each column becomes, and what is not sure. Look through it, answer its questions, and give it next
    time. Nothing is written to OUTPUT before every question is answered.
    """
    from optimizer.cli.importing import import_files

    for path, endings in ((save_mapping, (".json",)), (output, (".xlsx",))):
        if path is not None:
            _writable(path, endings, next((file for file in files if file.exists() and path.exists() and path.samefile(file)), None))
    with Stop("Stopping.").listening() as stop:
        sys.exit(import_files(files, mapping, save_mapping, output, confirm, _overrides(settings), stop))


@cli.command()
@click.argument("cases", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Use this in place of a setting of the workbook.")
def check(cases: tuple[Path, ...], settings: tuple[str, ...]) -> None:
    """Say what was read of one or more workbooks, and everything wrong or suspicious about them, each with its sheet and cell."""
    from optimizer.intake.reader import read

    overrides = _overrides(settings)
    worst = SOLVED
    for case in _expand(cases):
        try:
            reading = read(case, overrides)
            problems, report = list(reading.warnings), reading.report
        except WorkbookError as error:
            problems, report = [*error.problems, *error.warnings], error.report
        if report is not None:
            say(f"{case.name}: {report.headline}")
            for line in report.lines():
                say(f"  {line}")
        errors = [p for p in problems if p.level is Level.ERROR]
        _show(problems)
        verdict = f"{len(errors)} problem{'s' * (len(errors) != 1)}" if errors else "ready to solve"
        notes = len(problems) - len(errors)
        say(f"{case.name}: {verdict}" + (f", {notes} warning{'s' * (notes != 1)}" if notes else "") + ".")
        worst = max(worst, BAD_INPUT if errors else SOLVED)
    sys.exit(worst)


@cli.command()
@click.argument("cases", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Plan workbook to write; a folder where several cases are solved.")
@click.option("--json", "json_out", type=click.Path(path_type=Path), help="JSON to write; a folder where several cases are solved.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Use this in place of a setting of the workbook, e.g. risk_weight=0.5.")
@click.option("--detail", is_flag=True, help="Also write the tables that few people read, such as the orders of every future, into the workbook.")
@click.option("--method", type=click.Choice(METHODS), default="auto", help="Solve as one program (extensive) or in parts (decomposed); auto chooses by size.")
@click.option("--cluster", metavar="ADDRESS", help="Solve on the workers of a Dask cluster, by its scheduler's address, e.g. tcp://host:8786.")
@click.option("--quiet", is_flag=True, help="No progress and no plan on the screen; only errors.")
def solve(
    cases: tuple[Path, ...], output: Path | None, json_out: Path | None, settings: tuple[str, ...], detail: bool, method: str, cluster: str | None, quiet: bool
) -> None:
    """Solve one or more workbooks (.xlsx, .xlsm, a folder of .csv), or every workbook of a folder.

    Ctrl-C stops it, at any moment; the best plan found so far is still written. A second Ctrl-C ends at once.
    """
    overrides = _overrides(settings)
    found = _expand(cases)
    if len(found) > 1 or (list(cases) != found and (output or json_out) and not _one_file(output) and not _one_file(json_out)):
        from optimizer.cli.batch import solve_several

        for folder in (output, json_out):
            if _one_file(folder):
                raise click.ClickException(f"{folder} names one file, but there are {len(found)} cases: name a folder.")
        with Stop(STOPPING).listening() as stop:
            sys.exit(solve_several(found, output, json_out, overrides, method, cluster, quiet, stop, detail=detail))
    if output is not None:
        _writable(output, (".xlsx",), found[0])
    if json_out is not None:
        _writable(json_out, (".json",), found[0])
    with Stop("" if quiet else STOPPING).listening() as stop:
        sys.exit(_solve_one(found[0], output, json_out, overrides, method, cluster, quiet, stop, detail=detail))


def _one_file(path: Path | None) -> bool:
    """Return whether an output names a file, not a folder."""
    return path is not None and path.suffix.lower() in (*WORKBOOKS, ".json")


def _solve_one(
    case: Path,
    output: Path | None,
    json_out: Path | None,
    overrides: dict[str, str],
    method: str,
    cluster: str | None,
    quiet: bool,
    stop: Stop,
    *,
    detail: bool = False,
) -> int:
    """Solve one case, keep the plan, write it and say what came of it; the exit status."""
    from optimizer.api import solve as solve_case
    from optimizer.runs import keeping

    line = ProgressLine(case.name)
    paths = [path for path in (output, json_out) if path is not None]
    for path in paths:
        if trouble := keeping.in_the_way(path):
            say(f"The plan cannot be written to {path}, {trouble}: it will be kept in the data folder.", err=True)
    try:
        plan = solve_case(case, overrides, progress=None if quiet else line.show, cancelled=stop, method=method, cluster=cluster)
    except OptimizerError as error:
        line.clear()
        if json_out is not None:
            write_failure(json_out, error)
        _say(error)
        return status_of(error)
    line.clear()
    kept = keeping.keep(case, plan, overrides) if paths or not quiet else None
    if kept is not None and paths:
        stop.ending = (NOT_WRITTEN, f"Ended at once. The plan is kept: {kept.run.folder}")
    try:
        keeping.write(plan, paths, kept, detail=detail)
        failure = None
    except OptimizerError as error:
        failure = error
    if not quiet:
        _print_plan(plan, paths if failure is None else [])
    if failure is not None:
        _not_written(failure, kept)
        return status_of(failure)
    stop.ending = (SOLVED, "")
    if quiet and kept is not None:
        kept.forget()
    elif kept is not None and kept.usual:
        kept.remember()
        say(f"Look at it in the browser: {_as_called()} app")
    return SOLVED


def _not_written(error: OptimizerError, kept: Kept | None) -> None:
    """Say that a plan is not where it should be, and how to get at it."""
    _say(error)
    if kept is not None and kept.usual:
        kept.remember()
        say(f"{_as_called()} app opens on it, and hands it on as a workbook.", err=True)


def _as_called() -> str:
    """Return how the user has to type this program's name: alone where it is found, else with its folder as it was typed."""
    typed = Path(sys.argv[0])
    if typed.stem == "__main__":
        return "python -m optimizer"
    found = shutil.which(typed.name)
    return typed.stem if found and Path(found).resolve() == typed.resolve() else str(typed)


@cli.command()
@click.argument("name", required=False)
@click.argument("case", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Workbook of the study's tables to write.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Use this in place of a setting of the workbook, e.g. risk_weight=0.5.")
def study(name: str | None, case: Path | None, output: Path | None, settings: tuple[str, ...]) -> None:
    """Solve the workbook CASE and ask the study NAME of its plan. Without both, list the studies.

    Ctrl-C stops it; what was not finished is not kept.
    """
    from optimizer.cli.studying import list_studies, study_one
    from optimizer.studies.registry import STUDIES

    if name is None:
        list_studies()
        return
    if name not in STUDIES:
        raise click.BadParameter(f"'{name}' is no study; the studies are {', '.join(STUDIES)}.", param_hint="NAME")
    if case is None:
        raise click.BadParameter("name the workbook to study.", param_hint="CASE")
    if output is not None:
        _writable(output, (".xlsx",), case)
    with Stop("Stopping: what is finished is not kept.").listening() as stop:
        sys.exit(study_one(STUDIES[name], case, output, _overrides(settings), stop))


@cli.command()
@click.argument("name", required=False)
@click.argument("case", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The report to write; its ending says what kind of file it is.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Use this in place of a setting of the workbook, e.g. risk_weight=0.5.")
@click.option("--thorough", is_flag=True, help="Also ask the studies that add more to the report; each takes up to a few minutes.")
def report(name: str | None, case: Path | None, output: Path | None, settings: tuple[str, ...], thorough: bool) -> None:
    """Solve the workbook CASE, ask the studies that the report NAME needs, and write it. Without all three, list the reports.

    Ctrl-C stops it; nothing is written then.
    """
    from optimizer.cli.reporting import list_reports, ready, report_one

    if name is None:
        list_reports()
        return
    if case is None or output is None:
        raise click.UsageError("Name the workbook, and with -o the report to write.")
    ready(name, output)
    _writable(output, (output.suffix.lower(),), case)
    with Stop("Stopping: nothing is written.").listening() as stop:
        sys.exit(report_one(name, case, output, _overrides(settings), thorough, stop))


@cli.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE;VALUE", help="A setting and its values, e.g. risk_weight=0;0.5;1.")
@click.option("--cell", "cells", multiple=True, metavar="NAME=VALUE;VALUE", help="A cell and its values; x1.1 multiplies what stands there.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Table to write, as .xlsx or .csv.")
def sweep(case: Path, settings: tuple[str, ...], cells: tuple[str, ...], output: Path | None) -> None:
    """Solve the workbook CASE under every combination of settings and cells, many at a time, and set the plans side by side.

    A cell is named as Excel names it ("Suppliers!F7"), by its sheet, row and column ("Suppliers / Allied Separation / price"), or as a whole
    column ("Disruptions / annual_probability").
    """
    from optimizer.cli.sweeping import ENDINGS, axes_of, sweep_one

    if output is not None:
        _writable(output, ENDINGS, case)
    with Stop("Stopping: what is solved by now is shown.").listening() as stop:
        sys.exit(sweep_one(case, output, axes_of(settings, "--set"), axes_of(cells, "--cell"), stop))


@cli.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="Port on this computer; if it is in use, the next free one.")
@click.option("--browser/--no-browser", default=True, help="Open the browser, or only say the address.")
def app(port: int, browser: bool) -> None:
    """Open the planner's app in the browser, on the plan that was solved last. Ctrl-C stops it."""
    from ui.launch import launch

    launch(port, browser)


def _expand(cases: tuple[Path, ...]) -> list[Path]:
    """Return files as they are, and a folder of workbooks as the workbooks in it; a folder of .csv files is a case."""
    found: list[Path] = []
    for path in cases:
        try:
            children = list(path.iterdir()) if path.is_dir() else []
        except OSError as error:
            raise click.ClickException(f"The folder {path} cannot be read: {error.strerror}.") from None
        if path.is_dir() and not any(child.suffix.lower() == ".csv" for child in children):
            inside = sorted(child for child in children if child.suffix.lower() in WORKBOOKS and not child.name.startswith("~$"))
            if not inside:
                raise click.ClickException(f"There is no workbook (.xlsx, .xlsm, or .csv sheets) in {path}.")
            found += inside
        else:
            found.append(path)
    return found


def _overrides(settings: tuple[str, ...]) -> dict[str, str]:
    """Return NAME=VALUE pairs as a dictionary."""
    pairs = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"'{setting}' is not NAME=VALUE, for example risk_weight=0.5.", param_hint="--set")
        pairs[name.strip()] = value.strip()
    return pairs


def _writable(path: Path, endings: tuple[str, ...], source: Path | None = None) -> None:
    """Refuse before a long solve what is no name for a file of that kind, or would take the input's place."""
    if path.suffix.lower() not in endings:
        raise click.ClickException(f"{path} should end in {' or '.join(endings)}.")
    if source is not None and source.exists() and path.exists() and path.samefile(source):
        raise click.ClickException(f"{path} is the input; name another file for the plan.")


def _show(problems: list[Problem]) -> None:
    rows = [("warning" if problem.level is Level.WARNING else "error", problem.where, problem.message) for problem in problems]
    plain = (f"  {'warning  ' if problem.level is Level.WARNING else ''}{problem}" for problem in problems)
    show_table(rows, ("bold", "cyan", ""), plain)


def _say(error: OptimizerError) -> None:
    """Say on the error stream what went wrong."""
    say(str(error), err=True)
    if isinstance(error, InternalError):
        say("This is a mistake of the program, not of your workbook. Please report it.", err=True)


def _first(lines: Sequence[str]) -> list[str]:
    """Return the first lines, and how many more there are."""
    return [*lines[:_MOST_LINES], *([f"and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else [])]


def _print_plan(plan: Plan, written: list[Path]) -> None:
    """Show the plan: each heading with its first lines."""
    s = plan.case.settings
    early = "stopped by hand" if plan.stopped_by_hand else "stopped early"
    proven = f"proven within {max(plan.gap, 0):.2%} of the best possible" if plan.status == "optimal" else f"{early}, gap {plan.gap:.2%}"
    say(f"\n{s.title}: {proven}\n")
    shown = {head: _first(plan.sentences[key]) for key, head in HEADS.items()}
    rows = [(head if number == 0 else "", line) for head, lines in shown.items() for number, line in enumerate(lines)]
    plain = [text for head, lines in shown.items() for text in (head, *(f"  {line}" for line in lines))]
    show_table(rows, ("bold", ""), plain)
    if plan.warnings:
        say(f"{len(plan.warnings)} warning{'s' * (len(plan.warnings) != 1)} about the workbook: see `optimizer check`.")
    for path in written:
        say(f"Wrote {path}")


def main() -> None:
    """Run the command line; a person never sees a traceback."""
    gc.set_threshold(*RARELY)
    one_thread(os.environ)
    open_streams()
    try:
        status = _run()
    finally:
        flush_streams()
    sys.exit(status)


def _run() -> int:
    """Return the exit status of what was asked for."""
    try:
        # Not on its own: it calls bad usage a mistake of the program, and a reader that has gone a failure.
        result = cli(standalone_mode=False)
        return result if isinstance(result, int) else SOLVED
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else SOLVED if end.code is None else BROKEN
    except click.ClickException as error:
        say_usage(error)
        return BAD_INPUT
    except (KeyboardInterrupt, click.Abort):
        say("Stopped.", err=True)
        return NO_PLAN
    except OptimizerError as error:
        _say(error)
        return status_of(error)
    except MemoryError:
        say("There is not enough memory for this case. Use fewer futures or periods.", err=True)
        return NO_PLAN
    except BrokenPipeError:
        return SOLVED  # whoever read has seen enough
    except Exception as error:  # the last net: whatever it is, the planner gets a sentence
        if os.environ.get("OPTIMIZER_DEBUG"):
            raise
        say(f"Something unexpected went wrong ({type(error).__name__}: {error}).", err=True)
        say("This is a mistake of the program, not of your workbook. Set OPTIMIZER_DEBUG=1 to see where.", err=True)
        return BROKEN


if __name__ == "__main__":
    main()
