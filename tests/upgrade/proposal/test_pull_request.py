import dataclasses
import json
import threading
from datetime import date, timedelta

import pytest

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.errors import ForgeError, UpgradeError
from pytest_modelpin.forge.pulls_and_issues import pulls_of, ready_for_review
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.ledger.decision import unwanted
from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.recording_file import Recording, write_recording
from pytest_modelpin.upgrade import UpgradeContext
from pytest_modelpin.upgrade.proposal import find, want_again
from pytest_modelpin.upgrade.proposal.pull_request import open_or_update

pytestmark = pytest.mark.counterpart

BRANCH = "modelpin/claude"
SETTINGS_PAGE = "“Allow GitHub Actions to create and approve pull requests”"


@pytest.fixture
def propose(github, bump, ledger, settings):
    """One run of the nightly with a bump that is due."""

    def run(one=None, *, settings=settings, **how):
        url = "https://github.com/acme/app/actions/runs/9"
        today, again = how.pop("today", None), frozenset(how.pop("again", ()))
        context = UpgradeContext(github.connect(), ledger(), settings, today, url, again)
        return open_or_update(context, one or bump(), **how)

    return run


def nightly(bump, day, text="Yes."):
    """The bump as the night `day` days on makes it: all new, and the same answers."""
    reply = {
        "id": f"msg_{day}", "type": "message", "role": "assistant", "stop_reason": "end_turn",
        "model": bump().new, "content": [{"type": "text", "text": text}],
        "usage": {"input_tokens": 3, "output_tokens": 7 + day},
    }  # fmt: skip
    exchange = Exchange(
        Request("POST", "https://api.anthropic.com/v1/messages", {"model": bump().new}),
        Response(200, {"request-id": f"req_{day}"}, json.dumps(reply).encode()),
        asked=bump().new,
        seconds=float(day),
    )
    today = date(2026, 11, 20) + timedelta(day)
    recording = Recording("test_a.py::test_a", bump().new, today, (exchange,))
    pins = f"models:\n  claude:\n    production: {bump().new}\n    last_validated: {today}\n"
    files = {
        "models.yml": pins.encode(),
        f"tests/__recordings__/{bump().new}/test_a/a.json": write_recording(recording).encode(),
    }
    return bump(files=files, nights=3 + day)


