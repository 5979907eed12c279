from __future__ import annotations

import copy
import json
import secrets
import time
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.providers import provider_for, provider_named
from pytest_modelpin.providers.api_keys import PLACEHOLDER_KEY
from pytest_modelpin.recordings.exchange import Request
from pytest_modelpin.recordings.outgoing import (
    KnownSecrets,
    Outgoing,
    canonical,
    fingerprint,
    only_a_stand_in,
)

URL = "https://api.openai.com/v1/chat/completions"
BODY = {"model": "gpt-4o", "messages": []}


def asks(secret: str, record: str = "all") -> Outgoing:
    provider = provider_for("POST", URL, BODY)
    assert provider is not None
    made = Outgoing(
        provider, "gpt", "gpt-4o", False, "all", None, "POST", URL, "/v1/chat/completions", BODY,
        [(b"x-api-key", secret.encode())], False,
    )  # fmt: skip
    return made._replace(record=record)


def test_the_environment_s_secrets_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWN_API_KEY", "from-the-environment")
    assert "from-the-environment" in KnownSecrets().values()


def test_of_what_was_asked_live_nothing_is_forgotten() -> None:
    known = KnownSecrets()
    for number in range(450):
        known.go_out(asks(f"live-secret-{number:03}"))
    assert {"live-secret-000", "live-secret-250", "live-secret-449"} <= set(known.values())
    assert "live-secret-000" in known.values()  # the second time as well


@pytest.mark.parametrize(
    ("header", "lasting", "fleeting"),
    [
        ("cookie", "session=the-gateways-own", "__cf_bm=cloudflare-{number:03}-of-one"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIA0123456789",
            "Signature=5ec0de{number:06}",
        ),
    ],
)
def test_what_goes_with_one_request_makes_no_later_look_slower(header, lasting, fleeting) -> None:
    """Of every reply's new cookie, a night of 300 requests sought 4,000 spellings in each text."""
    known = KnownSecrets()
    of_the_environment = set(known.values())
    for number in range(450):
        one = fleeting.format(number=number)
        value = f"{lasting}; {one}".encode()
        known.go_out(asks("a-secret")._replace(headers=[(header.encode(), value)]))
    values = set(known.values()) - of_the_environment
    last = one.partition("=")[2]
    assert any(last in value for value in values)
    assert any(lasting.partition("=")[2] in value for value in values)
    assert len(values) < 450


TOKEN = "Zq7xMcpToken4411kk"


@pytest.mark.parametrize(
    "tool",
    [
        {"type": "mcp", "authorization": TOKEN},
        {"type": "mcp", "headers": {"Authorization": f"Bearer {TOKEN}"}},
        {"type": "mcp", "headers": {"Cookie": f"theme=dark; session={TOKEN}"}},
        {"type": "mcp", "server_url": f"https://ada:{TOKEN}@mcp.test/sse"},
        {"type": "mcp", "server_url": f"https://mcp.test/sse?token={TOKEN}"},
        {"function": {"parameters": {"api_key": [TOKEN]}}},
    ],
)
def test_what_a_body_carries_for_others_is_not_written_of_the_reply(tool: Any) -> None:
    """Of the request it was taken out, and the server's `invalid token …` was recorded."""
    asked = asks("a-secret")._replace(body={**BODY, "tools": [tool]})
    assert TOKEN in asked.secrets
    known = KnownSecrets()
    known.go_out(asked)
    assert TOKEN in known.values()


def test_what_is_only_named_like_a_secret_in_a_body_is_none() -> None:
    schema = {"properties": {"password": {"type": "string", "description": "a word"}}}
    body = {**BODY, "tools": [{"parameters": schema, "secret": "the word of the day"}]}
    assert asks("a-secret")._replace(body=body).secrets == asks("a-secret").secrets


def test_of_replays_and_other_traffic_the_last_are_known() -> None:
    known = KnownSecrets()
    known.go_out(asks("replayed-secret", "none"))
    known.pass_by("https://h.test/?key=query-secret", [(b"authorization", b"Bearer other-secret")])
    assert {"replayed-secret", "query-secret", "other-secret"} <= set(known.values())


def test_the_longest_come_first() -> None:
    known = KnownSecrets()
    known.go_out(asks("a-secret"))
    known.go_out(asks("a-secret-and-more"))
    values = known.values()
    assert values.index("a-secret-and-more") < values.index("a-secret")


ASKED_AT = "https://api.openai.com/v1/chat/completions"
MESSAGES = [{"role": "user", "content": "hi"}]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def print_of(body: Any, url: str = ASKED_AT, ignore: tuple[str, ...] = ()) -> str:
    provider = provider_for("POST", url, body)
    assert provider is not None
    return fingerprint(provider, Request("POST", url, body), ignore)


