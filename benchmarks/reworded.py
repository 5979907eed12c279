"""Answers that say the same facts in other words every time, and some that don't.

A case is six facts of one subject. Each of its samples says each fact in one of several wordings,
drawn by chance, in an order drawn by chance, between openings and closings drawn by chance: so two
samples of the pin differ as much as a sample of the candidate does. Then one fact is changed, or
left out, in all of the candidate's samples, and has to be found.

The subjects of `DEV` were looked at while `case_drifts` was written; those of `HELD_OUT` were
written before it was first run, and only its figures were ever looked at.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Change = Literal["none", "changed", "lost"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement: its wordings, each with `{}` where the value stands, and two values of it.

    Without a `{}` the changed statement has wordings of its own.
    """

    wordings: tuple[str, ...]
    value: str = ""
    other: str = ""
    contrary: tuple[str, ...] = ()

    def said(self, draw: random.Random, *, changed: bool) -> str:
        """The fact in one of its wordings."""
        if self.contrary:
            return draw.choice(self.contrary if changed else self.wordings)
        return draw.choice(self.wordings).format(self.other if changed else self.value)


OPENINGS = ("", "", "", "Thanks for asking. ", "Good question! ", "Here is what I found. ")
CLOSINGS = ("", "", "", " Let me know if you need anything else.", " I hope this helps!",
            " Feel free to ask if anything is unclear.")  # fmt: skip

DEV: Mapping[str, Sequence[Fact]] = {
    "refunds": (
        Fact(
            (
                "The refund amounts to {}.",
                "You will get {} back.",
                "We are returning {} to you.",
                "{} will be credited to your account.",
            ),
            "$42",
            "$420",
        ),
        Fact(
            (
                "It takes {} until the money arrives.",
                "Expect the money within {}.",
                "The transfer needs {}.",
                "You should see the money after {}.",
            ),
            "5 business days",
            "15 business days",
        ),
        Fact(
            (
                "Please keep the receipt until then.",
                "Hold on to your receipt in the meantime.",
                "Don't throw the receipt away before that.",
                "Until then, the receipt should be kept.",
            ),
            contrary=(
                "You can throw the receipt away.",
                "There is no need to keep the receipt.",
                "The receipt is no longer needed.",
                "You don't have to keep the receipt.",
            ),
        ),
        Fact(
            (
                "The parcel was sent to {}.",
                "Your parcel went to {}.",
                "We shipped the parcel to {}.",
                "The destination of the parcel was {}.",
            ),
            "Hamburg",
            "Munich",
        ),
        Fact(
            (
                "Returns are free of charge.",
                "You pay nothing for returns.",
                "Sending items back costs you nothing.",
                "There is no charge for returns.",
            ),
            contrary=(
                "Returns are charged.",
                "You pay for returns yourself.",
                "Sending items back costs a fee.",
                "There is a charge for returns.",
            ),
        ),
        Fact(
            (
                "Your order number is {}.",
                "The order is filed under {}.",
                "We keep the order as {}.",
                "Please quote {} when you write to us.",
            ),
            "A-48213",
            "A-48231",
        ),
        Fact(
            (
                "The courier rings twice before leaving.",
                "Before the courier leaves, the bell is rung twice.",
                "Our courier tries the doorbell two times.",
            ),
            contrary=(
                "The courier leaves without ringing.",
                "Our courier never rings the doorbell.",
            ),
        ),
    ),
    "clinic": (
        Fact(
            (
                "Take {} tablets a day.",
                "The dose is {} tablets daily.",
                "You should take {} tablets per day.",
                "{} tablets a day are enough.",
            ),
            "two",
            "four",
        ),
        Fact(
            (
                "Don't take it together with alcohol.",
                "Alcohol must be avoided while you take it.",
                "While taking it, you must not drink alcohol.",
                "It must not be combined with alcohol.",
            ),
            contrary=(
                "You can drink alcohol while you take it.",
                "Alcohol is fine while you take it.",
                "It can be combined with alcohol.",
                "There is no problem with alcohol.",
            ),
        ),
        Fact(
            (
                "The next appointment is on {}.",
                "We see you again on {}.",
                "Please come back on {}.",
                "Your follow-up is scheduled for {}.",
            ),
            "March 3",
            "March 13",
        ),
        Fact(
            (
                "{} will look at the results.",
                "The results go to {}.",
                "Your results are read by {}.",
                "The results will be reviewed by {}.",
            ),
            "Dr. Meyer",
            "Dr. Schulz",
        ),
        Fact(
            (
                "Store the tablets below {}.",
                "Keep the tablets at less than {}.",
                "The tablets should be kept under {}.",
                "They must not get warmer than {}.",
            ),
            "25 °C",
            "35 °C",
        ),
        Fact(
            (
                "Call us if you get a rash.",
                "If a rash appears, call us.",
                "Should you notice a rash, give us a call.",
                "A rash is a reason to call us.",
            ),
            contrary=(
                "A rash is nothing to worry about.",
                "If a rash appears, just wait.",
                "You can ignore a rash.",
            ),
        ),
        Fact(
            (
                "The leaflet lists all side effects.",
                "All side effects are described in the leaflet.",
                "You find every side effect in the leaflet.",
            ),
            contrary=(
                "The leaflet does not list the side effects.",
                "Side effects are not described in the leaflet.",
            ),
        ),
    ),
    "server": (
        Fact(
            (
                "The service listens on port {}.",
                "Port {} is the one it listens on.",
                "It can be reached on port {}.",
                "Connect to port {}.",
            ),
            "8080",
            "8443",
        ),
        Fact(
            (
                "Logs are written to {}.",
                "You find the logs in {}.",
                "The log files are kept in {}.",
                "It logs to {}.",
            ),
            "/var/log/app",
            "/tmp/app",
        ),
        Fact(
            (
                "Backups run every {}.",
                "A backup is made each {}.",
                "Each {}, the data is backed up.",
                "The data is saved every {}.",
            ),
            "night",
            "week",
        ),
        Fact(
            (
                "Start it with {}.",
                "To start it, pass {}.",
                "The option {} starts it.",
                "Use {} when starting it.",
            ),
            "--daemon",
            "--foreground",
        ),
        Fact(
            (
                "Version {} is required.",
                "You need version {}.",
                "It only works with version {}.",
                "Make sure that version {} is installed.",
            ),
            "3.11.2",
            "3.12.1",
        ),
        Fact(
            (
                "Old files are deleted automatically.",
                "It removes old files by itself.",
                "You don't have to delete old files.",
                "Old files are cleaned up without your doing.",
            ),
            contrary=(
                "Old files are kept.",
                "It does not remove old files.",
                "You have to delete old files yourself.",
                "Old files stay where they are.",
            ),
        ),
        Fact(
            (
                "The dashboard shows the current load.",
                "You can see the current load on the dashboard.",
                "For the current load, look at the dashboard.",
            ),
            contrary=(
                "The dashboard does not show the load.",
                "The load can't be seen on the dashboard.",
            ),
        ),
    ),
}

