from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.providers import (
    PROVIDERS,
    bare,
    catalogue,
    identify,
    proven,
    provider_for,
    provider_named,
)

HOSTS = ("api.openai.com", "api.anthropic.com", "api.cohere.com", "h:11434", "127.0.0.1:9")
PATHS = (
    "/v1/chat/completions", "/v1/responses/", "/v1/messages", "/v1/messages/count_tokens",
    "/v2/chat", "/api/chat", "/model/m/converse", "/model/m/invoke", "/model/m/count-tokens",
    "/openai/deployments/d/chat/completions", "/v1/models/g:generateContent",
    "/v1/models/count-tokens:rawPredict", "/",
)  # fmt: skip
BODY = {"model": "llama3:8b", "messages": [], "input": "", "prompt": ""}


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_no_provider_recognises_what_it_does_not_declare(provider):
    """Requests are shown to those alone that declare the path."""
    for host, path in product(HOSTS, PATHS):
        if provider.recognises("POST", host, path, BODY):
            assert provider.asks_at(host, path), (host, path)


@pytest.fixture
def looked_up_anew():
    """Who is asked at an address is remembered: by another test before, or for one after."""
    catalogue._asked_at.cache_clear()
    yield
    catalogue._asked_at.cache_clear()


@pytest.mark.usefixtures("looked_up_anew")
@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/v1/chat/completions", ["openai_compatible"]),
        ("/v1/messages", ["anthropic"]),
        ("/v1/models/g:generateContent", ["google"]),
        ("/elsewhere", []),
    ],
)
def test_a_body_is_shown_to_the_provider_whose_path_it_is(monkeypatch, path, asked):
    shown = []

    def noting(kind: type) -> Any:
        asks = kind.asks  # type: ignore[attr-defined]

        def noted(self: Any, *arguments: Any) -> bool:
            shown.append(self.name)
            return bool(asks(self, *arguments))

        return noted

    for kind in {type(provider) for provider in PROVIDERS if "asks" in vars(type(provider))}:
        monkeypatch.setattr(kind, "asks", noting(kind))
    for base in {base for kind in map(type, PROVIDERS) for base in kind.__mro__[1:-1]}:
        if "asks" in vars(base) and base not in map(type, PROVIDERS):
            monkeypatch.setattr(base, "asks", noting(base))
    provider_for("POST", f"http://127.0.0.1:9{path}", BODY)
    assert shown == asked


