"""Propose what a planner's tables become, from their names, headers and values. What is not sure says so; nothing counts until it is confirmed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from optimizer.importing.captions import counted_otherwise, said_of_caption, units_of_caption, with_caption, year_of
from optimizer.importing.mapping import OPEN, PERIOD_NAME, PERIOD_QUANTITY, QUOTIENT, SCRAP, SUM, Mapping, TableMapping, Unpivot, Use, column_of
from optimizer.importing.matching import matching
from optimizer.importing.measures import counts_much, open_unit
from optimizer.importing.patterns import with_patterns
from optimizer.importing.tables import FoundTable
from optimizer.importing.values import Profile, is_number, is_total_row, order_of_days, profile_of, sign_of
from optimizer.importing.wording import PRICE_BASES, SYNONYM, WEAK, HeaderWords, Meaning, alone_in, meanings, read_header
from optimizer.intake.cells.parse import is_blank
from optimizer.intake.rows.titles import LARGE
from optimizer.intake.unread import meant_sheet
from optimizer.schema.language import NUMBER_KINDS, Sheet, normalize
from optimizer.schema.sheets import DEMAND, INPUTS, SETTINGS, SUPPLIERS

_PERIOD_WORDS = frozenset(
    "date day month week period quarter year order_date due_date required_date required need_date delivery_month delivery_date requirement_date demand_date "
    "datum tag monat woche "
    "bedarfstermin bedarfsdatum mois semaine jour fecha mes semana dia data mese settimana giorno miesiac tydzien dzien".split()
)
"""Headers of the column that says when a quantity is needed."""
_SCRAP_WORDS = frozenset("scrap scrap_rate scrap_share scrap_factor yield_loss ausschuss ausschussrate rebut scarto merma odpad".split())
_RELATED = {
    SUPPLIERS.name: ("Projects.cost", "Projects.kind"),
    DEMAND.name: ("Materials.unit", "Materials.holding_cost_per_year", "Materials.storage_capacity"),
}
"""Columns of other sheets that a table often holds, too."""
_PAID_ONCE = re.compile(r"set_?up|fixed|one_(?:off|time)|tooling|qualification|capex|investment|ruest|einmal|fixe|fijo|fisso")
"""Words of a cost in a table of offers that is paid once, not for each unit."""
_LEAST = 150.0
"""Evidence below which a table is not taken for any sheet: less than two headers that are surely known."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a planner's table with what is known of it."""

    header: str
    words: HeaderWords
    profile: Profile
    caption: tuple[str, ...] = ()
    """Units that the caption, or the name of the sheet or file, gives."""
    words_held: frozenset[str] = frozenset()
    """The words in its cells, normalized."""
    broken: bool = False
    """Whether cells are blank below a filled one, in rows that hold numbers."""


def propose(tables: Iterable[FoundTable], known: Mapping | None = None) -> Mapping:
    """Return a mapping for all tables: what a known mapping says of tables of their shape, and proposals for the others."""
    tables = tuple(tables)
    known = known or Mapping()
    fits = matching(tables, known)
    found = tuple(fit.mapping if fit.mapping is not None else _propose_table(fit.table) for fit in fits)
    if any(fit.mapping is None for fit in fits):
        found = with_patterns(tables, found, tuple(fit.mapping is None for fit in fits))
    return replace(known, tables=found, confirmed=known.confirmed and all(fit.mapping is not None for fit in fits))


def proposed_as(table: FoundTable, sheet: str) -> TableMapping:
    """Return the proposal for a table of which the planner says what it is: a sheet of the schema, or "" for one that is not used."""
    return _propose_table(table, sheet) if sheet else TableMapping("", tuple(map(Use, table.headers)), file=table.file, where=f"{table.sheet}!{table.area}")


def chosen(table: FoundTable, header: str, target: str) -> Use:
    """Return what a column becomes where the planner says which: with the unit that its header or cells give, "?" where they leave it open."""
    column = _column(table, header, units_of_caption(table))
    return replace(_use(column, Meaning(target, SYNONYM, "chosen")), question="") if target else Use(header)


