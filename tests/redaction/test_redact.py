from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_modelpin.recordings.reply_content import redact_reply
from pytest_modelpin.redaction.redact import (
    redact,
    redact_json,
    redact_request,
    redact_url,
)
from pytest_modelpin.redaction.secret_values import environment_secrets

KEYS = [
    "sk-abcdefghijklmnopqrstuvwx1234",
    "sk-ant-api03-abcdefghijklmnop-QQ",
    "sk-proj-abc_defghijklmnop",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "github_pat_11ABCDEFG0abcdefghijkl_mnopqrst",
    "xoxb-123456789012-abcdefghij",
    "AKIAIOSFODNN7EXAMPLE",
    "hf_abcdefghijklmnopqrstuvwx",
    "gsk_abcdefghijklmnopqrstuvwx",
    "org-abcdefghijklmnopqrstuvwx",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4",
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("around", ["{}", "the key is {}.", '{{"a": "{}"}}', "x={}&y", "({})"])
def test_keys_of_known_shapes_are_taken_out(key: str, around: str) -> None:
    redacted = redact(around.format(key), ())
    assert key not in redacted
    assert "REDACTED" in redacted


@pytest.mark.parametrize(
    "harmless",
    [
        "a task-oriented plan, risk-adjusted and disk-encrypted",
        "The bearer of bad news",
        "Basic arithmetic",
        "gpt-4o-2024-08-06 and claude-sonnet-4-5-20250929",
        '{"token": "Hello", "logprob": -0.1}',
        '{"max_tokens": 5, "secretary": "Ms. Ng"}',
        "toolu_01A09q90qw90lq917835lq9",
    ],
)
def test_ordinary_text_stays(harmless: str) -> None:
    assert redact(harmless, ()) == harmless


def test_the_scheme_of_an_authorization_stays_readable() -> None:
    assert redact("Authorization: Bearer abc123def456", ()) == "Authorization: Bearer REDACTED"


KEY = "Ab3dEf6hIj9lMn2p"


def test_values_under_secret_names_go_where_they_look_like_keys() -> None:
    body = {"api_key": KEY, "nested": [{"client-secret": KEY, "Password": KEY, "note": "kept"}]}
    assert redact_json(body, ()) == {
        "api_key": "REDACTED",
        "nested": [{"client-secret": "REDACTED", "Password": "REDACTED", "note": "kept"}],
    }


def test_of_what_was_sent_all_texts_under_secret_names_go() -> None:
    body = {"api_key": "x", "password": "", "n": [{"Password": "z", "note": "kept", "cookie": 1}]}
    assert redact_json(body, (), sent=True) == {
        "api_key": "REDACTED",
        "password": "",
        "n": [{"Password": "REDACTED", "note": "kept", "cookie": 1}],
    }


def test_answers_under_secret_names_stay() -> None:
    answer = {"reset_password": "yes", "cookie": "chocolate chip", "password": "hunter2"}
    assert redact_json(answer, ()) is answer
    arguments = {"function": {"arguments": json.dumps(answer)}}
    assert redact_json(arguments, ()) is arguments


def test_secret_fields_in_json_within_a_text_go() -> None:
    text = json.dumps({"function": {"arguments": json.dumps({"user": "ada", "password": KEY})}})
    kept = json.loads(json.loads(redact(text, ()))["function"]["arguments"])
    assert kept == {"user": "ada", "password": "REDACTED"}


def test_a_location_loses_the_key_in_its_query() -> None:
    headers = {"Location": "https://h.test/v2?key=short&alt=sse"}
    assert redact_reply(headers, {"location"}, b"", ())[0] == {
        "location": "https://h.test/v2?key=REDACTED&alt=sse"
    }


def test_what_holds_a_secret_anywhere_is_walked_for_that_alone() -> None:
    body = [{"id": "a", "n": 1.5, "deep": [{"x": f"<{KEY}>"}]}, "b"]
    assert redact_json(body, (KEY,)) == [{"id": "a", "n": 1.5, "deep": [{"x": "<REDACTED>"}]}, "b"]


def test_secrets_in_a_query_go_and_the_rest_stays() -> None:
    url = "https://user:hunter2pass@h.test/v1/x?key=abc&alt=sse&X-Amz-Signature=f00&api-version=1"
    assert redact_url(url, ()) == (
        "https://REDACTED@h.test/v1/x?key=REDACTED&alt=sse&X-Amz-Signature=REDACTED&api-version=1"
    )


def test_only_allowed_headers_are_kept() -> None:
    headers = {"Content-Type": "a/b", "Set-Cookie": "s=1", "X-Request-Id": "r1", "Server": "cdn"}
    assert redact_reply(headers, {"x-request-id"}, b"", ())[0] == {
        "content-type": "a/b",
        "x-request-id": "r1",
    }


def test_a_secret_is_found_in_json_and_url_spelling() -> None:
    secrets = environment_secrets({"DB_PASSWORD": 'p"ass/word'})
    assert "ass" not in redact(json.dumps({"a": 'p"ass/word'}), secrets)
    assert "ass" not in redact("x=p%22ass%2Fword", secrets)


def test_a_secret_that_a_stream_spells_out_piece_by_piece_is_found() -> None:
    pieces = ["The key: ", "sk-", "abcdef", "ghijklmnop", "!"]
    events = "".join(f'data: {{"delta":{{"text":"{piece}"}}}}\n\n' for piece in pieces)
    redacted = redact_reply({}, (), (events + "data: [DONE]\n\n").encode(), ())[1].decode()
    texts = [json.loads(line[5:])["delta"]["text"] for line in redacted.splitlines()[:-2] if line]
    assert "".join(texts) == "The key: REDACTED!"
    assert redacted.endswith("data: [DONE]\n\n")


def test_no_end_of_a_key_stays_where_its_beginning_is_one_already() -> None:
    pieces = ["sk-abcdefghijkl1", "mnopqrstu", " it is"]
    events = "".join(f'data: {{"text":"{piece}"}}\n\n' for piece in pieces)
    assert "mnop" not in redact_reply({}, (), events.encode(), ())[1].decode()


@pytest.mark.parametrize("form", ["lines", "array"])
def test_a_secret_spelt_across_lines_or_items_of_json_is_found(form: str) -> None:
    parts = [{"parts": [{"text": piece}]} for piece in ("It is pl", "anted-se", "cret!")]
    text = (
        json.dumps(parts) if form == "array" else "".join(f"{json.dumps(part)}\n" for part in parts)
    )
    redacted = redact_reply({}, (), text.encode(), ("planted-secret",))[1].decode()
    found = json.loads(redacted) if form == "array" else map(json.loads, redacted.splitlines())
    assert "".join(part["parts"][0]["text"] for part in found) == "It is REDACTED!"


def test_streams_without_secrets_stay_byte_for_byte() -> None:
    content = b'event: a\r\ndata:  {"b": "c",  "d": 1.50}\r\n\r\n: comment\r\n\r\ndata: x\r\n\r\n'
    assert redact_reply({}, (), content, ("not in there",))[1] == content


def test_bytes_that_are_no_text_lose_their_secrets_too() -> None:
    _, redacted = redact_reply({}, (), b"\xff\xfe planted-secret", ("planted-secret",))
    assert redacted == b"\xff\xfe REDACTED"


@given(json_values, st.lists(st.text(min_size=8, max_size=12), max_size=2))
def test_redacting_twice_is_redacting_once(value: object, secrets: list[str]) -> None:
    secrets = [secret for secret in secrets if secret not in "REDACTED" * 3]
    once = redact_json(value, secrets)
    assert redact_json(once, secrets) == once


@given(st.text(), st.text(), st.sampled_from(KEYS))
def test_no_key_survives_between_any_texts(before: str, after: str, key: str) -> None:
    assert key not in redact(f"{before} {key} {after}", ())


@given(json_values, st.text(alphabet="abcXYZ019-_", min_size=8, max_size=20))
@example(500000000, "00000000")
@example([{"pin": 12345678, "share": 0.12345678}], "12345678")
def test_a_planted_secret_is_in_no_text_of_the_body(value: object, secret: str) -> None:
    planted = {"a": value, "b": [f"x{secret}y", {secret: 1}]}
    written = json.dumps(redact_json(planted, (secret,)))
    assert secret not in written or secret in "REDACTED"


@pytest.mark.parametrize("depth", [300, 450, 600, 800])
def test_json_too_deep_to_be_walked_is_redacted_all_the_same(depth):
    value = {"x": "sk-ant-api03-abcdefghijklmnop0123"}
    for _ in range(depth):
        value = {"a": value}
    url, body = redact_request("https://api.example.com/?key=abcdef0123456789", value, ())
    assert url.endswith("?key=REDACTED")
    assert "sk-ant" not in json.dumps(body)
    assert "sk-ant" not in json.dumps(redact_json(value, ()))
