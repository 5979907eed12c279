"""`rollback --pr`: the way back as a branch, or as a pull request, with the folder left alone."""

import json

import pytest

from pytest_modelpin import demo

pytestmark = pytest.mark.long

BRANCH = "modelpin/support-rollback"


@pytest.fixture
def moved(team):
    """The team after its pin moved to the next version."""
    team.pytest(f"--model={demo.NEXT}")
    done = team.modelpin("promote", "support", "--to", demo.NEXT)
    assert done.returncode == 0, done.stderr
    team.git("add", "--all")
    team.git("commit", "--quiet", "-m", "Moved")
    return team


def tracked(team) -> dict[str, str]:
    names = team.git("ls-files").splitlines()
    return {name: (team.folder / name).read_text() for name in names}


def test_outside_of_github_it_is_a_branch_that_passes_offline(moved):
    moved.server.close()
    before = moved.git("rev-parse", "HEAD")
    back = moved.modelpin("rollback", "support", "--pr", "--ledger=ledger", "--today=2026-11-20")
    assert back.returncode == 0, back.stderr
    assert f"`git diff HEAD...{BRANCH}`" in back.stdout
    assert moved.git("status", "--porcelain") == ""
    assert moved.git("rev-parse", "HEAD") == before
    assert moved.git("worktree", "list").count("\n") == 1

    again = moved.git("rev-parse", BRANCH)
    moved.modelpin("rollback", "support", "--pr", "--ledger=ledger", "--today=2026-11-20")
    assert moved.git("rev-parse", BRANCH) == again
    decisions = (moved.folder / "ledger/decisions/support.jsonl").read_text().splitlines()
    assert [(one["version"], one["wanted"]) for one in map(json.loads, decisions)] == [
        (demo.NEXT, "no")
    ]

    moved.git("merge", "--quiet", "--ff-only", BRANCH)
    assert moved.pytest().returncode == 0
    models = (moved.folder / "models.yml").read_text()
    assert f"production: {demo.PIN}" in models
    assert f"ignore: [{demo.NEXT}]" in models
    assert {path.name for path in (moved.folder / "tests/__recordings__").iterdir()} == {demo.PIN}


def test_a_persons_commit_on_the_local_branch_is_kept(moved):
    moved.git("branch", BRANCH)
    moved.git("switch", "--quiet", BRANCH)
    moved.git("commit", "--quiet", "--allow-empty", "-m", "Mine")
    mine = moved.git("rev-parse", "HEAD")
    moved.git("switch", "--quiet", "-")
    back = moved.modelpin("rollback", "support", "--pr")
    assert back.returncode == 2
    assert "you@example.com" in back.stderr
    assert moved.git("rev-parse", BRANCH) == mine


@pytest.mark.counterpart
def test_on_github_it_is_a_pull_request_and_the_version_is_unwanted(moved, github):
    github.commit(tracked(moved))
    back = moved.modelpin(
        "rollback", "support", "--pr", "--because", "it quotes wrong fees", **github.environment
    )
    assert back.returncode == 0, back.stderr
    (pull,) = github.pulls()
    assert pull["title"] == f"Roll support back from {demo.NEXT} to {demo.PIN}"
    assert "it quotes wrong fees" in pull["body"]
    assert pull["html_url"] in back.stdout
    assert f"production: {demo.PIN}" in github.files(BRANCH)["models.yml"].decode()
    kept = github.files("modelpin-ledger")["decisions/support.jsonl"]
    assert json.loads(kept)["version"] == demo.NEXT
    assert moved.git("status", "--porcelain") == ""


@pytest.mark.counterpart
def test_a_tick_on_the_dashboard_is_enough(moved, github):
    github.commit(tracked(moved))
    body = "- [x] <!-- rollback support --> Roll support back"
    issue = {"title": "Model pins", "body": body, "labels": ["model-pin-dashboard"]}
    github.person("POST", "/issues", issue)
    night = moved.modelpin("nightly", "--today=2026-11-20", **github.environment)
    assert "the rollback asked for on the dashboard: Opened pull request #2." in night.stdout
    (pull,) = github.pulls()
    assert pull["head"]["ref"] == BRANCH
    assert "asked for on the dashboard" in pull["body"]
    dashboard = next(one for one in github.issues() if one["title"] == "Model pins")
    assert "[x]" not in dashboard["body"]


def test_in_the_folder_itself_a_ledger_at_hand_remembers_too(moved):
    back = moved.modelpin(
        "rollback", "support", "--because=wrong fees", "--ledger=ledger", "--today=2026-11-20"
    )
    assert back.returncode == 0, back.stderr
    assert f"names {demo.PIN} now" in back.stdout
    (line,) = (moved.folder / "ledger/decisions/support.jsonl").read_text().splitlines()
    assert json.loads(line)["because"] == "rolled back on 2026-11-20: wrong fees"


def test_a_model_that_is_not_committed_is_refused(team):
    models = team.folder / "models.yml"
    models.write_text(f"{models.read_text()}  other:\n    production: a-1\n    previous: a-0\n")
    back = team.modelpin("rollback", "other", "--pr")
    assert back.returncode == 2
    assert "not in the last commit" in back.stderr
