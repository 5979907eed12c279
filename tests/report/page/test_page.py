from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pytest_modelpin.compare import Drift, Verdict
from pytest_modelpin.compare.comparison import CaseComparison, Comparison
from pytest_modelpin.compare.figures import ProfileRow
from pytest_modelpin.ledger import Night
from pytest_modelpin.providers.wire import Reply
from pytest_modelpin.report.page import PageContext, comparison_page
from pytest_modelpin.results.case import Answer, Call, Case, Sample
from pytest_modelpin.results.run import Run

Compared = Callable[..., Comparison]
MakeCase = Callable[..., CaseComparison]

RED = Verdict("red", reasons=("test_refund is worse beyond chance",))
NUMBER = Drift("number", "regression", "$.total", 42, 420)
WORDING = Drift("wording", "info", "", "Hello", "Hi")


class Page(HTMLParser):
    """The elements of a page with their attributes, and each script's and style's content."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, list[str]] = {}
        self._open = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = tag

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        self.text.setdefault(self._open, []).append(data)

    @property
    def cases(self) -> list[dict[str, Any]]:
        """The index, with each case's details from its chunk."""
        found: list[dict[str, Any]] = json.loads(self.text["script"][0])
        chunks = [text for text in self.text["script"][1:-1] if text.strip()]
        details = [
            each
            for chunk in chunks
            for each in json.loads(zlib.decompress(base64.b64decode(chunk)))
        ]
        return [{**entry, **detail} for entry, detail in zip(found, details, strict=True)]


EMPTY = Run(selection={}, cases=())


def comparison_html(comparison: Comparison, verdict: Verdict, *runs: Run, **context: Any) -> str:
    production, candidate = runs or (EMPTY, EMPTY)
    return comparison_page(comparison, verdict, production, candidate, PageContext(**context))


def test_verdict_reasons_and_figures_stand_in_the_page_itself(compared: Compared) -> None:
    page = comparison_html(compared(), RED)
    assert '<section class="verdict red"' in page
    assert "<li>test_refund is worse beyond chance</li>" in page
    assert "<td>297 of 300 (99.0%)</td><td>290 of 300 (96.7%)</td><td>-2.3 pp</td>" in page
    assert (
        '<th scope="row">Cost of 1,000 samples</th><td>$1.20</td><td>unknown</td><td></td>' in page
    )


def test_nothing_outside_the_file_is_asked_for(compared: Compared, case: MakeCase) -> None:
    page = Page(comparison_html(compared(case("a", NUMBER)), RED))
    assert {tag for tag, _ in page.elements}.isdisjoint({"link", "img", "iframe", "object"})
    assert [attrs["href"] for tag, attrs in page.elements if tag == "a"] == ["#cases"]
    assert not any({"src", "style", "onclick"} & attrs.keys() for _, attrs in page.elements)
    assert not re.search(r"url\(|@import", "".join(page.text["style"]))


def test_the_policy_lets_in_this_style_and_script_alone(compared: Compared) -> None:
    page = Page(comparison_html(compared(), RED))
    policy = next(attrs["content"] for tag, attrs in page.elements if "http-equiv" in attrs)
    digests = {
        base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        for content in (page.text["style"][0], page.text["script"][-1])
    }
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == digests


def test_the_worst_cases_come_first_and_quiet_ones_last(compared: Compared, case: MakeCase) -> None:
    page = Page(
        comparison_html(
            compared(
                case("a_quiet"),
                case("b_wording", WORDING),
                case("c_number", WORDING, NUMBER),
                case("d_critical", NUMBER, passes=2, critical=True),
                case("e_broken", passes=0, broken=True),
            ),
            RED,
        )
    )
    names = ["e_broken", "d_critical", "c_number", "b_wording", "a_quiet"]
    assert [found["id"] for found in page.cases] == names
    assert [drift["kind"] for drift in page.cases[2]["drifts"]] == ["number", "wording"]


def test_a_case_carries_both_sides(compared: Compared, case: MakeCase) -> None:
    changed = Drift("keys", "regression", "$", {"a": 1}, None)
    (found,) = Page(comparison_html(compared(case("a", changed, passes=2)), RED)).cases
    assert found["before"] == [3, 3]
    assert found["after"] == [2, 3]
    assert found["drifts"][0] == {
        "kind": "keys",
        "severity": "regression",
        "where": "$",
        "before": {"a": 1},
    }


@pytest.mark.long
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text())
@example("`0`")
@example("</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)> \u202e\x1b")
def test_nothing_a_model_says_becomes_part_of_the_page(
    compared: Compared, case: MakeCase, said: str
) -> None:
    plain = Page(comparison_html(compared(case("a", WORDING, category="a"), notes=("a",)), RED))
    drift = Drift("wording", "info", said, said, {said: said})
    hostile = comparison_html(
        compared(case(said, drift, message=said, category=said or "a"), notes=(said,)),
        Verdict("red", reasons=(said,)),
    )
    page = Page(hostile)
    # A sentence's backticks make code of what is between them, which does nothing.
    made, expected = (
        [(tag, set(attrs)) for tag, attrs in each.elements if tag != "code"]
        for each in (page, plain)
    )
    assert made == expected
    assert all(not attrs for tag, attrs in page.elements if tag == "code")
    assert len(page.cases) == 1
    assert "\u202e" not in hostile
    assert "\x1b" not in hostile


