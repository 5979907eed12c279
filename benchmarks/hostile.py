"""Replies that no provider should send, and what becomes of a run that gets them.

`python benchmarks/hostile.py` records a suite on the pin, then has a candidate run and a night meet
one reply of each kind, through plain replies and streams, and looks at outcomes, time, output and
files. `--short` is what CI runs: one way of asking, no night.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pytest_modelpin.recordings.recording_file import read

PIN, ALIAS, NEXT = "gpt-4o-2024-08-06", "gpt-4o", "gpt-4o-2024-11-20"
SECONDS = 1.0
"""What one reply may take (`--model-timeout`)."""
KEY = "sk-planted-in-a-redirect-0123456789"

OVER = threading.Event()
JSON_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
SSE_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


def document(**changes: Any) -> dict[str, Any]:
    """A good reply, changed here and there."""
    message = {"role": "assistant", "content": "It is $42."}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    good = {"id": "c", "object": "chat.completion", "created": 1, "model": NEXT,
            "choices": [choice], "usage": usage}  # fmt: skip
    return {**good, **changes}


def whole(body: bytes | dict[str, Any], *more: str, status: str = "200 OK") -> bytes:
    """A reply with its length."""
    content = json.dumps(body).encode() if isinstance(body, dict) else body
    kind = () if any(line.startswith("content-type") for line in more) else (
        "content-type: application/json",
    )  # fmt: skip
    lines = [f"HTTP/1.1 {status}", *kind, *more, f"content-length: {len(content)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + content


def event(**changes: Any) -> bytes:
    """One event of a good stream."""
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": NEXT,
             "choices": [{"index": 0, "delta": {"content": "It is $42."}}]}  # fmt: skip
    return b"data: " + json.dumps({**chunk, **changes}, ensure_ascii=False).encode() + b"\n\n"


END = event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
DONE = b"data: [DONE]\n\n"


def forever(head: bytes, piece: bytes) -> Iterator[bytes]:
    """A reply that does not end."""
    yield head
    while not OVER.wait(0.02):
        yield piece


GOOD = whole(document())
TEXT = json.dumps(document())
SPLIT = event(choices=[{"index": 0, "delta": {"content": "It is 42 €."}}])

KINDS: dict[str, tuple[str, Callable[[], bytes | Iterator[bytes]]]] = {
    "endless stream": ("lost", lambda: forever(SSE_HEAD, event())),
    "endless body": ("lost", lambda: forever(JSON_HEAD + b"connection: close\r\n\r\n", b" ")),
    "slow-loris headers": ("lost", lambda: forever(b"HTTP/1.1 200 OK\r\n", b"x")),
    "no reply at all": ("lost", lambda: forever(b"", b"")),
    "1 GB promised": (
        "lost",
        lambda: forever(JSON_HEAD + b"content-length: 1073741824\r\n\r\n", b""),
    ),
    "gzip bomb": ("lost", lambda: whole(bomb(), "content-encoding: gzip")),
    "shorter than promised": ("lost", lambda: JSON_HEAD + b"content-length: 9999\r\n\r\n{}"),
    "longer than promised": (
        "lost",
        lambda: JSON_HEAD + b"content-length: 9\r\n\r\n" + TEXT.encode(),
    ),
    "garbage for chunks": (
        "lost",
        lambda: JSON_HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    ),
    "chunks broken off": (
        "lost",
        lambda: JSON_HEAD + b"transfer-encoding: chunked\r\n\r\nff\r\n{}",
    ),
    "truncated gzip": (
        "lost",
        lambda: whole(gzip.compress(TEXT.encode())[:-20], "content-encoding: gzip"),
    ),
    "no gzip": ("lost", lambda: whole(TEXT.encode(), "content-encoding: gzip")),
    "invalid UTF-8": ("lost", lambda: whole(TEXT.replace("$42", "\xff").encode("latin-1"))),
    "HTML with 200": ("lost", lambda: whole(b"<html>Sign in</html>", "content-type: text/html")),
    "empty 200": ("lost", lambda: whole(b"")),
    "redirect loop": ("lost", lambda: whole(b"", "location: /v1/chat/completions", status="307 x")),
    "redirect with a key": (
        "lost",
        lambda: whole(b"", f"location: https://other.test/?key={KEY}", status="302 x"),
    ),
    "100,000 deep": (
        "lost",
        lambda: whole(b'{"choices":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    ),
    "half a document": ("lost", lambda: whole(TEXT[:60].encode())),
    "a list": ("lost", lambda: whole(b"[]")),
    "choices null": ("lost", lambda: whole(document(choices=None))),
    "choices empty": ("lost", lambda: whole(document(choices=[]))),
    "200 with an error": (
        "lost",
        lambda: whole({"error": {"message": "overloaded", "type": "server_error"}}),
    ),
    "header injection": ("lost", lambda: b"HTTP/1.1 200 OK\r\nx: a\r\n b\x00c: d\r\n\r\n"),
    "no HTTP": ("lost", lambda: b"SSH-2.0-OpenSSH_9.6\r\n"),
    "stream without data": ("lost", lambda: SSE_HEAD + b": ping\n\n: ping\n\n"),
    "stream cut within an event": (
        "lost",
        lambda: SSE_HEAD + b'data: {"choices": [{"delta": {"content": "no"}}]}\n\ndata: {"choi',
    ),
    "lone surrogate": ("passed", lambda: whole(TEXT.replace("$42", "$42 \\ud800").encode())),
    "keys twice": (
        "passed",
        lambda: whole(TEXT.replace('"id": "c"', '"id": "c", "id": "d"').encode()),
    ),
    "NaN and Infinity": (
        "passed",
        lambda: whole(TEXT.replace('"created": 1', '"created": NaN, "x": Infinity').encode()),
    ),
    "huge numbers": ("passed", lambda: whole(document(created=10**400, x=1e308))),
    "model is a number": ("passed", lambda: whole(document(model=5))),
    "negative usage": (
        "passed",
        lambda: whole(document(usage={"prompt_tokens": -5, "completion_tokens": "x"})),
    ),
    "a storm of cookies": (
        "passed",
        lambda: whole(document(), *[f"set-cookie: c{n}=v{n}" for n in range(90)]),
    ),
    "HTTP/1.0": (
        "passed",
        lambda: b"HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n" + TEXT.encode(),
    ),
    "early hints": ("passed", lambda: b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + GOOD),
    "an event of 10 MB": ("passed", lambda: SSE_HEAD + event(x="y" * 10**7) + END + DONE),
    "done twice": ("passed", lambda: SSE_HEAD + event() + END + DONE + DONE),
    "split within a letter": (
        "passed",
        lambda: iter([SSE_HEAD, SPLIT[:-12], SPLIT[-12:], END + DONE]),
    ),
    "good": ("passed", lambda: GOOD),
    "503": ("lost", lambda: whole(b"down", status="503 x")),
    "429 for a day": (
        "lost",
        lambda: whole({"error": {"message": "slow down"}}, "retry-after: 86400", status="429 x"),
    ),
}
"""What each may come to where the candidate answers so: the sample's outcome, and the reply."""

