"""The command line: template, check, solve, app.

Exit status: 0 solved, 2 bad input, 3 infeasible, 4 stopped without a plan, 1 a mistake of this program.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.errors import ClusterError, InfeasibleError, InternalError, NoPlanError, OptimizerError, Problem, WorkbookError

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan

SOLVED, BROKEN, BAD_INPUT, INFEASIBLE, NO_PLAN = 0, 1, 2, 3, 4
WORKBOOKS = (".xlsx", ".xlsm")
HEADS = {"cost": "Cost", "sign": "Sign", "start": "Start", "order": "Order first", "hold": "Hold", "protects": "Protects", "binds": "Binds"}
METHODS = ("auto", "extensive", "decomposed")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="critical-materials-optimizer", prog_name="optimizer")
def cli() -> None:
    """From an Excel sourcing workbook to a plan: what to sign, start, order and hold."""


@cli.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def template(out: Path) -> None:
    """Write a blank sourcing workbook, with drop-downs, notes and an example row a sheet, to OUT.xlsx."""
    from optimizer.workbook.template import write_template

    _writable(out, (".xlsx",))
    if out.exists():
        raise click.ClickException(f"{out} is there already; choose another name.")
    write_template(out)
    click.echo(f"Wrote {out}. Fill it in, then run: optimizer solve {out}")


@cli.command()
@click.argument("cases", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Use this in place of a setting of the workbook.")
def check(cases: tuple[Path, ...], settings: tuple[str, ...]) -> None:
    """Say what was read of one or more workbooks, and everything wrong or suspicious about them, each with its sheet and cell."""
    from optimizer.workbook.reader import read

    overrides = _overrides(settings)
    worst = SOLVED
    for case in _expand(cases):
        try:
            reading = read(case, overrides)
            problems, report = list(reading.warnings), reading.report
        except WorkbookError as error:
            problems, report = [*error.problems, *error.warnings], error.report
        if report is not None:
            click.echo(f"{case.name}: {report.headline}")
            for line in report.lines():
                click.echo(f"  {line}")
        errors = [p for p in problems if p.level == "error"]
        _show(problems)
        verdict = f"{len(errors)} problem{'s' * (len(errors) != 1)}" if errors else "ready to solve"
        notes = len(problems) - len(errors)
        click.echo(f"{case.name}: {verdict}" + (f", {notes} warning{'s' * (notes != 1)}" if notes else "") + ".")
        worst = max(worst, BAD_INPUT if errors else SOLVED)
    sys.exit(worst)


@cli.command()
@click.argument("cases", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Plan workbook to write; a folder where several cases are solved.")
@click.option("--json", "json_out", type=click.Path(path_type=Path), help="JSON to write; a folder where several cases are solved.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Use this in place of a setting of the workbook, e.g. risk_weight=0.5.")
@click.option("--method", type=click.Choice(METHODS), default="auto", help="One program, or cut along the tree's trunk; auto goes by size.")
@click.option("--cluster", metavar="ADDRESS", help="Solve on the workers of a Dask cluster, by its scheduler's address, e.g. tcp://host:8786.")
@click.option("--quiet", is_flag=True, help="No progress and no plan on the screen; only errors.")
def solve(cases: tuple[Path, ...], output: Path | None, json_out: Path | None, settings: tuple[str, ...], method: str,
          cluster: str | None, quiet: bool) -> None:
    """Solve one or more workbooks (.xlsx, .xlsm, a folder of .csv), or every workbook of a folder.

    Ctrl-C stops the solver; the best plan found so far is still written.
    """
    overrides = _overrides(settings)
    found = _expand(cases)
    if len(found) > 1:
        sys.exit(_solve_several(found, output, json_out, overrides, method, cluster, quiet))
    if output is not None:
        _writable(output, (".xlsx",), found[0])
    if json_out is not None:
        _writable(json_out, (".json",), found[0])
    sys.exit(_solve_one(found[0], output, json_out, overrides, method, cluster, quiet))


def _solve_one(case: Path, output: Path | None, json_out: Path | None, overrides: dict[str, str], method: str, cluster: str | None, quiet: bool) -> int:
    """Solve one case, write and say what came of it; the exit status."""
    from optimizer.api import solve_with

    line = _ProgressLine(case.name)
    try:
        plan = solve_with(case, overrides, progress=None if quiet else line.show, method=method, cluster=cluster)
        line.clear()
        for path in (output, json_out):
            if path is not None:
                plan.save(path)
    except OptimizerError as error:
        line.clear()
        if json_out is not None:
            _write_failure(json_out, error)
        _say(error)
        return _status_of(error)
    if not quiet:
        _print_plan(plan, output, json_out)
        if _keep_for_app(case, plan, overrides):
            click.echo(f"Look at it in the browser: {_as_called()} app")
    return SOLVED


def _keep_for_app(case: Path, plan: Plan, overrides: dict[str, str]) -> bool:
    """Keep the plan where the app opens on it; whether that was possible."""
    from optimizer.runs.store import Store
    from optimizer.studies.playbook import playbook
    from optimizer.workbook.reader import Source

    studies = playbook(plan) if plan.provenance["stopped_by"] != "stopped by hand" else {}
    try:
        store = Store()
        data = case.read_bytes() if case.is_file() else None
        work = store.begin(Source(case.name, plan.provenance["input_sha256"], plan.sheets), data)
        run = work.new_run(plan.sheets, title="Plan 1", settings=overrides)
        run.keep(plan, studies)
        store.remember(work, run)
    except OSError:
        return False  # a home that cannot be written to: the plan stands on the screen and in its files all the same
    return True


def _as_called() -> str:
    """How the user has to type this program's name: alone where it is found, else with its folder as it was typed."""
    typed = Path(sys.argv[0])
    if typed.stem == "__main__":
        return "python -m optimizer"
    found = shutil.which(typed.name)
    return typed.stem if found and Path(found).resolve() == typed.resolve() else str(typed)


