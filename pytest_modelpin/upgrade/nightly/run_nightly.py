"""A run of `nightly`: the night of every watched model, written down, and the bumps due."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from modelpin_runtime.registry.models import Model, Pins
from pytest_modelpin.alarms.candidate_requests import lines, refused_requests
from pytest_modelpin.errors import ModelpinError, UpgradeError
from pytest_modelpin.forge import Forge
from pytest_modelpin.gate.verdict import Colour, worst
from pytest_modelpin.ledger import Night
from pytest_modelpin.ledger.decision import Decision
from pytest_modelpin.ledger.nights import until
from pytest_modelpin.ledger.store import Ledger
from pytest_modelpin.upgrade import UpgradeContext
from pytest_modelpin.upgrade.accepted_files import modified
from pytest_modelpin.upgrade.bump import Bump
from pytest_modelpin.upgrade.bump.promote import Checkout, build_bump
from pytest_modelpin.upgrade.git import from_top, write_branch
from pytest_modelpin.upgrade.nightly import (
    NightlyContext,
    alone,
    nothing_recorded,
    production_run,
    unrecorded,
    watched,
)
from pytest_modelpin.upgrade.nightly.github_status import (
    PinNight,
    read_wishes,
    report_check,
    report_streak,
    write_issues,
)
from pytest_modelpin.upgrade.nightly.left_behind import told_left_behind
from pytest_modelpin.upgrade.nightly.model_night import ModelNight, kept
from pytest_modelpin.upgrade.nightly.one_night import one_night
from pytest_modelpin.upgrade.nightly.shared_names import project_of, refuse_shared
from pytest_modelpin.upgrade.proposal import PinMove, Tick, unwanted_here
from pytest_modelpin.upgrade.proposal.body import body, title
from pytest_modelpin.upgrade.proposal.branch_commit import branch_of
from pytest_modelpin.upgrade.proposal.checked_out import astray, known_head
from pytest_modelpin.upgrade.proposal.pull_request import open_or_update, update_open_pull_request
from pytest_modelpin.upgrade.rollback import request_rollback
from pytest_modelpin.wording import counted


@dataclass(frozen=True, slots=True)
class NightlyResult:
    """What a run of `nightly` did."""

    day: str
    nights: tuple[ModelNight, ...]
    folder: Path
    """Where the run reports lie."""
    green_runs: int
    notes: tuple[str, ...] = ()
    """Whatever else happened, a sentence each."""
    kept: bool = True
    """Whether the ledger has it; not where what was tried is none of the default branch's."""

    @property
    def colour(self) -> Colour:
        """The worst of all models' colours."""
        return worst(night.result.night.colour for night in self.nights)

    @property
    def lost(self) -> bool:
        """Whether a night that should be in the ledger is not."""
        return any(night.hindrance == "unwritten" for night in self.nights)


def run_nightly(
    nightly: NightlyContext,
    names: Sequence[str],
    *,
    ledger: Ledger,
    forge: Forge | None,
    pull_requests: bool,
) -> NightlyResult:
    """Play the night of each watched model (`names` narrows them) and append it to the ledger.

    A bump that is due becomes a pull request where there is a `forge`, else a local branch;
    neither where `pull_requests` is False. A commit that is not on GitHub's default branch, or an
    older models.yml, has no night in the ledger and moves no pull request. Raises ModelpinError
    where nothing could be run at all, or where no pin is recorded: then nobody is asked.
    """
    with alone(nightly) as nightly:
        pins, root, today = nightly.pins, nightly.suite.root, date.fromisoformat(nightly.day)
        if elsewhere := astray(forge, root, pins.path, again=nightly.again) if forge else None:
            nightly.say(elsewhere)
            pull_requests = False
        asked = forge if pull_requests else None
        project = project_of(nightly.file)
        ticks, wishes = read_wishes(asked, ledger, project) if asked else ((), ())
        anew = frozenset(wish.name for wish in wishes if wish.wish == "again")
        board = (
            UpgradeContext(asked, ledger, pins.settings, today, nightly.run_url, again=anew)
            if asked
            else None
        )
        # First what needs no night: there may be none for as long as a pin has no recordings.
        notes = _as_wished(nightly, wishes, ledger, asked)
        notes += told_left_behind(board, nightly, ledger) if pull_requests else []

        def shown() -> list[str]:
            if board is None:
                return []
            return write_issues(board, pins, root, today=today, handled=ticks, project=project)

        try:
            nights = _played(
                nightly, names, ledger, board, elsewhere=bool(elsewhere), upgrades=pull_requests
            )
        except ModelpinError:
            for told in [*notes, *shown()]:
                nightly.say(told)
            raise
        notes += [elsewhere] if elsewhere else []
        if board is None and pull_requests:
            tonight = [night.result.night for night in nights]
            notes += told_left_behind(None, nightly, ledger, tonight)
        if board:
            _show_streak(board, nightly, nights)
        notes += shown()
        return NightlyResult(
            nightly.day,
            tuple(nights),
            nightly.folder,
            pins.settings.green_runs,
            tuple(notes),
            kept=not elsewhere,
        )


