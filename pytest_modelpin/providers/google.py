"""Google's Gemini: `generateContent` and interactions of the Gemini API and of Vertex AI.

The reply's `modelVersion` echoes a floating id. It does show a silent redirect: a retired preview
was served as `models/gemini-2.5-pro`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_modelpin.providers import anthropic, embeddings, interactions, wire
from pytest_modelpin.providers.embeddings import Embeddings
from pytest_modelpin.providers.endpoint import (
    SECRET_HEADERS,
    VOLATILE_REPLY_FIELDS,
    EndpointByPath,
    bare,
    without,
)
from pytest_modelpin.providers.openai_compatible import CHAT
from pytest_modelpin.providers.own_requests import ListedModel, ModelList, Question, QuestionRequest
from pytest_modelpin.providers.provider import DAY, MONTH, YEAR, ModelId, Naming, Rule, of_vendor
from pytest_modelpin.providers.wire import (
    JSON,
    Document,
    Reply,
    Shape,
    ToolCall,
    Usage,
    real_calls,
    shape_by_looks,
    stream_error,
)

NAMING = Naming(
    provider="google",
    # Without a number or a kind it is anybody's: tests call their made-up keys `gemini-key`.
    claims=r"(?:models/|(?:projects/.+/)?publishers/google/models/)?"
    r"(?:gemini-(?=[^/]*(?:\d|pro|flash|ultra|nano|embedding))[a-z0-9.\-]+"
    r"|(?:gemma|imagen|veo)-[a-z0-9.\-]+|text-embedding-0\d\d|embedding-001)"
    rf"|claude-[a-z0-9.\-]+@(?:{YEAR}{MONTH}{DAY}|latest|default)",
    rules=(
        Rule(
            "pinned",
            r"gemini-.+-0\d\d|text-embedding-0\d\d",
            "Google's ids that end in a number of three digits (-001) are pinned versions.",
        ),
        Rule(
            "pinned",
            rf"gemini-.+-preview-(?:{MONTH}-{DAY}|{MONTH}-{YEAR})",
            "Google's previews that end in a date are pinned, until they are redirected.",
        ),
        Rule(
            "pinned",
            rf"claude-[a-z0-9.\-]+@{YEAR}{MONTH}{DAY}",
            "Vertex pins a partner's model by the date after the @.",
        ),
        Rule(
            "floating",
            r"gemini-(?!.*(?:-exp|\d{3}))[a-z0-9.\-]+",
            "A Gemini id without a version number or date moves to the next version.",
        ),
    ),
    otherwise="Google's naming rules do not say whether this id moves.",
)

_CALL = re.compile(r"(/(?:models|tunedModels|endpoints)/)([^/:]+)(:\w+/?$)")
_PROJECT = r"(/projects/)[^/]+(/locations/)"
_COUNTER = "count-tokens"
_QUESTION = (
    rf"/(?:models|tunedModels|endpoints)/(?!{_COUNTER}:)[^/:]+"
    r":(?:generateContent|streamGenerateContent|rawPredict|streamRawPredict)/?$"
)
"""Anthropic's tokens are counted under a model's name of their own."""
_DATED_CLAUDE = r"^(claude-.+)-(20\d{6})$"
_PARTNERS = (anthropic.SHAPE, CHAT)
_VERTEX = ("vertex", "vertex_ai", "google-vertex", "google_vertexai")

# https://ai.google.dev/api/generate-content#FinishReason: those that withhold the answer.
_REFUSALS = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "MODEL_ARMOR",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
    }
)


def read_plain(document: Document) -> Reply:
    """One `GenerateContentResponse`."""
    return read_streamed([document], True)


def read_streamed(documents: Sequence[Document], done: bool) -> Reply:
    """The partial `GenerateContentResponse`s of a stream; each repeats the usage so far."""
    parts: list[Document] = []
    usage: Document = {}
    served = finish_reason = refusal = error = None
    candidates = wire.first_answers(documents, "candidates")
    for document, candidate in zip(documents, candidates, strict=True):
        parts += wire.objects(wire.at(candidate, "content", "parts"))
        usage |= wire.mapping(document.get("usageMetadata"))
        served = served or wire.word(document.get("modelVersion"))
        finish_reason = wire.word(candidate.get("finishReason")) or finish_reason
        refusal = refusal or _refusal(document, candidate)
        error = error or stream_error(document)
    return Reply(
        text=_text(parts),
        tools=real_calls(_tool_calls(parts)),
        usage=_usage(usage),
        served_model=served,
        finish_reason=finish_reason,
        refusal=refusal,
        complete=done or finish_reason is not None or refusal is not None,
        error=error,
    )


def answers(reply: Mapping[str, Any]) -> tuple[Reply, ...]:
    """Of a response, one for each candidate; in the wire's spelling or the SDK's."""
    match reply:
        case {
            "candidates": [
                {"content": {"parts": _} | {"role": "model"} | None} | {"finishReason": str()},
                *_,
            ] as candidates
        }:
            return tuple(_answer(candidate) for candidate in wire.objects(candidates))
        case {"prompt_feedback": {"block_reason": str(reason)}}:
            return (Reply(refusal=reason),)
        case {"promptFeedback": {"blockReason": str(reason)}}:
            return (Reply(refusal=reason),)
    return ()


SHAPE = Shape(read_plain, read_streamed, ("candidates", "promptFeedback"), answers)


def _answer(candidate: Document) -> Reply:
    parts = wire.objects(wire.at(candidate, "content", "parts"))
    text, calls = _text(parts), real_calls(_tool_calls(parts))
    finished = wire.word(candidate.get("finishReason", candidate.get("finish_reason")))
    stopped = not text and not calls and finished not in ("STOP", "MAX_TOKENS", None)
    return Reply(text=text, tools=calls, refusal=finished if stopped else None)


def _text(parts: list[Document]) -> str:
    return wire.joined(wire.text(p.get("text")) for p in parts if not p.get("thought"))


def _refusal(document: Document, candidate: Document) -> str | None:
    feedback = wire.mapping(document.get("promptFeedback"))
    blocked = wire.word(feedback.get("blockReason"))
    if blocked:
        return wire.word(feedback.get("blockReasonMessage")) or blocked
    reason = wire.word(candidate.get("finishReason"))
    if reason not in _REFUSALS:
        return None
    return wire.word(candidate.get("finishMessage")) or reason


def _tool_calls(parts: list[Document]) -> Iterator[ToolCall]:
    for part in parts:
        call = part.get("functionCall", part.get("function_call"))
        if isinstance(call, dict):
            arguments = call.get("args")
            yield ToolCall(wire.text(call.get("name")), {} if arguments is None else arguments)


def _usage(usage: Document) -> Usage:
    """`candidatesTokenCount` does not include the thoughts."""
    return Usage(
        input_tokens=wire.count(usage.get("promptTokenCount")),
        output_tokens=wire.count(usage.get("candidatesTokenCount")),
        cached_tokens=wire.count(usage.get("cachedContentTokenCount")),
        reasoning_tokens=wire.count(usage.get("thoughtsTokenCount")),
    )


class Google(EndpointByPath):
    """`POST …/models/<id>:generateContent` and `:streamGenerateContent`, any version, any host.

    On Vertex `:rawPredict` and `:streamRawPredict` take a partner's own request: Anthropic's
    messages, Mistral's chat. `POST …/interactions` names the model in its body.
    """

    __slots__ = ()
    call = _CALL
    unquoted = "@"

    def asks(self, host: str, path: str, body: JSON) -> bool:
        """An interaction is one with a model, or with an agent, which nobody pins."""
        return not _asks_interaction(path) or "model" in wire.mapping(body)

    def may_be_pending(self, method: str, path: str, body: JSON) -> bool:
        """An interaction that is made in the background, and each look at it."""
        if method == "GET":
            return _looks_at_interaction(path)
        return bool(wire.at(body, "background")) and _asks_interaction(path)

    def requested_model(self, path: str, body: JSON) -> str | None:
        """The id in the path; in the body of an interaction, of what is cached for a model, and
        where Anthropic's tokens are counted.
        """
        if _named_in_body(path):
            return bare(wire.text(wire.at(body, "model"))) or None
        found = EndpointByPath.requested_model(self, path, body)
        return found if found != _COUNTER else wire.word(wire.at(body, "model"))

    def shape(self, path: str, content: bytes) -> Shape:
        """Gemini's shapes, or that of the partner whose model it is."""
        if _asks_interaction(path) or _looks_at_interaction(path):
            return interactions.SHAPE
        found = self.call.search(path)
        partner = found is not None and "awPredict" in found[3]
        return shape_by_looks(content, _PARTNERS) if partner else SHAPE

    def embeddings(self, path: str, body: JSON, content: bytes) -> Embeddings | None:
        """`embedContent`, `batchEmbedContents`, and Vertex's `predict` of instances."""
        call = embeddings.google_call_of(path)
        return embeddings.read_google(call, body, content) if call else None

    def without_model(self, path: str, body: JSON) -> tuple[str, JSON]:
        """As its path names it, and where requests for embeddings repeat it; whoever pays."""
        if _named_in_body(path):
            body = without(body, frozenset({"model"}))
        bare_path, rest = EndpointByPath.without_model(self, path, body)
        bare_path = re.sub(_PROJECT, r"\1project\2", bare_path)
        return bare_path, embeddings.named_for_google(path, rest, None)

    def as_id(self, asked: str, served: str) -> str:
        """Claude's replies spell a date as Anthropic does; Vertex takes it behind an @."""
        name = bare(served)
        return re.sub(_DATED_CLAUDE, r"\1@\2", name) if "@" in asked else name

    def with_model(self, path: str, body: JSON, model: str) -> tuple[str, JSON]:
        """The id in the path replaced; `models/` stands there already."""
        counted = EndpointByPath.requested_model(self, path, body) == _COUNTER
        if counted or _named_in_body(path):
            named = wire.text(wire.at(body, "model"))
            resource = named.removesuffix(bare(named))  # `models/`, as a cache wants it
            return path, {**wire.mapping(body), "model": resource + bare(model)}
        moved, same = EndpointByPath.with_model(self, path, body, bare(model))
        return moved, embeddings.named_for_google(path, same, bare(model))

    def identify(self, model: str) -> ModelId:
        """By Google's rules; Vertex sells Claude under Anthropic's own ids from 4.6 on."""
        name = bare(model)
        rules = anthropic.NAMING if anthropic.NAMING.owns(name) else self.naming
        return of_vendor(model, name, rules.identify, self.name)

    def retirement_key(self, model: str, named: str) -> tuple[str, str]:
        """Vertex AI has a calendar of its own, which is not that of the Gemini API."""
        on_vertex = named in _VERTEX or "@" in model or "publishers/" in model
        return ("vertex" if on_vertex else self.name), bare(model)

    def question(self, question: Question, key: str, base_url: str) -> QuestionRequest | None:
        """One content; the key in a header, not in the URL."""
        body: dict[str, JSON] = {"contents": [{"role": "user", "parts": [{"text": question.user}]}]}
        if question.system:
            body["systemInstruction"] = {"parts": [{"text": question.system}]}
        url = f"{base_url}/v1beta/models/{bare(question.model)}:generateContent"
        return QuestionRequest(url, _headers(key), body)


