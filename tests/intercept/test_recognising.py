"""A request's body as recordings hold it: JSON, a form's fields, and large files by hash."""

from __future__ import annotations

import hashlib
import tracemalloc
from typing import Any

import pytest

from pytest_modelpin.intercept.recognising import LONGEST_TEXT, Recogniser, body_as_json

FORM = b'multipart/form-data; boundary="a-b"'


def form(*parts: tuple[str, bytes]) -> bytes:
    """A form of these parts: what stands behind `form-data;`, and the value."""
    written = b"".join(
        f"--a-b\r\nContent-Disposition: form-data; {said}\r\n\r\n".encode() + value + b"\r\n"
        for said, value in parts
    )
    return written + b"--a-b--\r\n"


def by_hash(value: bytes) -> dict[str, Any]:
    return {"bytes": len(value), "sha256": hashlib.sha256(value).hexdigest()}


@pytest.mark.parametrize(
    ("parts", "kept"),
    [
        ([('name="purpose"', b"batch")], {"purpose": "batch"}),
        ([('name="empty"', b"")], {"empty": ""}),
        ([('name="lines"', b"one\r\n\r\ntwo\r\n")], {"lines": "one\r\n\r\ntwo\r\n"}),
        ([('name="x[]"', b"a"), ('name="x[]"', b"b")], {"x[]": ["a", "b"]}),
        (
            [('name="file"; filename="q.jsonl"', b"short text")],
            {"file": {"file": "q.jsonl", **by_hash(b"short text")}},
        ),
        (
            [('name="file"; filename="none"', b""), ('name="model"', b"whisper-1")],
            {"file": {"file": "none", **by_hash(b"")}, "model": "whisper-1"},
        ),
        ([('name="bytes"', b"\xff\x00")], {"bytes": by_hash(b"\xff\x00")}),
        (
            [('name="text"', "é".encode() * LONGEST_TEXT)],
            {"text": "é" * LONGEST_TEXT},
        ),
        (
            [('name="text"', b"e" * (LONGEST_TEXT + 1))],
            {"text": by_hash(b"e" * (LONGEST_TEXT + 1))},
        ),
        (
            [('name="text"', b"e" * 5 * LONGEST_TEXT)],
            {"text": by_hash(b"e" * 5 * LONGEST_TEXT)},
        ),
    ],
)
def test_a_form_is_kept_by_its_fields(parts: Any, kept: Any) -> None:
    assert body_as_json(FORM, form(*parts)) == kept


def test_a_form_that_breaks_off_is_kept_as_far_as_it_came() -> None:
    whole = form(('name="purpose"', b"batch"), ('name="more"', b"x"))
    assert body_as_json(FORM, whole[: whole.index(b'name="more"')]) == {"purpose": "batch"}


def test_a_large_file_is_read_where_it_lies() -> None:
    """Five times its length was held while 100 MB were uploaded."""
    content = form(('name="file"; filename="large"', b"0123456789abcdef" * 2**20))
    tracemalloc.start()
    try:
        body_as_json(FORM, content)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < len(content) / 10


@pytest.mark.parametrize(
    ("host", "is_one"), [("api.deepinfra.com", True), ("embed.example.com", False)]
)
def test_an_embedding_at_a_host_of_models_is_a_call_beside_the_question(
    host: str, is_one: bool, words: Any
) -> None:
    content = b'{"model": "BAAI/bge-m3", "input": "refund"}'
    headers = [(b"content-type", b"application/json")]
    found = Recogniser(words.production()).recognise(
        "POST", f"https://{host}/v1/openai/embeddings", headers, content, None
    )
    assert bool(found and found.kind == "side" and found.record == "none") is is_one
