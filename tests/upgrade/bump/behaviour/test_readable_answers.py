"""What the pins say where no test keeps an accepted answer: one file to read for each module."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from modelpin_runtime.registry.models import Model, Pins, Settings
from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.recording_file import Recording, save
from pytest_modelpin.snapshot.format import accept, render
from pytest_modelpin.upgrade.bump.kept_answers import in_force, write_readable

OLD, NEW, OTHER = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "gpt-5-mini-2025-08-07"
READ = Path("tests/__recordings__/test_it.answers")


def exchange(text: str, version: str = OLD, sample: int = 1, **message: object) -> Exchange:
    reply = {"model": version, "choices": [{"message": {"content": text, **message}}]}
    request = Request("POST", "https://api.openai.com/v1/chat/completions", {"messages": []})
    content = json.dumps(reply).encode()
    response = Response(200, {"content-type": "application/json"}, content)
    return Exchange(request, response, version, version, sample=sample)


def record(root: Path, name: str, *exchanges: Exchange, version: str = OLD) -> None:
    path = root / "tests/__recordings__" / version / "test_it" / f"{name}.json"
    save(path, Recording(f"test_it::{name}", version, date(2026, 11, 20), exchanges))


def read(root: Path) -> str:
    return (root / READ).read_text("utf-8")


def test_each_test_has_its_first_samples_answers_in_order(tmp_path: Path) -> None:
    record(tmp_path, "test_b", exchange("One line.\nAnother."), exchange("again", sample=2))
    record(tmp_path, "test_a[de]", exchange("Ja."), exchange('{"total": 42, "a": [1]}'))
    write_readable(tmp_path, [OLD])
    assert read(tmp_path) == (
        "==== test_a[de] (text) ====\nJa.\n\n"
        '==== test_a[de].1 (json) ====\n{\n  "a": [\n    1\n  ],\n  "total": 42\n}\n\n'
        "==== test_b (text) ====\nOne line.\nAnother.\n\n"
        "==== end ====\n"
    )


def test_a_tool_call_is_a_line(tmp_path: Path) -> None:
    call = {"type": "function", "function": {"name": "book", "arguments": '{"day": "Monday"}'}}
    record(tmp_path, "test_a", exchange("", tool_calls=[call]))
    write_readable(tmp_path, [OLD])
    assert '\nbook({"day": "Monday"})\n' in read(tmp_path)


def test_the_same_file_tells_of_the_next_version_so_that_a_diff_shows_what_changed(
    tmp_path: Path,
) -> None:
    record(tmp_path, "test_a", exchange("5 days"))
    record(tmp_path, "test_a", exchange("14 days", NEW), version=NEW)
    write_readable(tmp_path, [OLD])
    before = read(tmp_path)
    write_readable(tmp_path, [NEW])
    assert read(tmp_path) == before.replace("5 days", "14 days")


def test_of_two_models_in_one_test_each_has_its_place(tmp_path: Path) -> None:
    record(tmp_path, "test_a", exchange("first"))
    record(tmp_path, "test_a", exchange("second", OTHER), version=OTHER)
    write_readable(tmp_path, [OTHER, OLD])
    assert read(tmp_path).split("\n")[:5] == [
        "==== test_a (text) ====", "second", "", "==== test_a.1 (text) ====", "first",
    ]  # fmt: skip


def test_what_has_an_accepted_answer_is_read_there(tmp_path: Path) -> None:
    record(tmp_path, "test_a", exchange("accepted"))
    record(tmp_path, "test_b", exchange("not accepted"))
    kept = tmp_path / "tests/__snapshots__/test_it.answers"
    kept.parent.mkdir()
    kept.write_text(render({"test_a": accept("accepted"), "test_a.1": accept("x")}))
    write_readable(tmp_path, [OLD])
    assert "test_a" not in read(tmp_path)
    assert "not accepted" in read(tmp_path)


def test_a_file_that_is_no_utf8_is_written_anew(tmp_path: Path) -> None:
    record(tmp_path, "test_fee", exchange("$1"))
    write_readable(tmp_path, [OLD])
    before = read(tmp_path)
    (path,) = tmp_path.rglob("*.answers")
    path.write_bytes(b"\xff")
    write_readable(tmp_path, [OLD])
    assert read(tmp_path) == before


def test_a_file_without_an_answer_goes(tmp_path: Path) -> None:
    record(tmp_path, "test_a", exchange("said"))
    write_readable(tmp_path, [OLD])
    write_readable(tmp_path, [NEW])
    assert not (tmp_path / READ).exists()


@pytest.mark.parametrize("content", ["{", '{"schema": 99}'])
def test_a_torn_recording_costs_its_own_answer_only(tmp_path: Path, content: str) -> None:
    record(tmp_path, "test_a", exchange("said"))
    (tmp_path / "tests/__recordings__" / OLD / "test_it/test_b.json").write_text(content)
    write_readable(tmp_path, [OLD])
    assert "said" in read(tmp_path)


def test_what_a_judge_was_asked_and_a_reply_without_a_text_are_no_answers(tmp_path: Path) -> None:
    record(tmp_path, "test_a@judge", exchange("A is better"))
    record(tmp_path, "test_b", exchange(""))
    write_readable(tmp_path, [OLD])
    assert not (tmp_path / READ).exists()


def test_the_versions_in_force_come_in_the_order_of_models_yml() -> None:
    models = {"b": Model("b", OTHER), "a": Model("a", OLD, overridden="house-1")}
    pins = Pins(models, Settings(), Path("models.yml"))
    assert in_force(pins) == (OTHER, "house-1")
    assert in_force(pins, {"b": NEW}) == (NEW, "house-1")
