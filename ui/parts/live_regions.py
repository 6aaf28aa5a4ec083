"""Two regions of the page that a screen reader reads out whenever their words change: what has happened, and how far something has come.

They stand beside the app in the document, are never made anew, and cannot be seen: a region that comes into being with its words is not read out by all.
"""

from __future__ import annotations

from typing import Literal

import streamlit as st

from ui.session import announcing

Region = Literal["happened", "progress"]
_TELL = """
const HIDDEN = "position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap";
export default function ({ data }) {
  for (const name of ["happened", "progress"]) {
    if (document.getElementById(`live-${name}`)) continue;
    const made = document.createElement("div");
    made.id = `live-${name}`;
    made.setAttribute("role", "status");
    made.setAttribute("aria-live", "polite");
    made.style.cssText = HIDDEN;
    document.body.append(made);
  }
  const region = document.getElementById(`live-${data.region}`);
  if (region.dataset.number === String(data.number)) return;
  region.dataset.number = data.number;
  // Emptied first, so that the same words are read out again; a moment later, so that a region which was just made is known by then.
  region.textContent = "";
  setTimeout(() => { if (region.dataset.number === String(data.number)) region.textContent = data.words; }, 100);
}
"""
_region = st.components.v2.component("live_region", js=_TELL)


def tell(place: str = "page") -> None:
    """Hand over what has happened. place: of the call, where a part of the page that runs alone has one of its own."""
    number, words = announcing.due()
    _put("happened", f"happened-{place}", str(number), words)


def progress(name: str, phase: str, seconds: float, words: str) -> None:
    """Tell how far something has come, now and then. name: of what goes on; seconds: since it began."""
    told = announcing.progress(name, phase, seconds, words)
    _put("progress", f"progress-{name}", f"{name}: {told}", told)


def _put(region: Region, key: str, number: str, words: str) -> None:
    # Streamlit refuses a key with two underscores side by side, which the identifier of a run may have.
    _region(data={"region": region, "number": number, "words": words}, key=f"live-{key.replace('_', '.')}")
