"""What a request asks, in one shape whatever the API: messages with their roles, and tools."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.report.escape import terminal

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
