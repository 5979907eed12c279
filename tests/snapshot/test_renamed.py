"""What is said of an accepted answer whose test, or its module, has another name now."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

RunSuite = Callable[..., pytest.RunResult]
Read = Callable[[str], str]

SUITE = """
    import pytest
    class TestFees:
        @pytest.mark.parametrize("where", ["de", "at"])
        def test_fee(self, where, model_snapshot):
            assert f"the fee in {where}" == model_snapshot
            assert [where] == model_snapshot
    def test_refund(model_snapshot):
        assert "5 days" == model_snapshot
"""


@pytest.fixture
def accepted_suite(suite: pytest.Pytester, run: RunSuite) -> pytest.Pytester:
    suite.makepyfile(test_support=SUITE)
    run("--snapshot-update").assert_outcomes(passed=3)
    return suite


def test_a_renamed_tests_answer_is_told_by_its_former_name_and_carried_over(
    run: RunSuite, accepted_suite: pytest.Pytester, accepted: Read
) -> None:
    accepted_suite.makepyfile(test_support=SUITE.replace("test_refund", "test_money_back"))
    before = accepted("test_support")
    result = run()
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*This very answer is accepted as test_refund, a test that is gone. If this is its new "
            "name, carry it over: pytest --snapshot-update test_support.py::test_money_back",
        ]
    )
    result.stdout.no_fnmatch_line("*unused*")
    run("--snapshot-update", "test_support.py::test_money_back").assert_outcomes(passed=1)
    run("--snapshot-update").assert_outcomes(passed=3)
    lines = sorted(before.replace("test_refund", "test_money_back").splitlines())
    assert sorted(accepted("test_support").splitlines()) == lines


def test_a_changed_answer_is_carried_over_by_its_header_so_that_the_change_is_shown(
    run: RunSuite, accepted_suite: pytest.Pytester
) -> None:
    changed = SUITE.replace("test_refund", "test_money_back").replace("5 days", "6 days")
    accepted_suite.makepyfile(test_support=changed)
    result = run()
    result.stdout.fnmatch_lines(
        [
            "*An answer is accepted as test_refund, a test that is gone. *: in "
            "__snapshots__/test_support.answers make the line `==== test_refund (text) ====` "
            "`==== test_money_back (text) ====`",
        ]
    )
    path = accepted_suite.path / "__snapshots__" / "test_support.answers"
    path.write_text(
        path.read_text("utf-8").replace(
            "==== test_refund (text) ====", "==== test_money_back (text) ===="
        ),
        "utf-8",
    )
    run().stdout.fnmatch_lines(["*-5 days*", "*+6 days*"])


def test_each_parameter_and_number_of_a_renamed_test_finds_its_own(
    run: RunSuite, accepted_suite: pytest.Pytester
) -> None:
    accepted_suite.makepyfile(test_support=SUITE.replace("test_fee", "test_monthly_fee"))
    run("-vv").stdout.fnmatch_lines(
        [
            "*accepted as TestFees.test_fee[[]de[]], a test that is gone.*",
            "*accepted as TestFees.test_fee[[]at[]], a test that is gone.*",
        ]
    )


def test_a_renamed_parameter_is_told_by_the_same_answer(
    run: RunSuite, accepted_suite: pytest.Pytester
) -> None:
    renamed = SUITE.replace('["de", "at"]', '[pytest.param("de", id="Germany"), "at"]')
    accepted_suite.makepyfile(test_support=renamed)
    run("-vv").stdout.fnmatch_lines(
        ["*accepted as TestFees.test_fee[[]de[]], which no test of this run asks for.*"]
    )


def test_what_a_test_that_is_still_there_holds_is_not_offered(
    run: RunSuite, accepted_suite: pytest.Pytester
) -> None:
    more = '    def test_more(model_snapshot): assert "5 days" == model_snapshot\n'
    accepted_suite.makepyfile(test_support=f"{SUITE}{more}")
    for arguments in ((), ("test_support.py::test_more",)):
        run(*arguments).stdout.no_fnmatch_line("*accepted as*")


def test_an_update_while_a_renamed_test_fails_deletes_no_answer(
    run: RunSuite, accepted_suite: pytest.Pytester, accepted: Read
) -> None:
    renamed = SUITE.replace("test_refund", "test_money_back")
    lost = renamed.replace('assert "5 days"', 'raise OSError; assert "5 days"')
    accepted_suite.makepyfile(test_support=lost)
    before = accepted("test_support")
    result = run("--snapshot-update")
    result.assert_outcomes(passed=2, failed=1)
    assert accepted("test_support") == before


def test_nor_does_one_while_those_of_a_renamed_module_fail(
    run: RunSuite, accepted_suite: pytest.Pytester, accepted: Read
) -> None:
    accepted_suite.path.joinpath("test_support.py").unlink()
    accepted_suite.makepyfile(test_desk=SUITE.replace('assert "5 days"', 'raise OSError; "5 days"'))
    before = accepted("test_support")
    run("--snapshot-update").assert_outcomes(passed=2, failed=1)
    assert accepted("test_support") == before


def test_a_renamed_modules_file_is_named_with_the_command_that_moves_it(
    run: RunSuite, accepted_suite: pytest.Pytester
) -> None:
    accepted_suite.path.joinpath("test_support.py").rename(accepted_suite.path / "test_desk.py")
    result = run("-vv")
    result.assert_outcomes(failed=3)
    command = "mv __snapshots__/test_support.answers __snapshots__/test_desk.answers"
    result.stdout.fnmatch_lines(
        [
            "*has an answer in __snapshots__/test_support.answers, of a module that is gone. "
            f"*{command}"
        ]
    )
    subprocess.run(command, shell=True, cwd=accepted_suite.path, check=True)
    run().assert_outcomes(passed=3)
