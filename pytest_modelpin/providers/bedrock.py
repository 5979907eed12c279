"""Amazon Bedrock's Converse, whose replies name no model; the id is in the path.

ConverseStream is not read: it is binary, and no client sends it through httpx.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from pytest_modelpin.providers import anthropic, wire
from pytest_modelpin.providers.body import Document, Shape, read, stream_error
from pytest_modelpin.providers.endpoint import SECRET_HEADERS, without
from pytest_modelpin.providers.naming import DAY, MONTH, YEAR, Naming, Rule
from pytest_modelpin.providers.provider import ModelId
from pytest_modelpin.providers.reply import JSON, Reply, ToolCall, Usage

_GEO = r"(?:(?:us|eu|apac|jp|au|ca|us-gov|global)\.)?"

NAMING = Naming(
    provider="bedrock",
    claims=rf"arn:aws[a-z\-]*:bedrock:.+|{_GEO}(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek|"
    r"openai|qwen|stability|writer|twelvelabs|luma)\.[a-z0-9.\-]+(?::.+)?",
    rules=(
        Rule(
            "pinned",
            rf"{_GEO}[a-z0-9]+\.[a-z0-9.\-]+-{YEAR}{MONTH}{DAY}-v\d+(?::\d+)?(?::\d+k)?",
            "Bedrock's ids with a date and a version (-YYYYMMDD-vN:M) never change; a prefix like"
            " `us.` only says where they run.",
        ),
        Rule(
            "pinned",
            rf"{_GEO}[a-z0-9]+\.[a-z0-9.\-]+-v\d+:\d+(?::\d+k)?",
            "Bedrock's ids with a version (-vN:M) never change.",
        ),
    ),
    otherwise="Bedrock's naming rules do not say whether this id moves.",
)

_CALL = re.compile(r"(/model/)([^/]+)(/converse/?$)")
_INNER = re.compile(rf"{_GEO}anthropic\.(claude-[a-z0-9\-]+?)(?:-v\d+)?")
_ARN = re.compile(r"arn:[^/]+:(?:foundation-model|inference-profile)/(.+)")


def read_plain(document: Document) -> Reply:
    """One reply of Converse."""
    blocks = wire.objects(wire.at(document, "output", "message", "content"))
    usage = wire.mapping(document.get("usage"))
    stop_reason = wire.word(document.get("stopReason"))
    withheld = stop_reason in ("guardrail_intervened", "content_filtered", "refusal")
    return Reply(
        text=wire.joined(wire.text(block.get("text")) for block in blocks),
        tools=tuple(_tool_calls(blocks)),
        usage=Usage(
            input_tokens=wire.count(usage.get("inputTokens")),
            output_tokens=wire.count(usage.get("outputTokens")),
            cached_tokens=wire.count(usage.get("cacheReadInputTokens")),
        ),
        finish_reason=stop_reason,
        refusal=stop_reason if withheld else None,
        error=stream_error(document),
    )


def _unreadable(documents: Sequence[Document], done: bool) -> Reply:
    return Reply(complete=False)


SHAPE = Shape(read_plain, _unreadable)


def _tool_calls(blocks: list[Document]) -> Iterator[ToolCall]:
    for block in blocks:
        use = block.get("toolUse")
        if isinstance(use, dict):
            yield ToolCall(wire.text(use.get("name")), use.get("input", {}))


@dataclass(frozen=True, slots=True)
class Bedrock:
    """`POST /model/<id>/converse`."""

    name: str = "bedrock"
    hosts: tuple[str, ...] = (".amazonaws.com",)
    key_variables: tuple[str, ...] = ("AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID")
    secret_headers: frozenset[str] = SECRET_HEADERS | {"x-amz-security-token"}
    kept_headers: frozenset[str] = frozenset({"x-amzn-requestid"})
    volatile_fields: frozenset[str] = frozenset({"requestMetadata"})
    overload_statuses: frozenset[int] = frozenset({429, 500, 503})
    echoes: bool = True

    def recognises(self, method: str, host: str, path: str, body: JSON) -> bool:
        """By the path."""
        return method == "POST" and _CALL.search(path) is not None

    def requested_model(self, path: str, body: JSON) -> str | None:
        """The id in the path."""
        found = _CALL.search(path)
        return unquote(found[2]) if found else None

    def with_model(self, path: str, body: JSON, model: str) -> tuple[str, JSON]:
        """The id in the path replaced."""
        return _CALL.sub(lambda m: m[1] + quote(model, safe="") + m[3], path), body

    def without_model(self, path: str, body: JSON) -> tuple[str, JSON]:
        """The path with `model` in the id's place; the body without the volatile fields."""
        return self.with_model(path, None, "model")[0], without(body, self.volatile_fields)

    def read(
        self, path: str, body: JSON, status: int, headers: Mapping[str, str], content: bytes
    ) -> Reply:
        """A reply of Converse."""
        reply = read(SHAPE, status, headers, content)
        return replace(reply, provider=self.name, requested_model=self.requested_model(path, body))

    def claims(self, model: str) -> bool:
        """By the naming rules."""
        return NAMING.owns(model)

    def identify(self, model: str) -> ModelId:
        """By Bedrock's rules, else by Anthropic's for its dateless ids; profiles are opaque."""
        arn = _ARN.fullmatch(model)
        if arn and ":application-inference-profile/" not in model:
            return replace(self.identify(arn[1]), id=model)
        found = NAMING.identify(model)
        inner = _INNER.fullmatch(model)
        if found.kind == "unknown" and inner:
            by_vendor = anthropic.NAMING.identify(inner[1])
            if by_vendor.kind == "pinned":
                return ModelId(model, self.name, "pinned", by_vendor.rule)
        return found

    def proves(self, asked: str, served: str) -> bool:
        """A pinned id does."""
        return self.identify(served).kind == "pinned"


BEDROCK = Bedrock()
