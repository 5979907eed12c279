"""`health`: pins and fallbacks are asked the critical cases, and production reads what it found."""

import json

import pytest

from modelpin_runtime import load
from pytest_modelpin import demo


@pytest.fixture
def watched(team):
    models = team.folder / "models.yml"
    models.write_text(models.read_text() + f"\n    fallback: [{demo.CARELESS}, claude-opus-4-6]\n")
    tests = team.folder / "tests" / "test_support.py"
    marked = "import pytest\n\n\n@pytest.mark.modelpin(critical=True)\ndef test_ticket"
    tests.write_text(tests.read_text().replace("def test_ticket", marked))
    return team


@pytest.mark.long
def test_traffic_goes_round_a_fallback_that_breaks_and_comes_back(watched):
    done = watched.modelpin("health")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"  ok        {demo.PIN}" in done.stdout
    assert f"  degraded  {demo.CARELESS}" in done.stdout
    assert "worse than its recordings: tests/test_support.py::test_ticket" in done.stdout
    assert "not asked claude-opus-4-6: another provider's" in done.stdout
    assert len(watched.server.requests) == 4  # the critical case alone, twice each

    path = watched.folder / ".pytest_modelpin" / "health.json"
    pins = load(watched.folder / "models.yml", environment={}, health=path)
    chain = [target.id for target in pins.chain("support")]
    assert chain == [demo.PIN, "claude-opus-4-6", demo.CARELESS]

    watched.server.answer = lambda question: demo.answer(
        next(text for text in demo.ANSWERS if text in question.text), demo.PIN
    )
    again = watched.modelpin("health", "--json", "--samples=1", "--status=later.json")
    assert again.returncode == 0, again.stdout + again.stderr
    states = {each["id"]: each["state"] for each in json.loads(again.stdout)["models"]["support"]}
    assert states == {demo.PIN: "ok", demo.CARELESS: "ok"}
    pins = load(watched.folder / "models.yml", environment={}, health=watched.folder / "later.json")
    assert pins.chain("support")[1].id == demo.CARELESS


@pytest.mark.long
def test_without_a_critical_case_nobody_is_asked(team):
    done = team.modelpin("health")
    assert done.returncode == 2
    assert "critical=True" in done.stderr
    assert team.server.requests == []


@pytest.mark.long
def test_a_spent_budget_calls_no_model_down(watched):
    """Production would go round a model that answers."""
    done = watched.modelpin("health", "--budget=0")
    assert done.returncode == 3, done.stdout + done.stderr
    assert f"  unknown   {demo.PIN}" in done.stdout
    assert "the budget of $0.00 leaves no room" in done.stdout
    assert watched.server.requests == []
    told = json.loads((watched.folder / ".pytest_modelpin" / "health.json").read_text())
    assert told["models"] == {}
