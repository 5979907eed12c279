"""An LLM provider on this machine: real HTTP, no key, answers that a function gives.

It speaks OpenAI's chat completions and responses, Anthropic's messages and Gemini's
generateContent, plain and streamed, resolves aliases, and misbehaves on request. The demo, the
examples and the benchmarks run against it; the tests against one that speaks further wires.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType

from pytest_modelpin.demo.dialects import CHAT, GEMINI, MESSAGES, RESPONSES
from pytest_modelpin.demo.http_server import Fault, HttpServer, OtherReply, Received, serve
from pytest_modelpin.demo.question_and_answer import Dialect, Question
from pytest_modelpin.providers import Reply, Usage

__all__ = ["Fault", "ProviderServer", "Question", "Received"]


def _say_who(question: Question) -> str:
    return f"This is {question.served}."


class ProviderServer:
    """The server, from `with ProviderServer(…) as server:` to the end of the block.

    `answer` is called in the request's own thread with the Question and gives the text or, for
    tool calls, refusals or usage, a Reply. What it raises comes back as a 400 that says so.
    """

    dialects: Mapping[str, Dialect] = {
        "/chat/completions": CHAT,
        "/responses": RESPONSES,
        "/v1/messages": MESSAGES,
        ":rawPredict": MESSAGES,
        ":streamRawPredict": MESSAGES,
        ":generateContent": GEMINI,
        ":streamGenerateContent": GEMINI,
    }
    """By how the path of a URL ends, the API that lives there."""

    def __init__(
        self,
        answer: Callable[[Question], str | Reply] = _say_who,
        aliases: Mapping[str, str] | None = None,
        *,
        latency: float = 0.0,
        delay: float = 0.0,
        rate_limit: int | None = None,
    ) -> None:
        """Seconds of `latency` before a reply and of `delay` between a stream's events.

        Above `rate_limit` requests a second the server says 429 with `retry-after`.
        """
        self.answer = answer
        self.aliases = dict(aliases or {})
        self.latency = latency
        self.delay = delay
        self.rate_limit = rate_limit
        self.faults: deque[Fault] = deque()
        """The next request takes the first of them."""
        self.outages: dict[str, Fault] = {}
        """By id: what each request of a model suffers, for as long as it stands here."""
        self.requests: list[Received] = []
        self.url = ""
        """`http://127.0.0.1:<port>`, while the server runs."""
        self._http: HttpServer | None = None
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._answers = 0
        self._cookies = 0
        self._second = 0
        self._in_second = 0

    def __enter__(self) -> ProviderServer:
        self._http = serve(self)
        self.url = self._http.url
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop at once, open connections included. A second call does nothing."""
        self._closing.set()
        if self._http is not None:
            self._http.close()
            self._http = None

    def roll(self, alias: str, version: str) -> None:
        """From now on, `alias` is answered by `version`."""
        self.aliases[alias] = version

    def served_by(self, model: str) -> str:
        """The version that answers for an id."""
        return self.aliases.get(model, model)

    # For the HTTP side

    def dialect_at(self, path: str) -> Dialect | None:
        """The API that lives at a URL's path; None where none does."""
        return next((each for end, each in self.dialects.items() if path.endswith(end)), None)

    def other_reply(
        self, target: str, headers: Mapping[str, str], content: bytes
    ) -> OtherReply | None:
        """What a posted request is given in the place of an answer; None where one is due.

        `target` is the path and query as they came, `headers` have lower-case names. For servers
        that speak further wires.
        """
        return None

    def wait(self, seconds: float) -> None:
        """Sleep, but no longer than the server lives."""
        if seconds > 0:
            self._closing.wait(seconds)

    def take_fault(self, model: str) -> Fault | None:
        """What the request at hand, for this model, shall suffer; the rate limit's among it."""
        with self._lock:
            if self.faults:
                return self.faults.popleft()
            if outage := self.outages.get(model):
                return outage
            if self.rate_limit is None:
                return None
            second = int(time.monotonic())
            if second != self._second:
                self._second, self._in_second = second, 0
            self._in_second += 1
            if self._in_second <= self.rate_limit:
                return None
        left = max(0.001, self._second + 1 - time.monotonic())
        retry = {"retry-after": "1", "retry-after-ms": str(int(left * 1000) + 1)}
        return Fault(status=429, headers=retry, message="Rate limit reached.")

    def next_number(self) -> int:
        """Numbers the answers from 1."""
        with self._lock:
            self._answers += 1
            return self._answers

    def next_cookie(self) -> int:
        """Numbers the cookies that clients are given from 1."""
        with self._lock:
            self._cookies += 1
            return self._cookies

    def reply_to(self, question: Question) -> tuple[Reply, Usage]:
        """The answer and its tokens: as the Reply has them, else one for four characters."""
        answer = self.answer(question)
        reply = answer if isinstance(answer, Reply) else Reply(text=answer)
        if reply.usage != Usage():
            return reply, reply.usage
        calls = "".join(name + json.dumps(arguments) for name, arguments in reply.tools)
        said = reply.text + (reply.refusal or "") + calls
        return reply, Usage(_tokens(question.text), _tokens(said))


def _tokens(text: str) -> int:
    return -(-len(text) // 4)
