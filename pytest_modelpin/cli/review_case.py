"""How `review` shows a case: what was found, both answers as one text, the question."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from rich.text import Text

from pytest_modelpin.report.ansi import word_diff
from pytest_modelpin.report.escape import terminal
from pytest_modelpin.report.findings import drifts_worst_first, shown_pair
from pytest_modelpin.wording import clipped

if TYPE_CHECKING:
    from rich.console import Console

    from pytest_modelpin.compare.comparison import CaseComparison
    from pytest_modelpin.report.changed_answers import ChangedAnswer
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
    from pytest_modelpin.report.page.question import question

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