# provider (None: inferred from the id), kind, ids
IDS = """
openai pinned gpt-4o-2024-08-06 gpt-4o-2024-11-20 gpt-4o-mini-2024-07-18 gpt-4.1-2025-04-14
openai pinned gpt-4.1-nano-2025-04-14 gpt-5-2025-08-07 gpt-5-pro-2025-10-06 gpt-5.1-2025-11-13
openai pinned gpt-5.4-nano-2026-03-17 o1-2024-12-17 o3-mini-2025-01-31 o4-mini-2025-04-16
openai pinned o3-deep-research-2025-06-26 computer-use-preview-2025-03-11 gpt-3.5-turbo-0125
openai pinned gpt-3.5-turbo-16k-0613 gpt-4-0613 gpt-4-1106-preview gpt-4-turbo-2024-04-09
openai pinned gpt-4-32k-0314 gpt-5.6-sol gpt-5.6-terra gpt-5.6-luna gpt-6-luna gpt-6.1-astra
openai pinned gpt-audio-mini-2025-12-15 ft:gpt-4o-mini-2024-07-18:acme:support:abc123
openai pinned ft:gpt-3.5-turbo-0125:acme::xyz gpt-5.6-sol-2026-07-09
openai floating gpt-4o gpt-4o-mini gpt-4.1 gpt-4.1-mini gpt-5 gpt-5-mini gpt-5.1 gpt-5.6 gpt-6 o1
openai floating o3 o3-mini o1-pro o4-mini gpt-3.5-turbo gpt-4 gpt-4-turbo gpt-4-turbo-preview
openai floating gpt-4-32k chatgpt-4o-latest gpt-5-chat-latest codex-mini-latest gpt-5.1-codex-max
openai floating o1-preview gpt-4o-audio-preview gpt-audio-mini gpt-4.5-preview
openai floating omni-moderation-latest
openai unknown davinci-002 babbage-002 dall-e-3 text-embedding-3-huge gpt-7-sol
openai pinned text-embedding-3-small text-embedding-3-large text-embedding-ada-002
openai unknown gpt-4-1106-vision-preview ft:gpt-3.5-turbo:acme::xyz gpt-image-1
anthropic pinned claude-sonnet-4-5-20250929 claude-3-5-sonnet-20241022 claude-3-haiku-20240307
anthropic pinned claude-opus-4-1-20250805 claude-haiku-4-5-20251001 claude-opus-4-6
anthropic pinned claude-sonnet-4-6 claude-opus-4-8 claude-sonnet-5 claude-sonnet-5-5
anthropic pinned claude-fable-5 claude-mythos-5 claude-haiku-5 claude-2.0 claude-2.1
anthropic pinned claude-instant-1.2 claude-1.3
anthropic floating claude-sonnet-4-5 claude-haiku-4-5 claude-opus-4-5 claude-opus-4-1
anthropic floating claude-opus-4-0 claude-sonnet-4-0 claude-3-5-sonnet-latest
anthropic floating claude-3-7-sonnet-latest claude-3-opus-latest claude-3-5-haiku-latest claude-2
anthropic floating claude-instant-1
anthropic unknown claude-mythos-preview claude-haiku-4-6 claude-3-5-sonnet claude-sonnet-11
google pinned gemini-2.0-flash-001 gemini-2.0-flash-lite-001 gemini-1.5-pro-002 text-embedding-004
google pinned gemini-2.5-pro-preview-03-25 gemini-2.5-flash-preview-09-2025 gemini-embedding-001
google pinned models/gemini-2.0-flash-001 claude-sonnet-4-5@20250929
google floating gemini-2.5-flash gemini-2.5-pro gemini-2.0-flash gemini-3-pro-preview
google floating gemini-flash-latest gemini-2.5-flash-lite models/gemini-2.5-pro gemini-3.8-flash
google floating gemini-2.0-flash-lite-preview
google unknown gemini-exp-1206 gemini-2.0-flash-exp gemma-3-27b-it embedding-001
mistral pinned mistral-large-2411 mistral-small-2503 codestral-2501 ministral-8b-2410
mistral pinned pixtral-12b-2409 devstral-small-2507 open-mistral-nemo-2407
mistral floating mistral-large-latest magistral-medium-latest mistral-small mistral-tiny
mistral floating open-mistral-nemo codestral-latest
mistral unknown open-mixtral-8x7b mistral-large-2413
mistral pinned mistral-embed-2312 codestral-embed-2505
mistral floating mistral-embed codestral-embed
cohere pinned command-r-08-2024 command-a-03-2025 command-r7b-12-2024 command-r-plus-04-2024
cohere floating command command-r command-r-plus command-light command-nightly
cohere pinned embed-v4.0 embed-english-v3.0 embed-multilingual-light-v3.0
cohere unknown c4ai-aya-expanse-32b command-x rerank-v3.5 rerank-english-v3.0
xai pinned grok-4-0709 grok-2-vision-1212 grok-4.20-0309-reasoning grok-4.20-0309-non-reasoning
xai floating grok-4 grok-3-mini grok-4-latest grok-4-fast-reasoning
xai unknown grok-4-9999
deepseek floating deepseek-chat deepseek-reasoner
deepseek unknown deepseek-v4-flash
groq floating groq/compound groq/compound-mini compound-beta
groq unknown llama-3.3-70b-versatile llama-3.1-8b-instant llama3-8b-8192
bedrock pinned anthropic.claude-3-5-sonnet-20241022-v2:0
bedrock pinned us.anthropic.claude-sonnet-4-5-20250929-v1:0
bedrock pinned global.anthropic.claude-haiku-4-5-20251001-v1:0 amazon.nova-pro-v1:0
bedrock pinned eu.anthropic.claude-opus-4-6-v1 anthropic.claude-opus-4-8
bedrock pinned meta.llama3-1-70b-instruct-v1:0
bedrock pinned arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0
bedrock unknown arn:aws:bedrock:us-east-1:1:application-inference-profile/abc
bedrock unknown anthropic.claude-sonnet-4-5 amazon.titan-text-express
openrouter pinned anthropic/claude-4.6-sonnet-20260217 openai/gpt-4o-2024-08-06
openrouter pinned google/gemini-2.0-flash-001 cohere/command-r-08-2024
openrouter floating ~openai/gpt-latest openrouter/auto openai/gpt-4o openai/gpt-5.6 x-ai/grok-4
openrouter floating google/gemini-2.0-flash-exp:free meta-llama/llama-3.3-70b-instruct:nitro
openrouter floating google/gemini-2.5-flash openai/gpt-4o-2024-08-06:nitro
openrouter unknown anthropic/claude-sonnet-4.6 meta-llama/llama-3.3-70b-instruct qwen/qwen3-32b
fireworks floating accounts/fireworks/routers/kimi
fireworks unknown accounts/fireworks/models/llama-v3p1-8b-instruct
ollama floating llama3.2:latest
ollama unknown qwen3:0.6b llama3.1:8b-instruct-q4_K_M
none floating foo-latest
none unknown meta-llama/Llama-3.3-70B-Instruct microsoft/Phi-4-mini-instruct
none unknown gpt-oss-120b my-model embed-demo embed-text-only rerank-next gemini-key gemini-test-key
"""

