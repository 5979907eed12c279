"""Chat completions, which most providers speak by now beside OpenAI, and what speaks them or
responses: a provider of its own name, or any gateway.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pytest_modelpin.providers import conversations, responses, wire
from pytest_modelpin.providers.embeddings import Embeddings, read_openai
from pytest_modelpin.providers.endpoint import VOLATILE_REPLY_FIELDS, Endpoint
from pytest_modelpin.providers.own_requests import Question, QuestionRequest, chat_request
from pytest_modelpin.providers.provider import Naming
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

_LEGACY = -1
"""The place of the one `function_call` that replies had before `tools`."""


def read_plain(document: Document) -> Reply:
    """One `chat.completion` object."""
    usage = _usage(document)
    # Only the top-level field: a moderation object within the reply has a `model` of its own.
    served = wire.word(document.get("model"))
    [choice] = wire.first_answers([document], "choices")
    # Those on Bedrock call it as Anthropic does.
    finish_reason = wire.word(choice.get("finish_reason") or choice.get("stop_reason"))
    answer = _answer(_message(choice))
    return replace(answer, usage=usage, served_model=served, finish_reason=finish_reason)


def read_streamed(documents: Sequence[Document], done: bool) -> Reply:
    """The `chat.completion.chunk` objects of a stream."""
    content: list[str] = []
    refusal: list[str] = []
    calls = _CallsInPieces()
    usage: Document = {}
    served = finish_reason = error = message = None
    choices = wire.first_answers(documents, "choices")
    for document, choice in zip(documents, choices, strict=True):
        # Azure's first chunk holds the prompt's filter results and has the model "".
        served = served or wire.word(document.get("model"))
        error = error or stream_error(document)
        if _usage(document) != Usage():
            usage = document
        ended = choice.get("finish_reason") or choice.get("stop_reason")
        finish_reason = wire.word(ended) or finish_reason
        delta = wire.mapping(choice.get("delta"))
        if delta.get("index", message) != message:  # the next of several messages, as Mistral's
            message = delta["index"]
            content, refusal, calls = [], [], _CallsInPieces()
        content += _texts(delta.get("content"))
        content += _texts(choice.get("text"))
        refusal += _refusals(delta)
        calls.add(delta)
    return Reply(
        text=wire.joined(content),
        tools=calls.assembled(),
        usage=_usage(usage),
        served_model=served,
        finish_reason=finish_reason,
        refusal=wire.joined(refusal) or None,
        complete=done or finish_reason is not None,
        error=error,
    )


def answers(reply: Mapping[str, Any]) -> tuple[Reply, ...]:
    """Of a completion, one for each choice; of a message that is given alone, its own."""
    match reply:
        case {"object": "chat.completion", "choices": [{"message": {}}, *_] as choices}:
            return tuple(_answer(_message(each)) for each in wire.objects(choices))
        case {"object": "text_completion", "choices": [{"text": str()}, *_] as choices}:
            return tuple(_answer(_message(each)) for each in wire.objects(choices))
        case {"role": "assistant", "content": str() | None, "refusal": str() | None}:
            return (_answer(dict(reply)),)
    return ()


CHAT = Shape(read_plain, read_streamed, ("choices",), answers)


def _message(choice: Document) -> Document:
    """Before there were chats, a completion's choice held its text itself. Where Mistral ran tools
    it has several messages, what the tools gave among them; the last one is the answer.
    """
    message = choice.get("message") or next(reversed(_parts(choice.get("messages"))), None)
    return message if message and isinstance(message, dict) else {"content": choice.get("text")}


def _answer(message: Document) -> Reply:
    texts, refusals = _texts(message.get("content")), _refusals(message)
    calls = _tool_calls(message)
    refusal = wire.joined(refusals) or None
    return Reply(text=wire.joined(texts), tools=real_calls(calls), refusal=refusal)


def _texts(content: JSON) -> list[str]:
    """The answer's text; Mistral's and others' lists of parts hold thinking beside it."""
    if isinstance(content, str):
        return [content]
    return [wire.text(part.get("text")) for part in _parts(content) if part.get("type") == "text"]


def _refusals(message: Document) -> list[str]:
    said = message.get("refusal")
    parts = [wire.text(part.get("refusal")) for part in _parts(message.get("content"))]
    return [said, *parts] if isinstance(said, str) else parts


def _parts(content: JSON) -> list[Document]:
    """The objects of a list; most answers have a text in its place, and call nothing."""
    return wire.objects(content) if isinstance(content, list) else []


