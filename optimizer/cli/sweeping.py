"""The command `sweep`: solve a workbook under every combination of settings and cells, and set the plans side by side."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.console import Stop, say
from optimizer.cli.outcomes import NOT_WRITTEN, SOLVED, status_of
from optimizer.cli.screen import show_frame
from optimizer.errors import OptimizerError, WorkbookError

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.plan.plan import Plan

BETWEEN, TIMES = ";", "x"
"""What stands between the values of one axis, and what a value begins with that multiplies the number of the workbook."""

ENDINGS = (".xlsx", ".csv")


def axes_of(given: Sequence[str], option: str) -> dict[str, list[str]]:
    """Return NAME=VALUE;VALUE pairs as name -> values. click.BadParameter for one that is none."""
    axes = {}
    for pair in given:
        name, equals, values = pair.rpartition("=")
        if not equals or not name.strip() or not values.strip():
            raise click.BadParameter(f"'{pair}' is not NAME=VALUE{BETWEEN}VALUE, for example risk_weight=0{BETWEEN}0.5{BETWEEN}1.", param_hint=option)
        axes[name.strip()] = [value.strip() for value in values.split(BETWEEN) if value.strip()]
    return axes


def sweep_one(case: Path, output: Path | None, settings: dict[str, list[str]], cells: dict[str, list[str]], stop: Stop) -> int:
    """Solve a case under every combination, show one line each and write the table where it is wanted; the exit status."""
    from optimizer.api import sweep
    from optimizer.runs.keeping import reason

    varied = [dict(zip(settings, values)) for values in product(*settings.values())]
    changed = [dict(zip(cells, values)) for values in product(*cells.values())]
    asked = [{**values, **named} for values in varied for named in changed]

    def tell(done: int, total: int) -> None:
        say(f"{case.name}: {done} of {total} solved", err=True)

    found = sweep([case], settings=varied, cells=[{name: _value(value) for name, value in named.items()} for named in changed], progress=tell, cancelled=stop)
    table = table_of(asked, found)
    show_frame(table)
    worst = max((status_of(result) for result in found if isinstance(result, OptimizerError)), default=SOLVED)
    if output is None:
        return worst
    try:
        if output.suffix.lower() == ".csv":
            table.to_csv(output, index=False)
        else:
            table.to_excel(output, index=False, sheet_name="Sweep")
    except OSError as error:
        say(f"{output} could not be written: {reason(output, error)}.", err=True)
        return NOT_WRITTEN
    say(f"Wrote {output}")
    return worst


def _value(text: str) -> Any:
    """Return a value as it was typed: a number, a factor on what the workbook says (x1.1), or words. click.BadParameter for a factor that is none."""
    from optimizer.editing.cells import Times

    try:
        return Times(float(text[1:])) if text[:1].lower() == TIMES and text[1:2].isdigit() else float(text)
    except ValueError:
        return text


def table_of(asked: Sequence[dict[str, str]], found: Sequence[Plan | OptimizerError]) -> pd.DataFrame:
    """Return a row for each combination: its values, then the figures of its plan, or why it has none."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for values, result in zip(asked, found, strict=True):
        if isinstance(result, OptimizerError):
            # A workbook error begins with the number of its problems: the first of them says more.
            problem = str(result.problems[0]) if isinstance(result, WorkbookError) and result.problems else str(result).splitlines()[0]
            rows.append({**values, "status": problem})
            continue
        contracts, projects = result.tables["contracts"], result.tables["projects"]
        signed = [f"{row.supplier} {row.per_year:,.6g}" for row in contracts.itertuples()]
        rows.append(
            {
                **values,
                "status": str(result.status),
                "objective": result.objective,
                "expected cost": result.expected_cost,
                "cost in the worst futures": result.cvar,
                "chance of a shortage": result.probability_of_shortage,
                "contracts": "; ".join(signed),
                "projects": "; ".join(projects.loc[projects["start"].notna() | projects["if"].notna(), "project"]),
            }
        )
    return pd.DataFrame(rows)
