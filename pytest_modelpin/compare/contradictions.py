"""What the pin's own samples of a case contradict each other in, so that neither is invariant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_modelpin.compare.figures import calls_of
from pytest_modelpin.drift.invariants.case import contradiction
from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.results.case import Case, Sample
from pytest_modelpin.results.run import Run


def contradictions_within(run: Run) -> dict[str, str]:
    """By case id, what a run's own samples contradict each other in; only where they do."""
    told = {
        case.id: "; ".join(dict.fromkeys(each for name in names for each in between(case, name)))
        for case in run.cases
        if len(case.samples) > 1 and (names := case.models)
    }
    return {case: said for case, said in told.items() if said}


def between(case: Case, name: str) -> tuple[str, ...]:
    """What the samples of a case contradict each other in, a sentence an answer or reply.

    Of an answer given to `model_snapshot` that is one reply's text, the answer alone tells it.
    """
    tried = [sample for sample in case.samples if sample.outcome in ("passed", "failed")]
    snapshots = list(
        dict.fromkeys(answer.snapshot for sample in tried for answer in sample.answers)
    )
    found: dict[tuple[str, str], str] = {}
    known: list[Sequence[JSON]] = []
    for snapshot in snapshots:
        said = [
            answer.received
            for sample in tried
            for answer in sample.answers
            if answer.snapshot == snapshot
        ]
        known.append(said)
        if (pair := contradiction(said)) is not None:
            found[pair] = f" in {snapshot}" if len(snapshots) > 1 else ""  # else the case says it
    for texts in _by_call(tried, name):
        # Most answers are a reply's text as it is, and need no second look.
        if texts not in known and (pair := contradiction(texts)) is not None:
            found.setdefault(pair, "")
    return tuple(" and ".join(map(_excerpt, pair)) + where for pair, where in found.items())


def _by_call(samples: Sequence[Sample], name: str) -> Iterator[list[str]]:
    """All samples' first replies, then all second ones."""
    replies = [[call.reply.text for call in calls_of(sample, name)] for sample in samples]
    for index in range(max(map(len, replies), default=0)):
        yield [texts[index] for texts in replies if index < len(texts)]


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else f"{line[:59]}…")
