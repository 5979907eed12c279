from __future__ import annotations

import json
import random

import pytest

from modelpin_runtime.registry.models import Model
from pytest_modelpin.demo.provider_server import ProviderServer
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.production.captured_suite import (
    cases_of,
    choose,
    module_of,
    read_cases,
    refuse_others_work,
    write_suite,
)
from pytest_modelpin.production.traffic import Captured, CapturedReply

PIN = "gpt-5.1-2025-11-13"
MODEL = Model("support", PIN, staging="gpt-5.1")


def captured(text, model=PIN, path="", reply=None, **more):
    body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
    return Captured(body, "x:1", path, reply)


def ids(found):
    return [case.id for case in found.cases]


def test_equal_traffic_gives_the_same_sample_in_whatever_order_it_comes():
    traffic = [captured(f"question {n}") for n in range(50)]
    first = choose(traffic, MODEL, 10)
    random.Random(1).shuffle(traffic)
    assert ids(choose(traffic, MODEL, 10)) == ids(first)
    assert set(ids(first)) < set(ids(choose(traffic, MODEL, 20)))
    assert first.left_out == {"not in the sample": 40}


def test_what_is_asked_twice_or_of_another_model_is_left_out_and_counted():
    gemini = Captured({"model": PIN, "contents": []}, "x:1")
    found = choose(
        [captured("a"), captured("a", "gpt-5.1"), captured("a", "gpt-4o"), gemini], MODEL, 9
    )
    assert len(found.cases) == 1
    assert found.left_out == {
        "asking the same again": 1, "asking another model": 1, "no question to openai": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"messages": [{"role": "user", "content": "a"}]}, "/chat/completions"),
        ({"input": "a"}, "/responses"),
        ({"prompt": "a"}, "/completions"),
    ],
)
def test_the_bodys_shape_tells_which_api_is_asked(more, path):
    (case,) = choose([Captured({"model": PIN, **more}, "x:1")], MODEL, 1).cases
    assert case.path == path


def test_geminis_stream_stays_a_stream_of_the_pin():
    model = Model("sum", "gemini-3.5-flash", staging="gemini-3.8-flash")
    asked = Captured(
        {"contents": [{"parts": [{"text": "a"}]}]},
        "x:1",
        "/v1beta/models/gemini-3.8-flash:streamGenerateContent",
    )
    (case,) = choose([asked], model, 1).cases
    assert case.path == "/v1beta/models/gemini-3.5-flash:streamGenerateContent?alt=sse"


def test_secrets_go_and_the_teams_own_hook_is_asked_first():
    asked = [captured("my key is sk-proj-abcdefghijklmnopqrstuvwx12"), captured("call 555 0199")]

    def hook(body):
        text = body["messages"][0]["content"]
        return None if "555" in text else {**body, "user": "somebody"}

    (case,) = choose(asked, MODEL, 9, hook).cases
    assert "sk-proj" not in json.dumps(case.body)
    assert case.body["user"] == "somebody"
    assert choose(asked, MODEL, 9, hook).left_out == {"left out by the redaction hook": 1}


def nested(depth):
    holder = "x"
    for _ in range(depth):
        holder = [holder]
    return holder


ODD = {
    "half a character": lambda: {"user": "\ud800"},
    "no number": lambda: {"temperature": float("nan")},
    "a million lists": lambda: {"stop": nested(1_000_000)},  # too long to make for a collection
}


@pytest.mark.parametrize("odd", ODD)
def test_what_can_not_be_sent_is_left_out_and_costs_no_other_case(tmp_path, odd):
    found = choose([captured("a"), captured("b", **ODD[odd]())], MODEL, 9)
    assert found.left_out == {"that no client could send as JSON": 1}
    write_suite(tmp_path, found.cases, MODEL, "import")
    assert len(read_cases(tmp_path / "captured_support.json")) == 1


def test_a_reply_that_a_log_has_torn_is_recorded_all_the_same(tmp_path):
    reply = CapturedReply(200, "data: \ud83d\n\n", "text/event-stream")
    found = choose([captured("a", reply=reply)], MODEL, 9)
    assert write_suite(tmp_path, found.cases, MODEL, "import") == 1


def test_nothing_to_ask_is_said_with_what_became_of_it():
    with pytest.raises(ModelpinError, match=r"asks a version of support .*1 asking another model"):
        choose([captured("a", "gpt-4o")], MODEL, 9)


