"""Compiled templates, kept by content: the same case on the same regimes is compiled once, by whatever process.

What is kept holds numbers and names only, so that reading it runs nothing; the names stand for the families of path.py.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from optimizer import places
from optimizer.model.costs import COST_TERMS
from optimizer.model.data import CaseData
from optimizer.model.registry import CONSTRAINTS, VARIABLES
from optimizer.model.template import Entries, Template, compile_template
from optimizer.scenarios.tree import Memory, ScenarioTree

MOST_IN_MEMORY = 6
MOST_FILES = 60
"""A template takes from some kilobytes to a few megabytes."""

TIMING = ("start", "periods", "horizon", "period", "fiscal_year_start_month", "discount_rate")
"""The settings that the path model depends on."""

_known: OrderedDict[str, Template] = OrderedDict()


def template_of(p: CaseData, tree: ScenarioTree, drop: Collection[str] = (), tick: Callable[[int, int], None] = lambda done, total: None) -> Template:
    """Return the template of a case for the regimes of its tree: from the cache, or compiled anew as by compile_template."""
    key = content_key(p, tree, drop, lambda: tick(0, 1))
    template = _known.get(key) or _read(key)
    if template is None:
        template = compile_template(p, tree, drop, tick)
        _write(key, template)
    _known[key] = template
    _known.move_to_end(key)
    while len(_known) > MOST_IN_MEMORY:
        _known.popitem(last=False)
    return template


def content_key(p: CaseData, tree: ScenarioTree, drop: Collection[str], tick: Callable[[], None] = lambda: None) -> str:
    """Return the SHA-256 of all that a template depends on, this program's version and source of the model included. tick: called now and then."""
    case = p.case
    records = []
    for name in (f.name for f in fields(case)):
        for number, record in enumerate(getattr(case, name) if name not in ("settings", "scenarios") else ()):
            if number % 1000 == 0:
                tick()
            records.append(repr(replace(record, row=0)))
    seen = [np.unique(tree.regime[tree.period == t]).tolist() for t in range(tree.periods)]
    timing = [repr(getattr(case.settings, name)) for name in TIMING]
    model = [version(places.APP), _source(), list(COST_TERMS), list(VARIABLES), list(CONSTRAINTS)]
    content = json.dumps([model, timing, records, tree.regimes, [_sorted(memory) for memory in tree.memories], seen, sorted(drop)])
    return hashlib.sha256(content.encode()).hexdigest()


def _sorted(memory: Memory) -> list[Any]:
    """A memory as JSON has it, the same for equal ones."""
    return [memory.on_reference, sorted(memory.released), memory.due_since, memory.begun, sorted(memory.ready_for)]


def _source() -> str:
    """Return when the files of the model were last changed: a development copy keeps its version from one change to the next."""
    folder = Path(__file__).parent
    return repr(sorted((file.name, file.stat().st_mtime_ns) for file in folder.glob("*.py")))


def _folder() -> Path:
    return places.cache() / "templates"


def _write(key: str, template: Template) -> None:
    """Keep a template on disk; what cannot be kept is compiled again next time."""
    names = {
        "columns": [[family.name, index] for family, index in template.columns],
        "rows": [[family.name, index] for family, index in template.rows],
        "cost_rows": template.cost_rows,
    }
    arrays = {f.name: getattr(template, f.name) for f in fields(Template) if isinstance(getattr(template, f.name), np.ndarray)}
    for table in ("matrix", "cost"):
        arrays |= {f"{table}.{f.name}": getattr(getattr(template, table), f.name) for f in fields(Entries)}
    held = io.BytesIO()
    np.savez(held, names=np.frombuffer(json.dumps(names).encode(), dtype=np.uint8), **arrays)
    folder = _folder()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True, mode=0o700)
        half = folder / f"{key}.{os.getpid()}.half"
        half.touch(mode=0o600)  # names of the case stand in it
        half.write_bytes(held.getvalue())
        half.replace(folder / f"{key}.npz")
        for old in sorted(folder.glob("*.npz"), key=lambda file: -file.stat().st_mtime)[MOST_FILES:]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def _read(key: str) -> Template | None:
    """Read a template from disk; return None where there is none, or one that is damaged."""
    file = _folder() / f"{key}.npz"
    try:
        with np.load(file, allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
        names = json.loads(arrays.pop("names").tobytes())
        os.utime(file)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    matrix, cost = (Entries(*(arrays.pop(f"{table}.{f.name}") for f in fields(Entries))) for table in ("matrix", "cost"))
    return Template(
        columns=tuple((VARIABLES[name], tuple(index)) for name, index in names["columns"]),
        rows=tuple((CONSTRAINTS[name], tuple(index)) for name, index in names["rows"]),
        cost_rows=tuple((t, term) for t, term in names["cost_rows"]),
        matrix=matrix,
        cost=cost,
        **arrays,
    )
