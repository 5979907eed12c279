"""What all groups ask and wait for, whatever the framework; it stands beside each group's tests."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pydantic import BaseModel

URL = os.environ.get("PROVIDER_URL", "")
GPT, CLAUDE, GEMINI = "gpt-4o-2024-08-06", "claude-sonnet-4-5-20250929", "gemini-2.5-flash"
BEDROCK, LLAMA = "anthropic.claude-sonnet-4-5-20250929-v1:0", "llama3.2:1b"
SAID = "four words of answer"
CITY = {"city": "Oslo"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
STREAM: Any = {"stream": True, "stream_options": {"include_usage": True}}

Doors = Mapping[str, tuple[str, Mapping[str, Callable[[], Any]]]]
"""Of each door: whose wire it speaks, and the ways to use it."""


class Place(BaseModel):
    """A place."""

    city: str


def weather(city: str) -> str:
    """The weather in a city.

    Args:
        city: Which.
    """
    return f"sunny in {city}"


def asked(question: str) -> Any:
    return [{"role": "user", "content": question}]


@functools.cache
def loop() -> asyncio.Runner:
    """One for all: several frameworks keep a client, whose connections live in the loop."""
    return asyncio.Runner()


def within_a_loop(test: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: loop().run(test())


def cells(doors: Doors) -> Any:
    """Parametrises a test by every way of every door."""
    ways = [
        pytest.param(way, id=f"{door}-{mode}")
        for door, (_, modes) in doors.items()
        for mode, way in modes.items()
    ]
    return pytest.mark.parametrize("way", ways)
