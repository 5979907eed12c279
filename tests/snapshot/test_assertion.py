from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

RunSuite = Callable[..., pytest.RunResult]
Read = Callable[[str], str]

ANSWER = """
    import os
    def test_refund(model_snapshot):
        assert os.environ["ANSWER"] == model_snapshot
"""


def noted(suite: pytest.Pytester) -> list[Any]:
    path = suite.path / "noted.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def answer(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    suite.makepyfile(test_a=ANSWER)
    return lambda text: monkeypatch.setenv("ANSWER", text)


def test_an_update_accepts_and_the_next_run_passes(
    run: RunSuite, answer: Callable[[str], None], accepted: Read
) -> None:
    answer("Hello Ada")
    run("--snapshot-update").assert_outcomes(passed=1)
    assert accepted("test_a") == ("==== test_refund (text) ====\nHello Ada\n\n==== end ====\n")
    run().assert_outcomes(passed=1)


def test_no_secret_is_accepted_noted_or_shown(
    run: RunSuite,
    suite: pytest.Pytester,
    answer: Callable[[str], None],
    accepted: Read,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "planted-secret-value")
    answer("sk-planted0123456789 and planted-secret-value")
    run("--snapshot-update").assert_outcomes(passed=1)
    assert "REDACTED and REDACTED" in accepted("test_a")
    run().assert_outcomes(passed=1)
    answer("now planted-secret-value")
    result = run()
    result.assert_outcomes(failed=1)
    assert "planted" not in json.dumps(noted(suite)) + accepted("test_a")
    result.stdout.fnmatch_lines(["*now REDACTED*"])


def test_no_secret_is_in_the_name_that_a_test_gives(
    run: RunSuite, suite: pytest.Pytester, accepted: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "planted-secret-value")
    suite.makepyfile(
        test_a="""
        import os
        def test_a(model_snapshot):
            assert "hi" == model_snapshot(name=os.environ["SHOP_TOKEN"])
    """
    )
    run("--snapshot-update").assert_outcomes(passed=1)
    run().assert_outcomes(passed=1)
    assert accepted("test_a").splitlines()[0] == "==== test_a[REDACTED] (text) ===="


def test_production_is_compared_exactly(run: RunSuite, answer: Callable[[str], None]) -> None:
    answer("Hello Ada")
    run("--snapshot-update")
    answer("Hello  Ada")
    run().assert_outcomes(failed=1)


def test_an_answer_that_was_never_accepted_fails_in_production(
    run: RunSuite, answer: Callable[[str], None]
) -> None:
    answer("Hello")
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_refund: There is no accepted answer yet."])


def test_a_candidate_may_differ_and_is_noted(
    run: RunSuite, suite: pytest.Pytester, answer: Callable[[str], None], accepted: Read
) -> None:
    answer("Hello Ada")
    run("--snapshot-update")
    before = accepted("test_a")
    answer("Hi Ada")
    result = run(models="candidate")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["1 snapshot passed."])
    assert result.ret == 0
    assert accepted("test_a") == before
    assert noted(suite)[-1] == ["test_a.py::test_refund", "Hello Ada", "Hi Ada", None]


def test_a_candidate_without_an_accepted_answer_passes_and_is_noted(
    run: RunSuite, suite: pytest.Pytester, answer: Callable[[str], None], accepted: Read
) -> None:
    answer("Hi")
    result = run(models="candidate")
    result.assert_outcomes(passed=1)
    assert "generated" not in result.stdout.str()
    assert accepted("test_a") == ""
    assert noted(suite) == [["test_a.py::test_refund", None, "Hi", None]]


def test_a_candidate_whose_structure_breaks_fails_with_the_reason(
    run: RunSuite, answer: Callable[[str], None]
) -> None:
    answer('{"total": 42}')
    run("--snapshot-update")
    answer('{"sum": 42}')
    result = run(models="candidate")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_refund: $ lacks `total`."])


def test_an_update_for_a_candidate_writes_the_changed_answer(
    run: RunSuite, answer: Callable[[str], None], accepted: Read
) -> None:
    answer("Hello Ada")
    run("--snapshot-update")
    answer("Hi Ada")
    result = run("--snapshot-update", models="candidate")
    result.stdout.fnmatch_lines(["1 snapshot updated."])
    assert "\nHi Ada\n" in accepted("test_a")


