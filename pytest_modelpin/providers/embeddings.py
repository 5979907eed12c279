"""Vectors and the texts they stand for, in one shape for all providers; OpenAI's wire and Google's.

An embedding is no answer: nobody reads it, and it is only ever compared with other embeddings.
"""

from __future__ import annotations

import binascii
import json
import re
import sys
from array import array
from base64 import b64decode
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from pytest_modelpin.providers import wire
from pytest_modelpin.providers.wire import JSON, Document, Usage


class Embedded(NamedTuple):
    """One text and its vector."""

    text: str
    """Token ids, which some clients send, as the JSON list that they are."""
    task: str
    """What else makes two vectors of one text differ: `search_query`, `512 dimensions`."""
    vector: Sequence[float]
    """Empty where the reply holds none, as an error does."""


class Embeddings(NamedTuple):
    """What one call for embeddings asked and got."""

    items: tuple[Embedded, ...]
    """In the order of the request's texts."""
    served_model: str | None = None
    """As the wire names it; None where it names none."""
    usage: Usage = Usage()


def paired(
    texts: Iterable[str], task: str | Iterable[str], vectors: Iterable[Sequence[float]]
) -> tuple[Embedded, ...]:
    """Each text with its vector; one for which none came has an empty one."""
    asked = list(texts)
    tasks = [task] * len(asked) if isinstance(task, str) else list(task)
    found: list[Sequence[float]] = [*vectors, *([()] * len(asked))]
    return tuple(
        Embedded(text, of, vector) for text, of, vector in zip(asked, tasks, found, strict=False)
    )


def tokens_read(count: JSON) -> Usage:
    """The usage of a call for embeddings, which writes no tokens."""
    known = wire.count(count)
    return Usage() if known is None else Usage(input_tokens=known, output_tokens=0)


def task_of(*words: JSON, dimensions: JSON = None) -> str:
    """What a request says of its texts, as one text; empty where it says nothing."""
    said = [word for each in words if (word := wire.word(each))]
    if (size := wire.count(dimensions)) is not None:
        said.append(f"{size} dimensions")
    return ", ".join(said)


def numbers(value: JSON, form: str = "float") -> Sequence[float]:
    """A vector, whose angles tell what is near: a list of numbers, or base64 of them.

    `form` is what the provider calls its coordinates; floats where it is none of `_BYTES`. Packed
    bits come out as 1 and -1 each, so that the angle orders as their Hamming distance does, from
    wherever their bytes are counted: Cohere's and Voyage's `binary` is `ubinary` less 128, which
    moves no distance. Empty where it is none of that.
    """
    if isinstance(value, str):
        value = _unpacked(value, _BYTES.get(form, "f"))
    if not isinstance(value, list):
        return ()
    try:
        found = array("d", value)
        if form in _BITS:
            return array("d", [sign for byte in found for sign in _signs()[int(byte) & 0xFF]])
        # As it is, all vectors of `uint8` point one way: 128 is the middle of its range.
        return array("d", [each - 128 for each in found]) if form == "uint8" else found
    except (TypeError, OverflowError, ValueError):
        return ()


_BYTES = {"int8": "b", "binary": "b", "uint8": "B", "ubinary": "B"}
"""How `array` calls the bytes of each form."""
_BITS = frozenset({"binary", "ubinary"})


@cache
def _signs() -> list[tuple[int, ...]]:
    """The eight bits of each byte, the highest first."""
    return [tuple(1 if byte >> at & 1 else -1 for at in range(7, -1, -1)) for byte in range(256)]


def _unpacked(value: str, kind: str) -> JSON:
    """The numbers in base64, little-endian; None where it is none."""
    found = array(kind)
    try:
        found.frombytes(b64decode(value, validate=True))
    except (ValueError, binascii.Error):
        return None
    if sys.byteorder == "big":
        found.byteswap()
    return [*found]


def as_texts(value: JSON) -> list[str]:
    """What OpenAI's `input` holds: a text, texts, the token ids of one, or those of several."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        return []
    if value and all(isinstance(each, int) for each in value):
        return [json.dumps(value)]
    return [each if isinstance(each, str) else json.dumps(each) for each in value]


def text_of(parts: JSON, whole: JSON) -> str:
    """The text of a content's parts; of one without any, such as an image, all of it as JSON."""
    text = wire.joined(wire.text(part.get("text")) for part in wire.objects(parts))
    return text or json.dumps(whole, sort_keys=True)


def read_openai(body: JSON, content: bytes) -> Embeddings:
    """`POST …/embeddings` as OpenAI, Mistral, Voyage and the many gateways speak it."""
    asked, document = wire.mapping(body), wire.mapping(wire.parse(content))
    dimensions = asked.get("dimensions", asked.get("output_dimension"))
    form = wire.text(asked.get("output_dtype"))  # Voyage's and Mistral's
    vectors = [numbers(each.get("embedding"), form) for each in _in_order(document)]
    return Embeddings(
        paired(
            as_texts(asked.get("input")),
            task_of(asked.get("input_type"), dimensions=dimensions),
            vectors,
        ),
        wire.word(document.get("model")),
        tokens_read(wire.at(document, "usage", "prompt_tokens")),
    )


def _in_order(document: dict[str, JSON]) -> list[dict[str, JSON]]:
    data = wire.objects(document.get("data"))
    return sorted(data, key=lambda each: wire.count(each.get("index")) or 0)


_GOOGLE_CALL = r":(embedContent|batchEmbedContents|predict)/?$"


def google_call_of(path: str) -> str | None:
    """Which call for embeddings a path is of; None where it is of another, such as a question."""
    found = re.search(_GOOGLE_CALL, path)
    return found[1] if found else None


def read_google(call: str, body: JSON, content: bytes) -> Embeddings | None:
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
            [_google_task(each) for each in requests],
            [numbers(each.get("values")) for each in found],
        ),
        None,
        tokens_read(tokens),
    )


def named_for_google(path: str, body: JSON, model: str | None) -> JSON:
    """The body of a call for embeddings with `model` where it names one, or without any.

    That of any other call stays as it is.
    """
    if google_call_of(path) is None or not isinstance(body, dict):
        return body
    named = _google_named(body, model)
    if "requests" in named:
        listed = named["requests"] if isinstance(named["requests"], list) else []
        named["requests"] = [_google_named(e, model) if isinstance(e, dict) else e for e in listed]
    return named


def _google_named(request: Document, model: str | None) -> Document:
    name = request.get("model")
    if not isinstance(name, str):
        return dict(request)
    if model is None:
        return {key: value for key, value in request.items() if key != "model"}
    return {**request, "model": f"models/{model}" if name.startswith("models/") else model}


def _google_task(request: Document) -> str:
    """On Vertex what is said of a text lies in an object of its own."""
    said = {**wire.mapping(request.get("embedContentConfig")), **request}
    return task_of(
        said.get("taskType"), said.get("title"), dimensions=said.get("outputDimensionality")
    )
