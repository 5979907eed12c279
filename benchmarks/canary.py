"""Secrets in every place where a provider takes or returns one, and a search for them afterwards.

`python benchmarks/canary.py` records, replays, plays three nights and a bump, moves the pin and
back, then looks for each secret, in plain, hex, base64 and percent-encoding, in every byte that was
written or printed. `--short` is what CI runs: one way of answering, one night.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

PIN, ALIAS, NEXT = "gpt-4o-2024-08-06", "gpt-4o", "gpt-4o-2024-11-20"


def canary(place: str, prefix: str = "Zq7", length: int = 18) -> str:
    """A secret of its own for a place; the same in every run."""
    digest = base64.b32encode(hashlib.sha256(place.encode()).digest()).decode().rstrip("=")
    return f"{prefix}{digest[:length]}"


ENVIRONMENT = (
    "OPENAI_API_KEY_2", "GH_PAT", "SMTP_PASS", "FTP_PASSWD", "STRIPE_APIKEY", "GCP_CREDENTIALS",
    "PGPASSWORD", "DB_PASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "MY_SECRET",
    "SIGNING_KEY", "KEY_PASSPHRASE", "SESSION_COOKIE", "SENTRY_DSN", "HF_TOKEN", "APP_JWT",
    "OPENAI_ORG_ID",
)  # fmt: skip
"""Variables; what they hold is written into the question, and comes back in the answer."""

HEADERS = (
    "authorization", "x-api-key", "api-key", "x-goog-api-key", "openai-organization",
    "openai-project", "anthropic-organization-id", "anthropic-workspace-id", "x-goog-user-project",
    "cookie", "proxy-authorization", "x-amz-security-token", "x-auth-token", "x-account-id",
    "ocp-apim-subscription-key",
)  # fmt: skip
QUERY = ("key", "api_key", "token", "sig", "X-Amz-Signature", "X-Amz-Credential", "access_token")
BODY = ("api_key", "client_secret", "password", "authorization")
RETURNED = {
    "an OpenAI key": canary("returned sk", "sk-"),
    "an Anthropic key": canary("returned ant", "sk-ant-api03-"),
    "an AWS key": "AKIA" + canary("returned akia", "", 16),
    "a GitHub token": canary("returned ghp", "ghp_", 24),
    "a Slack token": canary("returned xoxb", "xoxb-"),
    "a Google key": canary("returned aiza", "AIza", 30),
    "a Hugging Face token": canary("returned hf", "hf_", 24),
    "a web token": f"eyJhbGciOiJIUzI1NiJ9.{canary('jwt', 'eyJ', 24)}.{canary('signature', '', 24)}",
    "a bearer": canary("returned bearer", ""),
    "a password in a URL": canary("returned password", "", 14),
    "a Slack webhook": canary("returned webhook", "", 24),
    "a Discord webhook": canary("returned discord", "", 40),
    "a signed URL": canary("returned signature", "", 40),
    "a tool's argument": canary("returned argument", "", 24),
    "a private key": canary("returned pem", "", 48),
}
"""What only the reply holds: told by its looks alone."""
AROUND = {
    "a bearer": "Authorization: Bearer {}",
    "a password in a URL": "postgres://ada:{}@db.test/x",
    "a Slack webhook": "https://hooks.slack.com/services/T0/B0/{}",
    "a Discord webhook": "https://discord.com/api/webhooks/1/{}",
    "a signed URL": "https://s3.test/x?X-Amz-Signature={}",
    "a tool's argument": '{{"api_key": "{}"}}',
    "a private key": "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
}
ELSEWHERE = (
    "set-cookie",
    "location",
    "error",
    "overload",
    "test id",
    "printed",
    "raised",
    "account",
)

CANARIES: dict[str, str] = {
    **{f"environment {name}": canary(name) for name in ENVIRONMENT},
    **{f"header {name}": canary(name) for name in HEADERS},
    **{f"query {name}": canary(f"query {name}") for name in QUERY},
    **{f"body {name}": canary(f"body {name}") for name in BODY},
    **{f"reply {name}": value for name, value in RETURNED.items()},
    **{f"elsewhere {name}": canary(f"elsewhere {name}", "sk-") for name in ELSEWHERE},
}
CONTROL = CANARIES["header x-api-key"]


def request(place: str) -> dict[str, Any]:
    """What a test sends for a place: headers, query, body fields and the question."""
    kind, _, name = place.partition(" ")
    value = CANARIES[place]
    sent: dict[str, Any] = {"headers": {}, "params": {}, "fields": {}, "question": place}
    if kind == "environment":
        sent["question"] = f"{place}: {value}"
    elif kind == "header":
        spelt = {
            "authorization": f"Bearer {value}",
            "cookie": f"theme=dark; session={value}",
            "proxy-authorization": "Basic " + base64.b64encode(f"ada:{value}".encode()).decode(),
        }
        sent["headers"] = {name: spelt.get(name, value)}
    elif kind == "query":
        sent["params"] = {name: value}
    elif kind == "body":
        sent["fields"] = {"metadata": {name: value}}
    return sent


class Echo(BaseHTTPRequestHandler):
    """A provider that repeats whatever it is told, and returns secrets of its own."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[set[str]] = set()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Answer one question."""
        raw = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        body = json.loads(raw)
        question = str(body["messages"][-1]["content"])
        told = f"{self.path} {dict(self.headers)} {raw}"
        basic = self.headers.get("proxy-authorization", "").removeprefix("Basic ")
        told += " " + base64.b64decode(basic).decode() if basic else ""
        place = question.partition(":")[0]
        if place.startswith("reply "):
            name = place.removeprefix("reply ")
            told = AROUND.get(name, "{}").format(RETURNED[name])
        self.seen.update(each for each in CANARIES.values() if each in told)
        status, headers = 200, [("x-request-id", "r1")]
        if place.startswith("elsewhere "):
            secret = CANARIES[place]
            self.seen.add(secret)
            told = f"It is {secret}."
            name = place.removeprefix("elsewhere ")
            if name == "set-cookie":
                headers.append(("set-cookie", f"session={secret}"))
            elif name == "account":
                headers.append(("openai-organization", secret))
            elif name == "location":
                headers.append(("location", f"https://other.test/x?key={secret}"))
            elif name in ("error", "overload"):
                status = 400 if name == "error" else 503
        served = {ALIAS: NEXT}.get(body["model"], body["model"])
        self._answer(status, headers, told, served, streamed=bool(body.get("stream")))

    def _answer(
        self, status: int, headers: list[tuple[str, str]], told: str, served: str, *, streamed: bool
    ) -> None:
        if status != 200:
            data = json.dumps({"error": {"message": told, "type": "x"}})
        elif streamed:
            chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": served}
            pieces = [told[at : at + 3] for at in range(0, len(told), 3)]
            events = [
                {**chunk, "choices": [{"index": 0, "delta": {"content": piece}}]}
                for piece in pieces
            ]
            events.append(
                {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
            )
            data = "".join(f"data: {json.dumps(each)}\n\n" for each in events) + "data: [DONE]\n\n"
        else:
            call = {"id": "t", "type": "function", "function": {"name": "f", "arguments": told}}
            message = {"role": "assistant", "content": told, "tool_calls": [call]}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            data = json.dumps(
                {"id": "c", "object": "chat.completion", "created": 1, "model": served,
                 "choices": [choice], "usage": usage}
            )  # fmt: skip
        content = data.encode()
        self.send_response(status)
        kind = "text/event-stream" if streamed and status == 200 else "application/json"
        for name, value in (
            *headers,
            ("content-type", kind),
            ("content-length", str(len(content))),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


TESTS = """
import json, os
import httpx, pytest

PLACES = json.loads(os.environ["PLACES"])
MODES = os.environ["MODES"].split()

def ask(place, mode, **more):
    sent = PLACES[place]
    body = {"model": "%(pin)s", "messages": [{"role": "user", "content": sent["question"]}]}
    body |= sent["fields"] | ({"stream": True} if mode == "stream" else {})
    url = os.environ["BASE"] + "/v1/chat/completions"
    reply = httpx.post(url, json=body, headers=sent["headers"], params=sent["params"], timeout=60)
    reply.raise_for_status()
    if mode == "stream":
        events = [line[6:] for line in reply.text.splitlines() if line.startswith("data: {")]
        deltas = [json.loads(event)["choices"][0]["delta"] for event in events]
        return "".join(delta.get("content", "") for delta in deltas)
    return reply.json()["choices"][0]["message"]["content"]

FAIL = ("elsewhere error", "elsewhere overload", "elsewhere printed", "elsewhere raised")

@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("place", [place for place in PLACES if place not in FAIL])
def test_place(place, mode, model_snapshot):
    assert ask(place, mode) == model_snapshot

@pytest.mark.parametrize("secret", [os.environ["TEST_ID"]])
def test_id(secret, model_snapshot):
    assert ask("elsewhere test id", "plain") == model_snapshot

def test_errors(model_snapshot):
    with pytest.raises(httpx.HTTPStatusError) as raised:
        ask("elsewhere error", "plain")
    assert raised.value.response.json() == model_snapshot

@pytest.mark.skipif("FAILING" not in os.environ, reason="a suite that passes is recorded")
@pytest.mark.parametrize("place", FAIL)
def test_failing(place):
    said = ask(place, "plain")
    print("printed", said, json.dumps(PLACES))
    raise RuntimeError(f"raised {said} {PLACES}")
""" % {"pin": PIN}  # noqa: UP031

MODELS = f"""\
models:
  gpt: {{production: {PIN}, staging: {ALIAS}, provider: openai}}
settings: {{samples: 1}}
"""


class Project:
    """A throw-away repository, and all that was printed in it."""

    def __init__(self, folder: Path, base: str, modes: str) -> None:
        self.folder = folder
        self.printed: list[str] = []
        private = ("GITHUB_", "MODELPIN_", "PYTEST_", "GIT_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(private)}
        own = {name: CANARIES[f"environment {name}"] for name in ENVIRONMENT}
        self.environment = {
            **kept, **own, "BASE": base, "MODES": modes, "OPENAI_BASE_URL": f"{base}/v1",
            "OPENAI_API_KEY": canary("environment own", "sk-"), "NO_COLOR": "1",
            "PLACES": json.dumps({place: request(place) for place in CANARIES}),
            "TEST_ID": CANARIES["elsewhere test id"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_PLUGINS": "syrupy,pytest_modelpin.plugin", "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        (folder / "tests").mkdir()
        (folder / "tests/test_canary.py").write_text(TESTS)
        (folder / "models.yml").write_text(MODELS)
        (folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\n")
        (folder / ".gitignore").write_text(".pytest_modelpin/\nledger/\nout/\n")
        (folder / "out").mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit()

    def run(self, *command: str, **more: str) -> int:
        """A command, what it prints kept; its exit code."""
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=self.folder, env=self.environment | more,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.printed += [done.stdout, done.stderr]
        return done.returncode

    def git(self, *arguments: str) -> str:
        """What git prints."""
        own = ("-c", "user.name=You", "-c", "user.email=you@example.com")
        done = subprocess.run(
            ["git", *own, *arguments], cwd=self.folder, capture_output=True, check=True
        )
        return done.stdout.decode("utf-8", "replace")

    def commit(self) -> None:
        """All of it."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "All")

    def night(self, day: int) -> int:
        """One night on a folder's ledger, its outputs for GitHub in files."""
        out = self.folder / "out"
        files = {
            "GITHUB_OUTPUT": out / f"output-{day}",
            "GITHUB_STEP_SUMMARY": out / f"summary-{day}",
        }
        return self.run(
            "pytest_modelpin", "nightly", "--ledger=ledger", f"--today=2026-11-{day}",
            **{name: str(path) for name, path in files.items()},
        )  # fmt: skip

    def written(self) -> dict[str, str]:
        """Every byte that the runs left: files, their names, git's history, what was printed."""
        found = {"printed": "\n".join(self.printed), "git": self.git("log", "-p", "--all")}
        for path in self.folder.rglob("*"):
            name = path.relative_to(self.folder).as_posix()
            if path.is_file() and not name.startswith(".git/"):
                found[name] = f"{name}\n{path.read_bytes().decode('latin-1')}"
        return found


def forms(secret: str) -> set[str]:
    """How a secret might be written."""
    data = secret.encode()
    found = {secret, quote(secret, safe=""), data.hex(), data.hex().upper()}
    for before in range(3):  # base64 at each of three offsets, without what neighbours share
        encoded = base64.b64encode(b"x" * before + data).decode()
        found.add(encoded[4 if before else 0 : (len(data) + before) // 3 * 4 - 4])
    return found


def search(written: dict[str, str]) -> list[str]:
    """Where a secret stands, in whichever form."""
    spelt = {place: forms(secret) for place, secret in CANARIES.items()}
    return [
        f"leaked: {place}, in {name}"
        for name, text in written.items()
        for place, found in spelt.items()
        if any(form in text for form in found)
    ]


def play(project: Project, *, short: bool) -> list[str]:
    """All that a user would do; what did not go as it should."""
    problems = []
    record = ("--model=production", "--model-record=new", "--snapshot-update")
    report = "--model-report=out/production.json"
    if project.run("pytest", "-rA", *record, report):
        problems.append("recording did not pass")
    project.commit()
    if project.run("pytest", "-rA"):
        problems.append("replaying did not pass")
    failing = (
        "pytest",
        "-rA",
        "--showlocals",
        "--model=candidate",
        "--model-report=out/failing.json",
    )
    project.run(*failing, "--model-recordings=out/failing", FAILING="1")
    project.run("pytest_modelpin", "compare", "out/production.json", "out/failing.json")
    page = ("compare", "out/production.json", "out/failing.json", "--html", "out/page.html")
    project.run("pytest_modelpin", *page)
    days = (18,) if short else (18, 19, 20)
    codes = [project.night(day) for day in days]
    if not set(codes) <= {0, 1, 3}:
        problems.append(f"a night ended with {codes}")
    if not short:
        project.run("pytest_modelpin", "status", "--ledger=ledger")
        if "modelpin/gpt" not in project.git("branch", "--list", "modelpin/*"):
            problems.append("three green nights made no bump")
        if project.run("pytest_modelpin", "promote", "gpt", f"--to={NEXT}"):
            problems.append("the pin did not move")
        project.commit()
        if project.run("pytest_modelpin", "rollback", "gpt"):
            problems.append("the pin did not move back")
    return problems


def main() -> int:
    """Play, search, and say what was found; 0 where no secret was written."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="one way of answering, one night")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="play in DIR and leave it there")
    arguments = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) if arguments.keep is None else arguments.keep
        folder.mkdir(parents=True, exist_ok=True)
        base = f"http://127.0.0.1:{server.server_address[1]}"
        project = Project(folder, base, "plain" if arguments.short else "plain stream")
        problems = play(project, short=arguments.short)
        written = project.written()
    server.shutdown()
    unsaid = [place for place, value in CANARIES.items() if value not in Echo.seen]
    problems += [f"never reached the provider or came from it: {place}" for place in unsaid]
    leaks = search(written)
    if len(search({"control": f"x{base64.b64encode(b'abc' + CONTROL.encode()).decode()}"})) != 1:
        problems.append("the search does not find what was put there")
    size = sum(map(len, written.values()))
    print(
        f"{len(CANARIES)} secrets in as many places, looked for in {size:,} bytes of "
        f"{len(written)} files, outputs and commits: {len(leaks)} leaks"
    )
    for line in (*problems, *leaks):
        print(line)
    return 1 if problems or leaks else 0


if __name__ == "__main__":
    sys.exit(main())
