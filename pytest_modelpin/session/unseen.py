"""What a test's end shows to have gone past the run: lost, unseen, unheard, unrecorded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from modelpin_runtime.errors import nearest
from pytest_modelpin.files import safe_name
from pytest_modelpin.intercept.unseen.alarm import Alarm, remedy
from pytest_modelpin.providers import identify, known_providers, provider_named
from pytest_modelpin.recordings.capture import Capture, Cause
from pytest_modelpin.recordings.owner import version_folders
from pytest_modelpin.registry.selection import Selection
from pytest_modelpin.wording import some

if TYPE_CHECKING:
    from pytest_modelpin.results.case import LeftOut, Outcome


_ALLOWED = (
    "where the call has nothing to do with the model that is tested, mark the test "
    '`@pytest.mark.modelpin(unseen="allow")`'
)


def left_out_by(alarms: Sequence[Alarm]) -> LeftOut | None:
    """Why a case is left out that asked unseen; None where it did not."""
    if not alarms:
        return None
    from pytest_modelpin.results.case import LeftOut

    first = alarms[0]
    more = f" (and {len(alarms) - 1} more)" if len(alarms) > 1 else ""
    cure = remedy(first) if first.model else f"{remedy(first)}; {_ALLOWED}"
    return LeftOut(f"{first.said}, unseen{more}", cure)


def asked_outside(alarm: Alarm) -> str:
    """That a model was asked unseen while no test ran, with what helps."""
    return f"code outside of any test {alarm.said}, unseen; what helps: {remedy(alarm)}"


def lost_to(
    outcome: Outcome, captures: Iterable[Capture], *, pinned: bool
) -> tuple[str, Cause] | None:
    """What kept a sample from its answer, so that it is lost; None where nothing did.

    One that failed did so for a provider's trouble, or off the pins for what is not recorded. One
    that passed off the pins without a reply went on with something else, such as a text of its
    code's own, which says nothing of the model; what the client itself did not wait for is its own
    affair. In `captures` are the sample's own and those of the fixtures that its test shares with
    others.
    """
    for capture in captures:
        if outcome == "failed":
            for each in (*capture.trouble, *capture.refused):
                return each.said, each.cause
            for miss in () if pinned else capture.misses:
                return miss, "provider"
        elif outcome == "passed" and not pinned:
            for each in capture.trouble:
                if not each.given_up:
                    return each.said, each.cause
    return None


def unrecorded(test: str, capture: Capture) -> str:
    """That a test which passed did so on what can't be recorded; empty where all could be."""
    trouble = capture.trouble
    if not trouble:
        return ""
    what = "nothing" if not capture.calls else "not all that it asked"
    first = trouble[0]
    answer = " ".join(f"{first.what} {first.message}".split())
    more = f", and {len(trouble) - 1} more" if len(trouble) > 1 else ""
    return (
        f"{test} passed but recorded {what}: {first.name} answered {answer}{more}. A provider's "
        "error is not recorded, so replaying the test will fail; mock that reply."
    )


Said = tuple[str, str]
"""A sentence for a run's end, and the test that it is said of; "" where it names that itself."""


def gathered(said: Iterable[Said]) -> list[str]:
    """What is said, each once, with the first tests that it is said of and how many more."""
    tests: dict[str, dict[str, None]] = {}
    for sentence, test in said:
        tests.setdefault(sentence, {}).update({test: None} if test else {})
    return [f"{each} ({some(list(of), 2)})" if of else each for each, of in tests.items()]


def of_live_replies(test: str, capture: Capture, names: Collection[str]) -> list[Said]:
    """What the end of the run must say of replies that came over the network."""
    return [
        *went_live(test, capture, names),
        *out_of_caches(test, capture),
        *(
            (
                f"kept before: {each} gave a test that asked a model what it had; where a model "
                "said it, that was not the one that is tested, so turn it off for tests",
                test,
            )
            for each in capture.kept
        ),
    ]


def went_live(test: str, capture: Capture, names: Collection[str]) -> list[Said]:
    """Which models answered live though models.yml names them not."""
    unnamed = [call for call in capture.calls if call.fresh and call.name not in names]
    if not unnamed:
        return []
    no_ids = {provider.name for provider in known_providers()}  # of calls that name no model
    ids = (call.name for call in unnamed if not (call.side and call.name in no_ids))
    return [not_named(model, test) for model in dict.fromkeys(ids)]


def out_of_caches(test: str, capture: Capture) -> list[Said]:
    """What came out of a cache on the way to a provider, so that no model was asked."""
    headers = dict.fromkeys(call.cached for call in capture.calls if call.cached)
    return [
        (
            f"from a cache, by its header {header}: a gateway answered in a model's place, so the "
            "reply is not fresh; have it keep nothing of what tests ask",
            test,
        )
        for header in headers
    ]


def unasked(test: str, captures: Iterable[Capture], alarms: Collection[Alarm]) -> list[Said]:
    """That an answer was accepted, or held to, of which nobody knows whose it is."""
    if alarms or any(each.calls or each.trouble for each in captures):
        return []
    return [
        (
            "answered without a model: model_snapshot was given what a cache (joblib's, "
            "lru_cache), a file or a mock of the code's own kept, so that no model was tested; "
            "turn it off for tests",
            test,
        )
    ]


def unpinned(selection: Selection, asked: Collection[str], folders: Iterable[Path]) -> list[str]:
    """That ids were `asked` which models.yml does not name, while nothing is recorded of a pin of
    the same provider's: most likely one of the two is mistyped, or only one of them was moved.

    `folders` are those of the tests that were collected.
    """
    if not asked:
        return []
    there = {each.name for folder in folders for each in version_folders(folder)}
    recorded = {name for name in there if provider_named(name) is None}  # no side calls'
    pins = {
        each.production: each.name
        for each in selection.models.values()
        if safe_name(each.production) not in recorded
    }
    said = []
    for id in sorted(asked):
        whose = identify(id).provider
        rivals = [pin for pin in pins if identify(pin).provider in (None, whose)]
        pin = nearest(id, rivals, 0.0) if rivals else None
        if pin is not None:
            near = nearest(pin, recorded, 0.0)
            said.append(
                f"unpinned: {id} was asked, but models.yml does not name it; it pins {pins[pin]} "
                f"to {pin}, of which nothing is recorded beside these tests"
                f"{f'. The nearest recorded version is {near}' if near else ''}."
            )
    return said


def not_named(model: str, test: str) -> Said:
    """That a model was asked live which models.yml does not name."""
    return f"went live: {model}, not in models.yml", test


def alarm_sentences(test: str, alarms: Iterable[Alarm], *, is_said: bool) -> list[Said]:
    """What the end of the run says of a test that was let through; `is_said`: that it asked is."""
    found = []
    for alarm in alarms:
        if alarm.model:
            found.append(not_named(alarm.model, test))
        elif not is_said:
            found.append((f"unseen: {test} {alarm.said}", ""))
    return found