def test_a_second_sample_neither_writes_nor_fails_an_update(
    run: RunSuite, answer: Callable[[str], None], accepted: Read
) -> None:
    answer("Hello Ada")
    run("--snapshot-update")
    answer("Hi Ada")
    run("--snapshot-update", models="sample 2").assert_outcomes(passed=1)
    assert "\nHello Ada\n" in accepted("test_a")


def test_new_only_accepts_what_is_new(
    run: RunSuite, answer: Callable[[str], None], accepted: Read
) -> None:
    answer("Hello Ada")
    run("--snapshot-update-new-only").assert_outcomes(passed=1)
    answer("Hi Ada")
    run("--snapshot-update-new-only").assert_outcomes(failed=1)
    assert "\nHello Ada\n" in accepted("test_a")


def test_names_parameters_classes_and_several_assertions(
    run: RunSuite, suite: pytest.Pytester, accepted: Read
) -> None:
    suite.makepyfile(
        test_a="""
        import pytest
        class TestShop:
            @pytest.mark.parametrize("language", ["de", "fr"])
            def test_greeting(self, model_snapshot, language):
                assert language == model_snapshot
                assert {"again": language} == model_snapshot
                assert model_snapshot(name="closing") == "bye"
                model_snapshot.assert_match("last")
    """
    )
    run("--snapshot-update").assert_outcomes(passed=2)
    run().assert_outcomes(passed=2)
    headers = [line for line in accepted("test_a").splitlines() if line.startswith("====")]
    assert headers[:4] == [
        "==== TestShop.test_greeting[de] (text) ====",
        "==== TestShop.test_greeting[de].1 (json) ====",
        "==== TestShop.test_greeting[de].3 (text) ====",
        "==== TestShop.test_greeting[de][closing] (text) ====",
    ]
    assert len(headers) == 9


def test_what_the_judge_should_mind_is_noted_for_one_assertion(
    run: RunSuite, suite: pytest.Pytester
) -> None:
    suite.makepyfile(
        test_a="""
        def test_tone(model_snapshot):
            assert "Hi" == model_snapshot(judge="same facts, same tone", name="tone")
            assert "Hi" == model_snapshot
    """
    )
    run("--snapshot-update")
    assert [entry[3] for entry in noted(suite)] == ["same facts, same tone", None]


def test_an_accepted_text_and_a_received_object_are_told_apart(
    run: RunSuite, suite: pytest.Pytester
) -> None:
    source = "def test_a(model_snapshot):\n    assert {!r} == model_snapshot\n"
    suite.makepyfile(test_a=source.format('{\n  "a": 1\n}'))
    run("--snapshot-update")
    suite.makepyfile(test_a=source.format({"a": 1}))
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*-(text)", "*+(json)"])
    run(models="candidate").stdout.fnmatch_lines(["*$ is an object; accepted is a text."])


def test_options_of_syrupy_work(run: RunSuite, suite: pytest.Pytester, accepted: Read) -> None:
    suite.makepyfile(
        test_a="""
        from syrupy.filters import props
        from syrupy.matchers import path_type
        def test_a(model_snapshot):
            assert {"id": 1, "a": [{"id": 2, "b": 3}]} == model_snapshot(exclude=props("id"))
            assert {"id": 1, "a": 2} == model_snapshot(matcher=path_type({"id": (int,)}))
            quiet = model_snapshot.with_defaults(include=props("a"))
            assert {"id": 1, "a": 2} == quiet(name="quiet")
    """
    )
    run("--snapshot-update").assert_outcomes(passed=1)
    run().assert_outcomes(passed=1)
    assert '"id": 1' not in accepted("test_a")
    assert '"b": 3' in accepted("test_a")


def test_a_failure_shows_name_difference_and_what_to_run(
    run: RunSuite, suite: pytest.Pytester, answer: Callable[[str], None]
) -> None:
    answer("\n".join(f"line {n}" for n in range(30)))
    run("--snapshot-update")
    answer("\n".join(f"line {n}" if n % 10 else f"LINE {n}\x1b[31m" for n in range(30)))
    result = run("--model", "claude=candidate")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*test_refund: The answer is not the accepted one.",
            "*If the new answer is right: "
            "pytest --snapshot-update --model claude=candidate test_a.py::test_refund",
            "*diff of test_refund*",
            "-line 10",
            "+LINE 10⟦U+001B⟧*31m",
        ]
    )
    assert "truncated" not in result.stdout.str()