@cli.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="Port on this computer; the next free one is taken.")
@click.option("--browser/--no-browser", default=True, help="Open the browser, or only say the address.")
def app(port: int, browser: bool) -> None:
    """Open the planner's app in the browser, on the plan that was solved last. Ctrl-C stops it."""
    from ui.launch import launch

    launch(port, browser)


def _solve_several(cases: list[Path], output: Path | None, json_out: Path | None, overrides: dict[str, str], method: str, cluster: str | None,
                   quiet: bool) -> int:
    """Solve each case in a worker process, one line a case, going on past a bad one; the highest exit status."""
    from optimizer.api import sweep_on
    from optimizer.executors import Processes, on_cluster

    for folder in (output, json_out):
        if folder is not None and folder.suffix.lower() in (*WORKBOOKS, ".json"):
            raise click.ClickException(f"{folder} names one file, but there are {len(cases)} cases: name a folder.")
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    executor = Processes() if cluster is None else on_cluster(cluster)
    worst = SOLVED
    try:
        for case, result in zip(cases, sweep_on(executor, cases, [overrides], method)):
            status, words = _keep_one(case, result, output, json_out)
            if not quiet or status != SOLVED:
                click.echo(words)
            worst = max(worst, status)
    finally:
        executor.close()
    return worst


def _keep_one(case: Path, result: Plan | OptimizerError, output: Path | None, json_out: Path | None) -> tuple[int, str]:
    """Write what came of one case of several; its exit status and one line on it."""
    try:
        if isinstance(result, OptimizerError):
            raise result
        for folder, ending in ((output, "xlsx"), (json_out, "json")):
            if folder is not None:
                result.save(folder / f"{case.stem}-plan.{ending}")
    except OptimizerError as error:
        if json_out is not None:
            _write_failure(json_out / f"{case.stem}-plan.json", error)
        return _status_of(error), _one_line(case, error)
    return SOLVED, (f"{case.name}: {result.status}, {result.case.settings.currency} {result.objective:,.0f}, gap {result.gap:.2%}, "
                    f"chance of a shortage {result.probability_of_shortage:.1%}")


def _expand(cases: tuple[Path, ...]) -> list[Path]:
    """Files as they are; a folder of workbooks as the workbooks in it; a folder of .csv is a case."""
    found: list[Path] = []
    for path in cases:
        if path.is_dir() and not any(child.suffix.lower() == ".csv" for child in path.iterdir()):
            inside = sorted(child for child in path.iterdir() if child.suffix.lower() in WORKBOOKS and not child.name.startswith("~$"))
            if not inside:
                raise click.ClickException(f"There is no workbook (.xlsx, .xlsm, or .csv sheets) in {path}.")
            found += inside
        else:
            found.append(path)
    return found


def _overrides(settings: tuple[str, ...]) -> dict[str, str]:
    """NAME=VALUE pairs as a dictionary."""
    pairs = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"'{setting}' is not NAME=VALUE, for example risk_weight=0.5.", param_hint="--set")
        pairs[name.strip()] = value.strip()
    return pairs


def _writable(path: Path, endings: tuple[str, ...], source: Path | None = None) -> None:
    """Say before a long solve, not after it, that a file cannot be written."""
    if path.suffix.lower() not in endings:
        raise click.ClickException(f"{path} should end in {' or '.join(endings)}.")
    if not path.parent.is_dir():
        raise click.ClickException(f"There is no folder {path.parent}.")
    if source is not None and source.exists() and path.exists() and path.samefile(source):
        raise click.ClickException(f"{path} is the input; name another file for the plan.")


