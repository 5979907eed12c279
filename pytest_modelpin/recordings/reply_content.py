"""How a reply's body stands in a recording: as JSON, events, text, or bytes, and what is large and
no text in a file of its own beside it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.recordings.exchange import Response

LARGE = 16 * 1024
"""Bytes from which on a body that is no text, such as sound or an image, has a file of its own."""

_DEEPEST = 100
"""Levels of a reply that is written as JSON; Python gives up near 1,000, minus its callers'."""

_BEGINS_JSON = ("{", "[", '"', "-", "t", "f", "n", "N", "I", *"0123456789")

_COMPACT = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
)  # what was read from JSON holds itself nowhere


class LargeBody(NamedTuple):
    """What a recording says of a file beside it."""

    sha256: str
    """Of its bytes, in hex; the file is named by its beginning."""
    bytes: int

    @property
    def name(self) -> str:
        """What the file is called. Raises ValueError where that is no hash."""
        if not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise ValueError(f"{self.sha256!r:.80} is no SHA-256 in hex")
        return f"{self.sha256[:32]}.bin"

    def written(self) -> dict[str, JSON]:
        """As it stands in the recording."""
        return {"sha256": self.sha256, "bytes": self.bytes}

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> LargeBody:
        """From the recording. Raises what damaged JSON raises."""
        return cls(str(entry["sha256"]), int(entry["bytes"]))


Keep = Callable[[bytes], LargeBody]
"""Puts a large body aside; one that has been put aside is one file, however often it comes."""

Take = Callable[[LargeBody], bytes]
"""Gives it back."""


def write_content(response: Response, keep: Keep | None = None) -> dict[str, JSON]:
    """The reply's content in the form that is best to review: JSON, events, text, or bytes.

    `keep` takes what is large and no text; without it all stands in the recording.
    """
    try:
        text = response.content.decode()
    except UnicodeDecodeError:
        if keep is not None and len(response.content) >= LARGE:
            return {"file": keep(response.content).written()}
        return {"base64": base64.b64encode(response.content).decode()}
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        return {"events": split_events(text)}
    try:
        body = parse_exactly(text)
    except (ValueError, RecursionError):
        # A batch's results, or Ollama's stream: read in a review line by line.
        return {"events": text.splitlines(keepends=True)} if "}\n{" in text else {"text": text}
    files = [] if keep is None or len(text) < LARGE else _put_aside(body, keep)
    return {"body": body, **({"files": files} if files else {})}


def read_content(response: Mapping[str, Any], take: Take) -> bytes:
    """The content again. Raises what damaged JSON raises, and what `take` does."""
    if "body" in response:
        for entry in response.get("files", ()):
            _put_back(response["body"], entry["at"], take(LargeBody.read(entry)))
        return compact(response["body"]).encode()
    if "events" in response:
        return "".join(response["events"]).encode()
    if "text" in response:
        return str(response["text"]).encode()
    if "file" in response:
        return take(LargeBody.read(response["file"]))
    return base64.b64decode(response["base64"], validate=True)


def _put_aside(body: JSON, keep: Keep) -> list[JSON]:
    """Take large base64 out of a reply's JSON: an image of `b64_json`, the sound of an answer."""
    aside: list[JSON] = []
    for at, holder, key in list(_texts(body)):
        content = _bytes_of(holder[key])
        if content is not None:
            kept = keep(content)
            holder[key] = f"sha256:{kept.sha256}"
            aside.append({"at": at, **kept.written()})
    return aside


def _texts(value: JSON) -> Iterator[tuple[list[JSON], Any, Any]]:
    """The long texts in a JSON value: the way there, what holds it, and under which key."""
    left: list[tuple[list[JSON], JSON]] = [([], value)]
    while left:
        way, holder = left.pop()
        items = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for key, item in items:
            if isinstance(item, dict | list):
                left.append(([*way, key], item))
            elif isinstance(item, str) and len(item) * 3 // 4 >= LARGE:
                yield [*way, key], holder, key


def _bytes_of(text: str) -> bytes | None:
    """What a text is base64 of; None where writing it again would not give the same text."""
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return content if base64.b64encode(content).decode() == text else None


def _put_back(body: JSON, at: list[Any], content: bytes) -> None:
    *way, key = at
    holder: Any = body
    try:
        for each in way:
            holder = holder[each]
        holder[key] = base64.b64encode(content).decode()
    except LookupError:
        raise ValueError(f"the reply has no {at}") from None


def split_events(text: str) -> list[str]:
    """The server-sent events of a stream, each with the blank line that ends it."""
    if "\r" not in text and "\n\n\n" not in text and not text.startswith("\n"):
        *events, rest = text.split("\n\n")  # as nearly all streams are, and far sooner done
        return [*(event + "\n\n" for event in events), *([rest] if rest else [])]
    return re.findall(r".+?(?:\r\n\r\n|\n\n|\r\r|\Z)", text, re.DOTALL)


def compact(value: JSON) -> str:
    """JSON without white space, its fields in their own order. ValueError for a NaN."""
    return _COMPACT.encode(value)


def parse_exactly(text: str) -> JSON:
    """The JSON value of `text`, where writing it again loses nothing but white space.

    Raises ValueError where it would: for a field given twice, a number beyond a float, a NaN, and
    half a character; and where it is nested deeper than an answer ever is.
    """
    if not text.lstrip().startswith(_BEGINS_JSON):
        raise ValueError("no JSON")  # a stream, most often: not to be gone over for it
    if _depth(text) > _DEEPEST:
        raise ValueError("nested too deep")
    value = json.loads(text, object_pairs_hook=_distinct, parse_constant=_refuse)
    compact(value).encode()  # half a surrogate pair, read from an escape, can't be written
    return value


def _depth(text: str) -> int:
    """How deep brackets nest in JSON, at most; those within strings don't count."""
    if max(text.count("["), text.count("{")) <= _DEEPEST // 2:
        return 0
    deepest = depth = 0
    for bracket in re.findall(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        if bracket in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in "]}":
            depth -= 1
    return deepest


def _distinct(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field is given twice")
    return fields


def _refuse(constant: str) -> JSON:
    raise ValueError(f"{constant} is not JSON")
