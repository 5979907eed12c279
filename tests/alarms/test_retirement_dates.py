from datetime import date

import pytest
from own_server import Dripping, Handler, serving

from pytest_modelpin.alarms.retirement_dates import refresh
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.upgrade.resolve import resolve

KEYS = {
    "OPENAI_API_KEY": "sk-openai-secret",
    "ANTHROPIC_API_KEY": "sk-ant-secret",
    "MISTRAL_API_KEY": "mistral-secret",
}
ALL = frozenset({"openai", "anthropic", "mistral", "openrouter", "google"})
TODAY = date(2026, 11, 20)

PAGES = {
    "/openai/v1/models": {
        "object": "list",
        "data": [
            {"id": "gpt-4o-2024-11-20", "shutdown_date": "2027-03-01"},
            {"id": "gpt-5.6", "shutdown_date": None},
        ],
    },
    "/anthropic/v1/models?limit=1000": {
        "data": [{"id": "claude-opus-4-6", "lifecycle": "active", "retires_at": None}],
        "has_more": True,
        "last_id": "claude-opus-4-6",
    },
    "/anthropic/v1/models?limit=1000&after_id=claude-opus-4-6": {
        "data": [
            {
                "id": "claude-sonnet-4-5-20250929",
                "lifecycle": "deprecated",
                "retires_at": "2026-12-15T00:00:00Z",
            }
        ],
        "has_more": False,
    },
    "/mistral/v1/models": {
        "data": [
            {
                "id": "mistral-large-2411",
                "aliases": ["mistral-large-old"],
                "deprecation": "2027-01-31T12:00:00Z",
                "deprecation_replacement_model": "mistral-large-2512",
            }
        ]
    },
    "/openrouter/api/v1/models": {
        "data": [
            {
                "id": "anthropic/claude-3.5-haiku",
                "canonical_slug": "anthropic/claude-3-5-haiku",
                "expiration_date": "2026-12-31",
            }
        ]
    },
}


@pytest.fixture
def server():
    """Model lists of all providers; `server.pages` can be changed, `server.seen` holds requests."""

    class Lists(Handler):
        def do_GET(self):
            self.server.seen.append((self.path, dict(self.headers)))
            content = self.server.pages.get(self.path)
            if isinstance(content, int):
                self.give({"error": self.headers.get("authorization")}, content)
            else:
                self.give(content)

    with serving(Lists, pages=dict(PAGES), seen=[]) as running:
        yield running


@pytest.fixture
def refreshed(server):
    base = server.url
    paths = {"openai": "/v1", "mistral": "/v1", "openrouter": "/api/v1"}
    bases = {name: f"{base}/{name}{paths.get(name, '')}" for name in ALL}

    def ask(providers=ALL, environment=KEYS):
        return refresh(frozenset(providers), environment, TODAY, bases)

    return ask


def test_every_list_is_read(refreshed):
    found = refreshed()
    assert found.asked == ("openai", "anthropic", "mistral", "openrouter")
    assert found.problems == ()
    assert {key: row.retires for key, row in found.retirements.items()} == {
        ("openai", "gpt-4o-2024-11-20"): date(2027, 3, 1),
        ("anthropic", "claude-sonnet-4-5-20250929"): date(2026, 12, 15),
        ("mistral", "mistral-large-2411"): date(2027, 1, 31),
        ("mistral", "mistral-large-old"): date(2027, 1, 31),
        ("openrouter", "anthropic/claude-3.5-haiku"): date(2026, 12, 31),
        ("openrouter", "anthropic/claude-3-5-haiku"): date(2026, 12, 31),
    }


def test_mistral_names_the_replacement(refreshed):
    row = refreshed(["mistral"]).retirements["mistral", "mistral-large-2411"]
    assert row.replacement == "mistral-large-2512"


def test_where_a_list_names_no_replacement_the_bundled_one_stays(refreshed):
    row = refreshed(["openai"]).retirements["openai", "gpt-4o-2024-11-20"]
    assert row.replacement == "gpt-6-luna"


