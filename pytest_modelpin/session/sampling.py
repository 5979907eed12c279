"""How often each case is run, and its passes reported as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

from pytest_modelpin.typed_json import Count, Misfit, Readers, whole_json

CARRIED = ("modelpin", "modelpin_pin", "modelpin_said", "modelpin_unused")
"""What travels in a teardown report."""


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
