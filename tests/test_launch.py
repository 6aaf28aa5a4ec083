"""`optimizer app`: where it listens, on what it opens, and what it says where the app is not installed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from urllib.request import urlopen

import click
import pytest
from support import PATIENCE
from test_runs import ROOT, TUTORIAL, ended, work_of

from optimizer.runs import RunState, Store
from ui.launch import ADDRESS, NOT_INSTALLED, PACKAGES, PORTS_TRIED, address, free_port, launch

WITHOUT = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name.split(".")[0] in {names!r} else found(name, package)
sys.meta_path.insert(0, Missing())
"""
"""Code that makes Python believe that packages are not installed."""

EXTRAS = ("streamlit", "altair", "jinja2", "vl_convert", "ui")


def test_the_next_free_port_is_taken():
    """A port that another program listens on is passed over; where none is free, that is said."""
    with socket.create_server((ADDRESS, 0)) as other:
        taken = other.getsockname()[1]
        found = free_port(taken)
        assert taken < found < taken + PORTS_TRIED
    with pytest.raises(click.ClickException, match="No port from 65536"):
        free_port(65536)


def test_the_address_leads_to_the_plan_that_was_solved_last():
    """Without a plan the address is the first page's, with one that of the plan."""
    assert address(8501) == f"http://{ADDRESS}:8501/"
    work = work_of()
    run = work.new_run(work.sheets, title="Plan 1")
    Store().remember(work, run)
    assert address(8501) == f"http://{ADDRESS}:8501/plan?work={work.id}&plan={run.id}"


def test_the_app_opens_the_browser_once_it_is_up_and_goes_on_with_what_waits(tmp_path):
    """The browser is opened on the address that is said, when the server answers there; a run that waited is solved without any visitor."""
    work = work_of()
    waiting = work.new_run(work.sheets, title="waits")
    browser, seen = tmp_path / "browser.py", tmp_path / "seen.txt"
    browser.write_text(
        f"import pathlib, sys, urllib.request\npathlib.Path({str(seen)!r}).write_text(f'{{sys.argv[1]}} {{urllib.request.urlopen(sys.argv[1]).status}}')\n"
    )
    with socket.create_server((ADDRESS, 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "optimizer", "app", f"--port={port}"]
    environment = {**os.environ, "BROWSER": f"{sys.executable} {browser} %s", "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        said = server.stdout.readline()
        url = said.split()[1]
        assert said == f"Open {url} (Ctrl+C stops)\n"
        ended(waiting)
        assert waiting.state == RunState.DONE, waiting.status
        until = time.monotonic() + PATIENCE
        while not seen.exists() or not seen.read_text():
            assert time.monotonic() < until and server.poll() is None
            time.sleep(0.1)
        assert seen.read_text() == f"{url} 200"
        with urlopen(f"{url}_stcore/health", timeout=PATIENCE) as answer:
            assert answer.status == 200
    finally:
        server.terminate()
        server.wait(30)


def test_without_its_packages_the_app_says_what_to_install(monkeypatch):
    """`optimizer app` without the extra ends with one sentence that names it, not with a traceback."""
    monkeypatch.setattr("ui.launch.find_spec", lambda name: None if name == "streamlit" else object())
    with pytest.raises(click.ClickException) as caught:
        launch(8501, False)
    assert caught.value.message == NOT_INSTALLED and "[app" in NOT_INSTALLED


def test_solving_needs_neither_the_app_nor_its_charts(tmp_path):
    """Where none of the extras is installed, a case is loaded, checked and solved, and its plan is written, from Python and from the command line."""
    code = WITHOUT.format(names=EXTRAS) + (
        f"import optimizer\n"
        f"plan = optimizer.solve({str(TUTORIAL)!r})\n"
        f"plan.save({str(tmp_path / 'plan.xlsx')!r}); plan.save({str(tmp_path / 'plan.json')!r})\n"
        f"from optimizer.cli.commands import main\n"
        f"sys.argv = ['optimizer', 'solve', {str(TUTORIAL)!r}, '-o', {str(tmp_path / 'again.xlsx')!r}]\n"
        f"main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name for path in tmp_path.glob("*.*")} >= {"plan.xlsx", "plan.json", "again.xlsx"}


@pytest.mark.parametrize("missing", PACKAGES)
def test_the_command_line_says_what_to_install(missing):
    """Each package without which the app does not start is asked for in a sentence."""
    code = WITHOUT.format(names=(missing,)) + "from optimizer.cli.commands import main\nsys.argv = ['optimizer', 'app', '--no-browser']\nmain()\n"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0 and "[app,report]" in done.stderr and "Traceback" not in done.stderr and "mistake" not in done.stderr
