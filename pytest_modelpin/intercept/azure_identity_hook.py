"""azure-identity's logins: a stand-in for their token in a replay.

Without a login OpenAI's client for Azure would not even make the request that is replayed, and one
is looked for at the machine's own address, with Azure's command line, and at Entra's servers. No
request that bears the stand-in leaves the process. Whoever else asks for a token, such as a test of
a login itself, is answered as ever.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from pytest_modelpin import clock
from pytest_modelpin.intercept.hooks import STAND_IN, Hooks, stands_in_for

_CLIENTS = ("openai.", "litellm.llms.azure.", "azure.ai.inference.")
_FRAMES = 20
"""Between a client's own code and the login: azure-core's policies."""
_SECONDS = 3600
_ASKED = ("get_token", "get_token_info")


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand in each login's way to a token, in the class that has it."""
    logins = [each for each in vars(module).values() if inspect.isclass(each)]
    owners = {each for login in logins for each in login.__mro__ if _is_azure_identity(each)}
    for owner in sorted(owners, key=lambda each: (each.__module__, each.__qualname__)):
        for name in _ASKED:
            if inspect.isfunction(vars(owner).get(name)):
                hooks.patch(owner, name, _hooked)


def _is_azure_identity(owner: type) -> bool:
    return owner.__module__.startswith("azure.identity.")


def _hooked(original: Callable[..., Any]) -> Any:
    if inspect.iscoroutinefunction(original):

        @wraps(original)
        async def asking(*places: Any, **named: Any) -> Any:
            if stands_in_for(_CLIENTS, sys._getframe(1), _FRAMES):
                return _token(original)
            return await original(*places, **named)

        return asking

    @wraps(original)
    def ask(*places: Any, **named: Any) -> Any:
        if stands_in_for(_CLIENTS, sys._getframe(1), _FRAMES):
            return _token(original)
        return original(*places, **named)

    return ask


def _token(asked: Callable[..., Any]) -> Any:
    kind = {"get_token": "AccessToken", "get_token_info": "AccessTokenInfo"}[asked.__name__]
    made = getattr(sys.modules["azure.core.credentials"], kind)
    return made(STAND_IN, int(clock.time()) + _SECONDS)
