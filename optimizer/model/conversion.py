"""Offers that convert several inputs, of the sheet Inputs: what is taken of each input, and of which origin the output then is.

An output is no cleaner than its dirtiest input. A clean input may be used for a more exposed output.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from optimizer.case import BLOCS, EXPOSURE
from optimizer.model.data import CaseData
from optimizer.model.expressions import order, total_order
from optimizer.model.registry import EVERY_NODE, Index, constraint, variable


def _of_input(p: CaseData, t: int, s: int, i: int, *rest: Any) -> str:
    return p.case.inputs[i].input_material


@variable(EVERY_NODE, "unit", r"\text{input\_taken}_{s,i,b,t}", _of_input)
def input_taken(p: CaseData) -> Iterable[Index]:
    """Quantity of input i, of origin b, that is taken for what is ordered from offer s."""
    rows = [(s, i) for s, lines in p.listed_inputs.items() for i in lines if p.order_origins(s)]
    return [(t, s, i, b) for t in p.periods for s, i in rows for b in p.origins[p.case.inputs[i].input_material]]


def _rows(p: CaseData) -> list[Index]:
    """List (t, s, i): each input i of an offer s that can deliver, in each period."""
    return [(t, s, i) for t in p.periods for s, lines in p.listed_inputs.items() for i in lines if p.order_origins(s)]


@constraint(EVERY_NODE, "unit", "offer s, input i of it on Inputs, period t", _rows, _of_input, bound=None)
def inputs_needed(m: Any, p: CaseData, t: int, s: int, i: int) -> Any:
    r"""What is ordered takes the units of each input that it needs.

    $$ \sum_{b \in B_i} \text{input\_taken}_{s,i,b,t} = \text{units needed}_i \sum_{b \in B_s} \text{order}_{s,b,t} $$
    """
    row = p.case.inputs[i]
    return sum(m.input_taken[t, s, i, b] for b in p.origins[row.input_material]) == row.input_per_unit * total_order(m, p, t, s)


def _cleaner(p: CaseData) -> list[Index]:
    """List (t, s, i, b): b an origin of the output than which there is a more exposed one."""
    return [(t, s, i, b) for t, s, i in _rows(p) for b in p.order_origins(s) if b != BLOCS[0]]


@constraint(EVERY_NODE, "unit", "offer s, input i of it on Inputs, origin b but the most exposed, period t", _cleaner, _of_input, bound=None)
def inputs_clean_enough(m: Any, p: CaseData, t: int, s: int, i: int, b: str) -> Any:
    r"""Output of an origin or cleaner takes input of that origin or cleaner.

    $$ \sum_{c \in B_{i,b}} \text{input\_taken}_{s,i,c,t} \ge \text{units needed}_i \sum_{c \in B_{s,b}} \text{order}_{s,c,t} $$
    """
    row = p.case.inputs[i]
    taken = sum(m.input_taken[t, s, i, c] for c in p.origins[row.input_material] if EXPOSURE[c] >= EXPOSURE[b])
    return taken >= row.input_per_unit * sum(order(m, p, t, s, c) for c in p.order_origins(s) if EXPOSURE[c] >= EXPOSURE[b])
