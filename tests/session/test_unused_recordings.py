"""Recordings that nothing asks for any more: said at the end, removed where answers are updated."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from pytest_modelpin.recordings.capture import UnusedExchanges
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.recording_file import read
from pytest_modelpin.registry.selection import Selected
from pytest_modelpin.session.unused_recordings import orphans, remove, unused_by_all

PIN, NEXT = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"

ONE_TEST = """
from support import ask

def test_refund(model_snapshot):
    assert ask("refund?") == model_snapshot
"""
SILENT = (
    ONE_TEST
    + """
def test_fee():
    pass
"""
)
FEE = f"{PIN}/test_support/test_fee.json"


@pytest.fixture
def recorded(project):
    """Two tests recorded with the pin, and with the candidate."""
    project.record()
    project.run("--model=candidate", "--model-recordings=.")
    return project


def test_a_suite_that_asks_for_all_of_it_says_nothing(recorded):
    recorded.run().stdout.no_fnmatch_line("*no longer asked for*")


@pytest.mark.parametrize("option", ["--setup-plan", "--setup-only", "--collect-only"])
def test_where_no_test_is_run_no_recording_is_taken_for_unused(recorded, option):
    """With `--snapshot-update`, `--setup-plan` removed all of them."""
    before = recorded.recordings()
    recorded.run(option, "--snapshot-update").stdout.no_fnmatch_line("*no longer asked for*")
    assert recorded.recordings() == before


@pytest.mark.parametrize("content", [ONE_TEST, SILENT], ids=["test gone", "call gone"])
def test_a_recording_that_nobody_asks_for_is_named_once(recorded, content):
    recorded.write("tests/test_support.py", content)
    result = recorded.run()
    result.stdout.fnmatch_lines(
        [f"1 recording is no longer asked for*__recordings__/{FEE}*pytest --snapshot-update*"]
    )
    assert FEE in recorded.recordings()


def test_what_several_samples_left_unused_is_removed_by_as_many(recorded):
    recorded.write("tests/test_support.py", SILENT)
    said = recorded.run("--model-samples=2").stdout.str()
    assert "remove what is unused with `pytest --snapshot-update --model-samples 2`" in said


@pytest.mark.parametrize("content", [ONE_TEST, SILENT], ids=["test gone", "call gone"])
def test_it_is_removed_on_update_and_other_versions_stay(recorded, content):
    recorded.write("tests/test_support.py", content)
    recorded.run("--snapshot-update").stdout.fnmatch_lines(["1 recording is no longer*; removed*"])
    assert FEE not in recorded.recordings()
    assert f"{NEXT}/test_support/test_fee.json" in recorded.recordings()
    recorded.server.close()
    recorded.run().stdout.no_fnmatch_line("*no longer asked for*")


CACHED = """
import json, pathlib, pytest, support

def ask(question):  # with a cache on disk, as dspy's
    kept = pathlib.Path(f"kept-{question}.txt")
    if not kept.exists():
        kept.write_text(support.ask(question))
    return kept.read_text()

@pytest.mark.parametrize("topic", ["fee", "refund", "mail", "city", "day"])
def test_topic(topic, model_snapshot):
    assert ask(topic) == model_snapshot