class TestOpening:
    def test_a_due_bump_becomes_one_pull_request(self, github, propose):
        opened = propose()
        assert (opened.action, opened.number) == ("opened", 1)
        pull = github.pulls()[0]
        assert pull["head"]["ref"] == BRANCH
        assert pull["base"]["ref"] == "main"
        assert opened.url == pull["html_url"]

    def test_its_branch_holds_base_and_bump(self, github, propose, bump):
        propose()
        assert github.files(BRANCH) == github.files("main") | bump().files

    def test_it_is_labelled(self, github, propose):
        propose(settings=Settings(labels=("llm",)))
        assert {label["name"] for label in github.pulls()[0]["labels"]} == {"model-pin", "llm"}

    def test_its_head_has_the_streak_as_status(self, github, propose):
        propose()
        (status,) = github.statuses[github.head(BRANCH)]
        assert status["context"] == "modelpin/streak"
        assert status["state"] == "success"
        assert status["description"] == "3/3 green nights"

    def test_the_workflows_own_token_is_told_that_checks_wait(self, github, propose):
        propose()
        assert "Approve workflows to run" in github.pulls()[0]["body"]

    def test_people_are_asked(self, github, propose):
        propose(settings=Settings(reviewers=("octocat",), assignees=("octocat",)))
        pull = github.pulls()[0]
        assert [person["login"] for person in pull["requested_reviewers"]] == ["octocat"]
        assert github.assigned == {1: ["octocat"]}

    def test_a_reviewer_that_github_refuses_costs_a_sentence_only(self, github, propose):
        opened = propose(settings=Settings(reviewers=("nobody-of-this-name",)))
        assert opened.action == "opened"
        assert "No reviewers: GitHub refused" in opened.sentence
        assert github.pulls()[0]["labels"]

    def test_it_opens_as_a_draft_where_asked(self, github, propose):
        propose(settings=Settings(draft=True))
        assert github.pulls()[0]["draft"] is True

    def test_it_opens_as_a_draft_with_what_a_person_has_to_accept_on_top(
        self, github, propose, bump
    ):
        case = "tests/test_a.py::test_a"
        changed = Drift("number", "regression", "", "$42", "$420")
        propose(bump(changed, held=(case,)))
        (pull,) = github.pulls()
        assert pull["draft"] is True
        top = pull["body"].index(case)
        assert top < pull["body"].index("What changed")
        assert "number: `$42` → `$420`" in pull["body"]

    def test_it_becomes_ready_once_the_change_is_accepted(self, github, propose, bump):
        propose(bump(held=("tests/test_a.py::test_a",)))
        propose(bump())
        (pull,) = github.pulls()
        assert pull["draft"] is False
        assert "draft until you accept" not in pull["body"]

    def test_one_that_a_person_marked_ready_stays_ready(self, github, propose, bump):
        held = bump(held=("tests/test_a.py::test_a",))
        propose(held)
        ready_for_review(github.connect(), pulls_of(github.connect(), BRANCH)[0])
        propose(held)
        assert github.pulls()[0]["draft"] is False

    def test_it_merges_by_githubs_own_auto_merge_only(self, github, propose):
        propose(settings=Settings(automerge=True))
        assert github.automerge == [1]
        assert github.sent("PUT") == 0

    @pytest.mark.parametrize(
        ("allowed", "way"),
        [
            ({"allow_merge_commit": True, "allow_squash_merge": True}, "MERGE"),
            ({"allow_merge_commit": False, "allow_squash_merge": True}, "SQUASH"),
            ({"allow_merge_commit": False, "allow_squash_merge": False}, "REBASE"),
        ],
    )
    def test_it_merges_in_a_way_that_the_repository_allows(self, github, propose, allowed, way):
        """Without a way GitHub takes a merge commit: where all is squashed it refused that, and
        nobody was told again.
        """
        github.person("PATCH", "", allowed)
        said = propose(settings=Settings(automerge=True)).sentence
        assert (github.automerge, github.merged_by) == ([1], way)
        assert said == "Opened pull request #1."

    def test_an_auto_merge_that_the_repository_does_not_know_is_said(self, github, propose):
        message = "Auto merge is not allowed for this repository"
        github.fault("POST", "/graphql", status=403, message=message, times=3)
        opened = propose(settings=Settings(automerge=True))
        assert opened.action == "opened"
        assert "Tick “Allow auto-merge” at" in opened.sentence

    def test_a_draft_is_merged_by_nobody_until_it_is_ready(self, github, propose, bump):
        """GitHub refuses it of a draft, and was never asked again."""
        merging = Settings(automerge=True)
        opened = propose(bump(held=("tests/test_a.py::test_a",)), settings=merging)
        assert github.automerge == []
        assert "auto-merge" not in opened.sentence
        propose(settings=merging)
        assert github.automerge == [1]

    def test_auto_merge_is_off_by_default(self, github, propose):
        propose()
        assert github.automerge == []

    def test_the_commit_the_files_were_made_from_is_the_parent(self, github, propose):
        checkout = github.head()
        github.commit({"app.py": "somebody else's edit\n"})
        propose(parent=checkout)
        compared = github.person("GET", f"/compare/main...{BRANCH}")
        assert compared["merge_base_commit"]["sha"] == checkout

    def test_nothing_is_made_of_a_commit_that_is_not_on_the_default_branch(self, github, propose):
        """A night, or a rollback, on somebody's branch would have its commits merged along."""
        github.person("POST", "/git/refs", {"ref": "refs/heads/feature", "sha": github.head()})
        stray = github.commit({"half_done.py": "x = 1\n"}, branch="feature")
        made = propose(parent=stray)
        assert (made.action, made.number) == ("blocked", None)
        assert f"{stray[:10]} is not on the default branch, so nothing is proposed" in made.sentence
        assert (github.pulls(), github.head(BRANCH)) == ([], None)

    def test_one_that_was_merged_while_the_night_ran_is_not_opened_again(self, github, propose):
        """Nor by a failed run that is started again, which checks out the commit that it had."""
        checkout = github.head()
        propose(parent=checkout)
        github.squash(1)
        github.person("DELETE", f"/git/refs/heads/{BRANCH}")
        made = propose(parent=checkout)
        assert made.action == "blocked"
        assert "models.yml has changed on the default branch since" in made.sentence
        assert [pull["number"] for pull in github.pulls()] == [1]

    def test_one_that_was_merged_with_hundreds_of_files_is_not_opened_again(
        self, github, propose, bump
    ):
        """Of a comparison GitHub names 300 files, and those that come first are not models.yml."""
        checkout = github.head()
        many = {f"a/{n:03}.txt": "x" for n in range(320)}
        github.commit(many | {"models.yml": "models:\n  claude:\n    production: other\n"})
        cut = [{"filename": name} for name in sorted(many)[:300]]
        whole = github.person("GET", f"/compare/{checkout}...{github.head()}") | {"files": cut}
        github.fault("GET", "/compare/.*", status=200, message=json.dumps(whole).encode())
        made = propose(parent=checkout)
        assert made.action == "blocked"
        assert "models.yml has changed on the default branch since" in made.sentence

    def test_a_script_that_names_the_pin_stays_executable(self, github, propose, bump):
        github.commit({"ask.sh": "ask claude-sonnet-4-5-20250929\n"}, mode="100755")
        new = b"ask claude-sonnet-4-5-20251101\n"
        propose(bump(files={"models.yml": b"x", "ask.sh": new}))
        tree = github.person("GET", f"/git/trees/{github.head(BRANCH)}?recursive=1")["tree"]
        assert {item["path"]: item["mode"] for item in tree}["ask.sh"] == "100755"
        assert [label["name"] for label in github.pulls()[0]["labels"]] == ["model-pin"]

    def test_a_group_moves_in_one_pull_request(self, github, propose, bump):
        members = (bump(name="claude"), bump(name="gpt", old="a", new="b"))
        propose(bump(name="chat", members=members))
        (pull,) = github.pulls()
        assert pull["head"]["ref"] == "modelpin/chat"
        assert [move.name for move in find(pull["body"]).moves] == ["claude", "gpt"]

    def test_two_models_have_two_pull_requests(self, github, propose, bump):
        propose()
        propose(bump(name="gpt"))
        assert [pull["head"]["ref"] for pull in github.pulls()] == [BRANCH, "modelpin/gpt"]


