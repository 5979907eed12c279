"""The files beside a recording: written, shared, read, and gone with the last that names them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from pytest_modelpin.errors import RecordingError
from pytest_modelpin.recordings import large_bodies
from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.large_bodies import LARGE
from pytest_modelpin.recordings.recording_file import Recording, read, remove, save

SOUND, OTHER = b"\xff\xfb" * LARGE, b"\xff\xfa" * LARGE


def recorded(folder: Path, name: str, *contents: bytes) -> Path:
    path = folder / "__recordings__/tts-1/test_it" / f"{name}.json"
    exchanges = tuple(
        Exchange(
            Request("POST", "https://api.openai.com/v1/audio/speech", {"input": str(number)}),
            Response(200, {"content-type": "audio/mpeg"}, content),
            asked="tts-1",
        )
        for number, content in enumerate(contents)
    )
    save(path, Recording(f"test_it::{name}", "tts-1", date(2026, 11, 29), exchanges))
    return path


def files(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.bin"))


def said(path: Path) -> list[bytes]:
    recording = read(path)
    assert recording is not None
    return [each.response.content for each in recording.exchanges]


def test_a_large_body_lies_beside_its_recording_named_by_its_hash(tmp_path: Path) -> None:
    path = recorded(tmp_path, "test_a", SOUND)
    [file] = files(path)
    [entry] = json.loads(path.read_text())["exchanges"]
    about = entry["response"]["file"]
    assert json.loads(path.read_text())["schema"] == 2
    assert file.read_bytes() == SOUND
    assert file.name == f"{about['sha256'][:32]}.bin"
    assert about["bytes"] == len(SOUND)
    assert path.stat().st_size < 1000
    assert said(path) == [SOUND]


def test_a_small_one_stays_in_it(tmp_path: Path) -> None:
    path = recorded(tmp_path, "test_a", SOUND[: LARGE - 1])
    assert files(path) == []
    assert json.loads(path.read_text())["schema"] == 1
    assert said(path) == [SOUND[: LARGE - 1]]


def test_equal_ones_are_one_file_that_goes_with_the_last_recording(tmp_path: Path) -> None:
    one = recorded(tmp_path, "test_a", SOUND, SOUND)
    other = recorded(tmp_path, "test_b", SOUND)
    assert len(files(one)) == 1
    remove(one)
    assert (len(files(other)), said(other)) == (1, [SOUND])
    remove(other)
    assert list(tmp_path.rglob("*")) == []


def test_what_is_recorded_anew_takes_its_former_file_away(tmp_path: Path) -> None:
    path = recorded(tmp_path, "test_a", SOUND)
    recorded(tmp_path, "test_a", OTHER)
    assert [file.read_bytes() for file in files(path)] == [OTHER]


def test_another_processs_file_that_no_recording_names_yet_stays(tmp_path: Path) -> None:
    """It writes the file first, and then the recording."""
    path = recorded(tmp_path, "test_a", SOUND)
    coming = path.with_name(f"{'0' * 32}.bin")
    coming.write_bytes(OTHER)
    recorded(tmp_path, "test_a", b"now a text")
    assert files(path) == [coming]


def test_a_file_that_is_named_while_it_is_removed_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = recorded(tmp_path, "test_a", SOUND)
    [file] = files(path)
    answers = iter([False, True])  # another process wrote its recording in between
    monkeypatch.setattr(large_bodies, "is_named", lambda _: next(answers))
    large_bodies.drop([file])
    assert file.read_bytes() == SOUND


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "is missing"),
        (SOUND + b"\r", "is not what was recorded: its SHA-256 is another"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "`git lfs pull`"),
    ],
)
def test_a_file_that_is_gone_or_changed_is_said(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = recorded(tmp_path, "test_a", SOUND)
    [file] = files(path)
    file.unlink() if content is None else file.write_bytes(content)
    with pytest.raises(RecordingError, match="Restore it from git, or delete the recording") as no:
        read(path)
    assert file.name in str(no.value)
    assert told in str(no.value)
    recorded(tmp_path, "test_a", SOUND)  # recording anew mends it
    assert said(path) == [SOUND]


@pytest.mark.parametrize("named", ["../../../../secret", "ab" * 31, 7, None])
def test_a_recording_leads_to_no_other_file(tmp_path: Path, named: object) -> None:
    path = recorded(tmp_path, "test_a", SOUND)
    document = json.loads(path.read_text())
    document["exchanges"][0]["response"]["file"]["sha256"] = named
    path.write_text(json.dumps(document))
    with pytest.raises(RecordingError, match="is damaged"):
        read(path)
