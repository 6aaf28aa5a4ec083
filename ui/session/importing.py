"""The import under way in a session: the files, the tables in them, and the mapping as the planner has it now."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from optimizer.importing import Answer, FoundTable, GivenFile, Imported, Mapping, TableMapping, apply, find_tables, propose
from optimizer.runs import Work
from ui.session import state

KEY, MAPPING = "import", "mapping"

MOST_UNDER_WAY = 12
"""Imports that the server remembers for pages that are loaded anew; the oldest are let go first."""


@dataclass
class Import:
    """One import.

    generation: counts the changes that are made other than by a widget of its own; shown: unused columns that the planner looks at. token: by which a page
    that is loaded anew finds it; nobody can guess it.
    """

    files: tuple[GivenFile, ...]
    tables: tuple[FoundTable, ...]
    mapping: Mapping
    sha256: str
    generation: int = 0
    shown: set[tuple[int, str]] = field(default_factory=set)
    made: dict[str, Imported] = field(default_factory=dict)
    proposed: set[str] = field(default_factory=set)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def imported(self, mapping: Mapping | None = None) -> Imported:
        """Return what a mapping, by default the present one, makes of the tables; made once for each."""
        wanted = mapping or self.mapping
        key = wanted.to_json()
        if key not in self.made:
            if len(self.made) > 8:
                self.made.clear()
            self.made[key] = apply(wanted, self.tables)
        return self.made[key]

    def change(self, number: int, change: Callable[[TableMapping], TableMapping], anew: bool = False) -> None:
        """Change what is said of one table. anew: whether its widgets have to be drawn anew."""
        self.mapping = replace(self.mapping.with_table(number, change(self.mapping.tables[number])), confirmed=False)
        self.generation += anew

    def answer(self, column: str, by: str, key: str, value: Any) -> None:
        """Keep the planner's answer for one name; blank takes it back."""
        known = self.mapping.answer(column)
        values = {name: held for name, held in (known.values if known else {}).items() if name != key}
        if value not in (None, ""):
            values[key] = value
        self.mapping = self.mapping.with_answer(Answer(column, by, values))

    def take_proposals(self) -> None:
        """Take what a name itself says, such as the bloc of a supplier in China, as an answer that the planner sees and can change."""
        for ask in self.imported().asks:
            if ask.proposed and ask.column not in self.proposed:
                self.proposed.add(ask.column)
                known = self.mapping.answer(ask.column)
                values = {**ask.proposed, **(known.values if known else {})}
                self.mapping = self.mapping.with_answer(Answer(ask.column, known.by if known else ask.by, values))

    def set(self, name: str, value: Any) -> None:
        """Keep a setting; blank takes it back."""
        settings = {key: held for key, held in self.mapping.settings.items() if key != name}
        self.mapping = replace(self.mapping, settings={**settings, **({name: value} if value not in (None, "") else {})})

    def rate(self, currency: str, value: float | None) -> None:
        """Keep what a currency is worth."""
        self.mapping = replace(self.mapping, rates={**self.mapping.rates, currency: value} if value else self.mapping.rates)


def begin(files: Sequence[GivenFile], sha256: str, known: Mapping | None = None) -> Import:
    """Begin an import with files; known: a mapping of an earlier one."""
    tables = find_tables(files)
    begun = Import(tuple(files), tables, propose(tables, known or last_mapping()), sha256)
    st.session_state[KEY] = begun
    remembered = _all_under_way()
    remembered[begun.token] = begun
    while len(remembered) > MOST_UNDER_WAY:
        remembered.popitem(last=False)
    return begun


def under_way() -> Import | None:
    """Return the import of this session, or that of the address where the page was loaded anew; None if there is none."""
    if KEY not in st.session_state:
        found = _all_under_way().get(st.query_params.get(KEY, ""))
        if found is not None:
            st.session_state[KEY] = found
    return st.session_state.get(KEY)


def keep_address(begun: Import) -> None:
    """Write into the address which import it is, so that a reload loses nothing of it."""
    if st.query_params.get(KEY) != begun.token:
        st.query_params[KEY] = begun.token


def end() -> None:
    """Let the files go."""
    begun = st.session_state.pop(KEY, None)
    if begun is not None:
        _all_under_way().pop(begun.token, None)
    if KEY in st.query_params:
        del st.query_params[KEY]


@st.cache_resource(show_spinner=False)
def _all_under_way() -> OrderedDict[str, Import]:
    return OrderedDict()


def last_mapping() -> Mapping | None:
    """Return the mapping that the workbook which this session works on was made by; None if it was not imported."""
    work = state.current()
    text = work.choices.get(MAPPING) if work is not None else None
    return Mapping.from_json(text) if text else None


def keep(work: Work, mapping: Mapping) -> None:
    """Keep the mapping with the work that it made."""
    work.choose(**{MAPPING: mapping.to_json()})
