"""A missing key: a whole sentence before the first test, and after it no more than whose it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from pytest_modelpin.providers.api_keys import briefly, key_lacked

if TYPE_CHECKING:
    import pytest


def shorten(reports: Iterable[pytest.TestReport], told: Collection[str]) -> None:
    """Leave the sentence out of tests' failures: of each provider that was `told` of, or before.

    A suite of two hundred tests would say two hundred times which variable to set.
    """
    heard = set(told)
    for report in reports:
        text = str(report.longrepr).strip()
        if "\n" in text or (provider := key_lacked(text)) is None:
            continue  # a traceback of the project's own stays whole
        if provider in heard:
            report.longrepr = briefly(text)
        heard.add(provider)


def untold(notes: Iterable[str], told: Collection[str]) -> list[str]:
    """The notes without those that only say again that a provider's key is missing."""
    return [note for note in notes if not any(f"no key for {name} " in note for name in told)]
