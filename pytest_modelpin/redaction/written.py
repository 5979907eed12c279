"""The way out: files, streams and requests that take texts only without secrets.

What writes for people goes through here; what is written elsewhere is listed, with the reason, in
`tests/redaction/test_writers.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from pytest_modelpin.files import write_atomically
from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.redaction.redact import redact, redact_json


def write_redacted(path: Path, text: str) -> None:
    """Replace the file by `text` without secrets, atomically; raises OSError."""
    write_atomically(path, redact(text).encode("utf-8", "surrogatepass"))


def append_redacted(path: Path, text: str) -> None:
    """Add `text` without secrets to the end of the file; raises OSError."""
    with path.open("a", encoding="utf-8", errors="replace") as file:
        file.write(redact(text))


def message_redacted(message: Mapping[str, Any], besides: frozenset[str] = frozenset()) -> Any:
    """A request's fields without secrets; those named in `besides` go out as they are."""
    return {
        name: value if name in besides else redact_json(_plain(value))
        for name, value in message.items()
    }


def _plain(value: Any) -> JSON:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    plain: JSON = value
    return plain


class RedactingStream:
    """A text stream that takes secrets out of what is written to it, call by call."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """As a text stream's; tells the length of what was handed over."""
        self._stream.write(redact(text))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """As a text stream's."""
        self.write("".join(lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
