"""A version back from the history of git, and the pull request that asks for it."""

from __future__ import annotations

import dataclasses
import subprocess
from datetime import date
from pathlib import Path

import pytest

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.files import write_atomically
from pytest_modelpin.ledger.decision import unwanted
from pytest_modelpin.ledger.store import BranchLedger
from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.recording_file import Recording, read, save
from pytest_modelpin.upgrade import UpgradeContext
from pytest_modelpin.upgrade.proposal import find, want_again, want_no_more
from pytest_modelpin.upgrade.proposal.proposal import propose_change
from pytest_modelpin.upgrade.rollback import (
    Rollback,
    body,
    recorded,
)

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
    for path, content in recorded(folder / "models.yml", "support", OLD, folder).items():
        write_atomically(path, content)


def test_recordings_come_back_from_before_the_pin_moved(moved: Path) -> None:
    restore(moved)
    back = moved / RECORDED / OLD / "test_a" / "test_x.json"
    assert back.read_text() == f"said by {OLD}\n"
    assert (moved / "models.yml").read_text().endswith(f"{NEW}\n")


def test_what_was_recorded_while_the_bump_was_open_comes_back(tmp_path: Path) -> None:
    """The bump's branch, made anew on a base that moved on, was merged by a merge commit."""
    git(tmp_path, "init", "-q", "--initial-branch=main")
    commit(tmp_path, OLD)
    git(tmp_path, "checkout", "-qb", "bump")
    commit(tmp_path, NEW, leaves=OLD)
    git(tmp_path, "checkout", "-q", "main")
    later = tmp_path / RECORDED / OLD / "test_a" / "test_later.json"
    later.write_text("said while it was open\n")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "-qm", "one test more")
    git(tmp_path, "checkout", "-q", "bump")
    git(tmp_path, "merge", "-q", "main", "-m", "again")
    git(tmp_path, "rm", "-rq", str(RECORDED / OLD))
    git(tmp_path, "commit", "-q", "--amend", "--no-edit")
    git(tmp_path, "checkout", "-q", "main")
    git(tmp_path, "merge", "-q", "--no-ff", "bump", "-m", "Merge #1")
    restore(tmp_path)
    assert later.read_text() == "said while it was open\n"
    assert (later.parent / "test_x.json").is_file()


def test_what_is_large_comes_back_byte_for_byte(moved: Path) -> None:
    sound = Path("test_a") / f"{'ab' * 16}.bin"
    git(moved, "checkout", "-q", "HEAD~1")
    (moved / RECORDED / OLD / sound).write_bytes(b"\xff\r\n\n" * 9000)
    git(moved, "add", "--all")
    git(moved, "commit", "-qm", "aloud")
    commit(moved, NEW, leaves=OLD)
    restore(moved)
    assert (moved / RECORDED / OLD / sound).read_bytes() == b"\xff\r\n\n" * 9000


def test_what_gitattributes_keeps_from_releases_comes_back_too(moved: Path) -> None:
    """Such as `tests/ export-ignore`: history was said to hold no recordings."""
    git(moved, "checkout", "-q", "HEAD~1")
    (moved / ".gitattributes").write_text("tests/ export-ignore\n")
    git(moved, "add", "--all")
    git(moved, "commit", "-qm", "no tests in releases")
    commit(moved, NEW, leaves=OLD)
    restore(moved)
    assert (moved / RECORDED / OLD / "test_a" / "test_x.json").is_file()


def test_what_the_tests_asked_a_judge_beside_it_comes_back_too(moved: Path) -> None:
    """After the bump nothing asked it, and `pytest --snapshot-update` had taken it away."""

    def say(*questions: str) -> None:
        heard = tuple(
            Exchange(
                Request("POST", "https://x/v1", {"q": each}), Response(200, {}, b"{}"), "judge"
            )
            for each in questions
        )
        save(judged, Recording("test_a::test_x", "judge", date(2026, 11, 20), heard))

    judged = moved / RECORDED / "judge" / "test_a" / "test_x.json"
    git(moved, "checkout", "-q", "HEAD~1")
    say("of the old answer", "of both")
    git(moved, "add", "--all")
    git(moved, "commit", "-qm", "judged")
    commit(moved, NEW, leaves=OLD)
    say("of both", "of the new answer")
    restore(moved)
    found = read(judged)
    assert found is not None
    asked = [each.request.body["q"] for each in found.exchanges]  # type: ignore[call-overload,index]
    assert asked == ["of both", "of the new answer", "of the old answer"]


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n"