class TestAgain:
    def test_the_same_evidence_changes_nothing(self, github, propose):
        propose()
        writes = github.sent("POST") + github.sent("PATCH")
        again = propose()
        assert (again.action, again.number) == ("unchanged", 1)
        assert github.sent("POST") + github.sent("PATCH") == writes

    def test_one_more_night_updates_the_text_and_not_the_branch(self, github, propose, bump):
        propose()
        head = github.head(BRANCH)
        assert propose(bump(nights=4)).action == "updated"
        assert "4 straight green nights" in github.pulls()[0]["body"]
        assert github.head(BRANCH) == head

    def test_a_week_of_equal_answers_moves_no_branch(self, github, propose, bump):
        propose(nightly(bump, 0))
        head, status = github.head(BRANCH), github.sent("POST", "/statuses/")
        for day in range(1, 7):
            github.log.clear()
            assert propose(nightly(bump, day)).action == "updated"
            # The text says one night more; that is all.
            assert [(verb, path) for verb, path in github.log if verb != "GET"] == [
                ("PATCH", f"/repos/{github.name}/pulls/1")
            ]
            github.log.clear()
            assert propose(nightly(bump, day)).action == "unchanged"
            assert {verb for verb, _ in github.log} == {"GET"}
        assert github.head(BRANCH) == head
        assert status == 1

    def test_another_answer_among_them_is_one_commit(self, github, propose, bump):
        propose(nightly(bump, 0))
        head = github.head(BRANCH)
        propose(nightly(bump, 1, text="No."))
        moved = github.head(BRANCH)
        propose(nightly(bump, 2, text="No."))
        assert head != moved == github.head(BRANCH)

    def test_other_files_update_the_branch(self, github, propose, bump):
        propose()
        files = {"models.yml": b"other\n"}
        assert propose(bump(files=files)).action == "updated"
        assert set(github.files(BRANCH)) == {"README.md", "models.yml"}
        assert len(github.pulls()) == 1

    def test_the_next_version_takes_over_the_open_pull_request(self, github, propose, bump):
        propose()
        propose(bump(new="claude-sonnet-5"))
        (pull,) = github.pulls()
        assert pull["title"].endswith("to claude-sonnet-5")

    def test_a_base_that_moves_on_cleanly_costs_no_commit(self, github, propose):
        propose()
        head = github.head(BRANCH)
        github.commit({"code.py": "x = 1\n"})
        assert propose().action == "unchanged"
        assert github.head(BRANCH) == head

    def test_a_conflict_with_the_base_makes_it_anew(self, github, propose, bump):
        propose()
        github.commit({"tests/__snapshots__/test_a.txt": "edited\n"})
        github.conflicted.add(1)
        assert propose().action == "updated"
        assert github.person("GET", f"/compare/main...{BRANCH}")["behind_by"] == 0
        assert github.files(BRANCH).items() >= bump().files.items()

    @pytest.mark.parametrize(("looks", "action"), [(2, "updated"), (9, "unchanged")])
    def test_a_conflict_that_github_finds_only_when_it_is_asked_is_waited_for(
        self, github, propose, looks, action
    ):
        """It looks into it at the first question, so that one question a night never learnt it."""
        propose()
        github.commit({"models.yml": "other\n"})
        github.conflicted.add(1)
        github.looks = looks
        assert propose().action == action
        assert sum(github.slept) <= 15

    def test_another_base_gives_way_to_the_default_one(self, github, propose):
        pull = propose()
        github.person("POST", "/git/refs", {"ref": "refs/heads/next", "sha": github.head()})
        github.person("PATCH", f"/pulls/{pull.number}", {"base": "next"})
        assert github.pulls()[0]["base"]["ref"] == "next"
        propose()
        assert github.pulls()[0]["base"]["ref"] == "main"

    def test_a_body_saved_by_a_browser_is_the_same(self, github, propose):
        propose()
        text = github.pulls()[0]["body"].replace("\n", "\r\n")
        github.person("PATCH", "/pulls/1", {"body": text})
        assert propose().action == "unchanged"

    def test_a_label_that_a_person_took_off_stays_off(self, github, propose):
        propose(settings=Settings(labels=("llm",)))
        github.person("DELETE", "/issues/1/labels/llm")
        propose(settings=Settings(labels=("llm",)))
        assert [label["name"] for label in github.pulls()[0]["labels"]] == ["model-pin"]

    def test_after_a_merge_the_next_version_opens_the_next_one(self, github, propose, bump):
        propose()
        github.merge(1)
        opened = propose(bump(old=bump().new, new="claude-sonnet-5"))
        assert (opened.action, opened.number) == ("opened", 2)
        compared = github.person("GET", f"/compare/main...{BRANCH}")
        assert compared["behind_by"] == 0

    def test_a_squashed_branch_with_a_persons_commit_is_used_again(self, github, propose, bump):
        propose()
        github.commit({"prompt.txt": "better"}, BRANCH)
        github.squash(1)
        assert propose(bump(old=bump().new, new="claude-sonnet-5")).action == "opened"


