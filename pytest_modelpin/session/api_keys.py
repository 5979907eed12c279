"""A session's API keys: stand-ins where none is needed, and what is said of one that is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from pytest_modelpin.providers.api_keys import Keys, briefly, key_lacked

if TYPE_CHECKING:
    import pytest

    from pytest_modelpin.registry.selection import Selection
    from pytest_modelpin.session.session import Session


def give_stand_ins(config: pytest.Config, selection: Selection) -> None:
    """Stand-in keys before any conftest.py is imported, which may make a client there and then.

    They hold until the run is over.
    """
    keys = Keys(selection)
    keys.stand_in()
    config.add_cleanup(keys.take_back)


def reported_without_key(session: Session) -> frozenset[str]:
    """The providers whose missing key was reported, in a whole sentence, before the first test."""
    lacking = Keys(session.selection).lacking() if session.interceptor.sends else []
    return frozenset(each.provider for each in lacking if not each.has_other_ways)


def shorten(reports: Iterable[pytest.TestReport], reported: Collection[str]) -> None:
    """Leave the sentence out of tests' failures: of each provider that was `reported`, or before.

    A suite of two hundred tests would say two hundred times which variable to set.
    """
    seen = set(reported)
    for report in reports:
        text = str(report.longrepr).strip()
        if "\n" in text or (provider := key_lacked(text)) is None:
            continue  # a traceback of the project's own stays whole
        if provider in seen:
            report.longrepr = briefly(text)
        seen.add(provider)


def without_reported(notes: Iterable[str], reported: Collection[str]) -> list[str]:
    """The notes without those that only say again that a provider's key is missing."""
    return [note for note in notes if not any(f"no key for {name} " in note for name in reported)]
