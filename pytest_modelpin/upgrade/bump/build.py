"""Building a bump: the move tried out in a second working tree, and its difference from HEAD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from modelpin_runtime.registry.models import Model
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.providers import identify, provider_named
from pytest_modelpin.providers.retirements import retirement_of_pin
from pytest_modelpin.upgrade.bump.bump import Bump
from pytest_modelpin.upgrade.bump.promote import (
    Checkout,
    Promotion,
    bring_recordings,
    promote,
)
from pytest_modelpin.upgrade.git import changes, top, uncommitted, worktree
from pytest_modelpin.upgrade.nightly.context import NightlyContext
from pytest_modelpin.upgrade.nightly.one_night import NightResult


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
    _refuse_uncommitted(nightly)
    with worktree(nightly.suite.root) as root:
        members = []
        for model, result in due:
            new = result.night.served
            if new is None or result.recordings is None:
                raise UpgradeError(f"{model.name}: no version to move to was recorded this night.")
            bring_recordings(result.recordings, root, new, result.night.asked)
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
    named = provider_named(identify(id, provider).provider or "")
    return getattr(named, "models_page", None)  # a team's own provider may lack it


def _refuse_uncommitted(nightly: NightlyContext) -> None:
    dirty = uncommitted(nightly.suite.root)
    if dirty:
        shown = ", ".join(dirty[:3]) + (", …" if len(dirty) > 3 else "")
        raise UpgradeError(
            f"the working tree has uncommitted changes ({shown}). The nights were run with them, "
            "but a bump would not hold them; commit them first."
        )
