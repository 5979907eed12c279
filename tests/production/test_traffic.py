"""Every form in which production's requests are written down, to the same requests."""

from __future__ import annotations

import base64
import gzip
import json
from argparse import Namespace

import pytest

from modelpin_runtime.observations import observation
from modelpin_runtime.registry.models import Model, Pins, Settings
from pytest_modelpin.cli import traffic
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.production.traffic import read

PIN = "gpt-5.1-2025-11-13"
BODY = {"model": PIN, "messages": [{"role": "user", "content": "How long?"}]}
REPLY = {"model": PIN, "choices": [{"message": {"role": "assistant", "content": "Five days."}}]}
MESSAGE = {"model": "claude-opus-4-6", "max_tokens": 9, "messages": BODY["messages"]}
GEMINI = {"contents": [{"role": "user", "parts": [{"text": "How long?"}]}]}
URL = "https://api.openai.com/v1/chat/completions"


def lines(*entries):
    return "\n".join(json.dumps(each) for each in entries)


def observed(content, id=PIN):
    return observation(name="support", id=id, role="pin", at=1e9, content=content)


def har(text, reply, *, encoded=False, url=URL):
    content = {"text": base64.b64encode(reply.encode()).decode(), "encoding": "base64"}
    return json.dumps({"log": {"version": "1.2", "entries": [
        {"request": {"method": "GET", "url": "https://shop.example/"}, "response": {}},
        {"request": {"method": "POST", "url": url, "postData": {"text": text}},
         "response": {"status": 200, "content": content if encoded else {"text": reply}}},
    ]}})  # fmt: skip


HALF = "http://[half/v1/chat/completions"


@pytest.mark.parametrize(
    "text",
    [lines({"request": {"url": HALF, "body": BODY}}), har(json.dumps(BODY), "", url=HALF)],
)
def test_an_address_that_is_none_costs_no_request(tmp_path, text):
    (tmp_path / "traffic").write_text(text)
    assert [(each.body, each.path) for each in read(tmp_path / "traffic").requests] == [(BODY, "")]


@pytest.mark.parametrize(
    ("text", "body", "replied"),
    [
        (lines(observed({"request": BODY, "response": REPLY})), BODY, True),
        (lines(observed({"request": {"messages": BODY["messages"]}})), BODY, False),
        (lines(BODY), BODY, False),
        (lines({"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": BODY}),
         BODY, False),
        (lines({"request": {"url": URL, "body": BODY},
                "response": {"status_code": 200, "body": REPLY}}), BODY, True),
        (lines({"request": BODY, "response": REPLY}), BODY, True),
        (lines({"custom_id": "1", "params": MESSAGE}), MESSAGE, False),
        (lines({"request": MESSAGE, "result": {"type": "succeeded", "message": {"id": "m"}}}),
         MESSAGE, True),
        (json.dumps([BODY]), BODY, False),
        (har(json.dumps(BODY), json.dumps(REPLY)), BODY, True),
        (har(json.dumps(BODY), json.dumps(REPLY), encoded=True), BODY, True),
        (har(json.dumps(BODY), ""), BODY, False),
    ],
)  # fmt: skip
def test_each_form_gives_the_request_and_the_reply_as_it_was(tmp_path, text, body, replied):
    path = tmp_path / "traffic"
    path.write_text(text)
    (found,) = read(path).requests
    assert found.body == body
    assert found.model == body["model"]
    assert (found.reply is not None) is replied


def test_a_stream_is_told_by_its_first_line(tmp_path):
    path = tmp_path / "traffic.jsonl"
    path.write_text(lines({"request": BODY, "response": "data: {}\n\ndata: [DONE]\n\n"}))
    assert read(path).requests[0].reply.content_type == "text/event-stream"


def test_geminis_model_stands_in_the_path(tmp_path):
    path = tmp_path / "a.har"
    url = "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.5-flash:generateContent"
    path.write_text(har(json.dumps(GEMINI), "", url=url))
    assert read(path).requests[0].model == "gemini-3.5-flash"


def span(messages, provider="openai", model=PIN, **more):
    said = {"gen_ai.operation.name": "chat", "gen_ai.request.model": model,
            "gen_ai.provider.name": provider, "gen_ai.input.messages": json.dumps(messages),
            **more}  # fmt: skip
    attributes = [{"key": key, "value": {"stringValue": value}} for key, value in said.items()]
    return {"resourceSpans": [{"scopeSpans": [{"spans": [{"attributes": attributes}]}]}]}


