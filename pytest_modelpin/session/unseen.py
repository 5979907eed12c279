"""What a test's end shows to have gone past the run: lost, unseen, unheard, unrecorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from modelpin_runtime.errors import nearest
from pytest_modelpin.errors import RecordingError
from pytest_modelpin.files import safe_name
from pytest_modelpin.intercept.unseen.alarm import Alarm, remedy
from pytest_modelpin.providers import identify, known_providers, provider_for
from pytest_modelpin.recordings.capture import Capture, CapturedCall, Cause
from pytest_modelpin.recordings.exchange import NOT_AWAITED, Exchange
from pytest_modelpin.recordings.owner import Owner, version_folders
from pytest_modelpin.recordings.store import Recordings
from pytest_modelpin.registry.selection import Selected, Selection
from pytest_modelpin.wording import some

if TYPE_CHECKING:
    from pytest_modelpin.results.case import LeftOut, Outcome


_HEARD_NOTHING = (
    "a mock, a cache, a cassette or a skip answered in the candidate's place: have the test ask "
    "live when --model tries a candidate; where it needs no model any more, delete its file below "
    "__recordings__/"
)
_ALLOWED = (
    "where the call has nothing to do with the model that is tested, mark the test "
    '`@pytest.mark.modelpin(unseen="allow")`'
)


def left_out_by(alarms: Sequence[Alarm]) -> LeftOut | None:
    """Why a case is left out that asked unseen; None where it did not."""
    if not alarms:
        return None
    from pytest_modelpin.results.case import LeftOut

    first = alarms[0]
    more = f" (and {len(alarms) - 1} more)" if len(alarms) > 1 else ""
    cure = remedy(first) if first.model else f"{remedy(first)}; {_ALLOWED}"
    return LeftOut(f"{first.said}, unseen{more}", cure)


def asked_outside(alarm: Alarm) -> str:
    """That a model was asked unseen while no test ran, with what helps."""
    return f"code outside of any test {alarm.said}, unseen; what helps: {remedy(alarm)}"


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
        owner = capture.owner
        nothing = why_nothing_fresh(self._selection, capture, partial(self._is_answered, owner))
        return nothing or self._why_not_all(owner)

    def why_lost(self, capture: Capture) -> tuple[str, Cause] | None:
        """Why a sample is lost that passed without an answer for which each of the pin's waits.

        The code's own limit of time was up, and it went on with a text of its own. What is
        cancelled on the pin as well, now and then, is cancelled by a guard or a race.
        """
        for call in capture.calls:
            selected = self._selection.models.get(call.name)
            if call.exchange.response != NOT_AWAITED or selected is None or selected.is_pin:
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
        return recorded.response != NOT_AWAITED and self._key(recorded) == call.fingerprint

    def _is_answered(self, owner: Owner, pin: str) -> bool:
        """Whether the pin is recorded, and with an answer in each sample: whoever may go without
        waiting for one there may go without the candidate's.
        """
        if self._recordings.own_file(owner, pin) is None:
            return False
        samples = self._recorded(owner, pin)
        return all(any(each.response != NOT_AWAITED for each in sample) for sample in samples)

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


def why_nothing_fresh(
    selection: Selection, capture: Capture, is_recorded: Callable[[str], bool]
) -> LeftOut | None:
    """Why a case is left out whose pin is recorded and that heard nothing fresh; None otherwise.

    `is_recorded` tells whether the test has a recording of an id. A pin that several logical
    models share is met by whichever of them the test means.
    """
    for selected in selection.asked_anew:
        sharing = _sharing(selection, selected)
        if not _met(capture, sharing) and is_recorded(selected.production):
            from pytest_modelpin.results.case import LeftOut  # a replay makes no case

            return LeftOut(
                f"heard nothing fresh from {selected.name} ({selected.id}), "
                f"though its pin {selected.production} is recorded",
                _without_key(selection, selected) or _HEARD_NOTHING,
            )
    return None


def _without_key(selection: Selection, selected: Selected) -> str:
    """What helps where its key is missing: a web framework answers in the place of a client that
    could not be made, so that no test fails by what the client said. Else empty.
    """
    from pytest_modelpin.providers.api_keys import Keys

    lacking = (each for each in Keys(selection).lacking() if selected.name in each.models)
    return next((f"set {each.variables[0]}{each.other_ways}" for each in lacking), "")


def lost_to(
    outcome: Outcome, captures: Iterable[Capture], *, pinned: bool
) -> tuple[str, Cause] | None:
    """What kept a sample from its answer, so that it is lost; None where nothing did.

    One that failed did so for a provider's trouble, or off the pins for what is not recorded. One
    that passed off the pins without a reply went on with something else, such as a text of its
    code's own, which says nothing of the model; what the client itself did not wait for is its own
    affair. In `captures` are the sample's own and those of the fixtures that its test shares with
    others.
    """
    for capture in captures:
        if outcome == "failed":
            for each in (*capture.trouble, *capture.refused):
                return each.said, each.cause
            for miss in () if pinned else capture.misses:
                return miss, "provider"
        elif outcome == "passed" and not pinned:
            for each in capture.trouble:
                if not each.given_up:
                    return each.said, each.cause
    return None


def unrecorded(test: str, capture: Capture) -> str:
    """That a test which passed did so on what can't be recorded; empty where all could be."""
    trouble = capture.trouble
    if not trouble:
        return ""
    what = "nothing" if not capture.calls else "not all that it asked"
    first = trouble[0]
    answer = " ".join(f"{first.what} {first.message}".split())
    more = f", and {len(trouble) - 1} more" if len(trouble) > 1 else ""
    return (
        f"{test} passed but recorded {what}: {first.name} answered {answer}{more}. A provider's "
        "error is not recorded, so replaying the test will fail; mock that reply."
    )


