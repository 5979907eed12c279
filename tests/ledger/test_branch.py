import threading

import pytest

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.forge.errors import Refused
from pytest_modelpin.ledger.branch import BRANCH, BranchLedger
from pytest_modelpin.ledger.decision import Decision

pytestmark = pytest.mark.counterpart


@pytest.fixture
def ledger(github):
    return lambda: BranchLedger(github.connect(), github.slept.append)


def test_without_the_branch_there_is_nothing(ledger):
    assert len(ledger().read("claude")) == 0
    assert ledger().names() == ()


def test_the_first_night_makes_a_branch_that_shares_no_history(github, ledger, night):
    ledger().append(night())
    assert sorted(github.files(BRANCH)) == ["README.md", "claude.jsonl"]
    assert github.person("GET", f"/git/commits/{github.head(BRANCH)}")["parents"] == []


def test_nights_of_several_sessions_and_models_are_kept(ledger, night):
    ledger().append(night("2026-11-19"))
    ledger().append(night("2026-11-20"))
    ledger().append(night("2026-11-20", name="gpt"))
    assert ledger().read("claude") == (night("2026-11-19"), night("2026-11-20"))
    assert ledger().names() == ("claude", "gpt")


def test_one_session_reads_what_it_wrote_without_asking_again(github, ledger, night):
    mine = ledger()
    mine.append(night("2026-11-19"))
    before = len(github.log)
    assert len(mine.read("claude")) == 1
    assert len(github.log) == before


def test_a_night_read_and_appended_costs_seven_requests(github, ledger, night):
    ledger().append(night("2026-11-19"))
    github.log.clear()
    mine = ledger()
    mine.read("claude")
    mine.append(night("2026-11-20"))
    assert len(github.log) == 7


def test_two_nights_at_once_lose_nothing(github, ledger, night):
    ledger().append(night(at="0"))
    ledgers = [ledger() for _ in range(4)]
    for mine in ledgers:
        mine.read("claude")
    threads = [
        threading.Thread(target=mine.append, args=(night(at=str(n)),))
        for n, mine in enumerate(ledgers, 1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [night.at for night in ledger().read("claude")] == ["0", "1", "2", "3", "4"]


def test_two_first_nights_at_once_lose_nothing(ledger, night):
    first, second = ledger(), ledger()
    assert len(second.read("claude")) == 0
    first.append(night(at="1"))
    second.append(night(at="2"))
    assert len(ledger().read("claude")) == 2


@pytest.mark.parametrize("path", ["/git/trees", "/git/commits", "/git/refs"])
def test_a_connection_dropped_after_the_effect_duplicates_nothing(github, ledger, night, path):
    github.fault("POST", path, after=True, times=5)
    ledger().append(night())
    assert ledger().read("claude") == (night(),)
    assert github.files(BRANCH)["claude.jsonl"].count(b"\n") == 1


def test_a_lost_answer_to_the_move_duplicates_nothing(github, ledger, night):
    ledger().append(night("2026-11-19"))
    github.fault("PATCH", f"/heads/{BRANCH}", after=True, times=5)
    ledger().append(night("2026-11-20"))
    assert len(ledger().read("claude")) == 2
    assert github.files(BRANCH)["claude.jsonl"].count(b"\n") == 2


def test_a_ledger_that_is_always_beaten_gives_up_in_one_line(github, ledger, night):
    ledger().append(night("2026-11-19"))
    github.fault("PATCH", BRANCH, status=422, message="Update is not a fast-forward", times=99)
    with pytest.raises(LedgerError, match="8 attempts"):
        ledger().append(night("2026-11-20"))


def test_a_protected_ledger_branch_is_one_line(github, ledger, night):
    ledger().append(night("2026-11-19"))
    github.fault("PATCH", BRANCH, status=422, message="Cannot update this protected ref.")
    with pytest.raises(Refused, match="/settings/rules"):
        ledger().append(night("2026-11-20"))
    assert len(ledger().read("claude")) == 1


def test_a_torn_last_line_is_repaired(github, ledger, night):
    ledger().append(night("2026-11-19"))
    torn = github.files(BRANCH)["claude.jsonl"].decode() + '{"day":"20'
    github.commit({"claude.jsonl": torn}, BRANCH)
    ledger().append(night("2026-11-20"))
    assert github.files(BRANCH)["claude.jsonl"].count(b"\n") == 2


def test_decisions_are_kept_beside_the_nights(ledger):
    decision = Decision("claude", "v2", "no", "closed #1 unmerged", "2026-11-20")
    ledger().decide(decision)
    ledger().decide(decision)
    assert ledger().decisions("claude") == (decision,)
    assert ledger().names() == ()
