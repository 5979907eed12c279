"""Issues of alarms, and the status on the commit."""

import pytest

from pytest_modelpin.alarms.alarm import Alarm
from pytest_modelpin.errors import ForgeError
from pytest_modelpin.upgrade.nightly.github_status import (
    PinNight,
    line_of,
    render,
    report_check,
    report_streak,
    write_alarms,
)

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


@pytest.mark.counterpart
def test_projects_of_one_repository_have_a_status_each(github):
    """The last one's stood for all: a red night was green by the other project's."""
    sha, file = github.head(), "services/a/models.yml"
    assert report_streak(github.connect(), sha, length=0, needed=3, colour="red", project=file)
    assert report_streak(github.connect(), sha, length=3, needed=3)
    assert {each["context"]: each["state"] for each in github.statuses[sha]} == {
        "modelpin/streak": "success",
        "modelpin/streak: services/a/models.yml": "failure",
    }


RUN = "https://github.com/acme/app/actions/runs/7"
HOSTILE = "@octocat fixes #1 \x1b[31m<b> [x](javascript:alert(1))"


def night(colour="green", **fields):
    told = {"name": "support", "streak": 2, "needed": 3, "reasons": ("Not worse.",), "line": 3}
    return PinNight(colour=colour, **(told | fields))


@pytest.mark.counterpart
class TestCheckRun:
    @pytest.mark.parametrize(
        ("colour", "conclusion", "level"),
        [
            ("green", "success", "notice"),
            ("red", "failure", "failure"),
            ("inconclusive", "neutral", "warning"),
        ],
    )
    def test_a_night_is_an_annotation_at_its_pins_line(self, github, colour, conclusion, level):
        github.writes_checks = True
        sha = github.head()
        assert report_check(
            github.connect(), sha, [night(colour)], file="config/models.yml", url=RUN
        )
        (check,) = github.checks
        assert (check["name"], check["head_sha"], check["conclusion"]) == (
            "Model pins", sha, conclusion,
        )  # fmt: skip
        assert check["details_url"] == RUN
        assert check["output"]["title"] == f"support: {colour}, 2/3 green nights"
        assert f"[report]({RUN}#artifacts)" in check["output"]["summary"]
        assert check["output"]["annotations"] == [
            {
                "path": "config/models.yml", "start_line": 3, "end_line": 3,
                "annotation_level": level, "message": "Not worse.",
                "title": f"support: {colour}, 2/3 green nights",
            }
        ]  # fmt: skip

    def test_the_worst_night_decides(self, github):
        github.writes_checks = True
        nights = [night(), night("red", name="triage"), night("inconclusive", name="judge")]
        report_check(github.connect(), github.head(), nights, file="models.yml")
        assert github.checks[0]["conclusion"] == "failure"
        assert len(github.checks[0]["output"]["annotations"]) == 3

    def test_each_project_of_a_repository_has_a_check_run_of_its_own(self, github):
        """Of two by one name on a commit, GitHub shows the latest alone."""
        github.writes_checks = True
        for file in ("models.yml", "triage/models.yml"):
            report_check(github.connect(), github.head(), [night()], file=file)
        names = [check["name"] for check in github.checks]
        assert names == ["Model pins", "Model pins: triage/models.yml"]

    def test_a_token_without_the_permission_makes_none_and_loses_nothing(self, github):
        assert not report_check(github.connect(), github.head(), [night()], file="models.yml")
        assert github.checks == []

    def test_what_else_github_refuses_is_said(self, github):
        github.fault("POST", "/check-runs", status=422, message="No commit found")
        with pytest.raises(ForgeError, match="the check run"):
            report_check(github.connect(), github.head(), [night()], file="models.yml")

    def test_what_a_model_said_acts_on_nothing(self, github):
        github.writes_checks = True
        report_check(
            github.connect(), github.head(), [night(reasons=(HOSTILE,))], file="models.yml"
        )
        output = github.checks[0]["output"]
        assert "@octocat" not in output["summary"]
        assert "](javascript" not in output["summary"]
        assert "\x1b" not in output["annotations"][0]["message"]

    def test_many_and_long_ones_stay_within_githubs_limits(self, github):
        github.writes_checks = True
        nights = [night(name=f"m{n}", reasons=("x" * 90_000,)) for n in range(60)]
        assert report_check(github.connect(), github.head(), nights, file="models.yml")
        output = github.checks[0]["output"]
        assert len(output["annotations"]) == 50
        assert len(output["title"]) <= 255
        assert len(output["summary"]) <= 65_535


def test_a_bumps_own_line_is_found():
    files = {
        "a.yml": b"production: other\n",
        "models.yml": b"models:\n  a:\n    production: v2  # pin\n",
        "z.yml": None,
    }
    assert line_of(files, "v2") == ("models.yml", 3)
    assert line_of(files, "v3") is None


@pytest.mark.counterpart
def test_each_project_of_a_repository_has_an_alarm_issue_of_its_own(github):
    """One without alarms closed the other's each night, and the other opened another."""
    for _ in range(3):
        write_alarms(github.connect(), [RETIRING], "triage/models.yml")
        write_alarms(github.connect(), [])
    (issue,) = github.issues()
    assert issue["state"] == "open"
    assert "Closed issue #1" in write_alarms(github.connect(), [], "triage/models.yml")
    assert write_alarms(github.connect(), [RETIRING]) == "Opened issue #2 about 1 alarm."
