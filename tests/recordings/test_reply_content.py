"""What is large and no text within a reply's JSON: an image's base64, the sound of an answer."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import Any

import pytest

from pytest_modelpin.recordings.exchange import Response
from pytest_modelpin.recordings.large_bodies import LARGE, Aside, Take, none_beside
from pytest_modelpin.recordings.reply_content import (
    compact,
    read_content,
    write_content,
)

IMAGE = bytes(range(256)) * (LARGE // 256)
TEXT = base64.b64encode(IMAGE).decode()
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
