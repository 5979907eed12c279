"""What `review` offers where an answer is rejected: something that holds the next version to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.adopt.expectation import expectation
from pytest_modelpin.adopt.rejected_answer import (
    MARK,
    Proposal,
    mark_critical,
    place_of_mark,
    propose,
)
from pytest_modelpin.report.escape import terminal

if TYPE_CHECKING:
    from rich.console import Console

    from pytest_modelpin.compare.comparison import CaseComparison
    from pytest_modelpin.providers.reply import JSON
    from pytest_modelpin.results.case import Case


def reject(
    console: Console,
    keys: Iterator[str],
    case: CaseComparison,
    production: Case,
    candidate: Case,
) -> bool:
    """Show what could be written, write what is chosen, and say where; False for second thoughts.

    Nothing is written before a key says so.
    """
    root = Path.cwd()
    path = case.id.partition("::")[0]
    proposal = _proposal(root, case, production, candidate)
    line = place_of_mark(root, case.id)
    if line is None and isinstance(proposal, str):
        _say(console, f"rejected. No assert can be written for it: {proposal}. Say in the test "
             f"what the answer must be, or put above it:\n  {MARK}\nat {case.id}")  # fmt: skip
        return True
    offered = {"n": "n nothing, only remember it", "u": "u undo"}
    if line is not None:
        offered = {"c": f"c critical, at {path}:{line}: a night on which it fails is red"} | offered
    if isinstance(proposal, str):
        console.print(f"  no assert: {proposal}", markup=False, style="dim")
    else:
        offered = {"t": f"t assert, at {path}:{proposal.line}:"} | offered
        if line is not None:
            offered["b"] = "b both"
    for key in (key for key in "tcbnu" if key in offered):
        console.print(f"  {offered[key]}", markup=False, soft_wrap=True)
        if key == "t" and not isinstance(proposal, str):
            for added in proposal.added:
                console.print(f"      + {terminal(added)}", markup=False, style="green")
    for key in keys:
        if key == "u":
            return False
        if key in offered:
            _say(console, _carried_out(root, case.id, key, proposal))
            return True
    return False


def _proposal(
    root: Path, case: CaseComparison, production: Case, candidate: Case
) -> Proposal | str:
    if case.message:
        return "its own asserts fail on this answer already"
    pins: dict[str, list[JSON]] = {}
    for sample in production.samples:
        for answer in sample.answers:
            pins.setdefault(answer.snapshot, []).append(answer.received)
    for sample in candidate.samples:
        for answer in sample.answers:
            accepted = pins.get(answer.snapshot, [])
            if answer.received in accepted:
                continue
            found = expectation(accepted, answer.received)
            if found is None:
                return "there is nothing that all of the pin's samples say and this one doesn't"
            return propose(root, case.id, found, [*pins].index(answer.snapshot))
    return "it gives no answer to `model_snapshot`"


def _carried_out(root: Path, case: str, key: str, proposal: Proposal | str) -> str:
    """Write what was chosen; gives what was done and where."""
    if key == "n":
        return "rejected; nothing was written."
    path = case.partition("::")[0]
    said = ["rejected."]
    line = 0
    # The assert first: the mark moves the lines that it was proposed for.
    if key in ("t", "b") and not isinstance(proposal, str):
        if proposal.write():
            line = proposal.line
        else:
            said.append(f"No assert: {path} has changed or can't be written.")
    if key in ("c", "b"):
        marked = mark_critical(root, case)
        if marked is None:
            said.append(f"{path} could not be marked; put above the test:\n  {MARK}")
        else:
            line += marked.lines if line else 0
            did = "is now" if marked.new else "was already"
            said.append(
                f"The test {did} marked as critical at {path}:{marked.line}, so a night on which "
                "it fails is red."
            )
    if line:
        said.append(
            f"The assert stands at {path}:{line}; make it say what matters. Whether the pin "
            f"passes it: `pytest {case}`"
        )
    return " ".join(said)


def _say(console: Console, text: str) -> None:
    console.print(terminal(text), style="red", markup=False, soft_wrap=True)
