"""What pytest-modelpin costs, beside what people use today, in one run on one machine.

    python benchmarks/speed.py                      # measure everything, print the tables
    python benchmarks/speed.py --only idle replay   # these topics alone
    python benchmarks/speed.py --quick              # a tenth of the size; its figures mean little
    python benchmarks/speed.py --write              # also into docs/performance.md and its chart
    python benchmarks/speed.py --render             # the page from what was measured last
    python benchmarks/speed.py --guard              # the ratios that CI holds to their bars

With `--write --only`, all other topics stay as they were measured last. Needs the dependency group
`bench`; the night also installs what it compares with, once, and takes some 20 minutes, nearly all
of it waiting.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import figures
import night
import page
import replay
import reports
import snapshots
from figures import Group, Topic, circumstances
from rivals import RIVALS


@dataclass(frozen=True)
class Subject:
    """A topic that can be measured by itself."""

    measure: Callable[[Path, bool], Sequence[Group]]
    """In an empty folder; quickly, where the second argument says so."""
    distributions: tuple[str, ...]
    """Whose versions matter."""
    rivals: bool = False


def idle(folder: Path, quick: bool) -> Sequence[Group]:
    return (replay.idle(folder, 1 if quick else 3),)


def replayed(folder: Path, quick: bool) -> Sequence[Group]:
    tests, repeats = (100, 1) if quick else (1000, 3)
    often = 1 if quick else 7  # of three, one that was disturbed moved a ratio by a fifth
    return (
        replay.replay(folder / "shared", tests, often),
        replay.replay_beside_hard_coded(folder / "own", tests // 10, repeats, "own"),
        replay.replay_by_others(folder / "others", tests, often),
        replay.one_test(folder / "one", tests),
        replay.many_recordings(folder / "many", tests * 5, repeats),
    )


def a_night(folder: Path, quick: bool) -> Sequence[Group]:
    size = night.Size(20, 0.2, 5) if quick else night.Size(200, 2.0, 50)
    return (night.beside_others(folder, size),)


def at_the_limits(folder: Path, quick: bool) -> Sequence[Group]:
    size = night.Size(20, 0.2, 5) if quick else night.Size(200, 2.0, 50)
    many = night.Size(100 if quick else 3334, 0.05, 50)
    return (
        night.rate_limited(folder / "limited", size, 20),
        night.many_requests(folder / "many", many),
    )


def accepted(folder: Path, quick: bool) -> Sequence[Group]:
    tests, repeats = (100, 1) if quick else (1000, 3)
    return (
        snapshots.snapshots(folder / "snapshots", tests, repeats),
        snapshots.long_difference(folder / "difference", repeats * 3),
    )


def compared(folder: Path, quick: bool) -> Sequence[Group]:
    cases, repeats = (1000, 1) if quick else (10_000, 3)
    return (reports.comparing(folder / "compared", cases, repeats),)


def sampled(folder: Path, quick: bool) -> Sequence[Group]:
    cases, repeats = (1000, 1) if quick else (10_000, 1)
    return (reports.comparing_samples(folder / "samples", cases, repeats),)


def at_scale(folder: Path, quick: bool) -> Sequence[Group]:
    cases, repeats = (1000, 1) if quick else (10_000, 5)
    return (
        reports.merging(folder / "merged", cases, 4, repeats),
        reports.looking_back(folder / "ledger", 20, 5, repeats),
    )


SUBJECTS = {
    "idle": Subject(idle, ("pytest", "syrupy")),
    "replay": Subject(replayed, ("pytest", "syrupy", "httpx", "pytest-recording", "vcrpy")),
    "night": Subject(a_night, ("pytest", "pytest-xdist", "httpx"), rivals=True),
    "limits": Subject(at_the_limits, ("pytest", "httpx")),
    "snapshots": Subject(accepted, ("pytest", "syrupy")),
    "compare": Subject(compared, ("rapidfuzz",)),
    "samples": Subject(sampled, ("rapidfuzz",)),
    "scale": Subject(at_scale, ()),
}


def guards(folder: Path) -> Sequence[Group]:
    """The ratios that CI holds to their bars, on suites small enough for every push."""
    return (
        replay.replay(folder / "replay", 200, 3),
        snapshots.snapshots(folder / "snapshots", 200, 3),
        night.near_the_limit(folder / "night", night.Size(100, 2.0, 25)),
    )


def measured(name: str, quick: bool) -> Topic:
    """One topic, now."""
    subject = SUBJECTS[name]
    others = dict(rival.version for rival in RIVALS) if subject.rivals else {}
    with tempfile.TemporaryDirectory() as place:
        groups = subject.measure(Path(place) / name, quick)
    return Topic(circumstances(subject.distributions, others), tuple(groups))


def main() -> None:
    """Measure, print, and where asked write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", nargs="+", choices=SUBJECTS, metavar="TOPIC", default=[*SUBJECTS],
                        help=f"of {', '.join(SUBJECTS)}")  # fmt: skip
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--quick", action="store_true", help="a tenth of the size")
    what.add_argument("--write", action="store_true", help="write docs/performance.md")
    what.add_argument("--render", action="store_true", help="write it without measuring")
    what.add_argument("--guard", action="store_true", help="only what CI guards; prints JSON")
    options = parser.parse_args()
    if options.guard:
        with tempfile.TemporaryDirectory() as place:
            print(figures.as_json(guards(Path(place))))
        return
    for name in () if options.render else options.only:
        topic = measured(name, options.quick)
        print(f"\n# {name}\n\n{page.table(topic.groups)}", flush=True)
        if options.write:
            kept = {**figures.kept(), name: topic}
            figures.keep({each: kept[each] for each in SUBJECTS if each in kept})
    if options.write or options.render:
        page.write(figures.kept())


if __name__ == "__main__":
    main()
