from datetime import date
from pathlib import Path

import pytest

from pytest_modelpin.ledger import Night
from pytest_modelpin.registry import Pins, load


@pytest.fixture
def pins_of(tmp_path: Path):
    def read(text: str, environment: dict[str, str] | None = None) -> Pins:
        path = tmp_path / "models.yml"
        path.write_text(text)
        return load(path, environment or {})

    return read


@pytest.fixture
def night():
    """Makes a night of the model `a`: pin x-1-like ids, candidate `gpt-4o`."""

    def make(day: str, colour: str = "green", **fields) -> Night:
        given = {
            "name": "a",
            "pin": "gpt-4o-2024-11-20",
            "asked": "gpt-4o",
            "served": "gpt-4o-2025-01-01",
            "fingerprint": "f",
        } | fields
        return Night(day=day, colour=colour, **given)

    return make


@pytest.fixture
def today():
    return date(2026, 11, 20)
