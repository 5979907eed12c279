"""What one sample of a test heard from models, and what went wrong on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pytest_modelpin.recordings.exchange import Exchange
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.registry.selection import RecordMode


@dataclass(frozen=True, slots=True)
class CapturedCall:
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
    """As in `CapturedCall`."""
    what: str
    """The HTTP status, or the class of the exception: `429`, `ReadTimeout`."""
    message: str
    """Short and redacted."""


class UnusedExchanges(NamedTuple):
    """What a sample left unused in its test's own recording of a version in force."""

    path: Path
    exchanges: tuple[int, ...] | None
    """Their indexes in the file; None where the sample asked that version nothing at all."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One sample of one test, finished."""

    owner: Owner
    sample: int
    calls: tuple[CapturedCall, ...] = ()
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
    unused: tuple[UnusedExchanges, ...] = ()
    """Tells something only of a sample that passed: another may have stopped before it asked."""
    mocks: tuple[str, ...] = ()
    """What answered in a model's place below our hooks, such as `respx`; nothing is heard of it."""
    write: Callable[[Capture], Sequence[Path]] | None = None
    """Writes the fresh replies; set by the interceptor."""

    @property
    def answers(self) -> tuple[CapturedCall, ...]:
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
