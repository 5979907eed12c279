"""Ollama's OpenAI-compatible endpoint. A tag can be pulled anew; only a digest would be a pin."""

from __future__ import annotations

from pytest_modelpin.providers.naming import Naming, Rule
from pytest_modelpin.providers.openai_compatible import OpenAICompatible

OLLAMA = OpenAICompatible(
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
)
