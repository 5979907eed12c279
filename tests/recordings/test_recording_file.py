from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.errors import RecordingError
from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.recording_file import (
    Recording,
    read_recording,
    same_answers,
    write_recording,
)
from pytest_modelpin.recordings.reply_content import settled, split_events

HERE = Path("r.json")


def as_heard(exchange: Exchange) -> Exchange:
    """As a live reply is noted: as it reads after being written."""
    return replace(
        exchange, response=settled(exchange.response), seconds=round(exchange.seconds, 3)
    )


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
contents = (
    st.binary(max_size=60)
    | json_values.map(lambda value: json.dumps(value, indent=2).encode())
    | st.text(alphabet="data: {}\n\r\"'\\ué", max_size=60).map(str.encode)
)
exchanges = st.builds(
    Exchange,
    request=st.builds(Request, st.just("POST"), st.text(), json_values),
    response=st.builds(
        Response,
        status=st.integers(200, 599),
        headers=st.sampled_from(
            [{}, {"content-type": "text/event-stream"}, {"content-type": "application/json"}]
        ),
        content=contents,
        complete=st.booleans(),
    ),
    asked=st.text(),
    served=st.none() | st.text(),
    seconds=st.floats(0, 1000),
    sample=st.integers(1, 9),
)


def recording(*held: Exchange, **more: Any) -> Recording:
    return Recording("m::t", "v", date(2026, 11, 20), held, **more)


def one(content: bytes, content_type: str = "application/json") -> Exchange:
    return Exchange(
        Request("POST", "https://h.test/v1", {"a": 1}),
        Response(200, {"content-type": content_type}, content),
        asked="alias",
        served="v",
        seconds=1.23456,
    )


def body_of(exchange: Exchange) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(write_recording(recording(exchange)))
    response: dict[str, Any] = document["exchanges"][0]["response"]
    return response


@given(st.lists(exchanges, max_size=3))
def test_what_is_written_reads_the_same(held: list[Exchange]) -> None:
    before = recording(*map(as_heard, held), answered_by="other")
    text = write_recording(before)
    assert read_recording(text, HERE) == before
    assert write_recording(read_recording(text, HERE)) == text


@given(contents)
def test_a_reply_says_the_same_after_it_was_written(content: bytes) -> None:
    kept = settled(one(content).response).content
    try:
        assert json.loads(kept) == json.loads(content)
    except ValueError:
        assert kept == content


@given(st.text(alphabet="da:\n\r x{}"))
def test_events_put_together_are_the_stream(text: str) -> None:
    assert "".join(split_events(text)) == text


def test_json_is_kept_as_json_streams_as_events_and_other_bodies_as_they_are() -> None:
    assert body_of(one(b'{\n "b": 1}'))["body"] == {"b": 1}
    events = body_of(one(b"data: 1\n\ndata: 2\n\n", "text/event-stream; charset=utf-8"))
    assert events["events"] == ["data: 1\n\n", "data: 2\n\n"]
    assert body_of(one("é".encode(), "text/plain"))["text"] == "é"
    assert body_of(one(b"\xff\x00"))["base64"] == "/wA="


