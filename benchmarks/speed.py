"""What pytest-modelpin costs, beside what people use today, in one run on one machine.

    python benchmarks/speed.py            # print the table
    python benchmarks/speed.py --quick    # a tenth of the size; its figures mean little
    python benchmarks/speed.py --write    # also into docs/performance.md and its chart

Every figure is the median of several processes, run in turn with those it is compared with, and
counts the processor's time: see `timing.Cost`. Needs the dependency group `bench`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import page
import suites
from page import Figure, Group
from timing import OURS, RECORDING, SYRUPY, Cost, medians, pytest_cost


def idle(folder: Path, repeats: int) -> Group:
    """What one test that asks nothing costs, from start to end."""
    suites.empty(folder / "empty")
    suites.empty(folder / "pinned", pinned=True)
    costs = medians(
        {
            "without": partial(pytest_cost, folder / "empty", SYRUPY),
            "idle": partial(pytest_cost, folder / "empty", OURS),
            "awake": partial(pytest_cost, folder / "pinned", OURS),
        },
        repeats * 5,
    )
    without, asleep, awake = (costs[name].seconds for name in ("without", "idle", "awake"))
    return Group(
        "Idle: one test that asks no model",
        {
            "pytest with syrupy": without,
            "+ pytest-modelpin, no models.yml": asleep,
            "+ pytest-modelpin, models.yml": awake,
        },
        (Figure("added to pytest's start-up, idle (ms)", (asleep - without) * 1000, at_most=5),),
    )


def replay(folder: Path, tests: int, repeats: int) -> Group:
    """Tests with one call each, over one client that they share: nothing hides the replay."""
    suites.hard_coded(folder / "hard", tests)
    suites.in_memory(folder / "memory", tests)
    suites.replayed(folder / "replayed", tests)
    suites.cassettes(folder / "cassettes", tests)
    costs = medians(
        {
            "hard": partial(pytest_cost, folder / "hard", SYRUPY),
            "memory": partial(pytest_cost, folder / "memory", SYRUPY),
            "ours": partial(pytest_cost, folder / "replayed", OURS),
            "recording": partial(pytest_cost, folder / "cassettes", RECORDING),
        },
        repeats,
    )
    hard, memory, ours, recording = (
        costs[name].seconds for name in ("hard", "memory", "ours", "recording")
    )
    return Group(
        f"Replay: {tests:,} tests with one call each, shared client",
        {
            "answer hard-coded, no HTTP": hard,
            "httpx's in-memory transport": memory,
            "pytest-modelpin": ours,
            "pytest-recording": recording,
        },
        (
            Figure("of the hard-coded tests' time", ours / hard, at_most=1.3),
            Figure("of the in-memory tests' time", ours / memory),
            Figure(
                "times less overhead than pytest-recording",
                (recording - hard) / (ours - hard),
                at_least=5,
            ),
        ),
    )


def replay_beside_hard_coded(
    folder: Path, tests: int, repeats: int, client: suites.Client
) -> Group:
    """With a client of its own in each test, as `httpx.post` builds it, or one for all."""
    suites.hard_coded(folder / "hard", tests, client)
    suites.replayed(folder / "replayed", tests, client)
    costs = medians(
        {
            "hard": partial(pytest_cost, folder / "hard", SYRUPY),
            "ours": partial(pytest_cost, folder / "replayed", OURS),
        },
        repeats,
    )
    hard, ours = costs["hard"].seconds, costs["ours"].seconds
    return Group(
        f"Replay: {tests:,} tests with one call each, {client} client",
        {"answer hard-coded, no HTTP": hard, "pytest-modelpin": ours},
        (Figure("of the hard-coded tests' time", ours / hard, at_most=1.3),),
    )


def one_test(folder: Path, calls: int) -> Group:
    """All calls in one test: look-up must not depend on how many are recorded."""
    subjects = {}
    for name, asked, vcr, options in (
        ("pytest-modelpin, no call", 0, False, OURS),
        ("pytest-modelpin", calls, False, OURS),
        ("vcrpy, no call", 0, True, RECORDING),
        ("vcrpy, its default matchers", calls, True, RECORDING),
    ):
        suites.one_test(folder / name, asked, vcr=vcr)
        subjects[name] = partial(pytest_cost, folder / name, options)
    costs = {name: cost.seconds for name, cost in medians(subjects, 3).items()}
    ours = costs["pytest-modelpin"] - costs["pytest-modelpin, no call"]
    rival = costs["vcrpy, its default matchers"] - costs["vcrpy, no call"]
    return Group(
        f"Replay: one test with {calls:,} calls",
        costs,
        (Figure("times faster than vcrpy, start-up apart", rival / ours, at_least=20),),
    )


def many_recordings(folder: Path, recordings: int, repeats: int) -> Group:
    """One test beside which thousands of others are recorded that this run does not ask for."""
    for name, others in (("few", 1), ("many", recordings)):
        suites.replayed(folder / name, 1)
        for number in range(1, others):
            suites.record(folder / name, f"test_{number // 50}", f"other_{number}", [number])
    costs = medians(
        {name: partial(pytest_cost, folder / name, OURS) for name in ("few", "many")},
        repeats,
    )
    few, many = costs["few"], costs["many"]
    return Group(
        f"One test beside {recordings:,} recordings of one version",
        {"1 recording": few.seconds, f"{recordings:,} recordings": many.seconds},
        (
            Figure("added by the others (s)", many.seconds - few.seconds, at_most=0.5),
            Figure("of the memory with one", many.megabytes / few.megabytes, at_most=1.05),
        ),
    )


def snapshots(folder: Path, tests: int, repeats: int) -> Group:
    """Answers that are accepted already, with and without naming the test files."""
    subjects: dict[str, Callable[[], Cost]] = {}
    for name, fixture, options in (("amber", "snapshot", SYRUPY), ("ours", "model_snapshot", OURS)):
        place = folder / name
        suites.snapshots(place, tests, fixture)
        pytest_cost(place, (*options, "--snapshot-update"))
        paths = sorted(path.name for path in place.glob("test_*.py"))
        subjects[name] = partial(pytest_cost, place, options)
        subjects[f"{name}, paths"] = partial(pytest_cost, place, (*options, *paths))
    costs = {name: cost.seconds for name, cost in medians(subjects, repeats).items()}
    return Group(
        f"Snapshots: {tests:,} accepted answers",
        {
            "syrupy's amber": costs["amber"],
            "pytest-modelpin": costs["ours"],
            "syrupy's amber, paths named": costs["amber, paths"],
            "pytest-modelpin, paths named": costs["ours, paths"],
        },
        (
            Figure("of amber's time", costs["ours"] / costs["amber"], at_most=1),
            Figure(
                "of amber's time, paths named",
                costs["ours, paths"] / costs["amber, paths"],
                at_most=1,
            ),
        ),
    )


def long_difference(folder: Path, repeats: int) -> Group:
    """A failing 300-line answer, beside the same test passing."""
    extra = {}
    for name, fixture, options in (
        ("syrupy's amber", "snapshot", SYRUPY),
        ("pytest-modelpin", "model_snapshot", OURS),
    ):
        place = folder / fixture
        suites.long_answer(place, fixture)
        pytest_cost(place, (*options, "--snapshot-update"))
        passing = medians({"": partial(pytest_cost, place, options)}, repeats)[""]
        (place / "CHANGED").touch()
        fails = partial(pytest_cost, place, options, succeeds=False)
        extra[name] = medians({"": fails}, repeats)[""].seconds - passing.seconds
    ours = extra["pytest-modelpin"]
    return Group(
        "A failing 300-line answer, a third of its lines changed",
        extra,
        (Figure("to fail and show the difference (ms)", ours * 1000, at_most=50),),
    )


def guards(folder: Path) -> Sequence[Group]:
    """The ratios that CI holds to their bars, on suites small enough for every push."""
    return (
        replay_beside_hard_coded(folder / "replay", 200, 3, "shared"),
        snapshots(folder / "snapshots", 200, 3),
    )


def everything(folder: Path, *, quick: bool) -> Sequence[Group]:
    """All figures of the page."""
    tests, repeats = (100, 1) if quick else (1000, 3)
    return (
        idle(folder / "idle", repeats),
        replay(folder / "replay", tests, repeats),
        replay_beside_hard_coded(folder / "own", tests // 10, repeats, "own"),
        one_test(folder / "one", tests),
        many_recordings(folder / "many", tests * 5, repeats),
        snapshots(folder / "snapshots", tests, repeats),
        long_difference(folder / "difference", repeats * 3),
    )


def main() -> None:
    """Measure, print, and where asked write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--guard", action="store_true", help="only what CI guards; prints JSON")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if options.guard:
            print(page.as_json(guards(Path(name))))
            return
        groups = everything(Path(name), quick=options.quick)
    print(page.table(groups))
    if options.write:
        page.write(groups)


if __name__ == "__main__":
    main()
