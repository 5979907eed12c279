"""Which versions people do not want: a pull request closed unmerged, `ignore`, a rollback."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from pytest_modelpin.clock import utc_now
from pytest_modelpin.forge.pulls_and_issues import Pull
from pytest_modelpin.ledger.decision import Decision, unwanted
from pytest_modelpin.ledger.store import Ledger
from pytest_modelpin.upgrade.proposal import Marker, Move, find, ticked


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
                ledger.decide(Decision(move.name, move.new, "yes", reopened, _now()))
            elif not pull.is_open and last == reopened:
                ledger.decide(Decision(move.name, move.new, "no", closed, _now()))


def _note_boxes(ledger: Ledger, pull: Pull, marker: Marker) -> None:
    """What people ticked in an open pull request's text; of versions that it proposes alone."""
    for tick in ticked(pull.body):
        if tick.wish == "ignore" and any(
            (tick.name, tick.version) == (move.name, move.new) for move in marker.moves
        ):
            want_no_more(ledger, tick.name, tick.version, f"ticked in #{pull.number}")


def want_again(ledger: Ledger, name: str, version: str, because: str) -> None:
    """Let a version be proposed again."""
    ledger.decide(Decision(name, version, "yes", because, _now()))


def want_no_more(ledger: Ledger, name: str, version: str, because: str) -> None:
    """Keep a version from being proposed, unless something keeps it from that already."""
    if version not in unwanted(ledger.decisions(name)):
        ledger.decide(Decision(name, version, "no", because, _now()))


def unwanted_move(ledger: Ledger, moves: Sequence[Move], ignore: Container[str]) -> str | None:
    """Why one of the moves is not to be proposed, as a sentence; None where all may be."""
    for move in moves:
        if move.new in ignore:
            return f"{move.name}: {move.new} is on `ignore` in models.yml."
        decision = unwanted(ledger.decisions(move.name)).get(move.new)
        if decision is not None:
            return (
                f"{move.name}: {move.new} is not wanted ({decision.because}); tick its box on the "
                "“Model pins” issue to have it proposed again."
            )
    return None


def _now() -> str:
    return utc_now().isoformat(timespec="milliseconds")