def _asks_interaction(path: str) -> bool:
    return "/interactions" in path and re.search(interactions.PATH, path) is not None


def _named_in_body(path: str) -> bool:
    return _asks_interaction(path) or path.endswith("/cachedContents")


def _looks_at_interaction(path: str) -> bool:
    return "/interactions/" in path and re.search(interactions.ONE, path) is not None


def _headers(key: str) -> dict[str, str]:
    return {"x-goog-api-key": key}


def _listed(entry: Mapping[str, Any]) -> Iterator[ListedModel]:
    """Names alone: neither an alias's target nor an end is told."""
    yield ListedModel(bare(entry["name"]))


GOOGLE = Google(
    name="google",
    naming=NAMING,
    hosts=(
        "generativelanguage.googleapis.com",
        "aiplatform.googleapis.com",
        "*-aiplatform.googleapis.com",
        "aiplatform.*.rep.googleapis.com",
    ),
    key_variables=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    login_ids=r".*(?:@|publishers/).*",
    shapes=(SHAPE, *_PARTNERS, interactions.SHAPE),
    synonyms=("gemini", "google_gemini", "google-gla", *_VERTEX),
    base_url="https://generativelanguage.googleapis.com",
    models_page="https://ai.google.dev/gemini-api/docs/models",
    base_url_variables=("GOOGLE_GEMINI_BASE_URL", "GOOGLE_VERTEX_BASE_URL"),
    question_paths=f"{_QUESTION}|{interactions.PATH}",
    side_paths=r"/models/[^/:]+:\w+/?$"
    r"|/v1beta\d*/(?:models|files|cachedContents|batches|interactions)(?:/|$)",
    no_answer_paths=r":(?:(?:count|compute)Tokens|\w*[eE]mbedContents?|batchGenerateContent"
    r"|predict(?:LongRunning)?)/?$|/count-tokens:rawPredict/?$|/cachedContents/?$",
    sdk_modules=("google.genai",),
    route_prefixes=("google", "gemini", "google-gla", "google-vertex", "google_genai"),
    price_name="google",
    model_list=ModelList("/v1beta/models?pageSize=1000", _listed, _headers, entries="models"),
    volatile_reply_fields=VOLATILE_REPLY_FIELDS
    | {"create_time", "model_version", "thought_signature", "usage_metadata"},
    secret_headers=SECRET_HEADERS | {"x-goog-api-key", "x-goog-user-project"},
    kept_headers=frozenset(),
    volatile_fields=frozenset({"labels"}),
    overload_statuses=frozenset({429, 500, 503}),
)
