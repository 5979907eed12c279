from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pytest_modelpin.compare import Drift, Verdict
from pytest_modelpin.compare.comparison import CaseComparison, Comparison
from pytest_modelpin.report.markdown import answer_pairs, comparison_markdown

Compared = Callable[..., Comparison]
MakeCase = Callable[..., CaseComparison]

RED = Verdict("red", reasons=("test_refund is worse beyond chance", "and so is the suite"))
NUMBER = Drift("number", "regression", "sentence 2", "It costs $42.", "It costs $420.")
WORDING = Drift("wording", "info", "", "Hello", "Hi")
HOSTILE = "@octocat closes #12 ```\n</details><script>alert(1)</script> https://evil.example\u202e"


def test_the_verdict_comes_first_with_its_reasons(compared: Compared) -> None:
    lines = comparison_markdown(compared(), RED).splitlines()
    assert lines[0] == "**🔴 red**: claude, `claude-a` → `claude-b` (served: `claude-b-1`)"
    assert lines[2:4] == ["- test\\_refund is worse beyond chance", "- and so is the suite"]


def test_figures_of_both_sides_stand_with_their_change(compared: Compared) -> None:
    text = comparison_markdown(compared(), RED)
    assert "| Tests passed | 297 of 300 \\(99.0%\\) | 290 of 300 \\(96.7%\\) | -2.3 pp |" in text
    assert "| Output tokens a sample | 100 | 120 | +20% |" in text
    assert "| Latency, median | 1.25 s | 1.00 s | -20% |" in text
    assert "| billing | 3 of 3 \\(100.0%\\) | 2 of 3 \\(66.7%\\) | -33.3 pp |" in text


def test_an_unknown_cost_is_unknown_and_not_nothing(compared: Compared) -> None:
    row = next(line for line in comparison_markdown(compared(), RED).splitlines() if "Cost" in line)
    assert row == "| Cost of 1,000 samples | <span>$</span>1.20 | unknown |  |"


def test_drift_is_counted_by_kind_in_cases(compared: Compared, case: MakeCase) -> None:
    text = comparison_markdown(
        compared(case("a", WORDING, WORDING), case("b", WORDING), case("c", NUMBER)), RED
    )
    assert text.index("| number | 1 regression |") < text.index("| wording | 2 info |")


def test_a_suite_without_drift_says_so(compared: Compared, case: MakeCase) -> None:
    assert "No answer drifted in 1 case." in comparison_markdown(compared(case("a")), RED)


def test_pairs_show_the_worst_case_first_and_no_mere_wording(
    compared: Compared, case: MakeCase
) -> None:
    broken = case("test_broken", passes=1, broken=True, message="AssertionError: no total")
    pairs = answer_pairs(compared(case("test_wording", WORDING), case("test_sum", NUMBER), broken))
    titles = [pair.split("</summary>")[0] for pair in pairs]
    assert titles == [
        "<details><summary>❌ <code>test_broken</code>",
        "<details><summary>✏️ <code>test_sum</code>: number",
    ]
    assert "```\nAssertionError: no total\n```" in pairs[0]
    assert (
        "- **number** (regression) at `sentence 2`: `It costs $42.` → `It costs $420.`" in pairs[1]
    )


def test_types_and_absence_are_visible_and_long_answers_are_a_coloured_block(
    compared: Compared, case: MakeCase
) -> None:
    drifts = (
        Drift("type", "regression", "$.a", 42, "42", (4, 4)),
        Drift("keys", "regression", "$.b", True, None),
        Drift("content", "review", "", f"It is so. {'x' * 80}", f"No. {'x' * 80}"),
    )
    (pair,) = answer_pairs(compared(case("test_a", *drifts)))
    assert '`42 (number)` → `"42" (string)`, in 4 of 4 samples' in pair
    assert "`true` → (absent)" in pair
    assert f"```diff\n- It is so.\n+ No.\n  {'x' * 72}\n  {'x' * 8}\n```" in pair


