"""A small support desk: it asks a model over plain HTTP."""

import json
import os

import httpx

PIN = "gpt-5.1-2025-11-13"
CLIENT = httpx.Client(timeout=30)


def ask(instruction: str, message: str) -> str:
    """What the model says to a customer's message."""
    reply = CLIENT.post(
        f"{os.environ.get('OPENAI_BASE_URL', 'https://api.openai.com/v1')}/chat/completions",
        headers={"authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', '')}"},
        json={
            "model": PIN,
            "messages": [
                {"role": "system", "content": instruction},
                {"role": "user", "content": message},
            ],
        },
    )
    reply.raise_for_status()
    return reply.json()["choices"][0]["message"]["content"]


def answer(message: str) -> str:
    """A short answer in words."""
    return ask("Answer the customer in two short sentences.", message)


def ticket(message: str) -> dict:
    """The ticket that a message becomes."""
    return json.loads(ask("Return the ticket as JSON: topic, urgency, amount.", message))
