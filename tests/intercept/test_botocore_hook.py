"""Requests to AWS that were signed as somebody else than botocore finds by itself, signed anew."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from aws_signing import forget_credentials, signature_holds
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.session import Session

from pytest_modelpin.intercept.botocore_hook import _REMEMBERED, SIGNERS, Signers
from pytest_modelpin.intercept.hooks import STAND_IN
from pytest_modelpin.intercept.loopback import Loopback

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

PIN = "anthropic.claude-sonnet-4-5-20250929-v1:0"
NEXT = "us.anthropic.claude-opus-4-8-20261001-v1:0"
OWN = Credentials("AKIAEXAMPLE000000001", "aVery0Long1Secret2Access3Key4of5Amazon6x")
ROLE = Credentials(
    "ASIAEXAMPLE000000002", "another0Long1Secret2Access3Key4of5Amazon", "token0OfARole1" * 9
)
HI: Any = [{"role": "user", "content": [{"text": "hi"}]}]
CONVERSED = {
    "output": {"message": {"role": "assistant", "content": [{"text": "four words of answer"}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 3, "outputTokens": 4, "totalTokens": 7},
    "metrics": {"latencyMs": 1},
}
MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
    "content": [{"type": "text", "text": "four words of answer"}], "stop_reason": "end_turn",
    "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 4},
}  # fmt: skip
ASSUMED = """\
<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<Credentials><AccessKeyId>{0.access_key}</AccessKeyId>
<SecretAccessKey>{0.secret_key}</SecretAccessKey>
<SessionToken>{0.token}</SessionToken><Expiration>{1}</Expiration></Credentials>
<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/tests/it</Arn>
<AssumedRoleId>AROAEXAMPLE:it</AssumedRoleId></AssumedRoleUser></AssumeRoleResult>
<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>"""
ARN = "arn:aws:iam::123456789012:role/tests"
NAMED = {
    "aws_access_key_id": ROLE.access_key,
    "aws_secret_access_key": ROLE.secret_key,
    "aws_session_token": ROLE.token,
}


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Lasting credentials in the environment; returns where AWS's configuration stands."""
    config = tmp_path / "aws.ini"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", OWN.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", OWN.secret_key)
    forget_credentials()
    return config


def assuming(server: Any, hours: int = 1) -> Any:
    """What STS says to who assumes the role."""
    until = f"{datetime.now(UTC) + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"
    script = server.plain({})
    script.content_type, script.body = "text/xml", ASSUMED.format(ROLE, until).encode()
    return script


def converse(session: Any, url: str, **options: Any) -> Any:
    config = Config(retries={"total_max_attempts": 1})
    client = session.client(
        "bedrock-runtime", region_name="us-east-1", endpoint_url=url, config=config, **options
    )
    reply = client.converse(modelId=PIN, messages=HI)
    return reply["output"]["message"]["content"][0]["text"]


def by_the_client(url: str) -> Any:
    return converse(boto3.Session(), url, **NAMED)


def by_the_session(url: str) -> Any:
    return converse(boto3.Session(**NAMED), url)


def by_a_profile(url: str) -> Any:
    return converse(boto3.Session(profile_name="other"), url)


def by_a_role(url: str) -> Any:
    return converse(boto3.Session(profile_name="role"), url)


def by_sts(url: str) -> Any:
    given = boto3.client("sts", region_name="us-east-1", endpoint_url=url).assume_role(
        RoleArn=ARN, RoleSessionName="it"
    )["Credentials"]
    return converse(
        boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]), url
    )


def by_anthropics_client(url: str) -> Any:
    import anthropic

    with anthropic.AnthropicBedrock(
        base_url=url, aws_region="us-east-1", max_retries=0, aws_access_key=ROLE.access_key,
        aws_secret_key=ROLE.secret_key, aws_session_token=ROLE.token,
    ) as client:  # fmt: skip
        reply = client.messages.create(
            model=PIN, max_tokens=9, messages=[{"role": "user", "content": "hi"}]
        )
    return reply.content[0].text


def by_litellm(url: str, **credentials: Any) -> Any:
    import litellm

    reply = litellm.completion(
        model=f"bedrock/converse/{PIN}", messages=[{"role": "user", "content": "hi"}],
        aws_bedrock_runtime_endpoint=url,
        **({"aws_region_name": "us-east-1"} | (credentials or NAMED)),
    )  # fmt: skip
    return reply.choices[0].message.content


def by_litellm_in_a_role(url: str) -> Any:
    return by_litellm(url, aws_role_name=ARN, aws_session_name="it", aws_sts_endpoint=url)


