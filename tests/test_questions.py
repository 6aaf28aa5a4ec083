"""docs/questions.md: it holds every question that planners asked, and the lines that it shows are lines of a workbook."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "docs"))

import questions_page  # noqa: E402
from questions import PARTS, QUESTIONS  # noqa: E402
from questions.language import IN_PART, NO, YES  # noqa: E402

ASKED = {"a": 8, "b": 7, "c": 7, "d": 8, "e": 7}
"""How many questions each planner asked."""

WORKBOOKS = [(question.key, name) for question in QUESTIONS for name in question.workbooks()]


def of(key: str):
    return next(question for question in QUESTIONS if question.key == key)


def test_every_question_that_was_asked_stands_on_the_page():
    """The five planners' 37 questions stand there in their order, each with whether it can be asked and an answer."""
    assert [question.key for question in QUESTIONS] == [f"{letter}{number}" for letter, many in ASKED.items() for number in range(1, many + 1)]
    assert [part.letter for part in PARTS] == list(ASKED)
    sections = questions_page.PAGE.read_text(encoding="utf-8").split("\n### ")[1:]
    assert [section.splitlines()[0] for section in sections] == [questions_page.heading(question) for question in QUESTIONS]
    assert [section.count(questions_page.ANSWER) for section in sections] == [1] * len(QUESTIONS)


def test_the_page_is_in_step_with_the_questions():
    """But for the figures in its answers, which take minutes to solve, the page is what docs/questions_page.py writes."""
    written = questions_page.PAGE.read_text(encoding="utf-8")
    assert without_answers(questions_page.page(lambda question: "")) == without_answers(written)


def without_answers(page: str) -> list[str]:
    return [line.rstrip() for line in page.splitlines() if not line.startswith(questions_page.ANSWER.strip())]


@pytest.mark.parametrize("key, name", WORKBOOKS)
def test_every_workbook_of_a_question_reads_without_an_error(key, name):
    """The lines that ask a question, and those of the workbooks that its answer compares with, are read as they stand."""
    question = of(key)
    with questions_page.reading(question, question.workbooks()[name]) as reading:
        assert reading.case.offers


def test_a_question_that_can_be_asked_shows_its_lines():
    """What can be asked, wholly or in part, has a sample and lines; what cannot has neither, and says why."""
    for question in QUESTIONS:
        assert question.can in (YES, IN_PART, NO)
        assert bool(question.sample) == bool(question.lines) == (question.can != NO), question.key
        assert isinstance(question.answer, str) == (question.can == NO), question.key


@pytest.mark.parametrize("key", sorted({question.key for question in QUESTIONS if question.others}))
def test_the_lines_change_something(key):
    """The workbook of a question differs from at least one of those that it is compared with."""
    question = of(key)
    assert any(edits != question.lines for edits in question.others.values())


def test_a_line_that_finds_no_row_is_an_error(tmp_path):
    """Where a sample no longer holds the row that a line speaks of, that is said."""
    from questions.language import Cells, workbook_of

    with pytest.raises(ValueError, match="no row of Suppliers holds"):
        workbook_of("tutorial", (Cells("Suppliers", {"supplier": "Nobody"}, {"price": 1}),), {}, tmp_path)
