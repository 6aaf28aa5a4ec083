"""Questions of a ministry's stockpile office."""

from questions.language import Part

DEFENCE = Part("b", "Defence prime: compliance and supply", ())
