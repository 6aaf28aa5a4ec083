"""Show progress and tables: a live line and aligned columns on a terminal, plain lines where the output is piped or kept in a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from optimizer.cli.console import say

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.live import Live

    from optimizer.solving.watch import Progress

_A_TERMINAL, _ELSEWHERE = 0.1, 1.0
"""Seconds between two states of a solve that are shown."""


def terminal(err: bool = False) -> Console | None:
    """Return a console on a standard stream that is a terminal; None where it is none, so that plain lines are due."""
    stream = sys.stderr if err else sys.stdout
    if not stream.isatty():
        return None
    from rich.console import Console

    return Console(file=stream, markup=False, highlight=False, emoji=False)


def show_table(rows: Iterable[Sequence[str]], styles: Sequence[str], plain: Iterable[str]) -> None:
    """Show rows of cells as an aligned table, whose long cells are wrapped. styles: of the columns; plain: the lines where there is no terminal."""
    console = terminal()
    if console is None:
        for line in plain:
            say(line)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for number, style in enumerate(styles):
        table.add_column(style=style, overflow="fold", no_wrap=number < len(styles) - 1)
    for cells in rows:
        table.add_row(*map(Text, cells))
    try:
        console.print(table)
    except (OSError, ValueError):
        say()  # whoever reads has gone: from here on the stream goes to nothing


def show_frame(frame: pd.DataFrame) -> None:
    """Show a table of results: its header in words, its numbers as people write them."""
    from optimizer.plan.explain import figure

    def cell(value: Any) -> str:
        return "" if value is None or value != value else figure(value) if isinstance(value, float) else str(value)

    rows = [[name.replace("_", " ") for name in frame.columns], *([cell(value) for value in row] for row in frame.itertuples(index=False))]
    widths = [max(map(len, column)) for column in zip(*rows)]
    show_table(rows, [""] * len(widths), ("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows))


class ProgressLine:
    """Show how the solve of a case goes, on the error stream: one live line on a terminal, a line a second elsewhere."""

    def __init__(self, name: str) -> None:
        self._name, self._last = name, float("-inf")
        self._console = terminal(err=True)
        self._live: Live | None = None

    def show(self, progress: Progress) -> None:
        """Show a state of the solve, unless the one before was shown a moment ago."""
        now = time.monotonic()
        if now - self._last < (_ELSEWHERE if self._console is None else _A_TERMINAL):
            return
        self._last = now
        line = self._line(progress)
        if self._console is None:
            say(line, err=True)
        else:
            self._update(line, self._console)

    def clear(self) -> None:
        """Take the live line off the terminal."""
        if self._live is not None:
            try:
                self._live.stop()
            except (OSError, ValueError):
                say(err=True)
            self._live = None

    def _line(self, progress: Progress) -> str:
        parts = [f"{self._name}: {progress.words}", f"{progress.seconds:.0f} s"]
        if progress.incumbent is not None:
            parts.append(f"best plan {progress.incumbent:,.6g}")
        if progress.bound is not None:
            parts.append(f"best possible {progress.bound:,.6g}")
        if progress.gap is not None:
            parts.append(f"gap {progress.gap:.2%}")
        return ", ".join(parts)

    def _update(self, line: str, console: Console) -> None:
        from rich.live import Live
        from rich.text import Text

        text: Any = Text(line, no_wrap=True, overflow="ellipsis")
        try:
            if self._live is None:
                # It is drawn here, not by a thread of its own, and leaves the streams alone: a signal may end this process at any moment.
                self._live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False)
                self._live.start()
            self._live.update(text, refresh=True)
        except (OSError, ValueError):
            say(err=True)