@pytest.mark.parametrize(
    "content", [b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":1e999}', b'"\\ud800"', b'{"a":1} x']
)
def test_json_that_would_be_changed_by_parsing_is_kept_as_text(content: bytes) -> None:
    assert body_of(one(content))["text"] == content.decode()
    assert settled(one(content).response).content == content


def test_half_a_character_in_a_request_can_be_written() -> None:
    exchange = Exchange(
        Request("POST", "u", {"a": "\ud83d", "b": "é"}), Response(200, {}, b"{}"), asked="m"
    )
    text = write_recording(recording(exchange))
    assert read_recording(text.encode().decode(), HERE).exchanges[0].request == exchange.request


def test_day_and_seconds_alone_make_no_other_answers() -> None:
    quick, slow = one(b"{}"), Exchange(**{**_fields(one(b"{}")), "seconds": 9.0})
    later = Recording("m::t", "v", date(2026, 12, 1), (slow,))
    assert same_answers(recording(quick), later)
    assert not same_answers(recording(quick), recording(one(b"[]")))


def _fields(exchange: Exchange) -> dict[str, Any]:
    return {
        name: getattr(exchange, name)
        for name in ("request", "response", "asked", "served", "seconds", "sample")
    }


def _one(seconds: str = "1", sample: str = "1", status: str = "200") -> str:
    """A file of one exchange, with something odd in it."""
    return (
        '{"schema": 1, "test": "t", "version": "v", "recorded": "2026-01-01", "exchanges": '
        '[{"request": {"method": "POST", "url": "http://a", "body": {}}, "response": '
        f'{{"status": {status}, "headers": {{}}, "body": {{}}}}, "asked": "v", "served": "v", '
        f'"seconds": {seconds}, "sample": {sample}}}]}}'
    )


def test_a_pointer_of_git_lfs_is_not_to_be_recorded_anew():
    """A checkout without LFS was told to delete its recordings, as torn ones."""
    with pytest.raises(RecordingError, match="`git lfs pull` brings it") as error:
        read_recording("version https://git-lfs.github.com/spec/v1\noid sha256:1\n", Path("a.json"))
    assert "delete" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"schema": 1, "exch', "torn"),
        ("", "torn"),
        ('{"schema": 0}', "schema 0"),
        ("[]", "schema None"),
        ('{"schema": 1, "test": "t", "version": "v"}', "lacks the key 'recorded'"),
        (
            '{"schema":1,"test":"t","version":"v","recorded":"2026-01-01","exchanges":[{}]}',
            "lacks the key 'request'",
        ),
        ('{"schema":1,"test":"t","version":"v","recorded":"x","exchanges":[]}', "damaged"),
        (_one(seconds="NaN"), "damaged: nan seconds"),
        (_one(seconds="1e999"), "damaged"),
        (_one(sample="1e999"), "damaged"),
        (_one(status="1e999"), "damaged"),
        (
            '{\n "schema": 1,\n<<<<<<< HEAD\n "test": "t",\n=======\n "test": "u",\n>>>>>>> b\n}',
            "is in conflict: line 3 is a merge conflict marker. Take one side whole, with `git "
            "checkout --ours tests/__recordings__/gpt-4o/test_a/test_b.json` or `--theirs`, and "
            "record what it lacks with",
        ),
        ('{\n||||||| 3f2a\n "schema": 1\n}', "is in conflict: line 2"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_what_to_run(text: str, says: str) -> None:
    path = Path("tests/__recordings__/gpt-4o/test_a/test_b.json")
    with pytest.raises(RecordingError) as failure:
        read_recording(text, path)
    assert says in str(failure.value)
    assert str(path) in str(failure.value)
    assert "pytest --model gpt-4o --model-record new" in str(failure.value)


def test_who_reads_what_a_newer_release_wrote_is_not_told_to_delete_it() -> None:
    with pytest.raises(RecordingError) as failure:
        read_recording('{"schema": 7}', Path("r.json"))
    said = str(failure.value)
    assert "has schema 7; this version of pytest-modelpin reads schemas 1 and 2. A newer" in said
    assert "run `pip install --upgrade pytest-modelpin`" in said
    assert "delete" not in said


def test_a_writer_that_is_killed_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    program = (
        "import sys; from pathlib import Path; from datetime import date\n"
        "from pytest_modelpin.recordings.recording_file import save\n"
        "from pytest_modelpin.recordings.recording_file import Recording\n"
        "from pytest_modelpin.recordings.exchange import *\n"
        "def find_recording(n):\n"
        "    body = {'n': [n] * 20000}\n"
        "    return Exchange(Request('POST', 'u', body), Response(200, {}, b'{}'), asked='m')\n"
        "n = 0\n"
        "while True:\n"
        "    n += 1\n"
        "    save(Path(sys.argv[1]), Recording('t', 'v', date(2026, 1, 1), (find_recording(n),)))\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", program, str(path)])
    try:
        while not path.exists():
            time.sleep(0.01)
        time.sleep(0.15)
    finally:
        writer.kill()
        writer.wait()
    numbers = read_recording(path.read_text(), path).exchanges[0].request.body["n"]
    assert len(set(numbers)) == 1
    assert len(numbers) == 20000