def _played(
    nightly: NightlyContext,
    names: Sequence[str],
    ledger: Ledger,
    github: UpgradeContext | None,
    *,
    elsewhere: bool,
    upgrades: bool,
) -> list[ModelNight]:
    """The nights, written down unless played `elsewhere`; with `upgrades`, and their bumps."""
    models = watched(nightly.pins, names)
    past, decisions = _kept_before(nightly, models, ledger)
    for line in lines(refused_requests(nightly.pins, nightly.suite.root)):
        nightly.say(line)
    production = production_run(nightly)
    if nightly.commit:  # what both sides write in turn is as it was when the night has ended
        nightly = replace(nightly, modified=(*nightly.modified, modified(nightly.suite.root)))
    if len(unrecorded(production, models)) == len(models):
        raise UpgradeError(nothing_recorded(models, nightly.suite.root))
    if not elsewhere:
        for model in models:
            ledger.expect(model.name)

    def play(model: Model) -> ModelNight:
        told = past[model.name], decisions[model.name]
        night = one_night(nightly, model, production, *told)
        return kept(nightly, model, night, ledger, elsewhere=elsewhere)

    nights: list[ModelNight] = []
    # One after the other to the end: where the job's time is up, what was due before is open.
    for name, members in _by_group(models).items():
        played = [play(model) for model in members]
        nights += _upgrade(nightly, name, played, github, ledger) if upgrades else played
    return nights


def _kept_before(
    nightly: NightlyContext, models: Sequence[Model], ledger: Ledger
) -> tuple[dict[str, Sequence[Night]], dict[str, tuple[Decision, ...]]]:
    """The ledger's nights and decisions of each model, before anything is asked: a damaged ledger
    must not cost a night that nobody can keep.

    Raises ModelpinError there, and where another models.yml keeps a model's nights.
    """
    past = {}
    for model in models:
        every = ledger.read(model.name)
        past[model.name] = before = until(every, nightly.day)
        refuse_shared(model.name, before, nightly.file, nightly.suite.root)
        if later := len(every) - len(before):
            nightly.say(
                f"{model.name}: the ledger has {counted(later, 'night')} of later days, the last "
                f"of {every[-1].day}, by a wrong clock or `--today`; none counts before its day"
            )
        if before and before[-1].day == nightly.day:
            nightly.say(
                f"{model.name}: the ledger has a night of {nightly.day} already; of one day's "
                "nights the last one counts"
            )
    return past, {model.name: ledger.decisions(model.name) for model in models}


def _show_streak(
    context: UpgradeContext, nightly: NightlyContext, nights: Sequence[ModelNight]
) -> None:
    """The shortest streak as a status of the commit that was tested; a token may not be allowed."""
    nights = [night for night in nights if night.hindrance != "unwritten"]
    if not nights:
        return
    shortest = min(nights, key=lambda night: night.result.streak.length).result
    with suppress(ModelpinError):
        head = known_head(context.forge, nightly.suite.root)
        if head is None:
            return
        report_streak(
            context.forge,
            head,
            length=shortest.streak.length,
            needed=nightly.pins.settings.green_runs,
            colour=shortest.night.colour,
            url=context.run_url,
            project=project_of(nightly.file),
        )
        at = from_top(nightly.suite.root, nightly.pins.path)
        told = [_pin_night(night, nightly.pins) for night in nights]
        report_check(context.forge, head, told, file=at, url=context.run_url)


