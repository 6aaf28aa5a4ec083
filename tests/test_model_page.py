"""docs/model.md says what the program computes: each of its equations is evaluated against the rows and terms that the code builds."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from itertools import product
from random import Random

import pyomo.environ as pyo
import pytest
from latex_math import Evaluator, subscripts, tokens
from random_cases import random_case

from optimizer.model import FAMILIES, VARIABLES, notation
from optimizer.model.costs import COSTS
from optimizer.model.data import CaseData, canonical
from optimizer.model.document import model_page
from optimizer.model.path import path_model
from optimizer.model.registry import ONCE
from optimizer.scenarios.memory import with_memories
from optimizer.scenarios.tree import build_tree
from optimizer.schema.sheets import INPUTS

SEEDS = range(90)
SETS = {s.symbol: s.members for s in notation.SETS}
DEFINED = [s for s in (*notation.REGIME_DATA, *notation.QUANTITIES) if s.equation]
EQUATIONS = [family.equation for family in FAMILIES.values()] + [cost.equation for cost in COSTS.values()] + [s.equation for s in DEFINED]


class Path:
    """The path model of a random case in random regimes, its variables at random values."""

    def __init__(self, seed: int) -> None:
        draw, case = Random(seed), canonical(random_case(seed))
        self.p = CaseData(case)
        count = len(case.disruptions)
        regimes = [tuple(d for d in range(count) if draw.random() < 0.5) for _ in self.p.periods]
        tree = with_memories(case, build_tree([(regimes, 1.0, "drawn")], [d.row for d in case.disruptions], "listed"))
        self.m = path_model(self.p, regimes, memories=[tree.memory(int(r)) for r in tree.regime])
        for component in self.m.component_objects(pyo.Var):
            for variable in component.values():
                variable.set_value(draw.uniform(0.5, 2.0), skip_validation=True)
        for fixed in self.m.nothing.values():
            fixed.set_value(0.0)
        self.family = ""
        self.maths = Evaluator(self.number, lambda name, values: list(SETS[name](self.m, self.p, *values)))

    def number(self, symbol: str, values: list) -> float:
        """The value of a symbol: a slack of the row at hand, a variable, or what notation.py says."""
        name, count = notation.head(symbol)
        if name == "slack":
            return self.slack(values)
        if name in VARIABLES:
            index = tuple(values) if VARIABLES[name].where == ONCE else (values[-1], *values[:-1])
            index, component = index[0] if len(index) == 1 else index, getattr(self.m, name)
            return pyo.value(component[index]) if index in component else float(name == "signed")
        return pyo.value(notation.NUMBERS[name, count].value(self.m, self.p, *values))

    def slack(self, values: list) -> float:
        if len(values) == 1:
            return pyo.value(values[0])
        i, g, *group, t = values
        found = self.m.slack
        index = (t, i, self.family, g, *(group or [""]))
        return pyo.value(found[index]) if index in found else 0.0


@pytest.fixture(scope="module")
def paths():
    return [Path(seed) for seed in SEEDS]


def letters_of(name: str, index: tuple) -> dict:
    """The letters of a row by the parameters of the function that states it."""
    names = [part for part in inspect.signature(FAMILIES[name].rule).parameters if part not in ("m", "p")]
    return dict(zip(["v" if part == "group" else part for part in names], index))


@pytest.mark.parametrize("name", FAMILIES)
def test_the_equation_of_a_constraint_is_its_rows(name, paths):
    """Where variables have random values, the printed relation is broken or kept by as much as the row that the code builds."""
    family, checked = FAMILIES[name], 0
    for path in paths:
        path.family = name
        for index, row in getattr(path.m, f"{name}_row").items():
            lower, body, upper = row.to_bounded_expression()
            left, sign, right = path.maths.relation(family.equation, letters_of(name, index if isinstance(index, tuple) else (index,)))
            room = 1e-9 * max(abs(left), abs(right), 1.0)
            if sign == "=":
                assert lower is not None and upper is not None
                assert abs(left - right) == pytest.approx(abs(pyo.value(body) - pyo.value(upper)), rel=1e-9, abs=room), (family.equation, index)
            else:
                # Pyomo turns a >= b round to b - a <= 0 where both sides hold variables: by how much a row is broken says the same.
                said = left - right if sign == r"\le" else right - left
                broken = pyo.value(body) - pyo.value(upper) if lower is None else pyo.value(lower) - pyo.value(body)
                assert said == pytest.approx(broken, rel=1e-9, abs=room), (family.equation, index)
            checked += 1
    assert checked >= 5, f"no random case has rows of {name}: raise SEEDS"


@pytest.mark.parametrize("name", COSTS)
def test_the_equation_of_a_cost_is_its_term(name, paths):
    """Where variables have random values, the printed formula is the amount that the code computes, in every period."""
    amounts = []
    for path in paths:
        for t in path.p.periods:
            amounts.append(pyo.value(COSTS[name].amount(path.m, path.p, t)))
            assert path.maths.value(COSTS[name].equation, {"t": t}) == pytest.approx(amounts[-1], rel=1e-9, abs=1e-9)
    assert any(amounts)


RANGES = {"s": lambda path: range(len(path.p.offers)), "t": lambda path: path.p.periods, "g,u": lambda path: path.p.demands}
"""The values of the letters that stand below a defined symbol."""


def meant(path: Path, name: str, letters: dict) -> bool:
    """Whether a definition holds here: a few are for some offers and periods only, as the table says in words."""
    p = path.p
    if name == "avail":
        first = p.offers[letters["s"]].available_from
        return first is None or letters["t"] >= first
    if name == "lead":
        return not p.offers[letters["s"]].ships_later
    if name in ("fixed", "indexed", "base", "contract price", "paid"):
        offer = p.offers[letters["s"]]
        return offer.contractable and (name != "indexed" or offer.price > 0) and letters["s"] in path.m.contract
    if name == "quantity":
        return letters["t"] not in p.demands[letters["g"], letters["u"]].by_period
    return True


@pytest.mark.parametrize("symbol", DEFINED, ids=lambda s: notation.head(s.symbol)[0])
def test_a_defining_equation_is_the_value_that_the_code_uses(symbol, paths):
    """The printed definition of each derived number gives what the code computes for it."""
    name, checked = notation.head(symbol.symbol)[0], 0
    for path in paths:
        letters = subscripts(symbol.symbol)
        groups = [group for group in ("g,u", "s", "t") if set(group.split(",")) <= set(letters)]
        for values in product(*(RANGES[group](path) for group in groups)):
            flat = [part for value in values for part in (value if isinstance(value, tuple) else (value,))]
            env = dict(zip([letter for group in groups for letter in group.split(",")], flat))
            for b in path.p.order_origins(env["s"]) if "b" in letters else [None]:
                env = {**env, "b": b}
                if meant(path, name, env):
                    given = [env[letter] for letter in letters]
                    assert path.maths.value(symbol.equation, env) == pytest.approx(pyo.value(symbol.value(path.m, path.p, *given)), rel=1e-9, abs=1e-9)
                    checked += 1
    assert checked > 20


def test_every_symbol_of_the_page_is_declared_and_every_declared_one_is_used():
    """Equations name declared sets, data, quantities and variables only; and no table names one that nothing uses."""
    used: Counter[str] = Counter()
    sets: Counter[str] = Counter()
    declared = {*notation.NUMBERS, *(notation.head(v.symbol) for v in VARIABLES.values() if not v.internal), ("slack", 4), ("slack", 1)}
    for equation in EQUATIONS:
        for kind, text in tokens(equation):
            if kind == "symbol":
                assert notation.head(text) in declared, f"{text} stands in {equation} and in no table of optimizer/model/notation.py"
                used[notation.head(text)[0]] += 1
            elif kind == "set":
                sets[text] += 1
    words = model_page()
    in_text = {name for name, _ in declared if words.count(rf"\text{{{name.replace('_', chr(92) + '_')}}}") > 1 or words.count(f"{name}_") > 1}
    assert {name for name, _ in declared} <= {*used, *in_text}
    assert {s.symbol for s in notation.SETS} == set(sets)


def test_every_symbol_is_defined_before_it_is_used():
    """Reading down the page, no equation or table names a symbol whose table comes later, but the parts of the cost, which say where they are given."""
    page, met = model_page(), set()
    for line in page.splitlines():
        names = set(re.findall(r"\\text\{[^}]*\}", line))
        if line.startswith("| $"):
            met |= set(re.findall(r"\\text\{[^}]*\}", line.split("|")[1]))
        if line.startswith(("| $", "$$")):
            unknown = {name for name in names - met if name[6:-1] not in (*COSTS, "CVaR", "excess", "path")}
            assert not unknown, f"{unknown} in {line}"


def test_every_column_that_the_page_names_is_one_of_the_workbook():
    """The columns that the data come from are columns of the schema."""
    columns = {f"{sheet.name}.{column.name}" for sheet in INPUTS for column in sheet.columns}
    assert {s.source for s in notation.DATA} <= columns
