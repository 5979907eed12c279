"""A case in `review`: what was found, both answers as one text, the question; and what is offered
where an answer is rejected: something that holds the next version to it; and what was decided.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from pytest_modelpin.adopt.expectation import expectation
from pytest_modelpin.adopt.rejected_answer import (
    MARK,
    Proposal,
    mark_critical,
    place_of_mark,
    propose,
)
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.report.ansi import word_diff
from pytest_modelpin.report.escape import terminal
from pytest_modelpin.report.findings import drifts_worst_first, shown_pair
from pytest_modelpin.run_git import who
from pytest_modelpin.wording import clipped

if TYPE_CHECKING:
    from rich.console import Console

    from pytest_modelpin.compare.comparison import CaseComparison
    from pytest_modelpin.ledger.store import Ledger
    from pytest_modelpin.providers.wire import JSON
    from pytest_modelpin.report.comparison_text import ChangedAnswer
    from pytest_modelpin.results.case import Case


_COLOURS = {"regression": "bold red", "review": "yellow", "info": "dim"}
_KEPT = 0.5
"""Share of an answer that has to stay for its words to be worth weaving into the old one's."""
_MESSAGE = 600
"""Characters of a test's message."""
_VALUE = 30
"""Characters of a value that is shown beside its finding."""


def show(console: Console, case: CaseComparison, answer: ChangedAnswer, place: str) -> bool:
    """All that a decision needs but the question; `place` is where among all it stands.

    Gives whether the answers are shown by lines, as reads better where most was rewritten.
    """
    console.rule(Text(place, style="cyan"), align="left", style="cyan")
    console.print(Text(terminal(case.id), style="bold"), soft_wrap=True)
    before, after = case.production, case.candidate
    passed = f"passed {before.passes}/{before.samples} before, {after.passes}/{after.samples} now"
    console.print(f"{passed}{', critical' if case.critical else ''}")
    if case.message:
        console.print(Text(terminal(clipped(case.message, _MESSAGE)), style="red"))
    for drift in drifts_worst_first(case):
        where = f" at {drift.where}" if drift.where else ""
        seen, of = drift.samples
        samples = f", in {seen} of {of} samples" if of > 1 else ""
        old, new = (" ".join(value.split()) for value in shown_pair(drift))
        pair = f": {old} -> {new}" if max(len(old), len(new)) <= _VALUE and old != new else ""
        said = terminal(f"  {drift.severity}  {drift.kind}{where}{pair}{samples}")
        console.print(Text(said, style=_COLOURS[drift.severity]))
    return show_answers(console, answer, _is_rewritten(answer))


def show_answers(console: Console, answer: ChangedAnswer, by_line: bool) -> bool:
    """Print both answers as one text, by lines or by words; gives `by_line`."""
    console.print()
    console.print(_by_line(answer) if by_line else _by_word(console, answer))
    console.print()
    return by_line


def ask(console: Console, case: Case) -> None:
    """Print what the case asked."""
    from pytest_modelpin.report.page.data import question

    questions = dict(case.questions)
    if not questions:
        console.print("The run report holds no question of this case.")
    for body in questions.values():
        for message in question(body)["messages"]:
            console.print(f"{message['role']}: {message['text']}", markup=False)


def _is_rewritten(answer: ChangedAnswer) -> bool:
    """Whether so little stays that woven words would be a riddle."""
    kept = sum(len(p.text) for p in word_diff(answer.before, answer.after) if p.fate == "same")
    return kept < _KEPT * max(len(answer.before), len(answer.after))


def _by_line(answer: ChangedAnswer) -> Text:
    old, new = answer.before.splitlines(), answer.after.splitlines()
    shown = Text()
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            shown.append("".join(f"  {terminal(line)}\n" for line in old[i:j]))
            continue
        shown.append("".join(f"- {terminal(line)}\n" for line in old[i:j]), style="red")
        shown.append("".join(f"+ {terminal(line)}\n" for line in new[k:m]), style="green")
    shown.rstrip()
    return shown


def _by_word(console: Console, answer: ChangedAnswer) -> Text:
    shown = Text()
    plain = not console.is_terminal or console.no_color
    for piece in word_diff(answer.before, answer.after):
        text = terminal(piece.text)
        match piece.fate:
            case "old":
                shown.append(f"[-{text}-]" if plain else text, style="red strike")
            case "new":
                shown.append(f"{{+{text}+}}" if plain else text, style="green")
            case _:
                shown.append(text)
    return shown


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
            f"passes it: `pytest {shlex.quote(case)}`"
        )
    return " ".join(said)


def _say(console: Console, text: str) -> None:
    console.print(terminal(text), style="red", markup=False, soft_wrap=True)


class Decided:
    """What a person has decided so far: accepted into the ledger, rejected beside the night."""

    def __init__(self, path: Path, ledger: Ledger, name: str, version: str) -> None:
        self._path, self._ledger, self._name, self._version = path, ledger, name, version
        self.rejected = _rejected(path)

    def accept(self, cases: list[str]) -> None:
        """Keep that the changes in these cases are wanted. Raises LedgerError."""
        from pytest_modelpin.clock import utc_text
        from pytest_modelpin.ledger.decision import Decision

        self._ledger.decide(
            Decision(
                self._name,
                self._version,
                "accepted",
                "reviewed",
                utc_text(),
                cases=tuple(cases),
                who=who(Path.cwd()),
            )
        )

    def reject(self, case: str) -> None:
        """Keep that a case was rejected, so that it is not asked again. Raises OSError."""
        from pytest_modelpin.redaction.written import write_redacted

        self.rejected.append(case)
        write_redacted(self._path, json.dumps(self.rejected, indent=1))


def _rejected(path: Path) -> list[str]:
    """What was rejected before. Raises ModelpinError where the file says something else."""
    from pytest_modelpin.typed_json import Misfit, read_as

    try:
        return list(read_as(tuple[str, ...], path.read_bytes()))
    except FileNotFoundError:
        return []
    except Misfit as misfit:
        raise ModelpinError(
            f"{path} does not hold the cases that were rejected: {misfit}. Delete it and run this "
            "again: what was rejected is asked once more."
        ) from None
