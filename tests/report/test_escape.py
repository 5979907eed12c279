from __future__ import annotations

import html as html_of_python
import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pytest_modelpin.invisible import show_invisible
from pytest_modelpin.report.escape import (
    code,
    fenced,
    html,
    job_log,
    markdown,
    sentence,
    terminal,
)

odd = st.text(st.sampled_from("a1b@#:/.-_*`~<>&|\\$!()[]{}\n\r\t\x1b\x9b\u202e\u200b\ufeffGHw+= "))
texts = st.one_of(st.text(), odd)

HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")

# What GitHub makes links and mentions of, after Markdown has been read.
LINKED = re.compile(
    r"@\w|#\d|\bgh-\d|(?:https?|ftp)://|\bwww\.|(?:mailto|xmpp):\w|:\w+:", re.IGNORECASE
)


@given(texts)
@example("@octocat fixes #12, closes GH-12, resolves owner/repo#1")
@example("see https://github.com/o/r/issues/1 or www.example.com or a@example.com")
@example("<img src=x onerror=alert(1)> [x](javascript:alert(1)) ![y](http://z)")
def test_markdown_of_any_text_acts_on_nothing(text: str) -> None:
    shown = markdown(text)
    blocks = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(shown)
    assert [block.type for block in blocks] in ([], ["paragraph_open", "inline", "paragraph_close"])
    pieces = [piece for block in blocks for piece in block.children or []]
    assert {piece.type for piece in pieces} <= {"text", "html_inline"}
    markup = {piece.content for piece in pieces if piece.type == "html_inline"}
    assert markup <= {"<span>", "</span>"}
    assert not LINKED.search("".join(piece.content for piece in pieces if piece.type == "text"))
    assert "\n" not in shown
    assert not HIDDEN.search(shown)


@given(texts)
def test_markdown_shows_the_text_as_it_was(text: str) -> None:
    rendered = MarkdownIt("commonmark").render(f"a {markdown(text)} b")
    read = html_of_python.unescape(re.sub(r"<[^>]+>", "", rendered)).replace("\u200b", "")
    assert read.split() == ["a", *show_invisible(text).split(), "b"]


@pytest.mark.parametrize(
    "start",
    ["# a", "- a", "+ a", "1. a", "2) a", "> a", "===", "---", "    a", "* a", "```", "~~~"],
)
def test_no_text_starts_a_block(start: str) -> None:
    blocks = MarkdownIt("commonmark").parse(f"above\n{markdown(start)}\n")
    assert [block.type for block in blocks] == ["paragraph_open", "inline", "paragraph_close"]


def test_amounts_are_no_formula() -> None:
    assert markdown("$42 or $420") == "<span>$</span>42 or <span>$</span>420"


def test_ordinary_words_stay_readable() -> None:
    assert markdown("The suite passed: 99.0 % of cases, 3 nights.") == (
        "The suite passed: 99.0 % of cases, 3 nights."
    )


@given(texts)
@example("```\n@octocat\n````\n~~~")
def test_nothing_breaks_out_of_a_fence(text: str) -> None:
    first, *body, last = fenced(text, "json").split("\n")
    fence = first.removesuffix("json")
    assert fence == last
    assert set(fence) == {"`"}
    assert len(fence) >= 3
    assert not any(fence in line for line in body)
    assert not HIDDEN.search("".join(body))


@given(texts)
@example("` `` |")
def test_nothing_ends_inline_code(text: str) -> None:
    shown = code(text)
    opening = re.match(r"`+", shown)
    assert opening is not None
    runs = re.findall(r"`+", shown)
    assert runs[0] == runs[-1] == opening[0]
    assert opening[0] not in runs[1:-1]
    assert "\n" not in shown
    assert not re.search(r"(?<!\\)\|", shown)


@given(texts)
def test_html_holds_no_markup_and_reads_the_same(text: str) -> None:
    shown = html(text)
    assert not re.search(r"[<>\"']", shown)
    assert html_of_python.unescape(shown) == terminal(text)


@given(texts)
def test_a_terminal_is_never_steered(text: str) -> None:
    assert not HIDDEN.search(terminal(text))


def test_a_hidden_character_is_shown() -> None:
    assert terminal("\x1b[31mred\x1b[0m \u202eevil") == ("⟦U+001B⟧[31mred⟦U+001B⟧[0m ⟦U+202E⟧evil")


def test_what_stands_between_backticks_in_a_sentence_is_code():
    assert sentence("Run `pytest-modelpin check` now.") == "Run `pytest-modelpin check` now."
    assert sentence("*a* `b` `c|d`") == "\\*a\\* `b` `c\\|d`"
    assert sentence("one ` alone") == "one \\` alone"


@given(st.text(alphabet="`@#<a |*_\n$[](!)"))
def test_a_sentence_does_nothing_whatever_its_backticks(said):
    html = MarkdownIt("commonmark").render(f"- {sentence(said)}")
    assert not re.search(r"<(?!/?(?:ul|li|p|code|span)\b)", html)
    assert "@a" not in re.sub(r"<code>.*?</code>", "", html, flags=re.S)


# Taken from the runner's own ActionCommand.cs: this form acts wherever it stands in a line.
@pytest.mark.parametrize("line", ["##[set-output name=v;]x", "  + said ##[add-mask]a", "###[x]"])
def test_no_line_of_a_jobs_log_holds_a_command_of_the_old_form(line):
    assert "##[" not in job_log(line)


@pytest.mark.parametrize(
    "text", ["::error::x", "a\n ::x::", "a\r::x::", "a\r\n::x::", "\r \t::x::"]
)
def test_no_line_of_a_jobs_log_begins_a_command(text):
    """To the runner, as to .NET, a carriage return by itself ends a line."""
    assert not any(line.lstrip().startswith("::") for line in re.split(r"[\r\n]+", job_log(text)))


@pytest.mark.parametrize("blank", ["\n", " \n", "\r", "\t"])
def test_what_a_jobs_log_takes_grows_with_the_text(growth, blank):
    """An answer of twenty thousand blank lines held a night up for minutes."""
    assert growth(lambda size: job_log(blank * size), 2_000, 20_000) < 3


def test_json_in_a_jobs_log_stays_what_it_was():
    said = {"said": "##[error]a \\##[b"}
    assert json.loads(job_log(json.dumps(said, indent=2))) == said
