"""What every provider does with a request: the model swapped, matched without it, headers kept."""

from __future__ import annotations

import copy

import pytest

from pytest_modelpin.providers import PROVIDERS, provider_named

BODY_PATHS = {
    "anthropic": "/v1/messages",
    "cohere": "/v2/chat",
    "azure": "/openai/deployments/old/chat/completions",
    "google": "/v1beta/models/old:generateContent",
    "bedrock": "/model/old/converse",
}


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_the_model_is_swapped_and_the_arguments_stay_as_they_were(provider):
    path = BODY_PATHS.get(provider.name, "/v1/chat/completions")
    body = {"model": "old", "messages": [{"content": "the old model"}]}
    before = copy.deepcopy(body)
    assert provider.requested_model(path, body) == "old"
    new_path, new_body = provider.with_model(path, body, "new:1/x")
    assert provider.requested_model(new_path, new_body) == "new:1/x"
    assert new_body["messages"] == before["messages"]
    assert body == before


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_requests_that_differ_in_the_model_only_match(provider):
    path = BODY_PATHS.get(provider.name, "/v1/chat/completions")
    body = {"model": "old", "messages": ["x"]} | dict.fromkeys(provider.volatile_fields, "1")
    other = provider.with_model(path, {"model": "old", "messages": ["x"]}, "new")
    assert provider.without_model(path, body) == provider.without_model(*other)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_requests_that_ask_something_else_do_not_match(provider):
    path = BODY_PATHS.get(provider.name, "/v1/chat/completions")
    asked = provider.without_model(path, {"model": "m", "messages": ["x"]})
    assert asked != provider.without_model(path, {"model": "m", "messages": ["y"]})


def test_vertex_and_both_gemini_versions_have_the_model_in_the_path():
    google = provider_named("google")
    assert google is not None
    for path in (
        "/v1/models/old:generateContent",
        "/v1beta/models/old:streamGenerateContent",
        "/v1/projects/p/locations/l/publishers/google/models/old:generateContent",
    ):
        moved, body = google.with_model(path, {"contents": []}, "models/new")
        assert moved == path.replace("old", "new")
        assert body == {"contents": []}


def test_azures_v1_path_has_the_deployment_in_the_body():
    azure = provider_named("azure")
    assert azure is not None
    assert azure.with_model("/openai/v1/responses", {"model": "old"}, "new") == (
        "/openai/v1/responses",
        {"model": "new"},
    )


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_no_header_is_both_secret_and_kept(provider):
    assert "authorization" in provider.secret_headers
    assert not provider.secret_headers & provider.kept_headers
    headers = provider.secret_headers | provider.kept_headers
    assert headers == {header.lower() for header in headers}


def test_overload_is_as_each_provider_documents_it():
    named = {p.name: p.overload_statuses for p in PROVIDERS}
    assert named["anthropic"] == {429, 500, 504, 529}
    assert named["openai"] == {429, 500, 503}
    assert all(429 in statuses for statuses in named.values())
