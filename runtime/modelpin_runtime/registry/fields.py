"""The kinds of value that models.yml holds: each reader takes one node and checks it.

A reader returns the value, or notes a mistake and returns None, so that one look at the file
finds every mistake. Imported only when a file is read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import yaml

from modelpin_runtime.errors import RegistryError, did_you_mean
from modelpin_runtime.registry import document
from modelpin_runtime.registry.models import unfit_id


class Mistakes:
    """What is wrong with one file, collected while it is read."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        """The file's path as messages name it."""
        self._found: list[tuple[int, str]] = []

    def add(self, line: int, key: str, sentence: str) -> None:
        """Note one; `key` is the dotted path, empty for the file as a whole."""
        where = f"{self.shown}:{line}: {key}: " if key else f"{self.shown}:{line}: "
        self._found.append((line, where + sentence))

    def unfit(self, node: yaml.Node, key: str, allowed: str, *, hint: str = "") -> None:
        """Note that a value is not what is allowed."""
        sentence = f"found {document.described(node)}; allowed: {allowed}.{hint}"
        self.add(document.line(node), key, sentence)

    def raise_any(self) -> None:
        """Raise RegistryError with all of them, a line each in the file's order."""
        if self._found:
            raise RegistryError("\n".join(text for _, text in sorted(self._found)))


Reader = Callable[[yaml.Node, str, Mistakes], Any]
"""(node, dotted key, mistakes) -> the value, or None once a mistake is noted."""


def model_id(node: yaml.Node, key: str, mistakes: Mistakes) -> str | None:
    """A provider's model id; slashes, colons, @, dots and ~ belong to some of them."""
    written = _string(node)
    if written is None:
        mistakes.unfit(node, key, "a model id; put it in quotes if it looks like a number or date")
    elif problem := unfit_id(written):
        mistakes.add(
            document.line(node),
            key,
            f"found {document.described(node)}, which {problem}; allowed: a model id without "
            "spaces.",
        )
    else:
        return written
    return None


def text(node: yaml.Node, key: str, mistakes: Mistakes) -> str | None:
    """Any scalar, as it is written."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    mistakes.unfit(node, key, "text")
    return None


def day(node: yaml.Node, key: str, mistakes: Mistakes) -> date | None:
    """A date, in quotes or not."""
    found = document.value(node)
    if isinstance(found, date) and not isinstance(found, datetime):
        return found
    if isinstance(found, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", found):
        try:
            return date.fromisoformat(found)
        except ValueError:
            pass
    mistakes.unfit(node, key, 'a date of the calendar as "YYYY-MM-DD"')
    return None


def truth(node: yaml.Node, key: str, mistakes: Mistakes) -> bool | None:
    """`true` or `false`."""
    found = document.value(node)
    if isinstance(found, bool):
        return found
    mistakes.unfit(node, key, "true or false")
    return None


MOST = 10**9
"""More days, samples or requests is no setting, and beyond what a float holds arithmetic fails."""


def whole(minimum: int) -> Reader:
    """A whole number from `minimum` on, a thousand millions at most."""

    def read(node: yaml.Node, key: str, mistakes: Mistakes) -> int | None:
        found = _whole(document.value(node), minimum)
        if found is None:
            mistakes.unfit(node, key, f"a whole number from {minimum} on, {MOST:,} at most")
        return found

    return read


def whole_or(word: str, minimum: int) -> Reader:
    """A whole number from `minimum` on, or one word."""

    def read(node: yaml.Node, key: str, mistakes: Mistakes) -> int | str | None:
        found = document.value(node)
        if found == word:
            return word
        if (number := _whole(found, minimum)) is None:
            mistakes.unfit(
                node, key, f"{word}, or a whole number from {minimum} on, {MOST:,} at most"
            )
        return number

    return read


def number(minimum: float, maximum: float = math.inf) -> Reader:
    """A number from `minimum` to `maximum`, both allowed."""
    upto = f"to {maximum:g}" if math.isfinite(maximum) else "on"

    def read(node: yaml.Node, key: str, mistakes: Mistakes) -> float | None:
        found = document.value(node)
        if isinstance(found, int | float) and not isinstance(found, bool):
            with suppress(OverflowError):  # a whole number of four hundred digits
                if math.isfinite(found) and minimum <= found <= maximum:
                    return float(found)
        mistakes.unfit(node, key, f"a number from {minimum:g} {upto}")
        return None

    return read


def _whole(found: object, minimum: int) -> int | None:
    if isinstance(found, int) and not isinstance(found, bool) and minimum <= found <= MOST:
        return found
    return None


def choice(*words: str) -> Reader:
    """One of a few words."""

    def read(node: yaml.Node, key: str, mistakes: Mistakes) -> str | None:
        written = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
        if written in words:
            return written
        mistakes.unfit(node, key, ", ".join(words), hint=did_you_mean(written, words))
        return None

    return read


def several(item: Reader) -> Reader:
    """A list; each entry is read by `item`."""

    def read(node: yaml.Node, key: str, mistakes: Mistakes) -> tuple[Any, ...] | None:
        if not isinstance(node, yaml.SequenceNode):
            mistakes.unfit(node, key, "a list, such as [a, b]")
            return None
        return tuple(item(entry, f"{key}[{at}]", mistakes) for at, entry in enumerate(node.value))

    return read


def by_name(entry: Reader) -> Reader:
    """A mapping with keys of the user's choice; each value is read by `entry`."""

    def read(node: yaml.Node, key: str, mistakes: Mistakes) -> dict[str, Any] | None:
        pairs = entries(node, key, mistakes)
        return None if pairs is None else {
            name: entry(value, f"{key}.{name}", mistakes) for name, (_, value) in pairs.items()
        }  # fmt: skip

    return read


