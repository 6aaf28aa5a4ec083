"""Works and runs: what is kept on disk, solves in processes of their own, stopping them, answering again from what is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook
from support import PATIENCE

import optimizer
from optimizer.editing.sheets import with_address, with_cell
from optimizer.plan.record import from_record, to_record
from optimizer.runs.files import read_json, write_json
from optimizer.runs.history import History
from optimizer.runs.run import SILENT_SECONDS, Run
from optimizer.runs.solve_queue import SolveQueue
from optimizer.runs.states import RunState
from optimizer.runs.store import Store
from optimizer.runs.uploads import read_upload
from optimizer.solving.watch import Watch
from optimizer.studies.registry import STUDIES

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "sample_inputs"
TUTORIAL = SAMPLES / "tutorial.xlsx"


def work_of(path: Path = TUTORIAL, store: Store | None = None):
    """A work that begins with a sample."""
    data = path.read_bytes()
    return (store or Store()).begin(read_upload(data, path.name), data)


def ended(run: Run, seconds: float = PATIENCE) -> Run:
    """The run once it has ended."""
    until = time.monotonic() + seconds
    while run.under_way:
        assert time.monotonic() < until, run.status
        time.sleep(0.05)
    return run


def long_run(work) -> Run:
    """A solve that takes long once a plan and a bound are known: the rare earth sample, to be proven to a tiny gap."""
    return work.new_run(work.sheets, title="long", settings={"scenarios": 20, "mip_gap": 1e-9, "time_limit_seconds": 7200})


def until_solving(run: Run) -> None:
    """Wait until the solver itself is at work."""
    for _ in range(int(PATIENCE / 0.1)):
        if any(report["phase"].startswith(("round", "solver")) for report in run.progress()):
            return
        assert run.under_way, run.status
        time.sleep(0.1)
    raise AssertionError(run.progress()[-1:])


def until_plan_known(run: Run) -> None:
    """Wait until the solver has found a first plan and a first bound: a run that is stopped before has no plan to keep."""
    for _ in range(int(PATIENCE / 0.1)):
        told = run.progress()
        if all(any(report[name] is not None for report in told) for name in ("incumbent", "bound")):
            return
        assert run.under_way, run.status
        time.sleep(0.1)
    raise AssertionError(run.progress()[-1:])


def test_a_solved_run_keeps_its_plan_playbook_and_workbook(tmp_path):
    """A run's plan, read back from disk, is the plan that solving in this process gives; its workbook opens."""
    work = work_of()
    run = work.new_run(work.sheets, title="Plan 1")
    SolveQueue(Store()).start(run)
    assert ended(run).state == "done", run.status
    plan, direct = run.plan(), optimizer.solve(TUTORIAL)
    assert plan.objective == pytest.approx(direct.objective)
    assert plan.case == direct.case
    pd.testing.assert_frame_equal(plan.tables["contracts"], direct.tables["contracts"], check_dtype=False)
    assert set(run.studies()) == {"playbook", "playbook_orders", "playbook_summary"}
    (tmp_path / "plan.xlsx").write_bytes(run.workbook())
    assert "Summary" in load_workbook(tmp_path / "plan.xlsx").sheetnames
    assert run.progress()[-1]["seconds"] > 0


def test_a_record_loses_nothing_of_a_plan():
    """A plan made from a record has the same figures, tables, sentences and case."""
    plan = optimizer.solve(TUTORIAL, {"risk_weight": 0.7})
    again = from_record(to_record(plan))
    assert (again.objective, again.sentences, again.case, again.warnings) == (plan.objective, plan.sentences, plan.case, plan.warnings)
    for name, table in plan.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table, check_dtype=False, obj=name)


