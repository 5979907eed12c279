"""Which of a case's samples plain `pytest` replays: one that passes.

Models waver. Of a version that passes nine times in ten, as the pin does, the first sample of some
case in twenty is nearly always one that failed: with it in front, no such version could become the
pin, however often a night has shown it no worse, and plain `pytest` would fail from the day on
which a suite is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.files import safe_name
from pytest_modelpin.recordings.owner import Owner, module_name, name_in_module, version_folders
from pytest_modelpin.recordings.recording_file import Recording, in_order, read, save
from pytest_modelpin.upgrade.bump.journal import JournalledMove
from pytest_modelpin.upgrade.suite import ALL_RECORDED, Suite

if TYPE_CHECKING:
    from pytest_modelpin.results.case import Case, Sample
    from pytest_modelpin.results.run import Run


def put_passing_first(
    suite: Suite,
    move: JournalledMove,
    logs: Path,
    before_changing: Callable[[Iterable[Path]], None],
) -> tuple[str, ...]:
    """Exchange the first sample of the version that comes with the first that passes.

    All samples are replayed; `before_changing` is called with the recordings that will change.
    Gives the ids of the cases concerned. Raises UpgradeError where pytest can't run the tests, and
    RecordingError.
    """
    options = (
        f"--model={move.name}={move.new}",
        "--model-record=none",
        f"--model-samples={ALL_RECORDED}",
    )
    run = suite.run(*options, report=logs / "samples.json")
    return _put_first(run.cases, partial(_exchanged, suite, move), before_changing)


def put_passing_first_of_new(suite: Suite, run: Run, pins: Iterable[str]) -> tuple[str, ...]:
    """The same for what `run` has just recorded of the pins. Gives the ids of the cases concerned.

    Only where all that the first sample heard is new and nothing it said had been accepted: what
    somebody may have seen stays what it is, and fails where the tests have changed. Raises
    RecordingError.
    """
    new = [case for case in run.cases if case.samples and _is_new(case.samples[0])]
    return _put_first(new, partial(_exchanged_of_each, suite, tuple(pins)))


def _put_first(
    cases: Iterable[Case],
    exchanged: Callable[[str, int], Mapping[Path, Recording]],
    before_changing: Callable[[Iterable[Path]], None] = lambda paths: None,
) -> tuple[str, ...]:
    """Write what `exchanged` makes of each case of which another sample than the first is the first
    that passes; gives the ids of those of which it makes anything.
    """
    wanted = {case.id: n for case in cases if (n := _first_that_passes(case)) > 1}
    found = {id: changed for id, n in wanted.items() if (changed := exchanged(id, n))}
    files = {path: recording for each in found.values() for path, recording in each.items()}
    before_changing(files)
    for path, recording in files.items():
        save(path, recording)
    return tuple(found)


def _is_new(sample: Sample) -> bool:
    return all(call.fresh for call in sample.calls) and not any(
        answer.accepted is not None for answer in sample.answers
    )


def _first_that_passes(case: Case) -> int:
    """The number of the sample, from 1; 0 where none passes."""
    passed = (n for n, sample in enumerate(case.samples, 1) if sample.outcome == "passed")
    return next(passed, 0)


def _exchanged_of_each(
    suite: Suite, pins: Sequence[str], id: str, chosen: int
) -> Mapping[Path, Recording]:
    """A test's recordings of all `pins` in which sample 1 and `chosen` have changed places."""
    each = ((version, *_recorded(suite, id, version)) for version in pins)
    return {
        owner.file(version): _in_each_others_place(recording, chosen)
        for version, owner, recording in each
        if recording is not None
    }


def _exchanged(
    suite: Suite, move: JournalledMove, id: str, chosen: int
) -> Mapping[Path, Recording]:
    """A test's recordings in which sample 1 and `chosen` have changed places.

    What it asked other models beside depends on the answer, so there the one has what the other had
    as well; what it asked the old pin says nothing of the new one.
    """
    found: dict[Path, Recording] = {}
    owner, recording = _recorded(suite, id, move.new)
    if recording is None:
        return found
    found[owner.file(move.new)] = _in_each_others_place(recording, chosen)
    versions = {folder.name for folder in version_folders(owner.folder)}
    for version in sorted(versions - {safe_name(move.new), safe_name(move.old)}):
        path = owner.file(version)
        if (beside := read(path)) is not None:
            found[path] = _in_both(beside, chosen)
    return found


def _recorded(suite: Suite, id: str, version: str) -> tuple[Owner, Recording | None]:
    path = suite.root / suite.from_here(id).partition("::")[0]
    for of_doctest in (False, path.suffix == ".py"):
        name = name_in_module(id, of_doctest=of_doctest)
        owner = Owner(path.parent, module_name(path), name, node_id=id)
        if (recording := read(owner.file(version))) is not None:
            return owner, recording
    return owner, None


def _in_each_others_place(recording: Recording, chosen: int) -> Recording:
    """With samples 1 and `chosen` exchanged."""
    places = {1: chosen, chosen: 1}
    return recording._replace(
        exchanges=in_order(
            replace(each, sample=places.get(each.sample, each.sample))
            for each in recording.exchanges
        )
    )


def _in_both(recording: Recording, chosen: int) -> Recording:
    """With each exchange of sample 1 or `chosen` in the other as well."""
    known = list(recording.exchanges)
    for each in recording.exchanges:
        if each.sample in (1, chosen):
            twin = replace(each, sample=chosen if each.sample == 1 else 1)
            if twin not in known:
                known.append(twin)
    return recording._replace(exchanges=in_order(known))