HELD_OUT: Mapping[str, Sequence[Fact]] = {
    "travel": (
        Fact(
            (
                "Your flight leaves at {}.",
                "Departure is at {}.",
                "The plane takes off at {}.",
                "You are flying at {}.",
            ),
            "14:35",
            "15:35",
        ),
        Fact(
            (
                "Boarding is at gate {}.",
                "Please go to gate {} for boarding.",
                "You board at gate {}.",
                "Gate {} is where boarding takes place.",
            ),
            "B12",
            "B21",
        ),
        Fact(
            (
                "You change planes in {}.",
                "There is a stopover in {}.",
                "The connection is via {}.",
                "On the way, you stop in {}.",
            ),
            "Lisbon",
            "Madrid",
        ),
        Fact(
            (
                "One suitcase is included in the fare.",
                "The fare covers a suitcase.",
                "You may bring a suitcase at no extra cost.",
                "A suitcase is part of the fare.",
            ),
            contrary=(
                "A suitcase is not included in the fare.",
                "The fare does not cover any suitcase.",
                "A suitcase costs extra.",
                "You have to pay for a suitcase.",
            ),
        ),
        Fact(
            (
                "The ticket cost {}.",
                "You paid {} for the ticket.",
                "{} was charged for the ticket.",
                "The price of the ticket was {}.",
            ),
            "€319",
            "€391",
        ),
        Fact(
            (
                "Pets are welcome in the cabin.",
                "You can take pets into the cabin.",
                "Animals may travel in the cabin.",
                "Pets may come along in the cabin.",
            ),
            contrary=(
                "Pets must not travel in the cabin.",
                "You can't take pets into the cabin.",
                "Animals are not allowed in the cabin.",
                "No pets may come along in the cabin.",
            ),
        ),
        Fact(
            (
                "Breakfast is served on board.",
                "You get breakfast during the flight.",
                "A breakfast is offered on the plane.",
            ),
            contrary=(
                "No breakfast is served on board.",
                "There is no breakfast during the flight.",
            ),
        ),
    ),
    "bank": (
        Fact(
            (
                "The interest rate is {}.",
                "You earn {} a year.",
                "Savings are paid {} interest.",
                "We pay {} on your savings.",
            ),
            "2.5%",
            "1.5%",
        ),
        Fact(
            (
                "Transfers above {} need a second signature.",
                "A second signature is needed beyond {}.",
                "For more than {}, two people have to sign.",
                "Two signatures are due from {} on.",
            ),
            "10,000 euros",
            "50,000 euros",
        ),
        Fact(
            (
                "The account is managed by {}.",
                "{} looks after your account.",
                "Your contact is {}.",
                "For all questions, turn to {}.",
            ),
            "Ms. Okafor",
            "Ms. Lindqvist",
        ),
        Fact(
            (
                "Statements come by post.",
                "You receive statements in the mail.",
                "We mail you the statements.",
                "The statements are sent to you by post.",
            ),
            contrary=(
                "Statements come by email only.",
                "You receive statements electronically.",
                "We email you the statements.",
                "The statements are only available online.",
            ),
        ),
        Fact(
            (
                "The card expires in {}.",
                "Your card is valid until {}.",
                "The card runs out in {}.",
                "Until {}, the card can be used.",
            ),
            "June 2028",
            "July 2027",
        ),
        Fact(
            (
                "Overdrafts are not possible.",
                "You can't overdraw the account.",
                "The account must not be overdrawn.",
                "It is impossible to overdraw this account.",
            ),
            contrary=(
                "Overdrafts are possible.",
                "You can overdraw the account.",
                "The account may be overdrawn.",
                "It is possible to overdraw this account.",
            ),
        ),
        Fact(
            (
                "The branch closes early on Fridays.",
                "On Fridays, the branch shuts earlier.",
                "Friday is a short day at the branch.",
            ),
            contrary=(
                "The branch closes late on Fridays.",
                "On Fridays, the branch stays open longer.",
            ),
        ),
    ),
    "garden": (
        Fact(
            (
                "Water the plant every {} days.",
                "It needs water every {} days.",
                "Give it water every {} days.",
                "Every {} days, it should be watered.",
            ),
            "3",
            "8",
        ),
        Fact(
            (
                "It grows best in {}.",
                "A place in {} suits it best.",
                "It prefers {}.",
                "Put it into {}.",
            ),
            "full sun",
            "deep shade",
        ),
        Fact(
            (
                "The leaves are poisonous for cats.",
                "Cats get ill from the leaves.",
                "Its leaves are toxic to cats.",
                "Keep cats away from the leaves, which are toxic.",
            ),
            contrary=(
                "The leaves are harmless for cats.",
                "Cats can eat the leaves safely.",
                "Its leaves are not toxic to cats.",
                "Cats may nibble at the leaves without harm.",
            ),
        ),
        Fact(
            (
                "It blooms in {}.",
                "The flowers open in {}.",
                "You see its flowers in {}.",
                "It is in flower in {}.",
            ),
            "April",
            "August",
        ),
        Fact(
            (
                "Plant it {} deep.",
                "The bulb belongs {} into the soil.",
                "Set the bulb at a depth of {}.",
                "{} is the right depth for the bulb.",
            ),
            "10 cm",
            "20 cm",
        ),
        Fact(
            (
                "Cut the stems back in autumn.",
                "In autumn, the stems should be cut.",
                "Prune the stems when autumn comes.",
                "The stems want pruning in autumn.",
            ),
            contrary=(
                "Cut the stems back in spring.",
                "In spring, the stems should be cut.",
                "Prune the stems when spring comes.",
                "The stems want pruning in spring.",
            ),
        ),
        Fact(
            (
                "A thin layer of mulch keeps the roots warm.",
                "Mulch protects the roots from cold.",
                "Cover the roots with some mulch against frost.",
            ),
            contrary=("Mulch harms the roots.", "Never cover the roots with mulch."),
        ),
    ),
}