def test_the_same_question_is_answered_from_what_is_kept():
    """Asked again, also in another work, the same is answered at once; with one setting or cell changed it is solved."""
    store = Store()
    queue, first = SolveQueue(store), work_of(store=store)
    run = first.new_run(first.sheets, title="first")
    queue.start(run)
    ended(run)
    second = work_of(store=store)
    again = queue.start(second.new_run(second.sheets, title="again"))
    assert again.state == "done" and again.plan().objective == run.plan().objective
    other = second.new_run(second.sheets, title="other", settings={"risk_weight": 0.9})
    edited = second.new_run(with_address(second.sheets, "Budget", "B2", 123456.0), title="edited")
    assert len({run.key, other.key, edited.key}) == 3


def with_notes(path: Path, words: str) -> Path:
    """The tutorial with a sheet of notes, which no plan depends on."""
    book = load_workbook(TUTORIAL)
    book.create_sheet("Notes").append([words])
    book.save(path)
    return path


def test_nobody_is_handed_what_another_has_written_beside_the_case(tmp_path):
    """Two users' workbooks that differ in a sheet of notes alone: the second is not answered with the first one's, whose notes it would hold."""
    store = Store()
    (tmp_path / "mine").mkdir()
    mine, other = (work_of(with_notes(path, words), store) for path, words in ((tmp_path / "mine" / "case.xlsx", "secret"), (tmp_path / "case.xlsx", "hello")))
    run, asked = mine.new_run(mine.sheets, title="mine"), other.new_run(other.sheets, title="other")
    run.keep(optimizer.solve(tmp_path / "mine" / "case.xlsx"), {}, store.answers)
    assert not asked.answer_from(store.answers)
    same = work_of(tmp_path / "mine" / "case.xlsx", store)
    assert same.new_run(same.sheets, title="same").answer_from(store.answers)


def test_the_same_sheets_in_another_file_are_another_question(tmp_path):
    """A file of the same values but other bytes is not answered from what is kept of the first, also where both are edited alike."""
    store, book = Store(), load_workbook(TUTORIAL)
    book.properties.creator = "someone else"
    book.save(tmp_path / "tutorial.xlsx")
    one, two = work_of(store=store), work_of(tmp_path / "tutorial.xlsx", store)
    edited = with_address(one.sheets, "Budget", "B2", 123456.0)
    assert len({work.new_run(sheets, title="x").key for work in (one, two) for sheets in (one.sheets, edited)}) == 4


def test_deleting_a_work_deletes_the_answers_kept_of_it():
    """Delete for good leaves neither work nor answer; another work that was answered from it keeps its own copy."""
    store = Store()
    mine, other = work_of(store=store), work_of(store=store)
    run, again = mine.new_run(mine.sheets, title="a"), other.new_run(other.sheets, title="b")
    run.keep(optimizer.solve(TUTORIAL), {}, store.answers)
    assert again.answer_from(store.answers) and len(list(store.answers.iterdir())) == 1
    mine.delete()
    assert not mine.folder.exists() and list(store.answers.iterdir()) == []
    assert again.plan().status == "optimal"
    assert not other.new_run(other.sheets, title="c").answer_from(store.answers)


def test_deleting_a_work_ends_its_processes():
    """Deleted while a solve is under way and another waits, and deleted while its process waits for the next: no process is left, and no folder."""
    store = Store()
    work, other, queue = work_of(store=store), work_of(store=store), SolveQueue(store)
    for title in ("under way", "waits"):
        queue.start(work.new_run(work.sheets, title=title, settings={"risk_weight": 0.123}))
    while work.folder not in (found := queue.running | queue.idle):
        time.sleep(0.02)
    process = found[work.folder]
    queue.delete(work)
    process.wait(PATIENCE)
    ended(queue.start(other.new_run(other.sheets, title="other")))
    waiting = process_of(queue, other)
    queue.delete(other)
    waiting.wait(PATIENCE)
    while queue.busy:
        time.sleep(0.02)
    assert list((store.root / "works").iterdir()) == [] and list(store.answers.glob("*")) == [] and not queue.running


