"""Secrets that are spelt out piece by piece: over the events of a stream, over a reply's tokens."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.redaction.redact import redact

_TOKENS = "logprobs"
"""How the field begins that repeats an answer token by token, with whichever API: `logprobs`,
`logprobsResult`.
"""

_Piece = tuple[int, dict[str, JSON] | list[JSON], str | int]
"""A string in one event: the event's number, what holds the string, and under which key."""


def redact_across(documents: Sequence[JSON], secrets: Collection[str]) -> set[int]:
    """Take out, in place, what is a secret only together; the numbers of what was changed.

    A model that repeats a key does so a few characters an event, and its log probabilities a few
    an entry. Where the pieces of one place make up a secret, the first gets the whole redacted
    text, and the others nothing.
    """
    places = _Place()
    for number, document in enumerate(documents):
        places.take(number, document)
    touched: set[int] = set()
    for pieces in places.shared():
        texts = [str(holder[key]) for _, holder, key in pieces]  # type: ignore[index]
        whole = "".join(texts)
        together = redact(whole, secrets)
        if together == whole:
            continue
        if together != "".join(redact(text, secrets) for text in texts):
            for at, (number, holder, key) in enumerate(pieces):
                holder[key] = shown = "" if at else together  # type: ignore[index]
                if isinstance(holder, dict):
                    _settle_token(holder, shown)
                touched.add(number)
    return touched


def _settle_token(entry: dict[str, JSON], token: str) -> None:
    """What else of an entry of log probabilities tells its token."""
    if isinstance(entry.get("bytes"), list):
        entry["bytes"] = [*token.encode("utf-8", "surrogatepass")]
    if "tokenId" in entry:
        entry["tokenId"] = 0


class _Place(dict[str | int, "_Place"]):
    """A place that events share, such as `choices.0.delta.content`, and the places below it."""

    __slots__ = ("pieces",)

    def __init__(self) -> None:
        self.pieces: list[_Piece] = []

    def __missing__(self, key: str | int) -> _Place:
        below = self[key] = _Place()
        return below

    def take(self, number: int, value: JSON) -> None:
        """Note each string within an event's `value` under its place.

        Without calling itself: Python 3.12 and later parse what is nested deeper than calls may be.
        The tokens of log probabilities are of one place, however many an event has.
        """
        left: list[tuple[_Place, JSON, bool]] = [(self, value, False)]
        while left:
            place, holder, tokens = left.pop()
            if not isinstance(holder, dict | list):
                continue
            alike = tokens and isinstance(holder, list)
            below: list[tuple[_Place, JSON, bool]] = []
            for key, item in holder.items() if isinstance(holder, dict) else enumerate(holder):
                at = place[0 if alike else key]
                if isinstance(item, str):
                    at.pieces.append((number, holder, key))
                elif isinstance(item, dict | list):
                    named = isinstance(key, str) and key.startswith(_TOKENS)
                    below.append((at, item, named or (tokens and not alike)))
            left += reversed(below)  # the first is looked at first

    def shared(self) -> Iterator[list[_Piece]]:
        """The strings of each place."""
        left = [self]
        while left:
            place = left.pop()
            if place.pieces:
                yield place.pieces
            left.extend(place.values())
