"""A judge's part in a run: one answer put to it, and what became of that."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.drift.severity import settled
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.judge.asking import JudgeRequest
from pytest_modelpin.judge.question import as_drift, barred, judged
from pytest_modelpin.providers import bare
from pytest_modelpin.results.case import Answer, Judged


def judge_answer(hearing: JudgeRequest) -> Judged:
    """Ask the judge which of the two answers is better. Never raises ModelpinError.

    Whatever keeps the judge from a usable judgement is the reason of one without a side.
    """
    answer = hearing.answer

    def call(system: str, user: str) -> str:
        _check(hearing, hearing.judge_id)
        reply = hearing.ask(system, user)
        if reply.served_model:
            _check(hearing, bare(reply.served_model))
        return reply.text

    try:
        found = judged(answer.judge or "", answer.accepted, answer.received, answer.snapshot, call)
    except ModelpinError as error:
        return Judged(None, str(error))
    return Judged(found.better, found.reason)


def judge_drifts(answer: Answer, context: Context) -> Iterable[Drift]:
    """The finding of an answer's judgement, as this case's context weighs it; none without one."""
    if answer.judged is not None and (drift := as_drift(answer.judged)) is not None:
        yield settled(drift, context)


def _check(hearing: JudgeRequest, judge_id: str) -> None:
    """Raises ModelpinError where a judge that is `judge_id` may not judge these versions."""
    for name, ids in hearing.compared.items():
        if why := barred(hearing.judge, [judge_id], name, ids):
            raise ModelpinError(why)
