"""The check run that shows each pin's night at its line of models.yml."""

import pytest

from pytest_modelpin.errors import ForgeError
from pytest_modelpin.upgrade.nightly.check_run import PinNight, line_of, report_check

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
