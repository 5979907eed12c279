"""Whose model an id names, where its spelling says so."""

from __future__ import annotations

import re

_PREFIXES = (
    (r"((us|eu|apac|global|jp|au|ca)\.)?(anthropic|amazon|meta|cohere|mistral|ai21)\.", "bedrock"),
    (r"claude-[^/]+@", "google"),  # Vertex writes the version behind an at sign
    (r"claude-", "anthropic"),
    (r"mixtral-8x7b-32768", "groq"),
    (r"(gpt-|chatgpt-|o\d+(-|$)|codex-|computer-use-)", "openai"),
    (r"(gemini|gemma)-", "google"),
    (r"(open-)?(mistral|ministral|mixtral|codestral|magistral|devstral|pixtral)-", "mistral"),
    (r"(command|c4ai)-", "cohere"),
    (r"grok-", "xai"),
    (r"deepseek-(?!r1-distill)", "deepseek"),
)
_RULES = tuple((re.compile(pattern), name) for pattern, name in _PREFIXES)


def provider_of(id: str) -> str | None:
    """The provider's name as in models.yml; None where the spelling leaves it open."""
    return next((name for pattern, name in _RULES if pattern.match(id)), None)
