"""Check on many random cases that the decomposition and the extensive form agree, and that no bound it reports is ever above the optimum.

    python benchmarks/agreement.py [FIRST] [COUNT]

The cases are those of tests/large_cases.py: 50 to 300 futures with projects, minimum contracts, budgets and limits. One line a case.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from large_cases import compared  # noqa: E402


def main(first: int = 0, count: int = 200) -> None:
    """Compare the cases of `count` seeds from `first` on and print what does not agree."""
    wrong, proven, infeasible, solved = [], 0, 0, 0
    for seed in range(first, first + count):
        found = compared(seed)
        if found is None:
            continue
        solved += 1
        proven += found.parts.status == "optimal"
        infeasible += found.parts.status == "infeasible"
        if found.faults:
            wrong.append(seed)
        one, parts = found.seconds
        print(
            f"{seed}: {found.parts.status}, {len(found.whole.built.program.row_lower)} rows, {one:.1f} s as one program, {parts:.1f} s in parts "
            f"({found.parts.method}){''.join(f'; WRONG: {fault}' for fault in found.faults)}",
            flush=True,
        )
    print(f"{solved} cases: {proven} proven, {infeasible} infeasible, {len(wrong)} wrong{': ' + ', '.join(map(str, wrong)) if wrong else ''}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
