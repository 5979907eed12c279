"""Nights and streaks, and the stores that keep them.

Here are the lines of a ledger's files, a JSON object each: a night, or what a stage behind it said.
A torn last line is left out.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.gate.verdict import Colour
from pytest_modelpin.providers.wire import refuse_constant
from pytest_modelpin.redaction.redact import redact_json
from pytest_modelpin.typed_json import Misfit, plain_reader

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record")

SCHEMA = 1
"""Of every line."""


def to_line(record: DataclassInstance) -> str:
    """A record as JSON on one line, without the line break."""
    content = redact_json(dataclasses.asdict(record))
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def records(content: bytes, where: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects of a file, oldest first, each with its place for an error's text.

    Raises LedgerError where a line but the last is torn or of a later schema.
    """
    for number, line in enumerate(lines(content, where), 1):
        if line:
            place = f"{where}, line {number},"
            yield parse(line, place), place


def lines(content: bytes, where: str) -> list[str]:
    """The complete lines of a ledger file; a torn last one is left out.

    Raises LedgerError where the content is not UTF-8.
    """
    try:
        return content[: complete(content)].decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise LedgerError(f"{where} is not UTF-8 text ({error}).") from None


def complete(content: bytes) -> int:
    """How many bytes of a ledger file are whole lines: all but a torn last one.

    One that somebody has edited into something else is no torn line: it is for `parse` to name.
    """
    end = content.rfind(b"\n") + 1
    return end if _is_torn(content[end:]) else len(content)


_LONGEST_WORD = len("false")


def _is_torn(line: bytes) -> bool:
    """Whether it is the beginning of a line, and no more: what a killed writer leaves, or a machine
    that lost its power, whose disk may hold zeros in place of the rest.
    """
    written = line.rstrip(b"\0")
    try:
        text = written.decode("utf-8")
        _DECODER.decode(text)
    except UnicodeDecodeError:
        return True
    except json.JSONDecodeError as error:
        begun = error.msg.startswith("Unterminated string")
        return begun or error.pos >= len(text) - _LONGEST_WORD
    except (ValueError, RecursionError):
        return False
    return len(written) < len(line)


def parse(text: str, where: str) -> dict[str, Any]:
    """A ledger line's JSON object, its schema checked.

    Raises LedgerError where it is no JSON object, or of a schema that is not known yet.
    """
    try:
        content = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise LedgerError(
            f"{where} is not JSON ({error}). Take the line out, or restore the file from the "
            "history of the ledger."
        ) from None
    if not isinstance(content, dict):
        raise LedgerError(f"{where} is not a JSON object.")
    schema = content.get("schema", SCHEMA)
    if schema != SCHEMA:
        raise LedgerError(
            f"{where} has schema {schema!r}; this version of pytest-modelpin reads schema "
            f"{SCHEMA}. Run `pip install --upgrade pytest-modelpin`."
        )
    return content


def record_of(content: Mapping[str, Any], kind: type[Record], said: str) -> Record:
    """A line's object as the record it is; fields that `kind` has not are passed over.

    `said` begins the error's text. Raises LedgerError where a field lacks or is of another type.
    """
    try:
        return plain_reader(kind)(content)
    except Misfit as misfit:
        raise LedgerError(
            f"{said}: {misfit}. Take the line out, or restore the file from the history of the "
            "ledger."
        ) from None


_DECODER = json.JSONDecoder(parse_constant=refuse_constant)


@dataclass(frozen=True, slots=True)
class Night:
    """One line of `<name>.jsonl`."""

    day: str
    """UTC, YYYY-MM-DD."""
    name: str
    pin: str
    asked: str
    """The candidate id that was sent."""
    served: str | None
    """The one version that answered; None where unknown or not the same throughout."""
    fingerprint: str
    """Of prompts, tests and judge."""
    colour: Colour
    reasons: tuple[str, ...] = ()
    cases: Mapping[str, tuple[int, int, int, int]] = field(default_factory=dict)
    """By case id: production passes, production samples, candidate passes, candidate samples."""
    lost: int = 0
    drifted: Mapping[str, int] = field(default_factory=dict)
    """By drift kind: how many cases."""
    estimate: float | None = None
    lower_bound: float | None = None
    cost_usd: float | None = None
    seconds: float = 0.0
    run_url: str | None = None
    at: str = ""
    """ISO 8601, UTC: the instant, so that of two runs on one day the later one counts."""
    schema: int = SCHEMA
    usable: bool = False
    """Whether its counts are evidence, also where it is inconclusive."""
    fresh: Mapping[str, tuple[int, int, int, int]] = field(default_factory=dict)
    """Counts of the cases that this night flagged, on fresh samples of both sides."""
    live: tuple[str, ...] = ()
    """Cases of which production was asked anew, instead of replayed."""
    open: tuple[str, ...] = ()
    """Cases that it left open or confirmed, which the next night asks first."""
    held: tuple[str, ...] = ()
    """Cases with a confirmed change that holds a bump until a person accepts it."""
    moved: tuple[str, ...] = ()
    """Cases that asked the candidate with another prompt than the pin, and so are not in `cases`
    until a person accepts the pair."""
    prompts: Mapping[str, str] = field(default_factory=dict)
    """Hashes by name of the prompts with which the candidate was asked, as `pins.prompt` gives
    them."""
    latency: float | None = None
    """Seconds, the median of the candidate's replies."""
    tokens: float | None = None
    """Of output, a sample of the candidate's."""
    file: str = ""
    """models.yml, from the repository's root with `/`; empty outside of git."""