def test_two_kinds_with_the_same_answers_show_them_once(case: MakeCase, compared: Compared) -> None:
    negation = Drift("negation", "regression", "", "Yes.", "No.")
    content = Drift("content", "review", "", "Yes.", "No.")
    (pair,) = answer_pairs(compared(case("test_a", content, negation)))
    assert pair.count("Yes.") == 1
    assert "**negation**" in pair
    assert "negation, content</summary>" in pair


def test_some_of_each_kind_are_shown_and_the_rest_is_counted(
    compared: Compared, case: MakeCase
) -> None:
    enum = Drift("enum", "review", "", "open", "shut")
    cases = [case(f"test_n{n:02}", NUMBER) for n in range(60)]
    cases += [case(f"test_e{n:02}", enum) for n in range(4)]
    pairs = answer_pairs(compared(*cases), most=40)
    assert len(pairs) == 40
    assert sum("test_e" in pair for pair in pairs) == 3
    assert "… and 24 cases more (23 × number, 1 × enum)" in comparison_markdown(
        compared(*cases), RED
    )


@pytest.mark.parametrize("limit", [400, 2_000, 10_000, 60_000])
def test_it_stays_within_the_limit_and_says_what_is_missing(
    compared: Compared, case: MakeCase, limit: int
) -> None:
    long = Drift("content", "review", "", "a " * 800, "b " * 800)
    comparison = compared(*(case(f"test_{n}", long) for n in range(60)))
    text = comparison_markdown(comparison, RED, limit=limit)
    assert len(text) <= limit
    assert text.startswith("**🔴 red**")
    assert "Left out for length: " in text


def test_least_important_parts_go_first(compared: Compared, case: MakeCase) -> None:
    long = Drift("content", "review", "", "a " * 800, "b " * 800)
    comparison = compared(case("test_1", long), case("test_2", long), notes=("odd",))
    text = comparison_markdown(comparison, RED, limit=5_000)
    assert "test_1</code>" in text
    assert "test_2</code>" not in text
    assert "- odd" in text
    assert "_Left out for length: before and after." in text


def test_what_was_not_compared_is_noted(compared: Compared) -> None:
    text = comparison_markdown(compared(deselected=3, only_candidate=("x",), stale=2), RED)
    assert "- 3 tests not selected" in text
    assert "- 2 replies of the candidate replayed, not fetched" in text
    assert "- 1 case in the candidate's run only" in text


def pieces(text: str) -> list[tuple[str, str]]:
    """What a Markdown parser finds in the text: pairs of a piece's type and content."""
    parsed = MarkdownIt("commonmark").enable("table").parse(text)
    return [
        (piece.type, piece.content)
        for block in parsed
        for piece in (block.children if block.type == "inline" and block.children else [block])
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@example(HOSTILE)
@example("\n\n# said\n\n")
@given(st.text())
def test_nothing_a_model_says_acts(compared: Compared, case: MakeCase, said: str) -> None:
    drift: Any = Drift("content", "review", said, {"a": said}, said)
    hostile = case(said or "x", drift, passes=1, message=said)
    comparison = compared(hostile, notes=(said,), categories={said: (hostile.production,) * 2})
    text = comparison_markdown(comparison, Verdict("red", reasons=(said,)))
    found = pieces(text)
    assert not {"link_open", "image", "heading_open", "em_close"} & {kind for kind, _ in found}
    for kind, content in found:
        if kind.startswith("html"):
            summary = re.fullmatch(
                r"<details><summary>.. ?<code>[^<]*</code>[^<]*</summary>\n?", content
            )
            ours = content.strip() in (
                "</details>",
                "<span>",
                "</span>",
                "<details><summary>The suite&#x27;s figures</summary>",
                "<details><summary>Pass rates by category</summary>",
                "<details><summary>Drift by kind</summary>",
            )
            assert summary or ours
        elif kind == "text":
            assert not re.search(r"@\w|#\d|\bgh-\d|://", content, re.IGNORECASE)
    assert "\u202e" not in text
