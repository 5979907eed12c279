"""Deciding about a request to a model: replay it, send it, or fail its test for want of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pytest_modelpin.recordings.capture import CapturedCall, RequestKey
from pytest_modelpin.recordings.exchange import Response
from pytest_modelpin.recordings.outgoing import Outgoing
from pytest_modelpin.recordings.recorded_exchanges import Found, RecordedExchanges
from pytest_modelpin.recordings.recording_file import split_events
from pytest_modelpin.recordings.wire import StoredReply


class Replay(NamedTuple):
    """The recorded exchange answers."""

    found: Found


class SendLive(NamedTuple):
    """The provider is to answer."""


class Fail(NamedTuple):
    """Nothing is recorded, and nothing may be sent."""


Decision = Replay | SendLive | Fail
"""What to do with a request of a test to a model. What asks no model passes before."""


def decide(outgoing: Outgoing, key: RequestKey, recorded: RecordedExchanges) -> Decision:
    """What becomes of a request, given what is recorded of its test."""
    found = recorded.find(key.sample, key.fingerprint, key.ordinal)
    if found is None and outgoing.kind == "side" and outgoing.record == "none":
        # How often a client looks something up depends on what it has kept from other tests.
        found = recorded.last(key.sample, key.fingerprint)
    if found is not None:
        return Replay(found)
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
    reply = StoredReply(response.status, dict(response.headers), _chunks(response))
    call = CapturedCall(
        name=outgoing.name,
        exchange=found.exchange,
        fresh=False,
        fingerprint=key.fingerprint,
        version=found.version,
        record=outgoing.record,
        side=outgoing.is_side_reply(response.status, response.headers, response.content),
    )
    return reply, call


def _chunks(response: Response) -> Sequence[bytes]:
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        try:
            return [event.encode() for event in split_events(response.content.decode())]
        except UnicodeDecodeError:
            pass
    return [response.content] if response.content else []
