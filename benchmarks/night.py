"""How long a live night takes: every case asked anew, of a provider that takes its time.

All wait for the same provider, which answers after `latency` seconds, and what is counted is time
on the clock, from the start of each command to its end.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import suites
from figures import Figure, Group, Row
from provider import Provider, Traffic
from rivals import RIVALS, NoFigure, Rival, Way, install, play
from timing import Cost, process_cost

_PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
_OURS = (*_PYTEST, "-p", "syrupy", "-p", "pytest_modelpin.plugin")
_ONCE = 60.0
"""Seconds from which a command runs once instead of three times: it only waits longer."""


@dataclass(frozen=True)
class Size:
    """Of a night."""

    cases: int
    latency: float
    """Seconds that the provider takes for each reply."""
    jobs: int
    """Requests that pytest-modelpin has under way, at most."""

    def limit(self, samples: int) -> float:
        """Seconds below which no night can be that never has more than `jobs` under way."""
        return self.cases * samples * self.latency / self.jobs


@dataclass(frozen=True)
class Played:
    """One run of one command."""

    cost: Cost
    traffic: Traffic


def beside_others(folder: Path, size: Size) -> Group:
    """One sample of each case by all; three by ours."""
    with Provider() as provider:
        tests = folder / "ours"
        _recorded(tests, size.cases, provider)
        rows = [
            _row("pytest", partial(_pytest, tests, provider, size), size.cases),
            _row(
                "pytest with pytest-xdist, -n 50",
                partial(_pytest, tests, provider, size, "-p", "xdist", "-n", "50"),
                size.cases,
            ),
            *_rival_rows(folder, provider, size),
        ]
        ours, thrice = (
            _row(
                f"pytest-modelpin, {samples} a case",
                partial(_night, tests, provider, size, number),
                number * size.cases,
            )
            for number, samples in ((1, "1 sample"), (3, "3 samples"))
        )
    return Group(
        f"Live night: {size.cases} cases, {size.latency:g} s a reply",
        (*rows, ours, thrice),
        (
            *_times_faster(rows, _seconds(ours)),
            Figure("1 sample, of the limit's time", _seconds(ours) / size.limit(1)),
            Figure("3 samples, of the limit's time", _seconds(thrice) / size.limit(3),
                   at_most=1.25),
        ),
        clock="clock",
        charted=True,
    )  # fmt: skip


def near_the_limit(folder: Path, size: Size) -> Group:
    """Three samples of each case by ours alone, small enough for every push."""
    with Provider() as provider:
        _recorded(folder, size.cases, provider)
        played = _night(folder, provider, size, 3)
    ratio = played.cost.clock / size.limit(3)
    return Group(
        "Live night",
        (Row("pytest-modelpin", played.cost.clock, at_once=played.traffic.at_once),),
        (Figure("of the limit's time", ratio, at_most=1.25),),
        clock="clock",
    )


def rate_limited(folder: Path, size: Size, rate: int) -> Group:
    """A provider that takes only `rate` requests a second and says 429 to what is above."""
    with Provider() as provider:
        _recorded(folder, size.cases, provider)
        played = _night(folder, provider, size, 3, rate)
    accepted = played.traffic.requests - played.traffic.refused
    return Group(
        f"Live night: {size.cases} cases × 3 samples, {rate} requests a second allowed",
        (Row("pytest-modelpin", played.cost.clock, at_once=played.traffic.at_once),),
        (
            Figure("samples lost", float(_lost(folder)), at_most=0),
            Figure("requests refused", float(played.traffic.refused)),
            Figure("of the allowed rate used", (accepted - 1) / played.traffic.span / rate,
                   at_least=0.9),
        ),
        clock="clock",
    )  # fmt: skip


def many_requests(folder: Path, size: Size) -> Group:
    """So many that keeping them all would show in the memory."""
    with Provider() as provider:
        _recorded(folder, size.cases, provider)
        played = _night(folder, provider, size, 3)
    name = f"Live night: {3 * size.cases:,} requests, {size.latency:g} s a reply"
    row = Row(
        "pytest-modelpin",
        played.cost.clock,
        at_once=played.traffic.at_once,
        megabytes=played.cost.megabytes,
    )
    return Group(
        name,
        (row,),
        (
            Figure("megabytes, at most", played.cost.megabytes, at_most=500),
            Figure("samples lost", float(_lost(folder)), at_most=0),
        ),
        clock="clock",
    )


def _recorded(folder: Path, cases: int, provider: Provider) -> None:
    """Tests, and the recordings of the pin that a repository has beside them."""
    suites.asking_a_provider(folder, cases)
    provider.behave()
    process_cost((*_OURS, "--model-record=new"), folder, environment=_environment(provider))


def _night(
    folder: Path, provider: Provider, size: Size, samples: int, rate: int | None = None
) -> Played:
    """The candidate's night with pytest-modelpin."""
    provider.behave(size.latency, rate)
    cost = process_cost(
        (*_OURS, "--model=candidate", f"--model-samples={samples}", f"--model-jobs={size.jobs}",
         "--model-report=run.json"),
        folder,
        environment=_environment(provider),
    )  # fmt: skip
    return Played(cost, provider.traffic())


