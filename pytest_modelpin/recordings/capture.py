"""What one sample of a test heard from models, and what went wrong on the way.

And what all samples of a run tell of an alias: an error or a side call's reply names no model, so
it is recorded under the id that was asked. Once the run is over, its other replies tell which
version that was: all of them move with one bump.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pytest_modelpin.recordings.exchange import Exchange
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.registry.selection import RecordMode


@dataclass(frozen=True, slots=True)
class Heard:
    """One reply that a test got, fresh or replayed."""

    name: str
    """The logical name in models.yml, or the bare id where models.yml does not name the model."""
    exchange: Exchange
    fresh: bool
    fingerprint: str
    """Of the request without its model: equal prompts have equal fingerprints."""
    version: str = ""
    """The model version whose folder holds the exchange, or will."""
    answered_by: str | None = None
    """The version that answered a pin, where it is another."""
    record: RecordMode = "none"
    side: bool = False
    """Whether this is a side call's reply, which is recorded and is no model's answer."""


class Trouble(NamedTuple):
    """A request that a provider did not answer."""

    name: str
    """As in `Heard`."""
    what: str
    """The HTTP status, or the class of the exception: `429`, `ReadTimeout`."""
    message: str
    """Short and redacted."""


class Unasked(NamedTuple):
    """What a sample left unasked in its test's own recording of a version in force."""

    path: Path
    exchanges: tuple[int, ...] | None
    """Their indexes in the file; None where the sample asked that version nothing at all."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One sample of one test, finished."""

    owner: Owner
    sample: int
    calls: tuple[Heard, ...] = ()
    """In the order in which the requests started."""
    misses: tuple[str, ...] = ()
    """Why a request could not be replayed, each as shown to the user."""
    trouble: tuple[Trouble, ...] = ()
    """Overload, outages, timeouts and broken connections that no later try made good."""
    refused: tuple[Trouble, ...] = ()
    """Replies that are recorded for tests that expect them, though no test can have its answer.

    Redirects, successes that hold nothing, and statuses that say of no key, no money, no access, no
    such model, or that a proxy or gateway gives.
    """
    unasked: tuple[Unasked, ...] = ()
    """Tells something only of a sample that passed: another may have stopped before it asked."""
    mocks: tuple[str, ...] = ()
    """What answered in a model's place below our hooks, such as `respx`; nothing is heard of it."""
    write: Callable[[Capture], Sequence[Path]] | None = None
    """Writes the fresh replies; set by the interceptor."""

    @property
    def answers(self) -> tuple[Heard, ...]:
        """What models answered: the calls without side calls and without redirects."""
        return tuple(
            call
            for call in self.calls
            if not call.side and not 300 <= call.exchange.response.status < 400
        )

    def save(self, *, lost: bool = False) -> tuple[Path, ...]:
        """Write the fresh replies to their recordings; returns the files that changed.

        Nothing is written where the sample was `lost`: what a test heard before a provider failed
        is no recording of it. Raises RecordingError where a file can't be written.
        """
        return () if lost or self.write is None else tuple(self.write(self))


class Unnamed(NamedTuple):
    """A test's recording under an alias, and the version to which it belongs."""

    owner: Owner
    asked: str
    version: str
    samples: frozenset[int]
    """Those that this run recorded anew; empty where it only added what was not recorded."""


class Aliases:
    """Which version answered an alias, by what the processes of one run learnt."""

    def __init__(self) -> None:
        self._versions: dict[str, set[str]] = {}
        """By the id asked: the versions whose folders took replies that name a model."""
        self._unnamed: dict[tuple[Owner, str], None] = {}
        self._samples: dict[Owner, set[int]] = {}

    def learn(self, capture: Capture) -> None:
        """Take in what one sample of a test heard."""
        fresh = [call for call in capture.calls if call.fresh]
        for call in fresh:
            asked = call.exchange.asked
            if call.exchange.served is not None:
                self._versions.setdefault(asked, set()).add(call.version)
            elif call.version == asked:
                self._unnamed[capture.owner, asked] = None
        if any(call.record == "all" for call in fresh):
            self._samples.setdefault(capture.owner, set()).add(capture.sample)

    def belonging(self) -> Iterator[Unnamed]:
        """The recordings under an alias that one version alone answered in this run."""
        for owner, asked in self._unnamed:
            versions = self._versions.get(asked, set())
            if len(versions) == 1 and versions != {asked}:
                samples = frozenset(self._samples.get(owner, ()))
                yield Unnamed(owner, asked, next(iter(versions)), samples)

    def as_output(self) -> dict[str, Any]:
        """For the process that puts the run together, as JSON."""
        return {
            "versions": {asked: sorted(versions) for asked, versions in self._versions.items()},
            "unnamed": [
                [str(owner.folder), owner.module, owner.name, asked, sorted(self._of(owner))]
                for owner, asked in self._unnamed
            ],
        }

    def hear(self, output: Mapping[str, Any]) -> None:
        """Take in what another process learnt, as `as_output` gave it."""
        for asked, versions in output.get("versions", {}).items():
            self._versions.setdefault(asked, set()).update(versions)
        for folder, module, name, asked, samples in output.get("unnamed", ()):
            owner = Owner(Path(folder), module, name)
            self._unnamed[owner, asked] = None
            if samples:
                self._samples.setdefault(owner, set()).update(samples)

    def _of(self, owner: Owner) -> set[int]:
        return self._samples.get(owner, set())
