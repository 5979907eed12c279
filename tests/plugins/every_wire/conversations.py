"""Mistral's conversations: entries, and a stream of events; each goes on by the id it was given."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_modelpin.demo.dialects import CHAT
from pytest_modelpin.demo.question_and_answer import (
    Answer,
    Dialect,
    Document,
    arguments_text,
    event,
    halves,
    pieces,
)


def model_of(path: str) -> str | None:
    """Who answers what is said on there; None where the path is no conversation's."""
    found = re.search(r"/conversations/conv_\d+_([^/]+)$", path)
    return found[1] if found else None


def _plain(answer: Answer) -> Document:
    reply, made = answer.reply, {"object": "entry", "model": answer.served}
    said = {**made, "type": "message.output", "role": "assistant", "content": reply.text}
    calls = [
        {**made, "type": "function.call", "name": name, "arguments": arguments_text(given)}
        | {"tool_call_id": f"call_{place}"}
        for place, (name, given) in enumerate(reply.tools)
    ]
    return {
        "object": "conversation.response",
        "conversation_id": _id(answer),
        "outputs": [*([said] if reply.text or not calls else []), *calls],
        "usage": _usage(answer),
    }


def _id(answer: Answer) -> str:
    return f"conv_{answer.number}_{answer.served}"


def _usage(answer: Answer) -> Document:
    given, taken = answer.usage.input_tokens or 0, answer.usage.output_tokens or 0
    counted = {"prompt_tokens": given, "completion_tokens": taken, "total_tokens": given + taken}
    return {**counted, "connector_tokens": None}


def _streamed(answer: Answer) -> Iterator[str]:
    for document in _events(answer):
        yield event(document, document["type"])


def _events(answer: Answer) -> Iterator[Document]:
    yield {"type": "conversation.response.started", "conversation_id": _id(answer)}
    made = {"model": answer.served, "id": f"entry_{answer.number}"}
    for piece in pieces(answer.reply.text):
        yield {**made, "type": "message.output.delta", "content": piece, "output_index": 0}
    for place, (name, given) in enumerate(answer.reply.tools, 1):
        call = {**made, "name": name, "tool_call_id": f"call_{place}", "output_index": place}
        for half in halves(given):
            yield {**call, "type": "function.call.delta", "arguments": half}
    yield {"type": "conversation.response.done", "usage": _usage(answer)}


CONVERSATION = Dialect("mistral", _plain, _streamed, CHAT.error)
