"""Enumerations whose members are the words that stand in files and on screen, each with one sentence that explains it."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Words(StrEnum):
    """A word and its meaning. A member equals its word, and is written as it into JSON and workbooks."""

    meaning: str

    def __new__(cls, word: str, meaning: str = "") -> Self:  # looked up by its word, a member needs no meaning
        member = str.__new__(cls, word)
        member._value_, member.meaning = word, meaning
        return member
