"""What a reader can do: after a night, and about cases that were left out.

After a night it is a sentence or two with commands between backticks; `options` are what these need
here, such as ` --ledger=DIR`. Cases that were left out are told by reason: each reason once, its
cases below it, and its cure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pytest_modelpin.compare.case_comparison import CaseComparison
from pytest_modelpin.compare.comparable import changes_by_itself
from pytest_modelpin.compare.comparison import Comparison
from pytest_modelpin.compare.decide import left_out_reason, served_version
from pytest_modelpin.gate.evaluation import LOST_SHARE
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.report.ansi import wrapped
from pytest_modelpin.report.escape import terminal
from pytest_modelpin.report.findings import fails
from pytest_modelpin.results.case import LeftOut
from pytest_modelpin.wording import counted, plural, some

_TESTS = re.compile(r" --tests=(?:'[^']*'|\S+)")


def after_red(comparison: Comparison, options: str = "") -> str:
    """Nothing moves; a person may still want the change."""
    name = comparison.name
    if own := [case.id for case in comparison.cases if case.accepted and fails(case)]:
        return (
            f"{some(own, 2)} {plural(len(own), 'fails by its', 'fail by their')} own asserts, "
            "which nothing that is accepted changes: mend the test or the prompt, or put the "
            "version on `ignore:` in models.yml."
        )
    return (
        f"Nothing moves by itself. Read what changed, accept or reject it: {_review(name, options)}"
        "; what you will never take goes on `ignore:` in models.yml."
    )


def after_waiting(name: str, options: str = "", *, held: bool) -> str:
    """A green night that is not enough yet; `held` where a change waits for a person."""
    review = _review(name, options)
    if held:
        return f"Read what changed, accept or reject it: {review}. The next night asks again."
    return f"Nothing to do: the next night asks again. What changed so far: {review}."


def after_inconclusive(verdict: Verdict, comparison: Comparison, options: str = "") -> str:
    """What would let a night decide, by what kept this one from it: the first cause there is."""
    name = comparison.name
    again = _night(name, options)
    lost = [case for case in comparison.cases if case.lost]
    if comparison.left_out or comparison.unseen:
        return (
            "No night decides while cases are left out: have their tests ask where it is seen, as "
            f"the reasons say, then {again}."
        )
    if lost and not comparison.called:
        return _against_losses(lost, name, options)
    if comparison.refused and not lost:
        asked = comparison.candidate.id
        return (
            f"Have the tests ask {asked} for what it takes, as its answer says, or name another "
            f"candidate in models.yml; then {again}. No night decides until then."
        )
    if comparison.deselected:
        whole = _night(name, _TESTS.sub("", options))
        return (
            "Play the whole suite, without -k, -m, node ids and paths that leave tests out "
            f"(`--tests`, `addopts`): {whole}."
        )
    if changing := [case for case in comparison.only_candidate if changes_by_itself(case)]:
        return (
            f"Give the parameters of {some(changing, 2)} ids that stay from run to run, or record "
            f"the pin as it is asked now, `pytest-modelpin record`; then {again}."
        )
    if comparison.only_candidate or comparison.unrecorded:
        return f"Record the pin as it is asked now, `pytest-modelpin record`, then {again}."
    if len(lost) > LOST_SHARE * len(comparison.cases):
        return _against_losses(lost, name, options)
    if verdict.flagged or verdict.more_samples:
        return (
            f"Read what looks worse with {_review(name, options)}. The next night asks it again, "
            f"or {again} does now."
        )
    if comparison.called and served_version(comparison.candidate)[1]:
        return (
            f"Set {name}'s `staging:` in models.yml to an id that names one version; "
            "`pytest-modelpin resolve` finds it."
        )
    if skipped := [case.id for case in comparison.cases if case.skipped_samples]:
        return f"Have {some(skipped, 2)} assert what they skip for, then {again}."
    if refused := [case.id for case in comparison.cases if case.refused_samples]:
        return (
            f"Have {some(refused, 2)} ask the candidate for what it takes, or accept that it "
            f"refuses, `pytest-modelpin accept {name}`, then {again}."
        )
    if comparison.faults or comparison.failed_over_others:
        return f"Put right what the reasons name, then {again}."
    return f"Nothing to press: the next night asks again, or {again} does now."


def after_not_run(name: str, options: str) -> str:
    """A night whose suite could not be run."""
    return (
        f"Put right what the reason names, then {_night(name, options)}: it replaces today's night."
    )


def _against_losses(lost: Sequence[CaseComparison], name: str, options: str) -> str:
    again = _night(name, options)
    match lost[0].lost_to:
        case "budget" | "time" as cause:
            key = "budget_usd" if cause == "budget" else "night_minutes"
            return f"Raise `{key}:` in models.yml's settings, or try fewer cases; then {again}."
        case "key":
            return (
                "The provider refuses the key, or got none: in a workflow, a secret that is not "
                "there, as in a fork, is an empty key. See `pytest-modelpin doctor`, then "
                f"{again}."
            )
        case "model":
            return (
                f"The provider knows no such model or address: check {name}'s `staging:` in "
                f"models.yml and the base URL (`pytest-modelpin doctor`), then {again}."
            )
        case _:
            return (
                f"The provider's trouble with {counted(len(lost), 'case')} says nothing of the "
                f"model: the next night asks again, or {again} does now and replaces this one."
            )


def _review(name: str, options: str) -> str:
    return f"`pytest-modelpin review {name}{options}`"


def _night(name: str, options: str) -> str:
    return f"`pytest-modelpin nightly {name}{options}`"


MOST = 6
"""Cases of one reason that are named; the run report holds them all."""


class Reason(NamedTuple):
    """Why some cases were left out, and what helps."""

    why: str
    """What they did, as the end of a sentence."""
    cure: str
    """Empty where none is known."""
    cases: Sequence[str]


def by_reason(left_out: Mapping[str, LeftOut]) -> list[Reason]:
    """The cases, by id, grouped: the most cases first."""
    cases: dict[LeftOut, list[str]] = {}
    for case, each in left_out.items():
        cases.setdefault(each, []).append(case)
    found = [Reason(each.why, each.cure, ids) for each, ids in cases.items()]
    return sorted(found, key=lambda reason: -len(reason.cases))


def left_out_lines(
    left_out: Mapping[str, LeftOut], columns: int | None = None, *, most: int = MOST
) -> list[str]:
    """A case a line below its reason, with the cure; one case and its reason share a line."""
    lines: list[str] = []
    for why, cure, cases in by_reason(left_out):
        if len(cases) == 1:
            lines += wrapped(terminal(f"{cases[0]} {why}"), columns)
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
        return verdict.told
    whole = left_out_reason(comparison)
    return tuple(
        line
        for why in verdict.told
        for line in (_as_sentences(comparison.left_out) if why == whole else (why,))
    )


def _as_sentences(left_out: Mapping[str, LeftOut]) -> Iterator[str]:
    for why, cure, cases in by_reason(left_out):
        said = (
            f"{counted(len(cases), 'case was', 'cases were')} left out: {some(tuple(cases), MOST)}"
        )
        helps = f"; what helps: {cure}" if cure else ""
        yield f"{said} {why}{helps}"
