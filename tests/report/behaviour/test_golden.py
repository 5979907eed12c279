"""One comparison that holds every kind of drift, and what each format makes of it."""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import asdict
from typing import get_args

import golden
import pytest
from markdown_it import MarkdownIt

from pytest_modelpin.compare.comparison import CaseComparison, Comparison, Side
from pytest_modelpin.drift.drift import Drift, DriftKind
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.ledger import Streak
from pytest_modelpin.report.ansi import Palette
from pytest_modelpin.report.comparison_text import changed_answers, comparison_text
from pytest_modelpin.report.escape import slack
from pytest_modelpin.report.findings import MEANINGS, drifts_worst_first
from pytest_modelpin.report.markdown import comparison_markdown
from pytest_modelpin.report.page import comparison_page
from pytest_modelpin.results.report_file import read, write
from pytest_modelpin.upgrade.bump import Bump
from pytest_modelpin.upgrade.proposal.body import body

OF_SUITES = {"neighbours"}
"""Kinds that no two answers show by themselves: it takes all that a suite asked."""

KINDS = set(get_args(DriftKind)) - {"identical"} - OF_SUITES
HOSTILE = (
    "</script><img src=x onerror=alert(1)> @octocat closes #1 ```\n::set-output name=x::y\n"
    "\x1b[2J\u202e <!channel> | a | b |\n</details>"
)


@pytest.fixture(scope="module")
def found() -> Comparison:
    return golden.comparison()


def bump_of(comparison: Comparison, verdict: Verdict) -> Bump:
    answers = changed_answers(comparison, *golden.runs())
    streak = Streak(golden.NAME, golden.NEXT, "golden")
    return Bump(golden.NAME, golden.PIN, golden.NEXT, {}, streak, verdict, comparison,
                answers=answers)  # fmt: skip


def hostile() -> tuple[Comparison, Verdict]:
    """The same shape, with everything that a model, a test or a name can say being hostile."""
    asked = golden.comparison()
    cases = tuple(
        CaseComparison(
            f"{HOSTILE}{n}",
            case.production,
            dataclasses.replace(case.candidate, passes=0),
            tuple(
                Drift(drift.kind, drift.severity, HOSTILE, HOSTILE, f"{HOSTILE}!", drift.samples)
                for drift in case.drifts
            ),
            category=HOSTILE,
            broken=True,
            message=HOSTILE,
        )
        for n, case in enumerate(asked.cases)
    )
    made = dataclasses.replace(asked, name=HOSTILE, cases=cases, notes=(HOSTILE,))
    return made, Verdict("red", reasons=(HOSTILE,))


def test_it_holds_every_kind(found: Comparison) -> None:
    assert {drift.kind for case in found.cases for drift in case.drifts} == KINDS
    assert set(MEANINGS) == KINDS | {"identical"} | OF_SUITES


def test_the_terminal_names_every_kind(found: Comparison) -> None:
    text = comparison_text(found, golden.VERDICT, columns=80)
    assert {kind for kind in KINDS if re.search(rf"^  \w+ +{kind}\b", text, re.M)} == KINDS
    assert "(number)" in text
    assert "(absent)" in text
    assert "(empty)" in text
    assert max(map(len, text.splitlines())) <= 80


def test_no_finding_is_told_twice(found: Comparison) -> None:
    told = [
        [(drift.kind, drift.where) for drift in drifts_worst_first(case)] for case in found.cases
    ]
    assert [each for each in told if len(each) != len(set(each))] == []
    # What a reply broke off in is told all the same where no answer tells it.
    alone = CaseComparison(
        "a", Side(1, 1), Side(1, 1), (Drift("truncated", "regression", "", watched=True),)
    )
    assert [drift.kind for drift in drifts_worst_first(alone)] == ["truncated"]


def test_markdown_names_every_kind(found: Comparison) -> None:
    text = comparison_markdown(found, golden.VERDICT)
    assert {kind for kind in KINDS if f"| {kind} |" in text} == KINDS


def test_the_page_names_every_kind(found: Comparison) -> None:
    page = comparison_page(found, golden.VERDICT, *golden.runs(), golden.context())
    index = json.loads(re.search(r'id="index">(.*?)</script>', page, re.S)[1])  # type: ignore[index]
    assert {kind for case in index for kind, _ in case["kinds"]} == KINDS


def test_the_pull_request_names_every_kind_and_shows_every_changed_answer(
    found: Comparison,
) -> None:
    bump = bump_of(found, golden.VERDICT)
    text = body(bump)
    named = text.replace("\\", "")
    assert {kind for kind in KINDS if f"**{kind}** in" in named or f"{kind} (" in named} == KINDS
    assert len(bump.answers) > 10
    for answer in bump.answers:
        assert f"<code>{answer.case}</code>" in text


def test_json_holds_every_kind(found: Comparison) -> None:
    cases = json.loads(json.dumps(asdict(found), default=str))["cases"]
    assert {drift["kind"] for case in cases for drift in case["drifts"]} == KINDS


def test_the_run_reports_come_back_as_they_were(tmp_path) -> None:
    for run in golden.runs():
        write(run, tmp_path / "run.json")
        assert read(tmp_path / "run.json") == run


def test_hostile_answers_are_inert_in_a_terminal() -> None:
    for palette in (Palette(), Palette(on=True)):
        text = comparison_text(*hostile(), palette, 80)
        assert "\x1b[2J" not in text
        assert "\u202e" not in text
        assert not re.search(r"^\s*::", text, re.M)


@pytest.mark.parametrize("of", [comparison_markdown, lambda *made: body(bump_of(*made))])
def test_hostile_answers_are_inert_in_markdown(of) -> None:
    text = of(*hostile())
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    outside = re.sub(r"<(pre|code)[ >].*?</\1>", "", html, flags=re.S)
    assert "<img" not in html
    assert "<script" not in html
    assert not re.search(r"(?<![\w`])@octocat", outside)
    assert not re.search(r"closes #1", outside)
    assert html.count("<details") == html.count("</details>")
    assert "\u202e" not in text


def test_hostile_answers_are_inert_in_the_page(open_page) -> None:
    made, verdict = hostile()
    page = open_page(comparison_page(made, verdict, *golden.runs(), golden.context()))
    page.locator(".inside").first.wait_for()
    assert page.locator("img").count() == 0
    assert page.evaluate("document.querySelectorAll('script').length") == 3


def test_hostile_answers_are_inert_in_slack() -> None:
    assert "<" not in slack(HOSTILE).replace("&lt;", "")
    assert not re.search(r"@octocat", slack(HOSTILE))
