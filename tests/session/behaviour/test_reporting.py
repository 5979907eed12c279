"""The run report and the summary: what was asked, who served, what was lost."""

import base64
import json
import os
import re
import zlib
from xml.etree import ElementTree

import pytest

from pytest_modelpin.demo.provider_server import Fault
from pytest_modelpin.report import progress

PIN, ALIAS, NEXT = "gpt-4o-2024-08-06", "gpt-4o", "gpt-4o-2024-11-20"


def test_the_report_names_what_was_asked_and_what_served(project):
    project.record()
    selected = project.report("--model=candidate")["selection"]["support"]
    assert (selected["id"], selected["which"], selected["served"]) == (ALIAS, "candidate", [NEXT])


def test_the_report_tells_fresh_replies_from_replayed_ones(project):
    project.record()
    fresh = project.report("--model=candidate")
    replayed = project.report("--model=production")
    calls = [
        [call["fresh"] for case in run["cases"] for s in case["samples"] for call in s["calls"]]
        for run in (fresh, replayed)
    ]
    assert calls == [[True, True], [False, False]]


def test_both_sides_of_a_comparison_have_the_same_fingerprint(project):
    project.record()
    candidate = project.report("--model=candidate")["fingerprint"]
    assert project.report("--model=production")["fingerprint"] == candidate


def test_the_summary_says_who_served_and_how_the_cases_went(project):
    project.record()
    result = project.run("--model=candidate")
    result.stdout.fnmatch_lines(
        [
            f"support: asked for {ALIAS} (candidate), served {NEXT}",
            "*cases*2 of 2 passed*",
            "*replies*2 (2 live, 0 replayed), tokens * in, * out*",
        ]
    )


def test_a_run_that_selects_nothing_prints_no_summary(project):
    project.record()
    project.run().stdout.no_fnmatch_line("*= models =*")


def test_overload_makes_a_case_lost_not_failed(project):
    project.record()
    project.server.faults.append(Fault(status=529))
    report = project.report("--model=candidate")
    outcomes = [sample["outcome"] for case in report["cases"] for sample in case["samples"]]
    assert sorted(outcomes) == ["lost", "passed"]


@pytest.mark.parametrize(
    ("status", "cause"), [(401, "key"), (403, "key"), (404, "model"), (410, "provider")]
)
def test_a_refusal_makes_a_case_lost_not_failed_and_says_of_what(project, status, cause):
    project.record()
    project.server.faults.append(Fault(status=status))
    report = project.report("--model=candidate")
    samples = [sample for case in report["cases"] for sample in case["samples"]]
    assert sorted(sample["outcome"] for sample in samples) == ["lost", "passed"]
    assert [sample.get("lost_to") for sample in samples if sample["outcome"] == "lost"] == [cause]
    assert sum("lost_to" in sample for sample in samples) == 1


FALLS_BACK = """
import pytest
from support import ask

@pytest.mark.parametrize("number", range(2))
def test_falls_back(number):
    assert ask("first")
    try:
        said = ask("second")
    except Exception:
        said = "a text of our own"
    assert said
"""


def test_a_test_that_passes_without_one_of_its_replies_is_lost_off_the_pin(project):
    """It went on with a text of its own, which says nothing of the model that did not answer."""
    project.write("tests/test_support.py", FALLS_BACK)
    project.record()
    project.server.faults.extend([None, Fault(status=500)])
    cases = project.report("--model=candidate", "--model-jobs=1")["cases"]
    assert [case["samples"][0]["outcome"] for case in cases] == ["lost", "passed"]
    assert "500" in cases[0]["samples"][0]["message"]


def test_a_lost_case_records_nothing(project):
    project.record()
    project.server.faults.extend([Fault(status=500), Fault(status=500)])
    project.run("--model=candidate")
    assert not any(NEXT in path for path in project.recordings())


