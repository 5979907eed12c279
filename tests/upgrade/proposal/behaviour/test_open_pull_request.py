"""What later nights and people do to a pull request that is open."""

import pytest

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.ledger.decision import unwanted
from pytest_modelpin.upgrade import UpgradeContext
from pytest_modelpin.upgrade.proposal.pull_request import open_or_update, update_open_pull_request

pytestmark = pytest.mark.counterpart

BRANCH = "modelpin/claude"


@pytest.fixture
def propose(github, bump, ledger, settings):
    def run(one=None, *, settings=settings):
        context = UpgradeContext(github.connect(), ledger(), settings)
        return open_or_update(context, one or bump())

    return run


@pytest.fixture
def tonight(github, night, ledger, settings):
    """What a night without a due bump does to the pull request."""

    def run(*, settings=settings, **fields):
        nights = [night("2026-11-21", **fields)]
        return update_open_pull_request(
            UpgradeContext(github.connect(), ledger(), settings), "claude", nights
        )

    return run


def test_without_a_pull_request_nothing_happens(github, tonight):
    assert tonight() is None
    assert github.sent("POST") == 0


def test_a_green_night_changes_nothing(github, propose, tonight):
    propose()
    assert tonight() is None
    assert github.comments(1) == []


def test_an_inconclusive_night_changes_nothing(github, propose, tonight):
    propose()
    assert tonight(colour="inconclusive", served=None) is None
    assert github.pulls()[0]["state"] == "open"


class TestTheAliasMovedOn:
    NOW = "claude-sonnet-5"
    SAYS = f"answers from {NOW} now"

    def test_it_is_closed_with_a_comment(self, github, propose, tonight):
        propose()
        assert self.SAYS in tonight(served=self.NOW)
        assert github.pulls()[0]["state"] == "closed"
        (comment,) = github.comments(1)
        assert self.SAYS in comment.replace("\\", "")

    def test_that_is_nobodys_decision_against_it(self, github, propose, tonight, ledger):
        propose()
        tonight(served=self.NOW)
        tonight(served=self.NOW)
        assert unwanted(ledger().decisions("claude")) == {}
        assert propose().action == "opened"

    def test_a_lost_answer_makes_no_second_comment(self, github, propose, tonight):
        propose()
        github.fault("POST", "/comments", after=True)
        with pytest.raises(Exception, match="may have taken effect"):
            tonight(served=self.NOW)
        tonight(served=self.NOW)
        assert len(github.comments(1)) == 1
        assert github.pulls()[0]["state"] == "closed"


class TestRed:
    def test_it_becomes_a_draft_with_a_comment(self, github, propose, tonight):
        propose()
        said = tonight(colour="red", reasons=("Two cases broke.",))
        assert said == (
            "Made pull request #1 a draft: The night of 2026-11-21 was red: Two cases broke."
        )
        assert github.pulls()[0]["draft"] is True
        assert "Two cases broke" in github.comments(1)[0]

    def test_its_status_fails(self, github, propose, tonight):
        propose()
        tonight(colour="red")
        assert github.statuses[github.head(BRANCH)][0]["state"] == "failure"

    def test_more_red_nights_say_nothing_more(self, github, propose, tonight):
        propose()
        for _ in range(3):
            tonight(colour="red")
        assert len(github.comments(1)) == 1

    def test_the_next_due_bump_brings_it_back(self, github, propose, tonight, bump):
        propose()
        tonight(colour="red")
        propose(bump(nights=4))
        assert github.pulls()[0]["draft"] is False
        assert github.statuses[github.head(BRANCH)][0]["state"] == "success"

    def test_a_draft_that_a_person_made_stays_one(self, github, propose, tonight, bump):
        propose()
        github.person("PATCH", "/pulls/1", {"draft": True})
        tonight(colour="red")
        propose(bump(nights=4))
        assert github.pulls()[0]["draft"] is True

    def test_it_is_closed_where_asked(self, github, propose, tonight):
        propose()
        tonight(colour="red", settings=Settings(on_red="close"))
        assert github.pulls()[0]["state"] == "closed"

    def test_it_is_only_commented_where_asked(self, github, propose, tonight):
        propose()
        tonight(colour="red", settings=Settings(on_red="comment"))
        pull = github.pulls()[0]
        assert (pull["state"], pull["draft"]) == ("open", False)
        assert len(github.comments(1)) == 1

    def test_nothing_is_merged_by_itself_after_a_red_night(self, github, propose, tonight, bump):
        """A comment stopped nobody: once its checks passed, GitHub merged what a night had found
        to be worse.
        """
        merging = Settings(on_red="comment", automerge=True)
        propose(settings=merging)
        assert github.automerge == [1]
        said = tonight(colour="red", settings=merging)
        assert github.automerge == []
        assert "auto-merge" not in said
        propose(bump(nights=4), settings=merging)
        assert github.automerge == [1]

    def test_an_auto_merge_that_a_person_took_back_is_no_trouble(self, github, propose, tonight):
        merging = Settings(on_red="comment", automerge=True)
        propose(settings=merging)
        github.automerge.clear()
        tonight(colour="red", settings=merging)
        assert len(github.comments(1)) == 1

    def test_a_draft_that_github_refuses_is_said(self, github, propose, tonight):
        propose()
        message = "Resource not accessible by integration"
        github.fault("POST", "/graphql", status=403, message=message)
        said = tonight(colour="red")
        assert "could not be made a draft" in said
        assert len(github.comments(1)) == 1

    def test_a_hostile_reason_mentions_nobody(self, github, propose, tonight):
        propose()
        tonight(colour="red", reasons=("@octocat fixes #1 <!-- pytest-modelpin:x -->",))
        (comment,) = github.comments(1)
        assert "@octocat" not in comment
        assert "#1" not in comment

    def test_a_red_night_of_another_version_is_about_that_one(self, github, propose, tonight):
        propose()
        assert "answers from other now" in tonight(colour="red", served="other")


