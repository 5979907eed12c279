"""The script that brings the retirement table up to date."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from pytest_modelpin.providers.retirements import table

PATH = Path(__file__).parents[2] / "scripts" / "renew_retirements.py"


@pytest.fixture
def document(script):
    return json.loads(script.TABLE.read_text())


TODAY = date(2026, 12, 1)


def source(script, kind, *dates):
    return script.Source(f"a-{kind}", "https://x.example", kind, dates)


def row_of(document, provider, model):
    (row,) = [
        each
        for each in document["retirements"]
        if (each["provider"], each["model"]) == (provider, model)
    ]
    return row


def test_the_table_is_written_as_it_stands(script, document):
    assert script.as_text(document) == script.TABLE.read_text()


def test_nothing_new_changes_nothing(script, document):
    same = script.Dated("openai", "gpt-4o", date(2027, 1, 14))
    assert script.merge(document, [source(script, "primary", same)], TODAY) == (None, [])


def test_a_new_date_and_a_moved_one_are_taken_and_told(script, document):
    new = script.Dated("openai", "gpt-99", date(2028, 1, 1), replacement="gpt-100")
    moved = script.Dated("openai", "gpt-4o", date(2027, 3, 1))
    changed, said = script.merge(document, [source(script, "primary", new, moved)], TODAY)
    assert said == [
        "- openai gpt-99: 2028-01-01, a-primary",
        "- openai gpt-4o: 2027-03-01 (was 2027-01-14), a-primary",
    ]
    assert row_of(changed, "openai", "gpt-99")["replacement"] == "gpt-100"
    row = row_of(changed, "openai", "gpt-4o")
    assert (row["retires"], row["replacement"], row["alias"]) == ("2027-03-01", "gpt-6-luna", True)
    assert (changed["as_of"], changed["sources"]["a-primary"]["as_of"]) == ("2026-12-01",) * 2


def test_a_providers_own_word_is_not_overruled_by_another(script, document):
    moved = script.Dated("openai", "gpt-4o", date(2027, 3, 1))
    changed, said = script.merge(document, [source(script, "secondary", moved)], TODAY)
    assert changed is None
    assert said == ["- openai gpt-4o: a-secondary says 2027-03-01, the table 2027-01-14; left"]


def test_a_date_ends_a_floor(script, document):
    dated = script.Dated("anthropic", "claude-opus-4-6", date(2027, 6, 1))
    changed, _ = script.merge(document, [source(script, "primary", dated)], TODAY)
    assert "claude-opus-4-6" not in {row["model"] for row in changed["floors"]}


@pytest.mark.parametrize(
    ("words", "day"),
    [("January 22nd, 2027", date(2027, 1, 22)), ("June 1st, 2026", date(2026, 6, 1))],
)
def test_a_day_in_words(script, words, day):
    assert script.day_in_words(words) == day
    assert script.day_in_words("soon") is None


def test_anthropics_own_table_is_read(script):
    (found,) = script.sdk_tables()
    assert found.dates
    assert all(each.provider == "anthropic" for each in found.dates)


def test_a_feed_on_disk_and_one_that_is_none(script, tmp_path, capsys):
    feed = {"spec": "model-eol/0.1", "publisher": "amazon",
            "models": [{"id": "amazon.x-v1:0", "shutdown": "2027-01-01"}]}  # fmt: skip
    (tmp_path / "good.json").write_text(json.dumps(feed))
    (tmp_path / "bad.json").write_text("<html>")
    (found,) = script.feeds([str(tmp_path / "bad.json"), str(tmp_path / "good.json")])
    assert found.dates == (script.Dated("bedrock", "amazon.x-v1:0", date(2027, 1, 1)),)
    assert "bad.json (JSONDecodeError)" in capsys.readouterr().out


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


def test_a_feed_is_read_each_date_by_its_distributors_clock(script):
    gone = script.Dated("openai", "x", date(2026, 7, 23), date(2026, 4, 22), "gpt-5.6-sol")
    assert list(script.read_feed(FEED)) == [
        gone._replace(model="o3-deep-research-2025-06-26"),
        gone._replace(model="o3-deep-research"),
        script.Dated("azure", "o3-deep-research-2025-06-26", date(2026, 12, 26)),
    ]


@pytest.mark.parametrize("other", [{}, {"spec": "model-eol/1.0", "publisher": "x"}, {"spec": "?"}])
def test_another_format_is_refused(script, other):
    with pytest.raises(ValueError, match="no feed"):
        list(script.read_feed(other))


@pytest.mark.parametrize("publisher", ["openai", "anthropic", "vertex", "azure", "bedrock"])
def test_what_is_published_reads_as_the_table_has_it(script, publisher):
    feed = json.loads(json.dumps(script.as_feed(table(), publisher)))
    rows = [row for row in table().retirements.values() if row.provider == publisher]
    read = {(each.provider, each.model): each.retires for each in script.read_feed(feed)}
    assert read == {(publisher, row.model): row.retires for row in rows}


def test_a_floor_is_published_as_tentative(script):
    entries = script.as_feed(table(), "anthropic")["models"]
    (entry,) = [each for each in entries if each["id"] == "claude-opus-4-6"]
    assert entry == {
        "id": "claude-opus-4-6",
        "shutdown": "2027-02-05",
        "date_precision": "tentative",
    }
