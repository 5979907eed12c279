"""What is known of one case on both sides: how it is compared, what came of it, what was lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import cast

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.figures import CaseProfile, Side, asked
from pytest_modelpin.drift.drift import Context, Detector, Drift, Severity
from pytest_modelpin.gate.evidence import Counts
from pytest_modelpin.judge.difference import Reading
from pytest_modelpin.providers.wire import JSON, Reply
from pytest_modelpin.recordings.capture import NEVER_SENT, Cause
from pytest_modelpin.results.case import Case
from pytest_modelpin.results.run import Run
from pytest_modelpin.wording import clipped, plural, some

STRUCTURE = frozenset({"unparseable", "keys", "type", "shape"})
"""Drift kinds that break what a program reads; at `regression` they break the contract."""


@dataclass(frozen=True, slots=True)
class CaseComparison:
    """One case on both sides."""

    id: str
    production: Side
    candidate: Side
    drifts: tuple[Drift, ...] = ()
    critical: bool = False
    category: str | None = None
    broken: bool = False
    """The structure of the answer, or the test's own assert, failed for the candidate only."""
    message: str = ""
    """The candidate's first failure, redacted; empty where none failed."""
    lost_to: Cause | None = None
    """What the first of its samples was lost to; None where none was lost."""
    judged: bool = False
    """Whether an answer of the candidate's was due a judgement."""
    unjudged: str = ""
    """Why an answer that was due one has no usable judgement; empty where all have."""
    drifted_samples: int = 0
    """Samples of the candidate that pass their own asserts, but break a contract, an invariant of
    an answer given to `model_snapshot`, at `regression`."""
    watched_samples: int = 0
    """The same of invariants of replies that no test gave to `model_snapshot`."""
    refused_samples: int = 0
    """Samples of the candidate that pass though it, or a model beside it, refused to answer what it
    answers beside the pin."""
    refusal: str = ""
    """What was said to the first of them: `gpt: 400 Unsupported parameter: temperature`."""
    contradiction: str = ""
    """What the pin's own samples contradict each other in, and so is no invariant; empty where
    they don't."""
    skipped_samples: int = 0
    """Samples of the candidate that their test skipped, where the pin's were not all skipped."""
    profile: CaseProfile = field(default_factory=CaseProfile)
    """What it adds to the suite's profile."""
    left_out: bool = False
    """Whether the case says nothing of the candidate; `Comparison.left_out` says why."""
    unsure: tuple[Reading, ...] = ()
    """Answers of which the detectors are unsure, for the judge that models.yml names."""
    unread: bool = False
    """Whether that judge, which is believed, could not be asked of some of these."""
    moved_together: bool = False
    """Whether the candidate was asked with another prompt than the pin."""
    accepted: bool = False
    """Whether a person has accepted what changed in this version's answers."""

    @property
    def lost(self) -> bool:
        """Whether provider errors left a side without any sample."""
        return any(
            side.samples == 0 and side.lost > 0 for side in (self.production, self.candidate)
        )

    @property
    def held_out(self) -> bool:
        """Whether what changed is of prompt and model both, so that it says nothing of either.

        Once a person accepts the pair, it counts as one thing, which moves as one.
        """
        return self.moved_together and not self.accepted

    def passes(self, on_drift: str = "fail") -> int:
        """The candidate's samples that pass, as a night counts them.

        The test's own asserts hold and, where `on_drift` is `fail`, nothing is broken that all of
        the pin's samples say in an answer given to `model_snapshot`.
        """
        broken = self.drifted_samples if on_drift == "fail" else 0
        return self.candidate.passes - broken

    def counts(self, on_drift: str = "fail") -> Counts:
        """Passes and samples of both sides, as the gate and the ledger take them."""
        pin, new = self.production, self.candidate
        return pin.passes, pin.samples, self.passes(on_drift), new.samples

    @property
    def contract_broken(self) -> bool:
        """Whether the candidate's answer lost the structure that programs read."""
        return any(breaks_contract(drift) for drift in self.drifts)


_LONGEST = 200  # characters of what a provider said


def refusals(pin: Case, candidate: Case) -> tuple[str, ...]:
    """What a model said in each sample that passed though it refused what is answered on the pin.

    The code went on with something else, such as a text of its own, which says nothing of the
    candidate; or without the judge that it asks. Whoever asks again without what was refused has
    an answer in its place.
    """
    tried = [sample for _, sample in pin.tried]
    found = []
    for sample in candidate.samples if tried else ():
        for call in (*sample.shared, *sample.calls):
            name, reply = call.name, call.reply
            if sample.outcome != "passed" or reply.status < 400:
                continue
            if len(asked(sample, name)) < min(len(asked(each, name)) for each in tried):
                found.append(f"{name}: {refusal_of(reply)}")
                break
    return tuple(found)


def first_refusal(cases: Iterable[Case], name: str) -> str:
    """The first of what a model said in place of an answer; empty where it never did."""
    samples = (sample for case in cases for sample in case.samples)
    calls = (call for sample in samples for call in (*sample.shared, *sample.calls))
    refused = (call.reply for call in calls if call.name == name and call.reply.status >= 400)
    return next(map(refusal_of, refused), "")


def refusal_of(reply: Reply) -> str:
    """What a provider said in place of an answer, on one line."""
    return clipped(" ".join(f"{reply.status} {reply.error or ''}".split()), _LONGEST)


