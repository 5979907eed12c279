"""What shows that a move holds, and what is said where the suite fails on the version to come."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.recording_file import Recording, save
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
        verify(suite, tmp_path, MOVE, ())
    else:
        with pytest.raises(UpgradeError, match=why):
            verify(suite, tmp_path, MOVE, ())


@pytest.mark.parametrize(("others", "names"), [(PIN, PIN), (NEXT, NEXT)], ids=["old", "new"])
def test_a_move_that_leaves_the_code_on_an_id_that_it_shared_is_none(
    tmp_path: Path, others: str, names: str
) -> None:
    """The test of the model that moved was answered by the other one's recordings, so that a pull
    request was opened with which production would have gone on asking the old pin. One that shares
    the new pin answers in its place, too, and there all is well.
    """
    (tmp_path / "models.yml").write_text(
        f"models: {{tickets: {{production: {others}}}, support: {{production: {NEXT}}}}}\n"
    )
    mark = '@pytest.mark.modelpin(models=["support"])\n' if others == PIN else ""
    (tmp_path / "test_a.py").write_text(
        f"import pytest\n{mark}def test_a():{ASKS.replace(PIN, names)}"
    )
    body: JSON = {"model": names, "messages": [{"role": "user", "content": "fee?"}]}
    reply = {"model": names, "choices": [{"message": {"role": "assistant", "content": "$5"}}]}
    exchange = Exchange(
        Request("POST", "https://api.openai.com/v1/chat/completions", body),
        Response(200, {"content-type": "application/json"}, json.dumps(reply).encode()),
        asked=names,
    )
    recording = Recording("test_a.py::test_a", names, date(2026, 11, 20), (exchange,))
    save(tmp_path / "__recordings__" / names / "test_a" / "test_a.json", recording)
    verify(Suite(tmp_path), tmp_path, MOVE, ())
    asking = {"test_a.py::test_a"}
    if others == NEXT:
        verify(Suite(tmp_path), tmp_path, MOVE, asking)
        return
    with pytest.raises(UpgradeError, match=f"would go on asking {PIN} after the move"):
        verify(Suite(tmp_path), tmp_path, MOVE, asking)


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
