"""Every sentence of the page that makes a plan."""

from __future__ import annotations

from optimizer.runs import Phase
from optimizer.schema import meaning
from ui.words.glossary import explained

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
    "Futures are drawn from the Disruptions sheet. More of them give surer figures, but take longer. If all possible ones fit, all are planned for.", "future"
)
LISTED = "The futures are those of the Scenarios sheet."
TIME_LABEL = "Stop after"
TIME_HELP = "If the plan is not proven by then, the best one found is kept, and you are told how far from the best possible it can be."
NOTHING_TO_KEEP = "No plan has been found yet. Once there is one, it can be kept here."
PLAN_NAME = "Name of this plan"
SOLVE_BUTTON = "Make the plan"
CHANGED = "What differs from the workbook"
AS_WORKBOOK = "Everything as in the workbook."
AS_INPUTS = "Everything as in the inputs, with what was changed in them."
UNDO = "Undo"
WAITING = "Waiting for a free place. It begins as soon as another solve ends."
STOPPING = "Stopping. The best plan so far is being put in order."
STOP, DISCARD = "Stop and keep the best plan", "Throw away"
STOP_HELP = "The best plan found so far is checked and shown, and you are told how far from the best possible it can be."
DISCARD_HELP = "Ends the solve at once; nothing of it is kept."
ELAPSED, BEST, BOUND, GAP = "Elapsed", "Best plan so far", "Cannot be better than", "Within"
GAP_HELP = meaning("gap")
NOT_YET = "not yet"
DISCARDED = "This solve was thrown away."
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
    Phase.TOGETHER: "Putting the plan together",
    Phase.CHECKING: "Checking the plan by plain arithmetic",
    Phase.CLASHES: "No plan satisfies all limits: looking for what clashes",
    Phase.UNSEEN: "Living through futures that the plan has not seen",
    Phase.HORIZON: "Planning over longer horizons",
    Phase.HISTORY: "Living through what really happened",
    Phase.BREAK_EVEN: "Looking for the values at which a decision changes",
    Phase.RISK_MAP: "Solving for each probability and duration of a disruption",
    Phase.RANGES: "Planning for the worst probabilities within their ranges",
    Phase.PLAYBOOK: "Writing the playbook: each disruption at each date",
    Phase.STRESS: "Testing what happens when a source fails",
    Phase.REPLICATIONS: "Trying the plan on fresh samples of futures",
    Phase.VALUE: "Computing what information and limits are worth",
    Phase.REGRET: "Taking back each decision of the plan",
    Phase.CAUSES: "Looking for the cause of each shortage",
    Phase.FRONTIER: "Setting cost against risk: the plan under other risk weights or budgets",
    Phase.TORNADO: "Looking for what moves the plan: one number changed at a time",
    "": "Getting ready",
}
"""The phases of a solve for a planner; one that is not here is part of the search."""


def phase_in_words(phase: str) -> str:
    """Return what the program is doing, in a planner's words."""
    return PHASES.get(phase, PHASES[Phase.SEARCH])


def percent_of(value: float) -> str:
    """A share as whole percent."""
    return f"{100 * value:.0f}%"


def risk_in_words(weight: float) -> str:
    """Say what a risk weight means."""
    return next(words for most, words in RISK_WORDS if weight <= most)


def duration(seconds: float) -> str:
    """A time limit as people say it."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def choices_in_words(risk: float | None, budget: float | None, scenarios: int | None, seconds: float | None) -> list[str]:
    """Say in short what a plan does differently from its workbook."""
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
    """Say how many warnings the workbook has."""
    if count == 1:
        return "The workbook has 1 warning; it does not stand in the way of a plan. See the inputs."
    return f"The workbook has {count:,} warnings; they do not stand in the way of a plan. See the inputs."


def of_at_most(seconds: float) -> str:
    """The time limit beside the time that has passed."""
    return f"of {duration(seconds)} at most"


def heard(phase: str, seconds: float, best: str, gap: float | None) -> str:
    """Say how far a solve has come, for those who hear it. best: the best plan so far with its currency, "" for none; gap: a share, None if not known."""
    found = f" {BEST}: {best}{f', within {100 * gap:.2f}%' if gap is not None else ''}." if best else ""
    return f"{phase.rstrip('.')}, {seconds:,.0f} s.{found}"


def made(title: str, figures: dict[str, tuple[str, str]]) -> str:
    """Say that a plan is there, with its figures."""
    return f"{title} is there. {'. '.join(f'{label}: {words}' for label, words in figures.values())}."
