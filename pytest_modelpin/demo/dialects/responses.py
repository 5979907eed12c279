"""OpenAI's responses."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_modelpin.demo.dialects.answer import (
    Answer,
    Dialect,
    Document,
    arguments_text,
    event,
    halves,
    pieces,
)
from pytest_modelpin.demo.dialects.chat import error


def _plain(answer: Answer) -> Document:
    given, taken = answer.usage.input_tokens or 0, answer.usage.output_tokens or 0
    return {
        **_head(answer, "completed"),
        "output": [item for item, _ in _items(answer)],
        "usage": {
            "input_tokens": given,
            "input_tokens_details": {"cached_tokens": answer.usage.cached_tokens or 0},
            "output_tokens": taken,
            "output_tokens_details": {"reasoning_tokens": answer.usage.reasoning_tokens or 0},
            "total_tokens": given + taken,
        },
    }


def _streamed(answer: Answer) -> Iterator[str]:
    for number, document in enumerate(_events(answer)):
        yield event({**document, "sequence_number": number}, document["type"])


def _events(answer: Answer) -> Iterator[Document]:
    begun = _head(answer, "in_progress")
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, (item, deltas) in enumerate(_items(answer)):
        at = {"item_id": item["id"], "output_index": index}
        if item["type"] == "message":
            part = item["content"][0]
            within = {**at, "content_index": 0}
            kind = "output_text" if part["type"] == "output_text" else "refusal"
            field = "text" if kind == "output_text" else "refusal"
            yield _added(index, {**item, "content": [], "status": "in_progress"})
            empty = {**part, field: ""}
            yield {"type": "response.content_part.added", **within, "part": empty}
            for delta in deltas:
                yield {"type": f"response.{kind}.delta", **within, "delta": delta, "logprobs": []}
            yield {"type": f"response.{kind}.done", **within, field: part[field], "logprobs": []}
            yield {"type": "response.content_part.done", **within, "part": part}
        else:
            kind = "response.function_call_arguments"
            yield _added(index, {**item, "arguments": "", "status": "in_progress"})
            for delta in deltas:
                yield {"type": f"{kind}.delta", **at, "delta": delta}
            done = {"arguments": item["arguments"], "name": item["name"]}
            yield {"type": f"{kind}.done", **at, **done}
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": "response.completed", "response": _plain(answer)}


def _added(index: int, item: Document) -> Document:
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def _items(answer: Answer) -> Iterator[tuple[Document, list[str]]]:
    """Each output item, whole, and the pieces in which a stream gives it."""
    reply = answer.reply
    if reply.text or reply.refusal or not reply.tools:
        part: Document = {"type": "output_text", "text": reply.text, "annotations": []}
        if reply.refusal:
            part = {"type": "refusal", "refusal": reply.refusal}
        message = {"type": "message", "id": f"msg_{answer.number}", "role": "assistant"}
        yield (
            {**message, "status": "completed", "content": [part]},
            pieces(reply.refusal or reply.text),
        )
    for index, (name, arguments) in enumerate(reply.tools):
        yield (
            {
                "type": "function_call",
                "id": f"fc_{answer.number}_{index}",
                "call_id": f"call_{answer.number}_{index}",
                "name": name,
                "arguments": arguments_text(arguments),
                "status": "completed",
            },
            list(halves(arguments)),
        )


def _head(answer: Answer, status: str) -> Document:
    return {
        "id": f"resp_{answer.number}",
        "object": "response",
        "created_at": answer.created,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "model": answer.served,
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": None,
    }


RESPONSES = Dialect("openai", _plain, _streamed, error)
