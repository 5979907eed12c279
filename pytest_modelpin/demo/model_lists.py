"""The lists of models that providers offer, which resolve or list aliases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Dialect = Literal["openai", "anthropic", "google"]
Document = dict[str, Any]


def dialect(path: str, anthropic_version: str | None) -> Dialect:
    """Whose list is asked for; OpenAI's and Anthropic's lie at the same path."""
    if "/v1beta/" in path:
        return "google"
    return "anthropic" if anthropic_version else "openai"


def models(path: str, dialect: Dialect, aliases: Mapping[str, str]) -> Document | None:
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


def shown(path: str) -> Document | None:
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
