"""One instance, one method, one process: python benchmarks/peers.py METHOD SEED PATHS [--projects] [--no-contracts] ... prints a line of JSON.

bare: the arrays of our extensive form straight into highspy, nothing of ours imported; `prepare` writes them beforehand.
extensive, decomposed: this program, case to audited plan. linopy, pyomo: the same model on the whole tree, written for each.
mpisppy-ef, mpisppy-ph: the path model under mpi-sppy's extensive form and progressive hedging.

CPU seconds are those of the whole process with its imports and children; memory is the process's own peak plus that of its
largest child. HiGHS has the same options everywhere. The peers get the case and its tree from this program.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from pathlib import Path

BEGAN = time.perf_counter()
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

METHODS = ("bare", "extensive", "decomposed", "linopy", "pyomo", "mpisppy-ef", "mpisppy-ph")
GAP = 1e-4
OPTIONS = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 1,
    "mip_rel_gap": GAP,
    "mip_abs_gap": 0.0,
    "small_matrix_value": 1e-12,
    "primal_feasibility_tolerance": 1e-7,
    "dual_feasibility_tolerance": 1e-7,
    "mip_feasibility_tolerance": 1e-6,
}
"""What solving/highs.py gives its solver."""


def case_of(args):
    """The instance that the command line names."""
    from benchmarks.features import every_feature
    from benchmarks.instances import instance

    if args.every_feature:
        return every_feature(args.seed, args.paths)
    return instance(args.seed, args.paths, projects=args.projects, contracts=not args.no_contracts, materials=args.materials, quarters=args.quarters)


def prepare(args) -> dict:
    """Write the arrays of the extensive form for `bare`."""
    import numpy as np

    from optimizer.solving.built import build

    built = build(case_of(args))
    a = built.arrays()
    start = np.searchsorted(a.column, np.arange(len(a.cost) + 1)).astype(np.int32)
    np.savez(
        args.arrays,
        cost=a.cost,
        lower=a.lower,
        upper=a.upper,
        integer=a.integer,
        row_lower=a.row_lower,
        row_upper=a.row_upper,
        start=start,
        row=a.row.astype(np.int32),
        value=a.value,
        money=built.scales.money,
        nodes=built.tree.size,
        seed=built.case.settings.seed,
    )
    return {"status": "prepared", "nodes": built.tree.size, "rows": len(a.row_lower)}


def bare(args) -> dict:
    """The arrays, loaded and solved."""
    import highspy
    import numpy as np

    a = dict(np.load(args.arrays))
    highs = highspy.Highs()
    for name, value in {**OPTIONS, "random_seed": int(a["seed"])}.items():
        highs.setOptionValue(name, value)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(a["cost"]), len(a["row_lower"])
    model.col_cost_, model.col_lower_, model.col_upper_ = a["cost"], a["lower"], a["upper"]
    model.row_lower_, model.row_upper_ = a["row_lower"], a["row_upper"]
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = a["start"], a["row"], a["value"]
    if a["integer"].any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[int(flag)] for flag in a["integer"]]
    highs.passModel(model)
    highs.run()
    info, money = highs.getInfo(), float(a["money"])
    bound = info.mip_dual_bound if a["integer"].any() else info.objective_function_value
    return {
        "status": highs.modelStatusToString(highs.getModelStatus()).lower(),
        "objective": info.objective_function_value * money,
        "bound": bound * money,
        "nodes": int(a["nodes"]),
        "rows": len(a["row_lower"]),
    }


def ours(args) -> dict:
    """This program's public call, audit included."""
    from optimizer import solve

    plan = solve(case_of(args), method=args.method)
    return {
        "status": plan.status,
        "objective": plan.objective,
        "bound": plan.bound,
        "nodes": plan.solution.built.tree.size,
        "rows": len(plan.solution.built.program.row_lower),
    }


def linopy(args) -> dict:
    from peer_linopy import solve

    return solve(case_of(args), OPTIONS)


def pyomo(args) -> dict:
    from peer_pyomo import solve

    return solve(case_of(args), OPTIONS)


def mpisppy_ef(args) -> dict:
    from peer_mpisppy import extensive_form

    return extensive_form(case_of(args), OPTIONS)


def mpisppy_ph(args) -> dict:
    from peer_mpisppy import progressive_hedging

    return progressive_hedging(case_of(args), OPTIONS, GAP, args.limit)


RUN = {
    "prepare": prepare,
    "bare": bare,
    "extensive": ours,
    "decomposed": ours,
    "linopy": linopy,
    "pyomo": pyomo,
    "mpisppy-ef": mpisppy_ef,
    "mpisppy-ph": mpisppy_ph,
}


def cpu_seconds() -> float:
    """Of the process and its children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("method", choices=RUN)
    parser.add_argument("seed", type=int)
    parser.add_argument("paths", type=int)
    parser.add_argument("--projects", action="store_true")
    parser.add_argument("--no-contracts", action="store_true")
    parser.add_argument("--materials", type=int, default=8)
    parser.add_argument("--quarters", type=int, default=12)
    parser.add_argument("--every-feature", action="store_true", help="ask everything that a workbook can")
    parser.add_argument("--limit", type=float, default=600.0, help="CPU seconds after which mpisppy-ph says what it has")
    parser.add_argument("--arrays", default="arrays.npz", help="where `prepare` writes and `bare` reads")
    return parser.parse_args()


def main() -> None:
    """Run and report; whatever the method prints goes to standard error."""
    args = arguments()
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    found = RUN[args.method](args)
    gap = abs(found["objective"] - found["bound"]) / abs(found["objective"]) if found.get("objective") is not None and found.get("bound") is not None else None
    line = {
        "method": args.method,
        "seed": args.seed,
        "paths": args.paths,
        "projects": args.projects,
        "contracts": not args.no_contracts,
        **({"every_feature": True} if args.every_feature else {}),
        **({"materials": args.materials, "quarters": args.quarters} if "--materials" in sys.argv else {}),
        **found,
        "gap": gap,
        "cpu": round(cpu_seconds(), 2),
        "wall": round(time.perf_counter() - BEGAN, 2),
    }
    os.write(kept, (json.dumps(line) + "\n").encode())


if __name__ == "__main__":
    main()
