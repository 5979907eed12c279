"""A test as a session knows it: what `@pytest.mark.modelpin(…)` says of it, the sample that runs,
why that failed, and the fixtures that the test shares.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_modelpin.clock import perf_counter
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.intercept.unseen.alarm import POLICIES, Alarm, Policy
from pytest_modelpin.recordings.capture import Capture, Cause
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.registry import Pins
from pytest_modelpin.registry.selection import names_no
from pytest_modelpin.snapshot.structure import Noted

if TYPE_CHECKING:
    from pytest_modelpin.results.case import LeftOut, Outcome


class Mark(NamedTuple):
    """The marker's arguments, each with the default that holds without a marker."""

    samples: int | None = None
    """Samples of this case; None where the run's number holds."""
    similarity: float | None = None
    """Below it, a changed text is flagged for review; None where models.yml decides."""
    critical: bool = False
    category: str | None = None
    models: tuple[str, ...] = ()
    """The logical models that this test is about."""
    ignore: tuple[str, ...] = ()
    """Drift kinds that are only `info` here."""
    unseen: Policy | None = None
    """What becomes of the test if it asks a model unseen; None where the ini file decides."""


UNMARKED = Mark()
"""What holds for a test without the marker."""


def read_mark(
    arguments: Mapping[str, Any],
    test: str,
    unnamed: Sequence[object] = (),
    pins: Pins | None = None,
) -> Mark:
    """The mark that keyword arguments give; `unnamed` are those without a keyword.

    Raises ModelpinError, naming `test` and what is allowed.
    """
    allowed = Mark._fields
    if unnamed:
        raise ModelpinError(
            f"{test}: `@pytest.mark.modelpin({unnamed[0]!r})` lacks a keyword, as in `samples=5`; "
            f"allowed are {', '.join(sorted(allowed))}."
        )
    for key, value in arguments.items():
        if key not in allowed:
            near = difflib.get_close_matches(key, allowed, 1)
            meant = f" Did you mean `{near[0]}`?" if near else ""
            raise ModelpinError(
                f"{test}: `@pytest.mark.modelpin({key}=…)` is not known; allowed are "
                f"{', '.join(sorted(allowed))}.{meant}"
            )
        problem = _problem(key, value)
        if problem:
            raise ModelpinError(
                f"{test}: `@pytest.mark.modelpin({key}={value!r})` must be {problem}."
            )
    given: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()
    }
    mark = Mark(**given)
    if pins is not None and any(name not in pins.models for name in mark.models):
        said = names_no(pins.path, mark.models, pins.models)
        raise ModelpinError(f"{test}: `@pytest.mark.modelpin(models=…)`: {said}")
    return mark


def _problem(key: str, value: Any) -> str | None:
    """What `value` would have to be; None where it is that already."""
    match key:
        case "samples":
            ok = isinstance(value, int) and not isinstance(value, bool) and value >= 1
            return None if ok else "a whole number from 1"
        case "similarity":
            ok = isinstance(value, int | float) and 0 <= value <= 1
            return None if ok else "a number from 0 to 1"
        case "critical":
            return None if isinstance(value, bool) else "True or False"
        case "unseen":
            return None if value in POLICIES else f"one of {', '.join(POLICIES)}"
        case "category":
            return None if isinstance(value, str) and value else "a name"
        case _:
            ok = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
            return None if ok else "a list of names"


def is_marked(node: Any, above: dict[Any, bool]) -> bool:
    """Whether a test bears our marker, or what it stands in, of which `above` keeps the answer."""
    if any(mark.name == "modelpin" for mark in node.own_markers):
        return True
    if (parent := node.parent) is None:
        return False
    if parent not in above:
        above[parent] = is_marked(parent, above)
    return above[parent]


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
