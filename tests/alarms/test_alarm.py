from datetime import date, timedelta

import pytest

from pytest_modelpin.alarms.alarm import alarms
from pytest_modelpin.alarms.pin_facts import PinFacts
from pytest_modelpin.providers import Retirement

FINE = """\
models:
  a:
    production: gpt-4o-2024-11-20
    staging: gpt-4o
    last_validated: 2026-11-10
"""


def never(model, provider=None):
    return None


def retiring(days: int, today: date, *, id="gpt-4o-2024-11-20", replacement="gpt-6-luna"):
    """Look-up by which one id retires in so many days."""

    def look_up(model, provider=None):
        if model != id:
            return None
        return Retirement(
            model=id, provider="openai", retires=today + timedelta(days), announced=None,
            replacement=replacement, alias=False, uncertain=False, note=None, sources=(),
        )  # fmt: skip

    return look_up


def kinds(found):
    return [alarm.kind for alarm in found]


@pytest.fixture
def alarms_of(pins_of, today):
    def find(text, nights=(), retirements=never, **others):
        return alarms(PinFacts(pins_of(text), {"a": nights}, today, retirements, **others))

    return find


def test_nothing_is_wrong_with_a_fresh_pin(alarms_of, night):
    assert alarms_of(FINE, [night("2026-11-19")]) == ()


def test_a_floating_alias_in_production(alarms_of):
    (alarm,) = alarms_of(FINE.replace("gpt-4o-2024-11-20", "gpt-4o"))
    assert (alarm.kind, alarm.severity, alarm.name, alarm.line) == ("floating", "warn", "a", 3)
    assert "gpt-4o is floating" in alarm.sentence
    assert "`pytest-modelpin resolve a --live`" in alarm.hint


def test_a_floating_alias_is_meant_where_the_policy_says_so(alarms_of):
    assert alarms_of(FINE.replace("gpt-4o-2024-11-20", "gpt-4o") + "    policy: float\n") == ()


@pytest.mark.parametrize(("day", "alarmed"), [("2026-11-21", False), ("9999-12-31", True)])
def test_a_day_yet_to_come_validates_nothing(alarms_of, day, alarmed):
    """It silenced the alarm for as long as it takes to come."""
    found = alarms_of(FINE.replace("2026-11-10", day))
    assert kinds(found) == ["stale"] * alarmed
    assert all(f"on {day}, which is yet to come" in alarm.sentence for alarm in found)


def test_an_unknown_id(alarms_of):
    (alarm,) = alarms_of(FINE.replace("gpt-4o-2024-11-20", "gtp-4o"))
    assert alarm.kind == "unknown-id"
    assert "gtp-4o" in alarm.sentence
    assert "`provider:`" in alarm.hint


@pytest.mark.parametrize(
    ("line", "alarmed"),
    [
        ("fallback: [gtp]", "The fallback gtp is no logical name"),
        ("fallback: [a-spare, claude-opus-4-6]", "The fallback a-spare"),
        ("canary: {model: gtp-5}", "The canary gtp-5"),
        ("fallback: [claude-opus-4-6]", None),
        ("provider: vllm\n    fallback: [our-own-7b]", None),
    ],
)
def test_a_fallback_or_canary_that_names_nothing(alarms_of, line, alarmed):
    found = [alarm for alarm in alarms_of(f"{FINE}    {line}\n") if alarm.kind == "unknown-id"]
    assert [alarm.sentence.startswith(alarmed) for alarm in found] == [True] * bool(alarmed)
    assert all(alarm.line == FINE.count("\n") + 1 for alarm in found)


def test_an_unknown_id_is_vouched_for_by_its_provider(alarms_of):
    text = FINE.replace("gpt-4o-2024-11-20", "our-own-7b") + "    provider: vllm\n"
    assert alarms_of(text) == ()


def test_a_pin_whose_recordings_were_answered_by_another(alarms_of):
    (alarm,) = alarms_of(FINE, answered={"a": "gpt-4o-2026-01-01"})
    assert (alarm.kind, alarm.severity) == ("answered-by-another", "urgent")
    assert "gpt-4o-2024-11-20 was answered by gpt-4o-2026-01-01" in alarm.sentence


