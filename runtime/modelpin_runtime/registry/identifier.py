"""What can be a model id at all, whoever its provider is."""

from __future__ import annotations

_LONGEST = 512
"""Characters; Bedrock's inference profile ARNs, the longest ids in use, stay below 300."""


def unfit_id(text: str) -> str | None:
    """Why `text` can't be a model id, None where it can."""
    if not text:
        return "is empty"
    if len(text) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    if any(character.isspace() or not character.isprintable() for character in text):
        return "holds a space or control character"
    return None
