"""AWS's signatures, made again by who looks at them, and what clients remember of credentials."""

from __future__ import annotations

from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def signature_holds(server: Any, arrived: Any, by: Credentials) -> bool:
    """Whether botocore signs what arrived as it was signed, with these credentials."""
    given = arrived.headers["authorization"]
    names = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {name: arrived.headers[name] for name in names if name != "x-amz-date"}
    request = AWSRequest("POST", server.url + arrived.path, headers=headers, data=arrived.content)
    request.context["timestamp"] = request.headers["X-Amz-Date"] = arrived.headers["x-amz-date"]
    auth = SigV4Auth(by, "bedrock", "us-east-1")
    canonical = auth.canonical_request(request)
    signature = auth.signature(auth.string_to_sign(request, canonical), request)
    same = arrived.headers.get("x-amz-security-token") == by.token
    return same and bool(given.endswith(f"Signature={signature}"))


def forget_credentials() -> None:
    """Have clients look again: LiteLLM keeps what it found for minutes, for its whole process."""
    from anthropic.lib.aws import _auth
    from litellm.llms.bedrock.base_aws_llm import BaseAWSLLM

    _auth._get_session.cache_clear()
    BaseAWSLLM._shared_iam_cache.flush_cache()