def test_a_case_shows_its_question_every_sample_and_the_command(
    compared: Compared, case: MakeCase
) -> None:
    def ran(*outcomes: Any, says: str) -> Run:
        body = {"messages": [{"role": "user", "content": "How much?"}], "tools": [{"name": "pay"}]}
        samples = tuple(
            Sample(
                outcome,
                calls=(Call("claude", Reply(text=says), True, 0.5, "f1"),),
                answers=(Answer("t", None, {"cost": says}),),
            )
            for outcome in outcomes
        )
        return Run(selection={}, cases=(Case("t.py::test_a", samples, questions={"f1": body}),))

    runs = ran("passed", says="$42"), ran("passed", "failed", says="$420")
    (found,) = Page(comparison_html(compared(case("t.py::test_a", NUMBER)), RED, *runs)).cases
    assert found["question"]["messages"] == [{"role": "user", "text": "How much?"}]
    assert found["question"]["tools"] == ['{\n  "name": "pay"\n}']
    assert [sample["outcome"] for sample in found["candidate"]] == ["passed", "failed"]
    assert found["pin"][0]["answers"] == [{"name": "t", "value": {"cost": "$42"}}]
    assert found["pin"][0]["replies"] == [{"text": "$42", "tools": []}]
    assert found["shown"] == 1
    assert found["command"] == "pytest t.py::test_a --model claude=claude-b"


def test_the_head_shows_nights_margin_and_retirements(compared: Compared) -> None:
    first = Night(
        "2026-11-01", "claude", "claude-a", "v1", "v1", "", "green", estimate=0.0,
        lower_bound=-0.04, cost_usd=0.5, latency=1.0, tokens=100, run_url="https://github.com/x",
    )  # fmt: skip
    last = replace(
        first, day="2026-11-02", colour="red", estimate=-0.3, lower_bound=-0.4, cost_usd=0.6,
        latency=1.1, tokens=110, run_url="javascript:alert(1)",
    )  # fmt: skip
    nights = [first, last]
    page = comparison_html(
        compared(), RED, nights=nights, margin=0.1, retirements=["claude-a retires on 2027-01-14."]
    )
    assert "claude-a retires on 2027-01-14." in page
    assert page.count('<a href="https://github.com/x"') == 1
    assert "javascript:" not in page
    assert "2026-11-02: -30.0 pp, at least -40.0 pp" in page
    assert "−10 pp" in page
    assert "$0.60" in page


def test_cases_with_the_same_change_are_alike(compared: Compared, case: MakeCase) -> None:
    page = Page(
        comparison_html(compared(case("a", NUMBER), case("b", NUMBER), case("c", WORDING)), RED)
    )
    a, b, c = (found["alike"] for found in page.cases)
    assert a == b != c


def test_what_was_confirmed_held_and_accepted_is_said(compared: Compared, case: MakeCase) -> None:
    fresh = {"t.py::a": (8, 8, 0, 8), "t.py::<i>": (8, 8, 8, 8)}
    context = PageContext(fresh=fresh, held=("t.py::<b>",), accepted=("*",))
    html = comparison_page(compared(case("t.py::a")), RED, Run({}, ()), Run({}, ()), context)
    asked = '<a href="#case=t.py%3A%3Aa">t.py::a</a> <span class="nobr">pin 8 of 8</span>, '
    assert f'{asked}<span class="nobr">candidate 0 of 8</span>' in html
    assert '<a href="#case=t.py%3A%3A%3Ci%3E">t.py::&lt;i&gt;</a>' in html
    assert "held until a person accepts it:</strong> <code>t.py::&lt;b&gt;</code>" in html
    assert "Accepted by a person: every change of this version" in html


def test_the_profile_shows_what_is_beyond_chance_first(compared: Compared, case: MakeCase) -> None:
    rows = (
        ProfileRow("bullets", 40, 0.1, 0.12, 0.02, 0.05, 0.4),
        ProfileRow("length", 40, 200.0, 300.0, 0.5, 0.1, 1e-6),
    )
    html = comparison_page(
        compared(case("a"), profile=rows), RED, Run({}, ()), Run({}, ()), PageContext()
    )
    length = html.index("length (beyond chance)</th><td>200</td><td>300</td><td>+50%</td><td>± 10%")
    assert length < html.index("bullets</th><td>10%</td><td>12%</td><td>+2 points</td>")
    assert '<span class="quiet">beyond chance: length +50%</span>' in html


def test_a_bump_that_is_due_leads_to_its_pull_request(compared: Compared) -> None:
    url = "https://github.com/acme/app/pulls?q=is%3Apr"
    due = Verdict("green", bump_due=True)
    link = f'<a class="button" href="{url}">Open the pull request</a>'
    assert link in comparison_html(compared(), due, pulls_url=url)
    assert link not in comparison_html(compared(), RED, pulls_url=url)
    assert link not in comparison_html(compared(), due, pulls_url=url, not_proposed="it floats")
    assert "Open the pull" not in comparison_html(compared(), due, pulls_url="javascript:alert(1)")


def test_what_only_the_gate_counts_as_failing_is_told_beside_what_fails(
    compared: Compared, case: MakeCase
) -> None:
    cases = (case("a", passes=2), case("b", NUMBER, drifted_samples=3), case("c"))
    page = comparison_html(compared(*cases), RED)
    note = "1 more changes what the pin always says"
    assert f"<dd>1 of 3 <small>{note}</small></dd>" in page
    assert "more change" not in comparison_html(compared(case("a", passes=2)), RED)


def test_a_case_that_was_left_out_is_said_to_be(compared: Compared, case: MakeCase) -> None:
    html = comparison_page(compared(case("a", left_out=True)), RED, Run({}, ()), Run({}, ()))
    assert Page(html).cases[0]["outcome"] == "left out"
    assert '<option value="left out">left out</option>' in html
