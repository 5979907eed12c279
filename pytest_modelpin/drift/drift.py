"""A drift: one named way in which an answer changed; and the invariant that a sample breaks."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from pytest_modelpin.providers.reply import JSON


class Break(NamedTuple):
    """What one sample breaks; samples that break the same have equal keys."""

    key: tuple[Hashable, ...]
    drift: Drift


DriftKind = Literal[
    "identical", "whitespace", "wording", "order", "fence", "unparseable", "keys", "type", "enum",
    "shape", "number", "negation", "refusal", "truncated", "empty", "length", "language", "format",
    "content", "tools", "neighbours", "tokens", "cost", "latency", "finish_reason",
]  # fmt: skip

Severity = Literal["info", "review", "regression"]


@dataclass(frozen=True, slots=True)
class Drift:
    """One finding."""

    kind: DriftKind
    severity: Severity
    where: str
    """A JSON path such as `$.items[2].price`, `sentence 3`, `tools[0].arguments.city`; ``""`` is
    the whole."""
    before: JSON = None
    after: JSON = None
    samples: tuple[int, int] = (1, 1)
    """How many of the candidate's samples show it, of how many."""
    watched: bool = False
    """True for a reply that the test gave to no `model_snapshot`: what changed there is confirmed
    and named, but turns no night red by itself. False for a contract."""
