"""`model_snapshot(judge=…)`: a third model that compares the candidate's answer with the pin's."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

JUDGE = "gpt-5-mini-2025-08-07"
CRITERION = "same facts, same tone"

MODELS = f"""
models:
  support:
    production: gpt-4o-2024-08-06
    staging: gpt-4o
    provider: openai
  judge:
    production: {JUDGE}
    provider: openai
settings:
  judge: judge
"""

TESTS = """
import pytest
from support import ask

@pytest.mark.modelpin(models=["support"])
def test_refund(model_snapshot):
    assert ask("refund?") == model_snapshot(judge="same facts, same tone")
"""


@pytest.fixture
def judged(project, monkeypatch):
    """A project whose one test asks for a judge; `say` sets the judge's next answers."""
    project.write("models.yml", MODELS)
    project.write("tests/test_support.py", TESTS)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{project.server.url}/v1")
    project.record()
    project.says["refund?", "gpt-4o-2024-11-20"] = "5 days, no exceptions!"
    say(project, prefers("5 days"))
    return project


def say(project, answer: Callable[[dict], str]) -> None:
    """The judge answers so from now on."""

    def of_both(question):
        if question.asked != JUDGE:
            return project.answer(question)
        return answer(json.loads(question.text[question.text.index('{\n "criterion"') :]))

    project.server.answer = of_both


def prefers(text: str) -> Callable[[dict], str]:
    def answer(shown: dict) -> str:
        return json.dumps({"verdict": "a" if shown["a"] == text else "b", "reason": "It is calm."})

    return answer


def asked(project) -> list:
    """The requests that the judge got."""
    return [request for request in project.server.requests if request.model == JUDGE]


def judgement(report: dict) -> dict | None:
    [case] = report["cases"]
    return case["samples"][0]["answers"][0]["judged"]


def test_a_changed_answer_is_put_before_the_judge(judged):
    seen = []

    def answer(shown: dict) -> str:
        seen.append(shown)
        return prefers("5 days")(shown)

    say(judged, answer)
    report = judged.report("--model=candidate")
    assert judgement(report) == {"better": "production", "reason": "It is calm."}
    assert {shown["criterion"] for shown in seen} == {CRITERION}
    both = {"5 days", "5 days, no exceptions!"}
    assert {shown["a"] for shown in seen} == {shown["b"] for shown in seen} == both


@pytest.mark.long
@pytest.mark.parametrize("place", ["a", "b"])
def test_a_judge_that_goes_by_the_place_finds_nothing(judged, place):
    say(judged, lambda shown: json.dumps({"verdict": place, "reason": "It is calm."}))
    report = judged.report("--model=candidate")
    assert judgement(report)["better"] == "neither"
    judged.server.requests.clear()
    assert judgement(judged.report("--model=candidate"))["better"] == "neither"
    assert asked(judged) == []


def test_what_the_judge_finds_is_drift_at_the_end_of_the_run(judged):
    result = judged.run("--model=candidate")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*review*content, says the judge: It is calm."])


def test_a_tie_is_no_drift(judged):
    say(judged, lambda shown: '{"verdict": "tie", "reason": "Same."}')
    result = judged.run("--model=candidate")
    result.stdout.no_fnmatch_line("*at judge*")


def test_an_unchanged_answer_is_not_judged(judged):
    del judged.says["refund?", "gpt-4o-2024-11-20"]
    assert judgement(judged.report("--model=candidate")) is None
    assert asked(judged) == []


def test_production_is_not_judged(judged):
    report = judged.report("--model=production", "--model-record=all")
    assert judgement(report) is None
    assert asked(judged) == []


def test_the_judge_is_asked_on_its_pin_even_where_its_candidate_is_tried(judged):
    judged.write("models.yml", MODELS.replace(JUDGE, f"{JUDGE}\n    staging: gpt-5-mini"))
    assert judgement(judged.report("--model=candidate"))["better"] == "production"
    assert len(asked(judged)) == 2  # once in each order


def test_the_judges_calls_are_none_of_the_tests(judged):
    report = judged.report("--model=candidate")
    [sample] = report["cases"][0]["samples"]
    assert [call["name"] for call in sample["calls"]] == ["support"]
    assert [call["name"] for call in sample["judging"]] == ["judge"] * 2
    assert report["cases"][0]["models"] == ["support"]
    assert report["selection"]["support"]["served"] == ["gpt-4o-2024-11-20"]


def test_the_judges_question_is_no_part_of_the_fingerprint(judged):
    production = judged.report("--model=production")
    assert judged.report("--model=candidate")["fingerprint"] == production["fingerprint"]


def test_a_judgement_is_recorded_beside_the_test_in_the_judges_folder(judged):
    judged.run("--model=candidate")
    assert f"{JUDGE}/test_support/test_refund@judge.json" in judged.tried()


