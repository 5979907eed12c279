"""The state of each logical model, as data for a table, a dashboard, a script or the static site:
which version answered its recordings, and the ledger's nights as they can be read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from pytest_modelpin.alarms import recordings_of
from pytest_modelpin.alarms.pin_facts import PinFacts, ends, known_as
from pytest_modelpin.errors import LedgerError
from pytest_modelpin.files import OWN_FOLDER
from pytest_modelpin.gate.verdict import Colour
from pytest_modelpin.ledger import Night
from pytest_modelpin.ledger.decision import Decision, read_decisions
from pytest_modelpin.ledger.nights import Nights, streak
from pytest_modelpin.ledger.store import BRANCH, FolderLedger, decisions_file, nights_file
from pytest_modelpin.providers import Kind, floor, identify
from pytest_modelpin.recordings.recording_file import answered_by
from pytest_modelpin.registry import Model, Pins
from pytest_modelpin.run_git import run_git
from pytest_modelpin.wording import counted


def providers_used(pins: Pins) -> frozenset[str]:
    """The providers of the ids that production uses or may fall back to."""
    found = set()
    for model in pins.models.values():
        spare = (id for id in model.fallback if id not in pins.models)
        found |= {identify(id).provider for id in spare}
        found.add(identify(model.production, model.provider).provider)
        if model.canary:
            found.add(identify(model.canary.model, model.provider).provider)
    return frozenset(provider for provider in found if provider)


def answered_by_another(pins: Pins, root: Path) -> dict[str, str]:
    """By logical name: the other version. Logical models whose pins answered themselves are not in.

    The name of a deployment is no version: one that is named like what it serves has answered as
    its own name says. Looks at the recordings below `root`, at the head of each file only.
    """
    found: dict[str, str] = {}
    for model, path in recordings_of(pins.models.values(), root):
        if other := answered_by(root / path):
            found[model.name] = other
        elif known_as(model.production, model.provider) is None:
            found.setdefault(model.name, model.production)
    return found


LOCAL = Path(OWN_FOLDER, "ledger")
"""Where `nightly` keeps its ledger outside of GitHub, from the repository's root."""


def nights_at_hand(
    pins: Pins, root: Path, ledger: Path | None = None
) -> dict[str, Sequence[Night]]:
    """The nights of each logical model, oldest first.

    From the folder `ledger` where it is given; else from the branch `modelpin-ledger` as the git
    clone at `root` last saw it; else from the folder that `nightly` writes outside of GitHub.
    Raises LedgerError where `ledger` is no folder, or what is there can't be read.
    """
    if ledger is not None and not ledger.is_dir():
        raise LedgerError(f"--ledger {ledger} is no folder; name the one that `nightly` wrote.")
    ref = None if ledger is not None else _newest_ref(root)
    if ref is None:
        store = FolderLedger(ledger or root / LOCAL)
        return {name: store.read(name) for name in pins.models}
    return {name: _from_branch(root, ref, name) for name in pins.models}


def decisions_at_hand(name: str, root: Path, ledger: Path | None) -> tuple[Decision, ...]:
    """What was decided about versions of a logical model, oldest first, from the same place."""
    ref = None if ledger is not None else _newest_ref(root)
    if ref is None:
        return FolderLedger(ledger or root / LOCAL).decisions(name)
    file = decisions_file(name)
    return read_decisions(_git(root, "show", f"{ref}:{file}") or b"", f"{ref}:{file}")


def _newest_ref(root: Path) -> str | None:
    """The local or remote-tracking branch that was written to last."""
    refs = _git(
        root, "for-each-ref", "--sort=-committerdate", "--format=%(refname)",
        f"refs/heads/{BRANCH}", f"refs/remotes/*/{BRANCH}",
    )  # fmt: skip
    return refs.decode().split("\n", 1)[0] or None if refs else None


def _from_branch(root: Path, ref: str, name: str) -> Sequence[Night]:
    file = nights_file(name)
    return Nights(_git(root, "show", f"{ref}:{file}") or b"", f"{ref}:{file}")


