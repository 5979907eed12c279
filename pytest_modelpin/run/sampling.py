"""N passes of one test, reported as one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest


def one_case_of(tries: Sequence[Sequence[pytest.TestReport]]) -> list[pytest.TestReport]:
    """Setup, call and teardown report of a case whose samples gave `tries`.

    The case fails where any sample failed, and says how many. The last teardown report carries
    the case with all samples.
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
    if shown[-1] is not last:
        shown[-1] = last
    for phase, report in enumerate(shown):
        report.duration = sum(reports[phase].duration for reports in tries if phase < len(reports))
    return shown
