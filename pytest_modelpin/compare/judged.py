"""A comparison whose unsure findings were put to the judge that models.yml names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from pytest_modelpin.compare.case_comparison import CaseComparison
from pytest_modelpin.compare.comparison import Comparison, RunPair, with_opinions
from pytest_modelpin.compare.opinions import MOST_ANSWERS, asks_judge, is_unsure
from pytest_modelpin.judge.calibration import measure, why_too_few
from pytest_modelpin.judge.calibration_pairs import pairs_of
from pytest_modelpin.judge.judge import Judge
from pytest_modelpin.results.case import Case
from pytest_modelpin.wording import counted

_PAIRS = 30  # of either sort: as few as let one false alarm pass


def judged(
    comparison: Comparison,
    runs: RunPair,
    judge: Judge | None,
    *,
    most: int = MOST_ANSWERS,
    measured_on: Sequence[Case] = (),
    asking: bool = True,
) -> Comparison:
    """The comparison as the judge's opinions leave it, with notes of what came of it.

    `most` distinct answers a case are put to it. A judge that was never measured is measured first
    on the cases `measured_on`; without any it decides nothing. Where not `asking`, only what it
    said before counts, and no request is made.
    """
    if (
        judge is None
        or not asks_judge(runs.settings)
        or not any(c.unsure for c in comparison.cases)
    ):
        return comparison
    sides = (comparison.production, comparison.candidate)
    ids = {id for side in sides for id in (side.production, side.id, *side.served)}
    why = judge.why_not(comparison.name, ids) or why_not_believed(
        judge, measured_on if asking else ()
    )
    if why:
        if asking and judge.unheard and judge.calibration() is None:  # it is down or has no key
            every = {each.key for case in comparison.cases for each in case.unsure}
            comparison = _waiting(comparison, every, judge.problem, most)
        return _with_notes(comparison, [why])
    # What is for review comes first, as the budget may not last for all that is reworded.
    cases = sorted(comparison.cases, key=lambda case: not any(map(is_unsure, case.drifts)))
    readings = [each for case in cases for each in case.unsure[:most]]
    opinions = judge.opinions(readings) if asking else judge.known(readings)
    after = with_opinions(comparison, runs, opinions)
    said = Counter(opinion.meant for opinion in opinions.values())
    notes = []
    if opinions:
        came = ", ".join(f"{said[meant]} {meant}" for meant in sorted(said))
        notes.append(
            f"the judge {judge.model.name!r} read {counted(len(opinions), 'answer')}: {came}"
        )
    if judge.problem:
        unread = len({each.key for each in readings} - opinions.keys())
        notes.append(
            f"{counted(unread, 'answer')} stayed without the judge's opinion: {judge.problem}"
        )
    if unheard := judge.unheard - opinions.keys() if asking else ():
        after = _waiting(after, unheard, judge.problem, most)
    return _with_notes(after, notes)


def _waiting(comparison: Comparison, unheard: Collection[str], why: str, most: int) -> Comparison:
    """The comparison with the cases named that a judge should have read and could not: an outage of
    its own, or an empty budget, is neither a green nor a clearance.

    What is only reworded is left to the detectors, which call it harmless.
    """

    def named(case: CaseComparison) -> CaseComparison:
        put = [each.key for each in case.unsure[:most]]
        unread = any(key in unheard for key in put)
        due = any(map(is_unsure, case.drifts))
        unjudged = why if unread and due else case.unjudged
        return replace(case, judged=case.judged or due, unjudged=unjudged, unread=unread)

    return replace(comparison, cases=tuple(map(named, comparison.cases)))


def why_not_believed(judge: Judge, measured_on: Iterable[Case] = ()) -> str:
    """Why the judge decides nothing, as a sentence; empty where it is believed.

    One that was never measured is measured on these cases' samples, within its own budget.
    """
    who = f"the judge {judge.model.name!r} ({judge.model.production})"
    calibration = judge.calibration()
    if calibration is None:
        pairs = pairs_of(measured_on, _PAIRS)
        if not pairs.equal and not pairs.changed:
            return (
                f"{who} is not calibrated, so that it is not asked and what is unsure stays so; "
                "run `pytest-modelpin judge calibrate`"
            )
        if why := why_too_few(pairs, judge.model.production):  # and none is paid for
            return f"{who} can't be calibrated: {why}"
        calibration = measure(judge, pairs)
        if not calibration.is_measured and judge.problem:
            return f"{who} could not be calibrated: {judge.problem}"
        if calibration.is_measured:
            judge.keep(calibration)
    why = calibration.why_not_believed
    return f"{who} is not believed: {why}" if why else ""


def _with_notes(comparison: Comparison, notes: Sequence[str]) -> Comparison:
    return replace(comparison, notes=tuple(dict.fromkeys((*comparison.notes, *notes))))
