"""Moving a pin in a folder: the accepted answers, the recordings, the ids in code, models.yml.

A bump is such a move tried out in a second working tree, and its difference from HEAD.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from modelpin_runtime.registry.loading import read_text
from modelpin_runtime.registry.models import Model
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.files import relative_path, write_atomically
from pytest_modelpin.literals.moving import Codebase, Left, left_untracked, moved
from pytest_modelpin.providers import identify, provider_named
from pytest_modelpin.providers.retirements import retirement_of_pin
from pytest_modelpin.registry import Pins, load
from pytest_modelpin.registry.editing import Changes, edit
from pytest_modelpin.upgrade.bump import Bump
from pytest_modelpin.upgrade.bump.installed_code import copies
from pytest_modelpin.upgrade.bump.journal import (
    JournalledMove,
    Kind,
    contents,
    journalled,
    rewrite,
)
from pytest_modelpin.upgrade.bump.kept_answers import (
    in_force,
    rename,
    renamed_tests,
    under_present_names,
    write_readable,
)
from pytest_modelpin.upgrade.bump.replayed_suite import accept, verify
from pytest_modelpin.upgrade.bump.version_files import answers, bring_recordings
from pytest_modelpin.upgrade.git import changes, commit, git, top, uncommitted, worktree
from pytest_modelpin.upgrade.suite import Suite

if TYPE_CHECKING:
    from pytest_modelpin.upgrade.nightly import NightlyContext
    from pytest_modelpin.upgrade.nightly.one_night import NightResult


@dataclass(frozen=True, slots=True)
class Checkout:
    """A working tree in which a pin moves."""

    suite: Suite
    """The tests there; where they lie is the tree's folder."""
    pins: Pins
    """Its models.yml."""
    today: date
    logs: Path
    """The folder for what pytest prints."""

    def at(self, root: Path) -> Checkout:
        """The same in another working tree of the repository, with the models.yml that lies there.

        `root` stands for the folder that is tested here.
        """
        # models.yml may lie above the folder that is tested, so that the way to it leads upwards.
        below = relative_path(self.pins.path.resolve(), self.suite.root.resolve())
        return replace(self, suite=replace(self.suite, root=root), pins=load(root / below))


@dataclass(frozen=True, slots=True)
class Promotion:
    """A pin that moved, and what moved with it."""

    name: str
    old: str
    new: str
    literals: tuple[str, ...] = ()
    """Places in code that named the old pin and now name the new one, as `path:line`."""
    left: tuple[Left, ...] = ()
    """Places that name the old pin and stay as they are."""
    copies: tuple[str, ...] = ()
    """Modules that moved and are installed as copies, which still name the old pin."""


@dataclass(frozen=True, slots=True)
class Extra:
    """What a rollback does beyond a promotion."""

    kind: Kind = "promote"
    changes: Changes = field(default_factory=dict)
    """Of models.yml."""
    recordings: Mapping[Path, bytes] = field(default_factory=dict)
    """That come from a night or from git history; one that is there is replaced."""


def promote(checkout: Checkout, name: str, new: str, extra: Extra | None = None) -> Promotion:
    """Move `name`'s pin to `new` in a working tree, without a network call.

    The recordings of `new` must lie there already (see `bring_recordings`). The accepted answers
    are rewritten by replaying them; then the code moves, and models.yml last, by one edit; then
    the whole suite must pass as any colleague would run it. All of it is one step: see `journal`.

    Raises UpgradeError where `new` floats, a recording is missing, the suite no longer passes, or
    a file can't be written; the folder is then as it was before.
    """
    extra = extra or Extra()
    suite, pins = checkout.suite, checkout.pins
    model = pins.models[name]
    old = model.pin
    _refuse(name, old, new)
    root, registry = suite.root, pins.path
    shared = next(iter(others_pinned_to(pins, name, old)), None)
    stays = f"{shared} is pinned to it too" if shared else None
    code = moved(Codebase(root, registry), old, new, stays=stays)
    edited = edit(read_text(registry), {**_changes(model, new, checkout.today), **extra.changes})
    written = {**code.files, registry: edited.encode("utf-8")}
    coming = under_present_names(extra.recordings, old, new) if code.places else extra.recordings
    renamings = renamed_tests(root, coming, old, new) if code.places else ()
    there = [each.source for each in renamings if each.source not in coming]
    grown = [path for path in coming if path.exists()]
    move = JournalledMove(
        extra.kind,
        name,
        old,
        new,
        before=contents(root, [*written, *answers(root), *there, *grown]),
        written=_by_name(root, written),
        comes=(
            *_names(root, (path for path in coming if path not in grown)),
            *_names(root, (each.target for each in renamings)),
        ),
        goes=None if shared else old,
    )
    with journalled(root, move) as before_changing:
        for path, content in coming.items():
            write_atomically(path, content)
        asking = accept(suite, move, checkout.logs, before_changing)
        for (name_of, content), path in zip(move.written.items(), written, strict=True):
            if path.read_bytes() != move.before[name_of]:  # the tests ran for as long as they do
                raise UpgradeError(
                    f"{name_of} was changed while the pin moved, so it is left as it is, and "
                    f"{name} stays on {old}. Run this again."
                )
            rewrite(path, content)
        rename(root, renamings)
        write_readable(root, in_force(pins, {name: new}))
        try:
            verify(suite, checkout.logs, move, asking)
        except UpgradeError as error:
            raise UpgradeError(f"{left_untracked(old, new, code.left)}{error}") from None
    return Promotion(name, old, new, code.places, code.left, copies(root))