ASKED = [{"role": "user", "parts": [{"type": "text", "content": "How long?"}]}]
SYSTEM = {"gen_ai.system_instructions": json.dumps([{"type": "text", "content": "Be brief."}])}


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("openai", {"model": PIN, "messages": [{"role": "system", "content": "Be brief."},
                                               *BODY["messages"]]}),
        ("anthropic", {"model": PIN, "max_tokens": 1024, "system": "Be brief.",
                       "messages": BODY["messages"]}),
        ("gcp.gemini", {"model": PIN, "systemInstruction": {"parts": [{"text": "Be brief."}]},
                        **GEMINI}),
    ],
)  # fmt: skip
def test_a_spans_messages_become_a_body_of_its_provider(tmp_path, provider, body):
    path = tmp_path / "spans.jsonl"
    path.write_text(lines(span(ASKED, provider, **SYSTEM)))
    assert [each.body for each in read(path).requests] == [body]


def test_spans_with_more_than_text_and_torn_lines_are_passed_over(tmp_path):
    call = [{"role": "assistant", "parts": [{"type": "tool_call", "name": "f", "arguments": {}}]}]
    path = tmp_path / "spans.jsonl"
    path.write_text(lines(span(call), span(ASKED), {"a": 1}, 5) + '\n{"messages": [tor')
    assert len(read(path).requests) == 1


def test_a_folders_files_are_read_in_order(tmp_path):
    for name in "ba":
        (tmp_path / f"{name}.jsonl").write_text(lines(BODY))
    assert [each.where for each in read(tmp_path).requests] == ["a.jsonl:1", "b.jsonl:1"]


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"log": {"entries": []}}', "5\n6\n"])
def test_a_file_without_a_request_is_said(tmp_path, text):
    path = tmp_path / "traffic"
    path.write_text(text)
    with pytest.raises(ModelpinError, match=r"holds no request to a model.*moving-in/"):
        read(path)
    with pytest.raises(ModelpinError, match="neither a file nor a folder"):
        read(tmp_path / "none")


def asking(text):
    return {"model": PIN, "messages": [{"role": "user", "content": text}]}


def test_what_ends_a_line_to_python_alone_costs_no_request(tmp_path):
    """A log whose writer escapes nothing holds such marks, as people and models write them."""
    path = tmp_path / "log.jsonl"
    asked = [asking(f"one{mark}two") for mark in "\u2028\u2029\x85\x0b\x0c\x1c"]
    lines = [json.dumps(each, ensure_ascii=False) for each in asked]
    path.write_text("\r\n".join(lines), "utf-8", newline="")
    found = read(path)
    assert [each.body for each in found.requests] == asked
    assert found.torn == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    "form", [lambda body: lines(body, body), lambda body: har(lines(body), "")]
)
def test_a_mark_of_the_encoding_costs_no_request(tmp_path, encoding, form):
    path = tmp_path / "log"
    path.write_text(form(BODY), encoding)
    assert {each.model for each in read(path).requests} == {PIN}
    assert read(path).requests[0].body == BODY


def test_what_was_rotated_and_compressed_is_read_as_far_as_it_goes(tmp_path):
    whole = gzip.compress(lines(*(asking(f"{n}") for n in range(2000))).encode())
    (tmp_path / "log.1.gz").write_bytes(whole)
    assert len(read(tmp_path).requests) == 2000
    (tmp_path / "log.1.gz").write_bytes(whole[:-100])
    assert 500 < len(read(tmp_path).requests) < 2000


def test_what_swells_without_end_once_it_is_uncompressed_is_refused(tmp_path, monkeypatch):
    (tmp_path / "log.gz").write_bytes(gzip.compress(lines(BODY).encode() + b" " * 2**20))
    assert len(read(tmp_path).requests) == 1
    monkeypatch.setattr("pytest_modelpin.production.traffic._MOST", 2**19)
    with pytest.raises(ModelpinError, match=r"log\.gz holds more than 524,288 bytes once"):
        read(tmp_path)


def test_lines_that_are_torn_are_counted(tmp_path):
    (tmp_path / "log.jsonl").write_text(lines(BODY, BODY)[:-5] + "\n\n" + lines(BODY))
    (tmp_path / "readme").write_text("Not a log.\nAt all.\n")
    found = read(tmp_path)
    assert (len(found.requests), found.torn) == (2, 1)


def test_a_big_log_is_told_of_before_it_is_read(tmp_path, monkeypatch, capsys):
    path = tmp_path / "log.jsonl"
    path.write_text(lines(BODY))
    pins = Pins({"support": Model("support", PIN)}, Settings(), tmp_path / "models.yml")
    asked = Namespace(traffic=tmp_path, name="support", sample=1, redact=None)
    assert len(traffic.chosen(asked, pins)[1].cases) == 1
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(traffic, "_BIG", path.stat().st_size)
    traffic.chosen(asked, pins)
    assert "Reading 0 MB" in capsys.readouterr().err
