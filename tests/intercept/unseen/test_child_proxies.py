"""The proxy that children are given: beside whatever proxies their environment names."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from pytest_modelpin.intercept.unseen import child_proxies
from pytest_modelpin.intercept.unseen.child_proxies import UserProxy, proxy_variables, user_proxy_of
from pytest_modelpin.providers.model_hosts import ModelHosts
from pytest_modelpin.redaction.secret_values import environment_secrets

ADDRESS = "http://127.0.0.1:4321/modelpin-3"
LOCAL = "localhost,127.0.0.1,::1"
HOSTS = ModelHosts({"OPENAI_BASE_URL": "https://llm.corp/v1"})


@pytest.fixture(autouse=True)
def _nobody_is_known(monkeypatch):
    monkeypatch.setattr(child_proxies, "_user_proxies", {})


def given(environment, may_add=True):
    return proxy_variables(environment, ADDRESS, HOSTS, may_add=may_add)


def user_proxy(variables):
    return user_proxy_of(urlsplit(variables["HTTPS_PROXY"]).password)


def test_a_child_asks_here_and_says_whose_it_is():
    variables = given({})
    parts = urlsplit(variables["HTTPS_PROXY"])
    assert (parts.scheme, parts.hostname, parts.port) == ("http", "127.0.0.1", 4321)
    assert parts.username == "modelpin-3"
    assert len(parts.password) == 32
    assert variables["https_proxy"] == variables["HTTPS_PROXY"]
    assert variables["NO_PROXY"] == variables["no_proxy"] == LOCAL
    assert user_proxy(variables) == UserProxy()
    assert given({})["HTTPS_PROXY"] == variables["HTTPS_PROXY"]


USERS = "http://me:secret@proxy.corp:3128"


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("proxy", [USERS, "proxy.corp:3128"])
def test_the_users_own_proxy_stays_the_way_and_is_told_nobody(name, proxy):
    variables = given({name: proxy})
    assert user_proxy(variables) == UserProxy(proxy)
    assert "secret" not in "".join(variables.values())


@pytest.mark.parametrize(
    "proxy",
    ["socks5://me@corp:1080", "https://corp:443", "http://", "http://corp:none", "http://[half"],
)
def test_a_proxy_that_is_asked_otherwise_is_left_to_the_child(proxy):
    assert given({"all_proxy": proxy}) == {}


def test_the_usual_variable_goes_before_that_for_all():
    assert user_proxy(given({"ALL_PROXY": "socks5://x:1", "HTTPS_PROXY": USERS})) == UserProxy(
        USERS
    )


def test_a_child_of_a_child_keeps_its_way_and_gets_its_tests_number():
    before = given({"HTTPS_PROXY": USERS, "NO_PROXY": ".corp"})
    after = proxy_variables(before, "http://127.0.0.1:4321/modelpin-4", HOSTS, may_add=True)
    assert after["HTTPS_PROXY"] == before["HTTPS_PROXY"].replace("modelpin-3", "modelpin-4")
    assert after["NO_PROXY"] == before["NO_PROXY"]


def test_where_nobody_can_be_told_of_a_way_the_environment_stays():
    assert given({}, may_add=False) == {}
    known = given({})
    assert given({}, may_add=False) == known
    assert given({"HTTPS_PROXY": USERS}, may_add=False) == {}


@pytest.mark.parametrize(
    ("exempt", "stays", "direct"),
    [
        (".example.com, 10.0.0.0/8", f".example.com,10.0.0.0/8,{LOCAL}", ()),
        ("localhost", LOCAL, ()),
        (".openai.azure.com,example.com", f"example.com,{LOCAL}", (".openai.azure.com",)),
        ("amazonaws.com", LOCAL, ("amazonaws.com",)),
        ("llm.corp other.corp", f"other.corp,{LOCAL}", ("llm.corp",)),
        ("me.openai.azure.com", LOCAL, ("me.openai.azure.com",)),
    ],
)
def test_models_that_the_user_reaches_without_the_proxy_are_seen_and_reached_so(
    exempt, stays, direct
):
    variables = given({"HTTPS_PROXY": USERS, "no_proxy": exempt})
    assert variables["NO_PROXY"] == variables["no_proxy"] == stays
    assert user_proxy(variables) == UserProxy(USERS, direct)


def test_no_proxy_for_anybody_is_a_way_without_one():
    variables = given({"HTTPS_PROXY": USERS, "NO_PROXY": "*"})
    assert variables["NO_PROXY"] == LOCAL
    assert user_proxy(variables) == UserProxy()


@pytest.mark.parametrize(
    ("host", "proxy"),
    [("x.openai.azure.com", ""), ("OPENAI.azure.com", ""), ("example.com", USERS)],
)
def test_a_way_tells_by_what_a_host_is_reached(host, proxy):
    assert UserProxy(USERS, (".openai.azure.com",)).proxy_to(host) == proxy


def test_the_password_is_a_secret_as_the_environments_own_are():
    password = urlsplit(given({})["HTTPS_PROXY"]).password
    assert password in environment_secrets()
    assert password not in environment_secrets({})
