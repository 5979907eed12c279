"""OpenTelemetry's GenAI spans as observations: for programs that are traced already.

Read is what the collector's file exporter writes, OTLP as JSON, one export a line
(opentelemetry.io/docs/specs/otel/protocol/file-exporter). The attributes' names are those of the
semantic conventions for generative AI, which are still in development: they stand here alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from modelpin_runtime.observations import observation

OPERATION = "gen_ai.operation.name"
REQUESTED = "gen_ai.request.model"
SERVED = "gen_ai.response.model"
INPUT = "gen_ai.usage.input_tokens"
OUTPUT = "gen_ai.usage.output_tokens"
FINISH = "gen_ai.response.finish_reasons"
ERROR = "error.type"

ASKS = frozenset({"chat", "generate_content", "text_completion"})
"""Operations that ask a model; agents, tools and embeddings have spans of their own."""
_REFUSED = frozenset({"content_filter", "refusal", "SAFETY", "PROHIBITED_CONTENT"})
_FAILED = (2, "STATUS_CODE_ERROR")
_NANO = 1_000_000_000


def observations(lines: Iterable[str], names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """One observation for each span that asked one of the models, in the file's order.

    `names` gives the logical name of each id that may have been asked; other ids are passed over.
    So are lines that are torn, or are no export of traces.
    """
    for line in lines:
        try:
            export = json.loads(line)
        except ValueError:
            continue
        for span in _spans(export):
            made = _observation(span, names)
            if made is not None:
                yield made


def _spans(export: Any) -> Iterator[Mapping[str, Any]]:
    for resource in _list(export, "resourceSpans"):
        for scope in _list(resource, "scopeSpans"):
            yield from (span for span in _list(scope, "spans") if isinstance(span, dict))


def _list(holder: Any, key: str) -> list[Any]:
    found = holder.get(key) if isinstance(holder, dict) else None
    return found if isinstance(found, list) else []


def _observation(span: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any] | None:
    said = {
        each["key"]: _value(each.get("value"))
        for each in _list(span, "attributes")
        if isinstance(each, dict) and isinstance(each.get("key"), str)
    }
    id = said.get(REQUESTED)
    if said.get(OPERATION, "chat") not in ASKS or not isinstance(id, str) or id not in names:
        return None
    began, ended = _whole(span.get("startTimeUnixNano")), _whole(span.get("endTimeUnixNano"))
    if began is None:
        return None
    reasons = said.get(FINISH)
    return observation(
        name=names[id],
        id=id,
        role="span",
        at=began / _NANO,
        seconds=(ended - began) / _NANO if ended is not None and ended >= began else None,
        error=_error(span, said),
        served=said[SERVED] if isinstance(said.get(SERVED), str) else None,
        input_tokens=_whole(said.get(INPUT)),
        output_tokens=_whole(said.get(OUTPUT)),
        refusal=bool(_REFUSED & {*map(str, reasons)}) if isinstance(reasons, list) else None,
    )


def _error(span: Mapping[str, Any], said: Mapping[str, Any]) -> str | None:
    status = span.get("status")
    failed = isinstance(status, dict) and status.get("code") in _FAILED
    told = said.get(ERROR)
    return str(told)[:200] if told else ("error" if failed else None)


def _value(value: Any) -> Any:
    """An attribute's value out of OTLP's `{"stringValue": …}`."""
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("arrayValue"), dict):
        return [_value(each) for each in _list(value["arrayValue"], "values")]
    return next(iter(value.values()), None)


def _whole(value: Any) -> int | None:
    """64-bit numbers are strings in OTLP's JSON."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None
