"""Which recordings a move takes along, and what becomes of those that lie there already."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.literals.moving import Codebase, left_untracked, moved
from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.recording_file import Recording, read, save
from pytest_modelpin.registry import load
from pytest_modelpin.upgrade.bump import promote as promote_module
from pytest_modelpin.upgrade.bump.promote import Checkout, promote
from pytest_modelpin.upgrade.bump.version_files import bring_recordings, recorded_by_nights
from pytest_modelpin.upgrade.suite import Suite

pytestmark = pytest.mark.slow

ALIAS, NEXT, BESIDE = "gpt-4o", "gpt-4o-2024-11-20", "text-embedding-3-small"


def exchange(question: str, asked: str = NEXT, seconds: float = 0.5, sample: int = 1) -> Exchange:
    request = Request("POST", "https://api.openai.com/v1/embeddings", {"input": question})
    reply = Response(200, {"content-type": "application/json"}, b"{}")
    return Exchange(request, reply, asked, asked, seconds, sample)


def write(root: Path, folder: str, version: str, name: str, *exchanges: Exchange) -> Path:
    path = root / folder / "__recordings__" / version / "test_it" / f"{name}.json"
    save(path, Recording(f"test_it::{name}", version, date(2026, 11, 20), exchanges))
    return path


def questions(path: Path) -> list[object]:
    recording = read(path)
    assert recording is not None
    return [each.request.body["input"] for each in recording.exchanges]  # type: ignore[call-overload,index]


def test_a_versions_folder_is_brought_whole_in_place_of_what_was_there(tmp_path: Path) -> None:
    night, root = tmp_path / "night", tmp_path / "root"
    write(night, "tests/a", NEXT, "test_new", exchange("new"))
    write(night, "tests/b", NEXT, "test_other", exchange("other"))
    old = write(root, "tests/a", NEXT, "test_gone", exchange("gone"))
    assert bring_recordings(night, root, NEXT, NEXT) == 2
    assert not old.exists()
    assert questions(root / "tests/a/__recordings__" / NEXT / "test_it/test_new.json") == ["new"]
    assert (root / "tests/b/__recordings__" / NEXT / "test_it/test_other.json").is_file()


def test_what_was_asked_beside_is_added_to_what_is_there_once(tmp_path: Path) -> None:
    night, root = tmp_path / "night", tmp_path / "root"
    write(night, "tests", NEXT, "test_a", exchange("a"))
    pins = exchange("the pin's answer", BESIDE)
    again = exchange("the pin's answer", BESIDE, seconds=9.0)
    write(night, "tests", BESIDE, "test_a", again, exchange("the new answer", BESIDE))
    path = write(root, "tests", BESIDE, "test_a", pins)
    assert bring_recordings(night, root, NEXT, ALIAS) == 2
    assert questions(path) == ["the pin's answer", "the new answer"]
    assert bring_recordings(night, root, NEXT, ALIAS) == 1
    assert len(questions(path)) == 2


def test_a_version_that_is_another_model_s_pin_lies_under_the_id_asked_and_takes_nothing_away(
    tmp_path: Path,
) -> None:
    """A bump to it could never be made: its recordings were not found, or the other's were gone."""
    night, root = tmp_path / "night", tmp_path / "root"
    of_another = replace(exchange("of another"), asked=ALIAS, served="gpt-4o-2024-05-13")
    heard = replace(exchange("heard"), asked=ALIAS)
    write(night, "tests", ALIAS, "test_a", heard, of_another)
    write(night, "tests", NEXT, "test_b", exchange("behind it"))
    others = write(root, "tests", NEXT, "test_judge", exchange("judge?"))
    both = write(root, "tests", NEXT, "test_b", exchange("before"))
    assert bring_recordings(night, root, NEXT, ALIAS, is_pin=True) == 2
    assert questions(others) == ["judge?"]
    assert questions(both) == ["before", "behind it"]
    came = root / "tests/__recordings__" / NEXT / "test_it/test_a.json"
    assert questions(came) == ["heard"]
    assert read(came).version == NEXT  # type: ignore[union-attr]
    assert not (root / "tests/__recordings__" / ALIAS).exists()


def test_what_is_large_comes_along_from_the_versions_folder_and_from_beside(tmp_path: Path) -> None:
    night, root = tmp_path / "night", tmp_path / "root"
    for version in (NEXT, BESIDE):
        sound = exchange("aloud", version)
        sound = replace(sound, response=Response(200, {}, version.encode() + b"\xff" * 30_000))
        write(night, "tests", version, "test_a", sound)
    assert bring_recordings(night, root, NEXT, ALIAS) == 2
    for version in (NEXT, BESIDE):
        path = root / "tests/__recordings__" / version / "test_it/test_a.json"
        assert len([*path.parent.glob("*.bin")]) == 1
        assert questions(path) == ["aloud"]


