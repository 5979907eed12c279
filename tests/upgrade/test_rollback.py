"""Bringing a version's recordings back from git history."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.files import write_atomically
from pytest_modelpin.upgrade.rollback.rollback import missing, recorded

OLD, NEW = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"
RECORDED = Path("tests") / "__recordings__"


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, pin: str, *, leaves: str | None = None) -> None:
    """A commit that pins `pin`, with its recording; that of the version it leaves goes."""
    (folder / "models.yml").write_text(f"models:\n  support:\n    production: {pin}\n")
    recording = folder / RECORDED / pin / "test_a" / "test_x.json"
    recording.parent.mkdir(parents=True)
    recording.write_text(f"said by {pin}\n")
    if leaves:
        git(folder, "rm", "-rq", str(RECORDED / leaves))
    git(folder, "add", "--all")
    git(folder, "commit", "-qm", pin)


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """A repository whose pin has moved from OLD to NEW."""
    git(tmp_path, "init", "-q")
    commit(tmp_path, OLD)
    commit(tmp_path, NEW, leaves=OLD)
    return tmp_path


def restore(folder: Path) -> None:
    """Write what is missing, as `roll_back` has it done."""
    found = recorded(folder / "models.yml", "support", OLD, folder)
    for path, content in missing(found).items():
        write_atomically(path, content)


def test_recordings_come_back_from_before_the_pin_moved(moved: Path) -> None:
    restore(moved)
    back = moved / RECORDED / OLD / "test_a" / "test_x.json"
    assert back.read_text() == f"said by {OLD}\n"
    assert (moved / "models.yml").read_text().endswith(f"{NEW}\n")


def test_a_tarfile_without_filters_is_enough(moved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As in Python 3.11.2, which Debian 12 has.
    def extract(self, member, path="", set_attrs=True, *, numeric_owner=False):  # type: ignore[no-untyped-def]
        raise AssertionError("not to be used: it would trust the archive's names")

    monkeypatch.setattr(tarfile.TarFile, "extract", extract)
    restore(moved)
    assert (moved / RECORDED / OLD / "test_a" / "test_x.json").is_file()


def test_a_recording_that_is_there_stays(moved: Path) -> None:
    kept = moved / RECORDED / OLD / "test_a" / "test_x.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("recorded again\n")
    restore(moved)
    assert kept.read_text() == "recorded again\n"


def test_nothing_is_written_outside_of_the_repository(
    moved: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (moved / RECORDED / OLD).symlink_to(elsewhere)
    with pytest.raises(UpgradeError, match="outside"):
        restore(moved)
    assert not list(elsewhere.iterdir())


def test_a_version_that_history_never_pinned_is_refused(moved: Path) -> None:
    with pytest.raises(UpgradeError, match="in which support was pinned to gpt-5"):
        recorded(moved / "models.yml", "support", "gpt-5", moved)
