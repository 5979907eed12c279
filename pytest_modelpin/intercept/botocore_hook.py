"""botocore's signing: a stand-in for credentials in a replay, whose they are elsewhere, and signing
a request to AWS anew once another model's id stands in its URL.

Without credentials it would not even make the request that is replayed; and those of a profile may
have to be fetched, of a role, of a login that has run out. What is signed with the stand-in never
leaves the process: nothing is sent in a replay. Where something may be sent, what
each request is signed with is remembered, for one that has to be signed anew: its signature
(AWS4-HMAC-SHA256) covers path, body and headers. It is made with the credentials of the client that
asks, such as an assumed role's, where botocore signed in this process; else with those that
botocore's own session finds.
"""

from __future__ import annotations

import copy
import re
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from types import FrameType, ModuleType
from typing import Any

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.intercept import hooks
from pytest_modelpin.intercept.hooks import STAND_IN, Hooks, modules_above, only_replays
from pytest_modelpin.recordings.exchange import HttpRequest

_BEDROCK = ("bedrock", "bedrock-runtime")
_RUNTIME = "bedrock-runtime"
_RUNTIME_ID = "Bedrock Runtime"
"""The service whose requests are replayed, all of them; others sign by the same name."""

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
        hooks.patch(module.Session, "create_client", _hooked_clients)
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
    ours = hooks.installed
    credentials = getattr(auth, "credentials", None)
    if ours is None or not ours.interceptor.sends or credentials is None:
        return
    # In one read: those of a role are replaced as they run out. aiobotocore's are frozen by itself.
    freeze = getattr(credentials, "get_frozen_credentials", None)
    if freeze is not None and not iscoroutinefunction(freeze):
        credentials = freeze()
    SIGNERS.remember(credentials)


def _hooked(original: Callable[..., Any]) -> Any:
    @wraps(original)
    def get_auth_instance(signer: Any, signing_name: str, *places: Any, **named: Any) -> Any:
        if signing_name in _BEDROCK and only_replays():
            if signer._credentials is None or signer._service_id == _RUNTIME_ID:
                signer = copy.copy(signer)  # its own may have to be fetched before they sign
                signer._credentials = _stand_in()
            return original(signer, signing_name, *places, **named)
        auth = original(signer, signing_name, *places, **named)
        if signing_name in _BEDROCK:
            _remember(auth)  # awscrt's signers, where it is installed, are none of botocore.auth's
        return auth

    return get_auth_instance


def _hooked_session(original: Callable[..., Any]) -> Any:
    @wraps(original)
    def get_credentials(session: Any) -> Any:
        if session._credentials is None and only_replays() and _signs_itself(sys._getframe(1)):
            # Not even looked for: the last place where botocore looks is the network.
            return _stand_in()
        return original(session)

    return get_credentials


def _hooked_clients(original: Callable[..., Any]) -> Any:
    @wraps(original)
    def create_client(session: Any, service_name: str, *places: Any, **named: Any) -> Any:
        looks = session._credentials is None and not named.get("aws_access_key_id")
        if service_name == _RUNTIME and looks and len(places) < _KEY_ID and only_replays():
            named.update(aws_access_key_id=STAND_IN, aws_secret_access_key=STAND_IN)
        return original(session, service_name, *places, **named)

    return create_client


_KEY_ID = 6  # the place of `aws_access_key_id` behind the service's name


def _signs_itself(frame: FrameType | None) -> bool:
    """Whether a client asks that signs for Bedrock, and for nothing else, by itself."""
    names = modules_above(frame, _FRAMES)
    if any(name.startswith(_NOT_HOOKED) for name in names):
        return False
    return any(name.startswith(_SIGN_THEMSELVES) for name in names)


def _stand_in() -> Any:
    from botocore.credentials import Credentials  # type: ignore[import-untyped]

    return Credentials(STAND_IN, STAND_IN)


_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request,"
    r"\s*SignedHeaders=([^,\s]+)"
)
_OF_THE_SIGNATURE = frozenset(
    {"authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"}
)


_REMEMBERED = 64
"""Signers, those that were in use last: a test that assumes a role has one, each time another."""


class Signers:
    """The credentials that this process signed with lately, by their access keys."""

    def __init__(self) -> None:
        self._by_key: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()

    def remember(self, credentials: Any) -> None:
        """Keep the credentials of a request that was signed just now, as they are now."""
        if credentials.access_key == STAND_IN:
            return  # of an earlier replay: a client has kept it
        with self._lock:
            self._by_key[credentials.access_key] = credentials
            self._by_key.move_to_end(credentials.access_key)
            while len(self._by_key) > _REMEMBERED:
                self._by_key.popitem(last=False)

    def of(self, key: str) -> Any:
        """The credentials with this access key; None where nobody signed with them here."""
        return self._by_key.get(key)

    def forget(self) -> None:
        """Keep nobody's secrets any longer."""
        self._by_key.clear()


SIGNERS = Signers()


def signed_anew(request: HttpRequest) -> HttpRequest:
    """The signed request with a signature that holds. May look credentials up, and block.

    Raises ModelpinError where those that it was signed with can't be got.
    """
    found = _SIGNED.match(request.header("authorization"))
    if found is None:
        raise _refusal("its AWS signature can't be read")
    key, region, service, names = found.groups()
    try:
        from botocore.auth import SigV4Auth  # type: ignore[import-untyped]
        from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
    except ImportError:
        raise _refusal("botocore, which signs, is not installed") from None
    frozen = SIGNERS.of(key) or _of_botocores_session(key)
    signed = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in request.headers
        if name.decode("latin-1").lower() in {*names.split(";")} - _OF_THE_SIGNATURE - {"host"}
    }
    native = AWSRequest(request.method, request.url, headers=signed, data=request.body)
    SigV4Auth(frozen, service, region).add_auth(native)
    made = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in native.headers.items()
        if name.lower() in _OF_THE_SIGNATURE
    ]
    kept = [
        (name, value)
        for name, value in request.headers
        if name.decode("latin-1").lower() not in _OF_THE_SIGNATURE
    ]
    return HttpRequest(request.method, request.url, [*kept, *made], request.body)


def _of_botocores_session(key: str) -> Any:
    """The credentials that botocore finds by itself. Raises ModelpinError where they are others."""
    if key == STAND_IN:
        raise _refusal(
            "the client still signs with what stood in for credentials in an earlier replay of "
            "this process"
        )
    from botocore.session import Session  # type: ignore[import-untyped]

    try:
        credentials = Session().get_credentials()
        frozen = credentials and credentials.get_frozen_credentials()
    except Exception as error:  # botocore has many, and each says what a person can do
        raise _refusal(f"botocore finds no credentials ({error})") from None
    if not frozen:
        raise _refusal("botocore finds no credentials")
    if frozen.access_key != key:
        raise _refusal(
            "it was signed with another access key than botocore finds in this process, so "
            "that its secret can't be seen",
            "Take the role before the tests or the proxy start, so that their children find the "
            'same credentials: `eval "$(aws configure export-credentials --profile NAME --format '
            "env)\"`; or let botocore sign in the tests' own process, as boto3 and the SDKs' "
            "Bedrock clients do.",
        )
    return frozen


_WITHIN = (
    "Install botocore and let it sign in the tests' own process, as boto3 and the SDKs' Bedrock "
    "clients do, or give the credentials where botocore looks for them (AWS_ACCESS_KEY_ID, "
    "AWS_PROFILE, a role)."
)


def _refusal(why: str, cure: str = _WITHIN) -> ModelpinError:
    return ModelpinError(f"the request can't be signed anew for where it goes: {why}. {cure}")