def test_a_pin_that_a_night_asked_for_and_another_answered(alarms_of, night):
    nights = [night("2026-11-19", asked="gpt-4o-2024-11-20", served="gpt-4o-2026-01-01")]
    assert kinds(alarms_of(FINE, nights)) == ["answered-by-another"]


@pytest.mark.parametrize("served", ["gpt-4o-2024-11-20", None])
def test_a_pin_that_answered_itself_or_did_not_say(alarms_of, night, served):
    nights = [night("2026-11-19", asked="gpt-4o-2024-11-20", served=served)]
    assert alarms_of(FINE, nights) == ()


@pytest.mark.parametrize(
    ("days", "kind", "severity", "says"),
    [
        (90, "retiring", "warn", "retires in 90 days, on 2027-02-18"),
        (31, "retiring", "warn", "retires in 31 days"),
        (30, "retiring", "urgent", "retires in 30 days"),
        (1, "retiring", "urgent", "retires in 1 day, "),
        (0, "retired", "urgent", "retires today"),
        (-1, "retired", "urgent", "retired 1 day ago"),
    ],
)
def test_a_pin_that_retires(alarms_of, today, days, kind, severity, says):
    (alarm,) = alarms_of(FINE, retirements=retiring(days, today))
    assert (alarm.kind, alarm.severity, alarm.line) == (kind, severity, 3)
    assert says in alarm.sentence


def test_a_pin_that_retires_later(alarms_of, today):
    assert alarms_of(FINE, retirements=retiring(91, today)) == ()


def test_the_days_of_warning_are_the_users(alarms_of, today):
    text = FINE + "settings: {warn_days: 10, urgent_days: 5}\n"
    assert alarms_of(text, retirements=retiring(11, today)) == ()
    assert alarms_of(text, retirements=retiring(6, today))[0].severity == "warn"


def test_the_date_in_models_yml_wins_over_the_table(alarms_of, today):
    later = FINE + "    retires: 2028-01-01\n"
    assert alarms_of(later, retirements=retiring(1, today)) == ()
    (alarm,) = alarms_of(FINE + "    retires: 2026-11-21\n")
    assert "retires in 1 day, on 2026-11-21 (models.yml says so)" in alarm.sentence


def test_the_replacement_is_proposed_where_the_alias_never_leaves_the_family(alarms_of, today):
    (alarm,) = alarms_of(FINE, retirements=retiring(20, today))
    assert "set `staging: gpt-6-luna`" in alarm.hint


def test_the_replacement_is_proposed_where_there_is_no_candidate(alarms_of, today):
    text = FINE.replace("    staging: gpt-4o\n", "")
    assert "gpt-6-luna" in alarms_of(text, retirements=retiring(20, today))[0].hint


def test_a_candidate_of_another_family_is_the_way_out(alarms_of, today):
    text = FINE.replace("staging: gpt-4o", "staging: gpt-6-sol")
    assert "Promote the candidate gpt-6-sol" in (
        alarms_of(text, retirements=retiring(20, today))[0].hint
    )


def test_a_replacement_in_prose_is_not_proposed(alarms_of, today):
    look_up = retiring(20, today, replacement="a newer model of your choice")
    assert "of your choice" not in alarms_of(FINE, retirements=look_up)[0].hint


def test_a_pin_that_was_not_validated_for_long(alarms_of):
    (alarm,) = alarms_of(FINE.replace("2026-11-10", "2026-10-20"))
    assert (alarm.kind, alarm.line) == ("stale", 5)
    assert "last validated 31 days ago, on 2026-10-20; `stale_days` is 30" in alarm.sentence


def test_a_pin_that_was_validated_on_the_last_day_allowed(alarms_of):
    assert alarms_of(FINE.replace("2026-11-10", "2026-10-21")) == ()


def test_a_pin_that_was_never_validated(alarms_of):
    (alarm,) = alarms_of(FINE.replace("    last_validated: 2026-11-10\n", ""))
    assert "was never validated" in alarm.sentence


def test_a_green_night_that_the_pin_served_validates_it(alarms_of, night):
    text = FINE.replace("2026-11-10", "2026-01-01")
    assert alarms_of(text, [night("2026-11-18", served="gpt-4o-2024-11-20")]) == ()


