"""A ledger on a branch on GitHub: written by compare-and-swap, whoever else writes there."""

import threading

import pytest

from pytest_modelpin.errors import ForgeError, LedgerError
from pytest_modelpin.forge.errors import Refused
from pytest_modelpin.ledger import StageEvidence
from pytest_modelpin.ledger.decision import Decision
from pytest_modelpin.ledger.store import BRANCH, BranchLedger

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


def test_a_night_read_and_appended_costs_eight_requests(github, ledger, night):
    ledger().append(night("2026-11-19"))
    github.log.clear()
    mine = ledger()
    mine.read("claude")
    mine.append(night("2026-11-20"))
    assert len(github.log) == 8


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


def test_what_somebody_took_out_while_a_night_ran_stays_out(github, ledger, night):
    ledger().append(night("2026-11-18"))
    kept = github.head(BRANCH)
    ledger().append(night("2026-11-19"))
    mine = ledger()
    mine.read("claude")
    github.person("PATCH", f"/git/refs/heads/{BRANCH}", {"sha": kept, "force": True})
    mine.append(night("2026-11-20"))
    assert [night.day for night in ledger().read("claude")] == ["2026-11-18", "2026-11-20"]


def test_a_ledger_that_was_deleted_while_a_night_ran_begins_anew(github, ledger, night):
    ledger().append(night("2026-11-19"))
    mine = ledger()
    mine.read("claude")
    github.person("DELETE", f"/git/refs/heads/{BRANCH}")
    mine.append(night("2026-11-20"))
    assert [night.day for night in ledger().read("claude")] == ["2026-11-20"]


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


def said(stage, colour, version="v2", at="2026-11-20T03:00:00Z"):
    return StageEvidence("claude", version, stage, colour, "50 captured requests", at)


def test_what_a_stage_said_is_kept_once_beside_the_nights(github, ledger, night):
    mine = ledger()
    assert mine.stages("claude") == ()
    mine.append(night())
    for _ in range(2):
        mine.add_stage(said("shadow", "green"))
    ledger().add_stage(said("shadow", "green"))  # another session, the same line
    ledger().add_stage(said("canary", "red"))
    assert ledger().stages("claude") == (said("shadow", "green"), said("canary", "red"))
    assert ledger().stages("gpt") == ()
    assert ledger().names() == ("claude",)
    assert ledger().read("claude") == (night(),)
    assert sorted(github.files(BRANCH)) == ["README.md", "claude.jsonl", "stages/claude.jsonl"]
    newest = github.person("GET", f"/git/commits/{github.head(BRANCH)}")
    assert newest["message"] == "claude: canary of v2 red"


def test_a_stage_and_a_night_at_once_lose_nothing(ledger, night):
    ledger().append(night("2026-11-19"))
    canary, nightly = ledger(), ledger()
    canary.stages("claude")
    nightly.read("claude")
    nightly.append(night("2026-11-20"))
    canary.add_stage(said("canary", "green"))
    assert ledger().stages("claude") == (said("canary", "green"),)
    assert len(ledger().read("claude")) == 2


def test_an_answer_lost_after_a_stage_was_written_duplicates_nothing(github, ledger, night):
    ledger().append(night())
    github.fault("PATCH", f"/heads/{BRANCH}", after=True, times=5)
    ledger().add_stage(said("shadow", "green"))
    assert github.files(BRANCH)["stages/claude.jsonl"].count(b"\n") == 1


def test_a_torn_line_of_a_stage_is_passed_over_and_repaired(github, ledger):
    ledger().add_stage(said("shadow", "green"))
    torn = github.files(BRANCH)["stages/claude.jsonl"].decode() + '{"name":"cl'
    github.commit({"stages/claude.jsonl": torn}, BRANCH)
    assert ledger().stages("claude") == (said("shadow", "green"),)
    ledger().add_stage(said("canary", "green"))
    assert ledger().stages("claude") == (said("shadow", "green"), said("canary", "green"))


