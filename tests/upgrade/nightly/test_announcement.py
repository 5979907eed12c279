"""What is news for Slack, and posting it: patience where it asks for it, no word of its address."""

import dataclasses
import json
import logging
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from slack_server import SECRET, wrong

from modelpin_runtime.registry.models import Model
from pytest_modelpin.alarms.alarm import Alarm
from pytest_modelpin.alarms.pin_facts import PinFacts
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.ledger import Streak
from pytest_modelpin.registry import load
from pytest_modelpin.report.escape import slack
from pytest_modelpin.upgrade.nightly import announcement
from pytest_modelpin.upgrade.nightly.announcement import (
    SlackError,
    alarm_message,
    context,
    fields,
    header,
    link,
    message,
    night_message,
    post,
    raised,
    section,
    webhook,
)
from pytest_modelpin.upgrade.nightly.model_night import ModelNight
from pytest_modelpin.upgrade.nightly.one_night import NightResult
from pytest_modelpin.upgrade.nightly.run_nightly import NightlyResult

FRIDAY = date(2026, 11, 20)
ALARM = Alarm("stale", "warn", "claude", "The pin was <!channel> validated.", "Do it @here.")


@pytest.fixture
def played(night):
    """A round of one night."""

    def build(colour="green", reasons=("Worse beyond chance.",), **fields) -> NightlyResult:
        result = NightResult(
            night(colour=colour), Verdict(colour, reasons=reasons), Streak("claude", None, "f")
        )
        one = ModelNight(Model("claude", "claude-a"), result, due=False, state="", **fields)
        return NightlyResult("2026-11-20", (one,), Path("reports"), 3)

    return build


@pytest.fixture
def pins(tmp_path):
    def read(*lines: str):
        path = tmp_path / "models.yml"
        body = "".join(f"    {line}\n" for line in lines)
        path.write_text(f"models:\n  claude:\n    production: claude-opus-4-6\n{body}")
        return load(path, {})

    return read


def none(model, provider):
    """No retirement is known."""


def kinds(found):
    return [(alarm.kind, alarm.severity) for alarm in found]


class TestNight:
    @pytest.mark.parametrize("colour", ["green", "inconclusive"])
    def test_a_night_without_news_is_not_announced(self, played, colour):
        assert night_message(played(colour), []) is None

    def test_a_red_night_is_announced_with_its_reasons_and_its_run(self, played, text_of):
        message = night_message(played("red"), [])
        assert wrong(message) == []
        text = text_of(message)
        for said in ("🔴 claude: a red night", "Worse beyond chance.", "0 of 3 green nights"):
            assert said in text
        assert "  ·  <https://github.com/acme/app|acme/app>" in text
        assert "<https://github.com/acme/app/actions/runs/7|Run>" in text
        assert "<https://github.com/acme/app/actions/runs/7#artifacts|Report>" in text

    def test_a_pull_request_is_announced_when_it_opens(self, played, text_of):
        there = {"pull_request": 12, "url": "https://github.com/acme/app/pull/12"}
        message = night_message(played(opened=True, **there), [])
        assert wrong(message) == []
        assert "<https://github.com/acme/app/pull/12|Pull request #" in text_of(message)
        assert night_message(played(**there), []) is None

    def test_nothing_in_it_waits_for_an_answer_that_nobody_gives(self, played):
        # Slack shows a warning beside a pressed button, though it only opens an address.
        there = {"pull_request": 12, "url": "https://github.com/acme/app/pull/12"}
        message = night_message(played("red", **there), [ALARM])
        assert {block["type"] for block in message["blocks"]} == {"header", "section"}
        assert "button" not in str(message)

    def test_what_to_press_comes_first_and_is_no_small_print(self, played):
        there = {"pull_request": 12, "url": "https://github.com/acme/app/pull/12"}
        (line,) = [
            block["text"]["text"]
            for block in night_message(played("red", **there), [])["blocks"]
            if "|Run>" in str(block)
        ]
        labels = [each.partition("|")[2] for each in line.split("  ·  ")]
        assert [label.partition(" #")[0] for label in labels] == [
            "Pull request", "Report>", "Run>", "acme/app>",
        ]  # fmt: skip

    def test_what_a_model_said_acts_on_nothing(self, played, text_of):
        said = ("tests/a.py::a: 'ok' -> '<!here> <@U1> @channel https://evil.example *b*'",)
        text = text_of(night_message(played("red", reasons=said), []))
        assert "<!" not in text
        assert "<@" not in text
        assert "@channel" not in text
        assert "https://evil" not in text

    def test_what_a_model_said_is_not_formatted(self, played):
        message = night_message(played("red", reasons=("*bold*",)), [])
        (block,) = [block for block in message["blocks"] if "*bold*" in str(block)]
        assert block["text"]["type"] == "plain_text"

    def test_alarms_come_with_it(self, played, text_of):
        message = night_message(played(), [ALARM])
        assert wrong(message) == []
        assert "🟡 claude: The pin was &lt;!channel&gt; validated." in text_of(message)


class TestAlarms:
    def test_without_any_there_is_no_message(self):
        assert alarm_message([]) is None

    def test_the_urgent_ones_are_marked(self, text_of):
        message = alarm_message([dataclasses.replace(ALARM, severity="urgent")])
        assert wrong(message) == []
        assert "🔴 claude" in text_of(message)
        assert message["text"] == "1 alarm about model pins"

    def test_a_hundred_fit(self):
        assert wrong(alarm_message([ALARM] * 100)) == []


