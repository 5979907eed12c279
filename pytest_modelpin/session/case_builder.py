"""What a test heard and how it ended, turned into its Case; for runs that somebody will read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_modelpin.clock import perf_counter
from pytest_modelpin.providers import provider_for, side_provider_for, wire
from pytest_modelpin.providers.replies import read_embeddings
from pytest_modelpin.providers.wire import JSON, Reply, error_message
from pytest_modelpin.recordings.capture import Capture, CapturedCall, Trouble
from pytest_modelpin.recordings.exchange import NOT_AWAITED, Exchange
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.store import Recordings
from pytest_modelpin.registry.selection import Selected
from pytest_modelpin.results.case import Answer, Call, Case, LeftOut, Sample, Vector, vector_of
from pytest_modelpin.snapshot.structure import Noted

if TYPE_CHECKING:
    from pytest_modelpin.judge.asking import Judging
    from pytest_modelpin.results.case import Outcome
    from pytest_modelpin.session.running_tests import CurrentSample, Test


class CaseBuilder:
    """Gathers a test's samples, one after another, into its case."""

    def __init__(
        self,
        models: Mapping[str, Selected],
        key: Callable[[Exchange], str | None],
        judging: Judging | None = None,
    ) -> None:
        """`models` are all logical models; `key` gives a recorded request's fingerprint; without
        `judging`, no answer is judged.
        """
        self._models = models
        self._key = key
        self._judging = judging
        self._samples: dict[int, Sample] = {}
        self._names: dict[str, None] = {}
        self._questions: dict[str, JSON] = {}
        self._prompts: dict[str, str] = {}
        self._unseen: dict[int, LeftOut | None] = {}
        self._unheard: dict[int, LeftOut | None] = {}
        self._of_shared: dict[int, tuple[Capture, tuple[Call, ...]]] = {}
        self._shown: set[tuple[Outcome, tuple[int, ...]]] = set()
        """How the case's samples came out, by the shared fixtures' captures that they had."""

    def case(
        self,
        ended: CurrentSample,
        capture: Capture,
        shared: Sequence[Capture] = (),
        *,
        unseen: LeftOut | None = None,
        unheard: LeftOut | None = None,
    ) -> Case | None:
        """The case as it stands with the sample that just ended, and those before it.

        `shared` is what the fixtures heard that the test shares with others. Sample 1 forgets what
        an earlier try of the test left. None where the test has nothing to
        do with models, so that it does not belong into the run report. `unseen` and `unheard` say
        why the sample says nothing of the models, as `session.unseen` does. Raises RecordingError
        where a judgement can't be recorded.
        """
        if ended.sample == 1:
            self._samples.clear()
            self._questions.clear()
            self._prompts.clear()
            self._unseen.clear()
            self._unheard.clear()
            self._shown.clear()
            self._names = dict.fromkeys(ended.test.mark.models)
        self._prompts.update(_prompts_taken())
        # A model that only failed to answer was called all the same.
        for each in (*shared, capture):
            asked: tuple[CapturedCall | Trouble, ...] = (
                *each.answers,
                *each.trouble,
                *each.refused,
            )
            self._names.update(dict.fromkeys(one.name for one in asked))
            for call in each.answers:
                self._questions.setdefault(call.fingerprint, call.exchange.request.body)
        calls = self._calls(capture)
        below = tuple(call for each in shared for call in self._calls_of_shared(each))
        embedding = (call.name for call in (*below, *calls) if call.vectors is not None)
        self._names.update(dict.fromkeys(embedding))
        sample = Sample(
            outcome=ended.outcome,
            seconds=perf_counter() - ended.started,
            calls=calls,
            answers=tuple(_answer(noted) for noted in ended.answers),
            message=ended.message,
            lost_to=ended.lost_to,
            shared=below,
        )
        if not self._is_told_already(ended, capture, shared):
            self._samples[ended.sample] = self._judged(ended.test, sample)
        self._unseen[ended.sample], self._unheard[ended.sample] = unseen, unheard
        case = self._with_all_samples(ended.test)
        return case if _is_about_models(case) else None

    def _is_told_already(
        self, ended: CurrentSample, capture: Capture, shared: Sequence[Capture]
    ) -> bool:
        """Whether an earlier sample said it.

        A fixture that tests share asks once, and its answer is one sample however often the test
        looks at it. One that came out otherwise is another.
        """
        if _asked_anew(capture) or not any(map(_asked_anew, shared)):
            return False
        shown = ended.outcome, tuple(map(id, shared))
        known = shown in self._shown
        self._shown.add(shown)
        return known

    def on_pin(
        self, case: Case, owner: Owner, shared: Iterable[Owner], recordings: Recordings
    ) -> Case | None:
        """What the case's models said on their pins as it is recorded, to compare with.

        `shared` are the fixtures that the test shares with others.

        None where the case tried no other version, or nothing of the pins is recorded. Raises
        RecordingError.
        """
        tried = [
            selected
            for name in self._names
            if (selected := self._models.get(name)) and not selected.is_pin
        ]
        own = self._on_pins(tried, owner, recordings)
        below = [found for each in shared if (found := self._on_pins(tried, each, recordings))]
        if not own and not below:
            return None
        samples = []
        for number in own or below[0]:
            # A fixture is recorded once, where its tests have several samples.
            heard = [calls for each in below for calls in each.get(number, each[min(each)])]
            samples.append(Sample("passed", calls=tuple(own.get(number, ())), shared=tuple(heard)))
        return Case(case.id, tuple(samples))

    def _on_pins(
        self, tried: Iterable[Selected], owner: Owner, recordings: Recordings
    ) -> dict[int, list[Call]]:
        """What is recorded of an owner on the pins of these models, by sample."""
        found: dict[int, list[Call]] = {}
        for selected in tried:
            for sample, exchanges in recordings.exchanges(owner, selected.production).items():
                calls = (_recorded_call(selected.name, each, self._key) for each in exchanges)
                found.setdefault(sample, []).extend(call for call in calls if call)
        return found

    def _calls(self, capture: Capture) -> tuple[Call, ...]:
        """What models answered, and the vectors of those that models.yml names."""
        embeddings = (
            _embedding(call) if call.name in self._models else None for call in capture.calls
        )
        answers = {id(call) for call in capture.answers}
        return tuple(
            embedding or _call(call)
            for call, embedding in zip(capture.calls, embeddings, strict=True)
            if embedding or id(call) in answers
        )

    def _calls_of_shared(self, capture: Capture) -> tuple[Call, ...]:
        """The same of a fixture that many tests share, read once for all of them."""
        if id(capture) not in self._of_shared:
            self._of_shared[id(capture)] = capture, self._calls(capture)
        return self._of_shared[id(capture)][1]

    def _judged(self, test: Test, sample: Sample) -> Sample:
        if self._judging is None or sample.outcome not in ("passed", "failed"):
            return sample
        names = tuple(self._names) or tuple(self._models)
        answers, captures = self._judging.judged(test.owner, names, sample.calls, sample.answers)
        calls = tuple(_call(call) for capture in captures for call in capture.answers)
        return replace(sample, answers=answers, judging=calls)

    def _with_all_samples(self, test: Test) -> Case:
        left_out = self._left_out()
        return Case(
            id=test.id,
            samples=tuple(sample for _, sample in sorted(self._samples.items())),
            critical=test.mark.critical,
            category=test.mark.category,
            ignore=test.mark.ignore,
            similarity=test.mark.similarity,
            models=tuple(self._names),
            source=test.source,
            questions=dict(self._questions),
            prompts=dict(sorted(self._prompts.items())),
            left_out=left_out.why if left_out else "",
            left_out_cure=left_out.cure if left_out else "",
        )

    def _left_out(self) -> LeftOut | None:
        """Any sample's unseen request leaves the case out, or one that passed without an answer.

        One that failed before it asked leaves it out only where no other heard anything.
        """
        if unseen := next(filter(None, self._unseen.values()), None):
            return unseen
        tried = [number for number, each in self._samples.items() if each.outcome != "lost"]
        passed = [number for number in tried if self._samples[number].outcome == "passed"]
        for number in passed:
            if self._unheard[number]:
                return self._unheard[number]
        if tried and all(self._unheard[number] for number in tried):
            return self._unheard[tried[0]]
        return None


