from __future__ import annotations

import base64

import pytest

from pytest_modelpin.redaction.secret_values import (
    environment_secrets,
    is_secret_field,
    is_secret_header,
    is_secret_parameter,
    is_signature_parameter,
    request_secrets,
)
from pytest_modelpin.redaction.variable_names import (
    hints_at_secret,
    says_secret,
    suggests_secret,
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
     ("GCP_KEY_B64", base64.b64encode(b'{"refresh_token": "Zq7xCanary91bc"}').decode(),
      "Zq7xCanary91bc"),
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


@pytest.mark.parametrize(
    "name",
    ["OPENAI_API_KEY", "STRIPE_APIKEY", "OPENAI_API_KEY_2", "DB_PASSWORD", "PGPASSWORD",
     "MYSQL_PWD", "SMTP_PASS", "FTP_PASSWD", "GH_PAT", "PAT", "GCP_CREDENTIALS", "MY_SECRET",
     "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "SLACK_WEBHOOK",
     "SLACK_WEBHOOK_URL", "SIGNING_KEY", "KEY_PASSPHRASE", "SENTRY_DSN", "DATABASE_URL",
     "openai_api_key", "SESSION_COOKIE", "AZURE_CONNECTION_STRING", "HF_API_TOKEN", "CLIENT_SECRET",
     "PRIVATE_KEY", "NPM_AUTH_TOKEN", "OAUTH_ACCESS_TOKEN", "SIGNING_SECRET_V2", "API_KEYS",
     "STRIPE_SECRET_KEY_LIVE", "OPENAI_API_KEY_PROD", "PRIVATE_KEY_B64", "DB_PASSWORDS",
     "GOOGLE_CREDENTIALS_JSON", "ADMIN_PASSWORD_OLD_2", "ACME_APIKEY_CI"],
)  # fmt: skip
def test_variables_that_hold_a_secret_for_certain(name: str) -> None:
    assert says_secret(name)


@pytest.mark.parametrize(
    "name", ["OPENAI_KEY", "KEY_2", "GITHUB_TOKEN", "TOKEN", "SORT_KEY", "OPENAI_ORG_ID",
             "BASIC_AUTH", "APP_JWT", "URL_SIGNATURE", "OPENAI_PROJECT_ID", "CONAN_LICENSE",
             "TLS_KEY_PEM", "ACME_KEY_V2", "SERVICE_KEYS"]
)  # fmt: skip
def test_variables_that_may_hold_one(name: str) -> None:
    assert suggests_secret(name)
    assert not says_secret(name)


@pytest.mark.parametrize("name", ["TOKEN_GITLAB", "GH_TOKENS", "KEY_FOR_ACME", "SECRETS_OF_X"])
def test_variables_whose_value_has_to_say_it(name: str) -> None:
    assert hints_at_secret(name)
    assert not says_secret(name)


@pytest.mark.parametrize(
    "name", ["KEYBOARD", "TOKENIZERS_PARALLELISM", "COMPASS", "AUTHOR", "PATH"]
)
def test_variables_that_do_not_even_hint(name: str) -> None:
    assert not hints_at_secret(name)


@pytest.mark.parametrize("name", ["HOME", "PWD", "OLDPWD", "KEYBOARD", "COMPASS", "PATH", "TOKENS"])
def test_variables_that_hold_none(name: str) -> None:
    assert not says_secret(name)
    assert not suggests_secret(name)


@pytest.mark.parametrize(
    "name",
    ["Authorization", "Proxy-Authorization", "x-api-key", "api-key", "X-Goog-Api-Key", "Cookie",
     "Set-Cookie", "openai-organization", "OpenAI-Project", "x-goog-user-project",
     "anthropic-organization-id", "anthropic-workspace-id", "x-amz-security-token",
     "X-Auth-Token", "x-subscription-key", "Ocp-Apim-Subscription-Key", "x-account-id",
     "x-tenant", "x-hub-signature", "key", "token", "x-auth"],
)  # fmt: skip
def test_headers_that_carry_a_secret(name: str) -> None:
    assert is_secret_header(name)


@pytest.mark.parametrize(
    "name", ["content-type", "user-agent", "anthropic-version", "x-request-id"]
)
def test_headers_that_carry_none(name: str) -> None:
    assert not is_secret_header(name)


@pytest.mark.parametrize(
    "name", ["key", "token", "sig", "signature", "auth", "code", "jwt", "api_key", "access-token",
             "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "X-Goog-Signature",
             "api%5Fkey"]
)  # fmt: skip
def test_parameters_that_carry_a_secret(name: str) -> None:
    assert is_secret_parameter(name)


@pytest.mark.parametrize("name", ["alt", "api-version", "page", "keyword", "q"])
def test_parameters_that_carry_none(name: str) -> None:
    assert not is_secret_parameter(name)


def test_a_signature_s_parameters_are_told_from_a_key_s() -> None:
    assert is_signature_parameter("X-Amz-Date", "20261128")
    assert is_signature_parameter("X-Amz-Expires", "60")
    assert is_signature_parameter("sig", "a signature")
    assert not is_signature_parameter("sig", "nature")
    assert not is_signature_parameter("key", "a signature")


@pytest.mark.parametrize(
    "name", ["api_key", "apiKey", "client-secret", "dbPassword", "cookie", "session.token",
             "credentials", "aws_secret_access_key", "Authorization", "passphrase"]
)  # fmt: skip
def test_fields_that_are_named_as_secrets_are(name: str) -> None:
    assert is_secret_field(name)


@pytest.mark.parametrize("name", ["token", "key", "secretary", "max_tokens", "passwords_reset"])
def test_fields_that_are_not(name: str) -> None:
    assert not is_secret_field(name)
