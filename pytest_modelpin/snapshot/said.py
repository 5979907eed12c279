"""The JSON of a whole API reply, reduced to what the model said.

A reply carries ids, timestamps, usage and fingerprints that differ from call to call. Whoever
gives the whole reply to `model_snapshot` means the text and the tool calls. Each reply is told by
a shape that no data of a user's own is likely to have.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_modelpin.providers.reply import JSON


Object = Mapping[str, Any]

# Dropped from parts of a reply, such as one tool call, that are given without the rest.
_VOLATILE = frozenset(
    {"id", "call_id", "created", "created_at", "completed_at", "create_time", "model",
     "model_version", "object", "response_id", "service_tier", "signature", "system_fingerprint",
     "thought_signature", "usage", "usage_metadata"}
)  # fmt: skip


_ARGUMENTS = frozenset({"arguments", "args", "input"})


def said(text: str, tools: Iterable[tuple[str, JSON]] = (), refusal: str | None = None) -> JSON:
    """The text alone where there is only text; else an object with `text`, `tools`, `refusal`."""
    calls = [{"name": name, "arguments": arguments} for name, arguments in tools]
    if not calls and refusal is None:
        return text
    answer: dict[str, JSON] = {"text": text} if text else {}
    if calls:
        answer["tools"] = calls
    if refusal is not None:
        answer["refusal"] = refusal
    return answer


def reduced(reply: Mapping[Any, Any]) -> JSON:
    """What the model said; None where the object isn't a reply of an API known here.

    Several choices of one reply come as a list.
    """
    match reply:
        case {"object": "chat.completion", "choices": [{"message": {}}, *_] as choices}:
            return _one_or_all([_message(choice["message"]) for choice in _objects(choices)])
        case {"role": "assistant", "content": str() | None, "refusal": str() | None}:
            return _message(reply)
        case {"object": "response", "output": list(items)}:
            return _output(_objects(items))
        case {"type": "message", "role": "assistant", "content": list(blocks)}:
            return _blocks(_objects(blocks), reply.get("stop_reason"))
        case {
            "candidates": [
                {"content": {"parts": _} | {"role": "model"} | None} | {"finishReason": str()},
                *_,
            ] as candidates
        }:
            return _one_or_all([_candidate(candidate) for candidate in _objects(candidates)])
        case {"prompt_feedback": {"block_reason": str(reason)}}:
            return said("", refusal=reason)
        case {"promptFeedback": {"blockReason": str(reason)}}:
            return said("", refusal=reason)
    return None


def without_volatile(part: JSON) -> JSON:
    """The same JSON without ids, times, usage and the model's name, at any depth.

    The arguments of tool calls stay whole: an `id` there is something the model said.
    """
    if isinstance(part, dict):
        return {
            key: item if key in _ARGUMENTS else without_volatile(item)
            for key, item in part.items()
            if key not in _VOLATILE
        }
    if isinstance(part, list):
        return [without_volatile(item) for item in part]
    return part


def _one_or_all(answers: list[JSON]) -> JSON:
    return answers[0] if len(answers) == 1 else answers


def _message(message: Object) -> JSON:
    """An assistant's message of OpenAI's chat completions, or of the many APIs like it."""
    tools = [
        _function(call.get("function") or call.get("custom") or {})
        for call in _objects(message.get("tool_calls"))
    ]
    if function := message.get("function_call"):
        tools.append(_function(function))
    content = message.get("content")
    # Mistral gives a list of parts where a reasoning model answers.
    text = _joined(_objects(content)) if isinstance(content, list) else content
    return said(text or "", tools, message.get("refusal"))


def _function(function: Object) -> tuple[str, JSON]:
    return function.get("name", ""), _parsed(function.get("arguments", function.get("input")))


def _output(items: list[Object]) -> JSON:
    """The output items of OpenAI's responses API; reasoning and server-side tools left out."""
    parts = [
        part
        for item in items
        if item.get("type") == "message"
        for part in _objects(item.get("content"))
    ]
    tools = [
        _function(item)
        for item in items
        if item.get("type") in ("function_call", "custom_tool_call", "mcp_call")
    ]
    refusals = [part["refusal"] for part in parts if part.get("type") == "refusal"]
    return said(_joined(parts), tools, "".join(refusals) if refusals else None)


def _blocks(blocks: list[Object], stop_reason: str | None) -> JSON:
    """The content blocks of Anthropic's messages; thinking left out."""
    tools = [
        (block.get("name", ""), block.get("input"))
        for block in blocks
        if block.get("type") in ("tool_use", "server_tool_use", "mcp_tool_use")
    ]
    return said(_joined(blocks), tools, stop_reason if stop_reason == "refusal" else None)


def _candidate(candidate: Object) -> JSON:
    """One candidate of Gemini's generateContent, in the wire's or the SDK's spelling."""
    parts = [
        part
        for part in _objects((candidate.get("content") or {}).get("parts"))
        if not part.get("thought")
    ]
    calls = [
        call for part in parts if (call := part.get("functionCall", part.get("function_call")))
    ]
    tools = [(call.get("name", ""), call.get("args") or {}) for call in calls]
    text = _joined(parts)
    finished = candidate.get("finishReason", candidate.get("finish_reason"))
    stopped = not text and not tools and finished not in ("STOP", "MAX_TOKENS", None)
    return said(text, tools, finished if stopped else None)


def _objects(items: JSON) -> list[Object]:
    return [item for item in items or [] if isinstance(item, Mapping)]


def _joined(parts: list[Object]) -> str:
    return "".join(part.get("text") or "" for part in parts if part.get("type") != "thinking")


def _parsed(arguments: JSON) -> JSON:
    if not isinstance(arguments, str):
        return arguments
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments
