"""A tape while its test runs: which request is which, and what became of each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_modelpin.recording.owner import Owner
from pytest_modelpin.recording.shelf import Shelf
from pytest_modelpin.recording.tape import Heard, Tape, Trouble, Unasked
from pytest_modelpin.registry.selection import Selected


@dataclass(frozen=True, slots=True)
class Place:
    """Which of a sample's requests this is; the same in every run of an unchanged test."""

    asked: str
    fingerprint: str
    sample: int
    ordinal: int
    """How many requests of the same fingerprint the sample started before, from 0."""


@dataclass(slots=True)
class _Repeats:
    """The requests of one fingerprint."""

    started: int = 0
    failed: list[int] = field(default_factory=list)
    """Ordinals whose last try failed and that no further try has taken up, oldest first."""


class OpenTape:
    """Collects what one sample hears, from whatever thread or task."""

    def __init__(
        self, owner: Owner, sample: int, names: Iterable[str], only: Selected | None = None
    ) -> None:
        self.only = only
        self.owner = owner
        self.sample = sample
        self.names = list(names)
        self._lock = threading.Lock()
        self._repeats: dict[tuple[str, str], _Repeats] = {}
        # By place, in order of start: a retry keeps the place of its first try.
        self._calls: dict[Place, Heard | None] = {}
        self._trouble: dict[Place, Trouble] = {}
        self._refused: dict[Place, Trouble] = {}
        self._misses: list[str] = []
        self._shelves: dict[tuple[str, bool], Shelf] = {}
        self._unfinished: dict[Place, Callable[[], None]] = {}

    def start(self, asked: str, fingerprint: str) -> Place:
        """The request's place; a further try of a failed request gets the place of the failed."""
        with self._lock:
            repeats = self._repeats.setdefault((asked, fingerprint), _Repeats())
            if repeats.failed:
                ordinal = repeats.failed.pop(0)
            else:
                ordinal = repeats.started
                repeats.started += 1
            place = Place(asked, fingerprint, self.sample, ordinal)
            self._calls.setdefault(place, None)
            return place

    def shelf(self, name: tuple[str, bool], make: Callable[[], Shelf]) -> Shelf:
        """The test's recordings for an id that is, or is not, a pin; read from disk once."""
        with self._lock:
            if name not in self._shelves:
                self._shelves[name] = make()
            return self._shelves[name]

    def under_way(self, place: Place, finish: Callable[[], None]) -> None:
        """Note how to finish a reply that the test may leave unread."""
        with self._lock:
            self._unfinished[place] = finish

    def hear(self, place: Place, heard: Heard, refused: Trouble | None = None) -> None:
        """Note a reply; it makes good the trouble of former tries."""
        with self._lock:
            self._unfinished.pop(place, None)
            self._trouble.pop(place, None)
            self._calls[place] = heard
            if refused is not None:
                self._refused[place] = refused

    def fail(self, place: Place, trouble: Trouble) -> None:
        """Note that a try of a request failed."""
        with self._lock:
            self._unfinished.pop(place, None)
            self._repeats[place.asked, place.fingerprint].failed.append(place.ordinal)
            self._trouble[place] = trouble

    def amend(self, place: Place, trouble: Trouble) -> None:
        """Say more about a failed try, unless a further try made it good meanwhile."""
        with self._lock:
            if place in self._trouble:
                self._trouble[place] = trouble

    def miss(self, message: str) -> None:
        """Note that a request could not be replayed."""
        with self._lock:
            self._misses.append(message)

    def misses(self) -> tuple[str, ...]:
        """Why requests could not be replayed so far."""
        with self._lock:
            return tuple(self._misses)

    def names_heard(self) -> tuple[str, ...]:
        """The logical models that answered so far, in order of their first answer."""
        with self._lock:
            return tuple(dict.fromkeys(heard.name for heard in self._calls.values() if heard))

    def unasked(self, version: str, own: Callable[[], Path]) -> Unasked | None:
        """What the sample left unasked in the recording at `own`; None where that is nothing."""
        with self._lock:
            shelf = next((shelf for (id, _), shelf in self._shelves.items() if id == version), None)
            if shelf is None:
                return Unasked(path, None) if (path := own()).is_file() else None
            times = {
                fingerprint: repeats.started
                for (asked, fingerprint), repeats in self._repeats.items()
                if asked == version
            }
        left = shelf.unasked(self.sample, times)
        return Unasked(shelf.looked_at[-1], left) if left else None

    def finish(
        self, write: Callable[[Tape], Sequence[Path]], unasked: Sequence[Unasked] = ()
    ) -> Tape:
        """Finish replies that were left unread, and hand over what was heard."""
        for finish in tuple(self._unfinished.values()):
            finish()
        with self._lock:
            return Tape(
                owner=self.owner,
                sample=self.sample,
                calls=tuple(heard for heard in self._calls.values() if heard is not None),
                misses=tuple(self._misses),
                trouble=tuple(self._trouble.values()),
                refused=tuple(self._refused.values()),
                unasked=tuple(unasked),
                write=write,
            )
