"""Which requests a test will send, as far as its production recording tells, and what tells those
that it sends from them, in its reader's words.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urlsplit

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers import provider_for
from pytest_modelpin.providers.provider import Provider
from pytest_modelpin.providers.wire import JSON, Reply
from pytest_modelpin.recordings.exchange import NOT_AWAITED, Exchange
from pytest_modelpin.recordings.outgoing import canonical, canonical_but_ids
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.recording_file import read
from pytest_modelpin.redaction.spellings import PLACEHOLDER
from pytest_modelpin.registry.selection import Selection
from pytest_modelpin.wording import clipped, counted

Origin = tuple[str, str, str, str]
"""Scheme and host as recorded, path without the model, query: what one route leads to."""


@dataclass(frozen=True, slots=True)
class UpcomingTest:
    """A test, or a shared fixture, that will run."""

    owner: Owner
    samples: int = 1
    names: tuple[str, ...] = ()
    """The logical models that the test declares."""
    shared: bool = False
    """Whether it is a fixture, set up for the test that follows."""


@dataclass(frozen=True, slots=True)
class ExpectedRequest:
    """One request that a test sent when it was recorded, now for the selected model."""

    provider: Provider
    origin: Origin
    path: str
    body: JSON
    asked: str
    fingerprint: str
    ordinal: int
    """How many steps before have the same fingerprint."""
    recorded: Exchange

    def is_answered_alike(self, reply: Reply) -> bool:
        """Whether a new reply says the same as the recorded one, so that the next step follows.

        Never behind a tool call: what follows it names the call by an id that no two replies share.
        """
        response = self.recorded.response
        before = self.provider.read(
            self.path, self.body, response.status, response.headers, response.content
        )
        return not before.tools and (before.text, before.tools, before.status) == (
            reply.text,
            reply.tools,
            reply.status,
        )


Script = list[ExpectedRequest]
"""What a test asks of one model, in the order of its recording."""


class ExpectedRequests:
    """What the recordings of tests let expect; that of the test asked for last is kept."""

    def __init__(self, expected_requests: Callable[[UpcomingTest], list[Script]]) -> None:
        self._all = expected_requests
        self._reading = threading.Lock()
        self._last: tuple[Owner, tuple[str, ...]] | None = None
        self._steps: dict[str, ExpectedRequest] = {}

    def scripts(self, upcoming: UpcomingTest) -> list[Script]:
        """What a test will ask, a list of steps for each model, in the order of its recording.

        Without that for which it did not wait then: sent ahead, it would be answered in time.
        """
        return [
            [step for step in script if step.recorded.response != NOT_AWAITED]
            for script in self._all(upcoming)
        ]

    def steps(self, owner: Owner, names: tuple[str, ...]) -> dict[str, ExpectedRequest]:
        """By fingerprint; read once for all that the test asks of the logical models `names`."""
        with self._reading:
            if self._last != (owner, names):
                scripts = self._all(UpcomingTest(owner, names=names))
                steps = [step for script in scripts for step in script]
                self._steps = {step.fingerprint: step for step in reversed(steps)}
                self._last = (owner, names)
            return self._steps


def expected_requests(
    upcoming: UpcomingTest,
    *,
    selection: Selection,
    key: Callable[[Exchange], str | None],
) -> list[Script]:
    """What a test asked each pin whose selection is live now, in order; a list for each pin.

    A recorded request that was redacted can't be sent again: nothing is expected from there on. A
    recording that can't be read lets nothing be expected.
    """
    scripts = []
    for pin in sorted({selected.production for selected in selection.asked_anew}):
        try:
            recording = read(upcoming.owner.file(pin))
        except ModelpinError:
            continue
        if recording is not None:
            scripts.append(_script(recording.exchanges, pin, upcoming.names, selection, key))
    return scripts


def _script(
    exchanges: Sequence[Exchange],
    pin: str,
    names: Sequence[str],
    selection: Selection,
    key: Callable[[Exchange], str | None],
) -> Script:
    steps: Script = []
    times: Counter[str] = Counter()
    sample = min((exchange.sample for exchange in exchanges), default=1)
    try:
        selected = selection.route(pin, names)
    except ModelpinError:
        return []
    if selected is None or selected.record != "all":
        return []
    for exchange in exchanges:
        request, fingerprint = exchange.request, key(exchange)
        provider = provider_for(request.method, request.url, request.body)
        if exchange.sample != sample:
            continue
        if provider is None and fingerprint is not None:
            continue  # a side call, which is asked as it comes
        if provider is None or fingerprint is None or _redacted(request.body):
            break
        parts = urlsplit(request.url)
        path, body = provider.with_model(parts.path, request.body, selected.id)
        steps.append(
            ExpectedRequest(
                provider,
                origin_of(provider, request.url, request.body),
                path,
                body,
                selected.id,
                fingerprint,
                times[fingerprint],
                exchange,
            )
        )
        times[fingerprint] += 1
    return steps


def origin_of(provider: Provider, url: str, body: JSON) -> Origin:
    """What a recorded request's route is known by."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc, provider.without_model(parts.path, body)[0], parts.query


