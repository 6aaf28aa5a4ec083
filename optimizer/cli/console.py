"""Deal with the terminal: streams that may be closed, full or of another encoding, and signals to stop."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

SHOW_CURSOR = "\x1b[?25h"
"""What gives a terminal its cursor back where a live line was cut short."""
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""Ctrl-C, the end of a service or of `timeout`, a terminal that closes, and Ctrl-Break on Windows."""


def open_streams() -> None:
    """Have three standard streams that take any letter.

    A closed one is opened on nothing, so that no other file is given its number. What an encoding does not have is shown as a question mark.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is None or stream.closed:
            setattr(sys, name, open(number, "w", encoding="utf-8", errors="replace", closefd=False))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def say(words: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Show a line. Whoever reads may have gone (`| head -1`), and a disk may be full: that is no failure of what was done."""
    try:
        click.echo(words, err=err, nl=nl)
    except (OSError, ValueError):
        _to_nowhere(err)


def flush_streams() -> None:
    """Show what has not been shown yet, as say does."""
    for stream, err in ((sys.stdout, False), (sys.stderr, True)):
        try:
            stream.flush()
        except (OSError, ValueError):
            _to_nowhere(err)


def _to_nowhere(err: bool) -> None:
    """Send all that is written to this stream from here on to nothing."""
    with suppress(OSError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 2 if err else 1)
        os.close(nothing)


class Stop:
    """Know whether a signal has asked to stop. The first asks for the best plan found; the second ends this process at once.

    ending: exit status and words of an end at once, kept up to date by whoever has something to lose.
    """

    def __init__(self, words: str = "") -> None:
        self.asked, self.words = False, words
        self.ending: tuple[int, str] = (4, "Stopped.")

    def __call__(self) -> bool:
        return self.asked

    @contextmanager
    def listening(self) -> Iterator[Stop]:
        """Heed signals meanwhile, but for those that this process was started to ignore."""
        before: dict[int, Any] = {}
        for name in SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                before[number] = signal.signal(number, self._hear)
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _hear(self, *_: Any) -> None:
        from optimizer.files import sweep_up

        if not self.asked:
            self.asked = True
            _tell(self.words)
            return
        status, words = self.ending
        sweep_up()
        if os.isatty(2):
            _tell(SHOW_CURSOR)
        _tell(words)
        os._exit(status)  # worker processes end with this one


def _tell(words: str) -> None:
    """Write to the error stream past its buffer, in whose midst the signal may have come."""
    with suppress(OSError):
        os.write(2, f"\n{words}\n".encode(errors="replace") if words else b"")


def say_usage(error: click.ClickException) -> None:
    """Say what was wrong with the words after the program's name; without any, show the program's help."""
    context, words = getattr(error, "ctx", None), error.format_message()
    if context is not None and words.startswith("Usage:"):
        say(words, err=True)
        return
    if context is not None:
        say(f"{context.get_usage()}\n", err=True)
    say(f"Error: {words}", err=True)
