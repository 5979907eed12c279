"""The hooks by which a team extends pytest-modelpin, in a conftest.py or a plugin of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_modelpin.providers import Provider


@pytest.hookspec
def pytest_modelpin_providers() -> Iterable[Provider]:
    """Providers of the team's own, such as a private gateway.

    They are asked before those of pytest-modelpin, and one of the same name takes its place. What
    one lacks is an error that says so before any test runs.
    """
    return ()