"""
CACHE = "a cache of the code's own (dspy's, LangChain's, joblib's, `lru_cache`) answered"


def test_where_a_cache_may_have_answered_it_is_named_with_the_cure(project):
    project.write("tests/test_support.py", CACHED)
    project.record()
    said = project.run().stdout.str()
    assert "5 recordings are no longer asked for" in said
    assert f"`pytest --snapshot-update`, but where {CACHE}, turn that off for tests instead" in said
    assert len(project.recordings()) == 5


def test_each_recording_that_a_cache_may_have_left_unused_is_named_where_it_is_removed(project):
    project.write("tests/test_support.py", CACHED)
    project.record()
    there = project.recordings()
    said = project.run("--snapshot-update").stdout.str()
    assert all(f"__recordings__/{path}" in said for path in there), said
    assert f"; removed. Where {CACHE} in their place, bring them back with git" in said


def test_the_file_to_read_shows_no_answer_that_was_removed(project):
    project.record()
    readable = "tests/__recordings__/test_support.answers"
    project.write(readable, "==== test_fee (text) ====\n$42\n\n==== end ====\n")
    project.write("tests/test_support.py", SILENT)
    project.run("--snapshot-update").stdout.fnmatch_lines(["1 recording is no longer*; removed*"])
    assert not (project.folder / readable).exists()


@pytest.mark.parametrize("options", [[], ["--snapshot-update"]])
def test_no_cache_can_have_answered_a_test_that_is_gone(recorded, options):
    recorded.write("tests/test_support.py", ONE_TEST)
    said = recorded.run(*options).stdout.str()
    assert "1 recording is no longer asked for" in said
    assert "cache of the code's own" not in said


@pytest.mark.parametrize(
    "options",
    [
        ["-k", "refund"],
        ["tests/test_support.py::test_refund"],
        ["--model=candidate"],
        ["--model=candidate", "--model-record=none"],
    ],
    ids=["deselected", "one test", "live candidate", "replayed candidate"],
)
def test_runs_that_cannot_tell_touch_no_recording_of_the_pin(recorded, options):
    recorded.write("tests/test_support.py", SILENT)
    recorded.run("--snapshot-update", *options)
    assert FEE in recorded.recordings()


def test_a_failing_module_keeps_all_it_has(recorded):
    recorded.write("tests/test_support.py", SILENT + "\ndef test_wrong(): assert False\n")
    recorded.run("--snapshot-update").assert_outcomes(passed=2, failed=1)
    assert FEE in recorded.recordings()


def test_it_is_removed_where_its_path_holds_a_secret(recorded, monkeypatch):
    monkeypatch.setenv("DEPLOY_TOKEN", recorded.folder.name)
    recorded.write("tests/test_support.py", SILENT)
    recorded.run("--snapshot-update").stdout.fnmatch_lines(["1 recording is no longer*; removed*"])
    assert FEE not in recorded.recordings()


@pytest.mark.long
def test_workers_find_the_same(recorded):
    recorded.write("pytest.ini", "[pytest]\npythonpath = .\n")
    recorded.write("tests/test_support.py", SILENT)
    gone = recorded.folder / f"tests/__recordings__/{PIN}/test_support/test_gone.json"
    gone.write_bytes(gone.with_name("test_fee.json").read_bytes())
    recorded.run("-n2").stdout.fnmatch_lines(["2 recordings are no longer asked for*"])
    recorded.run("-n2", "--snapshot-update")
    assert [name for name in recorded.recordings() if name.startswith(PIN)] == [
        f"{PIN}/test_support/test_refund.json"
    ]


def test_what_a_shared_fixture_asked_is_never_called_unused(project):
    project.write(
        "tests/test_support.py",
        """
        import pytest
        from support import ask

        @pytest.fixture(scope="module")
        def fee(): return ask("fee?")

        def test_one(fee): assert fee == "$42"
        def test_two(): pass
        """,
    )
    project.record()
    project.run("--snapshot-update")
    assert project.recordings() == [f"{PIN}/test_support/fee@module.json"]


def ask(url: str, text: str) -> Any:
    body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": text}]}
    return httpx.post(f"{url}/v1/chat/completions", json=body)


def asks(url: str, *texts: str) -> Any:
    return lambda: [ask(url, text) for text in texts]


def prompts(path: Path) -> list[str]:
    recording = read(path)
    assert recording is not None
    return [each.request.body["messages"][0]["content"] for each in recording.exchanges]


def test_what_a_test_no_longer_asks_is_found_and_removed(
    server: Any, stage: Any, words: Any
) -> None:
    stage.play(words.production("new"), asks(server.url, "a", "b", "a", "c"))
    _, capture = stage.play(words.production(), asks(server.url, "c", "a"))
    (found,) = capture.unused
    assert found.exchanges == (1, 2)
    remove([found], [])
    assert prompts(found.path) == ["a", "c"]
    assert stage.play(words.production(), asks(server.url, "c", "a"))[1].unused == ()


def test_a_test_that_asks_nothing_any_more_loses_its_file_and_empty_folders(
    server: Any, stage: Any, words: Any
) -> None:
    stage.play(words.production("new"), asks(server.url, "a"))
    _, capture = stage.play(words.production(), asks(server.url))
    remove(capture.unused, [])
    assert list(stage.folder.iterdir()) == []


def test_samples_that_did_not_run_and_other_versions_are_left_alone(
    server: Any, stage: Any, words: Any
) -> None:
    for sample in (1, 2):
        stage.play(words.production("new"), asks(server.url, "a"), sample=sample)
    stage.play(words.candidate(), asks(server.url, "a", "b"))
    _, capture = stage.play(words.production(), asks(server.url, "a"))
    assert capture.unused == ()


def test_what_samples_that_did_not_run_ask_alike_goes_with_a_prompt_that_changed(
    server: Any, stage: Any, words: Any
) -> None:
    """Plain `pytest` runs one sample: of the others, the former prompt stayed for good."""
    for texts in (("a", "b"), ("new a", "b")):
        for sample in (1, 2, 3):
            stage.play(words.production("new"), asks(server.url, *texts), sample=sample)
    _, capture = stage.play(words.production(), asks(server.url, "new a", "b"))
    (found,) = unused_by_all([capture.unused])
    remove([found], [])
    assert sorted(prompts(found.path)) == ["b"] * 3 + ["new a"] * 3
    for sample in (1, 2, 3):
        _, capture = stage.play(words.production(), asks(server.url, "new a", "b"), sample=sample)
        assert (capture.misses, capture.unused) == ((), ())


def test_what_only_another_sample_asks_stays(server: Any, stage: Any, words: Any) -> None:
    """The second turn of a conversation quotes the sample's own first answer."""
    stage.play(words.production("new"), asks(server.url, "a", "then, after 1"))
    stage.play(words.production("new"), asks(server.url, "a", "then, after 2"), sample=2)
    _, capture = stage.play(words.production(), asks(server.url, "a"))
    (found,) = unused_by_all([capture.unused])
    remove([found], [])
    assert prompts(found.path) == ["a", "a", "then, after 2"]


