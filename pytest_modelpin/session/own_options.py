"""A run that is compared with another tries what it was started for, and nothing else.

Options that decide it may also stand in `addopts`, PYTEST_ADDOPTS or a command's `--tests`; those
of other libraries, too, by which a test passes whatever it is answered.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Iterator, Mapping

import pytest

from pytest_modelpin.upgrade.suite import JUDGED_LATER
from pytest_modelpin.wording import plural

_WORD = re.compile(r"[^,\s]+")
_ACCEPTING: Mapping[str, tuple[str, frozenset[str]]] = {
    "insta": ("--insta", frozenset({"update", "record", "review"})),
    "inline_snapshot": (
        "--inline-snapshot",
        frozenset({"create", "fix", "fix-assert", "review", "trim", "update"}),
    ),
    **{
        option.strip("-").replace("-", "_"): (option, frozenset())
        for option in (
            "--accept",  # pytest-accept
            "--auto-approve",  # pytest-approval
            "--force-regen",  # pytest-regressions
            "--image-snapshot-update",  # pytest-image-snapshot
            "--pm-save-patterns",  # pytest-matcher
            "--regen-all",  # pytest-regressions
            "--regtest-reset",  # pytest-regtest
            "--snapshot-update",  # pytest-snapshot, snapshottest
            "--update-examples",  # pytest-examples
            "--update-goldens",  # pytest-golden, pytest-goldie
        )
    },
}
"""By where pytest keeps it: an option that writes over what was accepted, and with which values; a
switch has none. The test then passes, so that a candidate was green whatever it answered."""


def go_by_no_earlier_run(plugins: pytest.PytestPluginManager) -> None:
    """Leave out no test for how an earlier run went (`--lf`, `--sw` in `addopts`), and tell no
    later one how this one went, where this run is compared.
    """
    if JUDGED_LATER in os.environ:
        for name in ("lfplugin", "nfplugin", "stepwiseplugin"):
            if plugins.has_plugin(name):
                plugins.unregister(name=name)


def refuse_others(option: argparse.Namespace) -> None:
    """Raise pytest.UsageError where somebody else's options say which version runs, whether live,
    or that its answers are accepted, and this run is compared.

    The pin's run would be of the candidate, and a replay ask the provider.
    """
    own = _own(option)
    if not own:
        return
    if others := [each for each in _deciding(option) if each not in own]:
        stand = plural(len(others), "stands", "stand")
        raise pytest.UsageError(
            f"{' and '.join(others)} {stand} in `addopts`, PYTEST_ADDOPTS or `--tests`. Which "
            "version runs, and whether its answers are accepted, is this command's to say, which "
            "would else compare a version with itself. Take it out there, and give it to pytest "
            "when you want it."
        )


def is_compared(option: argparse.Namespace) -> bool:
    """Whether this very run was started to be compared with another one."""
    return bool(_own(option))


def _own(option: argparse.Namespace) -> list[str]:
    """The options that it was started with; none where nobody compares it, or a test started it."""
    own: list[str] = json.loads(os.environ.get(JUDGED_LATER, "[]"))
    return own if f"--model-report={option.model_report}" in own else []


def _deciding(option: argparse.Namespace) -> Iterator[str]:
    yield from dict.fromkeys(f"--model={which}" for which in option.model)
    if option.model_record is not None:
        yield f"--model-record={option.model_record}"
    for name in ("new", "all"):
        dest = "update_snapshots" if name == "all" else "update_new_snapshots_only"
        if getattr(option, dest, False):
            yield f"--model-accept-{name}"
    for dest, (name, values) in _ACCEPTING.items():
        given = getattr(option, dest, None)
        if values and isinstance(given, str) and not values.isdisjoint(_WORD.findall(given)):
            yield f"{name}={given}"
        elif not values and given is True:
            yield name
