"""Fits the weights by which `drift.invariants.losses` tells a lost statement from a rewording.

    python benchmarks/losses.py [--real answers.jsonl] FOLDER…      # each with cases.jsonl

A logistic regression of cases that lost a fact against those that are only reworded. Beside the
cases of strangers (see strangers.py), which count in full, it reads cases of `reworded.DEV`, the
strangers' reworded cases dealt out otherwise and real models' answers divided at random (the half
of the questions that drifts.py calls `dev`). These count a tenth each: strangers' rewordings are
longer than the pin's texts, and in these the candidate's are not. For each set it prints what is
found in it by weights that were fitted to all others, and then the weights fitted to all.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from math import exp
from pathlib import Path
from typing import NamedTuple

import reworded
from strangers import rows

from pytest_modelpin.drift.invariants.losses import Losses, Traits, score
from pytest_modelpin.drift.invariants.sample_text import read_text

RIDGE = 0.03
LIGHT = 0.1  # of generated cases and of those dealt out otherwise
FALSE = 0.012


class Case(NamedTuple):
    """A case by what tells a loss."""

    origin: str
    grade: str
    weight: float
    traits: Traits


def read(origin: str, grade: str, weight: float, pin: Iterable[str], new: Iterable[str]) -> Case:
    """A case of the different texts of both sides."""
    mine, theirs = (
        [read_text(text) for text in dict.fromkeys(side) if read_text(text).words]
        for side in (pin, new)
    )
    traits = Losses(mine, theirs).traits
    if traits is None:
        raise SystemExit(f"A case of {origin} has a side that says nothing.")
    return Case(origin, grade, weight, traits)


def strangers(folder: Path) -> Iterator[Case]:
    """A set's cases, and its reworded ones dealt out otherwise."""
    draw = random.Random(1)
    for row in rows(folder / "cases.jsonl"):
        pin, new = row["pin"], row["candidate"]
        yield read(folder.name, row["grade"], 1, pin, new)
        for _ in range(4 if row["grade"] == "none" and len({*pin}) > 3 else 0):
            dealt = draw.sample([*pin, *new], len(pin) + len(new))
            yield read(folder.name, "dealt", LIGHT, dealt[: len(pin)], dealt[len(pin) :])


def real(path: Path) -> Iterator[Case]:
    """Several models' answers to a question, divided at random."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        question = row.pop("question")
        if int(hashlib.sha256(question.encode()).hexdigest(), 16) % 2:
            continue
        for pins in (4, 5):
            names = random.Random(f"{question}0").sample(sorted(row), len(row))
            told = [row[name] for name in names]
            if all(len(read_text(text).words) > 1 for text in told):
                yield read("real", "none", LIGHT, told[:pins], told[pins:])


def generated(subjects: str) -> Iterator[Case]:
    """Cases of six facts: several texts a side, and the same one thrice on either or both."""
    of = reworded.DEV if subjects == "generated" else reworded.HELD_OUT
    for grade in ("none", "lost"):
        for pins in (3, 5):
            for each in reworded.cases(of, grade, 150, pin=pins, seed=7):
                yield read(subjects, grade, LIGHT, each.pin, each.candidate)
        for number, each in enumerate(reworded.cases(of, grade, 75, seed=8)):
            pin, new = list(each.pin), list(each.candidate)
            few = ((pin[:1], new[:1]), (pin[:1], new), (pin, new[:1]))[number % 3]
            yield read(subjects, grade, LIGHT, *few)


def fitted(cases: Sequence[Case]) -> tuple[float, Traits]:
    """The start and the weights, by Newton's method."""
    width = len(Traits._fields) + 1
    found = [0.0] * width
    for _ in range(30):
        slope = [-RIDGE * each if n else 0.0 for n, each in enumerate(found)]
        bend = [[RIDGE * (n == m) for m in range(width)] for n in range(width)]
        for case in cases:
            row = (1.0, *case.traits)
            odds = sum(a * b for a, b in zip(found, row, strict=True))
            chance = 1 / (1 + exp(-max(min(odds, 30), -30)))
            for n in range(width):
                slope[n] += case.weight * ((case.grade == "lost") - chance) * row[n]
                for m in range(width):
                    bend[n][m] += case.weight * chance * (1 - chance) * row[n] * row[m]
        found = [a + b for a, b in zip(found, solved(bend, slope), strict=True)]
    return found[0], Traits(*found[1:])


def solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """The solution of a positive definite system."""
    left = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for n in range(len(left)):
        left[n] = [each / left[n][n] for each in left[n]]
        for m in range(len(left)):
            if m != n:
                left[m] = [a - left[m][n] * b for a, b in zip(left[m], left[n], strict=True)]
    return [row[-1] for row in left]


def least(cases: Sequence[Case], start: float, weights: Traits) -> float:
    """The score that a small share of the reworded cases reaches."""
    benign = sorted(
        ((score(c.traits, weights, start), c.weight) for c in cases if c.grade != "lost"),
        reverse=True,
    )
    room = FALSE * sum(weight for _, weight in benign)
    for value, weight in benign:
        room -= weight
        if room < 0:
            return value
    return 0.0


def main() -> None:
    """Print what is found out of sample, and the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--real", type=Path, help="real models' answers, as drifts.py reads them")
    given = parser.parse_args()
    every = [case for each in given.folder for case in strangers(each)]
    every += generated("generated")
    every += real(given.real) if given.real else ()
    known = [case for case in every if case.grade != "changed"]
    for origin in dict.fromkeys(case.origin for case in known):
        rest = [case for case in known if case.origin != origin]
        start, weights = fitted(rest)
        enough = least(rest, start, weights)
        told = []
        for grade in ("lost", "changed", "none", "dealt"):
            of = [c.traits for c in every if (c.origin, c.grade) == (origin, grade)]
            found = sum(score(traits, weights, start) >= enough for traits in of)
            told.append(f"{grade} {found} of {len(of)}")
        print(f"{origin}, fitted to the others: {', '.join(told)}")
    start, weights = fitted(known)
    print(f"START = {start:.2f}, LEAST = {least(known, start, weights):.2f}")
    print(", ".join(f"{n}={w:.2f}" for n, w in zip(Traits._fields, weights, strict=True)))
    held = list(generated("held out"))
    for grade in ("lost", "none"):
        scores = [score(c.traits, weights, start) for c in held if c.grade == grade]
        found = sum(each >= least(known, start, weights) for each in scores)
        print(f"held-out subjects, {grade}: {found} of {len(scores)}")


if __name__ == "__main__":
    main()