def modes(root: Path) -> set[str]:
    """Who may read each folder and file below a folder."""
    return {f"{path.stat().st_mode & 0o777:o} {'folder' if path.is_dir() else 'file'}" for path in (root, *root.rglob("*"))}


@pytest.mark.skipif(os.name == "nt", reason="Windows leaves it to the user's profile")
def test_the_data_folder_is_for_its_owner_alone(home):
    """Whatever the umask: a solved work's folders are 700 and its files 600; what an earlier version left open is closed."""
    before = os.umask(0)
    try:
        old = home / "works" / "a-work-of-long-ago" / "runs"
        old.mkdir(parents=True, mode=0o755)
        (old / "status.json").write_text("{}")
        (home / "answers" / "key").mkdir(parents=True)
        (home / "answers" / "key" / "record.json").write_text("someone's plan")
        store = Store()
        work, queue = work_of(store=store), SolveQueue(store)
        run = ended(queue.start(work.new_run(work.sheets, title="a")))
        run.workbook()
        work.choose(budget=1.0)
        queue.close()
    finally:
        os.umask(before)
    assert modes(home) == {"700 folder", "600 file"}
    assert not (home / "answers").exists(), "kept by a key under which others were answered"


@pytest.mark.skipif(os.name == "nt", reason="Windows leaves it to the user's profile")
def test_a_folder_that_holds_other_things_is_not_closed(home):
    """OPTIMIZER_HOME may name a folder in which more lies than this program's: that, and the folder itself, stay as they are."""
    home.mkdir(mode=0o755)
    (home / "theirs.txt").write_text("hello")
    (home / "theirs.txt").chmod(0o644)
    work_of()
    assert home.stat().st_mode & 0o777 == 0o755 and (home / "theirs.txt").stat().st_mode & 0o777 == 0o644
    assert modes(home / "works") == {"700 folder", "600 file"}


def test_the_queue_survives_the_server():
    """Runs that wait are begun by the next server in the order asked; one whose worker has died is over, with its plan where that was kept."""
    store = Store()
    work = work_of(store=store)
    asked = [work.new_run(work.sheets, title="first"), work.new_run(with_address(work.sheets, "Budget", "B2", 400_000.0), title="second")]
    dead, nearly, discarded = (work.new_run(work.sheets, title=title) for title in ("dead", "nearly", "discarded"))
    discarded.stop(discard=True)
    nearly.keep_first(optimizer.solve(TUTORIAL))
    dead.set_state(RunState.RUNNING)
    for run in (dead, nearly):
        old = time.time() - SILENT_SECONDS - 5
        run.claim()
        for name in ("status.json", "claim"):
            os.utime(run.folder / name, (old, old))
    queue = SolveQueue(Store(), slots=1)
    queue.resume()
    assert [ended(run).state for run in (*asked, dead, nearly, discarded)] == ["done", "done", "failed", "done", "discarded"]
    assert "interrupted" in dead.status["message"] and nearly.plan().status == "optimal"
    assert asked[0].status != asked[1].status or asked[0].plan().objective != asked[1].plan().objective
    assert Store().under_way() == []
    queue.close()


def test_two_servers_do_not_solve_one_run_twice(monkeypatch):
    """Both find it waiting: one takes it, the other waits until it has ended, and takes it where the first has died over it."""
    store = Store()
    work = work_of(store=store)
    run = work.new_run(work.sheets, title="one")
    assert run.claim() and not run.claim()
    queue, driven = SolveQueue(store), []
    monkeypatch.setattr(queue, "_solve_in_worker", lambda run: (driven.append(run), run.set_state(RunState.DONE)))
    waiting = threading.Thread(target=queue._supervise, args=(run,))
    waiting.start()
    waiting.join(0.5)
    assert waiting.is_alive() and driven == []
    for name in ("claim", "status.json"):
        os.utime(run.folder / name, (0, 0))
    waiting.join(30)
    assert driven == [run]


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_worker_that_gets_a_signal_keeps_its_best_plan():
    """SIGTERM to the process of a run, as at the end of a service: it stops as if asked to, and ends."""
    work, queue = work_of(SAMPLES / "rare_earth_magnets.xlsx"), SolveQueue(Store())
    run = queue.start(long_run(work))
    until_solving(run)
    process = next(child for child in queue.running.values())
    process.send_signal(signal.SIGTERM)
    assert ended(run).state in ("done", "no_plan"), run.status
    assert process.wait(PATIENCE) == 0


