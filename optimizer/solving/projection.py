"""Points of the trunk: whether one is feasible, and the feasible one nearest to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.solving.blocks import BlockProgram
from optimizer.solving.highs import Solver
from optimizer.solving.watch import Phase, Watch

MOST_SECONDS, SHARE = 30.0, 0.25
"""The most seconds that finding a first point may take, and its share of the time that is left."""

ROOM = 1e-6
"""By how much a row or a bound may be violated, relative to its size: ten times the solver's tolerance, because x went through another program."""

SWITCH = 100.0
"""The weight of a change of an integer decision, where that of a quantity has the weight 1: typical quantities lie between 1 and 100."""


def quiet_part_of(watch: Watch) -> Watch:
    """Return a watch that ends with a share of the time that is left, and reports nothing."""
    return Watch(cancelled=lambda: watch.stop, limit=SHARE * max(0.0, watch.limit - watch.seconds))


def satisfies(trunk: BlockProgram, x: np.ndarray) -> bool:
    """Return whether x satisfies the trunk's own rows and bounds."""
    a = trunk.arrays
    activity, room, own = a.activity(x), ROOM * (1 + a.activity_size(x)), ROOM * (1 + np.abs(x))
    rows = (activity >= a.row_lower - room).all() and (activity <= a.row_upper + room).all()
    return bool(rows and (x >= a.lower - own).all() and (x <= a.upper + own).all())


def nearest(trunk: BlockProgram, x: np.ndarray, is_implied: np.ndarray, seed: int, watch: Watch) -> np.ndarray | None:
    """Return the point that satisfies the trunk's rows and bounds and is nearest to x by the weighted sum of changes; None where there is none.

    is_implied: the columns whose change has no weight, because they follow from others.
    """
    a = trunk.arrays
    x = np.clip(x, a.lower, a.upper)
    activity, wide = a.activity(x), len(x)
    weight = np.where(is_implied, 0.0, np.where(a.integer, SWITCH, 1.0))
    # The columns are the changes: upwards, then downwards.
    changes = replace(
        a,
        cost=weight,
        lower=np.zeros(wide),
        upper=a.upper - x,
        integer=np.zeros(wide, dtype=bool),
        row_lower=a.row_lower - activity,
        row_upper=a.row_upper - activity,
    )
    changes = changes.with_columns(wide, cost=weight, upper=x - a.lower, entries=[(a.row, a.column + wide, -a.value)])
    found = Solver(changes, seed=seed, time_limit=MOST_SECONDS, watch=quiet_part_of(watch)).solve(Phase.NEAREST)
    return None if found.x is None else x + found.x[:wide] - found.x[wide:]
