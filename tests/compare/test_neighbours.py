"""An embedding model's candidate beside its pin: whose neighbours moved, and how grave that is."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from math import cos, sin

import pytest
from every_wire.embeddings import by_chance
from hypothesis import given
from hypothesis import strategies as st

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.comparison import Comparison, compare, night_counts
from pytest_modelpin.compare.decide import decide
from pytest_modelpin.compare.neighbours import (
    FEWEST_TEXTS,
    MOST_NEIGHBOURS,
    neighbourhood,
    percent,
)
from pytest_modelpin.providers.embeddings import Embedded
from pytest_modelpin.providers.wire import Reply
from pytest_modelpin.results import report_file
from pytest_modelpin.results.case import Call, Case, Sample, vector_of
from pytest_modelpin.results.run import Asked, Run, merge

PIN, NEXT = "text-embedding-3-small", "text-embedding-3-large"
Embed = Callable[[str], Sequence[float]]
TEXTS = [f"text {n:02}" for n in range(30)]


def number(text: str) -> int:
    return int(text.rpartition(" ")[2])


def on_arc(text: str) -> list[float]:
    """Texts of near numbers are near each other."""
    return [cos(number(text) / 20), sin(number(text) / 20)]


def shuffled(text: str) -> list[float]:
    """The same arc, the texts in another order."""
    place = number(text) * 7 % 30
    return [cos(place / 20), sin(place / 20)]


def call(texts: Sequence[str], embed: Embed, task: str = "", name: str = "embedder") -> Call:
    vectors = tuple(vector_of(Embedded(text, task, embed(text))) for text in texts)
    reply = Reply(served_model=PIN, provider="openai")
    return Call(name, reply, True, 0.1, vectors=vectors)


def sample(texts: Sequence[str], embed: Embed, shared: Sequence[str] = ()) -> Sample:
    below = (call(shared, embed),) if shared else ()
    return Sample("passed", calls=(call(texts, embed),) if texts else (), shared=below)


def case(id: str, *samples: Sample, **more: object) -> Case:
    return Case(id, samples, models=("embedder",), **more)  # type: ignore[arg-type]


def run_of(*cases: Case, which: str = "production", served: str = PIN) -> Run:
    asked = Asked("embedder", PIN, which, served, "all", (served,))
    return Run({"embedder": asked}, cases)


def compared(before: Sequence[Case], after: Sequence[Case], **settings: object) -> Comparison:
    candidate = run_of(*after, which="candidate", served=NEXT)
    return compare(run_of(*before), candidate, "embedder", Settings(**settings))  # type: ignore[arg-type]


def of(before: Embed, after: Embed, texts: Sequence[str] = TEXTS, **settings: object) -> Comparison:
    old, new = (case("t", sample(texts, embed)) for embed in (before, after))
    return compared([old], [new], **settings)


def test_the_same_neighbours_are_no_finding_whatever_the_vectors() -> None:
    found = of(on_arc, lambda text: [9 * each for each in (0.0, *on_arc(text)[::-1])])
    assert found.neighbours.said == (
        "neighbours kept 100 % (k=6, 30 texts), the vectors' length changes from 2 to 3"
    )
    assert found.cases[0].drifts == ()
    assert decide(found).colour == "green"


def test_other_neighbours_name_the_text_what_it_lost_and_what_came() -> None:
    found = of(on_arc, shuffled)
    drift = found.cases[0].drifts[0]
    assert (drift.kind, drift.severity, drift.watched) == ("neighbours", "regression", False)
    text = drift.where.partition('"')[2].partition('"')[0]
    assert text in TEXTS
    near = {f'"text {each:02}"' for each in range(number(text) - 6, number(text) + 7)}
    lost, new = drift.before.split(", "), drift.after.split(", ")
    assert set(lost) <= near
    assert not set(new) & set(lost)
    assert len(found.cases[0].drifts) == 20  # a page of them says no more


def one_moved(severity: str) -> Embed:
    """`text 00`, whose six neighbours lie beside it, moves so far along the arc."""
    by = {"info": 4.6, "review": 5.6, "regression": 12.0}[severity]

    def embed(text: str) -> list[float]:
        place = number(text) + (by if text == "text 00" else 0)
        return [cos(place / 20), sin(place / 20)]

    return embed


@pytest.mark.parametrize("severity", ["info", "review", "regression"])
def test_how_many_moved_says_how_grave_it_is(severity: str) -> None:
    found = of(on_arc, one_moved(severity))
    told = {drift.where.split('"')[1]: drift.severity for drift in found.cases[0].drifts}
    assert told["text 00"] == severity


def counts(found: Comparison, on_drift: str) -> tuple[int, int]:
    (of_case,) = night_counts(found, on_drift).values()
    return of_case[2], of_case[3]


def test_a_regression_fails_its_samples_as_on_drift_says() -> None:
    found = of(on_arc, shuffled)
    assert counts(found, "fail") == (0, 1)
    assert counts(found, "hold") == (1, 1)
    assert counts(found, "report") == (1, 1)


def test_it_is_weighed_as_models_yml_says() -> None:
    for settings in ({"ignore": ("neighbours",)}, {"severities": {"neighbours": "info"}}):
        found = of(on_arc, shuffled, **settings)
        assert {drift.severity for drift in found.cases[0].drifts} == {"info"}
        assert counts(found, "fail") == (1, 1)
    raised = of(on_arc, one_moved("review"), severities={"neighbours": "regression"})
    assert counts(raised, "fail") == (0, 1)


def test_the_pins_own_samples_say_what_may_vary() -> None:
    """A pin whose own samples shuffle as much as the candidate does is nothing to measure by."""
    wavering = case("t", sample(TEXTS, on_arc), sample(TEXTS, shuffled))
    found = compared([wavering], [case("t", sample(TEXTS, shuffled))])
    assert found.cases[0].drifts == ()
    assert "the pin's own samples keep" in found.neighbours.said
    steady = case("t", sample(TEXTS, on_arc), sample(TEXTS, on_arc))
    found = compared([steady], [case("t", sample(TEXTS, shuffled))])
    assert found.cases[0].drifts
    assert "own samples" not in found.neighbours.said


def test_each_of_the_candidates_samples_is_held_to_the_pin() -> None:
    samples = [sample(TEXTS, embed) for embed in (on_arc, shuffled, shuffled)]
    found = compared([case("t", sample(TEXTS, on_arc))], [case("t", *samples)])
    assert counts(found, "fail") == (1, 3)
    assert found.cases[0].drifts[0].samples == (2, 3)
    once = compared(
        [case("t", sample(TEXTS, on_arc))],
        [case("t", *[sample(TEXTS, embed) for embed in (on_arc, on_arc, shuffled)])],
    )
    assert {drift.severity for drift in once.cases[0].drifts} == {"info"}
    assert counts(once, "fail") == (3, 3)


def test_neighbours_are_looked_for_in_the_whole_suite_and_told_where_the_text_is() -> None:
    def two(embed: Embed) -> list[Case]:
        return [
            case("a", sample(["text 00"], embed, shared=TEXTS[2:])),
            case("b", sample(["text 01"], embed, shared=TEXTS[2:])),
        ]

    found = compared(two(on_arc), two(one_moved("regression")))
    first, second = found.cases
    assert "30 texts" in found.neighbours.said
    assert {drift.severity for drift in first.drifts} == {"regression"}
    assert len(first.drifts) == 1  # of its own text, not of its fixture's
    assert "regression" not in {drift.severity for drift in second.drifts}


def test_what_a_fixture_embedded_is_told_where_a_test_embeds_nothing_of_its_own() -> None:
    old, new = (case("a", sample([], embed, shared=TEXTS)) for embed in (on_arc, shuffled))
    assert compared([old], [new]).cases[0].drifts


@pytest.mark.parametrize("count", [0, 1, FEWEST_TEXTS - 1])
def test_too_few_texts_are_said_and_not_judged(count: int) -> None:
    found = of(on_arc, shuffled, TEXTS[:count])
    if not count:
        assert found.neighbours is None
        return
    assert "neighbours not judged" in found.neighbours.said
    assert f"it takes {FEWEST_TEXTS}" in found.neighbours.said
    assert found.cases[0].drifts == ()
    assert found.neighbours.said in decide(found).reasons


def test_texts_of_one_side_and_unreadable_vectors_are_said() -> None:
    texts = [*TEXTS, "text 98"]
    old = case("t", sample(texts, lambda text: [] if text == "text 05" else on_arc(text)))
    new = case("t", sample([*TEXTS, "text 99"], on_arc))
    said = compared([old], [new]).neighbours.said
    assert "29 texts" in said
    assert "1 text without a readable vector" in said
    assert "2 texts embedded on one side only" in said


def test_a_side_that_embedded_nothing_is_named() -> None:
    new = case("t", sample(TEXTS, on_arc))
    assert "what the pin embedded" in neighbourhood([], [new], "embedder").said
    assert "what the candidate embedded" in neighbourhood([new], [], "embedder").said


def test_one_text_asked_as_a_query_and_as_a_document_is_two() -> None:
    calls = tuple(call(TEXTS[:10], on_arc, task) for task in ("query", "document"))
    both = case("t", Sample("passed", calls=calls))
    assert "20 texts" in compared([both], [both]).neighbours.said


def test_vectors_of_different_lengths_are_no_neighbours() -> None:
    """A suite that embeds in two sizes has two spaces, each judged by itself."""

    def said(longer: int) -> str:
        texts = call(TEXTS[:longer], lambda text: [*on_arc(text), 0.0], "3 dimensions")
        both = case("t", Sample("passed", calls=(call(TEXTS, on_arc), texts)))
        return compared([both], [both]).neighbours.said

    assert said(15) == "neighbours kept 100 % (k=3 to 6, 45 texts)"
    few = "9 texts not judged: fewer than 10 of one size"
    assert said(9) == f"neighbours kept 100 % (k=6, 30 texts), {few}"


def test_a_part_of_the_suite_asked_anew_has_the_others_around_it() -> None:
    whole = [case("a", sample(["text 00"], on_arc)), case("b", sample(TEXTS[1:], on_arc))]
    again = run_of(case("a", sample(["text 00"], one_moved("regression"))), which="candidate")
    alone = compare(run_of(*whole), again, "embedder")
    assert "not judged" in alone.neighbours.said
    beside = compare(run_of(*whole), again, "embedder", beside=run_of(*whole))
    assert beside.cases[0].drifts[0].severity == "regression"


def test_another_models_vectors_are_not_mixed_in() -> None:
    other = Sample("passed", calls=(call(TEXTS, shuffled, name="other"),))
    assert neighbourhood([case("t", other)], [case("t", other)], "embedder") is None


def test_it_can_be_printed_as_json() -> None:
    told = json.loads(json.dumps(asdict(of(on_arc, shuffled))))
    assert told["neighbours"]["said"].startswith("neighbours kept ")


def test_a_lost_sample_is_not_looked_at() -> None:
    lost = Sample("lost", calls=(call(TEXTS, shuffled),))
    new = case("t", lost, sample(TEXTS, on_arc))
    found = compared([case("t", sample(TEXTS, on_arc))], [new])
    assert found.cases[0].drifts == ()


def test_it_is_the_same_from_a_report_and_from_its_parts(tmp_path) -> None:
    new = [case("a", sample(TEXTS[:15], shuffled)), case("b", sample(TEXTS[15:], shuffled))]
    old = [case("a", sample(TEXTS[:15], on_arc)), case("b", sample(TEXTS[15:], on_arc))]
    directly = compared(old, new)
    read = []
    for cases in (old, new):
        parts = []
        for number_, each in enumerate(cases):
            path = tmp_path / f"{number_}.json"
            report_file.write(run_of(each), path)
            parts.append(report_file.read(path))
        assert merge(parts).cases == tuple(cases)
        read.append(merge(parts))
    again = compare(*read, "embedder")
    assert again.neighbours == directly.neighbours
    assert [each.drifts for each in again.cases] == [each.drifts for each in directly.cases]


@given(st.lists(st.sampled_from(TEXTS), min_size=1, unique=True), st.integers(1, 5))
def test_no_suite_has_more_neighbours_than_a_fifth_of_its_texts(
    texts: list[str], seed: int
) -> None:
    found = of(on_arc, lambda text: by_chance(str(seed), text), texts)
    if len(texts) < FEWEST_TEXTS:
        assert found.neighbours.share is None
        return
    assert 0 <= found.neighbours.share <= 1
    k = min(MOST_NEIGHBOURS, len(texts) // 5)
    assert f"(k={k}, {len(texts)} texts)" in found.neighbours.said
    (of_case,) = found.cases
    assert len(of_case.drifts) <= len(texts)
    assert all(drift.where.split('"')[1] in texts for drift in of_case.drifts)


@pytest.mark.parametrize(
    ("share", "told"), [(1.0, "100 %"), (0.999, "99 %"), (0.943, "94 %"), (0, "0 %")]
)
def test_a_share_is_whole_only_where_it_is(share: float, told: str) -> None:
    assert percent(share) == told
