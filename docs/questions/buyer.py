"""Questions of a ministry's stockpile office."""

from questions.language import Part

BUYER = Part("a", "EV maker: buyer of magnets", ())
