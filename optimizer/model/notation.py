"""The symbols of docs/model.md: sets, data and derived quantities, each with its meaning and with the code that gives its value.

The page is printed from these lists, and tests/test_model_page.py evaluates every equation of the model with them, so that what a
reader sees is what the program computes. Variables are declared in variables.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optimizer.case import EXPOSURE
from optimizer.model import expressions, substitution
from optimizer.model.costs import COSTS, parts_counted
from optimizer.model.data import CaseData
from optimizer.model.notation_budgets import OF_BUDGETS
from optimizer.model.notation_offers import BY_PERIOD
from optimizer.model.parameters import group_of
from optimizer.model.registry import CONSTRAINTS
from optimizer.model.symbols import SYMBOL, Model, SetSymbol, Symbol, head
from optimizer.schema.sheets import INPUTS


def _limit_orders(m: Model, p: CaseData, i: int, g: str, group: str | None = None) -> list[tuple[int, str]]:
    """List the pairs (offer, origin of its input) of material g that limit i matches, of one supplier or country."""
    limit = p.case.limits[i]
    offers = [s for s in p.offers_of[g] if limit.matches(p.offers[s]) and (group is None or group_of(limit.measure, p.offers[s]) == group)]
    return [(s, b) for s in offers for b in p.order_origins(s) if not limit.origin or p.offers[s].delivers(b) in limit.origin]


def _drawable(m: Model, p: CaseData, i: int, g: str, t: int) -> list[str]:
    return [b for b in _limit_origins(m, p, i, g) if any(p.may_draw(g, u, b, t, m.regimes[t]) for u in p.matched_uses(i, g))]


def _limit_origins(m: Model, p: CaseData, i: int, g: str) -> list[str]:
    wanted = p.case.limits[i].origin
    return [b for b in p.origins[g] if not wanted or b in wanted]


def _limit_periods(m: Model, p: CaseData, i: int, t: int) -> list[int]:
    return [tau for tau in p.calendar.year_of(t) if p.case.limits[i].covers(tau)]


def _penalised_rows(m: Model, p: CaseData, i: int, t: int) -> list[Any]:
    return [m.slack[index] for index in m.slack if index[:2] == (t, i)]


def _striking(which: int) -> Callable[..., list[int]]:
    """List the active disruptions that strike an offer itself (0), its feedstock (1), or only others of its material (2)."""
    return lambda m, p, s, t: [d for d in m.regimes[t] if d in p.struck[s][which]]


SETS = (
    SetSymbol("G", "materials", lambda m, p: p.materials),
    SetSymbol("S", "offers, each of one material and one supplier", lambda m, p: range(len(p.offers))),
    SetSymbol("S^c", "offers sold under contract", lambda m, p: [s for s in range(len(p.offers)) if s in m.contract]),
    SetSymbol("S_g", "offers of material g", lambda m, p, g: p.offers_of[g]),
    SetSymbol(
        "C_g", "offers that convert material g, their single input, into another", lambda m, p, g: [s for s, o in enumerate(p.offers) if o.input_material == g]
    ),
    SetSymbol(
        "L_g",
        "pairs of an offer and a row of Inputs by which it takes material g",
        lambda m, p, g: [(s, i) for s, rows in p.listed_inputs.items() for i in rows if p.case.inputs[i].input_material == g],
    ),
    SetSymbol("B_g", "origins that material g can have, of: chinese, other, allied, onshored", lambda m, p, g: p.origins[g]),
    SetSymbol(
        "B_s",
        "origins of the single input of offer s; without an input, the offer's own origin; with inputs on Inputs those of its output, no cleaner than its own",
        lambda m, p, s: p.order_origins(s),
    ),
    SetSymbol("B_i", "origins that the input of row i of Inputs can have", lambda m, p, i: p.origins[p.case.inputs[i].input_material]),
    SetSymbol(
        "B_{i,b}",
        "those of these origins that are b or cleaner",
        lambda m, p, i, b: [c for c in p.origins[p.case.inputs[i].input_material] if EXPOSURE[c] >= EXPOSURE[b]],
    ),
    SetSymbol("B_{s,b}", "origins in $B_s$ that are b or cleaner", lambda m, p, s, b: [c for c in p.order_origins(s) if EXPOSURE[c] >= EXPOSURE[b]]),
    SetSymbol("U_g", "uses of material g", lambda m, p, g: p.uses_of[g]),
    SetSymbol(
        "G_c", "offers of group c of Suppliers.choose_one", lambda m, p, c: [s for s in range(len(p.offers)) if s in m.contract and p.offers[s].choose_one == c]
    ),
    SetSymbol("H_h", "offers of plant h", lambda m, p, h: p.offers_of_plant(h)),
    *substitution.SETS,
    SetSymbol("J", "projects", lambda m, p: p.projects),
    SetSymbol("T_j", "periods in which project j may start: those that open a fiscal year, and the first, within its window", lambda m, p, j: p.starts(j)),
    SetSymbol("V_j", "disruptions that project j may wait for", lambda m, p, j: p.conditions(j)),
    SetSymbol(
        "E_{s,t}",
        "periods up to t whose orders with offer s, which ships later, are due in t, as its wait was then",
        lambda m, p, s, t: [a for a in range(t + 1) if a + p.wait(s, m.regimes[a]) == t],
    ),
    SetSymbol("I", "rows of Limits", lambda m, p: range(len(p.case.limits))),
    SetSymbol("W_{i,t}", "periods of the fiscal year of t that limit i covers", _limit_periods),
    SetSymbol("M_{i,g}", "pairs (s, b) of material g that limit i matches: by bloc, country, supplier and the origin delivered", _limit_orders),
    SetSymbol("M_{i,g,v}", "those of them that are of supplier, or country, v", _limit_orders),
    SetSymbol("U_{i,g}", "uses of material g that limit i names, all where it names none", lambda m, p, i, g: p.matched_uses(i, g)),
    SetSymbol("B_{i,g}", "origins of material g that limit i names, all where it names none", _limit_origins),
    SetSymbol("D_{i,g,t}", "those of these origins that at least one use in $U_{i,g}$ may draw in t", _drawable),
    SetSymbol("R_{i,t}", "rows in period t of limit i, if it has a penalty", _penalised_rows),
    SetSymbol(
        "K_i",
        "parts of the cost that row i of Budget counts: the outlays of its category, all where that is `all`; no projects where it names materials",
        lambda m, p, i: parts_counted(p, i),
    ),
    SetSymbol("L_{g,t}", "periods up to t whose arrivals of material g can still be used after t", lambda m, p, g, t: p.fresh(g, t)),
    SetSymbol("E_{g,t}", "the period whose arrivals of material g end their life with t", lambda m, p, g, t: p.ends_life(g, t)),
    SetSymbol("N_q", "nodes of the scenario tree within the horizon, or beyond it; along one path, their periods", lambda m, p, q: p.calendar.parts[q]),
    SetSymbol("A_{s,t}", "active disruptions that strike offer s", _striking(0)),
    SetSymbol("F_{s,t}", "active disruptions that strike the feedstock of offer s and not the offer", _striking(1)),
    SetSymbol("P_{s,t}", "active disruptions that strike another offer of the material of s and not s", _striking(2)),
    SetSymbol(
        "Q_{g,u,t}",
        "active disruptions that name material g or none, and use u or none",
        lambda m, p, g, u, t: [d for d in m.regimes[t] if p.case.disruptions[d].moves(g, u)],
    ),
)


def _fixed(m: Model, p: CaseData, s: int, t: int) -> float:
    return p.schedules[s].fixed_price(t)


def _indexed(m: Model, p: CaseData, s: int, t: int) -> float:
    return p.spot_price(s, t, m.regimes[t]) * p.schedules[s].ratio(t)


def _parts_if(m: Model, p: CaseData, j: str, d: str, t: int) -> float:
    begun = p.begun_for(j, d, t, m.memories[t])
    return 0.0 if begun is None else float(sum(1 for k in range(max(1, p.project_lead(j))) if min(begun + k, p.periods[-1]) == t))


def _ready_for(m: Model, p: CaseData, s: int, t: int) -> Any:
    filed = p.filed_for(s, t, m.memories[t])
    return 0.0 if filed is None else expressions.ready_for(m, p, t, s, filed)


REGIME_DATA = (
    *BY_PERIOD,
    Symbol(
        r"\text{avail}_{s,t}",
        "share of an offer's capacity that the regime leaves (0 before available_from)",
        "",
        lambda m, p, s, t: expressions.available(m, p, t, s),
        equation=r"\prod_{d \in A_{s,t}} \text{capacity\_remaining}_d \Big(1 - \text{feedstock\_dependence}_s\,"
        r"\Big(1 - \prod_{d \in F_{s,t}} \text{capacity\_remaining}_d\Big)\Big)",
    ),
    Symbol(
        r"\text{spot price}_{s,t}",
        "spot price",
        "money per unit",
        lambda m, p, s, t: p.spot_price(s, t, m.regimes[t]),
        equation=r"\text{list price}_{s,t}\,(1 + \text{price\_growth}_s)^{\text{price age}_{s,t}} \prod_{d \in A_{s,t}} \text{price\_multiplier}_d"
        r" \prod_{d \in P_{s,t}} \text{spillover\_price\_multiplier}_d",
    ),
    Symbol(r"\text{units needed}_i", "Inputs.input_per_unit of row i of Inputs", "units per unit", lambda m, p, i: p.case.inputs[i].input_per_unit),
    Symbol(r"\text{plant capacity}_h", "Plants.capacity_per_year of plant h", "unit per year", lambda m, p, h: p.plants[h].capacity_per_year),
    substitution.COST,
    Symbol(
        r"\text{served}_{h,t}",
        r"share of plant h's capacity that is served: the largest $\text{avail}_{s,t}$ of its offers",
        "share",
        lambda m, p, h, t: p.served(h, t, m.regimes[t]),
    ),
    Symbol(
        r"\text{duty}_{s,t}",
        "sum of Duties.rate over the rows that match offer s and are in force in t: from..to holds t, while_active is active and unless_active is not",
        "share of the price",
        lambda m, p, s, t: p.duty(s, t, m.regimes[t]),
    ),
    Symbol(
        r"\text{fixed}_{s,t}",
        "contract price before floor and ceiling, with contract_pricing `fixed`",
        "money per unit",
        _fixed,
        equation=r"\text{list contract price}_{s,t}\,(1 + \text{contract\_price\_growth}_s)^{\text{contract price age}_{s,t}}",
    ),
    Symbol(
        r"\text{indexed}_{s,t}", "the same with contract_pricing `indexed`", "money per unit", _indexed, equation=r"\text{spot price}_{s,t}\,\text{ratio}_{s,t}"
    ),
    Symbol(
        r"\text{base}_{s,t}",
        "$\\text{fixed}_{s,t}$ or $\\text{indexed}_{s,t}$, as contract_pricing says",
        "money per unit",
        lambda m, p, s, t: (_indexed if p.offers[s].contract_pricing == "indexed" else _fixed)(m, p, s, t),
    ),
    Symbol(
        r"\text{bounded price}_{s,t}",
        "contract price within floor and ceiling",
        "money per unit",
        lambda m, p, s, t: p.bounded_price(s, t, m.regimes[t]),
        equation=r"\min(\text{price\_ceiling}_s, \max(\text{price\_floor}_s, \text{base}_{s,t}))",
    ),
    Symbol(
        r"\text{contract price}_{s,t}",
        r"contract price: $\text{bounded price}_{s,t}$, less upside_share of what it is above upside_trigger, where these are given",
        "money per unit",
        lambda m, p, s, t: p.contract_price(s, t, m.regimes[t]),
    ),
    Symbol(
        r"\text{first}_{s,t}",
        "1 in the first period of contract_from..contract_to that the horizon holds, else 0",
        "",
        lambda m, p, s, t: float(p.first_live(s) == t),
    ),
    Symbol(
        r"\text{quantity}_{g,u,t}",
        "demand of a period without disruptions: the number of its own column, else as below",
        "unit",
        lambda m, p, g, u, t: p.demand(g, u, t, ()),
        equation=r"\text{annual\_demand}_{g,u}\,(1 + \text{annual\_growth}_{g,u})^{t\,\Delta}\,\Delta",
    ),
    Symbol(
        r"\text{demand}_{g,u,t}",
        "demand",
        "unit",
        lambda m, p, g, u, t: p.demand(g, u, t, m.regimes[t]),
        equation=r"\text{quantity}_{g,u,t} \prod_{d \in Q_{g,u,t}} \text{demand\_multiplier}_d",
    ),
    Symbol(
        r"\text{lead}_{s,t}",
        "periods from an order in t to its arrival; of an offer that ships later, from departure: its lead_time_months less its ships_after_months, each "
        "rounded up",
        "periods",
        lambda m, p, s, t: p.lead(s, m.regimes[t]),
        equation=r"\Big\lceil \frac{\text{lead\_time\_months}_s + \sum_{d \in A_{s,t}} \text{lead\_time\_added\_months}_d}{12\,\Delta} \Big\rceil",
    ),
    Symbol(
        r"\text{wait}_{s,t}",
        "periods from an order in t to its departure, of an offer that ships later",
        "periods",
        lambda m, p, s, t: p.wait(s, m.regimes[t]),
        equation=r"\Big\lceil \frac{\text{ships\_after\_months}_s + \sum_{d \in A_{s,t}} \text{lead\_time\_added\_months}_d}{12\,\Delta} \Big\rceil",
    ),
    Symbol(
        r"\text{falls due}_{i,t}",
        "quantity of open order i, which has not left, in the period of its Inventory.ships (the first where that is blank or earlier), else 0",
        "unit",
        lambda m, p, i, t: p.falls_due(i, t),
    ),
    Symbol(
        r"\text{lead}_j", "periods from the start of a project until it is ready: its lead_time_months rounded up", "periods", lambda m, p, j: p.project_lead(j)
    ),
    Symbol(
        r"\text{parts}_{j,\tau,t}",
        r"how many of the $\max(1, \text{lead}_j)$ equal parts of the cost of a project started in τ are due in t: one in each period from τ on, "
        "those past the horizon in its last period",
        "",
        lambda m, p, j, tau, t: sum(1 for k in range(max(1, p.project_lead(j))) if min(tau + k, p.periods[-1]) == t),
    ),
    Symbol(
        r"\text{parts if}_{j,d,t}",
        "the same of a project that starts once disruption d is active: from the first period within its window in which d is, on the path to t",
        "",
        _parts_if,
    ),
    Symbol(
        r"\text{most}_{s,t}",
        "most that can be ordered in a period",
        "unit",
        lambda m, p, s, t: p.most(s, t, m.regimes[t]),
        equation=r"\min(\text{capacity}_{s,t}\,\Delta\,\text{avail}_{s,t}, \text{usable}_s)",
    ),
    Symbol(
        r"\text{usable}_s",
        "a bound on orders of a period that leaves an optimal plan (`optimizer/model/usable.py`, decision 21)",
        "unit",
        lambda m, p, s: p.usable.order[s],
    ),
    Symbol(
        r"\text{largest}_s",
        "largest contract: the largest capacity of the periods in which it is live, or a smaller one that leaves an optimal plan (the same file)",
        "unit per year",
        lambda m, p, s: p.usable.contract[s],
    ),
    Symbol(r"\delta_t", "discount factor", "", lambda m, p, t: p.discount(t), equation=r"(1 + \text{discount\_rate})^{-t\,\Delta}"),
    Symbol(r"\text{last}_t", "1 in the last period of the horizon, else 0", "", lambda m, p, t: float(t == p.periods[-1])),
    Symbol(r"\pi_n", "probability of node n; along one path 1", "", lambda m, p, n: 1.0),
)

QUANTITIES = (
    Symbol(
        r"\text{order}_{s,b,t}",
        "ordered from offer s with input of origin b",
        "unit",
        lambda m, p, s, b, t: expressions.order(m, p, t, s, b),
        equation=r"\text{spot}_{s,b,t} + \text{call\_off}_{s,b,t}",
    ),
    Symbol(
        r"\text{paid}_{s,t}",
        "contract quantity paid for",
        "unit",
        lambda m, p, s, t: expressions.paid(m, p, t, s),
        equation=r"\sum_{b \in B_s} \text{call\_off}_{s,b,t} + \text{shortfall}_{s,t}",
    ),
    Symbol(
        r"\text{force}_{s,t}",
        r"contract in force in the periods of contract_from..contract_to, else 0: $\text{reserved}_{s,t}$ where the offer waits for a project, "
        r"else $\text{contract}_s$; of an offer that ships later 0 until orders of the first period are due",
        "unit per year",
        lambda m, p, s, t: expressions.in_force(m, p, t, s),
    ),
    Symbol(
        r"\text{ready}_{s,t}",
        r"1 where offer s waits for no project, else $\sum \text{start}_{j,\tau}$ over the starts $\tau$ of its project j with "
        r"$\tau + \text{lead}_j \le t$, and $\text{start\_if}_{j,d}$ of each d that was active within its window $\text{lead}_j$ periods ago or earlier",
        "",
        lambda m, p, s, t: expressions.ready(m, p, t, s),
    ),
    substitution.DONE,
    Symbol(
        r"\text{ready for}_{s,t}",
        r"$\text{ready}_{s,t}$; of an offer that ships later, $\text{ready}_{s,a}$ of the latest period a with $a + \text{wait}_{s,a} \le t$; "
        "where there is none, the row is left out",
        "",
        _ready_for,
    ),
    Symbol(r"\text{held before}_{s,t}", r"$\text{held\_back}_{s,t-1}$; 0 in the first period", "unit", lambda m, p, s, t: m.held_back[t - 1, s] if t else 0.0),
    Symbol(
        r"\text{left before}_{s,i,t}",
        r"$\text{open\_left}_{s,i,t-1}$; 0 in the first period",
        "unit",
        lambda m, p, s, i, t: m.open_left[t - 1, s, i] if t else 0.0,
    ),
    Symbol(
        r"\text{opening}_{g,b,t}",
        r"stock that a period begins with: $(1 - \text{annual\_loss}_g)^{\Delta}\,\text{stock}_{g,b,t-1}$; in the first period the inventory on hand "
        "(Inventory.quantity without arrives and supplier), without loss",
        "unit",
        lambda m, p, g, b, t: p.keeps(g) * m.stock[t - 1, g, b] if t else p.on_hand(g, b),
    ),
    Symbol(
        r"\text{arrivals}_{g,b,t}",
        r"open orders due in t (Inventory.quantity with arrives; those due earlier come in the first period), $\text{open\_shipped}_{s,i,a}$ of those that had "
        r"not left with $a + \text{lead}_{s,a} = t$, $\text{lead}$ without what disruptions add, and $\sum \text{order}_{s,c,a}$ over the "
        r"offers s of g, origins c of their input and periods a with $a + \text{lead}_{s,a} = t$ that deliver origin b: the more exposed of c and the "
        "offer's own where there is an input",
        "unit",
        lambda m, p, g, b, t: expressions.arrivals(m, p, t, g, b),
    ),
    Symbol(
        r"\text{came in}_{g,b,t}",
        r"$\text{arrivals}_{g,b,t}$, in the first period with the inventory on hand (Inventory.quantity without arrives)",
        "unit",
        lambda m, p, g, b, t: expressions.came_in(m, p, t, g, b),
    ),
    Symbol(r"\text{part}_{k,t}", "part k of the cost in t, undiscounted; *Objective* gives each", "money", lambda m, p, k, t: COSTS[k].amount(m, p, t)),
    *OF_BUDGETS,
)


RECORDS: dict[str, tuple[tuple[str, Callable[..., Any]], ...]] = {
    "": (("Settings", lambda p: p.case.settings),),
    "g": (("Materials", lambda p, g: p.materials[g]),),
    "g,u": (("Demand", lambda p, g, u: p.demands[g, u]),),
    "s": (("Suppliers", lambda p, s: p.offers[s]),),
    "d": (("Disruptions", lambda p, d: p.case.disruptions[d]),),
    "j": (("Projects", lambda p, j: p.projects[j]),),
    "i": (
        ("Budget", lambda p, i: p.case.budget[i]),
        ("Limits", lambda p, i: p.case.limits[i]),
        ("Inventory", lambda p, i: p.case.inventory[i]),
        ("Substitutes", lambda p, i: p.case.substitutes[i]),
    ),
}
"""By the subscripts of a symbol the sheets of which it may be a column, and the record of one row."""

BLANK = {"price_ceiling": float("inf")}
"""What a blank cell stands for where it is not 0."""

PROCESS = (r"\text{annual\_probability}_d", r"\text{mean\_duration\_months}_d", r"\text{decision\_probability}_d")
"""The symbols of the disruption process, which the page gives in words."""


def _column(symbol: str) -> Symbol | None:
    """Make the symbol of a column of the workbook, which says its meaning and unit; None where there is no such column."""
    name, count = head(symbol)
    letters = symbol.rpartition("_")[2].strip("{}") if count else ""
    for sheet, record in RECORDS.get(letters, ()):
        found = next((column for column in next(s for s in INPUTS if s.name == sheet).columns if column.name == name), None)
        if found:
            unit = found.unit.format(currency="money", unit="unit")
            return Symbol(symbol, found.help.rstrip("."), unit, _cell(name, record), f"{sheet}.{name}")
    return None


def _cell(name: str, record: Callable[..., Any]) -> Callable[..., float]:
    def value(m: Model, p: CaseData, *subscripts: Any) -> float:
        found = getattr(record(p, *subscripts), name)
        return BLANK.get(name, 0.0) if found is None else float(found)

    return value


def _columns_used() -> list[Symbol]:
    """List the columns of the workbook that the equations name, in the order of the workbook."""
    equations = [*(f.equation for f in CONSTRAINTS.values()), *(c.equation for c in COSTS.values())]
    equations += [text for s in (*REGIME_DATA, *QUANTITIES) for text in (s.meaning, s.equation)]
    named = {found.group() for equation in equations for found in SYMBOL.finditer(equation) if found["text"]}
    order = [f"{sheet.name}.{column.name}" for sheet in INPUTS for column in sheet.columns]
    return sorted((s for s in map(_column, named | set(PROCESS)) if s), key=lambda s: order.index(s.source))


DATA = (Symbol(r"\Delta", "Length of a period", "years", lambda m, p: p.years, "Settings.period"), *_columns_used())

NUMBERS: dict[tuple[str, int], Symbol] = {head(s.symbol): s for s in (*DATA, *REGIME_DATA, *QUANTITIES)}
"""Data and derived quantities by name and number of subscripts."""
