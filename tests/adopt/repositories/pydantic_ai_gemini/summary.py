"""Summaries; the wire is that of pydantic-ai's Google provider."""

from google import genai

SUMMARY_MODEL = "gemini-3.5-flash-001"


async def summary_of(text: str) -> str:
    """One sentence."""
    client = genai.Client()
    reply = await client.aio.models.generate_content(
        model=SUMMARY_MODEL, contents=f"Summarise: {text}"
    )
    return reply.text
