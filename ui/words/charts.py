"""Every sentence and label that a reader sees in the charts and in the board report."""

from __future__ import annotations

from optimizer.schema import COST_PARTS, PROVENANCE, listed

REFERENCE = "Reference path"
MOST = "10–90% of futures"
ALL = "All futures"
THIS = "This future"
MET, SHORT = "Demand met", "Short"
LIMIT, SPENT, DEAREST = "Limit", "Reference path", "Dearest future"
OTHER_FUTURES = "Other futures"
BEST_PLAN, BEST_POSSIBLE = "Best plan found", "Best possible"
WITH, WITHOUT = "Stock with the disruption", "Reference path"
DISRUPTED = "Disrupted"
FROM_STOCK, INTO_STOCK = "From stock", "Into stock or under way"
EXPECTED, WORST_FUTURES = "Total expected cost", "Cost in the worst futures"
NO_VALUE = "–"
TIME, TIME_TITLE = "Time", "Time (s)"
ORIGIN = "Origin of the material"
OFFERS, CAPACITY, SHARE = "Offers", "Capacity", "Share"

BLOC_WORDS = {"chinese": "Chinese", "other": "Other", "allied": "Allied", "onshored": "Onshored"}
PART_WORDS = {part.name: part.word for part in COST_PARTS}

NOTHING_ORDERED = "Nothing is ordered."
NO_STOCK = "There is no stock to show."
NO_SPENDING = "Nothing is spent."
NO_EVENTS = "Nothing happens in this future."
NO_FUTURES = "There are no futures to show."
NO_PLANS = "There are no plans to compare."
NO_PROGRESS = "No plan has been found yet."
NO_ROWS = "There is nothing to show."
NO_PLACES = "No supplier has a country on the map."


def bloc_word(bloc: str) -> str:
    """A bloc as a reader sees it; an unknown one as it was typed."""
    return BLOC_WORDS.get(bloc, bloc or "no bloc")


def part_word(part: str) -> str:
    """A part of the cost as a reader sees it."""
    return PART_WORDS.get(part, part.replace("_", " ").capitalize())


def stock_title(unit: str) -> str:
    return f"Stock at period end ({unit})"


DAYS_TITLE = "Days of demand covered"


def ordered_title(unit: str) -> str:
    return f"Ordered in the period ({unit})"


def demand_title(unit: str) -> str:
    return f"Demand of the period ({unit})"


def playbook_title(unit: str) -> str:
    return f"Stock and shortage ({unit})"


def money_title(unit: str, what: str = "") -> str:
    return f"{what} ({unit})" if what else unit


def worst(share: str) -> str:
    return f"Worst {share}"


def worst_mean(share: str) -> str:
    return f"Mean of worst {share}"


def others(count: int) -> str:
    return f"{count} others"


def cut_suppliers(count: int, names: str, share: str) -> str:
    """Say which suppliers a diagram of flows puts together."""
    return f"The {count} smallest suppliers are put together, {share} of what is ordered: {names}."


def made_into(material: str) -> str:
    return f"Made into {material}"


def different_currencies(names: str) -> str:
    return f"These plans count in different currencies: {names}."


def span(first: str, last: str) -> str:
    return first if first == last else f"{first} – {last}"


def nearest_country(name: str, nearest: str) -> str:
    hint = f" Did you mean {nearest}?" if nearest else ""
    return f"'{name}' is not a country that the map knows.{hint}"


def several_blocs(country: str, blocs: str) -> str:
    return f"{country} stands under several blocs: {blocs}."


# -- what a screen reader says --------------------------------------------------------------------------------------------


def about_fan(what: str, material: str) -> str:
    return f"{what} of {material} by period: the reference path, the middle 80% of futures and all futures."


def about_mix(material: str, by: str = "bloc") -> str:
    return f"Quantity of {material} ordered in each period, by {'origin of the material' if by == 'origin' else 'bloc of the suppliers'}."


def about_replay(what: str, scenario: str) -> str:
    return f"{what} in future {scenario}, by period."


BUDGET_USED = "Budget used"
ABOUT_BUDGET = "What may be spent and what is spent, by fiscal year."
ABOUT_COSTS = "The parts of the expected cost."
ABOUT_FUTURES = "How likely each range of total cost is; the worst futures apart."
ABOUT_EVENTS = "Disruptions of this future and the periods in which they are active."
ABOUT_PLAYBOOK = "Stock and shortage with the disruption, and stock on the reference path, by period."
ABOUT_WATERFALL = "The steps from the expected cost of one plan to that of another, by part of the cost."
WHOLE, MORE, LESS = "Expected cost", "Costs more", "Costs less"
NO_STEPS = "The expected costs of these plans are the same in all parts."
ABOUT_COMPARED = "Parts of the expected cost of each plan."
ABOUT_RISK = "Expected cost of each plan against its cost in the worst futures."
ABOUT_BOUND = "Best plan found and best possible over the time of the solve."
ABOUT_MAP = "Suppliers on the map of the world, coloured by bloc."
ABOUT_FLOWS = "Flow from suppliers through materials to uses."

# -- the board report -----------------------------------------------------------------------------------------------------