def _refuse(name: str, old: str, new: str) -> None:
    if new == old:
        raise UpgradeError(f"{name} is pinned to {new} already; there is nothing to promote.")
    if identify(new).kind == "floating":
        raise UpgradeError(
            f"{new} is a floating alias ({identify(new).rule.rstrip('.')}); pin a version instead. "
            f"`pytest-modelpin resolve {shlex.quote(new)} --live` tells which one serves it now."
        )


def _changes(model: Model, new: str, today: date) -> Changes:
    """The lines of models.yml that a promotion changes.

    A canary that becomes the pin is none any more: no pin is a canary of itself. Nor is a pin
    ignored.
    """
    name = model.name
    ended: Changes = (
        {("models", name, "canary"): None}
        if model.canary is not None and model.canary.model == new
        else {}
    )
    left = [each for each in model.ignore if each != new]
    wanted: Changes = {("models", name, "ignore"): left or None} if new in model.ignore else {}
    return {
        **ended,
        **wanted,
        ("models", name, "production"): new,
        ("models", name, "previous"): model.pin,
        ("models", name, "last_validated"): today,
        ("models", name, "promoted"): today,
    }


def others_pinned_to(pins: Pins, name: str, version: str) -> tuple[str, ...]:
    """The other logical models whose pin is `version`, too."""
    models = pins.models.values()
    return tuple(one.name for one in models if one.name != name and one.pin == version)


def _by_name(root: Path, files: Mapping[Path, bytes]) -> dict[str, bytes]:
    return dict(zip(_names(root, files), files.values(), strict=True))


def _names(root: Path, paths: Iterable[Path]) -> list[str]:
    return [relative_path(path, root) for path in paths]


def build_bump(
    nightly: NightlyContext, due: Sequence[tuple[Model, NightResult]], name: str
) -> Bump:
    """The bump that moves each of the `due` models to the version that served it this night.

    `name` is the logical model's, or the group's where there are several. The user's working tree
    stays untouched: everything happens in a temporary one, and plain `pytest` has passed there,
    offline, before a bump comes back. Raises UpgradeError where there is no git, the tree has
    uncommitted changes that the evidence may rest on, or the suite does not pass after the move.
    """
    top(nightly.suite.root)  # says what to do where there is no repository
    _refuse_what_was_not_tried(nightly)
    with worktree(nightly.suite.root) as root:
        members = []
        for model, result in due:
            new = result.night.served
            if new is None or result.recordings is None:
                raise UpgradeError(f"{model.name}: no version to move to was recorded this night.")
            is_pin = bool(others_pinned_to(nightly.pins, model.name, new))
            bring_recordings(result.recordings, root, new, result.night.asked, is_pin=is_pin)
            today, logs = date.fromisoformat(nightly.day), nightly.folder / model.name
            checkout = Checkout(nightly.suite, nightly.pins, today, logs).at(root)
            members.append(_member(model, result, promote(checkout, model.name, new)))
        files = changes(root)
    if len(members) == 1:
        return replace(members[0], files=files)
    return replace(members[0], name=name, files=files, members=tuple(members))


def _member(model: Model, result: NightResult, promotion: Promotion) -> Bump:
    listed = retirement_of_pin(promotion.old, model.provider)
    retires = model.retires or (listed.retires if listed else None)
    itself = retirement_of_pin(promotion.new, model.provider, promotion.new)
    return Bump(
        name=model.name,
        old=promotion.old,
        new=promotion.new,
        files={},
        streak=result.streak,
        verdict=result.verdict,
        comparison=result.comparison,
        retires=str(retires) if retires else None,
        new_retires=str(itself.retires) if itself else None,
        notice=listed.notice if listed else None,
        new_notice=itself.notice if itself else None,
        models_page=_models_page(promotion.new, model.provider),
        answers=result.answers,
        held=result.night.held,
        moved=promotion.literals,
        left=promotion.left,
    )


def _models_page(id: str, provider: str | None) -> str | None:
    named = provider_named(identify(id, provider).provider)
    return getattr(named, "models_page", None)  # a team's own provider may lack it


def _refuse_what_was_not_tried(nightly: NightlyContext) -> None:
    began, root = nightly.commit, nightly.suite.root
    if began and git(root, "rev-parse", began) != git(root, "rev-parse", "HEAD"):
        raise UpgradeError(
            f"{commit(root)} was checked out while the night ran, which began with the pins and "
            f"tests of {began}. The next night builds it."
        )
    dirty = uncommitted(nightly.suite.root)
    if dirty:
        shown = ", ".join(dirty[:3]) + (", …" if len(dirty) > 3 else "")
        raise UpgradeError(
            f"the working tree has uncommitted changes ({shown}). The nights were run with them, "
            "but a bump would not hold them; commit them first."
        )
