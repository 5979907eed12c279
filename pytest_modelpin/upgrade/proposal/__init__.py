"""A move put before people: its branch, its pull request, and what becomes of them later.

Here is what the bot's pull requests and issues are made of: labels, sections, boxes, a hidden
marker. Sections of a text make way for GitHub's limit, the least important first. Boxes are ticked
by people and read by the next night. The marker, hidden in a body's first line, is what the bot
needs to remember about its pull request.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args
from urllib.parse import quote, unquote

from pytest_modelpin.clock import utc_text
from pytest_modelpin.forge.pulls_and_issues import Label, Pull
from pytest_modelpin.ledger.decision import Decision, decided_since, unwanted
from pytest_modelpin.ledger.store import Ledger
from pytest_modelpin.providers.wire import parse
from pytest_modelpin.report.escape import link
from pytest_modelpin.typed_json import Misfit, Reader, Readers
from pytest_modelpin.upgrade.bump import Bump
from pytest_modelpin.wording import counted

MODEL_PIN = Label("model-pin", "1d76db", "Moves the pinned version of a model")
TWO_THINGS = Label(
    "two things at once", "d93f0b", "Moves a model and changes prompts or tests: hard to judge"
)
DASHBOARD = Label("model-pin-dashboard", "c5def5", "The state of all model pins")
ALARM = Label("model-pin-alarm", "b60205", "A model pin needs somebody")


LONGEST = 65_536
"""Characters that GitHub takes in a body."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section: those of a higher number go first where the body is too long."""

    text: str
    dispensable: int = 0
    """0 always stays."""
    answer: bool = False
    """Whether it shows one case's answer; those that go are counted."""


def fit(sections: Sequence[Section], url: str | None) -> str:
    """The sections as one text; while it is too long, the most dispensable goes."""
    kept = [section for section in sections if section.text]
    where = link("the full report", url) or "the run report"
    note = f"_Shortened to GitHub's limit; all of it is in {where}._"
    size = sum(len(section.text) + 2 for section in kept)
    room = LONGEST - len(note) - 100
    gone = 0
    if size <= LONGEST:
        return _joined(kept)
    for section in sorted(kept, key=lambda section: -section.dispensable):
        if size <= room or not section.dispensable:
            break
        kept = [each for each in kept if each is not section]
        size -= len(section.text) + 2
        gone += section.answer
    if gone:
        note = f"_{counted(gone, 'more answer')} changed. {note[1:]}"
    text = _joined([*kept, Section(note)])
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST - len(note) - 2] + f"\n\n{note}"


def _joined(sections: Sequence[Section]) -> str:
    return "\n\n".join(section.text for section in sections)


Wish = Literal["retry", "want", "rollback", "again", "ignore", "accept"]


@dataclass(frozen=True, slots=True)
class Tick:
    """A box that a person has ticked."""

    wish: Wish
    """`retry` the night now, `want` a version again, `rollback` to the version before; in a pull
    request, make its branch `again`, or `ignore` its version from now on; `accept` what changed in
    a version."""
    name: str
    version: str = ""
    """The one that is wanted again, ignored or accepted; empty for the other wishes."""
    what: str = ""
    """Of `accept`: a digest of the cases that were shown, as later ones were not agreed to."""


def box(tick: Tick, said: str) -> str:
    """An empty box as an item of a list; `said` is Markdown."""
    return f"- [ ] {_mark(tick)} {said}"


def ticked(body: str) -> tuple[Tick, ...]:
    """The boxes that are ticked, in order; what else a person or a model wrote is passed over."""
    # What a fence holds is quoted: a line of an answer may read as a box, ticked.
    own = _FENCED.sub("", body.replace("\r\n", "\n"))
    return tuple(
        Tick(wish, unquote(name), unquote(version), unquote(what))
        for mark, wish, name, version, what in _BOX.findall(own)
        if mark in "xX"
    )


