"""The commit status `modelpin/streak`: how far a candidate is from its bump."""

from __future__ import annotations

from pytest_modelpin.forge.connection import Forge
from pytest_modelpin.forge.issues import set_status
from pytest_modelpin.gate.verdict import Colour

CONTEXT = "modelpin/streak"


def report_streak(
    forge: Forge,
    sha: str,
    *,
    length: int,
    needed: int,
    colour: Colour = "green",
    url: str | None = None,
) -> bool:
    """Say on a commit how many of the `needed` green nights there are; whether anything changed.

    Pending until they are enough, failed after a red night, so that a rule on the branch can ask
    for it. Raises ForgeError.
    """
    nights = f"{min(length, needed)}/{needed} green nights"
    if colour == "red":
        status = {"state": "failure", "description": f"Last night was red ({nights})"}
    elif length >= needed:
        status = {"state": "success", "description": nights}
    else:
        status = {"state": "pending", "description": nights}
    return set_status(forge, sha, CONTEXT, status | ({"target_url": url} if url else {}))
