"""Recordings that nothing asks for any more: said at the end, removed where answers are updated."""

import pytest

PIN, NEXT = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"

ONE_TEST = """
from support import ask

def test_refund(model_snapshot):
    assert ask("refund?") == model_snapshot
"""
SILENT = (
    ONE_TEST
    + """
def test_fee():
    pass
"""
)
FEE = f"{PIN}/test_support/test_fee.json"


@pytest.fixture
def recorded(project):
    """Two tests recorded with the pin, and with the candidate."""
    project.record()
    project.run("--model=candidate", "--model-recordings=.")
    return project


def test_a_suite_that_asks_for_all_of_it_says_nothing(recorded):
    recorded.run().stdout.no_fnmatch_line("*no longer asked for*")


@pytest.mark.parametrize("content", [ONE_TEST, SILENT], ids=["test gone", "call gone"])
def test_a_recording_that_nobody_asks_for_is_named_once(recorded, content):
    recorded.write("tests/test_support.py", content)
    result = recorded.run()
    result.stdout.fnmatch_lines(
        [f"1 recording is no longer asked for*__recordings__/{FEE}*pytest --snapshot-update*"]
    )
    assert FEE in recorded.recordings()


@pytest.mark.parametrize("content", [ONE_TEST, SILENT], ids=["test gone", "call gone"])
def test_it_is_removed_on_update_and_other_versions_stay(recorded, content):
    recorded.write("tests/test_support.py", content)
    recorded.run("--snapshot-update").stdout.fnmatch_lines(["1 recording is no longer*; removed"])
    assert FEE not in recorded.recordings()
    assert f"{NEXT}/test_support/test_fee.json" in recorded.recordings()
    recorded.server.close()
    recorded.run().stdout.no_fnmatch_line("*no longer asked for*")


@pytest.mark.parametrize(
    "options",
    [
        ["-k", "refund"],
        ["tests/test_support.py::test_refund"],
        ["--model=candidate"],
        ["--model=candidate", "--model-record=none"],
    ],
    ids=["deselected", "one test", "live candidate", "replayed candidate"],
)
def test_runs_that_cannot_tell_touch_no_recording_of_the_pin(recorded, options):
    recorded.write("tests/test_support.py", SILENT)
    recorded.run("--snapshot-update", *options)
    assert FEE in recorded.recordings()


def test_a_failing_module_keeps_all_it_has(recorded):
    recorded.write("tests/test_support.py", SILENT + "\ndef test_wrong(): assert False\n")
    recorded.run("--snapshot-update").assert_outcomes(passed=2, failed=1)
    assert FEE in recorded.recordings()


def test_it_is_removed_where_its_path_holds_a_secret(recorded, monkeypatch):
    monkeypatch.setenv("DEPLOY_TOKEN", recorded.folder.name)
    recorded.write("tests/test_support.py", SILENT)
    recorded.run("--snapshot-update").stdout.fnmatch_lines(["1 recording is no longer*; removed"])
    assert FEE not in recorded.recordings()


@pytest.mark.long
def test_workers_find_the_same(recorded):
    recorded.write("pytest.ini", "[pytest]\npythonpath = .\n")
    recorded.write("tests/test_support.py", SILENT)
    gone = recorded.folder / f"tests/__recordings__/{PIN}/test_support/test_gone.json"
    gone.write_bytes(gone.with_name("test_fee.json").read_bytes())
    recorded.run("-n2").stdout.fnmatch_lines(["2 recordings are no longer asked for*"])
    recorded.run("-n2", "--snapshot-update")
    assert [name for name in recorded.recordings() if name.startswith(PIN)] == [
        f"{PIN}/test_support/test_refund.json"
    ]


def test_what_a_shared_fixture_asked_is_never_called_unused(project):
    project.write(
        "tests/test_support.py",
        """
        import pytest
        from support import ask

        @pytest.fixture(scope="module")
        def fee(): return ask("fee?")

        def test_one(fee): assert fee == "$42"
        def test_two(): pass
        """,
    )
    project.record()
    project.run("--snapshot-update")
    assert project.recordings() == [f"{PIN}/test_support/fee@module.json"]