def _propose_table(table: FoundTable, said: str = "") -> TableMapping:
    caption = units_of_caption(table)
    columns = [_column(table, header, caption) for header in table.headers]
    ranked = sorted((_evidence(sheet, table, columns) for sheet in INPUTS), key=lambda one: (one[1].name != said, -one[0]))
    (score, sheet, uses), (second, rival, _) = ranked[0], ranked[1]
    score, second = (_LEAST, 0.0) if said else (score, second)
    texts = [value for row in table.rows for value in row if isinstance(value, str)]
    order = order_of_days(texts)
    made = TableMapping(
        sheet.name if score >= _LEAST else "",
        tuple(uses.get(column.header, Use(column.header)) for column in columns) if score >= _LEAST else tuple(map(Use, table.headers)),
        decimal=sign_of(texts),
        day_first=True if order == "day" else False if order == "month" else None,
        blanks=tuple(dict.fromkeys(word for column in columns for word in column.profile.blanks)),
        file=table.file,
        where=f"{table.sheet}!{table.area}",
    )
    if not made.sheet:
        return made
    made = _combined(made, columns)
    unpivots = (*_period_columns(made, columns), *_parts_of_year(made, columns, table))
    unpivoted = {header for one in unpivots for header in one.headers}
    made = replace(made, unpivots=unpivots, uses=tuple(use for use in made.uses if use.header not in unpivoted))
    if score - second < 25 and len(uses) < len(columns):
        made = replace(made, question=f"The table may be {sheet.name} or {rival.name}.")
    if large := LARGE.search(table.caption) or LARGE.search(table.sheet):
        made = _with_open_multiples(made, large[0])
    if words := counted_otherwise(table, made.unpivots):
        made = _with_open_multiples(made, words)
    return _with_dates(made, columns)


def _with_open_multiples(made: TableMapping, words: str) -> TableMapping:
    """Leave open how amounts and quantities are counted, where a caption says it of columns that it does not name: in thousands, added up, per month."""
    question = f"'{words}' stands above the table or in its name: say whether it is meant here."
    uses = tuple(
        replace(use, unit=f"{use.unit} {OPEN}".strip(), question=f"{use.question} {question}".strip())
        if counts_much(use.becomes) and not use.unit.endswith(OPEN)
        else use
        for use in made.uses
    )
    unpivots = tuple(
        replace(one, unit=f"{one.unit} {OPEN}".strip(), question=f"{one.question} {question}".strip()) if counts_much(one.values) else one
        for one in made.unpivots
    )
    return replace(made, uses=uses, unpivots=unpivots)


def _column(table: FoundTable, header: str, caption: tuple[str, ...]) -> _Column:
    words, position = read_header(header), table.positions[header]
    if table.units and table.units[position] and not words.unit:
        words = replace(words, unit=table.units[position])
    cells = table.column(header)
    first = next((row for row, value in enumerate(cells) if not is_blank(value)), len(cells))
    broken = any(is_blank(value) and any(map(is_number, table.rows[row])) and not is_total_row(table, row) for row, value in enumerate(cells) if row > first)
    held = frozenset(normalize(part) for value in cells if isinstance(value, str) for part in re.split("[,;]", value))
    return _Column(header, words, profile_of(table, header), caption, held, broken)


# -- which sheet -----------------------------------------------------------------------------------------------------------


def _evidence(sheet: Sheet, table: FoundTable, columns: list[_Column]) -> tuple[float, Sheet, dict[str, Use]]:
    """Return how much speaks for a table being a sheet, and what its columns then are."""
    uses = _assigned(sheet, columns)
    found = {use.becomes.partition(".")[2] for use in uses.values() if use.becomes.startswith(f"{sheet.name}.")}
    scores = [_score(column, uses[column.header].becomes) for column in columns if column.header in uses]
    score = sum(scores) + 30 * sum(column.required and column.name in found for column in sheet.columns)
    periods = [column for column in columns if (column.words.span is not None or alone_in(column.header)) and column.profile.numbers > 0.5]
    named = _named(sheet, table)
    if sheet is DEMAND and len([column for column in periods if not column.words.base or alone_in(column.header)]) > 1:
        score += 100
    elif sheet is DEMAND and any(not column.words.base for column in periods):
        score += 60
    if sheet is DEMAND and PERIOD_NAME.partition(".")[2] in found:
        score += 60
    if sheet is SETTINGS:
        score = score if table.on_its_side or len(table.rows) == 1 else 0
    # A name alone makes no table: some header must be known, too.
    return score + (140 if named and scores else 0), sheet, uses


def _named(sheet: Sheet, table: FoundTable) -> bool:
    """Return whether the name of the sheet or file, or a word of the caption, means a sheet of the schema."""
    names = [
        table.sheet,
        Path(table.file).stem,
        *table.caption.split(),
        *table.sheet.replace("_", " ").split(),
        *Path(table.file).stem.replace("_", " ").replace("-", " ").split(),
    ]
    return any(meant_sheet(name) == sheet.name for name in names if len(name) > 2)


def _assigned(sheet: Sheet, columns: list[_Column]) -> dict[str, Use]:
    """Return what each column becomes if the table is that sheet: the surest pairs first, each column of the schema once."""
    pairs = sorted(
        ((_score(column, meaning.target), -number, column, meaning) for number, column in enumerate(columns) for meaning in _meanings(sheet, column)),
        key=lambda one: one[:2],
        reverse=True,
    )
    uses: dict[str, Use] = {}
    taken: set[str] = set()
    for score, _, column, meaning in pairs:
        if column.header in uses or meaning.target in taken or score < 60:
            continue
        uses[column.header] = _use(column, meaning)
        taken.add(meaning.target)
    return uses


