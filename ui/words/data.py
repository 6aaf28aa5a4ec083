"""Every sentence that a person reads on the inputs page."""

from __future__ import annotations

from optimizer.schema import Column

READY = "Ready to solve"
PROBLEMS_HEAD = "To put right"
PROBLEMS_NOTE = "Choose a row to see its cell and put it right. Everything is checked again at once."
WHERE, PROBLEM = "Where", "What is wrong"
APPLY = "Apply"
SHEETS_LABEL = "Sheet"
ONLY_PROBLEMS = "Only rows with problems"
GRID_NOTE = (
    "Double-click a cell to change it, or paste a block from Excel. New rows go into the blank rows at the end. "
    "What you type is kept and checked at once. A number that can be read in two ways is never guessed: it is listed, and you choose how to read it."
)
MORE_ROWS = "More blank rows"
KEPT, UNDONE, REDONE, TAKEN_BACK = "Kept.", "Undone.", "Redone.", "Taken back."
INSERTED, REPEATED, DELETED, FILLED = "{} inserted.", "{} copied.", "{} deleted.", "{} filled."
"""What has happened to rows; in braces stands how many."""
CUT_OFF = "The pasted block reached the last row shown here. If it had more rows, these were not taken: paste them into the blank rows at the end of the sheet."
MISPLACED = (
    "Nothing was changed: something was typed or pasted onto a column that cannot be edited, such as Row, Check or the name of a setting. "
    "Click the first cell that the block should fill, and paste again."
)
CHANGED_ELSEWHERE = "This sheet was changed in another window meanwhile. It is shown as it is now, without what you typed last: please type that again."
TICKED_NONE = "Tick rows at the left to insert, copy, delete or fill rows."
INSERT_ABOVE, INSERT_BELOW, REPEAT, DELETE = "Insert above", "Insert below", "Copy below", "Delete"
ORDER, ORDER_ROWS = "Order of the rows", "As in Excel"
FILL, FILL_COLUMN, FILL_VALUE, FILL_DO = "Fill", "Column", "Value (blank clears)", "Fill the ticked rows"
BEYOND, BEYOND_HELP = "Beyond", "What is pasted beyond the last column lands here, so that nothing is lost without a word."
MISSING_SHEET, ADD_SHEET = "The workbook has no such sheet.", "Add the sheet"
CHANGED_HEAD, NOTHING_CHANGED = "Changed here", "Nothing has been changed here."
UNDO, REDO, REVERT_ONE, REVERT_ALL = "Undo", "Redo", "Take the chosen ones back", "Take all back"
BEFORE, AFTER, CELL = "Before", "Now", "Cell"
DOWNLOAD, DOWNLOAD_MARKED = "Download the edited workbook", "Download with the problems marked"
MAP_HEAD = "Where the suppliers are"
MAP_NOTE = "A circle for each country and bloc. A supplier in the wrong place, or in the wrong bloc, is easy to see."
ALL_MATERIALS = "All materials"
TO_SOLVE = "Make a plan"
BLANK = "blank"

MATERIALS_UNIT = "material's unit"
SHARE, SHARE_PER_YEAR = "share, 0 to 1", "share per year"
TICK_HELP = "Tick rows to insert, copy, delete or fill."
ROW, ROW_HELP = "Row", "The number of the row in Excel. It cannot be edited."
CHECK, CHECK_HELP = "Check", "What is wrong in this row: the column's letter and the reason."
SETTING, VALUE, ALLOWED, MEANING = "Setting", "Value", "Allowed", "Meaning"
VALUE_HELP = "Type a value. Left blank, the default counts."
OWN_COLUMN = "A column of your own. It is not read."
NO_SETTING = "There is no such setting."


def origin(file: str, sheet: str, cell: str) -> str:
    """Say where a row stands in the files that were imported."""
    return f"Its row comes from {file}, {sheet}, {cell}."


def no_header(letter: str) -> str:
    """The heading of a column that has none."""
    return f"Column {letter} (no header)"


def ticked(count: int) -> str:
    """Say how many rows are ticked."""
    return f"{counted(count, 'row')} ticked"


def one_of(names: tuple[str, ...], most: int) -> str:
    """The names of which a cell may hold one."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"There: {', '.join(names[:most])}{more}."


def allowed(column: Column) -> str:
    """Say what a setting may be, and what counts where it is blank."""
    default = "" if column.required or column.default is None else f" Default: {column.default}."
    return f"{column.allowed()[:1].upper()}{column.allowed()[1:]}.{' Required.' if column.required else default}"


def counted(count: int, noun: str) -> str:
    """A number of things."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def standing(problems: int, warnings: int) -> str:
    """Say how the workbook stands."""
    if problems:
        return f"{counted(problems, 'problem')} to put right before it can be solved"
    return READY + (f", {counted(warnings, 'warning')}" if warnings else "")


def heard(problems: int, warnings: int) -> str:
    """Say how the workbook stands, for those who hear it."""
    if problems:
        return f"Problems: {problems:,}."
    return f"The inputs have no problem. Warnings: {warnings:,}."


def sheet_label(name: str, problems: int) -> str:
    """A sheet's name with how much is wrong on it."""
    return f"{name} ({problems})" if problems else name


def cell_label(where: str, expected: str) -> str:
    """The box in which a cell is put right."""
    return f"{where}: expected {expected}" if expected else where
