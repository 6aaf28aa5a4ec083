"""The time limit holds for all that a solve does, and what cannot fit the memory is refused in words before it begins."""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner
from random_cases import random_case
from support import case, need, offer, ore, settings

import optimizer.api
from optimizer.case import Case, Disruption, Offer, Settings
from optimizer.cli.commands import cli
from optimizer.errors import NoPlanError, WorkbookError
from optimizer.executors import Here
from optimizer.model.data import CaseData, canonical
from optimizer.scenarios import make_tree
from optimizer.solving import size
from optimizer.solving.benders import Benders
from optimizer.solving.blocks import cut_up
from optimizer.solving.built import build
from optimizer.solving.highs import Solver
from optimizer.solving.outcome import OutOfTime, Status, Stop
from optimizer.solving.watch import Phase, Stopped, Watch
from optimizer.solving.worker_pool import WorkerPool

TUTORIAL = Path(__file__).resolve().parent.parent / "sample_inputs" / "tutorial.xlsx"
GB = 1e9


def large(periods: int = 240, scenarios: int = 100_000, offers: int = 200, period: str = "month") -> Case:
    """Three disruptions, one material."""
    rows = tuple(Offer(k + 2, f"S{k}", "ore", ("chinese", "allied")[k % 2], 5.0 + k % 7, 50.0, terms=("spot", "both")[k % 2]) for k in range(offers))
    return Case(
        Settings(dt.date(2027, 1, 1), periods, period=period, scenarios=scenarios, scenario_method="sampled", time_limit_seconds=20.0),
        (ore(),),
        (need(1000.0),),
        rows,
        tuple(Disruption(k + 2, f"stop {k}", 0.3, 12.0, 0.5, bloc=(("chinese", "allied")[k % 2],)) for k in range(3)),
    )


@pytest.mark.parametrize(
    "shape", [dict(), dict(period="year"), dict(scenarios=1, offers=100_000), dict(scenarios=100_000, offers=100_000, period="year"), dict(scenarios=5_000)]
)
def test_what_cannot_fit_is_refused_before_it_begins(monkeypatch, shape):
    """240 months or years, 100,000 scenarios, 100,000 offers: a typed error that names the settings to change, before any drawing or stating."""
    monkeypatch.setattr(size, "free_memory", lambda: 8 * GB)
    monkeypatch.setattr(size, "make_tree", lambda drawn, tick: make_tree(drawn, tick) if drawn.settings.scenarios <= size.TRIAL else pytest.fail("drawn"))
    with pytest.raises(WorkbookError) as caught:
        optimizer.solve(large(**shape))
    words = str(caught.value)
    assert "too large for this computer" in words and "8.0 GB are free" in words
    assert "periods (now 240)" in words and "offers (now " in words
    assert ("setting scenarios, now " in words) == (shape.get("offers", 200) < 100_000)


def test_many_scenarios_of_few_periods_are_no_reason_to_refuse(monkeypatch):
    """100,000 draws of three years are few different futures: they fit, and are known to."""
    monkeypatch.setattr(size, "free_memory", lambda: 0.02 * GB)
    small = large(periods=3, offers=3, period="year")
    assert size.tree_that_fits(CaseData(canonical(small)))[0].size < 200


def test_the_command_line_refuses_it_with_status_2(tmp_path, monkeypatch):
    """A workbook whose settings ask for too much: bad input, in words and in JSON."""
    monkeypatch.setattr(size, "free_memory", lambda: 1e4)
    out = tmp_path / "plan.json"
    done = CliRunner().invoke(cli, ["solve", str(TUTORIAL), "--quiet", "--json", str(out)])
    assert done.exit_code == 2 and "too large for this computer" in done.output
    assert json.loads(out.read_text())["status"] == "bad_input"


def test_sizes_are_known_before():
    """Rows, columns and coefficients of random cases, all together within a fifth, a third and a half of what they turn out to be."""
    told, made = np.zeros(3), np.zeros(3)
    for seed in range(60):
        built = build(random_case(seed))
        known = size.size_of(built.data, built.tree.size, len(built.tree.regimes))
        told += (known.rows, known.columns, known.coefficients)
        made += (len(built.program.row_lower), len(built.program.cost), len(built.program.value))
    assert told[0] == pytest.approx(made[0], rel=0.2) and told[1] == pytest.approx(made[1], rel=0.33) and told[2] == pytest.approx(made[2], rel=0.5)


@pytest.mark.parametrize("method", ["exact", "sampled", "listed"])
def test_nodes_are_told_before(method):
    """Of the exact tree just as many; of the others never more than there are."""
    from optimizer.case import ScenarioRow

    asked = large(periods=5, scenarios=2000, offers=2, period="year").with_settings(scenario_method=method)
    if method == "listed":
        asked = Case(
            **{name: getattr(asked, name) for name in ("settings", "materials", "demand", "offers", "disruptions")},
            scenarios=(ScenarioRow(2, "one", 0.5, disruption="stop 0", starts=1, duration_months=12.0),),
        )
    tree = make_tree(canonical(asked))
    told = size.nodes_before(canonical(asked))
    assert told == tree.size if method == "exact" else 0 < told <= tree.size


def phases_asked(solve) -> set[str]:
    """In which phases it was asked whether the time is over."""
    asked, phase = set(), [""]
    told, check = Watch.tell, Watch.check

    class Asked(Watch):
        def tell(self, now, *detail, **figures):
            phase[0] = now
            told(self, now, *detail, **figures)

        def check(self, now=None):
            asked.add(phase[0])
            check(self, now)

    solve(Asked())
    return asked


