"""Solve several cases at once from the command line: each in a worker process, with one line a case, whatever goes wrong with one of them."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from optimizer.api import as_they_end
from optimizer.cli.console import Stop, say
from optimizer.cli.outcomes import BAD_INPUT, INFEASIBLE, NO_PLAN, NOT_WRITTEN, SOLVED, status_of, write_failure
from optimizer.errors import InternalError, OptimizerError, WorkbookError
from optimizer.plan.plan import Plan
from optimizer.runs import keeping


def solve_several(
    cases: list[Path],
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
    """Solve each case, write each plan as soon as it is there, and show the lines in the order of the cases; the highest exit status."""
    from optimizer.executors import Processes, on_cluster

    for folder in {output, json_out} - {None}:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            trouble = keeping.reason(folder, error) if not folder.is_file() else "a file has this name"
            say(f"The plans cannot be written to {folder}, {trouble}: they will be kept in the data folder.", err=True)
    names = names_of(cases, [folder for folder in (output, json_out) if folder is not None])
    executor = Processes() if cluster is None else on_cluster(cluster)
    worst, shown, ended = SOLVED, 0, {}
    try:
        for place, result in as_they_end(executor, cases, [overrides], method, cancelled=stop):
            ended[place] = _keep_one(cases[place], names[place], result, output, json_out, overrides, detail)
            while shown in ended:
                status, words = ended.pop(shown)
                if not quiet or status != SOLVED:
                    say(words)
                worst, shown = max(worst, status), shown + 1
    finally:
        executor.close()
    return worst


def names_of(cases: list[Path], folders: list[Path]) -> list[str]:
    """Return what the plan of each case is called, without its ending: CASE-plan, with a number where two cases would share a file.

    Names that differ in the size of letters only are one file on Windows and macOS; a case that lies in the folder of the plans is not
    written over.
    """
    taken = {_folded(case.stem) for case in cases for folder in folders if case.parent.resolve() == folder.resolve()}
    names: list[str] = []
    for case in cases:
        name, number = f"{case.stem}-plan", 2
        while _folded(name) in taken:
            name, number = f"{case.stem}-{number}-plan", number + 1
        taken.add(_folded(name))
        names.append(name)
    return names


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _keep_one(
    case: Path, name: str, result: Plan | OptimizerError, output: Path | None, json_out: Path | None, overrides: dict[str, str], detail: bool
) -> tuple[int, str]:
    """Write what came of one case of several; its exit status and one line on it."""
    try:
        if isinstance(result, OptimizerError):
            raise result
        paths = [folder / f"{name}.{ending}" for folder, ending in ((output, "xlsx"), (json_out, "json")) if folder is not None]
        _write(case, result, paths, overrides, detail)
    except OptimizerError as error:
        if json_out is not None and not isinstance(result, Plan):
            write_failure(json_out / f"{name}.json", error)
        return status_of(error), one_line(case, error)
    except Exception as error:  # the others go on
        return status_of(InternalError()), f"{case.name}: failed, something unexpected went wrong ({type(error).__name__}: {error})"
    elsewhere = f", written as {name}" if paths and name != f"{case.stem}-plan" else ""
    return SOLVED, (
        f"{case.name}: {'stopped by hand' if result.stopped_by_hand else result.status}, "
        f"{result.case.settings.currency} {result.objective:,.0f}, gap {result.gap:.2%}, "
        f"chance of a shortage {result.probability_of_shortage:.1%}{elsewhere}"
    )


def _write(case: Path, plan: Plan, paths: list[Path], overrides: dict[str, str], detail: bool) -> None:
    """Keep a plan, write it, and let go what was kept only in case that writing fails."""
    kept = keeping.keep(case, plan, overrides) if paths else None
    try:
        keeping.write(plan, paths, kept, detail=detail)
    except OptimizerError:
        if kept is not None and kept.usual:
            kept.remember()
        raise
    if kept is not None:
        kept.forget()


def one_line(case: Path, error: OptimizerError) -> str:
    """Say in one line what went wrong with one case of several."""
    if isinstance(error, WorkbookError):
        return f"{case.name}: bad input, {error.brief}"
    kind = {INFEASIBLE: "infeasible", NO_PLAN: "no plan", NOT_WRITTEN: "not written", BAD_INPUT: "not solved"}.get(status_of(error), "failed")
    return f"{case.name}: {kind}, {error.brief}"
