"""Every sentence of the list of works and their plans."""

from __future__ import annotations

import datetime as dt

HEAD, BEGIN_HEAD = "Your works", "Begin another"
SEARCH, SEARCH_HINT = "Search the works", "Name, plan or person"
NOTHING_FOUND = "No work has these words in its name, its plans or the people."
OPEN, GO_ON, MORE = "Open", "Go on where you were", "More"
RENAME, DUPLICATE, DELETE, INPUTS = "Rename", "Duplicate", "Delete", "Open its inputs as a new work"
RESTORE, FOR_GOOD = "Restore", "Delete for good"
FOR_GOOD_HELP = "Deletes it here for good, with everything that was made from it. This cannot be taken back."
FOR_GOOD_SURE = "Yes, delete it for good"
NEW_NAME, SAVE = "New name", "Save"
NO_PLAN = "no plan yet"
BEING_MADE = "being made"
WAS_DELETED = "This work was deleted. It can be restored, with all of its plans."
PLAN_WAS_DELETED = "This plan was deleted. It can be restored."
OTHER_PLAN = "Show the last plan"
NOT_LISTED = (
    "Works are not listed here, because this server cannot tell whose they are. The address of a page leads back to its work: bookmark it to go on later."
)


def show_all(count: int) -> str:
    """The button that shows all works."""
    return f"Show all {count:,}"


def deleted_head(count: int) -> str:
    """Over what is deleted and can be restored."""
    return f"Deleted ({count:,})"


def plans_head(count: int) -> str:
    """Over the plans of a work."""
    return f"{count:,} plan{'s' * (count != 1)}"


def deleted(name: str) -> str:
    """Say what has just been deleted."""
    return f"Deleted: {name}."


def set_aside(name: str) -> str:
    """Say what has just been deleted, for those who hear it."""
    return f"{name} is deleted, and can be restored."


def restored(name: str) -> str:
    """Say what has just been restored."""
    return f"{name} is restored."


def copied(name: str) -> str:
    """Say of what a copy has just been made."""
    return f"{name} is copied."


def renamed(name: str) -> str:
    """Say what something is called now."""
    return f"Its name is now {name}."


def gone(name: str) -> str:
    """Say what has just been deleted for good."""
    return f"{name} is deleted for good."


def copy_of(name: str) -> str:
    """The name of a copy."""
    return f"{name} (copy)"


def inputs_of(work: str, plan: str) -> str:
    """The name of a new work that begins with the inputs of a plan."""
    return f"{work}: {plan}"


def plan_of(work: str, plan: str) -> str:
    """A plan of a work."""
    return f"{plan} of {work}"


def when(seconds: float, now: float, zone: dt.tzinfo | None) -> str:
    """A time as people say it: of today and yesterday by the hour, of earlier days by the day."""
    then, today = dt.datetime.fromtimestamp(seconds, zone), dt.datetime.fromtimestamp(now, zone)
    days = (today.date() - then.date()).days
    clock = f"{then:%H:%M}"
    return f"today {clock}" if days == 0 else f"yesterday {clock}" if days == 1 else f"{then.day} {then:%B %Y}"


def joined(*parts: str) -> str:
    """Facts about a work or a plan, in one line, without those that are blank."""
    return " · ".join(part for part in parts if part)


def changed(when_said: str) -> str:
    """When a work was changed last."""
    return f"changed {when_said}"


def by(who: str) -> str:
    """Who made it; "" where that is not known."""
    return f"by {who}" if who else ""


def figures(found: dict[str, tuple[str, str]]) -> str:
    """The figures of a plan in one line: each with its label, the label's capital taken off."""
    return ", ".join(f"{label[:1].lower()}{label[1:]} {words}" for label, words in found.values())