def unanswered(name: str, asked: str, refused: str) -> str:
    """That no case heard anything of a logical model's candidate, which was asked as `asked`."""
    if refused:
        return f"{asked} answered none of what it was asked: {refused}"
    return f"no case called the candidate of {name}"


def passed_without_answers(cases: Iterable[CaseComparison]) -> Iterator[str]:
    """As a reason of the verdict: which cases passed on what was no answer of the candidate's.

    What a person has accepted of them is one.
    """
    if refused := [case for case in cases if case.refused_samples and not case.accepted]:
        yield (
            f"what is answered beside the pin was refused in {some(tuple(c.id for c in refused))}, "
            f"and the tests passed on something else: {refused[0].refusal}"
        )


def as_information(case: CaseComparison) -> CaseComparison:
    """The case in which what drifted is a finding and no more."""
    return replace(
        case,
        drifted_samples=0,
        watched_samples=0,
        drifts=tuple(replace(drift, severity="info") for drift in case.drifts),
    )


def breaks_contract(drift: Drift) -> bool:
    """Whether a drift takes away the structure that programs read."""
    return drift.kind in STRUCTURE and drift.severity == "regression" and not drift.watched


def lost_to(cases: Iterable[CaseComparison]) -> str:
    """The causes, the provider's first: `provider errors and a budget that ran out`."""
    causes = {case.lost_to for case in cases}
    found = {
        "provider errors": bool(causes - NEVER_SENT),
        "a budget that ran out": "budget" in causes,
        "the night's limit of time": "time" in causes,
    }
    return " and ".join(said for said, is_one in found.items() if is_one)


LONGEST_WORD = 40  # characters
FEWEST_SIGHTINGS = 4  # less often seen, and any two equal names would look like a category
_DEEPEST = 50


class Categories:
    """The categorical values that the accepted answers show.

    A place is categorical where all its values are short strings and, on average, each is seen
    twice or more. Places in JSON are shared by the whole suite; a text as a whole is compared
    with those of the same test function, whose parameters are usually its inputs.
    """

    def __init__(self, cases: Iterable[Case]) -> None:
        self._places: dict[str, list[str]] = defaultdict(list)
        self._texts: dict[str, list[str]] = defaultdict(list)
        for case in cases:
            for sample in case.samples[:1]:
                for answer in sample.answers:
                    if isinstance(answer.accepted, str):
                        self._texts[_function(case.id)].append(answer.accepted)
                    elif answer.accepted is not None:
                        for place, text in _strings(answer.accepted, "$"):
                            self._places[place].append(text)

    def of(self, case: Case) -> Mapping[str, frozenset[str]]:
        """The values known for this case, by JSON path; `$` is the answer as a whole."""
        texts = self._texts.get(_function(case.id), [])
        return {**self._known, "$": frozenset(texts)} if _is_category(texts) else self._known

    @cached_property
    def _known(self) -> Mapping[str, frozenset[str]]:
        return {
            place: frozenset(values)
            for place, values in self._places.items()
            if _is_category(values)
        }


def _is_category(values: list[str]) -> bool:
    return (
        len(values) >= FEWEST_SIGHTINGS
        and 2 * len(set(values)) <= len(values)
        and all(len(value) <= LONGEST_WORD and "\n" not in value for value in values)
    )


def _strings(value: JSON, place: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif depth < _DEEPEST and isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(inner, f"{place}.{key}", depth + 1)
    elif depth < _DEEPEST and isinstance(value, list):
        for inner in value:
            yield from _strings(inner, f"{place}[*]", depth + 1)


def _function(case_id: str) -> str:
    return case_id.partition("[")[0]


def configured(
    case: Case, settings: Settings, accepted: Mapping[str, Collection[object]] | None = None
) -> Context:
    """The context of one case: the marker's words win over models.yml's.

    `accepted` are the categorical values that the suite's accepted answers show. Raises
    ModelpinError where `embedding` or `entailment` is set and its model can't be loaded.
    """
    embed = None
    if settings.embedding:
        from pytest_modelpin.drift.semantic import embedder

        embed = embedder(settings.embedding)
    own: tuple[Detector, ...] = ()
    if settings.entailment:
        from pytest_modelpin.drift.semantic import entailment

        own = (entailment(settings.entailment),)
    return Context(
        own_detectors=own,
        critical=case.critical,
        ignore=(*settings.ignore, *case.ignore),
        severities=cast("Mapping[str, Severity]", settings.severities),
        similarity=settings.similarity if case.similarity is None else case.similarity,
        accepted=accepted or {},
        length_ratio=settings.length_ratio,
        token_ratio=settings.token_ratio,
        latency_ratio=settings.latency_ratio,
        embed=embed,
    )


def failed_over_others(production: Run, candidate: Run) -> Iterator[str]:
    """A sentence on the tests that failed beside the candidate and not beside the pin, without
    having asked a model; nothing where there are none.

    Such tests judge what others were told, as how many answers were right: nobody can say of which
    answer they fail, and yet the suite does not hold.
    """
    known = {*production.failed_unasked, *(case.id for case in production.cases)}
    failed = tuple(test for test in candidate.failed_unasked if test not in known)
    if failed:
        asks = plural(len(failed), "asks no model itself", "ask no model themselves")
        yield (
            f"{some(failed)}, which {asks}, failed beside the candidate and not beside the pin: "
            "where that is for what other tests were told, have these assert it"
        )
