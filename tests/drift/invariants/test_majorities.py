"""What nearly all samples of a side say in words of few kinds, and the other side otherwise."""

from __future__ import annotations

import pytest

from pytest_modelpin.compare import case_drifts, drifts
from pytest_modelpin.drift.invariants.majorities import Majorities
from pytest_modelpin.drift.invariants.sample_text import read_text
from pytest_modelpin.drift.text.ties import ADVISED, FREE, MUST, obligations

RULE = [
    "You have to register before the visit. The garden closes at dusk.",
    "Registration is mandatory; the garden is shut at dusk.",
    "Every visitor must register in advance. At dusk, the garden closes.",
    "Nobody gets in without registering beforehand. It closes at dusk.",
    "The garden closes at dusk, and visitors need to register first.",
]
ADVICE = [
    "We recommend that you register before the visit. The garden closes at dusk.",
    "Registering beforehand is optional; the garden is shut at dusk.",
    "You don't have to register in advance. At dusk, the garden closes.",
]
CAUSE = [
    "A leaking valve caused the pump to overheat, and the outage lasted an hour.",
    "The pump overheated because of a leaking valve. The outage took one hour.",
    "An outage of one hour: the valve leaked, so the pump overheated.",
    "The overheated pump was the result of a leaking valve. It was an hour's outage.",
    "Due to a leaking valve, the pump overheated. That meant an outage of one hour.",
]
EFFECT = [
    "The overheated pump led to a leaking valve, and the outage lasted an hour.",
    "The valve leaked because the pump overheated. The outage took one hour.",
    "Due to an overheated pump, the valve was leaking. That meant an outage of one hour.",
]
EACH_TIME = [
    "Sie zahlen 80 Euro je Einsatz. Material ist enthalten.",
    "Pro Einsatz werden 80 Euro fällig, Material eingeschlossen.",
    "Für jeden Einsatz berechnen wir 80 Euro; das Material ist dabei.",
    "80 Euro kostet ein Einsatz, Material inbegriffen.",
    "Je Einsatz fallen 80 Euro an, das Material gehört dazu.",
]
EACH_MONTH = [
    "Sie zahlen 80 Euro pro Monat. Material ist enthalten.",
    "80 Euro werden je Monat fällig, Material eingeschlossen.",
    "Jeden Monat berechnen wir 80 Euro; das Material ist dabei.",
]


@pytest.mark.parametrize(
    ("pins", "new"), [(RULE, ADVICE), (CAUSE, EFFECT), (EACH_TIME, EACH_MONTH)]
)
def test_what_most_of_the_samples_say_otherwise_is_found(pins: list[str], new: list[str]) -> None:
    assert any(drift.severity != "info" for drift in case_drifts(pins, new))
    majorities = Majorities(list(map(read_text, pins)), list(map(read_text, new)))
    assert sum(bool(list(majorities.breaks(read_text(each), ""))) for each in new) >= 2


NEUTRAL = ["The garden closes at dusk.", "At dusk the garden is shut.", "It closes at dusk."]


@pytest.mark.parametrize(("rules", "advice", "found"), [(4, 2, True), (3, 3, False), (4, 1, False)])
def test_it_takes_four_of_five_of_the_pins_samples_and_two_of_three_of_the_candidates(
    rules: int, advice: int, found: bool
) -> None:
    telling = [text for text in RULE if obligations(text)]
    pins = [read_text(text) for text in [*telling[:rules], *NEUTRAL[: 5 - rules]]]
    new = [read_text(text) for text in [*ADVICE[:advice], *NEUTRAL[: 3 - advice]]]
    told = [each for text in new for each in Majorities(pins, new).breaks(text, "")]
    assert bool(told) is found


@pytest.mark.parametrize("side", [RULE, CAUSE, EACH_TIME, ADVICE, EFFECT, EACH_MONTH])
def test_among_equal_samples_nothing_is_found(side: list[str]) -> None:
    samples = [read_text(text) for text in side]
    samples += [read_text(text.replace(".", " today.", 1)) for text in side]
    for first in range(len(samples) - 2):
        new = samples[first : first + 3]
        majorities = Majorities([each for each in samples if each not in new], new)
        assert [found for each in new for found in majorities.breaks(each, "")] == []


@pytest.mark.parametrize(
    ("sentence", "steps"),
    [
        ("You must sign here.", {MUST}),
        ("Signing is not mandatory, but recommended.", {FREE, ADVISED}),
        ("You don't have to sign.", {FREE}),
        ("Sie müssen hier nicht unterschreiben.", {FREE}),
        ("Es obligatorio firmar.", {MUST}),
        ("No es obligatorio firmar; se recomienda.", {FREE, ADVISED}),
        ("La signature est facultative.", {FREE}),
        ("Non è obbligatorio firmare.", {FREE}),
        ("É obrigatório assinar.", {MUST}),
        ("The sun shines.", set()),
    ],
)
def test_how_far_a_sentence_obliges(sentence: str, steps: set[int]) -> None:
    assert obligations(sentence) == steps


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "The cache filled up, which led to slow queries, and support was informed.",
            "Slow queries led to a full cache that filled up, and we informed support.",
        ),
        (
            "The alarm was triggered by the smoke in the kitchen.",
            "The smoke in the kitchen was triggered by the alarm, as we have found out.",
        ),
    ],
)
def test_causes_told_by_a_verb_can_be_turned(before: str, after: str) -> None:
    assert any(drift.severity != "info" for drift in drifts(before, after))
