"""What accepted answers cost: thousands that are as they were, and a long one that is not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import suites
from figures import Figure, Group, rows
from timing import OURS, SYRUPY, Cost, medians, pytest_cost


def snapshots(folder: Path, tests: int, repeats: int) -> Group:
    """Answers that are accepted already, with and without naming the test files."""
    subjects: dict[str, Callable[[], Cost]] = {}
    for name, fixture, plugins in (("amber", "snapshot", SYRUPY), ("ours", "model_snapshot", OURS)):
        place = folder / name
        suites.snapshots(place, tests, fixture)
        pytest_cost(place, plugins, "--snapshot-update")
        paths = sorted(path.name for path in place.glob("test_*.py"))
        subjects[name] = partial(pytest_cost, place, plugins)
        subjects[f"{name}, paths"] = partial(pytest_cost, place, plugins, *paths)
    costs = {name: cost.seconds for name, cost in medians(subjects, repeats).items()}
    return Group(
        f"Snapshots: {tests:,} accepted answers",
        rows(
            {
                "syrupy's amber": costs["amber"],
                "pytest-modelpin": costs["ours"],
                "syrupy's amber, paths named": costs["amber, paths"],
                "pytest-modelpin, paths named": costs["ours, paths"],
            }
        ),
        (
            Figure("of amber's time", costs["ours"] / costs["amber"], at_most=1),
            Figure(
                "of amber's time, paths named",
                costs["ours, paths"] / costs["amber, paths"],
                at_most=1,
            ),
        ),
        charted=True,
    )


def long_difference(folder: Path, repeats: int) -> Group:
    """A failing 300-line answer, beside the same test passing."""
    extra = {}
    for name, fixture, plugins in (
        ("syrupy's amber", "snapshot", SYRUPY),
        ("pytest-modelpin", "model_snapshot", OURS),
    ):
        place = folder / fixture
        suites.long_answer(place, fixture)
        pytest_cost(place, plugins, "--snapshot-update")
        passing = medians({"": partial(pytest_cost, place, plugins)}, repeats)[""]
        (place / "CHANGED").touch()
        fails = partial(pytest_cost, place, plugins, succeeds=False)
        extra[name] = medians({"": fails}, repeats)[""].seconds - passing.seconds
    ours = extra["pytest-modelpin"]
    return Group(
        "A failing 300-line answer, a third of its lines changed",
        rows(extra),
        (Figure("to fail and show the difference (ms)", ours * 1000, at_most=50),),
    )
