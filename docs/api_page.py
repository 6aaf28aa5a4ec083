"""The text of docs/api.md: every public name of the package, its signature, its docstring and its example."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import optimizer

WIDEST = 100
"""Characters of a signature that stands on one line."""

INTRO = """# API reference

*Generated from the code by docs/build.py. Do not edit.*

`import optimizer` gives the names below; they are the interface for scripts, and each has an example that the tests run from the
project's folder. A `Source` is the path of a workbook or of a folder of .csv files, a `Reading` of it, or a `Case`. `Settings` is a
mapping from names of the workbook's sheet Settings to values, which take the place of those in the workbook.

What the tables of a plan hold stands in [workbook.md](workbook.md). The [subpackages](#subpackages) at the end are the interface
that the app is built on.
"""

SUBPACKAGES = """## Subpackages

Names that the app is built on, for programs that show or change workbooks and plans themselves.
"""


def api_page() -> str:
    """Return the whole page as Markdown."""
    names = public_names(optimizer)
    own = [name for name in names if not hasattr(getattr(optimizer, name), "__path__")]
    modules = [name for name in own if inspect.ismodule(getattr(optimizer, name))]
    sections = [_section(name) for name in own if name not in modules]
    sections += [_module_section(name) for name in modules]
    sections += [SUBPACKAGES, *(_listing(name) for name in sorted(set(names) - set(own)))]
    return "\n".join([INTRO, *sections])


def public_names(package: ModuleType) -> dict[str, str]:
    """Return the names that a package's stub offers, in the order of the stub, and the module that each comes from."""
    stub = Path(package.__file__ or "").with_suffix(".pyi")
    imports = [node for node in ast.parse(stub.read_text(encoding="utf-8")).body if isinstance(node, ast.ImportFrom)]
    return {alias.name: f"{package.__name__}.{node.module}" if node.module else package.__name__ for node in imports for alias in node.names}


def _section(name: str) -> str:
    """Return the section of one function or class of the package."""
    thing = getattr(optimizer, name)
    parts = [f"## optimizer.{name}\n", _code(signature_of(thing, f"optimizer.{name}")), _prose(thing)]
    if inspect.isclass(thing):
        parts += [f"### {name}.{method}\n\n{_code(signature_of(function, method))}\n{_prose(function)}" for method, function in _methods(thing)]
        parts += [_table("property", "what it is", [(f"`{key}`", _summary(value)) for key, value in _properties(thing)])]
    return "\n".join(part for part in parts if part)


def _module_section(name: str) -> str:
    """Return the section of a module of errors: its tree and what each class carries."""
    module = getattr(optimizer, name)
    classes = [(key, value) for key, value in vars(module).items() if inspect.isclass(value) and value.__module__ == module.__name__]
    rows = [(f"`{key}`", _summary(value)) for key, value in classes]
    return "\n".join([f"## optimizer.{name}\n", _prose(module, tree=True), _table("class", "what it says", rows)])


def _listing(name: str) -> str:
    """Return the section of a subpackage: what it is for and a row for each of its names."""
    package = importlib.import_module(f"optimizer.{name}")
    purpose = inspect.getdoc(package).split("\n\n")[0]  # type: ignore[union-attr]
    rows = []
    for key, home in public_names(package).items():
        value = inspect.unwrap(getattr(package, key))
        if inspect.isclass(value) or inspect.isfunction(value):
            rows.append((f"`{' '.join(signature_of(value, key, wide=True).split())}`".replace("|", "\\|"), _summary(value)))
        else:
            rows.append((f"`{key}`", getattr(value, "help", "") or _constant_doc(home, key)))
    return f"### optimizer.{name}\n\n{purpose}\n\n{_table('name', 'what it is', rows)}"


def _methods(cls: type) -> Iterator[tuple[str, Any]]:
    """Give the public methods of a class in the order in which they are written."""
    yield from ((key, value) for key, value in vars(cls).items() if inspect.isfunction(value) and not key.startswith("_"))


def _properties(cls: type) -> Iterator[tuple[str, Any]]:
    """Give the public properties of a class in the order in which they are written."""
    yield from ((key, value.fget) for key, value in vars(cls).items() if isinstance(value, property) and not key.startswith("_"))


def signature_of(thing: Any, name: str, wide: bool = False) -> str:
    """Return a call with its parameters as they are written in the source, on several lines if they are long. wide: on one line all the same."""
    if inspect.isclass(thing) and dataclasses.is_dataclass(thing):
        parts = [_field(field) for field in dataclasses.fields(thing) if field.init]
        returns = ""
    else:
        function = thing.__init__ if inspect.isclass(thing) else thing
        if not inspect.isfunction(function):
            return name
        node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
        assert isinstance(node, ast.FunctionDef)
        parts = list(_parameters(node.args))
        returns = f" -> {ast.unparse(node.returns)}" if node.returns and not inspect.isclass(thing) else ""
    line = f"{name}({', '.join(parts)}){returns}"
    if wide:
        return f"{name}({', '.join(part.split(':')[0].split(' =')[0] for part in parts)})"
    return line if len(line) <= WIDEST else "\n".join([f"{name}(", *(f"    {part}," for part in parts), f"){returns}"])


def _parameters(args: ast.arguments) -> Iterator[str]:
    """Give each parameter with its type and default; self is left out."""
    defaults = [None] * (len(args.args) - len(args.defaults)) + args.defaults
    yield from (_parameter(one, default) for one, default in zip(args.args, defaults) if one.arg != "self")
    if args.kwonlyargs:
        yield "*"
    yield from (_parameter(one, default) for one, default in zip(args.kwonlyargs, args.kw_defaults))
    if args.kwarg:
        yield f"**{ast.unparse(args.kwarg)}"


def _parameter(one: ast.arg, default: ast.expr | None) -> str:
    """Return one parameter as it is written."""
    return ast.unparse(one) if default is None else f"{ast.unparse(one)}{' = ' if one.annotation else '='}{ast.unparse(default)}"


def _field(field: dataclasses.Field) -> str:
    """Return one field of a record as a parameter."""
    kind = field.type if isinstance(field.type, str) else getattr(field.type, "__name__", str(field.type))
    if field.default is not dataclasses.MISSING:
        return f"{field.name}: {kind} = {field.default!r}"
    return f"{field.name}: {kind}" + (" = ..." if field.default_factory is not dataclasses.MISSING else "")


def _prose(thing: Any, tree: bool = False) -> str:
    """Return a docstring as Markdown: examples as code, and with `tree` what is drawn as it is drawn."""
    paragraphs = (inspect.getdoc(thing) or "").split("\n\n")
    shown = []
    for paragraph in paragraphs:
        if paragraph.lstrip().startswith(">>>"):
            shown.append(_code(paragraph, "pycon"))
        elif tree and "├" in paragraph:
            shown.append(f"```\n{paragraph}\n```\n")
        else:
            shown.append(f"{paragraph}\n")
    return "\n".join(shown)


def _summary(thing: Any) -> str:
    """Return the first paragraph of a docstring on one line, or "" for a record that only its fields explain."""
    text = inspect.getdoc(thing) or ""
    generated = inspect.isclass(thing) and text.startswith(f"{thing.__name__}(")
    return "" if generated else " ".join(text.split("\n\n")[0].split()).replace("|", "\\|")


def _constant_doc(home: str, name: str) -> str:
    """Return the string that stands below the assignment of a constant in its module, "" if there is none."""
    body = ast.parse(inspect.getsource(importlib.import_module(home))).body
    for node, after in zip(body, body[1:]):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        named = {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
        if name in named and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            return " ".join(str(after.value.value).split())
    return ""


def _code(text: str, language: str = "python") -> str:
    """Return text as a block of code."""
    return f"```{language}\n{text}\n```\n"


def _table(first: str, second: str, rows: list[tuple[str, str]]) -> str:
    """Return a Markdown table of two columns, "" without rows."""
    return "\n".join([f"| {first} | {second} |", "|---|---|", *(f"| {one} | {other} |" for one, other in rows), ""]) if rows else ""
