"""A reply's bytes without their compression."""

from __future__ import annotations

import contextlib
from typing import Any


def decoded(library: Any, headers: Any, chunks: list[bytes]) -> bytes:
    """The bytes without their compression; what can be read of them where they broke off."""
    encoding = headers.get("content-encoding")
    if encoding is None:
        return b"".join(chunks)
    pieces: list[bytes] = []
    response = library.Response(200, headers={"content-encoding": encoding}, content=iter(chunks))
    with contextlib.suppress(library.DecodingError):
        for piece in response.iter_bytes():
            pieces.append(piece)  # noqa: PERF402 (what came before an error counts)
    return b"".join(pieces)
