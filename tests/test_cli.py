"""The command line, as a planner and as a script use it."""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from support import PATIENCE
from workbooks import write_workbook

from optimizer import api
from optimizer.cli import commands as cli
from optimizer.cli.batch import names_of
from optimizer.executors import Here
from optimizer.plan.plan import Plan
from optimizer.runs.run import Run
from optimizer.runs.store import Store
from optimizer.studies.registry import STUDIES

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "sample_inputs"
TUTORIAL = SAMPLES / "tutorial.xlsx"


def run(*words, **more):
    """`python -m optimizer ...` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "optimizer", *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        **more,
    )


def here(*words) -> subprocess.CompletedProcess:
    """What `run` gives, without the start of another process."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as errors:
        status = within(*words)
    return subprocess.CompletedProcess(words, status, out.getvalue(), errors.getvalue())


def spoiled(path: Path) -> Path:
    """The tutorial with a negative capacity and an unknown column."""
    book = load_workbook(TUTORIAL)
    sheet = book["Suppliers"]
    header = [cell.value for cell in sheet[1]]
    sheet.cell(2, header.index("capacity_per_year") + 1).value = -5
    sheet.cell(1, len(header) + 1).value = "colour"
    book.save(path)
    return path


def infeasible(path: Path) -> Path:
    """A stock floor of 50 t against a budget for 30 t."""
    return (
        write_workbook(
            path,
            {
                "Settings": {"start": "2027-01-01", "period": "year", "periods": 2, "discount_rate": 0},
                "Materials": [{"material": "ore", "unit": "t"}],
                "Demand": [{"material": "ore", "use": "use", "annual_demand": 10, "shortage_cost": 100}],
                "Suppliers": [{"supplier": "A", "material": "ore", "bloc": "allied", "price": 1, "capacity_per_year": 1000}],
                "Budget": [{"fiscal_year": 2027, "amount": 30}],
                "Limits": [{"limit": "floor", "measure": "stock_quantity", "minimum": 50}],
            },
        )
        or path
    )


def test_template_is_written_once_and_its_examples_do_not_count(tmp_path):
    """The template never overwrites a file; left as it is, it is no case, and check says that its examples do not count."""
    out = tmp_path / "case.xlsx"
    assert run("template", out).returncode == 0
    assert here("template", out).returncode != 0
    checked = here("check", out)
    assert checked.returncode == 2 and "Materials!row 2" in checked.stdout and "example, which does not count" in checked.stdout


def test_check_says_what_was_read_before_what_is_wrong():
    """Sheets, rows, units, currency, horizon, defaults and what was not read, then the verdict as the last line."""
    done = run("check", TUTORIAL)
    lines = done.stdout.splitlines()
    assert lines[0] == "tutorial.xlsx: 6 sheets, 18 rows, USD, 3 years from 2027 to 2029, 1 sheet or column not read"
    assert "  units: Dysprosium oxide in kg" in lines and "  Suppliers: 2 rows" in lines
    assert any("on defaults: " in line and "lead_time_months: 0" in line for line in lines)
    assert "  sheets not read: Sources (16 filled)" in lines and "  Inventory: not there, so no stock and no open orders" in lines
    assert lines[-1] == "tutorial.xlsx: ready to solve."


def test_solve_writes_workbook_and_json(tmp_path):
    """-o and --json write the plan; the screen says what to sign and where the plan is."""
    plan, data = tmp_path / "plan.xlsx", tmp_path / "plan.json"
    done = run("solve", TUTORIAL, "-o", plan, "--json", data)
    assert done.returncode == 0, done.stderr
    assert "Sign" in done.stdout and str(plan) in done.stdout and "HiGHS" not in done.stdout
    content = json.loads(data.read_text(encoding="utf-8"))
    assert content["status"] == "optimal" and content["contracts"] and content["provenance"]["input_sha256"]
    assert sum(content["costs"].values()) == pytest.approx(content["expected_cost"])
    assert "Summary" in load_workbook(plan).sheetnames


