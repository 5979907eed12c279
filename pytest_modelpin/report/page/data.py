"""What the page's script shows of each case, as JSON: a light index, and the rest in packed chunks.

The index is what the list, its search and its filters need. Questions, answers and samples lie in
chunks of cases that the reader's browser unpacks when one of them is opened. A question has one
shape whatever the API: messages with their roles, and tools.
"""

from __future__ import annotations

import base64
import json
import shlex
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pytest_modelpin.compare.comparison import CaseComparison, Comparison, Side
from pytest_modelpin.compare.figures import answered
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.report.escape import terminal
from pytest_modelpin.report.findings import a_sample, as_text, drifts_worst_first, fails, seconds
from pytest_modelpin.results.case import Case, Sample
from pytest_modelpin.results.run import Run
from pytest_modelpin.wording import dollars

CHUNK = 100
"""Cases that are unpacked together."""
HINT = 600
"""Characters of a case's findings that the search looks at."""


def index(cases: Sequence[CaseComparison]) -> str:
    """The list of cases as JSON that no script element can be closed with."""
    return _as_script([_entry(case, at // CHUNK) for at, case in enumerate(cases)])


def chunks(
    cases: Sequence[CaseComparison], comparison: Comparison, production: Run, candidate: Run
) -> list[str]:
    """The details of every `CHUNK` cases, deflated and in base64."""
    before = {case.id: case for case in production.cases}
    after = {case.id: case for case in candidate.cases}
    details = (_detail(case, before.get(case.id), after.get(case.id), comparison) for case in cases)
    made = []
    while batch := [detail for detail, _ in zip(details, range(CHUNK), strict=False)]:
        packed = zlib.compress(json.dumps(batch, ensure_ascii=True).encode(), 6)
        made.append(base64.b64encode(packed).decode())
    return made


def outcome(case: CaseComparison) -> str:
    """How the candidate's test ended, in one word of the page's filter."""
    if case.left_out:
        return "left out"
    if case.broken:
        return "broken"
    if case.lost:
        return "lost"
    return "failed" if fails(case) else "passed"


def _entry(case: CaseComparison, chunk: int) -> dict[str, Any]:
    drifts = drifts_worst_first(case)
    kinds = {drift.kind: drift.severity for drift in reversed(drifts)}
    return {
        "id": terminal(case.id),
        "chunk": chunk,
        "category": terminal(case.category or ""),
        "critical": case.critical,
        "outcome": outcome(case),
        "severity": drifts[0].severity if drifts else "",
        "kinds": list(reversed(kinds.items())),
        "before": [case.production.passes, case.production.samples],
        "after": [case.candidate.passes, case.candidate.samples],
        "costs": case.candidate.cost_usd,
        "alike": _alike(drifts),
        "hint": terminal(_hint(case, drifts))[:HINT],
    }


def _alike(drifts: Sequence[Drift]) -> str:
    """What cases with the same change share: kind, place and both values of the worst finding."""
    if not drifts:
        return ""
    worst = drifts[0]
    shown = f"{worst.kind} {worst.where}: {as_text(worst.before)} → {as_text(worst.after)}"
    return terminal(" ".join(shown.split()))[:160]


def _hint(case: CaseComparison, drifts: Iterable[Drift]) -> str:
    found = [text for drift in drifts for text in (as_text(drift.before), as_text(drift.after))]
    return "\n".join((case.message, *(text[:200] for text in found)))


def _detail(
    case: CaseComparison, before: Case | None, after: Case | None, comparison: Comparison
) -> dict[str, Any]:
    name = comparison.name
    samples = [_sample(sample, name) for sample in (after.samples if after else ())]
    asked = dict(after.questions) if after else {}
    if before and not asked:
        asked = dict(before.questions)
    return {
        "message": terminal(case.message),
        "question": _question(asked, before or after, name),
        "drifts": [_drift(drift) for drift in drifts_worst_first(case)],
        "pin": [_sample(sample, name) for sample in (before.samples if before else ())],
        "candidate": samples,
        "shown": _shown(samples),
        "figures": _figures(case.production, case.candidate),
        "command": f"pytest {shlex.quote(terminal(case.id))} "
        f"--model {shlex.quote(f'{name}={comparison.candidate.id}')}",
    }


def _shown(samples: Sequence[Mapping[str, Any]]) -> int:
    """The sample whose answer stands for the candidate's: the first that failed, else the first."""
    failed = (at for at, sample in enumerate(samples) if sample["outcome"] == "failed")
    return next(failed, 0)


def _question(asked: Mapping[str, JSON], case: Case | None, name: str) -> dict[str, Any] | None:
    if case is None or not asked:
        return None
    fingerprints = (
        call.request
        for sample in case.samples
        for call in (*sample.shared, *sample.calls)
        if call.name == name
    )
    found = next((asked[each] for each in fingerprints if each in asked), None)
    return question(found) if found is not None else None


def _sample(sample: Sample, name: str) -> dict[str, Any]:
    calls = answered(sample, name)
    return {
        "outcome": sample.outcome,
        "message": terminal(sample.message),
        "answers": [
            {"name": terminal(answer.snapshot), "value": _safe(answer.received)}
            for answer in sample.answers
        ],
        "replies": [
            {
                "text": terminal(call.reply.text or call.reply.refusal or ""),
                "tools": [
                    {"name": terminal(tool.name), "arguments": _safe(tool.arguments)}
                    for tool in call.reply.tools
                ],
            }
            for call in calls
            if call.vectors is None
        ],
        "figures": ", ".join(
            filter(
                None,
                (
                    _tokens([call.reply.usage.output_tokens for call in calls]),
                    seconds(sum(call.seconds for call in calls)) if calls else "",
                    ", ".join(sorted({call.reply.served_model or "" for call in calls} - {""})),
                ),
            )
        ),
    }


def _tokens(counts: Sequence[int | None]) -> str:
    known = [count for count in counts if count is not None]
    return f"{sum(known):,} tokens out" if known and len(known) == len(counts) else ""


def _drift(drift: Drift) -> dict[str, Any]:
    made: dict[str, Any] = {
        "kind": drift.kind,
        "severity": drift.severity,
        "where": terminal(drift.where),
    }
    if drift.samples[1] > 1:
        made["samples"] = list(drift.samples)
    for side, value in (("before", drift.before), ("after", drift.after)):
        if value is not None:
            made[side] = _safe(value)
    return made


def _figures(before: Side, after: Side) -> str:
    """Tokens, cost and latency of both sides in one line; what isn't known is left out."""
    parts = []
    for title, form, old, new in (
        ("tokens out", "{:,.0f}".format, *a_sample(before, after, "output_tokens")),
        ("cost", dollars, *a_sample(before, after, "cost_usd")),
        ("latency", seconds, before.latency_p50, after.latency_p50),
    ):
        if old is not None and new is not None:
            parts.append(f"{title} {form(old)} → {form(new)}")
    return " · ".join(parts)


def _safe(value: JSON) -> JSON:
    """The value with every text of it made visible."""
    if isinstance(value, str):
        return terminal(value)
    if isinstance(value, dict):
        return {terminal(str(key)): _safe(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_safe(each) for each in value]
    return value if isinstance(value, (bool, int, float, type(None))) else terminal(str(value))


def _as_script(value: object) -> str:
    # In a script element only `<` could end it or open a comment. NaN is no JSON.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


_SYSTEM = ("system", "instructions", "systemInstruction", "system_instruction", "preamble")
_TALK = ("messages", "input", "contents", "prompt", "message")
_PARTS = ("content", "parts", "text", "output", "arguments", "input_text")


def question(body: JSON) -> dict[str, Any]:
    """`messages` (role, text) and `tools` (one text each) of a request's body.

    Fields that this does not know are not shown; a body without any that it knows is shown whole.
    """
    if not isinstance(body, Mapping):
        return {"messages": [{"role": "request", "text": _as_text(body)}], "tools": []}
    messages = [*_system(body), *_talk(body)]
    if not messages:
        messages = [{"role": "request", "text": _as_text(body)}]
    tools = body.get("tools")
    return {
        "messages": messages,
        "tools": [_as_text(tool) for tool in tools] if isinstance(tools, list) else [],
    }


def _system(body: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for field in _SYSTEM:
        if body.get(field):
            yield {"role": "system", "text": _said(body[field])}


def _talk(body: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for field in _TALK:
        talk = body.get(field)
        if isinstance(talk, str) and talk:
            yield {"role": "user", "text": terminal(talk)}
        elif isinstance(talk, list):
            for turn in talk:
                role = turn.get("role") or turn.get("type") if isinstance(turn, Mapping) else None
                yield {"role": terminal(str(role or "user")), "text": _said(turn)}


def _said(turn: Any) -> str:
    """The text of a turn; what is no text, such as a tool's call, as JSON."""
    if isinstance(turn, str):
        return terminal(turn)
    if isinstance(turn, list):
        return "\n".join(_said(part) for part in turn)
    if isinstance(turn, Mapping):
        for field in _PARTS:
            if isinstance(turn.get(field), (str, list)) and turn[field]:
                return _said(turn[field])
    return _as_text(turn)


def _as_text(value: JSON) -> str:
    return terminal(json.dumps(value, indent=2, ensure_ascii=False, default=str))
