"""The way from suppliers through materials to uses, as an ECharts Sankey diagram for st.echarts_chart."""

from __future__ import annotations

from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from typing import Any

import pandas as pd

from optimizer.plan import figure, percent
from optimizer.report import BLOC_COLOURS
from ui.charts.style import NEUTRAL
from ui.words import charts as text
from ui.words.escape import JOINER, short
from ui.words.figures import unit_text

MOST_SUPPLIERS, MOST_NAMED = 20, 12
MATERIAL, USE, OTHERS = "#6B7785", "#8E6BBF", "#A9B4BF"
_NARROW = 560
"""Pixels below which labels are cut shorter, so that those of neighbouring columns do not touch."""
_FROM, _TO = ("stock", "from"), ("stock", "to")

Node = tuple
"""What a node stands for: ("supplier", name, bloc), ("others",), ("material", name), ("use", name), ("made", name) or a stock."""


def flows(plan, material: str | None = None, *, reference: bool = False, ink: str | None = None) -> dict[str, Any] | None:
    """The Sankey of one material in its unit, expected over the futures (`reference`: on the reference path), or with None of all
    materials in money, by what their orders on the reference path cost. None where nothing flows.

    Uses share what is delivered by the demand met; what is made into another material flows there. ink: colour of the labels, else the
    theme's own.
    """
    links = _money_links(plan) if material is None else _quantity_links(plan, material, reference)
    links = {ends: value for ends, value in _largest(links).items() if value > 0}
    if not links:
        return None
    unit = unit_text(plan.case.settings.currency if material is None else _unit(plan, material))
    nodes = list(dict.fromkeys(node for ends in links for node in ends))
    names, sizes = _names(nodes), _sizes(links)
    largest = max(links.values())
    decimals = 0 if largest >= 100 else 1 if largest >= 10 else 3
    return {
        "tooltip": {"trigger": "item", "confine": True, "valueFormatter": f"%,.{decimals}f {unit.replace('%', '%%')}"},
        "aria": {"enabled": True, "label": {"description": text.ABOUT_FLOWS}},
        "series": [
            {
                "type": "sankey",
                "labelLayout": {"hideOverlap": True},  # on a phone two labels would be written over each other
                "left": 4,
                "right": 4,
                "top": 8,
                "bottom": 8,
                "nodeWidth": 14,
                "nodeGap": 12,
                "draggable": False,
                "nodeAlign": "justify",
                "emphasis": {"focus": "adjacency"},
                "lineStyle": {"color": "source", "opacity": 0.26, "curveness": 0.5},
                "label": {"fontSize": 12, "width": 250, "overflow": "truncate", **({"color": ink} if ink else {})},
                "data": [
                    {
                        "name": names[node],
                        "itemStyle": {"color": _colour(node)},
                        "label": {"position": _side(node), "formatter": _label(names[node], sizes[node], unit)},
                    }
                    for node in nodes
                ],
                "links": [{"source": names[a], "target": names[b], "value": round(float(value), 6)} for (a, b), value in links.items()],
            }
        ],
        "media": [{"query": {"maxWidth": _NARROW}, "option": {"series": [{"label": {"fontSize": 11, "width": 120}}]}}],
    }


def flows_left_out(plan, material: str | None = None, *, reference: bool = False) -> list[str]:
    """Say which suppliers the same diagram puts together, and how much of what is ordered that is; nothing where it shows each."""
    links = {ends: value for ends, value in (_money_links(plan) if material is None else _quantity_links(plan, material, reference)).items() if value > 0}
    size = _of_suppliers(links)
    small = _small(size)
    if not small:
        return []
    share = percent(sum(size[node] for node in small) / sum(size.values()))
    named = ", ".join(short(node[1], 40) for node in small[:MOST_NAMED]) + (f" and {len(small) - MOST_NAMED} more" if len(small) > MOST_NAMED else "")
    return [text.cut_suppliers(len(small), named, share)]


def _sizes(links: dict[tuple[Node, Node], float]) -> dict[Node, float]:
    """What flows through each node: the larger of what comes in and what goes out."""
    into: dict[Node, float] = defaultdict(float)
    out: dict[Node, float] = defaultdict(float)
    for (source, target), value in links.items():
        out[source] += value
        into[target] += value
    return {node: max(into.get(node, 0.0), out.get(node, 0.0)) for node in {**into, **out}}