def keep(text: str, ticks: Sequence[Tick]) -> str:
    """The text with these boxes ticked: what was ticked after it was read must not be lost."""
    for tick in ticks:
        text = text.replace(f"- [ ] {_mark(tick)}", f"- [x] {_mark(tick)}")
    return text


def untick(text: str) -> str:
    """The text with all boxes empty: what was read once must not be read again."""
    return _BOX.sub(lambda found: found[0].replace(f"[{found[1]}]", "[ ]", 1), text)


def _mark(tick: Tick) -> str:
    words = [tick.wish, *map(_safe, filter(None, (tick.name, tick.version, tick.what)))]
    return f"<!-- {' '.join(words)} -->"


def _safe(text: str) -> str:
    return quote(text, safe="").replace("-", "%2D")


_BOX = re.compile(
    rf"^[-*] \[([ xX])\] <!-- ({'|'.join(get_args(Wish))}) ([^\s<>]+)(?: ([^\s<>]+))?"
    r"(?: ([^\s<>]+))? -->",
    re.MULTILINE,
)
_FENCED = re.compile(r"^(`{3,})[^`\n]*(?:\n.*?(?:^\1`*[ \t]*$|\Z)|\Z)", re.MULTILINE | re.DOTALL)
"""A block of code, to the end where nothing closes it, as Markdown reads it."""


State = Literal["due", "red", "theirs", "closed"]
"""`due`: proposed. `red`: a later night was red. `theirs`: a person has committed to the branch.
`closed`: closed by the bot itself. Closing one of the last two, or deleting its branch, is nobody's
decision against the version."""


@dataclass(frozen=True, slots=True)
class PinMove:
    """One pin's move."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Marker:
    """What a pull request proposes, and what became of it."""

    moves: tuple[PinMove, ...]
    state: State = "due"
    drafted: bool = False
    """Whether it was the bot that made it a draft."""


def moves_of(bump: Bump) -> tuple[PinMove, ...]:
    """The pins that a bump moves: one, or each member's of a group."""
    return tuple(PinMove(one.name, one.old, one.new) for one in bump.members or (bump,))


def mark(marker: Marker) -> str:
    """The marker as one HTML comment, which no id can end early."""
    return hidden(_content(marker))


def find(body: str) -> Marker | None:
    """The marker of a body; None where there is none, or a person broke it."""
    try:
        return cast(Marker, _READERS.of(Marker)(revealed(body)))
    except Misfit:
        return None


_THREE: Reader = Readers().of(tuple[str, str, str])
_READERS = Readers({Marker: ()}, {PinMove: lambda row: PinMove(*_THREE(row))})


def remark(body: str, marker: Marker) -> str:
    """The body with another marker; all else stays as it is."""
    return rehidden(body, _content(marker))


def _content(marker: Marker) -> dict[str, object]:
    return {
        "moves": [[move.name, move.old, move.new] for move in marker.moves],
        "state": marker.state,
        "drafted": marker.drafted,
    }


def hidden(content: object) -> str:
    """Anything that is JSON as an HTML comment for a body's first line."""
    text = json.dumps(content)
    for character in "<>-&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"{_OPEN}{text}{_CLOSE}"


def revealed(body: str) -> Any:
    """What `hidden` put there; None where there is nothing of ours."""
    place = _hidden_at(body)
    return parse(body[place.start + len(_OPEN) : place.stop - len(_CLOSE)]) if place else None


def rehidden(body: str, content: object) -> str:
    """The body with something else hidden in the same place."""
    place = _hidden_at(body) or range(0)
    return f"{body[: place.start]}{hidden(content)}{body[place.stop :]}"


def above(body: str) -> str:
    """What a person wrote above all that is ours, such as a ticket's number; "" where nothing."""
    place = _hidden_at(body)
    return body[: place.start].replace("\r\n", "\n") if place else ""


