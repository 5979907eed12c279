"""Ollama. A tag can be pulled anew with other weights; only a digest would be a pin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_modelpin.providers import responses, wire
from pytest_modelpin.providers.embeddings import (
    Embeddings,
    as_texts,
    numbers,
    paired,
    task_of,
    tokens_read,
)
from pytest_modelpin.providers.endpoint import at_host
from pytest_modelpin.providers.openai_compatible import CHAT, OpenAICompatible
from pytest_modelpin.providers.own_requests import (
    ListedModel,
    ModelList,
    Question,
    QuestionRequest,
    chat_request,
)
from pytest_modelpin.providers.provider import Naming, Rule
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

_NATIVE_EMBED = r"/api/(?:embed|embeddings)/?$"
_NATIVE_PATH = r"/api/(?:chat|generate)/?$"


def read_plain(document: Document) -> Reply:
    """One object of `/api/chat` or `/api/generate`; counts as of ollama 0.6.3."""
    return read_streamed([document], False)


def read_streamed(documents: Sequence[Document], done: bool) -> Reply:
    """The lines of a stream: pieces of the message, the last one with `done` and the counts."""
    texts: list[str] = []
    calls: list[ToolCall] = []
    last: Document = {}
    served = error = None
    for document in documents:
        message = wire.mapping(document.get("message"))
        texts.append(wire.text(message.get("content")) or wire.text(document.get("response")))
        for call in wire.objects(message.get("tool_calls")):
            function = wire.mapping(call.get("function"))
            arguments = wire.arguments(function.get("arguments"))
            calls.append(ToolCall(wire.text(function.get("name")), arguments))
        served = served or wire.word(document.get("model"))
        error = error or stream_error(document)
        last = document
    return Reply(
        text=wire.joined(texts),
        tools=real_calls(calls),
        usage=Usage(
            input_tokens=wire.count(last.get("prompt_eval_count")),
            output_tokens=wire.count(last.get("eval_count")),
        ),
        served_model=served,
        finish_reason=wire.word(last.get("done_reason")),
        complete=last.get("done") is True,
        error=error,
    )


def answers(reply: Mapping[str, Any]) -> tuple[Reply, ...]:
    """Of a whole reply, as JSON or as the SDK's object has it."""
    match reply:
        case {"done": True, "message": {"role": "assistant"}} | {"done": True, "response": str()}:
            read = read_plain(dict(reply))
            return (Reply(text=read.text, tools=read.tools),)
    return ()


NATIVE = Shape(read_plain, read_streamed, ("done",), answers)


class Ollama(OpenAICompatible):
    """`/api/chat`, `/api/generate`, and OpenAI's shapes under `/v1`, where models are run."""

    __slots__ = ()

    def asks(self, host: str, path: str, body: JSON) -> bool:
        """On its hosts and its port it does.

        Elsewhere `/api/chat` is a path that many programs have for themselves: there the model
        must be spelled as only Ollama spells it.
        """
        if not re.search(_NATIVE_PATH, path):
            return True
        model = self.requested_model(path, body)
        if model is None:
            return False
        return at_host(self.hosts, host) or host.endswith(":11434") or self.claims(model)

    def shape(self, path: str, content: bytes) -> Shape:
        """Its own, or OpenAI's."""
        if re.search(_NATIVE_PATH, path):
            return NATIVE
        return OpenAICompatible.shape(self, path, content)

    def embeddings(self, path: str, body: JSON, content: bytes) -> Embeddings | None:
        """Its own (`/api/embed`, and the older `/api/embeddings` of one prompt), or OpenAI's."""
        if not re.search(_NATIVE_EMBED, path):
            return OpenAICompatible.embeddings(self, path, body, content)
        asked, document = wire.mapping(body), wire.mapping(wire.parse(content))
        texts = as_texts(asked.get("input", asked.get("prompt")))
        found = document.get("embeddings", [document.get("embedding")])
        vectors = [numbers(each) for each in found] if isinstance(found, list) else []
        return Embeddings(
            paired(texts, task_of(dimensions=asked.get("dimensions")), vectors),
            wire.word(document.get("model")),
            tokens_read(document.get("prompt_eval_count")),
        )

    def question(self, question: Question, key: str, base_url: str) -> QuestionRequest | None:
        """A chat completion; the base URL is that of Ollama's own API."""
        return chat_request(question, key, f"{base_url.removesuffix('/v1')}/v1")


def _listed(entry: Mapping[str, Any]) -> Iterator[ListedModel]:
    """`GET /api/tags`, ollama 0.6.3: the tag, and the digest of the weights that it means now."""
    digest = entry.get("digest")
    yield ListedModel(entry["name"], points_to=f"{entry['name']}@{digest}" if digest else None)


OLLAMA = Ollama(
    name="ollama",
    naming=Naming(
        provider="ollama",
        claims=r"(?:[a-z0-9.\-_]+/)?[a-z0-9.\-_]+:(?:latest|\d+(?:\.\d+)?[bm](?:-[a-zA-Z0-9_.\-]+)?)",
        rules=(
            Rule(
                "floating",
                r"[^:]+(?::latest)?",
                "An Ollama name without a tag means `:latest`, which the next pull replaces.",
            ),
        ),
        otherwise="An Ollama tag can be pulled anew with other weights; the digest that tells is"
        " not part of the id (see `ollama list`).",
        has_pins=False,
    ),
    shapes=(CHAT, responses.SHAPE, NATIVE),
    hosts=("localhost:11434", "127.0.0.1:11434", "ollama.com"),
    key_variables=("OLLAMA_API_KEY",),
    needs_key=False,
    base_url="http://localhost:11434",
    models_page="https://ollama.com/library",
    base_url_variables=("OLLAMA_HOST", "OLLAMA_API_BASE"),
    sdk_modules=("ollama",),
    route_prefixes=("ollama",),
    certain_kinds=frozenset(),
    question_paths=_NATIVE_PATH,
    side_paths=r"/api/(?:show|embed|embeddings|tags)/?$",
    no_answer_paths=r"/api/(?:show|embed|embeddings|pull|push|create|copy)/?$|/v1/embeddings/?$",
    model_list=ModelList("/api/tags", _listed, entries="models", public=True),
)
