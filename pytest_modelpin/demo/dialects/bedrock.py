"""Bedrock: Converse, which names no model in its replies, and Claude's own messages by Invoke.

Both stream in AWS's binary form: https://smithy.io/2.0/aws/amazon-eventstream.html.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace

from pytest_modelpin.demo.dialects import messages
from pytest_modelpin.demo.dialects.answer import Answer, Dialect, Document, halves, pieces
from pytest_modelpin.providers import Reply

_CLAUDE = re.compile(r"(?:[a-z\-]+\.)*(claude-.+?)(?:-v\d+(?::\d+)?)?")
_TEXT = b"\x07"  # the type of a header's value


def _plain(answer: Answer) -> Document:
    return {
        "output": {"message": {"role": "assistant", "content": _parts(answer.reply)}},
        "stopReason": _stop_reason(answer.reply),
        **_metadata(answer),
    }


def _metadata(answer: Answer) -> Document:
    given, taken = answer.usage.input_tokens or 0, answer.usage.output_tokens or 0
    return {
        "usage": {"inputTokens": given, "outputTokens": taken, "totalTokens": given + taken},
        "metrics": {"latencyMs": 1},
    }


def _parts(reply: Reply) -> list[Document]:
    text: list[Document] = [{"text": reply.text}] if reply.text or not reply.tools else []
    return text + [
        {"toolUse": {"toolUseId": f"tool-{number}", "name": name, "input": arguments}}
        for number, (name, arguments) in enumerate(reply.tools, 1)
    ]


def _stop_reason(reply: Reply) -> str:
    return reply.finish_reason or ("tool_use" if reply.tools else "end_turn")


def _streamed(answer: Answer) -> Iterator[bytes]:
    yield _message("messageStart", {"role": "assistant"})
    for index, part in enumerate(_parts(answer.reply)):
        at = {"contentBlockIndex": index}
        deltas: list[Document]
        if "text" in part:
            deltas = [{"text": piece} for piece in pieces(part["text"])]
        else:
            use = part["toolUse"]
            begun = {"toolUseId": use["toolUseId"], "name": use["name"]}
            yield _message("contentBlockStart", {**at, "start": {"toolUse": begun}})
            deltas = [{"toolUse": {"input": half}} for half in halves(use["input"])]
        for delta in deltas:
            yield _message("contentBlockDelta", {**at, "delta": delta})
        yield _message("contentBlockStop", at)
    yield _message("messageStop", {"stopReason": _stop_reason(answer.reply)})
    yield _message("metadata", _metadata(answer))


def _invoked(answer: Answer) -> Document:
    return messages.MESSAGES.plain(_as_claude(answer))


def _invoked_streamed(answer: Answer) -> Iterator[bytes]:
    for document in messages.events(_as_claude(answer)):
        wrapped = base64.b64encode(json.dumps(document).encode()).decode()
        yield _message("chunk", {"bytes": wrapped})


def _as_claude(answer: Answer) -> Answer:
    """Named as Claude names itself there, without the vendor and Bedrock's own version."""
    named = _CLAUDE.fullmatch(answer.served)
    return replace(answer, served=named[1] if named else answer.served)


def _message(kind: str, document: Document) -> bytes:
    """One message of the event stream."""
    named = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(_header(name.encode(), value.encode()) for name, value in named.items())
    payload = json.dumps(document).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    whole = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return whole + struct.pack(">I", zlib.crc32(whole))


def _header(name: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + _TEXT + struct.pack(">H", len(value)) + value


def _error(status: int, message: str) -> Document:
    return {"message": message}


_BINARY = "application/vnd.amazon.eventstream"
CONVERSE = Dialect("bedrock", _plain, _streamed, _error, _BINARY)
INVOKE = Dialect("bedrock", _invoked, _invoked_streamed, _error, _BINARY)
