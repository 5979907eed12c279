"""The files in a tree that hold what versions said: their recordings, and the answers accepted; and
what a night or a run by hand recorded of a version, brought among them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Container, Iterator, Mapping
from functools import partial
from pathlib import Path

from pytest_modelpin.files import TEMPORARY, is_temporary, safe_name
from pytest_modelpin.providers import served_id
from pytest_modelpin.recordings.exchange import Exchange
from pytest_modelpin.recordings.owner import FOLDER, JUDGE, TRIED
from pytest_modelpin.recordings.recording_file import (
    Recording,
    grown,
    read,
    save,
    write_recording,
)


def remove_recordings(root: Path, version: str) -> None:
    """Remove a version's recordings everywhere below `root`; git history keeps them."""
    for folder in recordings(root, version):
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        folder.rmdir()


def recordings(root: Path, version: str) -> list[Path]:
    """The folders below `root` that hold a version's recordings, beside its tests."""
    found = (folder / safe_name(version) for folder in recording_folders(root))
    return [folder for folder in found if folder.is_dir()]


def answers(root: Path) -> list[Path]:
    """All accepted answers below `root`, and those that are there to be read alone."""
    accepted = [
        path for folder in _named(root, "__snapshots__") for path in folder.rglob("*")
        if path.is_file()
    ]  # fmt: skip
    return [*accepted, *answers_to_read(root)]


def answers_to_read(root: Path) -> list[Path]:
    """Answers that no test accepts, a file for each module, beside its recordings."""
    return [
        path for folder in recording_folders(root) for path in folder.glob("*.answers")
        if path.is_file()
    ]  # fmt: skip


def recording_folders(root: Path) -> list[Path]:
    """The folders below `root` in which each recorded version has its own."""
    return [*_named(root, "__recordings__")]


def _named(root: Path, name: str) -> Iterator[Path]:
    """The folders of a name below `root`, but for what is installed or kept for tools."""
    for place, folders, _ in os.walk(root):
        if name in folders:
            yield Path(place) / name
        folders[:] = [
            one for one in folders
            if not one.startswith((".", "__")) and one not in ("node_modules", "venv")
        ]  # fmt: skip


def bring_recordings(
    source: Path, root: Path, version: str, asked: str, *, is_pin: bool = False
) -> int:
    """Copy what a night recorded of a version from where it put it; gives how many files came.

    What the tests asked beside it, such as an embedding of the version's answer, comes along.
    `asked` is the candidate's id: what lies under it is no version's, unless that `is_pin` of
    another logical model: there a night leaves what it recorded under the id it asked, and what is
    recorded of the other model stays. Raises RecordingError.
    """
    if is_pin and asked != version:
        coming = list(_of_a_pin(source, root, version, asked))
        for path, recording in coming:
            save(path, recording)
        return len(coming)
    count = 0
    for folder in source.rglob(f"{FOLDER}/{safe_name(version)}"):
        target = root / folder.relative_to(source)
        if target.exists():
            shutil.rmtree(target)
        shutil.copytree(folder, target, ignore=shutil.ignore_patterns(TEMPORARY))
        count += sum(file.is_file() for file in target.rglob("*.json"))
    for file in source.rglob(f"{FOLDER}/*/*/*.json"):
        if file.parts[-3] not in (safe_name(version), safe_name(asked)):
            count += _add(file, root / file.relative_to(source))
    return count


def _of_a_pin(
    source: Path, root: Path, version: str, asked: str
) -> Iterator[tuple[Path, Recording]]:
    """What comes of a version that is another model's pin, and of what was asked beside it."""
    for file in sorted(source.rglob(f"{FOLDER}/*/*/*.json")):
        there, its = root / file.relative_to(source), file.parts[-3] == safe_name(asked)
        target = _in_folder_of(version, there) if its else there
        if (recording := _grown(file, target, version if its else None)) is not None:
            yield target, recording