def test_only_what_the_pin_itself_said_becomes_a_recording(tmp_path):
    reply = CapturedReply(200, json.dumps({"model": PIN, "choices": []}))
    traffic = [
        captured("pin", reply=reply),
        captured("alias", "gpt-5.1", reply=reply),
        captured("refused", reply=CapturedReply(400, "{}")),
    ]
    found = choose(traffic, MODEL, 9)
    assert write_suite(tmp_path, found.cases, MODEL, "import") == 1
    (recorded,) = (tmp_path / "__recordings__" / PIN / "test_captured_support").iterdir()
    exchange = json.loads(recorded.read_text())["exchanges"][0]
    assert exchange["request"]["url"] == "https://api.openai.com/v1/chat/completions"
    assert exchange["served"] == PIN
    read = read_cases(tmp_path / "captured_support.json")
    assert [case.id for case in read] == ids(found)


ASKED = [{"role": "user", "content": "hi"}]
CONTENTS = [{"role": "user", "parts": [{"text": "hi"}]}]
GEMINI_PATH = "/v1beta/models/gemini-3.5-flash"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"model": PIN, "messages": ASKED}, ""),
        ({"model": PIN, "messages": ASKED, "stream": True}, ""),
        ({"model": PIN, "input": "hi"}, ""),
        ({"model": PIN, "input": "hi", "stream": True}, ""),
        ({"model": "claude-opus-4-6", "max_tokens": 9, "messages": ASKED}, ""),
        ({"model": "claude-opus-4-6", "max_tokens": 9, "messages": ASKED, "stream": True}, ""),
        ({"contents": CONTENTS}, f"{GEMINI_PATH}:generateContent"),
        ({"contents": CONTENTS}, f"{GEMINI_PATH}:streamGenerateContent"),
    ],
)
def test_each_api_is_asked_again_plain_and_streamed(monkeypatch, body, path):
    asked = Captured(body, "x:1", path)
    with ProviderServer() as server:
        for variable in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
            base = "/v1" if variable.startswith("OPENAI") else ""
            monkeypatch.setenv(variable, server.url + base)
        for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"):
            monkeypatch.setenv(variable, "none-needed")
        (case,) = choose([asked], Model("a", asked.model), 1).cases
        assert case.ask() == f"This is {asked.model}."
        assert [each.has_key for each in server.requests] == [True]


def test_cases_that_are_gone_are_said(tmp_path):
    (tmp_path / "captured_support.json").write_text("[{}]")
    with pytest.raises(ModelpinError, match="make it anew with `pytest-modelpin import`"):
        read_cases(tmp_path / "captured_support.json")


@pytest.mark.parametrize(
    "path", ["@elsewhere.test/v1/messages", ".elsewhere.test/", "/a\r\nHost: b"]
)
def test_no_edited_case_sends_the_key_elsewhere(tmp_path, path):
    """Put behind `https://api.anthropic.com`, they would be another host's addresses."""
    case = {"id": "a", "provider": "anthropic", "path": path, "body": {}}
    (tmp_path / "captured_support.json").write_text(json.dumps([case]))
    with pytest.raises(ModelpinError, match="begins with /"):
        read_cases(tmp_path / "captured_support.json")


def test_the_cases_of_several_models_stand_beside_each_other(tmp_path):
    """A second import took the first one's cases away; in two folders pytest took neither."""
    names = ("support", "a-b", "a_b")
    for name in names:
        model = Model(name, PIN, staging="gpt-5.1")
        refuse_others_work(tmp_path, name)
        write_suite(tmp_path, choose([captured(name)], model, 9).cases, model, "import")
        refuse_others_work(tmp_path, name)
    asked = [read_cases(cases_of(tmp_path, name))[0].body["messages"] for name in names]
    assert [each[0]["content"] for each in asked] == list(names)
    assert len({module_of(tmp_path, name) for name in names}) == 3


def test_a_name_of_any_letters_makes_a_module_that_can_be_imported(tmp_path):
    for name in ("söme model", "../x", "a" * 300):
        module = module_of(tmp_path, name)
        assert module.parent == tmp_path
        assert module.stem.isidentifier()
        assert module.stem.isascii()
        assert len(module.name) < 100