def _usage(document: Document) -> Usage:
    """Token counts; Groq's streams put them under `x_groq`."""
    usage = wire.mapping(document.get("usage")) or wire.mapping(
        wire.at(document, "x_groq", "usage")
    )
    return Usage(
        input_tokens=wire.count(usage.get("prompt_tokens")),
        output_tokens=wire.count(usage.get("completion_tokens")),
        cached_tokens=wire.first_count(
            wire.at(usage, "prompt_tokens_details", "cached_tokens"),
            usage.get("prompt_cache_hit_tokens"),  # DeepSeek's name for it
        ),
        reasoning_tokens=wire.count(
            wire.at(usage, "completion_tokens_details", "reasoning_tokens")
        ),
    )


def _tool_calls(message: Document) -> list[ToolCall]:
    found = []
    for call in _parts(message.get("tool_calls")):
        function, is_custom = _function(call)
        name = wire.text(function.get("name"))
        if is_custom:
            found.append(ToolCall(name, wire.text(function.get("input"))))
        else:
            found.append(ToolCall(name, wire.arguments(function.get("arguments"))))
    legacy = message.get("function_call")  # before `tools`, until 2023-11
    if legacy and isinstance(legacy, dict):
        name = wire.text(legacy.get("name"))
        found.append(ToolCall(name, wire.arguments(legacy.get("arguments"))))
    return found


def _function(call: Document) -> tuple[Document, bool]:
    """What is called, and whether it is a custom tool, which takes free text and no JSON.

    Servers write both fields and leave one null or its values empty: the one that says something
    counts, and the call's `type` where both do.
    """
    function, custom = wire.mapping(call.get("function")), wire.mapping(call.get("custom"))
    if any(custom.values()) and (call.get("type") == "custom" or not any(function.values())):
        return custom, True
    return function, False


class _Call:
    def __init__(self, id: str) -> None:
        self.id = id
        self.custom = False
        self.name = ""
        self.pieces: list[str] = []
        self.whole: JSON = None
        """Arguments that came as an object and not as text, as some servers send them."""

    def assembled(self) -> ToolCall:
        text = wire.joined(self.pieces)
        if self.custom:
            return ToolCall(self.name, text)
        return ToolCall(self.name, wire.arguments(text) if self.whole is None else self.whole)


class _CallsInPieces:
    """Tool calls of a stream: each delta belongs to the call with its index.

    Some compatible servers send every parallel call whole and under index 0; there a new id at a
    known index begins a new call.
    """

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._at_index: dict[int, _Call] = {}

    def add(self, delta: Document) -> None:
        for position, piece in enumerate(wire.objects(delta.get("tool_calls"))):
            index = wire.count(piece.get("index"))
            call = self._call(position if index is None else index, piece)
            function, is_custom = _function(piece)
            call.custom = call.custom or is_custom
            arguments = function.get("input" if is_custom else "arguments")
            self._extend(call, wire.text(function.get("name")), arguments)
        legacy = wire.mapping(delta.get("function_call"))
        if legacy:
            call = self._call(_LEGACY, {})
            self._extend(call, wire.text(legacy.get("name")), legacy.get("arguments"))

    def assembled(self) -> tuple[ToolCall, ...]:
        return real_calls(call.assembled() for call in self._calls)

    def _call(self, index: int, piece: Document) -> _Call:
        id = wire.text(piece.get("id"))
        call = self._at_index.get(index)
        if call is None or (id and call.id and id != call.id):
            call = _Call(id)
            self._calls.append(call)
            self._at_index[index] = call
        call.id = call.id or id
        return call

    @staticmethod
    def _extend(call: _Call, name: str, arguments: JSON) -> None:
        # The name comes whole with the first delta; servers that repeat it mean the same one.
        call.name = call.name or name
        if isinstance(arguments, str):
            call.pieces.append(arguments)
        elif arguments is not None:
            call.whole = arguments


# Requests

