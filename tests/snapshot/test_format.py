from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_modelpin.errors import SnapshotError
from pytest_modelpin.snapshot.format import Accepted, accept, difference, parse, render

odd = st.text(
    st.sampled_from("ab =<>|\n\r\t\\⟦⟧U+0A1\x00\x1b\x85\xa0\u200b\u2028\ud800\ufeff\U000e0041()#-")
)
texts = st.one_of(st.text(), odd)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=8,
)


def reread(answers: dict[str, Accepted]) -> dict[str, Accepted]:
    # Through bytes, as the file system does it: nothing may depend on what UTF-8 can't hold.
    return parse(render(answers).encode("utf-8").decode("utf-8"), "x.answers")


@given(st.dictionaries(texts, texts.map(lambda text: Accepted("text", text))))
@example({"a": Accepted("text", "")})
@example({"a": Accepted("text", "\n")})
@example({"a": Accepted("text", "==== b (text) ====\n==== end ====\n=======\n<<<<<<< HEAD")})
@example({"a": Accepted("text", "one \ntwo\t\nthree\r\n")})
@example({"end": Accepted("text", "⟦U+000D⟧⟦⟧")})
def test_every_text_comes_back_exactly(answers: dict[str, Accepted]) -> None:
    assert reread(answers) == answers


@given(values.filter(lambda value: not isinstance(value, str)))
def test_every_json_value_comes_back_exactly(value: object) -> None:
    assert reread({"a": accept(value)})["a"].value == value


@given(st.dictionaries(texts, texts.map(lambda text: Accepted("text", text))))
def test_a_checkout_with_windows_line_ends_reads_the_same(answers: dict[str, Accepted]) -> None:
    assert parse(render(answers).replace("\n", "\r\n"), "x.answers") == answers


@given(st.dictionaries(texts, texts.map(lambda text: Accepted("text", text)), min_size=1))
def test_no_line_ends_in_white_space_and_none_is_hidden(answers: dict[str, Accepted]) -> None:
    content = render(answers)
    assert not any(line != line.rstrip() for line in content.split("\n"))
    assert content.splitlines() == content.removesuffix("\n").split("\n")


@given(st.dictionaries(texts, texts.map(lambda text: Accepted("text", text))), st.data())
def test_a_torn_file_is_an_error(answers: dict[str, Accepted], data: st.DataObject) -> None:
    content = render(answers).removesuffix("\n")
    torn = content[: data.draw(st.integers(0, len(content) - 1))]
    with pytest.raises(SnapshotError, match=r"^x\.answers, line \d+: "):
        parse(torn, "x.answers")


def test_the_file_reads_like_the_answers() -> None:
    content = render(
        {
            "test_b": accept({"b": [1, math.nan], "a": "für"}),
            "test_a": accept("Hello Ada,\n\n\\alpha stays, $42 too\n"),
        }
    )
    assert content == (
        "==== test_a (text) ====\n"
        "Hello Ada,\n"
        "\n"
        "\\alpha stays, $42 too⟦U+000A⟧\n"
        "\n"
        "==== test_b (json) ====\n"
        "{\n"
        '  "a": "für",\n'
        '  "b": [\n'
        "    1,\n"
        "    NaN\n"
        "  ]\n"
        "}\n"
        "\n"
        "==== end ====\n"
    )


def test_invisible_characters_are_shown_as_code_points() -> None:
    assert "ab⟦U+200B⟧c⟦U+001B⟧[31m⟦U+202E⟧" in render({"a": accept("ab\u200bc\x1b[31m\u202e")})


def test_joined_emoji_stay_as_they_are() -> None:
    assert "👩‍💻 ❤️" in render({"a": accept("👩‍💻 ❤️")})


def test_numbered_answers_are_sorted_by_number() -> None:
    content = render({f"test_a.{n}": accept("x") for n in (10, 2, 1)})
    assert [line.split()[1] for line in content.splitlines() if "(text)" in line] == [
        "test_a.1",
        "test_a.2",
        "test_a.10",
    ]


