"""The templates for GitLab and cron, run as their runners run them, with a stand-in for a night."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from pytest_modelpin.adopt.installing import Install
from pytest_modelpin.adopt.repository import keys_needed, read_repository
from pytest_modelpin.adopt.workflows import ACTION, Job, cron, github, gitlab, minutes_for
from pytest_modelpin.alarms.status import providers_used
from pytest_modelpin.registry import load

EXAMPLE = Path(__file__).parents[2] / "examples" / "support_bot"
REMOTE = "https://nightly:secret@gitlab.example/acme/desk.git"
NIGHT = """\
#!/bin/sh
# python -m pytest_modelpin nightly --ledger DIR
[ "$2" = pip ] && exit 0
echo "ran in $(basename "$PWD"), token: ${MODELPIN_PUSH_TOKEN-none}" >> "$SAID"
mkdir -p "$5" && echo night >> "$5/gpt.jsonl"
if [ -n "$BUMP" ]; then
  git branch -f modelpin/gpt "$(git commit-tree "HEAD^{tree}" -p HEAD -m "$BUMP")"
fi
sh -c "$MEANWHILE" >&2
exit "${STATUS:-0}"
"""


def git(folder, *arguments):
    identity = ["-c", "user.name=You", "-c", "user.email=you@example.com"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def job(tmp_path):
    interpreter = tmp_path / "python"
    interpreter.write_text(NIGHT)
    interpreter.chmod(0o755)
    return Job(".", Install(("echo installed",), str(interpreter)), "3.13", ("OPENAI_API_KEY",))


@pytest.fixture
def remote(tmp_path):
    """GitLab's own copy."""
    path = tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(path))
    git(path, "config", "receive.advertisePushOptions", "true")
    seed = tmp_path / "seed"
    git(tmp_path, "clone", "--quiet", str(path), str(seed))
    git(seed, "commit", "--quiet", "--allow-empty", "-m", "Ours")
    git(seed, "push", "--quiet", "origin", "HEAD:main")
    return path


