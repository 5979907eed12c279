from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from pytest_modelpin.providers import floor, identify, retirement
from pytest_modelpin.providers.retirements import retirement_of_pin, table

ROWS = list(table().retirements.values())


def test_the_table_is_whole():
    assert len(ROWS) == 605
    assert len(table().floors) == 81
    assert table().as_of == date(2026, 11, 27)
    assert {row.provider for row in ROWS} == {
        "anthropic", "openai", "google", "vertex", "azure", "bedrock", "mistral", "cohere", "xai",
        "deepseek", "groq",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("model", "retires", "replacement"),
    [
        ("claude-sonnet-4-5-20250929", date(2026, 11, 30), "claude-sonnet-5-5"),
        ("claude-opus-4-1-20250805", date(2026, 8, 5), "claude-opus-4-8"),
        ("gpt-4o-2024-08-06", date(2027, 1, 14), "gpt-6-luna"),
        ("gpt-4o", date(2027, 1, 14), "gpt-6-luna"),
        ("text-davinci-003", date(2024, 1, 4), "gpt-3.5-turbo-instruct"),
        ("models/gemini-2.5-pro", date(2026, 12, 1), "gemini-3.8-flash"),
        ("deepseek-chat", date(2026, 7, 24), "deepseek-v4-flash (non-thinking)"),
        ("claude-3-5-haiku@20241022", date(2026, 7, 5), None),  # Vertex's spelling
    ],
)
def test_known_dates(model, retires, replacement):
    found = retirement(model)
    assert found is not None
    assert (found.retires, found.replacement) == (retires, replacement)


def test_a_row_says_when_it_was_announced_and_how_sure_it_is():
    sure, unsure = retirement("gpt-4o"), retirement("claude-mythos-preview")
    assert sure
    assert unsure
    assert (sure.announced, sure.alias, sure.uncertain) == (date(2026, 10, 14), True, False)
    assert (unsure.announced, unsure.uncertain) == (date(2026, 6, 9), True)
    assert unsure.note


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.provider}-{row.model}")
def test_every_row_is_found_under_its_provider_and_has_a_source_with_an_address(row):
    assert retirement(row.model, row.provider) == row
    assert row.sources
    assert all(source.url.startswith("https://") and source.as_of for source in row.sources)
    if identify(row.model).provider == row.provider != "azure" and row.retires:
        assert retirement(row.model) == row


@pytest.mark.parametrize("row", table().floors.values(), ids=lambda row: row.model)
def test_every_floor_is_found_and_is_no_date(row):
    assert floor(row.model, row.provider) == row
    assert (row.provider, row.model) not in table().retirements


def test_rows_that_no_two_sources_agree_on_say_why():
    doubtful = [row for row in ROWS if row.uncertain]
    assert len(doubtful) == 24
    assert all(row.note for row in doubtful)


@pytest.mark.parametrize("row", [row for row in ROWS if row.alias], ids=lambda row: row.model)
def test_an_alias_of_the_table_is_floating(row):
    assert identify(row.model, row.provider).kind == "floating"


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("gpt-99", None),
        ("house-model", None),
        ("", None),
        ("gpt-4o", "anthropic"),
        ("gpt-4o", "azure"),  # Azure has dates of its own
        ("gpt-4o", "a-house-of-its-own"),
        ("claude-opus-4-6", None),  # has a floor, which is no date
    ],
)
def test_an_id_without_a_date_has_none(model, provider):
    assert retirement(model, provider) is None


def test_behind_a_gateway_the_owners_date_counts():
    assert retirement("gpt-4o", "openai_compatible") == retirement("gpt-4o", "openai")


def test_a_floor_is_kept_apart():
    found = floor("claude-opus-4-6")
    assert found is not None
    assert found.not_sooner_than == date(2027, 2, 5)
    assert floor("claude-sonnet-4-5-20250929") is None


