"""What a candidate refuses of the pin's recorded requests is found before anything is sent."""

from datetime import date

import pytest

from pytest_modelpin.alarms.alarm import alarms
from pytest_modelpin.alarms.candidate_requests import lines, refused_requests
from pytest_modelpin.alarms.pin_facts import PinFacts
from pytest_modelpin.cli import main
from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.recording_file import Recording, write_recording
from pytest_modelpin.registry import load

PIN, CANDIDATE = "gpt-4o-2024-08-06", "gpt-5.6-sol"
DAY = date(2026, 11, 27)


@pytest.fixture
def suite(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(test, *bodies, candidate=CANDIDATE, pin=PIN):
        (tmp_path / "models.yml").write_text(
            f"models:\n  gpt:\n    production: {pin}\n    staging: {candidate}\n"
            f'    last_validated: "{DAY}"\n'
        )
        path = tmp_path / "tests" / "__recordings__" / pin / "test_a" / f"{test}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        url = "https://api.openai.com/v1/chat/completions"
        exchanges = tuple(
            Exchange(Request("POST", url, {"model": pin, **body}), Response(200, {}, b"{}"), pin)
            for body in bodies
        )
        text = write_recording(Recording(f"test_a.py::{test}", pin, DAY, exchanges))
        path.write_text(text)
        return load(tmp_path / "models.yml", {}), tmp_path

    return write


def test_a_field_is_named_once_with_its_replacement_and_its_tests(suite):
    suite("test_one", {"max_tokens": 9}, {"max_tokens": 10})
    (found,) = refused_requests(*suite("test_two", {"max_tokens": 9}))
    assert found.tests == ("test_a.py::test_one", "test_a.py::test_two")
    (line,) = lines([found])
    assert f"gpt: The candidate {CANDIDATE} refuses max_tokens" in line
    assert "which test_a.py::test_one and 1 more test send." in line
    assert "send max_completion_tokens" in line


@pytest.mark.parametrize(
    ("pin", "candidate"),
    [(PIN, "gpt-4o"), ("gpt-5-2025-08-07", CANDIDATE), (PIN, "mistral-large-2512")],
)
def test_what_the_pin_was_not_spared_either_is_no_news(suite, pin, candidate):
    assert (
        refused_requests(*suite("test_one", {"max_tokens": 9}, pin=pin, candidate=candidate)) == ()
    )


def test_a_damaged_recording_is_passed_by(suite):
    pins, root = suite("test_one", {"max_tokens": 9})
    next(root.rglob("test_one.json")).write_text("{")
    assert refused_requests(pins, root) == ()


def test_it_is_an_alarm_at_the_candidate_s_line(suite):
    pins, root = suite("test_one", {"temperature": 0})
    refused = refused_requests(pins, root)
    found = alarms(PinFacts(pins, {}, DAY, lambda *_: None, refused=refused))
    (alarm,) = (each for each in found if each.kind == "candidate-refuses")
    assert (alarm.severity, alarm.line) == ("warn", 4)


def test_check_and_doctor_say_it(suite, capsys):
    suite("test_one", {"max_tokens": 9})
    assert main(["check", f"--today={DAY}"]) == 1
    assert "refuses max_tokens" in capsys.readouterr().out
    assert main(["doctor"]) == 1
    assert "refuses max_tokens" in capsys.readouterr().out
