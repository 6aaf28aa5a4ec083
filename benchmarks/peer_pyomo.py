"""An instance in Pyomo, written out on the whole tree as its users write it, solved through appsi_highs."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from tables import Tables, tables

from optimizer.case import Case


class Model:
    """The tree's program: n node, g material, k source, u use, j project, s period of a start."""

    def __init__(self, t: Tables) -> None:
        self.t, self.data, self.tree = t, t.data, t.tree
        self.case, self.years = t.data.case, t.data.years
        self.names = list(t.data.materials)
        self.offer = {(g, k): self.data.offers[s] for (g, k), s in np.ndenumerate(t.offer)}
        self.signable = [gk for gk, offer in self.offer.items() if offer.contractable]
        self.waiting = [gk for gk in self.signable if self.offer[gk].project]
        self.closing = [n for n in range(self.tree.size) if self.data.calendar.closes_year(self.tree.period[n])]
        self.most = [offer.capacity_per_year for offer in self.data.offers]
        self.m = pyo.ConcreteModel()
        self.variables()
        self.rows()
        self.contract_rows()
        self.money_rows()

    def variables(self) -> None:
        m, t = self.m, self.t
        m.N, m.G, m.U = pyo.RangeSet(0, self.tree.size - 1), pyo.RangeSet(0, len(self.names) - 1), pyo.RangeSet(0, t.demand.shape[2] - 1)
        m.O, m.C, m.W = pyo.Set(initialize=list(self.offer)), pyo.Set(initialize=self.signable, dimen=2), pyo.Set(initialize=self.waiting, dimen=2)
        m.Y = pyo.Set(initialize=self.closing)
        m.L = pyo.Set(initialize=[int(n) for n in self.tree.leaves])
        m.S = pyo.Set(initialize=[tuple(map(int, pair)) for pair in np.argwhere(t.starts)], dimen=2)
        m.contract = pyo.Var(m.C, bounds=lambda m, g, k: (0, self.offer[g, k].capacity_per_year))
        m.start = pyo.Var(m.S, domain=pyo.Binary)
        m.spot = pyo.Var(m.N, m.O, bounds=(0, None))
        m.call_off = pyo.Var(m.N, m.C, bounds=(0, None))
        m.shortfall = pyo.Var(m.N, m.C, bounds=(0, None))
        m.reserved = pyo.Var(m.N, m.W, bounds=(0, None))
        m.stock = pyo.Var(m.N, m.G, bounds=lambda m, n, g: (0, self.data.materials[self.names[g]].storage_capacity))
        m.draw = pyo.Var(m.N, m.G, m.U, bounds=(0, None))
        m.short = pyo.Var(m.N, m.G, m.U, bounds=(0, None))
        m.beyond = pyo.Var(m.Y, m.G, bounds=(0, None))
        m.running = pyo.Var(m.N)
        m.threshold = pyo.Var(bounds=(t.least_cost, None))
        m.excess = pyo.Var(m.L, bounds=(0, None))

    def taken(self, n: int, g: int, k: int):
        return self.m.spot[n, g, k] + (self.m.call_off[n, g, k] if (g, k) in self.m.C else 0)

    def in_force(self, n: int, g: int, k: int):
        return self.m.reserved[n, g, k] if (g, k) in self.m.W else self.m.contract[g, k]

    def year(self, n: int):
        """The nodes of the year that n closes."""
        return [int(self.t.back[back][n]) for back in range(4)]

    def ready(self, n: int, g: int, k: int):
        """The starts after which the source's project is ready."""
        j = list(self.data.projects).index(self.offer[g, k].project)
        return pyo.quicksum(self.m.start[j, s] for i, s in self.m.S if i == j and self.t.ready[j, s, self.tree.period[n]])

    def arrivals(self, n: int, g: int):
        t, found = self.t, []
        for back in range(self.tree.period[n] + 1):
            a = int(t.back[back][n])
            found += [self.taken(a, g, k) for k in range(t.offer.shape[1]) if t.lead[a, g, k] == back]
        return pyo.quicksum(found)

    def rows(self) -> None:
        m, t = self.m, self.t

        def balance(m, n, g):
            name = self.names[g]
            before = (
                self.data.keeps(name) * m.stock[int(self.tree.parent[n]), g]
                if self.tree.parent[n] >= 0
                else self.data.on_hand(name, self.data.origins[name][0])
            )
            return m.stock[n, g] == before + self.arrivals(n, g) - pyo.quicksum(m.draw[n, g, u] for u in m.U)

        def capacity(m, n, g, k):
            most = self.offer[g, k].capacity_per_year * self.years * t.avail[n, g, k]
            return self.taken(n, g, k) <= most * (self.ready(n, g, k) if self.offer[g, k].project else 1)

        def share(m, n, g):
            limit = self.case.limits[0]
            everything = pyo.quicksum(
                (limit.matches(self.offer[g, k]) - limit.maximum) * self.taken(a, g, k) for a in self.year(n) for k in range(t.offer.shape[1])
            )
            return everything - m.beyond[n, g] <= 0

        m.balance = pyo.Constraint(m.N, m.G, rule=balance)
        m.demand = pyo.Constraint(m.N, m.G, m.U, rule=lambda m, n, g, u: m.draw[n, g, u] + m.short[n, g, u] == t.demand[n, g, u])
        m.capacity = pyo.Constraint(m.N, m.O, rule=capacity)
        m.share = pyo.Constraint(m.Y, m.G, rule=share)
        if self.data.projects:
            m.single_start = pyo.Constraint(range(len(self.data.projects)), rule=lambda m, j: pyo.quicksum(m.start[i, s] for i, s in m.S if i == j) <= 1)

    def contract_rows(self) -> None:
        m, t, offer = self.m, self.t, self.offer
        m.contract_call_off = pyo.Constraint(m.N, m.C, rule=lambda m, n, g, k: m.call_off[n, g, k] <= t.avail[n, g, k] * self.years * m.contract[g, k])
        m.contract_reserved = pyo.Constraint(
            m.N, m.W, rule=lambda m, n, g, k: m.reserved[n, g, k] >= m.contract[g, k] - offer[g, k].capacity_per_year * (1 - self.ready(n, g, k))
        )
        m.take_or_pay = pyo.Constraint(
            m.N,
            m.C,
            rule=lambda m, n, g, k: (
                m.call_off[n, g, k] + m.shortfall[n, g, k] >= offer[g, k].take_or_pay * t.avail[n, g, k] * self.years * self.in_force(n, g, k)
            ),
        )

    def outlay(self, n: int):
        m, t = self.m, self.t
        parts = [t.spot_price[n, g, k] * m.spot[n, g, k] for g, k in m.O]
        parts += [
            t.contract_price[n, g, k] * (m.call_off[n, g, k] + m.shortfall[n, g, k]) + self.offer[g, k].reservation_price * self.years * self.in_force(n, g, k)
            for g, k in m.C
        ]
        parts += [self.data.materials[self.names[g]].holding_cost_per_year * self.years * m.stock[n, g] for g in m.G]
        parts += [t.outlay[j, s, self.tree.period[n]] * m.start[j, s] for j, s in m.S if t.outlay[j, s, self.tree.period[n]]]
        return pyo.quicksum(parts)

    def money_rows(self) -> None:
        m, data, tree, s = self.m, self.data, self.tree, self.case.settings
        amount = {row.fiscal_year: row.amount for row in self.case.budget}
        m.outlay = pyo.Var(m.N)
        m.spent = pyo.Constraint(m.N, rule=lambda m, n: m.outlay[n] == self.outlay(n))
        m.budget = pyo.Constraint(m.Y, rule=lambda m, n: pyo.quicksum(m.outlay[a] for a in self.year(n)) <= amount[data.calendar.fiscal_year(tree.period[n])])
        uses = [[data.demands[name, u].shortage_cost for u in data.uses_of[name]] for name in self.names]

        def running(m, n):
            cost = m.outlay[n] + pyo.quicksum(uses[g][u] * m.short[n, g, u] for g in m.G for u in m.U)
            if n in m.Y:
                cost += self.case.limits[0].penalty * pyo.quicksum(m.beyond[n, g] for g in m.G)
            cost = data.discount(int(tree.period[n])) * cost
            if n in m.L:
                cost -= data.discount(tree.periods) * pyo.quicksum(data.materials[self.names[g]].salvage_value * m.stock[n, g] for g in m.G)
            return m.running[n] == cost + (m.running[int(tree.parent[n])] if tree.parent[n] >= 0 else 0)

        m.cost = pyo.Constraint(m.N, rule=running)
        m.over = pyo.Constraint(m.L, rule=lambda m, n: m.excess[n] >= m.running[n] - m.threshold)
        expected = pyo.quicksum(float(tree.probability[n]) * m.running[n] for n in m.L)
        cvar = m.threshold + pyo.quicksum(float(tree.probability[n]) / (1 - s.cvar_level) * m.excess[n] for n in m.L)
        m.objective = pyo.Objective(expr=(1 - s.risk_weight) * expected + s.risk_weight * cvar)


def solve(case: Case, options: dict) -> dict:
    """The optimum of a case, with HiGHS's options."""
    model = Model(tables(case))
    solver = pyo.SolverFactory("appsi_highs")
    solver.highs_options = dict(options)
    results = solver.solve(model.m)
    value = pyo.value(model.m.objective)
    bound = results.problem.lower_bound if case.projects else value
    return {
        "status": str(results.solver.termination_condition),
        "objective": value,
        "bound": bound,
        "nodes": model.tree.size,
        "rows": sum(len(c) for c in model.m.component_objects(pyo.Constraint)),
    }
