"""Asks one model, whoever's it is. Retries are left to the chain: a dead model is asked once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from anthropic import AsyncAnthropic
from openai import AsyncOpenAI
from pydantic import BaseModel

SECONDS = 10.0


@dataclass(frozen=True)
class Said:
    text: str
    served: str
    content: Callable[[], dict[str, Any]]
    """Question and answer as the wire had them, for `pytest-modelpin shadow` and `import`; made
    only where it is kept."""
    input_tokens: int | None = None
    output_tokens: int | None = None


class Models:
    """The clients, made once for the program's event loop."""

    def __init__(self) -> None:
        self._openai = AsyncOpenAI(max_retries=0, timeout=SECONDS)
        self._anthropic = AsyncAnthropic(max_retries=0, timeout=SECONDS)

    async def ask(self, id: str, provider: str | None, prompt: str, ticket: str) -> Said:
        asked = [{"role": "user", "content": ticket}]
        if provider == "anthropic":
            body = {"model": id, "max_tokens": 200, "system": prompt, "messages": asked}
            message = await self._anthropic.messages.create(**body)
            text = "".join(block.text for block in message.content if block.type == "text")
            usage = message.usage
            content = _content(body, message)
            return Said(text, message.model, content, usage.input_tokens, usage.output_tokens)
        body = {"model": id, "messages": [{"role": "system", "content": prompt}, *asked]}
        reply = await self._openai.chat.completions.create(**body)
        text, used = reply.choices[0].message.content or "", reply.usage
        tokens = (used.prompt_tokens, used.completion_tokens) if used else (None, None)
        return Said(text, reply.model, _content(body, reply), *tokens)

    async def close(self) -> None:
        await self._openai.close()
        await self._anthropic.close()


def _content(body: dict[str, Any], reply: BaseModel) -> Callable[[], dict[str, Any]]:
    return lambda: {"request": body, "response": reply.model_dump(mode="json")}
