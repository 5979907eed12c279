"""The recorded exchanges that may answer one test's requests to one model, looked up by hash;
and what becomes of a request given them: it is replayed, sent, or fails its test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urljoin, urlsplit

from pytest_modelpin.providers.catalogue import is_known_host
from pytest_modelpin.recordings.capture import CapturedCall, RequestKey, UnusedExchanges
from pytest_modelpin.recordings.exchange import (
    NOT_AWAITED,
    Exchange,
    Request,
    Response,
    StoredReply,
)
from pytest_modelpin.recordings.outgoing import Outgoing
from pytest_modelpin.recordings.recording_file import Recording
from pytest_modelpin.recordings.reply_content import split_events

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""Statuses with which a client goes on to where the reply says."""

Gap = Literal["no file", "no such request", "fewer times", "other sample"]
"""Why a recorded exchange was not found."""


class Found(NamedTuple):
    """A recorded exchange, and the version whose folder holds it."""

    exchange: Exchange
    version: str


class RecordedExchanges:
    """Recordings in the order in which they are asked."""

    def __init__(
        self,
        recordings: Sequence[tuple[Path, Recording]],
        looked_at: Sequence[Path],
        asked: str,
        key: Callable[[Exchange], str | None],
        *,
        pinned: bool,
    ) -> None:
        """`looked_at` are the files of the id `asked`; the last of them lies beside the test."""
        self.looked_at = tuple(looked_at)
        self._asked = None if pinned else asked
        self._recordings = tuple(recordings)
        self._by_key: list[dict[str, dict[int, list[Found]]]] = []
        for _, recording in recordings:
            index: dict[str, dict[int, list[Found]]] = {}
            exchanges: Sequence[Exchange] = recording.exchanges
            if len(exchanges) > 1:
                # What was asked under this very id comes first: two ids may lead to one version.
                exchanges = sorted(exchanges, key=lambda each: each.asked != asked)
            for exchange in exchanges:
                if (name := key(exchange)) is not None:
                    found = Found(exchange, recording.version)
                    index.setdefault(name, {}).setdefault(exchange.sample, []).append(found)
            self._by_key.append(index)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All that is recorded, for saying what is nearest to a request."""
        return tuple(exchange for _, each in self._recordings for exchange in each.exchanges)

    def different(self) -> int:
        """How many different requests are recorded, whatever their samples."""
        return len({key for index in self._by_key for key in index})

    def asked_by_samples(self) -> list[list[str]]:
        """What each recorded sample asked, in order, by key."""
        samples: dict[int, list[str]] = {}
        for (_, recording), by_key in zip(self._recordings, self._by_key, strict=True):
            keys = {
                id(found.exchange): key
                for key, by_sample in by_key.items()
                for each in by_sample.values()
                for found in each
            }
            for exchange in recording.exchanges:
                if (asked := keys.get(id(exchange))) is not None:
                    samples.setdefault(exchange.sample, []).append(asked)
        return list(samples.values())

    def holds(self, key: str) -> bool:
        """Whether the request is recorded, for whichever sample."""
        return any(key in index for index in self._by_key)

    def held_for(self, asks: Callable[[Request], bool], sample: int) -> str | None:
        """The key of a recorded request with a secret taken out that `asks` as this one does.

        One that is recorded for the sample comes first.
        """
        from pytest_modelpin.recordings.redacted_request import has_placeholder

        requests = {
            key: next(iter(samples.values()))[0].exchange.request
            for index in self._by_key
            for key, samples in index.items()
        }
        keys = [
            key
            for key, request in requests.items()
            if has_placeholder([request.url, request.body]) and asks(request)
        ]
        return next((key for key in keys if self.times(sample, key)), next(iter(keys), None))

    def find(self, sample: int, key: str, ordinal: int) -> Found | None:
        """The exchange of the request asked for the `ordinal`-th time (from 0), or None."""
        for index in self._by_key:
            found = index.get(key, {}).get(sample, ())
            if ordinal < len(found):
                return found[ordinal]
        return None

    def last(self, sample: int, key: str) -> Found | None:
        """The last exchange of the request, however often it is asked."""
        times = self.times(sample, key)
        return self.find(sample, key, times - 1) if times else None

    def of_another(self, sample: int, key: str, ordinal: int) -> Found | None:
        """The exchange in another sample's place: one sample after the other, and round again."""
        samples = self.samples(key)
        return self.find(samples[(sample - 1) % len(samples)], key, ordinal) if samples else None

    def times(self, sample: int, key: str) -> int:
        """How often the request is recorded for this sample."""
        return max((len(index.get(key, {}).get(sample, ())) for index in self._by_key), default=0)

    def samples(self, key: str) -> tuple[int, ...]:
        """The samples for which the request is recorded."""
        return tuple(sorted({sample for index in self._by_key for sample in index.get(key, ())}))

    def unused(self, sample: int, times: Mapping[str, int]) -> UnusedExchanges | None:
        """The exchanges of a sample in the test's own file that it did not ask for, and those in
        which other samples ask what this one did not ask even once; None where it asked for all.

        `times` says how often each request was asked. All that lies in a pin's folder is the
        pin's; in another id's, what was recorded under further ids is left out.
        """
        for (path, recording), by_key in zip(self._recordings, self._by_key, strict=True):
            if path != self.looked_at[-1]:
                continue
            used = {
                id(found.exchange)
                for key, asked in times.items()
                for found in by_key.get(key, {}).get(sample, ())[:asked]
            }
            if len(used) == len(recording.exchanges):  # as in nearly every test
                return None
            gone = [each for key, each in by_key.items() if sample in each and not times.get(key)]
            alike = {id(one.exchange) for each in gone for found in each.values() for one in found}
            left = [
                (index, exchange.sample == sample)
                for index, exchange in enumerate(recording.exchanges)
                if self._asked in (None, exchange.asked)
                and id(exchange) not in used
                and (exchange.sample == sample or id(exchange) in alike)
            ]
            unused = tuple(index for index, own in left if own)
            same = tuple(index for index, own in left if not own)
            return UnusedExchanges(path, unused, same) if unused else None
        return None

    def gap(self, sample: int, key: str) -> Gap:
        """Why a request that `find` did not find is missing."""
        if not self._recordings:
            return "no file"
        if self.times(sample, key):
            return "fewer times"
        return "other sample" if self.samples(key) else "no such request"


