"""Cohere's two chats, whose replies name no model. (Its OpenAI-compatible endpoint is a gateway.)

The second is also served by others (Azure, OCI, a machine of one's own).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_modelpin.providers import wire
from pytest_modelpin.providers.embeddings import (
    Embeddings,
    numbers,
    paired,
    task_of,
    text_of,
    tokens_read,
)
from pytest_modelpin.providers.endpoint import Endpoint, at_host
from pytest_modelpin.providers.own_requests import (
    ListedModel,
    ModelList,
    Question,
    QuestionRequest,
    bearer,
    chat_messages,
)
from pytest_modelpin.providers.provider import MONTH, YEAR, Naming, Rule
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
    provider="cohere",
    # "embed-" alone is anybody's: tests call their made-up models so.
    claims=r"command(?:-[a-z0-9\-]+)?|command-r7b-.+|c4ai-[a-z0-9.\-]+"
    r"|(?:embed|rerank)-(?:[a-z0-9.\-]+-)?v\d[a-z0-9.\-]*",
    rules=(
        Rule(
            "pinned",
            rf".+-{MONTH}-{YEAR}",
            "Cohere's ids that end in month and year (MM-YYYY) are versions and never change.",
        ),
        Rule(
            "pinned",
            r"embed-(?:(?:english|multilingual)-)?(?:light-|image-)?v\d+\.\d+",
            "Cohere's embedding ids that end in a version (vN.M) never change.",
        ),
        Rule(
            "floating",
            r"command(?:-(?:a|r|r-plus|light|nightly|light-nightly))?",
            "A Cohere id without month and year is an alias of the newest version.",
        ),
    ),
    otherwise="Cohere's naming rules do not say whether this id moves.",
)


def read_plain(document: Document) -> Reply:
    """One reply of v2 chat."""
    message = wire.mapping(document.get("message"))
    return Reply(
        text=_text(message),
        tools=real_calls(_tool_calls(message)),
        usage=_usage(document),
        finish_reason=wire.word(document.get("finish_reason")),
    )


def read_streamed(documents: Sequence[Document], done: bool) -> Reply:
    """The events of a stream, put together into the reply that would have come plain."""
    content: dict[int, Document] = {}
    calls: dict[int, Document] = {}
    end: Document | None = None
    for document in documents:
        kind = wire.text(document.get("type"))
        index = wire.count(document.get("index")) or 0
        message = wire.mapping(wire.at(document, "delta", "message"))
        if kind in ("content-start", "content-delta"):
            piece = wire.mapping(message.get("content"))
            part = content.setdefault(index, {"type": "text", "text": ""})
            part["type"] = piece.get("type") or part["type"]
            part["text"] += wire.text(piece.get("text"))
        elif kind in ("tool-call-start", "tool-call-delta"):
            function = wire.mapping(wire.at(message, "tool_calls", "function"))
            call = calls.setdefault(index, {"name": "", "arguments": ""})
            call["name"] = call["name"] or wire.text(function.get("name"))
            call["arguments"] += wire.text(function.get("arguments"))
        elif kind == "message-end":
            end = wire.mapping(document.get("delta"))
    whole = {
        "message": {
            "content": [content[index] for index in sorted(content)],
            "tool_calls": [{"function": calls[index]} for index in sorted(calls)],
        },
    }
    reply = read_plain((end or {}) | whole)
    return replace(reply, complete=end is not None, error=stream_error(end or {}))


def answers(reply: Mapping[str, Any]) -> tuple[Reply, ...]:
    """Of a reply of v2 chat; the SDK's objects spell it as the wire does."""
    match reply:
        case {
            "message": {"role": "assistant", "content": [*_] | None} as message,
            "finish_reason": str(),
            "id": _,
        }:
            return (Reply(text=_text(message), tools=real_calls(_tool_calls(message))),)
    return ()


def read_embeddings(body: JSON, content: bytes) -> Embeddings:
    """`POST …/v1/embed` and `…/v2/embed`, whose replies name no model.

    Of several forms of a vector the most exact comes first.
    """
    asked, document = wire.mapping(body), wire.mapping(wire.parse(content))
    found = document.get("embeddings")
    forms: Document = found if isinstance(found, dict) else {"float": found}
    name = next((each for each in _FORMS if forms.get(each)), "float")
    given = forms.get(name)
    vectors = [numbers(each, name) for each in given] if isinstance(given, list) else []
    task = task_of(asked.get("input_type"), dimensions=asked.get("output_dimension"))
    tokens = wire.at(document, "meta", "billed_units", "input_tokens")
    return Embeddings(paired(_texts(asked), task, vectors), None, tokens_read(tokens))


_FORMS = ("float", "base64", "int8", "uint8", "binary", "ubinary")


def _texts(asked: Document) -> list[str]:
    """`texts`, or `inputs`, each of which is a list of parts."""
    if isinstance(texts := asked.get("texts"), list):
        return [wire.text(each) for each in texts]
    return [text_of(each.get("content"), each) for each in wire.objects(asked.get("inputs"))]


SHAPE = Shape(read_plain, read_streamed, ("delta",), answers)


