"""An instance's data as arrays over the scenario tree: what the peers in peer_linopy.py and peer_pyomo.py state their models in.

Covers what the instances of instances.py hold: one origin, limits on the share of purchases, budgets of all categories together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.case import Case
from optimizer.model.data import CaseData, canonical
from optimizer.model.risk import least_cost
from optimizer.scenarios import ScenarioTree, make_tree


@dataclass(frozen=True)
class Tables:
    """N nodes, G materials, K sources a material, U uses, J projects, T periods.

    offer: (G, K) positions in Case.offers. avail, spot_price, contract_price, lead: (N, G, K). demand: (N, G, U).
    back: (T, N), the ancestor so many periods before, -1 where there is none. outlay: (J, T, T), what a project started in the
    first period costs in the second; ready: (J, T, T), 1 where it is ready. starts: (J, T), where it may start.
    """

    data: CaseData
    tree: ScenarioTree
    offer: np.ndarray
    avail: np.ndarray
    spot_price: np.ndarray
    contract_price: np.ndarray
    lead: np.ndarray
    demand: np.ndarray
    back: np.ndarray
    starts: np.ndarray
    ready: np.ndarray
    outlay: np.ndarray
    least_cost: float

    def of_offer(self, name: str) -> np.ndarray:
        """(G, K): an attribute of every offer."""
        return np.array([[getattr(self.data.offers[s], name) for s in row] for row in self.offer])

    def of_material(self, name: str) -> np.ndarray:
        """(G,): an attribute of every material."""
        return np.array([getattr(m, name) for m in self.data.materials.values()])


def tables(case: Case) -> Tables:
    """The arrays of a case on its own tree."""
    case = canonical(case)
    data, tree = CaseData(case), make_tree(case)
    offer = np.array([data.offers_of[g] for g in data.materials])
    at = {(t, r): k for k, (t, r) in enumerate({(int(t), int(r)) for t, r in zip(tree.period, tree.regime)})}
    of_node = np.array([at[int(t), int(r)] for t, r in zip(tree.period, tree.regime)])

    def by_node(value) -> np.ndarray:
        return np.array([value(t, tree.regimes[r]) for t, r in at])[of_node]

    def of_offers(value):
        return lambda t, regime: [[value(s, t, regime) for s in row] for row in offer]

    priced = of_offers(lambda s, t, regime: data.contract_price(s, t, regime) if data.offers[s].contractable else 0.0)
    back = np.full((tree.periods, tree.size), -1)
    back[0] = np.arange(tree.size)
    for k in range(1, tree.periods):
        back[k] = np.where(back[k - 1] >= 0, tree.parent[back[k - 1]], -1)
    periods, projects = list(data.periods), list(data.projects)
    shape = (len(projects), len(periods), len(periods))
    return Tables(
        data,
        tree,
        offer,
        avail=by_node(of_offers(data.availability)),
        spot_price=by_node(of_offers(data.spot_price)),
        contract_price=by_node(priced),
        lead=by_node(of_offers(lambda s, t, regime: data.lead(s, regime))),
        demand=by_node(lambda t, regime: [[data.demand(g, u, t, regime) for u in data.uses_of[g]] for g in data.materials]),
        back=back,
        starts=np.array([[t in data.starts(j) for t in periods] for j in projects]).reshape(shape[:2]),
        ready=np.array([[[start + data.project_lead(j) <= t for t in periods] for start in periods] for j in projects], dtype=float).reshape(shape),
        outlay=np.array([[[data.project_outlay(j, start, t) for t in periods] for start in periods] for j in projects]).reshape(shape),
        least_cost=least_cost(data),
    )