def test_a_plan_of_edited_sheets_is_stamped_as_such():
    """The stamp of a plan carries the hash of what was solved: the file's own, or that of the edited sheets, which it says."""
    work = work_of()
    as_it_came, edited = work.new_run(work.sheets, title="a"), work.new_run(with_address(work.sheets, "Budget", "B2", 400_000.0), title="b")
    queue = SolveQueue(Store())
    for run in (as_it_came, edited):
        ended(queue.start(run))
    first, second = (run.plan().provenance for run in (as_it_came, edited))
    assert first["input_sha256"] == work.sha256 and "input_edited" not in first
    assert second["input_sha256"] not in ("", work.sha256) and second["input_edited"].startswith("yes")


def process_of(queue, work):
    """The process that waits for the next run of a work."""
    for _ in range(int(PATIENCE / 0.05)):
        if work.folder in queue.idle:
            return queue.idle[work.folder]
        time.sleep(0.05)
    raise AssertionError("no process waits")


def test_the_next_plan_of_a_work_is_made_by_the_process_of_the_last():
    """It has the answer of a solve from scratch, also after a run that failed; a closed queue leaves no process behind."""
    work, queue = work_of(), SolveQueue(Store())
    ended(queue.start(work.new_run(work.sheets, title="first")))
    process = process_of(queue, work)
    bad = queue.start(work.new_run(with_address(work.sheets, "Suppliers", "E2", "dear"), title="bad"))
    assert ended(bad).state == "bad_input" and process_of(queue, work) is process
    careful = queue.start(work.new_run(work.sheets, title="careful", settings={"risk_weight": 0.9}))
    assert ended(careful).state == "done" and process_of(queue, work) is process
    assert careful.plan().objective == pytest.approx(optimizer.solve(TUTORIAL, {"risk_weight": 0.9}).objective)
    queue.close()
    assert process.wait(PATIENCE) == 0


def test_the_first_plan_of_a_work_is_made_by_the_process_that_was_made_ready():
    """One process is made ready, once, and takes the first run of any work; where a work has one that waits, none is made; all end with the queue."""
    work, queue = work_of(), SolveQueue(Store())
    queue.prepare()
    process = queue.spare
    queue.prepare()
    assert process is not None and queue.spare is process
    run = ended(queue.start(work.new_run(work.sheets, title="first")))
    assert run.state == "done" and run.plan().objective == pytest.approx(optimizer.solve(TUTORIAL).objective)
    assert process_of(queue, work) is process and queue.spare is None
    while queue.busy:
        time.sleep(0.05)
    queue.prepare(work.folder)
    assert queue.spare is None
    queue.prepare()
    another = queue.spare
    queue.close()
    assert [each.wait(PATIENCE) for each in (process, another)] == [0, 0]


def test_an_infeasible_run_says_what_clashes():
    """A run without a plan keeps the rows that clash."""
    work = work_of()
    width = len(next(raw for raw in work.sheets if raw.name == "Demand").rows[0])
    sheets = with_cell(work.sheets, "Demand", 1, width + 1, "minimum_fill_rate")
    sheets = with_cell(sheets, "Demand", 2, width + 1, 1.0)
    sheets = with_address(sheets, "Budget", "B2", 10.0)
    run = work.new_run(sheets, title="infeasible")
    SolveQueue(Store()).start(run)
    assert ended(run).state == "infeasible", run.status
    assert {conflict["sheet"] for conflict in run.status["conflicts"]} & {"Budget", "Demand"}


