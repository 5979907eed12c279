"""Posting to Slack: patience where it asks for it, and never a word of the address."""

import logging

import pytest
from slack_server import SECRET

from pytest_modelpin.report.slack import message, section
from pytest_modelpin.upgrade.nightly.announcement import SlackError, post, webhook

MESSAGE = message("A night", [section("It was red.")])


@pytest.fixture
def slept():
    return []


def test_a_message_arrives(slack):
    post(slack.url, MESSAGE)
    assert slack.messages == [MESSAGE]


def test_slack_is_given_the_time_it_asks_for(slack, slept):
    slack.answers = [(429, "rate_limited", {"Retry-After": "7"})] * 2
    post(slack.url, MESSAGE, slept.append)
    assert (slept, len(slack.messages)) == ([7.0, 7.0], 1)


def test_patience_ends(slack, slept):
    slack.answers = [(429, "rate_limited", {"Retry-After": "7"})] * 5
    with pytest.raises(SlackError, match="429 rate_limited"):
        post(slack.url, MESSAGE, slept.append)
    assert (slack.requests, slept) == (3, [7.0, 7.0])


def test_a_night_does_not_wait_an_hour(slack, slept):
    slack.answers = [(429, "rate_limited", {"Retry-After": "3600"})]
    with pytest.raises(SlackError, match="too many messages"):
        post(slack.url, MESSAGE, slept.append)
    assert slept == []


def test_a_server_error_is_not_sent_again_for_it_may_have_been_posted(slack):
    slack.answers = [(500, "<html>", {})]
    with pytest.raises(SlackError, match=r"^Slack refused the message \(500\)\.$"):
        post(slack.url, MESSAGE)
    assert slack.requests == 1


def test_a_webhook_that_is_gone_says_what_to_do(slack):
    slack.answers = [(404, "no_service", {})]
    with pytest.raises(SlackError, match=r"404 no_service.*make a new webhook"):
        post(slack.url, MESSAGE)


def test_a_message_that_slack_refuses_names_its_reason(slack):
    with pytest.raises(SlackError, match="400 invalid_blocks"):
        post(slack.url, {"text": "a", "blocks": [{"type": "marquee"}]})


@pytest.mark.parametrize(
    "address",
    [
        f"http://hooks.slack.example/services/{SECRET}",
        f"ftp://hooks.slack.com/{SECRET}",
        f"https://[{SECRET}",
        f"https:///{SECRET}",
        SECRET,
    ],
)
def test_an_address_that_would_leak_is_refused_without_its_text(address):
    with pytest.raises(SlackError, match="MODELPIN_SLACK_WEBHOOK holds no https address") as caught:
        post(address, MESSAGE)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        f"http://127.0.0.1:1/{SECRET}",
        f"https://127.0.0.1:1/{SECRET}",
        f"http://localhost:0/{SECRET}",
    ],
)
def test_nobody_there_is_one_sentence_without_the_address(address):
    with pytest.raises(SlackError, match="could not be reached") as caught:
        post(address, MESSAGE)
    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__


def test_no_log_holds_the_address(slack, caplog):
    caplog.set_level(logging.DEBUG)
    post(slack.url, MESSAGE)
    slack.answers = [(404, "no_service", {})]
    with pytest.raises(SlackError):
        post(slack.url, MESSAGE)
    assert slack.requests == 2
    assert SECRET not in caplog.text
    assert logging.getLogger("httpx").disabled is False


@pytest.mark.parametrize(("value", "address"), [(None, None), ("", None), (" x\n", "x")])
def test_the_address_comes_from_the_environment(value, address):
    assert webhook({} if value is None else {"MODELPIN_SLACK_WEBHOOK": value}) == address
