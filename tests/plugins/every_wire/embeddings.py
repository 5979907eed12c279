"""Embeddings, as each API gives them."""

from __future__ import annotations

import hashlib
import struct
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any

from pytest_modelpin.demo.question_and_answer import Document
from pytest_modelpin.providers.replies import read_embeddings

Embed = Callable[[str, str], Sequence[float]]
"""A version and a text to its vector."""


def by_chance(version: str, text: str, size: int = 64) -> list[float]:
    """A vector drawn by the version and the text: another version has other neighbours."""
    drawn = hashlib.shake_256(f"{version}\n{text}".encode()).digest(2 * size)
    return [each / 2**15 for each in struct.unpack(f"<{size}h", drawn)]


def embeddings(path: str, body: Any, served: str, embed: Embed) -> Document | None:
    """The reply to a request for embeddings; None where the path is of something else."""
    asked = read_embeddings("POST", f"http://127.0.0.1{path}", body, b"")
    if asked is None:
        return None
    vectors = [list(embed(served, each.text)) for each in asked.items]
    tokens = sum(-(-len(each.text) // 4) for each in asked.items)
    return _written(path, body, served, vectors, tokens)


def _written(
    path: str, body: Document, served: str, vectors: list[list[float]], tokens: int
) -> Document:
    if path.endswith(":embedContent"):
        return {"embedding": {"values": vectors[0]}}
    if path.endswith(":batchEmbedContents"):
        return {"embeddings": [{"values": vector} for vector in vectors]}
    if path.endswith(("/v1/embed", "/v2/embed")):
        meta = {"billed_units": {"input_tokens": tokens}}
        forms = body.get("embedding_types") or ["float"]
        made = {form: [_in_form(each, form) for each in vectors] for form in forms}
        return {"id": "embed", "embeddings": made, "texts": [], "meta": meta}
    if path.endswith("/api/embed"):
        return {"model": served, "embeddings": vectors, "prompt_eval_count": tokens}
    if path.endswith("/invoke"):
        if body.get("embeddingTypes") == ["binary"]:
            bits = [int(each > 0) for each in vectors[0]]
            return {"embeddingsByType": {"binary": bits}, "inputTextTokenCount": tokens}
        return {"embedding": vectors[0], "inputTextTokenCount": tokens}
    form = body.get("output_dtype") or body.get("encoding_format") or "float"
    data = [
        {"object": "embedding", "index": at, "embedding": _in_form(each, form)}
        for at, each in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": served, "usage": usage}


def _in_form(vector: Sequence[float], form: str) -> Any:
    """As `encoding_format`, `output_dtype` and `embedding_types` ask for it."""
    longest = max(map(abs, vector), default=0) or 1
    if form == "base64":
        return b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
    if form in ("int8", "uint8"):
        return [round(127 * each / longest) + 128 * (form == "uint8") for each in vector]
    if form in ("binary", "ubinary"):
        signs = [each > 0 for each in vector]
        eights = [signs[start : start + 8] for start in range(0, len(signs), 8)]
        packed = [sum(sign << 7 - at for at, sign in enumerate(eight)) for eight in eights]
        return [byte - 128 * (form == "binary") for byte in packed]
    return list(vector)
