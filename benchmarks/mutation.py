"""Change the program in small ways and count the changes that its tests notice: python benchmarks/mutation.py [area ...].

Each mutant is one change to one place: a comparison, a sign, a number, a condition, a statement left out. It is made in a copy of the
project, and the tests that concern its area run until the first one fails. A mutant that no test notices is listed: either a test is
missing, or the change means the same, and then it is entered in equivalent_mutants.txt beside this file with the reason.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parent.parent
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.txt")
COPIED = ("optimizer", "tests", "benchmarks", "sample_inputs", "docs", "ui", "pyproject.toml", "README.md", "CONTRIBUTING.md")
PATIENCE = 5.0
"""A mutant that takes so many times as long as the program itself hangs, which its tests have then noticed."""


@dataclass(frozen=True)
class Area:
    """The files that are changed, as patterns below optimizer/, and the tests that have to notice, the quickest first."""

    files: tuple[str, ...]
    tests: tuple[str, ...]


AREAS = {
    "model": Area(
        ("model/*.py",),
        (
            "test_bounds.py",
            "test_usable.py",
            "test_constraints.py",
            "test_model_page.py",
            "test_published.py",
            "test_offer_changes.py",
            "test_age.py",
            "test_budgets.py",
            "test_audit.py",
            "test_random_cases.py",
            "test_worth.py",
            *(f"test_stamp.py::{{}}[{k}]" for k in range(0, 100, 20)),
        ),
    ),
    "scenarios": Area(
        ("scenarios/*.py",), ("test_scenario_trees.py", "test_memories.py", "test_sampling.py", "test_random_cases.py", "test_published.py", "test_calendar.py")
    ),
    "solving": Area(
        ("solving/*.py",),
        (
            "test_reduction.py",
            "test_bounds.py",
            "test_solving_parts.py",
            "test_published.py",
            "test_benders_steps.py",
            "test_decomposition_large.py",
            "test_benders.py",
            "test_infeasible.py",
            "test_time_and_size.py",
            "test_whatif_solves.py",
        ),
    ),
    "audit": Area(("plan/audit*.py",), ("test_audit.py", "test_audit_rules.py", "test_stamp.py::{}[0]", "test_stamp.py::{}[20]")),
    "checks": Area(
        ("intake/checks/*.py",),
        (
            "test_suspicious.py",
            "test_check_borders.py",
            "test_broken.py",
            "test_readout.py",
            "test_reader.py",
            "test_spellings.py",
            "test_offer_changes.py",
            "test_unavoidable.py",
        ),
    ),
}

PAIRS: dict[type, type] = {}
for _one, _other in (
    (ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.In, ast.NotIn), (ast.Is, ast.IsNot), (ast.Add, ast.Sub), (ast.Mult, ast.Div),
    (ast.And, ast.Or), (ast.BitAnd, ast.BitOr),
):  # fmt: skip
    PAIRS |= {_one: _other, _other: _one}
REVERSED: dict[type, type] = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}
IDLE = (ast.Constant, ast.Yield, ast.YieldFrom)
"""Statements of these say something, or leaving them out changes what kind of function it is."""
WORDS = {"min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum", "maximum": "minimum"}


@dataclass(frozen=True)
class Mutant:
    """One change: the text from `start` to `end`, counted in bytes, becomes `after`. around: what stands before and behind it in its lines."""

    file: str
    line: int
    start: int
    end: int
    before: str
    after: str
    around: tuple[str, str]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self._shown}"

    @property
    def key(self) -> str:
        """The change in its lines without their number, which moves when the file is edited."""
        return f"{self.file}: {self._shown}"

    @property
    def change(self) -> str:
        """The change alone."""
        return f"{self.file}: {' '.join(self.before.split())}  ->  {' '.join(self.after.split())}"

    @property
    def _shown(self) -> str:
        return " ".join(f"{self.around[0]}[{self.before} -> {self.after}]{self.around[1]}".split())

    def made(self, source: bytes) -> bytes:
        """Return the source with the change."""
        return source[: self.start] + self.after.encode() + source[self.end :]


def mutants_of(file: str, source: str) -> list[Mutant]:
    """Return every change of a file that this program knows, in the order of the lines."""
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = {}
    for node, after in _changes(ast.parse(source)):
        start, end = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
        before, ends = source.encode()[start:end].decode(), starts[node.end_lineno]
        if "".join(before.split()) != "".join(after.split()):
            # A statement that stands alone, such as continue, is told from its like by the line above.
            first = node.lineno - 1 if source.encode()[starts[node.lineno - 1] : start].strip() else max(0, node.lineno - 2)
            around = source.encode()[starts[first] : start].decode(), source.encode()[end:ends].decode()
            found[start, end, after] = Mutant(file, node.lineno, start, end, before, after, around)
    return [found[key] for key in sorted(found)]


def _changes(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Give each node that can be changed with the text that takes its place. Types, texts and what only type checkers read stay as they are."""
    for node in _walk(tree):
        if isinstance(node, ast.Compare) and type(node.ops[0]) in PAIRS:
            yield node, _with(node, ops=[PAIRS[type(node.ops[0])](), *node.ops[1:]])
            if type(node.ops[0]) in REVERSED:
                yield node, _with(node, ops=[REVERSED[type(node.ops[0])](), *node.ops[1:]])
        elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in PAIRS and not _text(node):
            yield node, _with(node, op=PAIRS[type(node.op)]())
        elif isinstance(node, ast.BoolOp):
            yield node, _with(node, op=PAIRS[type(node.op)]())
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)) and not isinstance(node.operand, ast.Constant):
            yield node, f"({ast.unparse(node.operand)})"
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
            yield node, str(not node.value)
        elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            yield node, repr(node.value + 1 if abs(node.value) < 10 else node.value * 2)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in WORDS:
            yield node, WORDS[node.id]
        elif isinstance(node, ast.Attribute) and node.attr in WORDS:
            yield node, f"{ast.unparse(node.value)}.{WORDS[node.attr]}"
        elif isinstance(node, (ast.Break, ast.Continue)):
            yield node, "continue" if isinstance(node, ast.Break) else "break"
        elif isinstance(node, (ast.Raise, ast.AugAssign)) or (isinstance(node, ast.Expr) and not isinstance(node.value, IDLE)):
            yield node, "pass"
        if isinstance(node, (ast.If, ast.IfExp, ast.While)) and not isinstance(node.test, (ast.Compare, ast.UnaryOp)):
            yield node.test, f"(not ({ast.unparse(node.test)}))"
        if isinstance(node, ast.comprehension):
            yield from ((test, "True") for test in node.ifs)


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Give the nodes of a file that do something."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                yield from _walk(child)


