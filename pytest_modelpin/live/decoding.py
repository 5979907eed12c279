"""A reply's bytes without their compression."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

Decode = Callable[[bytes], bytes]

REPLY_BYTES = 64 * 2**20
"""The longest reply that is read, compressed or not; a longer one is broken off and lost."""
_STEP = 16 * 1024  # bytes unpacked at a time


def decoded(headers: Mapping[str, str], chunks: Iterable[bytes], longest: int) -> bytes:
    """The bytes without their compression; what can be read of them where they broke off.

    At most about `longest` bytes come back, however much was packed into few. What is packed in a
    way that this environment can't unpack stays as it is: its client didn't ask for it.
    """
    content = b"".join(chunks)
    encodings = headers.get("content-encoding", "").lower().replace(" ", "").split(",")
    for encoding in reversed([each for each in encodings if each and each != "identity"]):
        unpack = _unpacker(encoding)
        if unpack is None:
            return content
        content = _unpacked(unpack, content, longest)
    return content


def _unpacked(unpack: Decode, content: bytes, longest: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for start in range(0, len(content), _STEP):
        try:
            piece = unpack(content[start : start + _STEP])
        except Exception:  # each library has its own; what came before counts
            break
        pieces.append(piece)
        size += len(piece)
        if size > longest:
            break
    return b"".join(pieces)


def _unpacker(encoding: str) -> Decode | None:
    if encoding in ("gzip", "x-gzip"):
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress
    if encoding == "deflate":
        return _Deflate()
    if encoding == "br":
        return _brotli()
    if encoding == "zstd":
        return _zstd()
    return None


class _Deflate:
    """With zlib's frame, as the standard has it, or without, as some servers send it."""

    def __init__(self) -> None:
        self._unpack = zlib.decompressobj()
        self._first = True

    def __call__(self, data: bytes) -> bytes:
        first, self._first = self._first, False
        try:
            return self._unpack.decompress(data)
        except zlib.error:
            if not first:
                raise
            self._unpack = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
            return self._unpack.decompress(data)


def _brotli() -> Decode | None:
    brotli = _first_of("brotli", "brotlicffi")
    if brotli is None:
        return None
    unpack = brotli.Decompressor()
    decode: Decode = getattr(unpack, "decompress", None) or unpack.process
    return decode


def _zstd() -> Decode | None:
    library = _first_of("zstandard", "compression.zstd", "backports.zstd")
    if library is None:
        return None
    unpack = library.ZstdDecompressor()
    decode: Decode = (
        unpack.decompressobj() if library.__name__ == "zstandard" else unpack
    ).decompress
    return decode


def _first_of(*names: str) -> Any:
    """The first of these modules that is installed; clients use the same ones."""
    for name in names:
        try:
            return import_module(name)
        except ImportError:
            continue
    return None
