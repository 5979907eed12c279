"""`shadow` and `import`: what production asked, asked again, and kept as cases."""

from __future__ import annotations

import json

import pytest

from pytest_modelpin import demo

pytestmark = pytest.mark.long

QUESTIONS = [*demo.ANSWERS][:3]


@pytest.fixture
def traffic(team):
    """Requests as they were logged, with the pin's replies."""
    path = team.folder / "traffic.jsonl"
    entries = [
        {
            "request": {"model": demo.PIN, "messages": [{"role": "user", "content": question}]},
            "response": {
                "model": demo.PIN,
                "choices": [{"message": {"content": demo.ANSWERS[question][demo.PIN]}}],
            },
        }
        for question in QUESTIONS
    ]
    path.write_text("\n".join(map(json.dumps, entries)))
    return path


def files(folder):
    return {path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts}


@pytest.mark.long
@pytest.mark.parametrize(
    ("version", "code", "colour"), [(demo.NEXT, 0, "green"), (demo.CARELESS, 1, "red")]
)
def test_production_s_questions_tell_a_version_that_breaks_from_one_that_does_not(
    team, traffic, version, code, colour
):
    before = files(team.folder)
    team.server.roll(demo.ALIAS, version)
    done = team.modelpin(
        "shadow", "traffic.jsonl", "--pin-samples=2", "--samples=2", "--json", "--html=page.html"
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert json.loads(done.stdout.partition("\n")[2])["verdict"]["colour"] == colour
    assert files(team.folder) == {*before, team.folder / "page.html"}  # nothing else is kept
    asked = [each.model for each in team.server.requests]
    assert asked.count(demo.PIN) >= 6
    assert asked.count(demo.ALIAS) >= 6


def test_a_spent_budget_is_inconclusive(team, traffic):
    prices = f"settings:\n  prices:\n    {demo.PIN}: {{input: 1000000, output: 1}}\n"
    models = team.folder / "models.yml"
    models.write_text(models.read_text() + prices)
    done = team.modelpin("shadow", "traffic.jsonl", "--budget=0.01", "--keep=kept")
    assert done.returncode == 3, done.stdout + done.stderr
    assert (team.folder / "kept" / "production.json").is_file()
    assert team.modelpin("shadow", "traffic.jsonl", "--keep=kept").returncode == 2


def test_imported_cases_replay_what_production_heard(team, traffic):
    done = team.modelpin("import", "traffic.jsonl", "--redact=hook:short")
    assert done.returncode == 2
    assert "--redact hook:short" in done.stderr
    (team.folder / "hook.py").write_text(
        "def short(body):\n"
        "    return None if 'refund' in body['messages'][0]['content'] else body\n"
    )
    done = team.modelpin("import", "traffic.jsonl", "--redact=hook:short")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 captured requests; 1 left out by the redaction hook" in done.stdout
    played = team.pytest("tests/captured", "--snapshot-update")
    assert "2 passed" in played.stdout, played.stdout
    played = team.pytest("tests/captured", OPENAI_API_KEY="")
    assert "2 passed" in played.stdout, played.stdout
    assert team.server.requests == []
    captured = team.folder / "tests" / "captured"
    kept = "".join(path.read_text() for path in files(captured) if path.suffix != ".pyc")
    assert "Express shipping costs $42.00" in kept
    assert "refund" not in kept


def test_a_folder_with_other_tests_is_left_alone(team, traffic):
    mine = team.folder / "tests" / "captured" / "test_captured_support.py"
    mine.parent.mkdir()
    mine.write_text("def test_mine(): pass\n")
    done = team.modelpin("import", "traffic.jsonl")
    assert done.returncode == 2
    assert mine.read_text() == "def test_mine(): pass\n"


def test_what_people_made_of_an_import_outlives_the_next(team, traffic):
    """Lines of their own in the module, a file of the same name, and samples recorded since."""
    captured = team.folder / "tests" / "captured"
    captured.mkdir()
    (captured / "captured_support.json").write_text('{"mine": 1}')
    assert (
        "captured_support.json was not made by" in team.modelpin("import", "traffic.jsonl").stderr
    )
    assert (captured / "captured_support.json").read_text() == '{"mine": 1}'
    (captured / "captured_support.json").unlink()
    assert team.modelpin("import", "traffic.jsonl").returncode == 0
    (captured / "test_captured_support.py").unlink()  # as a kill between the two files leaves it
    first = next(captured.rglob("__recordings__/*/*/*.json"))
    first.write_text(first.read_text().replace('"recorded"', '"answered_by": null, "recorded"'))
    recorded = first.read_text()
    done = team.modelpin("import", "traffic.jsonl")
    assert done.returncode == 0, done.stderr
    assert first.read_text() == recorded
    module = captured / "test_captured_support.py"
    module.write_text(module.read_text() + "    assert captured.id\n")
    done = team.modelpin("import", "traffic.jsonl")
    assert done.returncode == 2
    assert "or was changed since" in done.stderr
    assert module.read_text().endswith("    assert captured.id\n")
