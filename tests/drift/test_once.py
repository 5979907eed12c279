"""A property that is read once."""

from __future__ import annotations

from pytest_modelpin.drift.once import once


class Text:
    def __init__(self) -> None:
        self.readings = 0

    @once
    def words(self) -> int:
        """How many words it has."""
        self.readings += 1
        return self.readings


def test_an_aspect_is_read_when_it_is_asked_for_and_kept() -> None:
    text, other = Text(), Text()
    assert (text.readings, text.words, text.words, text.readings) == (0, 1, 1, 1)
    assert (other.words, other.readings) == (1, 1)


def test_the_class_says_what_it_is() -> None:
    assert isinstance(Text.words, once)
    assert Text.words.__doc__ == "How many words it has."
