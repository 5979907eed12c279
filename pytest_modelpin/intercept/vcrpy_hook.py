"""vcrpy stands above the hooks of client libraries: what a cassette answers reaches none of them.

Here the net is told of it, so that a candidate's case that heard a cassette is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from pytest_modelpin.intercept.driving import net_out
from pytest_modelpin.intercept.hooks import Hooks
from pytest_modelpin.intercept.unseen.alarm import CASSETTE


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand where a cassette plays a recorded response."""
    hooks.patch(module.Cassette, "play_response", _hooked)


def _hooked(original: Callable[[Any, Any], Any]) -> Any:
    @wraps(original)
    def play_response(cassette: Any, request: Any) -> Any:
        if (out := net_out()) is not None:
            body = request.body
            body = body.encode() if isinstance(body, str) else body
            told = body if isinstance(body, bytes) else b""
            out.answered_in_its_place(request.method, request.uri, told, CASSETTE)
        return original(cassette, request)

    return play_response
