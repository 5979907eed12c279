"""How well `drifts` names what changed: precision and recall per kind on the labelled corpus.

    python benchmarks/drifts.py [--failures] [split …]

Prints the tables that docs/drift.md shows. The corpus lies in benchmarks/drift_corpus, a pair a
line: `tuned` pairs were read while the detectors were written; `held_out` pairs were written
before the first tuning, and `fresh` ones after the last, and neither was tuned on.

A pair is graded `benign` (nothing above `info` is right) or `regression` (`review` or above is
right). Its kinds are right where every labelled kind is found and no other kind is found above
`info`: a side remark at `info` costs nobody's time.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_modelpin.compare import Drift, drifts
from pytest_modelpin.providers.reply import Reply, Usage

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


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("split", nargs="*", default=SPLITS)
    parser.add_argument("--failures", action="store_true", help="also print every wrong pair")
    given = parser.parse_args()
    splits = {split: read(split) for split in given.split if (CORPUS / f"{split}.jsonl").exists()}
    print("| split | pairs | regressions flagged | benign above `info` | right kinds |")
    print("|---|---:|---:|---:|---:|")
    for split, pairs in splits.items():
        told = score(pairs)
        print(
            f"| {split} | {told.pairs} | {told.regressions_flagged:.1%} "
            f"| {told.benign_above_info:.1%} | {told.right_kinds:.1%} |"
        )
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