def _pytest(folder: Path, provider: Provider, size: Size, *options: str) -> Played:
    """The same tests without pytest-modelpin."""
    provider.behave(size.latency)
    cost = process_cost((*_PYTEST, *options), folder, environment=_environment(provider))
    return Played(cost, provider.traffic())


def _rival_rows(folder: Path, provider: Provider, size: Size) -> Iterator[Row]:
    """Each rival in each of its ways; a first, short run warms up, and shows whether it can."""
    for rival in RIVALS:
        for way in rival.ways:
            try:
                install(rival)
                place = folder / way.name
                _rival(rival, way, place / "first", provider, Size(1, 0.0, 1))
                run = partial(_rival, rival, way, place, provider, size)
                yield _row(way.name, run, size.cases)
            except NoFigure as reason:
                yield Row(way.name, None, why_not=str(reason))


def _rival(rival: Rival, way: Way, place: Path, provider: Provider, size: Size) -> Played:
    folder = place / str(sum(1 for _ in place.glob("*")))
    folder.parent.mkdir(parents=True, exist_ok=True)
    provider.behave(size.latency)
    cost = play(rival, way, folder, size.cases, provider.url, f"openai/{suites.PIN}")
    return Played(cost, provider.traffic())


def _row(name: str, run: Callable[[], Played], requests: int) -> Row:
    """The median of three runs, or one long one.

    NoFigure where another number of requests arrived than there are: something was kept from an
    earlier run, or asked twice.
    """
    runs = [run()]
    if runs[0].cost.clock < _ONCE:
        runs += [run(), run()]
    if wrong := [each.traffic.requests for each in runs if each.traffic.requests != requests]:
        raise NoFigure(f"{requests} requests were due, and {wrong[0]} were seen")
    seconds = median(each.cost.clock for each in runs)
    print(f"{name}: {seconds:.1f} s", file=sys.stderr)  # the whole night takes long
    return Row(name, seconds, at_once=max(each.traffic.at_once for each in runs))


def _times_faster(others: Sequence[Row], ours: float) -> Iterator[Figure]:
    """How much faster one sample of each case is by ours."""
    for row in others:
        if row.seconds is not None:
            yield Figure(f"times faster than {row.name}", row.seconds / ours)


def _seconds(row: Row) -> float:
    assert row.seconds is not None
    return row.seconds


def _lost(folder: Path) -> int:
    run = json.loads((folder / "run.json").read_text())
    return sum(sample["outcome"] != "passed" for case in run["cases"] for sample in case["samples"])


def _environment(provider: Provider) -> dict[str, str]:
    return {"PROVIDER_URL": provider.url, "OPENAI_API_KEY": "sk-benchmark-0123456789"}
