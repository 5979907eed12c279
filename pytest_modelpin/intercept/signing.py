"""Signing a request to AWS anew, once another model's id stands in its URL.

The signature (AWS4-HMAC-SHA256) covers path, body and headers. botocore makes it, with the
credentials that its own session finds.
"""

from __future__ import annotations

import re

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.recordings.wire import HttpRequest

_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request,"
    r"\s*SignedHeaders=([^,\s]+)"
)
_OF_THE_SIGNATURE = frozenset(
    {"authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"}
)


def is_signed(request: HttpRequest) -> bool:
    """Whether a request bears AWS's signature."""
    return request.header("authorization").startswith("AWS4-HMAC-SHA256")


def signed_anew(request: HttpRequest) -> HttpRequest:
    """The signed request with a signature that holds. May look credentials up, and block.

    Raises ModelpinError where they are not those that it was signed with.
    """
    found = _SIGNED.match(request.header("authorization"))
    if found is None:
        raise _refusal("its AWS signature can't be read")
    key, region, service, names = found.groups()
    try:
        from botocore.auth import SigV4Auth  # type: ignore[import-untyped]
        from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
        from botocore.session import Session  # type: ignore[import-untyped]
    except ImportError:
        raise _refusal("botocore, which signs, is not installed") from None
    try:
        credentials = Session().get_credentials()
        frozen = credentials and credentials.get_frozen_credentials()
    except Exception as error:  # botocore has many, and each says what a person can do
        raise _refusal(f"botocore finds no credentials ({error})") from None
    if not frozen:
        raise _refusal("botocore finds no credentials")
    if frozen.access_key != key:
        raise _refusal("the test signed with another access key than botocore finds by itself")
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


def _refusal(why: str) -> ModelpinError:
    return ModelpinError(
        f"the request was signed for another model's URL and can't be signed anew: {why}. Give the "
        "credentials where botocore looks for them (AWS_ACCESS_KEY_ID, AWS_PROFILE, a role), and "
        "none to the client itself."
    )