_QUESTION_PATHS = r"/(?:completions|responses)/*$"  # of a chat, or the older ones of a text
WITH_CONVERSATIONS = rf"{_QUESTION_PATHS}|{conversations.PATH}"
_ONE_RESPONSE = r"/responses/[^/]+/?$"
_SIDE_PATHS = (
    r"(?:(?<!/chat)/completions"  # of a text, whose model is not in models.yml
    r"|/(?:embeddings|moderations|rerank|images/(?:generations|edits|variations)"
    r"|audio/(?:speech|transcriptions|translations)|responses/.+|chat/completions/.+"
    r"|(?:files|uploads|batches|vector_stores|conversations|containers)(?:/.+)?))/?$"
)
_NO_ANSWER = (
    "embeddings", "moderations", "classifications", "rerank", "ocr", "tokenize(?:-text)?",
    "images/.+", "audio/.+", "videos", "responses/.+", "completions",
    "chat/(?:completions/.+|moderations|classifications)", "files", "uploads", "batches",
    "batch/jobs", "vector_stores", "conversations", "containers", "fine_tuning/.+", "realtime/.+",
)  # fmt: skip
"""What is posted there may name a model, and no model's words come back. An assistant or agent is
made with a model, too, and answers later where none is named: of that nothing is read.
"""


_MODELS = r"/models(?:/.+)?/?$"
"""A list of models, or one of them; what is posted there, as Hugging Face's and Replicate's clients
do, asks one in a wire that nothing here reads.
"""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OpenAICompatible(Endpoint):
    """A provider whose API has OpenAI's shape: only names, hosts and id rules are its own."""

    shapes: tuple[Shape, ...] = (CHAT, responses.SHAPE)
    own_question_paths: str = _QUESTION_PATHS
    no_answer_paths: str = rf"/(?:{'|'.join(_NO_ANSWER)})(?:/[^/]+)*/?$"
    # Who asks and how the prompt cache is keyed; neither is part of the question.
    volatile_fields: frozenset[str] = frozenset(
        {"metadata", "user", "safety_identifier", "prompt_cache_key"}
    )

    def may_be_pending(self, method: str, path: str, body: JSON) -> bool:
        """A response that is made in the background, and each look at it; what is said on in a
        conversation of Mistral's, which is answered by the model that it was begun with.
        """
        if method == "GET":
            return re.search(_ONE_RESPONSE, path) is not None
        if "/conversations/" in path and re.search(conversations.ONE, path):
            return True
        return isinstance(body, dict) and body.get("background") is True

    def shape(self, path: str, content: bytes) -> Shape:
        """A chat completion, or a response or conversation where the path says so."""
        if "/conversations" in path:
            return conversations.SHAPE
        is_response = path.rstrip("/").endswith("/responses") or re.search(_ONE_RESPONSE, path)
        return responses.SHAPE if is_response else CHAT

    def embeddings(self, path: str, body: JSON, content: bytes) -> Embeddings | None:
        """OpenAI's, by the end of the path."""
        return read_openai(body, content) if path.rstrip("/").endswith("/embeddings") else None

    def question(self, question: Question, key: str, base_url: str) -> QuestionRequest | None:
        """A chat completion."""
        return chat_request(question, key, base_url)


_ASKING = ("messages", "input", "prompt")
"""Fields of a body that asks: a chat's, a response's, an older completion's."""


class AnyGateway(OpenAICompatible):
    """A proxy, gateway or local server at any address: recognised by what is asked."""

    __slots__ = ()

    def is_side_call(self, method: str, host: str, path: str) -> bool:
        """By the path."""
        listed = method != "POST" and re.search(_MODELS, path) is not None
        return listed or OpenAICompatible.is_side_call(self, method, host, path)

    def asks(self, host: str, path: str, body: JSON) -> bool:
        """The body must name a model and ask it something."""
        if not isinstance(body, dict):
            return False
        named = isinstance(model := body.get("model"), str) and model != ""
        asking = ("inputs",) if "/conversations" in path else _ASKING
        return named and any(body.get(field) is not None for field in asking)


OPENAI_COMPATIBLE = AnyGateway(
    name="openai_compatible",
    naming=Naming(
        provider="openai_compatible",
        claims=r"(?!)",
        rules=(),
        otherwise="A server at an address of its own may call any model by any name.",
    ),
    hosts=(),
    key_variables=("OPENAI_API_KEY",),
    question_paths=WITH_CONVERSATIONS,
    side_paths=_SIDE_PATHS,
    synonyms=("openai-compatible",),
    base_url="https://api.openai.com/v1",
    base_url_variables=("OPENAI_BASE_URL", "OPENAI_API_BASE"),
    sdk_modules=("litellm",),
    volatile_reply_fields=VOLATILE_REPLY_FIELDS
    | {"create_time", "model_version", "signature", "thought_signature", "usage_metadata"},
)
