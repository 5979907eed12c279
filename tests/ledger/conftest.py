import dataclasses

import pytest

from pytest_modelpin.ledger import Night

PLAIN = Night(
    day="2026-11-20",
    name="claude",
    pin="claude-sonnet-4-5-20250929",
    asked="claude-sonnet-4-5",
    served="claude-sonnet-4-5-20251101",
    fingerprint="f1",
    colour="green",
    cases={"tests/test_a.py::test_a": (3, 3, 3, 3)},
    at="2026-11-20T03:00:00+00:00",
)


@pytest.fixture
def night():
    def build(day: str = "2026-11-20", colour: str = "green", **fields: object) -> Night:
        at = fields.pop("at", f"{day}T03:00:00+00:00")
        return dataclasses.replace(PLAIN, day=day, colour=colour, at=at, **fields)

    return build