def test_bad_input_is_said_not_raised():
    """A run on sheets with a fault ends with its problems."""
    work = work_of()
    run = work.new_run(with_address(work.sheets, "Suppliers", "E2", "dear"), title="bad")
    SolveQueue(Store()).start(run)
    assert ended(run).state == "bad_input"
    assert run.status["problems"][0]["sheet"] == "Suppliers"


def test_a_stopped_run_keeps_its_best_plan_and_a_discarded_one_nothing():
    """Stop gives the best plan found so far with its gap; discard ends the process and keeps nothing."""
    store = Store()
    work, queue = work_of(SAMPLES / "rare_earth_magnets.xlsx", store), SolveQueue(store, slots=1)
    run, waiting = long_run(work), work.new_run(work.sheets, title="waits")
    queue.start(run)
    queue.start(waiting)
    until_plan_known(run)
    assert waiting.state == "queued"
    waiting.stop(discard=True)
    run.stop()
    assert ended(run).state == "done", run.status
    assert run.plan().status == "feasible" and run.plan().provenance["stopped_by"] == "stopped by hand"
    assert ended(waiting).state == "discarded"
    assert not (waiting.folder / "record.json").exists()


def test_one_work_has_one_run_under_way(monkeypatch):
    """Of many runs of one work one is under way at a time, in the order asked; another work's run does not wait for them."""
    store = Store()
    queue, mine, other = SolveQueue(store, slots=2), work_of(store=store), work_of(store=store)
    began, go = [], threading.Event()

    def see_through(run):
        began.append(run.title)
        go.wait(PATIENCE)

    monkeypatch.setattr(queue, "_supervise", see_through)
    for work, title in ((mine, "first"), (mine, "second"), (other, "third")):
        queue.start(work.new_run(work.sheets, title=title))
    for _ in range(int(PATIENCE / 0.02)):
        if len(began) == 2:
            break
        time.sleep(0.02)
    assert began == ["first", "third"]
    go.set()
    for _ in range(int(PATIENCE / 0.02)):
        if len(began) == 3:
            break
        time.sleep(0.02)
    assert began == ["first", "third", "second"]


def test_a_worker_whose_starter_dies_stops_by_itself():
    """When the program that started a worker is gone, the worker ends; the run is then over, one way or the other."""
    work = work_of(SAMPLES / "rare_earth_magnets.xlsx")
    run = long_run(work)
    code = (
        f"from optimizer.runs import Run, SolveQueue, Store; from pathlib import Path; "
        f"SolveQueue(Store()).start(Run(Path({str(run.folder)!r}))); import time; time.sleep(7200)"
    )
    starter = subprocess.Popen([sys.executable, "-c", code])
    until_solving(run)
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    assert ended(run).state in ("done", "no_plan"), run.status


def test_a_silent_run_counts_as_interrupted(monkeypatch):
    """A run that says it runs while its worker has long been silent has failed."""
    work = work_of()
    run = work.new_run(work.sheets, title="silent")
    run.set_state(RunState.RUNNING)
    assert run.state == "running"
    old = time.time() - SILENT_SECONDS - 5
    os.utime(run.folder / "status.json", (old, old))
    assert run.state == "failed"


def test_works_are_found_by_their_name_alone():
    """Only the exact random name of a work finds it; paths and guesses find nothing."""
    store = Store()
    work = work_of(store=store)
    assert store.work(work.id).name == "tutorial.xlsx"
    for guess in (None, "", "..", "../works", work.id[:-1], work.id + "/../" + work.id, "x" * 30):
        assert store.work(guess) is None


def test_edits_and_choices_outlive_the_program():
    """What was edited and chosen is there again in a new store; the original stays what it was."""
    work = work_of()
    work.save_sheets(with_address(work.sheets, "Budget", "B2", 77.0))
    work.choose(risk_weight=0.5)
    work.choose(budget=1.2)
    again = Store().work(work.id)
    assert again.choices == {"risk_weight": 0.5, "budget": 1.2}
    assert again.sheets != again.original_sheets and again.original_bytes() == TUTORIAL.read_bytes()
    again.delete()
    assert Store().work(work.id) is None


