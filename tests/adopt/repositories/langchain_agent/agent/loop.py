"""An agent with one tool; the wire is that of langchain-openai."""

import json
from pathlib import Path

import yaml
from openai import OpenAI

CONFIG = Path(__file__).parents[1] / "config" / "agent.yaml"
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "order_status",
            "description": "Where an order is",
            "parameters": {"type": "object", "properties": {"order": {"type": "string"}}},
        },
    }
]


def run(question: str) -> str:
    """The answer, after as many tool calls as it takes."""
    planner = yaml.safe_load(CONFIG.read_text())["planner"]
    model = planner["model"].partition(":")[2]
    messages = [{"role": "user", "content": question}]
    for _ in range(planner["steps"]):
        reply = OpenAI().chat.completions.create(model=model, messages=messages, tools=TOOLS)
        message = reply.choices[0].message
        if not message.tool_calls:
            return message.content
        messages.append(message.model_dump(exclude_none=True))
        for call in message.tool_calls:
            order = json.loads(call.function.arguments)["order"]
            result = f"{order} left the warehouse"
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    raise RuntimeError("The agent did not come to an end.")
