"""Every sentence of the plan's page and its sections."""

from __future__ import annotations

from optimizer.schema import listed
from optimizer.studies import STUDIES
from ui.words.glossary import explained

EDITED_SINCE = "The inputs have been edited since this plan was made. Solve again to see what that changes."
SECTIONS_LABEL = "What to look at"
SECTIONS = {
    "do": "What to do",
    "stock": "Stock and cover",
    "mix": "Suppliers",
    "flows": "Flows",
    "money": "Money",
    "binds": "What binds",
    "reports": "Reports",
    **{study.name: study.title for study in STUDIES.values() if not study.on_request},
}
"""The sections of the plan page, the studies that follow every solve last."""
MATERIAL, ALL_MATERIALS, PERIOD = "Material", "All, by value", "Period"
SIGN, SIGN_HELP = "Sign", explained("Contracts for the whole horizon, the same in every future.", "contract", "call-off")
SIGN_NOTHING = "Sign no contract."
START_WHAT, START_HELP = "Start", explained("Projects to start, decided now and the same in every future.", "project")
START_NOTHING = "Start no project."
NO_PROJECTS = "The workbook lists no projects."
ORDER, ORDER_HELP = "Order", explained("What to order in each period on the reference path.", "reference path", "spot market", "call-off")
HOLD, HOLD_HELP = "Hold", explained("The largest stock of each material on the reference path, and when.", "stock", "cover")
PEAK_COLUMNS = {
    "material": ("", "The material."),
    "quantity": ("{unit}", "Its largest stock at the end of a period."),
    "unit": ("", "The material's unit."),
    "period": ("", "The period at whose end it is held."),
    "cover_days": ("days", "The days of demand that it covers then."),
    "mean_days": ("days", "The days of demand that the stock covers at the end of a period, on average."),
}
PEAK_LABELS = {"mean_days": "cover on average", "cover_days": "cover then", "quantity": "largest stock", "period": "at the end of"}
FAN_NOTE = explained("The line is the reference path. The dark band holds the middle 80 % of futures, the light one all of them.", "reference path", "future")
MIX_BY = "Orders by"
MIX_WAYS = {"bloc": "Bloc of the supplier", "origin": "Origin of the material"}
MIX_HEADS = {
    "bloc": ("Ordered, by bloc of the supplier", explained("Quantities ordered on the reference path. The number over a column is its sum.", "bloc")),
    "origin": (
        "Ordered, by origin of the material",
        explained("Quantities ordered on the reference path. What is made from an input has the more exposed of the two origins.", "origin", "reference path"),
    ),
}
"""The two ways in which orders are told apart, which differ where an allied supplier sells or converts what comes from elsewhere."""
FLOWS_HEAD = "From suppliers through materials to uses"
FLOWS_NOTE = (
    "Over the whole horizon. All materials: what their orders cost on the reference path. One material: its quantity, on average over the futures. "
    "A supplier has the colour of its bloc."
)
NO_FLOWS = "Nothing is ordered, so nothing flows."
BUDGET_HEAD, BUDGET_NOTE = (
    "Budget against limits",
    explained("Bars: spent on the reference path. Line: the budget. Tick: the dearest future.", "budget", "reference path"),
)
YEARLY_HEAD = "Cash and losses from shortage, by year"
YEARLY_NOTE = f"Means over all futures. Cash is what is paid for {listed()}; nobody pays the losses in cash."
SPREAD_HEAD, SPREAD_NOTE = (
    "What the futures cost",
    explained("How the total cost spreads over the futures, with its mean and the mean of the worst of them.", "worst futures", "CVaR"),
)
BINDS_HEAD = "What stands in the way of a cheaper plan"
BINDS_NOTE = "How much one more dollar, tonne or day there would save. Each figure holds for a small change, with the yes/no decisions of this plan kept."
PLAYBOOK_HEAD = "If it happens: what the plan does then"
PLAYBOOK_NOTE = (
    "Until it begins, contracts, projects and orders are those of the plan. From then on you see the cheapest answer of a buyer who knows that the "
    "disruption lasts as long as it does on average and that nothing else happens."
)
NO_PLAYBOOK = "There is no playbook: the workbook lists no disruption that can begin later, or the solve was stopped early."
DISRUPTION, BEGINS = "What happens", "When it begins"
PLAYBOOK_CHART = "Stock and shortage"
PLAYBOOK_CHART_NOTE = "With the disruption, against the reference path; the shaded periods are those in which it is active."
PLAYBOOK_ORDERS, NO_ORDERS = "Orders then, against the reference path", "Nothing of this material is ordered."
PLAYBOOK_ORDER_COLUMNS = {
    "period": ("", "The period of the order."),
    "supplier": ("", "The supplier."),
    "bloc": ("", "The supplier's bloc."),
    "spot": ("{unit}", "Ordered on the spot market."),
    "spot_undisturbed": ("{unit}", "Ordered on the spot market on the reference path."),
    "contract": ("{unit}", "Call-off under a contract."),
    "contract_undisturbed": ("{unit}", "Call-off under a contract on the reference path."),
    "unit": ("", "The unit."),
}


def standing(name: str, title: str, proven: str, labels: tuple[str, ...], futures: int) -> str:
    """Under the title: which plan this is, of which workbook, how good it is known to be, and over what."""
    return f"**{title}** of {name}. {proven} {labels[0]} to {labels[-1]}, {futures:,} future{'s' * (futures != 1)}."


def not_started(count: int) -> str:
    """Head the projects that do not start."""
    return f"{count:,} project{'s' * (count != 1)} that {'do' if count != 1 else 'does'} not start, and why"


def order_nothing(period: str) -> str:
    """No order in a period."""
    return f"Order nothing in {period}."
