"""The decisions of a plan: what the solver chose, in the planner's units, node by node."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import numpy as np


@dataclass(frozen=True, slots=True)
class Decisions:
    """Values of all decisions.

    contract: offer position in Case.offers -> units per year. start: project name -> period, None = not started, or not on a date.
    start_if: project name -> the disruption once which is active it starts, of projects that wait for one.
    The others map to arrays over the nodes of the tree, (N,), in the material's unit:
    spot, call_off: (offer position, origin); origin is that of the input where the offer has one, else the offer's.
    paid, reserved: offer position (reserved in units per year). stock, discard, sold: (material, origin).
    draw: (material, origin, use). short: (material, use). filed, withdrawn: offer position, of offers that ship later.
    held_back: the same, at the period's end. open_shipped, open_left: position in Case.inventory, of open orders that had not left.
    replaced: (position in Case.substitutes, origin of the substitute, "" without one), in units of what is replaced.
    input_taken: (position in Case.inputs, origin). Keys that are missing are zero everywhere.
    """

    contract: dict[int, float]
    start: dict[str, int | None]
    spot: dict[tuple[int, str], np.ndarray] = field(default_factory=dict)
    call_off: dict[tuple[int, str], np.ndarray] = field(default_factory=dict)
    paid: dict[int, np.ndarray] = field(default_factory=dict)
    reserved: dict[int, np.ndarray] = field(default_factory=dict)
    stock: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)
    discard: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)
    sold: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)
    draw: dict[tuple[str, str, str], np.ndarray] = field(default_factory=dict)
    short: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)
    filed: dict[int, np.ndarray] = field(default_factory=dict)
    withdrawn: dict[int, np.ndarray] = field(default_factory=dict)
    held_back: dict[int, np.ndarray] = field(default_factory=dict)
    open_shipped: dict[int, np.ndarray] = field(default_factory=dict)
    open_left: dict[int, np.ndarray] = field(default_factory=dict)
    input_taken: dict[tuple[int, str], np.ndarray] = field(default_factory=dict)
    replaced: dict[tuple[int, str], np.ndarray] = field(default_factory=dict)
    start_if: dict[str, str] = field(default_factory=dict)

    def at_more(self, size: int, nodes: np.ndarray, known: Decisions | None) -> Decisions:
        """Return these decisions, made at some nodes of a tree of that size, together with what is known of it already, whose arrays are added to."""
        if known is None:
            known = replace(self, **{name: {} for name in AT_NODES})
        for name in AT_NODES:
            whole = getattr(known, name)
            for key, values in getattr(self, name).items():
                whole.setdefault(key, np.zeros(size))[nodes] = values
        return known

    def at(self, nodes: np.ndarray) -> Decisions:
        """Return the decisions at those nodes alone, by their numbers or as marked."""
        return replace(self, **{name: {key: values[nodes] for key, values in getattr(self, name).items()} for name in AT_NODES})


AT_NODES = tuple(part.name for part in fields(Decisions) if part.name not in ("contract", "start", "start_if"))
"""The fields that map to arrays over the nodes."""
