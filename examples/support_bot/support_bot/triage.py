"""Which team a ticket belongs to, and how soon."""

import json
from typing import Any

from openai import OpenAI

from support_bot.pins import PINS

TEAMS = ["billing", "shipping", "technical", "account"]

INSTRUCTIONS = """\
You sort the tickets of a web shop. Answer with the team that should take the ticket, its urgency
from 1 (can wait) to 3 (today), and whether a person must read it before any reply is sent."""

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "team": {"type": "string", "enum": TEAMS},
        "urgency": {"type": "integer", "enum": [1, 2, 3]},
        "needs_person": {"type": "boolean"},
    },
    "required": ["team", "urgency", "needs_person"],
    "additionalProperties": False,
}


def triage(ticket: str) -> dict[str, Any]:
    """Sort one ticket: `team`, `urgency` and `needs_person`."""
    reply = OpenAI().chat.completions.create(
        model=PINS["triage"],
        messages=[
            {"role": "system", "content": INSTRUCTIONS},
            {"role": "user", "content": ticket},
        ],
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "triage", "schema": SCHEMA, "strict": True},
        },
    )
    return json.loads(reply.choices[0].message.content or "")
