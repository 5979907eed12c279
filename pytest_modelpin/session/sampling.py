"""N passes of one test, reported as one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

_CARRIED = ("modelpin", "modelpin_pin", "modelpin_said", "modelpin_unasked")
"""What travels in a teardown report."""


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
        for name in _CARRIED:
            vars(shown[-1]).pop(name, None)
            if name in vars(last):
                setattr(shown[-1], name, getattr(last, name))
    for phase, report in enumerate(shown):
        report.duration = sum(reports[phase].duration for reports in tries if phase < len(reports))
    return shown