def _meanings(sheet: Sheet, column: _Column) -> Iterable[Meaning]:
    """Return the columns of a sheet, and of those that go along with it, that a column may be."""
    if not column.profile.filled or column.words.span is not None:
        return
    related = _RELATED.get(sheet.name, ()) if sheet is not SUPPLIERS or _PAID_ONCE.search(column.words.base) else ()
    for meaning in meanings(column.words.base) if column.words.base else ():
        if meaning.target.startswith(f"{sheet.name}.") or meaning.target in related:
            yield meaning
    if sheet is DEMAND and column.words.base in _PERIOD_WORDS and column.profile.spans > 0.8:
        yield Meaning(PERIOD_NAME, SYNONYM, "synonym")
    for name, share in (("country", column.profile.countries), ("currency", column.profile.currencies), ("unit", column.profile.units)):
        if share > 0.8 and any(one.name == name for one in sheet.columns):
            yield Meaning(f"{sheet.name}.{name}", WEAK, "values")


def _score(column: _Column, target: str) -> float:
    """Return how surely a column is one of the schema: by its words, less where its cells hold another kind of thing."""
    words = max((meaning.score for meaning in meanings(column.words.base) if meaning.target == target), default=WEAK if column.words.base else 0.0)
    if target == PERIOD_NAME:
        words = SYNONYM
    declared = column_of(target)
    if declared is None:
        return 0.0
    held = column.profile
    if declared.kind in NUMBER_KINDS:
        return words * (1.0 if held.numbers >= 0.8 else 0.7 if held.numbers >= 0.5 else 0.1)
    if declared.kind in ("date", "last_date", "year"):
        return words * (1.0 if held.spans >= 0.6 else 0.4)
    if declared.kind in ("choice", "choices") and held.filled:
        # Terms of payment are no terms of ours, and an origin that is a country is the country.
        return words * (1.0 if column.words_held & {normalize(choice) for choice in declared.choices} else 0.5)
    # What ends in a number of pieces or money is no name, whatever its header says.
    return words * (0.8 if held.numbers > 0.9 and held.distinct > 0.5 else 1.0)


def _use(column: _Column, meaning: Meaning) -> Use:
    """Return the proposal for one column, with what is not sure of it."""
    declared, unit = column_of(meaning.target), column.words.unit or column.profile.unit
    if declared is None or declared.kind not in NUMBER_KINDS:
        unit = ""
    question, (unit, from_caption) = "", with_caption(meaning.target, unit, column.caption)
    if from_caption:
        question = said_of_caption(from_caption)
    if meaning.how == "like":
        question = f"The header is like a word for {_plainly(meaning.target)}, but not the same."
    elif meaning.how in ("weak", "values"):
        reason = "its cells do" if meaning.how == "values" else "the other columns of the table do"
        question = f"The header alone does not say that this is {_plainly(meaning.target)}; {reason}."
    if open_unit(meaning.target, column.words.base, unit, column.profile):
        unit = f"{unit} {OPEN}".strip()
        question = " ".join(filter(None, (question, "What its numbers count is not said.")))
    down = column.broken and declared is not None and declared.kind == "name" and (declared.required or declared.key)
    if down:
        question = f"{question} A blank cell is read as the name above it.".strip()
    return Use(column.header, meaning.target, unit, down=down, question=question)


def _plainly(target: str) -> str:
    """Return a column of the schema in words."""
    return target.partition(".")[2].replace("_", " ")


# -- several columns for one -----------------------------------------------------------------------------------------------


def _combined(made: TableMapping, columns: list[_Column]) -> TableMapping:
    """Propose that a second column of the same meaning, such as transit days beside lead weeks, is added to the first; and a share of scrap on a recipe."""
    uses, combine = {use.header: use for use in made.uses}, dict(made.combine)
    taken = {use.becomes: use for use in made.uses if use.becomes}
    for column in columns:
        if uses[column.header].becomes or not column.profile.filled or column.words.span is not None:
            continue
        if column.words.base in _SCRAP_WORDS and "Inputs.input_per_unit" in taken:
            unit = "%" if "%" in column.words.unit or column.profile.largest > 1 else ""
            question = "What is scrapped raises what one unit takes." if unit == "" or column.words.unit else "Its numbers are read as percentages."
            uses[column.header] = Use(column.header, "Inputs.input_per_unit", unit, question=question)
            combine["Inputs.input_per_unit"] = SCRAP
            continue
        if column.words.base in PRICE_BASES and "Suppliers.price" in taken and column.profile.numbers >= 0.8:
            uses[column.header] = Use(column.header, "Suppliers.price", question=f"{taken['Suppliers.price'].header} is for so many units, and divided by it.")
            combine["Suppliers.price"] = QUOTIENT
            continue
        for meaning in meanings(column.words.base) if column.words.base else ():
            # Two lead times are one behind the other; two prices or capacities may as well be those of two years.
            if meaning.target in taken and meaning.target.endswith("lead_time_months") and column.profile.numbers >= 0.8:
                use = _use(column, meaning)
                question = f"It is added to {taken[meaning.target].header}. {use.question}".strip()
                uses[column.header] = replace(use, question=question)
                combine[meaning.target] = SUM
                break
            if meaning.target in taken and meaning.how in ("exact", "synonym") and meaning.target.startswith(f"{made.sheet}."):
                first = uses[taken[meaning.target].header]
                words = f"{column.header}, which is not used, may be meant as well."
                uses[first.header] = replace(first, question=f"{first.question} {words}".strip())
                break
    return replace(made, uses=tuple(uses[column.header] for column in columns), combine=combine)


