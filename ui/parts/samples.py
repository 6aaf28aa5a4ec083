"""The samples that the app offers: beside it in an installed program, in sample_inputs/ of a copy of the project."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
FOLDERS = (HERE / "samples", HERE.parent / "sample_inputs")


def sample(name: str) -> Path:
    """The workbook of a sample. FileNotFoundError if there is none of that name."""
    for folder in FOLDERS:
        path = folder / f"{name}.xlsx"
        if path.exists():
            return path
    raise FileNotFoundError(name)
