"""A run of `nightly` as a whole: what it waits for, refuses, and goes on after."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from types import SimpleNamespace

import pytest

from modelpin_runtime.registry.models import Model, Pins, Settings
from pytest_modelpin.errors import ForgeError, LedgerError, UpgradeError
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.ledger import Night, Streak
from pytest_modelpin.ledger.store import FolderLedger
from pytest_modelpin.upgrade import UpgradeContext
from pytest_modelpin.upgrade.bump.promote import build_bump
from pytest_modelpin.upgrade.nightly import NightlyContext, alone, model_night, run_nightly
from pytest_modelpin.upgrade.nightly.one_night import NightResult
from pytest_modelpin.upgrade.proposal import Tick, checked_out
from pytest_modelpin.upgrade.proposal.pull_request import open_or_update
from pytest_modelpin.upgrade.suite import Suite


@pytest.fixture
def result(night):
    verdict = Verdict("green", bump_due=True, reasons=("no worse",))
    return NightResult(night(served="claude-b"), verdict, Streak("claude", None, "f"))


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
        ("feature", "app.py", False, "is not on the default branch, so this night is shown"),
        ("feature", "app.py", True, "is not on the default branch, so this night is shown"),
        ("main", "models.yml", False, "models.yml has changed on the default branch since"),
    ],
)
def test_a_night_of_what_is_not_the_default_branchs_is_shown_and_not_kept(
    tmp_path, github, ledger, night, monkeypatch, branch, since, again, why
):
    """Of somebody's branch it ended the streak, of the bump's own it closed the pull request."""
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
    assert github.sent("GET", r"/compare/.*main") == 0, "a tag may be called so, too"
    if why:
        assert why in played.notes[0]
        assert github.issues() == []


@pytest.mark.counterpart
@pytest.mark.parametrize("since", ["app.py", "models.yml"])
def test_a_run_that_is_started_again_too_late_is_not_paid_for(
    tmp_path, github, ledger, monkeypatch, since
):
    """It has the pin, and the tests, of its first time: nothing of it may be kept, and a red of it
    would stand at the day's run.
    """
    tried = github.head()
    github.commit({since: "x: 1\n"})
    pins = Pins({"claude": Model("claude", "a", "b")}, Settings(), tmp_path / "models.yml")
    monkeypatch.setattr(run_nightly, "production_run", lambda _: pytest.fail("it was played"))
    monkeypatch.setattr(checked_out, "git", lambda *_: tried)
    monkeypatch.setattr(checked_out, "from_top", lambda *_: "models.yml")
    context = NightlyContext(Suite(tmp_path), pins, tmp_path / "nights", "2026-11-20", again=True)
    forge = github.connect()
    with pytest.raises(UpgradeError, match=r"has 1 commit more\. .* start a new one by “Run"):
        run_nightly.run_nightly(context, (), ledger=ledger(), forge=forge, pull_requests=True)


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
        "build_bump": lambda *_: built.append(1),
    }.items():  # fmt: skip
        monkeypatch.setattr(run_nightly, name, does)
    monkeypatch.setattr(model_night, "promotable", lambda *_: (True, "due"))
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


@pytest.mark.counterpart
def test_a_night_that_can_not_be_played_does_all_that_needs_none(
    tmp_path, github, ledger, night, bump, monkeypatch
):
    """A pin that somebody has changed has no recordings yet: each night ended before it closed the
    pull request of the pin before, the dashboard showed that pin for as long, and a rollback that
    was asked for there was never made.
    """
    ledger().append(night("2026-11-19", file="models.yml"))
    open_or_update(UpgradeContext(github.connect(), ledger()), bump())
    pins = Pins(
        {"claude": Model("claude", "claude-opus-4-6", "claude-b")}, Settings(), tmp_path / "m.yml"
    )
    asked: list[str] = []
    wish = Tick("rollback", "claude")
    for name, does in {
        "production_run": lambda _: None, "unrecorded": lambda _, models: models,
        "refused_requests": lambda *_: {}, "astray": lambda *_, **__: None,
        "read_wishes": lambda *_: ((wish,), (wish,)),
        "request_rollback": lambda *_, **__: SimpleNamespace(sentence="Opened."),
    }.items():  # fmt: skip
        monkeypatch.setattr(run_nightly, name, does)
    context = NightlyContext(
        Suite(tmp_path), pins, tmp_path / "nights", "2026-11-20", say=asked.append
    )
    forge = github.connect()
    with pytest.raises(UpgradeError, match="No recording of claude-opus-4-6"):
        run_nightly.run_nightly(context, (), ledger=ledger(), forge=forge, pull_requests=True)
    said = "claude is pinned to claude-opus-4-6 now, no longer to claude-sonnet-4-5-20250929"
    assert asked == [
        "claude: the rollback asked for on the dashboard: Opened.",
        f"Closed pull request #1: {said}.",
    ]
    assert github.pulls()[0]["state"] == "closed"
    (dashboard,) = github.issues()
    assert "claude-opus-4-6" in dashboard["body"]


@pytest.fixture
def two_models(tmp_path, monkeypatch):
    """The context of two logical models, and what was asked in it, one night after the other."""
    registry = tmp_path / "models.yml"
    names = ("claude", "gpt")
    models = {name: Model(name, f"{name}-a", f"{name}-latest") for name in names}
    asked: list[str] = []

    def one_night(nightly, model, *_):
        asked.append(model.name)
        return NightResult(tonight(model.name), Verdict("green"), Streak(model.name, None, "f"))

    def tonight(name):
        return Night("2026-11-20", name, f"{name}-a", f"{name}-latest", f"{name}-b", "f", "green")

    for name, does in {
        "production_run": lambda _: None, "unrecorded": lambda *_: [],
        "refused_requests": lambda *_: {}, "one_night": one_night,
    }.items():  # fmt: skip
        monkeypatch.setattr(run_nightly, name, does)
    pins = Pins(models, Settings(), registry)
    return NightlyContext(Suite(tmp_path), pins, tmp_path / "nights", "2026-11-20"), asked


def test_a_ledger_that_can_not_be_written_is_said_before_anything_is_paid_for(two_models, tmp_path):
    """A rule on its branch, or a token that may not write, was noticed once all was asked."""
    context, asked = two_models
    (tmp_path / "ledger").write_text("a file")
    ledger = FolderLedger(tmp_path / "ledger")
    with pytest.raises(LedgerError, match=r"can't be (read|written)"):
        run_nightly.run_nightly(context, (), ledger=ledger, forge=None, pull_requests=True)
    assert asked == []


def test_what_the_ledger_has_of_this_day_and_of_later_ones_is_said(two_models, tmp_path, night):
    """A streak that did not grow, or was shorter than yesterday, gave no reason."""
    context, _ = two_models
    said: list[str] = []
    ledger = FolderLedger(tmp_path / "ledger")
    for day in ("2026-11-20", "2026-12-05"):
        ledger.append(night(day))
    context = replace(context, say=said.append)
    run_nightly.run_nightly(context, (), ledger=ledger, forge=None, pull_requests=True)
    assert said == [
        "claude: the ledger has 1 night of later days, the last of 2026-12-05, by a wrong clock or "
        "`--today`; none counts before its day",
        "claude: the ledger has a night of 2026-11-20 already; of one day's nights the last one "
        "counts",
    ]


def test_a_ledger_that_fails_in_the_night_costs_the_one_model_its_night_and_not_the_other(
    two_models, tmp_path, monkeypatch
):
    context, asked = two_models
    ledger = FolderLedger(tmp_path / "ledger")
    append = ledger.append

    def torn(night):
        if night.name == "claude":
            raise LedgerError("the branch could not be written.")
        append(night)

    monkeypatch.setattr(ledger, "append", torn)
    played = run_nightly.run_nightly(context, (), ledger=ledger, forge=None, pull_requests=True)
    assert asked == ["claude", "gpt"]
    assert [night.hindrance for night in played.nights] == ["unwritten", None]
    assert (len(ledger.read("claude")), len(ledger.read("gpt"))) == (0, 1)
    assert played.lost


def test_a_bump_that_is_due_does_not_wait_for_the_nights_of_the_other_models(
    two_models, tmp_path, monkeypatch
):
    """Where the job's time was up while the last was asked, none of them was opened, ever."""
    context, asked = two_models
    monkeypatch.setattr(model_night, "promotable", lambda *_: (True, "due"))
    built = []

    def build_bump(nightly, due, name):
        built.append((name, [*asked]))
        raise UpgradeError("seen")

    monkeypatch.setattr(run_nightly, "build_bump", build_bump)
    ledger = FolderLedger(tmp_path / "ledger")
    run_nightly.run_nightly(context, (), ledger=ledger, forge=None, pull_requests=True)
    assert built == [("claude", ["claude"]), ("gpt", ["claude", "gpt"])]


@pytest.mark.counterpart
def test_a_night_is_not_taken_for_the_default_branchs_where_github_does_not_say(
    github, tmp_path, monkeypatch
):
    """It was written down as if it were, whatever branch it was of."""
    monkeypatch.setattr(checked_out, "git", lambda *_: github.head())
    monkeypatch.setattr(checked_out, "from_top", lambda *_: "models.yml")
    forge = github.connect()
    github.fault("GET", r"/compare/.*", status=502, times=9)
    with pytest.raises(ForgeError, match="GitHub has trouble"):
        checked_out.astray(forge, tmp_path, tmp_path / "models.yml")
    github.faults.clear()
    github.fault("GET", r"/compare/.*", status=403, message="Resource not accessible", times=9)
    assert checked_out.astray(forge, tmp_path, tmp_path / "models.yml") is None
