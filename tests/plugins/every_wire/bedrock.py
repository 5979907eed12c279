"""Bedrock: Converse, which names no model in its replies, and by Invoke Claude's own messages and
Llama's texts.

Both stream in AWS's binary form: https://smithy.io/2.0/aws/amazon-eventstream.html. A request bears
AWS's signature (AWS4-HMAC-SHA256), which is computed again here:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote, urlsplit

from pytest_modelpin.demo.dialects import MESSAGES, claude_events
from pytest_modelpin.demo.question_and_answer import Answer, Dialect, Document, halves, pieces
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
    yield message("messageStart", {"role": "assistant"})
    for index, part in enumerate(_parts(answer.reply)):
        at = {"contentBlockIndex": index}
        deltas: list[Document]
        if "text" in part:
            deltas = [{"text": piece} for piece in pieces(part["text"])]
        else:
            use = part["toolUse"]
            begun = {"toolUseId": use["toolUseId"], "name": use["name"]}
            yield message("contentBlockStart", {**at, "start": {"toolUse": begun}})
            deltas = [{"toolUse": {"input": half}} for half in halves(use["input"])]
        for delta in deltas:
            yield message("contentBlockDelta", {**at, "delta": delta})
        yield message("contentBlockStop", at)
    yield message("messageStop", {"stopReason": _stop_reason(answer.reply)})
    yield message("metadata", _metadata(answer))


def _invoked(answer: Answer) -> Document:
    if _is_llama(answer):
        return _llama(answer, answer.reply.text, last=True)
    return MESSAGES.plain(_as_claude(answer))


def _is_llama(answer: Answer) -> bool:
    return "meta.llama" in answer.served


def _llama(answer: Answer, text: str, *, last: bool) -> Document:
    return {
        "generation": text,
        "prompt_token_count": answer.usage.input_tokens,
        "generation_token_count": answer.usage.output_tokens,
        "stop_reason": "stop" if last else None,
    }


def _llama_pieces(answer: Answer) -> Iterator[Document]:
    for piece in pieces(answer.reply.text):
        yield _llama(answer, piece, last=False)
    yield _llama(answer, "", last=True)


def _invoked_streamed(answer: Answer) -> Iterator[bytes]:
    llama = _is_llama(answer)
    for document in _llama_pieces(answer) if llama else claude_events(_as_claude(answer)):
        wrapped = base64.b64encode(json.dumps(document).encode()).decode()
        yield message("chunk", {"bytes": wrapped})


def _as_claude(answer: Answer) -> Answer:
    """Named as Claude names itself there, without the vendor and Bedrock's own version."""
    named = _CLAUDE.fullmatch(answer.served)
    return replace(answer, served=named[1] if named else answer.served)


def message(kind: str, document: Document) -> bytes:
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


def _streams(path: str, body: Document) -> bool:
    return path.endswith(("/converse-stream", "/invoke-with-response-stream"))


_BINARY = "application/vnd.amazon.eventstream"
CONVERSE = Dialect("bedrock", _plain, _streamed, _error, _BINARY, _streams)
INVOKE = Dialect("bedrock", _invoked, _invoked_streamed, _error, _BINARY, _streams)


_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<scope>(?P<day>\d{8})/(?P<region>[^/]+)"
    r"/(?P<service>[^/]+)/aws4_request), ?SignedHeaders=(?P<names>[^,]+), ?Signature=(?P<given>\w+)"
)


def signature_problem(
    method: str,
    target: str,
    headers: Mapping[str, str],
    content: bytes,
    secrets: Mapping[str, str],
) -> str | None:
    """Why AWS would not take a request, in a sentence; None where its signature holds.

    `target` is the path and query as they came, `headers` have lower-case names, `secrets` are the
    secret access keys by key id.
    """
    found = _SIGNED.fullmatch(headers.get("authorization", ""))
    if found is None:
        return "The request bears no AWS signature."
    if found["key"] not in secrets:
        return "The security token included in the request is invalid."
    when = headers.get("x-amz-date", "")
    asked = _canonical(method, target, headers, content, found["names"])
    hashed = hashlib.sha256(asked.encode()).hexdigest()
    key = f"AWS4{secrets[found['key']]}".encode()
    for part in (found["day"], found["region"], found["service"], "aws4_request"):
        key = _mac(key, part)
    signed = _mac(key, f"AWS4-HMAC-SHA256\n{when}\n{found['scope']}\n{hashed}").hex()
    if when.startswith(found["day"]) and hmac.compare_digest(signed, found["given"]):
        return None
    return "The request signature we calculated does not match the signature you provided."


def _canonical(
    method: str, target: str, headers: Mapping[str, str], content: bytes, names: str
) -> str:
    """The request as it is signed: every service but S3 escapes the path, as sent, once more."""
    parts = urlsplit(target)
    told = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names.split(";"))
    query = "&".join(sorted(parts.query.split("&")))
    path = quote(parts.path, safe="/~")
    hashed = hashlib.sha256(content).hexdigest()
    return f"{method}\n{path}\n{query}\n{told}\n{names}\n{hashed}"


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