TABLE = [
    (id, provider, kind)
    for provider, kind, *ids in (line.split() for line in IDS.strip().splitlines())
    for id in ids
]


def test_the_table_is_long_enough_to_mean_something():
    assert len(TABLE) >= 120


@pytest.mark.parametrize(("id", "provider", "kind"), TABLE)
def test_provider_and_kind_follow_from_the_spelling(id, provider, kind):
    found = identify(id)
    assert (found.id, found.provider, found.kind) == (
        id,
        None if provider == "none" else provider,
        kind,
    )


@pytest.mark.parametrize(("id", "provider", "kind"), [row for row in TABLE if row[1] != "none"])
def test_naming_the_provider_gives_the_same_answer(id, provider, kind):
    assert identify(id, provider) == identify(id)


@pytest.mark.parametrize(
    ("id", "provider", "kind"),
    [
        ("support-bot", "azure", "unknown"),
        ("gpt-4o-2024-08-06", "azure", "unknown"),  # a deployment may be called anything
        ("gpt-4o-2024-08-06", "openai_compatible", "pinned"),
        ("gpt-4o", "openai_compatible", "floating"),
        ("house-model", "openai_compatible", "unknown"),
        ("claude-opus-4-6", "vertex", "pinned"),
        ("claude-sonnet-4-5", "google", "floating"),
        ("gemini-2.5-flash", "google-vertex", "floating"),
        ("openai/gpt-oss-120b", "groq", "unknown"),
        ("meta-llama/Llama-3.3-70B-Instruct-Turbo", "together", "unknown"),
        ("Qwen/Qwen3-32B", "huggingface", "floating"),  # whoever the router takes
        ("Qwen/Qwen3-32B:cheapest", "huggingface", "floating"),
        ("Qwen/Qwen3-32B:together", "huggingface", "unknown"),
        ("llama3.2", "ollama", "floating"),
        ("claude-opus-4-6", "openai", "unknown"),
        ("anything-latest", "a-house-of-its-own", "floating"),
        ("anything", "a-house-of-its-own", "unknown"),
    ],
)
def test_a_named_provider_decides_by_its_own_rules(id, provider, kind):
    assert identify(id, provider).kind == kind


@given(st.text())
def test_no_text_is_beyond_identify(id):
    assert identify(id).kind in ("pinned", "floating", "unknown")


@given(
    st.from_regex(r"\A(gpt-|claude-|gemini-|mistral-|grok-|command-|~|ft:|us\.|arn:)[ -~]{0,30}\Z"),
    st.sampled_from([None, *(provider.name for provider in PROVIDERS)]),
)
def test_every_answer_gives_its_rule_as_a_sentence(id, provider):
    found = identify(id, provider)
    assert found.id == id
    assert found.rule.endswith((".", ")")) or ". " in found.rule
    assert found.rule[0].isupper() or found.rule.startswith(("xAI", "pytest-modelpin"))


