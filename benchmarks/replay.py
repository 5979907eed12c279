"""What a session costs when the plugin is idle, and how fast a pinned suite replays.

All of it in processor seconds: nothing here waits for anything.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import suites
from figures import Figure, Group, rows
from installed import installed
from timing import OURS, RECORDING, SYRUPY, medians, pytest_cost


def idle(folder: Path, repeats: int) -> Group:
    """What one test that asks nothing costs, from start to end."""
    suites.empty(folder / "empty")
    suites.empty(folder / "pinned", pinned=True)
    wheel, nothing = installed(folder / "installed"), folder / "nothing"
    nothing.mkdir()
    costs = medians(
        {
            "without": partial(pytest_cost, folder / "empty", SYRUPY, beside=nothing),
            "idle": partial(pytest_cost, folder / "empty", OURS, beside=wheel),
            "pinned": partial(pytest_cost, folder / "pinned", OURS, beside=wheel),
        },
        repeats * 10,
    )
    without, idle, pinned = (costs[name].seconds for name in ("without", "idle", "pinned"))
    return Group(
        "Idle: one test that asks no model",
        rows(
            {
                "pytest with syrupy": without,
                "+ pytest-modelpin, no models.yml": idle,
                "+ pytest-modelpin, models.yml": pinned,
            }
        ),
        (Figure("added to pytest's start-up, idle (ms)", (idle - without) * 1000, at_most=5),),
        charted=True,
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
        rows(
            {
                "answer hard-coded, no HTTP": hard,
                "httpx's in-memory transport": memory,
                "pytest-modelpin": ours,
                "pytest-recording": recording,
            }
        ),
        (
            Figure("of the hard-coded tests' time", ours / hard),
            Figure("of the in-memory tests' time", ours / memory, at_most=1.15),
            Figure("in-memory tests, of the hard-coded tests' time", memory / hard),
            Figure(
                "times less overhead than pytest-recording",
                (recording - hard) / (ours - hard),
                # 5 until what is unseen is watched and every written byte is redacted; what that
                # costs at the start is to be won back.
                at_least=3,
            ),
        ),
        charted=True,
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
        rows({"answer hard-coded, no HTTP": hard, "pytest-modelpin": ours}),
        (Figure("of the hard-coded tests' time", ours / hard, at_most=1.3),),
    )


def replay_by_others(folder: Path, tests: int, repeats: int) -> Group:
    """The same for requests and aiohttp, beside answers from within each library."""
    libraries: tuple[suites.Library, ...] = ("requests", "aiohttp")
    subjects = {}
    for library in libraries:
        suites.in_memory_by(library, folder / library / "memory", tests)
        suites.replayed_by(library, folder / library / "replayed", tests)
        subjects[f"{library}, in memory"] = partial(
            pytest_cost, folder / library / "memory", SYRUPY
        )
        subjects[f"{library}, pytest-modelpin"] = partial(
            pytest_cost, folder / library / "replayed", OURS
        )
    costs = {name: cost.seconds for name, cost in medians(subjects, repeats).items()}
    return Group(
        f"Replay: {tests:,} tests with one call each, by other libraries",
        rows(costs),
        tuple(
            Figure(
                f"{library}: of the in-memory tests' time",
                costs[f"{library}, pytest-modelpin"] / costs[f"{library}, in memory"],
                at_most=1.5,
            )
            for library in libraries
        ),
    )


def one_test(folder: Path, calls: int) -> Group:
    """All calls in one test: look-up must not depend on how many are recorded."""
    subjects = {}
    for name, asked, vcr, plugins in (
        ("pytest-modelpin, no call", 0, False, OURS),
        ("pytest-modelpin", calls, False, OURS),
        ("vcrpy, no call", 0, True, RECORDING),
        ("vcrpy, its default matchers", calls, True, RECORDING),
    ):
        suites.one_test(folder / name, asked, vcr=vcr)
        subjects[name] = partial(pytest_cost, folder / name, plugins)
    costs = {name: cost.seconds for name, cost in medians(subjects, 3).items()}
    ours = costs["pytest-modelpin"] - costs["pytest-modelpin, no call"]
    rival = costs["vcrpy, its default matchers"] - costs["vcrpy, no call"]
    return Group(
        f"Replay: one test with {calls:,} calls",
        rows(costs),
        (Figure("times faster than vcrpy, start-up apart", rival / ours, at_least=20),),
        charted=True,
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
        rows({"1 recording": few.seconds, f"{recordings:,} recordings": many.seconds}),
        (
            Figure("added by the others (s)", many.seconds - few.seconds, at_most=0.5),
            Figure("of the memory with one", many.megabytes / few.megabytes, at_most=1.05),
        ),
    )
