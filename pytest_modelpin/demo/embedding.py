"""Vectors of the embedded provider, by the ways in which embeddings are asked for and given."""

from __future__ import annotations

import hashlib
import struct
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any

from pytest_modelpin.providers.replies import read_embeddings

Document = dict[str, Any]
Embed = Callable[[str, str], Sequence[float]]
"""A version and a text to its vector."""


def by_chance(version: str, text: str, size: int = 64) -> list[float]:
    """A vector drawn by the version and the text: another version has other neighbours."""
    drawn = hashlib.shake_256(f"{version}\n{text}".encode()).digest(2 * size)
    return [each / 2**15 for each in struct.unpack(f"<{size}h", drawn)]


def reply(path: str, body: Any, served: str, embed: Embed) -> Document | None:
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
        return {"id": "embed", "embeddings": {"float": vectors}, "texts": [], "meta": meta}
    if path.endswith("/api/embed"):
        return {"model": served, "embeddings": vectors, "prompt_eval_count": tokens}
    if path.endswith("/invoke"):
        return {"embedding": vectors[0], "inputTextTokenCount": tokens}
    packs = body.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": at, "embedding": _packed(each) if packs else each}
        for at, each in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": served, "usage": usage}


def _packed(vector: list[float]) -> str:
    return b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
