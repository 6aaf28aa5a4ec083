"""What the command line shows on a terminal, and as plain lines where there is none."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from optimizer.cli import commands, screen
from optimizer.cli.screen import ProgressLine, show_table
from optimizer.errors import Level, Problem

PROBLEMS = [
    Problem("Suppliers", "E2", "price: found 'about [bold]300', expected a number. Type the number alone, without unit, currency or remark."),
    Problem("Limits", "", "Nothing is limited.", level=Level.WARNING),
]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


class Gone(Terminal):
    """A terminal that was closed."""

    def write(self, text):
        raise OSError("closed")


@dataclass
class State:
    """How a solve goes."""

    words: str
    seconds: float = 1.0
    incumbent: float | None = None
    bound: float | None = None
    gap: float | None = None


@pytest.fixture
def wide(monkeypatch):
    """A terminal of 60 columns in place of both streams."""
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out, err = Terminal(), Terminal()
    monkeypatch.setattr(screen, "sys", SimpleNamespace(stdout=out, stderr=err))
    return out, err


def moments(monkeypatch, *seconds):
    """The clock of the progress line stands at these seconds, one after the other."""
    times = iter(seconds)
    monkeypatch.setattr(screen.time, "monotonic", lambda: next(times))


def test_problems_are_a_table_on_a_terminal(wide):
    """Each problem stands with its level and place in columns; its sentence is wrapped inside its own, and no letter of it is taken for markup."""
    commands._show(PROBLEMS)
    lines = wide[0].getvalue().splitlines()
    assert max(len(plain(line)) for line in lines) <= 60 and len(lines) > 3
    assert plain(lines[0]).startswith("error    Suppliers!E2  price: found 'about [bold]300'")
    assert plain(lines[1]).startswith(" " * 23) and plain(lines[-1]).split() == "warning Limits Nothing is limited.".split()


def plain(line):
    """A line without what gives it colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip()


def test_problems_are_plain_lines_where_the_output_is_piped(capsys):
    """Without a terminal each problem is one line, however long, with its place before it, for a script to read."""
    commands._show(PROBLEMS)
    assert capsys.readouterr().out.splitlines() == [f"  {PROBLEMS[0]}", f"  warning  {PROBLEMS[1]}"]


def test_a_table_on_a_terminal_that_has_gone_is_no_failure(monkeypatch):
    """Whoever reads may have closed the terminal: nothing is raised."""
    monkeypatch.setattr(screen, "sys", SimpleNamespace(stdout=Gone(), stderr=Gone()))
    monkeypatch.setattr(screen, "say", lambda *words, **how: None)
    show_table([("a", "b")], ("", ""), ())
    line = ProgressLine("case.xlsx")
    line.show(State("solving"))
    line.clear()


def test_the_progress_line_is_written_over_and_taken_away_on_a_terminal(wide, monkeypatch):
    """The live line shows the last state, at most ten a second, is cut where the terminal ends, and leaves the cursor."""
    moments(monkeypatch, 0.0, 0.05, 0.2)
    line = ProgressLine("case.xlsx")
    line.show(State("reading"))
    line.show(State("never shown"))
    line.show(State("solving the extensive form", 12.3, 1234.5, 1200.0, 0.0279))
    before = wide[1].getvalue()
    assert "case.xlsx: reading, 1 s" in before and "never shown" not in before
    assert "case.xlsx: solving the extensive form, 12 s, best plan 1,23…" in before
    line.clear()
    assert wide[1].getvalue().endswith("\x1b[2K") and "\x1b[?25h" in wide[1].getvalue() and wide[0].getvalue() == ""


def test_the_progress_is_a_plain_line_a_second_where_it_is_piped(capsys, monkeypatch):
    """Without a terminal each state is a line of its own on the error stream, whole, at most one a second."""
    moments(monkeypatch, 0.0, 0.5, 1.5)
    line = ProgressLine("case.xlsx")
    for state in (State("reading"), State("never shown"), State("solving", 12.3, 1234.5, 1200.0, 0.0279)):
        line.show(state)
    line.clear()
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == ["case.xlsx: reading, 1 s", "case.xlsx: solving, 12 s, best plan 1,234.5, best possible 1,200, gap 2.79%"]
