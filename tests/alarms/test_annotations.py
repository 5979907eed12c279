"""Alarms as GitHub annotations and as SARIF."""

from dataclasses import replace
from typing import get_args

import pytest

from pytest_modelpin.alarms.alarm import Alarm, AlarmKind
from pytest_modelpin.alarms.annotations import sarif, workflow_commands

WARN = Alarm("stale", "warn", "a", "It is stale.", "Run it.", 5)
URGENT = Alarm("retired", "urgent", "b", "It is gone.", "Replace it.")


def test_annotations_show_at_the_line():
    assert workflow_commands([WARN, URGENT], "config/models.yml") == (
        "::warning file=config/models.yml,line=5,title=a%3A stale::It is stale. Run it.\n"
        "::error file=config/models.yml,title=b%3A retired::It is gone. Replace it.\n"
    )


def test_no_text_can_become_a_command():
    evil = Alarm("red", "warn", "a", "Last: 100%\r\n::set-output name=x::y", "Now.", 1)
    written = workflow_commands([evil], "a,b:c.yml")
    assert written.count("\n") == 1
    assert "100%25%0D%0A::set-output" in written
    assert "file=a%2Cb%3Ac.yml,line=1" in written


def test_sarif_has_a_result_for_each_alarm():
    log = sarif([WARN, URGENT], "models.yml")
    results = log["runs"][0]["results"]
    assert log["version"] == "2.1.0"
    assert [(each["ruleId"], each["level"]) for each in results] == [
        ("stale", "warning"), ("retired", "error"),
    ]  # fmt: skip
    place = results[0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "models.yml"}, "region": {"startLine": 5}}
    assert results[0]["message"]["text"] == "a: It is stale. Run it."


def test_sarif_declares_every_kind_as_a_rule():
    rules = sarif([], "models.yml")["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(get_args(AlarmKind))


def test_every_rule_of_sarif_says_what_to_do_in_words_of_its_own():
    rules = sarif([], "models.yml")["runs"][0]["tool"]["driver"]["rules"]
    assert len({rule["help"]["text"] for rule in rules}) == len(rules)
    for rule in rules:
        assert "`" not in rule["help"]["text"]
        assert rule["help"]["markdown"].endswith(f"({rule['helpUri']})")


@pytest.mark.parametrize(("other", "same"), [
    (Alarm("stale", "warn", "a", "It is staler.", "Run it.", 9), True),
    (Alarm("stale", "warn", "b", "It is stale.", "Run it.", 5), False),
    (Alarm("red", "warn", "a", "It is stale.", "Run it.", 5), False),
])  # fmt: skip
def test_a_finding_stays_the_same_one_from_day_to_day(other, same):
    first, second = sarif([WARN, other], "models.yml")["runs"][0]["results"]
    assert (first["partialFingerprints"] == second["partialFingerprints"]) is same


def test_a_name_that_came_over_the_wire_makes_no_link_of_sarifs_text():
    said = "It answers with [see here](https://evil.test/?x) now, or \u202e\\[."
    [result] = sarif([replace(WARN, sentence=said)], "models.yml")["runs"][0]["results"]
    assert (
        "a: It answers with \\[see here\\](https://evil.test/?x) now" in result["message"]["text"]
    )
    assert "⟦U+202E⟧\\\\\\[." in result["message"]["text"]


def test_nothing_in_an_annotation_steers_the_jobs_log():
    written = workflow_commands([replace(WARN, sentence="\x1b[31mred \u202e")], "models.yml")
    assert "⟦U+001B⟧[31mred ⟦U+202E⟧" in written
