"""Samples that say nothing of the candidate, because its answer never came to the test, or not all
that the pin's samples have: a mock, a cache, a limit of time of the code's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_modelpin.errors import RecordingError
from pytest_modelpin.providers import provider_for, side_provider_for
from pytest_modelpin.recordings.capture import Capture, CapturedCall, Cause
from pytest_modelpin.recordings.exchange import NOT_AWAITED, Exchange
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.store import Recordings
from pytest_modelpin.registry.selection import Selected, Selection

if TYPE_CHECKING:
    from pytest_modelpin.results.case import LeftOut

_HEARD_NOTHING = (
    "a mock, a cache, a cassette or a skip answered in the candidate's place: have the test ask "
    "live when --model tries a candidate; where it needs no model any more, delete its file below "
    "__recordings__/"
)
_UNREAD = (
    "ask it by an API that is read: chat completions, responses, messages, generateContent, "
    "interactions, conversations, Converse, Cohere's chats; where nothing hangs on it, mark the "
    'test `@pytest.mark.modelpin(unseen="allow")`'
)
_ANSWERED_FROM_A_CACHE = (
    "a cache of the code's own answered, as it did in the pin's other samples: turn it off for "
    "tests, then `pytest-modelpin record`; where the test no longer asks that, `pytest "
    "--snapshot-update` takes it out of its recording"
)


class Unheard:
    """Finds samples that hold no answer of a model selected, or not all of those they should."""

    def __init__(
        self,
        selection: Selection,
        recordings: Recordings,
        key: Callable[[Exchange], str | None],
    ) -> None:
        """`key` gives a recorded request's fingerprint."""
        self._selection = selection
        self._recordings = recordings
        self._key = key
        self._asked: set[str] = set()
        """Fingerprints of all that was asked anew in this process."""
        self._kept: dict[tuple[Owner, str], tuple[str, Exchange] | None] = {}

    def why(self, capture: Capture) -> LeftOut | None:
        """Why a case is left out by what a sample, or a fixture, has heard; None otherwise."""
        self._asked.update(call.fingerprint for call in capture.calls if call.from_model)
        return self._why_nothing(capture) or self._why_not_all(capture.owner)

    def why_lost(self, capture: Capture) -> tuple[str, Cause] | None:
        """Why a sample is lost that passed without an answer for which each of the pin's waits.

        The code's own limit of time was up, and it went on with a text of its own. What is
        cancelled on the pin as well, now and then, is cancelled by a guard or a race.
        """
        for call in capture.calls:
            selected = self._selection.models.get(call.name)
            if _is_awaited(call.exchange) or selected is None or selected.is_pin:
                continue
            samples = self._recorded(capture.owner, selected.production)
            waits = [any(self._same(call, each) for each in sample) for sample in samples]
            if waits and all(waits):
                from pytest_modelpin.intercept.failing import question

                asked = question(call.exchange.request.body)
                return f"{call.name}: the test waited for no answer to {asked}", "provider"
        return None

    def _same(self, call: CapturedCall, recorded: Exchange) -> bool:
        """Whether an answer is recorded to what a call asks."""
        return _is_awaited(recorded) and self._key(recorded) == call.fingerprint

    def why_unread(self, capture: Capture) -> LeftOut | None:
        """That a model was asked anew at an address whose answers nothing here reads, so that
        nothing of them is compared.
        """
        for call in capture.calls:
            selected = self._selection.models.get(call.name)
            request = call.exchange.request
            if not (call.side and call.fresh and selected) or _is_question(call.exchange):
                continue
            provider = side_provider_for(request.method, request.url)
            may_be_unread = getattr(provider, "may_be_unread", None)  # a team's own lacks it
            path = urlsplit(request.url).path
            if may_be_unread is not None and may_be_unread(request.method, path):
                from pytest_modelpin.results.case import LeftOut

                return LeftOut(
                    f"asked {selected.name} ({selected.id}) by POST {path}, of which nothing is "
                    "read, and so nothing compared",
                    _UNREAD,
                )
        return None

    def _why_nothing(self, capture: Capture) -> LeftOut | None:
        """That a test heard nothing fresh whose pin is recorded.

        A pin that several logical models share is met by whichever of them the test means.
        """
        for selected in self._selection.asked_anew:
            pin, names = selected.production, _sharing(self._selection, selected)
            if self._recordings.own_file(capture.owner, pin) is None:
                continue
            heard = [
                call.exchange
                for call in capture.calls
                if call.name in names and (call.fresh or call.record == "none")
            ]
            if any(map(_is_awaited, heard)) or (heard and self._may_go_without(capture.owner, pin)):
                continue
            from pytest_modelpin.results.case import LeftOut  # a replay makes no case

            return LeftOut(
                f"heard nothing fresh from {selected.name} ({selected.id}), "
                f"though its pin {pin} is recorded",
                _without_key(self._selection, selected) or _HEARD_NOTHING,
            )
        return None

    def _may_go_without(self, owner: Owner, pin: str) -> bool:
        """Whether some sample of the pin waited for no answer at all, though it asked."""
        samples = self._recorded(owner, pin)
        return not all(any(map(_is_awaited, sample)) for sample in samples)

    def _recorded(self, owner: Owner, pin: str) -> list[tuple[Exchange, ...]]:
        try:
            return [*self._recordings.exchanges(owner, pin).values()]
        except RecordingError:
            return []  # said where it is compared

    def _why_not_all(self, owner: Owner) -> LeftOut | None:
        """An answer that is kept from sample to sample may be kept from the pin's run, too."""
        for selected in self._selection.asked_anew:
            place = owner, selected.production
            if place not in self._kept:
                self._kept[place] = self._answered_once(*place)
            kept = self._kept[place]
            if kept is not None and kept[0] not in self._asked:
                from pytest_modelpin.intercept.failing import question
                from pytest_modelpin.results.case import LeftOut

                return LeftOut(
                    f"did not ask {selected.name} ({selected.id}) {question(kept[1].request.body)} "
                    f"anew, with which a sample of its pin {selected.production} begins",
                    _ANSWERED_FROM_A_CACHE,
                )
        return None

    def _answered_once(self, owner: Owner, pin: str) -> tuple[str, Exchange] | None:
        """What `answered_once` finds among the recorded samples of the pin."""
        if self._recordings.own_file(owner, pin) is None:
            return None
        asked = [
            {name: each for each in sample if _is_question(each) and (name := self._key(each))}
            for sample in self._recorded(owner, pin)
        ]
        first = answered_once(asked)
        if first is None:
            return None
        return first, next(each[first] for each in asked if first in each)


