"""What a request asks a model, in one shape for all providers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from pytest_modelpin.providers.reply import JSON

# The fields that hold what the model is told, the system's words first.
_SYSTEM = ("instructions", "system", "systemInstruction")
_TURNS = ("messages", "input", "contents")
_WITHIN = (
    "content", "parts", "text", "output", "functionResponse", "response", "toolResult", "json",
)  # fmt: skip
_DECLARED = ("functionDeclarations", "function_declarations")  # Gemini takes both spellings


@dataclass(frozen=True, slots=True)
class Question:
    """One request for an answer."""

    provider: str
    """Whose API it came by: "openai", "anthropic", "google", "bedrock" or "ollama"."""
    asked: str
    """The model id in the request."""
    served: str
    """The version that answers: what the alias points to, or the id itself."""
    text: str
    """The system's words and all the messages, tool results among them, one a line."""
    tools: tuple[str, ...]
    """The names of the tools on offer."""
    body: JSON
    """The request's whole JSON body."""


def text_of(body: dict[str, JSON]) -> str:
    """All that the body tells the model, system first, in order, one piece a line."""
    return "\n".join(piece for field in _SYSTEM + _TURNS for piece in _pieces(body.get(field)))


def tools_of(body: dict[str, JSON]) -> tuple[str, ...]:
    """The names of the functions that the body offers, in any of the APIs' shapes."""
    names: list[str] = []
    configured = body.get("toolConfig")  # Bedrock's place for them; Gemini has other things there
    inside = configured.get("tools") if isinstance(configured, dict) else None
    offered = inside or body.get("tools")
    for tool in _listed(offered):
        inner = tool.get("function") or tool.get("toolSpec") or tool
        declared = next((tool[name] for name in _DECLARED if tool.get(name)), [inner])
        names += [function["name"] for function in _listed(declared) if "name" in function]
    return tuple(names)


def _listed(value: JSON) -> list[dict[str, JSON]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _pieces(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _pieces(item)
    elif isinstance(value, dict):
        found = [piece for field in _WITHIN if field in value for piece in _pieces(value[field])]
        yield from found
        if not found and "type" not in value and "role" not in value:
            yield json.dumps(value)  # a Gemini function's result is an object of any shape