def body(**more: Any) -> dict[str, Any]:
    return {"model": "gpt-4o", "messages": MESSAGES, **more}


def test_the_model_and_the_order_of_fields_do_not_count() -> None:
    assert print_of(body()) == print_of({"messages": MESSAGES, "model": "gpt-4.1"})


def test_the_model_in_a_path_does_not_count() -> None:
    host = "https://generativelanguage.googleapis.com/v1beta/models"
    asked = {"contents": [{"parts": [{"text": "hi"}]}]}
    one = print_of(asked, f"{host}/gemini-2.5-flash:generateContent?key=a")
    assert one == print_of(asked, f"{host}/gemini-2.5-pro:generateContent?key=b")
    assert one != print_of(asked, f"{host}/gemini-2.5-pro:streamGenerateContent?alt=sse")


def test_the_host_does_not_count() -> None:
    assert print_of(body()) == print_of(body(), "http://localhost:4000/v1/chat/completions")


def test_the_prompt_and_the_settings_count() -> None:
    prints = {
        print_of(body()),
        print_of(body(temperature=0)),
        print_of(body(stream=True)),
        print_of({"model": "gpt-4o", "messages": [{"role": "user", "content": "ho"}]}),
    }
    assert len(prints) == 4


def test_ignored_fields_do_not_count_also_within_lists() -> None:
    ignore = ("trace.id", "messages.name")
    one = body(trace={"id": 1, "kept": 1})
    other = copy.deepcopy(body(trace={"id": 2, "kept": 1}))
    other["messages"] = [{**MESSAGES[0], "name": "ada"}]
    assert print_of(one, ignore=ignore) == print_of(other, ignore=ignore)
    assert print_of(one) != print_of(other)
    assert print_of(body(trace={"id": 1, "kept": 2}), ignore=ignore) != print_of(one, ignore=ignore)


def test_ignoring_a_field_leaves_the_request_as_it_is() -> None:
    asked = body(trace={"id": 1})
    before = copy.deepcopy(asked)
    print_of(asked, ignore=("trace.id", "messages.content", "no.such.field"))
    assert asked == before


@given(json_values)
def test_canonical_json_keeps_the_value(value: Any) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(st.text(), json_values), st.randoms())
def test_canonical_json_is_the_same_in_any_order(fields: dict[str, Any], random: Any) -> None:
    items = list(fields.items())
    random.shuffle(items)
    assert canonical(dict(items)) == canonical(fields)


def talk(call: str, result: str, more: str = "pyd_ai_" + "f" * 32) -> dict[str, Any]:
    """A tool's call and its result, as pydantic-ai writes them for Gemini."""
    return {
        "contents": [
            {"role": "model", "parts": [{"functionCall": {"id": call, "name": "get"}}]},
            {"role": "user", "parts": [{"functionResponse": {"id": result, "name": "get"}}]},
            {"role": "user", "parts": [{"text": f"More of {more}."}]},
        ]
    }


def test_ids_that_a_client_makes_up_count_by_their_order() -> None:
    host = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro"
    url = f"{host}:generateContent"
    a, b, c = (f"pyd_ai_{uuid.uuid4().hex}" for _ in range(3))
    assert print_of(talk(a, a), url) == print_of(talk(b, b), url)
    assert print_of(talk(a, b), url) == print_of(talk(b, c), url)
    assert print_of(talk(a, a), url) != print_of(talk(a, b), url)
    assert print_of(talk(a, a, a), url) == print_of(talk(b, b, b), url)
    assert print_of(talk(a, a, a), url) != print_of(talk(b, b, c), url)


MADE_UP = {
    "a UUID": lambda: str(uuid.uuid4()),
    "LiteLLM's": lambda: f"call_{uuid.uuid4()}",
    "hex behind a word": lambda: f"toolu_{uuid.uuid4().hex}",
    "the beginning of one": lambda: f"call_{secrets.token_hex(3)}7f",
    "Google ADK's": lambda: f"adk-{uuid.uuid4()}",
    "of nine characters, as Mistral wants them": lambda: f"a{secrets.token_hex(2)}Xy9Z",
    "a time": lambda: f"call_{time.time_ns()}",
    "ULID": lambda: "01ARZ3NDEK" + secrets.token_hex(8).upper(),
}


@pytest.mark.parametrize("kind", MADE_UP)
@pytest.mark.parametrize(
    "field", ["id", "call_id", "tool_call_id", "tool_use_id", "toolUseId", "run_id", "trace_id"]
)
def test_an_id_that_a_client_makes_up_for_a_call_may_be_another(kind: str, field: str) -> None:
    one = other = MADE_UP[kind]()
    while other == one:
        other = MADE_UP[kind]()
    assert print_of(body(tools=[{field: one}])) == print_of(body(tools=[{field: other}]))
    quoted = [print_of(body(tools=[{field: each}, f"of {each}"])) for each in (one, other)]
    assert quoted[0] == quoted[1]
    twice = print_of(body(tools=[{field: one}, {field: one}]))
    assert twice != print_of(body(tools=[{field: one}, {field: other}]))


