"""The glossary is the product's own: its terms are used, its names exist, and the words that it rules out are said nowhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from optimizer.case import MEASURES
from optimizer.schema import GLOSSARY, INPUTS, OUTPUTS
from optimizer.studies.registry import STUDIES

ROOT = Path(__file__).resolve().parent.parent
SPOKEN = tuple(
    "ui/words ui/app_pages ui/parts optimizer/schema optimizer/plan/explain.py optimizer/plan/headline.py optimizer/report optimizer/studies".split()
)
"""Where the product's sentences stand, beside the messages about a workbook."""

DECLARATION = ROOT / "optimizer" / "schema" / "glossary.py"
EXCEPT = ("National stockpile",)
"""Titles of cases, which are their authors' words."""


def sentences() -> list[str]:
    """Every text of more than one word that the code of SPOKEN holds, but for docstrings and the glossary."""
    found = []
    for place in SPOKEN:
        for path in [ROOT / place] if place.endswith(".py") else sorted((ROOT / place).rglob("*.py")):
            if path == DECLARATION:
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone)
            found += [node.value for node in texts if " " in node.value and node.value not in EXCEPT]
    return found


SENTENCES = sentences()
NAMES = (
    {name for sheet in INPUTS for name in (sheet.name, *(column.name for column in sheet.columns))}
    | {name for output in (*OUTPUTS, *(table for study in STUDIES.values() for table in study.tables)) for name in (output.name, output.sheet, *output.columns)}
    | set(MEASURES)
)


def says(word: str, text: str) -> bool:
    """Whether a text says a word, in the singular or the plural."""
    plural = f"{word[:-1]}(?:y|ies)" if word.endswith("y") else f"{word}(?:s|es)?"
    return re.search(rf"(?<![\w-]){plural}(?![\w-])", text, re.IGNORECASE) is not None


def test_terms_stand_in_the_order_of_the_alphabet_and_once():
    """A reader finds a term by its first letter; each has one sentence."""
    names = [term.name.lower() for term in GLOSSARY]
    assert names == sorted(set(names))
    for term in GLOSSARY:
        assert term.meaning.endswith(".") and ". " not in term.meaning, term.name


@pytest.mark.parametrize("term", GLOSSARY, ids=lambda term: term.name)
def test_every_term_is_used(term):
    """Each term stands in a sentence of the screen, of a report or of the workbook's reference."""
    assert any(says(term.name, sentence) for sentence in SENTENCES), f"no sentence says '{term.name}': take it out of optimizer/schema/glossary.py"


@pytest.mark.parametrize("term", GLOSSARY, ids=lambda term: term.name)
def test_the_names_of_a_term_exist(term):
    """Each name is one of a sheet, a column, a setting or a result table."""
    assert set(term.called) <= NAMES, f"optimizer/schema/glossary.py: {set(term.called) - NAMES}"


@pytest.mark.parametrize("term", [term for term in GLOSSARY if term.not_said], ids=lambda term: term.name)
def test_no_sentence_uses_another_word_for_a_term(term):
    """What the product calls by one word it calls by no other."""
    for word in term.not_said:
        said = [sentence for sentence in SENTENCES if says(word, sentence)]
        assert not said, f"say '{term.name}', not '{word}': {said}"
