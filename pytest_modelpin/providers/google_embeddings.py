"""Google's wires for embeddings: of one content, of several, and Vertex's `predict`.

Other than a question's, a request for several embeddings repeats the model in its body.
"""

from __future__ import annotations

import re

from pytest_modelpin.providers import wire
from pytest_modelpin.providers.body import Document
from pytest_modelpin.providers.embeddings import (
    Embeddings,
    numbers,
    paired,
    task_of,
    text_of,
    tokens_read,
)
from pytest_modelpin.providers.reply import JSON

_CALL = re.compile(r":(embedContent|batchEmbedContents|predict)/?$")


def call_of(path: str) -> str | None:
    """Which call for embeddings a path is of; None where it is of another, such as a question."""
    found = _CALL.search(path)
    return found[1] if found else None


def read(call: str, body: JSON, content: bytes) -> Embeddings | None:
    """What `call` asked and got; None for a `predict` whose instances are no texts."""
    asked, document = wire.mapping(body), wire.mapping(wire.parse(content))
    tokens: JSON = wire.at(document, "usageMetadata", "promptTokenCount")
    if call == "predict":
        instances = wire.objects(asked.get("instances"))
        if not any(isinstance(each.get("content"), str) for each in instances):
            return None
        size = wire.at(asked, "parameters", "outputDimensionality")
        predictions = wire.objects(document.get("predictions"))
        counts = [wire.at(each, "embeddings", "statistics", "token_count") for each in predictions]
        known = [count for each in counts if (count := wire.count(each)) is not None]
        return Embeddings(
            paired(
                [wire.text(each.get("content")) for each in instances],
                [task_of(each.get("task_type"), each.get("title"), dimensions=size)
                 for each in instances],
                [numbers(wire.at(each, "embeddings", "values")) for each in predictions],
            ),
            None,
            tokens_read(sum(known) if known and len(known) == len(counts) else None),
        )  # fmt: skip
    requests = wire.objects(asked.get("requests")) if call == "batchEmbedContents" else [asked]
    found = wire.objects(document.get("embeddings")) or wire.objects([document.get("embedding")])
    return Embeddings(
        paired(
            [text_of(wire.at(each, "content", "parts"), each.get("content")) for each in requests],
            [_task(each) for each in requests],
            [numbers(each.get("values")) for each in found],
        ),
        None,
        tokens_read(tokens),
    )


def naming(path: str, body: JSON, model: str | None) -> JSON:
    """The body of a call for embeddings with `model` where it names one, or without any.

    That of any other call stays as it is.
    """
    if call_of(path) is None or not isinstance(body, dict):
        return body
    named = _naming(body, model)
    if "requests" in named:
        listed = named["requests"] if isinstance(named["requests"], list) else []
        named["requests"] = [_naming(e, model) if isinstance(e, dict) else e for e in listed]
    return named


def _naming(request: Document, model: str | None) -> Document:
    name = request.get("model")
    if not isinstance(name, str):
        return dict(request)
    if model is None:
        return {key: value for key, value in request.items() if key != "model"}
    return {**request, "model": f"models/{model}" if name.startswith("models/") else model}


def _task(request: Document) -> str:
    """On Vertex what is said of a text lies in an object of its own."""
    said = {**wire.mapping(request.get("embedContentConfig")), **request}
    return task_of(
        said.get("taskType"), said.get("title"), dimensions=said.get("outputDimensionality")
    )
