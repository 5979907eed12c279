"""Slack as a night and `check` tell it."""

import pytest
from slack_server import SECRET

from pytest_modelpin import demo

MODELS = """
models:
  support:
    production: claude-opus-4-6
    retires: 2026-11-30
    last_validated: 2026-11-16
    staging: claude-opus-4-7
"""


@pytest.fixture
def written(team):
    """Everything that was written below the team's folder."""
    return lambda: b"".join(p.read_bytes() for p in team.folder.rglob("*") if p.is_file())


@pytest.mark.long
def test_a_red_night_is_told_and_the_address_to_nobody(team, slack, written):
    team.server.roll(demo.ALIAS, demo.CARELESS)
    night = team.nightly("2026-11-17", MODELPIN_SLACK_WEBHOOK=slack.url)
    assert night.returncode == 1
    assert "support: a red night" in slack.texts()
    assert "test_ticket" in slack.texts()
    assert len(slack.messages) == 1
    assert SECRET not in night.stdout + night.stderr
    assert SECRET.encode() not in written()


@pytest.mark.long
def test_a_green_night_that_raises_no_alarm_is_no_news(team, slack):
    models = team.folder / "models.yml"
    fine = '"2026-11-16"\n    retires: "2028-01-01"'
    models.write_text(models.read_text().replace('"2026-08-01"', fine))
    night = team.nightly("2026-11-17", MODELPIN_SLACK_WEBHOOK=slack.url)
    assert (night.returncode, night.stderr, slack.requests) == (0, "", 0)


@pytest.mark.long
def test_slack_out_of_order_costs_a_line_and_no_night(team, slack):
    slack.answers = [(500, "", {})]
    night = team.nightly("2026-11-17", "--json", MODELPIN_SLACK_WEBHOOK=slack.url)
    assert (night.returncode, slack.requests) == (0, 1)
    assert night.stderr.splitlines() == ["warning: Slack refused the message (500)."]
    assert SECRET not in night.stdout


def test_check_tells_all_alarms(team, slack):
    (team.folder / "models.yml").write_text(MODELS)
    arguments = ("check", "--slack", "--today=2026-11-17")
    check = team.modelpin(*arguments, MODELPIN_SLACK_WEBHOOK=slack.url)
    assert check.returncode == 1
    assert "retires in 13 days" in slack.texts()
    assert SECRET not in check.stdout + check.stderr


def test_check_without_alarms_is_quiet(team, slack):
    (team.folder / "models.yml").write_text(MODELS.replace("2026-11-30", "2027-11-30"))
    arguments = ("check", "--slack", "--today=2026-11-17")
    check = team.modelpin(*arguments, MODELPIN_SLACK_WEBHOOK=slack.url)
    assert (check.returncode, slack.requests) == (0, 0)


def test_check_with_slack_out_of_order_says_so_and_still_counts(team, slack):
    (team.folder / "models.yml").write_text(MODELS)
    slack.answers = [(404, "no_service", {})]
    arguments = ("check", "--slack", "--today=2026-11-17")
    check = team.modelpin(*arguments, MODELPIN_SLACK_WEBHOOK=slack.url)
    assert check.returncode == 1
    assert check.stderr.startswith("warning: Slack refused the message (404 no_service)")


def test_check_without_a_webhook_says_what_to_set(team):
    check = team.modelpin("check", "--slack")
    assert check.returncode == 2
    assert "MODELPIN_SLACK_WEBHOOK is not set" in check.stderr