def _pin_night(night: ModelNight, pins: Pins) -> PinNight:
    return PinNight(
        night.model.name,
        night.result.night.colour,
        night.result.streak.length,
        pins.settings.green_runs,
        night.result.verdict.told,
        pins.lines.get(("models", night.model.name, "production"), 1),
    )


def _as_wished(
    nightly: NightlyContext, wishes: Sequence[Tick], ledger: Ledger, forge: Forge | None
) -> list[str]:
    """What became of the boxes that people ticked, beyond the night that was just played."""
    names = [wish.name for wish in wishes if wish.wish == "rollback"]
    return [_rolled_back(nightly, name, ledger, forge) for name in names if name in nightly.pins]


def _rolled_back(nightly: NightlyContext, name: str, ledger: Ledger, forge: Forge | None) -> str:
    try:
        today, logs = date.fromisoformat(nightly.day), nightly.folder / name / "rollback"
        asked = request_rollback(
            Checkout(nightly.suite, nightly.pins, today, logs),
            name,
            because="asked for on the dashboard",
            ledger=ledger,
            forge=forge,
        )
    except ModelpinError as error:
        return f"{name}: the rollback asked for on the dashboard could not be made: {error}"
    return f"{name}: the rollback asked for on the dashboard: {asked.sentence}"


def _by_group(models: Sequence[Model]) -> dict[str, list[Model]]:
    """Models that move together, by the group's name; any other by its own."""
    groups: dict[str, list[Model]] = {}
    for model in models:
        groups.setdefault(model.group or model.name, []).append(model)
    return groups


def _upgrade(
    nightly: NightlyContext,
    name: str,
    members: Sequence[ModelNight],
    github: UpgradeContext | None,
    ledger: Ledger,
) -> list[ModelNight]:
    """The same nights with what became of their bump."""
    if any(night.hindrance == "unwritten" for night in members):
        return [*members]
    try:
        if not all(night.due for night in members):
            return [_followed(name, night, members, github) for night in members]
        if github is None and (why := unwanted_here(ledger, map(_move, members))):
            return [replace(night, due=False, state=why) for night in members]
        nightly.say(f"{name}: the bump is due; building it …")
        bump = build_bump(nightly, [(night.model, night.result) for night in members], name)
        if github is None:
            return [_as_branch(nightly, bump, night) for night in members]
        return _as_pull_request(nightly, bump, members, github)
    except ModelpinError as error:
        due = all(night.due for night in members)
        failed = "the bump is due but could not be made" if due else "its pull request was not read"
        return [
            replace(night, state=f"{failed}: {error}", hindrance="failed" if due else None)
            for night in members
        ]


def _move(night: ModelNight) -> PinMove:
    return PinMove(night.model.name, night.model.pin, str(night.result.night.served))


def _followed(
    name: str, night: ModelNight, members: Sequence[ModelNight], github: UpgradeContext | None
) -> ModelNight:
    if night.due:
        waiting = ", ".join(other.model.name for other in members if not other.due)
        state = f"due, but its group {name} waits for {waiting}"
        night = replace(night, state=state, hindrance="group")
    if github is None or (night is not members[-1] and len(members) > 1):
        return night
    happened = update_open_pull_request(github, name, [other.result.night for other in members])
    return replace(night, state=happened, hindrance=None) if happened else night


def _as_branch(nightly: NightlyContext, bump: Bump, night: ModelNight) -> ModelNight:
    text = f"{title(bump)}\n\n{body(bump, settings=nightly.pins.settings, local=True)}"
    at = calendar.timegm(date.fromisoformat(nightly.day).timetuple())
    branch = branch_of(bump.name)
    write_branch(nightly.suite.root, branch, bump.files, text, at=at)
    state = f"the bump is on the local branch {branch}: `git diff HEAD...{branch}`"
    return replace(night, branch=branch, state=state)


def _as_pull_request(
    nightly: NightlyContext, bump: Bump, members: Sequence[ModelNight], github: UpgradeContext
) -> list[ModelNight]:
    pull = open_or_update(github, bump, parent=known_head(github.forge, nightly.suite.root))
    return [
        replace(
            night,
            state=pull.sentence,
            pull_request=pull.number,
            url=pull.url,
            opened=pull.action == "opened",
        )
        for night in members
    ]
