"""First nights: one thing goes wrong with the candidate; the night says so and names the case.

A change in a reply beside the answer that a test gave to `model_snapshot` holds the bump.

The pin was recorded with five samples and rewords its answers now and then, as models do.
"""

from collections import Counter

import pytest

from pytest_modelpin import demo
from pytest_modelpin.demo.provider_server import Fault, Question
from pytest_modelpin.providers import Reply

pytestmark = pytest.mark.long

SUITE = """
import json
import os

import httpx

PIN = "gpt-5.1-2025-11-13"


def chat(text, **more):
    reply = httpx.post(
        os.environ["OPENAI_BASE_URL"] + "/chat/completions",
        headers={"authorization": "Bearer " + os.environ["OPENAI_API_KEY"]},
        json={"model": PIN, "messages": [{"role": "user", "content": text}], **more},
        timeout=30,
    )
    reply.raise_for_status()
    return reply.json()["choices"][0]["message"]


def test_fee(model_snapshot):
    assert chat("What is the fee?")["content"] == model_snapshot


def test_refund(model_snapshot):
    assert chat("How do I get a refund?")["content"] == model_snapshot


def test_hours(model_snapshot):
    said = chat("When are you open?")["content"]
    assert "9" in said
    assert said == model_snapshot


def test_ticket(model_snapshot):
    assert json.loads(chat("Make a ticket.")["content"]) == model_snapshot


def test_tool(model_snapshot):
    tool = {"type": "function", "function": {"name": "pay_back", "parameters": {"type": "object"}}}
    calls = chat("Pay order 17 back.", tools=[tool])["tool_calls"]
    made = [[call["function"]["name"], json.loads(call["function"]["arguments"])] for call in calls]
    assert made == model_snapshot
"""

SAID = {
    "What is the fee?": (
        "The fee is $42. It is due at the end of the month.",
        "You pay a fee of $42, due at the end of the month.",
        "There is a $42 fee. It falls due at the end of the month.",
    ),
    "How do I get a refund?": (
        "Open the order and choose refund. The money arrives within 5 days.",
        "Choose refund in your order. You will have the money within 5 days.",
        "In the order, pick refund. Within 5 days the money arrives.",
    ),
    "When are you open?": (
        "We are open from 9 to 17 on weekdays.",
        "On weekdays we are open from 9 to 17.",
        "Our shop is open on weekdays, from 9 to 17.",
    ),
    "Make a ticket.": ('{"topic": "billing", "urgent": true, "order": 17}',) * 3,
}
CALL = ("pay_back", {"order": 17})


class Desk:
    """The provider's answers: `change` is what goes wrong with the candidate's."""

    def __init__(self, change) -> None:
        self.change = change
        self.asked: Counter[tuple[str, str]] = Counter()

    def __call__(self, question: Question) -> str | Reply:
        text = next((each for each in SAID if each in question.text), "")
        self.asked[question.served, text] += 1
        turn = self.asked[question.served, text]
        if not text:
            answer: str | Reply = Reply(tools=[CALL])
        elif question.served == demo.PIN:
            answer = SAID[text][1 if turn % 3 == 0 else 0]
        else:
            answer = SAID[text][(0, 2, 1)[turn % 3]]
        return answer if question.served == demo.PIN else self.change(text, answer)


def when(text, told):
    """A change of the answer to one question."""
    return lambda asked, answer: told(answer) if asked == text else answer


def clean(asked, answer):
    return answer


LONGER = (
    " You can follow it in your account, where every order is listed with its state. We also send "
    "a message as soon as it is on its way."
)

SCENARIOS = {
    "S0 clean rewording": (clean, "green", ""),
    "S1 $42 becomes $420": (
        when("What is the fee?", lambda said: said.replace("$42", "$420")), "red", "test_fee",
    ),
    "S2 a tool called twice": (
        when("", lambda said: Reply(tools=[CALL, CALL])), "red", "test_tool",
    ),
    "S3 a refusal": (
        when("How do I get a refund?", lambda said: "I'm sorry, but I can't help with that."),
        "red", "test_refund",
    ),
    "S4 a new enum value": (
        when("Make a ticket.", lambda said: said.replace("billing", "payments")),
        "red", "test_ticket",
    ),
    "S7 a dead case": (
        when("When are you open?", lambda said: "We are open on weekdays."), "red", "test_hours",
    ),
    "S8 an answer twice as long": (
        when("How do I get a refund?", lambda said: said + LONGER), "green", "test_refund",
    ),
}  # fmt: skip


@pytest.fixture
def desk(team):
    """The team with the scenarios' suite, its pin recorded with five samples."""
    (team.folder / "tests" / "test_support.py").unlink()
    (team.folder / "tests" / "test_desk.py").write_text(SUITE)
    for folder in ("__recordings__", "__snapshots__"):
        for path in sorted((team.folder / "tests" / folder).rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    team.server.answer = Desk(clean)
    options = ("--model=production", "--model-record=all", "--model-samples=5")
    done = team.pytest(*options, "--snapshot-update")
    assert done.returncode == 0, done.stdout
    return team


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_first_night_is_right_and_names_the_case(desk, scenario):
    change, colour, case = SCENARIOS[scenario]
    desk.server.answer = Desk(change)
    night = desk.nightly("2026-11-17", "--no-pull-request")
    (line,) = desk.nights()
    assert line["colour"] == ("green" if colour == "held" else colour), night.stdout
    if colour != "red":  # what is confirmed as worse may be held as well
        assert len(line["held"]) == (colour == "held")
    assert case in night.stdout
    if colour == "red":
        others = {"test_fee", "test_refund", "test_hours", "test_ticket", "test_tool"} - {case}
        red = line["reasons"][0]
        assert case in red
        assert not [other for other in others if other in red]


@pytest.mark.parametrize("status", [503, 429], ids=["S5 an outage", "S9 errors"])
def test_a_provider_that_fails_is_inconclusive(desk, status):
    fault = Fault(status=status, headers={"retry-after": "0"})
    desk.server.faults.extend([fault] * 200)
    night = desk.nightly("2026-11-17", "--no-pull-request")
    assert night.returncode == 3, night.stdout
    assert "lost to provider errors" in night.stdout


def test_s6_a_slow_candidate_is_green_with_a_note(desk):
    desk.server.latency = 0.2
    night = desk.nightly("2026-11-17", "--no-pull-request")
    assert night.returncode == 0, night.stdout
    assert "latency" in night.stdout