# -- periods ---------------------------------------------------------------------------------------------------------------


def _period_columns(made: TableMapping, columns: list[_Column]) -> Iterable[Unpivot]:
    """Propose what columns headed by periods become: quantities of Demand, or values of an offer that change by date."""
    groups: dict[str, list[_Column]] = {}
    for column in columns:
        if column.words.span is not None and column.profile.numbers > 0.5 and not (made.use(column.header) or Use("")).becomes:
            groups.setdefault(column.words.base, []).append(column)
    for base, members in groups.items():
        headers = tuple(column.header for column in members)
        target = PERIOD_QUANTITY if made.sheet == DEMAND.name else "Suppliers.capacity_per_year"
        unit, from_caption = with_caption(target, members[0].words.unit, members[0].caption)
        targets = {meaning.target for meaning in meanings(base)} if base else set()
        if made.sheet == DEMAND.name and (not base or targets & {"Demand.annual_demand"}):
            question = "" if len({column.words.unit for column in members}) == 1 else "The units in these headers differ."
            question = f"{question} {said_of_caption(from_caption)}".strip() if from_caption else question
            yield Unpivot(headers, PERIOD_NAME, PERIOD_QUANTITY, unit, True, question=question)
        elif made.sheet == SUPPLIERS.name:
            name = next((one for one in ("capacity_per_year", "price", "spot_limit_per_year", "contract_price") if f"Suppliers.{one}" in targets), "")
            if not name and not base:
                continue
            if name:
                dated = all(column.words.span is not None and column.words.span.kind == "year" for column in members)
                profile = members[0].profile
                left = open_unit(f"Suppliers.{name}", base, unit, profile, dated)
                asked = f"{unit} {OPEN}".strip() if left else unit
                words = "What its numbers count is not said. " if left else ""
                question = f"{words}The first is the offer's own, the others change it by date."
                yield Unpivot(headers, "Offer changes.from", f"Offer changes.{name}", asked, True, question=question)


def _parts_of_year(made: TableMapping, columns: list[_Column], table: FoundTable) -> Iterable[Unpivot]:
    """Propose that columns headed by months, quarters or weeks without a year hold the quantities of these; the year is taken from the caption, or asked."""
    headers = [column for column in columns if alone_in(column.header) and column.profile.numbers > 0.5 and not (made.use(column.header) or Use("")).becomes]
    if made.sheet != DEMAND.name or len(headers) < 2:
        return
    year = year_of(table)
    unit, _ = with_caption(PERIOD_QUANTITY, headers[0].words.unit, headers[0].caption)
    words = f"Its periods begin in {year}, as its caption or the name of its sheet or file says." if year else "The year of its periods is not said."
    yield Unpivot(tuple(column.header for column in headers), PERIOD_NAME, PERIOD_QUANTITY, unit, True, year or OPEN, words)


def _with_dates(made: TableMapping, columns: list[_Column]) -> TableMapping:
    """Let quantities of a list with a date in each row count in the periods of these dates."""
    if made.sheet != DEMAND.name or not any(use.becomes == PERIOD_NAME for use in made.uses):
        return made
    uses = []
    for use in made.uses:
        if use.becomes == "Demand.annual_demand":
            unit = use.unit.removesuffix(OPEN).strip()
            question = use.question.replace("What its numbers count is not said.", "").strip()
            use = replace(use, becomes=PERIOD_QUANTITY, unit=unit, question=question)
        uses.append(use)
    return replace(made, uses=tuple(uses))


def names_of_targets() -> tuple[str, ...]:
    """Return every column that one of a planner's may become, in the order of the sheets."""
    ordered = [f"{sheet.name}.{column.name}" for sheet in INPUTS for column in sheet.columns]
    place = ordered.index("Demand.annual_demand") + 1
    return (*ordered[:place], PERIOD_QUANTITY, PERIOD_NAME, *ordered[place:])
