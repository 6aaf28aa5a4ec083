"""The questions of docs/questions.md as data: what is asked, the lines of a workbook that ask it, and the words of the answer."""

from __future__ import annotations

from questions.buyer import BUYER
from questions.chips import CHIPS
from questions.defence import DEFENCE
from questions.language import Part, Question
from questions.ministry import MINISTRY
from questions.refiner import REFINER

PARTS: tuple[Part, ...] = (BUYER, DEFENCE, CHIPS, MINISTRY, REFINER)
"""The planners and their questions, in the order of the page."""

QUESTIONS: tuple[Question, ...] = tuple(question for part in PARTS for question in part.questions)
"""Every question, in the order of the page."""