def test_every_phase_before_the_solver_asks_whether_to_stop():
    """While scenarios are drawn, the model is stated and laid onto the tree."""
    assert {Phase.SCENARIOS, Phase.MODEL} <= phases_asked(lambda watch: build(large(periods=4, scenarios=300, offers=7), watch))


@pytest.mark.parametrize("after", range(0, 60, 6))
def test_the_end_of_the_time_and_a_stop_by_hand_are_heard_wherever_it_is(after, monkeypatch):
    """At any of the first looks at the watch: a typed error that says which of the two it was."""
    for reason, words in ((Stop.BY_TIME, "time limit of 20 s was over"), (Stop.BY_HAND, "Stopped before any plan")):
        looks = []

        def check(self, phase=None, reason=reason, looks=looks):
            looks.append(phase)
            if len(looks) > after:
                raise Stopped(reason)

        monkeypatch.setattr(Watch, "check", check)
        with pytest.raises(NoPlanError, match=words) as caught:
            optimizer.solve(large(periods=4, scenarios=300, offers=7 + after))
        assert caught.value.__context__ is None


def test_no_time_at_all_is_no_plan_and_status_4(tmp_path):
    """Status 4, JSON says no_solution, and no traceback."""
    out = tmp_path / "plan.json"
    done = CliRunner().invoke(cli, ["solve", str(TUTORIAL), "--quiet", "--json", str(out), "--set", "time_limit_seconds=0.001"])
    assert done.exit_code == 4 and "Allow more time" in done.output
    assert json.loads(out.read_text())["status"] == "no_solution"


def test_reading_counts_as_time(monkeypatch):
    """What reading has taken is not given to the solver again."""
    limits = []
    monkeypatch.setattr("optimizer.solving.solve.solve_case", lambda case, watch, **more: limits.append(watch.limit - watch.seconds) or 1 / 0)
    monkeypatch.setattr("optimizer.api.reading_of", lambda source, settings, real=optimizer.api.reading_of: time.sleep(0.3) or real(source, settings))
    with pytest.raises(ZeroDivisionError):
        optimizer.solve(case(settings=settings(time_limit_seconds=9.0)))
    assert limits[0] <= 8.7


@pytest.mark.parametrize("watch, reason", [(Watch(limit=-1.0), Stop.BY_TIME), (Watch(cancelled=lambda: True), Stop.BY_HAND)])
def test_a_solver_that_is_ended_says_by_what(watch, reason):
    """The clock is not called a hand, though both interrupt the solver."""
    built = build(large(periods=4, scenarios=100, offers=6, period="year"))
    outcome = Solver(built.arrays(), watch=watch).solve()
    assert (outcome.status, outcome.stopped) == (Status.NO_SOLUTION, reason)


def decomposed(limit: float) -> Benders:
    built = build(large(periods=5, scenarios=100, offers=4, period="year"))
    return Benders(built, cut_up(built, 8), Watch(limit=limit), Here())


def test_a_round_that_the_time_breaks_off_is_no_proof():
    """Blocks and the trunk end with the time; what was broken off is neither infeasible nor optimal, and the best plan so far is kept."""
    late = decomposed(limit=-1.0)
    assert (late.solve_from(None).status, late.outcome().stopped) == (Status.NO_SOLUTION, Stop.BY_TIME)
    parts = decomposed(limit=1e6)
    whole = parts.solve_from(None)
    assert whole.status == "optimal"
    parts.problem.lower, parts.problem.stopping.deadline = -np.inf, -1.0
    again = parts.solve_from(None)
    assert (again.status, again.stopped) == (Status.FEASIBLE, Stop.BY_TIME) and again.objective == pytest.approx(whole.objective)


def test_blocks_are_not_asked_past_the_end():
    """A crew whose deadline has passed raises OutOfTime, and answers in full without a deadline."""
    built = build(large(periods=5, scenarios=100, offers=4, period="year"))
    parts = cut_up(built, 8)
    pool = WorkerPool(Here(), parts, 1)
    at = np.zeros(len(parts.trunk.columns))
    with pytest.raises(OutOfTime):
        pool.ask(at, 100.0, until=time.time() - 1)
    assert len(pool.ask(at, 100.0)) == len(parts)


def test_what_no_decision_avoids_is_left_open_where_the_time_is_over():
    """The plan is shown with the figure unknown, and no sentence claims it."""
    from optimizer.plan.plan import make_plan
    from optimizer.solving.extensive import solve_extensive

    short = case(offers=(offer(capacity=4.0),))
    solution = solve_extensive(short)
    known, unknown = (make_plan(solution.built.case, solution, watch=watch) for watch in (Watch(limit=60.0), Watch(limit=-60.0)))
    assert known.unavoidable_shortage == 1 and np.isnan(unknown.unavoidable_shortage)
    assert json.loads(unknown.to_json())["unavoidable_shortage"] is None
    assert known.headlines and unknown.headlines


def test_a_workbook_may_ask_for_more_than_fits(tmp_path, monkeypatch):
    """The settings that a planner typed are those that the error names."""
    book = openpyxl.load_workbook(TUTORIAL)
    book["Settings"].append(["scenarios", 99_999])
    book.save(tmp_path / "case.xlsx")
    monkeypatch.setattr(size, "free_memory", lambda: 1e4)
    with pytest.raises(WorkbookError, match="setting scenarios, now 99,999|One future alone"):
        optimizer.solve(tmp_path / "case.xlsx")