def _asked_anew(capture: Capture) -> bool:
    """Whether a model that is tried has answered live."""
    return any(call.from_model and call.record == "all" for call in capture.calls)


def _prompts_taken() -> dict[str, str]:
    """What the test asked `pins.prompt` for; whoever asked has loaded what knows."""
    runtime = sys.modules.get("modelpin_runtime.prompts")
    return runtime.taken() if runtime else {}


def _is_about_models(case: Case) -> bool:
    return bool(case.models or case.left_out) or any(
        sample.calls or sample.answers or sample.outcome == "lost" for sample in case.samples
    )


def _answer(noted: Noted) -> Answer:
    return Answer(noted.snapshot, noted.accepted, noted.received, noted.judge)


def _call(call: CapturedCall) -> Call:
    reply = _reply(call.exchange)
    return Call(call.name, reply, call.from_model, call.exchange.seconds, call.fingerprint)


def _reply(exchange: Exchange) -> Reply:
    reply = exchange.reply()
    return reply if exchange.response.complete else replace(reply, complete=False)


def _embedding(call: CapturedCall) -> Call | None:
    """The call's vectors; None where it asked for something else."""
    exchange = call.exchange
    read = _read_embedding(exchange)
    if read is None:
        return None
    reply, vectors = read
    return Call(call.name, reply, call.from_model, exchange.seconds, call.fingerprint, vectors)


