"""Take uploaded files: a sourcing workbook goes to the inputs page, a planner's own sheets to the import."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import streamlit as st

from optimizer.errors import Problem, WorkbookError
from optimizer.importing import GivenFile, Mapping, is_sourcing_workbook
from optimizer.intake import Source
from optimizer.runs import read_upload
from ui.session import announcing, importing, state, visitor
from ui.words import importing as text
from ui.words.escape import file_name, md, short

TEXTS = ("csv", "txt", "tsv")
KINDS = ["xlsx", "xlsm", *TEXTS, "json"]
LARGEST = 20
"""Megabytes of one file."""


def take(uploads: Sequence[Any]) -> None:
    """Go on with files: to the inputs where they are one sourcing workbook, else to the import. What cannot be read is said here."""
    sources: list[tuple[Any, Source]] = []
    known: Mapping | None = None
    faults: list[Problem] = []
    for number, upload in enumerate(uploads, start=1):
        name = short(upload.name, 200).replace("/", "_").replace("\\", "_")
        try:
            with st.spinner(text.reading(md(name), number, len(uploads))):
                if name.lower().endswith(".json"):
                    known = Mapping.from_json(upload.getvalue().decode("utf-8", "replace"), name)
                else:
                    sources.append((upload, read_upload(upload.getvalue(), name)))
        except WorkbookError as error:
            faults += error.problems
    for problem in faults:
        st.error(md(problem.message, 500))
    if known is not None and not sources:
        st.info(text.MAPPING_ALONE)
    if faults or not sources:
        return
    if len(sources) == 1 and is_sourcing_workbook(sources[0][1].sheets):
        upload, source = sources[0]
        state.look_at(state.solve_queue().store.begin(source, upload.getvalue(), visitor.who()))
        state.go("data")
    import_files([source for _, source in sources], known)


def import_files(sources: Sequence[Source], known: Mapping | None) -> None:
    """Begin an import; where a confirmed mapping knows all of it, and nothing is open, the case is there at once."""
    files = [GivenFile(source.name, source.sheets, source.name.lower().endswith(TEXTS)) for source in sources]
    sha256 = hashlib.sha256("".join(source.sha256 for source in sources).encode()).hexdigest()
    with st.spinner(text.RECOGNISING):
        begun = importing.begin(files, sha256, known)
    if not begun.tables:
        importing.end()
        st.error(text.NO_TABLE)
        return
    if begun.mapping.confirmed:
        imported = begun.imported()
        if not imported.questions and not imported.asks:
            st.toast(text.AS_LAST_TIME)
            confirm(begun)
    state.go("importing")


def confirm(begun: importing.Import) -> None:
    """Make a work of an import as it stands, keep its mapping with it, and show it."""
    mapping = begun.mapping.as_confirmed()
    imported = begun.imported(mapping)
    name = f"{file_name(imported.settings.get('title') or begun.files[0].name.rsplit('.', 1)[0])}.xlsx"
    work = state.solve_queue().store.begin(Source(name, begun.sha256, imported.sheets), who=visitor.who())
    importing.keep(work, mapping)
    announcing.say(text.IMPORTED)
    importing.end()
    state.look_at(work)
    state.go("data")
