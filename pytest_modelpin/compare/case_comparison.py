"""What is known of one case on both sides."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pytest_modelpin.compare.figures import Side
from pytest_modelpin.compare.profile import CaseProfile
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.judge.difference import Reading

STRUCTURE = frozenset({"unparseable", "keys", "type", "shape"})
"""Drift kinds that break what a program reads; at `regression` they break the contract."""


@dataclass(frozen=True, slots=True)
class CaseComparison:
    """One case on both sides."""

    id: str
    production: Side
    candidate: Side
    drifts: tuple[Drift, ...] = ()
    critical: bool = False
    category: str | None = None
    broken: bool = False
    """The structure of the answer, or the test's own assert, failed for the candidate only."""
    message: str = ""
    """The candidate's first failure, redacted; empty where none failed."""
    judged: bool = False
    """Whether an answer of the candidate's was due a judgement."""
    unjudged: str = ""
    """Why an answer that was due one has no usable judgement; empty where all have."""
    drifted_samples: int = 0
    """Samples of the candidate that pass their own asserts, but break a contract, an invariant of
    an answer given to `model_snapshot`, at `regression`."""
    watched_samples: int = 0
    """The same of invariants of replies that no test gave to `model_snapshot`."""
    contradiction: str = ""
    """What the pin's own samples contradict each other in, and so is no invariant; empty where
    they don't."""
    profile: CaseProfile = field(default_factory=CaseProfile)
    """What it adds to the suite's profile."""
    left_out: bool = False
    """Whether the case says nothing of the candidate; `Comparison.left_out` says why."""
    unsure: tuple[Reading, ...] = ()
    """Answers of which the detectors are unsure, for the judge that models.yml names."""
    moved_together: bool = False
    """Whether the candidate was asked with another prompt than the pin."""
    accepted: bool = False
    """Whether a person has accepted what changed in this version's answers."""

    @property
    def lost(self) -> bool:
        """Whether provider errors left a side without any sample."""
        return any(
            side.samples == 0 and side.lost > 0 for side in (self.production, self.candidate)
        )

    @property
    def held_out(self) -> bool:
        """Whether what changed is of prompt and model both, so that it says nothing of either.

        Once a person accepts the pair, it counts as one thing, which moves as one.
        """
        return self.moved_together and not self.accepted

    def passes(self, on_drift: str = "fail") -> int:
        """The candidate's samples that pass, as a night counts them.

        The test's own asserts hold and, where `on_drift` is `fail`, nothing is broken that all of
        the pin's samples say in an answer given to `model_snapshot`.
        """
        broken = self.drifted_samples if on_drift == "fail" else 0
        return self.candidate.passes - broken

    @property
    def contract_broken(self) -> bool:
        """Whether the candidate's answer lost the structure that programs read."""
        return any(breaks_contract(drift) for drift in self.drifts)


def as_information(case: CaseComparison) -> CaseComparison:
    """The case in which what drifted is a finding and no more."""
    return replace(
        case,
        drifted_samples=0,
        watched_samples=0,
        drifts=tuple(replace(drift, severity="info") for drift in case.drifts),
    )


def breaks_contract(drift: Drift) -> bool:
    """Whether a drift takes away the structure that programs read."""
    return drift.kind in STRUCTURE and drift.severity == "regression" and not drift.watched
