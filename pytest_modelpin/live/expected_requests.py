"""Which requests a test will send, as far as its production recording tells."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers.provider import Provider
from pytest_modelpin.providers.reply import JSON, Reply
from pytest_modelpin.recordings.exchange import Exchange
from pytest_modelpin.recordings.matching import canonical
from pytest_modelpin.recordings.on_disk import read
from pytest_modelpin.recordings.outgoing import ProviderFor
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.store import Recordings
from pytest_modelpin.redaction.spellings import PLACEHOLDER
from pytest_modelpin.registry.selection import Selection

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
        self.scripts = expected_requests
        """What a test will ask, a list of steps for each model, in the order of its recording."""
        self._reading = threading.Lock()
        self._last: tuple[Owner, tuple[str, ...]] | None = None
        self._steps: dict[str, ExpectedRequest] = {}

    def steps(self, owner: Owner, names: tuple[str, ...]) -> dict[str, ExpectedRequest]:
        """By fingerprint; read once for all that the test asks of the logical models `names`."""
        with self._reading:
            if self._last != (owner, names):
                scripts = self.scripts(UpcomingTest(owner, names=names))
                steps = [step for script in scripts for step in script]
                self._steps = {step.fingerprint: step for step in reversed(steps)}
                self._last = (owner, names)
            return self._steps


def expected_requests(
    upcoming: UpcomingTest,
    *,
    selection: Selection,
    recordings: Recordings,
    providers: ProviderFor,
    key: Callable[[Exchange], str | None],
) -> list[Script]:
    """What a test asked each pin whose selection is live now, in order; a list for each pin.

    A recorded request that was redacted can't be sent again: nothing is expected from there on. A
    recording that can't be read lets nothing be expected.
    """
    pins = {
        selected.production for selected in selection.models.values() if selected.record == "all"
    }
    scripts = []
    for pin in sorted(pins):
        try:
            recording = read(recordings.path(upcoming.owner, pin))
        except ModelpinError:
            continue
        if recording is not None:
            scripts.append(
                _script(recording.exchanges, pin, upcoming.names, selection, providers, key)
            )
    return scripts


def _script(
    exchanges: Sequence[Exchange],
    pin: str,
    names: Sequence[str],
    selection: Selection,
    providers: ProviderFor,
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
        provider = providers(request.method, request.url, request.body)
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