def test_a_plan_workbook_is_a_case_again(tmp_path):
    """A plan carries its inputs, so that it solves to the same plan."""
    plan, one, two = tmp_path / "plan.xlsx", tmp_path / "one.json", tmp_path / "two.json"
    assert here("solve", TUTORIAL, "-o", plan, "--json", one, "--quiet").returncode == 0
    assert here("solve", plan, "--json", two, "--quiet").returncode == 0
    first, second = (json.loads(path.read_text(encoding="utf-8")) for path in (one, two))
    assert first["objective"] == second["objective"] and first["orders"] == second["orders"]


def test_settings_are_overridden_and_checked():
    """--set stands in for a setting; a setting that is none or not in range is bad input that names it."""
    assert here("solve", TUTORIAL, "--set", "risk_weight=0", "--quiet").returncode == 0
    for way, wrong in ((run, "risk_wait=0.5"), (here, "risk_weight=2"), (here, "periods=many")):
        done = way("solve", TUTORIAL, "--set", wrong)
        assert done.returncode == 2 and wrong.partition("=")[0] in done.stderr and "Traceback" not in done.stderr


def test_quiet_says_nothing(tmp_path):
    """--quiet leaves both streams empty."""
    done = run("solve", TUTORIAL, "-o", tmp_path / "plan.xlsx", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_bad_input_lists_every_problem_and_exits_2(tmp_path):
    """Every problem with sheet and cell, status 2, no traceback."""
    book = spoiled(tmp_path / "bad.xlsx")
    checked = run("check", book)
    for done, said in ((checked, checked.stdout), (solved := here("solve", book), solved.stderr)):
        assert done.returncode == 2
        assert "Suppliers!" in said and "capacity_per_year" in said and "colour" in said and "Traceback" not in said


def test_infeasible_names_rows_and_exits_3(tmp_path):
    """What clashes, by sheet and row, on the screen and in JSON; status 3."""
    data = tmp_path / "plan.json"
    done = run("solve", infeasible(tmp_path / "case.xlsx"), "--json", data)
    assert done.returncode == 3 and "Budget, row 2" in done.stderr and "Limits, row 2" in done.stderr
    content = json.loads(data.read_text(encoding="utf-8"))
    assert content["status"] == "infeasible"
    assert {(c["sheet"], c["row"]) for c in content["conflicts"]} == {("Budget", 2), ("Limits", 2)}
    assert all(c["give"] == pytest.approx(20) and c["what"] for c in content["conflicts"])


def test_no_time_no_plan_exits_4(tmp_path):
    """A time limit that nothing can meet: status 4, and JSON says no_solution."""
    data = tmp_path / "plan.json"
    done = here("solve", SAMPLES / "gallium_germanium.xlsx", "--method", "extensive", "--set", "time_limit_seconds=0.001", "--json", data)
    assert done.returncode == 4, done.stderr
    assert json.loads(data.read_text(encoding="utf-8"))["status"] == "no_solution"


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("number, all_of_it", [(signal.SIGINT, False), (signal.SIGTERM, True)], ids=["ctrl-c", "sigterm to its workers, too"])
def test_ctrl_c_keeps_the_best_plan(tmp_path, number, all_of_it):
    """Ctrl-C, or SIGTERM to every process of it, in the middle of a long solve stops it and writes the best plan found; no process is left."""
    plan = tmp_path / "plan.json"
    asked = ["--json", str(plan), "--set", "mip_gap=0", "--set", "scenarios=60"]
    words = [sys.executable, "-m", "optimizer", "solve", str(SAMPLES / "rare_earth_magnets.xlsx"), *asked]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True)
    for line in process.stderr:
        if "best plan" in line:
            break
    os.killpg(process.pid, number) if all_of_it else process.send_signal(number)
    _, errors = process.communicate(timeout=PATIENCE)  # which also waits until no process of it holds its streams
    assert process.returncode in (0, 4), errors
    assert "Traceback" not in errors
    content = json.loads(plan.read_text(encoding="utf-8"))
    assert content["status"] in ("feasible", "no_solution")
    assert process.returncode == (0 if content["status"] == "feasible" else 4)


