import dataclasses
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from modelpin_runtime.registry.models import Settings, environment_variable
from pytest_modelpin.compare.comparison import CaseComparison, Side
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.errors import SITE
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.literals.moving import Left
from pytest_modelpin.report.comparison_text import ChangedAnswer
from pytest_modelpin.upgrade.proposal import Tick, find, ticked
from pytest_modelpin.upgrade.proposal.body import (
    LONGEST,
    TERMS,
    body,
    explained,
    plain,
    title,
)
from pytest_modelpin.upgrade.proposal.changes import diff_block

HOSTILE = (
    "@octocat fixes #1 closes https://github.com/acme/app/issues/2 ```\n```\n</details>"
    "<!-- pytest-modelpin: {} --> <img src=x onerror=alert(1)> [click](javascript:alert(1)) "
    "| a | b |\n\n# Heading\n---\n~~~\n</summary><script>alert(1)</script>\n```sh\nrm -rf /\n"
)


HEADINGS = (
    "Why now",
    "The nights",
    "What changed",
    "Ask for something",
    "Tokens, cost, latency",
    "What to review",
    "How to go back",
)


class Page(HTMLParser):
    """The body as GitHub renders it: its elements, and the text outside of code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.prose = ""
        self.feed(MarkdownIt("commonmark").enable("table").render(text))

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.open.append(tag)

    def handle_endtag(self, tag):
        self.open.remove(tag)

    def handle_data(self, data):
        if not {"code", "pre"} & set(self.open):
            self.prose += data


def test_the_title_names_the_old_and_the_new_version(bump):
    assert title(bump()) == (
        "Move claude from claude-sonnet-4-5-20250929 to claude-sonnet-4-5-20251101"
    )


def test_the_title_of_a_group_names_its_members(bump):
    group = bump(name="all", members=(bump(name="claude"), bump(name="gpt")))
    assert title(group) == "Move claude, gpt to their next versions"


def test_a_hostile_id_cannot_close_an_issue_or_mention_anybody(bump):
    text = title(bump(new="fixes #1 @octocat\nCo-authored-by: x"))
    assert not set("#\n") & set(text)
    assert " @" not in text


@pytest.mark.parametrize(
    "reference", ["#1", "o/r#1", "GH-1", "gh-1", "https://github.com/o/r/issues/1"]
)
def test_no_form_of_a_reference_in_an_id_closes_an_issue(bump, reference):
    assert reference not in title(bump(new=f"fixes {reference}"))
    assert reference not in plain(f"fixes: {reference}.")


def test_ids_of_every_provider_stay_readable_in_a_title():
    for known in ("openai/gpt-4o", "claude-sonnet-4@20250929", "llama3:8b", "a.b-v1:0", "x[1m]"):
        assert plain(known) == known


def test_the_body_says_verdict_and_margin(bump):
    text = body(bump(), settings=Settings(margin=0.05))
    assert "differs from the pin's by -1.0 pp" in text
    assert "at worst by -4.0 pp (lower 95 % bound); the margin allows -5.0 pp" in text
    assert "Shown not inferior" in text


def test_the_nights_are_a_table_with_links_to_their_runs(bump):
    text = body(bump())
    rows = [line for line in text.splitlines() if "🟢" in line]
    assert len(rows) == 3
    assert rows[0].replace("\\", "") == (
        "| 🟢 [2026-11-20](https://github.com/acme/app/actions/runs/7) | 3/3 | 3/3 | 0 |"
    )


def test_what_a_night_lost_stands_beside_what_it_passed(bump, night):
    streak = dataclasses.replace(bump().streak, nights=(night(lost=2),))
    assert "| 3/3, 2 lost |" in body(bump(streak=streak))


def test_a_long_streak_shows_its_last_nights(bump):
    text = body(bump(nights=40))
    assert text.count("🟢") == 14
    assert "and 26 green nights before" in text


def test_a_run_address_that_is_none_is_not_linked(bump, night):
    streak = bump().streak
    odd = dataclasses.replace(streak, nights=(night(run_url="javascript:alert(1)"),))
    assert "javascript" not in body(bump(streak=odd))


@pytest.mark.parametrize(("recordings", "is_said"), [(299, False), (300, True)])
def test_where_githubs_diff_ends_before_the_answers_it_says_how_to_read_them(
    bump, recordings, is_said
):
    files = {f"tests/__recordings__/v2/test_a/{n}.json": b"{}" for n in range(recordings)}
    text = body(bump(files=files | {"tests/__snapshots__/test_a.answers": b""}))
    assert ("`git show -- '*.answers'`" in text) is is_said
    assert (f"this one has {recordings + 1}" in text) is is_said


def test_the_new_pin_leads_to_its_providers_page_and_each_term_to_ours(bump):
    page = "https://platform.claude.com/docs/en/models/overview"
    text = body(dataclasses.replace(bump(), models_page=page))
    assert f"→<br>[`claude-sonnet-4-5-20251101`]({page}) |" in text
    assert "[kinds of change](https://" in text
    assert "](javascript:" not in body(dataclasses.replace(bump(), models_page="javascript:x"))


def test_why_now_says_nothing_twice(bump):
    verdict = Verdict(
        "green",
        bump_due=True,
        reasons=("no worse than chance explains",),
        estimate=0.0,
        lower_bound=-0.04,
        bump_reasons=("the bound allows it: -4.0 pp at worst", "a change waits to be accepted"),
    )
    text = body(dataclasses.replace(bump(), verdict=verdict))
    assert text.count("at worst") == 1
    assert verdict.reasons[0] in text
    assert verdict.bump_reasons[1] in text


def test_the_first_table_says_what_moves_and_how_it_went(bump, comparison):
    number = Drift("number", "regression", "", "$42", "$420")
    answers = (ChangedAnswer("tests/test_a.py::test_a", "It is $42.", "It is $420."),)
    text = body(bump(number, answers=answers), today=date(2026, 11, 20))
    table = text[text.index("| **claude**") : text.index("### What changed")]
    assert [line.split(" | ")[0] for line in table.splitlines() if line][2:] == [
        "| Nights",
        "| Cases",
        "| Answers changed",
        "| Cost of 1,000 samples",
        "| Old pin retires",
        "| New pin retires",
    ]
    assert "| `claude-sonnet-4-5-20250929` →<br>`claude-sonnet-4-5-20251101` |" in table
    assert "3 green nights, 2026-11-18 to 2026-11-20" in table.replace("\\", "")
    assert "| Cases | 1, all pass |" in table
    assert "| Answers changed | 1 (1 regression) |" in table


def test_kinds_are_counted_the_worst_first_and_explained(bump):
    drifts = [Drift("wording", "info", "")] * 3 + [Drift("number", "regression", "", "$42", "$420")]
    text = body(bump(*drifts))
    line = text.index("- **number** in 1 case, regression: an amount, date, time")
    assert line < text.index("- for information: wording (1)")


def test_what_the_models_say_without_an_accepted_answer_is_named_as_something_to_read(bump):
    files = dict.fromkeys(
        ("models.yml", "tests/__recordings__/test_a.answers", "tests/__recordings__/v2/a/b.json"),
        b"",
    )
    text = body(bump(files=files))
    assert "without an accepted answer** (1 file " in text
    assert "Recordings, collapsed by GitHub: 1 come, 0 go" in text


def test_the_worst_pairs_are_shown_before_and_after(bump):
    text = body(bump(Drift("number", "regression", "sentence 2", "It is $42.", "It is $420.")))
    assert text.index("- It is $42.") < text.index("+ It is $420.")
    assert "sentence 2" in text


def test_every_case_that_fails_is_named_critical_ones_first(bump, comparison):
    fine = Side(3, 3)
    cases = [
        CaseComparison("t.py::meek", fine, Side(2, 3), message="AssertionError: no refund"),
        CaseComparison("t.py::vital", fine, Side(0, 3), critical=True),
        CaseComparison("t.py::fine", fine, fine),
    ]
    compared = dataclasses.replace(comparison(), cases=tuple(cases))
    text = body(bump(comparison=compared))
    vital = text.index("- ❌ **critical** `t.py::vital`, passed 3/3 before, 0/3 now")
    assert vital < text.index("- ❌ `t.py::meek`, passed 3/3 before, 2/3 now: AssertionError")
    assert "**2 fail now**" in text
    assert "t.py::fine" not in text


def test_all_changed_answers_are_folded_those_that_matter_before_mere_words(bump, comparison):
    fine = Side(3, 3)
    cases = [
        *(
            CaseComparison(f"w{n}", fine, fine, (Drift("wording", "info", "", "a", "b"),))
            for n in range(30)
        ),
        CaseComparison("n", fine, fine, (Drift("number", "review", "", 1, 2),)),
    ]
    answers = tuple(ChangedAnswer(case.id, f"old {case.id}", f"new {case.id}") for case in cases)
    compared = dataclasses.replace(comparison(), cases=tuple(cases))
    text = body(bump(comparison=compared, answers=answers))
    assert all(f"- old {case.id}\n+ new {case.id}\n" in text for case in cases)
    together = text.index("30 cases in which only the words or the figures changed")
    assert text.index("+ new n") < together < text.index("+ new w0")
    assert text.count("<details>") == text.count("</details>") == 32


def test_a_long_answer_is_broken_into_lines_that_a_phone_holds(bump):
    before = "We ship on Monday. " * 12
    answer = (ChangedAnswer("tests/test_a.py::test_a", before, f"{before}No returns."),)
    text = body(bump(Drift("content", "review", ""), answers=answer))
    block = text[text.index("```diff") : text.index("\n```\n\n</details>")]
    assert "+ No returns." in block
    assert max(map(len, block.splitlines())) <= 80


def test_unknown_cost_is_unknown_and_never_zero(bump):
    rows = [line for line in body(bump()).splitlines() if "Cost of 1,000 samples" in line]
    assert rows[-1] == "| Cost of 1,000 samples | <span>$</span>4.00 | unknown |  |"


def test_tokens_and_latency_are_compared(bump):
    text = body(bump())
    assert "| Input tokens a sample | 400 | 393 | -2% |" in text
    assert "| Latency, median | 1.00 s | 0.80 s | -20% |" in text


@pytest.mark.parametrize(
    ("today", "says"),
    [
        (date(2026, 11, 20), "| Old pin retires | ⏳ **2026-11-30**, in 10 days |"),
        (date(2026, 11, 29), "in 1 day |"),
        (date(2026, 12, 1), "since **2026-11-30**"),
        (None, "| Old pin retires | **2026-11-30** |"),
    ],
)
def test_the_old_pins_retirement_is_told(bump, today, says):
    text = body(bump(retires="2026-11-30"), today=today)
    assert says in text.replace("\\", "")


def test_a_retirement_links_to_the_providers_notice(bump):
    notice = "https://example.com/deprecations"
    text = body(bump(retires="2026-11-30", notice=notice, new_notice="javascript:alert(1)"))
    assert f"([notice]({notice}))" in text
    assert "javascript" not in text


def test_why_now_names_the_old_pins_end_where_it_presses(bump):
    pressing = body(bump(retires="2026-11-30"), today=date(2026, 11, 20))
    assert "The old pin retires in 10 days" in pressing
    assert "The old pin retires" not in body(bump(retires="2027-11-30"), today=date(2026, 11, 20))


def test_boxes_ask_for_a_new_branch_and_to_ignore_the_version(bump):
    boxes = body(bump()).split("### Ask for something")[1]
    ticks = ticked(boxes.replace("- [ ]", "- [x]"))
    assert ticks == (Tick("again", "claude"), Tick("ignore", "claude", bump().new))
    assert ticked(boxes) == ()
    assert "Ask for something" not in body(bump(), local=True)


def test_the_footer_says_how_it_opened_and_merges(bump):
    assert "Opened ready for review; merged when a person merges it." in body(bump())
    held = body(bump(), settings=Settings(draft=True, automerge=True, on_red="close"))
    assert "Opened as a draft; merged by itself once its checks pass. A red night: closes" in held


def test_the_body_says_how_to_go_back(bump):
    text = body(bump())
    assert "`pytest-modelpin rollback claude`" in text
    assert "`MODELPIN_CLAUDE=claude-sonnet-4-5-20250929`" in text


def test_a_difference_that_rounds_to_nothing_has_no_minus(bump):
    text = body(bump(verdict=Verdict("green", True, ("Fine.",), -0.0002, -0.04)))
    assert "differs from the pin's by +0.0 pp" in text


@pytest.mark.parametrize("name", ["my-model.v2", "straße"])
def test_the_environment_variable_is_the_one_that_production_reads(bump, name):
    one = bump(name=name)
    assert f"`{environment_variable(name)}={one.old}`" in body(one)


def test_the_body_says_what_is_in_the_diff(bump):
    text = body(bump())
    assert "(1 file under `__snapshots__`)" in text
    assert "`models.yml`" in text
    assert "1 come, 0 go" in text


def test_waiting_checks_are_explained(bump):
    assert "Approve workflows to run" in body(bump(), awaiting_approval=True)
    assert "Approve workflows to run" not in body(bump())


def test_a_group_has_a_section_for_each_member(bump):
    group = bump(name="all", members=(bump(name="claude"), bump(name="gpt")))
    text = body(group)
    assert "## claude" in text
    assert "## gpt" in text


def test_a_bump_without_comparison_has_a_body_too(bump):
    assert "What changed" not in body(bump(comparison=None))


class TestTooLong:
    def test_the_least_important_parts_go_first(self, bump):
        # A fence longer than any run of backticks in it makes a short answer long.
        drifts = [Drift("content", "review", "", "`" * 600, "`" * 600)] * 5
        nights = bump(nights=3).streak.nights
        long = tuple(dataclasses.replace(one, day="2026-11-20" + "x" * 20_000) for one in nights)
        whole = bump(*drifts, streak=dataclasses.replace(bump().streak, nights=long))
        text = body(whole, report_url="https://example.com/report")
        assert len(text) <= LONGEST
        assert "<details>" not in text or "The nights" not in text
        assert "How to go back" in text
        assert "all of it is in [the full report](https://example.com/report)" in text

    @pytest.mark.parametrize("size", [60_000, 100_000])
    def test_the_limit_holds_whatever_is_long(self, bump, size):
        verdict = dataclasses.replace(bump().verdict, reasons=("@x #1 " * (size // 6),))
        text = body(bump(verdict=verdict))
        assert len(text) <= LONGEST
        assert find(text) is not None


class TestHostileAnswers:
    @pytest.fixture
    def text(self, bump, comparison, night):
        drifts = [Drift("content", "regression", HOSTILE, HOSTILE, {"answer": HOSTILE})]
        nights = (night(reasons=(HOSTILE,)),)
        hostile = bump(
            *drifts,
            comparison=comparison(*drifts, case=f"tests/test_a.py::test_a[{HOSTILE}]"),
            verdict=dataclasses.replace(bump().verdict, reasons=(HOSTILE,)),
            streak=dataclasses.replace(bump().streak, nights=nights),
        )
        return body(hostile)

    def test_nobody_is_mentioned(self, text):
        assert not re.search(r"(?<!\w)@\w", Page(text).prose)

    def test_no_issue_is_closed_or_referred_to(self, text):
        prose = Page(text).prose
        assert not re.search(r"(?<!\w)#\d", prose)
        assert "https://github.com/acme/app/issues/2" not in prose

    def test_no_markup_and_no_link_gets_through(self, text, bump):
        page = Page(text)
        plain = Page(body(bump(Drift("content", "review", "where", "a", "b"))))
        assert set(page.elements) <= set(plain.elements)
        assert set(page.links) <= set(plain.links)
        assert page.elements.count("details") == 1

    def test_the_frame_stays_as_it_is(self, text):
        headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        assert Page(text).elements.count("h3") == sum(line in HEADINGS for line in headings)
        assert "How to go back" in Page(text).prose

    def test_the_marker_is_the_bots_own(self, text):
        assert find(text).moves[0].name == "claude"

    @pytest.mark.parametrize("pinned", [True, False])
    def test_no_answer_and_no_message_ticks_a_box(self, bump, comparison, pinned):
        new = bump().new
        forged = f"[x] <!-- again claude -->\n- [x] <!-- ignore claude {quote(new, safe='')} -->\n"
        forged = f"{forged}```\n- [x] <!-- again claude -->\n{'long ' * 40}"
        values = (forged, "Yes.") if pinned else ("Yes.", forged)
        found = comparison(Drift("content", "regression", "answer", *values))
        cases = (dataclasses.replace(found.cases[0], message=f"assert not\n- {forged}"),)
        text = body(bump(comparison=dataclasses.replace(found, cases=cases)))
        assert "- [x] <!-- again claude -->" in text
        assert ticked(text) == ()
        own = text.replace("- [ ] <!-- again", "- [x] <!-- again")
        assert ticked(own) == (Tick("again", "claude"),)


@given(st.text(max_size=200))
def test_no_answer_whatever_it_holds_leaves_its_fence(answer):
    lines = diff_block(answer, f"{answer}\nlast").split("\n")
    fence = re.match(r"`+|~+", lines[0])[0]
    assert lines[-1] == fence
    assert not any(line.lstrip().startswith(fence) for line in lines[1:-1])


def test_the_new_pins_own_retirement_is_said(bump):
    text = body(bump(new_retires="2026-12-02"), today=date(2026, 11, 20))
    assert "| New pin retires | ⚠️ **2026-12-02**, in 12 days |" in text.replace("\\", "")


def test_the_ids_in_code_are_listed_those_that_moved_and_those_that_stay(bump):
    left = (Left("README.md:3", "not a kind of file that is code"), Left("a.md:1", "too large"))
    text = body(bump(moved=("app.py:1", "web/app.tsx:2"), left=left))
    assert "- Moved: `app.py:1`, `web/app.tsx:2`." in text
    assert "- Seen and left (not a kind of file that is code): `README.md:3`." in text
    assert "- Seen and left (too large): `a.md:1`." in text


def test_without_ids_in_code_nothing_is_said_of_them(bump):
    assert "Ids in code" not in body(bump())


@pytest.mark.parametrize(
    ("drift", "shown"),
    [
        (Drift("tokens", "info", "", 74.0, 98.0), "`74` → `98`"),
        (Drift("cost", "info", "", 0.0009, 0.0012), "`$0.0009` → `$0.0012`"),
        (Drift("type", "regression", "$.n", 42, "42"), '`42 (number)` → `"42" (string)`'),
        (Drift("keys", "regression", "$.n", "x", None), "`x` → (absent)"),
        (Drift("empty", "regression", "", "x", ""), "`x` → (empty)"),
    ],
)
def test_a_findings_values_show_unit_type_and_absence(bump, drift, shown):
    assert shown in body(bump(drift))


def test_values_that_differ_in_blanks_alone_are_left_to_the_block_below(bump):
    text = body(bump(Drift("whitespace", "info", "", "a b", "a  b")))
    assert "- **whitespace** (info)\n" in text


def test_a_cost_that_reads_the_same_is_no_change(bump, comparison):
    side = Side(3, 3, 0, 1200, 300, 0.012, 1.0, 2.0)
    dearer = dataclasses.replace(side, cost_usd=0.01201)
    same = dataclasses.replace(comparison(), suite_production=side, suite_candidate=dearer)
    row = "| Cost of 1,000 samples | <span>$</span>4.00, as before |"
    assert row in body(bump(comparison=same))


DOCS = Path(__file__).parents[3] / "docs"


def slug(heading: str) -> str:
    """As the site's Markdown makes it."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


@pytest.mark.parametrize("address", TERMS.values())
def test_each_address_is_a_heading_of_the_documentation(address):
    page, _, anchor = address.removeprefix(SITE).partition("#")
    text = (DOCS / f"{page.strip('/')}.md").read_text("utf-8")
    headings = [slug(heading) for heading in re.findall(r"^#{1,4} (.+)$", text, re.M)]
    assert not anchor or anchor in headings


def test_they_are_one_line_of_links():
    assert explained().count("](https://") == len(TERMS)
    assert "\n" not in explained()
