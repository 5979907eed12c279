"""The way out: files, streams and requests that take texts only without secrets.

What writes for people goes through here; what is written elsewhere is listed, with the reason, in
`tests/redaction/behaviour/test_writers.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from pytest_modelpin.files import write_atomically
from pytest_modelpin.providers.wire import JSON
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


class RedactedLog:
    """A file that grows while its text comes in, whole lines at a time and without secrets.

    What begins as a private key is held back until its end. What may yet become a secret only
    with later lines beside it is the business of whoever writes the whole text in the end.
    """

    def __init__(self, path: Path) -> None:
        """Begin the file anew; raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8", errors="replace")
        self._held = ""

    def add(self, text: str) -> None:
        """Take in what came next; raises OSError, and ValueError once it is closed."""
        self._held += text
        begun = self._held.rfind(_KEY_BEGINS)
        open_key = begun >= 0 and _KEY_ENDS not in self._held[begun:]
        whole = begun if open_key and len(self._held) - begun < _LONGEST_KEY else len(self._held)
        cut = self._held.rfind("\n", 0, whole) + 1
        if cut:
            self._file.write(redact(self._held[:cut]))
            self._file.flush()
            self._held = self._held[cut:]

    def close(self) -> None:
        """Nothing more comes; a line that was not ended, or a key, stays out."""
        self._file.close()


_KEY_BEGINS, _KEY_ENDS = "-----BEGIN", "-----END"
_LONGEST_KEY = 20_000  # characters; more is no key


class RedactingStream:
    """A text stream that takes secrets out of what is written to it, call by call.

    Whoever reads it may leave (`… | head`): the command then goes on unheard, for what it does and
    its exit code are not those of a reader.
    """

    def __init__(self, stream: TextIO, harmless: Callable[[str], str] = str) -> None:
        """`harmless` takes from a text what would steer whoever reads the stream."""
        self._stream = stream
        self._harmless = harmless
        self._unheard = False

    def write(self, text: str) -> int:
        """As a text stream's; tells the length of what was handed over."""
        return self._write(text, text if text == "\n" else self._harmless(redact(text)))

    def write_commands(self, text: str) -> int:
        """Write what is meant to steer the reader."""
        return self._write(text, redact(text))

    def _write(self, text: str, shown: str) -> int:
        if not self._unheard:
            with self._while_heard():
                self._stream.write(shown)
        return len(text)

    def flush(self) -> None:
        """As a text stream's."""
        if not self._unheard:
            with self._while_heard():
                self._stream.flush()

    @contextmanager
    def _while_heard(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            self._unheard = True
            with suppress(OSError):  # no file behind it
                # What is still buffered, and what child processes print, goes nowhere.
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._stream.fileno())
                os.close(nowhere)

    def writelines(self, lines: list[str]) -> None:
        """As a text stream's."""
        self.write("".join(lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
