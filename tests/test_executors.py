"""Work in processes and on a cluster: same results, also when workers die in the middle of it."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, wait
from functools import cache
from pathlib import Path

import pytest
from random_cases import random_case
from support import PATIENCE

import optimizer
from optimizer import api
from optimizer.errors import AuditError, ClusterError, Conflict, InfeasibleError, NoPlanError, NotWrittenError, OptimizerError, Problem, WorkbookError
from optimizer.executors import Here, Processes, WorkerLost, give_way, on_cluster, run_all, stop_at
from optimizer.solving import worker_pool
from optimizer.solving.built import build
from optimizer.solving.decomposed import solve_decomposed
from optimizer.solving.extensive import solve_built
from optimizer.solving.outcome import Status
from optimizer.solving.watch import Phase, Watch

ROOT = Path(__file__).resolve().parent.parent
TUTORIAL = ROOT / "sample_inputs" / "tutorial.xlsx"
WEIGHTS = [{"risk_weight": weight} for weight in (0.0, 0.3, 0.7, 1.0)]


@pytest.fixture
def processes():
    executor = Processes(2)
    yield executor
    executor.close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def cluster():
    """The address of a Dask scheduler with two workers, each in a process of its own."""
    address = f"tcp://127.0.0.1:{free_port()}"
    environment = {**os.environ, "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "error", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}

    def start(*command):
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + command[0], *command[1:]],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    running = [start("dask_scheduler", "--host", address, "--no-dashboard")]
    running += [start("dask_worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny") for _ in range(2)]
    from distributed import Client

    with Client(address, timeout=PATIENCE, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=PATIENCE)
    yield address
    for process in running:
        process.kill()
        process.wait()


def slow_double(x: int, seconds: float = 0.3) -> int:
    time.sleep(seconds)
    return 2 * x


def killer(flag: str) -> int:
    """Dies the first time, answers the second."""
    if not os.path.exists(flag):
        Path(flag).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def test_results_come_with_their_numbers(processes):
    """Every task's result comes once, whatever the order."""
    assert dict(run_all(processes, slow_double, [(k, 0.0) for k in range(9)])) == {k: 2 * k for k in range(9)}


def test_a_task_whose_process_dies_is_done_again(processes, tmp_path):
    """The first worker dies; the second gives the answer."""
    ((number, pid),) = run_all(processes, killer, [(str(tmp_path / "flag"),)])
    assert number == 0 and pid != os.getpid()


def test_what_kills_every_worker_is_given_up(processes, tmp_path):
    """A task that dies again and again is not tried for ever."""
    ((_, error),) = run_all(processes, os._exit, [(1,)])
    assert isinstance(error, WorkerLost)


def test_nothing_new_is_begun_once_cancelled():
    """Cancelled from the start: no task runs."""
    assert list(run_all(Here(), slow_double, [(1,), (2,)], cancelled=lambda: True)) == []


def test_the_caller_is_asked_also_while_all_lanes_are_busy():
    """With one lane that is busy and a task that waits, cancelled is called again and again, so that it may stop what is running."""
    asked: list[float] = []
    busy: Future = Future()

    class Busy(Here):
        def submit(self, lane, function, *args):
            return busy

    def cancelled() -> bool:
        asked.append(time.monotonic())
        if len(asked) == 4:
            busy.set_result(1)
        return len(asked) >= 4

    hung = threading.Timer(PATIENCE, busy.set_exception, (TimeoutError("cancelled was not called any more"),))
    hung.start()
    assert list(run_all(Busy(), slow_double, [(1,), (2,)], cancelled)) == [(0, 1)]
    hung.cancel()


def test_a_lane_remembers_and_forgets_with_its_process(processes):
    """What a lane's process holds is there for the next call, and gone with the process."""
    first = processes.submit(0, os.getpid).result()
    assert processes.submit(0, os.getpid).result() == first
    dying = processes.submit(0, os._exit, 1)
    wait([dying])
    assert isinstance(dying.exception(), WorkerLost)
    assert processes.submit(0, os.getpid).result() != first