REPORT_HEAD = "Sourcing plan"
REPORT_SECTIONS = (
    ("sign", "What to sign"),
    ("start", "What to start"),
    ("order", "What to order first"),
    ("hold", "What to hold"),
    ("protects", "What it protects against"),
)
YEARLY_HEAD = "Cash and losses from shortage by year"
YEARLY_NOTE = f"Means over all futures. Cash is {listed()}. Nobody pays the losses in cash."
CASH, CASH_DISCOUNTED, LOSSES, LOSSES_DISCOUNTED = "Cash", "Cash, discounted", "Losses from shortage", "Losses, discounted"
UNIT = "Unit"
COST_HEAD, BUDGET_HEAD, FILL_HEAD, SPREAD_HEAD = "What it costs", "Budget", "Demand met", "How much the futures differ"
WORST_HEAD, WARNING_HEAD, STAMP_HEAD, TIME_HEAD = "The worst futures", "Warnings about the input", "Where this plan comes from", "Stock and orders over time"
TOTAL_ROW, EVERYTHING = "Total", "everything"
PERIOD, VALUE, SUPPLIER, DISRUPTION, PLAN_WORD, COUNTRY, BLOC = "Period", "Value", "Supplier", "Disruption", "Plan", "Country", "Bloc"
FUTURE, PROBABILITY, TOTAL, SHORTAGE_COST, EVENTS = "Future", "Probability", "Total cost", "Of which shortage", "What happens"
MATERIAL, USE, SHARE_MET, SHORT_ON_AVERAGE, CHANCE_SHORT = "Material", "Use", "Demand met", "Short on average", "Chance of a shortage"
YEAR, CATEGORY, PART = "Fiscal year", "What counts", "Part"
ON_REFERENCE, IN_EXPECTATION = "On the reference path", "Expected over all futures"
NOTHING = "Nothing."
NO_WARNINGS = "None."
GAP_REACHED, MADE_ON = "Gap reached", "Report made"
FIGURE_WORD, INTERVAL = "Figure", "95% interval"
IN_PLAN, UNSEEN, ANYTHING = "In the plan's futures", "On unseen futures", "Anything at all"
UNSEEN_COSTS, UNSEEN_CHANCES = "Cost, in the plan's futures and on unseen ones", "Chance of a shortage"
POLICY_COSTS, OF_THE_PLAN, OF_THE_RULE = "What simple rules cost on unseen futures", "The plan", "The rule"
POLICY_NOTE = "Each point is a rule's expected cost on the same futures, the bar its 95% interval, the tick what the plan costs there."
REGRETS, REVERSED, NO_DIFFERENCE = "What reversing a decision costs", "Reversed", "No difference"
WORTH_KNOWING, WORTH_FORECAST, LIMITS_COST = "What knowing would be worth", "What a forecast of one disruption is worth", "What each limit costs"
WORTH, NOTHING_WORTH = "Worth", "Nothing"
BOUNDS_NOTE = "The bar goes from the least to the most that it can be, the largest first."
SURVIVAL, SURVIVES, RECOVERED = "How long supply lasts when a source fails, at its weakest moment", "All demand is met", "It is replaced"
MONTHS = "Months"
SURVIVAL_NOTE = (
    "The bar is the time until something goes short, the tick the time until the source is replaced. A tick beyond the bar is a gap. "
    "What lasts for over two years is left out."
)
FRONTIER, THE_PLAN, KNEE, OTHER_WEIGHT = "Cost against risk", "The plan", "The knee", "Another risk weight"
WEIGHT = "Risk weight"
FRONTIER_NOTE = "Each point is the plan under one risk weight: further left is cheaper, lower is safer. Beyond the knee more safety costs more than before."
BUDGET_FRONTIER, OTHER_BUDGET, BUDGET_SHARE = "Cost against budget", "Another budget", "Budget, as a share of the workbook's"
BUDGET_FRONTIER_NOTE = "Each point is the plan under one budget: lower is better. Beyond the knee more budget saves less than before."
OBJECTIVE = "Objective: expected cost and worst futures, weighed"
TORNADO, HIGHER, AS_IT_IS = "What moves the objective", "With the higher value", "As it is"
TORNADO_NOTE = "The bar goes from the objective with the lower value to that with the higher one, the tick is the workbook as it is."
CASH_BY_PERIOD, PAID, MEAN = "What is paid in each period", "Paid", "Mean over all futures"
CASH_NOTE = "The bar holds the middle 80% of the futures, the point is their mean, the tick the reference path. Not discounted."
RISK_MAP, STRATEGY, ANNUAL_CHANCE, MEAN_DURATION = "Which strategy dominates", "Strategy", "Annual probability", "Mean duration"
RISK_MAP_NOTE = "Each field is a plan of its own, for that probability and mean duration of the disruption. Its colour is what serves most of the demand."
INTERVAL_NOTE = "The point is the estimate on futures that the plan has not seen, the bar its 95% interval, the tick the plan's own figure."


def months(value: float) -> str:
    """A time in months; a dash where there is none."""
    return NO_VALUE if value != value else f"{value:.1f} months"


def stamp_word(name: str) -> str:
    """Return the name of an entry of the provenance."""
    return PROVENANCE.get(name, name.replace("_", " ").capitalize())


def horizon(first: str, last: str, futures: str, currency: str) -> str:
    return f"{first} to {last}. {futures} futures. Costs in {currency}."


def more_said(count: str) -> str:
    """Say how many sentences of a study are left out, and where they are."""
    return f"… and {count} more, in the tables of this study on the page Studies."


def more_rows(count: str) -> str:
    return f"… and {count} more, in the plan workbook."


def some_materials(shown: int, count: int) -> str:
    return f"The first {shown} of {count} materials are drawn; the plan workbook holds them all."


def stock_caption(material: str) -> str:
    return f"{material}: stock"


def days_caption(material: str) -> str:
    return f"{material}: days of demand covered"


def mix_caption(material: str) -> str:
    return f"{material}: orders, by bloc of the supplier"
