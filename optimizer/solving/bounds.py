"""The numbers of the workbook that limit something, and the rows of the program that each of them stands behind.

From these follow which limits clash (infeasibility.py) and what loosening one of them is worth (plan/worth.py). What stands behind
the rows of a constraint is declared with the constraint (model/bounds.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from optimizer.model.bounds import Bound, BoundOf, Kept, Typical
from optimizer.model.data import CaseData
from optimizer.model.decisions import Decisions
from optimizer.scenarios.tree import ScenarioTree
from optimizer.solving.built import Built
from optimizer.solving.scaling import material_scales

__all__ = ["Bound", "BoundRows", "bound_rows"]


@dataclass(frozen=True, slots=True)
class BoundRows:
    """Bounds, and behind which program rows they stand: triples of row, position in `bounds`, and effect.

    effect, at least 0: by how much the program row is loosened, in its own unit, when the bound gives one unit.
    """

    bounds: list[Bound]
    row: np.ndarray
    bound: np.ndarray
    effect: np.ndarray


def bound_rows(built: Built, decisions: Decisions | None = None) -> BoundRows:
    """List what limits a program.

    With decisions every bound counts as it stands behind the rows under their integer decisions; without, only bounds that are
    hard and whose effect no decision changes.
    """
    program, template, tree, data = built.program, built.template, built.tree, built.data
    typical = Typical({g: 10 * scale / data.years for g, scale in material_scales(data).items()}, built.scales.money)
    kept = Kept(decisions, tree) if decisions else None
    at_regime = [replace(kept, memory=memory) for memory in tree.memories] if kept else []
    order = np.argsort(program.row_template, kind="stable")
    cuts = np.searchsorted(program.row_template[order], np.arange(len(template.rows) + 1))
    found: dict[tuple[str, int, str], int] = {}
    bounds: list[Bound] = []
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for i, (family, index) in enumerate(template.rows):
        rows = order[cuts[i] : cuts[i + 1]]
        if family.bound is None or not len(rows) or (effects := _effects(family.bound, data, tree, kept, at_regime, index, program.row_node[rows])) is None:
            continue
        bound = family.bound.describe(data, typical, *index)
        if family.bound.served:
            regimes = tree.regime[program.row_node[rows]]
            share = {r: family.bound.served(data, tree.regimes[r], index[0], index[-1]) for r in np.unique(regimes)}
            effects *= np.array([share[r] for r in regimes])
        if bound.key not in found:
            found[bound.key] = len(bounds)
            bounds.append(bound)
        parts.append((rows, np.full(len(rows), found[bound.key]), effects))
    columns = [np.concatenate(part) for part in zip(*parts)] or [np.zeros(0, dtype=np.int64)] * 2 + [np.zeros(0)]
    return BoundRows(bounds, *columns)


def _effects(
    bound: BoundOf, data: CaseData, tree: ScenarioTree, kept: Kept | None, at_regime: list[Kept], index: tuple[Any, ...], nodes: np.ndarray
) -> np.ndarray | None:
    """Return by how much one unit of a bound loosens the rows of one index at these nodes; None where that is not known or not at all.

    at_regime: the kept decisions with the memory of each of the tree's regimes; empty where it has none.
    """
    if kept is None or not at_regime or nodes[0] < 0:
        effect = bound.loosens(data, kept, *index)
        return None if effect is None else np.full(len(nodes), effect)
    distinct, which = np.unique(tree.regime[nodes], return_inverse=True)
    effects = [bound.loosens(data, at_regime[r], *index) for r in distinct.tolist()]
    return None if None in effects else np.array(effects, dtype=float)[which]
