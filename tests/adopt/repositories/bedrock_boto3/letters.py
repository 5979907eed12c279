"""Letters to customers."""

import os

import boto3


def letter(about: str) -> str:
    """A letter."""
    model = os.environ.get("LETTER_MODEL", "us.anthropic.claude-haiku-4-5-20251001-v1:0")
    reply = boto3.client("bedrock-runtime").converse(
        modelId=model, messages=[{"role": "user", "content": [{"text": about}]}]
    )
    return reply["output"]["message"]["content"][0]["text"]
