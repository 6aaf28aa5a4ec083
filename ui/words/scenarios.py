"""Every sentence of the page of the futures."""

from __future__ import annotations

SCENARIOS_TITLE = "The futures"
WHICH_FUTURES = "Which futures"
FUTURE_KINDS = {"worst": "Worst", "typical": "Typical", "all": "All"}
SHORT_PERIODS = "The number of periods in which something goes short."
PICK_FUTURE = "Choose a row to replay that future below."
REPLAY_NOTE = "The heavy line is this future, over the fan of all of them."
SHORT_HEAD, SHORT_NOTE = "Demand, met and short", "In each period of this future."
REPLAY_ORDERS, REPLAY_ORDERS_NOTE = "Orders in this future", "Ordered in each period, by supplier."


def scenarios_line(count: int, chance: float) -> str:
    """Say how many futures there are and in how many something goes short."""
    return (
        f"The plan is made for {count:,} future{'s' * (count != 1)}. In {100 * chance:.1f}% of them something goes short. "
        "Contracts and projects are the same in all; orders follow what happens."
    )


def replay_of(name: str) -> str:
    """The heading over a replayed future."""
    return f"Replay: {name}"


def happens(events: str) -> str:
    """Say what happens in a future."""
    return f"What happens: {events}."
