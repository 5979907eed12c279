"""The shape of Gemini's Interactions API, by google-genai 2.34's `types/interactions`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_modelpin.providers import wire
from pytest_modelpin.providers.wire import (
    Document,
    Reply,
    Shape,
    ToolCall,
    Usage,
    real_calls,
    stream_error,
)

PATH = r"/v1(?:alpha|beta)?\d*/(?:projects/[^/]+/locations/[^/]+/)?interactions/*$"
"""Of the URL that is asked; below it an interaction that runs in the background is looked at."""
ONE = PATH.removesuffix("/*$") + r"/[^/]+/?$"

_UNFINISHED = frozenset({"in_progress", "queued", "requires_continuation"})


def read_plain(document: Document) -> Reply:
    """One `Interaction`."""
    status = wire.word(document.get("status"))
    errors = wire.objects(document.get("errors"))
    failed = errors[0] if status == "failed" and errors else None
    return replace(
        _answer(wire.objects(document.get("steps"))),
        usage=_usage(document),
        served_model=wire.word(document.get("model")),
        finish_reason=status,
        complete=status not in _UNFINISHED,
        error=stream_error({"error": failed}),
    )


def read_streamed(documents: Sequence[Document], done: bool) -> Reply:
    """The events of a stream; the last one has the interaction, mostly without its steps."""
    interaction: Document = {}
    ended = False
    error = None
    for document in documents:
        kind = wire.text(document.get("event_type"))
        if kind == "error":
            error = error or stream_error({"error": document.get("error") or document})
        if kind in ("interaction.created", "interaction.completed"):
            told = wire.mapping(document.get("interaction"))
            interaction = interaction | {k: v for k, v in told.items() if v is not None}
        elif kind == "interaction.status_update" and document.get("status"):
            interaction = interaction | {"status": document["status"]}
        ended = ended or kind == "interaction.completed"
    if not wire.objects(interaction.get("steps")):
        interaction = interaction | {"steps": _steps_in_pieces(documents)}
    reply = read_plain(interaction)
    return replace(
        reply,
        finish_reason=reply.finish_reason if ended else None,
        complete=ended,
        error=reply.error or error,
    )


def answers(reply: Mapping[str, Any]) -> tuple[Reply, ...]:
    """Of an interaction."""
    match reply:
        case {
            "id": str(),
            "status": str(),
            "model": str(),
            "steps": [{"type": str()}, *_] as steps,
        }:
            return (_answer(wire.objects(steps)),)
    return ()


SHAPE = Shape(read_plain, read_streamed, ("steps", "event_type"), answers)


_GIVEN = frozenset({"user_input", "function_result"})


def _answer(steps: list[Document]) -> Reply:
    """What the model says, after what it was told last, and which functions it calls; hosted tools
    Google runs itself.
    """
    given = [place for place, step in enumerate(steps, 1) if step.get("type") in _GIVEN]
    steps = steps[max(given, default=0) :]
    return Reply(text=wire.joined(_texts(steps)), tools=real_calls(_calls(steps)))


def _texts(steps: list[Document]) -> Iterator[str]:
    for step in steps:
        if step.get("type") == "model_output":
            for part in wire.objects(step.get("content")):
                if part.get("type") == "text":
                    yield wire.text(part.get("text"))


def _calls(steps: list[Document]) -> Iterator[ToolCall]:
    for step in steps:
        if step.get("type") == "function_call":
            yield ToolCall(wire.text(step.get("name")), wire.arguments(step.get("arguments")))


def _steps_in_pieces(documents: Sequence[Document]) -> list[Document]:
    """The steps as far as the stream got: each as it began, and its deltas."""
    steps: dict[int, dict[str, Any]] = {}
    for document in documents:
        index = wire.count(document.get("index")) or 0
        if document.get("event_type") == "step.start":
            step = wire.mapping(document.get("step"))
            steps[index] = step | {"content": wire.objects(step.get("content"))}
        elif document.get("event_type") == "step.delta":
            delta = wire.mapping(document.get("delta"))
            step = steps.setdefault(index, {"type": "model_output", "content": []})
            if delta.get("type") == "text":
                step["content"].append(delta)
            elif delta.get("type") == "arguments_delta":
                begun = step.get("arguments")
                pieces = begun if isinstance(begun, str) else ""
                step["arguments"] = pieces + wire.text(delta.get("arguments"))
    return [steps[index] for index in sorted(steps)]


def _usage(document: Document) -> Usage:
    """Thoughts are counted apart."""
    usage = wire.mapping(document.get("usage"))
    return Usage(
        input_tokens=wire.count(usage.get("total_input_tokens")),
        output_tokens=wire.count(usage.get("total_output_tokens")),
        cached_tokens=wire.count(usage.get("total_cached_tokens")),
        reasoning_tokens=wire.count(usage.get("total_thought_tokens")),
    )
