"""A test whose parameter names the pin is another test after the move, and keeps its own."""

from datetime import date

from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.recording_file import Recording, read, save
from pytest_modelpin.snapshot.format import accept, parse, render
from pytest_modelpin.upgrade.bump.kept_answers import rename, renamed_tests

OLD, NEW = "gpt-4o-mini-2024-07-18", "gpt-4.1-mini-2025-04-14"


def record(root, version, name):
    path = Owner(root / "tests", "test_a", name).file(version)
    save(path, Recording(f"test_a::{name}", version, date(2026, 12, 1), ()))
    return path


def renamed(root, coming=()):
    found = renamed_tests(root, {path: path.read_bytes() for path in coming}, OLD, NEW)
    rename(root, found)
    return {each.source: each.target for each in found}


def test_its_recordings_take_the_new_name_and_those_of_what_it_asked_beside(tmp_path):
    own = record(tmp_path, NEW, f"test_ask[{OLD}-Mode.TOOLS]")
    beside = record(tmp_path, "text-embedding-3-small", f"test_ask[{OLD}-Mode.TOOLS]")
    before = record(tmp_path, OLD, f"test_ask[{OLD}-Mode.TOOLS]")
    found = renamed(tmp_path)
    assert set(found) == {own, beside}
    for source, target in found.items():
        assert not source.exists()
        assert target == record(tmp_path, source.parents[1].name, f"test_ask[{NEW}-Mode.TOOLS]")
        assert read(target).test == f"test_a::test_ask[{NEW}-Mode.TOOLS]"
    assert before.exists()


def test_a_test_that_did_not_ask_in_the_pins_place_keeps_its_name(tmp_path):
    record(tmp_path, NEW, "test_plain")
    record(tmp_path, "gpt-4o", f"test_other[{OLD}-preview]")
    assert renamed(tmp_path) == {}


def test_its_accepted_answers_go_with_it(tmp_path):
    record(tmp_path, NEW, f"test_ask[{OLD}]")
    path = tmp_path / "tests/__snapshots__/test_a.answers"
    path.parent.mkdir()
    names = {f"test_ask[{OLD}]": "a", f"test_ask[{OLD}].1": "b", "test_plain": "c"}
    path.write_text(render({name: accept(text) for name, text in names.items()}))
    renamed(tmp_path)
    assert {name: each.value for name, each in parse(path.read_text(), "").items()} == {
        f"test_ask[{NEW}]": "a", f"test_ask[{NEW}].1": "b", "test_plain": "c",
    }  # fmt: skip