def test_several_cases_one_line_each_past_a_bad_one(tmp_path):
    """A folder with a bad workbook in it: one line a case, the others solved, the bad one's status."""
    folder, out = tmp_path / "cases", tmp_path / "plans"
    folder.mkdir()
    shutil.copy(TUTORIAL, folder / "a.xlsx")
    spoiled(folder / "b.xlsx")
    shutil.copy(TUTORIAL, folder / "c.xlsx")
    done = run("solve", folder, "-o", out)
    assert done.returncode == 2
    lines = done.stdout.strip().splitlines()
    assert [line.split(":")[0] for line in lines] == ["a.xlsx", "b.xlsx", "c.xlsx"]
    assert "optimal" in lines[0] and "bad input" in lines[1]
    assert sorted(path.name for path in out.iterdir()) == ["a-plan.xlsx", "c-plan.xlsx"]


OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize("name, content", [("case.xls", OLD_EXCEL), ("case.pdf", b"%PDF-1.7 ..."), ("case.txt", b"hello")])
def test_other_formats_are_refused_with_advice(tmp_path, name, content):
    """Anything but .xlsx, .xlsm and folders of .csv is refused, saying what to do."""
    (tmp_path / name).write_bytes(content)
    done = here("solve", tmp_path / name)
    assert done.returncode == 2 and "workbook" in done.stderr and "Traceback" not in done.stderr


def test_a_missing_file_is_bad_input(tmp_path):
    """A file that is not there is said to be missing."""
    done = run("solve", tmp_path / "nowhere.xlsx")
    assert done.returncode == 2 and "nowhere.xlsx" in done.stderr and "Traceback" not in done.stderr


def test_what_is_no_place_for_a_plan_is_refused_before_the_solve(tmp_path):
    """A wrong ending, or the input itself as the output: refused at once, as bad usage, and nothing is touched."""
    assert within("solve", TUTORIAL, "-o", tmp_path / "plan.docx") == 2
    case = tmp_path / "case.xlsx"
    shutil.copy(TUTORIAL, case)
    before = case.read_bytes()
    assert within("solve", case, "-o", case) == 2
    assert case.read_bytes() == before


def within(*words) -> int:
    """The exit status of the command line, run in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["optimizer", *map(str, words)])
        return cli._run()


def kept_in(said: str) -> Path:
    """The file that a message names as the place where a plan is kept."""
    return Path(next(line for line in said.splitlines() if line.startswith("It is kept: ")).removeprefix("It is kept: "))


def refuse(monkeypatch, target: Path, error: OSError) -> None:
    """Let the system refuse to put a file in this place, as Windows does while it is open in Excel, or as a full disk does."""
    real = os.replace

    def replace(source, destination):
        if Path(destination) == target:
            raise error
        real(source, destination)

    monkeypatch.setattr(os, "replace", replace)


@pytest.mark.parametrize("place", ["none/plan.xlsx", "file/plan.xlsx", "folder.xlsx", "open.xlsx", "full.xlsx", "open.json"])
def test_a_plan_that_cannot_be_written_is_kept_and_says_where(tmp_path, capsys, monkeypatch, place):
    """No such folder, a file in its place, a folder of that name, a file open elsewhere, a full disk: status 5, the plan opens from where it is said
    to be, the app opens on it, and nobody is told of a mistake of the program."""
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.xlsx").mkdir()
    target = tmp_path / place
    if "open" in place:
        target.write_text("what was there")
        refuse(monkeypatch, target, PermissionError(13, "Permission denied"))
    if "full" in place:
        refuse(monkeypatch, target, OSError(28, "No space left on device"))
    assert within("solve", TUTORIAL, "--json" if place.endswith("json") else "-o", target) == 5
    out, said = capsys.readouterr()
    kept = kept_in(said)
    assert str(target) in said and "mistake" not in said and "Traceback" not in said and "Sign" in out
    assert json.loads(kept.read_text())["contracts"] if place.endswith("json") else "Summary" in load_workbook(kept).sheetnames
    assert Store().last()[1].plan().status == "optimal"
    if "open" in place:
        assert target.read_text() == "what was there" and "open in another program" in said
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_plan_is_kept_elsewhere_where_the_data_folder_fails(tmp_path, capsys, monkeypatch):
    """With the data folder below a file, a plan is kept among the temporary files; where that fails, too, it is shown, and said to be nowhere."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("OPTIMIZER_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert within("solve", TUTORIAL, "-o", tmp_path / "none" / "plan.xlsx") == 5
    assert "Summary" in load_workbook(kept_in(capsys.readouterr().err)).sheetnames
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    assert within("solve", TUTORIAL, "-o", tmp_path / "none" / "plan.xlsx") == 5
    out, said = capsys.readouterr()
    assert "could not be kept" in said and "Sign" in out
    assert within("solve", TUTORIAL, "-o", tmp_path / "plan.xlsx") == 0