@pytest.mark.parametrize("colour", ["red", "inconclusive"])
def test_a_night_that_was_not_green_validates_nothing(alarms_of, night, colour):
    text = FINE.replace("2026-11-10", "2026-01-01")
    nights = [night("2026-11-18", colour, served="gpt-4o-2024-11-20")]
    assert kinds(alarms_of(text, nights)) == ["stale"]


def test_a_candidate_that_is_red_night_after_night(alarms_of, night):
    nights = [night(f"2026-11-{day}", "red", reasons=("Case b broke.",)) for day in (17, 18, 19)]
    (alarm,) = alarms_of(FINE, nights)
    assert (alarm.kind, alarm.line) == ("red", 4)
    assert "gpt-4o was red 3 nights running. Last: Case b broke." in alarm.sentence


def test_an_inconclusive_night_does_not_end_the_reds(alarms_of, night):
    colours = {15: "red", 16: "red", 17: "inconclusive", 18: "red", 19: "inconclusive"}
    nights = [night(f"2026-11-{day}", colour) for day, colour in colours.items()]
    assert kinds(alarms_of(FINE, nights)) == ["red"]


@pytest.mark.parametrize("colours", [("red", "red"), ("red", "red", "green"),
                                     ("red", "green", "red", "red")])  # fmt: skip
def test_fewer_reds_are_no_alarm(alarms_of, night, colours):
    nights = [night(f"2026-11-{16 + at}", colour) for at, colour in enumerate(colours)]
    nights.append(night("2026-11-20", "inconclusive"))
    assert alarms_of(FINE, nights) == ()


def test_reds_against_another_pin_do_not_count(alarms_of, night):
    nights = [night(f"2026-11-{day}", "red", pin="gpt-4o-2024-08-06") for day in (17, 18, 19)]
    assert alarms_of(FINE, nights) == ()


def test_a_schedule_that_died(alarms_of, night):
    (alarm,) = alarms_of(FINE, [night("2026-11-16")])
    assert alarm.kind == "silent"
    assert "4 days ago, on 2026-11-16" in alarm.sentence


def test_a_night_within_three_days_is_enough(alarms_of, night):
    assert alarms_of(FINE, [night("2026-11-17")]) == ()


def test_without_a_candidate_no_night_is_expected(alarms_of, night):
    assert alarms_of(FINE.replace("    staging: gpt-4o\n", ""), [night("2026-09-01")]) == ()


@pytest.mark.parametrize(
    ("key", "line", "kind"),
    [
        ("fallback", "fallback: [claude-opus-4-6]", "fallback-retiring"),
        ("canary", "canary: {model: claude-opus-4-6, percent: 5}", "canary-retiring"),
    ],
)
def test_what_production_falls_back_to_retires(alarms_of, today, key, line, kind):
    look_up = retiring(20, today, id="claude-opus-4-6", replacement="claude-opus-4-8")
    (alarm,) = alarms_of(f"{FINE}    {line}\n", retirements=look_up)
    assert (alarm.kind, alarm.severity, alarm.line) == (kind, "urgent", 6)
    assert f"Replace it in `{key}` by claude-opus-4-8" in alarm.hint
    assert alarms_of(f"{FINE}    {line}\n", retirements=never) == ()


def test_a_fallback_by_logical_name_has_its_own_alarm_only(pins_of, today):
    text = FINE + "    fallback: [b]\n" + FINE.replace("models:\n  a:", "  b:")
    text = text.replace("b:\n    production: gpt-4o-2024-11-20", "b:\n    production: gpt-4-0613")
    found = alarms(PinFacts(pins_of(text), {}, today, retiring(20, today, id="gpt-4-0613")))
    assert [(alarm.kind, alarm.name) for alarm in found] == [("retiring", "b")]


def test_urgent_ones_come_first(alarms_of, today):
    text = FINE.replace("2026-11-10", "2026-01-01")
    found = alarms_of(text, retirements=retiring(91, today), answered={"a": "gpt-4o-2026-01-01"})
    assert [alarm.severity for alarm in found] == ["urgent", "warn"]


def test_the_bundled_table_is_quoted_with_its_source(pins_of, today):
    from pytest_modelpin.providers import retirement

    text = FINE.replace("gpt-4o-2024-11-20", "claude-sonnet-4-5-20250929")
    found = alarms(PinFacts(pins_of(text), {}, today, retirement))
    assert kinds(found) == ["retiring", "candidate-retiring"]
    assert ", as of 2026-" in found[0].sentence


