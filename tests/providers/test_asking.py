"""The request for one question: by provider, key and address from the environment."""

import pytest

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers import provider_for
from pytest_modelpin.providers.asking import asking, key_for, provider_to_ask
from pytest_modelpin.providers.own_requests import Question

EVERY = [
    "openai",
    "anthropic",
    "google",
    "mistral",
    "xai",
    "deepseek",
    "groq",
    "openrouter",
    "fireworks",
    "together",
    "huggingface",
]
QUESTION = Question("some-model-1", "Which?", "Be brief.")


@pytest.mark.parametrize("name", EVERY)
def test_the_request_is_recognised_as_the_providers_own(name):
    request = asking(name, QUESTION, "the-key", {})
    provider = provider_for("POST", request.url, request.body)
    assert provider is not None
    assert provider.name == name


@pytest.mark.parametrize("name", EVERY)
def test_it_carries_the_question_and_the_system_and_the_key_only_in_a_header(name):
    request = asking(name, QUESTION, "the-key", {})
    assert "Which?" in str(request.body)
    assert "Be brief." in str(request.body)
    assert "the-key" in "".join(request.headers.values())
    assert "the-key" not in request.url + str(request.body)


@pytest.mark.parametrize("name", EVERY)
def test_without_a_system_there_is_none(name):
    assert "system" not in str(asking(name, Question("m", "Which?"), "k", {}).body).lower()


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("openai", "OPENAI_BASE_URL"),
        ("openai_compatible", "OPENAI_BASE_URL"),
        ("anthropic", "ANTHROPIC_BASE_URL"),
        ("google", "GOOGLE_GEMINI_BASE_URL"),
    ],
)
def test_a_gateway_is_asked_where_the_environment_names_one(name, variable):
    request = asking(name, QUESTION, "k", {variable: "http://gateway.example/"})
    assert request.url.startswith("http://gateway.example/")
    assert "//" not in request.url.removeprefix("http://")


def test_anthropic_gets_the_limit_of_tokens_that_it_insists_on():
    body = asking("anthropic", Question("claude", "x", most_tokens=8), "k", {}).body
    assert body["max_tokens"] == 8


@pytest.mark.parametrize(
    ("model", "provider", "asked"),
    [
        ("claude-opus-4-6", None, "anthropic"),
        ("gpt-4o", None, "openai"),
        ("anything", "openai", "openai"),
        ("anything", "gemini", "google"),
    ],
)
def test_whom_to_ask_comes_from_models_yml_or_the_id(model, provider, asked):
    assert provider_to_ask(model, provider) == asked


@pytest.mark.parametrize(("model", "provider"), [("unheard-of", None), ("x", "bedrock")])
def test_whom_nobody_can_ask_is_an_error_that_names_who_can_be(model, provider):
    with pytest.raises(ModelpinError, match=r"(set `provider:`|by itself, only).*anthropic"):
        provider_to_ask(model, provider)


def test_any_of_the_sdks_variables_holds_the_key():
    assert key_for("google", {"GOOGLE_API_KEY": "k"}) == "k"


def test_a_missing_key_is_an_error_that_names_its_variable():
    with pytest.raises(ModelpinError, match="set ANTHROPIC_API_KEY"):
        key_for("anthropic", {"OPENAI_API_KEY": "another's"})
