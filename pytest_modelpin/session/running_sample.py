"""A test, the sample of it that runs, why that failed, and the fixtures that the test shares, as a
session knows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pytest_modelpin.clock import perf_counter
from pytest_modelpin.intercept.unseen.alarm import Alarm
from pytest_modelpin.recordings.capture import Capture, Cause
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.session.marker import Mark
from pytest_modelpin.snapshot.structure import Noted

if TYPE_CHECKING:
    from pytest_modelpin.results.case import LeftOut, Outcome


class Test(NamedTuple):
    """A test as the session needs to know it."""

    id: str
    owner: Owner
    mark: Mark
    source: str
    """Fingerprint of its file."""


class SharedFixture(NamedTuple):
    """What a fixture asked that several tests share: each of them stands or falls by it.

    What it asks at its end concerns whoever runs then, and is no part of any case.
    """

    capture: Capture
    alarms: tuple[Alarm, ...] = ()
    unheard: LeftOut | None = None
    """Why its tests are left out that say nothing of the candidate for it."""


class CurrentSample:
    """The sample that is running, or has just ended."""

    def __init__(self, test: Test, sample: int) -> None:
        self.test = test
        self.sample = sample
        self.started = perf_counter()
        self.answers: list[Noted] = []
        self.outcome: Outcome = "passed"
        self.message = ""
        self.lost_to: Cause | None = None


def why_failed(text: str) -> str:
    """The lines of a failure that say why, without the source around them."""
    lines = text.strip().splitlines()
    why = [line[1:].strip() for line in lines if line.startswith("E   ")]
    if not why and "Expected:" in lines:  # a doctest's; its last line is where it stands
        why = [line.strip() for line in lines[lines.index("Expected:") : -1] if line]
    return "\n".join(why[:6] or lines[-1:])
