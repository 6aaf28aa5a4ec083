"""The command import: it proposes, asks, writes nothing before it is answered, and does next month's files at once."""

from __future__ import annotations

import json
import sys

import import_cases
import pytest
from import_cases import write_book

from optimizer.cli import commands
from optimizer.intake.reader import read

QUESTION = 6


@pytest.fixture
def run(monkeypatch, capsys):
    """The command line in this process: its exit status, and what it said."""

    def command(*words) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["optimizer", "import", *map(str, words)])
        status = commands._run()
        return (status, *capsys.readouterr())

    return command


def answered(path, values: dict) -> None:
    """Answer a saved mapping as a planner would, in a text editor: each question, and confirmed."""
    content = json.loads(path.read_text(encoding="utf-8"))
    for answer in content["answers"]:
        answer["values"] = {"*": values[answer["column"]]}
    path.write_text(json.dumps({**content, "confirmed": True}), encoding="utf-8")


def test_a_mapping_is_proposed_answered_and_used_again(run, tmp_path):
    """Without a mapping: what each column becomes, the questions, the status of a question, and no case. With the answered one: the case, twice."""
    files, mapping, case = import_cases.makers_and_sites(tmp_path), tmp_path / "mapping.json", tmp_path / "case.xlsx"
    status, out, err = run(*files, "--save-mapping", mapping, "-o", case)
    assert status == QUESTION and not case.exists() and "Maker -> Suppliers.supplier" in out
    assert "Suppliers.bloc is missing of M1, M2" in err and "set confirmed to true" in err
    answered(mapping, {"Demand.shortage_cost": 5_000_000, "Suppliers.bloc": "other"})
    for _ in range(2):
        status, out, err = run(*files, "--mapping", mapping, "-o", case)
        assert (status, err) == (0, "") and "Ready to solve" in out
    assert [offer.price for offer in read(case).case.offers[:2]] == [704986, 704370]
    assert "Where from" in [raw.name for raw in read(case).sheets]


def test_confirming_takes_proposals_and_leaves_questions_open(run, tmp_path):
    """--confirm settles what is proposed, and not what nobody can know."""
    path = write_book(tmp_path / "bids.xlsx", {"Offers": [["Vendor", "Item", "Price", "Capacity"], ["A", "Ga", 3, 4]]})
    status, _, err = run(path, "--confirm", "--set", "start=2027-01-01", "--set", "periods=4")
    assert status == QUESTION and "'Capacity' count" in err and "Settings: First day" not in err and "proposed" not in err


def test_a_column_that_is_new_or_gone_is_asked(run, tmp_path):
    """Next month's file with another column, and without one that the mapping uses, ends in questions about just these."""
    files, mapping, case = import_cases.makers_and_sites(tmp_path), tmp_path / "mapping.json", tmp_path / "case.xlsx"
    run(*files, "--save-mapping", mapping, "--confirm")
    answered(mapping, {"Demand.shortage_cost": 5_000_000, "Suppliers.bloc": "other"})
    write_book(files[0], {"Offers VND per box": [["Maker", "HCM", "Hanoi", "Haiphong", "Danang", "Grade"], ["M1", 7, 7, 6, 8, "A"]]})
    status, _, err = run(*files, "--mapping", mapping, "-o", case)
    assert status == QUESTION and not case.exists()
    assert "Grade: The column is new" in err and "Capacity per month is not there any more" in err


@pytest.mark.parametrize(
    "content, said",
    [
        ("{", "not JSON"),
        ("[]", "format"),
        ('{"format": 1, "tables": [{"sheet": "Bids"}]}', "uses is missing"),
        ('{"format": 1, "rate": 2}', "not known"),
        ('{"format": 1, "settings": {"start": [1]}}', "single value"),
        ('{"format": 1, "tables": [{"sheet": "Suppliers", "uses": [{"header": "A", "becomes": "Suppliers.prise"}]}]}', "no column Suppliers.prise"),
    ],
)
def test_a_faulty_mapping_is_said_in_words(run, tmp_path, content, said):
    """A mapping that is damaged or mistyped is bad input, with what is wrong with it."""
    path = tmp_path / "mapping.json"
    path.write_text(content, encoding="utf-8")
    status, _, err = run(*import_cases.makers_and_sites(tmp_path), "--mapping", path)
    assert status == 2 and said in err and "Traceback" not in err


def test_what_cannot_be_read_is_bad_input(run, tmp_path):
    """A missing file, one without a table, a setting that is none, a problem in the planner's own sheet: status 2, and a sentence."""
    empty = write_book(tmp_path / "empty.xlsx", {"Notes": [["ask Li"]]})
    files = import_cases.makers_and_sites(tmp_path)
    assert run(tmp_path / "none.xlsx")[0] == 2
    assert "No table was found" in run(empty)[2]
    assert "There is no setting risk" in run(*files, "--set", "risk=1")[2]
    mapping = tmp_path / "mapping.json"
    run(*files, "--save-mapping", mapping, "--confirm")
    answered(mapping, {"Demand.shortage_cost": -1, "Suppliers.bloc": "other"})
    status, _, err = run(*files, "--mapping", mapping)
    assert status == 2 and "Demand!D2" in err
