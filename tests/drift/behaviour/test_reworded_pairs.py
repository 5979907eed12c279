"""What a rewording leaves alone, and what stays a change however the text around it is worded."""

from __future__ import annotations

import pytest

from pytest_modelpin.compare import case_drifts, drifts
from pytest_modelpin.drift.figures.quantities import quantities
from pytest_modelpin.drift.figures.quantity_words import says
from pytest_modelpin.drift.lexicon.irregular import DERIVED, INFLECTED
from pytest_modelpin.drift.text.non_answers import courteous
from pytest_modelpin.drift.text.tokens import meaning

Pair = tuple[str, str]

SAME: list[Pair] = [
    # amounts that are told in parts, and times that are told from the full hour
    ("The ride takes 3 hours 20 minutes.", "The ride takes 3 h 20 min."),
    ("The tour starts at 9:30.", "The tour starts at half past nine."),
    ("Die Tour beginnt um 9:30 Uhr.", "Die Tour beginnt um halb zehn."),
    ("Das Seminar dauert 2,5 Stunden.", "Das Seminar ist zweieinhalbstündig."),
    ("Der Techniker kommt am Dienstag.", "Der Techniker kommt am Dienstagvormittag."),
    ("Tickets start at CHF 34.", "Tickets start at 34 Swiss francs."),
    ("Nine in ten moved within the past 12 months.", "Nine in ten moved within the past year."),
    # sentences that were cut elsewhere, so that two figures changed their sentences
    (
        "Nehmen Sie den Bus 12 bis zum Markt, die Fahrt dauert acht Minuten. "
        "Die Karte kostet 2,40 € und ist am Automaten erhältlich.",
        "Kaufen Sie am Automaten eine Karte für 2,40 € und nehmen Sie den Bus 12 bis zum Markt. "
        "Rechnen Sie mit 8 Minuten Fahrt.",
    ),
    (
        "Toma el autobús 7 hasta la plaza, el viaje dura quince minutos. El billete cuesta 2 €.",
        "Compra un billete de 2 € y toma el autobús 7 hasta la plaza. Dura 15 minutos.",
    ),
    # one date, in two sentences that share no word
    (
        "The closing day is 7 June 2027. Late entries are turned away.",
        "Entries have to reach us by June 7, 2027. Late ones are not looked at.",
    ),
    (
        "The cover pays for treatment and lost bags, but not for injuries from free climbing.",
        "Apart from injuries caused by free climbing, the cover pays for treatment and lost bags.",
    ),
    # what is excepted, and a table that became a list
    (
        "The guarantee covers all parts except the battery.",
        "All parts are covered by the guarantee, but not the battery.",
    ),
    (
        "| Plan | Price |\n|---|---|\n| Basic | $5 |\n| Pro | $9 |",
        "- Basic: $5\n- Pro: $9",
    ),
    # what follows from figures that both sides give
    (
        "Between 14:02 and 14:47 requests failed.",
        "Requests failed for 45 minutes (14:02 to 14:47).",
    ),
    # what only counts what follows, and a formula for its name
    (
        "There are two ways to cancel: through the app, or by calling our hotline.",
        "You can cancel in the app or by phoning our hotline.",
    ),
    (
        "Plants convert carbon dioxide and water into sugar.",
        "Plants turn water and CO2 into sugar.",
    ),
    # flags spelt out, and a commit's parent
    (
        "tar -czf backup.tar.gz --exclude=tmp /srv",
        "tar --create --gzip --file=backup.tar.gz --exclude=tmp /srv",
    ),
    ("```bash\ngit reset --soft HEAD~1\n```", "```bash\ngit reset --soft HEAD^\n```"),
    # it is not the office that is denied
    (
        "Everyone at the office was unable to log in.",
        "Nobody at the office was able to log in.",
    ),
    # a program that is written anew, with the same strings and figures
    (
        "def unique(users):\n    seen = set()\n    result = []\n    for user in users:\n"
        '        email = user["email"].lower()\n        if email not in seen:\n'
        "            seen.add(email)\n            result.append(email)\n    return result",
        'def unique(users):\n    lowered = (each["email"].lower() for each in users)\n'
        "    return list(dict.fromkeys(lowered))",
    ),
]

