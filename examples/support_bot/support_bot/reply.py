"""Drafts the reply to a customer; looks the order up where the ticket names one."""

import json
from typing import Any

from anthropic import Anthropic
from anthropic.types import MessageParam, ToolParam

from support_bot.orders import find_order
from support_bot.pins import PINS

INSTRUCTIONS = """\
You write replies for the support desk of a web shop: friendly, at most four sentences, no promise
of money back before the order is known. Look an order up before you say anything about it."""

TOOL: ToolParam = {
    "name": "find_order",
    "description": "State, amount and delivery date of one order.",
    "input_schema": {
        "type": "object",
        "properties": {"number": {"type": "string"}},
        "required": ["number"],
    },
}


def draft_reply(ticket: str) -> str:
    """The text to send, after as many look-ups as the model asks for."""
    client = Anthropic()
    messages: list[MessageParam] = [{"role": "user", "content": ticket}]
    while True:
        answer = client.messages.create(
            model=PINS["reply"],
            max_tokens=400,
            system=INSTRUCTIONS,
            tools=[TOOL],
            messages=messages,
        )
        if answer.stop_reason != "tool_use":
            return "".join(block.text for block in answer.content if block.type == "text")
        messages.append({"role": "assistant", "content": answer.content})
        results: list[Any] = [
            {
                "type": "tool_result",
                "tool_use_id": block.id,
                "content": json.dumps(find_order(str(block.input["number"]))),
            }
            for block in answer.content
            if block.type == "tool_use"
        ]
        messages.append({"role": "user", "content": results})
