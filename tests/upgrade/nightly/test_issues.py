"""Issues of alarms, and the status on the commit."""

import pytest

from pytest_modelpin.alarms.alarm import Alarm
from pytest_modelpin.errors import ForgeError
from pytest_modelpin.upgrade.nightly.issues import render, report_streak, write_alarms

RETIRING = Alarm("retiring", "warn", "claude", "The pin retires in 80 days.", "Promote it.")
FLOATING = Alarm("floating", "warn", "gpt", "gpt-4o is floating.", "Pin it.")


def test_the_issue_names_models_and_says_what_to_do():
    title, text = render([RETIRING, FLOATING])
    assert title == "Model pins need somebody: claude, gpt"
    assert "The pin retires in 80 days. Promote it." in text


def test_a_hostile_sentence_mentions_nobody():
    _, text = render([Alarm("red", "warn", "x", "@octocat fixes #1 -->", "<b>")])
    assert "@octocat" not in text
    assert "#1" not in text
    assert "<b>" not in text


@pytest.mark.counterpart
class TestIssue:
    def test_no_alarm_opens_none(self, github):
        assert write_alarms(github.connect(), []) is None
        assert github.issues() == []

    def test_all_alarms_are_in_one_issue(self, github):
        assert "Opened issue #1 about 2 alarms" in write_alarms(
            github.connect(), [RETIRING, FLOATING]
        )
        assert write_alarms(github.connect(), [RETIRING, FLOATING]) is None
        assert len(github.issues()) == 1

    def test_it_is_kept_current(self, github):
        write_alarms(github.connect(), [RETIRING])
        write_alarms(github.connect(), [RETIRING, FLOATING])
        (issue,) = github.issues()
        assert "gpt-4o is floating" in issue["body"].replace("\\", "")

    def test_it_closes_when_all_are_over(self, github):
        write_alarms(github.connect(), [RETIRING])
        assert write_alarms(github.connect(), []) == "Closed issue #1: all alarms are over."
        assert github.issues()[0]["state"] == "closed"
        assert len(github.comments(1)) == 1

    def test_alarms_that_come_back_open_another(self, github):
        for alarms in ([RETIRING], [], [RETIRING]):
            write_alarms(github.connect(), alarms)
        assert [issue["state"] for issue in github.issues()] == ["closed", "open"]

    def test_one_that_a_person_closed_is_not_opened_again(self, github):
        write_alarms(github.connect(), [RETIRING, FLOATING])
        github.person("PATCH", "/issues/1", {"state": "closed"})
        assert write_alarms(github.connect(), [RETIRING]) is None
        assert len(github.issues()) == 1

    def test_a_new_alarm_is_told_all_the_same(self, github):
        write_alarms(github.connect(), [RETIRING])
        github.person("PATCH", "/issues/1", {"state": "closed"})
        write_alarms(github.connect(), [RETIRING, FLOATING])
        assert [issue["state"] for issue in github.issues()] == ["closed", "open"]

    def test_a_lost_answer_opens_no_second_one(self, github):
        github.fault("POST", "/issues", after=True)
        with pytest.raises(ForgeError):
            write_alarms(github.connect(), [RETIRING])
        write_alarms(github.connect(), [RETIRING])
        assert len(github.issues()) == 1


pytestmark = pytest.mark.counterpart


@pytest.mark.parametrize(
    ("length", "colour", "state", "description"),
    [
        (0, "inconclusive", "pending", "0/3 green nights"),
        (1, "green", "pending", "1/3 green nights"),
        (2, "inconclusive", "pending", "2/3 green nights"),
        (3, "green", "success", "3/3 green nights"),
        (9, "green", "success", "3/3 green nights"),
        (0, "red", "failure", "Last night was red (0/3 green nights)"),
    ],
)
def test_the_status_counts_green_nights(github, length, colour, state, description):
    sha = github.head()
    assert report_streak(github.connect(), sha, length=length, needed=3, colour=colour)
    (status,) = github.statuses[sha]
    assert (status["context"], status["state"]) == ("modelpin/streak", state)
    assert status["description"] == description


def test_what_stands_there_already_is_not_set_again(github):
    sha = github.head()
    assert report_streak(github.connect(), sha, length=1, needed=3, url="https://example.com/1")
    assert not report_streak(github.connect(), sha, length=1, needed=3)
    assert len(github.statuses[sha]) == 1