def test_a_text_that_is_json_stays_text() -> None:
    assert accept('{"a": 1}').value == '{"a": 1}'


def test_infinities_are_visible_and_read_back() -> None:
    assert accept([math.inf, -math.inf]).body == "[\n  Infinity,\n  -Infinity\n]"
    assert accept([math.inf]).value == [math.inf]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "breaks off"),
        ("==== a (text) ====\nhello\n", "breaks off"),
        ("==== a (text) ====\n<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> b\n==== end ====\n", "line 2"),
        ("==== a (text) ====\nx\n=======\n==== end ====\n", "line 3: a merge conflict"),
        ("==== a (yaml) ====\nx\n==== end ====\n", "broken header"),
        ("==== a (text) ====\nx\n==== a (text) ====\ny\n==== end ====\n", "line 3: a second"),
        ("hello\n==== end ====\n", "line 1: a line that belongs to no answer"),
        ("==== end ====\nx\n", "line 2: text after the end"),
        ("==== a (text) ====\n⟦U+FFFFFF⟧\n==== end ====\n", "code point"),
    ],
)
def test_a_broken_file_is_named_with_line_and_remedy(content: str, what: str) -> None:
    with pytest.raises(SnapshotError, match=what) as raised:
        parse(content, "tests/__snapshots__/x.answers")
    assert "git checkout -- tests/__snapshots__/x.answers" in str(raised.value)


@pytest.mark.parametrize("broken", ["{", "[" * 100_000, "9" * 5000], ids=["cut", "deep", "long"])
def test_json_broken_by_hand_says_so(broken: str) -> None:
    with pytest.raises(SnapshotError, match="no longer parses"):
        assert Accepted("json", broken).value


def test_a_name_of_thousands_of_digits_is_sorted_like_any_other() -> None:
    names = ["test_a[9]", "test_a[10]", f"test_a[{'9' * 5000}]", "test_a[010]"]
    found = list(parse(render(dict.fromkeys(names, accept("x"))), "x"))
    assert found == ["test_a[9]", "test_a[010]", "test_a[10]", names[2]]


def test_a_thousand_answers_are_one_pass() -> None:
    answers = {f"test_a[{n}]": accept("line one\nline two") for n in range(1000)}
    assert reread(answers) == answers
    assert len(json.dumps(render(answers))) < 100_000


lines = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=30)


@given(lines)
def test_equal_texts_have_no_difference(text: list[str]) -> None:
    assert list(difference(text, text)) == []


@given(lines, lines)
def test_lines_taken_and_added_account_for_the_difference(old: list[str], new: list[str]) -> None:
    shown = list(difference(old, new))
    taken = sum(line.startswith("-") for line in shown)
    added = sum(line.startswith("+") for line in shown)
    assert added - taken == len(new) - len(old)
    assert bool(shown) == (old != new)


def test_a_change_is_shown_with_its_line_number_and_surroundings() -> None:
    old = [str(n) for n in range(1, 21)]
    new = [*old[:9], "ten", *old[10:]]
    assert list(difference(old, new)) == [
        "@@ line 7 @@", " 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13",
    ]  # fmt: skip


def test_what_is_left_out_of_a_huge_text_is_said() -> None:
    shown = list(difference([str(n) for n in range(5000)], [f"x{n}" for n in range(5000)]))
    assert shown[-1] == "@@ 4000 more lines were not compared @@"


def test_an_endless_line_is_cut() -> None:
    assert max(map(len, difference(["a" * 10_000], ["b" * 10_000]))) < 1100


def test_hundreds_of_similar_lines_take_no_quadratic_time(growth: Any) -> None:
    # syrupy's own diff takes seconds for these.
    def work(lines: int) -> None:
        old = [f"The {n}th line of the answer says much the same." for n in range(lines)]
        new = [line.replace("much", "rather") for line in old]
        assert len(list(difference(old, new))) == 2 * lines + 1

    assert growth(work, 50, 500) < 4
