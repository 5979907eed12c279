"""Where recordings lie, reading them, and writing what was heard."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.clock import utc_today
from pytest_modelpin.errors import RecordingError
from pytest_modelpin.files import is_dir, is_file, names_in, real_files, safe_name
from pytest_modelpin.recordings.capture import Capture, CapturedCall
from pytest_modelpin.recordings.exchange import Exchange
from pytest_modelpin.recordings.owner import (
    FOLDER,
    JUDGE,
    Owner,
    Relocation,
    as_it_is,
    find_recording,
    module_folder,
    version_folders,
)
from pytest_modelpin.recordings.recorded_exchanges import RecordedExchanges
from pytest_modelpin.recordings.recording_file import (
    Recording,
    grown,
    in_order,
    read,
    remove,
    same_answers,
    save,
)

if TYPE_CHECKING:
    from pytest_modelpin.recordings.same_question import SameQuestions
    from pytest_modelpin.recordings.settling import Aliases, AliasRecording


class Recordings:
    """The recordings of one pytest session."""

    def __init__(
        self,
        write_root: Path | None = None,
        *,
        root: Path | None = None,
        today: date | None = None,
        beside: Collection[str] = (),
        pins: Collection[str] = (),
        brought_from: Path | None = None,
    ) -> None:
        """`write_root`, where set, takes what is recorded, in the place it has below `root`.

        It is then read first. `root` is the folder of all tests, by default the working folder.
        Versions in `beside` are read and written beside the tests all the same, but for what a
        judge was asked. From `brought_from`, the `write_root` of sessions before, comes what does
        not lie beside the tests yet, and what `pins` were asked behind those answers. What is
        recorded bears the day `today`, by default the UTC day on which the session begins.
        """
        self._write_root = write_root
        self._root = Path.cwd() if root is None else root
        self._today = utc_today() if today is None else today
        self._beside = frozenset(beside)
        self._pins = frozenset(pins)
        self._brought_from = brought_from
        self._begun: dict[Path, Recording | None] = {}
        """Of the files that this session records anew: what they held before."""
        self._lost: dict[Owner, set[int]] = {}
        """Samples of which this session records nothing."""
        self.aliases: Aliases | None = None
        """What this session's fresh replies tell of aliases; None as long as none came."""
        self._same_questions: SameQuestions | None = None
        self._listed: dict[tuple[Path, str, str], frozenset[str]] = {}
        """What is recorded beside a module's tests, by folder, module and version."""

    def own_file(self, owner: Owner, version: str) -> Path | None:
        """The test's own recording of a version; None where there is none.

        Most tests ask no model, so a module's recordings are listed once for all of its tests.
        """
        key = (owner.folder, owner.module, version)
        names = self._listed.get(key)
        if names is None:
            with real_files():
                names = self._listed[key] = frozenset(names_in(module_folder(*key)))
        return owner.file(version) if names and owner.file_name(version) in names else None

    def may_answer(self, folders: Iterable[Path]) -> bool:
        """Whether anything recorded may answer tests in these folders."""
        apart = self._write_root is not None or self._brought_from is not None
        return apart or any(is_dir(folder / FOLDER) for folder in folders)

    def recorded(
        self, owner: Owner, asked: str, *, pinned: bool, key: Callable[[Exchange], str | None]
    ) -> RecordedExchanges:
        """What may answer the test's requests to `asked`.

        A pin reads its own folder only. Any other id reads its own folder, then those of the
        versions that once answered it here, the latest recorded first. Raises RecordingError.
        """
        looked_at: list[Path] = []
        found: list[tuple[Path, Recording]] = []
        with real_files():  # a test is running
            for moved in self._moves(owner, asked):
                own, recording = find_recording(owner, asked, moved)
                looked_at.append(own)
                if recording is not None:
                    found.append((own, recording))
                if not pinned:
                    found += _answers_to(asked, owner, moved, besides=own)
        return RecordedExchanges(found, looked_at, asked, key, pinned=pinned)

    def same_questions(self) -> SameQuestions:
        """What finds a question in another test's recording, once it was missed in its own."""
        if self._same_questions is None:
            from pytest_modelpin.recordings.same_question import SameQuestions

            self._same_questions = SameQuestions(self._root)
        return self._same_questions

    def samples(self, owner: Owner, asked: Mapping[str, bool]) -> int:
        """How many samples of a test can be replayed of all that it asks of `asked`; 0 if none.

        `asked` are ids, each with whether it is a pin: any other's answers may lie with the
        versions that gave them, as in `recorded`. Raises RecordingError.
        """
        counts = (self._samples(owner, id, pinned) for id, pinned in asked.items())
        return min((count for count in counts if count), default=0)

    def _samples(self, owner: Owner, asked: str, pinned: bool) -> int:
        found: list[Exchange] = []
        for moved in self._moves(owner, asked):
            own, recording = find_recording(owner, asked, moved)
            found += recording.exchanges if recording else ()
            if not pinned:
                others = _answers_to(asked, owner, moved, besides=own)
                found += [each for _, other in others for each in other.exchanges]
        return max((exchange.sample for exchange in found), default=0)

    def exchanges(self, owner: Owner, version: str) -> Mapping[int, tuple[Exchange, ...]]:
        """All that is recorded of a test on a version, by sample, in order. Raises RecordingError.

        Empty where nothing is; what was written apart is taken before what lies beside the tests.
        """
        read = (find_recording(owner, version, moved)[1] for moved in self._moves(owner, version))
        recording = next((each for each in read if each is not None), None)
        by_sample: dict[int, list[Exchange]] = {}
        for exchange in recording.exchanges if recording else ():
            by_sample.setdefault(exchange.sample, []).append(exchange)
        return {sample: tuple(by_sample[sample]) for sample in sorted(by_sample)}

    def write(self, capture: Capture, lost: bool = False) -> tuple[Path, ...]:
        """Write what a capture heard fresh; returns the files that changed. Raises RecordingError.

        A fresh run (`all`) replaces a file once and then adds sample by sample; `new` adds. What
        says the same as before stays as it was recorded, so that a file changes only where an
        answer did. Nothing is written of a sample that was `lost`, and in a fresh run those behind
        it move up: whoever replays the case finds no gap.
        """
        if lost:
            self._lost.setdefault(capture.owner, set()).add(capture.sample)
            return ()
        if capture.owner in self._lost:
            capture = self._moved_up(capture)
        fresh = dict.fromkeys([call.version for call in capture.calls if call.fresh])
        if not (fresh or self._brought_from):
            return ()
        changed = []
        if self._brought_from:
            changed += self._bring(capture.owner, {call.version for call in capture.calls})
        for version in fresh:
            calls = [call for call in capture.calls if call.version == version]
            if (path := self._write_version(capture, version, calls)) is not None:
                changed.append(path)
        if changed:
            self._listed.clear()
        if fresh:
            if self.aliases is None:
                from pytest_modelpin.recordings.settling import Aliases  # where something is fresh

                self.aliases = Aliases()
            self.aliases.learn(capture)
        return tuple(changed)

    def _moved_up(self, capture: Capture) -> Capture:
        """With the number that its sample has among those of its test that were not lost."""
        if capture.sample == 1:  # the test begins anew
            del self._lost[capture.owner]
            return capture
        lost = self._lost[capture.owner]
        lost.discard(capture.sample)
        number = capture.sample - sum(each < capture.sample for each in lost)
        if not any(call.fresh and call.record == "all" for call in capture.calls):
            return capture
        calls = tuple(
            call._replace(exchange=replace(call.exchange, sample=number)) if call.fresh else call
            for call in capture.calls
        )
        return capture._replace(sample=number, calls=calls)

    def move_settled(self, aliases: Aliases) -> None:
        """Put replies to an alias that name no model with those of the version that answered it.

        To be called once, when nothing is recorded any more. Raises RecordingError.
        """
        for found in aliases.settled():
            self._move(found)

    def _move(self, found: AliasRecording) -> None:
        from pytest_modelpin.recordings.settling import as_recorded

        owner, moved = found.owner, self._moves(found.owner, found.version)[0]
        path, recording = find_recording(owner, found.asked, moved)
        nameless = [each for each in recording.exchanges if not each.served] if recording else []
        if recording is None or not nameless:
            return
        target, there = find_recording(owner, found.version, moved)
        now = {each.sample for each in nameless}
        kept = [
            each
            for each in (there.exchanges if there else ())
            if each.sample not in now and (not found.samples or each.sample in found.samples)
        ]
        settled: list[Exchange] = []
        for sample in sorted(now):
            heard = [each for each in nameless if each.sample == sample]
            settled += as_recorded(there, (), heard)
        exchanges = in_order((*kept, *settled))
        gathered = recording._replace(version=found.version, exchanges=exchanges)
        if there is None or not same_answers(there, gathered):
            save(target, gathered)
        if left := tuple(each for each in recording.exchanges if each.served):
            save(path, recording._replace(exchanges=left))
        else:
            remove(path)

    def _write_version(
        self, capture: Capture, version: str, calls: Sequence[CapturedCall]
    ) -> Path | None:
        from pytest_modelpin.recordings.settling import as_recorded

        owner, moved = capture.owner, self._moves(capture.owner, version)[0]
        fresh = [call for call in calls if call.fresh]
        replaces = any(call.record == "all" for call in fresh)
        test = owner.test
        try:
            path, old = find_recording(owner, version, moved)
        except RecordingError:
            if not replaces:  # recording everything anew is how a torn file is mended
                raise
            path, old = owner.file(version, moved(owner.folder)), None
        kept = old.exchanges if old is not None else ()
        before = old
        if replaces:
            begun = path in self._begun
            before = self._begun.setdefault(path, old)
            kept = tuple(each for each in kept if begun and each.sample != capture.sample)
        answered_by = _answered_by(fresh, old if kept else None)
        settled = as_recorded(before, kept, [call.exchange for call in fresh])
        recording = Recording(
            test=test,
            version=version,
            recorded=self._today,
            exchanges=in_order((*kept, *settled)),
            answered_by=answered_by,
        )
        if before is not None and same_answers(before, recording):
            recording = before
        if old is not None and same_answers(old, recording):
            return None
        save(path, recording)
        if self._brought_from is not None:  # what was tried before is out of date
            for apart in self._moves(owner, version)[1:]:
                remove(owner.file(version, apart(owner.folder)))
        return path

    def _bring(self, owner: Owner, versions: Collection[str]) -> list[Path]:
        """Put beside the test what a session before recorded apart; returns the files."""
        brought = []
        for version in sorted(versions):
            *_, apart = self._moves(owner, version)
            source, recording = find_recording(owner, version, apart)
            path = owner.file(version)
            if recording is None or source == path:
                continue
            if version in self._pins:
                recording = None if owner.name.endswith(JUDGE) else grown(read(path), recording)
            elif is_file(path):
                continue
            if recording is not None:
                save(path, recording)
                brought.append(path)
        return brought

    def _moves(self, owner: Owner, version: str) -> tuple[Relocation, ...]:
        """The ways from a test's folder to those where a recording is looked for.

        The first leads to where it is written.
        """
        if version in self._beside and not owner.name.endswith(JUDGE):
            return (as_it_is,)
        if self._brought_from is not None:
            return (as_it_is, partial(self._apart, self._brought_from))
        if self._write_root is not None:
            return (partial(self._apart, self._write_root), as_it_is)
        return (as_it_is,)

    def _apart(self, top: Path, folder: Path) -> Path:
        """Where what belongs beside the tests in `folder` lies below `top`."""
        try:
            return top / folder.relative_to(self._root)
        except ValueError:  # tests from outside the root
            return top / safe_name(str(folder))


def _answered_by(calls: Sequence[CapturedCall], kept: Recording | None) -> str | None:
    before = kept.answered_by if kept else None
    return next((call.answered_by for call in calls if call.answered_by), before)


def _answers_to(
    asked: str, owner: Owner, moved: Relocation, besides: Path
) -> list[tuple[Path, Recording]]:
    """The test's recordings in other versions' folders that hold answers to the id `asked`."""
    found: list[tuple[Path, Recording]] = []
    for version in (each.name for each in version_folders(moved(owner.folder))):
        path, recording = find_recording(owner, version, moved)
        if path == besides:
            continue
        if recording and any(exchange.asked == asked for exchange in recording.exchanges):
            found.append((path, recording))
    return sorted(found, key=lambda each: each[1].recorded, reverse=True)