def _add(source: Path, target: Path) -> bool:
    """Add what a recording holds to another, which may not be there yet; whether any came."""
    if (recording := _grown(source, target)) is not None:
        save(target, recording)
    return recording is not None


def _grown(source: Path, target: Path, version: str | None = None) -> Recording | None:
    """The recording with what another holds beyond it, None where that is nothing.

    With a `version`, what names another is left out.
    """
    new = read(source)
    if new is not None and version is not None:
        its = (each for each in new.exchanges if _may_be_of(version, each))
        new = new._replace(version=version, exchanges=tuple(its))
    return _added(target, new)


def _may_be_of(version: str, exchange: Exchange) -> bool:
    """Whether its reply names the version, or none at all, as of an expected error."""
    return exchange.served is None or _names(version, exchange)


def _names(version: str, exchange: Exchange) -> bool:
    return version in (exchange.served, served_id(exchange.asked, exchange.reply()))


def _exchanges(source: Path, asked: str) -> Iterator[Exchange]:
    for file in source.rglob(f"{FOLDER}/{safe_name(asked)}/*/*.json"):
        if (recording := read(file)) is not None:
            yield from recording.exchanges


def _in_folder_of(version: str, path: Path) -> Path:
    """Where a recording's namesake of a version lies."""
    return path.parents[2] / safe_name(version) / path.parent.name / path.name


def recordings_of_nights(reports: Path, name: str, version: str) -> Path | None:
    """Where the last night that recorded `version` for `name` put its recordings.

    Failing that, where runs by hand put theirs; None: nowhere.
    """
    nights = sorted(reports.glob(f"nights/*/{name}/recordings"), reverse=True)
    wanted = f"{FOLDER}/{safe_name(version)}"
    places = [*nights, reports / TRIED.name]
    return next((place for place in places if any(place.rglob(wanted))), None)


def recorded_by_nights(
    reports: Path, root: Path, name: str, version: str, asked: str | None = None
) -> Mapping[Path, bytes]:
    """That night's recordings by where they belong, where none of `version` lie there yet.

    What the same tests asked versions beside that are recorded there already, such as a judge's, is
    added to what they hold. `asked` is the candidate's id where `version` is another model's pin:
    a night leaves its recordings under that id. Raises RecordingError.
    """
    if asked and asked != version:
        for night in sorted(reports.glob(f"nights/*/{name}/recordings"), reverse=True):
            if any(_names(version, each) for each in _exchanges(night, asked)):
                of_pin = _of_a_pin(night, root, version, asked)
                return {path: write_recording(one).encode() for path, one in of_pin}
    source = recordings_of_nights(reports, name, version)
    if source is None:
        return {}
    coming = {
        root / file.relative_to(source): file.read_bytes()
        for folder in source.rglob(f"{FOLDER}/{safe_name(version)}")
        if not (root / folder.relative_to(source)).is_dir()
        for file in folder.rglob("*")
        if file.is_file() and not is_temporary(file.name)
    }
    heard = {
        root / file.relative_to(source): partial(read, file)
        for file in source.rglob(f"{FOLDER}/*/*/*.json")
    }
    return coming | asked_beside(coming, version, heard)


def asked_beside(
    own: Container[Path], version: str, heard: Mapping[Path, Callable[[], Recording | None]]
) -> dict[Path, bytes]:
    """What the tests of `own`, recordings of `version` by where they belong, asked other versions.

    Of `heard`, by where they belong, too; added to what is recorded there already, and only where
    anything of that version is. Raises RecordingError.
    """
    coming: dict[Path, bytes] = {}
    for target, new in heard.items():
        of_version = _in_folder_of(version, target)
        if target == of_version or of_version not in own or not target.parents[1].is_dir():
            continue
        if (recording := _added(target, new())) is not None:
            coming[target] = write_recording(recording).encode()
    return coming


def _added(target: Path, new: Recording | None) -> Recording | None:
    return None if new is None or new.test.endswith(JUDGE) else grown(read(target), new)
