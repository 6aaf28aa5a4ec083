"""Every sentence that a person reads in the app, but for those of the inputs page and the charts (inputs.py, readout.py, charts.py)."""

from __future__ import annotations

from optimizer.runs import Phase
from optimizer.schema import listed, meaning
from optimizer.studies import STUDIES
from ui.words.glossary import explained

NAME = "Critical materials optimizer"

NO_FILE = "This file could not be made. Your plan and your work are kept; try another format. If it stays, please report it with the number {}."
UNEXPECTED = "Something went wrong on this page. Your work is kept; try again, or go back to the first page. If it stays, please report it with the number {}."

# -- start -----------------------------------------------------------------------------------------------------------------

START_TITLE = "From your sourcing workbook to a plan that you can defend"
START_LINE = (
    "Tell it in Excel what you need, who sells it, what may go wrong and what you may spend: it answers what to sign, start, order and hold, "
    "with a proof of how good that is."
)
SAMPLE_HEAD, SAMPLE_LINE = "Try a sample", "One click leads to a solved plan."
UPLOAD_HEAD, UPLOAD_LINE = "Use your own workbook", "Everything wrong in it is listed with its sheet and cell, and can be put right here."
TEMPLATE_HEAD, TEMPLATE_LINE = "Begin from the blank template", "With drop-downs, a note on each column and an example row a sheet, which does not count."
UPLOAD_LABEL = "Excel workbook (.xlsx or .xlsm; macros never run)"
TEMPLATE_BUTTON = "Download the blank template"
READING = "Reading the workbook"
KEPT_LINE = "Your work stays on this computer. The address of this page leads back to it: bookmark it to go on later."
GO_ON = "Go on where you were"
FORGET, FORGET_HELP = "Delete this work", "Deletes the workbook and every plan made from it, here, for good."
FORGET_SURE = "Delete it for good"

SAMPLES = {
    "gallium_germanium": ("Gallium and germanium", "A maker of chips and infrared optics, under a ban that is suspended, not gone.", "4 s"),
    "tutorial": ("Tutorial: stock or contract?", "One material, two suppliers, an export stop: small enough to solve by hand.", "3 s"),
    "rare_earth_magnets": ("Rare earth magnets", "An EV maker and defence supplier; licences, a crackdown, a dated decision.", "25 s"),
    "national_stockpile": ("National stockpile", "A ministry, ten materials, six fiscal years, budgets that cannot meet every target.", "15 s"),
}
"""The samples: title, story in a sentence, and about how long they take to solve."""

# -- nothing yet -----------------------------------------------------------------------------------------------------------

NO_WORK = "There is no workbook yet. Open a sample or your own on the first page."
NO_PLAN_YET = "There is no plan yet. Solve the workbook first."
TO_START, TO_DATA, TO_SOLVE = "To the first page", "To the inputs", "To solving"
UNDER_WAY = "A plan is being made."

# -- solve -----------------------------------------------------------------------------------------------------------------

SOLVE_TITLE = "What should the plan weigh?"
BLOCKED = "The workbook has problems that must be put right first."
RISK_LABEL = "How much do the worst futures count?"
RISK_HELP = explained("The more the worst futures count, the more insurance the plan buys.", "risk weight", "CVaR")
RISK_WORDS = (
    (0.0, "Expected cost only"),
    (0.25, "Mostly the expected cost"),
    (0.6, "Both"),
    (0.99, "Mostly the worst futures"),
    (1.0, "The worst futures only"),
)
BUDGET_LABEL = "Budget, against the workbook"
BUDGET_HELP = "Every amount on the Budget sheet is multiplied by this. 100 % is the workbook as it stands."
NO_BUDGET = "The workbook sets no budget."
SCENARIOS_LABEL = "How many futures to plan for"
SCENARIOS_HELP = explained(
    "Futures are drawn from the Disruptions sheet. More of them: surer figures, longer solve. Where every future fits, all of them are planned for.", "future"
)
LISTED = "The futures are those of the Scenarios sheet."
TIME_LABEL = "Stop after"
TIME_HELP = "If the plan is not proven by then, the best one found is kept, with how far from the best possible it can be."
PLAN_NAME = "Name of this plan"
SOLVE_BUTTON = "Make the plan"
CHANGED = "What differs from the workbook"
AS_WORKBOOK = "Everything as in the workbook."
UNDO = "Undo"

