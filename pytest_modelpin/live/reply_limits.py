"""How long one reply, and one test, may keep us waiting, and how much of a reply is unpacked.

A provider that answers a byte at a time, or never stops, passes every timeout of a client, since
those count from byte to byte. One thread watches all replies under way, and breaks off the
connection of one that takes too long.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

from pytest_modelpin.clock import monotonic

REPLY_SECONDS = 600.0
"""For one reply, where nobody says otherwise: as long as the SDKs of the big providers wait."""

TEST_REPLIES = 3
"""A test's live calls may take as long as so many of its longest replies, all together."""


class DeadlinePassed(Exception):
    """A reply, or a test's replies together, took longer than they may."""


_AGAIN = 0.2  # seconds between two rings of an alarm


class Alarm:
    """Something to do at a time, and again until it is called off.

    Once may be too soon: a connection that is still being made can't be broken off.
    """

    __slots__ = ("_act", "_lock", "rang")

    def __init__(self, act: Callable[[], object]) -> None:
        self._act: Callable[[], object] | None = act
        self._lock = threading.Lock()
        self.rang = False

    @property
    def is_off(self) -> bool:
        """Whether it was called off."""
        return self._act is None

    def off(self) -> None:
        """Call it off; nothing is under way any more once this returns."""
        with self._lock:
            self._act = None  # it holds on to a reply, and the watch to it for some minutes more

    def ring(self) -> None:
        """Do it now, unless it was called off meanwhile."""
        with self._lock:
            if self._act is not None:
                self.rang = True
                with contextlib.suppress(Exception):  # one must not end the watch over the others
                    self._act()


class Watch:
    """The alarms of one process, rung by one thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Alarm]] = []
        self._numbers = itertools.count()
        self._running = False

    @staticmethod
    def shared() -> Watch:
        """The one for this process; a forked child has its own, since threads are not forked."""
        return _watch_of(os.getpid())

    def after(self, seconds: float, act: Callable[[], object]) -> Alarm:
        """Have `act` called in another thread in so many seconds."""
        alarm = Alarm(act)
        with self._changed:
            self._push(alarm, seconds)
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="modelpin-watch", daemon=True).start()
            elif self._due[0][2] is alarm:
                self._changed.notify()
        return alarm

    @contextmanager
    def over(self, seconds: float, act: Callable[[], object]) -> Iterator[Alarm]:
        """As `after`, called off at the end of the block."""
        alarm = self.after(seconds, act)
        try:
            yield alarm
        finally:
            alarm.off()

    @contextmanager
    def limited(self, seconds: float, act: Callable[[], object]) -> Iterator[None]:
        """As `over`; once the time is up, whatever the block raises is DeadlinePassed."""
        with self.over(seconds, act) as alarm:
            try:
                yield
            except Exception:
                if alarm.rang:
                    raise DeadlinePassed from None
                raise

    def _push(self, alarm: Alarm, seconds: float) -> None:
        heapq.heappush(self._due, (monotonic() + seconds, next(self._numbers), alarm))

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._due and self._due[0][2].is_off:
                    heapq.heappop(self._due)
                if not self._due:
                    self._changed.wait()
                    continue
                wait = self._due[0][0] - monotonic()
                if wait > 0:
                    self._changed.wait(wait)
                    continue
                alarm = heapq.heappop(self._due)[2]
                self._push(alarm, _AGAIN)
            alarm.ring()


@cache
def _watch_of(process: int) -> Watch:
    return Watch()


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
