from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_modelpin.providers import provider_for
from pytest_modelpin.recordings.outgoing import KnownSecrets, Outgoing

URL = "https://api.openai.com/v1/chat/completions"
BODY = {"model": "gpt-4o", "messages": []}


def asks(secret: str, record: str = "all") -> Outgoing:
    provider = provider_for("POST", URL, BODY)
    assert provider is not None
    made = Outgoing(
        provider, "gpt", "gpt-4o", False, "all", None, "POST", URL, "/v1/chat/completions", BODY,
        [(b"x-api-key", secret.encode())], False,
    )  # fmt: skip
    return replace(made, record=record)


def test_the_environment_s_secrets_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWN_API_KEY", "from-the-environment")
    assert "from-the-environment" in KnownSecrets().values()


def test_of_what_was_asked_live_nothing_is_forgotten() -> None:
    known = KnownSecrets()
    for number in range(450):
        known.go_out(asks(f"live-secret-{number:03}"))
    assert {"live-secret-000", "live-secret-250", "live-secret-449"} <= set(known.values())
    assert "live-secret-000" in known.values()  # the second time as well


@pytest.mark.parametrize(
    ("header", "lasting", "fleeting"),
    [
        ("cookie", "session=the-gateways-own", "__cf_bm=cloudflare-{number:03}-of-one"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIA0123456789",
            "Signature=5ec0de{number:06}",
        ),
    ],
)
def test_what_goes_with_one_request_makes_no_later_look_slower(header, lasting, fleeting) -> None:
    """Of every reply's new cookie, a night of 300 requests sought 4,000 spellings in each text."""
    known = KnownSecrets()
    for number in range(450):
        one = fleeting.format(number=number)
        value = f"{lasting}; {one}".encode()
        known.go_out(replace(asks("a-secret"), headers=[(header.encode(), value)]))
    values = known.values()
    last = one.partition("=")[2]
    assert any(last in value for value in values)
    assert any(lasting.partition("=")[2] in value for value in values)
    assert len(values) < 450


def test_of_replays_and_other_traffic_the_last_are_known() -> None:
    known = KnownSecrets()
    known.go_out(asks("replayed-secret", "none"))
    known.pass_by("https://h.test/?key=query-secret", [(b"authorization", b"Bearer other-secret")])
    assert {"replayed-secret", "query-secret", "other-secret"} <= set(known.values())


def test_the_longest_come_first() -> None:
    known = KnownSecrets()
    known.go_out(asks("a-secret"))
    known.go_out(asks("a-secret-and-more"))
    values = known.values()
    assert values.index("a-secret-and-more") < values.index("a-secret")
