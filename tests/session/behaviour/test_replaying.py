"""Replay: never the network, and a miss that says what to do."""

import functools
import os
import shlex
from pathlib import Path

import pytest

PIN, NEXT = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"


def test_a_miss_fails_at_once_and_names_test_version_and_command(project):
    result = project.run()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            f'*Not recorded: support (production: {PIN}) was asked "fee?" by *::test_fee, *',
            "*pytest --model production --model-record new tests/test_support.py::test_fee*",
        ]
    )
    assert project.server.requests == []


def test_a_changed_prompt_is_shown_as_a_diff(project):
    project.record()
    tests = (project.folder / "tests/test_support.py").read_text()
    project.write("tests/test_support.py", tests.replace("fee?", "price?"))
    result = project.run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*-*fee?*", "*+*price?*"])


def test_a_miss_steers_no_terminal(project):
    """A question may quote what a model said: a window's title, text that runs backwards."""
    tests = (project.folder / "tests/test_support.py").read_text()
    project.write("tests/test_support.py", tests.replace("fee?", "fee\\x1b]0;t\\x07\\u202e?"))
    said = project.run().stdout.str()
    assert 'was asked "fee⟦U+001B⟧]0;t⟦U+0007⟧⟦U+202E⟧?" by ' in said
    assert not any(each in said for each in ("\x1b]0", "\x07", "\u202e"))


def test_a_miss_that_the_code_swallows_fails_the_test_nevertheless(project):
    project.write(
        "tests/test_support.py",
        """
        from support import ask
        def test_swallows():
            try:
                ask("fee?")
            except BaseException:
                pass
        """,
    )
    project.run().assert_outcomes(failed=1)


def test_each_asking_of_the_same_question_has_its_own_answer(project):
    answers = iter(["one", "two"])
    project.server.answer = lambda question: next(answers)
    project.write(
        "tests/test_support.py",
        """
        from support import ask
        def test_twice(): assert [ask("n?"), ask("n?")] == ["one", "two"]
        """,
    )
    project.record()
    project.server.close()
    project.run().assert_outcomes(passed=1)


def test_what_a_shared_fixture_asks_is_recorded_once_for_the_fixture(project):
    project.write(
        "tests/test_support.py",
        """
        import pytest
        from support import ask

        @pytest.fixture(scope="module")
        def fee(): return ask("fee?")

        def test_one(fee): assert fee == "$42"
        def test_two(fee): assert fee == "$42"
        """,
    )
    project.record()
    assert project.recordings() == [f"{PIN}/test_support/fee@module.json"]
    project.server.close()
    project.run("-k", "test_two").assert_outcomes(passed=1, deselected=1)


@pytest.mark.parametrize("options", [[], ["--model-samples=2"]])
def test_a_torn_recording_is_named_with_how_to_mend_it(project, options):
    """Where how many samples there are is told by the recordings, too."""
    project.record()
    path = project.folder / f"tests/__recordings__/{PIN}/test_support/test_fee.json"
    path.write_bytes(path.read_bytes()[:100])
    result = project.run(*options)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*test_fee.json*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*During handling of the above exception*")


def test_no_written_byte_holds_the_key(project):
    project.record()
    project.run("--model=candidate", "--model-report=run.json")
    written = b"".join(path.read_bytes() for path in project.folder.rglob("*") if path.is_file())
    assert b"planted" not in written


def test_pytest_looks_for_no_tests_among_the_recordings(project):
    project.record()
    stray = "tests/__recordings__/gpt-4o-2024-08-06/test_stray.py"
    project.write(stray, "def test_stray(): raise AssertionError")
    project.run().assert_outcomes(passed=2)


def test_without_a_reader_replay_fails_and_skips_as_with_one(project):
    project.write(
        "tests/test_support.py",
        """
        import pytest
        from support import ask
        def test_good(): assert ask("fee?") == "$42"
        def test_bad(): assert ask("fee?") == "$43"
        def test_skipped(): pytest.skip("later")
        @pytest.mark.modelpin(samples=2)
        def test_sampled(): assert ask("fee?") == "$42"
        """,
    )
    project.run("--model=production", "--model-record=new")
    project.server.close()
    project.run().assert_outcomes(passed=2, failed=1, skipped=1)
    outcomes = {
        case["id"].partition("::")[2]: case["samples"][0]["outcome"]
        for case in project.report()["cases"]
    }
    assert outcomes == {"test_good": "passed", "test_bad": "failed", "test_sampled": "passed"}


