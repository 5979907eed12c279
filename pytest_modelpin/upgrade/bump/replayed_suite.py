"""The whole suite, replayed for a move: the accepted answers are rewritten, and the move is held to
what any colleague would run.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.results import report_file
from pytest_modelpin.upgrade.bump.first_samples import put_passing_first
from pytest_modelpin.upgrade.bump.installed_code import on_its_own_code
from pytest_modelpin.upgrade.bump.journal import JournalledMove
from pytest_modelpin.upgrade.suite import Suite, not_run
from pytest_modelpin.wording import counted, some

if TYPE_CHECKING:
    from pytest_modelpin.results.case import Case
    from pytest_modelpin.results.run import Run

_TAIL = 15  # lines of pytest's output that a message quotes


def accept(
    suite: Suite,
    move: JournalledMove,
    logs: Path,
    before_changing: Callable[[Iterable[Path]], None],
) -> frozenset[str]:
    """Make the answers of the version that comes, as recorded, the accepted ones.

    Gives the cases that asked it. Where a case fails on its first sample, one that passes takes its
    place: `before_changing` is called with the recordings that change for it. Raises UpgradeError
    where the suite does not pass then either, with what helps.
    """
    name, new, report = move.name, move.new, logs / "accept.json"
    done = _accepted(suite, name, new, report)
    if done.returncode and put_passing_first(suite, move, logs, before_changing):
        done = _accepted(suite, name, new, report)
    if done.returncode:
        raise UpgradeError(
            f"The suite does not pass with {name} on {new}, replayed (all of it in "
            f"{report.with_suffix('.log')}). {_what_helps(report_file.read(report), name, new)}\n"
            f"{_tail(done.stdout)}"
        )
    return frozenset(case.id for case in report_file.read(report).cases if name in _heard(case))


def _accepted(suite: Suite, name: str, new: str, report: Path) -> subprocess.CompletedProcess[str]:
    """Raises UpgradeError where pytest could not run the tests at all."""
    done = suite.pytest(
        f"--model={name}={new}", "--model-record=none", "--model-accept-all", report=report
    )
    if why := not_run(done, report):
        raise UpgradeError(f"Nothing shows that {name} works on {new}: {why}")
    return done


def _what_helps(run: Run, name: str, new: str) -> str:
    """What to do about a suite that fails in a replay of the version to come."""
    missing, which = run.unrecorded, shlex.quote(f"{name}={new}")
    if not missing:
        return (
            f"All that the tests ask is recorded, so recording it again mends nothing: they fail "
            f"by what {new} answers, or by themselves. `pytest --model {which} "
            "--model-record none` shows it again, without a call; change the tests or prompts, or "
            "leave the pin where it is."
        )
    asked = f"{counted(len(missing), 'test asks', 'tests ask')} what is not recorded of it"
    others = len({case.id for case in run.cases if case.passes < case.tries} - {*missing})
    too = f"; of the others, {others} failed by what it answers" if others else ""
    return f"{asked}: {some(missing)}{too}. Record it with `pytest --model {which}`."


def _left_behind(after: Run, move: JournalledMove, asking: Collection[str]) -> list[str]:
    """Cases that those answered that have the old pin, too, and not the one that moved.

    One that shares the new pin may well answer for it.
    """
    behind = {name for name, asked in after.selection.items() if asked.production == move.old}
    heard = {case.id: _heard(case) for case in after.cases if case.id in asking}
    return [case for case, names in heard.items() if names & behind and move.name not in names]


def _heard(case: Case) -> set[str]:
    """The logical models that answered a case or a fixture of its."""
    return {call.name for each in case.samples for call in (*each.calls, *each.shared)}


def _tail(printed: str) -> str:
    return "\n".join(f"  {line}" for line in printed.strip().splitlines()[-_TAIL:])


def verify(suite: Suite, logs: Path, move: JournalledMove, asking: Collection[str]) -> None:
    """Raise UpgradeError unless plain `pytest` passes, offline, on the code as it stands here, and
    the cases that were `asking` the version that comes do so still.
    """
    done = on_its_own_code(suite).pytest(report=logs / "after.json")
    if why := not_run(done, logs / "after.json"):
        raise UpgradeError(
            f"Nothing shows that the move holds, so everything is as it was before: {why}"
        )
    if still := _left_behind(report_file.read(logs / "after.json"), move, asking):
        raise UpgradeError(
            f"{some(still)} would go on asking {move.old} after the move, so everything is as it "
            f"was before: the code names that id itself, where {move.name} shares it with another "
            f"logical model. Have the code take its id from models.yml, as by `modelpin_runtime."
            f'load()["{move.name}"]`, and commit that.'
        )
    if done.returncode:
        raise UpgradeError(
            "After the move plain `pytest` does not pass, so everything is as it was before "
            f"(all of its output is in {logs / 'after.log'}):\n{_tail(done.stdout)}"
        )
