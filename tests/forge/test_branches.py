import pytest

from pytest_modelpin.forge.branches import advance, ahead, default_branch, head_of, read_commit
from pytest_modelpin.forge.errors import Moved

pytestmark = pytest.mark.counterpart


def test_a_branch_that_is_not_there_has_no_head(github):
    assert head_of(github.connect(), "modelpin/claude") is None


def test_the_head_of_a_branch_with_a_slash_is_read(github):
    forge = github.connect()
    advance(forge, "modelpin/claude", None, github.head())
    assert head_of(forge, "modelpin/claude") == github.head()


def test_the_default_branch_is_read(github):
    assert default_branch(github.connect()) == "main"


def test_a_branch_that_moved_meanwhile_is_not_moved_back(github):
    first = github.head()
    mine = github.commit({"a.txt": "mine"})
    github.person("PATCH", "/git/refs/heads/main", {"sha": first, "force": True})
    theirs = github.commit({"a.txt": "theirs"})
    with pytest.raises(Moved, match="main moved"):
        advance(github.connect(), "main", first, mine)
    assert github.head() == theirs


def test_a_branch_that_somebody_made_meanwhile_is_not_made_again(github):
    forge = github.connect()
    advance(forge, "modelpin/claude", None, github.head())
    with pytest.raises(Moved):
        advance(forge, "modelpin/claude", None, github.head())


def test_what_a_branch_has_more_than_its_base(github):
    forge = github.connect()
    advance(forge, "modelpin/claude", None, github.head())
    sha = github.commit({"a.txt": "a", "b.txt": "b"}, "modelpin/claude", "Two files")
    found = ahead(forge, "main", "modelpin/claude")
    assert [commit.sha for commit in found.commits] == [sha]
    assert found.commits[0].message == "Two files"
    assert found.files == ("a.txt", "b.txt")


def test_a_commit_is_read_with_its_tree_and_parents(github):
    parent = github.head()
    sha = github.commit({"a.txt": "a"})
    commit = read_commit(github.connect(), sha)
    assert commit.parents == (parent,)
    assert commit.authored == commit.committed
