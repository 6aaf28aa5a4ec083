"""The house stands as docs and CONTRIBUTING say: arrows point one way, rooms know only what they may."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "optimizer"

ROOMS = (
    "errors", "files", "places", "calendar", "schema", "case", "lengthening", "executors", "intake", "importing", "forms", "editing", "scenarios", "model",
    "solving", "plan", "studies", "report", "api", "runs", "cli",
)  # fmt: skip
"""From left to right; each knows only what stands left of it."""

DISTRIBUTIONS = {"mpisppy": "mpi-sppy", "pptx": "python-pptx", "vl_convert": "vl-convert-python"}
"""The distributions that are not named like the package that one imports."""


APP = ROOT / "ui"


def modules():
    return sorted(PACKAGE.rglob("*.py"))


MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in modules()}


def pages():
    return sorted(APP.rglob("*.py"))


def imports(path: Path):
    """Modules that a file imports anywhere: at its top, inside a function, or for type checkers only."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (whole if (whole := f"{node.module}.{alias.name}") in MODULES else node.module for alias in node.names)


def room(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else None


@pytest.mark.parametrize("path", [p for p in modules() if p.parent != PACKAGE or p.stem in ROOMS], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_arrows_point_one_way(path):
    """A room imports only from itself and from rooms left of it."""
    mine = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for module in imports(path):
        other = room(module) if module.startswith("optimizer") else None
        if other and other != mine:
            assert ROOMS.index(other) < ROOMS.index(mine), f"{path.name} imports {module}"


def test_no_module_stands_in_a_circle():
    """No module imports itself by way of others, whether at its top, inside a function or for type checkers only."""
    graph = {name: {found for found in imports(path) if found in MODULES and found != name} for name, path in MODULES.items()}
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"a circle: {' <- '.join(error.args[1])}")


def test_every_room_says_what_it_is_for():
    """Each package's docstring says in a few lines what it is for, what it knows, and its doors."""
    for path in PACKAGE.rglob("__init__.py"):
        if path.parent != PACKAGE:
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            assert "Doors: " in text and ("nows" in text or "only room" in text), path


def test_only_one_room_knows_the_solver_and_one_the_modelling_language():
    """highspy is imported in solving/highs.py alone, pyomo in model alone."""
    for path in modules():
        mine = path.relative_to(PACKAGE).parts[0]
        for module in imports(path):
            assert not module.startswith("highspy") or path == PACKAGE / "solving" / "highs.py", path
            assert not module.startswith("pyomo") or mine == "model", path


def test_reading_a_workbook_waits_for_nothing_heavy():
    """The reader imports neither pandas nor pyomo nor the solver."""
    code = "import optimizer.intake.reader, sys; print([m for m in ('pandas', 'pyomo', 'highspy', 'scipy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT).stdout.strip() == "[]"


def test_every_dependency_is_used_and_every_import_declared():
    """pyproject.toml names what the package imports, its extras what the app and the cluster import besides, and nothing else."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert third_party(MODULES.values()) | {"defusedxml"} == names(project["dependencies"]) | names(extras["dask"]), "the package"
    assert third_party(pages()) - names(project["dependencies"]) == names(extras["app"]) | names(extras["report"]), "the app"


def third_party(paths) -> set[str]:
    """Distributions of which some file imports a package."""
    used = {module.split(".")[0] for path in paths for module in imports(path)}
    return {DISTRIBUTIONS.get(name, name) for name in used - set(sys.stdlib_module_names) - {"optimizer", "ui"}}


def names(requirements: list[str]) -> set[str]:
    """Distributions that requirements name; each must have a lower bound."""
    assert all(">=" in line for line in requirements), requirements
    return {line.split(">=")[0] for line in requirements}


def test_a_worker_of_a_cluster_needs_neither_the_app_nor_its_charts():
    """With the packages of the extras app and report out of reach, a case is solved all the same."""
    code = (
        "import sys; sys.modules |= dict.fromkeys(('streamlit', 'altair', 'jinja2', 'vl_convert'));"
        "import optimizer; print(optimizer.solve('sample_inputs/tutorial.xlsx').status)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT).stdout.strip() == "optimal"


PUBLIC = ("editing", "forms", "importing", "intake", "plan", "report", "runs", "schema", "studies")
"""The subpackages whose names the app is built on."""


@pytest.mark.parametrize("path", pages(), ids=lambda p: str(p.relative_to(APP)))
def test_the_app_knows_public_names_only(path):
    """The app imports names that optimizer, its errors, its case or a public subpackage offers, and nothing from inside of them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "optimizer":
            assert node.module in ("optimizer", "optimizer.errors", "optimizer.case", *(f"optimizer.{room}" for room in PUBLIC)), node.module
            offered = import_module(node.module)
            names = getattr(offered, "__all__", None) or [name for name in vars(offered) if not name.startswith("_")]
            assert {alias.name for alias in node.names} <= set(names), f"{path.name} imports more than {node.module} offers"


@pytest.mark.parametrize("name", ["optimizer", *(f"optimizer.{room}" for room in PUBLIC)])
def test_every_public_name_is_there(name):
    """Each name that a public package promises can be had from it."""
    package = import_module(name)
    assert package.__all__ and [name for name in package.__all__ if getattr(package, name, None) is None] == []


def test_the_package_for_scripts_has_about_a_dozen_names():
    """Beside its subpackages, optimizer offers at most a dozen names."""
    assert len(set(import_module("optimizer").__all__) - set(PUBLIC)) <= 12


def test_the_package_knows_nothing_of_the_app():
    """Only the command line names the app, to start it; no room knows Streamlit."""
    for path in modules():
        for module in imports(path):
            assert module.split(".")[0] != "streamlit", path
            assert module.split(".")[0] != "ui" or path.parent.name == "cli", path


def test_no_module_of_the_app_is_named_like_one_of_python():
    """The app's folder stands first on the path of its server: a module of such a name would take the other's place."""
    assert not {path.stem for path in APP.iterdir() if path.is_dir() or path.suffix == ".py"} & set(sys.stdlib_module_names)


APP_ROOMS = ("pages", "words", "charts", "report", "session", "grid", "parts", "app_pages")
"""From left to right; each part of the app knows only what stands left of it. Above them stand app.py and launch.py."""


@pytest.mark.parametrize("path", [p for p in pages() if p.parent != APP or p.stem in APP_ROOMS], ids=lambda p: str(p.relative_to(APP)))
def test_arrows_in_the_app_point_one_way(path):
    """A part of the app imports only from itself and from parts left of it."""
    mine = path.relative_to(APP).parts[0].removesuffix(".py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "ui":
            others = [node.module.split(".")[1]] if "." in node.module else [alias.name for alias in node.names]
            for other in others:
                assert APP_ROOMS.index(other) <= APP_ROOMS.index(mine), f"ui/{path.relative_to(APP)} imports ui.{other}"


@pytest.mark.parametrize("path", pages(), ids=lambda p: str(p.relative_to(APP)))
def test_every_sentence_that_the_app_says_is_there(path):
    """Each name that a file of the app takes from a module of sentences stands in that module, also on paths that no test walks."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    taken = {
        alias.asname or alias.name: import_module(f"ui.words.{alias.name}")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "ui.words"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in taken:
            assert hasattr(taken[node.value.id], node.attr), f"{taken[node.value.id].__name__} has no {node.attr}"


def test_only_the_parts_that_show_know_streamlit():
    """Words, charts and the board report are made without Streamlit."""
    for path in pages():
        if path.relative_to(APP).parts[0] in ("pages.py", "words", "charts", "report"):
            assert "streamlit" not in set(imports(path)), path


def test_only_the_reports_pictures_need_the_drawing_of_charts():
    """vl-convert, which the extra report installs, is imported in ui/report/pictures.py alone."""
    assert [path.relative_to(APP).as_posix() for path in pages() if "vl_convert" in set(imports(path))] == ["report/pictures.py"]


@pytest.mark.parametrize("path", modules() + pages(), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_grows_past_what_one_can_read(path):
    """No module passes 420 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 420


@pytest.mark.parametrize("path", sorted((ROOT / "tests").glob("test_*.py")), ids=lambda p: p.stem)
def test_every_test_says_what_must_be_true(path):
    """Each test function has a docstring that is a full sentence and says more than the function's name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            text = ast.get_docstring(node) or ""
            assert text.endswith((".", ".)")), f"{path.name}: {node.name} lacks its sentence"
            assert not set(re.findall(r"\w+", text.casefold())) <= set(node.name.split("_")), f"{path.name}: {node.name} repeats its name"
