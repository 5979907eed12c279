"""What did not run, or ran unchecked, while no test failed for it: nothing is concluded then."""

import json
import sys

import pytest

from pytest_modelpin.session.whole_suite import unmet

PIN, NEXT = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"

ENDS = """
import unittest
import pytest
from support import ask

def check(said):
    assert said == "5 days", said

@pytest.fixture
def generator():
    said = ask("refund?")
    yield said
    check(said)

def test_generator(generator): pass

def test_finalizer(request):
    said = ask("refund?")
    request.addfinalizer(lambda: check(said))

class TestMethod:
    def test_here(self): self.said = ask("refund?")
    def teardown_method(self): check(self.said)
"""


def outcomes(report):
    return {
        case["id"].split("::", 1)[1]: [sample["outcome"] for sample in case["samples"]]
        for case in report["cases"]
    }


def test_a_sample_fails_by_what_its_test_finds_at_its_end(project):
    project.write("tests/test_support.py", ENDS)
    project.record()
    project.says["refund?", NEXT] = "15 days"
    pins = outcomes(project.report("--model=production", "--model-samples=2"))
    found = outcomes(project.report("--model=candidate", "--model-samples=2"))
    assert len(found) == 3
    assert {*map(tuple, pins.values())} == {("passed",)}
    assert {*map(tuple, found.values())} == {("failed", "failed")}


SHARED = {
    "module": """
        import pytest
        from support import ask

        @pytest.fixture(scope="module")
        def heard():
            said = []
            yield said
            assert said == ["5 days"]

        def test_one(heard): heard[:] = [ask("refund?")]
        def test_two(): assert ask("fee?")
    """,
    "class": """
        import unittest
        from support import ask

        class TestHere(unittest.TestCase):
            @classmethod
            def tearDownClass(cls): assert cls.said == "5 days"

            def test_one(self): type(self).said = ask("refund?")
    """,
    "module that ends": """
        from support import ask

        said = []
        def teardown_module(): assert said[-1] == "5 days"
        def test_one(): said.append(ask("refund?"))
    """,
}


@pytest.mark.parametrize("whose", SHARED)
def test_what_fails_at_the_end_of_what_tests_share_leaves_the_run_without_a_conclusion(
    project, whose
):
    project.write("tests/test_support.py", SHARED[whose])
    project.record()
    assert project.report("--model=production")["faults"] == []
    project.says["refund?", NEXT] = "15 days"
    faults = project.report("--model=candidate", "--model-samples=2")["faults"]
    assert len(faults) == 1
    assert "at its end failed" in faults[0]
    assert "AssertionError" in faults[0]


def test_the_end_of_what_no_case_shares_is_none_of_its_business(project):
    project.write(
        "tests/test_other.py",
        """
        import pytest

        @pytest.fixture(scope="module")
        def database():
            yield
            assert False, "left open"

        def test_other(database): pass
        """,
    )
    assert project.report("--model=candidate")["faults"] == []


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.long)])
def test_a_file_that_can_not_be_collected_is_named(project, workers):
    project.record()
    project.write("tests/test_broken.py", "import nothing_of_this_name\n")
    options = ["--model=candidate", "--continue-on-collection-errors", "--model-report=run.json"]
    result = project.pytester.runpytest_subprocess(*options, f"-n{workers}")
    result.stdout.fnmatch_lines(["not seen: the whole suite did not run: tests/test_broken.py*"])
    faults = json.loads((project.folder / "run.json").read_text())["faults"]
    assert faults == [
        "the whole suite did not run: tests/test_broken.py could not be collected "
        "(ModuleNotFoundError: No module named 'nothing_of_this_name')"
    ]


def test_a_module_that_is_skipped_as_it_is_collected_is_named_if_its_pin_is_recorded(project):
    project.record()
    skipped = "import pytest\npytest.skip('no key', allow_module_level=True)\n"
    project.write("tests/test_support.py", skipped)
    project.write("tests/test_other.py", skipped)
    faults = project.report("--model=candidate")["faults"]
    assert faults == [
        "the whole suite did not run: tests/test_support.py, of which the pin is recorded, was "
        "skipped as it was collected (no key)"
    ]


def test_tests_that_a_conftest_takes_out_of_the_list_are_left_out(project):
    project.record()
    project.write(
        "conftest.py",
        """
        def pytest_collection_modifyitems(items):
            items[:] = [item for item in items if "fee" in item.name]
        """,
    )
    report = project.report("--model=candidate")
    assert report["left_out"] == ["tests/test_support.py::test_refund"]
    assert report["deselected"] == 1


def test_a_run_without_asserts_says_so(project, monkeypatch):
    project.record()
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")
    result = project.pytester.runpytest_subprocess("--model=candidate", "--model-report=run.json")
    result.stdout.fnmatch_lines(["not seen: Python ran with -O*"])
    assert sys.flags.optimize == 0
    assert len(json.loads((project.folder / "run.json").read_text())["faults"]) == 1