@dataclass(frozen=True, slots=True)
class Streak:
    """The straight green nights of one candidate version, up to now."""

    name: str
    served: str | None
    fingerprint: str
    nights: tuple[Night, ...] = ()
    """The green ones that count, oldest first, on distinct days."""
    ended_by: str | None = None
    """Why an earlier streak ended, as a sentence; None where nothing ended. Of a red, its night's
    page holds the reasons."""

    @property
    def length(self) -> int:
        """How many straight green nights."""
        return len(self.nights)

    def told(self, wanted: int) -> str:
        """`2 of 3 green nights`; `4 green nights, 3 wanted`, where the bump waits."""
        if self.length <= wanted:
            return f"{self.length} of {wanted} green nights"
        return f"{self.length} green nights, {wanted} wanted"


# The day and the instant lead every line, so that lines sort by time as plain text: a reader
# puts years of nights in order without decoding one of them.
_LEADING = ("day", "at")
_NAMES = (
    *_LEADING,
    *(field.name for field in dataclasses.fields(Night) if field.name not in _LEADING),
)
LEAD = '{"day":"'


def night_line(night: Night) -> str:
    """The night as JSON on one line, without the line break; NaN and infinity become null."""
    content = redact_json({name: _finite(getattr(night, name)) for name in _NAMES})
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def night_of_line(text: str, where: str) -> Night:
    """The night that a line holds; `where` names file and line for the error's text.

    Fields that this version does not know are passed over: a later version may add some without
    a new schema. Raises LedgerError where the line is torn or its schema is a later one.
    """
    night = record_of(parse(text, where), Night, f"{where} is not a night of the ledger")
    counts = (*night.cases.values(), *night.fresh.values())
    if not all(0 <= each[0] <= each[1] and 0 <= each[2] <= each[3] for each in counts):
        raise LedgerError(f"{where} is not a night of the ledger: more passes than samples.")
    try:
        date.fromisoformat(night.day)
    except ValueError:
        raise LedgerError(
            f"{where} is not a night of the ledger: its day is {night.day!r}."
        ) from None
    return night


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return dict(value) if isinstance(value, dict) else value


Stage = Literal["shadow", "canary"]

_HOW = {
    "shadow": "run `pytest-modelpin shadow TRAFFIC --name {name} --ledger …`",
    "canary": "let it serve its share, and run `pytest-modelpin canary {name} --ledger …`",
}


@dataclass(frozen=True, slots=True)
class StageEvidence:
    """One line of `stages/<name>.jsonl`: of a version and stage, the last one that tells counts."""

    name: str
    version: str
    stage: Stage
    colour: Colour
    because: str
    """A sentence: what was seen."""
    at: str = ""
    """ISO 8601, UTC."""
    schema: int = SCHEMA


def wanting(
    required: Sequence[str], evidence: Iterable[StageEvidence], name: str, version: str
) -> tuple[str, ...]:
    """Why a bump to `version` has to wait, a sentence for each required stage that is not green."""
    last = last_of_each(evidence, version)
    found = []
    for stage in required:
        if stage not in _HOW:
            continue
        known = last.get(stage)
        if known is None:
            found.append(
                f"models.yml requires a green {stage} of {version}, and there is none; "
                f"{_HOW[stage].format(name=name)}"
            )
        elif known.colour != "green":
            found.append(f"its {stage} of {known.at[:10]} is {known.colour}: {known.because}")
    return tuple(found)


def last_of_each(
    evidence: Iterable[StageEvidence], version: str | None
) -> dict[str, StageEvidence]:
    """By stage: the last evidence on a version that says something."""
    return {
        each.stage: each
        for each in evidence
        if each.version == version and each.colour != "inconclusive"
    }


def read_stages(content: bytes, where: str) -> tuple[StageEvidence, ...]:
    """The evidence of a file, oldest first; a torn last line is passed over.

    Raises LedgerError where another line is torn or of a later schema.
    """
    return tuple(_evidence(record, place) for record, place in records(content, where))


def _evidence(content: dict[str, Any], place: str) -> StageEvidence:
    return record_of(content, StageEvidence, f"{place} is no evidence of a stage")