def _read_embedding(exchange: Exchange) -> tuple[Reply, tuple[Vector, ...]] | None:
    request, response = exchange.request, exchange.response
    if 300 <= response.status < 400:
        return None
    found = read_embeddings(request.method, request.url, request.body, response.content)
    provider = side_provider_for(request.method, request.url)
    if found is None or provider is None:
        return None
    failed = response.status >= 400
    reply = Reply(
        usage=found.usage,
        requested_model=exchange.asked,
        served_model=found.served_model or exchange.served,
        status=response.status,
        error=error_message(wire.parse(response.content)) if failed else None,
        provider=provider.name,
    )
    return reply, tuple(map(vector_of, () if failed else found.items))


def _recorded_call(
    name: str, exchange: Exchange, key: Callable[[Exchange], str | None]
) -> Call | None:
    """What is recorded of a model's pin; None for a side call's reply and for one pending."""
    if (embedding := _read_embedding(exchange)) is not None:
        reply, vectors = embedding
        return Call(name, reply, fresh=False, seconds=0.0, vectors=vectors)
    answer = _recorded_answer(exchange)
    return Call(name, answer, False, 0.0, key(exchange) or "") if answer else None


def _recorded_answer(exchange: Exchange) -> Reply | None:
    """A model's answer as recorded; None for a side call's reply and for one that is pending."""
    request = exchange.request
    path = urlsplit(request.url).path
    asks = provider_for(request.method, request.url, request.body)
    provider = asks or side_provider_for(request.method, request.url)
    response = exchange.response
    if provider is None or 300 <= response.status < 400 or response == NOT_AWAITED:
        return None
    pending = provider.may_be_pending(request.method, path, request.body)
    if asks is None and not pending:
        return None
    reply = _reply(exchange)
    return None if pending and not reply.complete else reply


def junit_properties(case: Case, models: Mapping[str, str]) -> dict[str, str]:
    """What a JUnit report tells of a case beside its outcome; `models` are ids asked, by name."""
    calls = [call for sample in case.samples for call in (*sample.shared, *sample.calls)]
    served = dict.fromkeys(call.reply.served_model for call in calls if call.reply.served_model)
    usage = [call.reply.usage for sample in case.samples for call in sample.calls]
    properties = {f"modelpin.asked.{name}": models[name] for name in case.models if name in models}
    properties |= {"modelpin.served": ", ".join(served)} if served else {}
    properties["modelpin.passed"] = f"{case.passes} of {case.tries}"
    properties |= {"modelpin.lost": str(case.lost)} if case.lost else {}
    properties |= {"modelpin.critical": "true"} if case.critical else {}
    properties |= {"modelpin.category": case.category} if case.category else {}
    for name, counts in (
        ("modelpin.tokens.in", [each.input_tokens for each in usage]),
        ("modelpin.tokens.out", [each.output_tokens for each in usage]),
    ):
        known = [count for count in counts if count is not None]
        if known:
            properties[name] = str(sum(known))
    return properties