def _git(root: Path, *arguments: str) -> bytes | None:
    """What git prints; None where there is no git, no repository, or no such thing."""
    try:
        done = run_git(root, *arguments)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


@dataclass(frozen=True, slots=True)
class Status:
    """One row of the status table."""

    name: str
    pin: str
    """The production id in force."""
    kind: Kind
    """Of the pin."""
    overridden: str | None
    """The file's production id, where the environment overrides it."""
    candidate: str | None
    served: str | None
    """The version that answered on the last night."""
    last_validated: date | None
    streak: int
    """Straight green nights of `served` against this pin."""
    needed: int
    """Green nights that a bump takes."""
    verdict: Colour | None
    """Of the last night; None where there was none."""
    last_night: date | None
    retires: date | None
    retires_in_days: int | None
    """Negative once the pin has retired."""
    run_url: str | None
    """Of the last night."""
    served_retires: date | None = None
    """When `served` itself retires: a bump would move to it."""
    not_before: date | None = None
    """A day to come before which the pin will not retire, by promise; where it has no date."""
    reasons: tuple[str, ...] = ()
    """Of the last night's verdict."""
    cost_usd: float | None = None
    """Of the last night's candidate; None where a price is unknown."""

    @property
    def at_pin(self) -> bool:
        """Whether the pin itself answered for the candidate, so that there is nothing to move."""
        return self.served is not None and self.served == self.pin

    @property
    def retires_said(self) -> str:
        """When the pin retires, as a sentence; empty where no date is known."""
        if self.retires is None or self.retires_in_days is None:
            return ""
        if self.retires_in_days < 0:
            return f"The pin retired on {self.retires}."
        return f"The pin retires on {self.retires}, in {counted(self.retires_in_days, 'day')}."

    def dots(self) -> str:
        """The streak as `●●○`; where the candidate is the pin already, that there is none.

        Empty without a candidate.
        """
        if self.at_pin:
            return "at the pin"
        if not self.candidate:
            return ""
        full = min(self.streak, self.needed)
        return "●" * full + "○" * (self.needed - full)


def status(facts: PinFacts) -> tuple[Status, ...]:
    """A row for each logical model, in the order of models.yml."""
    rows = []
    for model in facts.pins.models.values():
        last, retires = facts.last_night(model), facts.end_of_pin(model)
        rows.append(
            Status(
                name=model.name,
                pin=model.production,
                kind=identify(model.production, model.provider).kind,
                overridden=model.overridden,
                candidate=model.staging,
                served=last.served if last else None,
                last_validated=facts.last_validated(model),
                # All of its nights had one pin: another one's are of no use to this one.
                streak=sum(
                    night.pin == model.production for night in streak(facts.nights_of(model)).nights
                ),
                needed=facts.pins.settings.green_runs,
                verdict=last.colour if last else None,
                last_night=date.fromisoformat(last.day) if last else None,
                retires=retires,
                retires_in_days=(retires - facts.today).days if retires else None,
                run_url=last.run_url if last else None,
                served_retires=(
                    ends(last.served, model.provider, facts.retirements, last.served)
                    if last and last.served
                    else None
                ),
                not_before=None if retires else _promised(facts, model),
                reasons=last.reasons if last else (),
                cost_usd=last.cost_usd if last else None,
            )
        )
    return tuple(rows)


def _promised(facts: PinFacts, model: Model) -> date | None:
    id = known_as(model.production, model.provider, facts.served_under_pin(model))
    promise = floor(id, model.provider) if id else None
    return promise.not_sooner_than if promise and promise.holds(facts.today) else None


def as_json(rows: Sequence[Status]) -> list[dict[str, object]]:
    """The rows as JSON objects; days as YYYY-MM-DD."""
    return [
        {
            key: value.isoformat() if isinstance(value, date) else value
            for key, value in asdict(row).items()
        }
        for row in rows
    ]
