"""botocore's signing: credentials where there are none in a replay, and whose they are elsewhere.

Without credentials it would not even make the request that is replayed. What is signed with the
stand-in never leaves the process: nothing is sent in a replay. Where something may be sent, what
each request is signed with is remembered, for one that has to be signed anew.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from types import FrameType, ModuleType
from typing import Any

from pytest_modelpin.intercept.hooks import Hooks, installed
from pytest_modelpin.intercept.signing import SIGNERS, STAND_IN

_BEDROCK = ("bedrock", "bedrock-runtime")

_SIGN_THEMSELVES = ("anthropic.lib.", "litellm.llms.bedrock.")
"""Clients that take botocore's credentials and sign for Bedrock themselves."""
_NOT_HOOKED = "litellm.llms.sagemaker."
"""Signs by the same code for a service that nobody replays."""
_FRAMES = 12
"""Between their own code and botocore's session: boto3, and wrappers that trace."""


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand in botocore's signer, its signature, or its session's look for credentials."""
    if module.__name__ == "botocore.session":
        hooks.patch(module.Session, "get_credentials", _hooked_session)
    elif module.__name__ == "botocore.auth":
        hooks.patch(module.SigV4Auth, "add_auth", _hooked_auth)
        hooks.when_undone(SIGNERS.forget)
    else:
        hooks.patch(module.RequestSigner, "get_auth_instance", _hooked)


def _hooked_auth(original: Callable[..., Any]) -> Any:
    @wraps(original)
    def add_auth(auth: Any, request: Any) -> Any:
        done = original(auth, request)
        if auth._service_name in _BEDROCK:
            _remember(auth)
        return done

    return add_auth


def _remember(auth: Any) -> None:
    """Keep what a signature is made with, where what it signs may be sent."""
    hooks = installed()
    credentials = getattr(auth, "credentials", None)
    if hooks is None or not hooks.interceptor.sends or credentials is None:
        return
    # In one read: those of a role are replaced as they run out. aiobotocore's are frozen by itself.
    freeze = getattr(credentials, "get_frozen_credentials", None)
    if freeze is not None and not iscoroutinefunction(freeze):
        credentials = freeze()
    SIGNERS.remember(credentials)


def _hooked(original: Callable[..., Any]) -> Any:
    @wraps(original)
    def get_auth_instance(signer: Any, signing_name: str, *places: Any, **named: Any) -> Any:
        if signing_name in _BEDROCK and signer._credentials is None and _only_replays():
            signer._credentials = _stand_in()
            try:
                return original(signer, signing_name, *places, **named)
            finally:
                signer._credentials = None
        auth = original(signer, signing_name, *places, **named)
        if signing_name in _BEDROCK:
            _remember(auth)  # awscrt's signers, where it is installed, are none of botocore.auth's
        return auth

    return get_auth_instance


def _hooked_session(original: Callable[..., Any]) -> Any:
    @wraps(original)
    def get_credentials(session: Any) -> Any:
        if session._credentials is None and _only_replays() and _signs_itself(sys._getframe(1)):
            # Not even looked for: the last place where botocore looks is the network.
            return _stand_in()
        return original(session)

    return get_credentials


def _only_replays() -> bool:
    hooks = installed()
    return hooks is not None and not hooks.interceptor.sends


def _signs_itself(frame: FrameType | None) -> bool:
    """Whether a client asks that signs for Bedrock, and for nothing else, by itself."""
    names: list[str] = []
    while frame is not None and len(names) < _FRAMES:
        names.append(f"{frame.f_globals.get('__name__', '')}.")
        frame = frame.f_back
    if any(name.startswith(_NOT_HOOKED) for name in names):
        return False
    return any(name.startswith(_SIGN_THEMSELVES) for name in names)


def _stand_in() -> Any:
    from botocore.credentials import Credentials  # type: ignore[import-untyped]

    return Credentials(STAND_IN, STAND_IN)