def test_two_processes_on_one_work_lose_nothing_of_each_other():
    """Two windows that set choices and ask for plans at the same time: every choice is kept, and no two plans have one number."""
    work, times = work_of(), 25
    code = (
        f"import sys; from pathlib import Path; from optimizer.runs import Work; work = Work(Path({str(work.folder)!r})); sys.stdin.readline()\n"
        f"for k in range({times}): work.choose(**{{f'{{sys.argv[1]}}{{k}}': k}}); work.new_run((), title=sys.argv[1])"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, name], stdin=subprocess.PIPE, text=True, cwd=ROOT) for name in "ab"]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.wait(120) for process in processes] == [0, 0]
    assert work.choices == {f"{name}{k}": k for name in "ab" for k in range(times)}
    assert [run.request["number"] for run in work.runs] == list(range(1, 2 * times + 1))


def test_an_edit_of_another_window_is_kept_in_the_history():
    """Two windows edit a work at the same time: each edit is a version that undo goes back to."""
    work, times = work_of(), 10
    code = (
        f"import sys; from pathlib import Path; from optimizer.editing import with_address; from optimizer.runs import History, Work\n"
        f"work = Work(Path({str(work.folder)!r})); sys.stdin.readline()\n"
        f"for k in range({times}): History(work).save(with_address(work.sheets, 'Budget', sys.argv[1], 1000.0 + k))"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, cell], stdin=subprocess.PIPE, text=True, cwd=ROOT) for cell in ("B2", "B3")]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.wait(120) for process in processes] == [0, 0]
    history, steps = History(work), 0
    while history.can_undo:
        history.undo()
        steps += 1
    assert steps == 2 * times and work.sheets == work.original_sheets


def test_every_edit_has_an_edition_of_its_own():
    """Edits that follow each other faster than the clock of the file system tells them apart are each shown."""
    work = work_of()
    for amount in range(50):
        work.save_sheets(with_address(work.sheets, "Budget", "B2", float(amount)))
        assert next(raw for raw in work.sheets if raw.name == "Budget").rows[1][1] == amount


def test_a_deleted_work_is_not_made_again_by_a_lock():
    """What another window still asks of a deleted work fails, and leaves no folder behind."""
    work = work_of()
    work.delete()
    with pytest.raises(FileNotFoundError):
        work.choose(budget=1.0)
    assert not work.folder.exists()


def test_every_state_has_its_sentence():
    """Each state of a run has one sentence for the planner, and is under way, done, without a plan or thrown away."""
    for state in RunState:
        assert state.meaning.endswith(".") and state.meaning.count(".") == 1
        assert [state.under_way, state.without_plan, state in (RunState.DONE, RunState.DISCARDED)].count(True) == 1


def test_the_command_line_leaves_its_plan_for_the_app():
    """`optimizer solve` ends by naming the app, which opens on that plan."""
    done = subprocess.run([sys.executable, "-m", "optimizer", "solve", str(TUTORIAL)], capture_output=True, text=True)
    assert done.stdout.rstrip().endswith("Look at it in the browser: python -m optimizer app")
    work, run = Store().last()
    assert run.has_solver_arrays and not run.studies()
    assert work.name == "tutorial.xlsx" and run.plan().objective == pytest.approx(optimizer.solve(TUTORIAL).objective)


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04 damaged"])
def test_no_upload_takes_the_server_down(content):
    """What is no workbook is refused with a sentence, by a process of its own."""
    with pytest.raises(optimizer.errors.WorkbookError):
        read_upload(content, "odd\nname.xlsx")


