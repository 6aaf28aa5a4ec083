"""Settings that are given beside the input: by keyword and by --set, on a workbook, a reading and a case alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import case, settings

import optimizer
from optimizer.case import BudgetRow, Disruption
from optimizer.errors import WorkbookError
from optimizer.schema.sheets import SETTINGS

TUTORIAL = Path(__file__).resolve().parent.parent / "sample_inputs" / "tutorial.xlsx"


def risky():
    """A case in which risk and discount change the objective."""
    return case(settings=settings(periods=3, cvar_level=0.5), budget=(BudgetRow(2, 2027, 50.0),), disruptions=(Disruption(2, "stop", 0.3, 12, 0.0),))


ASKED = [{"risk_weight": 1.0}, {"discount_rate": 0.1, "risk_weight": 0.5}, {"periods": 2}, {"risk_weight": "0.25"}]


@pytest.mark.parametrize("changes", ASKED)
def test_a_case_is_asked_with_settings_in_every_way_alike(changes):
    """solve, WhatIf, sweep and naive of a case with a setting give what the case with that setting gives."""
    typed = {name: float(value) if isinstance(value, str) else value for name, value in changes.items()}
    wanted = optimizer.solve(risky().with_settings(**typed))
    assert optimizer.solve(risky(), changes).objective == pytest.approx(wanted.objective)
    with optimizer.WhatIf(risky()) as ask:
        first = ask.solve()
        again = ask.solve(settings=changes)
    assert again.objective == pytest.approx(wanted.objective) and first.objective == pytest.approx(optimizer.solve(risky()).objective)
    assert [plan.objective for plan in optimizer.sweep([risky()], settings=[changes])] == [pytest.approx(wanted.objective)]
    assert optimizer.naive(risky(), "cheapest", settings=changes).objective == pytest.approx(
        optimizer.naive(risky().with_settings(**typed), "cheapest").objective
    )
    assert optimizer.check(risky(), changes) == []
    assert optimizer.playbook(again)["playbook_summary"] is not None
    assert len(optimizer.compare([first, again], ["as it is", "asked"]).figures)


def test_a_case_changed_by_hand_is_asked_with_settings():
    """WhatIf takes another case and a setting at once."""
    with optimizer.WhatIf(risky()) as ask:
        ask.solve()
        assert ask.solve(risky().with_settings(discount_rate=0.2), {"risk_weight": 1.0}).objective == pytest.approx(
            optimizer.solve(risky().with_settings(discount_rate=0.2, risk_weight=1.0)).objective
        )


@pytest.mark.parametrize("wrong", [{"no_such": 1}, {"risk_weight": 7}, {"periods": 2.5}, {"start": "never"}, {"period": "week"}])
@pytest.mark.parametrize("source", [TUTORIAL, "case", "reading"])
def test_a_setting_that_is_none_or_not_sound_is_an_error_everywhere(wrong, source):
    """A workbook, a reading and a case refuse it alike, in words; check lists it."""
    source = {"case": risky(), "reading": optimizer.load(TUTORIAL)}.get(str(source), source)
    for ask in (lambda: optimizer.solve(source, wrong), lambda: optimizer.naive(source, "cheapest", settings=wrong)):
        with pytest.raises(WorkbookError) as caught:
            ask()
        assert [next(iter(wrong)) in str(problem) for problem in caught.value.problems] == [True]
    assert [p.level for p in optimizer.check(source, wrong) if p.level == "error"] == ["error"]
    (result,) = optimizer.sweep([source], settings=[wrong])
    assert isinstance(result, WorkbookError)


@pytest.mark.parametrize("command", ["check", "solve"])
@pytest.mark.parametrize("name", ["method", "cancelled", "progress", "cluster", "path", "source", "self", "settings"])
def test_a_name_that_only_the_program_knows_is_no_setting(command, name):
    """--set with the name of one of our own arguments is an unknown setting: status 2, with the settings that there are."""
    from click.testing import CliRunner

    from optimizer.cli.commands import cli

    done = CliRunner().invoke(cli, [command, str(TUTORIAL), "--set", f"{name}=extensive"])
    assert done.exit_code == 2 and "mistake of" not in done.output
    assert f"There is no setting '{name}'" in done.output
    assert all(column.name in done.output for column in SETTINGS.columns)
