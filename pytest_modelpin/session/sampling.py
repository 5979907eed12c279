"""How often each case is run, and its passes reported as one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from _pytest.runner import runtestprotocol

from pytest_modelpin.session.shared_fixtures import definitions
from pytest_modelpin.typed_json import Count, Misfit, Readers, whole_json

CASE = "modelpin"
CARRIED = (CASE, "modelpin_pin", "modelpin_said", "modelpin_unused")
"""What travels in a teardown report."""


_LIMIT = pytest.StashKey[Any]()


class TimeLimits:
    """Learns the limits of time that pytest-timeout sets, which are meant for one sample."""

    @pytest.hookimpl(tryfirst=True, optionalhook=True)
    def pytest_timeout_set_timer(self, item: pytest.Item, settings: Any) -> None:
        item.stash[_LIMIT] = settings


def _renew_limit(item: pytest.Item) -> None:
    """Let the time that a test may take begin anew: the plugin set it for all samples together."""
    settings = item.stash.get(_LIMIT, None)
    if settings is not None and not settings.func_only:  # which it sets at each call
        item.ihook.pytest_timeout_cancel_timer(item=item)
        item.ihook.pytest_timeout_set_timer(item=item, settings=settings)


def _make_room(item: pytest.Item) -> None:
    """Take what the last sample left where pytest-harvest keeps results, by the test's id alone: it
    refuses a second one. What the last sample puts there is what stays.
    """
    if "pytest_harvest" not in sys.modules:
        return
    for definition in definitions(item):
        store = definition.cached_result[0] if definition.cached_result else None
        for kept in store.values() if isinstance(store, MutableMapping) else ():
            if isinstance(kept, MutableMapping):
                kept.pop(item.nodeid, None)


class Samples(NamedTuple):
    """The run's number of samples, and those of single cases."""

    every: int = 1
    own: Mapping[str, int] = MappingProxyType({})
    """By node id."""

    def of(self, case: str, marked: int | None) -> int:
        """Samples of one case; what its marker says holds, unless more are asked for by name."""
        own = self.own.get(case)
        if own is None:
            return marked or self.every
        return max(own, marked or 0)


def samples_of(path: str | None) -> Mapping[str, int]:
    """The numbers that `--model-samples-of` names; none without it.

    Raises pytest.UsageError where the file can't be read or holds something else.
    """
    if path is None:
        return {}
    try:
        content = whole_json(Path(path).read_bytes())
        counts: Mapping[str, int] = Readers().of(Mapping[str, Count])(content)
        if 0 in counts.values():
            raise Misfit("0 for one of them", "at least 1 for each")
    except OSError as error:
        raise pytest.UsageError(f"--model-samples-of {path} can't be read: {error}") from None
    except Misfit as misfit:
        raise pytest.UsageError(
            f"--model-samples-of {path} must hold a JSON object of node ids and whole numbers "
            f"from 1: {misfit}."
        ) from None
    return counts


def run_samples(
    item: pytest.Item,
    nextitem: pytest.Item | None,
    samples: int,
    begin: Callable[[int], None],
    *,
    cases: bool,
) -> list[list[pytest.TestReport]]:
    """The reports of each sample of a test, which are run one after another.

    `begin` is told each sample's number, from 1; when all have run the next to come is 1 again.
    With `cases`, the teardown report of what asked a model carries its case: a test without one
    that passed is run once, which is all that one can bear whose parameters hold an iterator.
    """
    tries: list[list[pytest.TestReport]] = []
    names: dict[str, object] | None = getattr(getattr(item, "dtest", None), "globs", None)
    of_doctest = dict(names or {})  # which doctest clears when a run ends
    for number in range(1, samples + 1):
        if number > 1:
            _renew_limit(item)
            _make_room(item)
            if names is not None:
                names.update(of_doctest)
        begin(number)
        # The parent as "next item" tears down what belongs to the test and nothing that its
        # module's other tests share.
        following: Any = nextitem if number == samples else item.parent
        tries.append(runtestprotocol(item, log=False, nextitem=following))
        is_case = not cases or hasattr(tries[-1][-1], CASE)
        if number < samples and not is_case and all(report.passed for report in tries[-1]):
            if (rest := _torn_down(item, nextitem)).failed:
                tries[-1][-1] = rest
            break
    begin(1)
    return tries


def _torn_down(item: pytest.Item, nextitem: pytest.Item | None) -> pytest.TestReport:
    """How it went to tear down what the test shared with others and the next test does not need.

    Not by the teardown's hook, which plugins have heard for this test.
    """
    tear_down = item.session._setupstate.teardown_exact
    call = pytest.CallInfo.from_call(lambda: tear_down(nextitem), when="teardown")
    report: pytest.TestReport = item.ihook.pytest_runtest_makereport(item=item, call=call)
    return report


def one_case_of(tries: Sequence[Sequence[pytest.TestReport]]) -> list[pytest.TestReport]:
    """Setup, call and teardown report of a case whose samples gave `tries`.

    The case fails where any sample failed, and says how many. The teardown report carries the
    case with all samples, as the last sample's does.
    """
    failed = [reports for reports in tries if any(report.failed for report in reports)]
    shown = list(failed[0] if failed else tries[-1])
    last = tries[-1][-1]
    if failed and len(tries) > 1:
        for report in shown:
            if report.failed:
                report.sections.append(
                    ("samples", f"{len(failed)} of {len(tries)} samples failed; the first is shown")
                )
    if not shown[-1].failed:
        shown[-1] = last
    elif shown[-1] is not last:
        for name in CARRIED:
            vars(shown[-1]).pop(name, None)
            if name in vars(last):
                setattr(shown[-1], name, getattr(last, name))
    for phase, report in enumerate(shown):
        report.duration = sum(reports[phase].duration for reports in tries if phase < len(reports))
    return shown
