"""Amazon Bedrock: Converse, whose replies name no model, and the models' own requests (Invoke).

The id is in the path. An Invoke's reply is its vendor's own, so that Claude's names the model as
Anthropic does. Streams are binary: see `streams.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_modelpin.providers import anthropic, cohere, invoked, wire
from pytest_modelpin.providers.embeddings import Embeddings, numbers, paired, task_of, tokens_read
from pytest_modelpin.providers.endpoint import SECRET_HEADERS, VOLATILE_REPLY_FIELDS, EndpointByPath
from pytest_modelpin.providers.openai_compatible import CHAT
from pytest_modelpin.providers.provider import (
    DAY,
    MONTH,
    YEAR,
    ModelId,
    Naming,
    Rule,
    is_spelt_plainly,
)
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

_GEO = r"(?:(?:us|eu|apac|jp|au|ca|us-gov|global)\.)?"
_GEOGRAPHIC = rf"^{_GEO}(?=[a-z0-9]+\.)"

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

_CALL = re.compile(r"(/model/)([^/]+)(/[\w\-]+/?$)")
_QUESTION = r"/model/[^/]+/(?:converse|converse-stream|invoke|invoke-with-response-stream)/?$"
_INVOKE = r"/invoke(?:-with-response-stream)?/?$"
_INNER = rf"{_GEO}anthropic\.(claude-[a-z0-9\-]+?)(?:-v\d+)?"
_VENDORS_NAME = rf"(?:arn:[^/]+/)?{_GEO}[a-z0-9]+\.(.+?)(?:-v\d+(?::.+)?)?"
_ARN = r"arn:[^/]+:(?:foundation-model|inference-profile)/(.+)"


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
    )


def read_streamed(documents: Sequence[Document], done: bool) -> Reply:
    """The events of ConverseStream, put together into the reply that would have come plain."""
    blocks: dict[int, Document] = {}
    inputs: dict[int, str] = {}
    end: Document = {}
    usage: JSON = None
    error = None
    for document in documents:
        error = error or stream_error(document)
        [(kind, value)] = document.items() if len(document) == 1 else [("", None)]
        event = wire.mapping(value)
        index = wire.count(event.get("contentBlockIndex")) or 0
        if kind == "contentBlockStart":
            blocks[index] = dict(wire.mapping(event.get("start")))
        elif kind == "contentBlockDelta":
            block, delta = blocks.setdefault(index, {}), wire.mapping(event.get("delta"))
            if "text" in delta:
                block["text"] = wire.text(block.get("text")) + wire.text(delta.get("text"))
            inputs[index] = inputs.get(index, "") + wire.text(wire.at(delta, "toolUse", "input"))
        elif kind == "messageStop":
            end = event
        elif kind == "metadata":
            usage = event.get("usage")
    for index, block in blocks.items():
        if isinstance(use := block.get("toolUse"), dict):
            block["toolUse"] = use | {"input": wire.arguments(inputs.get(index, ""))}
    content = [blocks[index] for index in sorted(blocks)]
    reply = read_plain({"output": {"message": {"content": content}}, **end, "usage": usage})
    return replace(reply, complete=bool(end), error=stream_error(end) or error)


def answers(reply: Mapping[str, Any]) -> tuple[Reply, ...]:
    """Of a reply of Converse, as boto3 gives it."""
    match reply:
        case {"output": {"message": {"role": "assistant"}}, "stopReason": str()}:
            read = read_plain(dict(reply))
            return (Reply(text=read.text, tools=read.tools, refusal=read.refusal),)
    return ()


_TELLING = ("stopReason", "messageStop", "contentBlockDelta")
SHAPE = Shape(read_plain, read_streamed, _TELLING, answers)
_INVOKED = (cohere.V1, invoked.SHAPE, anthropic.SHAPE, SHAPE, CHAT)


def _tool_calls(blocks: list[Document]) -> Iterator[ToolCall]:
    for block in blocks:
        use = block.get("toolUse")
        if isinstance(use, dict):
            yield ToolCall(wire.text(use.get("name")), use.get("input", {}))


class Bedrock(EndpointByPath):
    """`POST /model/<id>/converse`, `/invoke`, and the two that stream."""

    __slots__ = ()
    call = _CALL

    def asks(self, host: str, path: str, body: JSON) -> bool:
        """An Invoke that sends neither messages nor a text makes an embedding or an image."""
        asked = wire.at(body, "messages") is not None or invoked.asks(path, body)
        return asked or not re.search(_INVOKE, path)

    def shape(self, path: str, content: bytes) -> Shape:
        """Converse's shape, or that of the vendor whose model was invoked."""
        return shape_by_looks(content, _INVOKED) if re.search(_INVOKE, path) else SHAPE

    def embeddings(self, path: str, body: JSON, content: bytes) -> Embeddings | None:
        """An Invoke of Titan's (`inputText`) or Cohere's (`texts`), by the body."""
        asked = wire.mapping(body)
        if not re.search(_INVOKE, path) or invoked.asks(path, body):
            return None
        if "texts" in asked or "inputs" in asked:
            return cohere.read_embeddings(body, content)
        document = wire.mapping(wire.parse(content))
        # Titan's text models take an `inputText`, too, and give `results`.
        if "inputText" not in asked or "results" in document:
            return None
        found = document.get("embedding", wire.at(document, "embeddingsByType", "float"))
        vector = numbers(found)
        if found is None:  # one number a bit or a byte of them, which orders distances alike
            vector = numbers(wire.at(document, "embeddingsByType", "binary"), "binary")
        task = task_of(dimensions=asked.get("dimensions"))
        return Embeddings(
            paired([wire.text(asked["inputText"])], task, [vector]),
            None,
            tokens_read(document.get("inputTextTokenCount")),
        )

    def as_id(self, asked: str, served: str) -> str:
        """Claude's replies lack the vendor and the version, as in `claude-opus-4-8`."""
        inner = re.fullmatch(_VENDORS_NAME, asked)
        return asked if inner and inner[1] == served else served

    def identify(self, model: str) -> ModelId:
        """By Bedrock's rules, else by Anthropic's for its dateless ids; profiles are opaque."""
        arn = re.fullmatch(_ARN, model) if is_spelt_plainly(model) else None
        if arn and ":application-inference-profile/" not in model:
            return self.identify(arn[1])._replace(id=model)
        found = self.naming.identify(model)
        inner = re.fullmatch(_INNER, model)
        if found.kind == "unknown" and inner:
            by_vendor = anthropic.NAMING.identify(inner[1])
            if by_vendor.kind == "pinned":
                return ModelId(model, self.name, "pinned", by_vendor.rule)
        return found

    def retirement_key(self, model: str, named: str) -> tuple[str, str]:
        """Without the geographic prefix, which only says where a request may run, and without the
        room for context that provisioned throughput is bought for.
        """
        arn = re.fullmatch(_ARN, model)
        id = re.sub(r"(?<=:\d):(?:\d+k?|mm)$", "", arn[1] if arn else model)
        return self.name, re.sub(_GEOGRAPHIC, "", id, count=1)


