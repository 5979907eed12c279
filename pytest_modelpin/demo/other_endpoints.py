"""What the embedded provider offers beside chat: embeddings, and the lists of its models.

The lists resolve or list aliases.
"""

from __future__ import annotations

import hashlib
import struct
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from pytest_modelpin.demo.exchange import Document
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


ListDialect = Literal["openai", "anthropic", "google"]


def list_dialect(path: str, anthropic_version: str | None) -> ListDialect:
    """Whose list is asked for; OpenAI's and Anthropic's lie at the same path."""
    if "/v1beta/" in path:
        return "google"
    return "anthropic" if anthropic_version else "openai"


def listed_models(path: str, dialect: ListDialect, aliases: Mapping[str, str]) -> Document | None:
    """What `GET …/models` or `GET …/models/<id>` says; None where the path is neither."""
    _, found, id = path.partition("/models")
    if not found:
        return None
    one = {"openai": _openai, "anthropic": _anthropic, "google": _google}[dialect]
    if id.strip("/"):
        return one(id.strip("/"), aliases)
    listed = [one(id, aliases) for id in sorted({*aliases, *aliases.values()})]
    if dialect == "google":
        return {"models": listed}
    return {"object": "list", "data": listed, "has_more": False}


def shown_model(path: str) -> Document | None:
    """What Ollama's `POST /api/show` says of any model; None where the path is another."""
    if not path.endswith("/api/show"):
        return None
    return {"template": "{{ .Prompt }}", "model_info": {}, "capabilities": ["completion", "tools"]}


def _openai(id: str, aliases: Mapping[str, str]) -> Document:
    return {"id": id, "object": "model", "created": 0, "owned_by": "demo", "shutdown_date": None}


def _anthropic(id: str, aliases: Mapping[str, str]) -> Document:
    """Anthropic gives the id that an alias stands for."""
    resolved = aliases.get(id, id)
    made = "2026-01-01T00:00:00Z"
    return {"type": "model", "id": resolved, "display_name": resolved, "created_at": made}


def _google(id: str, aliases: Mapping[str, str]) -> Document:
    methods = ["generateContent", "streamGenerateContent"]
    return {"name": f"models/{id}", "version": "001", "supportedGenerationMethods": methods}
