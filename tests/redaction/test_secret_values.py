from __future__ import annotations

import base64

import pytest

from pytest_modelpin.redaction.secret_values import (
    environment_secrets,
    request_secrets,
)


def test_the_environment_s_secrets_are_those_with_telling_names_and_some_length() -> None:
    found = environment_secrets(
        {"MY_API_KEY": "planted-secret", "A_TOKEN": "short", "HOME": "/home/planted"}
    )
    assert "planted-secret" in found
    assert not {"short", "/home/planted"} & set(found)


@pytest.mark.parametrize(
    ("name", "value"),
    [("SORT_KEY", "priority"), ("CACHE_KEY", "created_at"), ("STOP_TOKEN", "end of text"),
     ("GOOGLE_APPLICATION_CREDENTIALS", "/etc/keys/a1b2c3d4e5f6.json"), ("PWD", "/srv/a1b2c3d4e5"),
     ("POSTGRES_PASSWORD", "postgres"), ("API_BASE", "https://api.example.test/v1"),
     ("KEY_PREFIX", "user-cache"), ("TOKEN_LIMIT", "1000000000"), ("SECRET_NAME", "prod/openai"),
     ("PASS_RATE_BY", "case and night"), ("AUTH_MODE", "oauth-device-code")],
)  # fmt: skip
def test_words_places_and_stock_values_are_none(name: str, value: str) -> None:
    assert environment_secrets({name: value}) == ()


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [("OPENAI_KEY", "Zq7xCanary91bc", "Zq7xCanary91bc"),
     ("DB_PASSWORD", "sunshine", "sunshine"),
     ("HTTPS_PROXY", "http://ada:hunter2pass@proxy:3128", "hunter2pass"),
     ("DATABASE_URL", "postgres://ada:p%40ssword9@db/x", "p@ssword9"),
     ("API_KEYS", "Zq7xCanary91bc, Zq7xCanary92bd", "Zq7xCanary92bd"),
     ("TOKEN_GITLAB", "Zq7xCanary91bc", "Zq7xCanary91bc"),
     ("BASIC_AUTH", "ada:hunter2pass!", "hunter2pass!"),
     ("AZURE_CONNECTION_STRING", "Name=ada;AccountKey=c2VjcmV0LXZhbHVl", "c2VjcmV0LXZhbHVl"),
     ("PG_DSN", "host=db user=ada password=correct-horse", "correct-horse"),
     ("GCP_CREDENTIALS", '{"type": "x", "private_key": "planted\\nprivate"}', "planted\nprivate"),
     ("SERVICE_KEYS", '["Zq7xCanary91bc", "Zq7xCanary92bd"]', "Zq7xCanary92bd")],
)  # fmt: skip
def test_keys_passwords_and_a_url_s_password_are(name: str, value: str, secret: str) -> None:
    assert secret in environment_secrets({name: value})


def test_the_secrets_of_a_request_are_found_in_headers_query_and_url() -> None:
    basic = base64.b64encode(b"ada:basic-password")
    found = request_secrets(
        "https://u:pass%2Fword1@h.test/x?key=query%2Bsecret&alt=sse&X-Amz-Signature=f00f00f00f",
        [
            (b"Authorization", b"Bearer header-secret"),
            (b"x-goog-api-key", b"goog-secret"),
            (b"Cookie", b"a=cookie-secret; b=c"),
            (b"openai-organization", b"my-organization"),
            (b"proxy-authorization", b"Basic " + basic),
            (b"x-own", b"named-by-provider"),
            (
                b"x-amz-auth",
                b"AWS4-HMAC-SHA256 Credential=AKEYID12345/eu/x, Signature=5161a7e5161a",
            ),
            (b"content-type", b"application/json"),
        ],
        frozenset({"x-own"}),
    )
    wanted = {"header-secret", "goog-secret", "cookie-secret", "my-organization", "query+secret",
              "pass/word1", "basic-password", "named-by-provider", "AKEYID12345", "5161a7e5161a",
              "f00f00f00f"}  # fmt: skip
    assert wanted <= set(found)
    assert "application/json" not in found


def test_a_key_given_as_the_user_alone_is_secret() -> None:
    encoded = base64.b64encode(b"restricted-key-1234:")
    found = request_secrets("https://h/x", [(b"Authorization", b"Basic " + encoded)], ())
    assert "restricted-key-1234" in found
    encoded = base64.b64encode(b"ada-lovelace:hunter2-hunter2")
    found = request_secrets("https://h/x", [(b"Authorization", b"Basic " + encoded)], ())
    assert "hunter2-hunter2" in found
    assert "ada-lovelace" not in found


def test_a_key_in_a_query_is_secret_as_it_reads_too() -> None:
    found = request_secrets("https://h/x?alt=sse&key=Zq7x+Canary%2F91", (), ())
    assert {"Zq7x+Canary%2F91", "Zq7x+Canary/91", "Zq7x Canary/91"} <= {*found}