FACTS = 6


@dataclass(frozen=True, slots=True)
class Samples:
    """One case: what the pin and the candidate say, and what is different."""

    pin: tuple[str, ...]
    candidate: tuple[str, ...]
    change: Change
    fact: Fact | None


def cases(
    subjects: Mapping[str, Sequence[Fact]], change: Change, number: int, *, pin: int = 3,
    candidate: int = 3, seed: int = 0,
) -> Iterator[Samples]:  # fmt: skip
    """`number` cases, the same for the same seed."""
    for index in range(number):
        draw = random.Random(f"{seed}-{change}-{index}")
        facts = draw.sample(list(draw.choice(list(subjects.values()))), FACTS)
        concerned = None if change == "none" else draw.choice(facts)
        yield Samples(
            tuple(_answer(facts, draw) for _ in range(pin)),
            tuple(_answer(facts, draw, concerned, change) for _ in range(candidate)),
            change,
            concerned,
        )


def _answer(
    facts: Sequence[Fact], draw: random.Random, concerned: Fact | None = None,
    change: Change = "none",
) -> str:  # fmt: skip
    told = [fact for fact in facts if not (fact is concerned and change == "lost")]
    order = draw.sample(range(len(told)), len(told)) if draw.random() < 0.5 else range(len(told))
    said = [told[i].said(draw, changed=told[i] is concerned) for i in order]
    return draw.choice(OPENINGS) + " ".join(said) + draw.choice(CLOSINGS)
