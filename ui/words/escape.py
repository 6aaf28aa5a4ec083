"""Names that users typed, shown as the text that they are."""

from __future__ import annotations

import re
import unicodedata

MOST = 120
JOINER = "\u2060"
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~$^=\"'&])")
_LIVE = re.compile(r"[:@]|(?<=www)(?=\.)", re.IGNORECASE)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def short(text: object, most: int = MOST) -> str:
    """`text` on one line, without what cannot be seen, cut with an ellipsis to `most` letters."""
    plain = " ".join(_UNSEEN.sub(" ", str(text)).split())
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"


def md(text: object, most: int = MOST) -> str:
    """`text` for a place that reads Markdown: nothing in it becomes markup, a link, an emoji or a formula.

    Links and emoji are found in the finished text too, so an invisible joiner parts what makes them. Text that runs from right to left
    is set apart, so that it does not turn the words around it.
    """
    cut = short(text, most)
    escaped = _MARKUP.sub(r"\\\1", _LIVE.sub(lambda found: found.group() + JOINER, cut))
    turned = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in cut)
    return f"\u2068{escaped}\u2069" if turned else escaped


def file_name(text: object, most: int = 80) -> str:
    """A name that any computer accepts for a file: letters, digits, blanks, points and hyphens."""
    plain = unicodedata.normalize("NFKD", str(text)).encode("ascii", "ignore").decode()
    kept = " ".join(re.sub(r"[^A-Za-z0-9 ._-]+", " ", plain).split()).strip(" .")[:most].strip(" .")
    return "plan" if not kept or re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", kept) else kept
