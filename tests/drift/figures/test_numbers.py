from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.compare import drifts
from pytest_modelpin.drift.figures import numbers
from pytest_modelpin.drift.figures.numbers import Figures, same, unmatched
from pytest_modelpin.drift.figures.quantities import masked, quantities


def differ(before: str, after: str) -> bool:
    left = unmatched(quantities(before), quantities(after))
    return bool(left.before or left.after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1,000", "1000"),
        ("$42.00", "$42"),
        ("three items", "3 items"),
        ("1.234,56 €", "€1,234.56"),
        ("1 000 €", "1000 €"),
        ("2026-03-01", "March 1, 2026"),
        ("1. März 2026", "2026-03-01"),
        ("2026年3月1日", "1 March 2026"),
        ("03/01/2026", "2026-03-01"),
        ("1er mars 2026", "2026-03-01"),
        ("2 PM", "14:00"),
        ("noon", "12:00"),
        ("下午3点", "15:00"),
        ("14 Uhr", "2 pm"),
        ("25%", "25 percent"),
        ("0.25", "25%"),
        ("twenty-five", "25"),
        ("two hundred and fifty dollars", "$250"),
        ("$1.2M", "1.2 million dollars"),
        ("$5 million", "$5,000,000"),
        ("5k", "5000"),
        ("٤٢", "42"),
        ("４２", "42"),
        ("二十五元", "25元"),
        ("三天", "3天"),
        ("5 km", "5000 m"),
        ("60 minutes", "1 hour"),
        ("half an hour", "30 minutes"),
        ("four fifths of it", "80% of it"),
        ("seven-tenths", "70%"),
        ("vier Fünftel", "80 %"),
        ("six decades", "60 years"),
        ("7 to 21 days", "one to three weeks"),
        ("between seven and 21 days", "1–3 weeks"),
        ("three euros eighty", "€3.80"),
        ("24 hours", "one day"),
        ("300 mg", "300mg"),
        ("9–5", "from 9 to 5"),
        ("v1.2.3", "1.2.3"),
        ("ORD-12345", "order 12345"),
        ("the 3rd", "3"),
        ("½ cup", "1/2 cup"),
        ("1,5 Liter", "1.5 l"),
        ("a dozen", "12"),
        ("1.5e3", "1500"),
        ("1. Open it.", "Open it."),
        ("https://a.com/x/", "https://A.com/x"),
        ("Montag", "Monday"),
    ],
)
def test_spellings_of_one_figure_are_the_same(before: str, after: str) -> None:
    assert not differ(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("$42", "$420"),
        ("$42", "€42"),
        ("5 km", "5 miles"),
        ("19 GB", "19 MB"),
        ("3.5%", "35%"),
        ("-5 °C", "5 °C"),
        ("1 March 2026", "2 March 2026"),
        ("March 2026", "March 2027"),
        ("2 PM", "2 AM"),
        ("Monday", "Tuesday"),
        ("Python 3.10", "Python 3.1"),
        ("1.2.3", "1.3.2"),
        ("gpt-4o", "gpt-4"),
        ("A12", "A21"),
        ("00123", "00132"),
        ("4.2 million", "4.2 billion"),
        ("二十五元", "五十二元"),
        ("5 days", "5 weeks"),
        ("2 pounds", "2 kg"),
        ("#1234", "#1243"),
        ("bob@x.org", "bob@y.org"),
        ("Option A", "Option B"),
        ("twice", "three times"),
        ("5 business days", "5 days"),
        ("Account 1000000001.", "Account 1000000002."),
        ("Call +4915112345678.", "Call +4915112345679."),
    ],
)
def test_figures_that_differ_differ(before: str, after: str) -> None:
    assert differ(before, after)


@given(st.text(max_size=80))
def test_any_text_is_read_and_masked(text: str) -> None:
    assert not differ(text, text)
    assert isinstance(masked(text), str)


@given(st.integers(0, 10**9))
def test_an_amount_with_thousands_separators_is_the_same_amount(amount: int) -> None:
    assert not differ(f"{amount:,} items", f"{amount} items")


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_two_amounts_are_the_same_only_where_they_are(one: int, other: int) -> None:
    assert differ(f"${one}", f"${other}") == (one != other)


FIGURES = st.one_of(
    st.integers(0, 300).map(str),
    st.integers(0, 300).map(lambda n: f"{n}%"),
    st.integers(1, 99).map(lambda n: f"0.{n:02}"),
    st.sampled_from(["5 km", "5000 m", "-3", "¥100", "100 yen", "3 March 2026", "9:30", "v2.1"]),
    st.sampled_from(["ORD-12345", "12345", "Monday", "option B", "https://a.com", "2.1.7", "3 pm"]),
)


@given(st.lists(FIGURES, max_size=25), st.lists(FIGURES, max_size=25))
def test_among_many_figures_the_same_are_matched_as_among_few(before, after):
    one, other = quantities(", ".join(before)), quantities(", ".join(after))
    left = unmatched(one, other)
    assert left.before == tuple(q for q in one if not any(same(q, each) for each in other))
    assert left.after == tuple(q for q in other if not any(same(q, each) for each in one))


@given(st.lists(FIGURES, max_size=8), FIGURES)
def test_a_figure_is_sought_only_among_those_that_can_be_the_same(figures: list[str], other: str):
    known = quantities(", ".join(figures))
    for figure in quantities(other):
        assert Figures(known).have(figure) == any(same(figure, each) for each in known)


def test_a_table_of_figures_is_matched_without_trying_all_pairs(monkeypatch):
    tried = []
    monkeypatch.setattr(numbers, "same", lambda a, b: tried.append(1) or same(a, b))
    one = quantities(", ".join(f"{n} units" for n in range(1000, 1090)))
    other = quantities(", ".join(f"{n} units" for n in range(2000, 2090)))
    assert len(unmatched(one, other).before) == 90
    assert len(tried) < 90


def test_figures_beyond_a_float_are_matched_too():
    one = quantities(", ".join(f"{n}{'0' * 400} units" for n in range(1, 12)))
    other = quantities(", ".join(f"{n}{'0' * 400} units" for n in range(2, 13)))
    left = unmatched(one, other)
    assert len(one) > 10
    assert left.before == tuple(q for q in one if not any(same(q, each) for each in other))
    assert left.after == tuple(q for q in other if not any(same(q, each) for each in one))


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("Children pay half price on weekends.", "On weekends, children get 50% off.", True),
        ("Das Ticket gibt es zum halben Preis.", "Das Ticket kostet die Hälfte.", True),
        ("Il biglietto è ridotto del 50%.", "Il biglietto è a metà prezzo.", True),
        ("Les enfants paient 50 % du prix.", "Les enfants voyagent à moitié prix.", True),
        ("Children pay half price on weekends.", "On weekends, children pay 40% less.", False),
        ("La ligne est ouverte 24 h/24 et 7 j/7.", "La ligne est ouverte à toute heure.", True),
        ("The desk is open 24 hours a day.", "You can reach the desk 24/7.", True),
        ("La recepción atiende 24 horas al día.", "La recepción atiende día y noche.", True),
        ("The desk answers within 24 hours.", "The desk answers within 48 hours.", False),
    ],
)
def test_half_a_price_and_the_whole_day_are_said_in_words_as_well(
    before: str, after: str, same: bool
) -> None:
    found = {drift.severity for drift in drifts(before, after)}
    assert (found == {"info"}) is same
