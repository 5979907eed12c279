"""What a night's page knows besides the comparison: nights, ends, where the pull request is."""

import pytest

from modelpin_runtime.registry.models import Model
from pytest_modelpin.upgrade.nightly.night_page import page_context

MODEL = Model("claude", "claude-3-haiku-20240307", staging="claude-opus-4-1", provider="anthropic")
SERVED = "claude-opus-4-1-20250805"


@pytest.fixture
def context(night):
    def make(past=(), model=MODEL, accepted=(), **fields):
        tonight = night("2026-11-20", **{"pin": model.production, "served": SERVED, **fields})
        return page_context(
            model, tonight, past, margin=0.1, fresh={}, accepted=accepted, commit="4f2c9d1"
        )

    return make


def test_the_page_is_told_of_both_ends_and_of_every_versions_nights(context, night):
    past = [night("2026-11-18", served="claude-sonnet-4-5-20251001"), night("2026-11-19")]
    told = context(past, accepted={"b", "a"})
    assert [point.date for point in told.nights] == ["2026-11-18", "2026-11-19", "2026-11-20"]
    assert [line.split(" retire")[0] for line in told.retirements] == [
        "The pin claude-3-haiku-20240307",
        "The candidate's version claude-opus-4-1-20250805",
    ]
    assert told.accepted == ("a", "b")
    assert told.run_url == "https://github.com/acme/app/actions/runs/7"
    assert told.made == "2026-11-20 UTC, commit 4f2c9d1"


def test_a_version_without_a_known_end_is_said_to_have_none(context):
    told = context(served="claude-opus-9-20991231")
    assert told.retirements[1] == (
        "The candidate's version claude-opus-9-20991231 has no retirement date that is known."
    )


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("claude-opus-4-6", "will not retire before 2027-02-05"),
        ("claude-haiku-4-5-20251001", "has no retirement date that is known"),
    ],
)
def test_a_promise_is_told_until_its_day_has_come(context, version, said):
    assert context(served=version).retirements[1] == f"The candidate's version {version} {said}."


def test_the_pull_request_is_a_press_away(context):
    told = context()
    assert told.branch == "modelpin/claude"
    assert told.pulls_url == (
        "https://github.com/acme/app/pulls?q=is%3Apr+head%3Amodelpin%2Fclaude"
    )
    assert context(run_url="https://gitlab.com/acme/app/-/jobs/7").pulls_url == ""


def test_what_can_never_be_proposed_is_said(context):
    assert context().not_proposed == ""
    assert "served by the pin itself" in context(served=MODEL.production).not_proposed
