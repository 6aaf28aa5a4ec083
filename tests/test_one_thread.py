"""The processes that are started for work leave the cores to each other."""

from __future__ import annotations

import os

import pytest

from optimizer.cli import commands
from optimizer.executors import Processes
from optimizer.executors.one_thread import NAMES
from optimizer.runs import Store, solve_queue
from optimizer.runs.worker import NOTHING_YET


def threads_of_worker() -> dict[str, str | None]:
    """Called in a worker: what its environment says of threads."""
    return {name: os.environ.get(name) for name in NAMES}


@pytest.fixture
def unsaid(monkeypatch):
    """Let the environment of this process say nothing of threads."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def asked() -> dict[str, str | None]:
    """Return what the environment of a new worker says of threads."""
    workers = Processes(1)
    try:
        return workers.submit(0, threads_of_worker).result()
    finally:
        workers.close()


def test_a_worker_computes_with_one_thread_and_this_process_as_before(unsaid):
    """Threads of a worker that look out for work would take the other workers' cores; the user's own process is the user's."""
    assert asked() == dict.fromkeys(NAMES, "1")
    assert not any(name in os.environ for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_user_has_said_of_threads_holds(name, unsaid, monkeypatch):
    """A number in the environment goes before the product's, whichever library it is meant for: OpenBLAS heeds that of OpenMP, too."""
    monkeypatch.setenv(name, "3")
    assert asked() == {**dict.fromkeys(NAMES, None), name: "3"}


def test_the_solver_of_the_app_computes_with_one_thread(unsaid, monkeypatch, tmp_path):
    """The process that solves a run is started by a server whose environment may say nothing of threads."""
    started = []
    monkeypatch.setattr(solve_queue.subprocess, "Popen", lambda command, **given: started.append(given["env"]))
    solve_queue.SolveQueue(Store(tmp_path))._start_worker(NOTHING_YET, None)
    assert {name: started[0].get(name) for name in NAMES} == dict.fromkeys(NAMES, "1")


def test_the_command_line_computes_with_one_thread(unsaid, monkeypatch):
    """It asks before anything imports numpy, which reads the environment once."""
    monkeypatch.setattr(commands, "_run", lambda: 0)
    with pytest.raises(SystemExit):
        commands.main()
    assert {name: os.environ.get(name) for name in NAMES} == dict.fromkeys(NAMES, "1")
