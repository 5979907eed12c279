"""One test under one selection of models: how its samples ended, what the models said and
what they embedded.

Nearness of embedded texts is by angle, so a vector's length is left out, and 16 bits a coordinate
are enough: they move a cosine by less than 0.00002. What a provider sent stays in the recordings.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import hypot, isfinite
from typing import Literal, NamedTuple

from pytest_modelpin.providers.embeddings import Embedded
from pytest_modelpin.providers.wire import JSON, Reply
from pytest_modelpin.recordings.capture import Cause
from pytest_modelpin.wording import clipped

Outcome = Literal["passed", "failed", "lost", "skipped"]
"""`lost`: a provider error (overload, outage, refusal to serve) kept the test from its answer.
A lost sample is missing, not failed."""


@dataclass(frozen=True, slots=True)
class Call:
    """One answer that a test got from a model."""

    name: str
    """The logical name in models.yml, or the bare id where models.yml does not name the model."""
    reply: Reply
    fresh: bool
    """True where a model was asked for it in this run, False where it was replayed, or a cache on
    the way to the provider had it."""
    seconds: float
    request: str = ""
    """Fingerprint of the request without its model: equal prompts have equal fingerprints."""
    vectors: tuple[Vector, ...] | None = None
    """Of a call for embeddings, which is no answer to be read; None of any other."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a judge made of one answer."""

    better: Literal["production", "candidate", "neither"] | None
    """Whose answer meets the criterion better; None where there is no usable judgement."""
    reason: str
    """The judge's own; or why there is no judgement. Redacted."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One value that a test gave to `model_snapshot`."""

    snapshot: str
    """The snapshot's name, unique within the suite."""
    accepted: JSON
    """The accepted answer in the repository; None where there is none yet."""
    received: JSON
    """A str for a text, any other JSON value for structured data."""
    judge: str | None = None
    """What a judge is to compare, in the test's words; None where none was asked for."""
    judged: Judged | None = None
    """None where no judgement was due: nothing changed, or all models are on their pins."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One pass of a test."""

    outcome: Outcome
    seconds: float = 0.0
    calls: tuple[Call, ...] = ()
    answers: tuple[Answer, ...] = ()
    message: str = ""
    """Why it failed or was lost, in one or a few lines, redacted; empty where it passed."""
    lost_to: Cause | None = None
    """What it was lost to; None where it was not lost."""
    judging: tuple[Call, ...] = ()
    """What the judge of its answers was asked: calls of the judge, none of the test's own."""
    shared: tuple[Call, ...] = ()
    """What the fixtures heard that the test shares with others, each of which has it: it tells how
    the test came to its end, and is in no sum."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a case says nothing of the models selected, and what would have it say something."""

    why: str
    """As the end of a sentence that begins with the case's id."""
    cure: str = ""
    """As a command to the reader; empty where none is known."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test under one selection, with all its samples."""

    id: str
    """pytest's node id."""
    samples: tuple[Sample, ...] = ()
    critical: bool = False
    category: str | None = None
    ignore: tuple[str, ...] = ()
    """Drift kinds that this case lowers to `info`."""
    similarity: float | None = None
    models: tuple[str, ...] = field(default=())
    """Logical names whose answers the case got, in order of first call."""
    source: str = ""
    """Fingerprint of the test's file: it changes where the test does."""
    questions: Mapping[str, JSON] = field(default_factory=dict)
    """What the case asked, redacted: request bodies by the fingerprint that calls name."""
    prompts: Mapping[str, str] = field(default_factory=dict)
    """Hashes by name of the prompts that it asked for with `pins.prompt`, its fixtures included."""
    left_out: str = ""
    """Why the case says nothing of the models selected, as the end of a sentence that begins with
    its id; empty where it does. It asked where no hook saw it, or heard nothing fresh."""
    left_out_cure: str = ""
    """What helps, as a command to the reader; empty where none is known, or it is not left out."""

    @property
    def passes(self) -> int:
        """How many samples passed."""
        return sum(sample.outcome == "passed" for sample in self.samples)

    @property
    def lost(self) -> int:
        """How many samples were lost to a provider's error."""
        return sum(sample.outcome == "lost" for sample in self.samples)

    @property
    def tried(self) -> list[tuple[int, Sample]]:
        """The samples that passed or failed, with their places among all; others are missing."""
        return [
            (place, sample)
            for place, sample in enumerate(self.samples)
            if sample.outcome in ("passed", "failed")
        ]

    @property
    def tries(self) -> int:
        """How many samples passed or failed."""
        return len(self.tried)


def shared_once(cases: Iterable[Case]) -> tuple[Case, ...]:
    """The cases with what a shared fixture heard among the calls of one test that has it, instead
    of beside those of each: it was asked and paid for once.
    """
    seen: set[tuple[str, str, str, float]] = set()

    def once(sample: Sample) -> Sample:
        heard = [
            (call, (call.name, call.request, call.reply.text, call.seconds))
            for call in sample.shared
        ]
        new = [call for call, key in heard if key not in seen]
        seen.update(key for _, key in heard)
        return replace(sample, calls=(*new, *sample.calls), shared=())

    return tuple(replace(case, samples=tuple(map(once, case.samples))) for case in cases)


VECTOR_LENGTH = 32_767
"""The length of every vector here; no coordinate is longer."""
_LONGEST_VECTOR = 1.1 * VECTOR_LENGTH  # rounding makes some a little longer

MOST_TEXTS = 1_000
"""Of a logical model's texts in one run whose vectors are kept; of more, those with the lowest
keys, which are drawn by chance and the same in every run."""

_LONGEST = 120  # characters of a text that a finding shows


class Vector(NamedTuple):
    """One embedded text."""

    key: str
    """Of the text and what was said of it; equal texts have equal keys in every run."""
    says: str
    """The text's beginning."""
    packed: str
    """Its direction, as `unpacked` reads it; empty where there is none to compare."""


def vector_of(embedded: Embedded) -> Vector:
    """The text's key and its vector's direction."""
    told = f"{embedded.task}\n{embedded.text}".encode("utf-8", "replace")
    key = hashlib.sha256(told).hexdigest()[:16]
    says = clipped(" ".join(embedded.text.split()), _LONGEST)
    return Vector(key, says, packed(embedded.vector))


def packed(vector: Sequence[float]) -> str:
    """A vector's direction as text; empty where it has none."""
    length = hypot(*vector)
    if not length or not isfinite(length):
        return ""
    whole = array("h", [round(VECTOR_LENGTH * (each / length)) for each in vector])
    if sys.byteorder == "big":
        whole.byteswap()
    return b64encode(whole.tobytes()).decode("ascii")


def unpacked(text: str) -> array[int]:
    """The direction's coordinates. Raises ValueError where the text is of another making."""
    whole = array("h")
    whole.frombytes(b64decode(text, validate=True))
    if sys.byteorder == "big":
        whole.byteswap()
    if hypot(*whole) > _LONGEST_VECTOR:
        raise ValueError("a vector is longer than any that is written here")
    return whole


def drawn(keys: Sequence[str]) -> frozenset[str]:
    """Whose vectors are kept: all, or MOST_TEXTS of them."""
    return frozenset(sorted(set(keys))[:MOST_TEXTS])