class TestRebasedOnly:
    """GitHub rebases no branch that holds a merge: it refuses, or leaves out what the merge has."""

    @pytest.fixture(autouse=True)
    def _rebased(self, github):
        github.rebases_only()

    def ahead(self, github):
        """What the branch has more than `main`: each commit's parents."""
        compared = github.person("GET", f"/compare/main...{BRANCH}")
        assert compared["behind_by"] == 0
        return [[parent["sha"] for parent in each["parents"]] for each in compared["commits"]]

    def test_a_branch_that_fell_behind_is_one_commit_on_top_again(self, github, propose, bump):
        propose()
        github.commit({"app.py": "x = 1\n"})
        assert propose(nightly(bump, 1)).action == "updated"
        assert self.ahead(github) == [[github.head()]]
        assert github.files(BRANCH) == github.files() | nightly(bump, 1).files

    def test_after_a_merge_that_left_the_branch_the_next_begins_on_top(self, github, propose, bump):
        propose()
        github.squash(1)
        opened = propose(bump(old=bump().new, new="claude-sonnet-5"))
        assert (opened.action, opened.number) == ("opened", 2)
        assert self.ahead(github) == [[github.head()]]

    def test_a_move_whose_answer_was_lost_is_nobody_elses_push(self, github, propose, bump):
        propose()
        github.commit({"app.py": "x = 1\n"})
        github.fault("POST", "/graphql", status=502, after=True)
        assert propose(nightly(bump, 1)).action == "updated"
        assert self.ahead(github) == [[github.head()]]

    def test_a_commit_that_is_pushed_meanwhile_is_kept(self, github, propose, bump):
        propose()
        github.commit({"app.py": "x = 1\n"})
        pushed = []
        push = lambda: pushed.append(github.commit({"prompt.txt": "better"}, BRANCH))  # noqa: E731
        github.fault("POST", "/graphql", action=push)
        left = propose(nightly(bump, 1))
        assert left.action == "blocked"
        assert github.head(BRANCH) == pushed[0]

    def test_a_persons_commit_is_never_replaced(self, github, propose, bump):
        propose()
        theirs = github.commit({"prompt.txt": "better"}, BRANCH)
        github.commit({"app.py": "x = 1\n"})
        assert propose(nightly(bump, 1)).action == "blocked"
        assert github.head(BRANCH) == theirs

    def test_a_branch_that_a_person_updated_by_a_merge_can_be_rebased_again(
        self, github, propose, bump
    ):
        propose()
        github.commit({"app.py": "x = 1\n"})
        github.commit({"app.py": "x = 1\n"}, BRANCH, "Merge branch 'main'", merges="main")
        assert propose().action == "updated"
        assert self.ahead(github) == [[github.head()]]
        assert propose().action == "unchanged"

    def test_where_github_cannot_replace_it_is_merged_as_ever(self, github, propose, bump):
        propose()
        github.commit({"app.py": "x = 1\n"})
        github.fault("POST", "/graphql", status=403, message="Field 'updateRefs' doesn't exist")
        assert propose(nightly(bump, 1)).action == "updated"
        assert len(self.ahead(github)) == 2


