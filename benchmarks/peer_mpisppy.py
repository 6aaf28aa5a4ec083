"""An instance under mpi-sppy, from the path model: its extensive form, and progressive hedging with bundles.

Progressive hedging (Rockafellar & Wets, 1991) as its authors advise for trees: a bundle is the whole subtree of a child of the root,
so that only the root's decisions are hedged, and small ones go together. rho is in proportion to unit cost over the spread of the
bundles' first wishes (Watson & Woodruff, 2011), the proximal term in linear pieces, as HiGHS has no mixed quadratic programs. Every
few rounds the hedged mean is fixed in all bundles, which gives a plan, and the bundles are solved with their weights and without
the proximal term, which gives a bound (Gade et al., 2016).
"""

from __future__ import annotations

import time

import numpy as np
import pyomo.environ as pyo
from mpisppy.extensions.extension import Extension
from mpisppy.opt.ef import ExtensiveForm
from mpisppy.opt.ph import PH
from mpisppy.utils import sputils

from benchmarks.for_mpisppy import all_nodenames, kw_creator, scenario_creator, scenario_names
from optimizer.case import Case
from optimizer.model.registry import VARIABLES

EVERY = 3
"""Rounds between two looks at the gap."""

MULTIPLIER = 1.0
"""Of the rho that unit costs and spreads give."""

FREE = ("contract", "signed", "start", "threshold", "spot", "call_off", "draw")
"""The root's decisions from which its others follow: stock, shortage, what is paid for."""


def extensive_form(case: Case, options: dict) -> dict:
    """The optimum by ExtensiveForm, with HiGHS's options."""
    given = kw_creator(case)
    tree = given["tree"]
    form = ExtensiveForm({"solver": "appsi_highs", "toc": False}, scenario_names(tree), scenario_creator, given, all_nodenames(tree))
    results = form.solve_extensive_form(options)
    value = form.get_objective_value()
    rows = sum(1 for _ in form.ef.component_data_objects(pyo.Constraint, active=True))
    return {
        "status": str(results.solver.termination_condition),
        "objective": value,
        "bound": results.problem.lower_bound if case.projects else value,
        "nodes": tree.size,
        "rows": rows,
    }


def bundles_of(tree) -> dict[str, list[str]]:
    """Bundle -> its scenarios: the subtrees below the root, packed together up to the size of the largest."""
    child = tree.ancestors()[tree.leaves, 1]
    names = np.array(scenario_names(tree), dtype=object)
    groups = sorted((list(names[child == node]) for node in np.unique(child)), key=len, reverse=True)
    largest = len(groups[0])
    packed: list[list[str]] = []
    for group in groups:
        room = next((one for one in packed if len(one) + len(group) <= largest), None)
        if room is None:
            packed.append(list(group))
        else:
            room += group
    return {f"bundle{k}": group for k, group in enumerate(packed)}


def bundle_creator(name: str, bundles: dict[str, list[str]], given: dict) -> pyo.ConcreteModel:
    """The extensive form of a bundle's scenarios, bound to the others at ROOT."""
    scenarios = bundles[name]
    bundle = sputils.create_EF(scenarios, scenario_creator, given, EF_name=name, suppress_warnings=True, nonant_for_fixed_vars=False)
    if len(scenarios) == 1:
        bundle._mpisppy_probability = float(given["tree"].probability[given["tree"].leaves[int(scenarios[0].removeprefix("scenario"))]])
    root = [variable for (node, _), variable in bundle.ref_vars.items() if node == "ROOT"]
    sputils.attach_root_node(bundle, 0, root)
    return bundle


def unit_cost(variable, given: dict) -> float:
    """About what one unit of a root decision is worth: a material's mean price, a project's cost, the risk weight for the threshold η."""
    data, family = given["data"], variable.parent_component().local_name
    if family not in VARIABLES:
        # With more, weights could pass what η costs, and a bundle's program would have no bound.
        return data.case.settings.risk_weight
    index = variable.index() if isinstance(variable.index(), tuple) else (variable.index(),)
    if family == "start":
        return data.projects[index[0]].cost
    material = VARIABLES[family].material(data, *index)
    return float(np.mean([data.offers[s].price for s in data.offers_of[material]])) if material else 1.0