def test_what_cannot_be_kept_fails_the_test_in_one_line(
    run: RunSuite, suite: pytest.Pytester
) -> None:
    suite.makepyfile(
        test_a="def test_a(model_snapshot):\n    assert [object()] == model_snapshot\n"
    )
    result = run("--snapshot-update")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*model_snapshot can't keep the object at $[[]0]: *"])
    assert "Traceback" not in result.stdout.str()


TABLE = """
class Table:  # as pandas', in what it does with a stranger on the right
    __pandas_priority__ = 4000
    def to_dict(self, orient): return [{"a": 1}]
    def __eq__(self, other):
        if getattr(other, "__pandas_priority__", 0) > self.__pandas_priority__:
            return NotImplemented
        return [cell == other for cell in (1, 2)]
"""


@pytest.mark.parametrize(
    ("given", "cure"),
    [("Table()", '.to_dict("records")'), ("numpy.array([1.0, 2.0])", ".tolist()")],
    ids=["table", "array"],
)
def test_no_cell_of_a_table_is_taken_for_an_answer(
    run: RunSuite, suite: pytest.Pytester, given: str, cure: str
) -> None:
    """Each was accepted by itself, and then pandas said that the truth of it all is ambiguous."""
    if "numpy" in given:
        pytest.importorskip("numpy")
        given = f"__import__('numpy').{given.removeprefix('numpy.')}"
    suite.makepyfile(
        test_a=f"{TABLE}\ndef test_a(model_snapshot):\n    assert {given} == model_snapshot\n"
    )
    result = run("--snapshot-update")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"*model_snapshot can't keep the * at $: give it its `{cure}`."])
    assert not (suite.path / "__snapshots__").exists()


@pytest.mark.parametrize("update", [(), ("--snapshot-update",)])
def test_a_torn_file_fails_its_tests_and_is_left_alone(
    run: RunSuite,
    suite: pytest.Pytester,
    answer: Callable[[str], None],
    accepted: Read,
    update: tuple[str, ...],
) -> None:
    answer("Hello")
    run("--snapshot-update")
    torn = accepted("test_a")[:-8]
    (suite.path / "__snapshots__" / "test_a.answers").write_text(torn)
    result = run(*update)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*__snapshots__/test_a.answers, line *"])
    assert "INTERNALERROR" not in result.stdout.str()
    assert accepted("test_a") == torn


def test_a_folder_that_cannot_be_written_is_said_without_a_traceback(
    run: RunSuite, suite: pytest.Pytester, answer: Callable[[str], None]
) -> None:
    (suite.path / "__snapshots__").mkdir()
    (suite.path / "__snapshots__" / "test_a.answers").mkdir()
    answer("Hello")
    result = run("--snapshot-update")
    assert result.ret != 0
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()
    result.stdout.fnmatch_lines(["*The accepted answers can't be read: *"])


BROKEN = {
    "cut off": '{\n  "days": ',
    "nested": "[" * 100_000 + "]" * 100_000,  # 3.14 parses what is nested less deep
}


@pytest.mark.parametrize("models", ["production", "candidate"])
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_an_accepted_answer_that_is_no_json_any_more_is_named_and_replaced_by_an_update(
    run: RunSuite, suite: pytest.Pytester, accepted: Read, broken: str, models: str
) -> None:
    suite.makepyfile(
        test_a="def test_a(model_snapshot):\n    assert {'days': 2} == model_snapshot\n"
    )
    run("--snapshot-update")
    right = accepted("test_a")
    path = suite.path / "__snapshots__" / "test_a.answers"
    path.write_text(right.replace('{\n  "days": 2\n}', broken))
    result = run(models=models)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert {'days': 2} == model_snapshot", "E *test_a*"])
    if models == "candidate":
        result.stdout.fnmatch_lines(["E *test_a in *test_a.answers: *no longer parses*"])
    run("--snapshot-update", models=models).assert_outcomes(passed=1)
    assert accepted("test_a") == right


def test_a_file_that_is_no_utf8_is_named_with_its_cure(
    run: RunSuite, suite: pytest.Pytester, answer: Callable[[str], None]
) -> None:
    answer("Hello")
    run("--snapshot-update")
    path = suite.path / "__snapshots__" / "test_a.answers"
    path.write_bytes(path.read_bytes() + b"\xff")
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *__snapshots__/test_a.answers is no UTF-8 *git checkout -- *"])