WAYS: list[tuple[Callable[[str], Any], Any, bool]] = [
    (by_the_client, CONVERSED, False),
    (by_the_session, CONVERSED, False),
    (by_a_profile, CONVERSED, False),
    (by_a_role, CONVERSED, True),
    (by_sts, CONVERSED, True),
    (by_anthropics_client, MESSAGE, False),
    (by_litellm, CONVERSED, False),
    (by_litellm_in_a_role, CONVERSED, True),
]
"""How the test comes by the role, what it hears, and whether STS is asked."""


def set_up(account: Path, monkeypatch: pytest.MonkeyPatch, server: Any) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)
    lines = "".join(f"{name} = {value}\n" for name, value in NAMED.items())
    account.write_text(
        f"[profile other]\n{lines}[profile role]\nrole_arn = {ARN}\n"
        "credential_source = Environment\nregion = us-east-1\n"
    )


@pytest.mark.long
@pytest.mark.parametrize(("ask", "heard", "by_sts"), WAYS, ids=[way.__name__ for way, *_ in WAYS])
def test_the_candidate_s_request_is_signed_by_who_signed_the_test_s(
    server: Any,
    stage: Any,
    words: Any,
    account: Path,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[str], Any],
    heard: Any,
    by_sts: bool,
) -> None:
    set_up(account, monkeypatch, server)
    server.scripts = [assuming(server)] * by_sts + [server.plain(heard)]
    answer, capture = stage.play(words.candidate(id=NEXT, pin=PIN), lambda: ask(server.url))
    assert answer == "four words of answer"
    arrived = server.arrived[-1]
    assert arrived.path.startswith("/model/us.anthropic.claude-opus-4-8-20261001-v1%3A0/")
    assert signature_holds(server, arrived, ROLE)
    assert len(capture.calls) == 1
    for secret in (ROLE.access_key, ROLE.secret_key, str(ROLE.token), OWN.secret_key):
        assert secret not in stage.text()


