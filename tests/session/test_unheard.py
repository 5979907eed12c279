"""Samples that say nothing of the candidate, because its answer never came to the test."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_modelpin.recordings.capture import Capture, CapturedCall
from pytest_modelpin.recordings.exchange import NOT_AWAITED, Exchange, Request, Response
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.registry.selection import Selected, Selection
from pytest_modelpin.session.unheard import Unheard, answered_once

PIN = "gpt-4o-2024-08-06"
URL = "https://api.openai.com/v1/chat/completions"
OWNER = Owner(Path(), "test_a", "test_a")
ANSWERED = Response(200, {}, b"{}")


def exchange(text, response=ANSWERED):
    body = {"model": PIN, "messages": [{"role": "user", "content": text}]}
    return Exchange(
        Request("POST", "https://api.openai.com/v1/chat/completions", body), response, PIN
    )


def asked(exchange):
    return exchange.request.body["messages"][0]["content"]


def unheard(*samples):
    """What looks at a candidate's samples, beside these of the pin."""
    recorded = dict(enumerate(samples, 1))
    recordings = SimpleNamespace(own_file=lambda *_: Path(), exchanges=lambda *_: recorded)
    selection = Selection({"gpt": Selected("gpt", PIN, "candidate", "gpt-4o", "all")})
    return Unheard(selection, recordings, asked)


def heard(*exchanges):
    calls = [
        CapturedCall(
            "gpt", each, True, each.request.body["messages"][0]["content"], "gpt-4o", "all"
        )
        for each in exchanges
    ]
    return Capture(OWNER, 1, tuple(calls), (), (), ())


@pytest.mark.parametrize(
    ("samples", "kept"),
    [
        (["topic mail", "mail", "mail"], "topic"),
        (["mail", "topic mail"], "topic"),
        (["topic mail send1", "mail send2"], "topic"),
        (["topic mail", "topic mail"], None),
        (["topic mail"], None),
        (["topic"], None),
        (["billing", "billing", "refund"], None),  # by a router's answer
        (["first1 mail", "first2 mail"], None),
        (["topic mail", "mail topic"], None),  # asked at once
        (["topic one", "topic two"], None),
    ],
)
def test_a_question_whose_answer_was_kept_is_told_by_the_pins_samples(samples, kept):
    assert answered_once([each.split() for each in samples]) == kept
    recorded = [tuple(map(exchange, each.split())) for each in samples]
    found = unheard(*recorded).why(heard(*map(exchange, ("mail", "one", "billing"))))
    assert bool(found) == bool(kept)
    assert not kept or f'"{kept}" anew' in found.why


def test_who_waits_for_no_answer_on_the_pin_has_to_ask_the_candidate_all_the_same():
    """A race that once lost its answer on the pin let a candidate pass that was never asked."""
    gone = exchange("fee?", NOT_AWAITED)
    at_times = unheard((exchange("fee?"),), (gone,))
    assert at_times.why(heard(gone)) is None
    assert "heard nothing fresh from gpt" in at_times.why(heard()).why
    always = unheard((exchange("fee?"),), (exchange("fee?"),))
    assert "heard nothing fresh from gpt" in always.why(heard(gone)).why
