"""What the candidate's samples leave out, and what only sounds as if they did."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pytest_modelpin.compare import case_drifts


def told(pins: list[str], candidates: list[str]) -> list[tuple[str, str]]:
    """Kind and severity of what is above info."""
    return [(d.kind, d.severity) for d in case_drifts(pins, candidates) if d.severity != "info"]


PARKING = [
    "Guests park behind the hotel for 9 euros a night. Trailers are turned away.",
    "Parking behind the hotel costs guests 9 euros per night, and trailers can't come in.",
    "Behind the hotel, guests can park for 9 euros a night, though not with a trailer.",
]


def test_a_noun_that_alone_is_gone_from_sentences_that_otherwise_stand() -> None:
    new = [
        "Guests park behind the hotel for 9 euros a night.",
        "Parking behind the hotel costs guests 9 euros per night.",
        "Behind the hotel, guests can park for 9 euros a night.",
    ]
    assert ("content", "review") in told(PARKING, new)


def test_who_did_it_is_lost_with_the_noun_alone() -> None:
    pins = [
        "The survey was paid for by the brewer. Two towns took part.",
        "Two towns took part in the survey, which a brewer financed.",
        "A brewer funded the survey; two towns took part in it.",
    ]
    new = ["Two towns took part in the survey.", "The survey was held in two towns."] * 2
    assert told(pins, new) == [("content", "review")]


def test_a_noun_is_the_same_in_its_inflections_and_compounds() -> None:
    pins = [
        "Der Vertrag endet zum Quartalsende, die Frist beträgt zwei Monate.",
        "Zum Ende des Quartals endet der Vertrag; die Frist sind zwei Monate.",
        "Die Frist beträgt zwei Monate, und der Vertrag endet zum Quartalsende.",
    ]
    kept = ["Der Vertrag endet mit dem Quartal, die Frist beträgt zwei Monate."] * 3
    assert told(pins, kept) == []


def test_a_noun_that_gave_way_in_sentences_said_anew_is_wording() -> None:
    pins = [
        "It takes two days to ship to Norway.",
        "Shipping to Norway takes two days.",
        "To Norway, shipping takes two days.",
    ]
    new = ["Parcels for Norway arrive after two days.", "Norway is reached within two days."]
    assert told(pins, new) == []


def test_another_thing_is_denied_than_was() -> None:
    pins = [
        "Pens may come in, but not bags.",
        "Bags are prohibited, pens are welcome inside.",
        "You can take pens inside, and no bags.",
    ]
    new = [
        "Bags may come in, but not pens.",
        "Pens are prohibited, bags are welcome inside.",
        "You can take bags inside, and no pens.",
    ]
    found = case_drifts(pins, new)
    assert ("negation", (3, 3)) in [(d.kind, d.samples) for d in found if d.severity != "info"]


@pytest.mark.parametrize(
    ("usual", "other"), [("per kilogram", "per pound"), ("for each kg", "per lb")]
)
def test_an_amount_given_for_another_unit(usual: str, other: str) -> None:
    pins = [f"Give 5 ml {usual}.", "The dose is 5 ml per kilogram.", "5 ml per kg is right."]
    new = [f"Give 5 ml {other}.", "The dose is 5 ml per pound.", "5 ml per lb is right."]
    assert ("number", "regression") in told(pins, new)


def test_an_amount_in_another_currency_that_the_pin_does_not_always_name() -> None:
    pins = ["The fee is 350 francs.", "You pay CHF 350.", "350 francs (CHF) is the fee."]
    assert told(pins, ["The fee is 350 francs, in CHF."] * 2) == []
    assert told(pins, ["The fee is 350 euros.", "You pay €350."]) != []


def test_a_denial_in_a_clause_of_its_own_denies_nothing_else() -> None:
    pins = [
        "Plan Plus costs $12 and has 100 GB. Plan Basic is free with 5 GB.",
        "Basic is free and has 5 GB. Plus is $12 for 100 GB.",
        "You get 5 GB for free on Basic. Plus has 100 GB for $12.",
    ]
    new = [
        "For $12, Plus has 100 GB, whereas the free Basic has 5 GB.",
        "Basic costs nothing and has 5 GB; Plus has 100 GB and is $12.",
    ]
    assert told(pins, new) == []


TICKETS = [
    "Tickets are sold at the gate. Wear sturdy boots, since the path is steep.",
    "You can buy tickets at the gate. The path is steep: boots that are sturdy are a must.",
    "The gate sells tickets. For the steep path you will want sturdy boots.",
]


def test_a_sentence_that_no_sample_has_in_any_words() -> None:
    new = [
        "Tickets are available at the gate, which opens in the morning. Come early, it is busy.",
        "At the gate they sell tickets. It opens in the morning, and the queue can be long.",
        "The gate has tickets on sale as of the morning. Arrive early and avoid the long queue.",
    ]
    assert ("content", "review") in told(TICKETS, new)
    kept = [
        "Tickets are available at the gate. Take sturdy boots; it gets steep.",
        "At the gate they sell tickets. As the way up is steep, put on your boots.",
        "The gate has tickets on sale. With a path this steep, sturdy shoes are advisable.",
    ]
    assert told(TICKETS, kept) == []


PATIENT = [
    "He has had chest pain since the morning. He takes metoprolol and is allergic to penicillin.",
    "Chest pain since this morning, on metoprolol, penicillin allergy.",
    "Medication: metoprolol. Allergy: penicillin. Chest pain began in the morning.",
    "He's allergic to penicillin, takes metoprolol and has had chest pain since the morning.",
    "Since the morning there is pain in his chest; he takes metoprolol. Penicillin: allergic.",
]


def test_one_thing_of_a_list_is_lost_in_any_wording() -> None:
    new = [
        "Complaint: pain in the chest, started this morning. Current medication: metoprolol.",
        "He came because his chest has been hurting since morning. He's on metoprolol.",
        "Chest pain, onset in the morning; drugs: metoprolol.",
    ]
    assert ("content", "review") in told(PATIENT, new)
    kept = [f"{text} A penicillin allergy is known." for text in new]
    assert told(PATIENT, kept) == []


def test_a_terse_rewording_that_says_all_of_it_has_lost_nothing() -> None:
    new = [
        "Chest pain (since morning). Metoprolol. Allergic: penicillin.",
        "Penicillin allergy; metoprolol; pain in chest since morning.",
        "Pain: chest, since morning. On metoprolol. No penicillin (allergy).",
    ]
    assert told(PATIENT, new) == []


_TIED = """
from pytest_modelpin.compare import case_drifts

