"""The strategic raw materials of the European Union, and which of them a material's name speaks of.

Regulation (EU) 2024/1252, Annex I, Section 1.
"""

from __future__ import annotations

import re

STRATEGIC = {
    "bauxite, alumina, aluminium": ("bauxite", "alumina", "aluminium", "aluminum"),
    "bismuth": ("bismuth",),
    "boron, metallurgy grade": ("boron",),
    "cobalt": ("cobalt",),
    "copper": ("copper",),
    "gallium": ("gallium",),
    "germanium": ("germanium",),
    "lithium, battery grade": ("lithium",),
    "magnesium metal": ("magnesium",),
    "manganese, battery grade": ("manganese",),
    "graphite, battery grade": ("graphite",),
    "nickel, battery grade": ("nickel",),
    "platinum group metals": ("platinum", "palladium", "rhodium", "ruthenium", "iridium", "osmium", "pgm"),
    "rare earth elements for permanent magnets": (
        "neodymium", "praseodymium", "terbium", "dysprosium", "gadolinium", "samarium", "cerium", "ndpr", "prnd", "ndfeb", "smco", "nd", "pr", "dy", "tb",
    ),
    "silicon metal": ("silicon",),
    "titanium metal": ("titanium",),
    "tungsten": ("tungsten",),
}  # fmt: skip
"""Each strategic raw material with the words by which names of materials speak of it."""


def strategic_name(material: str) -> str:
    """Return the strategic raw material that a name speaks of, "" for none. The grade, which the name rarely tells, is for the reader to check."""
    words = set(re.findall(r"[a-z]+", material.casefold()))
    return next((name for name, known in STRATEGIC.items() if words & set(known)), "")
