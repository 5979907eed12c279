"""One night: what `nightly` found for one logical model on one UTC day; a line of the ledger."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.gate.verdict import Colour
from pytest_modelpin.ledger.lines import SCHEMA, parse
from pytest_modelpin.redaction.redact import redact_json


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
    usable: bool | None = None
    """Whether its counts are evidence, also where it is inconclusive; None in nights of before,
    of which the green ones are."""
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


@dataclass(frozen=True, slots=True)
class Streak:
    """The straight green nights of one candidate version, up to now."""

    name: str
    served: str | None
    fingerprint: str
    nights: tuple[Night, ...] = ()
    """The green ones that count, oldest first, on distinct days."""
    ended_by: str | None = None
    """Why an earlier streak ended, as a sentence; None where nothing ended."""

    @property
    def length(self) -> int:
        """How many straight green nights."""
        return len(self.nights)


# The day and the instant lead every line, so that lines sort by time as plain text: a reader
# puts years of nights in order without decoding one of them.
_LEADING = ("day", "at")
_NAMES = (
    *_LEADING,
    *(field.name for field in dataclasses.fields(Night) if field.name not in _LEADING),
)
_KNOWN = frozenset(_NAMES)
LEAD = '{"day":"'


def to_line(night: Night) -> str:
    """The night as JSON on one line, without the line break; NaN and infinity become null."""
    content = redact_json({name: _finite(getattr(night, name)) for name in _NAMES})
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def from_line(text: str, where: str) -> Night:
    """The night that a line holds; `where` names file and line for the error's text.

    Fields that this version does not know are passed over: a later version may add some without
    a new schema. Raises LedgerError where the line is torn or its schema is a later one.
    """
    content = parse(text, where)
    try:
        known = {name: value for name, value in content.items() if name in _KNOWN}
        known["reasons"] = tuple(content.get("reasons", ()))
        for name in ("cases", "fresh"):
            known[name] = {case: tuple(n) for case, n in content.get(name, {}).items()}
        for name in ("live", "open", "held", "moved"):
            known[name] = tuple(content.get(name, ()))
        return Night(**known)
    except (TypeError, AttributeError) as error:
        raise LedgerError(f"{where} is not a night of the ledger: {error}.") from None


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return dict(value) if isinstance(value, dict) else value