CHANGED: list[Pair] = [
    (
        "There are two ways to cancel: through the app, or by calling our hotline.",
        "You can only cancel by calling our hotline.",
    ),
    # an enumeration keeps its items, whatever is said around it
    ("Mix flour, sugar and butter.", "Mix flour and sugar."),
    # citations that are numbered otherwise
    (
        "Staff accrue 1.75 days a month [2]. Days carry over until 31 March [3].",
        "Staff accrue 1.75 days a month [1]. Days carry over until 31 March [2].",
    ),
    # a field of the same name with another value
    (
        "Next action: escalate to tier 2.\nThe crash log points to a timeout on the server.",
        "Next action: close the ticket.\nThe crash log indicates a timeout on the server.",
    ),
    # recommended is not required
    (
        "We recommend that new hires complete the training during their first month.",
        "New hires are required to complete the training in their first month.",
    ),
    ("We refund the full amount within a week.", "We refund half of the amount within a week."),
    ("The higher court upheld the ruling.", "The higher court overturned the ruling."),
    # what is polite comes and goes around an edit
    ("Please take one tablet twice a day after meals.", "Take one tablet twice a day at bedtime."),
    # a short program in which one literal changed
    (
        "def top(scores):\n    return sorted(scores, reverse=True)[:3]",
        "def top(scores):\n    return sorted(scores)[:3]",
    ),
]


@pytest.mark.parametrize(("before", "after"), SAME)
def test_the_same_said_otherwise_is_for_information(before: str, after: str) -> None:
    assert {drift.severity for drift in drifts(before, after)} == {"info"}


@pytest.mark.parametrize(("before", "after"), CHANGED)
def test_a_change_is_seen_in_whatever_words(before: str, after: str) -> None:
    assert {drift.severity for drift in drifts(before, after)} != {"info"}


def test_another_amount_in_parts_is_another_amount() -> None:
    found = drifts("It takes 3 hours 20 minutes.", "It takes 3 h 25 min.")
    assert [(drift.kind, drift.severity) for drift in found] == [("number", "regression")]


def test_two_times_of_one_unit_that_stand_apart_are_two() -> None:
    told = quantities("Bake it for 1 hour, 20 minutes before the guests arrive.")
    assert [q.text.strip() for q in told] == ["1 hour", "20 minutes"]


def test_a_bare_figure_is_no_month() -> None:
    (figure,) = quantities("see note 3")
    (day,) = quantities("by 31 March")
    found = drifts("Settle it by 31 March, see note 3.", "Settle it by 31 March, see note 4.")
    assert figure.plain != day.readings
    assert found[0].kind == "number"


def test_a_span_of_times_says_how_long_it_is() -> None:
    (minutes,) = quantities("45 minutes")
    assert says("from 14:02 to 14:47", minutes)
    assert not says("at 14:02 or 14:47 or later", minutes)


@pytest.mark.parametrize(
    "sentence",
    ["Hello Ana, thanks for your message.", "Dear customer, thank you for your patience.", "Hi!"],
)
def test_a_sentence_that_only_greets_and_thanks_is_a_courtesy(sentence: str) -> None:
    assert courteous(sentence)


def test_what_follows_a_greeting_is_none() -> None:
    asking = "Hi Ana, could you review the draft by Monday?"
    assert not courteous(asking)
    pins = [f"{asking} Section 2 changed.", "Hi Ana, please read section 2 by Monday."]
    now = ["Hi Ana, section 2 of the draft changed.", "Hi Ana, please read section 2."]
    assert "review" in {drift.severity for drift in case_drifts(pins, now)}


@pytest.mark.parametrize(
    ("form", "base"),
    [("took", "take"), ("children", "child"), ("decision", "decide"), ("delivery", "deliver")],
)
def test_irregular_forms_share_the_meaning_of_their_base(form: str, base: str) -> None:
    assert meaning(form) == meaning(base)


def test_no_form_is_its_own_base() -> None:
    assert not [form for form, base in {**INFLECTED, **DERIVED}.items() if form == base]


