from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from pytest_modelpin.providers import floor, identify, retirement
from pytest_modelpin.providers.retirements import table

ROWS = list(table().retirements.values())


def test_the_table_is_whole():
    assert len(ROWS) == 134
    assert len(table().floors) == 9
    assert table().as_of == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("model", "retires", "replacement"),
    [
        ("claude-sonnet-4-5-20250929", date(2026, 11, 30), "claude-sonnet-5-5"),
        ("claude-opus-4-1-20250805", date(2026, 8, 5), "claude-opus-4-8"),
        ("gpt-4o-2024-08-06", date(2027, 1, 14), "gpt-6-luna"),
        ("gpt-4o", date(2027, 1, 14), "gpt-6-luna"),
        ("gpt-5.1-2025-11-13", date(2027, 4, 1), None),
        ("models/gemini-2.5-pro", date(2026, 12, 1), "gemini-3.8-flash"),
        ("deepseek-chat", date(2026, 7, 24), "deepseek-v4-flash (non-thinking)"),
        ("command-r", date(2025, 9, 15), None),
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
    assert (unsure.announced, unsure.uncertain) == (None, True)
    assert unsure.note


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.model)
def test_every_row_is_found_under_its_provider_and_has_a_source_with_an_address(row):
    assert retirement(row.model, row.provider) == row == retirement(row.model)
    assert row.sources
    assert all(source.url.startswith("https://") and source.as_of for source in row.sources)


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
