"""Whether a case can be compared: its samples of the pin agree, and both sides were asked the same.

What the pin's own samples contradict each other in is no invariant. And a prompt may belong to a
version, as those of `pins.prompt` do: where it moves with the model, a difference between the
answers is of both.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from pytest_modelpin.compare.figures import calls_of
from pytest_modelpin.drift.invariants.case import contradiction
from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.results.case import Call, Case, Sample
from pytest_modelpin.results.run import Run
from pytest_modelpin.wording import OWN_CACHE, some

T = TypeVar("T")


def contradictions_within(run: Run) -> dict[str, str]:
    """By case id, what a run's own samples contradict each other in; only where they do."""
    told = {
        case.id: "; ".join(dict.fromkeys(each for name in names for each in between(case, name)))
        for case in run.cases
        if len(case.samples) > 1 and (names := case.models)
    }
    return {case: said for case, said in told.items() if said}


def nothing_recorded_of(cases: Sequence[str]) -> str:
    """Why cases that the candidate has answered have nothing to be compared with, as a clause."""
    said = (
        f"production's run holds no answer of {some(cases)} to compare with; where it is not "
        f"recorded as it is asked now: `pytest-modelpin record`; where it is, {OWN_CACHE} "
        "answered in its place: turn it off for tests"
    )
    changing = [case for case in cases if changes_by_itself(case)]
    if not changing:
        return said
    return (
        f"{said}; and where the id of {some(changing, 2)} is another one from run to run, no "
        "recording is ever found again: give its parameters ids that stay, by `ids=`"
    )


def changes_by_itself(case: str) -> bool:
    """Whether an id's parameters read like what another run or day gives another value: an address
    in memory, a date, a random id.
    """
    return _OF_A_RUN.search(case.partition("[")[2]) is not None


_OF_A_RUN = re.compile(
    r" at 0x[0-9a-f]{6,}|\b20\d\d-\d\d-\d\d|\b1[6-9]\d{8}(?:\.|\b)"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b",
    re.IGNORECASE,
)
"""Of the numbers, seconds since 1970."""


def in_order_of(pin: Case, case: Case) -> Case:
    """The case with the calls of each sample in the order in which the pin's first one has them.

    Replies are compared place by place, and a test may ask several at once, by threads or tasks:
    which of them comes first is chance. What the pin was not asked stays where it is, such as what
    quotes an earlier answer.
    """
    calls = next((sample.calls for sample in pin.samples if sample.calls), ())
    if len(calls) < 2:
        return case
    places = {asked: place for place, asked in enumerate(_numbered(calls))}
    samples = [_in_order(sample, places) for sample in case.samples]
    same = all(new is old for new, old in zip(samples, case.samples, strict=True))
    return case if same else replace(case, samples=tuple(samples))


def _in_order(sample: Sample, places: Mapping[tuple[str, str, int], int]) -> Sample:
    found = [places.get(asked) for asked in _numbered(sample.calls)]
    known = [place for place in found if place is not None]
    if known == sorted(known):
        return sample
    by_place = dict(zip(found, sample.calls, strict=True))
    ordered = iter(sorted(known))
    return replace(
        sample,
        calls=tuple(
            call if place is None else by_place[next(ordered)]
            for place, call in zip(found, sample.calls, strict=True)
        ),
    )


def _numbered(calls: Iterable[Call]) -> list[tuple[str, str, int]]:
    """What each call asked which model, and how often that was asked before."""
    before: Counter[tuple[str, str]] = Counter()
    found = []
    for call in calls:
        found.append((call.name, call.request, before[call.name, call.request]))
        before[call.name, call.request] += 1
    return found


def between(case: Case, name: str) -> tuple[str, ...]:
    """What the samples of a case contradict each other in, a sentence an answer or reply.

    Of an answer given to `model_snapshot` that is one reply's text, the answer alone tells it.
    """
    tried = [sample for _, sample in in_order_of(case, case).tried]
    snapshots = snapshots_of(tried)
    found: dict[tuple[str, str], str] = {}
    known: list[Sequence[JSON]] = []
    for snapshot in snapshots:
        said = received(tried, snapshot)
        known.append(said)
        if (pair := contradiction(said)) is not None:
            found[pair] = f" in {snapshot}" if len(snapshots) > 1 else ""  # else the case says it
    for texts in by_place([[c.reply.text for c in calls_of(sample, name)] for sample in tried]):
        # Most answers are a reply's text as it is, and need no second look.
        if texts not in known and (pair := contradiction(texts)) is not None:
            found.setdefault(pair, "")
    return tuple(" and ".join(map(_excerpt, pair)) + where for pair, where in found.items())