def test_what_was_recorded_in_this_very_run_is_used(server: Any, stage: Any, words: Any) -> None:
    stage.play(words.production("new"), asks(server.url, "a"))
    _, capture = stage.play(words.production("new"), asks(server.url, "b"))
    assert [each.exchanges for each in capture.unused] == [(0,)]


def test_a_live_selection_leaves_nothing_to_be_judged(server: Any, stage: Any, words: Any) -> None:
    stage.play(words.production("new"), asks(server.url, "a"))
    assert stage.play(words.candidate(), asks(server.url))[1].unused == ()
    assert stage.play(words.production("all"), asks(server.url))[1].unused == ()


def test_a_pin_that_another_name_shares_is_judged_only_where_both_are_on_it(
    server: Any, stage: Any, words: Any
) -> None:
    def both(record: str, other: str) -> Any:
        return words.selection_of(
            Selected("one", words.PIN, "production", words.PIN, record),
            Selected("two", words.PIN, "candidate", other, record),
        )

    one = {"names": ("one",)}
    stage.play(both("new", words.PIN), asks(server.url, "a", "b"), **one)
    _, apart = stage.play(both("none", words.ALIAS), asks(server.url, "a"), **one)
    _, together = stage.play(both("none", words.PIN), asks(server.url, "a"), **one)
    assert apart.unused == ()
    assert [each.exchanges for each in together.unused] == [(1,)]


def test_an_alias_s_folder_keeps_what_other_ids_recorded_there(
    server: Any, stage: Any, words: Any
) -> None:
    server.serves = {words.ALIAS: "gpt-4.1"}
    stage.play(words.candidate(), asks(server.url, "a", "b"))
    server.stop()
    _, capture = stage.play(words.candidate("none", id="gpt-4.1"), asks(server.url, "a"))
    assert capture.calls
    assert capture.unused == ()


def test_a_file_is_unused_as_a_whole_only_where_no_sample_asked_for_it() -> None:
    one, other = Path("one.json"), Path("other.json")
    nothing, some = UnusedExchanges(one, None), UnusedExchanges(one, (3,))
    both = UnusedExchanges(one, (4,), (7,)), UnusedExchanges(one, (5,), (6, 7))
    assert unused_by_all([[each] for each in both]) == (UnusedExchanges(one, (4, 5, 7)),)
    assert unused_by_all([both[:1], ()]) == (UnusedExchanges(one, (4,)),)
    assert unused_by_all([(nothing,), (some,)]) == (some,)
    assert unused_by_all([(nothing,), ()]) == ()
    assert unused_by_all([(nothing, UnusedExchanges(other, (1,))), (nothing,)]) == (
        nothing,
        UnusedExchanges(other, (1,)),
    )


def test_a_recording_whose_test_is_gone_is_an_orphan_unless_a_fixture_s(
    server: Any, stage: Any, words: Any
) -> None:
    gone = Owner(stage.folder, "test_summary", "test_gone")
    elsewhere = Owner(stage.folder, "test_other", "test_gone")
    shared = Owner(stage.folder, "test_summary", "answers@module")
    for owner in (stage.owner, gone, elsewhere, shared):
        stage.play(words.production("new"), asks(server.url, "a"), owner=owner)
    stage.play(words.candidate(), asks(server.url, "a"), owner=gone)
    found = orphans(stage.folder, "test_summary", ["test_short"], [words.PIN])
    assert [path.relative_to(stage.folder).as_posix() for path in found] == [
        f"__recordings__/{words.PIN}/test_summary/test_gone.json"
    ]
    remove([], found)
    assert len(stage.files()) == 4
    assert found[0].parent.is_dir()


@pytest.fixture
def sound(server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a large reply that the test asked for."""
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
    body = {"model": words.PIN, "input": "hello"}
    server.scripts = [words.Script(body=b"\xff" * 30_000, content_type="audio/mpeg")]
    stage.play(
        words.production("new"), lambda: httpx.post(f"{server.url}/v1/audio/speech", json=body)
    )
    [file] = stage.folder.rglob("*.bin")
    return Path(file)


def test_a_file_of_a_large_reply_goes_with_what_asked_for_it(
    server: Any, stage: Any, words: Any, sound: Path
) -> None:
    stage.play(words.production("new"), asks(server.url, "a"))
    _, capture = stage.play(words.production(), asks(server.url, "a"))
    remove(capture.unused, [])
    assert not sound.exists()
    [recording] = stage.folder.rglob("*.json")
    assert prompts(recording) == ["a"]


def test_a_file_that_no_recording_names_is_an_orphan_and_any_other_is_kept(
    stage: Any, words: Any, sound: Path
) -> None:
    left = sound.with_name(f"{'0' * 32}.bin")
    left.write_bytes(b"what a killed run left")
    assert orphans(stage.folder, "test_summary", ["test_short"], [words.PIN]) == (left,)
    remove([], [left, sound])
    assert (left.exists(), sound.exists()) == (False, True)
