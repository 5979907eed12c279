"""What a night's page tells beside the comparison, and whether a bump may come of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from urllib.parse import urlencode

from modelpin_runtime.registry.models import Model
from pytest_modelpin.alarms.status import night_point
from pytest_modelpin.gate.evidence import Counts
from pytest_modelpin.ledger import Night
from pytest_modelpin.ledger.nights import last_of_each_day
from pytest_modelpin.providers import identify
from pytest_modelpin.report.page import PageContext
from pytest_modelpin.report.page.head import ends_of, made_of
from pytest_modelpin.upgrade.proposal.branch_commit import branch_of

_RUN = re.compile(r"(https://[^/]+/[^/]+/[^/]+)/actions/runs/.*")


def page_context(
    model: Model,
    night: Night,
    past: Sequence[Night],
    *,
    margin: float,
    fresh: Mapping[str, Counts],
    accepted: Collection[str],
    commit: str = "",
) -> PageContext:
    """The page's context for a night of `model`.

    `past` are the ledger's nights, oldest first; `fresh` the samples by which changes were
    confirmed or not, by case; `accepted` the cases whose changes a person has accepted, `*` for
    all.
    """
    branch = branch_of(model.group or model.name)
    return PageContext(
        nights=[night_point(each) for each in reversed([*last_of_each_day([*past, night])])],
        margin=margin,
        made=made_of(night.day, commit),
        run_url=night.run_url or "",
        retirements=ends_of(night.pin, night.served, date.fromisoformat(night.day), model),
        fresh=fresh,
        held=night.held,
        accepted=tuple(sorted(accepted)),
        branch=branch,
        pulls_url=_pulls(night.run_url or "", branch),
        not_proposed=why_not(night, model),
    )


def why_not(night: Night, model: Model) -> str:
    """Why no pin moves to what served this night, however green it was; else empty."""
    served, pin = night.served, model.pin
    if served is None:
        return "which version served is unknown, so there is nothing to pin"
    if served == pin:
        return f"{model.staging} is served by the pin itself; nothing to promote"
    if served in model.ignore:
        return f"{served} is on `ignore` in models.yml, so it is not proposed"
    if identify(served).kind == "floating":
        return f"{served} is itself a floating alias; set `staging:` to a version to pin"
    if model.policy == "float":
        return "policy is `float`: watched only"
    return ""


def _pulls(run: str, branch: str) -> str:
    """Where GitHub lists the branch's pull request; empty where the run is not GitHub's."""
    found = _RUN.fullmatch(run)
    return f"{found[1]}/pulls?{urlencode({'q': f'is:pr head:{branch}'})}" if found else ""
