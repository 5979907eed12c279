from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from pytest_modelpin.recording.owner import Owner
from pytest_modelpin.recording.recordings import Recordings, read
from pytest_modelpin.recording.unused import orphans, remove, unused_exchanges


def ask(url: str, text: str) -> Any:
    body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": text}]}
    return httpx.post(f"{url}/v1/chat/completions", json=body)


def asks(url: str, *texts: str) -> Any:
    return lambda: [ask(url, text) for text in texts]


def unused_of(stage: Any, words: Any, *tapes: Any) -> Any:
    recordings = Recordings(root=stage.folder)
    return unused_exchanges(tapes, [words.PIN], recordings, stage.interceptor.key)


def prompts(path: Path) -> list[str]:
    recording = read(path)
    assert recording is not None
    return [each.request.body["messages"][0]["content"] for each in recording.exchanges]


def test_what_a_test_no_longer_asks_is_found_and_removed(
    server: Any, stage: Any, words: Any
) -> None:
    stage.play(words.production("new"), asks(server.url, "a", "b", "a", "c"))
    _, tape = stage.play(words.production(), asks(server.url, "c", "a"))
    (found,) = unused_of(stage, words, tape)
    assert (found.exchanges, found.total) == ((1, 2), 4)
    remove([found])
    assert prompts(found.path) == ["a", "c"]
    assert unused_of(stage, words, tape) == ()


def test_a_test_that_asks_nothing_any_more_loses_its_file_and_empty_folders(
    server: Any, stage: Any, words: Any
) -> None:
    stage.play(words.production("new"), asks(server.url, "a"))
    _, tape = stage.play(words.production(), asks(server.url))
    remove(unused_of(stage, words, tape))
    assert list(stage.folder.iterdir()) == []


def test_samples_that_did_not_run_and_other_versions_are_left_alone(
    server: Any, stage: Any, words: Any
) -> None:
    for sample in (1, 2):
        stage.play(words.production("new"), asks(server.url, "a"), sample=sample)
    stage.play(words.candidate(), asks(server.url, "a", "b"))
    _, tape = stage.play(words.production(), asks(server.url, "a"))
    assert unused_of(stage, words, tape) == ()


def test_what_was_recorded_in_this_very_run_is_used(server: Any, stage: Any, words: Any) -> None:
    stage.play(words.production("new"), asks(server.url, "a"))
    _, tape = stage.play(words.production("new"), asks(server.url, "b"))
    (found,) = unused_of(stage, words, tape)
    assert found.exchanges == (0,)


def test_a_recording_whose_test_is_gone_is_an_orphan_in_collected_modules_only(
    server: Any, stage: Any, words: Any
) -> None:
    gone = Owner(stage.folder, "test_summary", "test_gone")
    elsewhere = Owner(stage.folder, "test_other", "test_gone")
    for owner in (stage.owner, gone, elsewhere):
        stage.play(words.production("new"), asks(server.url, "a"), owner=owner)
    stage.play(words.candidate(), asks(server.url, "a"), owner=gone)
    modules = [(stage.folder, "test_summary")]
    found = orphans([stage.owner], modules, [words.PIN])
    assert [path.relative_to(stage.folder).as_posix() for path in found] == [
        f"__recordings__/{words.PIN}/test_summary/test_gone.json"
    ]
    remove(orphans=found)
    assert len(stage.files()) == 3
    assert found[0].parent.is_dir()