Said = tuple[str, str]
"""A sentence for a run's end, and the test that it is said of; "" where it names that itself."""


def gathered(said: Iterable[Said]) -> list[str]:
    """What is said, each once, with the first tests that it is said of and how many more."""
    tests: dict[str, dict[str, None]] = {}
    for sentence, test in said:
        tests.setdefault(sentence, {}).update({test: None} if test else {})
    return [f"{each} ({some(list(of), 2)})" if of else each for each, of in tests.items()]


def of_live_replies(test: str, capture: Capture, names: Collection[str]) -> list[Said]:
    """What the end of the run must say of replies that came over the network."""
    return [*went_live(test, capture, names), *out_of_caches(test, capture)]


def went_live(test: str, capture: Capture, names: Collection[str]) -> list[Said]:
    """Which models answered live though models.yml names them not."""
    unnamed = [call for call in capture.calls if call.fresh and call.name not in names]
    if not unnamed:
        return []
    no_ids = {provider.name for provider in known_providers()}  # of calls that name no model
    ids = (call.name for call in unnamed if not (call.side and call.name in no_ids))
    return [not_named(model, test) for model in dict.fromkeys(ids)]


def out_of_caches(test: str, capture: Capture) -> list[Said]:
    """What came out of a cache on the way to a provider, so that no model was asked."""
    headers = dict.fromkeys(call.cached for call in capture.calls if call.cached)
    return [
        (
            f"from a cache, by its header {header}: a gateway answered in a model's place, so the "
            "reply is not fresh; have it keep nothing of what tests ask",
            test,
        )
        for header in headers
    ]


def unpinned(selection: Selection, asked: Collection[str], folders: Iterable[Path]) -> list[str]:
    """That ids were `asked` which models.yml does not name, while nothing is recorded of a pin of
    the same provider's: most likely one of the two is mistyped, or only one of them was moved.

    `folders` are those of the tests that were collected.
    """
    if not asked:
        return []
    recorded = {each.name for folder in folders for each in version_folders(folder)}
    pins = {
        each.production: each.name
        for each in selection.models.values()
        if safe_name(each.production) not in recorded
    }
    said = []
    for id in sorted(asked):
        whose = identify(id).provider
        rivals = [pin for pin in pins if identify(pin).provider in (None, whose)]
        pin = nearest(id, rivals, 0.0) if rivals else None
        if pin is not None:
            near = nearest(pin, recorded, 0.0)
            said.append(
                f"unpinned: {id} was asked, but models.yml does not name it; it pins {pins[pin]} "
                f"to {pin}, of which nothing is recorded beside these tests"
                f"{f'. The nearest recorded version is {near}' if near else ''}."
            )
    return said


def not_named(model: str, test: str) -> Said:
    """That a model was asked live which models.yml does not name."""
    return f"went live: {model}, not in models.yml", test


def alarm_sentences(test: str, alarms: Iterable[Alarm], *, is_said: bool) -> list[Said]:
    """What the end of the run says of a test that was let through; `is_said`: that it asked is."""
    found = []
    for alarm in alarms:
        if alarm.model:
            found.append(not_named(alarm.model, test))
        elif not is_said:
            found.append((f"unseen: {test} {alarm.said}", ""))
    return found


def _sharing(selection: Selection, selected: Selected) -> set[str]:
    return {
        each.name for each in selection.models.values() if each.production == selected.production
    }


def _met(capture: Capture, names: Collection[str]) -> bool:
    """Whether a reply came that counts: fresh, or of a model that this run only replays."""
    return any(
        call.name in names and call.exchange.response != NOT_AWAITED
        for call in capture.calls
        if call.fresh or call.record == "none"
    )
