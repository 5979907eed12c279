"""What happens to each request of an HTTP client while the hooks are installed."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers import provider_for
from pytest_modelpin.recordings.capture import Capture, Heard
from pytest_modelpin.recordings.exchange import Exchange
from pytest_modelpin.recordings.open_capture import OpenCapture, RequestKey
from pytest_modelpin.recordings.outgoing import Outgoing, sent_instead
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.recognising import ProviderFor, Recogniser
from pytest_modelpin.recordings.recorded_exchanges import RecordedExchanges
from pytest_modelpin.recordings.replay import replayed
from pytest_modelpin.recordings.store import Recordings
from pytest_modelpin.registry.selection import Selected, Selection

if TYPE_CHECKING:
    from pytest_modelpin.live.budget import Budget
    from pytest_modelpin.live.dispatch import Dispatch
    from pytest_modelpin.live.lookahead import LookAhead

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
        providers: ProviderFor = provider_for,
        ignore_fields: Sequence[str] = (),
    ) -> None:
        """`providers` is by default every provider that pytest-modelpin knows.

        `ignore_fields` are dotted paths in request bodies that don't tell two requests apart.
        """
        self._selection = selection
        self._recordings = recordings
        self._provider_for = providers
        self._recogniser = Recogniser(selection, providers, ignore_fields)
        self.judged = _judged(selection)
        """The versions in force whose recordings this run may find unused."""
        self._captures: list[OpenCapture] = []
        self._lock = threading.Lock()
        self._dispatch: Dispatch | None = None
        self.limit()

    @property
    def sends(self) -> bool:
        """Whether any request may be sent. Where none may, nothing that could is even loaded."""
        chosen = self._selection.models.values()
        modes = {self._recogniser.unlisted, *(selected.record for selected in chosen)}
        return modes != {"none"}

    @property
    def ahead(self) -> LookAhead | None:
        """What sends requests ahead; None where none are."""
        return self._dispatch.ahead if self._dispatch else None

    def limit(self, jobs: int = JOBS, budget: Budget | None = None) -> None:
        """Have at most `jobs` live requests under way, and spend no more than `budget`.

        With more than one job, requests are sent ahead for the tests that `ahead` plans.
        """
        if not self.sends:
            return
        from pytest_modelpin.live.dispatch import Dispatch
        from pytest_modelpin.live.foreseen import foresee
        from pytest_modelpin.live.lookahead import LookAhead
        from pytest_modelpin.live.throttle import Throttle

        throttle = Throttle(jobs, budget)
        foreseeing = partial(
            foresee,
            selection=self._selection,
            recordings=self._recordings,
            providers=self._provider_for,
            key=self._recogniser.key,
        )
        self._dispatch = Dispatch(throttle, LookAhead(throttle, foreseeing) if jobs > 1 else None)

    def begin(
        self,
        owner: Owner,
        *,
        sample: int = 1,
        names: Sequence[str] = (),
        only: Selected | None = None,
    ) -> None:
        """From now on, what is asked belongs to `owner`, until `end`; may be nested.

        `names` are the logical models that the test declares; requests for the id of `only` are
        its, whatever the selection says. An owner that is begun again for the same sample replaces
        what it recorded before.
        """
        if self.ahead:
            self.ahead.begin(owner, sample)
        with self._lock:
            self._captures.append(OpenCapture(owner, sample, names, only))

    def declare(self, name: str) -> None:
        """The running test said that it means the logical model `name`."""
        with self._lock:
            if self._captures and name not in self._captures[-1].names:
                self._captures[-1].names.append(name)

    def end(self) -> Capture:
        """Close the capture that was begun last."""
        with self._lock:
            capture = self._captures.pop()
        unasked = (
            capture.unasked(version, partial(self._recordings.path, capture.owner, version))
            for version in self.judged
        )
        return capture.finish(self._recordings.write, [each for each in unasked if each])

    def misses(self) -> tuple[str, ...]:
        """Why requests of the running test could not be replayed so far."""
        capture = self._running()
        return capture.misses() if capture else ()

    def names_heard(self) -> tuple[str, ...]:
        """The logical models that answered the running test so far."""
        capture = self._running()
        return capture.names_heard() if capture else ()

    def handle(
        self,
        request: Any,
        send: Callable[[Any], Any],
        library: ModuleType,
        transport: Any = None,
    ) -> Any:
        """Answer a request of a synchronous client; `send` is the client's own way."""
        url = self._recogniser.address(request)
        if url is None:
            return send(request)
        request.read()
        capture = self._running()
        outgoing = self._recognise(request, url, capture)
        if outgoing is None:
            return send(request)
        if capture is None:
            return send(self._outside_any_test(request, outgoing))
        request_key, recorded = self._recorded(capture, outgoing)
        if recorded is not None:
            return replayed(recorded, library, is_async=False)
        assert self._dispatch is not None, "a replay has nothing to send"
        request = sent_instead(request, outgoing)
        return self._dispatch.send(
            send, request, library, outgoing, capture, request_key, transport
        )

    async def handle_async(
        self,
        request: Any,
        send: Callable[[Any], Awaitable[Any]],
        library: ModuleType,
        transport: Any = None,
    ) -> Any:
        """As `handle`, for asynchronous clients."""
        url = self._recogniser.address(request)
        if url is None:
            return await send(request)
        await request.aread()
        capture = self._running()
        outgoing = self._recognise(request, url, capture)
        if outgoing is None:
            return await send(request)
        if capture is None:
            return await send(self._outside_any_test(request, outgoing))
        request_key, recorded = self._recorded(capture, outgoing)
        if recorded is not None:
            return replayed(recorded, library, is_async=True)
        assert self._dispatch is not None, "a replay has nothing to send"
        request = sent_instead(request, outgoing)
        return await self._dispatch.send_async(
            send, request, library, outgoing, capture, request_key, transport
        )

    def stop_sending(self) -> list[str]:
        """Send nothing ahead any more; returns what the run's reader must know of live requests."""
        return self._dispatch.close() if self._dispatch else []

    def _running(self) -> OpenCapture | None:
        with self._lock:
            return self._captures[-1] if self._captures else None

    def _recognise(self, request: Any, url: str, capture: OpenCapture | None) -> Outgoing | None:
        names, only = (capture.names, capture.only) if capture else ((), None)
        try:
            return self._recogniser.recognise(request, url, names, only)
        except ModelpinError as error:
            _fail(str(error), capture)

    def _outside_any_test(self, request: Any, outgoing: Outgoing) -> Any:
        """What to send where no test runs; in replay there is nobody whose recording to play."""
        if outgoing.record == "none":
            _fail(
                f"{outgoing.asked} was asked while no test was running (when a module was "
                f"imported, or by a thread that outlived its test). Replay can't tell whose "
                f"recording to play: ask inside a test or a fixture.",
                None,
            )
        return sent_instead(request, outgoing)

    def _recorded(
        self, capture: OpenCapture, outgoing: Outgoing
    ) -> tuple[RequestKey, Exchange | None]:
        """The request's place in its test, and the recorded reply; None where it is to be sent.

        Fails the test on a miss.
        """
        if outgoing.record == "all":
            return capture.start(outgoing.asked, outgoing.fingerprint), None
        try:
            recorded = capture.recorded(
                (outgoing.asked, outgoing.pinned),
                lambda: self._recordings.recorded(
                    capture.owner, outgoing.asked, pinned=outgoing.pinned, key=self._recogniser.key
                ),
            )
        except ModelpinError as error:
            _fail(str(error), capture)
        request_key = capture.start(outgoing.asked, _recorded_under(outgoing, recorded))
        found = recorded.find(request_key.sample, request_key.fingerprint, request_key.ordinal)
        if found is None:
            if outgoing.record == "new":
                return request_key, None
            from pytest_modelpin.intercept.misses import explain_miss

            _fail(
                explain_miss(capture.owner, outgoing, request_key, recorded, self._selection),
                capture,
            )
        capture.hear(
            request_key,
            Heard(
                name=outgoing.name,
                exchange=found.exchange,
                fresh=False,
                fingerprint=request_key.fingerprint,
                version=found.version,
                record=outgoing.record,
            ),
        )
        return request_key, found.exchange


def _recorded_under(outgoing: Outgoing, recorded: RecordedExchanges) -> str:
    """The request's fingerprint.

    A request without secrets is recorded as it was sent: whether this one has any need only be
    looked into where that is not found.
    """
    as_sent = outgoing.fingerprint_as_sent
    return as_sent if recorded.holds(as_sent) else outgoing.fingerprint


def _fail(message: str, capture: OpenCapture | None) -> NoReturn:
    """Fail the test past the SDK's retries and handlers, which catch Exception.

    It is noted on the capture, too: code under test may swallow it nevertheless.
    """
    import pytest

    if capture is not None:
        capture.miss(message)
    raise pytest.fail.Exception(message, pytrace=False)


def _judged(selection: Selection) -> tuple[str, ...]:
    """The ids that are replayed, except pins that a logical model selected otherwise shares.

    What that model's tests recorded on the pin is in use, though not asked for in this run.
    """
    models = selection.models.values()
    replayed = dict.fromkeys(selected.id for selected in models if selected.record != "all")
    return tuple(
        id for id in replayed if all(other.id == id for other in models if other.production == id)
    )
