"""What pytest prints about models at the end of a run.

What tells of differences loads all that finds them, a quarter of a second: only where there are
any. A night starts half a dozen runs that compare nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.providers.api_keys import briefly
from pytest_modelpin.report.ansi import wrapped
from pytest_modelpin.report.escape import terminal
from pytest_modelpin.results.case import Call, Case, LeftOut, shared_once
from pytest_modelpin.results.run import Asked, Run
from pytest_modelpin.wording import clipped, counted, some, total

_COLUMNS = 80
_NONE: Mapping[str, str] = {}
_SHOWN = 12  # drifting cases named one by one; the run report holds them all
_FEW = 3  # models that no test called: fewer have a paragraph each, as what was asked for tells


def summary(
    run: Run,
    drifted: Mapping[str, Sequence[Drift]] | None,
    uncompared: Collection[str] = (),
    neighbours: Mapping[str, str] = _NONE,
) -> list[str]:
    """The end of a run that selects a model: a paragraph for each, then what drifted.

    `drifted` is None where nobody has compared the answers yet; `uncompared` are ids of cases that
    had nothing to be compared with; `neighbours` says by logical model what became of those of
    embedded texts.
    """
    lines: list[str] = []
    called = {name for case in run.cases for name in case.models}
    tried = [each for each in run.selection.values() if each.which != "production"]
    idle = [each.name for each in tried if each.name not in called]
    if len(idle) < _FEW:
        idle = []
    for asked in run.selection.values():
        cases = [case for case in run.cases if asked.name in case.models]
        if cases or (asked in tried and asked.name not in idle):
            lines += _paragraph(asked, cases, drifted, uncompared)
            if said := neighbours.get(asked.name):
                lines.append(f"  vectors  {said}")
            lines.append("")
    if idle:
        lines += [f"no test called {some(idle, _SHOWN)}", ""]
    lines += _drift_lines(drifted or {}, {case.id: case for case in run.cases})
    lines += _lost_lines(run.cases)
    lines += _left_out_lines(run)
    lines += [f"note: {note}" for note in run.notes]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _paragraph(
    asked: Asked,
    cases: Sequence[Case],
    drifted: Mapping[str, Sequence[Drift]] | None,
    uncompared: Collection[str],
) -> list[str]:
    samples = [sample for case in shared_once(cases) for sample in case.samples]
    calls = [call for sample in samples for call in sample.calls if call.name == asked.name]
    served = _served(asked) if calls else "no reply"
    lines = [f"{asked.name}: asked for {asked.id} ({asked.which}), {served}"]
    if not cases:
        return [*lines, "  no test called it"]
    lines.append(f"  cases    {_outcomes(cases, drifted, uncompared)}")
    lines.append(f"  replies  {_replies(calls)}")
    return lines


def _served(asked: Asked) -> str:
    if not asked.served:
        return f"served version unknown: {asked.unproven}"
    versions = ", ".join(asked.served)
    if asked.echoes:
        return f"served version not proven: {asked.unproven}"
    same = " (the pin itself)" if asked.served == (asked.production,) else ""
    return f"served {versions}{same}"


def _outcomes(
    cases: Sequence[Case],
    drifted: Mapping[str, Sequence[Drift]] | None,
    uncompared: Collection[str],
) -> str:
    left_out = sum(bool(case.left_out) for case in cases)
    lost = sum(case.tries == 0 and case.lost > 0 for case in cases)
    failed = sum(case.passes < case.tries for case in cases)
    passed = sum(case.tries > 0 and case.passes == case.tries for case in cases)
    alone = sum(case.id in uncompared for case in cases)
    parts = [f"{passed} of {len(cases)} passed"]
    if drifted is not None:
        parts.append(f"{sum(case.id in drifted for case in cases)} drifted")
    if alone:
        parts[-1] += f" ({alone} without a recorded or accepted answer of the pin to compare with)"
    if failed:
        parts.insert(1, f"{failed} failed")
    if lost:
        parts.append(f"{lost} lost to provider errors")
    if left_out:
        parts.append(f"{left_out} left out")
    return ", ".join(parts)


def _replies(calls: Sequence[Call]) -> str:
    fresh = sum(call.fresh for call in calls)
    usage = [call.reply.usage for call in calls]
    tokens_in = total(each.input_tokens for each in usage)
    tokens_out = total(each.output_tokens for each in usage)
    seconds = sum(call.seconds for call in calls if call.fresh)
    waited = f", {seconds:.1f} s of waiting" if fresh else ""
    return (
        f"{len(calls)} ({fresh} live, {len(calls) - fresh} replayed), "
        f"tokens {tokens_in} in, {tokens_out} out{waited}"
    )


def _drift_lines(drifted: Mapping[str, Sequence[Drift]], cases: Mapping[str, Case]) -> list[str]:
    if not drifted:
        return []
    from pytest_modelpin.report.comparison_text import answered_instead, drift_lines

    order = {"regression": 0, "review": 1, "info": 2}
    worst = sorted(
        drifted.items(), key=lambda item: (min(order[d.severity] for d in item[1]), item[0])
    )
    lines = []
    for case, found in worst[:_SHOWN]:
        lines.append(f"drift: {case}")
        shown = sorted(found, key=lambda drift: order[drift.severity])[:3]
        for drift in shown:
            lines += drift_lines(drift, columns=_COLUMNS)
        lines += answered_instead(shown, _answer(cases.get(case)), _COLUMNS)
    if len(worst) > _SHOWN:
        lines.append(
            f"… and {counted(len(worst) - _SHOWN, 'more case')}; `--model-report` writes them all"
        )
    return lines


def _answer(case: Case | None) -> str | None:
    """What the case's first sample answered; None where none did."""
    samples = [sample for sample in case.samples if sample.outcome != "lost"] if case else []
    if not case or not samples:
        return None
    from pytest_modelpin.report.comparison_text import answer_text

    return next(filter(None, (answer_text(samples[0], name) for name in case.models or ("",))), "")


def _lost_lines(cases: Sequence[Case]) -> list[str]:
    lost = [
        (case.id, sample.message)
        for case in cases
        for sample in case.samples[:1]
        if sample.outcome == "lost"
    ]
    lines = [f"lost: {case}: {_short(briefly(message))}" for case, message in lost[:3]]
    if len(lost) > 3:
        lines.append(f"… and {counted(len(lost) - 3, 'more case')} lost")
    return lines


def _left_out_lines(run: Run) -> list[str]:
    """By reason, with what helps: a night can't be green over what it did not see."""
    left_out = {
        case.id: LeftOut(case.left_out, case.left_out_cure) for case in run.cases if case.left_out
    }
    told = [*map(terminal, run.unseen)]
    if left_out:
        from pytest_modelpin.report.advice import left_out_lines

        told = [*left_out_lines(left_out, most=_SHOWN), *told]
    return [f"not seen: {terminal(fault)}" for fault in run.faults] + [
        piece
        for line in told
        for piece in (wrapped(line, _COLUMNS) if line.startswith(" ") else [f"left out: {line}"])
    ]


def _short(value: object) -> str:
    """One line of at most 70 characters, safe to print."""
    text = terminal(" ".join(str(value).split()))
    return clipped(text, 70)
