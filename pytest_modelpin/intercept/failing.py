"""Failing a test from within its own call to a model, past whatever stands in between.

SDKs catch `Exception` and try again: as an ordinary exception, Anthropic's client retried a miss
three times and then said only "Connection error.". `pytest.fail`'s exception is no `Exception` and
passes. But where it would kill what runs the call (a worker of `multiprocessing.Pool`, the event
loop in the thread of a web framework's test client), its death hides the reason or hangs the
test. There an ordinary exception is raised, and the test fails by what is noted on its capture.

What it says of a request that has no recording: how it differs from the nearest, whose recording
holds it where a test was renamed, and what to run.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from pytest_modelpin.files import from_here, is_dir
from pytest_modelpin.intercept.model_call_failed import ModelCallFailed
from pytest_modelpin.intercept.unseen.alarm import by_executor, names_on_stack
from pytest_modelpin.intercept.waiting import missed
from pytest_modelpin.invisible import show_invisible
from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.recordings.capture import OpenCapture, RequestKey
from pytest_modelpin.recordings.exchange import Exchange, Request
from pytest_modelpin.recordings.outgoing import Outgoing
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.recorded_exchanges import RecordedExchanges
from pytest_modelpin.registry.selection import RecordMode, Selection
from pytest_modelpin.wording import clipped, counted

if TYPE_CHECKING:
    from asyncio import Task

    from pytest_modelpin.recordings.same_question import SameQuestion

_MOST_LINES = 24
"""Of the difference to the nearest recorded request."""
_LONGEST_LINE = 160
_LONGEST_QUESTION = 80
_SAYING = ("messages", "contents", "input", "inputs", "prompt", "parts", "content", "text")
"""Names of the fields, from outside in, in which requests say something."""
_MOST_COMPARED = 200
"""Recorded requests looked at to find the nearest."""


def fail(message: str, capture: OpenCapture | None) -> NoReturn:
    """Note a miss on the capture and fail the test."""
    raise failure(noted(message, capture), capture)


def noted(message: str, capture: OpenCapture | None) -> str:
    """The message, once the capture knows that its test misses something."""
    if capture is not None:
        capture.miss(message)
    return message


def failure(message: str, capture: OpenCapture | None) -> BaseException:
    """What to raise here to fail the test with this message."""
    missed(message)  # whatever is raised, whoever calls may swallow it
    if capture is not None and (
        capture.is_elsewhere()
        or _in_a_loop_of_another_thread(capture)
        or _in_a_thread_of_its_own(capture)
        or _in_a_task_of_its_own()
    ):
        return ModelCallFailed(message)
    import pytest

    return pytest.fail.Exception(message, pytrace=False)


def _in_a_loop_of_another_thread(capture: OpenCapture) -> bool:
    """Whether an event loop that is not the test's own would hear the exception.

    It runs in this thread, or awaits it: anyio hands what a worker thread raises to its loop.
    """
    if threading.get_ident() == capture.thread:
        return False
    if type(threading.current_thread()).__module__.startswith("anyio."):
        return True
    asyncio = sys.modules.get("asyncio")
    if asyncio is not None and asyncio._get_running_loop() is not None:
        return True
    trio = sys.modules.get("trio")
    return trio is not None and bool(trio.lowlevel.in_trio_run())


def _in_a_thread_of_its_own(capture: OpenCapture) -> bool:
    """Whether it would end a thread without a word: one that no executor hands on the end of."""
    return threading.get_ident() != capture.thread and not by_executor(names_on_stack())


def _in_a_task_of_its_own() -> bool:
    """Whether it would end a task of the event loop that nobody awaits."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or asyncio._get_running_loop() is None:
        return False
    task = asyncio.current_task()
    waiting = getattr(task and _clients.get(task, task), "_callbacks", None)
    if task is None or not isinstance(waiting, list | None):
        return False  # a loop's own kind of task, of which nothing is known
    return not any(_awaits(each[0]) for each in waiting or ())


def hears(client: Task[Any] | None, task: Task[Any]) -> None:
    """Make known that `client` hears what `task`, one of ours, makes of the reply it passes on."""
    if client is not None:
        _clients[task] = client


_clients: WeakKeyDictionary[Task[Any], Task[Any]] = WeakKeyDictionary()


