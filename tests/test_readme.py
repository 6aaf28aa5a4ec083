"""What README says is so: its commands parse, its snippet runs, its links lead somewhere, CI runs its test command."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from optimizer.cli.commands import cli

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ["README.md", "CONTRIBUTING.md", "sample_inputs/README.md", "docs/tutorial.md"]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def commands():
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line.startswith("optimizer ")] + [
        line.split(" && ")[-1].replace(".venv/bin/", "") for line in lines if line.endswith("-o plan.xlsx") and "venv" in line
    ]


@pytest.mark.parametrize("line", commands())
def test_each_command_parses(line):
    """Every `optimizer ...` line of the README is one that the command line understands."""
    words = shlex.split(line)[1:]
    command = cli.commands[words[0]]
    command.make_context(words[0], words[1:])


def test_the_python_snippet_runs(tmp_path, monkeypatch, capsys):
    """The Python example runs as it stands and writes a plan."""
    shutil.copytree(ROOT / "sample_inputs", tmp_path / "sample_inputs")
    monkeypatch.chdir(tmp_path)
    exec(compile(blocks("python")[0], "README.md", "exec"), {})
    assert (tmp_path / "plan.xlsx").stat().st_size > 0


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    """Every link to a file of the project points to one."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)", text):
        if not target.startswith("http"):
            assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"


def test_ci_runs_the_readmes_test_command():
    """The README's test command stands in .ci/run, letter for letter."""
    command = next(line for block in blocks("sh") for line in block.splitlines() if line.endswith("-m pytest"))
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_no_registry_is_named():
    """Lock files hold versions and hashes, no addresses."""
    for name in ("constraints.txt", "requirements.lock"):
        assert "://" not in (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [*PAGES, "docs/app.md", "docs/cluster.md"])
def test_files_that_a_page_names_are_there(page):
    """Every file or folder of the project that a page names in its text is there, and so is the heading that a link leads to."""
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:optimizer|ui|tests|docs|benchmarks|sample_inputs)/[\w./*-]*)`", text)
    assert [name for name in named if not list(ROOT.glob(name.rstrip("/")))] == []
    headings = {re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in text.splitlines() if line.startswith("#")}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


def test_the_constraint_of_the_reading_order_is_one(tmp_path):
    """The constraint that CONTRIBUTING adds is stated by its function alone, and halves what the tutorial's refinery sells in a year."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Ten minutes of reading")[1]
    (tmp_path / "added.py").write_text(textwrap.dedent(re.search(r"( *)```python\n(.*?)```", page, flags=re.DOTALL).group(2)), encoding="utf-8")
    code = (
        "import sys, optimizer.model.path as path;"
        "exec(compile(open(sys.argv[1], encoding='utf-8').read(), sys.argv[1], 'exec'), vars(path));"
        "import optimizer; print(optimizer.solve('sample_inputs/tutorial.xlsx').tables['orders'].spot.max())"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path / "added.py")], capture_output=True, text=True, cwd=ROOT)
    assert float(ran.stdout) == pytest.approx(750), ran.stderr
