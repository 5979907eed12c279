"""A comparison and its verdict as GitHub's Markdown: for a job summary or a pull request.

A finding takes a line, what was and what is a block of both answers.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from pytest_modelpin.compare.comparison import CaseComparison, Comparison
from pytest_modelpin.drift.drift import Drift, DriftKind, Severity
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.report.advice import told_reasons
from pytest_modelpin.report.escape import code, fenced, html, markdown, one_line, sentence
from pytest_modelpin.report.findings import (
    ABSENT,
    EMPTY,
    SEVERITIES,
    Row,
    as_text,
    broken_answers,
    category_rows,
    drifts_worst_first,
    fails,
    fails_as_before,
    figure_rows,
    shown_pair,
    worst_first,
)
from pytest_modelpin.wording import clipped, counted

SIGNS = {"green": "🟢", "red": "🔴", "inconclusive": "⚪"}

_MOST_PAIRS = 40
_OF_A_KIND = 3
"""Cases of one kind that are shown before there is one of each."""
_REASONS = 8
_WIDTH = 72
"""Characters of a line of an answer; a phone's screen holds half of that, a desk's twice."""
QUOTE = 1_500
"""Characters of an answer that are shown."""
VALUE = 80
"""Characters of a value that is shown in a line."""
_NAME = 300
_FINDINGS = 8
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of the report that stays or goes as a whole."""

    text: str
    importance: int
    """0 always stays; of the rest the highest number goes first."""
    named: str = ""
    """What to call it where it was left out."""


def comparison_markdown(comparison: Comparison, verdict: Verdict, *, limit: int = 60_000) -> str:
    """The verdict first, its reasons, the worst pairs of answers, then figures and drift by kind.

    At most `limit` characters: the least important parts go first, and the text says which. What
    models said is shown as text and acts on nothing.
    """
    suite = _table("Suite", "The suite's figures", figure_rows(comparison))
    categories = _table("Category", "Pass rates by category", category_rows(comparison))
    parts = [
        _Part(_verdict(comparison, verdict), 0),
        *(
            _Part(pair, 5 + n, "before and after")
            for n, pair in enumerate(answer_pairs(comparison))
        ),
        _Part(_more(comparison), 3, "how many cases more"),
        _Part(suite, 1, "the suite's figures"),
        _Part(_kinds(comparison), 2, "drift by kind"),
        _Part(categories, 4, "pass rates by category"),
        _Part(_notes(comparison), 3, "notes"),
    ]
    return _within(limit, [part for part in parts if part.text])


def answer_pairs(comparison: Comparison, *, most: int = _MOST_PAIRS) -> list[str]:
    """One foldable block a case, the worst case first: what drifted, before and after."""
    return [_pair(case) for case in _shown(comparison, most)]


def _shown(comparison: Comparison, most: int) -> list[CaseComparison]:
    """Some of each kind of change, so that the worst kind hides no other; the worst case first."""
    telling = [case for case in worst_first(comparison.cases) if _is_telling(case)]
    of_kind: Counter[str] = Counter()
    first: list[CaseComparison] = []
    rest: list[CaseComparison] = []
    for case in telling:
        kind = next((drift.kind for drift in drifts_worst_first(case)), "")
        of_kind[kind] += 1
        (first if of_kind[kind] <= _OF_A_KIND else rest).append(case)
    chosen = {case.id for case in [*first, *rest][:most]}
    return [case for case in telling if case.id in chosen]


def _more(comparison: Comparison) -> str:
    """How many cases, by their worst kind, no pair is shown of."""
    shown = {case.id for case in _shown(comparison, _MOST_PAIRS)}
    left = Counter(
        next((drift.kind for drift in drifts_worst_first(case)), "failing")
        for case in comparison.cases
        if _is_telling(case) and case.id not in shown
    )
    if not left:
        return ""
    kinds = ", ".join(f"{count} × {kind}" for kind, count in left.most_common())
    return f"… and {counted(left.total(), 'case')} more ({kinds}); the run's report shows them all."


