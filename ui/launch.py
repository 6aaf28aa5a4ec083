"""Start the app on this computer and open the browser on it."""

from __future__ import annotations

import socket
import threading
import time
import webbrowser
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import click

from optimizer.runs import Store

APP = Path(__file__).resolve().parent / "app.py"
ADDRESS = "127.0.0.1"
PORTS_TRIED = 50
PACKAGES = ("altair", "jinja2", "streamlit")
"""What the extra `app` installs."""
NOT_INSTALLED = 'The app is not installed. Install it with: pip install "critical-materials-optimizer[app,report]"'


def launch(port: int, browser: bool) -> None:
    """Serve the app until Ctrl-C. It opens on the plan that was solved last, if there is one.

    ClickException where the app's packages are not installed, or no port is free.
    """
    if any(find_spec(name) is None for name in PACKAGES):
        raise click.ClickException(NOT_INSTALLED)
    from streamlit.web import cli as streamlit

    port = free_port(port)
    url = address(port)
    click.echo(f"Open {url} (Ctrl+C stops)")
    if browser:
        threading.Thread(target=_open_once_up, args=(port, url), daemon=True).start()
    threading.Thread(target=_resume, daemon=True).start()
    streamlit.main(["run", str(APP), f"--server.port={port}"], standalone_mode=False)


def _resume() -> None:
    """Start the runs that an earlier server left waiting, before anybody opens a page."""
    from ui.session import state

    state.solve_queue()


def address(port: int) -> str:
    """Return the address of the app, with the plan that was solved last."""
    last = Store().last()
    base = f"http://{ADDRESS}:{port}/"
    return base if last is None else f"{base}plan?work={last[0].id}&plan={last[1].id}"


def free_port(port: int) -> int:
    """Return the first free port from `port` on. Streamlit would find one, too, but the address must be known before it starts.

    ClickException where none is free.
    """
    last = min(port + PORTS_TRIED - 1, 65535)
    for candidate in range(port, last + 1):
        with suppress(OSError), socket.create_server((ADDRESS, candidate)):
            return candidate
    raise click.ClickException(f"No port from {port} to {last} is free.")


def _open_once_up(port: int, url: str) -> None:
    """Open the browser as soon as the server answers. Streamlit would open it on the first page, not on a plan."""
    for _ in range(100):
        with suppress(OSError), socket.create_connection((ADDRESS, port), timeout=1):
            webbrowser.open(url)
            return
        time.sleep(0.1)
