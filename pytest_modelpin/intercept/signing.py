"""Signing a request to AWS anew, once another model's id stands in its URL.

The signature (AWS4-HMAC-SHA256) covers path, body and headers. botocore makes it anew, with the
credentials that the request was signed with: those of the client that asks, such as an assumed
role's, where botocore signed in this process; else those that botocore's own session finds.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from typing import Any

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.recordings.exchange import HttpRequest

_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request,"
    r"\s*SignedHeaders=([^,\s]+)"
)
_OF_THE_SIGNATURE = frozenset(
    {"authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"}
)


STAND_IN = "modelpin-replay"
"""What a replay signs with where there are no credentials; its requests leave no process."""
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
