import subprocess

import pytest

from modelpin_runtime.registry.models import Model, Pins, Settings
from pytest_modelpin.ledger.decision import unwanted
from pytest_modelpin.ledger.store import FolderLedger
from pytest_modelpin.upgrade import UpgradeContext
from pytest_modelpin.upgrade.git import write_branch
from pytest_modelpin.upgrade.nightly import NightlyContext, left_behind
from pytest_modelpin.upgrade.nightly.left_behind import close_left_behind, told_left_behind
from pytest_modelpin.upgrade.proposal.body import body, title
from pytest_modelpin.upgrade.proposal.pull_request import open_or_update
from pytest_modelpin.upgrade.suite import Suite

pytestmark = pytest.mark.counterpart

FILE = "models.yml"
OLD, NEW = "claude-sonnet-4-5-20250929", "claude-sonnet-4-5-20251101"
OURS = Model("claude", OLD, "claude-b")


@pytest.fixture
def propose(github, ledger, bump, settings):
    """One pull request of a bump."""
    return lambda one: open_or_update(UpgradeContext(github.connect(), ledger(), settings), one)


@pytest.fixture
def tonight(github, ledger, settings, tmp_path):
    """What the end of a night says of pull requests, with these models in models.yml."""

    def run(*models: Model) -> list[str]:
        pins = Pins({model.name: model for model in models}, Settings(), tmp_path / FILE)
        nightly = NightlyContext(Suite(tmp_path), pins, tmp_path, "2026-11-21", file=FILE)
        context = UpgradeContext(github.connect(), ledger(), settings)
        return [*close_left_behind(context, nightly)]

    return run


LEFT = pytest.mark.parametrize(
    ("models", "why"),
    [
        ((Model("sonnet", "claude-a", "claude-b"),), "claude is not in models.yml any more"),
        ((Model("claude", NEW, "claude-b"),), f"claude is pinned to {NEW} already"),
        (
            (Model("claude", "claude-opus-4-6", "claude-b"),),
            f"claude is pinned to claude-opus-4-6 now, no longer to {OLD}",
        ),
        (
            (Model("claude", OLD, "claude-b", ignore=(NEW,)),),
            f"{NEW} is on `ignore` of claude in models.yml",
        ),
        ((Model("claude", OLD),), "claude has no candidate in models.yml any more"),
        (
            (Model("claude", OLD, "claude-b", policy="float"),),
            "the policy of claude is `float` now, so it is watched only",
        ),
        (
            (Model("claude", OLD, "claude-b", group="chat"),),
            "claude moves with the group chat now",
        ),
    ],
    ids=[
        "renamed",
        "caught up",
        "moved by hand",
        "ignored",
        "no candidate",
        "floating",
        "in a group",
    ],
)


@LEFT
def test_one_that_no_night_follows_is_closed_with_the_reason(
    github, ledger, night, bump, propose, tonight, models, why
):
    ledger().append(night(file=FILE))
    propose(bump())
    assert tonight(*models) == [f"Closed pull request #1: {why}."]
    (pull,) = github.pulls()
    assert pull["state"] == "closed"
    assert "Closing this: " in github.comments(1)[0]
    propose(bump())  # nobody decided against the version
    assert unwanted(ledger().decisions("claude")) == {}


def test_one_that_is_followed_is_left_alone(github, ledger, night, bump, propose, tonight):
    ledger().append(night(file=FILE))
    propose(bump())
    assert tonight(OURS) == []
    assert github.pulls()[0]["state"] == "open"


def test_a_group_that_a_member_has_left_is_closed(github, bump, propose, tonight):
    members = (bump(name="claude"), bump(name="gpt", old="a", new="b"))
    propose(bump(name="chat", members=members))
    chat = Model("claude", OLD, "claude-b", group="chat")
    said = tonight(chat, Model("gpt", "a", "b"))
    assert said == ["Closed pull request #1: gpt moves alone now."]


def test_a_rollback_stays_for_as_long_as_it_leaves_the_pin(
    github, bump, propose, tonight, ledger, night
):
    ledger().append(night(file=FILE))
    propose(bump(name="claude-rollback", members=(bump(),)))
    assert tonight() == tonight(OURS) == tonight(Model("claude", OLD)) == []
    said = tonight(Model("claude", "claude-opus-4-6", "claude-b"))
    assert said == [
        f"Closed pull request #1: claude is pinned to claude-opus-4-6 now, no longer to {OLD}."
    ]


