"""Ollama. A tag can be pulled anew with other weights; only a digest would be a pin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_modelpin.providers.model_list import ListedModel, ModelList
from pytest_modelpin.providers.naming import Naming, Rule
from pytest_modelpin.providers.openai_compatible import OpenAICompatible
from pytest_modelpin.providers.question import Question, QuestionRequest, chat_request


@dataclass(frozen=True, slots=True)
class Ollama(OpenAICompatible):
    """OpenAI's shapes under `/v1`, on the host that runs the models."""

    def question(self, question: Question, key: str, base_url: str) -> QuestionRequest | None:
        """A chat completion; the base URL is that of Ollama's own API."""
        return chat_request(question, key, f"{base_url.removesuffix('/v1')}/v1")


def _listed(entry: Mapping[str, Any]) -> Iterator[ListedModel]:
    """`GET /api/tags`, ollama 0.6.3: the tag, and the digest of the weights that it means now."""
    digest = entry.get("digest")
    yield ListedModel(entry["name"], points_to=f"{entry['name']}@{digest}" if digest else None)


OLLAMA = Ollama(
    name="ollama",
    naming=Naming(
        provider="ollama",
        claims=r"(?:[a-z0-9.\-_]+/)?[a-z0-9.\-_]+:(?:latest|\d+(?:\.\d+)?[bm](?:-[a-zA-Z0-9_.\-]+)?)",
        rules=(
            Rule(
                "floating",
                r"[^:]+(?::latest)?",
                "An Ollama name without a tag means `:latest`, which the next pull replaces.",
            ),
        ),
        otherwise="An Ollama tag can be pulled anew with other weights; the digest that tells is"
        " not part of the id (see `ollama list`).",
    ),
    hosts=("localhost:11434", "127.0.0.1:11434", "ollama.com"),
    key_variables=("OLLAMA_API_KEY",),
    needs_key=False,
    base_url="http://localhost:11434",
    base_url_variables=("OLLAMA_HOST", "OLLAMA_API_BASE"),
    sdk_modules=("ollama",),
    route_prefixes=("ollama",),
    model_list=ModelList("/api/tags", _listed, entries="models", public=True),
)
