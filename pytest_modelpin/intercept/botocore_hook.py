"""botocore without credentials in a replay: it would not even make the request that is replayed.

What is signed with the stand-in never leaves the process: nothing is sent in a replay.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from pytest_modelpin.intercept.hooks import Hooks, installed

_STAND_IN = "modelpin-replay"
_BEDROCK = ("bedrock", "bedrock-runtime")


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand in botocore's signer."""
    hooks.patch(module.RequestSigner, "get_auth_instance", _hooked)


def _hooked(original: Callable[..., Any]) -> Any:
    @wraps(original)
    def get_auth_instance(signer: Any, signing_name: str, *places: Any, **named: Any) -> Any:
        hooks = installed()
        if (
            hooks is not None
            and signing_name in _BEDROCK
            and signer._credentials is None
            and not hooks.interceptor.sends
        ):
            from botocore.credentials import Credentials  # type: ignore[import-untyped]

            signer._credentials = Credentials(_STAND_IN, _STAND_IN)
            try:
                return original(signer, signing_name, *places, **named)
            finally:
                signer._credentials = None
        return original(signer, signing_name, *places, **named)

    return get_auth_instance