def test_the_tests_own_assert_makes_a_case_failed(project):
    project.record()
    project.says["fee?", NEXT] = "forty-two"
    report = project.report("--model=candidate")
    outcomes = {case["id"]: case["samples"][0]["outcome"] for case in report["cases"]}
    assert outcomes["tests/test_support.py::test_fee"] == "failed"


def test_deselected_tests_are_counted(project):
    project.record()
    assert project.report("--model=candidate", "-k", "fee")["deselected"] == 1


def test_tests_without_a_model_are_no_cases(project):
    project.write("tests/test_plain.py", "def test_plain(): pass\n")
    project.record()
    ids = [case["id"] for case in project.report("--model=candidate")["cases"]]
    assert ids == ["tests/test_support.py::test_fee", "tests/test_support.py::test_refund"]


def test_samples_are_one_case_with_as_many_outcomes(project):
    project.record()
    result = project.run("--model=candidate", "--model-samples=3", "--model-report=run.json")
    result.assert_outcomes(passed=2)
    report = project.report("--model=candidate", "--model-samples=3")
    assert [len(case["samples"]) for case in report["cases"]] == [3, 3]


TAKEN = """
import pytest

@pytest.fixture(scope="module")
def place():
    yield
    with open("runs.txt", "a") as runs:
        runs.write("end ")

@pytest.mark.parametrize("taken", [iter("ab")])
def test_taken(taken, place):
    with open("runs.txt", "a") as runs:
        runs.write("run ")
    assert "".join(taken) == "ab"
"""


def test_a_test_that_asks_no_model_runs_once_whatever_the_samples(project):
    """What it takes from an iterator among its parameters is there once."""
    project.record()
    project.write("tests/test_a_plain.py", TAKEN)
    result = project.run("--model=candidate", "--model-samples=3", "--model-report=run.json")
    result.assert_outcomes(passed=3)
    assert (project.folder / "runs.txt").read_text() == "run end "
    report = json.loads((project.folder / "run.json").read_text())
    assert [len(case["samples"]) for case in report["cases"]] == [3, 3]


def test_what_breaks_after_it_is_said(project):
    project.record()
    broken = TAKEN.replace("    yield\n", "    yield\n    raise OSError('gone')\n")
    project.write("tests/test_a_plain.py", broken)
    result = project.run("--model=candidate", "--model-samples=3", "--model-report=run.json")
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_taken*", "*OSError: gone*"])


def test_one_failing_sample_fails_the_test_and_says_how_many(project):
    project.record()
    answers = iter(["$1", "none", "$3"])
    project.server.answer = lambda question: next(answers) if question.text == "fee?" else "5 days"
    result = project.run("--model=candidate", "--model-samples=3")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*1 of 3 samples failed*"])


def test_production_replays_as_many_samples_as_are_recorded(project):
    project.record()
    report = project.report("--model=production", "--model-samples=3")
    assert [len(case["samples"]) for case in report["cases"]] == [1, 1]


def test_the_marker_sets_the_samples_of_a_case(project):
    project.write(
        "tests/test_support.py",
        """
        import pytest
        from support import ask
        @pytest.mark.modelpin(samples=2)
        def test_fee(): assert "$" in ask("fee?")
        """,
    )
    project.record()
    (case,) = project.report("--model=candidate")["cases"]
    assert len(case["samples"]) == 2


@pytest.mark.long
@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.long)])
def test_the_report_is_the_same_with_and_without_xdist(project, workers):
    project.record()
    result = project.pytester.runpytest_subprocess(
        "-p", "no:randomly", f"-n{workers}", "--model=candidate", "--model-report=run.json"
    )
    result.assert_outcomes(passed=2)
    report = json.loads((project.folder / "run.json").read_text())
    assert [case["id"].split("::")[1] for case in report["cases"]] == ["test_fee", "test_refund"]
    assert report["selection"]["support"]["served"] == [NEXT]


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.long)])
def test_the_report_names_what_was_left_out(project, workers):
    project.record()
    options = ["--model=candidate", "-k", "fee", "--model-report=run.json", f"-n{workers}"]
    project.pytester.runpytest_subprocess(*options).assert_outcomes(passed=1, deselected=None)
    report = json.loads((project.folder / "run.json").read_text())
    assert report["left_out"] == ["tests/test_support.py::test_refund"]


