"""What a statement holds for is found changed in whatever words, and only where it is."""

from __future__ import annotations

import pytest

from pytest_modelpin.compare import case_drifts, drifts

Pair = tuple[str, str]

CHANGED: list[Pair] = [
    # excepted, included
    ("La garantía cubre todas las piezas, excepto la pantalla.",
     "La garantía cubre todas las piezas, incluida la pantalla."),
    ("The tour covers all rooms with the exception of the tower.",
     "The tour takes in every room, including the tower."),
    ("Der Tarif gilt für alle Länder mit Ausnahme der Schweiz.",
     "Der Tarif gilt in allen Ländern einschließlich der Schweiz."),
    # denied in one sentence, and affirmed by another that took it in
    ("Water from a burst pipe is insured. Flood water isn't insured under this plan; "
     "for that there is an add-on.",
     "Burst pipes and flood water are insured under this plan. An add-on can be had."),
    ("Leitungswasser ist versichert. Hochwasser ist im Basistarif nicht versichert.",
     "Leitungswasser und Hochwasser sind im Basistarif versichert."),
    # counted by another thing
    ("The discount is limited to one per household. It ends in May.",
     "You can use the discount once per person. It ends in May."),
    ("Der Gutschein gilt einmal pro Haushalt und kann nicht kombiniert werden.",
     "Pro Person kann der Gutschein einmal genutzt werden, eine Kombination ist nicht möglich."),
    # certain days only
    ("The pool is free for guests and opens from 7 am to 9 pm on weekdays. Towels cost $3.",
     "Guests use the pool for free. It's open from 7 am to 9 pm. Towels cost $3."),
    ("Le parking est gratuit le dimanche pour les clients. Comptez 5 € les autres jours.",
     "Le parking est gratuit pour les clients. Sinon, comptez 5 €."),
    # going together is not causing
    ("Drinking tea was linked to lower stress in 900 students. The data are observational.",
     "The study of 900 students shows that drinking tea reduces stress. It used such data."),
    # must, and may
    ("Debe traer el original del contrato y una copia.",
     "Puede traer el original del contrato y una copia."),
    ("Vous devez fournir un justificatif de domicile.",
     "Vous pouvez fournir un justificatif de domicile."),
    ("Sie müssen das Formular unterschreiben.", "Sie können das Formular unterschreiben."),
    # the first part of a compound
    ("Die Miete ist zum Monatsanfang fällig. Eine Überweisung genügt.",
     "Fällig wird die Miete am Quartalsanfang, eine Überweisung reicht."),
    ("Das Zimmer wird mit Halbpension gebucht und kostet 90 Euro.",
     "Gebucht wird das Zimmer mit Vollpension zu 90 Euro."),
    # a row of a table
    ("| Role | Access |\n|---|---|\n| Admin | full |\n| Editor | write |\n| Guest | read |",
     "| Role | Access |\n|---|---|\n| Admin | full |\n| Guest | read |"),
]  # fmt: skip

KEPT: list[Pair] = [
    ("La garantie couvre tout sauf la batterie.",
     "La garantie couvre tout, à l'exception de la batterie."),
    ("Smoking is associated with a higher risk of stroke.",
     "There is a link between smoking and a higher risk of stroke."),
    ("The fee is $5 per person.", "Each person pays a fee of $5."),
    ("Debe presentar su DNI en la entrada.", "Es obligatorio presentar el DNI en la entrada."),
    ("Sie müssen den Antrag bis Freitag einreichen.", "Der Antrag ist bis Freitag einzureichen."),
    ("Our support team is available 24/7 via chat or email.",
     "You can reach our support team around the clock by chat or by email."),
    ("| Plan | Price |\n|---|---|\n| Basic | $5 |\n| Pro | $9 |",
     "| Plan | Monthly price |\n|:--|--:|\n| Pro | $9 |\n| Basic | $5 |"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), CHANGED)
def test_what_holds_for_something_else_is_for_review(before: str, after: str) -> None:
    assert {drift.severity for drift in drifts(before, after)} - {"info"}


@pytest.mark.parametrize(("before", "after"), KEPT)
def test_what_holds_for_the_same_is_no_change(before: str, after: str) -> None:
    assert {drift.severity for drift in drifts(before, after)} == {"info"}


def test_in_a_long_text_that_was_written_anew_words_meet_by_chance() -> None:
    rooms = ["hall", "cellar", "attic", "studio", "library", "chapel", "pantry", "lounge", "bar"]
    one = [f"The {room} is for everybody, except for the shy {room}keeper." for room in rooms]
    other = [f"Whoever looks in sees much, including the {room}keeper." for room in rooms]
    flagged = [
        {drift.severity for drift in drifts(" ".join(one[:n]), " ".join(other[:n]))} for n in (8, 9)
    ]
    assert flagged == [{"review", "info"}, {"info"}]


@pytest.mark.parametrize(
    ("pins", "now"),
    [
        # one direction, told by words of several scales
        (["Sales rose by 4%.", "Sales were up 4%.", "There were 4% more sales.", "Sales grew 4%."],
         ["Sales fell by 4%.", "Sales were down 4%.", "There were 4% fewer sales."]),
        (["Bikes are slower here.", "A bike takes longer here.", "By bike it takes more time."] * 2,
         ["Bikes are faster here.", "A bike is quicker here.", "By bike it takes less time."]),
        # a word of a query, fenced or not
        (["Once each:\n\nSELECT COUNT(DISTINCT buyer) FROM sales;",
          "```sql\nselect count(distinct s.buyer) from sales s;\n```\nEach counts once.",
          "Nobody counts twice.\n\n```sql\nSELECT COUNT(DISTINCT buyer) AS n FROM sales;\n```"],
         ["Once each:\n\nSELECT COUNT(buyer) FROM sales;",
          "```sql\nselect count(s.buyer) from sales s;\n```\nEach counts once."]),
        # what is said of a quality, and by its noun
        (["Not for pregnant women. Take it for 5 days.", "Pregnancy forbids it. Stop in 5 days.",
          "Take it for 5 days, unless pregnant.", "During pregnancy it's off; else for 5 days.",
          "5 days, never while pregnant."],
         ["Take it for 5 days.", "Stop in 5 days.", "5 days at most."]),
        # a row of a table that all of the pin's samples have
        (["| Role | May |\n|---|---|\n| Admin | all |\n| Editor | write |\n| Guest | read |"] * 3,
         ["| Role | May |\n|---|---|\n| Admin | all |\n| Guest | read |"] * 2),
    ],
)  # fmt: skip
def test_all_samples_agree_in_it(pins: list[str], now: list[str]) -> None:
    assert {drift.severity for drift in case_drifts(pins, now)} - {"info"}