def test_importing_providers_loads_neither_yaml_nor_a_client():
    code = (
        "import sys, pytest_modelpin.providers;"
        "print(sorted({'yaml', 'httpx', 'httpx2', 'asyncio', 'ssl'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_each_distributor_has_a_clock_of_its_own():
    assert retirement("claude-opus-4-1-20250805").retires == date(2026, 8, 5)
    assert retirement("us.anthropic.claude-opus-4-1-20250805-v1:0").retires == date(2027, 1, 8)
    assert retirement("gemini-2.5-pro", "google").retires == date(2026, 12, 1)
    assert retirement("gemini-2.5-pro", "vertex").retires != date(2026, 12, 1)


@pytest.mark.parametrize("name", ["vertex", "vertex_ai", "google-vertex", "VERTEX "])
def test_vertex_is_looked_up_by_any_of_its_names(name):
    assert retirement("gemini-2.5-pro", name).provider == "vertex"
    full = "projects/p/locations/us-central1/publishers/google/models/gemini-2.5-pro"
    assert retirement(full, name) == retirement("gemini-2.5-pro", "vertex")
    assert retirement(full) == retirement("gemini-2.5-pro", "vertex")


@pytest.mark.parametrize(
    "geography", ["", "us.", "eu.", "apac.", "jp.", "au.", "us-gov.", "global."]
)
def test_bedrock_is_looked_up_without_the_geography(geography):
    id = "anthropic.claude-3-haiku-20240307-v1:0"
    found = retirement(geography + id)
    assert found is not None
    assert found == retirement(id, "bedrock")
    arn = f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/{geography}{id}"
    assert retirement(arn, "bedrock") == found


@pytest.mark.parametrize("room", ["200k", "48k", "mm", "512"])
def test_bedrock_is_looked_up_without_the_room_for_context(room):
    id = "anthropic.claude-3-haiku-20240307-v1:0"
    assert retirement(f"{id}:{room}", "bedrock") == retirement(id, "bedrock") is not None


def test_a_version_of_a_gemini_ends_with_its_alias_where_the_page_has_that_alone():
    assert retirement("gemini-1.5-flash-002").retires == date(2025, 9, 29)
    assert retirement("gemini-embedding-001").model == "gemini-embedding-001", "its own row first"


def test_a_bedrock_vendor_that_looks_like_a_geography_keeps_its_name():
    assert retirement("ai21.jamba-1-5-large-v1:0").retires == date(2026, 11, 26)


def test_azure_is_looked_up_by_the_served_id_never_by_the_deployments_name():
    dated = retirement("gpt-4.1-2025-04-14", "azure")
    assert dated.retires == date(2027, 4, 14)
    assert retirement_of_pin("my-deployment", "azure", "gpt-4.1-2025-04-14") == dated
    # A deployment may be called like a model that it does not run.
    assert retirement_of_pin("gpt-4.1-2025-04-14", "azure") is None
    assert retirement_of_pin("gpt-4.1-2025-04-14", "azure", "gpt-99-2026-01-01") is None
    assert retirement_of_pin("gpt-4o", "openai") == retirement("gpt-4o")


@pytest.mark.parametrize("alias", ["o3-pro", "gpt-5-pro"])
def test_aliases_that_retire_with_their_snapshots(alias):
    assert retirement(alias).retires == date(2026, 12, 11)


@pytest.mark.parametrize(
    ("alias", "provider"), [("gemini-embedding", "google"), ("gemini-embedding-latest", "vertex")]
)
def test_an_alias_without_a_row_inherits_the_date_of_its_only_snapshot(alias, provider):
    assert (provider, alias) not in table().retirements
    found = retirement(alias, provider)
    snapshot = retirement("gemini-embedding-001", provider)
    assert (found.retires, found.alias) == (snapshot.retires, True)
    assert "its only known snapshot, gemini-embedding-001" in found.note


def test_an_alias_outlives_a_snapshot_that_has_retired():
    assert retirement("ministral-3b-2410").retires == date(2025, 12, 31)
    assert retirement("ministral-3b-latest") is None


def test_an_alias_of_several_snapshots_inherits_nothing():
    assert retirement("devstral-small-latest") is None


def test_what_is_no_alias_inherits_nothing():
    assert retirement("o3-pro-2025") is None
    assert retirement("house-model-latest") is None


def test_a_notice_is_the_providers_own_page_where_the_table_knows_one():
    found = retirement("gpt-5.1-2025-11-13", "openai")
    assert found is not None
    assert {source.name for source in found.sources}.isdisjoint({"openai-docs"})  # its SDK alone
    assert found.notice == "https://developers.openai.com/api/docs/deprecations"
    for row in table().retirements.values():
        if any(source.is_page for source in table_sources(row.provider)):
            assert "github.com" not in str(row.notice), row


def table_sources(provider):
    rows = (row for row in table().retirements.values() if row.provider == provider)
    return {source for row in rows for source in row.sources}