def _label(name: str, size: float, unit: str) -> str:
    """A node's number before its name, which alone may be cut. ECharts reads braces in a label as its own: an invisible joiner parts them from what follows."""
    return f"{figure(size)} {unit}  {name}".replace("{", f"{{{JOINER}")


def flows_height(option: dict[str, Any] | None) -> int:
    """Pixels that give each node of the fullest side its room."""
    ends = [set(link[end] for link in option["series"][0]["links"]) for end in ("source", "target")] if option else [set(), set()]
    return max(260, 40 + 32 * max(len(side) for side in ends))


def _colour(node: Node) -> str:
    return {"supplier": BLOC_COLOURS.get(node[-1], NEUTRAL), "material": MATERIAL, "use": USE, "made": USE}.get(node[0], OTHERS)


def _side(node: Node) -> str:
    return "left" if node[0] in ("use", "made") or node == _TO else "right"


def _unit(plan, material: str) -> str:
    return next((m.unit for m in plan.case.materials if m.material == material), "")


def _names(nodes: list[Node]) -> dict[Node, str]:
    """A name of its own for each node, as ECharts asks; a name that stands for two things says which."""
    names: dict[Node, str] = {}
    for node in nodes:
        if node[0] == "stock":
            name = text.FROM_STOCK if node == _FROM else text.INTO_STOCK
        elif node[0] == "others":
            name = text.others(node[1])
        else:
            name = text.made_into(short(node[1], 24)) if node[0] == "made" else short(node[1], 34)
        if name in names.values():
            name = f"{name} ({node[2] if node[0] == 'supplier' else node[0]})"
        number = 2
        plain = name
        while name in names.values():
            name, number = f"{plain} {number}", number + 1
        names[node] = name
    return names


def _largest(links: dict[tuple[Node, Node], float]) -> dict[tuple[Node, Node], float]:
    """The links with all but the largest suppliers put together."""
    small = set(_small(_of_suppliers(links)))
    if not small:
        return links
    result: dict[tuple[Node, Node], float] = defaultdict(float)
    for (source, target), value in links.items():
        result[("others", len(small)) if source in small else source, target] += value
    return result


def _of_suppliers(links: dict[tuple[Node, Node], float]) -> dict[Node, float]:
    """What comes from each supplier."""
    size: dict[Node, float] = defaultdict(float)
    for (source, _), value in links.items():
        if source[0] == "supplier":
            size[source] += value
    return dict(size)


def _small(size: dict[Node, float]) -> list[Node]:
    """The suppliers beyond the largest, which are put together where they are two or more, the largest first."""
    small = sorted(size, key=size.get, reverse=True)[MOST_SUPPLIERS:]
    return small if len(small) > 1 else []


# -- quantities -----------------------------------------------------------------------------------------------------------


def _ordered(plan, reference: bool) -> pd.Series:
    """Quantity ordered over the horizon by (supplier, material, offer): of the reference path, or the mean over the futures."""
    if reference:
        rows, weight = plan.tables["orders"], 1.0
    else:
        rows = plan.tables["scenario_orders"]
        weight = rows["scenario"].map(plan.tables["scenarios"].set_index("scenario")["probability"]).astype(float)
    amount = (rows["spot"] + rows["contract"]).astype(float) * weight
    return amount.groupby([rows["supplier"], rows["material"], rows["offer"]], sort=False).sum()


def _met(plan, material: str, reference: bool) -> dict[str, float]:
    """Demand met over the horizon by use: the material's total, shared by need and fill rate."""
    name = "cover" if reference else "scenario_stock"
    rows = plan.tables[name]
    rows = rows[rows["material"] == material]
    met = (rows["demand"] - rows["short"]).astype(float)
    if not reference:
        met = met * rows["scenario"].map(plan.tables["scenarios"].set_index("scenario")["probability"]).astype(float)
    rates = plan.tables["fill_rate"].set_index(["material", "use"])["fill_rate"]
    years, periods = plan.case.calendar.years, range(plan.case.calendar.periods)
    part = {}
    for row in plan.case.demand:
        if row.material == material:
            need = sum(row.by_period.get(t, row.annual_demand * (1 + row.annual_growth) ** (t * years) * years) for t in periods)
            part[row.use] = part.get(row.use, 0.0) + need * float(rates.get((material, row.use), 1.0))
    whole = sum(part.values())
    return {use: float(met.sum()) * share / whole for use, share in part.items()} if whole > 0 else {}


