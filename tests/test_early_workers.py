"""Workers start, and are sent their part of the tree, before they are asked for the first time."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.instances import instance
from optimizer.executors import Here, WorkerLost
from optimizer.solving import benders, built, solve, subproblems
from optimizer.solving.solve import solve_case
from optimizer.solving.watch import Watch

CASE = instance(1, 40, materials=2, quarters=6)
"""A small case whose tree leaves its trunk."""


class Recorded:
    """Two lanes in this process that note what they are asked, and lose their worker where `loses` says so."""

    lanes = 2

    def __init__(self, events: list[str], loses: str = "") -> None:
        self.events, self.loses, self.here = events, loses, Here()

    def submit(self, lane, function, *args):
        self.events.append(function.__name__)
        if function.__name__ == self.loses:
            self.loses = ""
            return self.here.submit(lane, _lose)
        return self.here.submit(lane, function, *args)

    def close(self) -> None:
        self.events.append("close")


def _lose() -> None:
    raise WorkerLost


@pytest.fixture
def events(monkeypatch):
    """What happens in a solve that expects to need workers, in its order."""
    found: list[str] = []
    compiled = built.template_of

    def template_of(*args, **kwargs):
        found.append("model")
        return compiled(*args, **kwargs)

    monkeypatch.setattr(built, "template_of", template_of)
    monkeypatch.setattr(benders, "WORTH_PROCESSES", 0)
    monkeypatch.setattr(solve, "Processes", lambda: Recorded(found))
    return found


def test_workers_start_before_the_model_is_compiled_and_end_with_the_solve(events):
    """They are asked to be ready first, hold their blocks before the first question, and are let go once."""
    solution = solve_case(CASE, method="decomposed")
    assert events[:3] == ["ready", "ready", "model"]
    assert events.index("add") < events.index("ask")
    assert events[-1] == "close" and events.count("close") == 1
    assert solution.status == "optimal"


def test_a_case_that_is_solved_as_one_program_starts_none(events):
    """Where the extensive form is asked for, no worker is asked for anything."""
    solve_case(CASE, method="extensive")
    assert events == ["model"]


@pytest.mark.parametrize("loses", ["begin", "add"])
def test_a_worker_that_dies_while_it_is_sent_its_blocks_is_sent_them_anew(events, loses):
    """Its death, before or while it gets its blocks, costs time alone: the objective is that of a solve in one process, within the gap."""
    whole = solve_case(CASE, method="decomposed", executor=Here())
    again: list[str] = []
    found = solve_case(CASE, method="decomposed", executor=Recorded(again, loses))
    assert found.objective == pytest.approx(whole.objective, rel=2e-4)
    assert again.count("begin") > Recorded.lanes


def test_what_goes_wrong_while_blocks_are_sent_is_made_good(monkeypatch):
    """A lane whose blocks were cut short is no lane that holds them: their cuts would be missing."""
    broken = [True]
    add = subproblems.add

    def breaks(name, parts):
        if broken and broken.pop():
            raise MemoryError
        return add(name, parts)

    breaks.__name__ = "add"
    monkeypatch.setattr(subproblems, "add", breaks)
    found = solve_case(CASE, method="decomposed", executor=Recorded([]))
    assert not broken
    assert found.objective == pytest.approx(solve_case(CASE, method="decomposed", executor=Here()).objective, rel=2e-4)


class Threads:
    """Two lanes that are threads of this process."""

    lanes = 2

    def __init__(self) -> None:
        self.pools = [ThreadPoolExecutor(1) for _ in range(self.lanes)]

    def submit(self, lane, function, *args):
        return self.pools[lane].submit(function, *args)

    def close(self) -> None:
        for pool in self.pools:
            pool.shutdown()


def test_an_exception_of_who_is_told_breaks_off_a_round_that_is_under_way(monkeypatch):
    """While the blocks are asked, progress goes on to be told; what it raises reaches the workers between two blocks, and none is asked any more."""
    ask, under_way, after = subproblems.BlockSet.ask, threading.Event(), []

    def slow(self, question):
        under_way.set()
        ends = time.monotonic() + 60
        while not os.path.exists(question.stop) and time.monotonic() < ends:
            time.sleep(0.01)
        return ask(self, question)

    def told(progress):
        if under_way.is_set():
            raise LookupError

    monkeypatch.setattr(subproblems.BlockSet, "ask", slow)
    monkeypatch.setattr(subproblems.Block, "ask", lambda *args: after.append(args))
    executor = Threads()
    with pytest.raises(LookupError):
        solve_case(CASE, watch=Watch(report=told), method="decomposed", executor=executor)
    executor.close()
    assert not after
