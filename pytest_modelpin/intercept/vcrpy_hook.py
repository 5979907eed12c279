"""vcrpy stands above the hooks of client libraries: what a cassette answers reaches none of them.

Here the net is told of it, so that a candidate's case that heard a cassette is left out. Below
urllib3 it stands under our hook instead, and what it then sends on, to record it, is seen here too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from pytest_modelpin.intercept.hooks import Hooks
from pytest_modelpin.intercept.unseen import net

_CASSETTE = "a vcrpy cassette"


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand where a cassette plays a recorded response, and where it lets a request through."""
    hooks.patch(module.Cassette, "play_response", _playing)
    hooks.patch(module.Cassette, "can_play_response_for", _asked_to_play)


def _playing(original: Callable[[Any, Any], Any]) -> Any:
    @wraps(original)
    def play_response(cassette: Any, request: Any) -> Any:
        if (out := net.cast()) is not None:
            out.answered_in_its_place(request.method, request.uri, _body(request), _CASSETTE)
        return original(cassette, request)

    return play_response


def _asked_to_play(original: Callable[[Any, Any], Any]) -> Any:
    @wraps(original)
    def can_play_response_for(cassette: Any, request: Any) -> Any:
        can = original(cassette, request)
        out = net.cast()
        if not can and out is not None and not _refuses(cassette, request):
            out.let_through(request.method, request.uri, _body(request), _CASSETTE)
        return can

    return can_play_response_for


def _refuses(cassette: Any, request: Any) -> bool:
    """Whether the cassette, which can't play, raises an error of its own."""
    return bool(cassette.write_protected and cassette.filter_request(request))


def _body(request: Any) -> bytes:
    body = request.body
    body = body.encode() if isinstance(body, str) else body
    return body if isinstance(body, bytes) else b""
