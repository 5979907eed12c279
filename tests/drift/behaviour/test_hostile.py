"""Answers that are made to take long, or to break what reads them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from pytest_modelpin.compare import case_drifts, drifts
from pytest_modelpin.drift.text import documents
from pytest_modelpin.providers.wire import Reply, ToolCall

pytestmark = [pytest.mark.long, pytest.mark.slow]

HOSTILE = {
    "backticks that escape each other": ("```js\n" + "\\`" * 50_000 + "\n```", "```js\n`\n```"),
    "quotes that escape each other": ("```js\n" + '\\"' * 50_000 + "\n```", "```js\n`\n```"),
    "comments that begin again and again": ("```js\n" + "/*" * 50_000, "```js\n/*/\n```"),
    "prose": ("The quick fox runs. " * 5_000, "The slow fox sleeps. " * 5_000),
    "lines": (
        "\n".join(f"row {i} a" for i in range(8_000)),
        "\n".join(f"b {i} c" for i in range(8_000)),
    ),
    "one word": ("a" * 100_000, "b" * 100_000),
    "digits": ("1" * 100_000, "2" * 100_000),
    "numbers": (" ".join(map(str, range(15_000))), " ".join(map(str, range(9, 15_009)))),
    "brackets": ("[" * 100_000, "{" * 100_000),
    "deep": ("[" * 50_000 + "]" * 50_000, "[" * 50_000 + "1" + "]" * 50_000),
    "fences": ("```\n" * 25_000, "```\n" * 25_001),
    "blanks in a fence": tuple(f"```js\n{a}{' ' * 100_000}b\n```" for a in "ac"),
    "control": ("\x00\x1b[31m\u202e" * 15_000, "\x07\x08" * 50_000),
    "chinese": ("北京" * 50_000, "上海" * 50_000),
    "emphasis": ("*" * 100_000, "_" * 100_000),
    "spaces": (" " * 100_000 + "a", "b" + " " * 100_000),
    "quotes": ('"' * 100_000, "'" * 100_000),
    "tags": ("<a " * 33_000 + ">", "<b " * 33_000 + ">"),
    "addresses": ("a@" * 50_000, "b@" * 50_000),
    "sql": ("select " + "a " * 50_000, "select " + "b " * 50_000),
    "blanks and digits": ("1 " * 25_000, "2 " * 25_000),
    "multiplied words": ("hundred " * 12_500, "hundred " * 12_501),
    "multiplied characters": (f"一{'万' * 100_000}元", f"一{'万' * 100_001}元"),
    "assignments": ("k=v\n" * 25_000, "k=w\n" * 25_000),
    "headings": ("# a\n" * 25_000, "## a\n" * 20_000),
    "quoted": ("> a\n> b\n\n" * 11_000, "> a\n> c\n\n" * 11_000),
    "list": ("- a\n" * 25_000, "1. a\n" * 20_000),
    "surrogates": ("\ud800" * 50_000, "\udfff" * 50_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_answers_of_100_kb_take_bounded_time(name: str) -> None:
    before, after = HOSTILE[name]
    started = time.process_time()
    assert drifts(before, after)
    # Far above what it takes, far below what anything quadratic would.
    assert time.process_time() - started < 8


@pytest.mark.long
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_answers_of_several_samples_take_bounded_time(name: str) -> None:
    before, after = HOSTILE[name]
    started = time.process_time()
    case_drifts([before, before + "x", before + " y"], [after, after + "z"])
    assert time.process_time() - started < 8


def words(start: int) -> list[str]:
    """20,000 words, all others for each start."""
    return [f"w{number}" for number in range(start, start + 20_000)]


LARGE: dict[str, Callable[[int], Any]] = {
    "keys": lambda start: {word: {"a": start, f"{word}x": 1} for word in words(start)},
    "elements": lambda start: [f"{word} of some" for word in words(start)] + ["x"] * (start % 7),
    "elements with ids": lambda start: [
        {"id": word, "n": start} for word in [*words(start), *words(60_000)]
    ],
}


@pytest.mark.parametrize("name", LARGE)
def test_large_values_of_which_all_changed_take_bounded_time(name: str) -> None:
    before, after = (json.dumps(LARGE[name](start)) for start in (1, 30_000))
    started = time.process_time()
    assert drifts(before, after)
    assert time.process_time() - started < 8


def test_a_yaml_answer_is_read_once_whatever_it_is_compared_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(number: int) -> str:
        return "".join(
            f"entry{line}:\n  text: said in other words, {number} times {line}\n"
            for line in range(50)
        )

    read: list[str] = []
    yaml_value = documents._yaml_value

    def counted(text: str) -> Any:
        read.append(text)
        return yaml_value(text)

    monkeypatch.setattr(documents, "_yaml_value", counted)
    case_drifts([answer(number) for number in (901, 902, 903)], [answer(904), answer(905)])
    assert len(read) == len(set(read)) == 5


LONG_FIGURES = (
    ("It costs 12345678901234567890123456789012 euros.", "It costs 3 euros."),
    (f"It costs {'9' * 39} euros.", f"It costs {'9' * 38} euros."),
    (f"{'hundred ' * 16}euros", f"{'hundred ' * 17}euros"),
    (f"一{'万' * 10}元", f"一{'万' * 11}元"),
    (f"一{'万' * 40_000}元", f"一{'万' * 40_001}元"),
    (f"[a]\nk = 0x1{'0' * 5_000}", f"[a]\nk = 0x2{'0' * 5_000}"),
    (f"a:\n  b: 0x1{'0' * 5_000}\nc: 1\n", f"a:\n  b: 0x2{'0' * 5_000}\nc: 1\n"),
    ({"a": 10**5_000}, {"a": 10**5_001}),
    ({10**5_000: [10**5_000]}, {"a": 1}),
    ([1, 10**5_000], [10**5_000, 2, 3]),
    (10**5_000, "x"),
    ("x", 10**5_000),
    (Reply(tools=(ToolCall("f", {"a": 10**5_000}),)), Reply(tools=(ToolCall("f", {"a": 1}),))),
)


@pytest.mark.parametrize("place", range(len(LONG_FIGURES)))  # as pytest can't name them
def test_figures_of_any_length_are_told_apart_and_can_be_printed(place: int) -> None:
    before, after = LONG_FIGURES[place]
    for found in (drifts(before, after), case_drifts([before, before], [after])):
        assert found
        assert repr(found)
        assert "identical" not in {drift.kind for drift in found}
    assert [drift.kind for drift in drifts(before, before)] == ["identical"]


def test_the_last_digit_of_a_long_figure_counts() -> None:
    found = drifts(f"Pay -{'1' * 31} euros.", f"Pay -{'1' * 30}2 euros.")
    assert [(drift.kind, drift.severity) for drift in found] == [("number", "regression")]
