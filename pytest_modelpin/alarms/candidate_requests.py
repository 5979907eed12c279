"""Which of the suite's recorded requests the candidates are known to refuse, before any is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pytest_modelpin.alarms import recordings_of
from pytest_modelpin.errors import RecordingError
from pytest_modelpin.providers.parameters import RefusedParameter, may_refuse, refused_parameters
from pytest_modelpin.recordings.recording_file import Recording, read
from pytest_modelpin.registry import Model, Pins
from pytest_modelpin.wording import counted, plural


@dataclass(frozen=True, slots=True)
class RefusedRequest:
    """A field that tests of a logical model send, and that its candidate answers with an error."""

    name: str
    """The logical model."""
    candidate: str
    refused: RefusedParameter
    tests: tuple[str, ...]
    """Their recordings' own names, in order."""

    def __str__(self) -> str:
        """What is wrong, as a sentence."""
        first, more = self.tests[0], len(self.tests) - 1
        where = first if not more else f"{first} and {counted(more, 'more test')}"
        verb = plural(len(self.tests), "sends", "send")
        return f"The candidate {self.candidate} refuses {self.refused.field}, which {where} {verb}."

    def cure(self) -> str:
        """What to do, as a sentence."""
        return (
            f"For {self.candidate}, {self.refused.instead}; or its cases end in the provider's "
            "error 400."
        )


def refused_requests(pins: Pins, root: Path) -> tuple[RefusedRequest, ...]:
    """What each candidate is known to refuse of what its pin is recorded to take.

    Reads the pins' recordings below `root`; a damaged one is passed by.
    """
    watched = [
        model for model in pins.models.values() if model.staging and may_refuse(model.staging)
    ]
    found: dict[tuple[str, RefusedParameter], dict[str, None]] = {}
    candidates: dict[str, str] = {}
    for model, path in recordings_of(watched, root):
        try:
            recording = read(root / path)
        except RecordingError:
            continue
        for refused in _refused(recording, model):
            found.setdefault((model.name, refused), {})[recording.test if recording else path] = (
                None
            )
            candidates[model.name] = str(model.staging)
    return tuple(
        RefusedRequest(name, candidates[name], refused, tuple(tests))
        for (name, refused), tests in found.items()
    )


def lines(found: Iterable[RefusedRequest]) -> Iterator[str]:
    """Each as a line."""
    for each in found:
        yield f"{each.name}: {each} {each.cure()}"


def _refused(recording: Recording | None, model: Model) -> Iterator[RefusedParameter]:
    for exchange in recording.exchanges if recording else ():
        path, body = urlsplit(exchange.request.url).path, exchange.request.body
        taken = refused_parameters(model.production, path, body)
        for each in refused_parameters(str(model.staging), path, body):
            if each.field not in {one.field for one in taken}:
                yield each