class Replay(NamedTuple):
    """The recorded exchange answers."""

    found: Found


class Hold(NamedTuple):
    """Nobody waited for the answer when it was recorded, so that there is none."""


class SendLive(NamedTuple):
    """The provider is to answer."""


class Fail(NamedTuple):
    """Nothing is recorded, and nothing may be sent."""


Decision = Replay | Hold | SendLive | Fail
"""What to do with a request of a test to a model. What asks no model passes before."""


def decide(
    outgoing: Outgoing, key: RequestKey, recorded: RecordedExchanges, *, others_live: bool = False
) -> Decision:
    """What becomes of a request, given what is recorded of its test.

    Where other models are asked live, it may be for more samples than the pin at hand has: one that
    is replayed beside them then answers from its samples in turn.
    """
    found = recorded.find(key.sample, key.fingerprint, key.ordinal)
    if found is None and others_live and outgoing.record == "none":
        found = recorded.of_another(key.sample, key.fingerprint, key.ordinal)
    if found is None and outgoing.kind == "side" and outgoing.record == "none":
        # How often a client looks something up depends on what it has kept from other tests.
        found = recorded.last(key.sample, key.fingerprint)
    if found is not None:
        return Hold() if found.exchange.response == NOT_AWAITED else Replay(found)
    return Fail() if outgoing.record == "none" else SendLive()


def recorded_under(outgoing: Outgoing, recorded: RecordedExchanges, sample: int = 1) -> str:
    """The request's fingerprint.

    A request without secrets is recorded as it was sent: whether this one has any need only be
    looked into where that is not found. It may have been recorded where other words were secret.
    """
    as_sent = outgoing.fingerprint_as_sent
    if recorded.holds(as_sent):
        return as_sent
    if recorded.holds(outgoing.fingerprint):
        return outgoing.fingerprint
    return recorded.held_for(outgoing.is_asked_by, sample) or outgoing.fingerprint


def replayed(found: Found, key: RequestKey, outgoing: Outgoing) -> tuple[StoredReply, CapturedCall]:
    """The recorded reply for the client, events one by one, and what is noted of it."""
    response = found.exchange.response
    reply = StoredReply(response.status, _headers(response, outgoing), _chunks(response))
    call = CapturedCall(
        name=outgoing.name,
        exchange=found.exchange,
        fresh=False,
        fingerprint=key.fingerprint,
        version=found.version,
        record=outgoing.record,
        side=outgoing.kind != "answer"
        and outgoing.is_side_reply(response.status, response.headers, response.content),
    )
    return reply, call


def _headers(response: Response, outgoing: Outgoing) -> Mapping[str, str]:
    """The recorded ones, without where they redirect to if that is no host of the model's.

    A client follows it with the key, past all that is recorded: no file may lead it to a host
    of a stranger's, and no replay to the network.
    """
    if response.status not in _REDIRECTS:
        return response.headers
    headers = {name.lower(): value for name, value in response.headers.items()}
    if (where := headers.pop("location", None)) is None:
        return headers
    try:
        url = urljoin(outgoing.url, where)
        here, there = urlsplit(outgoing.url), urlsplit(url)
    except ValueError:
        stays = False
    else:
        known = there.hostname == here.hostname or is_known_host(url, outgoing.provider)
        stays = known and there.scheme in (here.scheme, "https")
    return {**headers, "location": where} if stays else headers


def _chunks(response: Response) -> Sequence[bytes]:
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        try:
            return [event.encode() for event in split_events(response.content.decode())]
        except UnicodeDecodeError:
            pass
    return [response.content] if response.content else []
