from __future__ import annotations

import pytest

from pytest_modelpin.redaction.names import (
    hints_at_secret,
    is_secret_field,
    is_secret_header,
    is_secret_parameter,
    is_signature_parameter,
    says_secret,
    suggests_secret,
)


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