def test_the_next_pins_own_retirement_is_an_alarm(alarms_of, night, today):
    nights = [night("2026-11-19", served="gpt-4o-2025-01-01")]
    ends = retiring(12, today, id="gpt-4o-2025-01-01")
    (alarm,) = alarms_of(FINE, nights, ends)
    assert (alarm.kind, alarm.severity, alarm.line) == ("candidate-retiring", "urgent", 4)
    assert "gpt-4o-2025-01-01 itself retires in 12 days, on 2026-12-02" in alarm.sentence
    assert "gpt-6-luna" in alarm.hint


@pytest.mark.parametrize("more", ["policy: float", "ignore: [gpt-4o-2025-01-01]"])
def test_a_version_that_no_bump_would_move_to_is_none(alarms_of, night, today, more):
    nights = [night("2026-11-19", served="gpt-4o-2025-01-01")]
    ends = retiring(12, today, id="gpt-4o-2025-01-01")
    assert alarms_of(f"{FINE}    {more}\n", nights, ends) == ()


def test_an_uncertain_date_says_why(pins_of, today):
    from pytest_modelpin.providers import retirement

    text = FINE.replace("gpt-4o-2024-11-20", "gpt-4o-mini-realtime-preview-2024-12-17")
    found = alarms(PinFacts(pins_of(text), {}, today, retirement))
    assert "uncertain: sources disagree: llmshift and LiteLLM" in found[0].sentence


def test_a_candidate_that_retires_is_no_way_out(alarms_of, today):
    soon = retiring(40, today, id="gpt-4o")
    (alarm,) = alarms_of(FINE, retirements=soon)
    assert (alarm.kind, alarm.severity, alarm.line) == ("candidate-retiring", "warn", 4)
    assert "The candidate gpt-4o retires in 40 days" in alarm.sentence
    assert "such as gpt-6-luna" in alarm.hint


def test_a_candidate_that_is_the_pin_rings_once(alarms_of, today):
    text = FINE.replace("staging: gpt-4o", "staging: gpt-4o-2024-11-20")
    assert kinds(alarms_of(text, retirements=retiring(40, today))) == ["retiring"]


AZURE = """\
models:
  a:
    production: gpt-4o-2024-11-20
    provider: azure
    last_validated: 2026-11-10
"""


def test_a_deployments_name_has_no_date_and_its_served_version_has(alarms_of, today):
    assert alarms_of(AZURE, retirements=retiring(40, today)) == ()
    served = {"a": "gpt-4o-2024-08-06"}
    soon = retiring(40, today, id="gpt-4o-2024-08-06")
    (alarm,) = alarms_of(AZURE, retirements=soon, answered=served)
    assert alarm.kind == "retiring"
    assert "The pin gpt-4o-2024-11-20 (gpt-4o-2024-08-06) retires" in alarm.sentence


def test_a_deployment_is_always_answered_by_another_id(alarms_of):
    assert alarms_of(AZURE, answered={"a": "gpt-4o-2024-08-06"}) == ()


def test_a_night_of_a_day_to_come_does_not_keep_a_schedule_alive(alarms_of, night):
    """A wrong clock, or a trial with `--today`, kept `silent` from ringing until that day."""
    nights = [night("2026-10-01"), night("2099-01-01")]
    assert "silent" in kinds(alarms_of(FINE, nights))


def test_a_judge_is_measured_and_has_no_nights(alarms_of, today):
    """A candidate of it, which no test asks, would leave every night undecided."""
    judge = "  j: {production: gpt-4.1-2025-04-14}\nsettings: {judge: j}\n"
    assert [each for each in alarms_of(FINE + judge) if each.name == "j"] == []
    soon = retiring(20, today, id="gpt-4.1-2025-04-14")
    (alarm,) = [each for each in alarms_of(FINE + judge, retirements=soon) if each.name == "j"]
    assert alarm.kind == "retiring"
    assert "Set `production:` to gpt-6-luna" in alarm.hint
    assert "`pytest-modelpin judge calibrate`" in alarm.hint
