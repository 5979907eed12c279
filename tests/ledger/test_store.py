import subprocess
import sys
import time

import pytest

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.ledger import complete, night_line
from pytest_modelpin.ledger.decision import Decision, unwanted
from pytest_modelpin.ledger.store import FolderLedger
from pytest_modelpin.locks import locked

WRITER = """
import sys
from pathlib import Path
from pytest_modelpin.ledger.store import FolderLedger
from pytest_modelpin.ledger import Night
ledger = FolderLedger(Path(sys.argv[1]))
print("ready", flush=True)
for n in range(int(sys.argv[3])):
    at = f"{sys.argv[2]}-{n:06}"
    ledger.append(Night("2026-11-20", "claude", "p", "a", "s", "f", "green", at=at,
                        cases={f"case {c}": (1, 1, 1, 1) for c in range(200)}))
"""


def writer(folder, mark, count):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), mark, str(count)],
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def ledger(tmp_path):
    return FolderLedger(tmp_path / "ledger")


def test_what_was_appended_is_read(ledger, night):
    ledger.append(night("2026-11-19"))
    ledger.append(night("2026-11-20"))
    assert ledger.read("claude") == (night("2026-11-19"), night("2026-11-20"))


def test_a_name_without_nights_reads_as_empty(ledger):
    assert len(ledger.read("claude")) == 0
    assert ledger.names() == ()


def test_the_same_night_is_kept_once(ledger, night):
    ledger.append(night())
    ledger.append(night())
    assert len(ledger.read("claude")) == 1


def test_names_are_the_logical_names_whatever_characters_they_hold(ledger, night):
    for name in ("claude", "../up", "a/b", "con"):
        ledger.append(night(name=name))
    assert ledger.names() == ("../up", "a/b", "claude", "con")
    assert all(ledger.read(name)[0].name == name for name in ledger.names())
    assert {file.parent for file in ledger.path.parent.rglob("*.jsonl")} == {ledger.path}


def test_a_torn_last_line_is_repaired_by_the_next_append(ledger, night):
    ledger.append(night("2026-11-18"))
    file = ledger.path / "claude.jsonl"
    file.write_bytes(file.read_bytes() + b'{"day":"2026-11-19","at":"20')
    ledger.append(night("2026-11-20"))
    assert ledger.read("claude") == (night("2026-11-18"), night("2026-11-20"))
    assert file.read_bytes().count(b"\n") == 2


def test_a_last_line_without_its_line_break_is_kept_by_the_next_append(ledger, night):
    ledger.append(night("2026-11-18"))
    file = ledger.path / "claude.jsonl"
    file.write_bytes(file.read_bytes().removesuffix(b"\n"))
    ledger.append(night("2026-11-20"))
    assert [night.day for night in ledger.read("claude")] == ["2026-11-18", "2026-11-20"]


def test_two_processes_at_once_lose_nothing(ledger):
    processes = [writer(ledger.path, mark, 40) for mark in ("a", "b", "c")]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    for process in processes:
        process.stdout.close()
    assert len(ledger.read("claude")) == 120


def test_a_killed_writer_leaves_only_whole_lines_and_the_next_one_goes_on(ledger, night):
    process = writer(ledger.path, "killed", 100_000)
    process.stdout.readline()
    time.sleep(0.15)
    process.kill()
    process.wait(60)
    process.stdout.close()
    before = len(ledger.read("claude"))
    ledger.append(night(at="~after"))
    nights = list(ledger.read("claude"))
    assert len(nights) == before + 1
    assert nights[-1] == night(at="~after")


def test_a_ledger_that_cannot_be_written_is_one_sentence(tmp_path, night):
    (tmp_path / "ledger").write_text("a file where the folder should be")
    with pytest.raises(LedgerError, match="can't be written"):
        FolderLedger(tmp_path / "ledger").append(night())


def test_a_ledger_that_cannot_be_read_is_one_sentence(ledger):
    (ledger.path / "claude.jsonl").mkdir(parents=True)
    with pytest.raises(LedgerError, match="can't be read"):
        ledger.read("claude")


