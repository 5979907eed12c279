"""Providers behind other names or without a key: a gateway that renames models, a local Ollama."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

TEAMS = {"team-large": "gpt-4o-2024-08-06", "team-next": "gpt-4.1-2025-04-14"}
"""What the gateway calls its models, and what they are in truth."""
BEHIND = "models: {support: {production: team-large, staging: team-next, provider: openai}}\n"


@pytest.fixture
def behind_a_gateway(project, monkeypatch):
    """A project whose ids are the gateway's own."""
    monkeypatch.setenv("OPENAI_BASE_URL", f"{project.server.url}/v1")
    project.write("models.yml", BEHIND)
    support = (project.folder / "support.py").read_text()
    project.write("support.py", support.replace("gpt-4o-2024-08-06", "team-large"))
    project.write("tests/test_support.py", "from support import ask\ndef test_fee(): ask('fee?')\n")
    return project


def test_a_gateway_that_answers_as_the_true_version_is_recorded_and_said(behind_a_gateway):
    suite = behind_a_gateway
    suite.server.aliases = TEAMS
    result = suite.run("--model=production", "--model-record=new")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [
            "support: asked for team-large (production), served gpt-4o-2024-08-06",
            "*the pin team-large was answered by gpt-4o-2024-08-06; a pin should answer as itself*",
        ]
    )
    assert suite.recordings() == ["team-large/test_support/test_fee.json"]
    candidate = suite.run("--model=candidate")
    candidate.stdout.fnmatch_lines(
        ["support: asked for team-next (candidate), served gpt-4.1-2025-04-14"]
    )
    assert suite.tried() == ["gpt-4.1-2025-04-14/test_support/test_fee.json"]
    suite.server.close()
    suite.run().assert_outcomes(passed=1)
    suite.run("--model=candidate", "--model-record=none").assert_outcomes(passed=1)


def test_a_gateway_that_answers_in_its_own_names_is_taken_at_its_word(behind_a_gateway):
    suite = behind_a_gateway
    suite.server.aliases = {}
    result = suite.run("--model=production", "--model-record=new")
    result.assert_outcomes(passed=1)
    assert "should answer as itself" not in result.stdout.str()
    suite.run("--model=candidate").assert_outcomes(passed=1)
    assert suite.tried() == ["team-next/test_support/test_fee.json"]
    suite.server.close()
    suite.run().assert_outcomes(passed=1)


def test_of_an_id_that_floats_it_is_no_news_that_its_version_answered(project):
    """Each night said so of each, though models.yml has `policy: float`."""
    project.write("models.yml", "models: {support: {production: gpt-4o, policy: float}}\n")
    support = (project.folder / "support.py").read_text()
    project.write("support.py", support.replace("gpt-4o-2024-08-06", "gpt-4o"))
    result = project.run("--model=production", "--model-record=new")
    result.stdout.fnmatch_lines(["support: asked for gpt-4o (production), served gpt-4o-2024-11*"])
    assert "should answer as itself" not in result.stdout.str()


LOCAL = "models: {support: {production: 'llama3.2:1b', staging: 'llama3.2:3b', provider: ollama}}\n"

OWN_WIRE = """
import os, httpx

def ask(question):
    body = {"model": "llama3.2:1b", "messages": [{"role": "user", "content": question}]}
    url = os.environ["OLLAMA_HOST"] + "/api/chat"
    return httpx.post(url, json=body | {"stream": False}).json()["message"]["content"]
"""
OPENAIS_WIRE = """
import os
from openai import OpenAI

def ask(question):
    with OpenAI(base_url=os.environ["OLLAMA_HOST"] + "/v1", api_key="unused") as client:
        asked = [{"role": "user", "content": question}]
        reply = client.chat.completions.create(model="llama3.2:1b", messages=asked)
        return reply.choices[0].message.content
"""


@pytest.mark.parametrize("wire", [OWN_WIRE, OPENAIS_WIRE], ids=["its own", "OpenAI's"])
def test_a_local_ollama_is_asked_recorded_and_replayed_without_any_key(project, monkeypatch, wire):
    for variable in ("OPENAI_API_KEY", "OLLAMA_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("OLLAMA_HOST", project.server.url)
    project.server.aliases = {}
    project.write("models.yml", LOCAL)
    project.write("support.py", dedent(wire))
    project.write(
        "tests/test_support.py",
        "from support import ask\ndef test_fee(): assert ask('fee?') == '$42'\n",
    )
    recorded = project.run("--model-record=new")
    recorded.assert_outcomes(passed=1)
    assert "key" not in recorded.stdout.str().partition("models: support")[2]
    [name] = project.recordings()
    assert json.loads((project.folder / "tests/__recordings__" / name).read_text())["exchanges"]
    asked = project.run("--model=candidate")
    asked.assert_outcomes(passed=1)
    asked.stdout.fnmatch_lines(["support: asked for llama3.2:3b (candidate)*"])
    project.server.close()
    project.run().assert_outcomes(passed=1)