def test_a_model_s_name_leads_to_no_other_folder(github, ledger):
    """The same name on the branch as in a folder: safe, and another one's is another file."""
    ledger().add_stage(StageEvidence("../x", "v2", "shadow", "green", "seen"))
    (path,) = (path for path in github.files(BRANCH) if path.startswith("stages/"))
    assert path.count("/") == 1
    assert ledger().stages("../x") != ()
    assert ledger().stages("x") == ()


@pytest.mark.parametrize(
    ("verb", "path", "times"),
    [("POST", "/git/trees", 22), ("POST", "/git/refs", 6), ("PATCH", f"/heads/{BRANCH}", 22)],
)
def test_an_outage_of_a_minute_costs_no_night(github, ledger, night, verb, path, times):
    """A line that was not written within seconds was lost, with all that it had cost."""
    if verb == "PATCH":
        ledger().append(night("2026-11-19"))
    github.fault(verb, path, status=503, message="Unicorn!", times=times)
    ledger().append(night("2026-11-20"))
    assert ledger().read("claude")[-1] == night("2026-11-20")
    assert 60 < sum(github.slept) < 600


def test_an_outage_without_end_is_given_up(github, ledger, night):
    github.fault("POST", "/git/trees", status=503, times=999)
    with pytest.raises(LedgerError, match=r"8 attempts: GitHub refused .*GitHub has trouble"):
        ledger().append(night())


def test_a_rate_limit_of_some_minutes_costs_no_night(github, ledger, night):
    said = "You have exceeded a secondary rate limit."
    headers = {"retry-after": "300"}
    github.fault("POST", "/git/trees", status=403, message=said, headers=headers)
    ledger().append(night())
    assert ledger().read("claude") == (night(),)
    assert 300 in github.slept


def test_a_rate_limit_of_an_hour_is_one_line(github, ledger, night):
    said, headers = "API rate limit exceeded", {"retry-after": "3000"}
    github.fault("POST", "/git/trees", status=403, message=said, headers=headers, times=99)
    with pytest.raises(ForgeError, match="another 50 minutes"):
        ledger().append(night())


def test_a_token_that_may_not_write_is_noticed_without_a_night(github, ledger, night):
    ledger().append(night("2026-11-19"))
    said = "Resource not accessible by integration"
    github.fault("POST", "/git/commits", status=403, message=said)
    with pytest.raises(Refused, match="contents: write"):
        ledger().expect("claude")


RULE = b'[{"type": "update", "ruleset_source_type": "Repository"}]'


def test_a_rule_on_the_branch_is_noticed_without_a_night(github, ledger, night):
    ledger().append(night("2026-11-19"))
    github.fault("GET", f"/rules/branches/{BRANCH}", status=200, message=RULE)
    github.fault("PATCH", BRANCH, status=422, message="Repository rule violations found")
    with pytest.raises(Refused, match="/settings/rules"):
        ledger().expect("claude")


def test_a_rule_that_lets_us_pass_costs_a_commit_and_no_line(github, ledger, night):
    ledger().append(night("2026-11-19"))
    before = github.files(BRANCH)
    github.fault("GET", f"/rules/branches/{BRANCH}", status=200, message=RULE)
    mine = ledger()
    mine.expect("claude")
    mine.expect("gpt")
    assert github.files(BRANCH) == before
    commits = github.person("GET", f"/commits?sha={BRANCH}")
    assert [each["commit"]["message"] for each in commits].count("A night begins") == 1
    mine.append(night("2026-11-20"))
    assert [night.day for night in ledger().read("claude")] == ["2026-11-19", "2026-11-20"]


@pytest.mark.parametrize("status", [403, 404])
def test_where_no_rule_is_told_the_branch_stays_as_it_is(github, ledger, night, status):
    ledger().append(night("2026-11-19"))
    before = github.head(BRANCH)
    said = "Upgrade to GitHub Pro or make this repository public to enable this feature."
    for path in (f"/rules/branches/{BRANCH}", f"/branches/{BRANCH}"):
        github.fault("GET", path, status=status, message=said)
    ledger().expect("claude")
    assert github.head(BRANCH) == before


def test_before_the_first_night_the_branch_is_made(github, ledger, night):
    ledger().expect("claude")
    assert sorted(github.files(BRANCH)) == ["README.md"]
    ledger().append(night())
    assert ledger().read("claude") == (night(),)
