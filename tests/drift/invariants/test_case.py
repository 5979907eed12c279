"""What all of the pin's samples share, and how the candidate's break it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_modelpin.compare import Context, Drift, case_drifts
from pytest_modelpin.drift.drift import DEFAULT_SEVERITY
from pytest_modelpin.drift.invariants import case
from pytest_modelpin.drift.invariants.case import contradiction
from pytest_modelpin.drift.pair import Pair
from pytest_modelpin.providers.wire import Reply, ToolCall


def told(pins: list[Any], candidates: list[Any], **context: Any) -> list[tuple[str, str]]:
    """Kind and severity of what is above info."""
    found = case_drifts(pins, candidates, context=context)
    return [(drift.kind, drift.severity) for drift in found if drift.severity != "info"]


REFUND = [
    "Your refund of $42 is on its way to Berlin.",
    "We are sending $42 back to you in Berlin.",
    "You will get $42; it is being sent to Berlin.",
]


def test_what_every_sample_says_in_its_own_words_is_no_drift() -> None:
    assert told(REFUND, ["$42 is going back to Berlin right now."] * 3) == []


def test_a_figure_that_all_samples_share_is_an_invariant() -> None:
    found = case_drifts(REFUND, [text.replace("$42", "$420") for text in REFUND])
    (drift,) = [each for each in found if each.severity != "info"]
    assert (drift.kind, drift.severity, drift.samples) == ("number", "regression", (3, 3))
    assert "$42 " in str(drift.before)
    assert "$420" in str(drift.after)


def test_what_fewer_than_half_of_the_samples_show_is_information_with_its_count() -> None:
    new = [REFUND[0].replace("$42", "$420"), *REFUND[1:]]
    (drift,) = case_drifts(REFUND, new)
    assert (drift.kind, drift.severity, drift.samples) == ("number", "info", (1, 3))


def test_half_of_the_samples_are_enough() -> None:
    new = [REFUND[0].replace("$42", "$420"), REFUND[1]]
    (drift,) = case_drifts(REFUND, new)
    assert (drift.severity, drift.samples) == ("regression", (1, 2))


def test_what_the_pin_differs_in_is_noise() -> None:
    pins = ["It takes 3 days.", "It takes 5 days.", "It takes 4 days."]
    assert told(pins, ["It takes 6 days."] * 3) == []


def test_a_name_that_gave_way_to_another_is_named() -> None:
    new = [text.replace("Berlin", "Munich") for text in REFUND]
    assert told(REFUND, new) == [("content", "regression")]


def test_a_statement_that_every_sample_leaves_out_is_lost() -> None:
    pins = [
        "Your order has shipped. Keep the receipt for the warranty.",
        "The order was shipped. The warranty needs the receipt.",
        "We shipped your order. For the warranty, keep your receipt.",
    ]
    new = ["Your order has shipped.", "The order was shipped.", "We shipped your order."]
    found = [each for each in case_drifts(pins, new) if each.severity != "info"]
    assert [(each.kind, each.after) for each in found] == [("content", None)]
    assert "receipt" in str(found[0].before)


@pytest.mark.parametrize(
    ("pins", "new", "expected"),
    [
        (["positive"] * 3, ["negative"] * 3, "regression"),
        (["positive"] * 3, ["The sentiment is positive."] * 3, "regression"),
        (["Paris"] * 3, ["Lyon"] * 3, "regression"),
        (["42"] * 3, ["43"] * 3, "regression"),
        (["Yes."] * 3, ["No."] * 3, "regression"),
        (["positive", "negative", "positive"], ["neutral"] * 3, None),
    ],
)
def test_a_label_that_is_the_whole_answer(pins: Any, new: Any, expected: str | None) -> None:
    assert {severity for _, severity in told(pins, new)} == ({expected} if expected else set())


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"status": "pending"}, "enum"),
        ({"status": "OPEN"}, "enum"),
        ({"due": "March 1, 2026"}, "format"),
        ({"total": 12.5}, "number"),
        ({"total": "12"}, "type"),
        ({"paid": True}, "negation"),
        ({"note": None}, "type"),
    ],
)
@pytest.mark.parametrize("form", ["values", "text"])
def test_constants_types_and_styles_of_json(form: str, changed: Any, kind: str) -> None:
    usual = {"status": "open", "due": "2026-03-01", "total": 12, "paid": False, "note": "x y z"}
    pins: list[Any] = [usual] * 3
    new: list[Any] = [{**usual, **changed}] * 3
    if form == "text":
        pins, new = [json.dumps(each) for each in pins], [json.dumps(each) for each in new]
    assert told(pins, new) == [(kind, "regression")]


def test_a_key_that_the_pin_does_not_always_give_may_be_missing() -> None:
    pins = [{"a": 1, "b": 2}, {"a": 1}, {"a": 1, "b": 2}]
    assert told(pins, [{"a": 1}, {"a": 1, "b": 2}, {"a": 1}]) == []
    assert told(pins, [{"b": 2}] * 3) == [("keys", "regression")]


def test_a_number_that_the_pin_wavers_in_may_waver() -> None:
    pins = [{"score": 0.8}, {"score": 0.9}, {"score": 0.7}]
    assert told(pins, [{"score": 0.75}] * 3) == []


def test_a_string_in_json_is_held_to_what_all_samples_say_there() -> None:
    def answer(text: str) -> dict[str, object]:
        return {"items": [{"name": "A", "summary": text}]}

    found = case_drifts(
        [answer(text) for text in REFUND],
        [answer(text.replace("$42", "$420")) for text in REFUND],
    )
    above = [each for each in found if each.severity != "info"]
    assert [(each.kind, each.where) for each in above] == [("number", "$.items[0].summary")]


def call(name: str, **arguments: Any) -> Reply:
    return Reply(tools=(ToolCall(name, arguments),), finish_reason="tool_calls")


def test_tool_calls_are_held_to_names_and_arguments() -> None:
    pins = [call("find", city="Rome"), call("find", city="Rome")]
    assert told(pins, [call("find", city="Oslo")] * 2) == [("tools", "regression")]
    assert told(pins, [call("search", city="Rome")] * 2) == [("tools", "regression")]
    assert told(pins, [Reply(tools=pins[0].tools * 2, finish_reason="tool_calls")] * 2) == [
        ("tools", "regression")
    ]


def test_an_argument_that_the_pin_words_differently_may_be_worded_differently() -> None:
    pins = [call("find", query="weather in Rome"), call("find", query="Rome weather today")]
    assert told(pins, [call("find", query="today's weather in Rome")] * 2) == []


def test_a_refusal_that_no_sample_of_the_pin_gives() -> None:
    assert told(REFUND, ["I'm sorry, but I can't help with that."] * 3) == [
        ("refusal", "regression")
    ]


def test_another_language_is_one_finding() -> None:
    german = "Ihre Rückerstattung von 42 $ ist auf dem Weg zu Ihnen nach Berlin."
    assert told(REFUND, [german] * 3) == [("language", "regression")]


def test_the_token_limit_means_truncated() -> None:
    cut = Reply(text="Your refund of", finish_reason="length")
    found = told([Reply(text=text, finish_reason="stop") for text in REFUND], [cut] * 2)
    assert found == [("truncated", "regression"), ("finish_reason", "review")]


def test_with_one_sample_prose_stops_at_review() -> None:
    long = "Your refund of $42 is on its way. It goes to Berlin, and we thank you."
    assert told([long], [long.replace("$42", "$420")]) == [("number", "review")]


@pytest.mark.parametrize(
    ("pin", "new"),
    [({"total": 1}, {"total": 2}), ('{"total": 1}', '{"total": 2}'), ("$42", "$420")],
)
def test_with_one_sample_typed_answers_are_compared_as_they_are(pin: Any, new: Any) -> None:
    assert told([pin], [new]) == [("number", "regression")]


def test_samples_that_contradict_each_other_have_no_invariant_answer() -> None:
    pins = ["Yes, it is covered.", "No, it isn't covered.", "Yes, it is covered."]
    assert contradiction(pins) == ("Yes, it is covered.", "No, it isn't covered.")
    assert told(pins, ["No, it isn't covered."] * 3) == []
    assert contradiction(["Yes.", "Yes, it is."]) is None


@pytest.mark.parametrize(
    ("pins", "between"),
    [
        (["approved", "Approved.", "denied"], ("approved", "denied")),
        (["$42", "42 dollars", "$45"], ("$42", "$45")),
        (["$42", "42 dollars"], None),
        (["Berlin", "Paris"], None),
        (["approved", "It was denied, since the form is missing."], None),
        ([{"a": 1}, {"a": 2}], None),
    ],
)
def test_labels_contradict_by_what_they_mean(
    pins: list[Any], between: tuple[str, str] | None
) -> None:
    assert contradiction(pins) == between


def test_a_flipped_statement_is_a_negation() -> None:
    pins = ["The plan covers dental care.", "Dental care is covered by the plan."]
    new = ["The plan does not cover dental care.", "Dental care is not covered by the plan."]
    assert told(pins, new) == [("negation", "regression")]


def test_code_is_held_to_its_literals_and_names() -> None:
    code = "def limit(n):\n    return min(n, {})\n"
    assert told([code.format(10)] * 2, [code.format(12)] * 2) == [("number", "regression")]


def test_flags_and_paths_are_invariants() -> None:
    pins = ["Run it with --force in /etc/app.", "In /etc/app, use the option --force."]
    new = [text.replace("--force", "--soft") for text in pins]
    assert ("content", "regression") in told(pins, new)


def test_the_context_weighs_what_is_found() -> None:
    new = [text.replace("$42", "$420") for text in REFUND]
    assert told(REFUND, new, ignore=["number"]) == []
    assert told(REFUND, new, severities={"number": "review"}) == [("number", "review")]


def test_without_samples_on_either_side_nothing_is_said() -> None:
    assert case_drifts([], ["x"]) == case_drifts(["x"], []) == ()


def test_a_sample_that_the_pin_gave_as_well_is_no_drift() -> None:
    assert case_drifts(REFUND, [REFUND[2], REFUND[0]]) == ()


ANSWERS = st.one_of(
    st.text(max_size=60),
    st.none(),
    st.integers(),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.sampled_from("abc"), st.integers() | st.text(max_size=8), max_size=3),
    st.text(max_size=20).map(lambda text: Reply(text=text)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ANSWERS, max_size=4), st.lists(ANSWERS, max_size=4))
def test_any_answers_give_findings_that_are_the_same_every_time(pins: Any, new: Any) -> None:
    found = case_drifts(pins, new)
    assert repr(found) == repr(case_drifts(pins, new))
    assert all(
        each.kind in DEFAULT_SEVERITY and 1 <= each.samples[0] <= each.samples[1] for each in found
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(ANSWERS, min_size=1, max_size=4), st.data())
def test_the_pins_own_samples_never_drift(pins: Any, data: Any) -> None:
    same = data.draw(st.lists(st.sampled_from(pins), min_size=1, max_size=4))
    assert case_drifts(pins, same) == ()


def test_a_drift_says_one_of_one_where_two_answers_alone_are_compared() -> None:
    assert Drift("wording", "info", "").samples == (1, 1)


@pytest.mark.parametrize(
    ("pins", "candidates"),
    [
        (  # the least became the most
            [
                "The hall takes at least 30 guests.",
                "A minimum of 30 guests fits into the hall.",
                "There is room for 30 guests or more in the hall.",
            ],
            [
                "The hall takes 30 guests at most.",
                "No more than 30 guests fit into the hall.",
                "A maximum of 30 guests has room in the hall.",
            ],
        ),
        (  # what is denied is no longer said
            [
                "Feed the cat twice a day. Never give it milk.",
                "The cat gets food twice daily, but don't let it drink milk.",
                "Two meals a day are enough for the cat; milk is not good for it.",
            ],
            [
                "Feed the cat twice a day.",
                "The cat gets food twice daily, and it likes company.",
                "Two meals a day are enough for the cat.",
            ],
        ),
        (  # before became after
            [
                "Sign the form before the visit and bring a pen.",
                "Before you visit, the form has to be signed. Bring a pen.",
                "Bring a pen; the form is signed before visiting.",
            ],
            [
                "Sign the form after the visit and bring a pen.",
                "After you visited, the form has to be signed. Bring a pen.",
                "Bring a pen; the form is signed after visiting.",
            ],
        ),
        (  # a prefix makes it another one
            [
                "Den Strom zahlt der Mieter, Wasser ist frei.",
                "Wasser ist frei, und der Mieter kommt für Strom auf.",
                "Strom geht auf Kosten des Mieters, Wasser ist frei.",
            ],
            [
                "Den Strom zahlt der Vermieter, Wasser ist frei.",
                "Wasser ist frei, und der Vermieter kommt für Strom auf.",
                "Strom geht auf Kosten des Vermieters, Wasser ist frei.",
            ],
        ),
        (  # a noun of Japanese that is gone
            [
                "受け取りには受付番号と本人確認書類が必要です。",
                "受付番号に加え、本人確認書類をお持ちください。",
                "お受け取りの際は、本人確認書類と受付番号をご提示ください。",
            ],
            [
                "受け取りには受付番号が必要です。",
                "受付番号をお持ちください。",
                "お受け取りの際は、受付番号をご提示ください。",
            ],
        ),
    ],
)
def test_what_few_words_say_is_held_to_in_any_wording(
    pins: list[str], candidates: list[str]
) -> None:
    assert [drift for drift in case_drifts(pins, candidates) if drift.severity != "info"]
    others = [*pins[1:], pins[0].replace(".", "!")]
    assert not [drift for drift in case_drifts(pins, others) if drift.severity != "info"]


def test_a_word_that_chance_parts_as_often_is_no_change() -> None:
    pins = [
        "The tram stops near the castle.",
        "Trams have a stop close to the castle.",
        "Close to the castle there is a stop of the tram.",
    ]
    candidates = [
        "The castle has a tram stop nearby.",
        "You can take the tram to a stop by the castle.",
        "Next to the castle you find the tram's stop.",
    ]
    assert not [drift for drift in case_drifts(pins, candidates) if drift.severity != "info"]


def test_a_command_whose_flags_are_spelt_otherwise_is_the_same():
    pins = [
        "`tar -czf logs.tgz logs/`",
        "Run `tar -czf logs.tgz logs/` in the folder.",
        "```sh\ntar -czf logs.tgz logs/\n```",
    ]
    same = ["```bash\ntar -c -z -f logs.tgz logs/\n```", "Use `tar -zcf logs.tgz logs/`."]
    other = ["```bash\ntar -cjf logs.tgz logs/\n```", "Use `tar -cjf logs.tgz logs/`."]
    assert all(drift.severity == "info" for drift in case_drifts(pins, same))
    assert any(drift.severity == "regression" for drift in case_drifts(pins, other))


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
    monkeypatch.setattr(case, "_LONG", 10_000)
    assert "review" in severities(pins, candidates), "else this test shows nothing"


def test_what_no_other_division_shows_was_changed() -> None:
    pins, candidates = samples(by_chance=False, lost=True)
    assert "review" in severities(pins, candidates)


def test_a_detector_of_ones_own_is_not_asked_about_other_divisions() -> None:
    """It may ask a model: no more often than each sample of the candidate's beside the pin's."""
    asked = []

    class Own:
        kinds = ("content",)

        def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
            asked.append(pair.said)
            return ()

    pins, candidates = samples(by_chance=True, lost=False)
    case_drifts(pins, candidates, context=Context(own_detectors=(Own(),)))
    assert len(asked) == len(candidates)


def test_divisions_are_mixed_the_same_every_time_and_few() -> None:
    for pins, candidates in ((5, 3), (3, 3), (8, 8), (5, 1)):
        divisions = case._divisions(pins, candidates)
        assert divisions == case._divisions.__wrapped__(pins, candidates)
        assert len(set(divisions)) == len(divisions) <= 30
        own = set(range(pins, pins + candidates))
        assert all(len(each) == candidates and own != {*each} for each in divisions)
        assert len({len(own & {*each}) for each in divisions}) == 1


KILN = "The kiln is cleaned every Monday. Members must wear gloves. A firing costs 12 euros."
KILN_ANEW = [
    "On Mondays we clean the kiln. Please put on gloves as a member. You pay 12 euros a firing.",
    "Every Monday sees the kiln cleaned. Gloves should be worn by members. One firing: 12 euros.",
    "A firing is 12 euros. Cleaning day for the kiln is Monday. Members can't go without gloves.",
]


def test_words_bind_nobody_to_a_pin_that_always_says_the_same() -> None:
    for number in (1, 2, 3):
        assert told([KILN] * 5, KILN_ANEW[:number] + KILN_ANEW[:1] * (3 - number)) == []


def test_a_figure_of_a_pin_that_always_says_the_same_binds() -> None:
    changed = [text.replace("12 euros", "15 euros") for text in KILN_ANEW]
    assert ("number", "regression") in told([KILN] * 5, changed)


def test_a_list_for_prose_is_information_beside_one_text_alone() -> None:
    listed = "- Kiln: cleaned every Monday\n- Gloves: members must wear them\n- Firing: 12 euros"
    assert told([KILN] * 5, [listed] * 3) == []


def test_a_name_in_the_genitive_is_the_name() -> None:
    pins = [
        "By Friday we'd like an answer from Oduya.",
        "We would like Oduya's answer by Friday.",
        "Please let Oduya answer by Friday.",
    ]
    anew = ["We would like Ferreira's answer by Friday.", "We hope Ferreira answers by Friday."]
    assert ("content", "regression") in told(pins, anew)


def test_a_statement_that_all_samples_of_the_candidate_add_is_up_for_review() -> None:
    pins = [
        "The ferry leaves at noon. Bicycles travel free of charge.",
        "At noon the ferry leaves, and bicycles travel free of charge.",
        "Bicycles travel free of charge; the ferry leaves at noon.",
    ]
    anew = [
        "At noon the ferry leaves. Free of charge, bicycles travel along.",
        "The ferry leaves at noon, bicycles travel free of charge.",
        "Free of charge travel bicycles, and the ferry leaves at noon.",
    ]
    assert told(pins, anew) == []
    added = [f"{text} Passengers show their passport on boarding." for text in anew]
    assert told(pins, added) == [("content", "review")]


CUP = [
    "Osprey won the cup. Lena scored twice, and the keeper, Brix, was hurt.",
    "The cup went to Osprey. Two goals came from Lena; their keeper Brix got hurt.",
    "Brix, the keeper, was injured as Osprey took the cup. Lena scored two goals.",
]


def test_a_name_that_no_sample_says_any_more_is_up_for_review() -> None:
    new = [
        "Osprey are the winners of the cup, with two goals by Lena.",
        "The cup is Osprey's. Lena got two goals on the way to it.",
        "With two goals scored by Lena, the cup was won by the team Osprey.",
    ]
    found = {d.severity: d for d in case_drifts(CUP, new)}
    assert found.keys() == {"review"}
    assert "Brix" in str(found["review"].before)
    kept = [*new[:2], "Osprey won the cup, Lena scored two goals, and keeper brix is injured."]
    assert {d.severity for d in case_drifts(CUP, kept)} == {"info"}


def test_an_acronym_stands_for_a_name() -> None:
    pins = ["You may work within the European Union.", "Work is fine in the European Union."]
    new = ["Working in the EU is fine for you.", "You can do your work within the EU."]
    assert {d.severity for d in case_drifts(pins, new)} == {"info"}
