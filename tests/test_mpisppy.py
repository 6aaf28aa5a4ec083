"""mpi-sppy is given the same program: its extensive form has our optimum, with every feature a single scenario can state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from random_cases import random_case

from benchmarks.for_mpisppy import all_nodenames, kw_creator, scenario_creator, scenario_names
from optimizer import load
from optimizer.solving.built import build
from optimizer.solving.extensive import solve_built
from optimizer.solving.watch import Watch

TUTORIAL = Path(__file__).resolve().parent.parent / "sample_inputs" / "tutorial.xlsx"


def without_fill_rates(case):
    return replace(case, demand=tuple(replace(row, minimum_fill_rate=None) for row in case.demand)).with_settings(mip_gap=0.0)


def optimum(case, tree) -> float:
    """The optimum of mpi-sppy's extensive form of a case on a tree."""
    from mpisppy.opt.ef import ExtensiveForm

    form = ExtensiveForm({"solver": "appsi_highs", "toc": False}, scenario_names(tree), scenario_creator, kw_creator(case, tree), all_nodenames(tree))
    results = form.solve_extensive_form({"mip_rel_gap": 0.0, "threads": 1})
    assert results.solver.termination_condition == "optimal"
    return form.get_objective_value()


@pytest.mark.parametrize("seed", range(24))
def test_mpisppys_extensive_form_has_our_optimum(seed):
    """On random cases with every feature but fill rates, the two extensive forms have one optimum."""
    ours = solve_built(build(without_fill_rates(random_case(seed))), Watch())
    if ours.status == "optimal":
        assert optimum(ours.built.case, ours.built.tree) == pytest.approx(ours.objective, rel=1e-6, abs=1e-6)


def test_the_tutorial_has_our_optimum():
    """So it has on the tutorial's workbook."""
    ours = solve_built(build(without_fill_rates(load(TUTORIAL).case)), Watch())
    assert optimum(ours.built.case, ours.built.tree) == pytest.approx(ours.objective, rel=1e-6)


def test_fill_rates_are_refused():
    """A case with a row over all scenarios is refused, and the row named."""
    case = without_fill_rates(random_case(0))
    case = replace(case, demand=tuple(replace(row, minimum_fill_rate=0.1) for row in case.demand))
    with pytest.raises(ValueError, match="fill_rate"):
        kw_creator(case)
