"""OpenTelemetry's GenAI spans as observations, and what was asked in them: for traced programs.

Read is what the collector's file exporter writes, OTLP as JSON, one export a line
(opentelemetry.io/docs/specs/otel/protocol/file-exporter). The attributes' names are those of the
semantic conventions for generative AI, which are still in development: they stand here alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modelpin_runtime.observations import observation
from pytest_modelpin.providers.wire import parse

OPERATION = "gen_ai.operation.name"
REQUESTED = "gen_ai.request.model"
SERVED = "gen_ai.response.model"
INPUT = "gen_ai.usage.input_tokens"
OUTPUT = "gen_ai.usage.output_tokens"
FINISH = "gen_ai.response.finish_reasons"
ERROR = "error.type"
PROVIDER = "gen_ai.provider.name"
MOST_TOKENS = "gen_ai.request.max_tokens"
ASKED = "gen_ai.input.messages"
SYSTEM = "gen_ai.system_instructions"

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
        for span in _spans(parse(line)):
            made = _observation(span, names)
            if made is not None:
                yield made


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one span asked a model, where its content was captured, and all of it is text."""

    model: str
    provider: str
    """As the conventions name it: `openai`, `anthropic`, `gcp.gemini`."""
    system: str
    turns: tuple[tuple[str, str], ...]
    """Role and text."""
    most_tokens: int | None = None


def conversations(export: Any) -> Iterator[Conversation]:
    """One for each span with messages; one with calls of tools, or pictures, is passed over.

    The messages stand in an attribute, as JSON in a text or as OTLP's own structure.
    """
    for span in _spans(export):
        said = _attributes(span)
        model = said.get(REQUESTED)
        turns: list[tuple[str, str]] = []
        system = _texts(_structured(said.get(SYSTEM)))
        for message in _structured(said.get(ASKED)) or ():
            text = _texts(_list(message, "parts"))
            role = message.get("role") if isinstance(message, dict) else None
            if text is None or role not in ("system", "user", "assistant"):
                turns = []
                break
            if role == "system":
                system = f"{system or ''}{text}"
            else:
                turns.append((role, text))
        if isinstance(model, str) and turns and said.get(OPERATION, "chat") in ASKS:
            yield Conversation(
                model,
                str(said.get(PROVIDER, "")),
                system or "",
                tuple(turns),
                _whole(said.get(MOST_TOKENS)),
            )


def _structured(value: Any) -> list[Any] | None:
    if isinstance(value, str):
        value = parse(value)
    return value if isinstance(value, list) else None


def _texts(parts: list[Any] | None) -> str | None:
    """The text of all parts; None where there are none, or one is something else."""
    if not parts or any(not isinstance(each, dict) or each.get("type") != "text" for each in parts):
        return None
    return "\n".join(str(each.get("content", "")) for each in parts)


def _spans(export: Any) -> Iterator[Mapping[str, Any]]:
    for resource in _list(export, "resourceSpans"):
        for scope in _list(resource, "scopeSpans"):
            yield from (span for span in _list(scope, "spans") if isinstance(span, dict))


def _list(holder: Any, key: str) -> list[Any]:
    found = holder.get(key) if isinstance(holder, dict) else None
    return found if isinstance(found, list) else []


def _observation(span: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any] | None:
    said = _attributes(span)
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


def _attributes(span: Mapping[str, Any]) -> dict[str, Any]:
    return {
        each["key"]: _value(each.get("value"))
        for each in _list(span, "attributes")
        if isinstance(each, dict) and isinstance(each.get("key"), str)
    }


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
    if isinstance(value.get("kvlistValue"), dict):
        return _attributes({"attributes": _list(value["kvlistValue"], "values")})
    return next(iter(value.values()), None)


def _whole(value: Any) -> int | None:
    """64-bit numbers are strings in OTLP's JSON."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None
