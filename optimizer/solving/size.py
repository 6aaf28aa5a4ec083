"""Estimate the size of a case before its program is made: nodes, rows, columns, coefficients, memory. Refuse in words what cannot fit.

Counts follow the index sets of the model. Bytes are measured (docs/decisions/0022): they are of the order of what is needed and on the low
side, so that a case that is refused would not have fitted.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from math import log

import numpy as np

from optimizer.case import Case
from optimizer.errors import Problem, WorkbookError
from optimizer.model.data import CaseData
from optimizer.scenarios import choose_method, make_tree
from optimizer.scenarios.exact import MOST_EXACT_PATHS, count_nodes
from optimizer.scenarios.tree import ScenarioTree

BYTES_PER_COEFFICIENT = 60
"""Of the program with the solver's copy and what is needed to lay it out."""

BYTES_PER_COLUMN, BYTES_PER_ROW = 120, 80

BYTES_STATED = 1_500
"""Of each row and column of one path while Pyomo states it."""

BYTES_IN_TEMPLATE = 16
"""Of each coefficient under each regime."""

BYTES_PER_STEP = 8
"""Of each period of each node's history."""

TRIAL = 256
"""Paths that are drawn to tell how many nodes the whole draw will have."""

CAUTION = 0.5
"""Part of an estimated number of nodes that is taken for sure."""


MOST_WHOLE = 8_000_000
"""Rows from which a program is solved in parts even if it fits: as a whole it takes 5 GB or more, and several times as long."""

LEAST_IN_PARTS, MOST_IN_PARTS = 1_000_000, 100_000_000
"""Rows of a program that can be solved in parts: a smaller one that does not fit leaves no room for anything, a larger one would take hours."""

MOST_OF_A_PATH = 200_000
"""Rows of one future, up to which the trunk of a tree can be solved again and again."""

BYTES_IN_PARTS, BYTES_OF_ANSWER, BYTES_ON_DISK = 1.5e9, 30.0, 170.0
"""Of memory that a program in parts takes whatever its size, of memory for each of its rows, and of the disk."""


def tree_that_fits(data: CaseData, tick: Callable[[], None] = lambda: None, parts: bool = False) -> tuple[ScenarioTree, bool]:
    """Make the scenario tree of a case. Return it, and whether its program is to be solved in parts, which happens only where `parts` allows it.

    Raises WorkbookError, before the long part begins, where the program fits neither way.
    """
    room, settings = free_memory(), data.case.settings
    if parts and (tree := _tree_in_parts(data, room, tick)) is not None:
        return tree, True
    paths = MOST_EXACT_PATHS if settings.scenario_method == "exact" else max(settings.scenarios, len(data.case.scenarios) + 1)
    if size_of(data, paths * settings.periods, 1).bytes > room:
        # The case does not fit if no two scenarios share a node. A draw in part tells how many do.
        require_room(data, nodes_before(data.case, tick), 1, room)
    tree = make_tree(data.case, tick)
    pairs = np.unique(tree.period * len(tree.regimes) + tree.regime) // len(tree.regimes)
    require_room(data, tree.size, int(np.bincount(pairs).max()), room)
    return tree, False


def _tree_in_parts(data: CaseData, room: float, tick: Callable[[], None]) -> ScenarioTree | None:
    """Make the scenario tree of a case whose program is to be solved in parts; None for other cases."""
    case, settings = data.case, data.case.settings
    if choose_method(case) != "sampled" or not can_be_cut(data):
        return None
    nodes, path = float(max(settings.scenarios, len(case.scenarios) + 1) * settings.periods), size_of(data, settings.periods, 1)
    if size_of(data, nodes, 1).rows < LEAST_IN_PARTS or path.rows > MOST_OF_A_PATH or path.bytes > room:
        return None
    if size_of(data, nodes, 1).rows > MOST_IN_PARTS and size_of(data, nodes_before(case, tick), 1).rows > MOST_IN_PARTS:
        return None
    tree = make_tree(case, tick)
    size = size_of(data, tree.size, 1)
    fits_whole = size.rows < MOST_WHOLE and size.bytes <= room
    fits_in_parts = BYTES_IN_PARTS + size.rows * BYTES_OF_ANSWER <= room and size.rows * BYTES_ON_DISK <= shutil.disk_usage(tempfile.gettempdir()).free
    return tree if not fits_whole and fits_in_parts and LEAST_IN_PARTS <= size.rows <= MOST_IN_PARTS else None


