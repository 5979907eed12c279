"""Trying a version by hand leaves the working tree as it is, until its answers are accepted."""

import re
import sys

import pytest

PIN, ALIAS, NEXT = "gpt-4o-2024-08-06", "gpt-4o", "gpt-4o-2024-11-20"


def files(project, top):
    return sorted(
        path.relative_to(project.folder / top).as_posix()
        for path in (project.folder / top).rglob("*")
        if path.is_file() and "__recordings__" in path.parts
    )


@pytest.fixture
def tried(project):
    project.record()
    project.before = files(project, "tests")
    project.run("--model=candidate").assert_outcomes(passed=2)
    return project


BESIDE = [f"__recordings__/{NEXT}/test_support/test_{name}.json" for name in ("fee", "refund")]
APART = [f"tests/{path}" for path in BESIDE]


def test_what_a_candidate_says_lies_apart_and_is_replayed_from_there(tried):
    assert files(tried, "tests") == tried.before
    assert files(tried, ".pytest_modelpin/recordings") == APART
    tried.server.close()
    for which in ("candidate", NEXT):
        tried.run(f"--model={which}", "--model-record=none").assert_outcomes(passed=2)
    tried.run().assert_outcomes(passed=2)


@pytest.mark.parametrize("record", ["all", "none"])
def test_accepting_a_version_puts_its_recordings_beside_the_tests(tried, record):
    tried.run(f"--model={NEXT}", f"--model-record={record}", "--snapshot-update")
    assert files(tried, "tests") == sorted([*tried.before, *BESIDE])
    # A move that fails takes back what it put beside the tests; what was tried is still there.
    assert files(tried, ".pytest_modelpin/recordings") == ([] if record == "all" else APART)
    models = (tried.folder / "models.yml").read_text()
    (tried.folder / "models.yml").write_text(models.replace(PIN, NEXT))
    tried.server.close()
    support = (tried.folder / "support.py").read_text()
    tried.write("support.py", support.replace(PIN, NEXT))
    tried.run().assert_outcomes(passed=2)


def test_the_pin_is_recorded_beside_the_tests_in_whatever_company(project):
    project.write(
        "models.yml",
        f"""
        models:
          support: {{production: {PIN}, staging: {ALIAS}, provider: openai}}
          other: {{production: gpt-4.1-2025-04-14, provider: openai}}
        """,
    )
    project.write(
        "tests/test_support.py",
        """
        from support import ask
        def test_both(): assert ask("a") and ask("b", model="gpt-4.1-2025-04-14")
        """,
    )
    both = ("--model=support=candidate", "--model=other=gpt-4.1-2025-04-14")
    project.run(*both, "--model-record=new").assert_outcomes(passed=1)
    assert files(project, "tests") == [
        "__recordings__/gpt-4.1-2025-04-14/test_support/test_both.json"
    ]
    assert files(project, ".pytest_modelpin") == [
        f"recordings/tests/__recordings__/{NEXT}/test_support/test_both.json"
    ]


def test_a_later_sample_of_the_pin_may_say_it_in_other_words(project):
    said = iter(["5 days", "five days", "in 5 days"])
    project.server.answer = lambda question: next(said)
    project.write(
        "tests/test_support.py",
        """
        from support import ask
        def test_refund(model_snapshot): assert ask("refund?") == model_snapshot
        """,
    )
    options = ("--model=production", "--model-record=new", "--model-samples=3")
    project.run(*options, "--snapshot-update-new-only").assert_outcomes(passed=1)
    project.run("--model-samples=3").assert_outcomes(passed=1)


@pytest.mark.long
def test_a_run_and_diff_grade_what_changed_alike(project):
    """Both know all of the pin's samples; of one alone, a change of prose is for review at most."""
    project.run("--model=production", "--model-record=new", "--snapshot-update",
                "--model-samples=3")  # fmt: skip
    project.says["refund?", NEXT] = "8 days"
    project.says["fee?", NEXT] = "No fee is due."
    run = project.run("--model=candidate", "--model-samples=2").stdout.str()
    told = project.pytester.run(sys.executable, "-m", "pytest_modelpin", "diff").outlines
    diff = "\n".join(told)
    # A sample's tokens and time are measured where two runs are compared only.
    kinds = re.compile(r"^  (regression|review)\s+(?!tokens|cost|latency)(\w+)", re.MULTILINE)
    assert ("regression", "number") in kinds.findall(run)
    assert sorted({*kinds.findall(run)}) == sorted({*kinds.findall(diff)})
    assert "3/3 -> 2/2 passed" in diff


def test_a_replay_takes_as_many_samples_as_were_recorded_of_all_that_a_test_asks(tried):
    run = tried.report("--model=candidate", "--model-record=none", "--model-samples=9")
    assert [len(case["samples"]) for case in run["cases"]] == [1, 1]
    assert run["samples"] == 1
    tried.run("--model=candidate", "--model-samples=3")
    run = tried.report("--model=candidate", "--model-record=none", "--model-samples=9")
    assert [len(case["samples"]) for case in run["cases"]] == [3, 3]


@pytest.mark.long
def test_diff_in_a_folder_below_says_where_what_was_tried_lies(tried, monkeypatch):
    tried.write(
        "tests/pytest.ini", "[pytest]\nmodelpin_registry = ../models.yml\npythonpath = ..\n"
    )
    monkeypatch.chdir(tried.folder / "tests")
    said = tried.pytester.run(sys.executable, "-m", "pytest_modelpin", "diff").errlines
    assert f"What was tried in {tried.folder} is kept there" in " ".join(said)


@pytest.mark.parametrize("apart", [[], ["--model-recordings=.pytest_modelpin/elsewhere"]])
def test_where_answers_can_t_be_kept_nobody_is_asked(project, apart):
    """The whole suite was asked, and paid for, before each test ended in an error."""
    project.record()
    (project.folder / ".pytest_modelpin").write_text("no folder")
    run = project.run("--model=candidate", *apart)
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    run.stderr.fnmatch_lines(["*.pytest_modelpin can't be written to, so nobody was asked: *"])
    assert project.server.requests == []
    project.run().assert_outcomes(passed=2)
