"""Start the app on this computer and open the browser on it."""

from __future__ import annotations

import socket
import threading
import time
import webbrowser
from pathlib import Path

from optimizer.runs import Store

APP = Path(__file__).resolve().parent / "app.py"
ADDRESS = "127.0.0.1"
PORTS_TRIED = 50


def launch(port: int, browser: bool) -> None:
    """Serve the app until Ctrl-C; it opens on the plan that was solved last, if there is one."""
    from streamlit.web import cli as streamlit

    port = free_port(port)
    url = address(port)
    print(f"Open {url} (Ctrl+C stops)", flush=True)
    if browser:
        threading.Thread(target=_open_once_up, args=(port, url), daemon=True).start()
    threading.Thread(target=_take_up, daemon=True).start()
    streamlit.main(["run", str(APP), f"--server.port={port}"], standalone_mode=False)


def _take_up() -> None:
    """Go on with the solves that an earlier server left waiting, also before anybody opens a page."""
    from ui.session import state

    state.solve_queue()


def address(port: int) -> str:
    """Where the app is, with the last plan."""
    last = Store().last()
    base = f"http://{ADDRESS}:{port}/"
    return base if last is None else f"{base}plan?work={last[0].id}&plan={last[1].id}"


def free_port(port: int) -> int:
    """The first free port from `port` on."""
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        with socket.socket() as probe:
            try:
                probe.bind((ADDRESS, candidate))
            except OSError:
                continue
            return candidate
    raise OSError(f"No port from {port} to {port + PORTS_TRIED} is free.")


def _open_once_up(port: int, url: str) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((ADDRESS, port)) == 0:
                webbrowser.open(url)
                return
        time.sleep(0.1)
