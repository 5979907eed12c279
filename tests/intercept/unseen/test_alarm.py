"""What children tell the process that runs the tests, and what becomes of it once that is gone."""

import pathlib

from pytest_modelpin.intercept.unseen.alarm import CASSETTE, Alarm, Mailbox, remedy

ALARM = Alarm("api.openai.com", "a client")


def test_what_a_child_that_was_started_anew_says_arrives_once():
    mine = Mailbox()
    childs = Mailbox(mine.path)
    childs.put(ALARM)
    assert mine.take() == [ALARM]
    assert mine.take() == []
    childs.close()
    mine.close()


def test_a_child_that_starts_once_the_tests_are_over_runs_all_the_same():
    mine = Mailbox()
    mine.close()
    childs = Mailbox(mine.path)
    childs.put(ALARM)
    childs.close()


def test_a_session_ends_whoever_took_its_file_away():
    mine = Mailbox()
    pathlib.Path(mine.path).unlink()
    mine.close()


def test_a_cassette_is_to_be_taken_off_and_no_other_client_to_be_tried():
    helps = remedy(Alarm("api.openai.com", CASSETTE, "POST /v1/chat/completions"))
    assert "@pytest.mark.vcr" in helps
    assert "httpx" not in helps


def test_what_outlived_its_test_is_to_be_ended_with_it():
    outlived = Alarm(
        "api.openai.com", "a child process of tests/test_a.py::test_a that outlived it"
    )
    assert "fixture that the tests share" in remedy(outlived)