def test_the_last_decision_about_a_version_holds(ledger):
    ledger.decide(Decision("claude", "v1", "no", "closed #1 unmerged", "1"))
    ledger.decide(Decision("claude", "v2", "no", "closed #2 unmerged", "2"))
    ledger.decide(Decision("claude", "v1", "yes", "ticked on the dashboard", "3"))
    assert list(unwanted(ledger.decisions("claude"))) == ["v2"]


def test_a_decision_is_kept_once(ledger):
    for _ in range(2):
        ledger.decide(Decision("claude", "v1", "no", "closed #1 unmerged", "1"))
    assert len(ledger.decisions("claude")) == 1


def test_a_model_named_decisions_has_its_own_file(ledger, night):
    ledger.decide(Decision("claude", "v1", "no", "closed #1 unmerged"))
    ledger.append(night(name="decisions"))
    assert ledger.names() == ("decisions",)


def test_a_decision_of_a_later_schema_is_refused(ledger):
    ledger.decide(Decision("claude", "v1", "no", "closed", schema=2))
    with pytest.raises(LedgerError, match="schema 2"):
        ledger.decisions("claude")


@pytest.mark.skipif(sys.platform == "win32", reason="a process's limit on its files stands for it")
def test_a_disk_that_takes_a_part_of_a_night_keeps_none_of_it_and_says_so(ledger, night, tmp_path):
    """What a full disk left of a red night was a torn line, and the next green took its place."""
    ledger.append(night("2026-11-19"))
    limited = tmp_path / "limited.py"
    limited.write_text(
        "import resource, sys\n"
        "from pathlib import Path\n"
        "file = next(Path(sys.argv[1]).glob('*.jsonl'))\n"
        "most = file.stat().st_size + 1000\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))\n" + WRITER
    )
    folder = ledger.path
    before = (folder / "claude.jsonl").read_bytes()
    command = [sys.executable, str(limited), str(folder), "x", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "LedgerError: The ledger" in done.stderr
    assert "claude.jsonl can't be written: " in done.stderr
    assert (folder / "claude.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    "edited",
    [
        b'{"day":"2026-11-20","name":claude"}',
        b'{"day":"2026-11-20"}\r{"day":"2026-11-21"}\r',
        b">>>>>>> theirs",
    ],
)
def test_a_last_line_that_somebody_has_edited_is_named_and_stays(ledger, night, edited):
    """It counted as torn: a red night that was no JSON any more was gone without a word."""
    ledger.append(night("2026-11-19"))
    file = ledger.path / "claude.jsonl"
    file.write_bytes(file.read_bytes() + edited)
    with pytest.raises(LedgerError, match=r"claude\.jsonl"):
        ledger.read("claude")[-1]
    ledger.append(night("2026-11-21"))
    assert edited in file.read_bytes()


def test_every_beginning_of_a_line_is_a_torn_one(ledger, night):
    ledger.append(night("2026-11-19"))
    file = ledger.path / "claude.jsonl"
    kept = file.read_bytes()
    odd = night_line(night("2026-11-20", reasons=('ä "b" \\ \u2028',), lost=1, estimate=-0.5))
    line = odd.encode()
    for end in range(1, len(line)):
        for content in (kept + line[:end], kept + line[:end] + bytes(7)):
            assert complete(content) == len(kept), content[len(kept) :]


@pytest.mark.skipif(sys.platform == "win32", reason="a process is stopped by a signal")
def test_a_ledger_whose_lock_never_comes_is_given_up(ledger, night, monkeypatch):
    import fcntl

    ledger.append(night("2026-11-19"))
    monkeypatch.setitem(locked.__wrapped__.__kwdefaults__, "patience", 0.2)
    with (ledger.path / "claude.jsonl").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(LedgerError, match="another process holds it"):
            ledger.append(night("2026-11-20"))
    ledger.append(night("2026-11-20"))
    assert len(ledger.read("claude")) == 2
