"""Questions of a ministry's stockpile office."""

from questions.language import Part

MINISTRY = Part("d", "Ministry stockpile office", ())