@pytest.mark.parametrize("file", ["triage/models.yml", ""])
def test_what_may_be_another_models_ymls_stays(
    github, ledger, night, bump, propose, tonight, monkeypatch, file
):
    monkeypatch.setattr(left_behind, "owner_elsewhere", lambda *_: file or None)
    ledger().append(night(file=file))
    propose(bump())
    assert tonight(Model("sonnet", "claude-a", "claude-b")) == []
    assert github.pulls()[0]["state"] == "open"


def test_a_persons_branch_is_told_once_and_left(github, ledger, night, bump, propose, tonight):
    ledger().append(night(file=FILE))
    propose(bump())
    github.commit({"prompt.txt": "better"}, "modelpin/claude")
    propose(bump())
    for _ in range(2):
        assert "to the person who works on it" in tonight()[0]
    assert github.pulls()[0]["state"] == "open"
    assert len(github.comments(1)) == 2


def test_one_that_is_reopened_is_told_another_reason(github, ledger, night, bump, propose, tonight):
    ledger().append(night(file=FILE))
    propose(bump())
    tonight(Model("claude", OLD))
    github.person("PATCH", "/pulls/1", {"state": "open"})
    tonight()
    assert len(github.comments(1)) == 2


BRANCH = "modelpin/claude"


class TestWithoutGitHub:
    """Each night's bump is a local branch there, which a pipeline pushes: a merge request of a pin
    that had moved, or of a version that nobody could have any more, stood open for ever.
    """

    @pytest.fixture
    def git(self, tmp_path):
        def run(*arguments: str) -> str:
            who = ["-c", "user.name=You", "-c", "user.email=you@example.com"]
            command = ["git", *who, *arguments]
            return subprocess.run(
                command, cwd=tmp_path, check=True, capture_output=True, text=True
            ).stdout.strip()

        run("init", "--quiet")
        run("commit", "--quiet", "--allow-empty", "-m", "Pinned")
        return run

    @pytest.fixture
    def propose_here(self, git, tmp_path):
        def write(one):
            text = f"{title(one)}\n\n{body(one, local=True)}"
            write_branch(tmp_path, f"modelpin/{one.name}", one.files, text, at=0)

        return write

    @pytest.fixture
    def here(self, git, tmp_path, night):
        """What a night says of its branches, with this entry in models.yml."""

        def run(*models: Model, nights=(), kept=FILE) -> list[str]:
            ledger = FolderLedger(tmp_path / "ledger")
            ledger.append(night(file=kept))
            pins = Pins({model.name: model for model in models}, Settings(), tmp_path / FILE)
            context = NightlyContext(Suite(tmp_path), pins, tmp_path, "2026-11-21", file=FILE)
            return told_left_behind(None, context, ledger, nights)

        return run

    @LEFT
    def test_its_branch_is_deleted_with_the_reason(
        self, git, bump, propose_here, here, models, why
    ):
        propose_here(bump())
        assert here(*models) == [f"Deleted the local branch {BRANCH}: {why}."]
        assert git("branch", "--list", "modelpin/*") == ""

    def test_so_is_that_of_a_version_that_answers_no_more(
        self, git, bump, night, propose_here, here
    ):
        propose_here(bump())
        for served in (None, NEW):
            assert here(OURS, nights=[night(served=served)]) == []
        assert here(OURS, nights=[night(served="claude-c")]) == [
            f"Deleted the local branch {BRANCH}: claude is answered by claude-c now, no longer by "
            f"{NEW}."
        ]
        assert git("branch", "--list", "modelpin/*") == ""

    def test_one_that_is_followed_or_checked_out_or_a_persons_stays(
        self, git, bump, propose_here, here
    ):
        propose_here(bump())
        assert here(kept="") == [], "it may be another models.yml's"
        assert here(OURS) == []
        moved = Model("claude", "claude-opus-4-6", "claude-b")
        git("checkout", "--quiet", BRANCH)
        assert here(moved) == []
        git("commit", "--quiet", "--allow-empty", "-m", "Mine")
        git("checkout", "--quiet", "--detach", "HEAD~2")
        assert here(moved) == []
        assert git("log", "-1", "--format=%s", BRANCH) == "Mine"

    def test_without_git_there_is_none(self, tmp_path, night):
        pins = Pins({"claude": OURS}, Settings(), tmp_path / FILE)
        context = NightlyContext(Suite(tmp_path), pins, tmp_path, "2026-11-21")
        assert told_left_behind(None, context, FolderLedger(tmp_path / "ledger")) == []
