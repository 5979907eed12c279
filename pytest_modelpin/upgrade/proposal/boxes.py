"""Boxes that people tick in an issue's or a pull request's text, and the next night reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote, unquote

Wish = Literal["retry", "want", "rollback", "again", "ignore", "accept"]


@dataclass(frozen=True, slots=True)
class Tick:
    """A box that a person has ticked."""

    wish: Wish
    """`retry` the night now, `want` a version again, `rollback` to the version before; in a pull
    request, make its branch `again`, or `ignore` its version from now on; `accept` what changed in
    a version."""
    name: str
    version: str = ""
    """The one that is wanted again, ignored or accepted; empty for the other wishes."""
    what: str = ""
    """Of `accept`: a digest of the cases that were shown, as later ones were not agreed to."""


def box(tick: Tick, said: str) -> str:
    """An empty box as an item of a list; `said` is Markdown."""
    return f"- [ ] {_mark(tick)} {said}"


def ticked(body: str) -> tuple[Tick, ...]:
    """The boxes that are ticked, in order; what else a person wrote is passed over."""
    return tuple(
        Tick(wish, unquote(name), unquote(version), unquote(what))
        for mark, wish, name, version, what in _BOX.findall(body.replace("\r\n", "\n"))
        if mark in "xX"
    )


def keep(text: str, ticks: Sequence[Tick]) -> str:
    """The text with these boxes ticked: what was ticked after it was read must not be lost."""
    for tick in ticks:
        text = text.replace(f"- [ ] {_mark(tick)}", f"- [x] {_mark(tick)}")
    return text


def untick(text: str) -> str:
    """The text with all boxes empty: what was read once must not be read again."""
    return _BOX.sub(lambda found: found[0].replace(f"[{found[1]}]", "[ ]", 1), text)


def _mark(tick: Tick) -> str:
    words = [tick.wish, *map(_safe, filter(None, (tick.name, tick.version, tick.what)))]
    return f"<!-- {' '.join(words)} -->"


def _safe(text: str) -> str:
    return quote(text, safe="").replace("-", "%2D")


_BOX = re.compile(
    rf"^[-*] \[([ xX])\] <!-- ({'|'.join(get_args(Wish))}) ([^\s<>]+)(?: ([^\s<>]+))?"
    r"(?: ([^\s<>]+))? -->",
    re.MULTILINE,
)
