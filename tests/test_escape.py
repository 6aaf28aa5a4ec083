"""Names that users typed stay text: in Markdown, in file names, on one line."""

from __future__ import annotations

import pytest

from ui.words.escape import file_name, md, short


def test_a_long_name_is_cut_with_an_ellipsis_and_stands_on_one_line():
    """Line breaks and what cannot be seen are blanks, and no name is longer than asked."""
    assert short("a\n b\x00\u202e c") == "a b c"
    assert short("x" * 10_000, 30) == "x" * 29 + "…"


@pytest.mark.parametrize("name", ["**b**", "[a](http://x.y)", "<b>x</b>", "`c`", "# h", "$x$", "![i](x)", "~~s~~", "1. a", "- a", "| a |", "> q"])
def test_every_sign_of_markdown_is_escaped(name):
    """Without its backslashes and joiners an escaped name is the name, and no sign stands without its backslash."""
    escaped = md(name)
    assert escaped.replace("\\", "").replace("\u2060", "") == name
    signs = [k for k, letter in enumerate(escaped) if letter in "*[]()<>`#$!~|_-."]
    assert all(escaped[k - 1] == "\\" for k in signs)


@pytest.mark.parametrize("name", [":smile:", ":material/home:", ":red[x]", "https://example.org", "www.example.org", "a@example.org"])
def test_what_becomes_live_in_finished_text_is_parted(name):
    """Emoji, icons, colours, links and addresses are found in the finished text: a joiner parts what makes them."""
    assert "\u2060" in md(name)


def test_text_from_right_to_left_is_set_apart():
    """A name that runs from right to left does not turn the words around it."""
    assert md("שלום").startswith("\u2068") and md("שלום").endswith("\u2069")


@pytest.mark.parametrize(("name", "kept"), [("../../etc/passwd", "etc passwd"), ("CON", "plan"), ("", "plan"), ("a:b*c?.x", "a b c .x"), ("Ünï", "Uni")])
def test_file_names_are_safe_on_every_computer(name, kept):
    """Only letters, digits, blanks, points and hyphens are kept, and no reserved name."""
    assert file_name(name) == kept
