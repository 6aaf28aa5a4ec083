"""Reading an uploaded file in a process of its own, with limits, so that no file can take the server down.

read_upload(data, name) -> Source        what the server calls
python -m optimizer.runs.uploads NAME     what it starts: the file on standard input, the sheets as JSON on standard output
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

from optimizer.editing.sheets import sheets_from_json, sheets_to_json
from optimizer.errors import Problem, WorkbookError
from optimizer.importing.files import given_file
from optimizer.intake.files.guard import check_size
from optimizer.intake.files.refusals import refusal
from optimizer.intake.files.sources import Source

MOST_SECONDS = 30
MOST_MEMORY = 2**30
"""A second line of defence: what limits.py admits takes two seconds of processor time and half of this memory."""


def read_upload(data: bytes, name: str) -> Source:
    """All sheets of a workbook, or of a text file of values (.csv). WorkbookError where the file is none, is not safe to read, or takes too much to read."""
    check_size(len(data), name)
    command = [sys.executable, "-m", "optimizer.runs.uploads", name]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=MOST_SECONDS)
        answer = json.loads(done.stdout) if done.returncode == 0 else None
    except subprocess.TimeoutExpired:
        answer = None
    if answer is None:
        fix = "Delete sheets and formatted rows that are not needed, and save it again."
        raise refusal(name, "The file takes too much time or memory to read.", fix=fix)
    if problems := answer.get("problems"):
        raise WorkbookError([Problem(**problem) for problem in problems], source=name)
    return Source(name, answer["sha256"], sheets_from_json(answer["sheets"]))


def main() -> None:
    """Read the workbook on standard input."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    except (ImportError, ValueError, OSError):
        pass  # Windows has no such limits; the caller's clock still holds
    try:
        data = sys.stdin.buffer.read()
        answer = {"sha256": hashlib.sha256(data).hexdigest(), "sheets": sheets_to_json(given_file(data, sys.argv[1]).sheets)}
    except WorkbookError as error:
        answer = {"problems": [problem.record() for problem in error.problems]}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
