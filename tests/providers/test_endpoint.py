"""Known providers at addresses of one's own: models.yml's `endpoints:`."""

from __future__ import annotations

import json

import pytest

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers import (
    Endpoint,
    catalogue,
    provider_for,
    provider_named,
    read_reply,
    side_provider_for,
)

BODY = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
ODD = "https://llm.acme.example/llm/ask"
CHAT = {"model": "gpt-4o-2024-08-06", "choices": [{"index": 0, "message": {"content": "Hello"}}]}


@pytest.fixture
def use():
    yield lambda *endpoints: catalogue.use_endpoints(endpoints)
    catalogue.use_endpoints(())


def test_an_odd_path_is_nobodys(use):
    assert provider_for("POST", ODD, BODY) is None
    assert side_provider_for("GET", ODD) is None


def test_an_odd_path_that_stands_for_a_known_one(use):
    use(("llm.acme.example", "/llm/", "/v1/chat/completions", "openai"))
    provider = provider_for("POST", ODD, BODY)
    assert (provider.name, provider.hosts) == ("openai", ("llm.acme.example",))
    assert read_reply(ODD, BODY, 200, {}, CHAT).text == "Hello"
    assert provider.requested_model("/llm/ask", BODY) == "gpt-4o"
    assert provider.with_model("/llm/ask", BODY, "x") == ("/llm/ask", BODY | {"model": "x"})
    assert "model" not in provider.without_model("/llm/ask", BODY)[1]
    assert side_provider_for("GET", "https://llm.acme.example/llm/status").name == "openai"
    assert provider_for("POST", "https://llm.acme.example/other", BODY) is None


def test_a_known_path_on_a_host_of_ones_own(use):
    use((".acme.example", "", "", "mistral"))
    url = "https://eu.acme.example/v1/chat/completions"
    assert provider_for("POST", url, BODY).name == "mistral"
    assert provider_for("POST", "https://else.example/v1/chat/completions", BODY).name != "mistral"


def test_the_provider_itself_stays_as_it_was(use):
    use(("llm.acme.example", "", "", "openai"))
    assert provider_named("openai").hosts == ("api.openai.com", ".api.openai.com")


def test_an_unknown_provider_is_named_with_those_there_are(use):
    with pytest.raises(ModelpinError, match=r"found provider 'acme'; allowed: openai, anthropic"):
        use(("llm.acme.example", "", "", "acme"))


def test_a_path_that_holds_the_model_can_stand_for_no_other(use):
    with pytest.raises(ModelpinError, match="google names the model in its path"):
        use(("llm.acme.example", "/ask", "/v1beta/models/x:generateContent", "google"))


MODELS = """
models:
  answer: {production: gpt-4o-2024-08-06, staging: gpt-4o, last_validated: "2026-11-02"}
endpoints:
  - {host: llm.acme.example, path: /llm/ask, as: /v1/chat/completions, provider: openai}
"""
RECORDED = {
    "schema": 1,
    "test": "test_it::test_it",
    "version": "gpt-4o-2024-08-06",
    "recorded": "2026-11-20",
    "exchanges": [
        {
            "sample": 1,
            "request": {
                "method": "POST",
                "url": ODD,
                "body": {"model": "gpt-4o-2024-08-06", "messages": []},
            },
            "response": {
                "status": 200,
                "headers": {"content-type": "application/json"},
                "body": CHAT,
            },
            "asked": "gpt-4o-2024-08-06",
            "served": "gpt-4o-2024-08-06",
            "seconds": 1.0,
        }
    ],
}


def test_an_endpoint_of_models_yml_is_replayed(pytester, use):
    pytester.makefile(".yml", models=MODELS)
    pytester.makepyfile(
        test_it=f"""
        import httpx

        def test_it():
            body = {{"model": "gpt-4o-2024-08-06", "messages": []}}
            reply = httpx.post({ODD!r}, json=body).json()
            assert reply["choices"][0]["message"]["content"] == "Hello"
        """
    )
    place = pytester.mkdir("__recordings__") / "gpt-4o-2024-08-06" / "test_it"
    place.mkdir(parents=True)
    (place / "test_it.json").write_text(json.dumps(RECORDED))
    pytester.runpytest_inprocess("-n0").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/v1/chat/completions", "answer"),
        ("POST", "/together/v1/chat/completions", "answer"),
        ("POST", "/hf-inference/models/a/b/v1/chat/completions", "answer"),
        ("POST", "/hf-inference/models/a/b/pipeline/feature-extraction", "side"),
        ("GET", "/v1/models", "side"),
        ("POST", "/hf-inference/models/a/b", ""),  # a text that goes on, which nothing here reads
    ],
)
def test_what_hugging_faces_router_is_asked(method: str, path: str, kind: str) -> None:
    url = f"https://router.huggingface.co{path}"
    asked = provider_for(method, url, {"model": "a/b"})
    beside = side_provider_for(method, url)
    assert (asked.name if asked else "") == ("huggingface" if kind == "answer" else "")
    if kind != "answer":
        assert (beside.name if beside else "") == ("huggingface" if kind else "")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "url",
    [
        "https://api.replicate.com/v1/models/meta/llama-3/predictions",
        "https://llm.example.com/models/gpt2",
    ],
)
def test_what_is_posted_below_models_is_no_list_of_them(method: str, url: str) -> None:
    """It was recorded beside the questions and compared with nothing: a green over an answer."""
    beside = side_provider_for(method, url)
    assert (beside.name if beside else None) == ("openai_compatible" if method == "GET" else None)


@pytest.mark.parametrize(
    ("provider", "path", "unread"),
    [
        ("openai", "/v1/embeddings", False),
        ("openai", "/v1/responses/input_tokens", False),
        ("openai", "/v1/batches", False),
        ("openai", "/v1/images/generations", False),
        ("openai", "/v1/threads/runs", True),
        ("openai", "/v1/assistants", True),
        ("anthropic", "/v1/messages/count_tokens", False),
        ("anthropic", "/v1/complete", True),
        ("google", "/v1beta/models/gemini-2.5-flash:countTokens", False),
        ("google", "/v1beta/models/gemini-2.5-flash:batchEmbedContents", False),
        ("google", "/v1/publishers/google/models/imagen-4.0-generate-001:predict", False),
        ("google", "/v1/publishers/anthropic/models/count-tokens:rawPredict", False),
        ("google", "/v1beta/models/gemini-2.5-flash:batchGenerateContent", False),
        ("google", "/v1beta/cachedContents", False),
        ("google", "/v1beta/models/gemini-2.5-flash:generateAnswer", True),
        ("google", "/v1beta/models/gemini-2.5-flash:generateText", True),
        ("mistral", "/v1/ocr", False),
        ("mistral", "/v1/agents", True),
        ("mistral", "/v1/conversations/conv_1/messages", False),
        ("xai", "/v1/tokenize-text", False),
        ("cohere", "/v2/embed", False),
        ("cohere", "/v1/generate", True),
        ("bedrock", "/model/anthropic.claude-v2/count-tokens", False),
        ("ollama", "/api/show", False),
        ("ollama", "/api/pull", False),
    ],
)
def test_what_may_be_a_question_that_is_not_read(provider: str, path: str, unread: bool) -> None:
    known = provider_named(provider)
    assert isinstance(known, Endpoint)
    assert known.may_be_unread("POST", path) is unread
    assert not known.may_be_unread("GET", path)
