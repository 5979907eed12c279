"""The embedded provider in a process of its own, so that it takes no time from what asks it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType

from pytest_modelpin.demo.provider_server import ProviderServer, Question

ALIASES = {"gpt-4o": "gpt-4o-2024-11-20"}


@dataclass(frozen=True)
class Traffic:
    """What the provider saw since `behave`."""

    requests: int
    refused: int
    span: float
    """Seconds from the first accepted request to the last."""
    at_once: int
    """Requests under way at the same time, at most."""


class Provider:
    """The provider at `url`, from `with Provider() as provider:` to the end of the block.

    It answers every question with the question.
    """

    def __init__(self) -> None:
        context = get_context("spawn")
        self._line, there = context.Pipe()
        self._process = context.Process(target=_provide, args=(there,))
        self.url = ""

    def __enter__(self) -> Provider:
        self._process.start()
        self.url = self._line.recv()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._line.send(None)
        self._process.join()

    def behave(self, latency: float = 0.0, rate: int | None = None) -> None:
        """From now on take `latency` seconds a reply and `rate` requests a second."""
        self._line.send((latency, rate))
        self._line.recv()

    def traffic(self) -> Traffic:
        """What it saw since."""
        self._line.send("traffic")
        seen: Traffic = self._line.recv()
        return seen


def _provide(line: Connection) -> None:
    accepted: list[float] = []

    def answer(question: Question) -> str:
        accepted.append(time.monotonic())
        return question.text

    with ProviderServer(answer, aliases=ALIASES) as server:
        line.send(server.url)
        while (told := line.recv()) is not None:
            if told == "traffic":
                refused = sum(request.status == 429 for request in server.requests)
                span = accepted[-1] - accepted[0] if accepted else 0.0
                at_once = most_at_once(accepted, server.latency)
                line.send(Traffic(len(server.requests), refused, span, at_once))
            else:
                server.latency, server.rate_limit = told
                server.requests.clear()
                accepted.clear()
                line.send("so be it")


def most_at_once(arrivals: Sequence[float], latency: float) -> int:
    """How many requests were waiting together, at most, where each waits for `latency` seconds."""
    waiting: deque[float] = deque()
    most = 0
    for arrival in sorted(arrivals):
        while waiting and waiting[0] + latency <= arrival:
            waiting.popleft()
        waiting.append(arrival)
        most = max(most, len(waiting))
    return most
