"""Every sentence of the page on which a planner's own sheets become a case."""

from __future__ import annotations

from optimizer.importing import OPEN, Ask, FoundTable, TableMapping, Unpivot, column_of

TITLE = "Import your own sheets"
NOTHING_YET = "Bid sheets, price lists, demand plans, recipes: drop the files of one case here, together. Nothing counts before you confirm it."
UPLOAD_LABEL = "Excel workbooks (.xlsx, .xlsm; macros never run), text files (.csv, .txt, .tsv), and the mapping (.json) of an earlier import"
RECOGNISING = "Looking for tables, and for what their columns are"
IMPORTED = "The case is made."
MAPPING_ALONE = "This is a mapping: drop it together with the files that it is for."
NO_TABLE = "No table was found in these files: a table has its headers in one row, and rows of values below."
CONFIRM, START_ANEW = "Confirm and open", "Other files"
SAVE_MAPPING = "Download the mapping"
SAVE_HELP = "What each column becomes, and your answers. Drop it beside next month's files, and they come in at once."
BECOMES, COUNTS, TABLE_IS = "becomes", "its numbers are in", "This table is"
NOT_USED, CHOOSE = "not used", "choose"
AS_COLUMN = "as the plan has it"
USE_ANOTHER = "Use another column"
COMBINE = "How they become one"
SIDE_BY_SIDE = "Columns side by side"
LEAVE_OUT = "Do not use these columns"
MORE = "More: fixed values, lists in cells, columns side by side, numbers and dates"
FIXED_HEAD = "The same in every row"
FIXED_COLUMN, FIXED_VALUE, FIXED_ADD, FIXED_REMOVE = (
    "Column to fill",
    "Value; {Header} stands for the row's own cell, {sheet} and {file} for their names",
    "Fill in",
    "Take back",
)
SPLIT_HEAD, SPLIT_COLUMN, SPLIT_SIGN, SPLIT_DO = "Several values in one cell, such as 'China; Malaysia'", "Column to take apart", "Sign between them", "Split"
SPLIT_PART = "What is taken"
PARTS = {"rows": "a row for each", "1": "the first", "2": "the second", "3": "the third"}
UNPIVOT_HEAD, UNPIVOT_COLUMNS = "Columns side by side that should be rows", "Columns, headed by periods or by names"
UNPIVOT_NAMES, UNPIVOT_VALUES, UNPIVOT_DO = "Their headers become", "Their cells become", "Make rows of them"
DECIMAL, POINT, COMMA = "Sign before decimals", "point (1,250.5)", "comma (1.250,5)"
DAY_ORDER, DAY_FIRST, MONTH_FIRST = "Dates begin with", "the day (31/01)", "the month (01/31)"
BLANKS = "Words that mean a blank cell"
MISSING_HEAD = "What your sheets do not say"
MISSING_NOTE = "Fill it in here, and it is kept for next time; or leave it blank, and fill it in later in the grid."
FILL_DOWN = "A blank cell means the name above it (guessed from the cells: untick this if they are blank for another reason)"
YEAR = "The year of the first of them"
FOR_ALL, FOR_OTHERS = "the same for all", "all others"
SETTINGS_HEAD = "The plan"
PREVIEW_HEAD, PREVIEW_NOTE = "What comes out", "As it stands now, in the units of the plan."
PREVIEW_SHEET = "Sheet"
NOTHING_COMES_OUT = "Nothing yet: no table is used. Say above, at *This table is*, what a table holds."
QUESTIONS_HEAD = "To answer before you can confirm"
LOOK_HEAD = "To look at"
PROBLEMS_HEAD = "What is wrong so far"
NOTES_HEAD = "What was made or left out"
RATE = "What is one {} worth in the plan's currency?"
AS_LAST_TIME = "Imported as last time."
YOUR_COLUMN = "Your column"
SAMPLES_SHOWN = 3


def reading(name: str, number: int, of: int) -> str:
    """Say which file is being read."""
    return f"Reading {name}, file {number:,} of {of:,}" if of > 1 else f"Reading {name}"


def found(tables: int, files: int, open_: int) -> str:
    """Say what was found, and what there is to do."""
    what = f"{tables:,} table{'s' * (tables != 1)} in {files:,} file{'s' * (files != 1)}."
    if open_:
        return f"{what} Look through what each column becomes, answer what is marked, and confirm."
    return f"{what} Look through what each column becomes, and confirm."


def standing(questions: int, looks: int) -> str:
    """Say how the import stands."""
    if questions:
        return f"{questions:,} question{'s' * (questions != 1)} to answer"
    return f"{looks:,} thing{'s' * (looks != 1)} to look at, then confirm" if looks else "Ready to confirm"


def taken_apart(header: str, sign: str, part: str) -> str:
    """Say how the cells of a column are taken apart."""
    return f"{header}: at each '{sign}', {PARTS.get(part, f'part {part}')}"


def heard(questions: int, looks: int) -> str:
    """Say how the import stands, for those who hear it."""
    return f"Open questions: {questions:,}. Proposals to look at: {looks:,}."


def table_head(table: FoundTable) -> str:
    """Say where a table stands and how long it is."""
    return f"from {table.area}, {len(table.rows):,} row{'s' * (len(table.rows) != 1)}"


def becomes(made: TableMapping) -> str:
    """Say what a table becomes."""
    return f"added to {made.sheet}" if made.added_by else made.sheet or NOT_USED


def used(made: TableMapping) -> str:
    """Say how many columns of a table are used."""
    unpivoted = sum(len(one.headers) for one in made.unpivots)
    every = len({use.header for use in made.uses}) + unpivoted
    count = len({use.header for use in made.uses if use.becomes}) + unpivoted
    return f"{count:,} of {every:,} columns used"


def target_label(target: str, sheet: str = "") -> str:
    """Return a column of the schema as people read it, with its sheet where it is another than the table's."""
    if not target:
        return NOT_USED
    name, _, column = target.partition(".")
    words = column.replace("_", " ")
    return words if name == sheet else f"{name}: {words}"


def unit_label(unit: str) -> str:
    """Return a unit as people read it."""
    return AS_COLUMN if not unit else "a fraction (0.35)" if unit == "fraction" else "percent (35)" if unit == "%" else unit.removesuffix(f" {OPEN}")


def rows_of(one: Unpivot) -> str:
    """Say what becomes of columns side by side."""
    if one.names.endswith((".period", ".from")):
        return "each for the time in its header"
    return f"a row for each {target_label(one.names).partition(': ')[2]}"


def side_by_side(headers: tuple[str, ...]) -> str:
    """Name columns that stand side by side."""
    return f"{', '.join(headers[:3])} and {len(headers) - 3} more" if len(headers) > 3 else ", ".join(headers)


def ask_label(ask: Ask, currency: str, units: set[str]) -> str:
    """Say what is asked, and in which unit."""
    column = column_of(ask.column)
    unit = column.unit if column else ""
    unit = unit.replace("{currency}", currency or "currency").replace("{unit}", units.copy().pop() if len(units) == 1 else "unit")
    return f"**{target_label(ask.column)}**{f' ({unit})' if unit else ''}: {column.help if column else ''}"


def not_used(count: int) -> str:
    """Say how many columns are not used."""
    return f"{count:,} column{'s' * (count != 1)} not used"


def samples(values: list[str]) -> str:
    """Return the first values of a column."""
    return " · ".join(values) if values else "no values"
