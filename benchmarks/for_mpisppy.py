"""The path model under mpi-sppy: one scenario a leaf of the tree, from the same rows that stamp.py lays onto it.

mpi-sppy (Knueven, Mildebrath, Muir, Siirola, Watson & Woodruff, 2023) takes a case from here to its own extensive form, to
progressive hedging and to its bounders, without a second statement of the mathematics:

    case_kwargs = kw_creator(case)
    tree = case_kwargs["tree"]
    ExtensiveForm({"solver": "appsi_highs"}, scenario_names(tree), scenario_creator, case_kwargs, all_nodenames(tree))

mpi-sppy comes with the extra `benchmarks` and is imported only when a scenario is made.
"""

from __future__ import annotations

import pyomo.environ as pyo

from optimizer.case import Case
from optimizer.model.data import CaseData, canonical
from optimizer.model.path import path_model
from optimizer.model.registry import CONSTRAINTS, EVERY_NODE, IN_EXPECTATION, ONCE, REFERENCE, VARIABLES
from optimizer.model.risk import least_cost
from optimizer.scenarios import ScenarioTree, make_tree
from optimizer.scenarios.memory import with_memories

SCENARIO = "scenario"
"""What a scenario's name begins with; the number of its leaf among the tree's leaves follows."""


def scenario_names(tree: ScenarioTree) -> list[str]:
    """Name each leaf, in the order of the leaves."""
    return [f"{SCENARIO}{k}" for k in range(len(tree.leaves))]


def node_names(tree: ScenarioTree) -> list[str]:
    """Return mpi-sppy's name of each node, (N,): ROOT, ROOT_0, ROOT_0_1. Where the tree has several roots, ROOT stands above them."""
    several = int((tree.parent < 0).sum()) > 1
    names: list[str] = []
    children: dict[int, int] = {}
    for parent in tree.parent:
        k = children[parent] = children.get(parent, -1) + 1
        above = "ROOT" if parent < 0 else names[parent]
        names.append("ROOT" if parent < 0 and not several else f"{above}_{k}")
    return names


def all_nodenames(tree: ScenarioTree) -> list[str]:
    """List every node name, leaves included, parents first."""
    names = node_names(tree)
    return names if names[0] == "ROOT" else ["ROOT", *names]


def kw_creator(case: Case, tree: ScenarioTree | None = None) -> dict:
    """Return scenario_creator's keyword arguments for a case, on its own tree or another.

    ValueError for what no single scenario can state: rows over all scenarios, which are minimum fill rates.
    """
    case = canonical(case)
    data = CaseData(case)
    for family in CONSTRAINTS.values():
        if family.where == IN_EXPECTATION and list(family.index(data)):
            raise ValueError(f"{family.name} is a row over all scenarios; mpi-sppy takes a program scenario by scenario.")
    tree = with_memories(data.case, tree or make_tree(case))
    return {"data": data, "tree": tree, "names": node_names(tree)}


def scenario_creator(scenario_name: str, data: CaseData, tree: ScenarioTree, names: list[str]) -> pyo.ConcreteModel:
    """Build the program of one scenario, with its probability and the nodes at which its decisions are bound to those of others.

    Its objective, weighted by probability and summed, is (1-λ)·E[Z] + λ·CVaR_α(Z): the threshold η is decided at ROOT.
    """
    path = tree.path(int(tree.leaves[int(scenario_name.removeprefix(SCENARIO))]))
    m = path_model(data, [tree.regimes[tree.regime[node]] for node in path], memories=[tree.memory(int(tree.regime[node])) for node in path])
    _leave_reference(m, sum(node == other for node, other in zip(path, tree.reference)))
    _with_risk(m, data)
    m._mpisppy_probability = float(tree.probability[path[-1]])
    m._mpisppy_node_list = _node_list(m, tree, names, path)
    return m


def _leave_reference(m: pyo.ConcreteModel, shared: int) -> None:
    """Keep what holds on the reference path only for the `shared` periods that this path has in common with it."""
    for family in CONSTRAINTS.values():
        if family.where == REFERENCE:
            for index, row in getattr(m, f"{family.name}_row").items():
                if index[0] >= shared:
                    row.deactivate()
    for family in VARIABLES.values():
        if family.where == REFERENCE:
            for index, variable in getattr(m, family.name).items():
                if index[0] >= shared:
                    variable.fix(0)


def _with_risk(m: pyo.ConcreteModel, data: CaseData) -> None:
    """Add the scenario's part of CVaR (Rockafellar & Uryasev, 2000), where it counts."""
    weight, level = data.case.settings.risk_weight, data.case.settings.cvar_level
    if weight == 0 or level == 0:
        return
    cost = m.total_cost.expr
    m.threshold = pyo.Var(bounds=(least_cost(data), None), doc="η [money]")
    m.excess = pyo.Var(domain=pyo.NonNegativeReals, doc="cost of the scenario above η [money]")
    m.excess_row = pyo.Constraint(expr=m.excess >= cost - m.threshold)
    m.total_cost.deactivate()
    m.risk_cost = pyo.Objective(expr=(1 - weight) * cost + weight * (m.threshold + m.excess / (1 - level)))


def _node_list(m: pyo.ConcreteModel, tree: ScenarioTree, names: list[str], path: tuple[int, ...]) -> list:
    """List a node for each period but the last, whose decisions nobody shares; the first also binds what is decided here and now."""
    from mpisppy.scenario_tree import ScenarioNode

    bound = [_decisions(m, t) for t in range(len(path) - 1)]
    costs = [sum(m.cost[index] for index in m.cost if index[0] == t) for t in range(len(bound))]
    nodes = [names[node] for node in path[:-1]]
    probability = [float(tree.probability[node]) for node in path[:-1]]
    if names[path[0]] == "ROOT" and bound:
        bound[0] = _here_and_now(m) + bound[0]
    else:
        nodes, bound, costs, probability = ["ROOT", *nodes], [_here_and_now(m), *bound], [0.0, *costs], [1.0, *probability]
    above = [1.0, *probability]
    return [
        ScenarioNode(name, probability[k] / above[k], k + 1, costs[k], bound[k], m, parent_name=nodes[k - 1] if k else None) for k, name in enumerate(nodes)
    ]


def _here_and_now(m: pyo.ConcreteModel) -> list:
    """List the decisions that are the same in every scenario."""
    families = [getattr(m, f.name) for f in VARIABLES.values() if f.where == ONCE and not f.internal]
    threshold = [m.threshold] if hasattr(m, "threshold") else []
    return [variable for family in families for variable in family.values()] + threshold


def _decisions(m: pyo.ConcreteModel, t: int) -> list:
    """List the decisions of one node in period t: as many in every scenario, as mpi-sppy wants it, those fixed at 0 included."""
    families = [getattr(m, family.name) for family in VARIABLES.values() if family.where in (EVERY_NODE, REFERENCE)]
    return [variable for family in families for index, variable in family.items() if index[0] == t]
