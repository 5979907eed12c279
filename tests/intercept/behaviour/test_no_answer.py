"""Replies that are no answer: lost where the test fails on them, and never recorded as one."""

from __future__ import annotations

import json
from typing import Any

import httpx
import httpx2
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.intercept.live_reply import why_no_answer
from pytest_modelpin.intercept.refusals_in_streams import is_refusal_in_stream

PIN = "gpt-4o-2024-08-06"
BODY = {"model": PIN, "messages": [{"role": "user", "content": "hi"}]}


def ask(url: str, path: str = "/v1/chat/completions", **options: Any) -> Any:
    with httpx.Client(**options) as client:
        return client.post(f"{url}{path}", json=BODY)


@pytest.mark.parametrize(
    ("body", "content_type", "said"),
    [
        (b"<!DOCTYPE html><html>Sign in</html>", "text/html; charset=utf-8", "an HTML page"),
        (b"  <html>Sign in</html>", "application/json", "an HTML page"),
        (b"", "application/json", "nothing in it"),
        (b"\n", "application/json", "nothing in it"),
        (b'{"choices": "\xff\xfe"}', "application/json", "no text"),
        (b"OK", "text/plain", "neither a JSON document nor a stream"),
        (b"<?xml version='1.0'?><Error/>", "application/xml", "neither a JSON document"),
        (b"null", "application/json", "neither a JSON document"),
        (b'"queued"', "application/json", "neither a JSON document"),
    ],
)
def test_a_200_that_is_no_answer_is_lost_and_not_recorded(
    body: bytes, content_type: str, said: str, server: Any, stage: Any, words: Any
) -> None:
    server.scripts = [words.Script(body=body, content_type=content_type)]
    reply, capture = stage.play(words.production("new"), lambda: ask(server.url))
    assert reply.status_code == 200
    (trouble,) = capture.trouble
    assert trouble.what == "no answer:"
    assert said in trouble.message
    assert capture.calls == ()
    assert stage.files() == []


def test_an_error_s_page_is_what_the_provider_had_to_say(
    server: Any, stage: Any, words: Any
) -> None:
    page = words.Script(status=400, body=b"<html>no</html>", content_type="text/html")
    server.scripts = [page]
    _, capture = stage.play(words.production("new"), lambda: ask(server.url))
    assert [call.exchange.response.status for call in capture.calls] == [400]


@pytest.mark.parametrize("status", [401, 402, 403, 404, 405, 407, 410, 421, 425, 426, 451, 499])
def test_what_a_proxy_or_gateway_says_in_a_model_s_place_is_lost(
    status: int, server: Any, stage: Any, words: Any
) -> None:
    server.scripts = [words.Script(status=status, body=b"no")]
    _, capture = stage.play(words.production("new"), lambda: ask(server.url))
    assert [each.what for each in capture.refused] == [str(status)]
    assert capture.trouble == ()


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_the_model_s_api_says_of_the_request_is_its_answer(
    status: int, server: Any, stage: Any, words: Any
) -> None:
    server.scripts = [server.plain({"error": {"message": "too long"}}, status)]
    _, capture = stage.play(words.production("new"), lambda: ask(server.url))
    assert (capture.refused, capture.trouble) == ((), ())


@pytest.mark.parametrize(
    "said",
    [
        # Anthropic; OpenAI's images; Google
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.",
        "Billing hard limit has been reached.",
        "Billing is not enabled for this project.",
    ],
)
def test_an_account_without_money_is_no_answer_of_the_model_s(
    said: str, server: Any, stage: Any, words: Any
) -> None:
    """It came with a 400, and so was held against the candidate, night after night."""
    server.scripts = [server.plain({"error": {"message": said}}, 400)]
    _, capture = stage.play(words.production("new"), lambda: ask(server.url))
    assert [(each.what, each.message) for each in capture.refused] == [("400", said)]


def test_a_redirect_that_is_not_followed_is_lost(server: Any, stage: Any, words: Any) -> None:
    where = "https://example.org/login?key=planted-secret-1&next=/v1"
    server.scripts = [words.Script(status=302, headers={"location": where})]
    _, capture = stage.play(words.production("new"), lambda: ask(server.url), save=False)
    (refused,) = capture.refused
    assert refused.what == "302"
    assert refused.message == "redirected to https://example.org/login?key=REDACTED&next=/v1"
    assert capture.save(lost=True) == ()


def test_a_redirect_that_is_followed_replays_the_same_way(
    server: Any, stage: Any, words: Any
) -> None:
    moved = f"{server.url}/v2/chat/completions?token=planted-secret-1"
    server.scripts = [words.Script(status=307, headers={"location": moved})]

    def test() -> Any:
        return ask(server.url, follow_redirects=True).json()

    first, _ = stage.play(words.production("new"), test)
    assert "planted-secret-1" not in stage.text()
    server.stop()
    assert stage.play(words.production(), test)[0] == first


