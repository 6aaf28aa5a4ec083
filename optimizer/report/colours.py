"""The colours of every output, in workbooks and on screen."""

from __future__ import annotations

BLOC_COLOURS = {"chinese": "#D55E00", "other": "#E69F00", "allied": "#0072B2", "onshored": "#009E73"}
"""One colour a bloc in every output (Okabe and Ito's palette, which the colour-blind can tell apart)."""
