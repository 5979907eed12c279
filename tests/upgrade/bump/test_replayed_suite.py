"""What shows that a move holds, and what is said where the suite fails on the version to come."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.upgrade.bump.journal import JournalledMove
from pytest_modelpin.upgrade.bump.replayed_suite import accept, verify
from pytest_modelpin.upgrade.suite import Suite

pytestmark = [pytest.mark.long, pytest.mark.slow]

PIN, NEXT = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"
MOVE = JournalledMove("promote", "support", PIN, NEXT, before={}, written={})
ASKS = """
    import httpx
    asked = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": "fee?"}]}
    httpx.post("https://api.openai.com/v1/chat/completions", json=asked)
"""


@pytest.mark.parametrize(
    ("ends", "why"),
    [
        ("pass", None),
        ("assert False", "does not pass"),
        ("import os; os._exit(0)", "was ended by a test before it wrote its report"),
    ],
)
def test_a_move_holds_only_where_plain_pytest_ran_to_its_end(
    tmp_path: Path, ends: str, why: str | None
) -> None:
    (tmp_path / "models.yml").write_text(f"models: {{support: {{production: {NEXT}}}}}\n")
    (tmp_path / "test_a.py").write_text(f"def test_one(): {ends}\n")
    suite = Suite(tmp_path)
    if why is None:
        verify(suite, tmp_path)
    else:
        with pytest.raises(UpgradeError, match=why):
            verify(suite, tmp_path)


def test_only_what_is_missing_is_said_to_be_recorded(tmp_path: Path) -> None:
    """It was said of a test that failed by its assertion, too, which no recording mends."""
    (tmp_path / "models.yml").write_text("models: {support: {production: gpt-4o-2024-08-06}}\n")
    (tmp_path / "test_b.py").write_text("def test_b(): assert False\n")
    with pytest.raises(UpgradeError) as failed:
        accept(Suite(tmp_path), MOVE, tmp_path, lambda _: None)
    assert "All that the tests ask is recorded, so recording it again mends nothing" in str(
        failed.value
    )
    assert "Record it with" not in str(failed.value)

    (tmp_path / "test_a.py").write_text(f"def test_a():{ASKS}")
    with pytest.raises(UpgradeError) as failed:
        accept(Suite(tmp_path), MOVE, tmp_path, lambda _: None)
    assert (
        "1 test asks what is not recorded of it: test_a.py::test_a. Record it with "
        f"`pytest --model support={NEXT}`."
    ) in str(failed.value)
