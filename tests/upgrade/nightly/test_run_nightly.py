"""`require:` in models.yml: nights alone do not move a pin whose other stages are not green."""

from __future__ import annotations

import subprocess

import pytest

from modelpin_runtime.registry.models import Model, Pins, Settings
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.ledger import StageEvidence, Streak
from pytest_modelpin.ledger.store import FolderLedger
from pytest_modelpin.upgrade.bump.promote import build_bump
from pytest_modelpin.upgrade.nightly import NightlyContext, alone, run_nightly
from pytest_modelpin.upgrade.nightly.one_night import NightResult
from pytest_modelpin.upgrade.nightly.run_nightly import with_shared_pin, with_stages
from pytest_modelpin.upgrade.proposal import checked_out
from pytest_modelpin.upgrade.suite import Suite


@pytest.fixture
def result(night):
    verdict = Verdict("green", bump_due=True, reasons=("no worse",))
    return NightResult(night(served="claude-b"), verdict, Streak("claude", None, "f"))


def test_a_due_bump_is_held_until_each_required_stage_is_there_and_green(result, tmp_path):
    ledger = FolderLedger(tmp_path)
    model = Model("claude", "claude-a", require=("nightly", "shadow"))
    held, due, why = with_stages(result, model, ledger, "claude-a -> claude-b")
    assert (held, due) == (result, False)
    assert "requires a green shadow of claude-b" in why
    assert "pytest-modelpin shadow TRAFFIC --name claude" in why

    def shadowed(colour, at):
        ledger.add_stage(StageEvidence("claude", "claude-b", "shadow", colour, "50 requests", at))

    shadowed("red", "2026-11-20")
    assert (
        "its shadow of 2026-11-20 is red: 50 requests" in with_stages(result, model, ledger, "")[2]
    )
    shadowed("green", "2026-11-21")
    shown, due, why = with_stages(result, model, ledger, "claude-a -> claude-b")
    assert (due, why) == (True, "claude-a -> claude-b")
    assert shown.verdict.reasons == ("shadow of 2026-11-21: 50 requests", "no worse")


def test_without_require_nights_are_enough(result, tmp_path):
    model = Model("claude", "claude-a")
    assert with_stages(result, model, FolderLedger(tmp_path), "x") == (result, True, "x")


def test_a_pin_that_two_models_will_share_is_said(result, tmp_path):
    model, other = Model("claude", "claude-a"), Model("judge", "claude-b")
    pins = Pins({"claude": model, "judge": other}, Settings(), tmp_path)
    first, told = with_shared_pin(result, model, pins).verdict.reasons
    assert first == "no worse"
    assert told.startswith("claude-b is the pin of judge, too")
    assert '`@pytest.mark.modelpin(models=["claude"])`' in told
    assert with_shared_pin(result, model, Pins({"claude": model}, Settings(), tmp_path)) == result


def test_a_night_has_its_folder_to_itself(tmp_path, monkeypatch):
    """Two at once read each other's reports: one judged the other's candidate as its own."""
    monkeypatch.setattr("pytest_modelpin.upgrade.nightly._PATIENCE", 0.0)
    context = NightlyContext(Suite(tmp_path), None, tmp_path / "nights", "2026-11-20")
    with alone(context) as first:
        assert first.suite.holds
        with (
            pytest.raises(UpgradeError, match="two would read each other's reports"),
            alone(context),
        ):
            pass
    with alone(context):
        pass


def test_no_bump_is_built_on_a_commit_that_came_while_the_night_ran(tmp_path, result):
    """It moved a pin that the night had never been beside, or to a version just rolled back."""

    def git(*arguments):
        who = ["-c", "user.name=You", "-c", "user.email=you@example.com"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True)

    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "-m", "Pinned")
    pins = Pins({}, Settings(), tmp_path / "models.yml")
    context = NightlyContext(Suite(tmp_path), pins, tmp_path / "nights", "2026-11-20")
    with alone(context) as night:
        assert night.file == "models.yml"
        git("commit", "--quiet", "--allow-empty", "-m", "Rolled back")
        with pytest.raises(UpgradeError, match="was checked out while the night ran"):
            build_bump(night, [(Model("claude", "claude-a"), result)], "claude")