def _status_of(error: OptimizerError) -> int:
    kinds = ((WorkbookError, BAD_INPUT), (ClusterError, BAD_INPUT), (InfeasibleError, INFEASIBLE), (NoPlanError, NO_PLAN))
    return next((status for kind, status in kinds if isinstance(error, kind)), BROKEN)


def _show(problems: list[Problem]) -> None:
    for problem in problems:
        click.echo(f"  {'warning  ' if problem.level == 'warning' else ''}{problem}")


def _say(error: OptimizerError) -> None:
    """What went wrong, on the error stream."""
    click.echo(str(error), err=True)
    if isinstance(error, InternalError):
        click.echo("This is a mistake of the program, not of your workbook. Please report it.", err=True)


def _one_line(case: Path, error: OptimizerError) -> str:
    words = str(error).splitlines()
    if isinstance(error, WorkbookError):
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        return f"{case.name}: bad input, {error.problems[0]}{more}"
    kind = {INFEASIBLE: "infeasible", NO_PLAN: "no plan"}.get(_status_of(error), "failed")
    return f"{case.name}: {kind}, {' '.join(' '.join(words[1:3] or words).split())}"


def _write_failure(path: Path, error: OptimizerError) -> None:
    """The JSON of a case without a plan."""
    from dataclasses import asdict

    from optimizer.plan.plan import dumps
    from optimizer.workbook.paper import replace_file

    status = {BAD_INPUT: "bad_input", INFEASIBLE: "infeasible", NO_PLAN: "no_solution"}.get(_status_of(error), "failed")
    conflicts = [asdict(conflict) for conflict in getattr(error, "conflicts", ())]
    problems = [asdict(problem) for problem in getattr(error, "problems", ())]
    replace_file(path, dumps({"status": status, "conflicts": conflicts, "problems": problems, "message": str(error)}).encode())


def _print_plan(plan, output: Path | None, json_out: Path | None) -> None:
    """The plan on the screen."""
    s = plan.case.settings
    proven = f"proven within {max(plan.gap, 0):.2%} of the best possible" if plan.status == "optimal" else f"stopped early, gap {plan.gap:.2%}"
    click.echo(f"\n{s.title}: {proven}\n")
    for key, head in HEADS.items():
        click.echo(head)
        lines = plan.sentences[key]
        for line in lines[:8]:
            click.echo(f"  {line}")
        if len(lines) > 8:
            click.echo(f"  and {len(lines) - 8} more")
    if plan.warnings:
        click.echo(f"{len(plan.warnings)} warning{'s' * (len(plan.warnings) != 1)} about the workbook: see `optimizer check`.")
    for path in (output, json_out):
        if path is not None:
            click.echo(f"Wrote {path}")


class _ProgressLine:
    """One line that is written over on a terminal, one line a second elsewhere; on the error stream."""

    def __init__(self, name: str) -> None:
        self.name, self.last, self.wide = name, -1.0, 0
        self.terminal = sys.stderr.isatty()

    def show(self, progress) -> None:
        now = time.monotonic()
        if now - self.last < (0.1 if self.terminal else 1.0):
            return
        self.last = now
        parts = [f"{self.name}: {progress.phase}", f"{progress.seconds:.0f} s"]
        if progress.incumbent is not None:
            parts.append(f"best plan {progress.incumbent:,.6g}")
        if progress.bound is not None:
            parts.append(f"best possible {progress.bound:,.6g}")
        if progress.gap is not None:
            parts.append(f"gap {progress.gap:.2%}")
        text = ", ".join(parts)
        click.echo(f"\r{text.ljust(self.wide)}" if self.terminal else text, err=True, nl=not self.terminal)
        self.wide = len(text)

    def clear(self) -> None:
        if self.terminal and self.wide:
            click.echo("\r" + " " * self.wide + "\r", err=True, nl=False)


def main() -> None:
    """Run the command line; a person never sees a traceback."""
    try:
        cli(standalone_mode=True)
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
        sys.exit(NO_PLAN)
    except OptimizerError as error:
        _say(error)
        sys.exit(_status_of(error))
    except MemoryError:
        click.echo("There is not enough memory for this case. Use fewer scenarios or periods.", err=True)
        sys.exit(BROKEN)
    except Exception as error:  # the last net: whatever it is, the planner gets a sentence
        if os.environ.get("OPTIMIZER_DEBUG"):
            raise
        click.echo(f"Something unexpected went wrong ({type(error).__name__}: {error}).", err=True)
        click.echo("This is a mistake of the program, not of your workbook. Set OPTIMIZER_DEBUG=1 to see where.", err=True)
        sys.exit(BROKEN)


if __name__ == "__main__":
    main()
