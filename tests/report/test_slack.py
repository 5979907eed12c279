"""Announcements as Block Kit: Slack takes them, and nothing in them acts."""

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from slack_server import wrong

from pytest_modelpin.report.escape import slack
from pytest_modelpin.report.slack import context, fields, header, link, message, section

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
