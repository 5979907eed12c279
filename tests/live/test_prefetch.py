"""What is sent ahead ends, whatever the provider does."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from pytest_modelpin.live import lookahead
from pytest_modelpin.live.lookahead import LookAhead
from pytest_modelpin.live.prefetch import Prefetch, fetch_ahead
from pytest_modelpin.live.reply_limits import DeadlinePassed
from pytest_modelpin.live.routes import Route
from pytest_modelpin.live.throttle import Throttle
from pytest_modelpin.providers import provider_for
from pytest_modelpin.recordings.exchange import HttpRequest, StoredReply
from pytest_modelpin.recordings.owner import Owner

URL = "https://api.openai.com/v1/chat/completions"
SOON, PATIENCE = 0.02, 20.0


class Refusing:
    """A provider that is full for some minutes."""

    tries = 0

    def send(self, request: HttpRequest, seconds: float) -> StoredReply:
        self.tries += 1
        return StoredReply(429, {"retry-after": "300"}, [b"{}"])

    def close(self) -> None:
        """Nothing to close."""


def one(sender: Any) -> Prefetch:
    body = {"model": "m", "messages": []}
    provider = provider_for("POST", URL, body)
    step = mock.Mock(provider=provider, path="/v1/chat/completions", body=body, asked="m")
    request = HttpRequest("POST", URL, [], b"{}")
    return Prefetch(
        0, 1, [step], 0, Owner(Path(), "t", "t"), request=request, route=Route(sender, request)
    )


def test_what_is_sent_ahead_is_not_tried_for_ever() -> None:
    sender = Refusing()
    with pytest.raises(DeadlinePassed):
        fetch_ahead(one(sender), Throttle(jobs=2), SOON)
    assert sender.tries == 1


def test_a_test_waits_for_what_was_sent_ahead_only_so_long() -> None:
    ahead, never = LookAhead(Throttle(jobs=2), lambda upcoming: []), one(Refusing())
    assert ahead.wait(never, SOON) is None
    assert never.dropped  # so that it is not sent any more
    assert fetch_ahead(never, Throttle(jobs=2), SOON) is None


def test_close_leaves_a_thread_that_hangs_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookahead, "_GRACE", SOON)
    ahead, hangs = LookAhead(Throttle(jobs=2), lambda upcoming: []), threading.Event()
    thread = threading.Thread(target=hangs.wait, args=(PATIENCE,), daemon=True)
    thread.start()
    ahead._threads.append(thread)
    ahead.close()
    assert thread.is_alive()
    hangs.set()
