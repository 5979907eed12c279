"""A test that was renamed or moved, its module or its folder: the miss says which recording holds
its question, and the command that it names carries it over.
"""

import re
import subprocess

import pytest

PIN = "gpt-4o-2024-08-06"


@pytest.fixture
def recorded(project):
    project.record()
    project.server.close()
    return project


def rewritten(project, old, new, *, file="tests/test_support.py"):
    project.write(file, (project.folder / file).read_text().replace(old, new))


def carry_over(project, run):
    """Do what the failures say, each command once."""
    commands = dict.fromkeys(
        re.findall(r"^  ((?:mkdir|mv|cp) .+)$", run.stdout.str(), re.MULTILINE)
    )
    assert commands, run.stdout.str()
    for command in commands:
        subprocess.run(command, shell=True, cwd=project.folder, check=True)


def test_a_renamed_test_is_told_whose_recording_holds_its_question(recorded):
    rewritten(recorded, "test_fee", "test_monthly_fee")
    run = recorded.run()
    run.assert_outcomes(passed=1, failed=1)
    run.stdout.fnmatch_lines(
        [
            "The same question is recorded for tests/test_support.py::test_fee. That test is gone. "
            "If it was renamed, carry it over:",
            f"  mv tests/__recordings__/{PIN}/test_support/test_fee.json "
            f"tests/__recordings__/{PIN}/test_support/test_monthly_fee.json",
            "Or record it anew: pytest --model production --model-record new "
            "tests/test_support.py::test_monthly_fee",
        ]
    )
    carry_over(recorded, run)
    recorded.run().assert_outcomes(passed=2)


def test_all_of_a_renamed_module_goes_at_once(recorded):
    (recorded.folder / "tests/test_support.py").rename(recorded.folder / "tests/test_desk.py")
    run = recorded.run()
    run.assert_outcomes(failed=2)
    run.stdout.fnmatch_lines(["*tests/test_support.py::test_fee. That module is gone. *"])
    carry_over(recorded, run)
    assert recorded.recordings() == [
        f"{PIN}/test_desk/test_{name}.json" for name in ("fee", "refund")
    ]
    recorded.run().assert_outcomes(passed=2)


def test_a_test_file_that_was_moved_finds_what_it_left_behind(recorded):
    (recorded.folder / "tests/unit").mkdir()
    (recorded.folder / "tests/test_support.py").rename(recorded.folder / "tests/unit/test_desk.py")
    run = recorded.run()
    run.assert_outcomes(failed=2)
    carry_over(recorded, run)
    recorded.run().assert_outcomes(passed=2)


def test_a_test_that_is_still_there_keeps_its_recording(recorded):
    rewritten(recorded, "def test_fee():", "def test_again(): test_fee()\n\ndef test_fee():")
    run = recorded.run()
    run.assert_outcomes(passed=2, failed=1)
    run.stdout.fnmatch_lines(["*::test_fee. That test is still there. *copy it:"])
    carry_over(recorded, run)
    recorded.run().assert_outcomes(passed=3)


def test_a_parameter_that_got_another_id_is_told(project):
    project.write(
        "tests/test_support.py",
        """
        import pytest
        from support import ask

        @pytest.mark.parametrize("question", [{"q": "fee?"}, {"q": "refund?"}])
        def test_answer(question): assert ask(question["q"])
        """,
    )
    project.record()
    project.server.close()
    rewritten(project, '{"q": "fee?"}, {"q": "refund?"}', '{"q": "refund?"}, {"q": "fee?"}')
    run = project.run()
    run.assert_outcomes(failed=2)
    run.stdout.fnmatch_lines(
        ["*for tests/test_support.py::test_answer[[]question1]. If the parameters *id=*"]
    )
    rewritten(project, '[{"q": "refund?"}, {"q": "fee?"}]', '[pytest.param({"q": "fee?"}, id="a")]')
    run = project.run()
    run.assert_outcomes(failed=1)
    carry_over(project, run)
    project.run().assert_outcomes(passed=1)


def test_a_version_by_a_mistyped_id_is_told_by_those_that_are_recorded(recorded):
    rewritten(recorded, PIN, "gpt-4o-2024-8-06", file="models.yml")
    rewritten(recorded, PIN, "gpt-4o-2024-8-06", file="support.py")
    run = recorded.run()
    run.assert_outcomes(failed=2)
    run.stdout.fnmatch_lines(
        [f"It is recorded with {PIN}: is gpt-4o-2024-8-06 the version that you mean?"]
    )


def test_what_nobody_asked_before_names_no_other(recorded):
    rewritten(recorded, '"fee?"', '"price?"')
    rewritten(recorded, "test_fee", "test_price")
    run = recorded.run()
    run.assert_outcomes(passed=1, failed=1)
    run.stdout.no_fnmatch_line("*same question*")
    run.stdout.fnmatch_lines(["Record it: *"])
