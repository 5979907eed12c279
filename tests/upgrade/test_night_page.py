from modelpin_runtime.registry.models import Model
from pytest_modelpin.upgrade.nightly.dashboard import page_context


def test_the_page_is_told_of_both_ends_and_of_every_versions_nights(night):
    other = night("2026-11-18", served="claude-sonnet-4-5-20251001")
    tonight = night("2026-11-20", pin="claude-3-haiku-20240307", served="claude-opus-4-1-20250805")
    same = night("2026-11-19", served=tonight.served)
    model = Model("claude", tonight.pin, staging="claude-opus-4-1", provider="anthropic")
    context = page_context(
        model, tonight, [other, same], margin=0.1, day="2026-11-20", fresh={}, accepted={"b", "a"}
    )
    assert [point.date for point in context.nights] == [
        "2026-11-18",
        "2026-11-19",
        "2026-11-20",
    ]
    assert [line.split(" retire")[0] for line in context.retirements] == [
        "The pin claude-3-haiku-20240307",
        "The candidate's version claude-opus-4-1-20250805",
    ]
    assert context.accepted == ("a", "b")
    assert context.run_url == tonight.run_url
