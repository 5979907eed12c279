"""What is called unused and deleted, in suites that mix this extension with syrupy's own."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pytest

RunSuite = Callable[..., pytest.RunResult]
Read = Callable[[str], str]

ALONE = ()
TWO_WORKERS = ("-p", "xdist.plugin", "-n", "2")
both_ways = pytest.mark.parametrize(
    "workers",
    [
        pytest.param(ALONE, id="alone"),
        pytest.param(TWO_WORKERS, id="two-workers", marks=pytest.mark.long),
    ],
)

MODEL = """
    import os, pytest
    @pytest.mark.parametrize("n", [0, 1])
    def test_answer(model_snapshot, n):
        assert f"answer {n}" == model_snapshot
    def test_other(model_snapshot):
        assert "other" == model_snapshot
"""
MIXED = """
    from syrupy.extensions.json import JSONSnapshotExtension
    def test_amber(snapshot):
        assert {"a": 1} == snapshot
    def test_file(snapshot):
        assert {"a": 1} == snapshot.use_extension(JSONSnapshotExtension)
    def test_both(snapshot, model_snapshot):
        assert "x" == snapshot
        assert "x" == model_snapshot
"""


def files(suite: pytest.Pytester) -> list[str]:
    folder = suite.path / "__snapshots__"
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


@pytest.fixture
def mixed(suite: pytest.Pytester, run: RunSuite) -> pytest.Pytester:
    """A suite with every kind of snapshot, all of them accepted, and a recording beside."""
    suite.makepyfile(test_model=MODEL, test_mixed=MIXED)
    recording = suite.path / "__recordings__" / "gpt" / "test_model" / "test_other.json"
    recording.parent.mkdir(parents=True)
    recording.write_text("{}")
    run("--snapshot-update").assert_outcomes(passed=6)
    return suite


ALL_FILES = ["test_mixed.ambr", "test_mixed.answers", "test_mixed/test_file.json",
             "test_model.answers"]  # fmt: skip


@both_ways
def test_a_mixed_suite_is_stable_and_reports_nothing_unused(
    run: RunSuite, mixed: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    for arguments in ((), ("--snapshot-update",)):
        result = run(*workers, *arguments)
        result.assert_outcomes(passed=6)
        assert result.ret == 0
        assert "unused." not in result.stdout.str()
        assert "unused snapshot" not in result.stdout.str()
    assert files(mixed) == ALL_FILES
    assert (mixed.path / "__recordings__" / "gpt" / "test_model" / "test_other.json").exists()


@both_ways
@pytest.mark.parametrize("module", ["test_model", "test_mixed"])
def test_an_update_of_one_module_leaves_the_others_files(
    run: RunSuite, mixed: pytest.Pytester, workers: tuple[str, ...], module: str
) -> None:
    result = run(*workers, "--snapshot-update", f"{module}.py")
    assert "deleted" not in result.stdout.str()
    assert files(mixed) == ALL_FILES


@both_ways
def test_an_answer_no_test_asks_for_is_reported_then_deleted(
    run: RunSuite, mixed: pytest.Pytester, accepted: Read, workers: tuple[str, ...]
) -> None:
    mixed.makepyfile(test_model=MODEL.replace("test_other", "test_renamed"))
    run("--snapshot-update-new-only", "--snapshot-warn-unused")
    result = run(*workers)
    result.stdout.fnmatch_lines(["*1 snapshot unused.*"])
    assert result.ret == 1
    run(*workers, "--snapshot-update").stdout.fnmatch_lines(["*Deleted test_other (*"])
    assert "test_other" not in accepted("test_model")
    assert "test_renamed" in accepted("test_model")
    assert files(mixed) == ALL_FILES


@both_ways
def test_unused_amber_is_still_found(
    run: RunSuite, mixed: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    mixed.makepyfile(test_mixed=MIXED.replace("def test_amber", "def test_renamed"))
    run("--snapshot-update-new-only", "--snapshot-warn-unused")
    run(*workers).stdout.fnmatch_lines(["*1 snapshot unused.*"])
    run(*workers, "--snapshot-update").stdout.fnmatch_lines(["*Deleted test_amber (*"])
    assert files(mixed) == ALL_FILES


@both_ways
def test_the_file_of_a_deleted_module_goes_and_no_other(
    run: RunSuite, mixed: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    (mixed.path / "test_model.py").unlink()
    run(*workers, "--snapshot-update").stdout.fnmatch_lines(["*3 unused snapshots deleted.*"])
    assert files(mixed) == [name for name in ALL_FILES if name != "test_model.answers"]


@both_ways
def test_nothing_is_deleted_where_all_tests_of_models_are_skipped(
    run: RunSuite, mixed: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    mixed.makepyfile(
        test_model="import pytest\npytestmark = pytest.mark.skip\n" + _plain(MODEL),
        test_mixed=MIXED.replace("def test_both", "@pytest.mark.skip\n    def test_both").replace(
            "from", "import pytest\n    from", 1
        ),
    )
    for arguments in ((), ("--snapshot-update",)):
        result = run(*workers, *arguments)
        result.assert_outcomes(passed=2, skipped=4)
        assert result.ret == 0
    assert files(mixed) == ALL_FILES


def test_nothing_is_deleted_where_no_test_of_any_snapshot_ran(
    run: RunSuite, mixed: pytest.Pytester
) -> None:
    (mixed.path / "test_mixed.py").unlink()
    for name in ("test_mixed.ambr", "test_mixed.answers", "test_mixed/test_file.json"):
        (mixed.path / "__snapshots__" / name).unlink()
    mixed.makepyfile(
        test_model="import pytest\npytestmark = pytest.mark.skip\n" + _plain(MODEL),
        test_plain="def test_plain(): pass",
    )
    assert run("--snapshot-update").ret == 0
    assert files(mixed) == ["test_model.answers"]


@both_ways
@pytest.mark.parametrize(
    "how",
    [("-k", "amber or renamed"), ("--deselect", "test_model.py::test_other"), ("-m", "not slow")],
)
def test_a_deselected_tests_answer_stays(
    run: RunSuite,
    mixed: pytest.Pytester,
    accepted: Read,
    workers: tuple[str, ...],
    how: tuple[str, ...],
) -> None:
    mixed.makepyfile(
        test_model=MODEL.replace("def test_other", "@pytest.mark.slow\n    def test_other")
    )
    mixed.makeini("[pytest]\nmarkers = slow")
    result = run(*workers, "--snapshot-update", *how)
    assert "deleted" not in result.stdout.str()
    assert "test_other" in accepted("test_model")
    assert files(mixed) == ALL_FILES


@both_ways
def test_what_last_failed_run_again_alone_leaves_the_answers_of_the_rest(
    run: RunSuite, mixed: pytest.Pytester, accepted: Read, workers: tuple[str, ...]
) -> None:
    mixed.makepyfile(test_model=MODEL.replace("assert f", "assert n == 0\n        assert f"))
    run(*workers, "-p", "cacheprovider").assert_outcomes(passed=5, failed=1)
    mixed.makepyfile(test_model=MODEL)
    result = run(*workers, "-p", "cacheprovider", "--lf", "--snapshot-update")
    result.assert_outcomes(passed=1)
    assert "answer 0" in accepted("test_model")
    if not workers:  # with xdist, syrupy deletes those of its own snapshots that nothing asked for
        assert "deleted" not in result.stdout.str()
        assert files(mixed) == ALL_FILES


@both_ways
def test_a_test_that_fails_before_it_asks_keeps_its_answer(
    run: RunSuite, mixed: pytest.Pytester, accepted: Read, workers: tuple[str, ...]
) -> None:
    lost = MODEL.replace('assert "other"', 'raise OSError("overloaded")\n        assert "other"')
    mixed.makepyfile(test_model=lost)
    result = run(*workers)
    assert "unused" not in result.stdout.str()
    run(*workers, "--snapshot-update").assert_outcomes(passed=5, failed=1)
    assert "==== test_other (text) ====\nother\n" in accepted("test_model")


@both_ways
def test_of_a_file_whose_tests_all_lost_their_answers_nothing_is_called_gone(
    run: RunSuite, mixed: pytest.Pytester, accepted: Read, workers: tuple[str, ...]
) -> None:
    before = accepted("test_model")
    lost = MODEL.replace("assert", 'raise OSError("overloaded")\n        assert')
    mixed.makepyfile(test_model=lost)
    for which in ((), ("test_model.py",)):
        result = run(*workers, "--snapshot-update", *which)
        assert "Deleted " not in result.stdout.str()
        assert "unused" not in result.stdout.str()
    assert accepted("test_model") == before


def test_a_run_that_stops_at_the_first_failure_keeps_what_did_not_run(
    run: RunSuite, mixed: pytest.Pytester, accepted: Read
) -> None:
    failing = MODEL.replace('assert f"answer {n}"', 'assert n\n        assert f"answer {n}"')
    mixed.makepyfile(test_model=failing)
    before = accepted("test_model")
    run("-x", "--snapshot-update", "test_model.py").assert_outcomes(failed=1)
    assert accepted("test_model") == before


@both_ways
def test_a_tolerant_run_uses_what_it_compares(
    run: RunSuite, mixed: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    mixed.makepyfile(test_model=MODEL.replace('f"answer {n}"', 'f"another {n}"'))
    result = run(*workers, models="candidate")
    result.assert_outcomes(passed=6)
    assert "unused" not in result.stdout.str()
    assert result.ret == 0


@pytest.mark.long
def test_two_workers_lose_none_of_one_files_answers(
    run: RunSuite, suite: pytest.Pytester, accepted: Read
) -> None:
    suite.makepyfile(
        test_a="""
        import pytest
        @pytest.mark.parametrize("n", range(40))
        def test_answer(model_snapshot, n):
            assert f"answer {n}" == model_snapshot
    """
    )
    run(*TWO_WORKERS, "--snapshot-update").assert_outcomes(passed=40)
    assert accepted("test_a").count("(text)") == 40
    assert files(suite) == ["test_a.answers"]
    run(*TWO_WORKERS).assert_outcomes(passed=40)


def test_a_file_in_conflict_is_never_deleted(
    run: RunSuite, mixed: pytest.Pytester, accepted: Read
) -> None:
    torn = "<<<<<<< HEAD\n" + accepted("test_model")
    (mixed.path / "__snapshots__" / "test_model.answers").write_text(torn)
    mixed.makepyfile(test_model="def test_nothing(): pass")
    run("--snapshot-update")
    assert accepted("test_model") == torn


@both_ways
def test_a_folder_that_cannot_be_written_fails_the_tests_that_would_write(
    run: RunSuite, suite: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    with (suite.path / "conftest.py").open("a") as conftest:
        conftest.write(
            """
@pytest.fixture(autouse=True)
def read_only(monkeypatch):
    monkeypatch.setattr("pytest_modelpin.files._access", lambda path, mode: False)
"""
        )
    suite.makepyfile(test_model=MODEL)
    result = run(*workers, "--snapshot-update")
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(["*can't be kept: * may not be written*"])
    assert files(suite) == []


def test_a_disk_that_fills_up_ends_the_run_with_one_line(
    run: RunSuite, suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: object, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    # By name, because pytester imports the package anew for some runs.
    extension = importlib.import_module("pytest_modelpin.snapshot.extension")
    monkeypatch.setattr(extension, "write_atomically", refuse)
    suite.makepyfile(test_model=MODEL)
    result = run("--snapshot-update")
    assert result.ret == 2
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()
    result.stderr.fnmatch_lines(["Exit: can't keep the accepted answers in *No space left*"])


def _plain(source: str) -> str:
    return "\n".join(line.removeprefix("    ") for line in source.splitlines())