class Watcher(Extension):
    """Sets rho after the first round, and looks every few rounds at what is proven."""

    given: dict
    gap: float
    limit: float

    def __init__(self, ph) -> None:
        super().__init__(ph)
        self.plan, self.bound = np.inf, -np.inf

    def iter0_post_solver_creation(self) -> None:
        # Else every variable that is fixed leaves the solver's program one by one, and comes back when it is freed.
        for s in self.opt.local_scenarios.values():
            s._solver_plugin.update_config.treat_fixed_vars_as_params = False

    def post_iter0(self) -> None:
        self.bound = self.opt.Ebound()
        scenarios = self.opt.local_scenarios.values()
        for key in next(iter(scenarios))._mpisppy_data.nonant_indices:
            wishes = [pyo.value(s._mpisppy_data.nonant_indices[key]) for s in scenarios]
            cost = unit_cost(next(iter(scenarios))._mpisppy_data.nonant_indices[key], self.given)
            for s in scenarios:
                s._mpisppy_model.rho[key] = MULTIPLIER * cost / max(1.0, max(wishes) - min(wishes))

    @property
    def closed(self) -> bool:
        return bool(np.isfinite(self.plan) and self.plan - self.bound <= self.gap * abs(self.plan))

    @property
    def done(self) -> bool:
        return self.closed or time.process_time() > 0.95 * self.limit

    def enditer(self) -> None:
        if self.opt._PHIter % EVERY == 1 and not self.done:
            self.look()
        if self.done:
            self.opt.options["PHIterLimit"] = self.opt._PHIter
            self.opt.options["convthresh"] = np.inf

    def look(self) -> None:
        """A plan from the mean of the wishes, and a bound from the weights."""
        opt = self.opt
        opt._save_nonants()
        opt.disable_W_and_prox()
        self.fix()
        opt.solve_loop(need_solution=False)
        if opt.no_incumbent_prob() == 0:
            self.plan = min(self.plan, opt.Eobjective())
        opt._restore_nonants()
        opt.reenable_W_and_prox()
        opt._disable_prox()
        for s in opt.local_scenarios.values():
            # Where weights leave a bundle without a bound, mpi-sppy would keep the bound of its last answer.
            s._mpisppy_data.outer_bound = -np.inf
        opt.solve_loop()
        self.bound = max(self.bound, opt.Ebound())
        opt._reenable_prox()
        opt._restore_nonants()

    def fix(self) -> None:
        """The root's decisions at the mean of the bundles' wishes, builds rounded; what follows from them is left to follow."""
        for s in self.opt.local_scenarios.values():
            for key, variable in s._mpisppy_data.nonant_indices.items():
                if variable.parent_component().local_name not in FREE:
                    continue
                mean = s._mpisppy_model.xbars[key].value
                low = variable.lb if variable.lb is not None else mean
                variable.fix(max(low, round(mean) if variable.is_binary() else mean))


def progressive_hedging(case: Case, options: dict, gap: float, limit: float) -> dict:
    """The best plan and bound that progressive hedging finds before the gap or the CPU limit is reached."""
    given = kw_creator(case)
    bundles = bundles_of(given["tree"])
    Watcher.given, Watcher.gap, Watcher.limit = given, gap, limit
    ph = PH(
        {
            "solver_name": "appsi_highs",
            "PHIterLimit": 10_000,
            "defaultPHrho": 1.0,
            "convthresh": -1.0,
            "verbose": False,
            "display_progress": False,
            "toc": False,
            "turn_off_names_check": True,
            "iter0_solver_options": options,
            "iterk_solver_options": options,
            "linearize_proximal_terms": True,
            "proximal_linearization_tolerance": 1e-2,
            "smoothed": 0,
            "asynchronousPH": False,
            "display_timing": False,
        },
        list(bundles),
        bundle_creator,
        scenario_creator_kwargs={"bundles": bundles, "given": given},
        extensions=Watcher,
    )
    ph.ph_main(finalize=False)
    watcher = ph.extobject
    found = {"objective": watcher.plan, "bound": watcher.bound} if np.isfinite(watcher.plan) else {"objective": None, "bound": watcher.bound}
    return {"status": "optimal" if watcher.closed else "limit", **found, "nodes": given["tree"].size, "rows": None, "rounds": ph._PHIter}
