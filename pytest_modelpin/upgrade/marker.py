"""What the bot needs to remember about its pull request, hidden in the body's first line."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

from pytest_modelpin.upgrade.bump import Bump

State = Literal["due", "red", "closed"]
"""`due`: proposed. `red`: a later night was red. `closed`: closed by the bot itself, so that
closing it was nobody's decision against the version."""


@dataclass(frozen=True, slots=True)
class Move:
    """One pin's move."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Marker:
    """What a pull request proposes, and what became of it."""

    moves: tuple[Move, ...]
    state: State = "due"
    drafted: bool = False
    """Whether it was the bot that made it a draft."""


def moves_of(bump: Bump) -> tuple[Move, ...]:
    """The pins that a bump moves: one, or each member's of a group."""
    return tuple(Move(one.name, one.old, one.new) for one in bump.members or (bump,))


def mark(marker: Marker) -> str:
    """The marker as one HTML comment, which no id can end early."""
    content = {
        "moves": [[move.name, move.old, move.new] for move in marker.moves],
        "state": marker.state,
        "drafted": marker.drafted,
    }
    text = json.dumps(content)
    for character in "<>-&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"{_OPEN}{text}{_CLOSE}"


def find(body: str) -> Marker | None:
    """The marker of a body; None where the first line holds none, or a person broke it."""
    match = _FIRST_LINE.match(body)
    if match is None:
        return None
    try:
        content = json.loads(match[1])
        moves = tuple(Move(*map(str, move)) for move in content["moves"])
        return Marker(moves, content["state"], bool(content["drafted"]))
    except (ValueError, TypeError, KeyError):
        return None


def remark(body: str, marker: Marker) -> str:
    """The body with another marker; all else stays as it is."""
    return f"{mark(marker)}{_FIRST_LINE.sub('', body, count=1)}"


_OPEN = "<!-- pytest-modelpin: "
_CLOSE = " -->"
_FIRST_LINE = re.compile(rf"\A{re.escape(_OPEN)}(.*?){re.escape(_CLOSE)}")
