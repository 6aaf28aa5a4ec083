"""Write docs/evidence.md: how far the plans of the samples can be believed. python benchmarks/evidence.py [SAMPLE ...] [history]

For each sample its figures in its own futures and on fresh ones, how far the plan is from the best, and what simple rules cost on the same futures;
then the backtests on history. Each study is made in a process of its own, one after the other, and its seconds are told. No figure depends on how fast
the machine is: the studies of unseen futures and of simple rules have no time limit, and the one of fresh samples is given as long as it needs. Takes a
quarter of an hour; what is not named keeps what stands there.
"""

from __future__ import annotations

import argparse
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import backtest
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import optimizer  # noqa: E402
from optimizer.plan.explain import money, percent  # noqa: E402

SAMPLES = ("tutorial", "gallium_germanium", "national_stockpile", "rare_earth_magnets")
STUDIES = ("out_of_sample", "replications", "policies")
NO_LIMIT = 1e5
"""Seconds that no study reaches."""

PAGE = ROOT / "docs" / "evidence.md"

HEAD = """# Evidence

Written by `python benchmarks/evidence.py`. Why should a board believe these plans? For each sample, as `optimizer study` tells it:

- **In its own futures and on unseen ones**: 1,000 futures are drawn that the plan has not seen; on a hundred different ones everything but contracts and
  projects is decided period by period with what is known then, and the others make the mean more precise ([decision 48](decisions/0048-unseen-futures.md)).
  Of two figures, believe the one on unseen futures. *If each future were known*: what the same futures would cost a buyer who knows all of each future
  once its first period is over, which nobody does.
- **How far from the best**: the multiple replications procedure on ten fresh samples of futures ([decision 46](decisions/0046-replications.md)).
- **Simple rules**, each beside the plan on the same unseen futures, 400 of them, a few of which are lived through. These are fewer than above, so that
  the cost of the plan differs by chance from that in the first table; the differences between the rules and the plan are surer than the costs.

All costs are discounted, over the whole horizon, and count shortages at what the workbook says a unit short costs. *Objective* is what the plan makes
least: the expected cost and the cost in the worst futures, weighed by the workbook's `risk_weight`. Intervals cover what they estimate with a probability
of 95%. Where a plan knows every future that its workbook allows, its own figures hold, and there is nothing to estimate. No figure of this page was cut
short by a time limit.
"""

BACKTESTS = "history"
"""What names the backtests beside the samples."""

HISTORY = "Lived through what happened"
HISTORY_HEAD = f"""## {HISTORY}

Plans made as of a date with what was known then, and lived through what really happened, deciding anew in every quarter
([decision 51](decisions/0051-backtest.md), [decision 64](decisions/0064-causes.md); `sample_inputs/history`). *Long record*: the probabilities that 2010
to mid-2023 suggested; *rate since 2023*: those of the years that followed, which nobody knew then. For 2010 even the long record is hindsight, so that
*nothing seen before* stands first there. Each history is one course of events, so that no figure has an interval.
"""


def section(name: str) -> str:
    """Return the section of one sample."""
    found: dict[str, pd.DataFrame] = {}
    seconds: dict[str, float] = {}
    made: dict[str, Any] = {}
    for study in STUDIES:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "made.pickle"
            subprocess.run([sys.executable, __file__, "--study", name, study, str(file)], check=True)
            made = pickle.loads(file.read_bytes())
        found |= made["tables"]
        seconds |= {"the plan": made["seconds"][0], study: made["seconds"][1]}
        print(f"{name}, {study}: {made['seconds'][1]:.0f} s", flush=True)
    currency = made["currency"]
    lines = [f"## {made['title']}", "", f"`sample_inputs/{name}.xlsx`, {made['proven'].rstrip('.').lower()}.", ""]
    lines += [*_figures(currency, found), "", *_gap(found), "", *_policies(currency, found["policies"]), ""]
    lines += [f"Seconds on this machine: {', '.join(f'{what} {value:.0f}' for what, value in seconds.items())}.", ""]
    return "\n".join(lines)