@pytest.mark.parametrize("library", [httpx, httpx2, requests])
def test_no_recording_leads_a_client_to_a_stranger(
    library: Any, server: Any, stage: Any, words: Any
) -> None:
    """Who wrote `location` into a file got the key of whoever ran the tests, who saw them pass."""
    here = f"{server.url}/v1/chat/completions"
    redirect = words.Script(status=307, headers={"location": f"{server.url}/elsewhere"})
    server.scripts = [redirect]
    follows = {} if library is requests else {"follow_redirects": True}

    def test() -> Any:
        return library.post(here, json=BODY, headers={"x-api-key": "planted"}, **follows)

    stage.play(words.production("new"), test)
    (name,) = stage.files()
    stranger = server.url.replace("127.0.0.1", "localhost")
    written = stage.text().replace(f"{server.url}/elsewhere", f"{stranger}/elsewhere")
    assert stranger in written
    (stage.folder / name).write_text(written)
    server.arrived.clear()
    assert stage.play(words.production(), test)[0].status_code == 307
    assert server.arrived == []


@pytest.mark.parametrize("ending", ["", '{"id": "chatcmpl-1", "choi'], ids=["between", "within"])
def test_a_stream_that_ends_before_its_answer_is_lost_where_the_test_fails_on_it(
    ending: str, server: Any, stage: Any, words: Any
) -> None:
    begun = words.chat_events(PIN, ["The fee", " is $42"])[:2]
    server.scripts = [server.stream([*begun, f"data: {ending}"] if ending else begun)]
    heard, capture = stage.play(words.production("new"), lambda: ask(server.url).text)
    assert "The fee" in heard
    (refused,) = capture.refused
    assert (refused.what, refused.message) == (
        "no answer:",
        "a stream that ended before its answer",
    )
    assert not capture.calls[0].exchange.response.complete
    assert capture.save(lost=True) == ()


@pytest.mark.parametrize(
    "ending",
    [
        'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}\n\n',
        "data: [DONE]\n\n",
    ],
)
def test_a_stream_that_says_how_it_ended_is_an_answer(
    ending: str, server: Any, stage: Any, words: Any
) -> None:
    server.scripts = [server.stream([words.chat_events(PIN, ["The fee"])[0], ending])]
    _, capture = stage.play(words.production("new"), lambda: ask(server.url))
    assert capture.refused == ()
    assert capture.calls[0].exchange.response.complete


@pytest.mark.parametrize(
    "error",
    [
        {"error": {"type": "invalid_request_error", "message": "too long"}},
        {"error": {"code": 400, "message": "too long", "status": "INVALID_ARGUMENT"}},
        {"error": {"code": "400", "message": "too long"}},
        {"type": "error", "error": {"type": "request_too_large", "message": "too long"}},
    ],
)
def test_a_refusal_within_a_stream_is_recorded_as_a_400_is(
    error: Any, server: Any, stage: Any, words: Any
) -> None:
    server.scripts = [server.stream([f"data: {json.dumps(error)}\n\n"])]
    first, capture = stage.play(words.production("new"), lambda: ask(server.url))
    assert capture.trouble == ()
    assert len(capture.calls) == 1
    server.stop()
    assert stage.play(words.production(), lambda: ask(server.url))[0].text == first.text


@pytest.mark.parametrize(
    "error",
    [
        {"type": "overloaded_error"},
        {"type": "server_error", "code": None},
        {"code": 429},
        {"code": 503},
        {"code": "rate_limit_exceeded"},
        {"status": "RESOURCE_EXHAUSTED"},
        {"message": "?"},
    ],
)
def test_later_and_the_unknown_within_a_stream_are_no_refusal(error: Any) -> None:
    assert not is_refusal_in_stream(b"data: " + json.dumps({"error": error}).encode() + b"\n\n")


def test_the_responses_api_tells_a_refusal_in_two_ways() -> None:
    failed = {"type": "response.failed", "response": {"error": {"code": "invalid_prompt"}}}
    error = {"type": "error", "code": "context_length_exceeded", "message": "long"}
    for document in (failed, error):
        assert is_refusal_in_stream(b"data: " + json.dumps(document).encode())


@given(st.integers(100, 599), st.text(max_size=30), st.binary(max_size=60))
def test_no_reply_is_too_odd_to_look_at(status: int, content_type: str, content: bytes) -> None:
    why = why_no_answer(status, content_type, content)
    assert why is None or 200 <= status < 300
    assert is_refusal_in_stream(content) in (True, False)


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_headers_that_code_under_test_reads_survive_replay(
    library: Any, server: Any, stage: Any, words: Any
) -> None:
    kept = {
        "x-ratelimit-remaining-tokens": "42",
        "anthropic-ratelimit-requests-reset": "2026-11-27T10:00:00Z",
        "openai-processing-ms": "287",
        "openai-version": "2020-10-01",
        "deprecation": "true",
        "x-litellm-response-cost": "0.00042",
        "request-id": "req_1",
        "x-request-id": "req_2",
    }
    dropped = {"set-cookie": "a=b", "cf-ray": "x", "x-litellm-key-spend": "3.1"}
    server.scripts = [server.plain(words.chat(PIN, "hi"), **kept, **dropped)]

    def test() -> Any:
        return library.post(f"{server.url}/v1/chat/completions", json=BODY).headers

    stage.play(words.production("new"), test)
    server.stop()
    replayed, _ = stage.play(words.production(), test)
    assert {name: replayed[name] for name in kept} == kept
    assert not {*dropped} & {name.lower() for name in replayed}