def test_the_source_is_the_list_of_today(refreshed):
    (source,) = refreshed(["openai"]).retirements["openai", "gpt-4o-2024-11-20"].sources
    assert (source.name, source.as_of) == ("openai model list", "2026-11-20")


def test_a_list_is_fresher_than_the_bundled_table(refreshed):
    look_up = refreshed().over()
    assert look_up("gpt-4o-2024-11-20").retires == date(2027, 3, 1)
    assert look_up("gpt-4o-2024-11-20", "openai").retires == date(2027, 3, 1)


def test_what_no_list_dates_is_answered_by_the_table(refreshed):
    look_up = refreshed(["mistral"]).over()
    assert look_up("gpt-4o-2024-11-20").retires == date(2027, 1, 14)
    assert look_up("gpt-9-2030-01-01") is None


def test_keys_go_to_their_own_provider_only(refreshed, server):
    refreshed()
    for path, headers in server.seen:
        provider = path.split("/")[1]
        sent = " ".join(headers.values())
        for variable, key in KEYS.items():
            assert (key in sent) is variable.startswith(provider.upper())


def test_only_the_providers_asked_about_are_called(refreshed, server):
    refreshed(["anthropic"])
    assert {path.split("/")[1] for path, _ in server.seen} == {"anthropic"}


def test_without_a_key_a_list_is_not_asked(refreshed, server):
    found = refreshed(["openai"], {})
    assert found.problems == ("openai: not asked, OPENAI_API_KEY is not set.",)
    assert server.seen == []


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (401, "openai: answered 401, check the key; its list was not read."),
        (500, "openai: answered 500; its list was not read."),
        (b"<html>", "openai: its answer is no list of models."),
        ({"data": [{}]}, "openai: its answer is no list of models."),
        ([], "openai: its answer is no list of models."),
    ],
)
def test_a_list_that_can_not_be_read_is_a_problem_without_a_key_in_it(
    refreshed, server, answer, says
):
    server.pages["/openai/v1/models"] = answer
    found = refreshed()
    assert found.problems == (says,)
    assert found.asked == ("anthropic", "mistral", "openrouter")


def test_a_provider_that_is_down(refreshed):
    found = refresh(frozenset({"openai"}), KEYS, TODAY, {"openai": "http://127.0.0.1:9"})
    assert found.problems == (
        "openai: could not be reached (ConnectError); its list was not read.",
    )


@pytest.mark.parametrize("day", ["soon", 20270301, "", {}])
def test_a_date_that_is_none_is_passed_over(refreshed, server, day):
    server.pages["/openai/v1/models"] = {"data": [{"id": "gpt-4o", "shutdown_date": day}]}
    found = refreshed(["openai"])
    assert (dict(found.retirements), found.asked) == ({}, ("openai",))


def test_a_gateway_is_asked_for_its_list_with_its_key(server):
    base = f"http://127.0.0.1:{server.server_address[1]}/openai/v1/"
    found = refresh(frozenset({"openai"}), {**KEYS, "OPENAI_BASE_URL": base}, TODAY)
    assert (found.asked, found.problems) == (("openai",), ())
    assert [path for path, _ in server.seen] == ["/openai/v1/models"]


def test_a_list_a_byte_at_a_time_is_not_read(monkeypatch):
    """A timeout counts from byte to byte: `check --refresh` and `resolve --live` waited for all."""
    monkeypatch.setattr("pytest_modelpin.alarms.retirement_dates._LONGEST", 0.2)
    monkeypatch.setattr("pytest_modelpin.upgrade.resolve._LONGEST", 0.2)
    with serving(Dripping) as server:
        bases = {"openai": f"{server.url}/v1"}
        found = refresh(frozenset({"openai"}), KEYS, TODAY, bases)
        assert found.problems == (
            "openai: could not be reached (TimeoutError); its list was not read.",
        )
        with pytest.raises(ModelpinError, match=r"openai can't be reached \(TimeoutError\)"):
            resolve("gpt-4o", environment={**KEYS, "OPENAI_BASE_URL": bases["openai"]})
