"""How a case is compared, and what a detector of drift is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Protocol

from pytest_modelpin.drift.drift import Drift, DriftKind, Severity

if TYPE_CHECKING:
    from pytest_modelpin.drift.pair import Pair


class Detector(Protocol):
    """Finds drifts of some kinds between two answers.

    It keeps no state and asks no other detector. What several of them need, such as which sentence
    became which, the pair reads once.
    """

    @property
    def kinds(self) -> Collection[DriftKind]:
        """Every kind that it may find."""

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """What it finds; none where the answers do not differ in its respect. Never raises."""


if TYPE_CHECKING:
    from pytest_modelpin.drift.context import Detector

Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]
"""Texts to vectors, one each; see `semantic.embedder`."""


@dataclass(frozen=True, slots=True)
class Context:
    """How one case is compared; the marker and models.yml fill it, every field has a default."""

    critical: bool = False
    """Raises every `review` of the case to `regression`."""
    ignore: tuple[str, ...] = ()
    """Kinds lowered to `info`; it wins over `critical` and `severities`."""
    severities: Mapping[str, Severity] = field(default_factory=dict)
    """A severity by kind that overrides the default one."""
    similarity: float = 0.7
    """0 to 1; below it a changed text that nothing benign explains is `content`."""
    accepted: Mapping[str, Collection[object]] = field(default_factory=dict)
    """The values that the suite's accepted answers show, by JSON path (`$.status`,
    `$.items[*].kind`; `$` or ``""`` for the answer as a whole). A value outside is `enum`."""
    length_ratio: float = 0.5
    """A text longer or shorter by more than this fraction is `length`."""
    token_ratio: float = 0.2
    """The same for output tokens, and for the cost."""
    latency_ratio: float = 0.2
    """The same for latency, which also has to change by LEAST_LATENCY."""
    cost_before: float | None = None
    """US dollars; None where a price is unknown, and then no `cost` is found."""
    cost_after: float | None = None
    latency_before: float | None = None
    """Seconds."""
    latency_after: float | None = None
    embed: Embed | None = None
    """Replaces rapidfuzz as the measure of similarity where given."""
    detectors: tuple[Detector, ...] | None = None
    """What is looked for, in this order; None is `detectors.table.DETECTORS`."""
    own_detectors: tuple[Detector, ...] = ()
    """A team's own, which come after those."""


_FIELDS = frozenset(f.name for f in fields(Context))


def as_context(given: Context | Mapping[str, Any] | None) -> Context:
    """`given` as a Context; a mapping's keys that Context does not know are left alone."""
    if given is None:
        return _DEFAULT
    if isinstance(given, Context):
        return given
    known = {key: value for key, value in given.items() if key in _FIELDS}
    known["ignore"] = tuple(known.get("ignore") or ())
    return Context(**known)


_DEFAULT = Context()