class TestRaised:
    def test_an_alarm_that_the_night_before_had_too_is_no_news(self, pins, night):
        nights = {"claude": [night("2026-11-18", "red"), night("2026-11-19", "red")]}
        assert raised(PinFacts(pins(), nights, FRIDAY, none)) == ()

    def test_one_that_this_day_brings_is(self, pins, night):
        one = pins("last_validated: 2026-10-20")  # 31 days: one more than is allowed
        nights = {"claude": [night("2026-11-19", served=None), night("2026-11-20", served=None)]}
        assert kinds(raised(PinFacts(one, nights, FRIDAY, none))) == [("stale", "warn")]

    def test_one_that_a_dropped_night_would_have_brought_is(self, pins, night):
        one = pins("last_validated: 2026-10-18")
        nights = {"claude": [night("2026-11-17", served=None), night("2026-11-20", served=None)]}
        assert kinds(raised(PinFacts(one, nights, FRIDAY, none))) == [("stale", "warn")]

    def test_one_that_becomes_urgent_is(self, pins, night):
        one = pins("last_validated: 2026-11-19", "retires: 2026-12-20")  # 30 days
        nights = {"claude": [night("2026-11-19")]}
        assert kinds(raised(PinFacts(one, nights, FRIDAY, none))) == [("retiring", "urgent")]
        assert (
            raised(PinFacts(one, {"claude": [night("2026-11-20")]}, date(2026, 11, 21), none)) == ()
        )

    def test_the_red_night_that_makes_it_three_is(self, pins, night):
        one = pins("last_validated: 2026-11-19", "staging: claude-sonnet-4-5")
        reds = [night(f"2026-11-{day}", "red", pin="claude-opus-4-6") for day in (18, 19, 20, 21)]
        assert kinds(raised(PinFacts(one, {"claude": reds[:3]}, FRIDAY, none))) == [("red", "warn")]
        assert raised(PinFacts(one, {"claude": reds}, date(2026, 11, 21), none)) == ()

    def test_on_mondays_all_there_are_come_up_again(self, pins, night):
        nights = {"claude": [night("2026-11-22"), night("2026-11-23")]}
        assert kinds(raised(PinFacts(pins(), nights, date(2026, 11, 23), none))) == [
            ("stale", "warn")
        ]

    def test_on_the_first_night_all_are_new(self, pins, night):
        nights = {"claude": [night("2026-11-20")]}
        assert kinds(raised(PinFacts(pins(), nights, FRIDAY, none))) == [("stale", "warn")]


@pytest.fixture
def text_of():
    """All that a message shows."""

    def read(message) -> str:
        shown = []
        for block in message["blocks"]:
            parts = [block.get("text"), *block.get("fields", ()), *block.get("elements", ())]
            shown += [part["text"] for part in parts if part]
        return "\n".join([message["text"], *shown])

    return read


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


def test_an_answer_a_byte_at_a_time_holds_no_night_up(slack, monkeypatch):
    """Each byte was in time, and the night waited for the last one, however many there were."""
    monkeypatch.setattr(announcement, "_LONGEST_ANSWER", 0.3)
    slack.answers = [(200, "x" * 10, {})]
    slack.delay = 0.1
    with pytest.raises(SlackError, match=r"^Slack could not be reached \(TimeoutError\)\.$"):
        post(slack.url, {"text": "a"})


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


odd = st.text(st.sampled_from("a1b@#:/.-_*`~<>&|!()[]\n\r\x1b\u202e\u200b😀"), max_size=4000)
texts = st.one_of(st.text(max_size=4000), odd)

ACTS = re.compile(r"[<>]|&(?!(?:amp|lt|gt);)|[@#]\w|://|\bwww\.|\bmailto:\w", re.IGNORECASE)


@given(texts)
@example("<!here> <!channel> <@U123> @channel #general <https://evil.example|a link>")
@example("see https://evil.example, www.evil.example or mailto:a@evil.example &lt;!here&gt;")
def test_no_text_mentions_links_or_steers(text):
    assert not ACTS.search(slack(text))


@given(texts)
@example("&" * 4000)
@example("`" * 4000)
@example("")
def test_slack_takes_any_text_in_any_block(text):
    blocks = [header(text), section(text), fields({"Pin": text})]
    made = message(text or "a", blocks)
    assert wrong(made) == []


@given(texts)
def test_no_text_is_cut_within_an_entity(text):
    shown = [header(text)["text"]["text"], section(text)["text"]["text"]]
    assert not any(ACTS.search(one) for one in shown)


def test_a_value_is_code_that_nothing_in_it_ends():
    (one,) = fields({"Pin": "gpt`*bold*`<!here>"})["fields"]
    assert one["text"] == "*Pin*\n`gpt'*bold*'&lt;!here&gt;`"
    assert one["verbatim"] is True


def test_more_fields_than_slack_takes_are_cut():
    assert len(fields({str(n): "v" for n in range(12)})["fields"]) == 10


def test_more_blocks_than_slack_takes_are_cut_with_a_word():
    made = message("Many", [section("one")] * 60)
    assert wrong(made) == []
    assert "and more" in json.dumps(made["blocks"][-1])


def test_a_link_goes_where_it_says_and_ends_where_it_should():
    assert link("Run <1>", "https://x.example/a|b>c?d=1&e") == (
        "<https://x.example/a%7Cb%3Ec?d=1%26e|Run &lt;1&gt;>"
    )


@pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "file:///etc/passwd"])
def test_an_address_that_is_not_of_the_web_is_no_link(url):
    assert link("Run", url) == ""


def test_links_unfurl_nothing():
    made = message("A", [context([link("Run", "https://x.example")])])
    assert (made["unfurl_links"], made["unfurl_media"]) == (False, False)
