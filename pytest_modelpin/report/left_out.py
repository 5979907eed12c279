"""Cases that were left out, told by reason: each reason once, its cases below it, and its cure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pytest_modelpin.compare.comparison import Comparison
from pytest_modelpin.compare.decide import left_out_reason
from pytest_modelpin.gate.verdict import Verdict, some
from pytest_modelpin.intercept.unseen.alarm import Alarm, remedy
from pytest_modelpin.report.ansi import wrapped
from pytest_modelpin.report.escape import terminal
from pytest_modelpin.wording import counted

OUTSIDE = "code outside of any test"
"""Stands in place of a case's id."""
MOST = 6
"""Cases of one reason that are named; the run report holds them all."""

# A run report holds each as a sentence, which `session.unseen` makes: its reader takes it apart.
_UNHEARD = re.compile(
    r"(?P<case>.+?) (?P<why>heard nothing fresh from .+, though its pin .+ is recorded)"
)
_ASKED = re.compile(
    r"(?P<case>.+?) (?P<why>asked (?:(?P<model>\S+), which models\.yml does not name, at )?"
    r"(?P<host>\S+)(?: \(.*?\))? through (?P<client>.+?), unseen(?: \(and \d+ more\))?)"
)
_OF_UNHEARD = (
    "a mock, a cache, a cassette or a skip answered in the candidate's place: have the test ask "
    "live when --model tries a candidate; where it needs no model any more, delete its file below "
    "__recordings__/"
)
_ALLOWED = (
    "where the call has nothing to do with the model that is tested, mark the test "
    '`@pytest.mark.modelpin(unseen="allow")`'
)


class Reason(NamedTuple):
    """Why some cases were left out, and what helps."""

    why: str
    """What they did, as the end of a sentence."""
    cure: str
    """Empty where none is known."""
    cases: Sequence[str]


def by_reason(sentences: Iterable[str]) -> list[Reason]:
    """The sentences, each of which begins with its case's id, grouped: the most cases first."""
    cases: dict[tuple[str, str], list[str]] = {}
    for sentence in sentences:
        case, why, cure = _told(sentence)
        cases.setdefault((why, cure), []).append(case)
    found = [Reason(why, cure, ids) for (why, cure), ids in cases.items()]
    return sorted(found, key=lambda reason: -len(reason.cases))


def left_out_lines(
    sentences: Iterable[str], columns: int | None = None, *, most: int = MOST
) -> list[str]:
    """A case a line below its reason, with the cure; one case and its reason share a line."""
    lines: list[str] = []
    for why, cure, cases in by_reason(sentences):
        if len(cases) == 1:
            lines += wrapped(terminal(f"{cases[0]} {why}".strip()), columns)
        else:
            lines += wrapped(terminal(f"{counted(len(cases), 'case')} {why}:"), columns)
            lines += [f"  {terminal(case)}" for case in cases[:most]]
            if len(cases) > most:
                lines.append(f"  and {len(cases) - most} more; the run report names them all")
        if cure:
            lines += wrapped(f"  what helps: {terminal(cure)}", columns)
    return lines


def told_reasons(verdict: Verdict, comparison: Comparison) -> tuple[str, ...]:
    """The verdict's reasons, for where each is a line of its own: one a cause of leaving out."""
    if not comparison.left_out:
        return verdict.reasons
    whole = left_out_reason(comparison)
    return tuple(
        line
        for why in verdict.reasons
        for line in (_as_sentences(comparison.left_out) if why == whole else (why,))
    )


def _as_sentences(sentences: Iterable[str]) -> Iterator[str]:
    for why, cure, cases in by_reason(sentences):
        said = (
            f"{counted(len(cases), 'case was', 'cases were')} left out: {some(tuple(cases), MOST)}"
        )
        helps = f"; what helps: {cure}" if cure else ""
        yield f"{said} {why}{helps}" if why else said


def _told(sentence: str) -> tuple[str, str, str]:
    """The case, what it did, and the cure."""
    if match := _UNHEARD.fullmatch(sentence):
        return match["case"], match["why"], _OF_UNHEARD
    if match := _ASKED.fullmatch(sentence):
        found = Alarm(match["host"], match["client"], model=match["model"] or "")
        cure = remedy(found)
        to_name = found.model or match["case"] == OUTSIDE
        return match["case"], match["why"], cure if to_name else f"{cure}; {_ALLOWED}"
    return sentence, "", ""