pins = [
    "Good question! Give it water every 3 days. The stems want pruning in autumn. A thin layer of "
    "mulch keeps the roots warm. Plant it 10 cm deep. Put it into full sun. Its leaves are toxic "
    "to cats.",
    "Good question! Cover the roots with some mulch against frost. Water the plant every 3 days. "
    "10 cm is the right depth for the bulb. Cut the stems back in autumn. It grows best in full "
    "sun. Keep cats away from the leaves, which are toxic. Let me know if you need anything else.",
    "Good question! Mulch protects the roots from cold. Give it water every 3 days. 10 cm is the "
    "right depth for the bulb. Prune the stems when autumn comes. It grows best in full sun. Keep "
    "cats away from the leaves, which are toxic.",
]
new = [
    "Here is what I found. In autumn, the stems should be cut. Cats get ill from the leaves. Water "
    "the plant every 3 days. It prefers full sun. Mulch protects the roots from cold. "
    "I hope this helps!",
    "Every 3 days, it should be watered. Put it into full sun. Its leaves are toxic to cats. The "
    "stems want pruning in autumn. Cover the roots with some mulch against frost. Feel free to ask "
    "if anything is unclear.",
    "Here is what I found. Mulch protects the roots from cold. Give it water every 3 days. The "
    "stems want pruning in autumn. Put it into full sun. Cats get ill from the leaves.",
]
print(case_drifts(pins, new))
"""


def test_which_of_two_sentences_is_called_lost_is_the_same_in_every_process() -> None:
    """Python orders a set of words anew in each; and sums of shares differed by their order."""
    found = {
        subprocess.run(
            [sys.executable, "-c", _TIED], env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, check=True, text=True,
        ).stdout
        for seed in "01"
    }  # fmt: skip
    assert len(found) == 1