def record(fields: Mapping[str, Reader], required: Sequence[str] = ()) -> Reader:
    """A mapping with known keys; an optional key with nothing behind it counts as absent."""

    def read(node: yaml.Node, key: str, mistakes: Mistakes) -> dict[str, Any] | None:
        pairs = entries(node, key, mistakes)
        if pairs is None:
            return None
        values = {}
        for name, (written, value) in pairs.items():
            dotted = f"{key}.{name}" if key else name
            if name not in fields:
                # The guess first: of a list of forty keys nobody reads the end.
                guess = did_you_mean(name, fields)
                allowed = f"{'.' if guess else ';'}{guess} {'A' if guess else 'a'}llowed: "
                sentence = f"unknown key{allowed}{', '.join(fields)}."
                mistakes.add(document.line(written), dotted, sentence)
            elif name in required or not _is_nothing(value):
                values[name] = fields[name](value, dotted, mistakes)
        for name in required:
            if name not in pairs:
                mistakes.add(document.line(node), key, f"lacks the key `{name}`.")
        return values

    return read


def entries(
    node: yaml.Node, key: str, mistakes: Mistakes
) -> dict[str, tuple[yaml.Node, yaml.Node]] | None:
    """A mapping's key and value nodes by key; a key given twice is a mistake."""
    if not isinstance(node, yaml.MappingNode):
        mistakes.unfit(node, key, "a mapping, `key: value` lines")
        return None
    pairs: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    for written, value in node.value:
        name = written.value if isinstance(written, yaml.ScalarNode) else None
        dotted = f"{key}.{name}" if key else str(name)
        if name is None:
            mistakes.unfit(written, key, "a word as key")
        elif name == "<<":
            mistakes.add(document.line(written), key, "merge keys (`<<`) would hide pins from "
                         "review; write the keys out.")  # fmt: skip
        elif name in pairs:
            first = document.line(pairs[name][0])
            sentence = f"given twice, first on line {first}; keep one."
            mistakes.add(document.line(written), dotted, sentence)
        else:
            pairs[name] = (written, value)
    return pairs


def _string(node: yaml.Node) -> str | None:
    return node.value if str(node.tag).endswith(":str") and isinstance(node.value, str) else None


def _is_nothing(node: yaml.Node) -> bool:
    return str(node.tag).endswith(":null")
