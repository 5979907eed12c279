from datetime import date

from pytest_modelpin.alarms.status import answered_by_another
from pytest_modelpin.recordings.recording_file import Recording, write_recording

TEXT = "models: {a: {production: org/x-1}, b: {production: y-1}}"


def record(root, folder, version, answered_by=None):
    path = root / "tests" / "__recordings__" / folder / "test_a" / "test_b.json"
    path.parent.mkdir(parents=True)
    recording = Recording("test_a::test_b", version, date(2026, 11, 1), (), answered_by)
    path.write_text(write_recording(recording))


def test_a_pin_that_another_version_answered(tmp_path, pins_of):
    record(tmp_path, "y-1", "y-1", answered_by="y-2")
    assert answered_by_another(pins_of(TEXT), tmp_path) == {"b": "y-2"}


def test_a_pin_whose_name_is_unsafe_as_a_folder(tmp_path, pins_of):
    from pytest_modelpin.files import safe_name

    record(tmp_path, safe_name("org/x-1"), "org/x-1", answered_by="org/x-2")
    assert answered_by_another(pins_of(TEXT), tmp_path) == {"a": "org/x-2"}


def test_a_pin_that_answered_itself(tmp_path, pins_of):
    record(tmp_path, "y-1", "y-1")
    assert answered_by_another(pins_of(TEXT), tmp_path) == {}


def test_recordings_of_other_versions_do_not_matter(tmp_path, pins_of):
    record(tmp_path, "y-0", "y-0", answered_by="y-2")
    assert answered_by_another(pins_of(TEXT), tmp_path) == {}


def test_a_torn_recording_says_nothing(tmp_path, pins_of):
    path = tmp_path / "__recordings__" / "y-1" / "test_a" / "test_b.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(b'{\n "schema": 1,\n "answ')
    assert answered_by_another(pins_of(TEXT), tmp_path) == {}
