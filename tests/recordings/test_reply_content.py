"""What is large and no text within a reply's JSON: an image's base64, the sound of an answer."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer
from every_wire.bedrock import message

from pytest_modelpin.providers.streams import AWS_CONTENT_TYPE
from pytest_modelpin.providers.wire import aws_documents
from pytest_modelpin.recordings.exchange import Response
from pytest_modelpin.recordings.large_bodies import LARGE, Aside, Take, none_beside
from pytest_modelpin.recordings.reply_content import (
    compact,
    read_content,
    redact_reply,
    write_content,
)

IMAGE = bytes(range(256)) * (LARGE // 256)
TEXT = base64.b64encode(IMAGE).decode()
KEY = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"
SHA256 = sha256(IMAGE).hexdigest()


def taken_from(aside: Aside) -> Take:
    return lambda body: aside[body.name]


def response(body: Any) -> Response:
    return Response(200, {"content-type": "application/json"}, compact(body).encode())


def test_an_image_within_json_is_kept_as_its_bytes_and_the_rest_can_be_read() -> None:
    aside: Aside = {}
    body = {"created": 1, "data": [{"b64_json": TEXT, "revised_prompt": "a cat"}]}
    written = write_content(response(body), aside)
    assert written["body"] == {
        "created": 1, "data": [{"b64_json": f"sha256:{SHA256}", "revised_prompt": "a cat"}],
    }  # fmt: skip
    [entry] = written["files"]  # type: ignore[union-attr,misc]
    assert entry == {"at": ["data", 0, "b64_json"], "sha256": SHA256, "bytes": len(IMAGE)}
    assert aside == {f"{SHA256[:32]}.bin": IMAGE}
    assert read_content(written, taken_from(aside)) == response(body).content


@pytest.mark.parametrize(
    "text",
    [
        "a word, " * LARGE,  # a long answer
        TEXT[:-4],  # below the size
        TEXT.replace("A", "\n"),
        f"data:image/png;base64,{TEXT}",
        TEXT + "=",
    ],
)
def test_other_texts_stay_where_they_are(text: str) -> None:
    aside: Aside = {}
    written = write_content(response({"text": text}), aside)
    assert (written, aside) == ({"body": {"text": text}}, {})


def test_lines_of_json_are_kept_line_by_line() -> None:
    lines = b'{"id": 1, "text": "a\xe2\x80\xa8b"}\n{"id": 2}\n'
    written = write_content(Response(200, {"content-type": "application/x-jsonl"}, lines))
    assert len(written["events"]) >= 2  # type: ignore[arg-type]
    assert read_content(written, none_beside) == lines


def test_where_nothing_is_kept_aside_all_stands_in_the_recording() -> None:
    body = {"data": [TEXT]}
    written = write_content(response(body))
    assert written == {"body": body}
    assert read_content(written, none_beside) == response(body).content


def test_a_place_that_the_reply_has_not_is_damage() -> None:
    entry = {"at": ["data", 3], "sha256": "0" * 64, "bytes": 1}
    with pytest.raises(ValueError, match="the reply has no"):
        read_content({"body": {"data": []}, "files": [entry]}, lambda _: b"x")


# What ends a line to Python and none to JSON or a stream of events.
@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85"])
@pytest.mark.parametrize("form", ["data: {}\n\n", "data: {}\r\n\r\n", "{}\n"])
def test_a_secret_in_pieces_is_found_beside_any_mark_in_a_text(form: str, mark: str) -> None:
    """An event with such a mark was no JSON, so that half of the key stood in the recording."""

    def event(text: str) -> str:
        return form.format(json.dumps({"delta": {"text": text}}, ensure_ascii=False))

    told = event(f"The key{mark}is sk-ant-api03-abcd") + event("efghijklmnopqrstuvwxyz0123456789")
    written = without_secrets(told.encode(), "text/event-stream").decode()
    assert "abcd" not in written
    assert "efghij" not in written
    assert mark in written


def without_secrets(content: bytes, content_type: str) -> bytes:
    return redact_reply({"content-type": content_type}, (), content, ())[1]


@pytest.mark.parametrize("content_type", ["text/event-stream", "application/json", ""])
def test_a_stream_that_broke_off_within_a_character_has_no_secret(content_type: str) -> None:
    """All of it was taken for no text, and kept as it was, in base64."""
    told = f'data: {{"delta": "It is {KEY}."}}\n\ndata: {{"delta": "caf'.encode()
    assert without_secrets(told + b"\xc3", content_type) == (
        b'data: {"delta": "It is REDACTED."}\n\ndata: {"delta": "caf\xc3'
    )


def test_what_is_no_text_stays_as_it_is() -> None:
    sound = bytes(range(256)) + KEY.encode()
    assert without_secrets(sound, "audio/wav") == sound


def test_half_a_character_beside_a_secret_in_pieces_can_be_written() -> None:
    told = "".join(
        f'data: {{"delta": {json.dumps(text)}}}\n\n' for text in ("\ud83d sk-ant-api03-", KEY[13:])
    )
    written = without_secrets(told.encode(), "text/event-stream")
    assert KEY[13:].encode() not in written
    assert b"\\ud83d" in written


def test_a_secret_in_aws_messages_is_found_in_one_in_several_and_in_a_torn_one() -> None:
    def text(said: str) -> dict[str, Any]:
        return {"delta": {"text": said}, "contentBlockIndex": 0}

    plain = [message("contentBlockDelta", text(said)) for said in (f"a {KEY}", KEY[:20], KEY[20:])]
    torn = message("contentBlockDelta", text(KEY))[:-6]
    written = without_secrets(b"".join([*plain, torn]), AWS_CONTENT_TYPE)
    assert all(piece.encode() not in written for piece in (KEY, KEY[:20], KEY[20:]))
    heard = EventStreamBuffer()  # which looks at each checksum
    heard.add_data(written)
    said = [json.loads(each.payload)["delta"]["text"] for each in heard]
    assert said == ["a REDACTED", "", ""]


def test_a_secret_in_what_bedrock_wraps_is_found() -> None:
    def wrapped(said: str) -> bytes:
        inner = json.dumps({"type": "content_block_delta", "delta": {"text": said}})
        return message("chunk", {"bytes": base64.b64encode(inner.encode()).decode()})

    told = wrapped("It is ") + wrapped(KEY[:20]) + wrapped(KEY[20:])
    written = without_secrets(told, AWS_CONTENT_TYPE)
    said = [each["delta"]["text"] for each in aws_documents(written)]
    assert said == ["It is REDACTED", "", ""]
    assert without_secrets(wrapped("fine"), AWS_CONTENT_TYPE) == wrapped("fine")
