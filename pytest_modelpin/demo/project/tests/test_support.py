"""Plain tests of plain code: nothing here knows about versions."""

import support


def test_refund(model_snapshot):
    assert support.answer("How long does a refund take?") == model_snapshot


def test_fee(model_snapshot):
    said = support.answer("What does express shipping cost?")
    assert "$" in said
    assert said == model_snapshot


def test_opened_box(model_snapshot):
    assert support.answer("Can I return an opened box?") == model_snapshot


def test_ticket(model_snapshot):
    found = support.ticket("I was charged twice, 42 dollars! Fix this today.")
    assert found["urgency"] == "high"
    assert found == model_snapshot
