"""A file or folder as sheets of plain cell values: an Excel workbook (excel_files.py), or a folder of .csv files (csv_files.py).

Here a file has become sheets of values; what they mean is for rows.py and reader.py.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from optimizer.intake.files import guard
from optimizer.intake.files.csv_files import sheets_of_folder
from optimizer.intake.files.excel_files import sheets_of_workbook
from optimizer.intake.files.raw import RawSheet, Source
from optimizer.intake.files.refusals import refusal
from optimizer.intake.files.regular import NotRegular, read_regular

__all__ = ["RawSheet", "Source", "read_sheets", "sheets_of_bytes"]


def read_sheets(path: str | os.PathLike) -> Source:
    """Return all sheets of a workbook (.xlsx, .xlsm) or of a folder of .csv files.

    Raises WorkbookError when there is nothing to read, or when it is not safe to.
    """
    path = Path(path)
    name = path.name or str(path)
    if "\0" in str(path):
        raise refusal(name, "The file cannot be opened (its name is not a path).", fix="Check its name and folder.")
    try:
        if stat.S_ISDIR(path.stat().st_mode):
            return sheets_of_folder(path, name)
        data = read_regular(path, name)
    except FileNotFoundError:
        raise refusal(name, f"There is no file {path}.", fix="Check its name and folder.") from None
    except NotRegular as error:
        message = f"This is {error}, not a file."
        raise refusal(name, message, str(error), "an Excel workbook (.xlsx or .xlsm)", "Give the workbook itself.") from None
    except OSError as error:
        message = f"The file cannot be opened ({error.strerror or type(error).__name__})."
        raise refusal(name, message, fix="Close it in other programs and check that you may read it.") from error
    return sheets_of_bytes(data, name)


def sheets_of_bytes(data: bytes, name: str) -> Source:
    """Return all sheets of a workbook given as a file's content. WorkbookError if it is none, or not safe to read."""
    guard.check_size(len(data), name)
    return Source(name, hashlib.sha256(data).hexdigest(), sheets_of_workbook(data, name))