class TestPeople:
    def test_a_persons_commit_is_never_overwritten(self, github, propose, bump):
        propose()
        theirs = github.commit({"prompt.txt": "better"}, BRANCH)
        left = propose(bump(nights=4, files={"models.yml": b"other"}))
        assert left.action == "blocked"
        assert github.head(BRANCH) == theirs
        assert "commits that are not the bot's" in left.sentence

    def test_github_s_own_button_that_updates_a_branch_is_nobody_s_work(
        self, github, propose, bump
    ):
        """Where branches must be up to date it is pressed for each pull request: the bot then left
        it for ever, without the streak on its new head, and with no word of later nights.
        """
        propose()
        github.commit({"app.py": "x = 1\n"})
        merged = github.commit({"app.py": "x = 1\n"}, BRANCH, "Merge branch 'main'", merges="main")
        assert propose(bump(nights=4)).action == "updated"
        assert github.head(BRANCH) == merged, "its checks restart for nothing"
        assert merged in github.statuses
        assert github.comments(1) == []
        assert propose(bump(nights=5, files={"models.yml": b"other"})).action == "updated"
        assert github.files(BRANCH)["models.yml"] == b"other"
        assert github.files(BRANCH)["app.py"] == b"x = 1\n"

    def test_what_a_person_changes_in_such_a_merge_is_theirs(self, github, propose, bump):
        propose()
        github.commit({"app.py": "x = 1\n"})
        files = {"app.py": "x = 1\n", "tests/__snapshots__/test_a.txt": "Corrected.\n"}
        theirs = github.commit(files, BRANCH, "Merge branch 'main'", merges="main")
        assert propose(bump(files={"models.yml": b"other"})).action == "blocked"
        assert github.head(BRANCH) == theirs

    def test_it_is_said_in_one_comment(self, github, propose):
        propose()
        github.commit({"prompt.txt": "better"}, BRANCH)
        for _ in range(3):
            propose()
        assert len(github.comments(1)) == 1

    def test_a_change_of_prompts_on_top_is_labelled(self, github, propose):
        propose()
        github.commit({"prompts/system.txt": "better"}, BRANCH)
        propose()
        labels = {label["name"] for label in github.pulls()[0]["labels"]}
        assert "two things at once" in labels

    def test_a_corrected_answer_on_top_is_not(self, github, propose):
        propose()
        github.commit({"tests/__snapshots__/test_a.txt": "better"}, BRANCH)
        propose()
        assert [label["name"] for label in github.pulls()[0]["labels"]] == ["model-pin"]

    def test_a_branch_deleted_to_have_it_made_anew_is_no_decision(self, github, propose, ledger):
        propose()
        github.commit({"prompt.txt": "worse"}, BRANCH)
        propose()
        github.person("DELETE", f"/git/refs/heads/{BRANCH}")
        github.close(1)  # as GitHub does it with the branch
        assert propose().action == "opened"
        assert ledger().decisions("claude") == ()

    def test_a_rewritten_commit_of_the_bots_is_a_persons(self, github, propose, bump):
        propose()
        head = github.person("GET", f"/git/commits/{github.head(BRANCH)}")
        amended = github.person(
            "POST",
            "/git/commits",
            {
                "message": head["message"],
                "tree": github.person("GET", f"/git/commits/{github.head()}")["tree"]["sha"],
                "parents": [github.head()],
            },
        )["sha"]
        github.person("PATCH", f"/git/refs/heads/{BRANCH}", {"sha": amended, "force": True})
        assert propose(bump(files={"models.yml": b"other"})).action == "blocked"
        assert github.head(BRANCH) == amended

    def test_a_closed_one_is_not_opened_again(self, github, propose, ledger):
        propose()
        github.close(1)
        again = propose()
        assert again.action == "blocked"
        assert "closed #1 unmerged" in again.sentence
        assert len(github.pulls()) == 1
        assert list(unwanted(ledger().decisions("claude"))) == ["claude-sonnet-4-5-20251101"]

    def test_a_version_that_was_the_pin_and_was_left_waits_for_a_person(
        self, github, propose, ledger, bump, night
    ):
        """Reverted by git, it was as green as before: the next night proposed it again."""
        propose()
        github.merge(1)
        ledger().append(night("2026-11-21", pin=bump().new))
        github.commit({"models.yml": "reverted\n"})
        left = propose()
        assert left.action == "blocked"
        assert "is not wanted (it was the pin until 2026-11-21)" in left.sentence
        assert [pull["number"] for pull in github.pulls()] == [1]
        want_again(ledger(), "claude", bump().new, "ticked on the dashboard")
        assert propose().action == "opened"

    def test_a_closed_one_is_recorded_once(self, github, propose, ledger):
        propose()
        github.close(1)
        for _ in range(3):
            propose()
        assert len(ledger().decisions("claude")) == 1

    def test_the_next_version_is_proposed_all_the_same(self, github, propose, bump):
        propose()
        github.close(1)
        assert propose(bump(new="claude-sonnet-5")).action == "opened"

    def test_a_version_that_is_wanted_again_is_proposed_again(self, github, propose, ledger, bump):
        propose()
        github.close(1)
        propose()
        want_again(ledger(), "claude", bump().new, "ticked on the dashboard")
        assert (propose().action, propose().action) == ("opened", "unchanged")

    def test_a_title_that_a_person_gave_stays_for_as_long_as_the_versions_do(
        self, github, propose, bump
    ):
        """A repository's check of titles failed anew after each night."""
        propose()
        github.person("PATCH", "/pulls/1", {"title": "chore(models): the next Claude"})
        assert propose(bump(nights=4)).number == 1
        assert github.pulls()[0]["title"] == "chore(models): the next Claude"
        propose(bump(new="claude-sonnet-5"))
        assert "to claude-sonnet-5" in github.pulls()[0]["title"]

    @pytest.mark.parametrize("line", ["\r\n", "\n"])
    def test_what_a_person_wrote_above_the_text_stays_there_and_hides_nothing(
        self, github, propose, bump, ledger, line
    ):
        """With a ticket's number there, the pull request was the bot's no more: no red night made
        it a draft, closing it was no decision, and the next due night took the number away.
        """
        propose()
        body = f"Closes DESK-17.{line}{line}{github.pulls()[0]['body']}"
        github.person("PATCH", "/pulls/1", {"body": body})
        assert propose(bump(nights=4)).action == "updated"
        (pull,) = github.pulls()
        assert pull["body"].startswith("Closes DESK-17.\n\n<!-- pytest-modelpin: ")
        assert pull["body"].count("<!-- pytest-modelpin: ") == 1
        assert "4 of 3" in pull["body"] or "2026-11-17" in pull["body"]
        assert propose(bump(nights=4)).action == "unchanged"
        github.close(1)
        propose()
        assert list(unwanted(ledger().decisions("claude"))) == [bump().new]

    def test_too_much_of_it_makes_way_for_githubs_limit(self, github, propose, bump):
        propose()
        text = "x" * 60_000
        github.person("PATCH", "/pulls/1", {"body": f"{text}\n\n{github.pulls()[0]['body']}"})
        assert propose(bump(nights=4)).action == "updated"
        assert len(github.pulls()[0]["body"]) <= 65_536


