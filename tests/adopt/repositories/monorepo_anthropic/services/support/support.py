"""Answers customers."""

import anthropic

MODEL = "claude-haiku-4-5-20251001"


def reply_to(message: str) -> str:
    """One answer."""
    reply = anthropic.Anthropic().messages.create(
        model=MODEL, max_tokens=200, messages=[{"role": "user", "content": message}]
    )
    return reply.content[0].text
