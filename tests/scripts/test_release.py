"""What a release is built with: by hash, and nothing beside it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
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


GH = """\
#!/usr/bin/env bash
printf '%s\\n' "$*" >>"$CALLS"
case "$*" in
*"--method PATCH"*) exit "$NO_TAG_YET" ;;
"run list"*) echo "$PASSED" ;;
esac
"""
SHA = "a" * 40


def step(name: str) -> str:
    """What the step of that name runs."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))
    steps = [each for job in workflow["jobs"].values() for each in job["steps"]]
    (found,) = [each["run"] for each in steps if str(each.get("name", "")).startswith(name)]
    return found


@pytest.fixture
def play(tmp_path):
    """Run a step as GitHub would, with a `gh` that notes its calls; its exit code, and those."""
    if sys.platform == "win32":
        pytest.skip("a release is made on Ubuntu")
    program = tmp_path / "bin" / "gh"
    program.parent.mkdir()
    program.write_text(GH)
    program.chmod(0o755)

    def run(name, tag, folder=ROOT, *, first=False, passed="1"):
        calls = tmp_path / "calls"
        calls.write_text("")
        given = {
            "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", "CALLS": str(calls),
            "NO_TAG_YET": str(int(first)), "PASSED": passed, "GITHUB_REF_NAME": tag,
            "GITHUB_SHA": SHA, "GITHUB_REPOSITORY": "o/r", "GH_TOKEN": "t",
        }  # fmt: skip
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step(name)],
            cwd=folder, env=given, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, calls.read_text().splitlines()

    return run


@pytest.mark.parametrize(
    ("tag", "floating"), [("v0.1.0", "v1"), ("v1.4.2", "v1"), ("v2.0.0", "v2"), ("v12.0.1", "v12")]
)
@pytest.mark.parametrize("first", [True, False])
def test_a_release_is_published_and_the_floating_tag_follows_it(play, tag, floating, first):
    code, calls = play("Publish the release", tag, first=first)
    assert code == 0
    assert calls[0] == f"release create {tag} sbom.cdx.json --verify-tag --generate-notes"
    move = f"api --method PATCH repos/o/r/git/refs/tags/{floating} -f sha={SHA} -F force=true"
    make = f"api --method POST repos/o/r/git/refs -f ref=refs/tags/{floating} -f sha={SHA}"
    assert calls[1:] == ([move, make] if first else [move])


@pytest.mark.parametrize(("passed", "code"), [("1", 0), ("2", 0), ("0", 1)])
def test_nothing_is_released_that_ci_has_not_passed(play, passed, code):
    ended, (call,) = play("CI passed", "v1.0.0", passed=passed)
    assert ended == code
    assert f"--workflow ci.yml --branch main --commit {SHA} --status success" in call


def test_a_tag_is_the_version_of_both_and_has_its_part_of_the_changelog(play, tmp_path):
    for name in ("pytest_modelpin", "runtime/modelpin_runtime"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text("## Unreleased\n\n## 1.2.3\n")
    name = "The tag is the version"
    assert play(name, "v1.2.3", tmp_path)[0] == 0
    assert play(name, "v1.2.4", tmp_path)[0] != 0
    (tmp_path / "CHANGELOG.md").write_text("## Unreleased\n")
    assert play(name, "v1.2.3", tmp_path)[0] != 0
    (tmp_path / "CHANGELOG.md").write_text("## 1.2.3\n")
    (tmp_path / "runtime/modelpin_runtime/__init__.py").write_text('__version__ = "1.2.2"\n')
    assert play(name, "v1.2.3", tmp_path)[0] != 0