def _awaits(callback: object) -> bool:
    """Whether what is called once a task is done hands on how it ended; all of asyncio's does."""
    callback = getattr(callback, "func", callback)  # of a partial
    home = (
        getattr(callback, "__module__", None)
        or type(getattr(callback, "__self__", callback)).__module__
    )
    return home.partition(".")[0] in _HANDING_ON


_HANDING_ON = frozenset({"asyncio", "_asyncio", "anyio", "pytest_asyncio", "uvloop"})


def explain_miss(
    owner: Owner,
    outgoing: Outgoing,
    request_key: RequestKey,
    recorded: RecordedExchanges,
    selection: Selection,
    same_question: Callable[[], SameQuestion | None] = lambda: None,
) -> str:
    """Which test's request has no recording, how it differs from the nearest, and what to run.

    `same_question` looks for it in other tests' recordings.
    """
    from pytest_modelpin.recordings.drawn import ASK_THE_SAME, begin_anew

    gap = recorded.gap(request_key.sample, request_key.fingerprint)
    lines = [
        f"Not recorded: {_model(outgoing)} was asked {question(outgoing.request.body)} by "
        f"{owner.address}, and replay never calls the network.",
        _reason(request_key, recorded),
    ]
    if gap == "no such request":
        lines += _difference(recorded.exchanges, outgoing.request)
    lines.append("Looked in " + ", ".join(from_here(path) for path in recorded.looked_at) + ".")
    same = same_question() if gap in ("no file", "no such request") else None
    if same is not None:
        lines += _carried_over(same) if gap == "no file" else _of_another_case(same, owner)
    elif gap == "no file":
        lines += _other_versions(recorded.looked_at, outgoing)
    drawn = gap == "no such request" and begin_anew(recorded.asked_by_samples())
    if drawn:
        lines.append(
            "Each recorded sample of it asks something else, and so would the next run. Have it "
            f"ask the same each time: {ASK_THE_SAME}."
        )
    anew = "Or record it anew" if same else "Then record it" if drawn else "Record it"
    lines.append(f"{anew}: {record_command(owner, outgoing, selection)}")
    if gap == "no file" and all(each.which == "production" for each in selection.models.values()):
        lines.append("Record all that is missing: pytest-modelpin record")
    return show_invisible("\n".join(lines))  # a question may quote what a model said


def explain_wait(owner: Owner, outgoing: Outgoing, selection: Selection) -> str:
    """That a test waits for an answer for which it did not wait when it was recorded."""
    return show_invisible(
        f"{_model(outgoing)} was asked {question(outgoing.request.body)} by {owner.address}, which "
        "did not wait for the answer when it was recorded, and now does.\n"
        f"Record it anew: {record_command(owner, outgoing, selection, 'all')}"
    )


def record_command(
    owner: Owner, outgoing: Outgoing, selection: Selection, mode: RecordMode = "new"
) -> str:
    """The command that records what this test asks."""
    import shlex  # for a miss alone

    which = shlex.quote(_which(outgoing, selection))
    return f"pytest --model {which} --model-record {mode} {shlex.quote(owner.address)}"


def _which(outgoing: Outgoing, selection: Selection) -> str:
    selected = outgoing.selected
    if selected is None:
        return "production"
    which = selected.id if selected.which == "id" else selected.which
    alike = all(
        (each.which, each.id if each.which == "id" else None)
        == (selected.which, selected.id if selected.which == "id" else None)
        for each in selection.models.values()
    )
    return which if alike else f"{selected.name}={which}"


def _model(outgoing: Outgoing) -> str:
    if outgoing.kind == "side":
        return f"{outgoing.provider.name} ({outgoing.method} {outgoing.path})"
    if outgoing.selected is None:
        return f"{outgoing.asked} (which models.yml does not name)"
    return f"{outgoing.name} ({outgoing.selected.which}: {outgoing.asked})"


def question(body: JSON) -> str:
    """The last thing that was said, in quotes; names of fields differ from API to API."""
    question = " ".join(next(_said(body), "").split())
    if not question:
        return "something"
    if len(question) > _LONGEST_QUESTION:
        question = question[: _LONGEST_QUESTION - 1] + "…"
    return f'"{question}"'


