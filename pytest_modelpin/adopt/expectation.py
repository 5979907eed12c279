"""What an assert can say of an answer: something that all of the pin's samples share and that the
answer somebody rejects does not have.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.report.ansi import word_diff

_LONGEST = 60
"""Characters of a text that an assert looks for."""
_SHORTEST = 2
_FOLLOWING = 12
"""Characters behind a part that may be needed to tell it from another."""

Step = str | int


class Expectation(NamedTuple):
    """What an answer must be or hold."""

    steps: tuple[Step, ...]
    """The way to the value within structured data; empty for a text."""
    value: JSON
    """The value at the end of `steps`; without steps, a piece of the text."""

    def condition(self, name: str, *, attributes: bool = False) -> str:
        """The assert's condition on the answer of this name in the code.

        `attributes` says that the test reads fields as `name.field`, not as `name["field"]`.
        """
        if not self.steps:
            return f"{_literal(self.value)} in {name}"
        place = name
        for step in self.steps:
            if attributes and isinstance(step, str) and step.isidentifier():
                place += f".{step}"
            else:
                place += f"[{_literal(step)}]"
        sign = "is" if self.value is None or isinstance(self.value, bool) else "=="
        return f"{place} {sign} {_literal(self.value)}"


def expectation(pins: Sequence[JSON], rejected: JSON) -> Expectation | None:
    """The first thing that all of `pins` share and `rejected` lacks; None where there is none."""
    if not pins:
        return None
    if all(isinstance(pin, str) for pin in pins):
        return _of_text([str(pin) for pin in pins], rejected)
    for steps, value in _values(pins[0]):
        if all(_same(_at(pin, steps), value) for pin in pins) and not _same(
            _at(rejected, steps), value
        ):
            return Expectation(steps, value)
    return None


def _of_text(pins: Sequence[str], rejected: JSON) -> Expectation | None:
    after = rejected if isinstance(rejected, str) else json.dumps(rejected)
    pieces, at = [], 0
    for piece in word_diff(pins[0], after):
        if piece.fate == "old":
            pieces += [_apart(pins[0], part, at, after) for part in _within(piece.text)]
        if piece.fate != "new":
            at += len(piece.text)
    fit = [
        piece
        for piece in pieces
        if len(piece) >= _SHORTEST and piece not in after and all(piece in pin for pin in pins)
    ]
    return Expectation((), max(fit, key=len)) if fit else None


def _apart(pin: str, part: str, start: int, after: str) -> str:
    """The part, with what follows where it takes that to tell it from `after`: `$42` in `$420`."""
    found = pin.find(part, start)
    wider = (pin[found : found + len(part) + more].strip() for more in range(_FOLLOWING))
    return next((text for text in wider if text not in after and "\n" not in text), part)


def _within(text: str) -> Iterator[str]:
    """The lines of a text, cut at a blank where they are long."""
    for line in map(str.strip, text.splitlines()):
        yield line if len(line) <= _LONGEST else line[:_LONGEST].rpartition(" ")[0]


def _values(value: JSON, steps: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], JSON]]:
    """Each plain value of structured data, with the way to it."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _values(each, (*steps, key))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _values(each, (*steps, at))
    elif steps:
        yield steps, value


class _Nothing:
    pass


def _at(value: JSON, steps: Sequence[Step]) -> JSON | _Nothing:
    for step in steps:
        if (isinstance(value, dict) and isinstance(step, str) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        ):
            value = value[step]  # type: ignore[index]
        else:
            return _Nothing()
    return value


def _same(one: JSON | _Nothing, other: JSON) -> bool:
    return type(one) is type(other) and one == other


def _literal(value: JSON) -> str:
    """Python's own spelling, with what can't be seen as a code: a model chose the characters."""
    if not isinstance(value, str):
        return repr(value)
    if not value.isprintable():
        return ascii(value)
    quoted = json.dumps(value, ensure_ascii=False)
    return quoted if ast.literal_eval(quoted) == value else repr(value)
