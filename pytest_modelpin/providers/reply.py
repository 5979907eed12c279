"""What a provider said, in one shape for all providers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

JSON = Any
"""A JSON value: None, bool, int, float, str, list or dict with string keys."""


class ToolCall(NamedTuple):
    """One call of a tool that the model asks for."""

    name: str
    arguments: JSON
    """The arguments as parsed JSON; the raw text where the model's JSON does not parse."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them; None where the wire does not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a model, read from a plain or a streamed HTTP reply.

    Every field has a default, so that `Reply(text="…", tools=[("name", {…})])` is a Reply.
    """

    text: str = ""
    tools: tuple[ToolCall, ...] = ()
    usage: Usage = field(default_factory=Usage)
    requested_model: str | None = None
    served_model: str | None = None
    """As the wire names it, to the letter; None where it names none."""
    finish_reason: str | None = None
    """The provider's own word: "stop", "end_turn", "MAX_TOKENS" …"""
    refusal: str | None = None
    """The provider's refusal text or safety reason, where it has a field of its own for it."""
    complete: bool = True
    """False where a stream broke off before its end."""
    status: int = 200
    error: str | None = None
    """The provider's error message, where the status is 400 or above or a stream carried one."""
    provider: str | None = None

    def __post_init__(self) -> None:
        if self.tools != ():  # as most replies have none
            object.__setattr__(self, "tools", _as_tool_calls(self.tools))


def real_calls(calls: Iterable[ToolCall]) -> tuple[ToolCall, ...]:
    """The calls without those that call nothing.

    Several servers write an empty call beside each answer (`"function_call": {"name": ""}`,
    `"tool_calls": [{}]`). One that has arguments but no name is kept: it is a broken call.
    """
    return tuple(call for call in calls if call.name or call.arguments)


def _as_tool_calls(tools: Iterable[ToolCall | tuple[str, JSON]]) -> tuple[ToolCall, ...]:
    return tuple(ToolCall(*tool) for tool in tools)
