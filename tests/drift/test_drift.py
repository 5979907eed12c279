"""What `drifts` promises whatever the answers: shape, severity, determinism, bounded time."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_modelpin.compare import Drift, drifts
from pytest_modelpin.drift.drift import DEFAULT_SEVERITY, Context
from pytest_modelpin.providers.wire import Reply, ToolCall, Usage


def kinds(before: Any, after: Any, **context: Any) -> list[str]:
    return [drift.kind for drift in drifts(before, after, context=context)]


def above_info(before: Any, after: Any, **context: Any) -> list[str]:
    found = drifts(before, after, context=context)
    return [drift.kind for drift in found if drift.severity != "info"]


# --- what comes back ------------------------------------------------------------------------


def test_equal_answers_give_exactly_identical() -> None:
    assert drifts("Paris.", "Paris.") == (Drift("identical", "info", ""),)


def test_a_word_said_beside_the_same_tool_call_is_no_answer() -> None:
    call = ToolCall("weather", {"city": "Paris"})
    assert above_info(Reply(tools=(call,)), Reply(text="Let me check that.", tools=(call,))) == []


def test_an_order_number_that_differs_in_its_last_digit_is_another_call() -> None:
    one, other = (ToolCall("cancel", {"order": 10000000000 + n}) for n in (1, 2))
    assert "tools" in above_info(Reply(tools=(one,)), Reply(tools=(other,)))


@pytest.mark.parametrize("value", [None, 0, "", [], {}, [1, {"a": None}], Reply(), True])
def test_anything_is_identical_with_itself(value: object) -> None:
    assert [d.kind for d in drifts(value, value)] == ["identical"]


def test_one_changed_figure_in_a_long_answer_is_one_finding_with_its_sentence() -> None:
    sentences = [f"Paragraph {word} explains a rule." for word in "ABCDEFGHIJ"]
    before = [*sentences, "The fee is $42 a month.", *sentences[::-1]]
    after = [*sentences, "The fee is $420 a month.", *sentences[::-1]]
    found = drifts(" ".join(before), " ".join(after))
    assert found == (
        Drift(
            "number", "regression", "sentence 11", "The fee is $42 a month.",
            "The fee is $420 a month.",
        ),
    )  # fmt: skip


def test_json_findings_name_their_path() -> None:
    found = drifts(
        '{"items": [{"price": 1}, {"price": 2}]}', '{"items": [{"price": 1}, {"price": 3}]}'
    )
    assert found == (Drift("number", "regression", "$.items[1].price", 2, 3),)


def test_a_key_that_is_no_word_is_quoted_in_the_path() -> None:
    assert drifts({"a b": 1}, {"a b": 2})[0].where == '$["a b"]'


def test_every_kind_has_a_default_severity() -> None:
    assert set(DEFAULT_SEVERITY.values()) == {"info", "review", "regression"}
    assert len(DEFAULT_SEVERITY) == 25


# --- the context ----------------------------------------------------------------------------


def test_critical_raises_what_is_for_review_and_leaves_what_is_harmless() -> None:
    assert drifts("Paris", "Lyon", context={"critical": True})[0].severity == "regression"
    assert drifts("a  b", "a b", context={"critical": True})[0].severity == "info"


def test_ignored_kinds_are_lowered_even_where_critical() -> None:
    found = drifts("It is $1.", "It is $2.", context={"critical": True, "ignore": ["number"]})
    assert [(d.kind, d.severity) for d in found] == [("number", "info")]


def test_a_severity_can_be_overridden_by_kind() -> None:
    found = drifts("a  b", "a b", context={"severities": {"whitespace": "review"}})
    assert found[0].severity == "review"


def test_a_mapping_and_a_context_say_the_same() -> None:
    assert drifts("x", "y", context={"critical": True}) == drifts(
        "x", "y", context=Context(critical=True)
    )


def test_a_value_outside_the_accepted_set_is_enum() -> None:
    accepted = {"$.status": {"open", "closed"}}
    assert kinds({"status": "open"}, {"status": "done"}, accepted=accepted) == ["enum"]


def test_another_accepted_value_is_content() -> None:
    accepted = {"$.status": {"open", "closed", "new"}}
    assert kinds({"status": "new"}, {"status": "open"}, accepted=accepted) == ["content"]


def test_accepted_values_of_list_elements_match_by_star() -> None:
    accepted = {"$.tags[*]": {"a", "b"}}
    assert kinds({"tags": ["a", "b"]}, {"tags": ["a", "c"]}, accepted=accepted) == ["enum"]


def test_the_answer_as_a_whole_can_be_categorical() -> None:
    assert kinds("ham", "Ham!", accepted={"$": {"ham", "spam"}}) == ["enum"]


def test_the_length_ratio_can_be_widened() -> None:
    before, after = "word " * 60, "word " * 100
    assert "length" in kinds(before, after)
    assert "length" not in kinds(before, after, length_ratio=1.0)


# --- replies --------------------------------------------------------------------------------


def test_a_reply_is_compared_with_a_text_by_what_it_says() -> None:
    assert kinds("Paris", Reply(text="Paris")) == ["identical"]


def test_spellings_of_one_finish_reason_are_no_drift() -> None:
    assert kinds(
        Reply(text="x", finish_reason="stop"), Reply(text="x", finish_reason="end_turn")
    ) == ["identical"]


@pytest.mark.parametrize("reason", ["length", "max_tokens", "MAX_TOKENS", "max_output_tokens"])
def test_the_token_limit_means_truncated(reason: str) -> None:
    found = kinds(Reply(text="x", finish_reason="stop"), Reply(text="x", finish_reason=reason))
    assert found == ["truncated", "finish_reason"]


def test_a_broken_stream_means_truncated() -> None:
    assert kinds(Reply(text="One. Two."), Reply(text="One.", complete=False)) == ["truncated"]


def test_a_refusal_field_means_refusal() -> None:
    assert kinds(Reply(text="Sure."), Reply(refusal="I can't.")) == ["refusal"]


def test_a_call_of_a_tool_instead_of_words_is_tools_and_not_empty() -> None:
    called = Reply(tools=[("find", {"q": "x"})])  # type: ignore[arg-type]
    assert kinds(Reply(text="Found it."), called) == ["tools"]


def test_reworded_free_text_in_an_argument_is_harmless() -> None:
    one = Reply(tools=[("mail", {"body": "Your order has shipped."})])  # type: ignore[arg-type]
    other = Reply(tools=[("mail", {"body": "Your order was shipped."})])  # type: ignore[arg-type]
    found = drifts(one, other)
    assert [(d.kind, d.severity) for d in found] == [("tools", "info")]


def test_unknown_usage_is_no_drift() -> None:
    assert kinds(Reply(text="x", usage=Usage(output_tokens=5)), Reply(text="x")) == ["identical"]


def test_an_unknown_price_is_no_drift() -> None:
    assert kinds("x", "x", cost_before=None, cost_after=9.0) == ["identical"]


# --- promises -------------------------------------------------------------------------------

texts = st.text(max_size=200) | st.sampled_from(
    [
        "",
        " ",
        "{",
        "[1,",
        '{"a": 1}',
        "```json\n[]\n```",
        "<a/>",
        "No.",
        "1,000",
        "I can't.",
        "\x00",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(values, values)
def test_any_two_values_have_findings_that_are_the_same_every_time(one: Any, other: Any) -> None:
    found = drifts(one, other)
    assert found
    assert repr(found) == repr(drifts(one, other))
    assert all(drift.kind in DEFAULT_SEVERITY for drift in found)


@settings(max_examples=100, deadline=None)
@given(values)
def test_a_value_read_back_from_json_is_identical(value: Any) -> None:
    copied = json.loads(json.dumps(value))
    assert [d.kind for d in drifts(value, copied)] == ["identical"]


@pytest.mark.parametrize(
    "value", [object(), b"\xff\xfe", {1, 2}, 1j, float("nan"), {1: "a"}, range(3), Ellipsis]
)
def test_values_that_are_no_json_do_not_raise(value: object) -> None:
    assert drifts(value, "x")
    assert drifts("x", value)
    assert drifts(value, value)


def nested(depth: int, leaf: object) -> object:
    value = leaf
    for _ in range(depth):
        value = {"a": [value]}
    return value


def test_deep_values_are_compared_to_the_bottom() -> None:
    found = drifts(nested(5_000, 1), nested(5_000, 2))
    assert [d.kind for d in found] == ["number"]


def test_deep_values_in_findings_stay_small() -> None:
    found = drifts({"a": nested(5_000, 1)}, {})
    assert all(len(repr(drift)) < 1_000 for drift in found)


def test_an_entity_bomb_is_not_expanded() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "' + "x" * 1000 + '">]><a>' + "&b;" * 1000 + "</a>"
    assert "unparseable" in kinds("<a>x</a>", bomb)


def test_long_texts_are_clipped_in_findings() -> None:
    found = drifts("a" * 50_000, "")
    assert len(found[0].before) < 3_000


def test_importing_the_package_loads_neither_rapidfuzz_nor_the_vocabularies() -> None:
    code = (
        "import sys, pytest_modelpin.compare; "
        "print([m for m in ('rapidfuzz', 'model2vec', 'pytest_modelpin.drift.text') "
        "if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_names_are_functions_whoever_imports_the_modules_first() -> None:
    code = (
        "import pytest_modelpin.drift.drift, pytest_modelpin.gate.evaluation\n"
        "from pytest_modelpin.compare import drifts, verdict, compare\n"
        "print(callable(drifts), callable(verdict), callable(compare))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["True", "True", "True"]
