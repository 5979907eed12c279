"""What a text ties together is found changed in a text that is otherwise reworded."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.compare import drifts
from pytest_modelpin.drift.text.clauses import (
    condition_dropped,
    conjunct_dropped,
    opposite_said,
)
from pytest_modelpin.drift.text.sentences import sentences


def above_info(before: str, after: str) -> list[str]:
    return [drift.kind for drift in drifts(before, after) if drift.severity != "info"]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (
            "Guests get a key at the desk. They can use the sauna only after a briefing.",
            "At the desk every guest receives a key, and the sauna is open to them, too.",
            "content",
        ),
        (
            "Ring the bell if you need help or notice a strange smell.",
            "If you need help, ring the bell.",
            "content",
        ),
        (
            "All cats are shy, and most sleep by day.",
            "All cats are shy, and all sleep by day.",
            "content",
        ),
    ],
)
def test_another_tie_is_found_in_other_words(before: str, after: str, kind: str) -> None:
    assert kind in above_info(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("You need at least 40 points.", "A minimum of 40 points is what you need."),
        ("It rose from 4% to 6%.", "It rose to 6% from 4%."),
        ("No more than 3 tries are left.", "You have 3 tries at most."),
        ("Add x + y here.", "Here you add x + y."),
        (
            "Bikes are allowed in the courtyard, but not in the hallway.",
            "You may not leave your bike in the hallway, but the courtyard is fine.",
        ),
        (
            "Maria hired the singer whom Peter recommended.",
            "Peter recommended the singer whom Maria hired.",
        ),
        (
            "You can park here only with a permit. Bring your card.",
            "Parking here takes a permit. Your card is needed as well.",
        ),
        (
            "It is free before check-in and costs 20 euros after check-in.",
            "After check-in it costs 20 euros; before check-in it is free.",
        ),
        (
            "O pedido chega em até 45 minutos e a taxa é de R$ 9,90.",
            "Seu pedido é entregue em no máximo 45 minutos, com taxa de R$ 9,90.",
        ),
        ("No se permite el uso de calculadoras.", "Las calculadoras están prohibidas."),
        ("The museum closes at midnight.", "The museum closes at 00:00."),
        ("It takes half an hour.", "It takes 30 minutes."),
        ("Add a quarter of a litre of milk.", "Add 250 ml of milk."),
        ("Wait a year.", "Wait 12 months."),
        ("Un demi-litre de lait suffit.", "500 ml de lait suffisent."),
        ("It takes two and a half hours.", "It takes 150 minutes."),
        ("O voo dura duas horas e meia.", "O voo dura 2,5 horas."),
        ("O voo atrasou duas horas.", "O voo atrasou 120 minutos."),
        ("Do this: 1) save it, 2) restart.", "Do this: save it, then restart."),
        ("It costs 35 cents.", "It costs €0.35."),
        ("Add 1/2 litre of milk.", "Add half a litre of milk."),
        ("It is closed on weekends.", "It is closed on Saturday and Sunday."),
        ("It boils at 100 degrees.", "It boils at 100 °C."),
    ],
)
def test_the_same_tie_in_other_words_is_no_change(before: str, after: str) -> None:
    assert above_info(before, after) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("It takes half an hour.", "It takes 20 minutes."),
        ("It costs 35 cents.", "It costs €3.50."),
        ("It is closed on weekends.", "It is closed on Mondays."),
        ("It takes two and a half hours.", "It takes two hours."),
        ("Add 1/2 litre of milk.", "Add 1/4 litre of milk."),
    ],
)
def test_another_amount_is_no_other_spelling(before: str, after: str) -> None:
    assert above_info(before, after)


texts = st.text(
    st.sampled_from("ab not or if 1 2 % + - , . only from to at most least \n"), max_size=120
)


@given(texts, texts)
def test_no_text_raises_and_none_differs_from_itself(before: str, after: str) -> None:
    parts, others = sentences(before), sentences(after)
    assert opposite_said(parts, parts) is None
    opposite_said(parts, others)
    for dropped in (condition_dropped, conjunct_dropped):
        assert dropped(parts, parts) is None
        dropped(parts, others)


@pytest.mark.long
def test_hostile_texts_are_read_in_bounded_time() -> None:
    before = " ".join(
        f"not a{n} but b{n} from {n} to {n + 1} at least {n} or if c{n}," for n in range(3000)
    )
    after = " ".join(
        f"not b{n} but a{n} to {n} from {n + 1} at most {n} x + y." for n in range(3000)
    )
    start = time.process_time()
    drifts(before, after)
    drifts(after, before)
    assert time.process_time() - start < 20
