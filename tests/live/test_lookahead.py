"""In which order requests are sent ahead."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from unittest import mock

from pytest_modelpin.live.expected_requests import UpcomingTest
from pytest_modelpin.live.lookahead import LookAhead
from pytest_modelpin.live.routes import Route
from pytest_modelpin.live.throttle import Throttle
from pytest_modelpin.providers import provider_for
from pytest_modelpin.recordings.exchange import HttpRequest, StoredReply
from pytest_modelpin.recordings.owner import Owner

URL = "https://api.openai.com/v1/chat/completions"
ORIGIN = ("https", "api.openai.com", "/v1/chat/completions", "")
JOBS, WINDOW = 1, 2
PATIENCE = 20.0


class Gate:
    """A provider that lets one request through at a time, and tells which came."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self._changed = threading.Condition()

    def send(self, request: HttpRequest, seconds: float) -> StoredReply:
        with self._changed:
            self.came.append(json.loads(request.body)["messages"])
            self._changed.notify_all()
        return StoredReply(200, {}, [b'{"choices": []}'])

    def close(self) -> None:
        """Nothing to close."""

    def wait_for(self, requests: int) -> list[str]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.came) >= requests, PATIENCE)
            return list(self.came)


def test_those_that_waited_for_their_way_go_before_later_ones() -> None:
    """Those later ones fill the window, which no test asks to be emptied before theirs."""
    provider, gate = provider_for("POST", URL, {}), Gate()

    def script(upcoming: UpcomingTest) -> list[list[mock.Mock]]:
        body = {"model": "m", "messages": upcoming.owner.name}
        path = "/v1/chat/completions"
        answered = mock.Mock(return_value=False)
        answer = mock.Mock(response=None)
        step = mock.Mock(
            provider=provider, origin=ORIGIN, path=path, body=body, asked="m", fingerprint="",
            ordinal=0, is_answered_alike=answered, recorded=answer,
        )  # fmt: skip
        return [[step]]

    def upcoming(module: str, *names: str, samples: int = 1) -> list[UpcomingTest]:
        return [UpcomingTest(Owner(Path(), module, name), samples) for name in names]

    first, other = upcoming("test_a", "a0", "a1"), upcoming("test_b", "b0", "b1")
    last = upcoming("test_a", "a2", samples=5)
    ahead = LookAhead(Throttle(jobs=JOBS), script)
    ahead.plan([*first, *other, *last])
    plain, beta = (
        Route(gate, HttpRequest("POST", URL, [(b"beta", name)], b"{}")) for name in (b"no", b"yes")
    )
    # Two files are asked in two ways, so that a third one's is not guessed from either.
    elsewhere = Owner(Path(), "test_c", "c")
    ahead._routes.take(ORIGIN, elsewhere, Route(gate, HttpRequest("POST", URL, [], b"{}")))
    ahead.begin(first[0].owner, 1)
    ahead._learn(ORIGIN, first[0].owner, plain, 0)
    assert gate.wait_for(WINDOW) == ["a1", "a2"]
    ahead._learn(ORIGIN, other[0].owner, beta, 2)
    ahead.begin(other[0].owner, 1)  # nobody asks for `a1` any more: there is room for another
    came = gate.wait_for(WINDOW + 1)
    ahead.close()
    assert came[WINDOW] == "b1"
