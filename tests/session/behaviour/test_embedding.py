"""An embedding model that models.yml names: recorded, replayed, and compared by its neighbours."""

from __future__ import annotations

import json
import socket
from importlib import import_module

import pytest
from every_wire.embeddings import by_chance

# pytest runs in this process, and each run forgets what it was the first to import.
import_module("openai.resources.embeddings")

PIN, CANDIDATE = "text-embedding-3-small", "text-embedding-3-large"
MODELS = f"""
models:
  embedder:
    production: {PIN}
    staging: {CANDIDATE}
    provider: openai
"""
TESTS = """
import os
import openai, pytest

def embed(texts, **more):
    client = openai.OpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1")
    made = client.embeddings.create(model="text-embedding-3-small", input=texts, **more)
    return [each.embedding for each in made.data]

@pytest.fixture(scope="module")
def index():
    return embed([f"document {n}" for n in range(24)])

@pytest.mark.parametrize("query", ["refund?", "fee?"])
def test_search(index, query):
    (vector,) = embed([query])
    assert len(vector) == len(index[0])
"""


@pytest.fixture
def embedded(project):
    """A project that embeds 26 texts by openai's client, which asks for base64, recorded."""
    project.write("models.yml", MODELS)
    project.write("tests/test_support.py", TESTS)
    # By default every version embeds alike, and gives vectors of another length and scale.
    project.server.embed = turned
    project.record()
    return project


def turned(version, text):
    """The same directions for every version, in vectors of another length."""
    vector = by_chance("any", text)
    return vector if version == PIN else [3 * each for each in vector[::-1]] + [0.0] * 64


def shuffled(version, text):
    return by_chance(version, text)


def models_section(result):
    lines = result.stdout.lines
    return "\n".join(lines[next(at for at, line in enumerate(lines) if "= models =" in line) :])


def test_it_is_replayed_with_the_network_cut_and_without_a_key(embedded, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    embedded.server.close()
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("the network was asked"))
    embedded.run().assert_outcomes(passed=2)


def test_the_candidate_is_asked_in_its_place_and_keeps_the_neighbours(embedded):
    result = embedded.run("--model=candidate")
    result.assert_outcomes(passed=2)
    assert {each.model for each in embedded.server.requests} == {CANDIDATE}
    said = models_section(result)
    assert f"embedder: asked for {CANDIDATE} (candidate), served {CANDIDATE}" in said
    assert "neighbours kept 100 % (k=5, 26 texts)" in said
    assert "the vectors' length changes from 64 to 128" in said
    assert "2 of 2 passed, 0 drifted" in said


def test_other_neighbours_are_named_with_their_text(embedded):
    embedded.server.embed = shuffled
    result = embedded.run("--model=candidate")
    result.assert_outcomes(passed=2)
    said = models_section(result)
    assert "2 of 2 passed, 2 drifted" in said
    assert 'regression  neighbours at "fee?" (keeps ' in said
    assert '"document ' in said


def test_a_report_holds_directions_and_no_answers(embedded):
    report = embedded.report("--model=candidate")
    (case, _) = report["cases"]
    assert case["models"] == ["embedder"]
    (sample,) = case["samples"]
    (call,) = sample["calls"]
    assert call["reply"]["text"] == ""
    assert call["reply"]["usage"]["input_tokens"] > 0
    ((_, says, number),) = call["vectors"]
    assert (says, len(report["vectors"])) == ("fee?", 26)
    assert isinstance(number, int)


@pytest.mark.long
def test_pytest_xdist_makes_no_difference(embedded):
    alone = models_section(embedded.run("--model=candidate"))
    spread = models_section(embedded.run("--model=candidate", "-n2"))
    assert [line for line in spread.splitlines() if "vectors" in line] == [
        line for line in alone.splitlines() if "vectors" in line
    ]


def test_too_few_texts_are_said_and_not_judged(embedded):
    embedded.write("tests/test_support.py", TESTS.replace("range(24)", "range(5)"))
    embedded.record()
    embedded.server.embed = shuffled
    said = models_section(embedded.run("--model=candidate"))
    assert "neighbours not judged: 7 texts with a vector on both sides, and it takes 10" in said
    assert "0 drifted" in said


def test_what_is_not_named_stays_a_call_beside_the_question(embedded):
    """Vectors of a model that models.yml does not name are in no report."""
    embedded.write("models.yml", MODELS.replace(PIN, "text-embedding-ada-002"))
    report = embedded.report()
    assert "vectors" not in report
    assert report["cases"] == []


def test_a_float_encoding_says_the_same(embedded):
    embedded.write(
        "tests/test_support.py",
        TESTS.replace("**more)\n    return", 'encoding_format="float")\n    return'),
    )
    embedded.record()
    recorded = json.dumps(
        [path.read_text() for path in embedded.folder.rglob("*__recordings__/**/*.json")]
    )
    assert 'encoding_format\\": \\"float' in recorded
    assert "neighbours kept 100 %" in models_section(embedded.run("--model=candidate"))


def test_an_error_of_the_provider_loses_the_case(embedded):
    from pytest_modelpin.demo.provider_server import Fault

    embedded.server.outages[CANDIDATE] = Fault(status=503)
    said = models_section(embedded.run("--model=candidate"))
    assert "lost to provider errors" in said


BOTH = """
models:
  support:
    production: gpt-4o-2024-08-06
    staging: gpt-4o
    provider: openai
  embedder:
    production: text-embedding-3-small
    provider: openai
"""
ANSWER_EMBEDDED = """
import os
import openai
from support import ask

def test_answers_are_filed():
    client = openai.OpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1")
    answer = ask("fee?")
    made = client.embeddings.create(model="text-embedding-3-small", input=answer)
    assert len(made.data[0].embedding) == 64
"""


def test_a_pinned_one_embeds_what_another_models_candidate_said(project):
    """It can't be recorded: the candidate says something else."""
    project.write("models.yml", BOTH)
    project.write("tests/test_support.py", ANSWER_EMBEDDED)
    project.record()
    project.says["fee?", "gpt-4o-2024-11-20"] = "It costs $43."
    project.run().assert_outcomes(passed=1)
    assert project.server.requests == []
    result = project.run("--model=support=candidate")
    result.assert_outcomes(passed=1)
    assert [each.model for each in project.server.requests] == ["gpt-4o", PIN]
    assert "embedder: asked for text-embedding-3-small (production)" in result.stdout.str()