def _verdict(comparison: Comparison, verdict: Verdict) -> str:
    before, after = comparison.production, comparison.candidate
    served = ", ".join(code(version) for version in after.served) or "an unknown version"
    reasons = told_reasons(verdict, comparison)
    lines = [
        f"**{SIGNS[verdict.colour]} {verdict.colour}**: {markdown(comparison.name)}, "
        f"{code(before.id)} → {code(after.id)} (served: {served})",
        "",
        *(f"- {sentence(reason)}" for reason in reasons[:_REASONS]),
    ]
    if len(reasons) > _REASONS:
        lines.append(f"- and {len(reasons) - _REASONS} more reasons")
    if verdict.bump_due:
        lines += ["", "**A bump is due.**"]
    return "\n".join(lines).rstrip()


def _table(title: str, folded: str, rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    lines = [f"| {title} | Pin | Now | |", "| :-- | --: | --: | --: |"]
    lines += [f"| {' | '.join(map(markdown, row))} |" for row in rows]
    return _folded(folded, lines)


def _folded(summary: str, lines: Sequence[str]) -> str:
    table = "\n".join(lines)
    return f"<details><summary>{html(summary)}</summary>\n\n{table}\n\n</details>"


def _kinds(comparison: Comparison) -> str:
    counts: Counter[tuple[DriftKind, Severity]] = Counter(
        found
        for case in comparison.cases
        for found in {(drift.kind, drift.severity) for drift in case.drifts}
    )
    if not counts:
        return f"No answer drifted in {counted(len(comparison.cases), 'case')}."
    kinds = sorted(
        {kind for kind, _ in counts},
        key=lambda kind: tuple(-counts[kind, severity] for severity in SEVERITIES),
    )
    lines = ["| Kind | Cases |", "| :-- | :-- |"]
    for kind in kinds:
        told = ", ".join(
            f"{counts[kind, each]} {each}" for each in SEVERITIES if counts[kind, each]
        )
        lines.append(f"| {kind} | {told} |")
    return _folded("Drift by kind", lines)


def _pair(case: CaseComparison) -> str:
    kinds = ", ".join(dict.fromkeys(drift.kind for drift in drifts_worst_first(case)))
    before = fails_as_before(case)
    state = "➖" if before else "❌" if case.broken or fails(case) else "✏️"
    marks = (", critical" if case.critical else "") + (", failing on the pin, too" * before)
    title = f"{state} <code>{html(clipped(one_line(case.id), 200))}</code>{marks}" + (
        kinds and f": {kinds}"
    )
    body = "\n\n".join(_inside(case))
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _inside(case: CaseComparison) -> Iterator[str]:
    drifts = findings(case)
    yield from what_happened(case, drifts)
    for values in _long_values(drifts):
        yield diff_block(*values)


def findings(case: CaseComparison) -> list[Drift]:
    """What changed in a case, the worst first."""
    return [drift for drift in drifts_worst_first(case) if drift.kind != "identical"]


def what_happened(case: CaseComparison, drifts: Sequence[Drift]) -> Iterator[str]:
    """How often a case passed, why it fails, and its findings: a paragraph each."""
    yield f"Passed {passed(case)}{broken_answers(case)}."
    if case.message:
        yield fenced(clipped(case.message, QUOTE))
    if drifts:
        yield findings_list(drifts)


def passed(case: CaseComparison) -> str:
    """How many of its samples passed: `5/5 before, 3/5 now`."""
    before, after = case.production, case.candidate
    return f"{before.passes}/{before.samples} before, {after.passes}/{after.samples} now"


def _is_telling(case: CaseComparison) -> bool:
    return case.broken or fails(case) or any(d.severity != "info" for d in case.drifts)


def _notes(comparison: Comparison) -> str:
    lines = [f"- {sentence(note)}" for note in (*comparison.notes, *comparison.standing)]
    for count, singular, plural, what in (
        (comparison.deselected, "test", "tests", "not selected"),
        (comparison.stale, "reply", "replies", "of the candidate replayed, not fetched"),
        (len(comparison.only_production), "case", "cases", "in production's run only"),
        (len(comparison.only_candidate), "case", "cases", "in the candidate's run only"),
    ):
        if count:
            lines.append(f"- {counted(count, singular, plural)} {what}")
    return "\n".join(lines)


def _within(limit: int, parts: list[_Part]) -> str:
    for kept_up_to in sorted({part.importance for part in parts}, reverse=True):
        text = _joined(parts, kept_up_to)
        if len(text) <= limit:
            return text
    return clipped(text, limit)


def _joined(parts: list[_Part], kept_up_to: int) -> str:
    kept = [part.text for part in parts if part.importance <= kept_up_to]
    left_out = Counter(part.named for part in parts if part.importance > kept_up_to)
    if left_out:
        named = ", ".join(f"{n} × {name}" if n > 1 else name for name, n in left_out.items())
        kept.append(f"_Left out for length: {named}. The report of the run holds everything._")
    return "\n\n".join(kept) + "\n"


def findings_list(drifts: Sequence[Drift]) -> str:
    """A list of the findings: kind, severity, place, samples, and both values where they are short.

    Two kinds may show the same pair of values, which a reader wants once. Empty for none.
    """
    lines, told = [], set()
    for drift in drifts[:_FINDINGS]:
        pair = _both_values(drift)
        lines.append(_finding(drift, "" if pair in told else pair))
        told.add(pair)
    more = len(drifts) - _FINDINGS
    return "\n".join([*lines, *([f"- and {more} more"] if more > 0 else [])])


def _long_values(drifts: Sequence[Drift]) -> list[tuple[str, str]]:
    """The pairs of values that a list of the findings has no room for."""
    return all_values([drift for drift in drifts if not _both_values(drift)])


def all_values(drifts: Sequence[Drift]) -> list[tuple[str, str]]:
    """The first few pairs of values as texts, each once; none of which both are empty."""
    pairs = {(as_text(each.before), as_text(each.after)): None for each in drifts}
    return [pair for pair in pairs if pair != ("", "")][:_SHOWN]


def _finding(drift: Drift, pair: str) -> str:
    where = f" at {code(clipped(one_line(drift.where), _NAME))}" if drift.where else ""
    seen, of = drift.samples
    samples = f", in {seen} of {of} samples" if of > 1 else ""
    return f"- **{markdown(drift.kind)}** ({drift.severity}){where}{pair}{samples}"


def _both_values(drift: Drift) -> str:
    before, after = (" ".join(value.split()) for value in shown_pair(drift))
    # Values that differ in blanks alone look alike in a line; the answers below show them.
    if max(len(before), len(after)) > VALUE or before == after:
        return ""
    return f": {_value(before)} → {_value(after)}"


def diff_block(before: str, after: str) -> str:
    """Both answers as one block that GitHub colours: `-` the pin's lines, `+` the new ones.

    Long lines are broken at sentences and words, so that a phone shows them whole.
    """
    old, new = _lines(clipped(before, QUOTE)), _lines(clipped(after, QUOTE))
    lines: list[str] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for what, i, j, k, m in matcher.get_opcodes():
        if what == "equal":
            lines += [f"  {line}" for line in old[i:j]]
        else:
            lines += [f"- {line}" for line in old[i:j]]
            lines += [f"+ {line}" for line in new[k:m]]
    return fenced("\n".join(lines), "diff")


def _value(shown: str) -> str:
    return shown if shown in (ABSENT, EMPTY) else code(shown)


def _lines(text: str) -> list[str]:
    return [piece for line in text.splitlines() for piece in _pieces(line)]


def _pieces(line: str) -> list[str]:
    if len(line) <= _WIDTH:
        return [line]
    return [
        piece
        for sentence in re.split(r"(?<=[.!?]) +", line)
        for piece in textwrap.wrap(sentence, _WIDTH, drop_whitespace=False, tabsize=4) or [""]
    ]
