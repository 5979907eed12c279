"""One scripted outage: ours, LiteLLM's Router and pydantic-ai's FallbackModel side by side.

    pip install litellm "pydantic-ai-slim[openai]"
    python benchmarks/outage.py [--seconds 60] [--every 4]
    python benchmarks/outage.py --write    # also into docs/runtime-figures.md

A server on this machine speaks OpenAI's chat completions for a primary and a fallback model. The
primary says 503 for a minute, then answers again. Each contestant sends one request in four
seconds through its defaults, from before the outage until after it. Counted are the tries that
reached the dead model, requests that failed, how long requests took, and how many requests after
the outage the primary was missed. What is not installed is left out of the table, and said.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

from marked import DOCS, circumstances, put

Ask = Callable[[], str]
"""Sends one request; gives the model that answered."""
PRIMARY, FALLBACK = "gpt-primary", "gpt-fallback"


@dataclass
class Provider:
    """Answers for both models; the primary can be switched off."""

    down: bool = False
    tries: list[float] = field(default_factory=list)
    """When the dead model was asked."""

    def serve(self) -> str:
        """Start to answer; gives the API's address."""
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                dead = provider.down and body["model"] == PRIMARY
                if dead:
                    provider.tries.append(time.monotonic())
                reply = {"error": {"message": "overloaded"}} if dead else _answer(body["model"])
                data = json.dumps(reply).encode()
                self.send_response(503 if dead else 200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}/v1"


def _answer(model: str) -> dict[str, object]:
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model,
        "choices": [{"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": model}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }  # fmt: skip


def ours(url: str) -> Ask:
    from openai import OpenAI

    from modelpin_runtime import load

    folder = Path(tempfile.mkdtemp())
    text = f"models:\n  gpt: {{production: {PRIMARY}, fallback: [{FALLBACK}]}}\n"
    (folder / "models.yml").write_text(text)
    pins = load(folder / "models.yml", environment={})
    client = OpenAI(base_url=url, api_key="x", max_retries=0)

    def one(id: str, provider: str | None) -> str:
        said = client.chat.completions.create(model=id, messages=[{"role": "user", "content": "?"}])
        return str(said.choices[0].message.content)

    return lambda: pins.call("gpt", one).value


def litellm_router(url: str) -> Ask:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    from litellm.router import Router

    router = Router(
        model_list=[
            {"model_name": name,
             "litellm_params": {"model": f"openai/{name}", "api_base": url, "api_key": "x"}}
            for name in (PRIMARY, FALLBACK)
        ],
        fallbacks=[{PRIMARY: [FALLBACK]}],
    )  # fmt: skip

    def ask() -> str:
        said = router.completion(model=PRIMARY, messages=[{"role": "user", "content": "?"}])
        return str(said.choices[0].message.content)

    return ask


def pydantic_ai_fallback(url: str) -> Ask:
    from pydantic_ai import Agent  # type: ignore[import-not-found, unused-ignore]
    from pydantic_ai.models.fallback import FallbackModel  # type: ignore[import-not-found, unused-ignore]
    from pydantic_ai.models.openai import OpenAIChatModel  # type: ignore[import-not-found, unused-ignore]
    from pydantic_ai.providers.openai import OpenAIProvider  # type: ignore[import-not-found, unused-ignore]

    provider = OpenAIProvider(base_url=url, api_key="x")
    model = FallbackModel(*(OpenAIChatModel(name, provider=provider)
                            for name in (PRIMARY, FALLBACK)))  # fmt: skip
    agent = Agent(model)
    loop = asyncio.new_event_loop()
    return lambda: str(loop.run_until_complete(agent.run("?")).output)


CONTESTANTS: dict[str, Callable[[str], Ask]] = {
    "`pins.call`": ours,
    "LiteLLM Router": litellm_router,
    "pydantic-ai FallbackModel": pydantic_ai_fallback,
}


def play(make: Callable[[str], Ask], seconds: float, every: float) -> str:
    """The row of one contestant."""
    provider = Provider()
    try:
        ask = make(provider.serve())
    except ImportError as error:
        return f"not installed ({error.name})"
    assert ask() == PRIMARY
    provider.down, began = True, time.monotonic()
    took: list[float] = []
    failed = 0
    for number in range(round(seconds / every)):
        time.sleep(max(0.0, began + number * every - time.monotonic()))
        sent = time.monotonic()
        try:
            ask()
        except Exception:
            failed += 1
        took.append(time.monotonic() - sent)
    time.sleep(max(0.0, began + seconds - time.monotonic()))
    provider.down = False
    missed = 0
    while missed < 60 and ask() != PRIMARY:
        missed += 1
        time.sleep(every)
    return (
        f"{len(provider.tries)} | {failed} of {len(took)} | {1000 * median(took):.0f} / "
        f"{1000 * max(took):.0f} ms | {missed}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=4.0)
    parser.add_argument("--write", action="store_true", help="write docs/runtime-figures.md")
    arguments = parser.parse_args()
    when = circumstances()
    rows: dict[str, str] = {}

    def run(name: str) -> None:
        rows[name] = play(CONTESTANTS[name], arguments.seconds, arguments.every)

    threads = [threading.Thread(target=run, args=(name,)) for name in CONTESTANTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    head = ["| | tries on the dead model | failed | request, median / longest | missed after |",
            "|---|--:|--:|--:|--:|"]  # fmt: skip
    block = "\n".join([when, "", *head, *(f"| {name} | {rows[name]} |" for name in CONTESTANTS)])
    print(block)
    if arguments.write:
        put(DOCS / "runtime-figures.md", "outage.py", block)


if __name__ == "__main__":
    main()