def made_alone(name: str, study: str, file: Path) -> None:
    """Solve a sample, ask a study of its plan, and leave in a file what the page says of it."""
    began = time.monotonic()
    plan = optimizer.solve(ROOT / "sample_inputs" / f"{name}.xlsx")
    solved = time.monotonic()
    tables = optimizer.studies.multiple_replications(plan, seconds=NO_LIMIT) if study == "replications" else optimizer.study(plan, study)
    settings, seconds = plan.case.settings, (solved - began, time.monotonic() - solved)
    made = {"title": settings.title, "currency": settings.currency, "proven": plan.proven, "tables": tables, "seconds": seconds}
    file.write_bytes(pickle.dumps(made))


def _between(low: float, high: float, written: Callable[[float], str]) -> str:
    """Say an interval; that there is nothing to estimate where it has no width."""
    return f"{written(low)} to {written(high)}" if low < high else "exact"


def _figures(currency: str, found: dict[str, pd.DataFrame]) -> list[str]:
    """Return the table of figures in the plan's own futures and on unseen ones."""
    rows = ["| | in the plan's futures | on unseen futures | 95% interval | if each future were known |", "|---|---|---|---|---|"]
    for row in found["out_of_sample_costs"].itertuples():
        if not row.figure.startswith("Expected ") or row.figure == "Expected shortage":
            between = _between(row.low, row.high, lambda value: money(value, currency))
            known = "" if pd.isna(row.foreseen) else money(row.foreseen, currency)
            rows.append(f"| {row.figure} | {money(row.in_plan, currency)} | {money(row.unseen, currency)} | {between} | {known} |")
    anything = found["out_of_sample_service"].iloc[0]
    chance = _between(anything.chance_low, anything.chance_high, percent)
    rows.append(f"| Chance of a shortage | {percent(anything.chance_in_plan)} | {percent(anything.chance)} | {chance} | |")
    return rows


def _gap(found: dict[str, pd.DataFrame]) -> list[str]:
    """Return what the fresh samples say of the gap and of the decisions."""
    said = [f"- {words}" for words in found["replications"]["words"]]
    decisions = found["replication_decisions"]
    stable = decisions[decisions["kind"].isin(["contract", "project"])]
    return [*said, *(f"- {words}" for words in stable["words"])]


def _policies(currency: str, table: pd.DataFrame) -> list[str]:
    """Return the table of simple rules."""
    rows = ["| on the same unseen futures | cost | 95% interval | above the plan | 95% interval | chance of a shortage | 95% interval |", "|---|" + "---|" * 6]

    def written(value: float) -> str:
        return money(value, currency)

    for row in table.itertuples():
        cost = f"{written(row.cost)} | {_between(row.low, row.high, written)}"
        more = " | " if pd.isna(row.more) else f"{written(row.more)} | {_between(row.more_low, row.more_high, written)}"
        rows.append(f"| {row.policy} | {cost} | {more} | {percent(row.chance)} | {_between(row.chance_low, row.chance_high, percent)} |")
    return rows


def main() -> None:
    """Make the sections that are asked for, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    every = (*SAMPLES, BACKTESTS)
    parser.add_argument("parts", nargs="*", default=every, metavar="PART", help=f"one of {', '.join(every)}; all of them by default")
    parser.add_argument("--study", nargs=3, metavar=("SAMPLE", "STUDY", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.study:
        made_alone(*arguments.study[:2], Path(arguments.study[2]))
        return
    asked = arguments.parts
    if unknown := [name for name in asked if name not in every]:
        parser.error(f"there is no {', '.join(unknown)}; the parts are {', '.join(every)}")
    sections = _there()
    for name in asked:
        sections[HISTORY if name == BACKTESTS else name] = _backtests() if name == BACKTESTS else section(name)
        body = "\n".join(sections[part] for part in (*SAMPLES, HISTORY) if part in sections)
        PAGE.write_text(f"{HEAD}\n{body}", encoding="utf-8")
        print(f"{name}: written", flush=True)


def _backtests() -> str:
    """Return the section of the backtests on history."""
    names = sorted(file.parent.name for file in backtest.HISTORIES.glob("*/active.csv"))
    return "\n".join([HISTORY_HEAD, *(backtest.section(name, False) for name in names)])


def _there() -> dict[str, str]:
    """Return the sections that the page has, by sample."""
    if not PAGE.exists():
        return {}
    parts = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    found = {sample: f"## {part}" for part in parts for sample in SAMPLES if f"sample_inputs/{sample}.xlsx" in part}
    told = next((part for part in parts if part.startswith(HISTORY)), None)
    return found if told is None else {**found, HISTORY: f"## {told}"}


if __name__ == "__main__":
    main()