def test_a_flag_that_is_spelt_out_is_no_other_flag() -> None:
    soft = "To undo it, run:\n\n```bash\ngit reset --soft HEAD~1\n```"
    assert {d.severity for d in drifts(soft, soft.replace("--soft", "--hard"))} != {"info"}


def test_a_bare_command_is_compared_as_one() -> None:
    command = 'docker run --rm -v "$PWD/data:/data:ro" -p 8080:80 acme/report:3.2'
    changed = 'docker run --rm -p 8080:80 -v "$PWD/data:/data" acme/report:3.2'
    assert {d.severity for d in drifts(command, changed)} != {"info"}


def test_a_thing_of_which_the_opposite_is_said() -> None:
    before = "MRI shows a 9 mm tear of the tendon in the right shoulder. No fracture."
    after = (
        "MRI findings: the left shoulder has a tendon tear measuring 9 mm. There is no fracture."
    )
    assert {d.severity for d in drifts(before, after)} != {"info"}
    tea = ("Coffee contains more caffeine than tea.", "Tea contains less caffeine than coffee.")
    assert {d.severity for d in drifts(*tea)} == {"info"}


KEY = "The key is at the desk. It doesn't open the garage."


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (KEY, "You get a key from us at reception; it fits every lock, also the garage's.", True),
        (KEY, "You get a key from us at reception, which won't fit the garage.", False),
        (KEY, "You get a key from us at reception, and only the front door takes it.", False),
        ("No more than 3 guests fit in.", "At most, it holds 3 people.", False),
        # said without a word that denies, or by an opposite
        (
            "Rinse it. Never boil the filter.",
            "The filter wants a rinse; boiling is off limits.",
            False,
        ),
        ("Requests without a key get a 401.", "You'll receive 401 if the key is missing.", False),
        ("There is no spring on the way.", "It's nowhere that you can drink on the path.", False),
        ("The reset can't be undone. Be careful.", "Resetting is for good, so take care.", False),
        # and what the denied word is said of all the same
        ("Mercury is hot and has no moons.", "Two moons circle Mercury, a hot planet.", True),
    ],
)
def test_a_denial_that_no_sentence_makes_any_more(before: str, after: str, told: bool) -> None:
    found = [d.kind for d in drifts(before, after) if d.severity != "info"]
    assert ("negation" in found) == told


def test_a_sentence_without_a_counterpart_where_none_stayed_is_wording() -> None:
    before = "Days that are carried over lapse in March. Ask your manager before you book."
    after = "Leave has to be agreed with whoever heads your team before a booking; old days end."
    assert {d.severity for d in drifts(before, after)} == {"info"}


def test_a_day_without_its_year() -> None:
    assert {
        d.severity for d in drifts("Envoyez-le avant le 15 mars.", "Envoyez-le avant le 15/03.")
    } == {"info"}
    assert drifts("Send it by 15/03.", "Send it by 16/03.")[0].kind == "number"


def test_a_last_field_without_a_full_stop_is_whole() -> None:
    before = "営業は9時からです。お問い合わせは電話かメールです。"
    after = "営業は9時からです。お問い合わせ方法:メール、電話"
    assert "truncated" not in {d.kind for d in drifts(before, after)}


def test_a_day_and_words_that_say_nothing_keep_no_sentence_intact() -> None:
    before = "Your order will arrive on Monday, 12 May. Its code is TR-5518."
    after = "Expect delivery on Monday (May 12). To follow it, use the code TR-5518."
    assert {drift.severity for drift in drifts(before, after)} == {"info"}


def test_a_short_sentence_of_which_one_word_stayed_is_worded_anew() -> None:
    before = "Stir the soup for 9 minutes with care. The pot feeds five."
    after = "With care, the soup is stirred 9 minutes. Makes five bowls."
    assert {drift.severity for drift in drifts(before, after)} == {"info"}


def test_one_in_the_morning_is_a_count_and_a_german_date_has_no_zeros() -> None:
    assert [q.sort for q in quantities("Take one in the morning and one in the evening.")] == [
        "number",
        "number",
    ]
    for german in ("Los geht es am 5.10. im Hof.", "Beginn: 05.10."):
        assert [(q.sort, q.readings) for q in quantities(german)] == [("date", ((None, 10, 5),))]
