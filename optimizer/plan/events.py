"""What happens in a scenario: the spells in which its disruptions are active, and the same in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from optimizer.case import Case
from optimizer.scenarios import ScenarioTree


class Spell(NamedTuple):
    """A run of periods, from `begins` to `ends`, in which a disruption (its position in Case.disruptions) is active."""

    disruption: int
    begins: int
    ends: int


def spells(tree: ScenarioTree, path: np.ndarray) -> list[Spell]:
    """List the spells along a path: those of one disruption together, the disruption that is active first before the others."""
    active: dict[int, list[int]] = {}
    for t, node in enumerate(path):
        for d in tree.regimes[tree.regime[node]]:
            active.setdefault(d, []).append(t)
    found = []
    for d, periods in sorted(active.items(), key=lambda item: item[1]):
        runs = np.split(periods, np.flatnonzero(np.diff(periods) > 1) + 1)
        found += [Spell(d, int(run[0]), int(run[-1])) for run in runs]
    return found


def in_words(found: Sequence[Spell], case: Case) -> str:
    """Say in a sentence which disruptions are active, and when."""
    labels, said = case.calendar.labels, []
    for d, own in groupby(found, key=lambda spell: spell.disruption):
        spans = [labels[s.begins] if s.begins == s.ends else f"{labels[s.begins]} to {labels[s.ends]}" for s in own]
        said.append(f"{case.disruptions[d].disruption}: {', '.join(spans)}")
    return "; ".join(said) or "nothing happens"
