"""Asks one model, whoever's it is. Retries are left to the chain: a dead model is asked once."""

from __future__ import annotations

from dataclasses import dataclass

from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

SECONDS = 10.0


@dataclass(frozen=True)
class Said:
    text: str
    served: str
    input_tokens: int | None = None
    output_tokens: int | None = None


class Models:
    """The clients, made once for the program's event loop."""

    def __init__(self) -> None:
        self._openai = AsyncOpenAI(max_retries=0, timeout=SECONDS)
        self._anthropic = AsyncAnthropic(max_retries=0, timeout=SECONDS)

    async def ask(self, id: str, provider: str | None, prompt: str, ticket: str) -> Said:
        if provider == "anthropic":
            message = await self._anthropic.messages.create(
                model=id,
                max_tokens=200,
                system=prompt,
                messages=[{"role": "user", "content": ticket}],
            )
            text = "".join(block.text for block in message.content if block.type == "text")
            usage = message.usage
            return Said(text, message.model, usage.input_tokens, usage.output_tokens)
        reply = await self._openai.chat.completions.create(
            model=id,
            messages=[{"role": "system", "content": prompt}, {"role": "user", "content": ticket}],
        )
        text, used = reply.choices[0].message.content or "", reply.usage
        if used is None:
            return Said(text, reply.model)
        return Said(text, reply.model, used.prompt_tokens, used.completion_tokens)

    async def close(self) -> None:
        await self._openai.close()
        await self._anthropic.close()
