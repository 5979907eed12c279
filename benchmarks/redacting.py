"""What it costs to keep secrets out of one reply of 1 MB, from the socket to the run report.

    python benchmarks/redacting.py

For each kind of reply: processor milliseconds for recording it, accepting its answer, reporting its
test and writing the run; and how many characters were gone over in full, of how many it has.
"""

from __future__ import annotations

import json
import random
import time

from pytest_modelpin.recordings.reply_content import redact_reply
from pytest_modelpin.redaction import redact
from pytest_modelpin.redaction.redact import redact_json
from pytest_modelpin.redaction.secret_values import environment_secrets

TIMES = 7
WORDS = ["the", "of", "model", "answers", "tokens", "don't", "number", "42", "100%", "code", "é”"]
ENVIRONMENT = {
    "OPENAI_API_KEY": "sk-proj-abcdefghij0123456789ABCDEFGHIJ",
    "ANTHROPIC_API_KEY": "sk-ant-api03-0123456789-abcdefghijklmnop",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY1",
    "GH_TOKEN": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "DB_PASSWORD": "hunter2-hunter2",
}


def _text(size: int) -> str:
    draw = random.Random(3)
    return " ".join(draw.choice(WORDS) for _ in range(size // 5))[:size]


def _whole(text: str) -> bytes:
    return json.dumps({"model": "m", "choices": [{"message": {"content": text}}]}).encode()


def _stream(text: str, piece: int) -> bytes:
    chunks = (text[at : at + piece] for at in range(0, len(text), piece))
    return "".join(
        "data: "
        + json.dumps(
            {
                "id": "chatcmpl-9aZb8Yc7Xd6We5Vf4Ug3Th2S",
                "object": "chat.completion.chunk",
                "model": "m",
                "created": 1,
                "choices": [{"index": 0, "delta": {"content": chunk}, "finish_reason": None}],
            }
        )
        + "\n\n"
        for chunk in chunks
    ).encode()


def _from_socket_to_file(content: bytes, text: str, secrets: tuple[str, ...]) -> None:
    redact_reply({}, (), content, secrets)
    redact_json(text, secrets)
    case = {"answers": [{"text": text}], "samples": [{"calls": [{"reply": {"text": text}}]}]}
    redact_json(case, secrets)
    redact_json({"cases": [case]}, secrets)


def main() -> None:
    """Print the table."""
    secrets = environment_secrets(ENVIRONMENT)
    gone_over: list[int] = []
    original = redact._look

    def counting(
        text: str, known: tuple[str, ...], *, shapes: bool, parted: bool = True
    ) -> redact.Found | None:
        gone_over.append(len(text))
        return original(text, known, shapes=shapes, parted=parted)

    redact._look = counting
    prose = _text(890_000)
    replies = {
        "JSON, one text": (_whole(prose), prose),
        "stream, 200 characters an event": (_stream(prose[:480_000], 200), prose[:480_000]),
        "stream, 4 characters an event": (_stream(prose[:20_600], 4), prose[:20_600]),
    }
    print("| reply of 1 MB | characters | gone over | processor ms |")
    print("|---|--:|--:|--:|")
    for name, (content, text) in replies.items():
        took = []
        for _ in range(TIMES):
            redact._Remembered.shared = redact._Remembered()
            gone_over.clear()
            started = time.process_time()
            _from_socket_to_file(content, text, secrets)
            took.append(time.process_time() - started)
        print(f"| {name} | {len(content):,} | {sum(gone_over):,} | {min(took) * 1000:.0f} |")


if __name__ == "__main__":
    main()