def test_what_lies_under_the_alias_or_a_judge_asked_stays(tmp_path: Path) -> None:
    night, root = tmp_path / "night", tmp_path / "root"
    write(night, "tests", NEXT, "test_a", exchange("a"))
    write(night, "tests", ALIAS, "test_a", exchange("a", ALIAS))
    write(night, "tests", "gpt-5-mini-2025-08-07", "test_a@judge", exchange("which is better"))
    assert bring_recordings(night, root, NEXT, ALIAS) == 1
    assert [path.name for path in root.rglob("__recordings__/*")] == [NEXT]


def test_each_folder_of_tests_takes_its_own_from_the_night(tmp_path: Path) -> None:
    reports, root = tmp_path / "reports", tmp_path / "root"
    night = reports / "nights/2026-11-20/support/recordings"
    for folder in ("tests/a", "tests/b"):
        write(night, folder, NEXT, "test_it", exchange("recorded by the night"))
    there = write(root, "tests/a", NEXT, "test_it", exchange("accepted"))
    found = recorded_by_nights(reports, root, "support", NEXT)
    assert list(found) == [root / "tests/b/__recordings__" / NEXT / "test_it/test_it.json"]
    assert questions(there) == ["accepted"]


def test_a_promotion_to_another_models_pin_finds_what_the_night_left_under_the_alias(
    tmp_path: Path,
) -> None:
    """It was said to be recorded nowhere, and had to be asked live once more."""
    reports, root = tmp_path / "reports", tmp_path / "root"
    for day, served in (("19", NEXT), ("20", "gpt-4o-2024-05-13")):
        heard = replace(exchange(f"night {day}"), asked=ALIAS, served=served)
        write(reports / f"nights/2026-11-{day}/support/recordings", "tests", ALIAS, "test_a", heard)
    others = write(root, "tests", NEXT, "test_judge", exchange("judge?"))
    [(path, content)] = recorded_by_nights(reports, root, "support", NEXT, ALIAS).items()
    assert path == others.parent / "test_a.json"
    assert b"night 19" in content
    assert recorded_by_nights(reports, root, "support", NEXT) == {}


def test_the_last_night_that_recorded_the_version_counts(tmp_path: Path) -> None:
    reports, root = tmp_path / "reports", tmp_path / "root"
    for day, version in (("18", NEXT), ("19", NEXT), ("20", ALIAS)):
        night = reports / f"nights/2026-11-{day}/support/recordings"
        write(night, "tests", version, "test_it", exchange(f"night {day}"))
    [content] = recorded_by_nights(reports, root, "support", NEXT).values()
    assert b"night 19" in content
    assert recorded_by_nights(reports, root, "other", NEXT) == {}


def test_code_that_git_does_not_track_stays_and_a_move_that_fails_says_so(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(f'MODEL = "{NEXT}"\n')
    code = moved(Codebase(tmp_path), NEXT, "gpt-5.1-2025-11-13")
    assert (code.files, code.places) == ({}, ())
    said = left_untracked(NEXT, "gpt-5.1-2025-11-13", code.left)
    assert f"{NEXT} stays in app.py:1, since git does not track it" in said
    assert "put gpt-5.1-2025-11-13 there" in said
    assert left_untracked(NEXT, "gpt-5.1-2025-11-13", ()) == ""


def test_what_a_person_writes_while_the_tests_run_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The move wrote what it had read minutes before: an edit of models.yml was gone."""
    registry = tmp_path / "models.yml"
    registry.write_text(f"models:\n  gpt:\n    production: {NEXT}\n")
    checkout = Checkout(Suite(tmp_path), load(registry), date(2026, 11, 29), tmp_path / "logs")
    theirs = registry.read_text() + "    staging: gpt-5.1\n"
    monkeypatch.setattr(promote_module, "accept", lambda *_: registry.write_text(theirs))
    with pytest.raises(UpgradeError, match=r"models\.yml was changed while the pin moved"):
        promote(checkout, "gpt", "gpt-5.1-2025-11-13")
    assert registry.read_text() == theirs
    assert not (tmp_path / ".pytest_modelpin" / "move.json").exists()


def test_a_version_that_is_the_pin_is_ignored_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rolled back once and wanted after all, it was the pin and on `ignore` at the same time."""
    registry, new = tmp_path / "models.yml", "gpt-5.1-2025-11-13"
    registry.write_text(
        f"models:\n  gpt:\n    production: {NEXT}\n    ignore: [{new}, gpt-4o-2024-05-13]\n"
    )
    checkout = Checkout(Suite(tmp_path), load(registry), date(2026, 11, 29), tmp_path / "logs")
    for name in ("accept", "verify"):
        monkeypatch.setattr(promote_module, name, lambda *_: None)
    promote(checkout, "gpt", new)
    assert load(registry).models["gpt"].ignore == ("gpt-4o-2024-05-13",)
    promote(replace(checkout, pins=load(registry)), "gpt", "gpt-4o-2024-05-13")
    assert load(registry).models["gpt"].ignore == ()
    assert "ignore" not in registry.read_text()
