"""Amazon Bedrock's Converse, whose replies name no model; the id is in the path.

ConverseStream is not read: it is binary, and no client sends it through httpx.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_modelpin.providers import anthropic, wire
from pytest_modelpin.providers.body import Document, Shape, stream_error
from pytest_modelpin.providers.endpoint import SECRET_HEADERS, VOLATILE_REPLY_FIELDS, EndpointByPath
from pytest_modelpin.providers.naming import DAY, MONTH, YEAR, Naming, Rule
from pytest_modelpin.providers.provider import ModelId
from pytest_modelpin.providers.reply import Reply, ToolCall, Usage, real_calls

_GEO = r"(?:(?:us|eu|apac|jp|au|ca|us-gov|global)\.)?"
_GEOGRAPHIC = re.compile(rf"^{_GEO}(?=[a-z0-9]+\.)")

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
        tools=real_calls(_tool_calls(blocks)),
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


def answers(reply: Mapping[str, Any]) -> tuple[Reply, ...]:
    """Of a reply of Converse, as boto3 gives it."""
    match reply:
        case {"output": {"message": {"role": "assistant"}}, "stopReason": str()}:
            read = read_plain(dict(reply))
            return (Reply(text=read.text, tools=read.tools, refusal=read.refusal),)
    return ()


SHAPE = Shape(read_plain, _unreadable, ("stopReason",), answers)


def _tool_calls(blocks: list[Document]) -> Iterator[ToolCall]:
    for block in blocks:
        use = block.get("toolUse")
        if isinstance(use, dict):
            yield ToolCall(wire.text(use.get("name")), use.get("input", {}))


class Bedrock(EndpointByPath):
    """`POST /model/<id>/converse`."""

    __slots__ = ()
    call = _CALL

    def identify(self, model: str) -> ModelId:
        """By Bedrock's rules, else by Anthropic's for its dateless ids; profiles are opaque."""
        arn = _ARN.fullmatch(model)
        if arn and ":application-inference-profile/" not in model:
            return replace(self.identify(arn[1]), id=model)
        found = self.naming.identify(model)
        inner = _INNER.fullmatch(model)
        if found.kind == "unknown" and inner:
            by_vendor = anthropic.NAMING.identify(inner[1])
            if by_vendor.kind == "pinned":
                return ModelId(model, self.name, "pinned", by_vendor.rule)
        return found

    def retirement_key(self, model: str, named: str) -> tuple[str, str]:
        """Without the geographic prefix, which only says where a request may run."""
        arn = _ARN.fullmatch(model)
        return self.name, _GEOGRAPHIC.sub("", arn[1] if arn else model, count=1)


BEDROCK = Bedrock(
    name="bedrock",
    naming=NAMING,
    hosts=("*bedrock-runtime*.amazonaws.com", "*bedrock-runtime*.amazonaws.com.cn"),
    key_variables=("AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"),
    shapes=(SHAPE,),
    synonyms=("aws", "amazon-bedrock", "bedrock_converse"),
    base_url_variables=("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "ANTHROPIC_BEDROCK_BASE_URL"),
    route_prefixes=("bedrock", "bedrock_converse"),
    price_name="aws",
    caches_apart=True,
    volatile_reply_fields=VOLATILE_REPLY_FIELDS | {"ResponseMetadata", "metrics"},
    secret_headers=SECRET_HEADERS | {"x-amz-security-token"},
    kept_headers=frozenset({"x-amzn-requestid"}),
    volatile_fields=frozenset({"requestMetadata"}),
    overload_statuses=frozenset({429, 500, 503}),
)