ARN = "arn:aws:bedrock:us-east-1:123456789012:foundation-model/"
VERSIONS = (
    "gpt-4o-2024-11-20", "ft:gpt-4o-2024-11-20:a:b:c", "claude-sonnet-4-5-20250929",
    "claude-opus-4-6", "mistral-large-2411", "command-a-03-2025",
    "anthropic.claude-sonnet-4-5-20250929-v1:0", f"{ARN}anthropic.claude-opus-4-6",
    "openai/gpt-4o-2024-11-20",
)  # fmt: skip


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_no_shell_word_option_or_sentence_is_a_version(provider):
    """A reply names whom it likes, and a bump puts the name into titles and commands."""
    for version, more in product(VERSIONS, ("; id", "$(id)", "`id`", " fixes GH-1", "<b>", "#1")):
        begun = version.replace(":", f":{more}", 1)
        for id in (f"{version}{more}", f"{more}{version}", begun if begun != version else more):
            assert provider.identify(id).kind != "pinned", id
    for version in VERSIONS:
        assert provider.identify(f"--{version}").kind != "pinned"


@given(st.from_regex(r"\A[a-z0-9.:/@\-]{0,40}latest\Z"))
def test_an_id_that_says_latest_is_never_a_pin(id):
    assert identify(id).kind != "pinned"


@pytest.mark.parametrize(
    ("asked", "served", "provider", "known"),
    [
        ("gpt-4o", "gpt-4o-2024-08-06", "openai", True),
        ("gpt-4o", "gpt-4o", "openai", False),
        ("gpt-5.6", "gpt-5.6-sol", "openai", True),
        ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929", "anthropic", True),
        ("claude-opus-4-6", "claude-opus-4-6", "anthropic", True),
        ("gemini-2.0-flash", "gemini-2.0-flash", "google", False),
        ("gemini-2.0-flash-001", "gemini-2.0-flash-001", "google", True),
        ("gemini-2.5-pro-preview-03-25", "models/gemini-2.5-pro", "google", False),
        ("mistral-large-latest", "mistral-large-latest", "mistral", False),
        ("mistral-large-2411", "mistral-large-2411", "mistral", True),
        ("deepseek-reasoner", "deepseek-v4-flash", "deepseek", False),
        ("support-bot", "gpt-4o-2024-11-20", "azure", True),
        ("gpt-4o", "gpt-4o", "azure", False),
        ("anthropic/claude-sonnet-4.6", "anthropic/claude-4.6-sonnet-20260217", "openrouter", True),
        ("gpt-4o", "gpt-4o-2024-08-06", "openai_compatible", True),
        ("house-model", "house-model", "openai_compatible", False),
        ("gpt-4o", "gpt-4o-2024-08-06", None, True),
        ("command-r-08-2024", None, "cohere", True),
        ("command-r", None, "cohere", False),
        ("gpt-4o-2024-08-06", None, "openai", False),
        ("gpt-4o-2024-08-06", None, None, False),
    ],
)
def test_only_a_pin_proves_which_version_answered(asked, served, provider, known):
    assert proven(asked, served, provider) is known


@pytest.mark.parametrize(
    ("served", "id"),
    [
        ("models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("projects/p/locations/global/publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("accounts/fireworks/models/llama", "accounts/fireworks/models/llama"),
        ("anthropic/claude-sonnet-4.6", "anthropic/claude-sonnet-4.6"),
        ("gpt-4o", "gpt-4o"),
    ],
)
def test_bare_takes_off_googles_resource_path_and_nothing_else(served, id):
    assert bare(served) == id


def test_providers_are_found_by_name_in_any_case_and_by_synonym():
    assert [getattr(provider_named(n), "name", None) for n in ("OpenAI", "gemini", "none")] == [
        "openai",
        "google",
        None,
    ]


def test_no_two_providers_share_a_name():
    names = [provider.name for provider in PROVIDERS]
    assert len(set(names)) == len(names)
