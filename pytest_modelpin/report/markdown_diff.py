"""What was and what is, in GitHub's Markdown: a finding in a line, both answers in a block."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from difflib import SequenceMatcher

from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.report.escape import code, fenced, markdown, one_line
from pytest_modelpin.report.findings import ABSENT, EMPTY, as_text, shown_pair
from pytest_modelpin.wording import clipped

_WIDTH = 72
"""Characters of a line of an answer; a phone's screen holds half of that, a desk's twice."""
QUOTE = 1_500
"""Characters of an answer that are shown."""
VALUE = 80
"""Characters of a value that is shown in a line."""
_NAME = 300
_FINDINGS = 8
_SHOWN = 3


def findings_list(drifts: Sequence[Drift]) -> str:
    """A list of the findings: kind, severity, place, samples, and both values where they are short.

    Two kinds may show the same pair of values, which a reader wants once. Empty for none.
    """
    lines, told = [], set()
    for drift in drifts[:_FINDINGS]:
        pair = _pair(drift)
        lines.append(_finding(drift, "" if pair in told else pair))
        told.add(pair)
    more = len(drifts) - _FINDINGS
    return "\n".join([*lines, *([f"- and {more} more"] if more > 0 else [])])


def long_values(drifts: Sequence[Drift]) -> list[tuple[str, str]]:
    """The pairs of values that a list of the findings has no room for."""
    return all_values([drift for drift in drifts if not _pair(drift)])


def all_values(drifts: Sequence[Drift]) -> list[tuple[str, str]]:
    """The first few pairs of values as texts, each once; none of which both are empty."""
    pairs = {(as_text(each.before), as_text(each.after)): None for each in drifts}
    return [pair for pair in pairs if pair != ("", "")][:_SHOWN]


def _finding(drift: Drift, pair: str) -> str:
    where = f" at {code(clipped(one_line(drift.where), _NAME))}" if drift.where else ""
    seen, of = drift.samples
    samples = f", in {seen} of {of} samples" if of > 1 else ""
    return f"- **{markdown(drift.kind)}** ({drift.severity}){where}{pair}{samples}"


def _pair(drift: Drift) -> str:
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
