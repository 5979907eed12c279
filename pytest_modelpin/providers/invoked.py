"""What models answer that Bedrock's Invoke gives a text, and no messages: Llama, Mistral, Titan,
Cohere's first, DeepSeek.

Each vendor has names of its own for the same few things:
https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html, and langchain-aws 1.9's
`llms/bedrock.py`. None of them names the model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pytest_modelpin.providers import wire
from pytest_modelpin.providers.wire import JSON, Document, Reply, Shape, Usage, stream_error

_ANSWERS = ("outputs", "results", "generations", "completions")
_TEXTS = ("generation", "outputText", "text", "completion")
_REASONS = ("stop_reason", "completionReason", "finish_reason")
_METRICS = "amazon-bedrock-invocationMetrics"
_PICTURES = r"/model/(?:[a-z\-]+\.)?(?:stability|luma|twelvelabs)\."


def asks(path: str, body: JSON) -> bool:
    """Whether an Invoke gives a text to be answered, and none to be drawn or made a vector of."""
    asked = wire.mapping(body)
    if "inputText" in asked:
        return "textGenerationConfig" in asked or "titan-text" in path
    told = wire.word(asked.get("prompt")) or wire.word(asked.get("message"))
    return told is not None and not re.search(_PICTURES, path)


def read_plain(document: Document) -> Reply:
    """One reply."""
    return replace(read_streamed([document], True), complete=True)


def read_streamed(documents: Sequence[Document], done: bool) -> Reply:
    """The pieces of a stream, each in the form of a whole reply; the last one says why it ends."""
    texts: list[str] = []
    usage = Usage()
    reason = error = None
    for document in documents:
        listed = [wire.objects(document.get(field)) for field in _ANSWERS]
        answer = next((each[0] for each in listed if each), document)
        texts.append(next(filter(None, (wire.text(answer.get(each)) for each in _TEXTS)), ""))
        reasons = (wire.word(answer.get(each)) for each in _REASONS)
        reason = next(filter(None, reasons), None) or reason
        error = error or stream_error(document)
        usage = _counted(document, answer, usage)
    return Reply(
        text=wire.joined(texts),
        usage=usage,
        finish_reason=reason,
        complete=done or reason is not None,
        error=error,
    )


SHAPE = Shape(read_plain, read_streamed, ("generation", "completion", "outputText", *_ANSWERS))


def _counted(document: Document, answer: Document, before: Usage) -> Usage:
    """Tokens as far as a stream has told them; those that are written are counted up."""
    metrics = wire.mapping(document.get(_METRICS))
    given = wire.first_count(
        metrics.get("inputTokenCount"),
        document.get("prompt_token_count"),
        document.get("inputTextTokenCount"),
    )
    taken = wire.first_count(
        metrics.get("outputTokenCount"),
        document.get("generation_token_count"),
        document.get("totalOutputTextTokenCount"),
        answer.get("tokenCount"),
    )
    return Usage(
        input_tokens=before.input_tokens if given is None else given,
        output_tokens=before.output_tokens if taken is None else taken,
    )
