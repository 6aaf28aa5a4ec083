"""Every sentence about what was changed in another window."""

from __future__ import annotations

from ui.words import library, solve

PARTS = {"inputs": "the inputs", "choices": "the sliders", "plans": "the plans", "title": "the name"}
"""What can be changed, in the words of a planner."""
READ = "Got it"
SHOW = "Show it"
NOT_KEPT = "Another window changed the inputs meanwhile. They are shown as they are now, without what you did last: please do that again."
DELETED = library.WAS_DELETED


def _listed(parts: tuple[str, ...]) -> str:
    words = [PARTS[part] for part in parts]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def changed(parts: tuple[str, ...]) -> str:
    """Say what was changed in another window, and that it is shown."""
    return f"Another window changed {_listed(parts)} of this work. You see the work as it is now."


def changing(parts: list[str]) -> str:
    """Say what was changed in another window while this page stands still, so that nothing moves under the hand."""
    return f"Another window has changed {_listed(tuple(parts))} of this work."


def heard(parts: tuple[str, ...]) -> str:
    """Say what was changed in another window, for those who hear it."""
    return f"Changed in another window: {_listed(parts)}."


def replaced(name: str, theirs: str) -> str:
    """Say that a slider was moved here while another window had set it otherwise."""
    return f"{LABELS[name]}: another window had set {theirs} meanwhile. What you set last counts."


LABELS = {"risk_weight": solve.RISK_LABEL, "budget": solve.BUDGET_LABEL, "scenarios": solve.SCENARIOS_LABEL, "time_limit_seconds": solve.TIME_LABEL}
"""The sliders by the name of what they set."""
