"""Looking for a question in other tests' recordings, within bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pytest_modelpin.recordings import same_question
from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.owner import FOLDER
from pytest_modelpin.recordings.recording_file import Recording, read, save
from pytest_modelpin.recordings.same_question import SameQuestions

PIN = "gpt-4o-2024-08-06"


def write(folder: Path, module: str, name: str, *questions: str, version: str = PIN) -> Path:
    path = folder / FOLDER / version / module / f"{name}.json"
    exchanges = tuple(
        Exchange(
            Request("POST", "https://api.openai.com/v1/chat/completions", {"said": question}),
            Response(200, {}, b"{}"),
            asked=version,
            served=version,
            seconds=1.0,
            sample=1,
        )
        for question in questions
    )
    save(path, Recording(f"{module}::{name}", version, date(2026, 1, 1), exchanges))
    return path


def key(exchange: Exchange) -> str | None:
    body = exchange.request.body
    return str(body["said"]) if isinstance(body, dict) else None


Find = Callable[[str, str, str], "same_question.SameQuestion | None"]


@pytest.fixture
def find(tmp_path: Path) -> Find:
    def found(module: str, name: str, question: str) -> same_question.SameQuestion | None:
        missed = tmp_path / FOLDER / PIN / module / f"{name}.json"
        return SameQuestions(tmp_path).find([missed], question, key, tmp_path)

    return found


def test_a_test_that_is_gone_comes_before_one_that_is_there(tmp_path: Path, find: Find) -> None:
    (tmp_path / "test_a.py").write_text("def test_first(): pass\n")
    write(tmp_path, "test_a", "test_first", "fee?")
    gone = write(tmp_path, "test_a", "test_old", "fee?", "refund?")
    found = find("test_a", "test_new", "fee?")
    assert found is not None
    assert (found.path, found.owned) == (gone, "test gone")


def test_another_version_s_answer_is_no_recording_of_this_one(tmp_path: Path, find: Find) -> None:
    write(tmp_path, "test_a", "test_old", "fee?", version="gpt-4o-2024-11-20")
    assert find("test_a", "test_new", "fee?") is None


def test_every_version_of_a_renamed_test_is_carried_over(tmp_path: Path, find: Find) -> None:
    (tmp_path / "test_a.py").write_text("")
    write(tmp_path, "test_a", "test_old", "fee?")
    write(tmp_path, "test_a", "test_old", "fee?", version="gpt-4o-2024-11-20")
    found = find("test_a", "test_new", "fee?")
    assert found is not None
    versions = [(old.parents[1].name, new.parents[1].name) for old, new in found.moves()]
    assert versions == [(PIN, PIN), ("gpt-4o-2024-11-20", "gpt-4o-2024-11-20")]


def test_a_renamed_module_takes_its_snapshots_along(tmp_path: Path, find: Find) -> None:
    write(tmp_path, "test_old", "test_a", "fee?")
    answers = tmp_path / "__snapshots__" / "test_old.answers"
    answers.parent.mkdir()
    answers.write_text("")
    found = find("test_new", "test_a", "fee?")
    assert found is not None
    assert [old.name for old, _ in found.moves()] == ["test_old", "test_old.answers"]
    # What lies in the new place already is never overwritten.
    write(tmp_path, "test_new", "test_b", "refund?")
    assert [old.name for old, _ in found.moves()] == ["test_a.json"]


def test_a_test_that_went_to_another_module_takes_along_what_is_large(
    tmp_path: Path, find: Find
) -> None:
    path = write(tmp_path, "test_old", "test_a", "fee?")
    recording = read(path)
    assert recording is not None
    [one] = recording.exchanges
    sound = replace(one, response=Response(200, {}, b"\xff" * 30_000))
    save(path, recording._replace(exchanges=(one, sound)))
    write(tmp_path, "test_new", "test_b", "refund?")
    found = find("test_new", "test_a", "fee?")
    assert found is not None
    [file] = path.parent.glob("*.bin")
    new = tmp_path / FOLDER / PIN / "test_new"
    assert found.moves() == [(path, new / path.name), (file, new / file.name)]


def test_a_torn_recording_is_passed_over(tmp_path: Path, find: Find) -> None:
    write(tmp_path, "test_a", "test_old", "fee?").write_text("{")
    assert find("test_a", "test_new", "fee?") is None


def test_all_misses_of_a_session_read_each_recording_once_and_end_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        write(tmp_path, "test_old", f"test_{number}", f"question {number}")
    reads: list[Path] = []

    def counted(path: Path) -> Recording | None:
        reads.append(path)
        return original(path)

    original = same_question.read
    monkeypatch.setattr(same_question, "read", counted)
    questions = SameQuestions(tmp_path)
    top = tmp_path / FOLDER / PIN / "test_new"
    for number in range(20):
        found = questions.find([top / f"test_{number}.json"], f"question {number}", key, tmp_path)
        assert found is not None
    assert len(reads) == 20
    monkeypatch.setattr(same_question, "SECONDS", -1.0)
    late = SameQuestions(tmp_path)
    assert late.find([top / "test_1.json"], "question 1", key, tmp_path) is None
    assert len(reads) == 20