def _hidden_at(body: str) -> range | None:
    """Where in a body something of ours is hidden; later ones, and quoted ones, are none."""
    quoted = [range(*found.span()) for found in _FENCED.finditer(body)]
    every = (range(*found.span()) for found in _HIDDEN.finditer(body))
    return next((at for at in every if not any(at.start in each for each in quoted)), None)


_OPEN = "<!-- pytest-modelpin: "
_CLOSE = " -->"
_HIDDEN = re.compile(rf"^{re.escape(_OPEN)}.*?{re.escape(_CLOSE)}", re.MULTILINE)


def note_decisions(ledger: Ledger, pulls: Iterable[Pull]) -> None:
    """Keep in the ledger what people decided by closing or reopening pull requests.

    The oldest first, and each once: a tick on the dashboard that came after it holds.
    """
    for pull in sorted(pulls, key=lambda pull: pull.number):
        marker = find(pull.body)
        if pull.merged or marker is None or marker.state in ("closed", "theirs"):
            continue
        if pull.is_open:
            _note_boxes(ledger, pull, marker)
        closed, reopened = f"closed #{pull.number} unmerged", f"reopened #{pull.number}"
        for move in marker.moves:
            said = [
                known.because
                for known in ledger.decisions(move.name)
                if known.because in (closed, reopened)
            ]
            last = said[-1] if said else reopened
            if pull.is_open and last == closed:
                ledger.decide(Decision(move.name, move.new, "yes", reopened, utc_text()))
            elif not pull.is_open and last == reopened:
                ledger.decide(Decision(move.name, move.new, "no", closed, utc_text()))


def note_left(ledger: Ledger, moves: Iterable[PinMove]) -> None:
    """Keep in the ledger that people have left a version that was the pin, as by a revert.

    Its nights are as green as before, so that it would be proposed again at once. Whatever anybody
    has decided since holds.
    """
    for move in moves:
        as_pin = [night for night in ledger.read(move.name) if night.pin == move.new]
        if as_pin and not decided_since(ledger.decisions(move.name), move.new, as_pin[-1]):
            because = f"it was the pin until {as_pin[-1].day}"
            ledger.decide(Decision(move.name, move.new, "no", because, utc_text()))


def _note_boxes(ledger: Ledger, pull: Pull, marker: Marker) -> None:
    """What people ticked in an open pull request's text; of versions that it proposes alone."""
    for tick in ticked(pull.body):
        if tick.wish == "ignore" and any(
            (tick.name, tick.version) == (move.name, move.new) for move in marker.moves
        ):
            want_no_more(ledger, tick.name, tick.version, f"ticked in #{pull.number}")


def want_again(ledger: Ledger, name: str, version: str, because: str) -> None:
    """Let a version be proposed again."""
    ledger.decide(Decision(name, version, "yes", because, utc_text()))


def want_no_more(ledger: Ledger, name: str, version: str, because: str) -> None:
    """Keep a version from being proposed, unless something keeps it from that already."""
    if version not in unwanted(ledger.decisions(name)):
        ledger.decide(Decision(name, version, "no", because, utc_text()))


def unwanted_move(ledger: Ledger, moves: Iterable[PinMove]) -> str | None:
    """Why one of the moves is not to be proposed, as a sentence; None where all may be."""
    for move in moves:
        decision = unwanted(ledger.decisions(move.name)).get(move.new)
        if decision is not None:
            return (
                f"{move.name}: {move.new} is not wanted ({decision.because}); tick its box on the "
                "“Model pins” issue to have it proposed again."
            )
    return None


def unwanted_here(ledger: Ledger, moves: Iterable[PinMove]) -> str | None:
    """Where there is no GitHub: why no branch is made of these moves; None where one is."""
    asked = tuple(moves)
    note_left(ledger, asked)
    for move in asked:
        if decision := unwanted(ledger.decisions(move.name)).get(move.new):
            return (
                f"{move.name}: {move.new} is not wanted ({decision.because}); "
                f"`pytest-modelpin promote {move.name} --to {shlex.quote(move.new)}` moves the pin "
                "to it all the same"
            )
    return None