def test_a_recorded_judgement_is_replayed_without_a_request(judged):
    judged.run("--model=candidate")
    judged.server.requests.clear()
    report = judged.report("--model=candidate")
    assert judgement(report)["reason"] == "It is calm."
    assert asked(judged) == []
    assert not report["cases"][0]["samples"][0]["judging"][0]["fresh"]


def test_samples_that_say_the_same_ask_the_judge_once(judged):
    judged.run("--model=candidate", "--model-samples=3")
    assert len(asked(judged)) == 2  # once in each order


@pytest.mark.long
def test_a_pure_replay_repeats_the_judgement_without_a_key(judged, monkeypatch):
    judged.run("--model=candidate")
    judged.server.requests.clear()
    monkeypatch.delenv("OPENAI_API_KEY")
    report = judged.report("--model=candidate", "--model-record=none")
    assert judgement(report)["better"] == "production"
    assert judged.server.requests == []


def test_a_judgement_missing_in_a_replay_fails_no_test(judged):
    judged.run("--model=candidate")
    for path in judged.folder.rglob("*@judge.json"):
        path.unlink()
    judged.server.requests.clear()
    result = judged.run("--model=candidate", "--model-record=none")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["note: the judge gave no usable answer for *test_refund*replays*"])
    assert judged.server.requests == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("reply", "named"),
    [
        ("The first, I think.", "no JSON object"),
        ('{"verdict": "both", "reason": "x"}', '"both"'),
        ('{"verdict": "a"}', "no reason"),
    ],
)
def test_nonsense_is_named_fails_no_test_and_is_not_recorded(judged, reply, named):
    say(judged, lambda shown: reply)
    result = judged.run("--model=candidate", "--model-report=run.json")
    result.assert_outcomes(passed=1)
    found = judgement(json.loads((judged.folder / "run.json").read_text()))
    assert found["better"] is None
    assert named in found["reason"]
    assert not list(judged.folder.rglob("*@judge.json"))


def test_a_judge_that_fails_is_named(judged):
    def fail(shown):
        raise ValueError("the judge is at lunch")

    say(judged, fail)
    found = judgement(judged.report("--model=candidate"))
    assert found["better"] is None
    assert "answered 400" in found["reason"]
    assert "at lunch" in found["reason"]


def test_a_judge_that_is_the_candidate_is_barred(judged):
    judged.write("models.yml", MODELS.replace(JUDGE, "gpt-4o-2024-11-20"))
    found = judgement(judged.report("--model=candidate"))
    assert found["better"] is None
    assert "pin the judge to another model" in found["reason"]


def test_a_judge_of_itself_is_barred(judged):
    judged.write("models.yml", MODELS.replace("judge: judge", "judge: support"))
    found = judgement(judged.report("--model=candidate"))
    assert found["better"] is None
    assert "can't judge its own bump" in found["reason"]
    assert asked(judged) == []


def test_a_test_that_asks_for_a_judge_where_none_is_named_says_so(judged):
    judged.write("models.yml", MODELS.replace("settings:\n  judge: judge\n", ""))
    result = judged.run("--model=candidate")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["note: *tests/test_support.py::test_refund asks for a judge; name one with `settings: *"]
    )


def test_without_a_key_the_judge_is_not_asked(judged, monkeypatch):
    judged.write("models.yml", MODELS.replace(f"{JUDGE}\n    provider: openai", "claude-opus-4-6"))
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    found = judgement(judged.report("--model=candidate"))
    assert found["better"] is None
    assert "no key for anthropic" in found["reason"]


def test_the_key_is_written_nowhere(judged):
    say(judged, lambda shown: '{"verdict": "tie", "reason": "sk-planted-0123456789abcdef"}')
    judged.run("--model=candidate", "--model-report=run.json")
    assert [request.has_key for request in asked(judged)] == [True]
    written = [path for path in judged.folder.rglob("*.json") if path.is_file()]
    assert "test_refund@judge.json" in [path.name for path in written]
    assert not [path for path in written if "sk-planted" in path.read_text()]


def test_recorded_judgements_are_not_called_unused(judged):
    judged.run("--model=candidate")
    result = judged.run()
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*no longer asked for*")


def test_the_judgements_of_a_test_that_is_gone_are_unused(judged):
    beside = ("--model=candidate", "--model-recordings=.")
    judged.run(*beside)
    judged.write("tests/test_support.py", TESTS.replace("test_refund", "test_other"))
    result = judged.run(*beside)
    result.stdout.fnmatch_lines(["*no longer asked for*test_refund@judge.json*"])


@pytest.mark.long
def test_judging_works_in_worker_processes(judged):
    judged.write("pytest.ini", "[pytest]\npythonpath = .\n")
    report = judged.report("--model=candidate", "-n2")
    assert judgement(report)["better"] == "production"