WAITING = "Waiting for a free place. It begins as soon as another solve ends."
STOPPING = "Stopping. The best plan so far is being put in order."
STOP, DISCARD = "Stop and keep the best plan", "Throw away"
STOP_HELP = "The best plan found so far is checked and shown, with how far from the best possible it can be."
DISCARD_HELP = "Ends the solve at once; nothing of it is kept."
ELAPSED, BEST, BOUND, GAP = "Elapsed", "Best plan so far", "Cannot be better than", "Within"
GAP_HELP = meaning("gap")
NOT_YET = "not yet"
DISCARDED = "This solve was thrown away."
INFEASIBLE = "No plan satisfies all limits."
CLASH = "These rows clash. It is enough that one of them gives:"
CLASH_TOO = "These rows clash, too. It is enough that one of them gives:"
ALONE = "It is enough that this one gives:"
ALL_OF_THEM = "All of these have to give:"
CLASH_UNFINISHED = "This ended before it was known what is enough. Allow more time, or fewer futures."
NO_CLASH = "No limit, budget, fill rate or capacity that gives way makes it solvable. Look at project dates and minimum contracts."
FAILED_HINT = "Your workbook and settings are kept. Change something, or try again."

PHASES = {
    Phase.READING: "Reading the workbook",
    Phase.SCENARIOS: "Drawing the futures",
    Phase.MODEL: "Stating the mathematics",
    Phase.SEARCH: "Looking for the best plan",
    Phase.ROUND: "Looking for the best plan, future by future",
    Phase.PARTS: "Cutting the futures into parts",
    Phase.ROUNDING: "Putting the plan in order",
    Phase.LEAST_COST: "Choosing the cheapest of the safest plans",
    Phase.LEAST_CONTRACTS: "Leaving out contracts that nothing needs",
    Phase.CHECKING: "Checking the plan by plain arithmetic",
    Phase.CLASHES: "No plan satisfies all limits: looking for what clashes",
    Phase.PLAYBOOK: "Writing the playbook: each disruption at each date",
    "": "Getting ready",
}
"""The phases of a solve for a planner; one that is not here is part of the search."""


def phase_in_words(phase: str) -> str:
    """Return what the program is doing, in a planner's words."""
    return PHASES.get(phase, PHASES[Phase.SEARCH])


def about(seconds: str) -> str:
    """How long something takes."""
    return f"Takes about {seconds}."


def percent_of(value: float) -> str:
    """A share as whole percent."""
    return f"{100 * value:.0f}%"


def risk_in_words(weight: float) -> str:
    """What a risk weight means."""
    return next(words for most, words in RISK_WORDS if weight <= most)


def duration(seconds: float) -> str:
    """A time limit as people say it."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def choices_in_words(risk: float | None, budget: float | None, scenarios: int | None, seconds: float | None) -> list[str]:
    """What a plan does differently from its workbook, shortly."""
    return [
        words
        for words in (
            None if budget is None else f"budget {percent_of(budget)}",
            None if risk is None else f"risk weight {percent_of(risk)}",
            None if scenarios is None else f"{scenarios:,} futures",
            None if seconds is None else f"{duration(seconds)} at most",
        )
        if words
    ]


def warned(count: int) -> str:
    """How many warnings the workbook has."""
    return f"The workbook has {count:,} warning{'s' * (count != 1)}; they do not stand in the way of a plan. See the inputs."


def of_at_most(seconds: float) -> str:
    """The time limit beside the time that has passed."""
    return f"of {duration(seconds)} at most"


WHERE, WHAT, GIVES = "Where", "What", "Would have to give"

# -- plan ------------------------------------------------------------------------------------------------------------------

COLUMN_LABELS = {"in_tail": "among the worst", "lifted": "call-off, on average", "start": "starts", "spot": "spot market", "events": "what happens"}
"""Headings that say more than the columns' own names."""