def lives(pid: int) -> bool:
    """Whether a process is there, and not only its number, which waits for a parent that does not ask."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_workers_end_with_the_process_that_started_them_however_it_ends():
    """Its starter is killed while one worker is at work and another waits: both end by themselves."""
    code = (
        "import os, time; from optimizer.executors import Processes; e = Processes(2); print(*[e.submit(k, os.getpid).result() for k in (0, 1)], "
        "flush=True); e.submit(0, time.sleep, 7200); time.sleep(7200)"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    workers = [int(word) for word in starter.stdout.readline().split()]
    assert len(workers) == 2 and all(map(lives, workers))
    starter.kill()
    starter.communicate()
    until = time.monotonic() + PATIENCE
    while any(map(lives, workers)):
        assert time.monotonic() < until, "they live on"
        time.sleep(0.1)


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_signal_to_a_worker_asks_it_for_the_best_it_has(processes):
    """SIGTERM and Ctrl-C do not end a worker at its work; SIGTERM tells it to stop, which a solve in it heeds."""
    pid = processes.submit(0, os.getpid).result()
    at_work = processes.submit(0, slow_double, 4, 1.0)
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(pid, number)
    assert at_work.result() == 8
    assert processes.submit(0, heeds_a_stop).result() and processes.submit(0, os.getpid).result() == pid


def heeds_a_stop() -> bool:
    """Whether this worker was asked to stop, as a solve in it asks."""
    return stop_at("")()


def test_a_solve_in_a_worker_stops_at_a_file(tmp_path):
    """Once the file is there, a solve ends with the best plan that it has, or says that it has none."""
    reading = optimizer.load(ROOT / "sample_inputs" / "rare_earth_magnets.xlsx")
    (tmp_path / "stop").touch()
    result = api.solve_here(reading, "extensive", str(tmp_path / "stop"))
    assert isinstance(result, NoPlanError) or result.provenance["stopped_by"] == "stopped by hand"


def test_what_goes_wrong_with_one_source_is_its_own_result(processes):
    """A source that is no case at all, one that is not there and a good one: two errors of ours and a plan."""
    odd, missing, plan = optimizer.sweep([3, ROOT / "none.xlsx", TUTORIAL])
    assert isinstance(odd, OptimizerError) and isinstance(missing, WorkbookError) and plan.status == "optimal"


def test_errors_come_back_from_another_process_as_they_were():
    """Each error of ours survives the way through a pipe."""
    for error in (
        WorkbookError([Problem("Demand", "B2", "wrong")], source="case"),
        InfeasibleError([Conflict("Limits", 2, "floor", 1.0, "t")]),
        AuditError(["one"]),
        NotWrittenError("plan.xlsx", "the disk is full", "/home"),
    ):
        assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_sweep_gives_the_plans_of_single_solves():
    """Every setting of every source, in order; a bad source is an error in its place."""
    seen = []
    found = optimizer.sweep([TUTORIAL, ROOT / "none.xlsx"], settings=WEIGHTS, progress=lambda done, total: seen.append((done, total)))
    assert [plan.objective for plan in found[:4]] == pytest.approx([optimizer.solve(TUTORIAL, changes).objective for changes in WEIGHTS])
    assert all(isinstance(error, WorkbookError) for error in found[4:]) and seen[-1] == (8, 8)


ROUNDS = 6
"""How often the blocks of large_case() are asked at least: often enough for workers to die in between."""


@cache
def large_case():
    """Return a random case with a good many branches, whose decomposition takes some rounds."""
    for case in map(random_case, range(40, 400)):
        case = case.with_settings(mip_gap=1e-5)
        if case.settings.risk_weight == 0.3 and (built := build(case)).tree.size > 60:
            told = []
            solution = solve_decomposed(built, Watch(report=told.append), largest=2, executor=Here())
            if solution.status == Status.OPTIMAL and sum(progress.phase == Phase.ROUND for progress in told) >= ROUNDS:
                return case
    raise LookupError


def test_workers_that_die_in_a_decomposition_cost_time_alone(processes, monkeypatch):
    """A worker is killed between two questions and another during one: same objective within the gap."""
    built = build(large_case())
    asked = worker_pool.WorkerPool.ask
    turns = []

    def ask(self, *args, **more):
        turns.append(1)
        if len(turns) in (2, 3):
            lane = len(turns) % 2
            victim = processes.submit(lane, os.getpid).result()
            os.kill(victim, signal.SIGKILL)
        return asked(self, *args, **more)

    monkeypatch.setattr(worker_pool.WorkerPool, "ask", ask)
    parts = solve_decomposed(built, Watch(), largest=2, executor=processes)
    assert len(turns) > 3
    assert parts.objective == pytest.approx(solve_built(built, Watch()).objective, rel=2e-5)


def test_a_cluster_gives_the_same_results_with_a_worker_killed(cluster, monkeypatch):
    """Two Dask workers: a sweep and a decomposed solve as here; one is killed in the middle of each."""
    case = large_case()
    built = build(case)
    whole = solve_built(built, Watch()).objective
    assert optimizer.solve(case, method="decomposed", cluster=cluster).objective == pytest.approx(whole, rel=2e-5)
    from distributed import Client

    with Client(cluster, set_as_default=False) as client:
        pids = list(client.run(os.getpid).values())
    asked, turns = worker_pool.WorkerPool.ask, []

    def ask(self, *args, **more):
        turns.append(1)
        if len(turns) == 3:
            os.kill(pids[0], signal.SIGKILL)
        return asked(self, *args, **more)

    monkeypatch.setattr(worker_pool.WorkerPool, "ask", ask)
    executor = on_cluster(cluster)
    parts = solve_decomposed(built, Watch(), largest=2, executor=executor)
    executor.close()
    assert len(turns) > 3 and parts.objective == pytest.approx(whole, rel=2e-5)


def test_a_sweep_on_a_cluster_survives_a_worker(cluster, tmp_path):
    """A worker dies of the first task; every task has its answer all the same."""
    executor = on_cluster(cluster)
    assert executor.lanes == 2
    found = dict(run_all(executor, killer, [(str(tmp_path / "flag"),), *((str(ROOT),) for _ in range(5))]))
    assert sorted(found) == list(range(6)) and all(isinstance(pid, int) for pid in found.values())
    executor.close()
    assert [plan.objective for plan in optimizer.sweep([TUTORIAL], settings=WEIGHTS, cluster=cluster)] == pytest.approx(
        [optimizer.solve(TUTORIAL, changes).objective for changes in WEIGHTS]
    )


def test_a_cluster_that_is_not_there_is_named():
    """The message names the address and says how to start one; the command line ends with 2 and no traceback."""
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(ClusterError, match=address.replace(".", r"\.")):
        optimizer.solve(TUTORIAL, cluster=address)


class FakeClient:
    """What a cluster's client says, without a cluster: its workers, and what each of them answers to a function."""

    def __init__(self, workers: list[str], version: object = None) -> None:
        self.workers, self.version, self.closed = workers, version, False

    def nthreads(self) -> dict:
        return dict.fromkeys(self.workers, 1)

    def run(self, function) -> dict:
        if isinstance(self.version, Exception):
            raise self.version
        return {worker: self.version or function() for worker in self.workers}

    def wait_for_workers(self, count: int, timeout: float) -> None:
        if not self.workers:
            raise TimeoutError

    def submit(self, function, *args, workers, **options):
        done = Future()
        done.set_result((workers, function(*args)))
        return done

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def fake(monkeypatch):
    """Have clusters reached through a client that the test makes."""
    import distributed

    def use(client: FakeClient) -> FakeClient:
        monkeypatch.setattr(distributed, "Client", lambda *args, **more: client)
        return client

    return use


