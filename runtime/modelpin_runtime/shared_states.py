"""What is known of the models, in common for the processes of one machine: a small file.

Workers with a breaker each find out one by one that a model is dead, and ask it so much oftener.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from modelpin_runtime.breaker import CLOSED, OwnStates, State, Transition
from modelpin_runtime.errors import log

try:
    import fcntl
except ImportError:  # Windows: each process keeps its own
    fcntl = None  # type: ignore[assignment]

_clock = time.monotonic  # taken at import: tests may freeze the clock
LOCK_TRIES = 20
LOCK_SECONDS = 0.001
"""Between two tries. Who holds the lock writes a few lines; one that was stopped is not waited
for."""


class SharedStates:
    """The states in a file of `folder`, which processes of this machine read and write.

    Reading costs one look at the file's time; it is written where a state changes. Times are of
    the machine's monotonic clock, which all its processes share and which no correction moves. A
    file that can't be read or written is said once, and the states are this process's own.
    """

    def __init__(self, folder: Path) -> None:
        host = "".join(c for c in socket.gethostname() if c.isalnum() or c in "-.")[:60]
        self.path = folder / f"breakers-{host}.json"  # of this machine, where machines share a disk
        self._own = OwnStates()
        self._seen: tuple[tuple[int, ...], Mapping[str, State]] = (), {}
        """What the file said and when it was written: replaced together, as threads read."""
        self._complained = False

    def read(self, id: str) -> State:
        """What is known at present."""
        if self._complained:
            return self._own.read(id)
        try:
            found = self.path.stat()
            stamp = found.st_mtime_ns, found.st_size, found.st_ino
            seen, states = self._seen
            if stamp != seen:
                states = self._read_all()
                self._seen = stamp, states
        except FileNotFoundError:
            return CLOSED
        except OSError as error:
            self._complain(error)
            return self._own.read(id)
        return states.get(id, CLOSED)

    def change(self, id: str, transition: Transition) -> State:
        """Replace the state, as one step; gives the new one."""
        try:
            with self._locked():
                states = self._read_all()
                made = transition(states.get(id, CLOSED))
                if made == states.get(id, CLOSED):
                    return made
                if made == CLOSED:
                    del states[id]
                else:
                    states[id] = made
                self._write(states)
        except BlockingIOError:
            return transition(self.read(id))  # seldom, and the next one will say it again
        except OSError as error:
            self._complain(error)
            return self._own.change(id, transition)
        if self._complained:
            self._complained = False
            log().warning("breakers are shared by way of %s again", self.path)
        return made

    def _read_all(self) -> dict[str, State]:
        """What the file says; nothing where it is absent, broken, or from before the last boot."""
        try:
            data = json.loads(self.path.read_text("utf-8"))
            if not 0 <= float(data["at"]) <= _clock():
                return {}
            return {
                str(id): State(int(failures), int(opened), float(until), float(probing))
                for id, (failures, opened, until, probing) in data["models"].items()
            }
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            return {}

    def _write(self, states: Mapping[str, State]) -> None:
        text = json.dumps({"at": _clock(), "models": states})
        new = self.path.with_suffix(f".{os.getpid()}")
        try:
            new.write_text(text, "utf-8")
            new.replace(self.path)
        except OSError:
            with contextlib.suppress(OSError):
                new.unlink()
            raise

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone at it; the lock ends with its holder, even by SIGKILL."""
        if fcntl is None:
            raise OSError("this system has no locks that end with their holder")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        lock = os.open(self.path.with_suffix(".lock"), flags, 0o600)
        try:
            for tries in range(LOCK_TRIES):
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if tries == LOCK_TRIES - 1:
                        raise
                    time.sleep(LOCK_SECONDS)
            yield
        finally:
            os.close(lock)

    def _complain(self, error: OSError) -> None:
        if not self._complained:
            self._complained = True
            log().warning(
                "breakers can't be shared by way of %s, each process has its own: %s",
                self.path, error,
            )  # fmt: skip