@pytest.mark.parametrize(
    ("one", "other"),
    [("call_a", "call_b"), ("question_1", "question_2"), ("document1", "document2"),
     ("get_weather", "get_forecast"), ("call_weather", "call_forecast"), ("part_2b", "part_2c")],
)  # fmt: skip
def test_an_id_that_somebody_has_chosen_counts(one: str, other: str) -> None:
    assert print_of(body(tools=[{"id": one}])) != print_of(body(tools=[{"id": other}]))


@pytest.mark.parametrize("field", ["id", "call_id", "tool_call_id", "tool_use_id"])
def test_only_an_id_of_a_call_may_differ(field: str) -> None:
    one, other = str(uuid.uuid4()), str(uuid.uuid4())
    assert print_of(body(tools=[{field: one}])) == print_of(body(tools=[{field: other}]))
    assert print_of(body(tools=[{"user": one}])) != print_of(body(tools=[{"user": other}]))
    assert print_of(body(tools=[{field: "call_a"}])) != print_of(body(tools=[{field: "call_b"}]))


CALL = "call_9f8a7b6c"
COMMITS = ("11f6ad8ec52a2984abaafd7c3b516503785c2072", "9fceb02d0ae598e95dc970b74767f19372d61af8")


@pytest.mark.parametrize(
    "asked",
    [
        lambda id: {"role": "user", "content": f"What did commit {id} change?"},
        lambda id: {"role": "user", "content": json.dumps({"id": id})},
        lambda id: {"parts": [{"functionCall": {"id": CALL, "name": "show", "args": {"id": id}}}]},
        lambda id: {"parts": [{"functionResponse": {"id": CALL, "response": {"id": id}}}]},
        lambda id: {"content": [{"type": "tool_use", "id": CALL, "input": {"commit": {"id": id}}}]},
        lambda id: {"toolResult": {"toolUseId": CALL, "content": [{"json": {"id": id}}]}},
    ],
)
def test_an_id_in_a_text_or_in_a_tools_data_is_part_of_the_question(asked) -> None:
    one, other = (print_of({"model": "gpt-4.1", "messages": [asked(id)]}) for id in COMMITS)
    assert one != other
    short, another = (print_of({"model": "gpt-4.1", "messages": [asked(id[:8])]}) for id in COMMITS)
    assert short != another


def test_a_made_up_id_that_a_tools_data_repeats_counts_by_its_order() -> None:
    def asked(id: str) -> str:
        call = {"id": id, "name": "show", "args": {"id": id}}
        return print_of({"model": "gpt-4.1", "messages": [{"parts": [{"functionCall": call}]}]})

    assert asked(str(uuid.uuid4())) == asked(str(uuid.uuid4()))


def sent_to(name: str, url: str, *headers: tuple[bytes, bytes]) -> Outgoing:
    provider = provider_named(name)
    assert provider is not None
    return asks("mine")._replace(provider=provider, url=url, headers=headers)


@pytest.mark.parametrize(
    ("url", "key", "refused"),
    [
        ("https://api.openai.com/v1/responses", PLACEHOLDER_KEY, True),
        ("https://user@api.openai.com:443/v1/responses", PLACEHOLDER_KEY, True),
        ("https://api.openai.com/v1/responses", "mine", False),
        ("http://localhost:8000/v1/responses", PLACEHOLDER_KEY, False),  # may want no key
    ],
)
def test_a_stand_in_is_never_sent_to_the_provider_itself(url: str, key: str, refused: bool) -> None:
    asked = sent_to("openai", url, (b"authorization", f"Bearer {key}".encode()))
    assert (only_a_stand_in(asked) is not None) is refused


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("http://127.0.0.1:11434/api/chat", False),
        ("http://localhost:11434/v1/chat/completions", False),
        ("https://ollama.com/api/chat", True),
    ],
)
def test_ollama_on_this_machine_wants_no_key(url: str, refused: bool) -> None:
    """Its client sends what stands in for one, and no local model could be recorded."""
    asked = sent_to("ollama", url, (b"authorization", f"Bearer {PLACEHOLDER_KEY}".encode()))
    assert (only_a_stand_in(asked) is not None) is refused


def test_a_stand_in_within_the_address_is_seen() -> None:
    url = f"https://generativelanguage.googleapis.com/v1beta/models/x:y?key={PLACEHOLDER_KEY}"
    said = only_a_stand_in(sent_to("google", url))
    assert said is not None
    assert "GOOGLE_API_KEY" in said or "GEMINI_API_KEY" in said
