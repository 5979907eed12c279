"""Sums a thread up for the colleague who takes it over."""

from collections.abc import Iterator

from google import genai
from google.genai import types

from support_bot.pins import PINS

INSTRUCTIONS = "Sum up this support thread in two sentences for the colleague who takes it over."


def summarise(thread: list[str]) -> Iterator[str]:
    """The summary, piece by piece, as it arrives."""
    # A client closes its connections with itself, so it must outlive the stream.
    client = genai.Client()
    stream = client.models.generate_content_stream(
        model=PINS["summary"],
        contents="\n".join(thread),
        config=types.GenerateContentConfig(system_instruction=INSTRUCTIONS),
    )
    for chunk in stream:
        yield chunk.text or ""