def answered_once(samples: Sequence[Collection[str]]) -> str | None:
    """The question with which one of a test's samples begins and which no other asks at all, since
    its answer was kept; None where there is none. A sample is its questions' fingerprints in order.

    All others then begin with what this one asks later. They begin otherwise with what quotes
    another model's answer, such as a router's, or a number that is drawn.
    """
    times = Counter(name for each in samples for name in each)
    firsts = {next(iter(each)) for each in samples if each}
    for each in samples if len(samples) > 1 else ():
        first = next(iter(each), "")
        if times[first] == 1 and firsts <= {*each}:
            return first
    return None


def _is_question(exchange: Exchange) -> bool:
    request = exchange.request
    return provider_for(request.method, request.url, request.body) is not None


def _is_awaited(exchange: Exchange) -> bool:
    return exchange.response != NOT_AWAITED


def _without_key(selection: Selection, selected: Selected) -> str:
    """What helps where its key is missing: a web framework answers in the place of a client that
    could not be made, so that no test fails by what the client said. Else empty.
    """
    from pytest_modelpin.providers.api_keys import Keys

    lacking = (each for each in Keys(selection).lacking() if selected.name in each.models)
    return next((f"set {each.variables[0]}{each.other_ways}" for each in lacking), "")


def _sharing(selection: Selection, selected: Selected) -> set[str]:
    return {
        each.name for each in selection.models.values() if each.production == selected.production
    }
