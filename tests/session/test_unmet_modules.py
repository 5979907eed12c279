"""Modules of which a pin is recorded and that a night did not collect."""

import json

import pytest

from pytest_modelpin.session.unmet_modules import unmet
from tests.session.conftest import PIN

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