def _text(node: ast.BinOp | ast.AugAssign) -> bool:
    """Tell whether one side is a text, to which nothing but another text can be added."""
    sides = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.value]
    return any(isinstance(side, ast.JoinedStr) or (isinstance(side, ast.Constant) and isinstance(side.value, str)) for side in sides)


def _with(node: ast.AST, **fields: object) -> str:
    """Return the text of a node with other fields, in brackets if it is an expression."""
    changed = type(node)(**{name: fields.get(name, value) for name, value in ast.iter_fields(node)})
    return f"({ast.unparse(changed)})" if isinstance(node, ast.expr) else ast.unparse(changed)


class Copy:
    """A copy of the project in which one mutant after another is made and tested."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.png"))
            else:
                shutil.copy(source, folder / name)

    def passes(self, tests: tuple[str, ...], limit: float | None = None, mutant: Mutant | None = None) -> bool:
        """Tell whether all tests pass within `limit` seconds, with the mutant if there is one."""
        path = self.folder / mutant.file if mutant else None
        if not path or not mutant:
            return self._run(tests, limit)
        source = path.read_bytes()
        try:
            self._write(path, mutant.made(source))
            return self._run(tests, limit)
        finally:
            self._write(path, source)

    def _write(self, path: Path, source: bytes) -> None:
        """Write a file with a time of its own, so that Python does not take it for the one that it has compiled."""
        self.count += 1
        path.write_bytes(source)
        os.utime(path, (1_000_000_000 + self.count,) * 2)

    def _run(self, tests: tuple[str, ...], limit: float | None) -> bool:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", *tests]
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "OMP_NUM_THREADS": "1"}
        try:
            ended = subprocess.run(command, cwd=self.folder, env=environment, timeout=limit, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return False
        if ended.returncode in (4, 5):
            raise SystemExit(f"pytest found no tests: {' '.join(tests)}")
        return ended.returncode == 0


def tests_of(area: Area) -> tuple[str, ...]:
    """Return the tests of an area as pytest takes them; {} stands for the one test of its file."""
    given = []
    for name in area.tests:
        file, _, which = name.partition("::")
        path = ROOT / "tests" / file
        only = next(line.split("(")[0].split()[1] for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("def test_"))
        given.append(f"tests/{file}::{which.format(only)}" if which else f"tests/{file}")
    return tuple(given)


def known_equivalent() -> set[str]:
    """Return the keys of the mutants that mean the same as the program: every line of the file that is neither blank nor a remark."""
    lines = EQUIVALENT.read_text(encoding="utf-8").splitlines() if EQUIVALENT.exists() else []
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def sample(area: Area, most: int, seed: int) -> list[Mutant]:
    """Return `most` mutants of an area, drawn by the seed; all of them with most=0. Known equivalents are left out.

    Each mutant has a lot of its own, and the lowest lots are drawn: an edit, or a new equivalent, leaves the rest of the sample as it was.
    """
    files = sorted({path for pattern in area.files for path in (ROOT / "optimizer").glob(pattern)})
    every = [mutant for path in files for mutant in mutants_of(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))]
    same, seen, lots = known_equivalent(), Counter[str](), {}
    for mutant in every:
        seen[mutant.change] += 1
        lots[mutant] = sha256(f"{seed} {seen[mutant.change]} {mutant.change}".encode()).digest()
    drawn = sorted((mutant for mutant in every if mutant.key not in same), key=lots.__getitem__)[: most or None]
    return sorted(drawn, key=lambda mutant: (mutant.file, mutant.start, mutant.end, mutant.after))


def measure(name: str, most: int, seed: int, copies: list[Copy]) -> tuple[int, int]:
    """Test the mutants of one area, print those that no test notices, and return how many were noticed, and of how many."""
    area = AREAS[name]
    tests, mutants = tests_of(area), sample(area, most, seed)
    began = time.monotonic()
    if not copies[0].passes(tests):
        raise SystemExit(f"{name}: the tests fail without any change; run them first: pytest {' '.join(tests)}")
    limit = 10 + PATIENCE * (time.monotonic() - began)
    free: SimpleQueue[Copy] = SimpleQueue()
    for copy in copies:
        free.put(copy)

    def survives(mutant: Mutant) -> bool:
        copy = free.get()
        try:
            return copy.passes(tests, limit, mutant)
        finally:
            free.put(copy)

    left = []
    with ThreadPoolExecutor(len(copies)) as pool:
        for mutant, alive in zip(mutants, pool.map(survives, mutants)):
            print(f"  {'SURVIVES' if alive else 'noticed '}  {mutant}", flush=True)
            left += [mutant] * alive
    noticed = len(mutants) - len(left)
    print(f"{name}: {noticed} of {len(mutants)} noticed ({noticed / max(1, len(mutants)):.0%})", flush=True)
    return noticed, len(mutants)


def main() -> None:
    """Measure the areas that are named, all of them if none is."""
    parser = argparse.ArgumentParser(description="Count the small changes to the program that its tests notice.")
    parser.add_argument("areas", nargs="*", metavar="area", help=f"{', '.join(AREAS)}; all of them if none is named")
    parser.add_argument("--mutants", type=int, default=15, help="how many an area; 0 = every one (days)")
    parser.add_argument("--seed", type=int, default=1, help="which ones are drawn")
    parser.add_argument("--jobs", type=int, default=1, help="how many at a time")
    given = parser.parse_args()
    if unknown := set(given.areas) - set(AREAS):
        parser.error(f"no area {', '.join(sorted(unknown))}; there are {', '.join(AREAS)}")
    with tempfile.TemporaryDirectory() as folder:
        copies = [Copy(Path(folder) / str(number)) for number in range(given.jobs)]
        counts = [measure(name, given.mutants, given.seed, copies) for name in given.areas or AREAS]
    noticed, total = (sum(column) for column in zip(*counts))
    print(f"all: {noticed} of {total} noticed ({noticed / max(1, total):.0%})")


if __name__ == "__main__":
    main()