@pytest.mark.skipif(os.name == "nt", reason="POSIX limits")
def test_a_disk_that_is_really_full_is_no_mistake_of_the_program(tmp_path):
    """No file may grow past 2,000 bytes: status 5, said in words."""
    import resource

    done = run("solve", TUTORIAL, "-o", tmp_path / "plan.xlsx", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)))
    assert done.returncode == 5 and "could not be written" in done.stderr and "mistake" not in done.stderr, done.stderr
    assert "Sign" in done.stdout and not (tmp_path / "plan.xlsx").exists()


def test_a_workbook_that_cannot_be_made_loses_no_plan(tmp_path, capsys, monkeypatch):
    """A mistake in the writer itself: status 1, the JSON beside it is written, and the plan is kept."""
    monkeypatch.setattr("optimizer.report.plan_book.plan_bytes", lambda plan, **_: 1 / 0)
    assert within("solve", TUTORIAL, "-o", tmp_path / "plan.xlsx", "--json", tmp_path / "plan.json") == 1
    assert "The plan itself is kept" in capsys.readouterr().err
    assert (tmp_path / "plan.json").exists() and Store().last()[1].plan().status == "optimal"


def test_the_solver_prints_nothing_into_a_pipe():
    """A script that prints one number prints it alone, though the solver greets on standard output and C writes to a pipe late."""
    code = f"import optimizer; print(optimizer.solve({str(TUTORIAL)!r}).status)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("optimal\n", "")


def test_quiet_leaves_nothing_behind_once_it_has_written(tmp_path):
    """What was kept only in case that writing fails goes once the plan is written."""
    assert within("solve", TUTORIAL, "-o", tmp_path / "plan.xlsx", "--quiet") == 0
    assert list((Store().root / "works").iterdir()) == []


# -- signals ---------------------------------------------------------------------------------------------------------------