BEDROCK = Bedrock(
    name="bedrock",
    naming=NAMING,
    hosts=("*bedrock-runtime*.amazonaws.com", "*bedrock-runtime*.amazonaws.com.cn"),
    key_variables=("AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"),
    shapes=(SHAPE, anthropic.SHAPE, CHAT, cohere.V1, invoked.SHAPE),
    synonyms=("aws", "amazon-bedrock", "bedrock_converse"),
    base_url_variables=("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "ANTHROPIC_BEDROCK_BASE_URL"),
    question_paths=_QUESTION,
    side_paths=r"/model/[^/]+/(?:invoke|count-tokens)/?$|/guardrail/[^/]+/version/[^/]+/apply/?$",
    route_prefixes=("bedrock", "bedrock_converse"),
    ways_in=(
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"),
        ("AWS_BEARER_TOKEN_BEDROCK",),
    ),
    certain_kinds=frozenset({"pinned"}),
    price_name="aws",
    models_page="https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html",
    caches_apart=True,
    volatile_reply_fields=VOLATILE_REPLY_FIELDS | {"ResponseMetadata", "metrics"},
    secret_headers=SECRET_HEADERS | {"x-amz-security-token"},
    kept_headers=frozenset({"x-amzn-requestid"}),
    volatile_fields=frozenset({"requestMetadata"}),
    overload_statuses=frozenset({429, 500, 503}),
)
