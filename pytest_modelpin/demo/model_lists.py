"""The lists of its models that the embedded provider gives; they resolve or list aliases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pytest_modelpin.demo.question_and_answer import Document

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