def test_what_a_test_is_expected_to_fail_by_has_failed(project):
    """As skipped it counted for nothing: a candidate that failed twice in three was as good as the
    pin, since its one pass was all that there was.
    """
    project.write(
        "tests/test_support.py",
        """
        import unittest
        import pytest
        from support import ask

        @pytest.mark.xfail(reason="now and then")
        def test_marked(): assert ask("refund?") == "5 days"

        def test_called():
            if ask("refund?") != "5 days":
                pytest.xfail("another answer")

        class TestHere(unittest.TestCase):
            @unittest.expectedFailure
            def test_unit(self): self.assertEqual(ask("refund?"), "7 days")
        """,
    )
    project.run("--model=production", "--model-record=new")
    pins = outcomes(project.report("--model=production"))
    assert pins == {
        "test_marked": ["passed"], "test_called": ["passed"], "TestHere::test_unit": ["failed"],
    }  # fmt: skip
    project.says["refund?", NEXT] = "15 days"
    found = outcomes(project.report("--model=candidate"))
    assert found == {
        "test_marked": ["failed"], "test_called": ["failed"], "TestHere::test_unit": ["failed"],
    }  # fmt: skip


def test_a_reason_is_short_and_holds_no_secret_nor_a_half_of_one(project, monkeypatch):
    secret = "planted-" + "q7" * 60
    monkeypatch.setenv("DATABASE_PASSWORD", secret)
    project.record()
    project.write("tests/test_broken.py", f"raise ValueError({'x' * 250 + ' ' + secret!r})\n")
    (fault,) = project.report("--model=candidate", "--continue-on-collection-errors")["faults"]
    assert len(fault) < 450
    assert "q7q7" not in fault


@pytest.mark.long
def test_a_worker_that_dies_takes_what_it_saw_with_it(project):
    """What failed at the end of a fixture that its tests had shared, say; another took its place,
    and the run was told of as if all had been seen.
    """
    project.write("pytest.ini", "[pytest]\npythonpath = .\n")
    project.write(
        "tests/test_crash.py",
        "import os\ndef test_crash(): os.path.exists('stays') or os._exit(1)\n",
    )
    (project.folder / "stays").touch()
    project.record()
    (project.folder / "stays").unlink()
    report = project.report("--model=candidate", "-n", "1", "-p", "no:randomly")
    assert [case["id"] for case in report["cases"]] == [
        "tests/test_support.py::test_fee", "tests/test_support.py::test_refund",
    ]  # fmt: skip
    (fault,) = report["faults"]
    assert fault.startswith("gw0, a worker of pytest-xdist, ended before it could say what it saw")
    (project.folder / "stays").touch()
    assert project.report("--model=candidate", "-n", "1")["faults"] == []


OTHER = """
from support import ask

def test_more(): assert "days" in ask("refund?")
"""


@pytest.fixture
def two(project, monkeypatch):
    """A suite of two modules, recorded, in a candidate's run that a night has started."""
    project.write("tests/more/test_more.py", OTHER)
    project.record()
    night = ["--model=candidate", "--model-report=run.json"]
    monkeypatch.setenv("PYTEST_MODELPIN_JUDGED_LATER", json.dumps(night))
    return project


def faults(project, *options):
    return project.report("--model=candidate", *options)["faults"]


@pytest.mark.parametrize("how", ["tests/test_support.py", "--ignore=tests/more"])
def test_one_that_a_path_leaves_out_is_named(two, how):
    """A bump came due over a part of the suite, though the candidate broke the other."""
    (fault,) = faults(two, how)
    assert fault.startswith(
        "the whole suite did not run: tests/more/test_more.py, of which the pin"
    )


def test_nothing_is_missing_from_the_whole_suite(two):
    report = two.report("--model=candidate")
    assert (report["faults"], report["left_out"]) == ([], [])


CLASSES = """
from support import ask

class TestOne:
    def test_days(self): assert "days" in ask("refund?")
    def test_refund(self): assert "days" in ask("refund?")

class TestTwo:
    def test_days(self): assert "days" in ask("refund?")
"""


def test_what_a_node_id_leaves_out_of_its_module_is_left_out(two):
    """Three nights over one test of a module were green, and its pin came due for a bump."""
    two.write("tests/more/test_more.py", CLASSES)
    module = "tests/more/test_more.py"
    named = ("tests/test_support.py", f"{module}::TestOne::test_days")
    report = two.report("--model=candidate", *named)
    assert report["left_out"] == [f"{module}::TestOne::test_refund", f"{module}::TestTwo"]
    assert report["deselected"] == 2


def test_a_run_by_hand_may_be_of_a_part(two, monkeypatch):
    monkeypatch.delenv("PYTEST_MODELPIN_JUDGED_LATER")
    report = two.report("--model=candidate", "tests/test_support.py::test_refund")
    assert (report["faults"], report["left_out"]) == ([], [])


def test_what_is_gone_of_a_fixture_or_of_others_is_not_missed(tmp_path):
    def recorded(folder, module, version=PIN):
        place = tmp_path / folder / "__recordings__" / version / module
        place.mkdir(parents=True)
        (place / "test_it.json").write_text("{}")
        (tmp_path / folder / f"{module}.py").touch()

    recorded("tests", "conftest")
    recorded("tests", "test_gone")
    (tmp_path / "tests/test_gone.py").unlink()
    recorded("tests", "test_other_model", "gpt-4.1-2025-04-14")
    recorded("venv/tests", "test_installed")
    (tmp_path / "venv/pyvenv.cfg").touch()
    assert unmet(tmp_path, [PIN], set(), ["test_*.py"]) == ""
    recorded("tests", "test_met")
    assert "tests/test_met.py" in unmet(tmp_path, [PIN], set(), ["test_*.py"])
    assert unmet(tmp_path, [PIN], {tmp_path / "tests/test_met.py"}, ["test_*.py"]) == ""
