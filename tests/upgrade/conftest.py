import dataclasses
from datetime import date, timedelta

import pytest

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.comparison import CaseComparison, Comparison, Side
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.ledger import Night, Streak
from pytest_modelpin.ledger.store import BranchLedger
from pytest_modelpin.results.run import Asked
from pytest_modelpin.upgrade.bump import Bump

OLD = "claude-sonnet-4-5-20250929"
NEW = "claude-sonnet-4-5-20251101"


@pytest.fixture
def night():
    """One night of `claude`; by default a green one of the version after the pin."""

    def build(day: str = "2026-11-20", colour: str = "green", **fields) -> Night:
        plain = Night(
            day=day,
            name="claude",
            pin=OLD,
            asked="claude-sonnet-4-5",
            served=NEW,
            fingerprint="f1",
            colour=colour,
            cases={"tests/test_a.py::test_a": (3, 3, 3, 3)},
            run_url="https://github.com/acme/app/actions/runs/7",
            at=f"{day}T03:00:00+00:00",
        )
        return dataclasses.replace(plain, **fields)

    return build


@pytest.fixture
def comparison():
    """A comparison of one case that drifted by the given findings."""

    def build(*drifts: Drift, case="tests/test_a.py::test_a") -> Comparison:
        asked = Asked("claude", OLD, "production", OLD, "none", (OLD,))
        served = Asked("claude", OLD, "candidate", "claude-sonnet-4-5", "all", (NEW,))
        sides = Side(3, 3, 0, 1200, 300, 0.012, 1.0, 2.0), Side(3, 3, 0, 1180, 330, None, 0.8, 1.9)
        return Comparison(
            "claude", asked, served, (CaseComparison(case, *sides, drifts=drifts),), *sides
        )

    return build


@pytest.fixture
def bump(night, comparison):
    """The bump of `claude`, due after three green nights."""

    def build(*drifts: Drift, name="claude", old=OLD, new=NEW, nights=3, **fields) -> Bump:
        first = date(2026, 11, 20) - timedelta(nights - 1)
        days = [str(first + timedelta(n)) for n in range(nights)]
        greens = tuple(night(day, name=name, pin=old, served=new) for day in days)
        plain = Bump(
            name=name,
            old=old,
            new=new,
            files={
                "models.yml": f"models:\n  {name}:\n    production: {new}\n".encode(),
                "tests/__snapshots__/test_a.txt": f"An answer of {new}.\n".encode(),
                f"tests/__recordings__/{new}/test_a/test_a.json": b"{}\n",
            },
            streak=Streak(name, new, "f1", greens),
            verdict=Verdict("green", True, ("Shown not inferior.",), -0.01, -0.04),
            comparison=comparison(*drifts),
        )
        return dataclasses.replace(plain, **fields)

    return build


@pytest.fixture
def settings():
    return Settings()


@pytest.fixture
def ledger(github):
    """A session's view of the ledger on the repository's branch."""
    return lambda: BranchLedger(github.connect(), github.slept.append)
