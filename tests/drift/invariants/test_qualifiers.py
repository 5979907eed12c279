"""How much and how bindingly all samples of a case mean what they say, and what they deny."""

from __future__ import annotations

from pytest_modelpin.compare import case_drifts


def told(pins: list[str], candidates: list[str]) -> set[tuple[str, str]]:
    """Kind and severity of what is above info."""
    return {(d.kind, d.severity) for d in case_drifts(pins, candidates) if d.severity != "info"}


LOCKERS = [
    "All lockers are emptied on Friday at 5 p.m., so take your things home.",
    "On Friday at 5 p.m. every locker is emptied. Please take your things home.",
    "Take your things home: all lockers get emptied at 5 p.m. on Friday.",
]


def test_all_that_became_some() -> None:
    new = [
        "Some lockers are emptied on Friday at 5 p.m., so take your things home.",
        "On Friday at 5 p.m. we empty a few of the lockers. Please take your things home.",
        "Take your things home: several lockers get emptied at 5 p.m. on Friday.",
    ]
    assert told(LOCKERS, new) == {("content", "review")}
    reworded = [
        "Each locker is emptied on Friday, 5 p.m. Your things should be taken home.",
        "We empty all of the lockers on Friday at 5 p.m.; do take your things home.",
        "At 5 p.m. on Friday, every locker gets emptied, so your things go home with you.",
    ]
    assert told(LOCKERS, reworded) == set()


def test_all_behind_a_preposition_is_all_the_same() -> None:
    """ "In all plans" was read as "in total"."""
    pins = [
        "All plans include support.",
        "Support is included in all plans.",
        "Every plan comes with support.",
    ]
    new = [
        "Some plans include support.",
        "Support is included in some plans.",
        "A few plans come with support.",
    ]
    assert told(pins, new) == {("content", "review")}


LIBRARY = [
    "Books may be lent to members only. The desk is on the left.",
    "Only members can borrow books; you find the desk on the left.",
    "We lend books exclusively to members. Look for the desk on the left.",
]


def test_a_limit_that_no_sample_names_any_more() -> None:
    new = [
        "Books may be lent to members. The desk is on the left.",
        "Members can borrow books; you find the desk on the left.",
        "We lend books to members. Look for the desk on the left.",
    ]
    assert told(LIBRARY, new) == {("content", "review")}
    denied = [
        "Books may not be lent to anybody but members. The desk is on the left.",
        "Nobody but members can borrow books; you find the desk on the left.",
        "We don't lend books to anybody but members. Look for the desk on the left.",
    ]
    assert told(LIBRARY, denied) == set()


def test_what_most_samples_deny_and_most_of_the_others_do_not() -> None:
    pins = [
        "Painting the door won't void the lease. Tell the landlord first.",
        "The lease isn't voided when you paint the door, but tell the landlord first.",
        "Your lease stays as it is if you paint the door. First tell the landlord.",
    ]
    new = [
        "Painting the door voids the lease. Tell the landlord first.",
        "The lease is voided when you paint the door, so tell the landlord first.",
        "You lose the lease if you paint the door. First tell the landlord.",
    ]
    assert {kind for kind, _ in told(pins, new)} == {"negation"}


def test_the_order_of_facts_that_are_no_steps_says_nothing() -> None:
    pins = ["The pool opens at nine. The sauna is heated with wood."] * 2
    pins.append("Our pool opens at nine. Wood heats the sauna.")
    new = ["The sauna is heated with wood. The pool opens at nine, by the way."] * 3
    assert told(pins, new) == set()


def test_a_zone_is_one_whatever_its_spelling() -> None:
    pins = [
        "The call starts at 10 am Pacific time.",
        "We call you at 10:00 Pacific.",
        "At 10 a.m. PT the call begins.",
    ]
    kept = [
        "The call is at 10 a.m. PST.",
        "It starts at 10 am Pacific time.",
        "Call: 10:00 Pacific.",
    ]
    assert told(pins, kept) == set()
    moved = [text.replace("Pacific", "Eastern").replace("PT", "ET") for text in pins]
    assert told(pins, moved) == {("number", "regression")}


def test_declining_a_part_of_what_is_asked_is_no_refusal() -> None:
    pins = [
        "I can't name a lawyer for you, but the bar association keeps a list of lawyers by town.",
        "Naming a lawyer is beyond me; the bar association has a list of lawyers for each town.",
        "I'm not able to name a lawyer. There is a list of lawyers by town at the bar association.",
    ]
    new = [
        "I'm sorry, I can't name a lawyer for you. A list of lawyers by town is kept by the bar"
        " association.",
    ] * 3
    assert told(pins, new) == set()


PARCELS = [
    "Leave parcels at the desk. They aren't insured there.",
    "Parcels go to the desk, where no insurance covers them.",
    "The desk takes parcels, but it isn't liable for them.",
]


def test_what_no_sample_denies_any_more() -> None:
    new = [
        "Leave parcels at the desk.",
        "Parcels go to the desk, and it takes them from eight.",
        "The desk takes parcels.",
    ]
    assert ("negation", "review") in told(PARCELS, new)
    reworded = [
        "The desk takes your parcels; insured they are not.",
        "Parcels are left at the desk without any insurance.",
        "Bring parcels to the desk, which isn't liable.",
    ]
    assert told(PARCELS, reworded) == set()
    some_still_deny = [
        "Leave parcels at the desk. No insurance covers them there.",
        "Parcels are left at the desk at your own risk.",
        "The desk takes parcels, at the risk of whoever brings them.",
    ]
    assert told(PARCELS, some_still_deny) == set()


def test_denials_come_and_go_in_long_answers() -> None:
    more = " ".join(f"Hall {name} has a door to the east." for name in "ABCDEFGHI")
    pins = [f"{pin} {more}" for pin in PARCELS]
    assert ("negation", "review") not in told(pins, [f"Leave parcels at the desk. {more}"] * 3)


HERONS = [
    "Since the weir was removed, herons have grown in number.",
    "There are more herons since the removal of the weir.",
    "The weir was taken out, and the number of herons has risen.",
    "After the weir's removal, the number of herons went up.",
    "Once the weir had gone, herons became a common sight.",
]


def test_a_direction_that_four_samples_in_five_tell_by_words_of_one_scale() -> None:
    new = [
        "Since the weir was removed, herons have become rarer.",
        "The number of herons has fallen since the removal of the weir.",
        "There are fewer herons after the weir's removal.",
    ]
    assert ("content", "review") in told(HERONS, new)
    reworded = [
        "Herons have increased since the weir was removed.",
        "Since the removal of the weir, the number of herons is higher.",
        "The weir's removal was followed by a rise in the number of herons.",
    ]
    assert told(HERONS, reworded) == set()
