from __future__ import annotations

import json
import random
import re
import subprocess
from dataclasses import replace
from types import SimpleNamespace

import pytest

from modelpin_runtime.observations import observation
from modelpin_runtime.registry.models import Canary
from pytest_modelpin.cli import main
from pytest_modelpin.production.canary import ALPHA, METRICS, Counts, count, decide
from pytest_modelpin.production.evalues import Batch

CANARY = Canary("claude-b", 5, (1, 5, 25, 100), min_requests=200, min_hours=24)


def counts(canary=1000, hours=48.0, bad=0, metric="error", pin=20_000):
    made = [Batch(pin // 2000, pin // 100, 0, canary // 100)] * 50
    made += [Batch(pin // 2000, pin // 100, bad // 50, canary // 100)] * 50
    batches = {each: tuple(made) if each == metric else () for each in METRICS}
    return Counts(batches, pin, canary, hours)


def test_enough_without_anything_worse_advances_to_the_next_step():
    found = decide(CANARY, counts())
    assert (found.action, found.percent) == ("advance", 25)
    assert "1,000 requests in 48.0 hours" in found.reasons[0]


@pytest.mark.parametrize(
    ("seen", "why"),
    [(counts(canary=100), "100 of 200 requests"), (counts(hours=3), "3.0 of 24 hours"),
     (counts(pin=0), "The pin had no traffic")],
)  # fmt: skip
def test_too_little_holds_and_says_what_is_missing(seen, why):
    found = decide(CANARY, seen)
    assert (found.action, found.percent) == ("hold", 5)
    assert why in found.reasons[0]


def batched(*rows):
    batches = tuple(Batch(*row) for row in rows)
    every = dict.fromkeys(METRICS, ()) | {"error": batches}
    return Counts(every, sum(b.pin for b in batches), sum(b.canary for b in batches), 48.0)


def test_what_comes_in_one_batch_advances_nothing():
    """60 errors of 210 beside 10 of 1,000 were `no metric shown worse`: the first batch shows
    nothing, whatever is in it.
    """
    whole = decide(CANARY, batched((10, 1000, 60, 210)))
    assert (whole.action, whole.percent) == ("hold", 5)
    assert whole.reasons[0].startswith("210 of the canary's 210 requests lie in the first batch")
    nearly = decide(CANARY, batched((10, 1000, 60, 205), (0, 1, 0, 5)))
    assert nearly.action == "hold"
    assert decide(CANARY, batched((5, 500, 30, 105), (5, 500, 30, 105))).action == "roll back"
    assert decide(CANARY, batched((5, 500, 1, 105), (5, 500, 1, 105))).action == "advance"


def test_at_all_of_the_traffic_no_second_batch_is_waited_for():
    done = decide(replace(CANARY, percent=100), batched((0, 3, 1, 300), (0, 0, 1, 400)))
    assert done.finished


@pytest.mark.parametrize("metric", METRICS)
def test_whatever_is_shown_worse_rolls_back_even_before_it_is_time(metric):
    found = decide(CANARY, counts(bad=500, metric=metric, hours=1))
    assert (found.action, found.percent) == ("roll back", 0)
    assert found.reasons[0].startswith(f"{metric}: 50.00% of the canary's 1,000 requests, 5.00%")


def test_the_last_step_says_to_move_the_pin():
    assert "move the pin" in decide(Canary("b", 100, (50, 100)), counts()).reasons[0]


def test_no_more_than_alpha_is_spent():
    from pytest_modelpin.production.canary import _SHARES

    assert sum(_SHARES.values()) == pytest.approx(1)
    assert set(_SHARES) == set(METRICS)
    assert ALPHA == 0.01


def test_each_step_spends_an_equal_part_of_alpha():
    """Its evidence begins anew at each step, so that all of them together may not exceed it."""
    rows = tuple([Batch(1, 100, 0, 20)] * 20 + [Batch(1, 100, 2, 20)] * 10)
    seen = Counts({"error": rows}, 3000, 600, 1.0)
    assert decide(Canary("b", 5, (5,)), seen).action == "roll back"
    assert decide(Canary("b", 5, (5, *range(6, 101))), seen).action == "hold"


YML = """\
models:
  claude:
    production: claude-a   # the pin
    canary: {model: claude-b, percent: 5, min_requests: 50, min_hours: 1}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("MODELPIN_OBSERVATIONS", "MODELPIN_CLAUDE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "models.yml").write_text(YML)
    return tmp_path


def write(folder, canary_errors, requests=4000, hours=10, canary="claude-b"):
    rng = random.Random(5)
    (folder / "seen").mkdir(exist_ok=True)
    lines = []
    for n in range(requests):
        is_canary = rng.random() < 0.2
        rate = canary_errors if is_canary else 0.01
        line = observation(
            name="claude", id=canary if is_canary else "claude-a",
            role="canary" if is_canary else "pin", at=1e9 + n * hours * 3600 / requests,
            seconds=rng.random(), error="APIError" if rng.random() < rate else None,
        )  # fmt: skip
        lines.append(json.dumps(line))
    lines += ['{"v": 1, "torn', '{"v": 99, "name": "claude", "id": "claude-a", "at": 1}', ""]
    (folder / "seen" / "host-1.jsonl").write_text("\n".join(lines))


def test_a_worse_canary_is_rolled_back_in_the_file(project, capsys):
    write(project, canary_errors=0.1)
    assert main(["canary", "claude", "--observations", "seen", "--apply"]) == 1
    assert "claude: claude-b at 5 %: roll back" in capsys.readouterr().out
    assert (project / "models.yml").read_text() == YML.replace(
        "    canary: {model: claude-b, percent: 5, min_requests: 50, min_hours: 1}\n", ""
    )


@pytest.mark.parametrize("errors", [0.1, 0.01])
def test_what_was_decided_of_one_canary_is_not_done_to_the_next(
    project, capsys, monkeypatch, errors
):
    """Somebody puts another canary in its place while ten million lines are counted."""
    write(project, canary_errors=errors)
    path, changed = project / "models.yml", YML.replace("claude-b", "claude-c")

    def meanwhile(*arguments):
        path.write_text(changed)
        return decide(*arguments)

    monkeypatch.setattr("pytest_modelpin.production.canary.decide", meanwhile)
    assert main(["canary", "claude", "--observations", "seen", "--apply"]) == 2
    assert "has changed while the canary of claude was counted" in capsys.readouterr().err
    assert path.read_text() == changed


def test_a_good_one_advances_and_its_step_begins_anew(project, capsys):
    write(project, canary_errors=0.01)
    assert main(["canary", "claude", "--observations", "seen", "--apply"]) == 0
    text = (project / "models.yml").read_text()
    assert "percent: 25, min_requests: 50" in text
    assert "since: " in text
    assert main(["canary", "claude", "--observations", "seen", "--json"]) == 0
    said = json.loads(capsys.readouterr().out.partition("\n{")[2].join(["{", ""]))
    assert said["action"] == "hold"
    assert said["requests"] == {"pin": 0, "canary": 0, "hours": 0.0}


def stages(folder):
    path = folder / "ledger" / "stages" / "claude.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_how_it_ended_is_evidence_for_a_bump(project):
    watched = ["canary", "claude", "--observations", "seen", "--ledger", "ledger"]
    write(project, canary_errors=0.01)
    assert main(watched) == 0
    assert stages(project) == []  # it is still on its way
    (project / "models.yml").write_text(YML.replace("percent: 5", "percent: 100"))
    for _ in range(2):
        assert main(watched) == 0
    (line,) = stages(project)
    assert (line["stage"], line["version"], line["colour"]) == ("canary", "claude-b", "green")
    write(project, canary_errors=0.1)
    assert main(watched) == 1
    assert [line["colour"] for line in stages(project)] == ["green", "red"]


def git(folder, *arguments):
    identity = ["-c", "user.name=You", "-c", "user.email=you@example.com"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_a_step_is_proposed_on_a_branch_and_the_folder_left_alone(project, capsys, monkeypatch):
    for name in ("GITHUB_REPOSITORY", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    write(project, canary_errors=0.01)
    asked = ["canary", "claude", "--observations", "seen", "--pr"]
    git(project, "init", "--quiet")
    git(project, "commit", "--quiet", "--allow-empty", "-m", "Empty")
    assert main(asked) == 2
    assert "models.yml is not in the last commit; commit it first" in capsys.readouterr().err
    git(project, "add", "models.yml")
    git(project, "commit", "--quiet", "-m", "Pins")
    (project / "models.yml").write_text(YML.replace("claude-b", "claude-c"))
    write(project, canary_errors=0.1, canary="claude-c")
    assert main(asked) == 2
    assert "In the last commit claude has no canary claude-c" in capsys.readouterr().err
    write(project, canary_errors=0.01)
    yml = YML + "    policy: protected\n"
    (project / "models.yml").write_text(yml)
    assert main(asked) == 0
    assert "git diff HEAD...modelpin/claude-canary" in capsys.readouterr().out
    assert (project / "models.yml").read_text() == yml
    proposed = git(project, "show", "modelpin/claude-canary:models.yml")
    assert "percent: 25, min_requests: 50" in proposed
    title, *_ = git(project, "log", "-1", "--format=%B", "modelpin/claude-canary").splitlines()
    assert title == "Canary of claude, claude-b: from 5 to 25 percent"


@pytest.mark.counterpart
def test_on_github_a_rollback_is_one_pull_request(project, github, monkeypatch, capsys):
    """Also in the place of one that advances the canary, whose title must not stay."""
    write(project, canary_errors=0.01)
    git(project, "init", "--quiet")
    git(project, "add", "models.yml")
    git(project, "commit", "--quiet", "-m", "Pins")
    github.commit({"models.yml": YML})
    for name, value in github.environment.items():
        monkeypatch.setenv(name, value)
    asked = ["canary", "claude", "--observations", "seen", "--pr"]
    assert main(asked) == 0
    assert "from 5 to 25 percent" in github.pulls()[0]["title"]
    write(project, canary_errors=0.1)
    for _ in range(2):
        assert main(asked) == 1
    (pull,) = github.pulls()
    assert pull["title"] == "Canary of claude, claude-b: taken back"
    assert "error: " in pull["body"]
    assert pull["html_url"] in capsys.readouterr().out
    assert "canary" not in github.files("modelpin/claude-canary")["models.yml"].decode()


def test_a_clock_that_jumped_ahead_makes_no_hours(project, capsys):
    write(project, canary_errors=0.01, hours=0.5)
    file = project / "seen" / "host-1.jsonl"
    jumped = observation(name="claude", id="claude-b", role="canary", at=4e9)
    file.write_text(file.read_text() + "\n" + json.dumps(jumped))
    assert main(["canary", "claude", "--observations", "seen", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["action"], said["requests"]["hours"]) == ("hold", 0.5)


@pytest.mark.parametrize("hours", ["NaN", "Infinity", "-1", '"many"'])
def test_counts_without_hours_are_refused(project, capsys, hours):
    """No comparison with NaN holds, so the canary had waited for long enough."""
    rows = "[[1, 190, 0, 1000]]"
    (project / "counts.json").write_text(f'{{"hours": {hours}, "batches": {{"error": {rows}}}}}')
    assert main(["canary", "claude", "--counts", "counts.json"]) == 2
    assert "counts.json holds no counts: hours is " in capsys.readouterr().err


def test_counts_of_another_engine_decide_the_same(project, capsys):
    rows = [[1, 100, 0, 20]] * 20 + [[1, 100, 10, 20]] * 20
    (project / "counts.json").write_text(json.dumps({"hours": 5, "batches": {"error": rows}}))
    assert main(["canary", "claude", "--counts", "counts.json"]) == 1
    assert "roll back" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    [
        "[]", "{}", '{"hours": 1, "batches": {"error": [[5, 1, 0, 1]]}}', "x", "[" * 200_000,
        '{"hours": 1, "batches": {"error": [[0, 1, 0, 1e400]]}}',
        '{"hours": 1, "batches": {"error": [[0, 1.5, 0, 1]]}}', '{"hours": 1, "batches": {}}',
        '{"hours": 1, "batches": {"error": [[-1, 1, 0, 1]]}}',
        '{"hours": 1, "batches": {"error": [[0, "1", 0, 1]]}}',
        '{"hours": 1, "batches": {"error": [[0, 1, 0]]}}', '{"hours": 1, "batches": {"error": []}}',
    ],
)  # fmt: skip
def test_counts_that_are_none_are_a_sentence(project, capsys, text):
    (project / "counts.json").write_text(text)
    assert main(["canary", "claude", "--counts", "counts.json"]) == 2
    said = capsys.readouterr().err
    assert "counts.json" in said
    assert not re.search(r"indices|__new__|positional|NoneType|convert|it is \w+ is", said)


def test_counts_of_a_metric_that_nobody_knows_advance_nothing(project, capsys):
    """Passed over by its name, what all of the canary's requests had was no reason against it."""
    rows = {"error": [[0, 4000, 0, 200]] * 3, "refusals": [[0, 4000, 200, 200]] * 3}
    (project / "counts.json").write_text(json.dumps({"hours": 30, "batches": rows}))
    assert main(["canary", "claude", "--counts", "counts.json"]) == 2
    said = capsys.readouterr()
    assert "counts 'refusals', which is none of error, refusal" in said.err
    assert "Did you mean `refusal`?" in said.err
    assert said.out == ""


def test_observations_of_something_else_are_not_taken_for_a_pin_without_traffic(project, capsys):
    (project / "seen").mkdir(exist_ok=True)
    (project / "seen" / "a.jsonl").write_text('{"time": 1, "model": "x"}\n')
    assert main(["canary", "claude", "--observations", "seen"]) == 0
    assert "No request of the pin or of claude-b was seen" in capsys.readouterr().out


def test_a_protected_model_moves_only_in_ci(project, capsys, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    yml = YML + "    policy: protected\n"
    (project / "models.yml").write_text(yml)
    write(project, canary_errors=0.1)
    assert main(["canary", "claude", "--observations", "seen", "--apply"]) == 2
    assert "moves only in CI" in capsys.readouterr().err
    assert (project / "models.yml").read_text() == yml


@pytest.mark.parametrize(
    ("canary", "said"),
    [("{percent: 5}", "lacks the key `model`"), ("{model: claude-a}", "the pin claude-a itself"),
     ("{model: claude-b, percent: 101}", "a number from 0 to 100"),
     ("{model: claude-b, steps: [5, 1]}", "percentages that grow"),
     ("{model: claude-b, steps: []}", "steps: found a list; allowed: percentages that grow"),
     ("{model: spare}", "`spare` is a logical name; write its id: claude-c."),
     ("{model: claude-b, since: today}", "a time with its zone")],
)  # fmt: skip
def test_a_canary_that_can_not_be_is_said(project, capsys, canary, said):
    (project / "models.yml").write_text(
        f"models: {{claude: {{production: claude-a, canary: {canary}}}, "
        "spare: {production: claude-c}}"
    )
    assert main(["canary", "claude", "--observations", "seen"]) == 2
    assert said in capsys.readouterr().err


def test_no_observations_are_said(project, capsys):
    assert main(["canary", "claude"]) == 2
    assert "No observations were named" in capsys.readouterr().err
    assert main(["canary", "claude", "--observations", "nowhere/*.jsonl"]) == 2
    assert "no observations at nowhere" in capsys.readouterr().err


@pytest.mark.parametrize("seconds", ["nan", "inf", "0", "-1"])
def test_a_watch_of_no_length_is_a_sentence(project, capsys, seconds):
    asked = ["canary", "claude", "--observations", "seen", f"--watch={seconds}"]
    assert main(asked) == 2
    assert f"--watch {float(seconds):g}: it must be above 0" in capsys.readouterr().err


def test_a_watch_outlives_a_file_that_breaks_and_observations_that_are_gone(
    project, capsys, monkeypatch
):
    """Or nobody would take a worse canary back after somebody's half-saved edit."""
    write(project, canary_errors=0.01, hours=0.5)
    models, seen = project / "models.yml", project / "seen"

    def broken():
        models.write_text(YML[:-20])

    def gone():
        models.write_text(YML)
        (seen / "host-1.jsonl").rename(project / "away")

    def back():
        seen.mkdir(exist_ok=True)
        write(project, canary_errors=0.1)

    events = iter([broken, gone, back])
    # Of this module alone: other threads sleep, too.
    slept = SimpleNamespace(sleep=lambda seconds: next(events)())
    monkeypatch.setattr("pytest_modelpin.cli.canary.time", slept)
    assert main(["canary", "claude", "--observations", "seen", "--watch=1", "--apply"]) == 1
    said = capsys.readouterr()
    assert "models.yml:" in said.err
    assert "no observations at seen" in said.err
    assert "looking again" in said.err
    assert "roll back" in said.out
    assert "claude-b" not in models.read_text()


def test_a_watch_ends_where_its_canary_does(project, capsys, monkeypatch):
    write(project, canary_errors=0.01, hours=0.5)
    ended = YML[: YML.index("    canary:")]
    slept = SimpleNamespace(sleep=lambda seconds: (project / "models.yml").write_text(ended))
    monkeypatch.setattr("pytest_modelpin.cli.canary.time", slept)
    assert main(["canary", "claude", "--observations", "seen", "--watch=1"]) == 2
    assert "has no canary" in capsys.readouterr().err


def test_observations_of_another_form_are_a_sentence(project, capsys):
    import duckdb

    duckdb.sql("COPY (SELECT 1 AS v, 'claude' AS name) TO 'odd.parquet'")
    (project / "torn.parquet").write_bytes(b"PAR1 torn")
    for file in ("odd.parquet", "torn.parquet"):
        assert main(["canary", "claude", "--observations", file]) == 2
        assert f"{file} can't be counted" in capsys.readouterr().err


pytest.importorskip("duckdb")


def seen(pin=600, canary=200, at_once=300):
    """Observations of a canary that comes later; so many of the pin's at each instant."""
    rng = random.Random(3)
    made = [("claude-a", "pin", 1e9 + n // at_once) for n in range(pin)]
    made += [("claude-b", "canary", 1e9 + n // at_once) for n in range(canary)]
    return [
        json.dumps(observation(name="claude", id=id, role=role, at=at, seconds=rng.random(),
                               cost_usd=rng.random()))
        for id, role, at in made
    ]  # fmt: skip


def counted(folder, lines, machines=1):
    folder.mkdir()
    for n in range(machines):
        (folder / f"host{n}-1.jsonl").write_text("\n".join(lines[n::machines]) + "\n")
    return count(folder, "claude", "claude-a", "claude-b")


def test_two_machines_files_and_their_order_change_nothing(tmp_path):
    """What is slow and dear is told by the pin's first requests, of which many come at once."""
    lines = seen()
    first = counted(tmp_path / "one", lines)
    shuffled = random.Random(1).sample(lines, len(lines))
    assert counted(tmp_path / "two", shuffled, machines=2) == first
    assert counted(tmp_path / "back", lines[::-1], machines=3) == first
    assert (first.pin, first.canary) == (600, 200)


def test_what_says_what_is_slow_is_not_tested_itself(tmp_path):
    """All of the instant with the pin's 200th request is the reference, none of the next one."""
    latency = counted(tmp_path / "seen", seen()).batches["latency"]
    assert [(each.pin, each.canary) for each in latency] == [(0, 0), (300, 0)]


def test_a_canary_without_control_traffic_is_counted_and_held(tmp_path):
    from modelpin_runtime.registry.models import Canary

    found = counted(tmp_path / "seen", seen(pin=0, canary=500))
    assert (found.pin, found.canary) == (0, 500)
    held = decide(Canary("claude-b", 5, min_requests=1, min_hours=0), found)
    assert held.action == "hold"
    assert "The pin had no traffic" in held.reasons[0]


def test_lines_half_written_or_of_another_schema_cost_no_other(tmp_path):
    lines = seen(pin=10, canary=10)
    odd = [
        lines[0][:40], '{"v": 2, "name": "claude", "id": "claude-a", "at": 1e9}', "[]", "null",
        '{"v": "one", "at": {}}', "\x00\x00", '{"v": 1, "name": "claude"}', "",
    ]  # fmt: skip
    found = counted(tmp_path / "seen", [*odd, *lines, lines[1][:-9]])
    assert (found.pin, found.canary) == (10, 10)


@pytest.mark.parametrize("figure", ["1e300", "-1e300", "Infinity", "NaN", '"inf"', '"nan"'])
def test_a_figure_that_is_none_costs_no_other(tmp_path, figure):
    """A latency of 1e300 ended every count; to DuckDB, NaN is slower and dearer than all others."""
    lines = seen()
    odd = f'{{"v": 1, "name": "claude", "id": "claude-b", "role": "canary", "at": {10**9 + 1}, '
    odd += f'"seconds": {figure}, "cost": {figure}, "feedback": {figure}}}'
    found, without = counted(tmp_path / "odd", [*lines, odd]), counted(tmp_path / "one", lines)
    for metric in ("latency", "cost", "feedback"):
        assert found.batches[metric] == without.batches[metric]


def test_a_machine_that_did_not_know_the_time_makes_no_hours(tmp_path):
    """Its line of 1970 made the canary 31 years old, and it was advanced at once."""
    early = observation(name="claude", id="claude-b", role="canary", at=3.0)
    found = counted(tmp_path / "seen", [json.dumps(early), *seen()])
    assert found == counted(tmp_path / "without", seen())
    assert found.hours < 1
