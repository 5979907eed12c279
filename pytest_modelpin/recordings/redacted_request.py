"""A recorded request without its secrets, held against one as it is sent.

What is a secret differs from one environment to the next: a request that was recorded where a word
of it was one must be found where it is none.
"""

from __future__ import annotations

import json

from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.redaction.spellings import PLACEHOLDER


def has_placeholder(value: JSON) -> bool:
    """Whether something was taken out of a recorded body."""
    return PLACEHOLDER in json.dumps(value)


def stands_for(recorded: JSON, sent: JSON) -> bool:
    """Whether the two are equal where each placeholder in `recorded` may be any text or number."""
    if isinstance(recorded, str):
        return _text_stands_for(recorded, sent)
    if isinstance(recorded, list):
        return (
            isinstance(sent, list)
            and len(recorded) == len(sent)
            and all(map(stands_for, recorded, sent))
        )
    if isinstance(recorded, dict):
        return (
            isinstance(sent, dict)
            and len(recorded) == len(sent)
            and all(_field_stands_for(name, value, sent) for name, value in recorded.items())
        )
    return type(recorded) is type(sent) and recorded == sent


def _field_stands_for(name: str, value: JSON, sent: dict[str, JSON]) -> bool:
    if PLACEHOLDER not in name:
        return name in sent and stands_for(value, sent[name])
    return any(_text_stands_for(name, each) and stands_for(value, sent[each]) for each in sent)


def _text_stands_for(recorded: str, sent: JSON) -> bool:
    if not isinstance(sent, str):
        return recorded == PLACEHOLDER and type(sent) in (int, float)
    if PLACEHOLDER not in recorded:
        return recorded == sent
    first, *between, last = recorded.split(PLACEHOLDER)
    if len(sent) < len(first) + len(last) or not sent.startswith(first):
        return False
    if not sent.endswith(last):
        return False
    at, end = len(first), len(sent) - len(last)
    for piece in between:  # the earliest place for each leaves the most room for the rest
        at = sent.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True