YES, NO = "yes", "no"
NO_STUDY = "There is nothing to show: the solve was stopped before this was known, or there is nothing to tell."

EDITED_SINCE = "The inputs have been edited since this plan was made. Solve again to see what that changes."
WHICH_PLAN = "Plan"
SECTIONS_LABEL = "What to look at"
SECTIONS = {
    "do": "What to do",
    "stock": "Stock and cover",
    "mix": "Suppliers",
    "flows": "Flows",
    "money": "Money",
    "binds": "What binds",
    **{study.name: study.title for study in STUDIES.values()},
}
"""The sections of the plan page, the studies last."""
MATERIAL, ALL_MATERIALS, PERIOD = "Material", "All, by value", "Period"
SIGN, SIGN_HELP = "Sign", explained("Contracts for the whole horizon, the same in every future.", "contract", "call-off")
SIGN_NOTHING = "Sign no contract."
START_WHAT, START_HELP = "Start", explained("Projects to start, decided now and the same in every future.", "project")
NO_PROJECTS = "The workbook lists no projects."
ORDER, ORDER_HELP = "Order", explained("What to order in each period on the reference path.", "reference path", "spot market", "call-off")
HOLD, HOLD_HELP = "Hold", explained("The largest stock of each material on the reference path, and when.", "stock", "cover")
PEAK_COLUMNS = {
    "material": ("", "The material."),
    "quantity": ("{unit}", "Its largest stock at the end of a period."),
    "unit": ("", "The material's unit."),
    "period": ("", "The period at whose end it is held."),
    "cover_days": ("days", "The days of demand that it covers then."),
    "mean_days": ("days", "The days of demand that are covered on average over the periods' ends."),
}
PEAK_LABELS = {"mean_days": "cover on average", "cover_days": "cover then", "quantity": "largest stock", "period": "at the end of"}
STOCK_HEAD, DAYS_HEAD = "Stock at the end of each period", "Days of demand that it covers"
FAN_NOTE = explained("The line is the reference path. The dark band holds the middle 80 % of futures, the light one all of them.", "reference path", "future")
MIX_HEAD, MIX_NOTE = "Ordered, by bloc of the supplier", explained("Quantities ordered on the reference path.", "bloc", "reference path")
FLOWS_HEAD = "From suppliers through materials to uses"
FLOWS_NOTE = (
    "Over the whole horizon: all materials by what their orders cost on the reference path, one material by quantity, mean over the futures. "
    "A supplier has the colour of its bloc."
)
NO_FLOWS = "Nothing is ordered, so nothing flows."
BUDGET_HEAD, BUDGET_NOTE = (
    "Budget against limits",
    explained("Bars: spent on the reference path. Line: the budget. Tick: the dearest future.", "budget", "reference path"),
)
COSTS_HEAD, COSTS_NOTE = "What the expected cost is made of", explained("Mean over all futures, discounted.", "expected cost", "discount rate")
YEARLY_HEAD = "Cash and losses from shortage, by year"
YEARLY_NOTE = f"Means over all futures. Cash is what is paid for {listed()}; nobody pays the losses in cash."
SPREAD_HEAD, SPREAD_NOTE = (
    "What the futures cost",
    explained("How the total cost spreads over the futures, with its mean and the mean of the worst of them.", "worst futures", "CVaR"),
)
BINDS_HEAD = "What stands in the way of a cheaper plan"
BINDS_NOTE = "What one more dollar, tonne or day there is worth. Each holds for a small change, with the yes/no decisions of this plan kept."
PLAYBOOK_HEAD = "If it happens: what the plan does then"
PLAYBOOK_NOTE = (
    "Contracts, projects and every order until then are those of the plan. From then on it is the cheapest answer, knowing that the disruption lasts as "
    "long as it does on average and that nothing else happens."
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


def warnings_head(count: int) -> str:
    """Over the warnings that a plan carries."""
    return f"{count:,} warning{'s' * (count != 1)} about what this plan was made from"


def standing(name: str, title: str, proven: str, labels: tuple[str, ...], futures: int) -> str:
    """Under the title: which plan this is, of which workbook, how good it is known to be, and over what."""
    return f"**{title}** of {name}. {proven} {labels[0]} to {labels[-1]}, {futures:,} future{'s' * (futures != 1)}."


def order_nothing(period: str) -> str:
    """No order in a period."""
    return f"Order nothing in {period}."


# -- scenarios -------------------------------------------------------------------------------------------------------------

SCENARIOS_TITLE = "The futures"
WHICH_FUTURES = "Which futures"
FUTURE_KINDS = {"worst": "Worst", "typical": "Typical", "all": "All"}
SHORT_PERIODS = "The number of periods in which something goes short."
PICK_FUTURE = "Choose a row to replay that future below."
REPLAY_NOTE = "The heavy line is this future, over the fan of all of them."
SHORT_HEAD, SHORT_NOTE = "Demand, met and short", "In each period of this future."
REPLAY_ORDERS, REPLAY_ORDERS_NOTE = "Orders in this future", "Ordered in each period, by supplier."


def scenarios_line(count: int, chance: float) -> str:
    """How many futures there are and in how many something goes short."""
    return (
        f"The plan answers {count:,} future{'s' * (count != 1)}. In {100 * chance:.1f}% of them something goes short. "
        "Contracts and projects are the same in all; orders follow what happens."
    )


def replay_of(name: str) -> str:
    """The heading over a replayed future."""
    return f"Replay: {name}"


def happens(events: str) -> str:
    """What happens in a future."""
    return f"What happens: {events}."


# -- compare ---------------------------------------------------------------------------------------------------------------

COMPARE_TITLE = "Plans side by side"
NAIVE_LINE = "Set the plan against a naive plan, as a buyer would make it without this program:"
NAIVE_ADD = "Add: {}"
PICK_PLANS, PICK_TWO = "Plans to compare, the first is the base", "Choose two plans or more. Make another one with other settings, or add a naive one above."
ANOTHER = "Make another plan"
RISK_HEAD, RISK_NOTE = "Cost against risk", "To the left: cheaper on average. Further down: the worst futures cost less."
ONLY_DIFFERENCES = "Show only what differs"
FIGURES_HEAD, FIGURES_NOTE = "Figures", "What each plan costs and protects against."
DECISIONS_HEAD, DECISIONS_NOTE = "Decisions", "What each plan signs, starts and holds."
INPUTS_HEAD, INPUTS_NOTE = "Inputs", "Cells and settings that are not the same for all of these plans."
ALL_EQUAL = "There is no difference here."


def breaks(name: str) -> str:
    """Over the rules that a naive plan breaks."""
    return f"**{name}** breaks rules of the workbook:"


# -- hand on ---------------------------------------------------------------------------------------------------------------

EXPORT_TITLE = "Hand the plan on"
FILES = {
    "workbook": ("Plan workbook", "A page for the board, charts, every table, and the input: it can be solved again as it is.", "Download .xlsx"),
    "report": ("Board report", "One page after another with the answer, the figures and the charts. Opens in any browser and prints to PDF.", "Download .html"),
    "json": ("Data", "The plan for another program.", "Download .json"),
}
STAMP_HEAD, STAMP_LINE, VALUE = "Where this plan comes from", "Every file carries this stamp.", "Value"


def figure_in_words(value: object) -> str:
    """A value of the stamp as text."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
