"""Two sides of a tie that changed places are found, in whatever words and order they are told."""

from __future__ import annotations

import time

import pytest

from pytest_modelpin.compare import drifts

Pair = tuple[str, str]

TURNED: list[Pair] = [
    # cause and effect
    (
        "The pump stopped because the filter was blocked. It was cleaned on Monday.",
        "The filter was blocked because the pump had stopped. On Monday it was cleaned.",
    ),
    ("Die Pumpe fiel aus, weil der Filter verstopft war.",
     "Der Filter war verstopft, weil die Pumpe ausgefallen war."),
    ("La bomba se paró porque el filtro estaba obstruido.",
     "El filtro se obstruyó porque la bomba estaba parada."),
    # first and then
    ("Remove the pan from the heat, then stir in the cream.",
     "Stir in the cream, then remove the pan from the heat."),
    ("Retirez la casserole du feu, puis ajoutez la crème.",
     "Ajoutez la crème, puis retirez la casserole du feu."),
    ("Nehmen Sie den Topf vom Herd und rühren Sie danach die Sahne ein.",
     "Rühren Sie die Sahne ein und nehmen Sie danach den Topf vom Herd."),
]  # fmt: skip

KEPT: list[Pair] = [
    ("Because the bridge is closed, buses take a detour.",
     "Buses take a detour since the bridge is closed."),
    ("Weil die Brücke gesperrt ist, fahren die Busse eine Umleitung.",
     "Die Busse fahren eine Umleitung, weil die Brücke gesperrt ist."),
    ("Mix the flour with the eggs, then add the milk.",
     "First mix flour and eggs; after that, add the milk."),
    ("Before you start, save your work. Then restart the computer.",
     "Save your work first, then restart your computer."),
    ("The file is copied from the server to your laptop.",
     "Your laptop gets a copy of the file from the server."),
    ("Data flows from the sensor to the hub.", "Data flows to the hub from the sensor."),
    ("The lab tests the samples of the supplier.",
     "The samples of the supplier are tested by the lab."),
    ("Entry is free before noon and costs 9 euros after noon.",
     "After noon entry costs 9 euros; before noon it is free."),
    # German puts what is done to first as well
    ("Der Kunde schickt den Vertrag zurück.", "Den Vertrag schickt der Kunde zurück."),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), TURNED)
def test_sides_that_changed_places_are_for_review(before: str, after: str) -> None:
    assert {drift.severity for drift in drifts(before, after)} - {"info"}


@pytest.mark.parametrize(("before", "after"), KEPT)
def test_sides_that_stayed_are_no_change(before: str, after: str) -> None:
    assert {drift.severity for drift in drifts(before, after)} == {"info"}


def test_many_ties_take_no_time() -> None:
    one = "The lorry goes from Aden to Bonn because it is cheap, then from Bonn to Cork. " * 300
    other = "The lorry goes from Cork to Bonn, then it is cheap because it goes from Bonn. " * 300
    started = time.process_time()
    drifts(one, other)
    assert time.process_time() - started < 10