@pytest.mark.long
def test_a_report_that_cannot_be_written_is_one_sentence_and_no_traceback(project):
    project.record()
    (project.folder / "taken").write_text("")
    result = project.run("--model=candidate", "--model-report=taken/run.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["The run report *taken/run.json can't be written*"])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


def test_a_teardown_that_fails_in_an_earlier_sample_fails_the_case(project):
    project.write(
        "tests/test_support.py",
        """
        import pytest
        from support import ask

        ran = []

        @pytest.fixture
        def fragile():
            yield
            ran.append(1)
            assert len(ran) != 1, "left something behind"

        def test_fee(fragile): assert ask("fee?") == "$42"
        """,
    )
    report = project.report("--model=candidate", "--model-samples=3")
    assert len(report["cases"][0]["samples"]) == 3
    result = project.run("--model=candidate", "--model-samples=3")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*left something behind*"])


def test_a_skip_by_another_plugin_before_ours_is_a_skip(project):
    project.record()
    project.write(
        "tests/deep/conftest.py",
        """
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_setup(item):
            pytest.skip("not here")
        """,
    )
    project.write("tests/deep/test_deep.py", "def test_deep(): assert False")
    project.run().assert_outcomes(passed=2, skipped=1)


def details_of(page: str) -> list[dict]:
    """Each case of a page, whole: the index and what is packed."""
    index = json.loads(re.search(r'id="index">(.*?)</script>', page, re.S)[1])
    chunks = re.findall(r'id="chunk-\d+">(.*?)</script>', page, re.S)
    packed = [json.loads(zlib.decompress(base64.b64decode(chunk))) for chunk in chunks]
    whole = [each for chunk in packed for each in chunk]
    return [{**entry, **detail} for entry, detail in zip(index, whole, strict=True)]


def test_a_page_shows_the_candidates_answers_beside_the_pins(project, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-sesame-sesame-sesame-1")
    project.record()
    project.says["refund?", NEXT] = "50 days, says sk-sesame-sesame-sesame-1"
    result = project.run("--model=candidate", "--model-html=out/seen.html")
    result.stdout.fnmatch_lines(["page: *seen.html"])
    page = (project.folder / "out/seen.html").read_text("utf-8")
    fee, refund = sorted(details_of(page), key=lambda case: case["id"])
    assert refund["pin"][0]["answers"][0]["value"] == "5 days"
    assert refund["candidate"][0]["answers"][0]["value"].startswith("50 days, says ")
    assert [drift["kind"] for drift in refund["drifts"]][:1] == ["number"]
    assert fee["pin"][0]["replies"][0]["text"] == fee["candidate"][0]["replies"][0]["text"] == "$42"
    assert "sesame" not in json.dumps([fee, refund]) + page
    assert re.search(r"The pin \S+ (retires|has no retirement date)", page)
    assert "One look moves no pin" in page


def test_a_page_needs_a_version_that_was_tried(project):
    project.record()
    result = project.run("--model=production", "--model-html=seen.html")
    result.stdout.fnmatch_lines(["--model-html shows a version beside its pin*--model candidate*"])
    assert not (project.folder / "seen.html").exists()


def priced(project):
    prices = f"settings: {{prices: {{{NEXT}: {{input: 1000, output: 1000}}}}}}\n"
    project.write("models.yml", (project.folder / "models.yml").read_text() + prices)


@pytest.mark.long
@pytest.mark.parametrize("options", [(), ("-n1",)])
def test_in_ci_a_live_run_tells_how_far_it_is(project, monkeypatch, options):
    project.record()
    priced(project)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    monkeypatch.setenv("CI", "true")
    project.write("conftest.py", "")  # has the worker find modules in this folder
    said = project.run("--model=candidate", "--model-budget=2", *options).stdout.str()
    told = re.findall(r"^  \d of 2 tests.*$", said, re.MULTILINE)
    assert re.sub(r"[\d.]+ a second", "N a second", told[-1]) == (
        "  2 of 2 tests, 2 replies (N a second), $0.006 of $2.00"
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ("environ", "options"),
    [("", ("--model=candidate",)), ("1", ("--model=candidate", "-q")), ("1", ())],
)
def test_a_pipe_and_a_quiet_run_and_a_replay_tell_nothing(project, monkeypatch, environ, options):
    project.record()
    monkeypatch.setattr(progress, "EVERY", 0.0)
    monkeypatch.setenv("CI", environ)
    assert " of 2 tests" not in project.run(*options).stdout.str()


def test_who_started_the_run_is_told_in_a_file_and_the_tests_know_nothing_of_it(
    project, monkeypatch, tmp_path_factory
):
    project.record()
    priced(project)
    told = tmp_path_factory.mktemp("told") / "progress"
    monkeypatch.setenv(progress.FILE, str(told))
    project.run("--model=candidate", "--model-budget=2")
    assert progress.FILE not in os.environ
    seen = progress.read(told)
    assert (seen.done, seen.total, seen.replies, seen.lost, seen.budget) == (2, 2, 2, 0, 2.0)
    assert seen.spent == pytest.approx(0.006)


@pytest.mark.parametrize("options", [(), ("--model-samples=2",)])
def test_a_junit_report_tells_who_answered_and_how_often_it_passed(project, options):
    project.record()
    project.says["fee?", NEXT] = "none"
    project.run("--model=candidate", "--junitxml=junit.xml", *options)
    cases = ElementTree.parse(project.folder / "junit.xml").iter("testcase")
    told = {
        case.get("name"): {each.get("name"): each.get("value") for each in case.iter("property")}
        for case in cases
    }
    samples = 2 if options else 1
    assert told["test_fee"] == {
        "modelpin.asked.support": ALIAS,
        "modelpin.served": NEXT,
        "modelpin.passed": f"0 of {samples}",
        "modelpin.tokens.in": told["test_fee"]["modelpin.tokens.in"],
        "modelpin.tokens.out": told["test_fee"]["modelpin.tokens.out"],
    }
    assert told["test_refund"]["modelpin.passed"] == f"{samples} of {samples}"


PROMPTED = """
from modelpin_runtime import load
from support import ask

pins = load("models.yml", environment={})

def test_refund(model_id, modelpin):
    prompt = pins.prompt("refund", id=model_id)
    assert ask(f"{prompt.text}refund?", model=model_id)
"""


def test_the_report_holds_prompts_and_says_where_they_moved_with_the_model(project):
    from pytest_modelpin.compare.comparison import compare
    from pytest_modelpin.compare.decide import decide
    from pytest_modelpin.results.report_file import from_json

    project.write("tests/test_support.py", PROMPTED)
    project.write("prompts/refund/default.md", "Be kind. ")
    project.record()
    before = project.report("--model=production")
    same = project.report("--model=candidate")
    assert [list(case["prompts"]) for case in same["cases"]] == [["refund/default"]]
    assert before["cases"][0]["prompts"] == same["cases"][0]["prompts"]
    project.write(f"prompts/refund/{ALIAS}.md", "Be brief. ")
    other = project.report("--model=candidate")
    assert list(other["cases"][0]["prompts"]) == [f"refund/{ALIAS}"]
    found = [
        decide(compare(from_json(before), from_json(after), "support")).reasons
        for after in (same, other)
    ]
    told = "prompt and model moved together in tests/test_support.py::test_refund"
    assert [any(told in reason for reason in reasons) for reasons in found] == [False, True]


def test_a_run_that_is_compared_later_names_no_drift(project, monkeypatch):
    project.record()
    project.says["refund?", NEXT] = "Never."
    monkeypatch.setenv("PYTEST_MODELPIN_JUDGED_LATER", "[]")
    said = project.run("--model=candidate", "--model-report=run.json").stdout.str()
    assert "  cases    2 of 2 passed\n" in said
    assert "drift: " not in said


@pytest.mark.long
@pytest.mark.parametrize("wish", ["--lf", "--ff", "--nf", "--sw"])
def test_what_an_earlier_run_left_behind_decides_nothing_in_a_run_that_is_compared(
    project, monkeypatch, wish
):
    """A night with one of these in `addopts` looked at what the last one's candidate had failed."""
    project.record()
    project.says["fee?", NEXT] = "nothing"
    project.write("pytest.ini", f"[pytest]\naddopts = {wish}\n")
    monkeypatch.setenv("PYTEST_MODELPIN_JUDGED_LATER", "[]")
    compared = ("-p", "no:randomly", "--model-report=run.json")
    project.pytester.runpytest_inprocess("--model=candidate", *compared).assert_outcomes(
        passed=1, failed=1
    )
    project.pytester.runpytest_inprocess(*compared).assert_outcomes(passed=2)
    assert not (project.folder / ".pytest_cache/v/cache/lastfailed").exists()


RERUNS = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    # As pytest-rerunfailures does it: of a try that failed, the end is told to nobody.
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for left in (2, 1, 0):
        for report in runtestprotocol(item, nextitem=nextitem, log=False):
            if report.failed and left:
                report.outcome = "rerun"
                item.ihook.pytest_runtest_logreport(report=report)
                break
            item.ihook.pytest_runtest_logreport(report=report)
        else:
            break
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
"""

WAVERING = """
from support import ask
tries = []
def test_wavering():
    tries.append(ask("fee?"))
    assert len(tries) > 1
"""


def test_what_failed_once_is_taken_back_by_no_plugin_of_reruns(project):
    project.write("tests/conftest.py", RERUNS)
    project.write("tests/test_wavering.py", WAVERING)
    run = project.report("--model=candidate", "tests/test_wavering.py")
    (case,) = run["cases"]
    assert [sample["outcome"] for sample in case["samples"]] == ["failed"]


RETRY = """
import pytest

@pytest.hookimpl(wrapper=True{order})
def pytest_runtest_makereport(item, call):
    # As pytest-retry does it: the test is tried again before its end.
    report = yield
    if call.when == "call" and report.failed:
        item.ihook.pytest_runtest_teardown(item=item, nextitem=item.parent)
        item._initrequest()
        item.ihook.pytest_runtest_setup(item=item)
        again = pytest.CallInfo.from_call(lambda: item.ihook.pytest_runtest_call(item=item), "call")
        report = pytest.TestReport.from_item_and_call(item, again)
    return report
"""


@pytest.mark.parametrize("order", ["", ", tryfirst=True", ", trylast=True"])
@pytest.mark.parametrize("samples", [1, 2])
def test_nor_by_one_that_tries_a_test_again_before_its_end(project, order, samples):
    project.write("tests/conftest.py", RETRY.format(order=order))
    project.write("tests/test_wavering.py", WAVERING)
    run = project.report(
        "--model=candidate", f"--model-samples={samples}", "tests/test_wavering.py"
    )
    (case,) = run["cases"]
    outcomes = [sample["outcome"] for sample in case["samples"]]
    assert outcomes == ["failed", *["passed"] * (samples - 1)]


@pytest.mark.parametrize("order", ["", ", tryfirst=True", ", trylast=True"])
@pytest.mark.parametrize("samples", [1, 2])
def test_nor_does_pytest_take_it_for_passed_then(project, order, samples):
    """Its summary and its exit code said that all had passed, and the run report that one failed"""
    project.write("tests/conftest.py", RETRY.format(order=order))
    project.write("tests/test_wavering.py", WAVERING)
    result = project.run(
        "--model=candidate", f"--model-samples={samples}", "tests/test_wavering.py"
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_wavering failed, and another plugin tried it again*"])


def test_a_replay_may_be_tried_again(project):
    project.write("tests/test_wavering.py", WAVERING.replace("assert len(tries) > 1", ""))
    project.record()
    project.write("tests/test_wavering.py", WAVERING)
    project.write("tests/conftest.py", RETRY.format(order=""))
    project.run().assert_outcomes(passed=3)


@pytest.mark.parametrize("goes_by", ['pytest.skip("not here")', 'pytest.xfail("known")'])
def test_a_subtest_that_is_skipped_hides_no_other_that_fails(project, goes_by):
    """The whole case was taken for skipped, on the pin and on the candidate, and never compared."""
    project.write(
        "tests/test_support.py",
        f"""
        import pytest
        from support import ask

        def test_refund(subtests):
            answer = ask("refund?")
            with subtests.test("elsewhere"):
                {goes_by}
            with subtests.test("here"):
                assert answer == "5 days"
        """,
    )
    project.record()
    (case,) = project.report("--model=production")["cases"]
    assert [sample["outcome"] for sample in case["samples"]] == ["passed"]
    project.says["refund?", NEXT] = "30 days"
    (case,) = project.report("--model=candidate")["cases"]
    assert [sample["outcome"] for sample in case["samples"]] == ["failed"]


def test_each_sample_of_a_doctest_finds_the_names_of_its_module(project):
    """doctest clears them when a run ends: all samples but the first failed, on both sides."""
    project.write(
        "tests/test_support.py",
        """
        '''
        >>> ask("refund?")
        '5 days'
        '''
        from support import ask
        """,
    )
    options = ("--model=candidate", "--model-samples=3", "--doctest-modules", "tests")
    (case,) = project.report(*options)["cases"]
    assert [each["outcome"] for each in case["samples"]] == ["passed"] * 3
    assert [len(each["calls"]) for each in case["samples"]] == [1] * 3


def test_why_a_doctest_fails_is_what_it_expected_and_got(project):
    """A line that begins with an E was taken for one of pytest's own: `xpected:`."""
    project.write(
        "tests/test_support.md", ">>> from support import ask\n>>> ask('refund?')\n'7 days'\n"
    )
    (case,) = project.report("--model=candidate", "--doctest-glob=*.md", "tests/test_support.md")[
        "cases"
    ]
    told = case["samples"][0]["message"].splitlines()
    assert told == ["Expected:", "'7 days'", "Got:", "'5 days'"]


COUNTING = """
import pytest
from support import ask

RIGHT = []

@pytest.mark.parametrize("asked, right", [("fee?", "$42"), ("refund?", "5 days")])
def test_each(asked, right): RIGHT.append(right in ask(asked))

def test_most_are_right(): assert sum(RIGHT) > len(RIGHT) / 2
"""


@pytest.mark.parametrize("workers", ["-n0", pytest.param("-n1", marks=pytest.mark.long)])
def test_a_test_that_counts_what_others_were_told_keeps_a_night_from_being_green(project, workers):
    """Such as pytest-evals' analyses. "No test fails", said a green night in which it failed."""
    from pytest_modelpin.compare.comparison import compare
    from pytest_modelpin.compare.decide import decide
    from pytest_modelpin.results.report_file import from_json

    project.write("conftest.py", "")  # has the worker find modules in this folder
    project.write("tests/test_support.py", COUNTING)
    project.record()
    options = ("-p", "no:randomly", workers)
    before = from_json(project.report("--model=production", *options))
    same = from_json(project.report("--model=candidate", *options))
    for question in ("fee?", "refund?"):
        project.says[question, NEXT] = "I can tell."
    after = from_json(project.report("--model=candidate", *options))
    told = "tests/test_support.py::test_most_are_right, which asks no model itself, failed beside"
    assert not any(told in reason for reason in decide(compare(before, same, "support")).reasons)
    verdict = decide(compare(before, after, "support"))
    assert verdict.colour == "inconclusive"
    assert any(told in reason for reason in verdict.reasons)
