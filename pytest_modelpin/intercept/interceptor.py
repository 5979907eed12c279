"""What happens to each request of an HTTP client while the hooks are installed."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.intercept import waiting
from pytest_modelpin.intercept.door import Flow, Give, Pass, Read, Step, Wait, Way
from pytest_modelpin.intercept.driving import pass_on, sent_unnoted, unheard_in_child
from pytest_modelpin.intercept.handing_over import handed_over, parents_address
from pytest_modelpin.intercept.recognising import Recogniser
from pytest_modelpin.recordings.capture import Capture, CapturedCall, OpenCapture, RequestKey
from pytest_modelpin.recordings.exchange import Exchange, RawHeaders, StoredReply
from pytest_modelpin.recordings.outgoing import KnownSecrets, Outgoing, only_a_stand_in
from pytest_modelpin.recordings.owner import Owner, is_ending
from pytest_modelpin.recordings.recorded_exchanges import (
    Fail,
    Hold,
    RecordedExchanges,
    Replay,
    decide,
    recorded_under,
    replayed,
)
from pytest_modelpin.recordings.store import Recordings
from pytest_modelpin.registry.selection import Selected, Selection

if TYPE_CHECKING:
    from pytest_modelpin.intercept.sending import Sending
    from pytest_modelpin.live.lookahead import LookAhead
    from pytest_modelpin.live.throttle import Budget

_getpid = os.getpid

JOBS = 50
"""Live requests under way at once, at most, where nobody says otherwise."""


class Interceptor:
    """Swaps the model, replays or records requests to models, and lets everything else pass.

    What is asked is attributed to the owner that was begun last, from whichever thread or task.
    """

    def __init__(
        self,
        selection: Selection,
        *,
        recordings: Recordings,
        ignore_fields: Sequence[str] = (),
    ) -> None:
        """`ignore_fields` are dotted paths in request bodies that don't tell two apart."""
        self.selection = selection
        self._recordings = recordings
        self._recogniser = Recogniser(selection, ignore_fields)
        self.sends = selection.sends or self._recogniser.unlisted != "none"
        """Whether any request may be sent. Where none may, nothing that could is even loaded."""
        self._judged = selection.judged_by_test
        self.secrets = KnownSecrets()
        """What must not be written of this session's requests and its environment."""
        self.unnamed: set[str] = set()
        """Ids that were replayed, or asked past the hooks, though models.yml names them not."""
        self.asked_outside: dict[str, None] = {}
        """What was asked while no test ran, a sentence each."""
        self._captures: list[OpenCapture] = []
        self._fixtures_answered = False
        """Whether a fixture that tests share has heard a fresh answer."""
        self._at_once = ""
        """Why nobody can tell who asks, where several tests run at once; empty otherwise."""
        self._process = _getpid()
        self._lock = threading.Lock()
        self._sending: Sending | None = None
        self.limit()

    def key(self, exchange: Exchange) -> str | None:
        """The fingerprint of a recorded request; None where no provider knows it any more."""
        return self._recogniser.key(exchange)

    @property
    def ahead(self) -> LookAhead | None:
        """What sends requests ahead; None where none are."""
        return self._sending.ahead if self._sending else None

    def limit(
        self, jobs: int = JOBS, budget: Budget | None = None, seconds: float | None = None
    ) -> None:
        """Have at most `jobs` live requests under way, and spend no more than `budget`.

        No reply may take longer than `seconds`. With more than one job, requests are sent ahead
        for the tests that `ahead` plans.
        """
        if not self.sends:
            return
        from pytest_modelpin.intercept.sending import Sending
        from pytest_modelpin.live.expected_requests import expected_requests
        from pytest_modelpin.live.lookahead import LookAhead
        from pytest_modelpin.live.reply_limits import REPLY_SECONDS
        from pytest_modelpin.live.throttle import Throttle

        throttle = Throttle(jobs, budget)
        foreseeing = partial(
            expected_requests,
            selection=self.selection,
            key=self._recogniser.key,
        )
        longest = REPLY_SECONDS if seconds is None else seconds
        ahead = LookAhead(throttle, foreseeing, longest) if jobs > 1 else None
        self._sending = Sending(throttle, ahead, longest)

    def begin(
        self,
        owner: Owner,
        *,
        sample: int = 1,
        names: Sequence[str] = (),
        only: Selected | None = None,
        shared: bool = False,
        behind: Sequence[CapturedCall] = (),
    ) -> None:
        """From now on, what is asked belongs to `owner`, until `end`; may be nested.

        `names` are the logical models that the test declares; requests for the id of `only` are
        its, whatever the selection says. An owner that is begun again for the same sample replaces
        what it recorded before. `shared`: it is a fixture that several tests use; `behind`: what
        it heard before, where it comes to its end now.
        """
        self._process = _getpid()  # a plugin may run each test in a forked process of its own
        if self.ahead:
            self.ahead.begin(owner, sample)
        with self._lock:
            self._at_once = self._at_once if shared else ""
            self._captures.append(
                OpenCapture(owner, sample, names, only, is_shared=shared, behind=behind)
            )

    def declare(self, name: str) -> None:
        """The running test said that it means the logical model `name`."""
        with self._lock:
            if self._captures and name not in self._captures[-1].names:
                self._captures[-1].names.append(name)

    def refuse(self, why: str) -> None:
        """From now on, what is asked fails whoever asks it, until another test begins."""
        self._at_once = why

    def end(self) -> Capture:
        """Close the capture that was begun last."""
        with self._lock:
            capture = self._captures.pop()
        is_setup = capture.is_shared and not is_ending(capture.owner)
        self._fixtures_answered |= is_setup and capture.heard_fresh()
        unused = [capture.unused(version, self._recordings.own_file) for version in self._judged]
        return capture.finish(self._recordings.write, [each for each in unused if each])

    def misses(self) -> tuple[str, ...]:
        """Why requests of the running test could not be replayed so far."""
        capture = self.running()
        return capture.misses() if capture else ()

    def names_called(self) -> tuple[str, ...]:
        """The logical models that answered the running test so far."""
        capture = self.running()
        return capture.names_called() if capture else ()

    def may_concern(self, method: str, url: str, headers: RawHeaders) -> bool:
        """Whether a model may be asked by such a request."""
        return self._recogniser.may_concern(method, url, headers)

    def flow(self, door: Way, capture: OpenCapture | None = None) -> Flow:
        """What is to be done about one request, from first to last; see `door.drive`.

        It belongs to `capture`, or to the one that was begun last. Raises what fails the test
        where its request is neither recorded nor may be sent.
        """
        if (unasked := self._asks_no_model(door)) is not None:
            return unasked
        by_mock = door.mock is not None
        content = yield Read()
        capture = capture or self.running()
        try:
            outgoing = self._recognised(door, content, capture, by_mock=by_mock)
            if isinstance(outgoing, Pass):
                return outgoing
            if _getpid() != self._process and (address := parents_address()):
                return (yield from handed_over(address, door, content))
            if capture is None:
                return self._outside_any_test(outgoing, content)
            # A run that asks everything anew looks at no recording.
            recorded = None if outgoing.record == "all" else self._recorded(capture, outgoing)
        except ModelpinError as error:
            from pytest_modelpin.intercept.failing import failure, noted

            # Without the cause, whose very words it has: pytest would show them twice.
            raise failure(noted(str(error), capture), capture) from None
        if recorded is None:
            key = capture.start(outgoing.asked, outgoing.fingerprint)
        else:
            key = capture.start(outgoing.asked, recorded_under(outgoing, recorded, capture.sample))
            decision = decide(outgoing, key, recorded, others_live=self.sends)
            if isinstance(decision, Replay):
                if outgoing.selected is None and outgoing.kind == "answer":
                    self.unnamed.add(outgoing.asked)
                reply, call = replayed(decision.found, key, outgoing)
                capture.add(key, call)
                return Give(reply)
            if isinstance(decision, Hold):
                yield from self._held(capture, outgoing)
            if isinstance(decision, Fail):
                self._miss(capture, outgoing, key, recorded)
        if capture.is_elsewhere():
            # A forked child that can't ask its parent: what it notes nobody hears, and locks may
            # have been held as it forked.
            unheard_in_child(door.method, door.url, content)
            return Pass(sent_unnoted(outgoing))
        assert self._sending is not None, "a replay has nothing to send"
        from pytest_modelpin.intercept.live_reply import LiveRequest

        live = LiveRequest(outgoing, content, capture, key, capture.live_since())
        return (yield from self._sending.flow(door, live))

    def _asks_no_model(self, door: Way) -> Pass | Give | None:
        """What becomes of a request whose address and headers tell that it asks none."""
        if not self._recogniser.may_concern(door.method, door.url, door.headers):
            self.secrets.pass_by(door.url, door.headers)
            pass_on(door.method, door.url)
            return Pass()
        if self._recogniser.is_telemetry(door.method, door.url):
            self.secrets.pass_by(door.url, door.headers)
            # It comes from a thread, whenever that is due: no test is to fail for it.
            return Pass() if self.sends else Give(StoredReply(204, {}, ()))
        return None

    def _recognised(
        self, door: Way, content: bytes, capture: OpenCapture | None, *, by_mock: bool
    ) -> Outgoing | Pass:
        """Which model the request asks; how it passes where it asks none, or a mock answers it.

        Raises ModelpinError where nobody can tell which of several tests asks.
        """
        outgoing = self._recogniser.recognise(door.method, door.url, door.headers, content, capture)
        if outgoing is None:
            if by_mock:  # which is no network: only what it lets through is looked at
                return Pass(by_mock=True, content=content)
            pass_on(door.method, door.url, content)
            return Pass()
        self.secrets.go_out(outgoing)
        if by_mock:
            return Pass(by_mock=True)
        if self._at_once:
            raise ModelpinError(self._at_once)
        if self.sends and outgoing.record == "none" and capture:
            return self._behind_an_answer(outgoing, capture)
        return outgoing

    def _miss(
        self,
        capture: OpenCapture,
        outgoing: Outgoing,
        key: RequestKey,
        recorded: RecordedExchanges,
    ) -> NoReturn:
        """Fail the test whose request is not recorded, with what is nearest to it."""
        from pytest_modelpin.intercept.failing import explain_miss, fail

        same = partial(
            self._recordings.same_questions().find,
            recorded.looked_at, key.fingerprint, self._recogniser.key, capture.owner.folder,
        )  # fmt: skip
        fail(explain_miss(capture.owner, outgoing, key, recorded, self.selection, same), capture)

    def stop_sending(self) -> list[str]:
        """Send nothing ahead any more; returns what the run's reader must know of live requests."""
        return self._sending.close() if self._sending else []

    def open(self, number: int) -> OpenCapture | None:
        """The capture of that number, as long as it is open."""
        with self._lock:
            return next((each for each in self._captures if each.number == number), None)

    def running(self) -> OpenCapture | None:
        """The capture that was begun last; None outside of any test."""
        running = self._captures[-1:]  # at once, so without the lock: it is asked at each request
        return running[0] if running else None

    def _outside_any_test(self, outgoing: Outgoing, content: bytes) -> Pass:
        """What to send where no test runs; in replay there is nobody whose recording to play."""
        told = (
            f"{outgoing.asked} was asked while no test was running (when a module was imported, "
            "by a thread that outlived its test, or where a plugin runs tests by a loop of its own)"
        )
        self.asked_outside[
            f"{told}: that is neither recorded nor compared, and can't be replayed. Ask inside a "
            "test or a fixture."
        ] = None
        if outgoing.record == "none":
            raise ModelpinError(
                f"{told}. Replay can't tell whose recording to play: ask in a test or a fixture."
            )
        if no_key := only_a_stand_in(outgoing):
            raise ModelpinError(no_key)
        unheard_in_child(outgoing.method, outgoing.url, content)
        return Pass(sent_unnoted(outgoing))

    def _behind_an_answer(self, outgoing: Outgoing, capture: OpenCapture) -> Outgoing:
        """What a pin is asked behind a fresh answer may be about that: a judge within the test, the
        next step of a chain. So it is sent where it is not recorded.
        """
        if self._fixtures_answered or capture.heard_fresh():
            return outgoing._replace(record="new")
        return outgoing

    def _held(self, capture: OpenCapture, outgoing: Outgoing) -> Generator[Step, bool]:
        """In the place of an answer that nobody waited for when it was recorded: a wait, until the
        client goes or its test ends. Raises what fails a test that goes on waiting.
        """
        ended = yield Wait(partial(capture.ended.wait, waiting.SECONDS))
        from pytest_modelpin.intercept.failing import explain_wait, fail
        from pytest_modelpin.intercept.model_call_failed import ModelCallFailed

        told = explain_wait(capture.owner, outgoing, self.selection)
        if ended:
            raise ModelCallFailed(told)  # to whoever was left behind
        fail(told, capture)

    def _recorded(self, capture: OpenCapture, outgoing: Outgoing) -> RecordedExchanges:
        """What may answer the request."""
        asked, pinned = outgoing.asked, outgoing.pinned
        key = partial(self._recogniser.key, asking=outgoing)
        read = partial(self._recordings.recorded, capture.owner, asked, pinned=pinned, key=key)
        return capture.recorded((asked, pinned), read)