def signalling(monkeypatch, number: int, moment: str) -> None:
    """Send this process a signal at a moment of a solve: when a phase is first told of, or when a file is written."""
    sent: list[int] = []

    def send() -> None:
        if not sent:
            sent.append(number)
            os.kill(os.getpid(), number)

    def before(function):
        def first(*words, **more):
            send()
            return function(*words, **more)

        return first

    if moment == "writing":
        monkeypatch.setattr(Plan, "save", before(Plan.save))
    else:
        show = cli.ProgressLine.show
        monkeypatch.setattr(cli.ProgressLine, "show", lambda self, told: (send() if told.phase.startswith(moment) else None, show(self, told)))


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
@pytest.mark.parametrize("moment", ["reading", "scenarios", "checking", "writing"])
def test_a_signal_in_any_phase_ends_as_documented(tmp_path, capfd, monkeypatch, number, moment):
    """Before there is a plan: status 4 and no file. Once there is one: status 0, it is written whole, and the app has it."""
    signalling(monkeypatch, number, moment)
    target = tmp_path / "plan.xlsx"
    handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    status = within("solve", TUTORIAL, "-o", target)
    said = capfd.readouterr().err
    assert "Stopping" in said and "Traceback" not in said
    if moment in ("reading", "scenarios"):
        assert status == 4 and not target.exists()
    else:
        assert status == 0 and "Summary" in load_workbook(target).sheetnames and Store().last()[1].plan().status == "optimal"
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == handlers


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_second_signal_ends_at_once_and_loses_nothing_that_is_kept(tmp_path):
    """Twice Ctrl-C while the plan is being written: the process ends there, half a file is left nowhere, and it says where the plan is kept."""
    code = """
import os, signal, sys
from optimizer.cli import commands as cli
from optimizer import files
synced = os.fsync
def stop(number):
    if any(str(part.parent) == os.path.dirname(sys.argv[-1]) for part in files.unfinished):
        os.kill(os.getpid(), signal.SIGINT), os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError("it goes on")
    synced(number)
os.fsync = stop
cli.main()
"""
    done = subprocess.run([sys.executable, "-c", code, "solve", str(TUTORIAL), "-o", str(tmp_path / "plan.xlsx")], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 5 and "it goes on" not in done.stderr, done.stderr
    folder = Path(done.stderr.strip().splitlines()[-1].removeprefix("Ended at once. The plan is kept: "))
    assert Run(folder).plan().status == "optimal"
    assert list(tmp_path.iterdir()) == []


# -- streams ---------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
@pytest.mark.parametrize("how", [">&- 2>&- <&-", "| head -1", "2>/dev/full >/dev/full"])
def test_a_stream_that_is_closed_full_or_cut_off_is_no_failure(tmp_path, how):
    """Nobody reads what is said: the plan is written all the same, with status 0."""
    if "/dev/full" in how and not Path("/dev/full").exists():
        how = ">&-"
    words = " ".join([shlex.quote(sys.executable), "-m", "optimizer", "solve", shlex.quote(str(TUTORIAL)), "-o", shlex.quote(str(tmp_path / "plan.xlsx"))])
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {words} {how}"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0 and "Traceback" not in done.stderr and "Exception" not in done.stderr, done.stderr
    assert "Summary" in load_workbook(tmp_path / "plan.xlsx").sheetnames


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_screen_that_lacks_letters_shows_the_others(tmp_path, encoding):
    """A case whose names no old code page has: its problems are shown, with question marks where a letter is missing."""
    case = write_workbook(
        tmp_path / "case.xlsx",
        {
            "Settings": {"start": "2027-01-01", "period": "year", "periods": 1},
            "Materials": [{"material": "\u30cd\u30aa", "unit": "t"}],
            "Demand": [{"material": "\u65e5\u672c", "use": "use", "annual_demand": 10, "shortage_cost": 100}],
            "Suppliers": [{"supplier": "A", "material": "\u30cd\u30aa", "bloc": "allied", "price": 1, "capacity_per_year": 1000}],
        },
    )
    done = subprocess.run([sys.executable, "-m", "optimizer", "check", case], capture_output=True, cwd=ROOT, env={**os.environ, "PYTHONIOENCODING": encoding})
    assert done.returncode == 2 and b"Demand!A2" in done.stdout and b"Traceback" not in done.stderr, done


# -- several cases -----------------------------------------------------------------------------------------------------------


class AsProcesses(Here):
    """A lane of this process in the place of worker processes."""

    def __init__(self, lanes: int | None = None) -> None:
        pass


def test_no_two_cases_share_a_file_and_no_case_is_written_over(tmp_path):
    """Same stems, same but for the size of letters, from several folders, and cases in the folder of the plans: a name each."""
    out = tmp_path / "out"
    cases = [tmp_path / name for name in ("a.xlsx", "a.xlsm", "A.xlsx", "b/a.xlsx", "a-2.xlsx", "c.xlsx", "out/c-plan.xlsx")]
    names = names_of(cases, [out])
    assert len({name.casefold() for name in names}) == len(cases)
    assert names[0] == "a-plan" and names[5] == "c-2-plan" and names[6] == "c-plan-plan"


def test_several_cases_of_one_name_are_all_written(tmp_path, monkeypatch, capsys):
    """a.xlsx and a.xlsm of a folder: two lines, two plan workbooks, and the line says which is whose; a folder with one case in it works likewise."""
    monkeypatch.setattr("optimizer.executors.Processes", AsProcesses)
    folder, out = tmp_path / "cases", tmp_path / "plans"
    folder.mkdir()
    shutil.copy(TUTORIAL, folder / "a.xlsx")
    assert within("solve", folder, "-o", tmp_path / "one") == 0 and [path.name for path in (tmp_path / "one").iterdir()] == ["a-plan.xlsx"]
    shutil.copy(TUTORIAL, folder / "a.xlsm")
    capsys.readouterr()
    assert within("solve", folder, "-o", out) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["a.xlsm", "a.xlsx"] and "a-2-plan" in lines[1]
    assert sorted(path.name for path in out.iterdir()) == ["a-2-plan.xlsx", "a-plan.xlsx"]


def test_a_batch_goes_on_past_whatever_goes_wrong_with_one_case(tmp_path, monkeypatch, capsys):
    """A bad case, one that crashes, one that cannot be written and a good one: a line each, the good one written, the highest status."""
    monkeypatch.setattr("optimizer.executors.Processes", AsProcesses)
    solve_case = api._solve

    def crash(source, *words, **more):
        if source.name == "b.xlsx":
            raise ZeroDivisionError("division by zero")
        return solve_case(source, *words, **more)

    monkeypatch.setattr(api, "_solve", crash)
    out = tmp_path / "plans"
    (out / "c-plan.xlsx").mkdir(parents=True)
    spoiled(tmp_path / "a.xlsx")
    for name in "bcd":
        shutil.copy(TUTORIAL, tmp_path / f"{name}.xlsx")
    assert within("solve", *(tmp_path / f"{name}.xlsx" for name in "abcd"), "-o", out) == 5
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["a.xlsx", "b.xlsx", "c.xlsx", "d.xlsx"]
    assert "bad input" in lines[0] and "division by zero" in lines[1] and "not written" in lines[2] and "optimal" in lines[3]
    kept = Path(lines[2].split("It is kept: ")[1])
    assert "Summary" in load_workbook(kept).sheetnames and (out / "d-plan.xlsx").is_file()


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_signal_to_a_batch_writes_what_there_is(tmp_path, monkeypatch, capsys):
    """Ctrl-C as the first plan is written: it is written, and each case that was not begun has its line; status 4."""
    monkeypatch.setattr("optimizer.executors.Processes", AsProcesses)
    signalling(monkeypatch, signal.SIGINT, "writing")
    for name in "abc":
        shutil.copy(TUTORIAL, tmp_path / f"{name}.xlsx")
    assert within("solve", *(tmp_path / f"{name}.xlsx" for name in "abc"), "-o", tmp_path / "plans") == 4
    lines = capsys.readouterr().out.splitlines()
    assert "optimal" in lines[0] and all("no plan" in line for line in lines[1:]) and len(lines) == 3
    assert [path.name for path in (tmp_path / "plans").iterdir()] == ["a-plan.xlsx"]


# -- many questions of one workbook ------------------------------------------------------------------------------------------


def test_a_sweep_solves_every_combination_and_says_which_has_no_plan(tmp_path, capsys):
    """Two risk weights by three prices are six rows; a price that is no number has its problem in its row, with its cell, and the others have plans."""
    target = tmp_path / "sweep.csv"
    status = within("sweep", TUTORIAL, "--set", "risk_weight=0;1", "--cell", "Suppliers / Southern Refinery / price=x0.9;275;dear", "-o", target)
    assert status == 2
    table = pd.read_csv(target)
    price = "Suppliers / Southern Refinery / price"
    assert list(zip(table["risk_weight"], table[price])) == [(w, p) for w in (0, 1) for p in ("x0.9", "275", "dear")]
    solved = table[table["status"] == "optimal"]
    assert len(solved) == 4 and "Suppliers!E2" in table.loc[table[price] == "dear", "status"].iloc[0]
    cheap, dear = solved[solved["risk_weight"] == 0]["objective"]
    assert cheap == pytest.approx(946_150, rel=1e-3) and dear == pytest.approx(1_080_850, rel=1e-3)
    assert "6 of 6 solved" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("--set", "risk_weight"), ("--cell", "=5"), ("--set", "risk_weight=")])
def test_a_sweep_without_values_is_refused_with_an_example(words, capsys):
    """What is no NAME=VALUE;VALUE is bad usage."""
    assert within("sweep", TUTORIAL, *words) == 2
    assert "for example risk_weight=0;0.5;1" in capsys.readouterr().err


def test_studies_are_listed_and_asked_by_name(tmp_path, capsys):
    """Without a name the studies are listed; with one its tables are shown and written; an unknown one is refused with those there are."""
    assert within("study") == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in STUDIES)
    target = tmp_path / "cash.xlsx"
    assert within("study", "cash_flow", TUTORIAL, "-o", target) == 0
    assert "is still due" in capsys.readouterr().out
    assert {table.sheet for table in STUDIES["cash_flow"].tables} <= set(load_workbook(target).sheetnames)
    assert within("study", "nonsense", TUTORIAL) == 2 and "out_of_sample" in capsys.readouterr().err
    assert within("study", "cash_flow") == 2
    assert within("study", "cash_flow", tmp_path / "none.xlsx") == 2
