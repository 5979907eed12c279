"""Gemini's interactions: steps, and a stream of events that tells of each."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_modelpin.demo.dialects import GEMINI
from pytest_modelpin.demo.question_and_answer import (
    Answer,
    Dialect,
    Document,
    event,
    halves,
    pieces,
)


def _plain(answer: Answer) -> Document:
    said = {"type": "model_output", "content": [{"type": "text", "text": answer.reply.text}]}
    steps = [said] if answer.reply.text or not answer.reply.tools else []
    return _interaction(answer) | {"steps": [*steps, *_calls(answer)]}


def _calls(answer: Answer) -> list[Document]:
    return [
        {"type": "function_call", "id": f"call-{place}", "name": name, "arguments": given}
        for place, (name, given) in enumerate(answer.reply.tools)
    ]


def _interaction(answer: Answer) -> Document:
    given, taken = answer.usage.input_tokens or 0, answer.usage.output_tokens or 0
    return {
        "id": f"interaction-{answer.number}",
        "object": "interaction",
        "status": "requires_action" if answer.reply.tools else "completed",
        "model": answer.served,
        "usage": {
            "total_input_tokens": given,
            "total_output_tokens": taken,
            "total_tokens": given + taken,
        },
    }


def _streamed(answer: Answer) -> Iterator[str]:
    for document in _events(answer):
        yield event(document, document["event_type"])
    yield "data: [DONE]\n\n"


def _events(answer: Answer) -> Iterator[Document]:
    begun = {"id": f"interaction-{answer.number}", "status": "in_progress", "model": answer.served}
    yield {"event_type": "interaction.created", "interaction": begun}
    place = 0
    if answer.reply.text:
        said = {"type": "model_output", "content": []}
        yield {"event_type": "step.start", "index": place, "step": said}
        for piece in pieces(answer.reply.text):
            delta = {"type": "text", "text": piece}
            yield {"event_type": "step.delta", "index": place, "delta": delta}
        yield {"event_type": "step.stop", "index": place}
        place += 1
    for call in _calls(answer):
        yield {"event_type": "step.start", "index": place, "step": {**call, "arguments": {}}}
        for half in halves(call["arguments"]):
            delta = {"type": "arguments_delta", "arguments": half}
            yield {"event_type": "step.delta", "index": place, "delta": delta}
        yield {"event_type": "step.stop", "index": place}
        place += 1
    yield {"event_type": "interaction.completed", "interaction": _interaction(answer)}


INTERACTION = Dialect("google", _plain, _streamed, GEMINI.error)
