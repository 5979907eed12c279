"""Nights of an embedding model: its candidate is judged by the neighbours that texts keep."""

from __future__ import annotations

import json

import pytest
from every_wire import EveryWire
from every_wire.embeddings import by_chance

PIN, CANDIDATE = "text-embedding-3-small", "text-embedding-3-large"
MODELS = f"""
models:
  embedder:
    production: {PIN}
    staging: {CANDIDATE}
"""
TESTS = """
import openai, pytest

def embed(texts):
    made = openai.OpenAI().embeddings.create(model="text-embedding-3-small", input=texts)
    return [each.embedding for each in made.data]

@pytest.fixture(scope="module")
def index():
    return embed([f"document {n}" for n in range(24)])

@pytest.mark.parametrize("query", ["refund", "fee", "parcel", "warranty"])
def test_search(index, query):
    (vector,) = embed([query])
    assert len(vector) == len(index[0])
"""


def alike(version, text):
    return by_chance("any", text)


def other(version, text):
    return alike(version, text) if version == PIN else by_chance(version, text)


@pytest.fixture
def searching(new_team, tmp_path):
    """A recorded suite of searches, committed; by default every version embeds alike."""
    with EveryWire() as server:
        server.embed = alike
        team = new_team(tmp_path, server)
        (tmp_path / "models.yml").write_text(MODELS)
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        (tmp_path / "tests").mkdir()
        (tmp_path / "tests/test_search.py").write_text(TESTS)
        (tmp_path / ".gitignore").write_text("__pycache__/\n.pytest_modelpin/\nledger/\n")
        done = team.pytest("--model=production", "--model-record=new")
        assert done.returncode == 0, done.stdout
        team.git("init", "--quiet", "--initial-branch=main")
        team.git("add", "--all")
        team.git("commit", "--quiet", "-m", "Recorded")
        yield team


def night_of(team, day="2026-11-17", **settings):
    if settings:
        lines = "".join(f"  {key}: {value}\n" for key, value in settings.items())
        (team.folder / "models.yml").write_text(f"{MODELS}settings:\n{lines}")
    done = team.nightly(day)
    lines = (team.folder / "ledger" / "embedder.jsonl").read_text().splitlines()
    return done, json.loads(lines[-1])


def page(team):
    (found,) = (team.folder / ".pytest_modelpin").rglob("embedder/report.html")
    return found.read_text()


@pytest.mark.long
def test_equal_neighbours_are_a_green_night_and_then_a_bump_that_replays(searching):
    done, night = night_of(searching)
    assert done.returncode == 0, done.stdout
    assert (night["colour"], night["served"], night["drifted"]) == ("green", CANDIDATE, {})
    assert "neighbours kept 100 % (k=5, 28 texts)" in done.stdout
    assert "neighbours kept 100 % (k=5, 28 texts)" in page(searching)
    for day in ("2026-11-18", "2026-11-19"):
        done, _ = night_of(searching, day)
    assert "modelpin/embedder" in done.stdout
    message = searching.git("log", "-1", "--format=%B", "modelpin/embedder")
    assert "neighbours kept 100 %" in message
    searching.server.close()
    searching.git("merge", "--quiet", "--ff-only", "modelpin/embedder")
    assert searching.pytest().returncode == 0
    assert f"production: {CANDIDATE}" in (searching.folder / "models.yml").read_text()


@pytest.mark.long
def test_other_neighbours_are_a_red_night_that_names_text_and_neighbours(searching):
    searching.server.embed = other
    done, night = night_of(searching)
    assert (done.returncode, night["colour"]) == (1, "red"), done.stdout
    assert night["drifted"]["neighbours"] == 4
    assert any(reason.startswith("neighbours kept ") for reason in night["reasons"])
    assert 'regression  neighbours at "' in done.stdout
    assert "neighbours kept" in page(searching)


@pytest.mark.long
def test_on_drift_hold_makes_it_wait_for_a_person(searching):
    searching.server.embed = other
    _, night = night_of(searching, on_drift="hold")
    assert night["colour"] == "green"
    assert len(night["held"]) == 4


@pytest.mark.long
def test_on_drift_report_only_tells_of_it(searching):
    searching.server.embed = other
    _, night = night_of(searching, on_drift="report")
    assert (night["colour"], night.get("held", [])) == ("green", [])
    assert night["drifted"]["neighbours"] == 4


@pytest.mark.long
def test_a_pin_that_changed_as_well_clears_the_candidate(searching):
    searching.server.embed = by_chance
    _, night = night_of(searching)
    assert night["colour"] == "inconclusive"
    assert "do not confirm it" in night["reasons"][0]


@pytest.mark.long
def test_a_test_that_fails_counts_as_ever(searching):
    searching.server.embed = lambda version, text: (
        [] if version == CANDIDATE and text == "fee" else alike(version, text)
    )
    done, night = night_of(searching)
    assert (done.returncode, night["colour"]) == (1, "red"), done.stdout