def test_a_token_in_the_environment_is_signed_with(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in NAMED.items():
        monkeypatch.setenv(name.upper(), str(value))
    server.scripts = [server.plain(CONVERSED)]
    stage.play(words.candidate(id=NEXT, pin=PIN), lambda: converse(boto3.Session(), server.url))
    assert signature_holds(server, server.arrived[-1], ROLE)


def test_credentials_that_ran_out_in_the_middle_are_signed_with_as_they_are_now(
    server: Any, stage: Any, words: Any
) -> None:
    later = Credentials(
        "ASIAEXAMPLE000000003", "yet0Another1Long2Secret3Access4Key5of6AWS", "later"
    )
    kept = Session()
    kept._credentials = RefreshableCredentials(
        ROLE.access_key, ROLE.secret_key, ROLE.token,
        datetime.now(UTC) + timedelta(hours=1),
        lambda: {
            "access_key": later.access_key, "secret_key": later.secret_key, "token": later.token,
            "expiry_time": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        },
        "a-test",
    )  # fmt: skip
    client = boto3.Session(botocore_session=kept).client(
        "bedrock-runtime", region_name="us-east-1", endpoint_url=server.url
    )

    def test() -> None:
        client.converse(modelId=PIN, messages=HI)
        kept._credentials._expiry_time = datetime.now(UTC) - timedelta(hours=1)
        client.converse(modelId=PIN, messages=HI)

    server.scripts = [server.plain(CONVERSED), server.plain(CONVERSED)]
    stage.play(words.candidate(id=NEXT, pin=PIN), test)
    first, second = server.arrived
    assert signature_holds(server, first, ROLE)
    assert signature_holds(server, second, later)


def test_credentials_that_ran_out_between_pin_and_candidate_are_those_of_each_run(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pin is recorded by day, the candidate asked by night, with what is in force by then."""

    def test() -> Any:
        return converse(boto3.Session(), server.url)

    server.scripts = [server.plain(CONVERSED), server.plain(CONVERSED)]
    stage.play(words.production("new", pin=PIN), test)
    for name, value in NAMED.items():  # a login of the evening; the morning's holds no more
        monkeypatch.setenv(name.upper(), str(value))
    replayed, _ = stage.play(words.production(pin=PIN), test)
    assert replayed == "four words of answer"
    stage.play(words.candidate(id=NEXT, pin=PIN), test)
    recorded, asked = server.arrived
    assert signature_holds(server, recorded, OWN)
    assert signature_holds(server, asked, ROLE)


def test_credentials_that_hold_no_more_lose_the_candidate_s_case_and_say_so(
    server: Any, stage: Any, words: Any
) -> None:
    def test() -> Any:
        return converse(boto3.Session(), server.url)

    expired = {"message": "The security token included in the request is expired"}
    refused = server.plain(expired, 403, **{"x-amzn-errortype": "ExpiredTokenException"})
    server.scripts = [server.plain(CONVERSED), refused]
    stage.play(words.production("new", pin=PIN), test)
    with pytest.raises(Exception, match="ExpiredToken"):
        stage.play(words.candidate(id=NEXT, pin=PIN), test, save=False)
    replayed, _ = stage.play(words.production(pin=PIN), test)
    assert replayed == "four words of answer"


def test_a_child_that_took_a_role_of_its_own_is_told_where_to_take_it(
    server: Any, stage: Any, words: Any
) -> None:
    def test() -> Any:
        assert stage.interceptor is not None
        loopback = Loopback(stage.interceptor)
        loopback.serve()
        try:
            base = loopback.address(stage.interceptor.running())
            target = server.url.replace("://", "/")
            asked = urllib.request.Request(
                f"{base}/{target}/model/{PIN}/converse",
                json.dumps({"messages": HI}).encode(),
                signed_by(ROLE.access_key) | {"content-type": "application/json"},
            )
            with pytest.raises(urllib.error.HTTPError) as answered:
                urllib.request.urlopen(asked, timeout=20)
            return json.loads(answered.value.read())["error"]["message"]
        finally:
            loopback.close()

    for selection in (words.production("new", pin=PIN), words.candidate(id=NEXT, pin=PIN)):
        said, capture = stage.play(selection, test, save=False)
        assert "another access key than botocore finds in this process" in said
        assert "aws configure export-credentials" in said
        assert "before the tests or the proxy start" in said
        assert ROLE.access_key not in said
        assert not capture.calls
    assert server.arrived == []


def signed_by(key: str) -> dict[str, str]:
    """Headers of a request that some other code has signed."""
    when = "20261101/us-east-1/bedrock/aws4_request"
    return {
        "authorization": f"AWS4-HMAC-SHA256 Credential={key}/{when}, "
        "SignedHeaders=content-type;host;x-amz-date, Signature=0123456789abcdef",
        "x-amz-date": "20261101T000000Z",
    }


def ask_by_hand(url: str, key: str) -> None:
    httpx.post(f"{url}/model/{PIN}/converse", json={"messages": HI}, headers=signed_by(key))


def test_what_nobody_here_knows_the_secret_of_is_refused_in_a_sentence(
    server: Any, stage: Any, words: Any
) -> None:
    with pytest.raises(pytest.fail.Exception, match="another access key") as failed:
        stage.play(
            words.candidate(id=NEXT, pin=PIN), lambda: ask_by_hand(server.url, ROLE.access_key)
        )
    assert "sign in the tests' own process" in str(failed.value)
    assert server.arrived == []


def test_where_nothing_can_sign_that_is_said(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "botocore.auth", None)
    with pytest.raises(pytest.fail.Exception, match="botocore, which signs, is not installed"):
        stage.play(
            words.candidate(id=NEXT, pin=PIN), lambda: ask_by_hand(server.url, OWN.access_key)
        )
    assert server.arrived == []


def test_what_a_client_kept_of_a_replay_is_refused_in_a_sentence(
    server: Any, stage: Any, words: Any, account: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LiteLLM keeps the credentials that it found for ten minutes, whatever becomes of them."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    lines = f"[default]\naws_access_key_id={OWN.access_key}\naws_secret_access_key={OWN.secret_key}"

    def ask() -> Any:
        return by_litellm(server.url, aws_region_name="us-east-1")

    account.write_text(lines)
    server.scripts = [server.plain(CONVERSED)]
    stage.play(words.production("new", pin=PIN), ask)
    forget_credentials()
    account.unlink()
    stage.play(words.production(pin=PIN), ask)
    account.write_text(lines)
    with pytest.raises(pytest.fail.Exception, match="earlier replay of this process"):
        stage.play(words.candidate(id=NEXT, pin=PIN), ask)
    assert len(server.arrived) == 1


def test_nobody_s_secret_is_kept_when_the_session_is_over(
    server: Any, stage: Any, words: Any
) -> None:
    server.scripts = [server.plain(CONVERSED)]
    stage.play(words.candidate(id=NEXT, pin=PIN), lambda: by_the_client(server.url))
    assert SIGNERS.of(ROLE.access_key) is None


def test_the_signers_kept_are_those_in_use_last_and_never_the_stand_in() -> None:
    signers = Signers()
    for number in range(_REMEMBERED):
        signers.remember(Credentials(f"key {number}", "secret"))
    signers.remember(Credentials("key 0", "secret"))
    signers.remember(Credentials("one more", "secret"))
    assert signers.of("key 0") is not None
    assert signers.of("key 1") is None
    signers.remember(Credentials(STAND_IN, STAND_IN))
    assert signers.of(STAND_IN) is None


def test_other_services_signatures_are_not_kept(server: Any, stage: Any, words: Any) -> None:
    def test() -> bool:
        request = AWSRequest("POST", server.url, data=json.dumps({}))
        SigV4Auth(ROLE, "sts", "us-east-1").add_auth(request)
        return SIGNERS.of(ROLE.access_key) is None

    kept, _ = stage.play(words.candidate(id=NEXT, pin=PIN), test)
    assert kept
