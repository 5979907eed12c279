"""AWS's signature of a request (AWS4-HMAC-SHA256), computed again by who receives it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<scope>(?P<day>\d{8})/(?P<region>[^/]+)"
    r"/(?P<service>[^/]+)/aws4_request), ?SignedHeaders=(?P<names>[^,]+), ?Signature=(?P<given>\w+)"
)


def signature_problem(
    method: str,
    target: str,
    headers: Mapping[str, str],
    content: bytes,
    secrets: Mapping[str, str],
) -> str | None:
    """Why AWS would not take a request, in a sentence; None where its signature holds.

    `target` is the path and query as they came, `headers` have lower-case names, `secrets` are the
    secret access keys by key id.
    """
    found = _SIGNED.fullmatch(headers.get("authorization", ""))
    if found is None:
        return "The request bears no AWS signature."
    if found["key"] not in secrets:
        return "The security token included in the request is invalid."
    when = headers.get("x-amz-date", "")
    asked = _canonical(method, target, headers, content, found["names"])
    hashed = hashlib.sha256(asked.encode()).hexdigest()
    key = f"AWS4{secrets[found['key']]}".encode()
    for part in (found["day"], found["region"], found["service"], "aws4_request"):
        key = _mac(key, part)
    signed = _mac(key, f"AWS4-HMAC-SHA256\n{when}\n{found['scope']}\n{hashed}").hex()
    if when.startswith(found["day"]) and hmac.compare_digest(signed, found["given"]):
        return None
    return "The request signature we calculated does not match the signature you provided."


def _canonical(
    method: str, target: str, headers: Mapping[str, str], content: bytes, names: str
) -> str:
    """The request as it is signed: every service but S3 escapes the path, as sent, once more."""
    parts = urlsplit(target)
    told = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names.split(";"))
    query = "&".join(sorted(parts.query.split("&")))
    path = quote(parts.path, safe="/~")
    hashed = hashlib.sha256(content).hexdigest()
    return f"{method}\n{path}\n{query}\n{told}\n{names}\n{hashed}"


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
