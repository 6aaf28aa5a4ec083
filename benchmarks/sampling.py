"""Which design of sampling tells the most with few scenarios: python benchmarks/sampling.py [minutes].

Measures go to benchmarks/results/sampling.jsonl as they come; a stopped run goes on where it was. Then docs/sampling.md is written.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

import optimizer  # noqa: E402
from benchmarks.instances import instance  # noqa: E402
from benchmarks.sampling_designs import DESIGNS, PRODUCT, drawn_paths  # noqa: E402
from benchmarks.sampling_page import page  # noqa: E402
from optimizer.case import Case  # noqa: E402
from optimizer.model.data import CaseData, canonical  # noqa: E402
from optimizer.model.risk import conditional_value_at_risk  # noqa: E402
from optimizer.scenarios.tree import ScenarioTree, build_tree  # noqa: E402
from optimizer.solving.built import Built, build  # noqa: E402
from optimizer.solving.decomposed import solve_decomposed  # noqa: E402
from optimizer.solving.solution import Solution  # noqa: E402
from optimizer.solving.watch import Watch  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results" / "sampling.jsonl"
PAGE = ROOT / "docs" / "sampling.md"

SAMPLES = ("gallium_germanium", "national_stockpile", "rare_earth_magnets")
MEASURE_SIZES, MEASURE_SEEDS = (50, 100, 200), range(40)
LEVEL = 0.9
"""Of the CVaR of the measures; the plans have the instance's own."""
TRUTH_PATHS, TRUTH_SEED = 200_000, 10_000_000
"""Plain paths whose measures are taken for the truth."""

PLAN_SIZES, PLAN_SEEDS = (100,), range(20)
MATERIALS, QUARTERS = 3, 8
"""What is left of the instance where plans are made: small enough for hundreds of solves."""
FRESH_PATHS, FRESH_SEED, FRESH_DESIGN = 500, 20_000_000, "array quasi-Monte Carlo"


# -- measures of the paths alone -----------------------------------------------------------------------------------------------


@cache
def measured_case(name: str) -> Case:
    """The benchmark's instance or a sample, by name."""
    return canonical(instance(1, 100) if name == "benchmark" else optimizer.load(ROOT / "sample_inputs" / f"{name}.xlsx").case)


def measures(case: Case, paths: list) -> dict[str, np.ndarray]:
    """For each path: months in which anything is disrupted, the worth of the supply that is lost, and that worth by squares.

    The supply of an offer is worth its price; what is lost of it follows its availability. The sum of the squares of the quarters'
    losses stands for costs that grow faster than the disruption, as shortages do.
    """
    data, calendar = CaseData(case), case.calendar

    @cache
    def lost(t: int, regime: tuple[int, ...]) -> float:
        usual, now = (sum(o.price * o.capacity_per_year * data.availability(s, t, r) for s, o in enumerate(case.offers)) for r in ((), regime))
        return 1 - now / usual if usual else 0.0

    losses = np.array([[lost(t, regime) for t, regime in enumerate(path)] for path, _, _ in paths])
    months = np.array([[calendar.months * bool(regime) for regime in path] for path, _, _ in paths])
    return {"months": months.sum(1), "lost": 100 * losses.mean(1), "squares": 100 * (losses**2).mean(1)}


def measured(name: str, design: str, size: int, seed: int) -> dict:
    """Mean and CVaR of each measure on the paths of one draw."""
    case = measured_case(name).with_settings(scenarios=size, seed=seed, scenario_method="sampled")
    paths = drawn_paths(case, design)
    weight = np.array([w for _, w, _ in paths])
    found: dict = {"different": len(paths)}
    for measure, value in measures(case, paths).items():
        found[measure] = float(weight @ value)
        found[f"{measure} cvar"] = conditional_value_at_risk(value.astype(float), weight, LEVEL)
    return found


# -- plans ---------------------------------------------------------------------------------------------------------------------