def test_a_miss_that_the_test_shows_as_something_else_is_told_beside_it(project):
    project.write(
        "tests/test_support.py",
        """
        from support import ask

        def test_hidden():
            try:
                ask("anything")
            except BaseException:
                raise RuntimeError("the portal is closed") from None
        """,
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*the portal is closed*", "*not recorded*", "*--model-record new*"]
    )


def test_a_client_made_in_a_conftest_needs_no_key(project, monkeypatch):
    project.record()
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    project.write("conftest.py", "import os\nKEY = os.environ['OPENAI_API_KEY']\n")
    project.server.close()
    project.run().assert_outcomes(passed=2)
    assert "OPENAI_API_KEY" not in os.environ


def test_a_suite_without_recordings_is_told_how_to_record_all_of_it(project):
    project.run().stdout.fnmatch_lines(["*Record all that is missing: pytest-modelpin record"])
    project.record()
    project.write(
        "tests/test_support.py", "from support import ask\ndef test_refund(): ask('new')\n"
    )
    changed = project.run()
    changed.assert_outcomes(failed=1)
    changed.stdout.no_fnmatch_line("*pytest-modelpin record*")


def test_a_shared_fixtures_miss_names_a_command_that_records_it(project):
    project.write(
        "tests/conftest.py",
        """
        import pytest
        from support import ask
        @pytest.fixture(scope="session")
        def fee(): return ask("fee?")
        """,
    )
    project.write("tests/test_support.py", "def test_fee(fee): assert fee == '$42'\n")
    missed = project.run()
    missed.assert_outcomes(errors=1)
    command = next(
        line.partition("pytest ")[2]
        for line in missed.outlines
        if line.strip().removeprefix("E").strip().startswith("Record it: ")
    )
    project.run(*shlex.split(command)).assert_outcomes(passed=1)
    assert project.recordings() == [f"{PIN}/conftest/fee@session.json"]
    project.server.close()
    project.run().assert_outcomes(passed=1)


@pytest.mark.long
def test_a_fake_file_system_hides_no_recordings_and_no_accepted_answers(project):
    project.write(
        "tests/test_support.py",
        """
        from support import ask
        def test_fee(fs, model_snapshot):
            assert ask("fee?") == model_snapshot
            with open("/made-up.txt", "w") as file:
                file.write("only here")
        """,
    )
    # In processes of their own: pyfakefs looks at all that is imported, which here is every SDK.
    fake = ("-p", "no:cacheprovider", "-p", "pyfakefs.pytest_plugin")
    recording = ("--model=production", "--model-record=new", "--snapshot-update")
    run = functools.partial(project.pytester.runpytest_subprocess, *fake, timeout=60)
    run(*recording).assert_outcomes(passed=1)
    project.server.close()
    run().assert_outcomes(passed=1)
    assert not Path("/made-up.txt").exists()


def test_a_test_of_another_model_is_sampled_no_more_often_than_it_is_recorded(project):
    path = project.folder / "models.yml"
    other = "  other:\n    production: gpt-4o-mini-2024-07-18\n    staging: gpt-4o-mini\n"
    path.write_text(path.read_text().rstrip() + "\n" + other)
    project.write(
        "tests/test_other.py",
        """
        from support import ask
        def test_other(): assert ask("fee?", "gpt-4o-mini-2024-07-18")
        """,
    )
    project.record()
    asked = project.run("--model=support=candidate", "--model-samples=3")
    asked.assert_outcomes(passed=3)


def test_what_a_recording_comes_of_names_no_test(project, request):
    """Else no test would find what an equal project has recorded, and each would record anew."""
    assert request.node.name not in project._all_that_counts()