def test_a_pull_request_that_a_person_closed_is_a_decision(github, propose, tonight, ledger):
    propose()
    github.close(1)
    tonight()
    assert list(unwanted(ledger().decisions("claude"))) == ["claude-sonnet-4-5-20251101"]


@pytest.mark.parametrize("fields", [{"served": "claude-sonnet-5"}, {"colour": "red"}])
def test_one_that_a_person_works_on_is_left_to_them_with_one_comment(
    github, propose, tonight, fields
):
    propose()
    github.commit({"prompt.txt": "better"}, BRANCH)
    propose()
    for _ in range(2):
        assert "Left pull request #1 to the person" in tonight(**fields)
    (pull,) = github.pulls()
    assert (pull["state"], pull["draft"]) == ("open", False)
    assert len(github.comments(1)) == 2


def test_one_whose_text_a_person_has_replaced_is_not_merged_by_itself_after_a_red_night(
    github, propose, tonight
):
    """Without its marker no night knows what it proposes."""
    merging = Settings(automerge=True)
    propose(settings=merging)
    github.person("PATCH", "/pulls/1", {"body": "My own words."})
    assert tonight(settings=merging) is None
    assert github.automerge == [1]
    said = tonight(settings=merging, colour="red")
    assert said == "Pull request #1 is not merged by itself: the night of 2026-11-21 was red."
    assert github.automerge == []
    assert tonight(settings=merging, colour="red") is None


@pytest.mark.parametrize("fields", [{"served": "claude-sonnet-5"}, {"colour": "red"}])
def test_what_a_person_works_on_is_not_merged_by_itself_against_the_nights(
    github, propose, tonight, fields
):
    """The bot had let GitHub merge it, and left that so with the branch."""
    merging = Settings(automerge=True)
    propose(settings=merging)
    github.commit({"prompt.txt": "better"}, BRANCH)
    propose(settings=merging)
    assert github.automerge == [1]
    tonight(settings=merging, **fields)
    assert github.automerge == []
    github.automerge.append(1)  # a person decides otherwise
    tonight(settings=merging, **fields)
    assert github.automerge == [1]


def test_one_that_a_person_reopened_is_wanted_again(github, propose, tonight, ledger):
    propose()
    github.close(1)
    tonight()
    github.person("PATCH", "/pulls/1", {"state": "open"})
    assert tonight() is None
    assert propose().action == "unchanged"
    assert unwanted(ledger().decisions("claude")) == {}


def test_one_that_was_reopened_and_closed_again_is_not_wanted(github, propose, tonight, ledger):
    propose()
    for state in ("closed", "open", "closed"):
        github.person("PATCH", "/pulls/1", {"state": state})
        tonight()
    assert list(unwanted(ledger().decisions("claude"))) == ["claude-sonnet-4-5-20251101"]
    assert propose().action == "blocked"


def test_a_group_follows_each_of_its_members(github, propose, bump, night, ledger, settings):
    group = bump(name="chat", members=(bump(name="claude"), bump(name="gpt", old="a", new="b")))
    propose(group)
    nights = [night(), night(name="gpt", pin="a", asked="gpt", served="b", colour="red")]
    said = update_open_pull_request(
        UpgradeContext(github.connect(), ledger(), settings), "chat", nights
    )
    assert "a draft" in said


def test_a_night_that_changes_nothing_costs_few_requests(github, propose, tonight):
    propose()
    github.log.clear()
    tonight()
    assert github.sent("GET", "/pulls") == 1
    assert len(github.log) == 2  # the other one asks whether there is a ledger
