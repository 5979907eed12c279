"""Which nights are at hand: of the clone's branch, a folder that is named, `nightly`'s own."""

import subprocess

import pytest

from pytest_modelpin.alarms.status import nights_at_hand
from pytest_modelpin.errors import LedgerError
from pytest_modelpin.ledger import night_line
from pytest_modelpin.ledger.store import FolderLedger

TEXT = "models: {a: {production: x}, b: {production: y}}"


def git(root, *arguments, date="2026-11-19T03:00:00Z"):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(
        ["git", *identity, *arguments], cwd=root, check=True, capture_output=True,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "GIT_COMMITTER_DATE": date, "HOME": str(root)},
    )  # fmt: skip


@pytest.fixture
def repository(tmp_path, night):
    """A clone whose branch `modelpin-ledger` holds one night; the work tree is on another."""
    root = tmp_path / "clone"
    root.mkdir()
    git(root, "init", "-q", "-b", "modelpin-ledger")
    (root / "a.jsonl").write_text(night_line(night("2026-11-18")) + "\n")
    git(root, "add", ".")
    git(root, "commit", "-qm", "a night")
    git(root, "checkout", "-q", "--orphan", "main")
    git(root, "rm", "-qrf", ".")
    return root


def days(nights):
    return [night.day for night in nights]


def test_the_branch_of_the_clone_is_read(repository, pins_of):
    nights = nights_at_hand(pins_of(TEXT), repository)
    assert days(nights["a"]) == ["2026-11-18"]
    assert days(nights["b"]) == []


def test_of_a_local_and_a_remote_branch_the_one_written_last_counts(repository, pins_of, night):
    git(repository, "update-ref", "refs/remotes/origin/modelpin-ledger", "modelpin-ledger")
    git(repository, "checkout", "-q", "modelpin-ledger")
    with (repository / "a.jsonl").open("a") as file:
        file.write(night_line(night("2026-11-19")) + "\n")
    git(repository, "commit", "-qam", "another", date="2026-11-20T03:00:00Z")
    git(repository, "update-ref", "refs/remotes/origin/modelpin-ledger", "modelpin-ledger")
    git(repository, "reset", "-q", "--hard", "HEAD~1")
    assert days(nights_at_hand(pins_of(TEXT), repository)["a"]) == ["2026-11-18", "2026-11-19"]


def test_a_folder_that_is_named_wins(repository, pins_of, night, tmp_path):
    FolderLedger(tmp_path / "ledger").append(night("2026-11-01"))
    nights = nights_at_hand(pins_of(TEXT), repository, tmp_path / "ledger")
    assert days(nights["a"]) == ["2026-11-01"]


def test_without_a_branch_the_folder_of_nightly_is_read(tmp_path, pins_of, night):
    FolderLedger(tmp_path / ".pytest_modelpin" / "ledger").append(night("2026-11-02"))
    assert days(nights_at_hand(pins_of(TEXT), tmp_path)["a"]) == ["2026-11-02"]


def test_without_any_ledger_there_are_no_nights(tmp_path, pins_of):
    assert days(nights_at_hand(pins_of(TEXT), tmp_path)["a"]) == []


def test_a_folder_that_is_none(tmp_path, pins_of):
    with pytest.raises(LedgerError, match="is no folder"):
        nights_at_hand(pins_of(TEXT), tmp_path, tmp_path / "gone")
