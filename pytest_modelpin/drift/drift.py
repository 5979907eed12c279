"""A drift: one named way in which an answer changed, how much it matters, and what a detector of it
is; how a case is compared; the invariant that a sample breaks. And the public functions by which
two answers, or all samples of a case, are compared: what they need loads at the first call.

How much a kind matters is told by its consequence for whoever uses the answer. `regression`: a
consumer breaks or a reader is told something else. `review`: a person should look. `info`:
harmless. The table and its reasons are in docs/drift.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from pytest_modelpin.providers.wire import JSON, Reply

if TYPE_CHECKING:
    from pytest_modelpin.drift.pair import Pair


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


DEFAULT_SEVERITY: Mapping[DriftKind, Severity] = {
    "identical": "info",
    "whitespace": "info",
    "wording": "info",
    "order": "info",
    "fence": "review",
    "unparseable": "regression",
    "keys": "regression",
    "type": "regression",
    "enum": "regression",
    "shape": "regression",
    "number": "regression",
    "negation": "regression",
    "refusal": "regression",
    "truncated": "regression",
    "empty": "regression",
    "length": "review",
    "language": "regression",
    "format": "review",
    "content": "review",
    "tools": "regression",
    "neighbours": "review",
    "tokens": "info",
    "cost": "info",
    "latency": "info",
    "finish_reason": "review",
}

OF_SUITES: frozenset[DriftKind] = frozenset({"neighbours"})
"""Kinds that no two answers show by themselves: it takes all that a suite asked."""

RANK: Mapping[str, int] = {"info": 0, "review": 1, "regression": 2}


def drift_of(
    kind: DriftKind,
    where: str = "",
    before: JSON = None,
    after: JSON = None,
    severity: Severity | None = None,
) -> Drift:
    """A drift with its kind's default severity, unless this one's consequence is known better."""
    return Drift(kind, severity or DEFAULT_SEVERITY[kind], where, before, after)


def worst(severities: Iterable[Severity]) -> Severity:
    """The gravest of some severities; `info` where there are none."""
    return max(severities, key=RANK.__getitem__, default="info")


def settled(drift: Drift, context: Context) -> Drift:
    """The drift as this case's context weighs it: `ignore` lowers, `critical` raises."""
    severity = context.severities.get(drift.kind, drift.severity)
    if severity not in RANK:
        severity = drift.severity
    if context.critical and severity == "review":
        severity = "regression"
    if drift.kind in context.ignore:
        severity = "info"
    return drift if severity == drift.severity else replace(drift, severity=severity)


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


Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]
"""Texts to vectors, one each; see `semantic.embedder`."""


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """How one case is compared; the marker and models.yml fill it, every field has a default.

    Each is equal to itself alone, so that what was found by one can be remembered.
    """

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
    """What is looked for, in this order; None is `detection.DETECTORS`."""
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
_MOST_BITS = 2000  # of a number that is surely written out: Python allows no limit below 640 digits


def case_drifts(
    pin_answers: Sequence[Reply | JSON],
    candidate_answers: Sequence[Reply | JSON],
    *,
    context: Context | Mapping[str, Any] | None = None,
) -> tuple[Drift, ...]:
    """What of that which all of the pin's answers share the candidate's answers break.

    Both are the answers of several samples of one case, each a text, a JSON-like value or a
    `Reply`. What the pin's answers differ in among themselves is noise and never more than `info`;
    a finding above that is one that at least half of the candidate's answers show, and
    `Drift.samples` says how many of how many. With one answer of the pin's the noise is unknown:
    values, labels, tool calls and code are compared as they are, prose is for review at most. Empty
    where nothing is broken; the same arguments always give the same result, and no answer raises.
    """
    from pytest_modelpin.drift.invariants.case import compare_samples

    pins = [_with_short_numbers(each) for each in pin_answers]
    candidates = [_with_short_numbers(each) for each in candidate_answers]
    return compare_samples(pins, candidates, as_context(context)).drifts


def drifts(
    production: Reply | JSON,
    candidate: Reply | JSON,
    *,
    context: Context | Mapping[str, Any] | None = None,
) -> tuple[Drift, ...]:
    """How the candidate's answer differs from production's.

    Both are a text, a JSON-like value or a `Reply`. A text of production's that is JSON or XML,
    also in a Markdown fence, is compared as such. Equal answers give exactly one finding,
    `identical`; different ones give every kind that applies and never `identical`. The same
    arguments always give the same result, and no answer raises, however odd.
    """
    from pytest_modelpin.drift.detection import compare_answers

    one, other = _with_short_numbers(production), _with_short_numbers(candidate)
    return compare_answers(one, other, as_context(context))


def _with_short_numbers(answer: Any) -> Any:
    """The answer with text in place of each number that has more digits than Python writes out.

    No JSON text holds one, as reading it fails as well; a value that a test made may.
    """
    if isinstance(answer, str):
        return answer
    try:
        repr(answer)
    except RecursionError:  # nested deeper than Python prints
        return answer
    except ValueError:
        return _shortened(answer)
    return answer


def _shortened(value: Any) -> Any:
    if isinstance(value, int):
        return hex(value) if value.bit_length() > _MOST_BITS else value
    if isinstance(value, Reply):
        return replace(
            value,
            tools=tuple(c._replace(arguments=_shortened(c.arguments)) for c in value.tools),
        )
    if isinstance(value, Mapping):
        return {_shortened(key): _shortened(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shortened(each) for each in value]
    return value
