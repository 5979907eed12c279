"""What a statement is tied to is found changed, and no other word for it is taken for a change."""

from __future__ import annotations

import pytest

from pytest_modelpin.compare import drifts

Pair = tuple[str, str]

CHANGED: list[Pair] = [
    # from when a time counts
    ("You can send the lamp back within 20 days of delivery. Keep the box.",
     "Lamps can be sent back within 20 days of buying them. Keep hold of the box."),
    ("Die Rechnung ist 10 Tage nach Lieferung fällig. Sie kommt per Post.",
     "Fällig ist die Rechnung 10 Tage nach Vertragsschluss; sie kommt mit der Post."),
    # who it is
    ("El vendedor asume los gastos de envío de la devolución.",
     "Los gastos de envío de la devolución corren a cargo del comprador."),
    ("Le bailleur règle la taxe avant le mois de mars.",
     "C'est au locataire de régler la taxe avant mars."),
    # required, and done without
    ("A signature is required on delivery.", "The parcel can be left without a signature."),
    ("Ein Ausweis ist am Eingang erforderlich.", "Am Eingang kommt man ohne Ausweis hinein."),
    # what rises and what falls
    ("Rents rose although wages fell.", "Wages rose although rents fell."),
    ("Put the loaf on the middle shelf for an hour.", "For an hour, the loaf is on the top shelf."),
    # what stands in brackets is no calculation's step because both texts end in the same figure
    ("The visa costs a fee (35 euros). Bring two photos. Processing lasts 10 days.",
     "Bring two photos. It is processed in 10 days."),
    ("You get it back in five days. The deposit is kept (20 %) for damage. We open at 9:30.",
     "It is refunded after five days at most. The shop opens at 9:30."),
    ("Enter x = 7 in the box. Then wait 3 minutes.", "Wait 3 minutes."),
]  # fmt: skip

KEPT: list[Pair] = [
    ("You can send the lamp back within 20 days of delivery.",
     "Lamps can be sent back within 20 days of being delivered."),
    ("A ticket is required to enter.", "Nobody gets in without a ticket."),
    ("The landlord pays for repairs.", "Repairs are paid for by the landlord."),
    ("The policy doesn't cover lost rings unless they were in a safe.",
     "Lost rings are only covered if they were in a safe."),
    ("Output grew by 12%, but income fell because of higher energy costs.",
     "Output rose 12%; income, however, declined as energy became more expensive."),
    # one of them, and another way to the same result
    ("Use 2 cups of flour, 1 teaspoon of salt and a pinch of sugar.",
     "You'll need two cups of flour, a teaspoon of salt and a pinch of sugar."),
    ("Subtract 5 from both sides: 3x = 12. Divide by 3: x = 4.",
     "Dividing all by 3 gives x + 5/3 = 17/3, so x = 4."),
    # what only points back
    ("Vous pouvez modifier sans frais jusqu'à 36 heures avant le départ. "
     "Passé ce délai, un billet est facturé.",
     "La modification est sans frais jusqu'à 36 heures avant votre départ ; "
     "ensuite, un billet vous sera facturé."),
    ("Simmer it until the broth runs clear and skim it for 20 minutes.",
     "Simmer it until the broth stays clear, then skim it for 20 minutes."),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), CHANGED)
def test_what_is_tied_to_something_else_is_for_review(before: str, after: str) -> None:
    assert {drift.severity for drift in drifts(before, after)} - {"info"}


@pytest.mark.parametrize(("before", "after"), KEPT)
def test_what_is_tied_to_the_same_is_no_change(before: str, after: str) -> None:
    assert {drift.severity for drift in drifts(before, after)} == {"info"}