@pytest.mark.counterpart
@pytest.mark.parametrize(
    ("branch", "since", "again", "why"),
    [
        ("main", "app.py", False, None),
        ("main", None, True, None),
        ("main", "app.py", True, "start a new one by “Run workflow”"),
        ("feature", "app.py", False, "is not on the default branch, so this night is shown"),
        ("main", "models.yml", False, "models.yml has changed on the default branch since"),
    ],
)
def test_a_night_of_what_is_not_the_default_branchs_is_shown_and_not_kept(
    tmp_path, github, ledger, night, monkeypatch, branch, since, again, why
):
    """Of somebody's branch it ended the streak, of the bump's own it closed the pull request; a
    failed run that was started again had the pin, or the tests, of its day.
    """
    github.person("POST", "/git/refs", {"ref": "refs/heads/feature", "sha": github.head()})
    github.commit({"half_done.py": "x = 1\n"}, branch="feature")
    tried = github.head(branch)
    if since:
        github.commit({since: "x: 1\n"})
    tonight = NightResult(night(), Verdict("green"), Streak("claude", None, "f"))
    registry = tmp_path / "models.yml"
    pins = Pins({"claude": Model("claude", "claude-a", "claude-b")}, Settings(), registry)
    for name, does in {
        "production_run": lambda _: None, "unrecorded": lambda *_: [],
        "refused_requests": lambda *_: {}, "one_night": lambda *_: tonight,
    }.items():  # fmt: skip
        monkeypatch.setattr(run_nightly, name, does)
    monkeypatch.setattr(checked_out, "git", lambda *_: tried)
    monkeypatch.setattr(checked_out, "from_top", lambda *_: "models.yml")
    context = NightlyContext(Suite(tmp_path), pins, tmp_path / "nights", "2026-11-20", again=again)
    forge = github.connect()
    played = run_nightly.run_nightly(context, (), ledger=ledger(), forge=forge, pull_requests=True)
    assert (len(ledger().read("claude")), played.kept) == ((0, False) if why else (1, True))
    if why:
        assert why in played.notes[0]
        assert github.issues() == []


def test_a_version_that_people_have_left_makes_no_branch_again_without_github(
    tmp_path, night, monkeypatch
):
    """Reverted by hand, its nights were as green as before: each night built its bump anew."""
    ledger = FolderLedger(tmp_path / "ledger")
    ledger.append(night("2026-11-19", pin="claude-b", served="claude-b"))
    due = NightResult(
        night("2026-11-20", pin="claude-a", served="claude-b"),
        Verdict("green", bump_due=True),
        Streak("claude", "claude-b", "f"),
    )
    models = {"claude": Model("claude", "claude-a", "claude-b-latest")}
    pins = Pins(models, Settings(), tmp_path / "models.yml")
    built = []
    for name, does in {
        "production_run": lambda _: None, "unrecorded": lambda *_: [],
        "refused_requests": lambda *_: {}, "one_night": lambda *_: due,
        "promotable": lambda *_: (True, "due"), "build_bump": lambda *_: built.append(1),
    }.items():  # fmt: skip
        monkeypatch.setattr(run_nightly, name, does)
    context = NightlyContext(Suite(tmp_path), pins, tmp_path / "nights", "2026-11-20")
    for _ in range(2):
        played = run_nightly.run_nightly(context, (), ledger=ledger, forge=None, pull_requests=True)
        (told,) = played.nights
        assert (told.due, built) == (False, [])
        assert told.state == (
            "claude: claude-b is not wanted (it was the pin until 2026-11-19); "
            "`pytest-modelpin promote claude --to claude-b` moves the pin to it all the same"
        )
    assert len(ledger.decisions("claude")) == 1