def read_plain_v1(document: Document) -> Reply:
    """One reply of v1 chat, `NonStreamedChatResponse` of cohere 7.3."""
    calls = wire.objects(document.get("tool_calls"))
    return Reply(
        text=wire.joined([wire.text(document.get("text"))]),
        tools=real_calls(
            ToolCall(wire.text(each.get("name")), wire.arguments(each.get("parameters")))
            for each in calls
        ),
        usage=_usage({"usage": document.get("meta")}),
        finish_reason=wire.word(document.get("finish_reason")),
    )


def read_streamed_v1(documents: Sequence[Document], done: bool) -> Reply:
    """The events of a stream, mostly one a line; the last one has the whole reply."""
    pieces: list[str] = []
    calls: list[Document] = []
    end: Document | None = None
    for document in documents:
        kind = document.get("event_type")
        if kind == "text-generation":
            pieces.append(wire.text(document.get("text")))
        elif kind == "tool-calls-generation":
            calls = wire.objects(document.get("tool_calls"))
        elif kind == "stream-end":
            end = document
    said = {"text": "".join(pieces), "tool_calls": calls}
    reply = read_plain_v1(said | wire.mapping(wire.at(end, "response")))
    reason = wire.word(wire.at(end, "finish_reason")) or reply.finish_reason
    return replace(reply, finish_reason=reason, complete=end is not None)


def answers_v1(reply: Mapping[str, Any]) -> tuple[Reply, ...]:
    """Of a reply of v1 chat; the SDK's objects spell it as the wire does."""
    match reply:
        case {"text": str(), "generation_id": str(), "chat_history": _}:
            read = read_plain_v1(dict(reply))
            return (Reply(text=read.text, tools=read.tools),)
    return ()


V1 = Shape(read_plain_v1, read_streamed_v1, ("generation_id", "event_type"), answers_v1)
_V1_PATH = r"/v1/chat/*$"


def _text(message: Document) -> str:
    parts = wire.objects(message.get("content"))
    return wire.joined(wire.text(part.get("text")) for part in parts if part.get("type") == "text")


def _tool_calls(message: Document) -> Iterator[ToolCall]:
    for call in wire.objects(message.get("tool_calls")):
        function = wire.mapping(call.get("function"))
        yield ToolCall(wire.text(function.get("name")), wire.arguments(function.get("arguments")))


def _usage(document: Document) -> Usage:
    """What the model read and wrote; `billed_units` leaves out Cohere's own prompt."""
    tokens = wire.at(document, "usage", "tokens")
    return Usage(
        input_tokens=wire.count(wire.at(tokens, "input_tokens")),
        output_tokens=wire.count(wire.at(tokens, "output_tokens")),
        cached_tokens=wire.count(wire.at(document, "usage", "cached_tokens")),
    )


class Cohere(Endpoint):
    """`POST …/v2/chat` and `…/v1/chat`."""

    __slots__ = ()

    def asks(self, host: str, path: str, body: JSON) -> bool:
        """On other hosts than Cohere's the body must name a model and ask it.

        Many programs have a `/v1/chat` for themselves: the model must be one of Cohere's there.
        """
        if at_host(self.hosts, host):
            return True
        model = self.requested_model(path, body)
        if re.search(_V1_PATH, path):
            asked = wire.at(body, "message") is not None
            return asked and model is not None and self.claims(model)
        return model is not None and wire.at(body, "messages") is not None

    def shape(self, path: str, content: bytes) -> Shape:
        """That of the chat that was asked."""
        return V1 if re.search(_V1_PATH, path) else SHAPE

    def embeddings(self, path: str, body: JSON, content: bytes) -> Embeddings | None:
        """By the end of the path."""
        asks = path.rstrip("/").endswith(("/v1/embed", "/v2/embed"))
        return read_embeddings(body, content) if asks else None

    def question(self, question: Question, key: str, base_url: str) -> QuestionRequest | None:
        """A chat of version 2."""
        body = {"model": question.model, "messages": chat_messages(question)}
        return QuestionRequest(f"{base_url}/v2/chat", bearer(key), body)


def _listed(entry: Mapping[str, Any]) -> Iterator[ListedModel]:
    """Names alone: `is_deprecated` says that an end comes, not when."""
    yield ListedModel(entry["name"])


COHERE = Cohere(
    name="cohere",
    naming=NAMING,
    hosts=("api.cohere.com", "api.cohere.ai"),
    key_variables=("CO_API_KEY", "COHERE_API_KEY"),
    shapes=(SHAPE, V1),
    base_url="https://api.cohere.com",
    models_page="https://docs.cohere.com/docs/models",
    base_url_variables=("CO_API_URL", "COHERE_BASE_URL", "COHERE_API_BASE"),
    question_paths=r"/v[12]/chat/*$",
    side_paths=r"/v[12]/(?:embed|rerank|tokenize|detokenize|classify)/?$",
    sdk_modules=("cohere",),
    route_prefixes=("cohere",),
    price_name="cohere",
    model_list=ModelList("/v1/models?page_size=1000", _listed, entries="models"),
    # The warning names the date on which the model will be removed.
    kept_headers=frozenset({"x-api-warning", "x-debug-trace-id"}),
)
