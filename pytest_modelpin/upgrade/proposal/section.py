"""A pull request's text as sections, of which the least important make way for GitHub's limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_modelpin.report.escape import link
from pytest_modelpin.wording import counted

LONGEST = 65_536
"""Characters that GitHub takes in a body."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section: those of a higher number go first where the body is too long."""

    text: str
    dispensable: int = 0
    """0 always stays."""
    answer: bool = False
    """Whether it shows one case's answer; those that go are counted."""


def fit(sections: Sequence[Section], url: str | None) -> str:
    """The sections as one text; while it is too long, the most dispensable goes."""
    kept = [section for section in sections if section.text]
    where = link("the full report", url) or "the run report"
    note = f"_Shortened to GitHub's limit; all of it is in {where}._"
    size = sum(len(section.text) + 2 for section in kept)
    room = LONGEST - len(note) - 100
    gone = 0
    if size <= LONGEST:
        return _joined(kept)
    for section in sorted(kept, key=lambda section: -section.dispensable):
        if size <= room or not section.dispensable:
            break
        kept = [each for each in kept if each is not section]
        size -= len(section.text) + 2
        gone += section.answer
    if gone:
        note = f"_{counted(gone, 'more answer')} changed. {note[1:]}"
    text = _joined([*kept, Section(note)])
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST - len(note) - 2] + f"\n\n{note}"


def _joined(sections: Sequence[Section]) -> str:
    return "\n\n".join(section.text for section in sections)
