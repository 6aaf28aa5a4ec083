"""The algebra of arrays: added columns and rows leave what was there as it was, and the columns of a program are found by name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_cases import random_case

from optimizer.model import FAMILIES, VARIABLES
from optimizer.model.arrays import Arrays, aggregate
from optimizer.model.stamp import LETTERS, by_index, columns_of, rows_of, shared_columns
from optimizer.solving.built import build
from optimizer.solving.columnwise import arrays_of, model_of
from optimizer.solving.highs import Solver


def small() -> Arrays:
    """Return the program: minimise x + 2y, 3 <= x + y, 0 <= x <= 2, y >= 0 whole."""
    return Arrays(
        cost=np.array([1.0, 2.0]),
        lower=np.zeros(2),
        upper=np.array([2.0, np.inf]),
        integer=np.array([False, True]),
        row_lower=np.array([3.0]),
        row_upper=np.array([np.inf]),
        row=np.array([0, 0], dtype=np.int32),
        column=np.array([0, 1], dtype=np.int32),
        value=np.array([1.0, 1.0]),
    )


def dense(a: Arrays) -> np.ndarray:
    """Return A as a full matrix."""
    full = np.zeros((a.rows, a.columns))
    np.add.at(full, (a.row, a.column), a.value)
    return full


def test_columns_are_added_at_the_end():
    """New columns have the given costs, bounds and entries; one number stands for all of them."""
    before = small()
    wider = before.with_columns(2, cost=[5.0, 6.0], lower=-1.0, upper=[7.0, 8.0], integer=True, entries=[(0, [2, 3], [9.0, 10.0])])
    assert wider.cost.tolist() == [1, 2, 5, 6] and wider.lower.tolist() == [0, 0, -1, -1] and wider.upper.tolist() == [2, np.inf, 7, 8]
    assert wider.integer.tolist() == [False, True, True, True] and dense(wider).tolist() == [[1, 1, 9, 10]]
    assert (wider.columns, wider.rows) == (4, 1) and before.columns == 2
    usual = before.with_columns(1)
    assert (usual.cost[-1], usual.lower[-1], usual.upper[-1], usual.integer[-1]) == (0, 0, np.inf, False) and len(usual.value) == 2


def test_rows_are_added_at_the_end():
    """New rows have the given bounds and entries, given in one piece or several; the types of the arrays stay."""
    longer = small().with_rows(2, lower=[1.0, -np.inf], upper=4.0, entries=[(1, [0, 1], 2.0), ([2], [1], [-3.0])])
    assert longer.row_lower.tolist() == [3, 1, -np.inf] and longer.row_upper.tolist() == [np.inf, 4, 4]
    assert dense(longer).tolist() == [[1, 1], [2, 2], [0, -3]]
    assert longer.row.dtype == longer.column.dtype == np.int32 and longer.value.dtype == float
    assert longer.activity(np.array([1.0, 2.0])).tolist() == [3, 6, -6] and longer.activity_size(np.array([-1.0, 2.0])).tolist() == [3, 6, 6]


def test_a_count_that_does_not_fit_is_refused():
    """Values for two columns are not taken for those of three."""
    with pytest.raises(ValueError):
        small().with_columns(3, cost=[1.0, 2.0])
    with pytest.raises(ValueError):
        small().with_rows(1, lower=[1.0, 2.0])


def test_rows_that_are_not_kept_are_gone():
    """What stays is renumbered."""
    kept = small().with_rows(2, upper=[1.0, 2.0], entries=[([1, 2, 2], [0, 0, 1], [4.0, 5.0, 6.0])]).with_only_rows(np.array([False, True, True]))
    assert kept.row_upper.tolist() == [1, 2] and dense(kept).tolist() == [[4, 0], [5, 6]]


def test_entries_of_one_place_are_added_up_in_the_order_of_columns():
    """Aggregated, entries are ordered by column and row."""
    row, column, value = aggregate(np.array([1, 0, 1, 0]), np.array([1, 1, 0, 1]), np.array([1.0, 2.0, 3.0, 4.0]), 2)
    assert (row.tolist(), column.tolist(), value.tolist()) == ([1, 0, 1], [0, 1, 1], [3, 6, 1])


def test_the_solver_takes_entries_in_any_order():
    """The same program with its entries shuffled goes into the solver as the same columns, and has the same optimum."""
    a = small().with_rows(1, upper=5.0, entries=[(1, [0, 1], [1.0, 2.0])])
    order = np.array([3, 1, 0, 2])
    shuffled = replace(a, row=a.row[order], column=a.column[order], value=a.value[order])
    assert dense(arrays_of(model_of(shuffled))).tolist() == dense(a).tolist()
    assert Solver(shuffled).solve().objective == Solver(a).solve().objective == 4.0


@pytest.mark.parametrize("seed", range(0, 40, 4))
def test_columns_and_rows_are_found_by_name(seed):
    """Each family's columns are those of the template, with their indices as fields; families do not overlap and leave out risk alone."""
    built = build(random_case(seed))
    program, template = built.program, built.template
    seen = np.zeros(program.columns, dtype=int)
    for family, declared in VARIABLES.items():
        if declared.internal:
            continue
        found, letters = columns_of(template, program, family), declared.letters
        seen[found.number] += 1
        for column in found[:: max(1, len(found) // 20)]:
            variable, index = template.columns[program.column_template[column.number]]
            assert variable.name == family and index == tuple(column[LETTERS[letter]] for letter in letters)
            assert column.node == program.column_node[column.number]
    internal = np.array([variable.internal for variable, _ in template.columns] + [True])[program.column_template]
    assert (seen == ~internal).all()
    for family in ("balance", "demand", "capacity", "spot_limit", "storage", "budget"):
        letters = FAMILIES[family].letters
        for row in rows_of(template, program, family)[::5]:
            constraint, index = template.rows[program.row_template[row.number]]
            assert constraint.name == family and index == tuple(row[LETTERS[letter]] for letter in letters)


def test_every_letter_of_an_index_has_a_name():
    """The letters of every decision are those that the fields of its columns are called by, each once."""
    for name, variable in VARIABLES.items():
        assert variable.internal or set(variable.letters) <= set(LETTERS), name
        assert len(set(variable.letters)) == len(variable.letters), name


def test_values_by_index_stand_at_their_nodes():
    """What a family's columns hold is found under its index without the period, at the node of the column."""
    built = build(random_case(5))
    x = np.arange(built.program.columns) + 1.0
    found = by_index(built.template, built.program, "stock", x, built.tree.size)
    columns = columns_of(built.template, built.program, "stock")
    assert len(columns) == sum(np.count_nonzero(values) for values in found.values())
    for column in columns:
        assert found[column.material, column.origin][column.node] == x[column.number]


def test_shared_columns_are_those_here_and_now_and_on_the_reference_path():
    """Each column of the template has one copy there."""
    built = build(random_case(7))
    number = shared_columns(built.template, built.program, built.tree)
    assert (built.program.column_template[number] == np.arange(len(number))).all()
    assert set(built.program.column_node[number]) <= {-1, *built.tree.reference}
