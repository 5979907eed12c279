"""A repository that was renamed or transferred is asked for all that was meant, by its new name."""

import pytest

from pytest_modelpin.errors import ForgeError
from pytest_modelpin.forge import connect
from pytest_modelpin.forge.branches import default_branch, head_of
from pytest_modelpin.forge.pulls_and_issues import pulls_of
from pytest_modelpin.ledger import Night
from pytest_modelpin.ledger.decision import Decision
from pytest_modelpin.ledger.store import BranchLedger

pytestmark = pytest.mark.counterpart

NO = Decision("claude", "v2", "no", "closed #1 unmerged", "2026-11-20T03:00:00+00:00")


@pytest.fixture
def night():
    return lambda day="2026-11-20": Night(day, "claude", "v1", "alias", "v2", "f1", "green", at=day)


def test_a_list_is_asked_for_with_all_that_was_said_of_it(github):
    """The query was lost on the way: pull requests that were closed were not among them."""
    github.commit({"models.yml": "x"})
    github.person("POST", "/git/refs", {"ref": "refs/heads/modelpin/claude", "sha": github.head()})
    github.commit({"models.yml": "y"}, "modelpin/claude")
    sent = {"head": "modelpin/claude", "base": "main", "title": "t", "body": ""}
    number = github.person("POST", "/pulls", sent)["number"]
    github.close(number)
    github.transfer()
    forge = github.connect()
    assert default_branch(forge) == "main"
    assert [pull.number for pull in pulls_of(forge, "modelpin/claude")] == [number]
    assert forge.name == github.name
    assert forge.web == f"https://github.com/{github.name}"


def test_what_was_decided_is_known_by_the_old_name_too(github, night):
    ledger = BranchLedger(github.connect())
    ledger.append(night())
    ledger.decide(NO)
    github.transfer()
    again = BranchLedger(github.connect())
    assert again.decisions("claude") == (NO,)
    again.append(night("2026-11-21"))
    assert len(BranchLedger(github.connect()).read("claude")) == 2


def test_a_name_that_changes_midway_costs_nothing(github, night):
    """What sends a write on was taken for its answer, which ended in a traceback."""
    forge = github.connect()
    ledger = BranchLedger(forge)
    ledger.append(night())
    github.transfer()
    forge.name = github.former
    ledger.append(night("2026-11-21"))
    assert head_of(forge, "modelpin-ledger") == github.head("modelpin-ledger")
    assert github.slept == []


@pytest.mark.parametrize(("verb", "path"), [("GET", "/git/ref/.*"), ("POST", "/git/trees")])
def test_an_address_that_is_another_is_told(github, night, verb, path):
    """As a plain http address of an Enterprise Server's, or one under its old name."""
    github.fault(
        verb, path, status=301, headers={"Location": "https://git.example.com/api/v3/x"}, times=9
    )
    with pytest.raises(ForgeError) as error:
        BranchLedger(github.connect()).append(night())
    assert str(error.value).startswith(f"GITHUB_API_URL is {github.proxy.url}, which sends ")
    assert "https://git.example.com" in str(error.value)


def test_a_circle_has_an_end(github):
    there = f"{github.proxy.url}/repos/{github.name}"
    github.fault("GET", "", status=301, headers={"Location": there}, times=50)
    forge = connect(github.environment, github.slept.append)
    github.connections.append(forge)
    with pytest.raises(ForgeError, match="in a circle"):
        default_branch(forge)
