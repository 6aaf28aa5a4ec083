"""Write docs/evidence.md: how far the plans of the samples can be believed. python benchmarks/evidence.py [SAMPLE ...] [history]

For each sample its figures in its own futures and on fresh ones, how far the plan is from the best, and what simple rules cost on the same futures;
then the backtests on history. Each study is made as a user would ask for it, and its seconds are told. Takes a quarter of an hour; what is not named keeps
what stands there.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import backtest
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import optimizer  # noqa: E402
from optimizer.plan.explain import money, percent  # noqa: E402

SAMPLES = ("tutorial", "gallium_germanium", "national_stockpile", "rare_earth_magnets")
STUDIES = ("out_of_sample", "replications", "policies")
PAGE = ROOT / "docs" / "evidence.md"

HEAD = """# Evidence

Written by `python benchmarks/evidence.py`. Why should a board believe these plans? For each sample, as `optimizer study` tells it:

- **In its own futures and on unseen ones**: 1,000 futures are drawn that the plan has not seen; on a hundred different ones everything but contracts and
  projects is decided period by period with what is known then, and the others make the mean more precise ([decision 48](decisions/0048-unseen-futures.md)).
- **How far from the best**: the multiple replications procedure on ten fresh samples of futures ([decision 46](decisions/0046-replications.md)).
- **Simple rules** on the same unseen futures.

Intervals are 95%. Where a plan knows every future that its workbook allows, its own figures hold, and there is nothing to estimate.
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
    began = time.monotonic()
    plan = optimizer.solve(ROOT / "sample_inputs" / f"{name}.xlsx")
    seconds = {"the plan": time.monotonic() - began}
    found: dict[str, pd.DataFrame] = {}
    for study in STUDIES:
        began = time.monotonic()
        found |= optimizer.study(plan, study)
        seconds[study] = time.monotonic() - began
    lines = [f"## {plan.case.settings.title}", "", f"`sample_inputs/{name}.xlsx`, {plan.proven.rstrip('.').lower()}.", ""]
    lines += [*_figures(plan, found), "", *_gap(found), "", *_policies(plan, found["policies"]), ""]
    lines += [f"Seconds on this machine: {', '.join(f'{what} {value:.0f}' for what, value in seconds.items())}.", ""]
    return "\n".join(lines)


def _figures(plan: optimizer.Plan, found: dict[str, pd.DataFrame]) -> list[str]:
    """Return the table of figures in the plan's own futures and on unseen ones."""
    currency = plan.case.settings.currency
    rows = ["| | in the plan's futures | on unseen futures | 95% interval | if each future were known |", "|---|---|---|---|---|"]
    for row in found["out_of_sample_costs"].itertuples():
        if not row.figure.startswith("Expected ") or row.figure == "Expected shortage":
            unseen, low, high = (money(value, currency) for value in (row.unseen, row.low, row.high))
            known = "" if pd.isna(row.foreseen) else money(row.foreseen, currency)
            rows.append(f"| {row.figure} | {money(row.in_plan, currency)} | {unseen} | {low} to {high} | {known} |")
    anything = found["out_of_sample_service"].iloc[0]
    chance = f"{percent(anything.chance_low)} to {percent(anything.chance_high)}"
    rows.append(f"| Chance of a shortage | {percent(anything.chance_in_plan)} | {percent(anything.chance)} | {chance} | |")
    return rows


def _gap(found: dict[str, pd.DataFrame]) -> list[str]:
    """Return what the fresh samples say of the gap and of the decisions."""
    said = [f"- {words}" for words in found["replications"]["words"]]
    decisions = found["replication_decisions"]
    stable = decisions[decisions["kind"].isin(["contract", "project"])]
    return [*said, *(f"- {words}" for words in stable["words"])]


def _policies(plan: optimizer.Plan, table: pd.DataFrame) -> list[str]:
    """Return the table of simple rules."""
    currency = plan.case.settings.currency
    rows = ["| on the same unseen futures | cost | above the plan | 95% interval | chance of a shortage |", "|---|---|---|---|---|"]
    for row in table.itertuples():
        more = ("", "") if pd.isna(row.more) else (money(row.more, currency), f"{money(row.more_low, currency)} to {money(row.more_high, currency)}")
        rows.append(f"| {row.policy} | {money(row.cost, currency)} | {more[0]} | {more[1]} | {percent(row.chance)} |")
    return rows


def main() -> None:
    """Make the sections that are asked for, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    every = (*SAMPLES, BACKTESTS)
    parser.add_argument("parts", nargs="*", default=every, metavar="PART", help=f"one of {', '.join(every)}; all of them by default")
    asked = parser.parse_args().parts
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