def _replaced(plan, reference: bool) -> list[tuple[str, str, str, float, float]]:
    """Demand that is met by other means over the horizon: material, use, substitute ("" = less is needed), what is replaced, what is taken for it."""
    name, amount = ("replaced", "quantity") if reference else ("substitution", "expected")
    units = {(row.material, row.use, row.substitute or ""): row.units_per_unit or 0.0 for row in plan.case.substitutes}
    found = []
    for material, use, substitute, replaced in plan.tables[name][["material", "use", "substitute", amount]].itertuples(index=False):
        substitute = substitute if isinstance(substitute, str) else ""
        found.append((material, use, substitute, float(replaced), float(replaced) * units.get((material, use, substitute), 0.0)))
    return found


def _leaving(plan, material: str, ordered: pd.Series, reference: bool) -> dict[Node, float]:
    """Return where a material goes: uses, other materials ("made"), stock."""
    out: dict[Node, float] = {("use", use): met for use, met in _met(plan, material, reference).items()}
    for replaced, use, substitute, amount, taken in _replaced(plan, reference):
        node = ("use", use)
        if replaced == material:
            out[node] = max(0.0, out.get(node, 0.0) - amount)
        if substitute == material:
            out[node] = out.get(node, 0.0) + taken
    for offer, inputs in zip(plan.case.offers, plan.case.inputs_of_offers()):
        for per_unit in (per_unit for name, per_unit in inputs if name == material):
            made = ("made", offer.material)
            out[made] = out.get(made, 0.0) + float(ordered.get(offer.key, 0.0)) * per_unit
    bought = sum(float(value) for (_, name, _), value in ordered.items() if name == material)
    into = bought - sum(out.values())
    if into > 1e-6 * max(bought, 1e-9):
        out[_TO] = into
    return {node: value for node, value in out.items() if value > 0}


def _quantity_links(plan, material: str, reference: bool) -> dict[tuple[Node, Node], float]:
    ordered, bloc = _ordered(plan, reference), {offer.key: offer.bloc for offer in plan.case.offers}
    middle, links = ("material", material), defaultdict(float)
    for key, value in ordered.items():
        if key[1] == material:
            links[("supplier", key[0], bloc.get(key, "")), middle] += float(value)
    bought = sum(links.values())
    out = _leaving(plan, material, ordered, reference)
    drawn = sum(out.values()) - bought
    if drawn > 1e-6 * max(bought, drawn):
        links[_FROM, middle] = drawn
    for node, value in out.items():
        links[middle, node] += value
    return dict(links)


# -- money ----------------------------------------------------------------------------------------------------------------


def _money_links(plan) -> dict[tuple[Node, Node], float]:
    """Return links that measure what orders cost on the reference path; each material passes on what it cost, by the quantities that leave it."""
    orders, ordered = plan.tables["orders"], _ordered(plan, True)
    links: dict[tuple[Node, Node], float] = defaultdict(float)
    worth: dict[str, float] = defaultdict(float)
    for row in orders.itertuples():
        if row.cost > 0:
            links[("supplier", row.supplier, row.bloc), ("material", row.material)] += float(row.cost)
            worth[row.material] += float(row.cost)
    leaving = {m.material: _leaving(plan, m.material, ordered, True) for m in plan.case.materials}
    order, circular = _from_raw_to_made(leaving)
    for name in order:
        whole = sum(leaving[name].values())
        for node, value in leaving[name].items():
            passed = worth[name] * value / whole
            if node[0] == "made" and not circular:
                links[("material", name), ("material", node[1])] += passed
                worth[node[1]] += passed
            else:
                links[("material", name), node] += passed
    return dict(links)


def _from_raw_to_made(leaving: dict[str, dict[Node, float]]) -> tuple[list[str], bool]:
    """Materials before what is made of them; whether they run in a circle, which a Sankey cannot show."""
    before: dict[str, set[str]] = {name: set() for name in leaving}
    for name, out in leaving.items():
        for node in out:
            if node[0] == "made":
                before.setdefault(node[1], set()).add(name)
    try:
        return list(TopologicalSorter(before).static_order()), False
    except CycleError:
        return list(leaving), True
