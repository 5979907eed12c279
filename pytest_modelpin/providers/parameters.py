"""What newer models refuse of a request that older ones took, and what stands in its place.

Known are refusals that a provider documents as an error (status 400), not what it ignores. Sources,
read in November 2026:

- OpenAI: https://platform.openai.com/docs/guides/reasoning and its guides to GPT-5.x
- Anthropic: https://platform.claude.com/docs/en/about-claude/models/migration-guide and the
  migration guides of Sonnet 5, Opus 5, Opus 5.5 and Sonnet 5.5
- Google: https://ai.google.dev/gemini-api/docs/gemini-3 and its guide to Gemini 4
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_modelpin.providers.wire import JSON

_OPENAI = re.compile(r"^(?:gpt-(\d+)(?:\.(\d+))?|o(\d))(?![\da-z])")
_CLAUDE = re.compile(r"^claude-(opus|sonnet|haiku|fable|mythos)-(\d+)(?:-(\d{1,2}))?(?!\d)")
_GEMINI = re.compile(r"^gemini-(\d+)(?:\.(\d+))?")

_VERSION_OF_BEDROCK = re.compile(r"-v\d+(?::\d+)?$")
_GEOGRAPHY_AND_VENDOR = re.compile(r"^(?:[a-z\-]+\.)+")

_Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class RefusedParameter:
    """A field of a request that a model answers with an error."""

    field: str
    """Dotted, from the body's top."""
    instead: str
    """What to send, as the end of a sentence."""


def refused_parameters(model: str, path: str, body: JSON) -> tuple[RefusedParameter, ...]:
    """The fields of a request that `model` is known to refuse; `path` is that of its URL.

    Empty for a model that nothing is known of: this is no promise that a request will be taken.
    """
    if not isinstance(body, dict):
        return ()
    name = _plain(model)
    if found := _OPENAI.match(name):
        return tuple(_openai(found, name, path, body))
    if found := _CLAUDE.match(name):
        return tuple(_claude(found[1], (int(found[2]), int(found[3] or 0)), path, body))
    if found := _GEMINI.match(name):
        return tuple(_gemini((int(found[1]), int(found[2] or 0)), body))
    return ()


def may_refuse(model: str) -> bool:
    """Whether any refusal is known of the family that `model` is of."""
    return any(family.match(_plain(model)) for family in (_OPENAI, _CLAUDE, _GEMINI))


def _plain(model: str) -> str:
    name = _VERSION_OF_BEDROCK.sub("", model.lower().rsplit("/", 1)[-1]).rsplit(":", 1)[-1]
    return _GEOGRAPHY_AND_VENDOR.sub("", name)


# OpenAI


def _openai(
    found: re.Match[str], name: str, path: str, body: Mapping[str, Any]
) -> Iterator[RefusedParameter]:
    version = (int(found[1]), int(found[2] or 0)) if found[1] else None
    if (version and version < (5, 0)) or "chat" in name:
        return
    is_chat = path.endswith("/chat/completions")
    if not is_chat and not path.endswith("/responses"):
        return
    if is_chat and body.get("max_tokens") is not None:
        yield RefusedParameter("max_tokens", "send max_completion_tokens")
    effort = body.get("reasoning_effort") if is_chat else _at(body, "reasoning", "effort")
    # From 5.1 on they think only where they are asked to, and from 5.6 on by default again.
    thinks = version is None or version < (5, 1) or version >= (5, 6)
    if effort == "none" or (effort is None and not thinks):
        return
    if is_chat and body.get("tools") and version is not None and version >= (5, 6):
        yield RefusedParameter("tools", "set reasoning_effort none, or ask by the Responses API")
    for field, default in _SAMPLING.items():
        if field in body and body[field] not in (None, default):
            cure = "leave it out, or ask for reasoning effort none" if version else "leave it out"
            yield RefusedParameter(field, cure)
    if version is None and found[3] in ("3", "4") and body.get("stop"):
        yield RefusedParameter("stop", "leave it out, and cut the answer in code")


_SAMPLING: Mapping[str, object] = {
    "temperature": 1, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0,
    "logprobs": False, "top_logprobs": 0, "logit_bias": {},
}  # fmt: skip
"""Fields that a reasoning model takes with their default alone."""


# Anthropic


def _claude(
    line: str, version: _Version, path: str, body: Mapping[str, Any]
) -> Iterator[RefusedParameter]:
    if "/converse" in path:
        sampling = ("inferenceConfig.temperature", "inferenceConfig.topP")
        extra = "additionalModelRequestFields."
    elif path.endswith("/messages") or "anthropic_version" in body:
        sampling, extra = ("temperature", "top_p"), ""
    else:
        return  # another wire, whose server translates
    given = [field for field in sampling if _at(body, *field.split(".")) is not None]
    if version >= _without_sampling(line):
        for field in (*sampling, f"{extra}top_k"):
            if _at(body, *field.split(".")) not in (None, 1, 1.0):
                yield RefusedParameter(field, "leave it out, and steer by the prompt")
    elif version >= ((4, 1) if line == "opus" else (4, 5)) and len(given) > 1:
        yield RefusedParameter(given[1], "send one of temperature and top_p")
    thinking = _at(body, *f"{extra}thinking.type".split("."))
    if thinking == "enabled" and version >= _without_sampling(line):
        adaptive = 'send thinking {"type": "adaptive"}, and output_config.effort for how much'
        yield RefusedParameter(f"{extra}thinking.budget_tokens", adaptive)
    if thinking == "disabled" and version >= (5, 5) and line in ("opus", "sonnet"):
        less = "between_tools" if line == "sonnet" else "adaptive"
        cure = f'send thinking {{"type": "{less}"}}, and a low output_config.effort'
        yield RefusedParameter(f"{extra}thinking", cure)
    if version >= ((4, 6) if line in ("opus", "sonnet") else (5, 0)) and _is_prefilled(body):
        cure = "say in the prompt how to begin, or ask for structured output"
        yield RefusedParameter("messages[-1]", cure)


def _without_sampling(line: str) -> _Version:
    """From which version on a line takes neither sampling parameters nor thinking budgets."""
    return (4, 7) if line == "opus" else (5, 0)


def _is_prefilled(body: Mapping[str, Any]) -> bool:
    messages = body.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    return isinstance(last, dict) and last.get("role") == "assistant"


# Google


def _gemini(version: _Version, body: Mapping[str, Any]) -> Iterator[RefusedParameter]:
    at = "generationConfig.thinkingConfig"
    thinking = _at(body, *at.split("."))
    if not isinstance(thinking, dict) or thinking.get("thinkingBudget") is None:
        return
    if version >= (4, 0) or (version >= (3, 0) and "thinkingLevel" in thinking):
        yield RefusedParameter(f"{at}.thinkingBudget", "send thinkingLevel alone")


def _at(body: Mapping[str, Any], *steps: str) -> Any:
    value: Any = body
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value