def can_be_cut(data: CaseData) -> bool:
    """Return whether the parts of a tree share no row but the trunk's: a minimum fill rate or a limit that holds on average has one over all of them."""
    return all(row.minimum_fill_rate is None for row in data.case.demand)


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the part of the program that stands at each node of a period, on average over the periods; yearly parts are shared out."""

    columns: float
    rows: float
    coefficients: float


@dataclass(frozen=True, slots=True)
class Size:
    """About how large the program of a case is. bytes: of memory, at the least."""

    nodes: float
    rows: float
    columns: float
    coefficients: float
    bytes: float


def counts_per_node(data: CaseData) -> Counts:
    """Count the rows, columns and coefficients at a node, by the index sets of the model."""
    case, periods = data.case, data.case.settings.periods
    orders, columns, rows, coefficients = {g: 0 for g in data.materials}, 0.0, 0.0, 0.0
    origins = {g: len(data.origins[g]) for g in data.materials}
    for s, offer in enumerate(case.offers):
        kinds = offer.sold_spot + offer.contractable
        own = len(data.order_origins(s)) * kinds
        orders[offer.material] += own
        extra = offer.contractable * ((offer.take_or_pay > 0) + (offer.project is not None))
        columns += own + extra
        rows += 1 + offer.contractable + extra + any(data.has_spot_limit(s, t) for t in data.schedules[s].turns(data.periods))
        # Capacity, its own kind of row, arrival, cost, and the input that is used up.
        coefficients += own * (4 + (offer.input_material is not None)) + 3 * extra
        for i in data.listed_inputs.get(s, ()):
            taken = origins[case.inputs[i].input_material]
            columns, rows, coefficients = columns + taken, rows + len(data.order_origins(s)), coefficients + (taken + own) * len(data.order_origins(s))
        if offer.ships_later:
            # Orders filed, due, held back and withdrawn; their capacity, when they are due, what is held back, and that they are firm.
            columns, rows, coefficients = columns + 4, rows + 4, coefficients + 12 + 2 * own
    columns, rows, coefficients = columns + 2 * len(data.unshipped), rows + 2 * len(data.unshipped), coefficients + 6 * len(data.unshipped)
    for g, material in data.materials.items():
        uses = len(data.uses_of[g])
        life = data.shelf_life(g)
        ends = life is not None and life <= periods
        columns += origins[g] * (1 + (material.disposal_cost is not None or ends) + (material.sale_price is not None) + uses) + uses
        rows += origins[g] * (1 + ends) + uses + (material.storage_capacity is not None)
        # A row of the shelf life reaches over the orders of as many periods.
        coefficients += origins[g] * (4 + 2 * uses) + 2 * uses + (orders[g] * min(life or 0, periods) if ends else 0)
    for i, row in enumerate(case.substitutes):
        own = len(data.substitute_origins(i))
        # The demand that is met, the largest share, cost, and the stock of the substitute.
        columns, rows, coefficients = columns + own, rows + 1, coefficients + own * (3 + (row.substitute is not None))
    # What the rows of the year have counted is added up at each node; the rows themselves stand at the last node of a year.
    counting = len(case.budget) / max(1, len(data.calendar.fiscal_years))
    columns, rows, coefficients = columns + counting, rows + counting, coefficients + counting * (sum(orders.values()) + 2)
    for limit in case.limits:
        if limit.measure in ("purchase_share", "largest_supplier_share", "largest_country_share"):
            coefficients += sum(orders[g] for g in data.materials if not limit.material or g in limit.material)
    rows += len(case.budget) / periods
    if case.settings.risk_weight > 0:
        columns, rows, coefficients = columns + 1, rows + 1, coefficients + sum(orders.values()) + 4
    return Counts(columns, rows, coefficients)


def size_of(data: CaseData, nodes: float, regimes: int) -> Size:
    """Return the size of a program with so many nodes. regimes: the most that occur in one period."""
    per, periods = counts_per_node(data), data.case.settings.periods
    rows, columns, coefficients = nodes * per.rows, nodes * per.columns, nodes * per.coefficients
    laid_out = coefficients * BYTES_PER_COEFFICIENT + columns * BYTES_PER_COLUMN + rows * BYTES_PER_ROW + nodes * periods * BYTES_PER_STEP
    stated = periods * ((per.rows + per.columns) * BYTES_STATED + per.coefficients * regimes * BYTES_IN_TEMPLATE)
    return Size(nodes, rows, columns, coefficients, max(laid_out, stated))


def nodes_before(case: Case, tick: Callable[[], None] = lambda: None) -> float:
    """Estimate, on the low side, the number of nodes of the tree of a case without drawing it whole. Raises WorkbookError as make_tree does."""
    settings, method = case.settings, choose_method(case)
    if method == "exact":
        return count_nodes(case)
    if method == "listed":
        return settings.periods
    if settings.scenarios <= TRIAL or not case.disruptions:
        return settings.periods
    small, large = (make_tree(case.with_settings(scenario_method="sampled", scenarios=n), tick).size for n in (TRIAL // 2, TRIAL))
    grows = log(large / small, 2)
    return float(max(large, CAUTION * large * (settings.scenarios / TRIAL) ** grows))


def require_room(data: CaseData, nodes: float, regimes: int, room: float) -> None:
    """Refuse in words, naming the settings to change, a case whose program does not fit the memory. room: bytes."""
    size = size_of(data, nodes, regimes)
    if size.bytes <= room:
        return
    settings = data.case.settings
    least = size_of(data, settings.periods, 1)
    words = (
        f"This case is too large for this computer: about {size.nodes:,.0f} nodes, {size.rows:,.0f} rows, {size.columns:,.0f} columns and "
        f"{size.coefficients:,.0f} coefficients need {size.bytes / 1e9:,.0f} GB of memory or more; {room / 1e9:,.1f} GB are free. "
    )
    if least.bytes > room:
        words += f"One future alone does not fit: use fewer periods (now {settings.periods:,}) or offers (now {len(data.offers):,})."
    else:
        words += (
            f"Use fewer futures (the setting scenarios, now {settings.scenarios:,}), periods (now {settings.periods:,}) or offers (now {len(data.offers):,}); "
            f"about {size.bytes / max(room, 1.0):,.1f} times less in all may fit."
        )
    raise WorkbookError([Problem("Settings", "", words)])


def free_memory() -> float:
    """Return the bytes of memory that this process may still take, inf where the system does not tell."""
    found = [_system_memory(), _group_memory()]
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        found.append(float(limit) if limit != resource.RLIM_INFINITY else np.inf)
    except ImportError:
        pass  # not on Windows
    return min(found)


def _system_memory() -> float:
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            return next(float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration, ValueError):
        pass
    try:
        return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return np.inf


def _group_memory() -> float:
    """Return what is left of the memory limit of a container."""
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as most, open("/sys/fs/cgroup/memory.current", encoding="ascii") as now:
            limit = most.read().strip()
            return np.inf if limit == "max" else max(0.0, float(limit) - float(now.read()))
    except (OSError, ValueError):
        return np.inf
