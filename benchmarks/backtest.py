"""What the plan and simple rules would have cost in real histories: python benchmarks/backtest.py [HISTORY ...] [--by-quarter]

Prints a section in Markdown for each history of sample_inputs/history: the plan made as of its first day with each of the beliefs of beliefs.csv, then
lived through what really happened (optimizer/studies/living/backtesting.py), beside simple rules and beside whoever knew it all.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pandas as pd  # noqa: E402

import optimizer  # noqa: E402
from optimizer.studies import read_beliefs, read_history  # noqa: E402

HISTORIES = ROOT / "sample_inputs" / "history"

RECORD_YEARS = {"rare_earths_2010": 13.5}
"""The years behind the first beliefs of a history, of which its workbook is; they are also lived through with probabilities that change with what happens."""

USUAL_YEARS = 15.5
"""The same for all other histories: January 2010 to June 2023, and the two years of the prior that their rates were drawn with."""


def made(name: str) -> tuple[dict[str, pd.DataFrame], str, float]:
    """Return the tables of a history, its title, and the seconds that they took."""
    began = time.monotonic()
    case = optimizer.load(HISTORIES / name / "as_of").case
    plans = {beliefs: optimizer.solve(believed) for beliefs, believed in read_beliefs(HISTORIES / name / "beliefs.csv", case).items()}
    history = read_history(HISTORIES / name)
    kept = optimizer.studies.backtest(plans, history)
    first = next(iter(plans))
    changed = optimizer.studies.backtest({f"{first}, updated": plans[first]}, history, (), record_years=RECORD_YEARS.get(name, USUAL_YEARS))
    tables = {table: pd.concat([kept[table], changed[table]], ignore_index=True) for table in kept}
    return tables, case.settings.title or name, time.monotonic() - began


def section(name: str, by_quarter: bool) -> str:
    """Return the section of a history in Markdown."""
    tables, title, seconds = made(name)
    lines = [f"### {title}", "", f"{seconds:.0f} s. `python benchmarks/backtest.py {name}`", ""]
    lacking = HISTORIES / name / "lacking.md"
    lines += [lacking.read_text(encoding="utf-8")] if lacking.exists() else []
    lines += ["| beliefs | policy | paid | shortages | other | in all | above the plan |", "|---|---|---:|---:|---:|---:|---:|"]
    for row in tables["backtest"].itertuples():
        more = "" if pd.isna(row.more) else f"{row.more:,.0f}"
        lines.append(f"| {row.beliefs} | {row.policy} | {row.cash:,.0f} | {row.shortage_cost:,.0f} | {_whole(row.other)} | {row.total:,.0f} | {more} |")
    short = tables["backtest_short"].pivot_table(index=["beliefs", "policy"], columns="material", values="short", aggfunc="sum", sort=False)
    lines += ["", "Units short:", "", f"| beliefs | policy | {' | '.join(short.columns)} |", f"|---|---|{'---:|' * len(short.columns)}"]
    lines += [
        f"| {beliefs} | {policy} | {' | '.join(f'{value:,.1f}' for value in values)} |" for (beliefs, policy), values in zip(short.index, short.to_numpy())
    ]
    if by_quarter:
        lines += ["", *_by_quarter(tables["backtest_periods"])]
    return "\n".join([*lines, ""])


def _whole(value: float) -> str:
    """Return a whole number with its thousands separated, and 0 without a sign."""
    return f"{round(value) + 0:,}"


def _by_quarter(table: pd.DataFrame) -> list[str]:
    """Return the table by quarter of the plan alone."""
    plan = table[table["policy"] == table["policy"].iloc[0]]
    lines = ["| beliefs | quarter | material | ordered | could not be had | stock | short | active |", "|---|---|---|---:|---:|---:|---:|---|"]
    for row in plan.fillna({"disruptions": ""}).itertuples():
        figures = " | ".join(f"{value:,.1f}" for value in (row.ordered, row.cut, row.stock, row.short))
        lines.append(f"| {row.beliefs} | {row.period} | {row.material} | {figures} | {row.disruptions} |")
    return lines


def main() -> None:
    """Print the section of each history that is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("histories", nargs="*", default=sorted(file.parent.name for file in HISTORIES.glob("*/active.csv")))
    parser.add_argument("--by-quarter", action="store_true", help="the plan's orders, stock and shortages by quarter, too")
    args = parser.parse_args()
    for name in args.histories:
        print(section(name, args.by_quarter), flush=True)


if __name__ == "__main__":
    main()
