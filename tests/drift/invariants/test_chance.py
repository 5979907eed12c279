"""What other divisions of the samples show as often is noise; what they don't is a change."""

from __future__ import annotations

from itertools import combinations

import pytest

from pytest_modelpin.compare import case_drifts
from pytest_modelpin.drift.invariants import chance

COMMON = (
    "Our guide to the harbour begins at the lighthouse, which was restored by volunteers.",
    "Fishing boats return before noon and sell their catch along the northern quay.",
    "Ferries to the islands depart from the terminal beside the customs building.",
    "Cyclists follow the painted lane past warehouses, cranes and the rowing club.",
    "Families enjoy the playground, where benches face the water and pines give shade.",
)
ASIDES = (
    "A museum of navigation exhibits charts, sextants and compasses.",
    "Musicians perform jazz on the bandstand every summer evening.",
    "The bakery offers rye bread, cinnamon buns and marzipan.",
    "Kayaks can be rented from a wooden kiosk near the slipway.",
    "Swallows nest beneath the iron bridge in springtime.",
    "An aquarium shelters injured turtles, seals and otters.",
    "Painters praise the golden light upon the chalk cliffs.",
    "The chapel keeps a votive ship carved from walnut.",
    "Divers explore a sunken barge covered with mussels.",
    "A weekly market trades cheese, honey and pottery.",
    "Telescopes on the rooftop show comets and planets.",
    "Historians lecture about smugglers in the old tavern.",
    "The orchard behind the mill grows pears and quinces.",
    "Kite festivals attract visitors to the sandy spit.",
    "Engineers designed the tidal gate against storm floods.",
    "Knitters gather in the library to mend fishing nets.",
)
OWN = (5, 6, 7)
"""The samples of the candidate's."""


def samples(*, by_chance: bool, lost: bool) -> tuple[list[str], list[str]]:
    """Eight answers, each with its own asides: by chance the candidate's lack one that all of the
    pin's have, as any other three samples lack another one; or nothing is left to chance.
    """
    lacking = [OWN, *list(combinations(range(8), 3))[:: 56 // len(ASIDES)]]
    told = []
    for number in range(8):
        said = list(COMMON)
        for aside, without in zip(ASIDES, lacking, strict=False):
            if (number in without) if by_chance else (number in OWN and lost):
                continue
            said.insert((number * 3 + len(said)) % (len(said) + 1), aside)
            if not by_chance:
                break
        told.append(" ".join(said))
    return told[:5], told[5:]


def severities(pins: list[str], candidates: list[str]) -> set[str]:
    return {drift.severity for drift in case_drifts(pins, candidates)}


def test_what_any_division_of_long_answers_shows_is_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    pins, candidates = samples(by_chance=True, lost=False)
    assert severities(pins, candidates) == {"info"}
    monkeypatch.setattr(chance, "_LONG", 10_000)
    assert "review" in severities(pins, candidates), "else this test shows nothing"


def test_what_no_other_division_shows_was_changed() -> None:
    pins, candidates = samples(by_chance=False, lost=True)
    assert "review" in severities(pins, candidates)


def test_divisions_are_mixed_the_same_every_time_and_few() -> None:
    for pins, candidates in ((5, 3), (3, 3), (8, 8), (5, 1)):
        divisions = chance._divisions(pins, candidates)
        assert divisions == chance._divisions.__wrapped__(pins, candidates)
        assert len(set(divisions)) == len(divisions) <= 30
        own = set(range(pins, pins + candidates))
        assert all(len(each) == candidates and own != {*each} for each in divisions)
        assert len({len(own & {*each}) for each in divisions}) == 1