def lfs(folder: Path, smudge: str) -> None:
    """As Git LFS does it; a machine may have that itself, under its own name."""
    git(folder, "init", "-q")
    (folder / ".gitattributes").write_text("*.json filter=elsewhere -text\n")
    git(folder, "config", "filter.elsewhere.clean", f"cat >/dev/null; printf '{POINTER}'")
    commit(folder, OLD)
    commit(folder, NEW, leaves=OLD)
    git(folder, "config", "filter.elsewhere.required", "true")
    git(folder, "config", "filter.elsewhere.smudge", smudge)


def test_what_git_lfs_keeps_comes_back_as_it_was(tmp_path: Path) -> None:
    """The pointers came back, and the rollback called the recordings torn."""
    lfs(tmp_path, "echo it was said")
    restore(tmp_path)
    back = tmp_path / RECORDED / OLD / "test_a" / "test_x.json"
    assert back.read_text() == "it was said\n"


@pytest.mark.parametrize("smudge", ["false", "cat"])
def test_what_git_lfs_has_not_is_said(tmp_path: Path, smudge: str) -> None:
    lfs(tmp_path, smudge)
    with pytest.raises(UpgradeError, match=r"is a pointer of Git LFS.*`git lfs fetch --all`"):
        restore(tmp_path)


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


OLD, NEW = "claude-sonnet-4-5-20250929", "claude-sonnet-4-5-20251101"
BRANCH = "modelpin/claude-rollback"


@pytest.fixture
def rollback():
    files = {
        "models.yml": f"models:\n  claude:\n    production: {OLD}\n".encode(),
        f"tests/__recordings__/{OLD}/test_a/test_a.json": b"{}\n",
    }
    return Rollback("claude", NEW, OLD, "answers in French", date(2026, 11, 20), files, "anthropic")


@pytest.fixture
def propose(github, rollback):
    def run(one=rollback, settings=Settings(), **how):  # noqa: B008
        context = UpgradeContext(github.connect(), BranchLedger(github.connect()), settings)
        return propose_change(context, one.change, **how)

    return run


