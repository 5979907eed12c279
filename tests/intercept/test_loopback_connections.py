"""The variables with which a child asks at its parent's instead of a provider."""

from __future__ import annotations

import pytest

from pytest_modelpin.intercept.loopback_connections import child_base_urls

HERE, BEFORE = "http://127.0.0.1:9/modelpin-2", "http://127.0.0.1:8/modelpin-1"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://api.openai.com/v1/", f"{HERE}/https/api.openai.com/v1"),
        ("gateway:8080/v1", f"{HERE}/http/gateway:8080/v1"),
        (f"{BEFORE}/https/api.openai.com/v1", f"{HERE}/https/api.openai.com/v1"),
    ],
)
def test_a_base_url_leads_back_also_where_it_did_so_for_the_test_before(
    given: str, url: str
) -> None:
    assert child_base_urls({"OPENAI_BASE_URL": given}, HERE)["OPENAI_BASE_URL"] == url


@pytest.mark.parametrize(
    "given", ["http://[half", "https://127.0.0.1:8443/v1", "https://localhost:8443/v1"]
)
def test_what_is_no_url_or_has_a_certificate_of_the_tests_own_is_left_to_the_childs_client(
    given: str,
) -> None:
    assert "OPENAI_BASE_URL" not in child_base_urls({"OPENAI_BASE_URL": given}, HERE)