def _redacted(body: JSON) -> bool:
    return PLACEHOLDER in canonical(body)


_MOST_NAMED = 3  # fields of one request
_MOST_EXPLAINED = 20  # requests of a run; the others are counted
_MOST_COMPARED = 50  # recorded requests, to find the nearest
_LONGEST_FIELD = 80


@dataclass(slots=True)
class Differences:
    """Collects them; one sentence for all requests that differ in the same."""

    _twice: dict[str, list[Owner]] = field(default_factory=dict)
    _unexpected: dict[str, list[Owner]] = field(default_factory=dict)
    _explained: int = 0

    def sent_twice(self, owner: Owner, names: Iterable[str]) -> None:
        """What was sent ahead for a test differs in these from what it asks."""
        self._twice.setdefault(_listed(names), []).append(owner)

    def unexpected(self, owner: Owner, body: JSON, recorded: Sequence[JSON]) -> None:
        """A test asks what its recording does not have, though it has these."""
        names: list[str] = []
        if self._explained < _MOST_EXPLAINED:
            self._explained += 1
            near = (differing_fields(each, body) for each in recorded[:_MOST_COMPARED])
            names = min(near, key=len, default=[])
        self._unexpected.setdefault(_listed(names), []).append(owner)

    def notes(self) -> list[str]:
        """What the run's reader must know of them."""
        return [
            f"{counted(len(those), 'request was', 'requests were')} sent twice: what was sent "
            f"ahead differed in {names} ({_first(those)})."
            for names, those in self._twice.items()
        ] + [
            f"{counted(len(those), 'request was', 'requests were')} not sent ahead: "
            f"{names or 'what is asked'} is not as recorded on the pin ({_first(those)}). "
            "`pytest-modelpin record` records it anew."
            for names, those in self._unexpected.items()
        ]


def differing_fields(before: JSON, after: JSON) -> list[str]:
    """Where two bodies differ, as in `messages[0].content`; the first few places.

    A list that is longer or shorter is named itself. Ids that a client made up are no difference.
    """
    if before == after:  # mostly, and told much sooner
        return []
    if canonical_but_ids(before) == canonical_but_ids(after):
        return []
    return list(islice(_differing(before, after, ""), _MOST_NAMED + 1))


def _differing(before: JSON, after: JSON, where: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            inner = f"{where}.{name}" if where else name
            if (name in before) != (name in after):
                yield inner
            elif name in before:
                yield from _differing(before[name], after[name], inner)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differing(one, other, f"{where}[{number}]")
    elif before != after:
        yield where or "body"


def _listed(names: Iterable[str]) -> str:
    clean = [clipped(" ".join(name.split()), _LONGEST_FIELD) for name in names]
    return ", ".join(clean[:_MOST_NAMED]) + ", …" * (len(clean) > _MOST_NAMED)


def _first(owners: Sequence[Owner]) -> str:
    return ("first in " if len(owners) > 1 else "in ") + owners[0].address