@pytest.mark.counterpart
class TestPullRequest:
    def test_it_opens_one_with_the_whole_way_back(self, github, propose, rollback):
        asked = propose()
        (pull,) = github.pulls()
        assert (asked.action, asked.number, asked.url) == ("opened", 1, pull["html_url"])
        assert pull["title"] == f"Roll claude back from {NEW} to {OLD}"
        assert (pull["head"]["ref"], pull["base"]["ref"]) == (BRANCH, "main")
        assert github.files(BRANCH) == github.files("main") | rollback.files
        assert "answers in French" in pull["body"]

    def test_it_is_labelled(self, github, propose):
        propose(settings=Settings(labels=("llm",)))
        assert {label["name"] for label in github.pulls()[0]["labels"]} == {"model-pin", "llm"}

    def test_again_changes_nothing(self, github, propose):
        propose()
        head, sent = github.head(BRANCH), github.sent("PATCH") + github.sent("POST")
        assert propose().action == "unchanged"
        assert github.head(BRANCH) == head
        assert github.sent("PATCH") + github.sent("POST") == sent

    def test_another_day_updates_it(self, github, propose, rollback):
        propose()
        later = dataclasses.replace(rollback, files={**rollback.files, "models.yml": b"later\n"})
        assert propose(later).action == "updated"
        assert github.files(BRANCH)["models.yml"] == b"later\n"
        assert len(github.pulls()) == 1

    def test_a_persons_commit_is_left_alone(self, github, propose, rollback):
        propose()
        mine = github.commit({"mine.py": "1\n"}, BRANCH)
        other = dataclasses.replace(rollback, files={"models.yml": b"other\n"})
        asked = propose(other)
        assert (asked.action, asked.number) == ("blocked", 1)
        assert "not the bot's" in asked.sentence
        assert github.head(BRANCH) == mine

    def test_a_push_in_between_is_seen(self, github, propose):
        propose_first = propose()
        assert propose_first.action == "opened"
        fault = {"action": lambda: github.commit({"mine.py": "1\n"}, BRANCH)}
        github.fault("PATCH", f"/git/refs/heads/{BRANCH}", **fault)
        asked = propose(
            Rollback("claude", NEW, OLD, "x", date(2026, 11, 20), {"models.yml": b"other\n"})
        )
        assert asked.action == "blocked"
        assert "meanwhile" in asked.sentence
        assert github.files(BRANCH)["mine.py"] == b"1\n"

    def test_closed_and_asked_for_again_it_opens_again(self, github, propose):
        propose()
        github.close(1)
        assert (propose().action, len(github.pulls())) == ("opened", 2)

    def test_where_pull_requests_are_not_permitted_the_branch_is_ready(self, github, propose):
        message = "GitHub Actions is not permitted to create or approve pull requests."
        github.fault("POST", "/pulls", status=403, message=message)
        asked = propose()
        assert asked.action == "blocked"
        assert "Allow GitHub Actions to create and approve pull requests" in asked.sentence
        assert asked.url.endswith(f"/compare/main...{BRANCH}?expand=1")
        assert github.head(BRANCH)

    def test_a_lost_answer_opens_no_second_one(self, github, propose):
        github.fault("POST", "/pulls", after=True)
        assert (propose().number, len(github.pulls())) == (1, 1)

    def test_labels_that_github_refuses_cost_a_sentence_only(self, github, propose):
        github.fault("POST", "/issues/1/labels", status=403, message="no")
        asked = propose()
        assert asked.action == "opened"
        assert "No labels: GitHub refused" in asked.sentence


class TestText:
    def test_it_tells_how_to_go_back_at_once(self, rollback):
        assert f"`MODELPIN_CLAUDE={OLD}`" in body(rollback)

    def test_it_says_that_the_old_version_retires(self, rollback):
        assert f"`{OLD}` retires in 10 days, on 2026-11-30" in body(rollback)

    def test_a_reason_acts_on_nothing(self, rollback):
        text = body(dataclasses.replace(rollback, because="@octocat closes #1 <!-- x -->"))
        assert "@octocat" not in text
        assert "#1" not in text
        assert text.count("<!--") == 1

    def test_it_remembers_its_move(self, rollback):
        marker = find(body(rollback))
        assert [(move.old, move.new) for move in marker.moves] == [(NEW, OLD)]

    def test_the_workflows_own_token_is_told_that_checks_wait(self, rollback):
        assert "Approve workflows to run" in body(rollback, "github-actions[bot]")
        assert "Approve workflows to run" not in body(rollback, "a-persons-app[bot]")


@pytest.mark.counterpart
class TestUnwanted:
    def test_a_version_that_was_left_is_kept_once(self, ledger):
        for _ in range(2):
            want_no_more(ledger(), "claude", NEW, "rolled back on 2026-11-20")
        assert len(ledger().decisions("claude")) == 1
        assert unwanted(ledger().decisions("claude"))[NEW].because == "rolled back on 2026-11-20"

    def test_after_a_tick_it_can_be_left_again(self, ledger):
        want_no_more(ledger(), "claude", NEW, "rolled back on 2026-11-20")
        want_again(ledger(), "claude", NEW, "ticked on the dashboard")
        want_no_more(ledger(), "claude", NEW, "rolled back on 2026-11-21")
        assert NEW in unwanted(ledger().decisions("claude"))
