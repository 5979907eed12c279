"""Answers for the web client, streamed."""

import os

from anthropic import Anthropic


def answer(text: str) -> str:
    """The whole of a streamed answer."""
    model = os.environ.get("ANSWERS_MODEL", "claude-opus-4-6")
    asked = [{"role": "user", "content": text}]
    with Anthropic().messages.stream(model=model, max_tokens=100, messages=asked) as stream:
        return "".join(stream.text_stream)
