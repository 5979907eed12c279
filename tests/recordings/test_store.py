"""Where recordings lie, when they are replaced, and which of them are read."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from pytest_modelpin import files
from pytest_modelpin.errors import RecordingError
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.store import Recordings
from pytest_modelpin.registry.selection import Selected

NEW = "gpt-4o-2024-11-20"


def ask(url: str, text: str = "hi", model: str = "gpt-4o-2024-08-06") -> Any:
    body = {"model": model, "messages": [{"role": "user", "content": text}]}
    reply = httpx.post(f"{url}/v1/chat/completions", json=body)
    return reply.json()["choices"][0]["message"]["content"]


def at(version: str) -> str:
    return f"__recordings__/{version}/test_summary/test_short.json"


def document(stage: Any, version: str) -> Any:
    return json.loads((stage.folder / at(version)).read_text())


def test_a_pin_keeps_its_own_folder_and_says_who_answered(
    server: Any, stage: Any, words: Any
) -> None:
    server.serves = {words.PIN: "gpt-4.1-2025-04-14"}
    stage.play(words.production("new"), lambda: ask(server.url))
    assert stage.files() == [at(words.PIN)]
    assert document(stage, words.PIN)["answered_by"] == "gpt-4.1-2025-04-14"
    assert stage.play(words.production(), lambda: ask(server.url))[0] == "answer 1"


def test_an_echoed_alias_is_its_own_folder(server: Any, stage: Any, words: Any) -> None:
    stage.play(words.candidate(), lambda: ask(server.url))
    assert stage.files() == [at(words.ALIAS)]


def test_an_alias_is_replayed_from_what_it_served_last(server: Any, stage: Any, words: Any) -> None:
    for day, served in ((1, NEW), (2, "gpt-4o-2024-05-13"), (1, "gpt-4o-2024-12-01")):
        server.serves = {words.ALIAS: served}
        recordings = Recordings(root=stage.folder, today=date(2026, 11, day))
        stage.play(words.candidate(), lambda: ask(server.url), recordings=recordings)
    server.stop()
    _, capture = stage.play(words.candidate("none"), lambda: ask(server.url))
    assert capture.calls[0].version == "gpt-4o-2024-05-13"
    assert capture.calls[0].exchange.served == "gpt-4o-2024-05-13"


def test_a_version_that_an_alias_served_replays_once_it_is_the_pin(
    server: Any, stage: Any, words: Any
) -> None:
    server.serves = {words.ALIAS: NEW}
    first, _ = stage.play(words.candidate(), lambda: ask(server.url))
    server.stop()
    after = words.production(pin=NEW)
    assert stage.play(after, lambda: ask(server.url, model=NEW))[0] == first


def test_a_pin_never_reads_the_recordings_of_others(server: Any, stage: Any, words: Any) -> None:
    server.serves = {words.PIN: NEW}
    stage.play(words.candidate(id=words.PIN, pin="gpt-4-0613"), lambda: ask(server.url))
    assert stage.files() == [at(NEW)]
    assert "no recording" in stage.miss(words.production(), lambda: ask(server.url))


def test_an_alias_that_the_pin_itself_answers_leaves_the_pin_s_recording_as_it_is(
    server: Any, stage: Any, words: Any
) -> None:
    server.serves = {words.ALIAS: words.PIN}
    pins, _ = stage.play(words.production("new"), lambda: ask(server.url))
    alias, _ = stage.play(words.candidate(), lambda: ask(server.url))
    assert stage.files() == [at(words.PIN), at(words.ALIAS)]
    server.stop()
    assert stage.play(words.production(), lambda: ask(server.url))[0] == pins
    assert stage.play(words.candidate("none"), lambda: ask(server.url))[0] == alias != pins


def test_the_pin_of_another_name_is_nobody_else_s_folder_either(
    server: Any, stage: Any, words: Any
) -> None:
    server.serves = {words.ALIAS: NEW}
    both = words.selection_of(
        Selected("one", words.PIN, "candidate", words.ALIAS, "all"),
        Selected("two", NEW, "production", NEW, "none"),
    )
    stage.play(both, lambda: ask(server.url))
    assert stage.files() == [at(words.ALIAS)]


def test_a_live_run_replaces_the_file_and_then_adds_its_samples(
    server: Any, stage: Any, words: Any
) -> None:
    def run(samples: int, prompt: str) -> list[Any]:
        recordings = Recordings(root=stage.folder)
        return [
            stage.play(
                words.candidate(),
                lambda: ask(server.url, prompt),
                sample=sample,
                recordings=recordings,
            )[0]
            for sample in range(1, samples + 1)
        ]

    run(3, "old")
    fresh = run(2, "new")
    held = document(stage, words.ALIAS)["exchanges"]
    assert [exchange["sample"] for exchange in held] == [1, 2]
    assert all(e["request"]["body"]["messages"][0]["content"] == "new" for e in held)
    server.stop()
    for sample, text in enumerate(fresh, 1):
        replay = stage.play(words.candidate("none"), lambda: ask(server.url, "new"), sample=sample)
        assert replay[0] == text


def test_a_sample_run_again_replaces_its_own_recording_only(
    server: Any, stage: Any, words: Any
) -> None:
    recordings = Recordings(root=stage.folder)
    for sample in (1, 2, 2):
        stage.play(words.candidate(), lambda: ask(server.url), sample=sample, recordings=recordings)
    held = document(stage, words.ALIAS)["exchanges"]
    texts = [e["response"]["body"]["choices"][0]["message"]["content"] for e in held]
    assert texts == ["answer 1", "answer 3"]


def test_recording_what_is_new_keeps_what_is_known(server: Any, stage: Any, words: Any) -> None:
    stage.play(words.production("new"), lambda: ask(server.url, "one"))
    before = (stage.folder / at(words.PIN)).read_text()
    answers, capture = stage.play(
        words.production("new"), lambda: [ask(server.url, text) for text in ("two", "one")]
    )
    assert answers == ["answer 2", "answer 1"]
    assert [call.fresh for call in capture.calls] == [True, False]
    after = (stage.folder / at(words.PIN)).read_text()
    assert after.startswith(before[: before.rindex("\n  }\n ]")])


def test_equal_answers_leave_the_file_as_it_is(server: Any, stage: Any, words: Any) -> None:
    server.scripts = [server.plain(words.chat(words.ALIAS, "same")) for _ in range(2)]
    for day in (1, 2):
        recordings = Recordings(root=stage.folder, today=date(2026, 11, day))
        stage.play(words.candidate(), lambda: ask(server.url), recordings=recordings)
    assert document(stage, words.ALIAS)["recorded"] == "2026-11-01"


def test_a_lost_sample_leaves_every_file_as_it_is(server: Any, stage: Any, words: Any) -> None:
    _, capture = stage.play(words.candidate(), lambda: ask(server.url), save=False)
    assert capture.save(lost=True) == ()
    assert stage.files() == []


def test_what_follows_a_lost_sample_moves_up_so_that_a_replay_finds_no_gap(
    server: Any, stage: Any, words: Any
) -> None:
    """A pin could not move to a version of which the first sample had met a 503."""
    recordings = Recordings(root=stage.folder)
    for sample in (1, 2, 3, 4):
        _, capture = stage.play(
            words.candidate(),
            lambda: ask(server.url),
            sample=sample,
            recordings=recordings,
            save=False,
        )
        capture.save(lost=sample in (1, 3))
    held = document(stage, words.ALIAS)["exchanges"]
    assert [each["sample"] for each in held] == [1, 2]
    texts = [each["response"]["body"]["choices"][0]["message"]["content"] for each in held]
    assert texts == ["answer 2", "answer 4"]


def test_what_is_still_missing_of_a_pin_keeps_its_place(
    server: Any, stage: Any, words: Any
) -> None:
    recordings = Recordings(root=stage.folder)
    for sample in (1, 2, 3):
        _, capture = stage.play(
            words.production("new"),
            lambda: ask(server.url),
            sample=sample,
            recordings=recordings,
            save=False,
        )
        capture.save(lost=sample == 2)
    held = document(stage, words.PIN)["exchanges"]
    assert [each["sample"] for each in held] == [1, 3]  # 2 is asked once more by `record`


def test_what_is_written_apart_is_read_first(server: Any, stage: Any, words: Any) -> None:
    apart = stage.folder / "apart"
    owner = Owner(stage.folder / "tests" / "unit", "test_a", "test_b")
    kept, _ = stage.play(words.candidate(), lambda: ask(server.url), owner=owner)

    def recordings() -> Recordings:
        return Recordings(apart, root=stage.folder)

    fresh, _ = stage.play(
        words.candidate(), lambda: ask(server.url), owner=owner, recordings=recordings()
    )
    assert stage.files() == [
        f"apart/tests/unit/__recordings__/{words.ALIAS}/test_a/test_b.json",
        f"tests/unit/__recordings__/{words.ALIAS}/test_a/test_b.json",
    ]
    server.stop()
    replay = words.candidate("none")
    assert (
        stage.play(replay, lambda: ask(server.url), owner=owner, recordings=recordings())[0]
        == fresh
    )
    assert stage.play(replay, lambda: ask(server.url), owner=owner)[0] == kept


def test_a_model_that_models_yml_does_not_name_is_recorded_under_its_id(
    server: Any, stage: Any, words: Any
) -> None:
    def test() -> Any:
        with httpx.Client(transport=httpx.HTTPTransport(proxy=server.url)) as client:
            body = {"model": "text-unlisted", "messages": []}
            return client.post("http://api.openai.com/v1/chat/completions", json=body).json()

    message = stage.miss(words.candidate(), test)
    assert "text-unlisted (which models.yml does not name)" in message
    assert server.arrived == []
    _, capture = stage.play(words.production("new"), test)
    assert capture.calls[0].name == "text-unlisted"
    assert stage.files() == [at("text-unlisted")]
    server.stop()
    assert stage.play(words.production(), test)[0]["model"] == "text-unlisted"


def test_names_cannot_leave_the_folder(server: Any, stage: Any, words: Any) -> None:
    owner = Owner(stage.folder / "tests", "..", "test_a[../../etc/passwd]")
    stage.play(words.candidate(id="../../escape"), lambda: ask(server.url), owner=owner)
    assert len(stage.files()) == 1
    (path,) = (stage.folder / "tests" / "__recordings__").rglob("*.json")
    assert len(path.relative_to(stage.folder / "tests" / "__recordings__").parts) == 3


def test_a_folder_that_cannot_be_written_is_one_clear_error(
    server: Any, stage: Any, words: Any
) -> None:
    (stage.folder / "__recordings__").write_text("a file stands where the folder should")
    with pytest.raises(RecordingError, match="can't be written"):
        stage.play(words.candidate(), lambda: ask(server.url))


def test_a_torn_recording_fails_the_test_that_replays_it_and_a_live_run_mends_it(
    server: Any, stage: Any, words: Any
) -> None:
    path = stage.folder / at(words.PIN)
    path.parent.mkdir(parents=True)
    path.write_text('{"schema": 1, "exch')
    message = stage.miss(words.production(), lambda: ask(server.url))
    assert "torn" in message
    assert str(path) in message
    stage.play(words.production("all"), lambda: ask(server.url))
    assert stage.play(words.production(), lambda: ask(server.url))[0] == "answer 1"


def test_two_ids_answered_by_one_version_keep_their_own_answers(
    server: Any, stage: Any, words: Any
) -> None:
    server.serves = {words.ALIAS: NEW, "gpt-4o-mini": NEW}
    both = words.selection_of(
        Selected("one", "pin-1", "candidate", words.ALIAS, "all"),
        Selected("two", "pin-2", "candidate", "gpt-4o-mini", "all"),
    )
    replay = words.selection_of(
        Selected("one", "pin-1", "candidate", words.ALIAS, "none"),
        Selected("two", "pin-2", "candidate", "gpt-4o-mini", "none"),
    )
    first, _ = stage.play(both, lambda: [ask(server.url, model=m) for m in ("pin-1", "pin-2")])
    server.stop()
    second, _ = stage.play(replay, lambda: [ask(server.url, model=m) for m in ("pin-2", "pin-1")])
    assert second == first[::-1]


def test_no_temporary_file_stays(server: Any, stage: Any, words: Any) -> None:
    stage.play(words.candidate(), lambda: ask(server.url))
    names = [path.name for path in Path(stage.folder).rglob("*") if path.is_file()]
    assert names == ["test_short.json"]


def test_whether_tests_of_a_module_have_recordings_is_looked_up_once(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.play(words.production("new"), lambda: ask(server.url))
    recordings = Recordings(root=stage.folder)
    plain, short = Owner(stage.folder, "test_plain", "test_one"), stage.owner
    silent = Owner(stage.folder, "test_summary", "test_silent")
    assert recordings.own_file(plain, words.PIN) is None
    assert recordings.own_file(silent, words.PIN) is None

    def looked(path: Path) -> None:
        raise AssertionError(f"{path} was looked for")

    for name in ("_stat", "_list"):
        monkeypatch.setattr(files, name, looked)
    assert recordings.own_file(replace(plain, name="test_two"), words.PIN) is None
    assert recordings.own_file(replace(silent, name="test_three"), words.PIN) is None
    assert recordings.own_file(short, words.PIN) == stage.folder / at(words.PIN)


def test_what_is_recorded_in_a_module_that_had_nothing_is_found(
    server: Any, stage: Any, words: Any
) -> None:
    recordings = Recordings(root=stage.folder)
    owner = Owner(stage.folder, "test_summary", "test_short")
    assert recordings.own_file(owner, words.PIN) is None
    stage.play(words.production("new"), lambda: ask(server.url), recordings=recordings)
    assert recordings.own_file(owner, words.PIN) == stage.folder / at(words.PIN)


def test_what_was_recorded_under_another_name_keeps_its_other_samples(
    server: Any, stage: Any, words: Any
) -> None:
    for sample in (1, 2):
        stage.play(words.production("new"), lambda: ask(server.url), sample=sample)
    before = stage.folder / at(words.PIN)
    before.rename(before.with_name("test_renamed.json"))
    now = Owner(stage.folder, "test_summary", "test_renamed")
    stage.play(words.production("new"), lambda: ask(server.url, "more"), owner=now)
    kept = Recordings(root=stage.folder).exchanges(now, words.PIN)
    assert {sample: len(each) for sample, each in kept.items()} == {1: 2, 2: 1}
