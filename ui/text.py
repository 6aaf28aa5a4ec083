"""Every sentence that a person reads in the app, but for those of the inputs page and the charts (text_data.py, text_charts.py)."""

from __future__ import annotations

NAME = "Critical materials optimizer"

PAGES = {
    "start": ("Start", ":material/home:"),
    "data": ("Inputs", ":material/table:"),
    "solve": ("Solve", ":material/play_circle:"),
    "plan": ("Plan", ":material/assignment:"),
    "scenarios": ("Scenarios", ":material/alt_route:"),
    "compare": ("Compare", ":material/compare_arrows:"),
    "export": ("Hand on", ":material/ios_share:"),
}
"""Each page's title and icon, in the order of the work."""

# -- start -----------------------------------------------------------------------------------------------------------------

START_TITLE = "From your sourcing workbook to a plan that you can defend"
START_LINE = (
    "Tell it in Excel what you need, who sells it, what may go wrong and what you may spend: it answers what to sign, start, order and hold, "
    "with a proof of how good that is."
)
SAMPLE_HEAD, SAMPLE_LINE = "Try a sample", "One click leads to a solved plan."
UPLOAD_HEAD, UPLOAD_LINE = "Use your own workbook", "Everything wrong in it is listed with its sheet and cell, and can be put right here."
TEMPLATE_HEAD, TEMPLATE_LINE = "Begin from the blank template", "With drop-downs, a note on each column and an example that solves as it stands."
UPLOAD_LABEL = "Excel workbook (.xlsx or .xlsm; macros never run)"
TEMPLATE_BUTTON = "Download the blank template"
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
TO_START, TO_DATA, TO_SOLVE, TO_PLAN = "To the first page", "To the inputs", "To solving", "See the plan"
UNDER_WAY = "A plan is being made."

# -- solve -----------------------------------------------------------------------------------------------------------------

SOLVE_TITLE = "What should the plan weigh?"
BLOCKED = "The workbook has problems that must be put right first."
RISK_LABEL = "How much do bad years count?"
RISK_HELP = "Risk weight: 0 % looks at the average cost alone, 100 % at the cost of bad years alone. In between, the plan buys that much insurance."
RISK_WORDS = ((0.0, "Average cost only"), (0.25, "Mostly the average"), (0.6, "Both"), (0.99, "Mostly bad years"), (1.0, "Bad years only"))
BUDGET_LABEL = "Budget, against the workbook"
BUDGET_HELP = "Every amount on the Budget sheet is multiplied by this. 100 % is the workbook as it stands."
NO_BUDGET = "The workbook sets no budget."
SCENARIOS_LABEL = "How many futures to plan for"
SCENARIOS_HELP = "Futures are drawn from the Disruptions sheet. More of them: surer figures, longer solve. Where every future fits, all of them are taken."
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
GAP_HELP = "The plan costs at most this much more than the best possible one."
NOT_YET = "not yet"
DISCARDED = "This solve was thrown away."
INFEASIBLE = "No plan satisfies all limits."
CLASH = "These rows clash. It is enough that one of them gives:"
ALONE = "This cannot be met, whatever else is chosen:"
NO_CLASH = "No limit, budget, floor or capacity that gives way alone makes it solvable. Look at project dates and minimum contracts."
FAILED_HINT = "Your workbook and settings are kept. Change something, or try again."

PHASES = {
    "reading": "Reading the workbook",
    "scenarios": "Drawing the futures",
    "model": "Stating the mathematics",
    "solver": "Looking for the best plan",
    "round": "Looking for the best plan, future by future",
    "parts": "Cutting the futures into parts",
    "yes/no decisions kept": "Putting the plan in order",
    "least expected cost": "Choosing the cheapest of the safest plans",
    "least contracts": "Leaving out contracts that nothing needs",
    "checking": "Checking the plan by plain arithmetic",
    "looking for what clashes": "No plan satisfies all limits: looking for what clashes",
    "playbook": "Writing the playbook: each disruption at each date",
    "": "Getting ready",
}
"""The phases of a solve in words, by how the program calls them."""


def phase_in_words(phase: str) -> str:
    """What the program is doing, for a planner."""
    if phase.endswith("parts of the tree"):
        return PHASES["parts"]
    return next((words for name, words in PHASES.items() if name and phase.startswith(name)), PHASES["solver"] if phase else PHASES[""])


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
    return [words for words in (
        None if budget is None else f"budget {percent_of(budget)}",
        None if risk is None else f"risk weight {percent_of(risk)}",
        None if scenarios is None else f"{scenarios:,} futures",
        None if seconds is None else f"{duration(seconds)} at most",
    ) if words]


def warned(count: int) -> str:
    """How many warnings the workbook has."""
    return f"The workbook has {count:,} warning{'s' * (count != 1)}; they do not stand in the way of a plan. See the inputs."


def of_at_most(seconds: float) -> str:
    """The time limit beside the time that has passed."""
    return f"of {duration(seconds)} at most"

WHERE, WHAT, GIVES = "Where", "What", "Would have to give"

# -- plan ------------------------------------------------------------------------------------------------------------------

FIGURE_LABELS = {
    "expected_cost": "Total expected cost", "cvar": "Cost of a bad year", "probability_of_shortage": "Chance of a shortage",
    "budget_used": "Budget used", "cover_days": "Days of cover",
}
COLUMN_LABELS = {"in_tail": "Among the worst", "per_year": "Per year", "lifted": "Taken, on average", "ready": "Ready", "start": "Starts"}
