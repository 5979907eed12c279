"""A commit is for what a reviewer or a test can see, and for nothing else."""

import dataclasses
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.recording_file import Recording, write_recording
from pytest_modelpin.upgrade.proposal.digest import digest

URL = "https://api.openai.com/v1/chat/completions"
VERSION = "gpt-5.1-2026-02-18"


def reply(text="Yes.", *, id="chatcmpl-1", created=1, usage=7, finish="stop"):
    message = {"role": "assistant", "content": text}
    return {
        "id": id, "object": "chat.completion", "created": created, "model": VERSION,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 3, "completion_tokens": usage, "total_tokens": 3 + usage},
        "system_fingerprint": f"fp_{created}",
    }  # fmt: skip


def recording(content, *, day=date(2026, 11, 20), question="Well?", status=200, seconds=1.0):
    body = {"model": VERSION, "messages": [{"role": "user", "content": question}]}
    headers = {"content-type": "application/json", "x-request-id": str(day)}
    exchange = Exchange(
        Request("POST", URL, body), Response(status, headers, json.dumps(content).encode()),
        asked=VERSION, served=VERSION, seconds=seconds,
    )  # fmt: skip
    return Recording("tests/test_a.py::test_a", VERSION, day, (exchange,))


def of(one):
    path = f"tests/__recordings__/{VERSION}/test_a/test_a.json"
    return digest({path: write_recording(one).encode()})


SAME = recording(reply())


@pytest.mark.parametrize(
    "other",
    [
        recording(reply(), day=date(2026, 11, 21), seconds=2.0),
        recording(reply(id="chatcmpl-2", created=2)),
        recording(reply(usage=8)),
    ],
    ids=["date and seconds", "ids of the reply", "token counts"],
)
def test_what_comes_with_every_reply_is_nothing(other):
    assert of(other) == of(SAME)


@pytest.mark.parametrize(
    "other",
    [
        recording(reply("No.")),
        recording(reply(finish="length")),
        recording(reply(), question="And?"),
        recording({"error": {"message": "No."}}, status=400),
        dataclasses.replace(SAME, answered_by="gpt-6"),
        dataclasses.replace(SAME, exchanges=SAME.exchanges * 2),
    ],
    ids=["text", "finish", "question", "status", "who answered", "one more"],
)
def test_what_a_test_can_see_is_worth_a_commit(other):
    assert of(other) != of(SAME)


def embedding(number, id):
    return recording({"id": id, "data": [{"embedding": [number]}], "usage": {"total_tokens": 1}})


def test_a_reply_of_another_shape_counts_but_for_its_ids():
    assert of(embedding(0.5, "a")) == of(embedding(0.5, "b"))
    assert of(embedding(0.5, "a")) != of(embedding(0.6, "a"))


PINS = """\
models:
  a:
    production: {pin}
    last_validated: "{day}"
    promoted: {day}
  b: {{production: x, last_validated: {day}, notes: n}}
"""


def pins(pin, day):
    return digest({"models.yml": PINS.format(pin=pin, day=day).encode()})


def test_the_dates_of_models_yml_are_nothing_and_its_pins_are():
    assert pins("x", "2026-11-20") == pins("x", "2026-11-21")
    assert pins("x", "2026-11-20") != pins("y", "2026-11-20")


@given(st.binary(), st.binary())
def test_any_other_file_counts_to_the_byte(one, other):
    for path in ("app.py", "tests/__snapshots__/a.txt", "tests/__recordings__/x/a.json"):
        assert (digest({path: one}) == digest({path: other})) == (one == other)


def test_a_deleted_file_counts():
    assert digest({"a": b""}) != digest({"a": None}) != digest({})
