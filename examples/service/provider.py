"""Stands in for OpenAI and Anthropic, so that the service can be tried with no key.

python provider.py pytest --model candidate              # run a command against it
python provider.py uvicorn service.app:app --workers 2
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from pytest_modelpin.demo.provider_server import ProviderServer, Question

QUEUES = {"charge": "billing", "invoice": "billing", "parcel": "shipping", "password": "account"}


def answer(question: Question) -> str:
    """The queue of the first word that is known; a lawyer makes it urgent."""
    text = question.text
    queue = next((queue for word, queue in QUEUES.items() if word in text), "account")
    return json.dumps({"queue": queue, "urgent": "lawyer" in text})


def environment(url: str) -> dict[str, str]:
    """What leads the SDKs there; they want a key to be set, and nobody looks at it."""
    return {
        **os.environ,
        "OPENAI_BASE_URL": f"{url}/v1",
        "ANTHROPIC_BASE_URL": url,
        "OPENAI_API_KEY": "none-needed",
        "ANTHROPIC_API_KEY": "none-needed",
    }


if __name__ == "__main__":
    with ProviderServer(answer) as server:
        sys.exit(subprocess.run(sys.argv[1:], env=environment(server.url), check=False).returncode)
