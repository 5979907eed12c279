"""Reading JSON whose shape nobody promises: every look-up gives a value of the type asked for.

A provider may add, drop or retype a field on any day, and a recording may be torn or edited by
hand. Readers written with these functions find what is there and never raise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pytest_modelpin.providers.reply import JSON


def parse(content: bytes | bytearray | str) -> JSON:
    """The JSON value; None where it does not parse, is nested beyond reason, or is `null`."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def at(value: JSON, *path: str) -> JSON:
    """What lies at the end of `path` through nested objects; None where the path breaks off."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def mapping(value: JSON) -> dict[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: JSON) -> list[dict[str, Any]]:
    """The objects in a list; empty where the value is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def first_answers(documents: Iterable[JSON], field: str) -> list[dict[str, Any]]:
    """Of each document the first answer among the several in its `field`; empty where it has none.

    Of several answers to one question the one with the lowest `index` is *the* answer, wherever
    it stands in a list; a stream mixes the pieces of all. An answer that bears no index is the
    first: protocol buffers leave a zero out.
    """
    listed = [objects(mapping(document).get(field)) for document in documents]
    indexes = {_index(item) for items in listed for item in items}
    lowest = min(indexes, default=0)
    return [next((item for item in items if _index(item) == lowest), {}) for items in listed]


def _index(item: dict[str, Any]) -> int:
    return count(item.get("index")) or 0


def text(value: JSON) -> str:
    """The value where it is text, else an empty text."""
    return value if isinstance(value, str) else ""


def word(value: JSON) -> str | None:
    """The value where it is a text with something in it, else None."""
    return value if isinstance(value, str) and value else None


def count(value: JSON) -> int | None:
    """The value where it is a whole number from 0 up, else None; 7.0 counts as 7.

    More than anything is counted of here, as of tokens, is none either: no arithmetic bears it.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
        return None
    if isinstance(value, float) and not value.is_integer():
        return None
    return int(value)


_MOST = 10**15


def first_count(*values: JSON) -> int | None:
    """The first value that is a count."""
    return next((found for value in values if (found := count(value)) is not None), None)


def joined(parts: Iterable[str]) -> str:
    """The parts as one text that can be written anywhere.

    JSON can escape half of a character's two UTF-16 surrogates, and a stream can put the halves
    into two events. Halves that meet are made whole; one left alone becomes U+FFFD.
    """
    whole = "".join(parts)
    try:
        whole.encode()
    except UnicodeEncodeError:
        return whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole


def arguments(value: JSON) -> JSON:
    """A tool call's arguments: text is parsed as JSON and kept as it is where it does not parse.

    No text at all is how several servers write "no arguments", and reads as an empty object.
    """
    if not isinstance(value, str):
        return value
    if not value.strip():
        return {}
    try:
        return json.loads(value, parse_constant=_not_json)
    except (ValueError, RecursionError):
        return joined([value])


def _not_json(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
