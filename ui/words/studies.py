"""Every sentence of the page that asks studies of a plan."""

from __future__ import annotations

from optimizer.plan import percent
from optimizer.studies import STUDIES

STUDIES_TITLE = "Put the plan to the test"
STUDIES_LINE = "Each study asks one question of this plan. It goes on while you look at other pages, and its answer stays with the plan."
PICK = "What to ask"
TITLES = {study.name: study.title for study in STUDIES.values() if study.on_request}
"""The studies that are made on request, by name."""
ASK, ASK_AGAIN, STOP = "Find out", "Ask again", "Stop"
WAITING = "Waiting for a free place. It begins as soon as what runs now has ended."
STOPPING = "Stopping"
STOPPED = "It was stopped before it was done."
NOT_OF_NAIVE = "Studies are made of plans that were optimized. This is the plan of a naive buyer."
BESIDE, NONE = "Beside the same study of", "no other plan"
SO_FAR = "The answer so far:"
NO_ROWS = "There is nothing to list here."
POINT, OPEN_POINT = "Open a point as a plan", "Make this plan"
POINT_HELP = "The point is solved once more as a plan of its own, to be read, compared and handed on like any other."
POINT_CHOICES = {"risk_weight": "risk_weight", "budget_factor": "budget"}
"""By which choice of the solve page a point differs from the plan, by the column that tells the point."""
POINT_WORDS = {"risk_weight": lambda weight: f"Risk weight {percent(weight)}", "budget_factor": lambda factor: f"Budget {percent(factor)}"}
"""How a point is called, by the column that tells it."""
DOWNLOAD = "Download these tables (.xlsx)"
BEHIND = "These are the figures in the plan's own futures; they are now checked on futures that it has not seen: "
NOT_CHECKED = "These are the figures in the plan's own futures. The page Studies checks them on futures that it has not seen."


def takes(words: str) -> str:
    """Say how long a study takes."""
    return f"This takes {words}." if words else ""


def all_tables(sentences: int) -> str:
    """Say what stands behind the tables that are folded away."""
    return f"All tables, with {sentences:,} sentence{'s' * (sentences != 1)}" if sentences else "All tables"


def heard(title: str, words: str, seconds: float, share: float | None) -> str:
    """Say how far a study has come, for those who hear it. share: of it that is done, None if not known."""
    done = f", {100 * share:.0f}% done" if share else ""
    return f"{title}: {words.rstrip('.')}, {seconds:,.0f} s{done}."


def ended(title: str) -> str:
    """Say that a study has ended."""
    return f"{title}: the answer is there."
