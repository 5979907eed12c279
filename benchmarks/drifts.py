"""How well `drifts` names what changed: precision and recall per kind on the labelled corpus.

    python benchmarks/drifts.py [--failures] [--real answers.jsonl] [split …]

Prints benchmarks/drifts.txt, whose first two tables docs/drift-figures.md shows; with `--real`,
only how two runs of one model on real answers fare and how answers divided at random do, of which
the file has a question a line with what each model answered. The corpus lies in
benchmarks/drift_corpus, a pair a line: `tuned` pairs were read while the detectors were written;
`held_out` pairs were written before the first tuning, and `fresh` ones after the second. Which of
these fail was not looked at, but their totals were, after every change: they flatter.

A pair is graded `benign` (nothing above `info` is right) or `regression` (`review` or above is
right). Its kinds are right where every labelled kind is found and no other kind is found above
`info`: a side remark at `info` costs nobody's time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import reworded

from pytest_modelpin.compare import Drift, case_drifts, drifts
from pytest_modelpin.providers.wire import Reply, Usage

CORPUS = Path(__file__).parent / "drift_corpus"
SPLITS = ("tuned", "held_out", "fresh")


@dataclass(frozen=True, slots=True)
class Pair:
    """One labelled pair of answers, and what was found."""

    id: str
    grade: str
    kinds: frozenset[str]
    found: tuple[Drift, ...]
    before: Any
    after: Any

    @property
    def flagged(self) -> bool:
        """Whether anything is above `info`."""
        return any(drift.severity != "info" for drift in self.found)

    @property
    def right_grade(self) -> bool:
        """Whether the severity is as it should be."""
        return self.flagged == (self.grade == "regression")

    @property
    def right_kinds(self) -> bool:
        """Whether all labelled kinds were found, and no other above `info`."""
        named = {drift.kind for drift in self.found}
        above = {drift.kind for drift in self.found if drift.severity != "info"}
        return self.kinds <= named and above <= self.kinds


@dataclass(frozen=True, slots=True)
class Score:
    """What one split's pairs show, as shares of 1."""

    pairs: int
    regressions_flagged: float
    benign_above_info: float
    right_kinds: float


def read(split: str) -> list[Pair]:
    """The split's pairs, compared."""
    lines = (CORPUS / f"{split}.jsonl").read_text("utf-8").splitlines()
    return [_pair(json.loads(line)) for line in lines]


def score(pairs: Sequence[Pair]) -> Score:
    """The three figures that the corpus has a bar for."""
    regressions = [pair for pair in pairs if pair.grade == "regression"]
    benign = [pair for pair in pairs if pair.grade == "benign"]
    return Score(
        len(pairs),
        _share(pair.flagged for pair in regressions),
        _share(pair.flagged for pair in benign),
        _share(pair.right_kinds for pair in pairs),
    )


def _share(truths: Iterable[bool]) -> float:
    told = list(truths)
    return sum(told) / len(told) if told else 0.0


def _pair(row: Mapping[str, Any]) -> Pair:
    before, after = row["before"], row["after"]
    if row.get("reply"):
        before, after = _reply(before), _reply(after)
    found = drifts(before, after, context=row.get("context"))
    return Pair(row["id"], row["grade"], frozenset(row["kinds"]), found, before, after)


def _reply(fields: Mapping[str, Any]) -> Reply:
    return Reply(**{**fields, "usage": Usage(**fields.get("usage", {}))})


def kinds_table(pairs: Sequence[Pair]) -> list[str]:
    """Precision and recall of each kind; `wording` and the like count wherever they are named."""
    rows = ["| kind | pairs | precision | recall |", "|---|---:|---:|---:|"]
    for kind in sorted({kind for pair in pairs for kind in pair.kinds}):
        labelled = [pair for pair in pairs if kind in pair.kinds]
        named = [pair for pair in pairs if _counts(pair, kind)]
        hit = [pair for pair in labelled if kind in {drift.kind for drift in pair.found}]
        precision = f"{_share(kind in pair.kinds for pair in named):.0%}" if named else "–"
        rows.append(
            f"| `{kind}` | {len(labelled)} | {precision} | {len(hit) / len(labelled):.0%} |"
        )
    return rows


def _counts(pair: Pair, kind: str) -> bool:
    """Whether a finding of this kind is a claim: above `info`, or the pair's gravest."""
    found = [drift for drift in pair.found if drift.kind == kind]
    return any(drift.severity != "info" for drift in found) or (bool(found) and not pair.flagged)


