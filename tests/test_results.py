"""Every result table is made as it is declared: no key is lost, no yes or no is a word, no value is missing without notice."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from plans import NAMES, barest, biting, plain, solved

from optimizer.plan.headline import answer
from optimizer.plan.record import from_record, to_record
from optimizer.plan.results import ROWS, Results
from optimizer.schema.results import OUTPUTS, Output, number, text, whole, yes_no
from optimizer.studies.playbooks import playbook
from optimizer.studies.registry import STUDIES

PLANS = {**{name: lambda name=name: solved(name) for name in NAMES}, "biting": biting, "barest": barest, "plain": plain}
COLUMNS = {"port": text("Where."), "tons": number("t", "How much.", blank="empty"), "year": whole("When."), "last": yes_no("Whether it is the last.")}
TABLE = Output("stops", "Stops", "Where a ship stops.", COLUMNS)
ROW = {"port": "A", "tons": 1, "year": 2027, "last": True}


@pytest.fixture(params=list(PLANS))
def plan(request):
    return PLANS[request.param]()


WITHOUT = {name: value for name, value in ROW.items() if name != "port"}


@pytest.mark.parametrize("row", [{**ROW, "prot": "A"}, WITHOUT, {**WITHOUT, "prot": "A"}], ids=("added", "missing", "misspelt"))
def test_a_row_with_other_keys_than_the_declared_columns_is_refused(row):
    """A misspelt, an added and a missing key are all told by the name of the table, whether rows come one by one or as a frame."""
    for rows in ([ROW, row], pd.DataFrame([row])):
        with pytest.raises(ValueError, match="stops is not as schema/results.py declares it"):
            TABLE.frame(rows)


@pytest.mark.parametrize("word", ["yes", "no", 1, None, np.nan])
def test_yes_and_no_are_bools(word):
    """A word or a number in a column of yes and no is refused: the text no would count as true."""
    with pytest.raises(ValueError, match="other than True and False"):
        TABLE.frame([ROW, {**ROW, "last": word}])


def test_a_table_has_its_declared_columns_and_kinds_with_rows_and_without():
    """Columns come in their order; numbers are floats with NaN for none, years whole, yes and no bools, also in a table without rows."""
    for table in (TABLE.frame([dict(reversed(ROW.items())), {**ROW, "tons": None}]), TABLE.frame([]), TABLE.frame(pd.DataFrame([ROW]))):
        assert list(table) == list(TABLE.columns)
        assert [str(table[name].dtype) for name in ("tons", "year", "last")] == ["float64", "int64", "bool"]
    assert TABLE.frame([{**ROW, "tons": None}])["tons"].isna().all()
    assert str(TABLE.frame([])["port"].dtype) == "object", "without rows pandas would take words for numbers"
    assert TABLE.frame([{**ROW, "last": np.False_}])["last"].tolist() == [False]


def test_what_earlier_versions_kept_is_read():
    """Yes and no that were kept as words come back as bools; a table that lacks a column comes back without rows."""
    kept = {"port": ["A", "B"], "tons": [None, 2], "year": [2027, 2028], "last": ["no", "yes"]}
    assert TABLE.restored(kept)["last"].tolist() == [False, True]
    assert TABLE.restored({name: values for name, values in kept.items() if name != "year"}).empty
    assert TABLE.restored({}).empty


def test_each_declared_table_has_a_method_that_makes_it():
    """The methods of plan/results.py and the declarations of schema/results.py are the same tables."""
    assert set(ROWS) == {output.name for output in OUTPUTS if output.beyond is None}, (
        "a table stands in one of optimizer/schema/results.py and ROWS of optimizer/plan/results.py only"
    )


def kinds_kept(declared: Output, table: pd.DataFrame) -> None:
    """A table has the declared columns, and no value is missing where the declaration does not say what that means."""
    assert list(table) == list(declared.columns)
    for name, column in declared.columns.items():
        assert not table[name].isna().any() or column.blank, f"{declared.name}.{name} has blanks, which optimizer/schema/results.py does not tell of"


def test_every_table_of_every_plan_is_as_declared(plan):
    """Real plans have the declared columns, and blanks only where their meaning is declared."""
    for output in OUTPUTS:
        kinds_kept(output, plan.tables[output.name])


def test_every_table_of_the_playbook_is_as_declared():
    """So have the tables of the playbook."""
    tables = playbook(solved("tutorial"))
    for declared in STUDIES["playbook"].tables:
        kinds_kept(declared, tables[declared.name])


def test_the_parts_of_the_cost_that_the_answer_names_add_up_to_the_total(plan):
    """Whoever adds up cash, losses, penalties and income as the answer tells them comes to the total expected cost, but for parts of a thousandth."""
    said, costs = answer(plan)[2], plan.tables["costs"].set_index("part")["expected"]
    named = {"shortage": "losses from shortage of", "penalties": "penalties of", "sales": "what sales bring", "salvage": "the value of what is left"}
    total = plan.expected_cash + sum(costs.get(part, 0.0) for part, words in named.items() if words in said)
    assert total == pytest.approx(plan.expected_cost, rel=3e-3)


def test_the_sentence_on_a_future_is_made_of_its_events(plan):
    """Put into words, the spells of each future are its sentence; a future without any says that nothing happens."""
    events = plan.tables["scenario_events"]
    labels = plan.case.calendar.labels
    assert all(labels.index(row.begins) <= labels.index(row.ends) for row in events.itertuples())
    for future in plan.tables["scenarios"].itertuples():
        own = events[events["scenario"] == future.scenario]
        spans = own.apply(lambda row: row["begins"] if row["begins"] == row["ends"] else f"{row['begins']} to {row['ends']}", axis=1)
        said = [f"{name}: {', '.join(spans[own['disruption'] == name])}" for name in own["disruption"].unique()]
        assert future.events == ("; ".join(said) or "nothing happens")


def test_the_events_are_the_active_disruptions_of_each_future(plan):
    """Every period in which the tree has a disruption active lies in one spell of it, and no other period does."""
    tree, labels = plan.solution.built.tree, plan.case.calendar.labels
    names = [d.disruption for d in plan.solution.built.case.disruptions]
    active = {
        (future.name, names[d], labels[t])
        for future in tree.scenarios
        for t, node in enumerate(tree.path(future.leaf))
        for d in tree.regimes[tree.regime[node]]
    }
    told = [
        (row.scenario, row.disruption, label)
        for row in plan.tables["scenario_events"].itertuples()
        for label in labels[labels.index(row.begins) : labels.index(row.ends) + 1]
    ]
    assert len(told) == len(set(told)) and set(told) == active


def test_a_solution_without_decisions_has_no_tables():
    """What was stopped before any plan was found is refused instead of shown as a plan of nothing."""
    solution = replace(plain().solution, decisions=None)
    with pytest.raises(ValueError, match="no decisions"):
        Results(solution)


def test_a_plan_that_an_earlier_version_kept_is_read():
    """Its yes and no were words, its broken rules stood among the warnings, and it had no table of events; a record of today loses none of them."""
    plan = replace(solved("tutorial"), broken_rules=("A limit is broken.",))
    record = json.loads(json.dumps(to_record(plan)))
    assert from_record(record).broken_rules == plan.broken_rules and from_record(record).warnings == plan.warnings
    tail = plan.tables["scenarios"]["in_tail"].tolist()
    record["tables"]["scenarios"]["in_tail"] = ["yes" if worst else "no" for worst in tail]
    record["warnings"] = [warning.record() for warning in plan.all_warnings]
    del record["broken_rules"], record["tables"]["scenario_events"]
    old = from_record(json.loads(json.dumps(record)))
    assert (old.broken_rules, old.warnings) == (plan.broken_rules, plan.warnings)
    assert old.tables["scenarios"]["in_tail"].tolist() == tail and old.tables["scenario_events"].empty
    assert (old.status, old.gap, old.sentences) == (plan.status, plan.gap, plan.sentences)
