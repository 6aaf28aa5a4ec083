"""The page docs/glossary.md."""

from __future__ import annotations

from optimizer.schema.glossary import GLOSSARY, Term

HEAD = """# Glossary

Generated from `optimizer/schema/glossary.py`. The app, the workbook, its messages and these pages say one word for one thing. The names of
sheets, columns, settings and result tables stand beside the term that they belong to.

| term | meaning | names | not said |
|---|---|---|---|
"""


def glossary_page() -> str:
    """Return the glossary as Markdown."""
    return HEAD + "".join(f"{_row(term)}\n" for term in GLOSSARY)


def _row(term: Term) -> str:
    names = ", ".join(f"`{name}`" for name in term.called)
    return f"| **{term.name}** | {term.meaning} | {names} | {', '.join(term.not_said)} |"
