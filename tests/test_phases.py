"""Statuses, reasons for a stop and phases are words with a meaning, and the app has a planner's words for them."""

from __future__ import annotations

import json
import pickle

import pytest

from optimizer.solving.outcome import Status, Stop, relative_gap, within
from optimizer.solving.watch import Phase, Progress, Stopped, Watch
from ui.words.solve import PHASES, phase_in_words

WORDS = [*Status, *Stop, *Phase]


@pytest.mark.parametrize("word", WORDS, ids=repr)
def test_each_word_has_one_sentence_and_is_written_as_it_is(word):
    """A word equals its text in JSON, travels between processes as itself, and its meaning is a sentence."""
    assert word.meaning[0].isupper() and word.meaning.endswith(".")
    assert json.loads(json.dumps(word)) == word == str(word) and pickle.loads(pickle.dumps(word)) is word


def test_a_solve_that_ended_by_itself_has_no_reason():
    """Only then the reason is false."""
    assert [stop for stop in Stop if not stop] == [Stop.NONE]


def test_the_app_knows_the_phases_by_name():
    """Each phase that the app names is one of the program's; the others are part of the search; before any there is a word, too."""
    assert {phase for phase in PHASES if phase} <= set(Phase) and phase_in_words("") == PHASES[""]
    assert phase_in_words(Phase.SMALL_TREE) == phase_in_words("solver") == PHASES[Phase.SEARCH]
    assert len({phase_in_words(phase) for phase in Phase}) == len(PHASES) - 1


def test_progress_tells_the_detail_in_place_of_the_phase():
    """A detail says all that the phase says and more."""
    told: list[Progress] = []
    watch = Watch(report=told.append)
    watch.tell(Phase.MODEL)
    watch.tell(Phase.ROUND, "round 3", bound=2.0)
    assert [progress.words for progress in told] == ["model", "round 3"] and told[1].phase == Phase.ROUND and told[1].bound == 2.0


def test_a_stop_says_its_reason():
    """The text of the exception is the reason."""
    for watch, reason in ((Watch(cancelled=lambda: True), Stop.BY_HAND), (Watch(limit=-1.0), Stop.BY_TIME)):
        with pytest.raises(Stopped) as caught:
            watch.check(Phase.SCENARIOS)
        assert str(caught.value) == reason


def test_the_gap_is_relative_to_the_objective():
    """Also of a negative one; an unknown objective is within no gap."""
    assert relative_gap(-100.0, -110.0) == pytest.approx(0.1) and relative_gap(0.0, 0.0) == 0.0
    assert within(-101.0, -100.0, 0.01) and not within(-101.1, -100.0, 0.01) and not within(0.0, float("inf"), 1.0)