@pytest.fixture
def pipeline(tmp_path, remote, job):
    """One scheduled pipeline; its runner keeps the clone and cleans it, as GitLab's do."""
    clone = tmp_path / "builds"
    git(tmp_path, "clone", "--quiet", str(remote), str(clone))
    (clone / ".git" / "info" / "exclude").write_text(".pytest_modelpin/\n")
    said = tmp_path / "said"

    def play(reached=remote, **environment):
        git(clone, "fetch", "--quiet", "origin", "main")
        git(clone, "checkout", "--quiet", "--detach", "--force", "FETCH_HEAD")
        git(clone, "clean", "-ffdxq")
        document = yaml.safe_load(gitlab([job]))["model-nightly"]
        ledger = document["variables"]["LEDGER"].replace("$CI_PROJECT_DIR", str(clone))
        script = "\n".join(["set -eo pipefail", *document["script"]])
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=clone,
            env={
                **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
                "LEDGER": ledger,
                "SAID": str(said),
                "MODELPIN_PUSH_TOKEN": "secret",
                "CI_SERVER_HOST": "gitlab.example",
                "CI_PROJECT_PATH": "acme/desk",
                "CI_DEFAULT_BRANCH": "main",
                "GIT_TERMINAL_PROMPT": "0",
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": f"url.file://{reached}.insteadOf",
                "GIT_CONFIG_VALUE_0": REMOTE,
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert "secret" not in done.stdout + done.stderr
        return done.returncode

    play.said = said
    return play


def nights(remote):
    return git(remote, "show", "modelpin-ledger:gpt.jsonl").split()


def test_nights_follow_each_other_on_the_branch_of_the_ledger(pipeline, remote):
    assert [pipeline(), pipeline(), pipeline()] == [0, 0, 0]
    assert nights(remote) == ["night"] * 3
    said = git(remote, "log", "--format=%s", "modelpin-ledger").split("\n")
    assert said == ["A night", "A night begins"] * 3
    assert pipeline.said.read_text() == "ran in builds, token: none\n" * 3


def test_what_is_pushed_to_the_ledger_while_a_night_runs_stays_beside_it(
    pipeline, remote, tmp_path
):
    """The push was refused, and the night, which was paid for, was lost."""
    assert pipeline() == 0
    hand = tmp_path / "hand"
    git(tmp_path, "clone", "--quiet", "--branch=modelpin-ledger", str(remote), str(hand))
    for number in (1, 2):
        with (hand / "gpt.jsonl").open("a") as ledger:
            ledger.write(f"other-{number}\n")
        git(hand, "commit", "--quiet", "--all", "-m", "By hand")
        push = f"git -C {hand} pull --quiet --rebase && git -C {hand} push --quiet"
        assert pipeline(MEANWHILE=push, BUMP="bump") == 0
        git(hand, "pull", "--quiet", "--ff-only")
    assert nights(remote) == ["night", "other-1", "night", "other-2", "night"]
    assert git(remote, "log", "-1", "--format=%s", "modelpin/gpt") == "bump"


def test_a_ledger_that_may_not_be_pushed_is_said_before_anything_is_paid_for(pipeline, remote):
    """A protected branch refused each night once all was asked."""
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    forbid = f"chmod 755 {hook}"
    assert pipeline(MEANWHILE=forbid) == 1, "a night that can't be kept is no green one"
    assert pipeline() == 1
    assert len(pipeline.said.read_text().splitlines()) == 1


@pytest.mark.parametrize("tries", ["at once", "behind somebody"])
def test_what_was_taken_out_of_the_ledger_while_a_night_ran_stays_out(
    pipeline, remote, tmp_path, tries
):
    """Set back by force, the branch was brought forward again, with all that was taken out."""
    assert [pipeline(), pipeline(), pipeline()] == [0, 0, 0]
    hand = tmp_path / "hand"
    git(tmp_path, "clone", "--quiet", "--branch=modelpin-ledger", str(remote), str(hand))
    git(hand, "reset", "--quiet", "--hard", "HEAD~4")
    if tries == "behind somebody":
        (hand / "other.jsonl").write_text("other\n")
        git(hand, "add", "--all")
        git(hand, "commit", "--quiet", "-m", "By hand")
    assert pipeline(MEANWHILE=f"git -C {hand} push --quiet --force") == 0
    assert nights(remote) == ["night", "night"]
    assert git(remote, "rev-list", "--count", "modelpin-ledger") in ("3", "4")


def test_a_job_has_the_time_of_all_its_nights():
    """Several models were cut off by the job's limit, each night at the same place."""
    assert [minutes_for(count, 45) for count in (0, 1, 2, 4, 20)] == [90, 90, 135, 225, 360]
    job = Job(".", Install(("echo installed",)), "3.13", (), minutes_for(4, 45))
    assert "    timeout-minutes: 225\n" in github([job], f"{ACTION}@v1")
    assert "  timeout: 225 minutes\n" in gitlab([job])


def test_a_red_night_fails_the_pipeline_and_an_outage_does_not(pipeline, remote):
    assert [pipeline(STATUS="1"), pipeline(STATUS="3")] == [1, 0]
    assert nights(remote) == ["night"] * 2, "both are written down"


def test_a_bump_is_pushed_renewed_and_once_merged_forgotten(pipeline, remote):
    assert pipeline(BUMP="first") == 0
    assert git(remote, "log", "-1", "--format=%s", "modelpin/gpt") == "first"
    assert pipeline(BUMP="second") == 0
    assert git(remote, "log", "-1", "--format=%s", "modelpin/gpt") == "second"
    git(remote, "branch", "--quiet", "-D", "modelpin/gpt")
    assert pipeline() == 0
    assert git(remote, "branch", "--list", "modelpin/*") == ""


def test_without_the_ledger_s_branch_at_hand_no_night_is_played(pipeline, remote, tmp_path):
    assert pipeline() == 0
    assert pipeline(reached=tmp_path / "nowhere.git") not in (0, 1, 3)
    assert nights(remote) == ["night"]
    assert len(pipeline.said.read_text().splitlines()) == 1


@pytest.mark.parametrize(("status", "code"), [("0", 0), ("1", 1), ("3", 0)])
def test_cron_s_script_plays_every_folder_and_ends_with_the_worst(tmp_path, job, status, code):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    jobs = [Job(folder.name, job.install, "3.13", ()) for folder in folders]
    said = tmp_path / "said"
    done = subprocess.run(
        ["sh", "-c", cron(jobs)],
        cwd=tmp_path,
        env={**os.environ, "SAID": str(said), "STATUS": status, "BUMP": ""},
        check=False,
    )
    assert done.returncode == code
    assert [line.split(",")[0] for line in said.read_text().splitlines()] == [
        "ran in a",
        "ran in b",
    ]


def test_the_example_has_the_workflow_that_init_writes_with_the_released_action():
    project = read_repository(EXAMPLE, ["."]).projects[0]
    keys = keys_needed(providers_used(load(EXAMPLE / "models.yml", {})), project.contents.variables)
    job = Job(".", project.install, project.python, keys)
    written = (EXAMPLE / ".github" / "workflows" / "model-nightly.yml").read_text("utf-8")
    assert written == github([job], f"{ACTION}@v1"), "write it anew: `workflows.github`"
