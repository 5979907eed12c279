"""What the bot needs to remember about its pull request, hidden in the body's first line."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from pytest_modelpin.upgrade.bump.bump import Bump

State = Literal["due", "red", "theirs", "closed"]
"""`due`: proposed. `red`: a later night was red. `theirs`: a person has committed to the branch.
`closed`: closed by the bot itself. Closing one of the last two, or deleting its branch, is nobody's
decision against the version."""


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
    return hidden(_content(marker))


def find(body: str) -> Marker | None:
    """The marker of a body; None where the first line holds none, or a person broke it."""
    content = revealed(body)
    try:
        moves = tuple(Move(*map(str, move)) for move in content["moves"])
        return Marker(moves, content["state"], bool(content["drafted"]))
    except (TypeError, KeyError):
        return None


def remark(body: str, marker: Marker) -> str:
    """The body with another marker; all else stays as it is."""
    return rehidden(body, _content(marker))


def _content(marker: Marker) -> dict[str, object]:
    return {
        "moves": [[move.name, move.old, move.new] for move in marker.moves],
        "state": marker.state,
        "drafted": marker.drafted,
    }


def hidden(content: object) -> str:
    """Anything that is JSON as an HTML comment for a body's first line."""
    text = json.dumps(content)
    for character in "<>-&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"{_OPEN}{text}{_CLOSE}"


def revealed(body: str) -> Any:
    """What `hidden` put into the first line; None where there is nothing of ours."""
    match = _FIRST_LINE.match(body)
    try:
        return json.loads(match[1]) if match else None
    except ValueError:
        return None


def rehidden(body: str, content: object) -> str:
    """The body with something else hidden in its first line."""
    return f"{hidden(content)}{_FIRST_LINE.sub('', body, count=1)}"


_OPEN = "<!-- pytest-modelpin: "
_CLOSE = " -->"
_FIRST_LINE = re.compile(rf"\A{re.escape(_OPEN)}(.*?){re.escape(_CLOSE)}")
