"""Accepting what changed: which cases ask for it, and what the ledger keeps."""

import pytest

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.ledger import Night
from pytest_modelpin.ledger.decision import accept, accepted_cases, changed_cases
from pytest_modelpin.ledger.store import FolderLedger

A, B = "tests/test_a.py::test_a", "tests/test_b.py::test_b"


def night(day: str = "2026-11-20", served: str = "v2", **fields) -> Night:
    counts = {A: (5, 5, 3, 3), B: (5, 5, 3, 3)}
    return Night(day, "claude", "v1", "alias", served, "f", "green", **({"cases": counts} | fields))


@pytest.fixture
def ledger(tmp_path) -> FolderLedger:
    kept = FolderLedger(tmp_path)
    kept.append(night("2026-11-19", held=(A,)))
    kept.append(night(open=(B,)))
    return kept


def test_held_cases_and_those_the_last_night_left_open_wait_for_a_person(ledger):
    assert changed_cases(ledger.read("claude"), (), "v2") == (A, B)
    assert changed_cases(ledger.read("claude"), (), "v3") == ()
    assert changed_cases(ledger.read("claude"), (), None) == ()


def test_a_pair_of_prompt_and_model_waits_for_a_person_and_can_be_accepted(tmp_path):
    ledger = FolderLedger(tmp_path)
    ledger.append(night("2026-11-19", moved=(B,)))
    ledger.append(night(cases={}, moved=(A,)))
    assert changed_cases(ledger.read("claude"), (), "v2") == (A,)
    assert accept(ledger, "claude", "v2", ["test_a"], because="read") == (A,)
    assert changed_cases(ledger.read("claude"), ledger.decisions("claude"), "v2") == ()


def test_what_is_accepted_waits_no_more_and_is_written_down_with_who_when_and_which(ledger):
    assert accept(ledger, "claude", "v2", ["test_a"], because="wanted", who="ann") == (A,)
    (kept,) = ledger.decisions("claude")
    assert (kept.version, kept.cases, kept.who, kept.because) == ("v2", (A,), "ann", "wanted")
    assert kept.at.startswith("20")
    assert changed_cases(ledger.read("claude"), ledger.decisions("claude"), "v2") == (B,)


def test_without_a_case_every_one_is_accepted(ledger):
    accept(ledger, "claude", "v2", because="wanted")
    assert accepted_cases(ledger.decisions("claude"), "v2") == {"*"}
    assert changed_cases(ledger.read("claude"), ledger.decisions("claude"), "v2") == ()


def test_what_was_accepted_of_a_version_that_is_gone_says_nothing_of_the_next(ledger):
    accept(ledger, "claude", "v2", because="wanted")
    ledger.append(night("2026-11-21", served="v3", held=(A,)))
    assert changed_cases(ledger.read("claude"), ledger.decisions("claude"), "v3") == (A,)
    assert accepted_cases(ledger.decisions("claude"), "v3") == frozenset()


@pytest.mark.parametrize(
    ("version", "cases", "says"),
    [
        ("v9", (), "no night of claude that v9 answered"),
        ("v2", ("test_c",), "ran a case 'test_c'"),
    ],
)
def test_what_never_ran_cannot_be_accepted(ledger, version, cases, says):
    with pytest.raises(LedgerError, match=says):
        accept(ledger, "claude", version, cases, because="wanted")
    assert ledger.decisions("claude") == ()


def test_a_name_that_two_cases_end_in_has_to_be_written_out(tmp_path):
    ledger = FolderLedger(tmp_path)
    counts = {"tests/x.py::test": (1, 1, 1, 1), "tests/y.py::test": (1, 1, 1, 1)}
    ledger.append(night(cases=counts))
    with pytest.raises(LedgerError, match=r"x\.py::test or tests/y\.py::test"):
        accept(ledger, "claude", "v2", ["test"], because="wanted")
