"""In which language a text is, and whether it declines to answer."""

from __future__ import annotations

import pytest

from pytest_modelpin.compare import drifts
from pytest_modelpin.drift.text.language import changed_language, language
from pytest_modelpin.drift.text.non_answers import refuses


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The capital is Paris, of course.", "en"),
        ("Die Hauptstadt ist Berlin.", "de"),
        ("La capitale est Paris.", "fr"),
        ("El pedido fue enviado el lunes.", "es"),
        ("今天天气很好", "zh"),
        ("東京は日本の首都です", "ja"),
        ("القاهرة عاصمة مصر", "ar"),
        ("Москва столица России", "ru"),
        ("서울은 한국의 수도입니다", "ko"),
        ("Paris", None),
        ("42", None),
        ("", None),
    ],
)
def test_languages_are_told(text: str, code: str | None) -> None:
    assert language(text) == code


def test_neighbouring_languages_are_not_confused() -> None:
    before, after = (
        "Su reserva está confirmada para dos personas.",
        "Hemos confirmado su reserva para 2 personas.",
    )
    assert not changed_language(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "| Day | Hours |\n|---|---|\n| Mon–Fri | 9:00–17:00 |\n| Sat | closed |",
            "It is open from Monday to Friday between 9 a.m. and 5 p.m. and closed on Saturdays.",
        ),
        ("The tour starts on Tuesday and ends in the port.", "- Mar: Rotterdam\n- Son: Antwerpen"),
    ],
)
def test_one_word_that_another_language_has_too_makes_no_other_language(
    before: str, after: str
) -> None:
    assert not changed_language(before, after)
    assert not changed_language(after, before)
    found = {drift.kind for drift in drifts(before, after)}
    assert "language" not in found


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m not able to discuss this.",
        "As an AI language model, I have no opinions.",
        "Unfortunately, I cannot provide medical advice.",
        "I'm not a lawyer, so I can't give legal advice.",
        "Es tut mir leid, aber dabei kann ich nicht helfen.",
        "Je ne peux pas répondre à cette question.",
        "Lo siento, pero no puedo ayudar con eso.",
        "很抱歉，我无法回答这个问题。",
        "申し訳ありませんが、お答えできません。",
        "عذرًا، لا أستطيع المساعدة في ذلك.",
        "К сожалению, я не могу помочь с этим запросом.",
    ],
)
def test_refusals_are_told(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "You can't return opened items.",
        "We're sorry, but we can't ship to P.O. boxes.",
        "I'm sorry to hear that. It ships today.",
        "The policy does not cover floods.",
        "I can't find an order with that number. Could you check it?",
        "Es tut mir leid, dass Sie warten mussten.",
        "您不能取消订单。",
        "申し訳ございません。明日発送いたします。",
        "نعتذر عن التأخير.",
        "",
    ],
)
def test_a_business_that_says_no_is_no_refusal(text: str) -> None:
    assert not refuses(text)


@pytest.mark.parametrize(
    ("refusal", "reworded"),
    [
        (
            "I'm sorry, I can't share salary data of other people.",
            "Sorry, but other people's salary data isn't something I'm able to share.",
        ),
        (
            "Es tut mir leid, ich kann Ihnen keine Auskunft über andere Kunden geben.",
            "Auskünfte über andere Kunden darf ich Ihnen leider nicht erteilen.",
        ),
    ],
)
def test_a_refusal_in_other_words_is_one_still(refusal: str, reworded: str) -> None:
    assert "refusal" not in {drift.kind for drift in drifts(refusal, reworded)}
    answer = "The salary data of other people lies in the folder, as Kunden know."
    assert "refusal" in {drift.kind for drift in drifts(refusal, answer)}
