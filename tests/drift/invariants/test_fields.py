"""Samples side by side: fields, cells, literals, enumerations, names and opposites."""

from __future__ import annotations

import pytest

from pytest_modelpin.compare import case_drifts

Case = tuple[list[str], list[str]]


def worst(pins: list[str], now: list[str]) -> str:
    order = ("info", "review", "regression")
    return max((d.severity for d in case_drifts(pins, now)), key=order.index, default="info")


CONFIG = [
    "env: production\nworkers: 4",
    "workers: 4\nenv: production",
    'env: "production"\nworkers: 4',
]
TABLE = [
    "| Device | Battery | Waterproof |\n|---|---|---|\n"
    "| Pico 2 | 18 h | yes |\n| Lite | 10 h | no |",
    "| Model | Waterproof | Battery life |\n|---|---|---|\n"
    "| Lite | no | 10 h |\n| Pico 2 | yes | 18 h |",
    "| Device | Battery life | Waterproof? |\n| --- | --- | --- |\n| Pico 2 | 18 hours | Yes |\n"
    "| Lite | 10 hours | No |",
]
PROGRAM = [
    "def top(scores):\n    return sorted(scores)[:3]",
    "def top(scores):\n    ordered = sorted(scores)\n    return ordered[:3]",
    "def top(values):\n    return sorted(values)[:3]",
]
LEASE = [
    "The landlord pays for repairs to the heating, while the tenant covers repairs up to $100.",
    "Heating repairs are the landlord's business. The tenant pays for repairs up to $100.",
    "The landlord bears the cost of heating repairs; those up to $100 fall to the tenant.",
]
POSTS = [
    "Ravi Menon takes over as head of sales on 1 July; Carla Duarte moves to the board.",
    "On July 1, Ravi Menon becomes head of sales, while Carla Duarte joins the board.",
    "Carla Duarte goes to the board and Ravi Menon heads sales from 1 July.",
]
HELMETS = [
    "Helmets are mandatory for everyone on the track, including passengers.",
    "Everyone on the track must wear a helmet; that goes for passengers too.",
    "You have to wear a helmet on the track, passengers included.",
]
LOOKUP = ["Lookup takes O(log n) time.", "O(log n), as the tree is balanced.", "It is O(log n)."]
PAPERS = [
    "For the refund we need the completed form, the original invoice and your IBAN.",
    "Please send us the completed form, your IBAN and the original invoice.",
    "To pay you back we need: the form (completed), the original invoice, your IBAN.",
]
RATING = [
    "Rating: Hold. At 17 times earnings the price looks fair.",
    "We rate the stock a Hold: a P/E of 17 looks fair.",
    "Hold – at 17x earnings the share is fairly priced.",
]

CHANGED: list[Case] = [
    (CONFIG, [text.replace("production", "development") for text in CONFIG]),
    (TABLE, [text.replace("Pico 2 | 18 h | yes", "Pico 2 | 18 h | no")
             .replace("Pico 2 | yes | 18 h", "Pico 2 | no | 18 h")
             .replace("18 hours | Yes", "18 hours | No") for text in TABLE]),
    (PROGRAM, [text.replace("scores)[", "scores, reverse=True)[") for text in PROGRAM[:1] * 3]),
    (HELMETS, [
        "Helmets are recommended for everyone on the track, also passengers, but not mandatory.",
        "Drivers and passengers are advised to wear a helmet on the track; it's optional.",
        "We recommend a helmet on the track, for passengers, too, though it's up to you.",
    ]),
    (LOOKUP, [text.replace("O(log n)", "O(n)") for text in LOOKUP]),
    (PAPERS, [
        "For the refund please send us the completed form and your IBAN.",
        "We need the completed form and your IBAN.",
        "To pay you back we need: the form (completed), your IBAN.",
    ]),
    (RATING, ["Rating: Sell. At 17 times earnings the price is fair.",
              "We'd sell. The P/E stands at 17, which is fair.", "Sell – a fair 17x earnings."]),
]  # fmt: skip


@pytest.mark.parametrize(("pins", "now"), CHANGED)
def test_what_changed_in_all_samples_is_found(pins: list[str], now: list[str]) -> None:
    assert worst(pins, now) != "info"


UNCHANGED: list[Case] = [
    (CONFIG, ["workers: 4\nenv: 'production'", *CONFIG[:2]]),
    (TABLE, [
        "| Model | Waterproof | Battery |\n|---|---|---|\n| Pico 2 | Yes | 18 hours |\n"
        "| Lite | No | 10 hours |",
    ]),
    (PROGRAM, ["def top(items):\n    best = sorted(items)\n    return best[:3]"]),
    (LEASE, [
        "Heating repairs are paid for by the landlord; the tenant covers repairs up to $100.",
        "The tenant pays for repairs up to $100, the landlord for those of the heating.",
    ]),
    (POSTS, [
        "Carla Duarte joins the board, and Ravi Menon will be head of sales from 1 July.",
        "From July 1, sales will be headed by Ravi Menon. Carla Duarte moves to the board.",
    ]),
    (HELMETS, ["On the track a helmet is required of everyone, passengers included."]),
    (PAPERS, [
        "We need your IBAN, the original invoice and the completed form.",
        "Send the completed form, the original invoice and your IBAN, and we will pay you back.",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("pins", "now"), UNCHANGED)
def test_the_same_in_other_words_is_not(pins: list[str], now: list[str]) -> None:
    assert worst(pins, now) == "info"


def test_a_fee_that_no_sample_of_the_pin_names_is_newly_said() -> None:
    pins = [
        "We cover the return postage. It takes three working days.",
        "Return shipping is free for you and takes about 3 working days.",
        "You won't pay for the return. It takes a few working days.",
    ]
    now = [
        "Return postage of $6.90 is charged. It takes three working days.",
        "The return costs $6.90 and takes 3 working days.",
        "You pay $6.90 for the return. It takes three working days.",
    ]
    assert worst(pins, now) != "info"


def test_a_sample_without_yes_or_no_contradicts_nobody() -> None:
    pins = ["Yes, a second bag is fine.", "Yes. A second bag may come.", "A second bag is allowed."]
    now = ["No, a second bag is refused.", "No. A second bag has to be checked in.", "No bag."]
    assert worst(pins, now) == "regression"