def _said(value: JSON) -> Iterator[str]:
    """The texts of a request's messages, the last one first."""
    if isinstance(value, list):
        for item in reversed(value):
            yield from [item] if isinstance(item, str) else _said(item)
    elif isinstance(value, dict):
        for name in _SAYING:
            found = value.get(name)
            yield from [found] if isinstance(found, str) else _said(found)


def _reason(request_key: RequestKey, recorded: RecordedExchanges) -> str:
    gap = recorded.gap(request_key.sample, request_key.fingerprint)
    if gap == "no file":
        return f"There is no recording of this test with {request_key.asked}."
    if gap == "fewer times":
        times = recorded.times(request_key.sample, request_key.fingerprint)
        return (
            f"This request is recorded {times} time{'s' * (times != 1)}, "
            f"but was asked {request_key.ordinal + 1} times."
        )
    if gap == "other sample":
        samples = ", ".join(map(str, recorded.samples(request_key.fingerprint)))
        return f"It is recorded for sample {samples}, but not for sample {request_key.sample}."
    others = counted(recorded.different(), "other request")
    return f"The test's recording has {others}, but not this one."


def _carried_over(same: SameQuestion) -> list[str]:
    """Whose recording holds the question, and the commands that make it this test's."""
    import shlex

    moves = same.moves()
    told = f"The same question is recorded for {same.test}."
    if not moves:
        return [told]
    what, verb = {
        "module gone": ("That module is gone. If it was renamed, carry it over", "mv"),
        "test gone": ("That test is gone. If it was renamed, carry it over", "mv"),
        "there": ("That test is still there. To use its answer here, too, copy it", "cp"),
    }.get(same.owned, ("If this is the same by another name, carry it over", "mv"))
    lines = [f"{told} {what}:"]
    for old, new in moves:
        folder = shlex.quote(from_here(new.parent))
        made = "" if is_dir(new.parent) else f"mkdir -p {folder} && "
        lines.append(f"  {made}{verb} {shlex.quote(from_here(old))} {shlex.quote(from_here(new))}")
    return lines


def _of_another_case(same: SameQuestion, owner: Owner) -> list[str]:
    """Why a test has another's question, where it is told by its parameters' place."""
    lines = [f"The same question is recorded for {same.test}."]
    function = owner.name.partition("[")[0]
    if "[" in owner.name and same.test.partition("::")[2].partition("[")[0] == function:
        lines[0] += (
            " If the parameters were put in another order, give each an id of its own, which "
            'stays: pytest.param(…, id="…").'
        )
    return lines


def _other_versions(looked_at: Sequence[Path], outgoing: Outgoing) -> list[str]:
    """Of which versions the test is recorded, if not of this one."""
    from pytest_modelpin.recordings.same_question import versions_with

    versions = list(dict.fromkeys(each for path in looked_at for each in versions_with(path)))
    if not versions:
        return []
    return [
        f"It is recorded with {' and '.join(versions)}: is {outgoing.asked} the version that you "
        "mean?"
    ]


def _difference(recorded: Sequence[Exchange], request: Request) -> list[str]:
    asked = _pretty(request)
    wanted = set(asked)
    nearest = max(
        (_pretty(exchange.request) for exchange in recorded[:_MOST_COMPARED]),
        key=lambda lines: _likeness(wanted, set(lines)),
        default=None,
    )
    if nearest is None:
        return []
    import difflib  # for a miss alone

    difference = difflib.unified_diff(nearest, asked, n=1, lineterm="")
    lines = [
        clipped(line, _LONGEST_LINE)
        for line in difference
        if not line.startswith(("---", "+++", "@@"))
    ]
    more = [f"  … {len(lines) - _MOST_LINES} lines more"] if len(lines) > _MOST_LINES else []
    return [
        "The nearest recorded request (-) differs from this one (+):",
        *(f"  {line}" for line in lines[:_MOST_LINES]),
        *more,
    ]


def _likeness(one: set[str], other: set[str]) -> float:
    """The share of lines in common: both are counted once, since JSON repeats its own."""
    return len(one & other) / max(len(one), len(other))


def _pretty(request: Request) -> list[str]:
    body = json.dumps(request.body, indent=1, sort_keys=True, ensure_ascii=False)
    return [f"{request.method} {urlsplit(request.url).path}", *body.splitlines()]
