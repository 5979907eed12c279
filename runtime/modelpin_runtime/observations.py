"""What production saw of each request, noted while it is under way: one JSON line each, written off
the hot path.

Nothing here raises or waits in the caller's way. A line holds no content unless it is given.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from modelpin_runtime.chain import Answered, Attempt, ChainExhaustedError, Target
from modelpin_runtime.forking import renewed_after_fork
from modelpin_runtime.routing import Route

SCHEMA = 1
"""Version of a line; readers pass over lines of any other."""
ROTATE_BYTES = 64 * 2**20
MOST_WAITING = 100_000
"""Lines kept in memory while the disk does not take them; beyond it the oldest are dropped."""
RETRY_SECONDS = 1.0
"""How long a disk that refuses is left alone: neither files nor descriptors may pile up."""
_clock = time.monotonic  # taken at import: tests may freeze the clock
log = logging.getLogger("modelpin_runtime")


class Writer:
    """Appends observations to files of this process below a folder, and starts a new one in time.

    Safe for threads and for fork: a child writes files of its own.
    """

    def __init__(self, folder: Path, rotate_bytes: int = ROTATE_BYTES) -> None:
        self.folder = folder
        self._rotate_bytes = rotate_bytes
        self._waiting: deque[Mapping[str, Any]] = deque(maxlen=MOST_WAITING)
        self._wake = threading.Event()
        self._writing = threading.RLock()
        self._file: int | None = None
        self._size = 0
        self._number = 0
        self._pid = 0
        self._thread: threading.Thread | None = None
        self._complained = False
        self._refused_until = 0.0
        self._torn = False
        self.dropped = 0
        """Lines that could not be written, or waited for longer than there is room."""
        renewed_after_fork(self)

    def after_fork(self) -> None:
        """In a child: what waits is the parent's to write, and who held the lock is not here."""
        self._writing = threading.RLock()
        self._waiting.clear()
        self._file = None
        self._torn = False
        self._pid = 0

    def observe(self, line: Mapping[str, Any], *, durable: bool = False) -> None:
        """Take a line. With `durable` it has left the process when this returns, if the disk
        takes it; where not, it waits in memory as the others do.
        """
        if os.getpid() != self._pid:
            self._begin()
        if durable:
            with self._writing:
                if not self._write([line]):
                    self._keep(line)
            return
        self._keep(line)

    def _keep(self, line: Mapping[str, Any]) -> None:
        if len(self._waiting) == MOST_WAITING:
            self.dropped += 1
        self._waiting.append(line)
        if not self._wake.is_set():
            self._wake.set()

    def flush(self) -> None:
        """Write all that waits; when this returns, it has left the process.

        What the disk refuses waits on, as far as there is room.
        """
        with self._writing:
            lines = []
            while self._waiting:
                lines.append(self._waiting.popleft())
            if left := lines[self._write(lines) :]:
                room = MOST_WAITING - len(self._waiting)
                kept = left[-room:] if room > 0 else []
                self.dropped += len(left) - len(kept)
                self._waiting.extendleft(reversed(kept))

    def _begin(self) -> None:
        """In a new process: a file and a thread of its own."""
        with self._writing:
            if os.getpid() == self._pid:
                return
            self._wake = threading.Event()
            self._thread = threading.Thread(
                target=self._run, args=(self._wake,), name="modelpin-observations", daemon=True
            )
            self._thread.start()
            atexit.register(self.flush)
            if "multiprocessing.util" in sys.modules:  # whose forked children end without `atexit`
                from multiprocessing.util import Finalize

                Finalize(None, self.flush, exitpriority=0)
            self._pid = os.getpid()  # last, so that other threads wait until all of it is there

    def _run(self, wake: threading.Event) -> None:
        while True:
            wake.wait()
            time.sleep(0.05)  # lines come in bunches
            wake.clear()
            self.flush()
            if _clock() < self._refused_until:  # the disk refuses; it is asked again, seldom
                time.sleep(RETRY_SECONDS)
                wake.set()

    def _write(self, lines: list[Mapping[str, Any]]) -> int:
        """How many are written; where the disk refuses, it is left alone for a moment."""
        if not lines or _clock() < self._refused_until:
            return 0
        encoded = [_encoded(line) for line in lines]
        data = b"".join(encoded)
        whole = len(data)
        try:
            if self._file is None or (self._size and self._size + whole > self._rotate_bytes):
                self._open()
            assert self._file is not None
            if self._torn:
                data = b"\n" + data  # so that what is torn takes no other line with it
            while data:
                written = os.write(self._file, data)
                self._size += written
                data = data[written:]
        except OSError as error:
            done, fit = 0, whole - len(data)
            while done < len(encoded) and fit >= len(encoded[done]):
                fit -= len(encoded[done])
                done += 1
            self._torn = fit > 0 or (self._torn and done == 0)
            self._refused_until = _clock() + RETRY_SECONDS
            if not self._complained:
                self._complained = True
                log.warning("observations can't be written to %s: %s", self.folder, error)
            return done
        self._torn = False
        if self._complained:
            self._complained = False
            log.warning("observations are written to %s again", self.folder)
        return len(lines)

    def _open(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self.folder.mkdir(parents=True, exist_ok=True)
        self._number += 1
        host = "".join(c for c in socket.gethostname() if c.isalnum() or c in "-.")[:60]
        name = f"{host}-{self._pid}-{time.time_ns()}-{self._number}.jsonl"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
        self._file = os.open(self.folder / name, flags, 0o640)
        self._size = 0
        self._torn = False


def observation(
    *,
    name: str,
    id: str,
    role: str,
    at: float,
    seconds: float | None = None,
    error: str | None = None,
    served: str | None = None,
    input_tokens: int | None = None,
    output_tokens: int | None = None,
    cost_usd: float | None = None,
    refusal: bool | None = None,
    schema_ok: bool | None = None,
    feedback: float | None = None,
    overridden: bool = False,
    request: str | None = None,
    prompt: str | None = None,
    content: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """One line. What isn't known is left out; `content` (question and answer) only where wanted.

    `at` is seconds since 1970, `feedback` from 0 (bad) to 1 (good), `request` an id of your own,
    `prompt` the hash of the prompt in force.
    """
    line = {
        "v": SCHEMA, "at": round(at, 3), "name": name, "id": id, "role": role, "served": served,
        "seconds": None if seconds is None else round(seconds, 4), "error": error,
        "in": input_tokens, "out": output_tokens, "cost": cost_usd, "refusal": refusal,
        "schema_ok": schema_ok, "feedback": feedback, "overridden": overridden or None,
        "request": request, "prompt": prompt, "content": content,
    }  # fmt: skip
    return {key: value for key, value in line.items() if value is not None}


def _encoded(line: Mapping[str, Any]) -> bytes:
    try:
        text = json.dumps(line, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    except Exception:  # nested too deeply, changed meanwhile: one line may not end the writing
        text = json.dumps({key: _as_text(value) for key, value in line.items()})
    return text.encode() + b"\n"


def _as_text(value: object) -> str:
    try:
        return str(value)
    except Exception:
        return f"({type(value).__name__})"


class Observed:
    """One request under way: where it goes, and what is noted of it."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self.noted: dict[str, Any] = {}
        self.attempts: list[tuple[Target, str]] = []
        """Models that were asked and could not answer, each with the cause: observations too, or a
        canary whose requests the pin always rescues would never look worse."""
        self.answered_by_nobody = False

    @property
    def id(self) -> str:
        """The id to ask."""
        return self.route.id

    def note(self, **seen: Any) -> None:
        """Say more; the later word counts. See `observations.observation`."""
        self.noted.update(seen)

    def answered_by(self, answer: Answered[Any] | Target) -> None:
        """Who answered: what `pins.call` gave, so that those that failed before count as well."""
        if isinstance(answer, Answered):
            self._failed_before(answer.attempts)
            answer = answer.target
        self.route = replace(self.route, id=answer.id, role=answer.role)

    def failed(self, error: BaseException) -> None:
        """The request came to nothing; of a chain, each model that was asked did."""
        if isinstance(error, ChainExhaustedError):
            self._failed_before(error.attempts)
            self.answered_by_nobody = bool(self.attempts)
        self.noted.setdefault("error", type(error).__name__)

    def _failed_before(self, attempts: tuple[Attempt, ...]) -> None:
        self.attempts += [(each.target, each.why) for each in attempts if each.error is not None]
