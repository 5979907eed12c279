"""All processes of a run go by one models.yml, whatever becomes of the file meanwhile."""

import pytest

PIN = "gpt-4o-2024-08-06"

IN_WORKERS = """
import os
from pathlib import Path

if "PYTEST_XDIST_WORKER" in os.environ:
    {change}
"""


def changed(project, change):
    project.write("conftest.py", IN_WORKERS.format(change=change))


@pytest.mark.parametrize(
    "change",
    ['Path("models.yml").unlink(missing_ok=True)', 'Path("models.yml").write_text("models: [")'],
)
def test_a_worker_that_starts_late_replays_though_the_file_is_gone(project, change):
    project.record()
    project.write("tests/test_more.py", "from support import ask\ndef test_new(): ask('new?')\n")
    changed(project, change)
    result = project.run("-n1")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines([f"*Not recorded: support (production: {PIN})*"])
    assert project.server.requests == []


def test_a_worker_tries_the_candidate_that_its_run_is_of(project):
    project.record()
    text = 'Path("models.yml").read_text().replace("staging: gpt-4o", "staging: gpt-4o-mini")'
    changed(project, f'Path("models.yml").write_text({text})')
    project.run("-n1", "--model=candidate").assert_outcomes(passed=2)
    assert {each.model for each in project.server.requests} == {"gpt-4o"}
