"""One pytest session with models: whose test runs, what it heard, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from modelpin_runtime.registry.models import Pins
from pytest_modelpin.errors import SelectionError
from pytest_modelpin.intercept.failing import failure
from pytest_modelpin.intercept.interceptor import Interceptor
from pytest_modelpin.intercept.unseen.alarm import Alarm, Policy, refusal
from pytest_modelpin.intercept.unseen.monitor import NetworkMonitor
from pytest_modelpin.recordings.capture import Capture, UnusedExchanges
from pytest_modelpin.recordings.owner import Owner, base_url, is_ending, recorded_base_urls
from pytest_modelpin.recordings.store import Recordings
from pytest_modelpin.registry.selection import Selection
from pytest_modelpin.session import unseen
from pytest_modelpin.session.running_tests import CurrentSample, SharedFixture, Test
from pytest_modelpin.session.unheard import Unheard
from pytest_modelpin.session.unused_recordings import unused_by_all
from pytest_modelpin.snapshot.structure import Noted

if TYPE_CHECKING:
    from pytest_modelpin.results.case import Case, Outcome
    from pytest_modelpin.session.case_builder import CaseBuilder


class Session:
    """Connects the running test with the interceptor below and the making of its Case above.

    One process, one session; tests run one after another, whatever threads and tasks they start.
    """

    def __init__(
        self,
        pins: Pins,
        selection: Selection,
        interceptor: Interceptor,
        recordings: Recordings,
        case_builder: CaseBuilder | None = None,
        monitor: NetworkMonitor | None = None,
        *,
        tolerant: bool = False,
    ) -> None:
        """Without `case_builder`, nobody will read the run: no case is put together.

        Without `monitor`, nobody looks for what goes past the hooks. `tolerant`: answers may be
        worded anew on the pin, too.
        """
        self.pins = pins
        self.selection = selection
        self.interceptor = interceptor
        self.recordings = recordings
        self._case_builder = case_builder
        self.monitor = monitor
        """What hears that goes past the hooks; None where nobody looks for it."""
        if monitor is not None:
            monitor.recorded_at = self.recorded_at
            monitor.failure = lambda message: failure(message, interceptor.running())
        self._unheard = Unheard(selection, recordings, interceptor.key)
        self._learned: set[str] = set()
        self._said: list[unseen.Said] = []
        self.refused = ""
        """Why the sample that ended last fails after all that its phases passed."""
        self.takes_any_snapshot = False
        """Whether what has nothing to do with models is given to `model_snapshot`, too."""
        self._tolerant = tolerant
        self._current: CurrentSample | None = None
        self._outcomes: dict[int, Outcome] = {}
        self._unused: dict[int, tuple[UnusedExchanges, ...]] = {}
        self.unrecorded: dict[str, None] = {}  # ids of the tests that asked what is not recorded

    def recorded_at(self) -> Iterable[str]:
        """The base URLs at which the recordings beside the running test were made."""
        return recorded_base_urls(self._current.test.owner.folder) if self._current else ()

    @property
    def is_reported(self) -> bool:
        """Whether anybody will read what the tests' cases came to."""
        return self._case_builder is not None

    @property
    def judge_id(self) -> str:
        """The judge's pin, on which it always is; empty where models.yml names no judge."""
        judge = self.pins.settings.judge
        return self.pins[judge] if judge else ""

    def watch(self) -> None:
        """From now on, what goes past the hooks is seen."""
        if self.monitor:
            self.monitor.install()

    def unwatch(self, *, ends_with_process: bool = False) -> None:
        """Nothing is looked for any more; in a replay that is the process's end, what may not be
        sent is stopped to the last.
        """
        if self.monitor:
            self.monitor.uninstall(keeps_refusing=ends_with_process and self.monitor.refuses)

    # What tests ask of it

    def id(self, name: str | None = None) -> str:
        """The id in force for a logical model; without a name, for the only one it can mean.

        Raises SelectionError where the name is unknown, or missing and not obvious.
        """
        if name is None:
            name = self._only_name()
        if name not in self.selection.models:
            raise SelectionError(
                f"models.yml names no {name!r}; it names: {', '.join(self.selection.models)}."
            )
        self.interceptor.declare(name)
        return self.selection.models[name].id

    def _only_name(self) -> str:
        declared = self._current.test.mark.models if self._current else ()
        names = declared or tuple(self.selection.models)
        if len(names) != 1:
            raise SelectionError(
                f"models.yml names several models ({', '.join(names)}); "
                f'write `model_id("{names[0]}")` to say which one is meant.'
            )
        return names[0]

    # What model_snapshot asks of it (snapshot.structure.Watcher)

    def tolerant(self) -> bool:
        """Whether answers may differ.

        They may where the test's models are not all on their pins, in a night, and in every
        sample but the first: a model that words its answers anew each time would else be held to
        one of them on the pin, and to their structure as the candidate.
        """
        if self._tolerant or (self._current and self._current.sample > 1):
            return True
        chosen = self.selection.models
        names = self._names_in_use() or tuple(chosen)
        return any(chosen[name].id != chosen[name].production for name in names if name in chosen)

    def updating_allowed(self) -> bool:
        """Only a case's first sample may become its accepted answer."""
        return self._current is None or self._current.sample == 1

    def secrets(self) -> tuple[str, ...]:
        """What must not be written: the environment's secrets, and what requests carried."""
        return self.interceptor.secrets.values()

    def note(self, noted: Noted) -> None:
        """Keep an answer that the running test gave to `model_snapshot`."""
        if self._current:
            self._current.answers.append(noted)

    # The life of a sample

    def samples(self, test: Test, wanted: int) -> int:
        """How many samples of a test to run: a replay can't have more than were recorded."""
        if wanted <= 1:
            return wanted
        chosen = self.selection.models.values()
        live = {each.production: True for each in chosen if each.record != "none"}
        replayed = {each.id: each.is_pin for each in chosen if each.record == "none"}
        recorded = self.recordings.samples(test.owner, replayed)
        asks_live = live and (not recorded or self.recordings.samples(test.owner, live))
        return wanted if asks_live else min(wanted, max(recorded, 1))

    def begin(self, test: Test, sample: int) -> None:
        """A sample of a test starts; sample 1 forgets what an earlier try of the test left."""
        if sample == 1:
            self._outcomes.clear()
            self._unused.clear()
            self._said.clear()
        self._current = CurrentSample(test, sample)
        if self.monitor:
            self.monitor.begin(test.id, test.mark.unseen)
        self.interceptor.begin(test.owner, sample=sample, names=test.mark.models)

    def begin_shared(self, owner: Owner) -> None:
        """A fixture that several tests share starts; what it asks belongs to the fixture."""
        if self.monitor:
            self.monitor.begin(self._current.test.id if self._current else owner.address)
        self.interceptor.begin(owner, shared=True)

    def end_shared(self) -> SharedFixture:
        """The shared fixture is set up."""
        capture = self.interceptor.end()
        self._learn(capture)
        alarms = self.monitor.end() if self.monitor else ()
        capture.save(lost=bool(capture.trouble))
        lost = bool(capture.trouble or capture.refused or capture.misses)
        return SharedFixture(capture, alarms, None if lost else self._unheard.why(capture))

    def misses(self, shared: Sequence[SharedFixture] = ()) -> tuple[str, ...]:
        """Why the running sample could not be replayed, even where its code swallowed the error.

        `shared` is what `end_shared` gave for the fixtures that the test shares with others.
        """
        below = [miss for each in shared for miss in each.capture.misses]
        alarms = [alarm for each in shared for alarm in each.alarms]
        return (*below, *self.interceptor.misses(), *self._refusals(alarms))

    def _refusals(self, shared: Sequence[Alarm]) -> tuple[str, ...]:
        if self.monitor is None or self._current is None:
            return ()
        if (
            not (alarms := dict.fromkeys((*self.monitor.so_far(), *shared)))
            or not self.monitor.refuses
        ):
            return ()
        return tuple(refusal(self._current.test.id, each) for each in alarms)

    def see(self, outcome: Outcome, message: str = "") -> None:
        """One phase of the running sample ended; the first that did not pass decides."""
        if self._current and self._current.outcome == "passed":
            self._current.outcome = outcome
            self._current.message = message

    @property
    def has_begun(self) -> bool:
        """Whether a sample is running; not where another plugin skipped the test before us."""
        return self._current is not None

    def runs(self, test: str) -> bool:
        """Whether the running sample is that of the test of this id."""
        return self._current is not None and self._current.test.id == test

    def refuse_another(self, test: str) -> None:
        """Another test starts before the running one has ended: no question is answered until they
        have, since nobody can tell which of them asks.
        """
        assert self._current is not None, "another than which?"
        self.interceptor.refuse(
            f"{self._current.test.id} and {test} run at once in one process, so that nobody can "
            "tell which of them asks: what one of them asked would be taken for the other's. Run "
            "them one after the other, without the plugin that does so, or by pytest-xdist."
        )

    def end(self, shared: Sequence[SharedFixture] = ()) -> Case | None:
        """The running sample ended; the case as it stands with all samples so far.

        `shared` is what `end_shared` gave for the fixtures that the test shares with others. None
        where nobody will read it, and where the test has nothing to do with models.
        """
        current = self._current
        assert current is not None, "end() without begin()"
        alarms = [alarm for each in shared for alarm in each.alarms]
        self.refused = ""
        missed = self.misses(shared if current.outcome == "passed" else ())
        if missed and current.outcome != "failed":
            self.refused = current.message = missed[0]
            current.outcome = "failed"
        self._current = None
        capture = self.interceptor.end()
        self._learn(capture)
        policy = self.monitor.policy if self.monitor else "allow"
        alarms = list(dict.fromkeys((*(self.monitor.end() if self.monitor else ()), *alarms)))
        captures = [*(each.capture for each in shared), capture]
        if any(each.misses for each in captures):
            self.unrecorded[current.test.id] = None
        lost = unseen.lost_to(current.outcome, captures, pinned=not self.selection.tried)
        if current.outcome == "passed" and not lost:
            lost = self._unheard.why_lost(capture)
        if lost:
            current.outcome, (current.message, current.lost_to) = "lost", lost
        capture.save(lost=current.outcome == "lost")
        self._outcomes[current.sample] = current.outcome
        self._unused[current.sample] = capture.unused
        if alarms or capture.trouble or (capture.calls and self.interceptor.sends):
            self._tell(current, capture, alarms, policy)
        accepts = current.answers and current.outcome == "passed" and not self.takes_any_snapshot
        if accepts and self.interceptor.sends:
            self._said += unseen.unasked(current.test.id, captures, alarms)
        if self._case_builder is None:
            return None
        unread = next(filter(None, map(self._unheard.why_unread, captures)), None)
        return self._case_builder.case(
            current,
            capture,
            [each.capture for each in shared if not is_ending(each.capture.owner)],
            unseen=None if policy == "allow" else unseen.left_out_by(alarms) or unread,
            unheard=self._unheard.why(capture) or next((each.unheard for each in shared), None),
        )

    def on_pin(self, case: Case, test: Test, shared: Sequence[SharedFixture]) -> Case | None:
        """What the case's models said on their pins, as recorded; None where there is none.

        Raises RecordingError.
        """
        if self._case_builder is None:
            return None
        owners = [owner for each in shared if not is_ending(owner := each.capture.owner)]
        return self._case_builder.on_pin(case, test.owner, owners, self.recordings)

    def said(self) -> tuple[unseen.Said, ...]:
        """What the end of the run must say of the test that ended last, whatever its outcome."""
        return tuple(dict.fromkeys(self._said))

    def outside(self) -> tuple[str, ...]:
        """What asked a model while no test ran, a sentence each."""
        past_hooks = self.monitor.outside() if self.monitor else ()
        return *map(unseen.asked_outside, past_hooks), *self.interceptor.asked_outside

    def _tell(
        self, current: CurrentSample, capture: Capture, alarms: Sequence[Alarm], policy: Policy
    ) -> None:
        test = current.test.id
        self.interceptor.unnamed.update(alarm.model for alarm in alarms if alarm.model)
        self._said += unseen.of_live_replies(test, capture, self.selection.models)
        refused = self.monitor is not None and not self.monitor.live and policy == "fail"
        if not refused:
            # Where there is a run report, a case that is left out says why.
            is_said = policy == "allow" or self._case_builder is not None
            self._said += unseen.alarm_sentences(test, alarms, is_said=is_said)
        if not capture.trouble or current.outcome != "passed":
            return
        if self.selection.sends:
            self._said.append((unseen.unrecorded(test, capture), ""))

    def _learn(self, capture: Capture) -> None:
        """Where models answered is where other clients ask models, too."""
        if self.monitor is None:
            return
        for call in capture.calls:
            if (url := call.exchange.request.url) not in self._learned:
                self._learned.add(url)
                self.monitor.learn(base_url(url))

    def unused(self) -> tuple[UnusedExchanges, ...]:
        """What the case that ended last left unused in its recordings, if all of it passed."""
        if any(self._unused.values()) and {*self._outcomes.values()} == {"passed"}:
            return unused_by_all(tuple(self._unused.values()))
        return ()

    def _names_in_use(self) -> tuple[str, ...]:
        declared = self._current.test.mark.models if self._current else ()
        return tuple(dict.fromkeys((*declared, *self.interceptor.names_called())))
