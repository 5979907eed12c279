"""What a release is built with: by hash, and nothing beside it."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
LOCKED = (ROOT / ".ci" / "release.txt").read_text("utf-8")


def test_every_tool_has_a_version_and_hashes():
    entries = [entry for entry in re.split(r"\n(?! )", LOCKED.strip()) if entry]
    assert len(entries) > 20
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_what_is_asked_for_is_locked():
    wanted = (ROOT / ".ci" / "release.in").read_text("utf-8").splitlines()
    names = [line for line in wanted if line and not line.startswith("#")]
    assert names
    for name in names:
        assert re.search(rf"^{re.escape(name)}==", LOCKED, re.MULTILINE), name


def test_the_job_that_builds_installs_nothing_else():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))
    runs = "\n".join(str(step.get("run", "")) for step in workflow["jobs"]["build"]["steps"])
    installs = re.findall(r"pip\S* install (.*)", runs)
    assert installs == [
        "--quiet --require-hashes -r .ci/release.txt",
        "--quiet dist/*.whl",  # what was built, in an environment of its own
    ]
    builds = re.findall(r"python -m build (.*)", runs)
    assert builds
    assert all("--no-isolation" in each for each in builds)
