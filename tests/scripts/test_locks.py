"""What CI and releases install from an index: versions and hashes, for all that is asked for."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
CI = ROOT / ".ci"
LOCKS = sorted([*CI.glob("*.txt"), *CI.glob("frameworks/*.txt")])
ASKED = sorted([*CI.glob("*.in"), *CI.glob("frameworks/*.in")])
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
OURS = "pytest-modelpin-runtime"
INSTALLS = re.compile(r"^[^#\n]*?(?:pip\S* (?:install|wheel)|\binstalled) (.*)", re.MULTILINE)
UNLOCKED = {
    ("install", '--quiet --python "$@"'): "what each `installed` there names",
    ("release.yml", "--quiet dist/*.whl"): "what a user gets, for the list of what it is made of",
    ("nightly.yml", "--quiet ./runtime . -r examples/support_bot/requirements.txt"): "a user's own",
}


def entries(lock: Path) -> list[str]:
    return [entry for entry in re.split(r"\n(?! )", lock.read_text("utf-8").strip()) if entry]


def versions(lock: Path) -> dict[str, list[str]]:
    """Each name's versions: some have one for old Pythons and another for new ones."""
    found: dict[str, list[str]] = {}
    for entry in entries(lock):
        name, _, version = entry.split(maxsplit=1)[0].partition("==")
        found.setdefault(name, []).append(version)
    return found


def missing(wanted: list[str], lock: Path) -> list[str]:
    """What the lock file doesn't name, or only at versions that are not allowed."""
    there = versions(lock)
    requirements = [Requirement(each.partition("#")[0]) for each in wanted]
    return [
        str(each)
        for each in requirements
        if canonicalize_name(each.name) != OURS
        and not any(map(each.specifier.contains, there.get(canonicalize_name(each.name), [])))
    ]


def lines(asked: Path) -> list[str]:
    return [
        line
        for line in asked.read_text("utf-8").splitlines()
        if line.strip("# ") and line[0] != "#"
    ]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_entry_has_a_version_and_hashes(lock):
    found = entries(lock)
    assert len(found) > 20
    assert [each for each in found if not re.match(r"[a-z0-9-]+==\S+", each)] == []
    assert [each for each in found if "--hash=sha256:" not in each] == []


def test_every_lock_file_but_the_projects_own_is_made_of_a_list():
    assert [path.with_suffix(".txt") for path in ASKED] == [
        path for path in LOCKS if path.name != "lock.txt"
    ]


@pytest.mark.parametrize("asked", ASKED, ids=lambda path: path.name)
def test_what_a_list_asks_for_is_locked(asked):
    wanted = lines(asked)
    assert wanted
    if asked.name != "release.in":  # what a release is built with is not what it needs
        wanted += PROJECT["project"]["dependencies"]
    assert missing(wanted, asked.with_suffix(".txt")) == []


def test_what_pyproject_asks_for_is_locked():
    lists = [
        PROJECT["project"]["dependencies"],
        PROJECT["build-system"]["requires"],
        *PROJECT["project"]["optional-dependencies"].values(),
        *PROJECT["dependency-groups"].values(),
    ]
    wanted = [each for one in lists for each in one]
    assert len(wanted) > 50
    assert missing(wanted, CI / "lock.txt") == []


def test_what_is_not_locked_is_found(tmp_path):
    lock = tmp_path / "lock.txt"
    lock.write_text(
        "pytest==9.2.0 \\\n    --hash=sha256:0\nnumpy==2.4.6 ; python_version < '3.12'\n"
    )
    assert missing(["pytest>=8", "numpy>=2"], lock) == []
    assert missing(["pytest>=10", "Rich", OURS], lock) == ["pytest>=10", "Rich"]


def installs() -> list[tuple[str, str]]:
    """Every `pip install` and `installed` of CI and workflows: the file, and what follows."""
    texts = [(name, (CI / name).read_text("utf-8")) for name in ("install", "run")]
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        jobs = yaml.safe_load(path.read_text("utf-8"))["jobs"].values()
        steps = [step.get("run", "") for job in jobs for step in job["steps"]]
        texts.append((path.name, "\n".join(steps)))
    return [
        (name, found.partition(" &&")[0].strip())
        for name, text in texts
        for found in INSTALLS.findall(text.replace("\\\n", " "))
    ]


def test_what_is_installed_comes_by_hash_or_brings_nothing_along():
    found = installs()
    assert len(found) > 8
    for name, words in found:
        locked = "--require-hashes" in words or "--no-deps" in words
        assert locked or (name, words) in UNLOCKED, f"{name}: {words}"
        if re.search(r"(^| )(\.|\./runtime)( |$)", words) and locked:
            assert "--no-build-isolation" in words, f"{name}: {words}"  # no unlocked hatchling
    assert set(UNLOCKED) <= set(found)
    assert "pip check" in (CI / "install").read_text("utf-8")


def test_one_command_makes_every_lock_file_anew():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    [recipe] = re.findall(r"^lock:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    patterns = re.findall(r"\.ci/[\w/*]+\.in", recipe)
    assert {path for pattern in patterns for path in ROOT.glob(pattern)} == set(ASKED)
    groups = set(re.findall(r"--group (\w+)", recipe))
    assert groups == set(PROJECT["dependency-groups"])
    assert "--generate-hashes" in makefile
    assert "`make lock`" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")