def reworded_table(number: int = 200) -> list[str]:
    """How the samples of a case fare, on facts that were never looked at; see reworded.py.

    Also of a pin and a candidate of which each always says the same, and of single answers.
    """
    rows = [
        "| samples of the pin and the candidate | only reworded: flagged | at `regression` "
        "| a value changed: found | another statement in its place: found | a fact lost: found |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for title, pin, candidate, times in (
        ("3 and 3", 3, 3, 1),
        ("5 and 3", 5, 3, 1),
        ("3 and 3, each side the same thrice", 1, 1, 3),
        ("1 and 1", 1, 1, 1),
        ("1 and 3", 1, 3, 1),
    ):
        told = {
            change: [
                (
                    case,
                    _above_info(case.pin[:pin] * times, case.candidate[:candidate] * times),
                )
                for case in reworded.cases(reworded.HELD_OUT, change, number, pin=max(pin, 3))
            ]
            for change in ("none", "changed", "lost")
        }
        none, changed, lost = told["none"], told["changed"], told["lost"]
        value = [found for case, found in changed if case.fact and not case.fact.contrary]
        other = [found for case, found in changed if case.fact and case.fact.contrary]
        rows.append(
            f"| {title} | {_share(bool(found) for _, found in none):.1%} "
            f"| {_share('regression' in found for _, found in none):.1%} "
            f"| {_share(map(bool, value)):.1%} | {_share(map(bool, other)):.1%} "
            f"| {_share(bool(found) for _, found in lost):.1%} |"
        )
    return rows


def _above_info(pin: Sequence[str], candidate: Sequence[str]) -> set[str]:
    return {d.severity for d in case_drifts(pin, candidate) if d.severity != "info"}


def real_table(path: Path, before: str, after: str) -> list[str]:
    """Two runs of one model on real answers, by halves of the questions; `dev` was looked at."""
    rows = [
        "| half | pairs | at `regression` | above `info` | findings an answer | errors |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for half in ("dev", "held out"):
        counts: list[int] = []
        regressions = errors = 0
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            number = int(hashlib.sha256(row["question"].encode()).hexdigest(), 16)
            if (number % 2 == 0) != (half == "dev") or row[before] == row[after]:
                continue
            try:
                found = drifts(row[before], row[after])
            except Exception:  # what may not happen is counted, not hidden
                errors += 1
                continue
            counts.append(sum(drift.severity != "info" for drift in found))
            regressions += any(drift.severity == "regression" for drift in found)
        pairs = max(len(counts), 1)
        rows.append(
            f"| {half} | {len(counts) + errors} | {regressions / pairs:.1%} "
            f"| {_share(map(bool, counts)):.1%} | {sum(counts) / pairs:.2f} | {errors} |"
        )
    return rows


def divided_table(path: Path) -> list[str]:
    """All models' answers to a question, divided at random as if they were two sides: nothing
    parts them but chance, so each flag is a false alarm; by the same halves.
    """
    rows = [
        "| half | answers divided | 4 and 3: flagged | at `regression` | 5 and 2: flagged "
        "| at `regression` |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for half in ("dev", "held out"):
        found: dict[int, list[set[str]]] = {4: [], 5: []}
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            question = row.pop("question")
            number = int(hashlib.sha256(question.encode()).hexdigest(), 16)
            if (number % 2 == 0) != (half == "dev"):
                continue
            for seed in range(3):
                names = random.Random(f"{question}{seed}").sample(sorted(row), len(row))
                told = [row[name] for name in names]
                for pins, of in found.items():
                    of.append(_above_info(told[:pins], told[pins:]))
        rows.append(
            f"| {half} | {len(found[4])} | "
            + " | ".join(
                f"{_share(map(bool, of)):.1%} | {_share('regression' in each for each in of):.1%}"
                for of in found.values()
            )
            + " |"
        )
    return rows


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("split", nargs="*", default=SPLITS)
    parser.add_argument("--failures", action="store_true", help="also print every wrong pair")
    parser.add_argument("--real", type=Path, metavar="ANSWERS", help="answers.jsonl to measure on")
    parser.add_argument("--models", nargs=2, default=("gpt4", "gpt4_0314"), metavar="MODEL")
    given = parser.parse_args()
    if given.real:
        print("\n".join(real_table(given.real, *given.models)), end="\n\n")
        print("\n".join(divided_table(given.real)))
        return
    splits = {split: read(split) for split in given.split if (CORPUS / f"{split}.jsonl").exists()}
    print("| split | pairs | regressions flagged | benign above `info` | right kinds |")
    print("|---|---:|---:|---:|---:|")
    for split, pairs in splits.items():
        told = score(pairs)
        print(
            f"| {split} | {told.pairs} | {told.regressions_flagged:.1%} "
            f"| {told.benign_above_info:.1%} | {told.right_kinds:.1%} |"
        )
    print()
    print("\n".join(reworded_table()))
    for split, pairs in splits.items():
        print(f"\n{split}\n")
        print("\n".join(kinds_table(pairs)))
        if given.failures:
            for pair in pairs:
                if not (pair.right_grade and pair.right_kinds):
                    named = ", ".join(f"{d.kind}:{d.severity}:{d.where}" for d in pair.found)
                    print(f"\n{pair.id} {pair.grade} {sorted(pair.kinds)} → {named}")
                    print(f"  {pair.before!r}\n  {pair.after!r}")


if __name__ == "__main__":
    main()
