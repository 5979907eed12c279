"""Google's Gemini: `generateContent` of the Gemini API and of Vertex AI.

The reply's `modelVersion` echoes a floating id. It does show a silent redirect: a retired preview
was served as `models/gemini-2.5-pro`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pytest_modelpin.providers import anthropic, wire
from pytest_modelpin.providers.body import Document, Shape, stream_error
from pytest_modelpin.providers.endpoint import SECRET_HEADERS, EndpointByPath
from pytest_modelpin.providers.naming import DAY, MONTH, YEAR, Naming, Rule, of_vendor
from pytest_modelpin.providers.provider import ModelId
from pytest_modelpin.providers.reply import JSON, Reply, ToolCall, Usage, real_calls

NAMING = Naming(
    provider="google",
    claims=r"(?:models/|(?:projects/.+/)?publishers/google/models/)?(?:gemini-[a-z0-9.\-]+"
    r"|gemma-[a-z0-9.\-]+|text-embedding-0\d\d|embedding-001)"
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

_CALL = re.compile(
    r"(/(?:models|tunedModels|endpoints)/)([^/:]+)(:(?:generateContent|streamGenerateContent)/?$)"
)
_PREFIX = re.compile(r"(?:models/|(?:projects/[^/]+/locations/[^/]+/)?publishers/[^/]+/models/)")

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


def bare(model: str) -> str:
    """The id without the resource path that Google puts before it (`models/`, `projects/…/`)."""
    return _PREFIX.sub("", model, count=1) if _PREFIX.match(model) else model


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
        text=wire.joined(wire.text(p.get("text")) for p in parts if not p.get("thought")),
        tools=real_calls(_tool_calls(parts)),
        usage=_usage(usage),
        served_model=served,
        finish_reason=finish_reason,
        refusal=refusal,
        complete=done or finish_reason is not None or refusal is not None,
        error=error,
    )


SHAPE = Shape(read_plain, read_streamed)


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
        call = part.get("functionCall")
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
    """`POST …/models/<id>:generateContent` and `:streamGenerateContent`, any version, any host."""

    __slots__ = ()
    call = _CALL
    unquoted = "@"

    def with_model(self, path: str, body: JSON, model: str) -> tuple[str, JSON]:
        """The id in the path replaced; `models/` stands there already."""
        return EndpointByPath.with_model(self, path, body, bare(model))

    def shape(self, path: str) -> Shape:
        """A response, plain or streamed, as events or as one array."""
        return SHAPE

    def identify(self, model: str) -> ModelId:
        """By Google's rules; Vertex sells Claude under Anthropic's own ids from 4.6 on."""
        name = bare(model)
        rules = anthropic.NAMING if anthropic.NAMING.owns(name) else self.naming
        return of_vendor(model, name, rules.identify, self.name)


GOOGLE = Google(
    name="google",
    naming=NAMING,
    hosts=("generativelanguage.googleapis.com", "aiplatform.googleapis.com", ".googleapis.com"),
    key_variables=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    secret_headers=SECRET_HEADERS | {"x-goog-api-key", "x-goog-user-project"},
    kept_headers=frozenset(),
    volatile_fields=frozenset({"labels"}),
    overload_statuses=frozenset({429, 500, 503}),
)
