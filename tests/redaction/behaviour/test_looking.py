"""Looking for secrets: all that would be taken out is found, and a long text is gone over once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_modelpin.recordings.reply_content import redact_reply
from pytest_modelpin.redaction import redact as looking
from pytest_modelpin.redaction.redact import (
    LONG,
    look,
    redact,
    redact_json,
    redact_request,
    redact_url,
)
from pytest_modelpin.redaction.shapes import SHAPES, without_shapes

KEY = "sk-proj-abcdefghij0123456789ABCDEFGHIJ"
PASSWORD = "hunter2-hunter2"
ANSWER = "What was asked is answered at some length. " * (LONG // 20)

_SEPARATED = """
    AKIAIOSFODNN7EXAMPLE eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJ abc123def456ghi REDACTED Bearer xoxb-
    SG.abcdefghijklmnopqr.abcdefghijklmnopqr hooks.slack.com/services/ whsec_ api_key key token sig
    Signature= SG. https:// user: @host word = : " ' \\n \\u002d %2d &amp; ? & - _ . / é 0
"""
_TOGETHER = [KEY, PASSWORD, " ", "\n", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"]
_PIECES = st.sampled_from([*_SEPARATED.split(), *_TOGETHER])
texts = st.lists(_PIECES, max_size=12).map("".join)


@given(texts)
def test_all_shapes_that_would_be_taken_out_are_found(text: str) -> None:
    found = look(text, ())
    stand = {shape for shape in SHAPES if without_shapes(text, (shape,)) != text}
    assert stand <= {*(found.shapes if found else ())}
    assert redact(text, ()) == without_shapes(text)


@given(texts)
def test_a_text_is_found_clean_only_where_nothing_known_stands_in_it(text: str) -> None:
    if not look(text, (KEY, PASSWORD, 'p%ss w"rd&é')):
        assert KEY not in text
        assert PASSWORD not in text
        assert KEY not in text.replace("%2d", "-").replace("\\u002d", "-")


@pytest.mark.parametrize("spelt", ['p%ss w"rd', "p%25ss w&quot;rd", 'p\\u0025ss w\\"rd'])
def test_a_secret_that_is_no_run_of_plain_characters_is_found(spelt: str) -> None:
    found = look(f"it is {spelt}.", ('p%ss w"rd',))
    assert found is not None
    assert found.secrets == ('p%ss w"rd',)


@pytest.fixture
def gone_over(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of the texts that were gone over in full."""
    lengths: list[int] = []
    original = looking._look

    def counting(
        text: str, known: tuple[str, ...], *, shapes: bool, parted: bool = True
    ) -> looking.Found | None:
        lengths.append(len(text))
        return original(text, known, shapes=shapes, parted=parted)

    monkeypatch.setattr(looking, "_look", counting)
    monkeypatch.setattr(looking._Remembered, "shared", looking._Remembered())
    return lengths


def _from_socket_to_file(content: bytes, text: str) -> None:
    """What a live reply goes through: recorded, accepted, reported by its test, and by its run."""
    redact_reply({}, (), content, (PASSWORD,))
    case = {"answers": [{"text": text}], "samples": [{"calls": [{"reply": {"text": text}}]}]}
    redact_json(text, (PASSWORD,))
    redact_json(case, (PASSWORD,))
    redact_json({"cases": [case, case]}, (PASSWORD,))


def test_a_long_answer_is_gone_over_once(gone_over: list[int]) -> None:
    body: Any = {"model": "m", "choices": [{"message": {"content": ANSWER}}]}
    _from_socket_to_file(json.dumps(body).encode(), ANSWER)
    assert [length for length in gone_over if length >= LONG] == [len(ANSWER)]


def test_a_long_stream_is_gone_over_once_as_it_came_and_once_as_it_reads(
    gone_over: list[int],
) -> None:
    pieces = [ANSWER[at : at + 20] for at in range(0, len(ANSWER), 20)]
    stream = "".join(
        f"data: {json.dumps({'choices': [{'delta': {'content': piece}}]})}\n\n" for piece in pieces
    )
    _from_socket_to_file(stream.encode(), ANSWER)
    assert [length for length in gone_over if length >= LONG] == [len(ANSWER), len(stream)]


def test_the_second_look_asks_for_what_was_no_secret_at_the_first(gone_over: list[int]) -> None:
    text = f"{ANSWER}The password is {PASSWORD}."
    assert redact(text, ()) == text
    assert PASSWORD not in redact(text, (PASSWORD,))
    assert PASSWORD not in str(redact_json({"text": text}, (PASSWORD,)))
    assert redact(text, ()) == text


def test_a_long_text_below_a_secret_name_is_still_told_by_the_name() -> None:
    key = "a1B2c3D4" * LONG
    assert redact_json({"api_key": key}, ()) == {"api_key": "REDACTED"}
    assert redact_json({"answer": ANSWER}, ()) == {"answer": ANSWER}


def test_the_longest_goes_first_wherever_it_stands() -> None:
    known = ("canary-one-and-more", "canary-one")
    value = {"short": "canary-one", "long": f"{ANSWER}canary-one-and-more"}
    redacted = redact_json(value, known)
    assert redacted == {"short": "REDACTED", "long": f"{ANSWER}REDACTED"}


@given(texts, texts, st.sampled_from([(), (PASSWORD,), (PASSWORD, "word")]))
@example("\nAKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE", ())
@example("Bearer\n" + 2 * "AKIAIOSFODNN7EXAMPLE", "Bearer AKIAIOSFODNN7EXAMPLE", ())
def test_a_request_that_is_looked_into_at_once_is_redacted_as_piece_by_piece(said, end, secrets):
    url = f"https://api.example.com/v1?key={end}&a={end}"
    body = {"messages": [{"role": "user", "content": said}], "n": 1}
    apart = redact_url(url, secrets), redact_json(body, secrets, sent=True)
    assert redact_request(url, body, secrets) == apart


@given(texts, texts, texts)
def test_headers_that_are_looked_into_at_once_are_redacted_one_by_one(one, other, third):
    headers = {"X-One": one, "x-other": other, "Content-Type": third, "x-left-out": PASSWORD}
    kept = redact_reply(headers, {"x-one", "x-other"}, b"", (PASSWORD,))[0]
    apart = {"content-type": third, "x-one": one, "x-other": other}
    assert kept == {name: redact(value, (PASSWORD,)) for name, value in apart.items()}