class TestFaults:
    def test_a_switched_off_setting_names_the_setting_and_the_one_click(self, github, propose):
        message = "GitHub Actions is not permitted to create or approve pull requests."
        github.fault("POST", "/pulls", status=403, message=message)
        blocked = propose()
        assert blocked.action == "blocked"
        assert blocked.number is None
        assert SETTINGS_PAGE in blocked.sentence
        assert f"https://github.com/{github.name}/settings/actions" in blocked.sentence
        assert blocked.url == f"https://github.com/{github.name}/compare/main...{BRANCH}?expand=1"
        assert github.head(BRANCH)

    def test_the_next_run_opens_it_without_another_commit(self, github, propose):
        github.fault("POST", "/pulls", status=403, message="not permitted")
        propose()
        head = github.head(BRANCH)
        assert propose().action == "opened"
        assert github.head(BRANCH) == head

    @pytest.mark.parametrize("status", [None, 502])
    @pytest.mark.parametrize("path", ["/pulls", "/git/refs"])
    def test_what_took_effect_though_its_answer_was_lost_is_found_at_once(
        self, github, propose, path, status
    ):
        github.fault("POST", path, status=status, after=True)
        assert propose().action == "opened"
        assert len(github.pulls()) == 1
        assert github.pulls()[0]["labels"]

    @pytest.mark.parametrize("path", ["/labels", "/1/labels", "/statuses/.*"])
    def test_a_lost_answer_to_the_finish_repeats_nothing_that_shows(self, github, propose, path):
        github.fault("POST", path, after=True)
        propose()
        propose()
        (pull,) = github.pulls()
        assert [label["name"] for label in pull["labels"]] == ["model-pin"]
        assert propose().action == "unchanged"

    @pytest.mark.long
    @pytest.mark.parametrize(
        ("verb", "path"),
        [
            ("POST", "/git/trees"),
            ("POST", "/git/commits"),
            ("POST", "/git/refs"),
            ("POST", "/pulls"),
            ("GET", "/pulls"),
            ("GET", "/heads/.*"),
        ],
    )
    @pytest.mark.parametrize("status", [500, 503])
    def test_a_server_error_is_one_line_and_the_next_run_mends_it(
        self, github, propose, verb, path, status
    ):
        fault = github.fault(verb, path, status=status, times=9)
        with pytest.raises(ForgeError, match="next run goes on"):
            propose()
        fault.times = 0
        assert propose().number == 1
        assert len(github.pulls()) == 1
        compared = github.person("GET", f"/compare/main...{BRANCH}")
        assert compared["ahead_by"] == 1

    def test_two_runs_at_once_open_one(self, github, propose):
        results = []
        threads = [threading.Thread(target=lambda: results.append(propose())) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(github.pulls()) == 1
        assert len(results) == 3
        assert propose().action in ("unchanged", "updated")
        assert len(github.pulls()) == 1

    def test_a_deleted_branch_is_made_anew(self, github, propose):
        propose()
        github.person("DELETE", f"/git/refs/heads/{BRANCH}")
        assert propose().action == "updated"
        assert github.head(BRANCH)
        assert len(github.pulls()) == 1

    def test_a_push_in_between_is_kept_and_said(self, github, propose, bump):
        propose()
        pushed = []

        def push():
            pushed.append(github.commit({"prompt.txt": "mine"}, BRANCH))

        github.fault("POST", "/git/commits", action=push)
        left = propose(bump(files={"models.yml": b"other"}))
        assert left.action == "blocked"
        assert "meanwhile" in left.sentence
        assert github.head(BRANCH) == pushed[0]

    def test_a_protected_branch_is_one_line(self, github, propose):
        message = "Repository rule violations found\n\nCannot create ref due to creations."
        github.fault("POST", "/git/refs", status=422, message=message)
        with pytest.raises(ForgeError, match="/settings/rules"):
            propose()
        assert github.pulls() == []

    def test_a_token_without_scope_names_the_permission(self, github, propose):
        message = "Resource not accessible by integration"
        github.fault("POST", "/git/trees", status=403, message=message)
        with pytest.raises(ForgeError, match="`contents: write`"):
            propose()

    def test_a_token_without_the_right_to_statuses_opens_it_all_the_same(self, github, propose):
        message = "Resource not accessible by integration"
        github.fault("POST", "/statuses/.*", status=403, message=message)
        opened = propose()
        assert opened.action == "opened"
        assert "`statuses: write`" in opened.sentence

    def test_a_secondary_limit_is_waited_for(self, github, propose):
        github.fault("POST", "/pulls", status=403, headers={"Retry-After": "30"})
        assert propose().action == "opened"
        assert github.slept == [30.0]

    def test_a_body_too_long_never_reaches_github(self, github, propose, bump):
        reasons = ("a very long reason " * 20_000,)
        verdict = dataclasses.replace(Verdict("green", True), reasons=reasons)
        assert propose(bump(verdict=verdict)).action == "opened"
        assert len(github.pulls()[0]["body"]) <= 65_536

    def test_nothing_to_propose_is_no_failure(self, github, propose):
        message = "Validation Failed"
        github.fault("POST", "/pulls", status=422, message=f"{message}: No commits between")
        assert "nothing to propose" in propose().sentence


def test_a_bump_of_two_thousand_recordings_costs_few_requests(github, propose, bump):
    old = {f"tests/__recordings__/old/test_{n}.json": "{}" for n in range(2_000)}
    github.commit(old)
    new = {path.replace("/old/", "/new/"): b'{"text": "%d"}\n' % n for n, path in enumerate(old)}
    propose(bump(files={"models.yml": b"x\n", **dict.fromkeys(old), **new}))
    assert len(github.log) <= 25
    assert len(github.pulls()) == 1


def test_opening_and_checking_again_cost_a_known_number_of_requests(github, propose, ledger, night):
    ledger().append(night())
    github.log.clear()
    propose(today=date(2026, 11, 20))
    opening = len(github.log)
    github.log.clear()
    propose(today=date(2026, 11, 20))
    assert (opening, len(github.log)) == (19, 10)


class TestBoxes:
    def tick(self, github, wish):
        text = github.pulls()[0]["body"]
        ticked = text.replace(f"- [ ] <!-- {wish} ", f"- [x] <!-- {wish} ")
        assert ticked != text
        github.person("PATCH", "/pulls/1", {"body": ticked.replace("\n", "\r\n")})

    def test_a_version_that_is_ignored_is_closed_and_not_proposed_again(
        self, github, propose, bump, ledger
    ):
        propose()
        self.tick(github, "ignore")
        closed = propose()
        assert (closed.action, closed.number) == ("blocked", 1)
        assert "not wanted (ticked in #1)" in closed.sentence
        assert unwanted(ledger().decisions("claude"))[bump().new].because == "ticked in #1"
        assert github.pulls(state="closed")[0]["state"] == "closed"
        assert propose().action == "blocked"

    def test_once_wanted_again_the_old_tick_is_forgotten(self, github, propose, bump, ledger):
        propose()
        self.tick(github, "ignore")
        propose()
        want_again(ledger(), "claude", bump().new, "ticked on the dashboard")
        assert propose().action == "opened"

    def test_a_branch_is_made_anew_where_the_dashboard_asks_for_it(self, github, propose):
        propose()
        assert propose(again=["other"]).action == "unchanged"
        assert propose(again=["claude"]).action == "updated"

    def test_a_branch_is_made_anew_where_asked_and_the_box_is_empty_again(self, github, propose):
        propose()
        before = github.head(BRANCH)
        assert propose().action == "unchanged"
        self.tick(github, "again")
        assert propose().action == "updated"
        assert github.head(BRANCH) != before
        assert "- [x]" not in github.pulls()[0]["body"]
        assert propose().action == "unchanged"


def test_what_git_lfs_keeps_is_not_proposed_as_a_pointer_to_nowhere(github, propose, bump):
    """The pull request held pointers alone, and after it was merged nobody could replay."""
    path = "tests/__recordings__/v2/test_a/test_a.json"
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n"
    with pytest.raises(UpgradeError, match=rf"^Git LFS keeps {path}, which can't be proposed"):
        propose(bump(files={"models.yml": b"x", path: pointer}))
    assert github.pulls() == []
    assert github.head("modelpin/claude") is None