def by_place(samples: Sequence[Sequence[T]]) -> Iterator[list[T]]:
    """All samples' first replies, then all second ones."""
    for index in range(max(map(len, samples), default=0)):
        yield [replies[index] for replies in samples if index < len(replies)]


def snapshots_of(samples: Iterable[Sample]) -> list[str]:
    """The names under which the samples' answers are accepted, each once."""
    names = (answer.snapshot for sample in samples for answer in sample.answers)
    return list(dict.fromkeys(names))


def received(samples: Iterable[Sample], snapshot: str) -> list[JSON]:
    """What the samples gave to one snapshot."""
    return [
        answer.received
        for sample in samples
        for answer in sample.answers
        if answer.snapshot == snapshot
    ]


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else f"{line[:59]}…")


_PROMPT = frozenset({
    "messages", "input", "contents", "prompt", "message", "chat_history",
    "system", "instructions", "systemInstruction", "system_instruction", "preamble",
    "tools", "functions", "toolConfig", "response_format", "text", "generationConfig", "documents",
})  # fmt: skip
"""Fields of a request that say what is wanted, of whichever API; the others are settings, which a
version may take or refuse: a temperature, a limit, an effort."""
_ANSWER_FORM = {"text": ("format",), "generationConfig": ("responseSchema", "responseJsonSchema")}
"""Of fields that hold settings, too: what in them says what is wanted."""


def has_other_prompt(pin: Case, candidate: Case, name: str) -> bool:
    """Whether a case asked the logical model `name` something else on its two sides.

    Told by the prompts that it took by `pins.prompt`, and by what its samples first ask: later
    requests may quote an earlier answer. A case that asks the pin something else from sample to
    sample says nothing of it.
    """
    before, after = _by_task(pin.prompts), _by_task(candidate.prompts)
    if any(before[task] != after[task] for task in before.keys() & after.keys()):
        return True
    first, second = _first_prompts(pin, name), _first_prompts(candidate, name)
    return len(first) == 1 and bool(second) and not first & second


def prompts_mark(cases: Iterable[Case], moved: Collection[str], name: str) -> str:
    """A short hash of what the candidate's cases that `moved` ask; empty where none did.

    Evidence of a candidate with one prompt is none of the same candidate with another.
    """
    if not moved:
        return ""
    digest = hashlib.sha256()
    for case in sorted(cases, key=lambda case: case.id):
        if case.id in moved:
            asked = sorted(_first_prompts(case, name))
            told = [case.id, asked, sorted(case.prompts.items())]
            digest.update(json.dumps(told).encode())
    return digest.hexdigest()[:8]


def _by_task(prompts: Mapping[str, str]) -> dict[str, set[str]]:
    """Hashes by task: a prompt's name is `<task>/<version or default>`."""
    found: dict[str, set[str]] = {}
    for prompt, hash in prompts.items():
        found.setdefault(prompt.rpartition("/")[0], set()).add(hash)
    return found


def _first_prompts(case: Case, name: str) -> set[str]:
    """What each sample first asked of a logical model, without its settings."""
    firsts = (
        next((call.request for call in (*sample.shared, *sample.calls) if call.name == name), "")
        for sample in case.samples
    )
    return {_prompt(case.questions[one]) if one in case.questions else one for one in firsts if one}


def _prompt(body: JSON) -> str:
    """Of a request's body, what says what is wanted; all of it where no field is known."""
    if isinstance(body, Mapping):
        known = {field: _wanted(field, body[field]) for field in sorted(_PROMPT & body.keys())}
        body = {field: value for field, value in known.items() if value not in (None, {})} or body
    return json.dumps(body, sort_keys=True)


def _wanted(field: str, value: JSON) -> JSON:
    if field in _ANSWER_FORM and isinstance(value, Mapping):
        return {key: value[key] for key in _ANSWER_FORM[field] if key in value}
    return value
