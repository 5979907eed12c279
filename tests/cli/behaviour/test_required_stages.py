"""`require: [nightly, shadow, canary]` from the first night to the pull request, on GitHub."""

import json
import time

import pytest

from pytest_modelpin import demo

pytestmark = [pytest.mark.long, pytest.mark.counterpart]

QUESTIONS = [*demo.ANSWERS][:3]
STAGES = f"""\
    require: [nightly, shadow, canary]
    canary: {{model: {demo.NEXT}, percent: 100, min_requests: 50, min_hours: 1}}
"""


@pytest.fixture
def requiring(team, github):
    """A team whose bump waits for all three stages, and whose canary serves all traffic."""
    models = team.folder / "models.yml"
    models.write_text(models.read_text() + STAGES)
    team.git("commit", "--quiet", "--all", "-m", "Require every stage")
    names = team.git("ls-files").splitlines()
    github.commit({name: (team.folder / name).read_text() for name in names})
    entries = [
        {"model": demo.PIN, "messages": [{"role": "user", "content": question}]}
        for question in QUESTIONS
    ]
    (team.folder / "traffic.jsonl").write_text("\n".join(map(json.dumps, entries)))
    began = time.time() - 3 * 3600
    seen = [
        {"v": 1, "at": began + 60 * minute, "name": "support", "id": id, "role": role,
         "seconds": 1.0}
        for minute in range(120)
        for id, role in ((demo.PIN, "pin"), (demo.NEXT, "canary"))
    ]  # fmt: skip
    (team.folder / "seen").mkdir()
    (team.folder / "seen" / "host-1.jsonl").write_text("\n".join(map(json.dumps, seen)) + "\n")
    (team.folder / ".git" / "info" / "exclude").write_text("traffic.jsonl\nseen/\n")
    return team


def test_a_bump_waits_for_each_stage_and_its_pull_request_shows_them(requiring, github):
    def night(day):
        done = requiring.modelpin("nightly", f"--today=2026-11-{day}", **github.environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return " ".join(done.stdout.split())

    for day in (16, 17):
        assert "requires" not in night(day)
    said = night(18)
    assert f"models.yml requires a green shadow of {demo.NEXT}, and there is none" in said
    assert f"models.yml requires a green canary of {demo.NEXT}, and there is none" in said
    assert github.pulls() == []

    shadow = requiring.modelpin(
        "shadow", "traffic.jsonl", "--pin-samples=2", "--samples=2", "--ledger=github",
        **github.environment,
    )  # fmt: skip
    assert shadow.returncode == 0, shadow.stdout + shadow.stderr
    said = night(19)
    assert "a green shadow" not in said
    assert f"models.yml requires a green canary of {demo.NEXT}" in said
    assert github.pulls() == []

    for _ in range(2):  # looked at again, it is said once
        canary = requiring.modelpin(
            "canary", "support", "--observations=seen", "--ledger=github", **github.environment
        )
        assert canary.returncode == 0, canary.stdout + canary.stderr
    kept = github.files("modelpin-ledger")["stages/support.jsonl"].decode().splitlines()
    told = [(each["stage"], each["version"], each["colour"]) for each in map(json.loads, kept)]
    assert told == [("shadow", demo.NEXT, "green"), ("canary", demo.NEXT, "green")]

    night(20)
    (pull,) = github.pulls()
    assert pull["title"] == f"Move support from {demo.PIN} to {demo.NEXT}"
    assert "3 captured requests" in pull["body"]
    assert "it serves all traffic" in pull["body"]
    moved = github.files("modelpin/support")["models.yml"].decode()
    assert f"production: {demo.NEXT}" in moved
    assert "require: [nightly, shadow, canary]" in moved
    assert "canary: {" not in moved  # it is the pin now