@pytest.mark.parametrize("version, words", [("0.0.1", "found: 0.0.1"), (ModuleNotFoundError("No module named 'optimizer'"), "none .ModuleNotFoundError")])
def test_workers_of_another_version_are_refused_by_name(fake, version, words):
    """Before anything is solved: the message says which version is needed and what was found, and the cluster is let go."""
    client = fake(FakeClient(["tcp://one", "tcp://two"], version))
    with pytest.raises(ClusterError, match=words):
        on_cluster("tcp://there:8786")
    assert client.closed


def test_a_cluster_without_workers_is_refused(fake):
    """The message says how to start some."""
    client = fake(FakeClient([]))
    with pytest.raises(ClusterError, match="has no workers. Start some with: dask worker tcp://there:8786"):
        on_cluster("tcp://there:8786")
    assert client.closed


def test_work_for_a_cluster_whose_workers_have_all_gone_is_lost_and_a_new_worker_takes_a_lane_over(fake):
    """Without workers a lane's work ends as WorkerLost, not in waiting for ever; a worker that joins is asked in the place of the dead one."""
    client = fake(FakeClient(["tcp://one", "tcp://two"]))
    executor = on_cluster("tcp://there:8786")
    assert executor.lanes == 2 and executor.submit(1, abs, -3).result() == (["tcp://two"], 3)
    client.workers = []
    with pytest.raises(WorkerLost, match="no workers left"):
        executor.submit(1, abs, -3).result()
    client.wait_for_workers = lambda count, timeout: None  # one has joined, and gone again before it is asked for
    with pytest.raises(WorkerLost, match="no workers left"):
        executor.submit(1, abs, -3).result()
    client.workers = ["tcp://one", "tcp://three"]
    assert executor.submit(1, abs, -3).result() == (["tcp://three"], 3) and executor.submit(0, abs, -4).result() == (["tcp://one"], 4)


@pytest.mark.skipif(os.name == "nt", reason="POSIX niceness")
def test_a_worker_gives_way_and_the_process_that_started_it_does_not():
    """Asked to, a worker lets others go first; the same function called in this process changes nothing here."""
    before = os.nice(0)
    give_way()
    assert os.nice(0) == before
    executor = Processes(1)
    try:
        executor.submit(0, give_way).result()
        assert executor.submit(0, os.nice, 0).result() >= min(19, before + 10)
    finally:
        executor.close()