def test_json_files_are_replaced_whole(tmp_path):
    """A file that cannot be written leaves the old one."""
    path = tmp_path / "x.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError):
        write_json(path, {"a": float("nan")})
    assert read_json(path) == {"a": 1} and list(tmp_path.iterdir()) == [path]


# -- studies of a plan -----------------------------------------------------------------------------------------------------


def studied(queue, work, run, name: str):
    """The run that has made a study of a plan."""
    made, is_new = work.new_study(run, name, STUDIES[name].title)
    assert is_new
    return ended(queue.start(made))


def test_a_study_is_made_beside_its_plan_and_is_no_plan():
    """Its tables are found with the plan's, and the work lists no other plan; a worker that starts anew gets the same from what is kept."""
    store = Store()
    queue, work = SolveQueue(store), work_of(store=store)
    run = queue.start(work.new_run(work.sheets, title="Plan 1"))
    assert ended(run).state == "done"
    assert studied(queue, work, run, "out_of_sample").state == "done"
    first = run.studies()["out_of_sample_costs"]
    assert set(first["figure"]) > {"Total expected cost"} and "playbook" in run.studies()
    assert work.runs == [run] and work.study_of(run, "out_of_sample").study == "out_of_sample"
    queue.close()
    before = run.studies_written
    assert studied(SolveQueue(store), work, run, "out_of_sample").state == "done"
    assert run.studies_written > before
    pd.testing.assert_frame_equal(run.studies()["out_of_sample_costs"], first)


def test_the_solver_s_arrays_come_back_with_the_plan_or_not_at_all():
    """A plan that is read back has the decisions that were solved for; where they are lost or another plan's, there are none, and a study solves again."""
    store = Store()
    queue, work = SolveQueue(store), work_of(store=store)
    run = queue.start(work.new_run(work.sheets, title="Plan 1"))
    ended(run)
    queue.close()
    solved, direct = run.solved_plan(Watch()).solution, optimizer.solve(TUTORIAL).solution
    assert solved.objective == pytest.approx(direct.objective, rel=1e-9) and solved.x == pytest.approx(direct.x, abs=1e-6)
    assert solved.row_dual == pytest.approx(direct.row_dual, abs=1e-9) and solved.bound == pytest.approx(direct.bound)
    kept = run.folder / "solution.npz"
    whole = kept.read_bytes()
    with np.load(kept) as arrays:
        x, dual = arrays["x"], arrays["row_dual"]
    for wrong in (x[:-1], x * 1.01, x + 0.0 * x):
        np.savez(kept, x=wrong, row_dual=dual)
        assert (run.solved_plan(Watch()) is None) == (wrong is not x and not np.array_equal(wrong, x))
    for broken in (whole[:100], b""):
        kept.write_bytes(broken)
        assert run.solved_plan(Watch()) is None
    kept.write_bytes(whole[:100])
    assert run.solved_plan(Watch()) is None
    kept.unlink()
    assert run.solved_plan(Watch()) is None
    assert studied(SolveQueue(store), work, run, "out_of_sample").state == "done"
    assert not run.studies()["out_of_sample_costs"].empty


def test_a_study_can_be_stopped_and_leaves_its_plan_alone():
    """Stopped while it runs, it says so; the plan and its other tables are there as before."""
    store = Store()
    queue, work = SolveQueue(store), work_of(SAMPLES / "gallium_germanium.xlsx", store)
    run = queue.start(work.new_run(work.sheets, title="Plan 1", settings={"scenarios": 20, "mip_gap": 0.02}))
    assert ended(run).state == "done", run.status
    made = queue.start(work.new_study(run, "out_of_sample", "On unseen futures")[0])
    assert work.new_study(run, "out_of_sample", "On unseen futures") == (made, False), "asked twice, it is made once"
    while not made.progress():
        time.sleep(0.05)
    made.stop()
    assert ended(made).state == "no_plan" and "Stopped" in made.status["message"]
    assert run.state == "done" and set(run.studies()) == {"playbook", "playbook_orders", "playbook_summary"}