STREAMED = frozenset({
    "endless stream", "stream without data", "stream cut within an event", "an event of 10 MB",
    "done twice", "split within a letter",
})  # fmt: skip


def bomb() -> bytes:
    """100 MB of blanks in a hundred kilobytes."""
    return gzip.compress(b" " * 10**8, compresslevel=9)


class Hostile(BaseHTTPRequestHandler):
    """Answers the pin well, and anybody else by the kind that stands in the question."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Answer one question."""
        self.close_connection = True
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        kind = str(body["messages"][-1]["content"])
        if body["model"] == PIN:
            good = document(model=PIN)
            streamed = SSE_HEAD + event(model=PIN) + END.replace(NEXT.encode(), PIN.encode()) + DONE
            reply: bytes | Iterator[bytes] = streamed if body.get("stream") else whole(good)
        else:
            reply = KINDS[kind][1]()
        try:
            for piece in [reply] if isinstance(reply, bytes) else reply:
                self.wfile.write(piece)
                self.wfile.flush()
        except OSError:
            pass


TESTS = """
import json, os
import httpx, pytest

KINDS, STREAMED = json.loads(os.environ["KINDS"]), json.loads(os.environ["STREAMED"])

@pytest.mark.parametrize("kind", KINDS)
def test_kind(kind):
    streamed = kind in STREAMED
    body = {"model": "%(pin)s", "stream": streamed, "messages": [{"role": "user", "content": kind}]}
    url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    text = ""
    options = {"json": body, "timeout": 60, "follow_redirects": kind == "redirect loop"}
    with httpx.stream("POST", url, **options) as reply:
        reply.raise_for_status()
        if streamed:
            for line in reply.iter_lines():
                if line.startswith("data: {"):
                    delta = json.loads(line[6:])["choices"][0]["delta"]
                    text += delta.get("content", "")
        else:
            reply.read()
            text = reply.json()["choices"][0]["message"]["content"]
    assert "42" in text
""" % {"pin": PIN}  # noqa: UP031

