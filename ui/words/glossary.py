"""Every sentence of the glossary page, beside the glossary itself."""

from __future__ import annotations

from optimizer.schema import Term, meaning

TITLE = "The words of the plan"
LINE = "One word for one thing, here, in the workbook and in the reports. Beside each stand the names that sheets, columns and settings have for it."


def explained(sentence: str, *terms: str) -> str:
    """Return a help text: the sentence, then the meaning of each term in it; KeyError where one is none of the glossary."""
    return "\n\n".join([sentence, *(f"*{term[:1].upper()}{term[1:]}*: {meaning(term)}" for term in terms)])


def entry(term: Term) -> str:
    """Return a term, its meaning and its names in the workbook, each as it is typed, as Markdown."""
    names = ", ".join(f"`{name}`" for name in term.called)
    return f"**{term.name}**{f' ({names})' if names else ''}: {term.meaning}"
