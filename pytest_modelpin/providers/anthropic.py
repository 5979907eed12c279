"""Anthropic's messages API. Aliases resolve in the reply's `model`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_modelpin.providers import wire
from pytest_modelpin.providers.endpoint import SECRET_HEADERS, VOLATILE_REPLY_FIELDS, Endpoint
from pytest_modelpin.providers.own_requests import ListedModel, ModelList, Question, QuestionRequest
from pytest_modelpin.providers.provider import DAY, MONTH, YEAR, Naming, Rule
from pytest_modelpin.providers.wire import (
    JSON,
    Document,
    Reply,
    Shape,
    ToolCall,
    Usage,
    real_calls,
    stream_error,
)

NAMING = Naming(
    provider="anthropic",
    claims=r"claude-[a-z0-9.\-]+",
    rules=(
        Rule(
            "pinned",
            rf"claude-.+-{YEAR}{MONTH}{DAY}",
            "Anthropic's ids that end in a date (YYYYMMDD) are snapshots and never change.",
        ),
        Rule(
            "pinned",
            r"claude-(?:opus|sonnet)-4-[6-9]"
            r"|claude-(?:fable|mythos|opus|sonnet|haiku)-[5-9](?:-\d{1,2})?",
            "From Claude 4.6 on, Anthropic's ids have no date and are pinned all the same.",
        ),
        Rule(
            "pinned",
            r"claude-(?:[12]\.\d|instant-1\.\d)",
            "Claude 1 and 2 were pinned by their version number.",
        ),
        Rule(
            "floating",
            r"claude-(?:opus|sonnet|haiku)-4(?:-[0-5])?",
            "Up to Claude 4.5, an Anthropic id without a date is an alias of the newest snapshot.",
        ),
        Rule(
            "floating",
            r"claude-(?:[12]|instant-1|instant)",
            "A major version alone stood for its newest minor version.",
        ),
    ),
    otherwise="Anthropic's naming rules do not say whether this id moves.",
)


_CALLS = frozenset({"tool_use"})
_CALLS_MADE = _CALLS | {"server_tool_use", "mcp_tool_use"}


def read_plain(document: Document) -> Reply:
    """One `message` object."""
    blocks = wire.objects(document.get("content"))
    stop_reason = wire.word(document.get("stop_reason"))
    return Reply(
        text=_text(blocks),
        tools=real_calls(_tool_calls(blocks)),
        usage=_usage(wire.mapping(document.get("usage"))),
        served_model=wire.word(document.get("model")),
        finish_reason=stop_reason,
        refusal=_refusal(stop_reason, wire.mapping(document.get("stop_details"))),
    )


def read_streamed(documents: Sequence[Document], done: bool) -> Reply:
    """The events of a stream, put together into the message that a plain reply would hold."""
    message: Document = {}
    usage: Document = {}
    blocks: dict[int, _Block] = {}
    ended = False
    error = None
    for document in documents:
        kind = wire.text(document.get("type"))
        index = wire.count(document.get("index")) or 0
        if kind == "message_start":
            message = dict(wire.mapping(document.get("message")))
            usage = _reported(message.get("usage"))
        elif kind == "content_block_start":
            start = wire.mapping(document.get("content_block"))
            blocks[index] = _Block(start)
            # After a fallback within the stream, another model goes on with the answer.
            if start.get("type") == "fallback":
                message["model"] = wire.at(start, "to", "model") or message.get("model")
        elif kind == "content_block_delta":
            blocks.setdefault(index, _Block({})).add(wire.mapping(document.get("delta")))
        elif kind == "message_delta":
            message |= _reported(document.get("delta"))
            # Cumulative, and it may correct the input tokens that message_start gave.
            usage |= _reported(document.get("usage"))
        elif kind == "message_stop":
            ended = True
        elif kind == "error":
            error = error or stream_error(document)
    content = [blocks[index].assembled() for index in sorted(blocks)]
    reply = read_plain(message | {"content": content, "usage": usage})
    return replace(reply, complete=ended, error=error)


def answers(reply: Mapping[str, Any]) -> tuple[Reply, ...]:
    """Of a message, with the calls that Anthropic made itself.

    A refusal is the stop reason alone: its explanation is worded anew each time.
    """
    match reply:
        case {"type": "message", "role": "assistant", "content": list(content)}:
            blocks = wire.objects(content)
            refused = "refusal" if reply.get("stop_reason") == "refusal" else None
            calls = real_calls(_tool_calls(blocks, _CALLS_MADE))
            return (Reply(text=_text(blocks), tools=calls, refusal=refused),)
    return ()


_TELLING = ("stop_reason", "content_block", "message_start")
SHAPE = Shape(read_plain, read_streamed, _TELLING, answers)


class _Block:
    """A content block of a stream: its start, and the pieces that followed."""

    def __init__(self, start: Document) -> None:
        self.start = start
        self.texts: list[str] = []
        self.jsons: list[str] = []

    def add(self, delta: Document) -> None:
        self.texts.append(wire.text(delta.get("text")))
        self.jsons.append(wire.text(delta.get("partial_json")))

    def assembled(self) -> Document:
        block = dict(self.start)
        block.setdefault("type", "text" if any(self.texts) else "unknown")
        block["text"] = wire.text(block.get("text")) + "".join(self.texts)
        if any(self.jsons):
            block["input"] = wire.arguments("".join(self.jsons))
        return block


def _reported(value: JSON) -> Document:
    """The fields that say something: null means "as before"."""
    return {name: said for name, said in wire.mapping(value).items() if said is not None}


def _text(blocks: list[Document]) -> str:
    return wire.joined(wire.text(b.get("text")) for b in blocks if b.get("type") == "text")


def _tool_calls(blocks: list[Document], kinds: frozenset[str] = _CALLS) -> Iterator[ToolCall]:
    """By default the calls that the client must answer."""
    for block in blocks:
        if wire.text(block.get("type")) in kinds:
            yield ToolCall(wire.text(block.get("name")), wire.arguments(block.get("input")))


def _usage(usage: Document) -> Usage:
    """As the wire has it: `input_tokens` excludes what was read from or written to the cache."""
    return Usage(
        input_tokens=wire.count(usage.get("input_tokens")),
        output_tokens=wire.count(usage.get("output_tokens")),
        cached_tokens=wire.count(usage.get("cache_read_input_tokens")),
        reasoning_tokens=wire.count(wire.at(usage, "output_tokens_details", "thinking_tokens")),
    )


def _refusal(stop_reason: str | None, details: Document) -> str | None:
    if stop_reason != "refusal":
        return None
    return wire.word(details.get("explanation")) or wire.word(details.get("category")) or "refusal"


class Anthropic(Endpoint):
    """`POST …/v1/messages`, at any host that speaks it."""

    __slots__ = ()

    def question(self, question: Question, key: str, base_url: str) -> QuestionRequest | None:
        """A message; the limit of tokens is required."""
        body: dict[str, JSON] = {
            "model": question.model,
            "max_tokens": question.most_tokens,
            "messages": [{"role": "user", "content": question.user}],
        }
        if question.system:
            body["system"] = question.system
        return QuestionRequest(f"{base_url}/v1/messages", _headers(key), body)


def _headers(key: str) -> dict[str, str]:
    return {"x-api-key": key, "anthropic-version": "2023-06-01"}


def _listed(entry: Mapping[str, Any]) -> Iterator[ListedModel]:
    """`ModelInfo.retires_at`, anthropic 2.11. The list leaves retired models out by default.

    Asked for by an alias, one entry bears the id that it stands for.
    """
    yield ListedModel(entry["id"], entry.get("retires_at"))


ANTHROPIC = Anthropic(
    name="anthropic",
    naming=NAMING,
    hosts=("api.anthropic.com",),
    key_variables=("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
    shapes=(SHAPE,),
    base_url="https://api.anthropic.com",
    models_page="https://platform.claude.com/docs/en/models/overview",
    base_url_variables=("ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL", "ANTHROPIC_API_BASE"),
    question_paths=r"/v1/messages/*$",  # counting tokens and batches ask for no answer
    side_paths=r"/v1/messages/(?:count_tokens|batches(?:/.+)?)/?$",
    sdk_modules=("anthropic",),
    route_prefixes=("anthropic",),
    price_name="anthropic",
    caches_apart=True,
    model_list=ModelList(
        "/v1/models?limit=1000", _listed, _headers, lists_retirements=True, one="/v1/models/{id}"
    ),
    volatile_reply_fields=VOLATILE_REPLY_FIELDS | {"signature"},
    echoes=False,
    secret_headers=SECRET_HEADERS | {"anthropic-organization-id", "anthropic-workspace-id"},
    kept_headers=frozenset({"request-id"}),
    volatile_fields=frozenset({"metadata"}),
    overload_statuses=frozenset({429, 500, 504, 529}),
)
