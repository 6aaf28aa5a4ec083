"""The command line, as a planner and as a script use it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from openpyxl import load_workbook
from workbooks import write_workbook

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "sample_inputs"
TUTORIAL = SAMPLES / "tutorial.xlsx"


def run(*words, **more):
    """`python -m optimizer ...` as a process of its own."""
    return subprocess.run([sys.executable, "-m", "optimizer", *map(str, words)], capture_output=True, text=True, encoding="utf-8", timeout=120,
                          cwd=ROOT, env={**os.environ, "PYTHONIOENCODING": "utf-8"}, **more)


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
    return write_workbook(path, {
        "Settings": {"start": "2027-01-01", "period": "year", "periods": 2, "discount_rate": 0},
        "Materials": [{"material": "ore", "unit": "t"}],
        "Demand": [{"material": "ore", "use": "use", "annual_demand": 10, "shortage_cost": 100}],
        "Suppliers": [{"supplier": "A", "material": "ore", "bloc": "allied", "price": 1, "capacity_per_year": 1000}],
        "Budget": [{"fiscal_year": 2027, "amount": 30}],
        "Limits": [{"limit": "floor", "measure": "stock_quantity", "minimum": 50}],
    }) or path


def test_template_is_written_once_and_its_examples_do_not_count(tmp_path):
    """The template never overwrites a file; left as it is, it is no case, and check says that its examples do not count."""
    out = tmp_path / "case.xlsx"
    assert run("template", out).returncode == 0
    assert run("template", out).returncode != 0
    checked = run("check", out)
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
    assert run("solve", TUTORIAL, "-o", plan, "--json", one, "--quiet").returncode == 0
    assert run("solve", plan, "--json", two, "--quiet").returncode == 0
    first, second = (json.loads(path.read_text(encoding="utf-8")) for path in (one, two))
    assert first["objective"] == second["objective"] and first["orders"] == second["orders"]


def test_settings_are_overridden_and_checked():
    """--set stands in for a setting; a setting that is none or not in range is bad input that names it."""
    assert run("solve", TUTORIAL, "--set", "risk_weight=0", "--quiet").returncode == 0
    for wrong in ("risk_wait=0.5", "risk_weight=2", "periods=many"):
        done = run("solve", TUTORIAL, "--set", wrong)
        assert done.returncode == 2 and wrong.partition("=")[0] in done.stderr and "Traceback" not in done.stderr


def test_quiet_says_nothing(tmp_path):
    """--quiet leaves both streams empty."""
    done = run("solve", TUTORIAL, "-o", tmp_path / "plan.xlsx", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_bad_input_lists_every_problem_and_exits_2(tmp_path):
    """Every problem with sheet and cell, status 2, within two seconds, no traceback."""
    book = spoiled(tmp_path / "bad.xlsx")
    began = time.monotonic()
    checked = run("check", book)
    assert time.monotonic() - began < 2
    for done, said in ((checked, checked.stdout), (solved := run("solve", book), solved.stderr)):
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
    done = run("solve", SAMPLES / "gallium_germanium.xlsx", "--method", "extensive", "--set", "time_limit_seconds=0.001", "--json", data)
    assert done.returncode == 4, done.stderr
    assert json.loads(data.read_text(encoding="utf-8"))["status"] == "no_solution"


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_keeps_the_best_plan(tmp_path):
    """Ctrl-C in the middle of a long solve stops it within seconds and writes the best plan found."""
    plan = tmp_path / "plan.json"
    words = [sys.executable, "-m", "optimizer", "solve", str(SAMPLES / "rare_earth_magnets.xlsx"), "--json", str(plan), "--set", "mip_gap=0"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    for line in process.stderr:
        if "best plan" in line:
            break
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode in (0, 4), errors
    assert time.monotonic() - began < 20
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
    done = run("solve", tmp_path / name)
    assert done.returncode == 2 and "workbook" in done.stderr and "Traceback" not in done.stderr


def test_a_missing_file_is_bad_input(tmp_path):
    """A file that is not there is said to be missing."""
    done = run("solve", tmp_path / "nowhere.xlsx")
    assert done.returncode == 2 and "nowhere.xlsx" in done.stderr and "Traceback" not in done.stderr


def test_where_a_plan_cannot_go_is_said_before_the_solve(tmp_path):
    """A folder that does not exist, a wrong ending, or the input itself as the output: refused at once."""
    for target in (tmp_path / "none" / "plan.xlsx", tmp_path / "plan.docx"):
        done = run("solve", TUTORIAL, "-o", target)
        assert done.returncode != 0 and "Traceback" not in done.stderr
    case = tmp_path / "case.xlsx"
    shutil.copy(TUTORIAL, case)
    before = case.read_bytes()
    assert run("solve", case, "-o", case).returncode != 0
    assert case.read_bytes() == before
