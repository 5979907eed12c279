"""Retirement dates as a feed of the format model-eol, read and published."""

from __future__ import annotations

import json
from datetime import date

import pytest

from pytest_modelpin.alarms.feed import Dated, publish, read_feed
from pytest_modelpin.providers.retirements import table

FEED = {
    "spec": "model-eol/0.1",
    "publisher": "openai",
    "generated": "2026-11-20T00:00:00Z",
    "a-field-of-tomorrow": 1,
    "models": [
        {
            "id": "o3-deep-research-2025-06-26",
            "aliases": ["o3-deep-research"],
            "announced": "2026-04-22",
            "shutdown": "2026-07-23",
            "replacement": "gpt-5.6-sol",
            "distributions": [
                {"via": "azure-ai-foundry", "shutdown": "2026-12-26"},
                {"via": "somewhere-else", "shutdown": "2026-12-27"},
            ],
        },
        {"id": "gpt-5.6-sol"},
        {"id": "gpt-7", "shutdown": "2029-01-01", "date_precision": "tentative"},
        {"id": "odd", "shutdown": "soon"},
        {"shutdown": "2026-01-01"},
    ],
}


def test_a_feed_is_read_each_date_by_its_distributors_clock():
    gone = Dated("openai", "x", date(2026, 7, 23), date(2026, 4, 22), "gpt-5.6-sol")
    assert list(read_feed(FEED)) == [
        gone._replace(model="o3-deep-research-2025-06-26"),
        gone._replace(model="o3-deep-research"),
        Dated("azure", "o3-deep-research-2025-06-26", date(2026, 12, 26)),
    ]


@pytest.mark.parametrize("other", [{}, {"spec": "model-eol/1.0", "publisher": "x"}, {"spec": "?"}])
def test_another_format_is_refused(other):
    with pytest.raises(ValueError, match="no feed"):
        list(read_feed(other))


@pytest.mark.parametrize("publisher", ["openai", "anthropic", "vertex", "azure", "bedrock"])
def test_what_is_published_reads_as_the_table_has_it(publisher):
    feed = json.loads(json.dumps(publish(table(), publisher)))
    rows = [row for row in table().retirements.values() if row.provider == publisher]
    read = {(each.provider, each.model): each.retires for each in read_feed(feed)}
    assert read == {(publisher, row.model): row.retires for row in rows}


def test_a_floor_is_published_as_tentative():
    entries = publish(table(), "anthropic")["models"]
    (entry,) = [each for each in entries if each["id"] == "claude-opus-4-6"]
    assert entry == {
        "id": "claude-opus-4-6",
        "shutdown": "2027-02-05",
        "date_precision": "tentative",
    }
