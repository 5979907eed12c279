"""google-auth's credentials: a stand-in for them in a replay.

Without them the clients of Gemini and Claude on Vertex would not even make the request that is
replayed, and what they find has to be made into a token first, which Google's servers give. No
request that bears the stand-in leaves the process. Whoever else asks google-auth, such as a test's
own storage, is answered as ever.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from functools import wraps
from types import ModuleType, SimpleNamespace
from typing import Any

from pytest_modelpin.intercept.hooks import STAND_IN, Hooks, stands_in_for

_CLIENTS = ("anthropic.lib.", "google.genai.", "litellm.llms.vertex_ai.")
_FRAMES = 16
"""Between a client's own code and google-auth's request for a token."""
_TOKEN = {
    "access_token": STAND_IN,
    "expires_in": 3600,
    "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
    "token_type": "Bearer",
}


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand in the look for the machine's own credentials, or the request for a token."""
    if module.__name__ == "google.auth":
        hooks.patch(module, "default", _default)
    else:
        hooks.patch(module.Request, "__call__", _asking)


def _default(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def default(*places: Any, **named: Any) -> Any:
        if not stands_in_for(_CLIENTS, sys._getframe(1), _FRAMES):
            return original(*places, **named)
        from google.oauth2.credentials import Credentials

        # Whose project it was is no part of a question: recordings of any answer.
        return _lasting(Credentials)(STAND_IN), os.environ.get("GOOGLE_CLOUD_PROJECT", STAND_IN)

    return default


def _lasting(credentials: Any) -> Any:
    """These, which have their token already."""

    class Lasting(credentials):  # type: ignore[misc]
        def refresh(self, request: Any) -> None:
            """As it is."""

    return Lasting


def _asking(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def request(self: Any, url: str, method: str = "GET", *places: Any, **named: Any) -> Any:
        if method == "POST" and stands_in_for(_CLIENTS, sys._getframe(1), _FRAMES):
            return SimpleNamespace(status=200, headers={}, data=json.dumps(_TOKEN).encode())
        return original(self, url, method, *places, **named)

    return request
