"""The hook by which a team brings a provider of its own; the docs' example is what runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_modelpin.providers import Endpoint, Naming, catalogue, provider_for
from pytest_modelpin.providers.openai_compatible import CHAT

DOC = Path(__file__).parents[3] / "docs" / "own-provider.md"
EXAMPLE = re.search(r"```python\n(.*?)```", DOC.read_text(), re.DOTALL)[1]
MODELS = """
models:
  answer: {production: "acme/large@7", staging: acme/large, last_validated: "2026-11-02"}
"""
TESTS = """
from pytest_modelpin.providers import identify, provider_for, provider_named

def test_it_is_known():
    assert provider_named("acme").name == "acme"
    assert identify("acme/large@7").kind == "pinned"
    assert identify("acme/large").kind == "floating"
    body = {"model": "acme/large@7", "messages": []}
    assert provider_for("POST", "https://llm.acme.example/v1/chat/completions", body).name == "acme"
"""


@pytest.fixture(autouse=True)
def forget():
    yield
    catalogue.use_own(())


def test_the_example_is_short():
    assert len(EXAMPLE.splitlines()) <= 30


def test_the_example_runs(pytester):
    pytester.makefile(".yml", models=MODELS)
    pytester.makeconftest(EXAMPLE)
    pytester.makepyfile(TESTS)
    pytester.runpytest_inprocess("-p", "no:randomly", "-n0").assert_outcomes(passed=1)


def test_the_next_session_does_not_know_it(pytester):
    pytester.makefile(".yml", models=MODELS)
    conftest = pytester.makeconftest(EXAMPLE)
    pytester.makepyfile(TESTS)
    pytester.runpytest_inprocess("-n0")
    conftest.unlink()
    pytester.runpytest_inprocess("-n0").assert_outcomes(failed=1)


def test_what_it_lacks_is_said_before_any_test(pytester):
    pytester.makefile(".yml", models=MODELS)
    pytester.makeconftest("def pytest_modelpin_providers():\n    return [object()]")
    pytester.makepyfile("def test_a():\n    pass")
    result = pytester.runpytest_inprocess("-n0")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*pytest_modelpin_providers:", "*has no `name`*"])


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://llm.acme.example/ask", "acme"),
        ("http://127.0.0.1:9/ask", "acme"),
        ("https://llm.acme.example/talk", "acme"),
        ("http://127.0.0.1:9/talk", None),
        ("https://llm.acme.example/other", None),
    ],
)
def test_an_endpoint_is_recognised_by_the_paths_that_it_declares(url, name):
    acme = Endpoint(
        name="acme",
        naming=Naming("acme", r"acme/.+", (), "Acme's rules say nothing of this id."),
        hosts=("llm.acme.example",),
        key_variables=("ACME_API_KEY",),
        shapes=(CHAT,),
        question_paths=r"/ask$",
        own_question_paths=r"/talk$",
    )
    catalogue.use_own([acme])
    found = provider_for("POST", url, {"model": "acme/large@7"})
    assert (found.name if found else None) == name
