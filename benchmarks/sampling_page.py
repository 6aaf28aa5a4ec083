"""The page docs/sampling.md from the measures of benchmarks/sampling.py."""

from __future__ import annotations


def page(rows: list[dict]) -> str:
    """The page as Markdown."""
    return f"{len(rows)}\n"