@cache
def plan_case() -> Case:
    """The benchmark's instance with the first few materials and quarters; their share of the budget."""
    case = instance(1, 100)
    names = {m.material for m in case.materials[:MATERIALS]}

    def own(rows):
        return tuple(row for row in rows if row.material in names)

    worth = [sum(o.price * o.capacity_per_year for o in offers) for offers in (own(case.offers), case.offers)]
    return canonical(
        replace(
            case,
            materials=own(case.materials),
            demand=own(case.demand),
            offers=own(case.offers),
            inventory=own(case.inventory),
            disruptions=tuple(replace(d, material=tuple(m for m in d.material if m in names)) if d.material else d for d in case.disruptions),
            budget=tuple(replace(row, amount=row.amount * worth[0] / worth[1]) for row in case.budget),
        ).with_settings(periods=QUARTERS, scenario_method="sampled")
    )


def tree_of(case: Case, design: str, size: int, seed: int) -> ScenarioTree:
    """The tree of one draw."""
    paths = drawn_paths(case.with_settings(scenarios=size, seed=seed), design)
    reference = paths[0][0] if design == PRODUCT else None
    return build_tree(paths, [d.row for d in case.disruptions], "sampled", reference=reference)


@cache
def fresh() -> Built:
    """The program on the tree that all plans are judged on."""
    return build(plan_case(), tree=tree_of(plan_case(), FRESH_DESIGN, FRESH_PATHS, FRESH_SEED))


def with_contracts(built: Built, contract: dict[int, float]) -> Built:
    """The program with the contracts of a plan."""
    program, columns = built.program, built.columns("contract")
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[columns.number] = upper[columns.number] = [contract[offer] for offer in columns.offer]
    return replace(built, program=replace(program, lower=lower, upper=upper))


def figures(solution: Solution, prefix: str = "") -> dict:
    """What a plan says of its cost."""
    return {f"{prefix}{name}": getattr(solution, name) for name in ("status", "objective", "bound", "expected_cost", "cvar")}


def planned(design: str, size: int, seed: int) -> dict:
    """What the plan made on one draw says of its cost, and what its contracts cost on the fresh tree."""
    began = time.perf_counter()
    plan = solve_decomposed(build(plan_case(), tree=tree_of(plan_case(), design, size, seed)), Watch())
    taken = time.perf_counter() - began
    judged = solve_decomposed(with_contracts(fresh(), plan.decisions.contract), Watch())
    return {**figures(plan), **figures(judged, "fresh "), "nodes": plan.built.tree.size, "seconds": taken}


# -- the run -------------------------------------------------------------------------------------------------------------------


def tasks() -> Iterator[tuple[dict, object]]:
    """Each measurement as its name and the function that takes it, the seeds one after another so that a stopped run compares all."""
    for case in ("benchmark", *SAMPLES):
        yield {"part": "truth", "case": case}, lambda case=case: measured(case, "plain", TRUTH_PATHS, TRUTH_SEED)
    for seed in MEASURE_SEEDS:
        for case in ("benchmark", *SAMPLES):
            for size in MEASURE_SIZES:
                for design in (*DESIGNS, PRODUCT):
                    yield (
                        {"part": "measures", "case": case, "design": design, "paths": size, "seed": seed},
                        lambda case=case, design=design, size=size, seed=seed: measured(case, design, size, seed),
                    )
    yield {"part": "fresh"}, lambda: figures(solve_decomposed(fresh(), Watch()))
    for size in PLAN_SIZES:
        for seed in PLAN_SEEDS:
            for design in (*DESIGNS, PRODUCT):
                yield (
                    {"part": "plans", "design": design, "paths": size, "seed": seed},
                    lambda design=design, size=size, seed=seed: planned(design, size, seed),
                )


def results() -> list[dict]:
    """What is measured so far."""
    return [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()] if RESULTS.exists() else []


def main(minutes: float) -> None:
    """Measure what is missing, for so many minutes at most, and write the page."""
    end = time.monotonic() + 60 * minutes
    RESULTS.parent.mkdir(exist_ok=True)
    names = ("part", "case", "design", "paths", "seed")
    done = {tuple(row.get(name) for name in names) for row in results()}
    with RESULTS.open("a", encoding="utf-8", newline="\n") as lines:
        for name, measure in tasks():
            if tuple(name.get(key) for key in names) in done:
                continue
            if time.monotonic() > end:
                break
            found = {key: float(f"{value:.7g}") if isinstance(value, float) else value for key, value in measure().items()}
            lines.write(json.dumps({**name, **found}) + "\n")
            lines.flush()
    PAGE.write_text(page(results()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