MODELS = f"""\
models:
  gpt: {{production: {PIN}, staging: {ALIAS}, provider: openai}}
settings: {{samples: 1}}
"""


def play(folder: Path, base: str, *, short: bool) -> tuple[list[str], list[str]]:
    """Record, ask the candidate, replay and play a night; lines of a table, and what is wrong."""
    private = ("GITHUB_", "MODELPIN_", "PYTEST_", "GIT_")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(private)
    }
    environment |= {
        "OPENAI_BASE_URL": f"{base}/v1", "OPENAI_API_KEY": "sk-planted-0123456789abcdef",
        "KINDS": json.dumps([*KINDS]), "STREAMED": json.dumps([*STREAMED]), "NO_COLOR": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "syrupy,pytest_modelpin.plugin",
    }  # fmt: skip
    (folder / "tests").mkdir()
    (folder / "tests/test_hostile.py").write_text(TESTS)
    (folder / "models.yml").write_text(MODELS)
    (folder / "pytest.ini").write_text(
        "[pytest]\naddopts = -p no:cacheprovider --tb=short "
        f"--model-timeout={SECONDS:g} --model-jobs=1\n"
    )

    def run(*command: str) -> tuple[int, str, float]:
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True,
            text=True, check=False, timeout=600,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr, time.monotonic() - began

    wrong = []
    code, said, _ = run("pytest", "--model=production", "--model-record=new")
    if code:
        wrong.append(f"recording the pin ended with {code}: {said[-2000:]}")
    _, said, took = run("pytest", "--model=candidate", "--model-report=run.json")
    outcomes, lines = _outcomes(folder), []
    for kind, (expected, _) in KINDS.items():
        outcome, message = outcomes.get(kind, ("missing", ""))
        lines.append(f"| {kind} | {outcome} | {message[:90]} |")
        if outcome != expected:
            wrong.append(f"{kind}: {outcome} instead of {expected}: {message}")
    wrong += _ugly("the candidate run", said)
    if took > len(KINDS) * (3 * SECONDS + 2):
        wrong.append(f"the candidate run took {took:.0f} s")
    code, said, _ = run("pytest")
    if code:
        wrong.append(f"replaying the pin afterwards ended with {code}: {said[-2000:]}")
    if not short:
        code, said, _ = run("pytest_modelpin", "nightly", "--ledger=ledger", "--today=2026-11-18")
        if code != 3:
            wrong.append(f"the night ended with {code}, not inconclusive (3): {said[-2000:]}")
        wrong += _ugly("the night", said)
        lines.append(f"| a night of them all | exit {code} | inconclusive |")
    wrong += _torn(folder)
    return lines, wrong


def _outcomes(folder: Path) -> dict[str, tuple[str, str]]:
    cases = json.loads((folder / "run.json").read_text())["cases"]
    found = {}
    for case in cases:
        sample = case["samples"][0]
        kind = case["id"].partition("[")[2].removesuffix("]")
        found[kind] = (sample["outcome"], " ".join((sample.get("message") or "").split()))
    return found


def _ugly(where: str, said: str) -> list[str]:
    return [
        f"{where} shows {word!r}: …{said[max(0, said.index(word) - 600) : said.index(word) + 900]}"
        for word in ("INTERNALERROR", "site-packages/pytest_modelpin", KEY)
        if word in said
    ] + [
        f"{where} shows a traceback through this package: {line}"
        for line in said.splitlines()
        if line.startswith(("  File", "pytest_modelpin/")) and "pytest_modelpin/" in line
    ][:3]  # fmt: skip


def _torn(folder: Path) -> list[str]:
    found = []
    for path in folder.rglob("__recordings__/*/*/*"):
        try:
            read(path)
        except Exception as error:  # whatever it is, the file can't be read
            found.append(f"torn: {path.relative_to(folder)}: {error}")
    files = [path for path in folder.rglob("*") if path.is_file()]
    holding = [path for path in files if KEY.encode() in path.read_bytes()]
    return found + [f"leaked: {path.relative_to(folder)}" for path in holding]


def main() -> int:
    """Play, and say what was found; 0 where each kind came to what it should."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="no night")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="play in DIR and leave it there")
    arguments = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        base = f"http://127.0.0.1:{server.server_address[1]}"
        lines, wrong = play(folder, base, short=arguments.short)
    OVER.set()
    server.shutdown()
    print("| reply | became | because |\n|---|---|---|", *lines, sep="\n")
    print(f"\n{len(KINDS)} kinds of reply: {len(wrong)} went wrong")
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
