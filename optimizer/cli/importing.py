"""The command `import`: a planner's own files to a sourcing workbook, by a mapping that is proposed, saved, answered and used again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.cli.console import Stop, say
from optimizer.cli.outcomes import BAD_INPUT, NO_PLAN, NOT_WRITTEN, QUESTION, SOLVED
from optimizer.errors import WorkbookError

if TYPE_CHECKING:
    from optimizer.importing.applying import Imported
    from optimizer.importing.mapping import Mapping, TableMapping
    from optimizer.importing.tables import FoundTable

MOST_NAMES = 12
"""Names of one question that are shown."""


def import_files(
    files: Sequence[Path], mapping: Path | None, save_mapping: Path | None, output: Path | None, confirm: bool, settings: dict[str, str], stop: Stop
) -> int:
    """Import files, say what they become and what is open, and write mapping and case where they are wanted; the exit status.

    Raises WorkbookError where a file or the mapping cannot be read.
    """
    from optimizer.importing.applying import apply
    from optimizer.importing.files import read_files
    from optimizer.importing.proposing import propose
    from optimizer.importing.tables import find_tables

    known = _known(mapping)
    tables = find_tables(read_files(files))
    if not any(tables):
        say("No table was found: a table has its headers in one row, and rows of values below.", err=True)
        return BAD_INPUT
    made = propose(tables, known)
    made = replace(made, settings={**made.settings, **_as_settings(settings)})
    made = made.as_confirmed() if confirm else made
    imported = apply(made, tables, cancelled=stop)
    if stop.asked:
        return NO_PLAN
    for line in _lines(tables, made, imported):
        say(line)
    if save_mapping is not None and (failed := _write(save_mapping, _to_fill_in(made, imported).to_json().encode())):
        return failed
    open_ = [*map(str, imported.questions), *_asked(imported)]
    if open_ or not made.confirmed:
        _say_open(open_, save_mapping)
        return QUESTION
    return _write_case(imported, files, output)


def _known(path: Path | None) -> Mapping:
    """Return the mapping of a file. WorkbookError where there is none or it is no mapping."""
    from optimizer.importing.mapping import Mapping
    from optimizer.intake.files.refusals import refusal

    if path is None:
        return Mapping()
    try:
        return Mapping.from_json(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise refusal(path.name, f"The mapping {path} cannot be read ({getattr(error, 'strerror', None) or 'it is no text'}).") from None


def _as_settings(given: dict[str, str]) -> dict[str, Any]:
    """Return settings with the numbers among them as numbers. WorkbookError for a name that is none."""
    from optimizer.intake.cells.parse import parse_number_text
    from optimizer.intake.files.refusals import refusal
    from optimizer.schema.language import normalize
    from optimizer.schema.sheets import SETTINGS

    known = {normalize(column.name): column.name for column in SETTINGS.columns}
    found: dict[str, Any] = {}
    for name, value in given.items():
        if normalize(name) not in known:
            raise refusal("--set", f"There is no setting {name}; there are {', '.join(known.values())}.")
        number = parse_number_text(value)
        found[known[normalize(name)]] = value if number is None else number
    return found


# -- what is said ----------------------------------------------------------------------------------------------------------


def _lines(tables: Sequence[FoundTable], made: Mapping, imported: Imported) -> Iterator[str]:
    """Yield what each table becomes, and what was left out."""
    for table, mapping in zip(tables, made.tables, strict=True):
        what = f"added to the rows of {mapping.sheet}, by {mapping.added_by}" if mapping.added_by else mapping.sheet or "not used"
        yield f"{table.title} (from {table.area}, {len(table.rows):,} rows): {what}"
        if mapping.sheet:
            yield from (f"  {line}" for line in _columns(mapping))
    yield from imported.notes


def _columns(made: TableMapping) -> Iterator[str]:
    used = [use for use in made.uses if use.becomes]
    for use in used:
        unit = f", in {use.unit}" if use.unit and not use.unit.endswith("?") else ""
        yield f"{use.header} -> {use.becomes}{unit}"
    for one in made.unpivots:
        more = f" and {len(one.headers) - 2} more" if len(one.headers) > 2 else ""
        yield f"{', '.join(one.headers[:2])}{more} -> {one.values}, by {one.names}{f', in {one.unit}' if one.unit else ''}"
    for target, value in made.fixed.items():
        yield f"{target} is {value!r} in every row"
    left = [use.header for use in made.uses if not use.becomes]
    if left:
        more = f" and {len(left) - MOST_NAMES} more" if len(left) > MOST_NAMES else ""
        yield f"not used: {', '.join(left[:MOST_NAMES])}{more}"


def _asked(imported: Imported) -> Iterator[str]:
    """Yield what no table has and every row needs."""
    from optimizer.importing.mapping import column_of

    for ask in imported.asks:
        column = column_of(ask.column)
        names = [key for key in ask.keys if key]
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        of = f" of {', '.join(names[:MOST_NAMES])}{more}" if names else ""
        yield f"{ask.column} is missing{of}. {column.help if column else ''}".strip()


def _say_open(open_: Sequence[str], save_mapping: Path | None) -> None:
    for line in open_:
        say(f"? {line}", err=True)
    count = f"{len(open_)} question{'s' * (len(open_) != 1)}" if open_ else "Nothing is open, but nobody has confirmed it"
    how = f"Answer in {save_mapping}" if save_mapping else "Write the mapping with --save-mapping, answer in it"
    say(f"{count}. {how}, set confirmed to true there (or give --confirm), and import with --mapping.", err=True)


def _to_fill_in(made: Mapping, imported: Imported) -> Mapping:
    """Return the mapping with a place for each answer that is missing, and what is proposed for it."""
    from optimizer.importing.mapping import Answer
    from optimizer.importing.records import RATE
    from optimizer.schema.sheets import SETTINGS

    for ask in imported.asks:
        given = made.answer(ask.column)
        values = {**(given.values if given else {}), **{key or "*": ask.proposed.get(key) for key in ask.keys}}
        made = made.with_answer(Answer(ask.column, given.by if given else ask.by, values))
    names = {column.name for column in SETTINGS.columns}
    blank = {question.header: None for question in imported.questions if question.header in names}
    rates = {question.header: None for question in imported.questions if question.about == RATE}
    return replace(made, settings={**blank, **made.settings}, rates={**rates, **made.rates})


# -- what is written -------------------------------------------------------------------------------------------------------


def _write_case(imported: Imported, files: Sequence[Path], output: Path | None) -> int:
    """Check the case and write it; its problems are said at the places of the planner's own files."""
    from optimizer.editing.file import edited_bytes

    try:
        reading = imported.reading(files[0].stem)
    except WorkbookError as error:
        say(str(error), err=True)
        return BAD_INPUT
    warnings = len(reading.warnings)
    say(f"Ready to solve{f', {warnings} warning' + 's' * (warnings != 1) if warnings else ''}.")
    if output is None:
        return SOLVED
    return _write(output, edited_bytes(None, imported.sheets, imported.sheets))


def _write(path: Path, content: bytes) -> int:
    """Write a file whole and say so; the exit status, 0 where it is written."""
    from optimizer.files import replace_file
    from optimizer.runs.keeping import reason

    try:
        replace_file(path, content)
    except OSError as error:
        say(f"{path} could not be written: {reason(path, error)}.", err=True)
        return NOT_WRITTEN
    say(f"Wrote {path}")
    return SOLVED
