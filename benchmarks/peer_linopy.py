"""An instance in linopy, vectorised over nodes, materials and sources, and handed to HiGHS in memory (io_api="direct")."""

from __future__ import annotations

import linopy
import numpy as np
import pandas as pd
import xarray as xr
from tables import Tables, tables

from optimizer.case import Case

linopy.options["semantics"] = "v1"


def kept(expression, where):
    """The expression where it counts, 0 elsewhere."""
    return expression.where(where).fillna(0)


class Model:
    """The tree's program, over (node, material, source) unless said otherwise."""

    def __init__(self, t: Tables) -> None:
        self.t, self.m, tree, data = t, linopy.Model(), t.tree, t.data
        self.node = pd.RangeIndex(tree.size, name="node")
        self.material = pd.RangeIndex(len(data.materials), name="material")
        self.source = pd.RangeIndex(t.offer.shape[1], name="source")
        self.use = pd.RangeIndex(t.demand.shape[2], name="use")
        self.delta = self.over_nodes(np.array([data.discount(int(k)) for k in tree.period]))
        self.avail = self.grid(t.avail) * data.years
        self.signable = self.grid(t.of_offer("terms") != "spot")
        self.waits = self.grid(np.array([[data.offers[s].project is not None for s in row] for row in t.offer]))
        self.variables()
        self.rows()
        self.costs()

    def over_nodes(self, values: np.ndarray) -> xr.DataArray:
        return xr.DataArray(values, coords=[self.node])

    def grid(self, values: np.ndarray) -> xr.DataArray:
        """(N, G, K) or (G, K) values with their labels."""
        coords = [self.node, self.material, self.source]
        return xr.DataArray(values, coords=coords[-values.ndim :])

    def materials(self, name: str) -> xr.DataArray:
        return xr.DataArray(self.t.of_material(name).astype(float), coords=[self.material])

    def earlier(self, what, k: int):
        """`what` at the ancestor k periods before, nothing where there is none."""
        at = np.maximum(self.t.back[k], 0)
        return kept((1 * what).isel(node=at).assign_coords(node=self.node), self.over_nodes(self.t.back[k] >= 0))

    def variables(self) -> None:
        m, nodes = self.m, [self.node, self.material, self.source]
        everywhere = xr.ones_like(self.avail, dtype=bool)
        self.contracts = bool(self.signable.any())
        self.spot = m.add_variables(lower=0, coords=nodes, name="spot")
        self.taken, self.paid = 1 * self.spot, None
        if self.contracts:
            capacity = self.grid(self.t.of_offer("capacity_per_year"))
            self.contract = m.add_variables(lower=0, upper=capacity, coords=nodes[1:], mask=self.signable, name="contract")
            self.call_off = m.add_variables(lower=0, coords=nodes, mask=everywhere & self.signable, name="call_off")
            self.shortfall = m.add_variables(lower=0, coords=nodes, mask=everywhere & self.signable, name="shortfall")
            self.taken, self.paid = self.spot + (1 * self.call_off).fillna(0), self.call_off + self.shortfall
        self.stock = m.add_variables(lower=0, upper=self.materials("storage_capacity").fillna(np.inf), coords=nodes[:2], name="stock")
        self.draw = m.add_variables(lower=0, coords=[*nodes[:2], self.use], name="draw")
        self.short = m.add_variables(lower=0, coords=[*nodes[:2], self.use], name="short")
        self.closing = np.flatnonzero([self.t.data.calendar.closes_year(int(k)) for k in self.t.tree.period])
        ends = self.over_nodes(np.isin(np.arange(self.t.tree.size), self.closing))
        self.slack = m.add_variables(lower=0, coords=nodes[:2], mask=ends & xr.DataArray(True, coords=[self.material]), name="slack")
        if self.t.data.projects:
            coords = [pd.RangeIndex(k, name=name) for name, k in zip(("project", "start"), self.t.starts.shape)]
            self.start = m.add_variables(binary=True, coords=coords, mask=xr.DataArray(self.t.starts, coords=coords), name="start")

    def by_period(self, table: np.ndarray) -> xr.DataArray:
        """(J, T, T) values as (project, start, node)."""
        found = xr.DataArray(table[:, :, self.t.tree.period], dims=("project", "start", "node"))
        return found.assign_coords(project=range(len(table)), start=range(table.shape[1]), node=self.node)

    def ready(self):
        """1 where a source's project is ready: the sum of its starts so far."""
        projects = list(self.t.data.projects)
        mine = np.array([[projects.index(o) if (o := self.t.data.offers[s].project) else -1 for s in row] for row in self.t.offer])
        belongs = xr.DataArray(
            [(mine == j).astype(float) for j in range(len(projects))], coords=[pd.RangeIndex(len(projects), name="project"), self.material, self.source]
        )
        coefficient = self.by_period(self.t.ready) * belongs
        return kept(self.start * coefficient, coefficient != 0).sum(["project", "start"])

    def rows(self) -> None:
        m, data = self.m, self.t.data
        on_hand = np.array([[data.on_hand(g, data.origins[g][0]) for g in data.materials]])
        first = xr.DataArray(np.where(self.t.tree.parent[:, None] < 0, on_hand, 0.0), coords=[self.node, self.material])
        keeps = xr.DataArray([data.keeps(g) for g in data.materials], coords=[self.material])
        lead = self.t.lead
        arrived = sum(self.earlier(kept(1 * self.taken, self.grid(lead == k)), k) for k in range(int(lead.max()) + 1))
        m.add_constraints(self.stock - keeps * self.earlier(self.stock, 1) - arrived.sum("source") + self.draw.sum("use") == first, name="balance")
        demand = xr.DataArray(self.t.demand, coords=[self.node, self.material, self.use])
        m.add_constraints(self.draw + self.short == demand, name="demand")
        most = self.avail * self.grid(self.t.of_offer("capacity_per_year"))
        m.add_constraints(self.taken <= most, name="capacity", mask=~self.waits & (most == most))
        if data.projects:
            self.is_ready = self.ready()
            m.add_constraints(self.taken - most * self.is_ready <= 0, name="built", mask=self.waits & (most == most))
            m.add_constraints(self.start.sum("start") <= 1, name="single_start")
        if self.contracts:
            self.contract_rows()
        self.limit_rows()

    def contract_rows(self) -> None:
        m, capacity = self.m, self.grid(self.t.of_offer("capacity_per_year"))
        here = self.signable & (self.avail == self.avail)
        m.add_constraints(self.call_off - self.avail * self.contract <= 0, name="contract_call_off", mask=here)
        everywhere = xr.ones_like(self.avail)
        self.in_force = self.contract * everywhere
        if self.t.data.projects:
            self.reserved = m.add_variables(lower=0, coords=[self.node, self.material, self.source], mask=here & self.waits, name="reserved")
            m.add_constraints(self.reserved - self.contract - capacity * self.is_ready >= -capacity, name="reserved", mask=here & self.waits)
            self.in_force = kept(self.in_force, ~self.waits & here) + kept(1 * self.reserved, here & self.waits)
        share = self.grid(self.t.of_offer("take_or_pay"))
        m.add_constraints(self.paid - share * self.avail * self.in_force >= 0, name="take_or_pay", mask=here)

    def limit_rows(self) -> None:
        """The share of a year's purchases that matches, by material, with a penalised slack."""
        data = self.t.data
        self.penalty = 0.0
        for limit in data.case.limits:
            matched = self.grid(np.array([[limit.matches(data.offers[s]) for s in row] for row in self.t.offer])).astype(float)
            year = sum(self.earlier(((matched - limit.maximum) * self.taken).sum("source"), k) for k in range(4))
            self.m.add_constraints((year - self.slack).isel(node=self.closing) <= 0, name=f"limit{limit.row}")
            self.penalty = limit.penalty

    def costs(self) -> None:
        m, data, tree = self.m, self.t.data, self.t.tree
        spent = (self.grid(self.t.spot_price) * self.spot).sum(["material", "source"])
        if self.contracts:
            reservation = self.grid(self.t.of_offer("reservation_price")) * data.years
            signed = self.grid(self.t.contract_price) * self.paid + reservation * self.in_force
            spent = spent + signed.sum(["material", "source"])
        spent = spent + (self.materials("holding_cost_per_year") * data.years * self.stock).sum("material")
        if data.projects:
            coefficient = self.by_period(self.t.outlay)
            spent = spent + kept(self.start * coefficient, coefficient != 0).sum(["project", "start"])
        outlay = m.add_variables(lower=0, coords=[self.node], name="outlay")
        m.add_constraints(outlay - spent == 0, name="outlay")
        year = sum(self.earlier(outlay, k) for k in range(4))
        amounts = {row.fiscal_year: row.amount for row in data.case.budget}
        amount = np.array([amounts[data.calendar.fiscal_year(int(tree.period[n]))] for n in self.closing])
        m.add_constraints(year.isel(node=self.closing) <= xr.DataArray(amount, coords=[self.node[self.closing]]), name="budget")

        prices = np.array([[data.demands[g, u].shortage_cost for u in data.uses_of[g]] for g in data.materials])
        missing = (xr.DataArray(prices, coords=[self.material, self.use]) * self.short).sum(["material", "use"])
        last = self.over_nodes(np.where(tree.period == tree.periods - 1, data.discount(tree.periods), 0.0))
        left = (self.materials("salvage_value") * self.stock).sum("material")
        penalties = self.penalty * self.slack.sum("material")
        running = m.add_variables(coords=[self.node], name="running")
        m.add_constraints(running - self.earlier(running, 1) - self.delta * (outlay + missing + penalties) + last * left == 0, name="running")

        s, leaf = data.case.settings, tree.leaves
        probability = xr.DataArray(tree.probability[leaf], coords=[self.node[leaf]])
        eta = m.add_variables(lower=self.t.least_cost, name="threshold")
        excess = m.add_variables(lower=0, coords=[self.node[leaf]], name="excess")
        at_leaf = (1 * running).isel(node=leaf)
        m.add_constraints(excess + eta - at_leaf >= 0, name="excess")
        cvar = eta + (probability / (1 - s.cvar_level) * excess).sum()
        m.add_objective((1 - s.risk_weight) * (probability * at_leaf).sum() + s.risk_weight * cvar)


def solve(case: Case, options: dict) -> dict:
    """The optimum of a case, with HiGHS's options."""
    model = Model(tables(case))
    status, condition = model.m.solve(solver_name="highs", io_api="direct", **options)
    info = model.m.solver_model.getInfo()
    bound = info.mip_dual_bound if case.projects else model.m.objective.value
    return {"status": condition, "objective": model.m.objective.value, "bound": bound, "nodes": model.t.tree.size, "rows": model.m.solver_model.getNumRow()}
