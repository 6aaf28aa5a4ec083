"""The texts that the cells of a workbook share."""

from __future__ import annotations

import re

from optimizer.intake.files.package import parse

_ESCAPED = re.compile(r"_x(000[9ADad]|005[Ff])_")


def shared_texts(data: bytes) -> list[str]:
    """Return the shared strings of a workbook, in their order; without the readings of East Asian characters beside them."""
    texts: list[str] = []
    parts: list[str] = []
    path: list[str] = []

    def start(tag: str, _: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if not path and name != "sst":
            raise ValueError("a part of texts holds none")
        path.append(name)
        if len(path) > 16:
            raise ValueError("texts are nested too deeply")

    def end(_: str) -> None:
        path.pop()
        if len(path) == 1:
            texts.append(plain("".join(parts)))
            parts.clear()

    def text(text: str) -> None:
        if path[-1] == "t" and "rPh" not in path:
            parts.append(text)

    parse(data, start, end, text)
    return texts


def plain(text: str) -> str:
    """Return a text with the characters that XML cannot hold as they are, such as a carriage return, which is written _x000D_, put back."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
