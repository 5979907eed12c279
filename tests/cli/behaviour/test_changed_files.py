"""Files that the package writes and reads back, with any value in them changed: whoever reads one
says what is wrong in a sentence, or does without it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from modelpin_runtime.health import HealthFile
from modelpin_runtime.shared_states import SharedStates
from pytest_modelpin.cli import main
from pytest_modelpin.cli.review_case import Decided
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.files import MOVE_JOURNAL, OWN_FOLDER
from pytest_modelpin.intercept.unseen.alarm import Alarm, Mailbox
from pytest_modelpin.judge.calibration import Calibration, read_calibration, write_calibration
from pytest_modelpin.judge.difference import Opinion
from pytest_modelpin.judge.judge import OpinionFile
from pytest_modelpin.ledger import Night, StageEvidence, night_line, to_line
from pytest_modelpin.ledger.decision import Decision, accepted_since
from pytest_modelpin.ledger.nights import Nights, streak
from pytest_modelpin.ledger.store import FolderLedger
from pytest_modelpin.production.canary import read_counts
from pytest_modelpin.production.captured_suite import read_cases
from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.recording_file import Recording, read, write_recording
from pytest_modelpin.report.progress import Progress, sentence, write
from pytest_modelpin.report.progress import read as read_progress
from pytest_modelpin.results.report_file import as_json, from_json
from pytest_modelpin.session.sampling import Samples, samples_of
from pytest_modelpin.upgrade.bump.journal import recover
from pytest_modelpin.upgrade.proposal import find, hidden
from tests.cli.test_compare import suite
from tests.plugins.mutations import mutations

pytestmark = pytest.mark.long

NIGHT = Night(
    "2026-01-02", "m", "v1", "v2", "v2", "f", "green", ("all passed",), {"a::b": (1, 1, 1, 1)},
    at="2026-01-02T03:04:05+00:00", fresh={"a::b": (8, 8, 8, 8)}, open=("a::b",), usable=True,
    prompts={"p": "h"}, latency=0.5,
)  # fmt: skip
DECISION = Decision("m", "v2", "accepted", "reviewed", "2026-01-02T00:00:00+00:00", 1, ("a::b",))


def the_nights(path: Path) -> None:
    nights = Nights(path.read_bytes(), str(path))
    streak(nights)
    decisions = FolderLedger(path.parent).decisions("none")
    [accepted_since(decisions, night) for night in nights]


def the_decisions(path: Path) -> None:
    (path.parent / "decisions").mkdir(exist_ok=True)
    path.replace(path.parent / "decisions" / "m.jsonl")
    accepted_since(FolderLedger(path.parent).decisions("m"), NIGHT)


def the_stages(path: Path) -> None:
    (path.parent / "stages").mkdir(exist_ok=True)
    path.replace(path.parent / "stages" / "m.jsonl")
    [each.at[:10] for each in FolderLedger(path.parent).stages("m")]


def the_opinions(path: Path) -> None:
    kept = OpinionFile(path.parent, "file")
    kept.add({"other": Opinion("same")})
    assert kept.get("other") is not None


def the_progress(path: Path) -> None:
    if told := read_progress(path):
        sentence(told, 1.0)


def the_samples(path: Path) -> None:
    try:
        Samples(1, samples_of(str(path))).of("a::b", None)
    except pytest.UsageError as error:
        raise ModelpinError(str(error)) from None


def the_journal(path: Path) -> None:
    path.replace(path.parent / MOVE_JOURNAL)
    recover(path.parent)


def the_marker(path: Path) -> None:
    if marker := find(hidden(json.loads(path.read_bytes()))):
        [move.name.upper() + marker.state for move in marker.moves]


def the_alarms(path: Path) -> None:
    box = Mailbox(str(path))
    [alarm.said for alarm in box.take()]
    box.close()


def the_recording(path: Path) -> None:
    found = read(path)
    assert found is not None
    [found.test.partition("::"), write_recording(found)]
    [(each.served or "").lower() for each in found.exchanges]


def the_health(path: Path) -> None:
    HealthFile(path).state("v1")


def the_states(path: Path) -> None:
    states = SharedStates(path.parent)
    path.replace(states.path)
    states.read("v1")


def the_rejected(path: Path) -> None:
    [case.upper() for case in Decided(path, FolderLedger(path.parent), "m", "v2").rejected]


def written_progress(path: Path) -> Any:
    write(Progress(1, 2, 3, 0, 0.5, 1.0), path)
    return json.loads(path.read_bytes())


def written_calibration(path: Path) -> Any:
    write_calibration(path, Calibration("j1", 40, 1, 40, 39))
    return json.loads(path.read_bytes())


def written_recording(path: Path) -> Any:
    exchange = Exchange(
        Request("POST", "https://api.openai.com/v1/chat/completions", {"model": "v1"}),
        Response(200, {"content-type": "application/json"}, b'{"model": "v1"}'), "v1", "v1",
    )  # fmt: skip
    return json.loads(
        write_recording(Recording("tests/test_a.py::a", "v1", date(2026, 1, 2), (exchange,)))
    )


FILES: dict[str, tuple[Any, Callable[[Path], object]]] = {
    "night": (json.loads(night_line(NIGHT)), the_nights),
    "decision": (json.loads(to_line(DECISION)), the_decisions),
    "stage": (
        json.loads(to_line(StageEvidence("m", "v2", "shadow", "green", "well", "2026-01-02"))),
        the_stages,
    ),
    "opinions": (
        {
            "schema": 1,
            "judge": "file",
            "wording": 1,
            "opinions": {"k": {"meant": "same", "quote": "", "reason": "r"}},
        },
        the_opinions,
    ),
    "calibration": (written_calibration, lambda path: read_calibration(path, "j1")),
    "progress": (written_progress, the_progress),
    "samples": ({"a::b": 3}, the_samples),
    "cases": ([{"id": "a", "provider": "openai", "path": "/v1", "body": {"a": 1}}], read_cases),
    "counts": ({"hours": 1.0, "batches": {"error": [[0, 1, 0, 1]]}}, read_counts),
    "journal": (
        {
            "schema": 1, "kind": "promote", "name": "m", "old": "v1", "new": "v2", "head": "",
            "passed": False, "goes": None, "comes": ["made.txt"],
            "before": {"a.txt": "YQ=="}, "written": {"a.txt": "Yg=="},
        },
        the_journal,
    ),
    "marker": ({"moves": [["m", "v1", "v2"]], "state": "due", "drafted": True}, the_marker),
    "alarms": (Alarm("host", "curl", "POST /v1", "v1")._asdict(), the_alarms),
    "recording": (written_recording, the_recording),
    "health": ({"at": 1.0, "fresh_seconds": 900.0, "models": {"v1": "ok"}}, the_health),
    "states": ({"at": 1.0, "models": {"v1": [1, 1, 1.0, 0.0]}}, the_states),
    "rejected": (["a::b"], the_rejected),
}  # fmt: skip
"""By what it is: a document as it is written, and what reads it."""


@pytest.mark.parametrize("kind", FILES)
def test_a_changed_file_is_named_or_done_without(kind: str, tmp_path: Path) -> None:
    document, reads = FILES[kind]
    if callable(document):
        document = document(tmp_path / "written.json")
    (tmp_path / OWN_FOLDER).mkdir()
    path = tmp_path / "file.json"
    amiss = {}
    for what, changed in mutations(document):
        try:
            content = json.dumps(changed)
        except ValueError:  # a number longer than Python writes
            content = json.dumps(document).replace("1", "1" * 5000)
        path.write_text(content + "\n")
        try:
            reads(path)
        except ModelpinError as error:
            if not str(error).strip().endswith((".", "`", ")")):
                amiss[what] = str(error)
        except Exception as error:
            amiss[what] = repr(error)
    assert amiss == {}


@pytest.mark.parametrize("side", [0, 1])
def test_two_reports_are_compared_whatever_was_changed_in_one(
    side: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    reports = ["production.json", "candidate.json"]
    runs = [suite("production"), suite("candidate", text="It is $420.")]
    told = [json.loads(json.dumps(as_json(run))) for run in runs]
    for name, document in zip(reports, told, strict=True):
        Path(name).write_text(json.dumps(document))
    whole = list(mutations({**told[side], "cases": told[side]["cases"][:1]}))
    readable = [each for each in whole if is_read(each[1])]
    assert len(whole) / 10 < len(readable) < len(whole) / 2
    for what, document in readable[side :: len(readable) // 40]:
        Path(reports[side]).write_text(json.dumps(document))
        assert main(["compare", *reports]) in tuple(ExitCode), what


def is_read(document: Any) -> bool:
    try:
        from_json(document)
        json.dumps(document)
    except ValueError:
        return False
    return True
