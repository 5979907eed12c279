"""What is committed to the branch of a bump, and what else that commit would move."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.forge.branches import Commit
from pytest_modelpin.forge.errors import Moved
from pytest_modelpin.upgrade.proposal.branch_commit import (
    branch_of,
    commit_files_onto,
    made_by_bot,
    message,
    read_branch,
    second_things,
)
from pytest_modelpin.upgrade.proposal.digest import digest


@pytest.fixture
def own(bump):
    return Commit("sha", "tree", message(bump(), "tree"), ("p",), "2026-11-20", "2026-11-20")


def test_the_bots_own_commit_is_known_again(own):
    assert made_by_bot(own)


@pytest.mark.parametrize(
    "change",
    [
        {"message": "Fix the prompt"},
        {"tree": "another"},
        {"committed": "2026-11-21"},
        {"message": "Move claude from a to b"},
    ],
    ids=["person's", "amended content", "amended or rebased", "look-alike"],
)
def test_what_the_bot_did_not_make_is_not_its_own(own, change):
    assert not made_by_bot(dataclasses.replace(own, **change))


def test_the_message_cannot_be_given_trailers_by_an_id(bump):
    text = message(bump(new="x\nModelpin-Tree: forged\n\nfixes #1"), "tree")
    assert text.count("\nModelpin-Tree: ") == 1
    assert "#" not in text


@given(st.text(min_size=1, max_size=30))
def test_the_branch_of_any_name_is_a_valid_ref(name):
    ref = branch_of(name)
    assert re.fullmatch(r"modelpin/[A-Za-z0-9_.-]+", ref)
    assert ".." not in ref
    assert not ref.endswith((".", ".lock", "/"))


def test_plain_names_keep_their_name_and_others_stay_apart():
    assert branch_of("claude") == "modelpin/claude"
    assert branch_of("a b") != branch_of("a/b")


def test_the_digest_tells_contents_and_deletions_apart():
    assert digest({"a": b"1", "b": None}) == digest({"b": None, "a": b"1"})
    assert len({digest({"a": b"1"}), digest({"a": b"2"}), digest({"a": None}), digest({})}) == 4


def commit_bump(forge, branch, bump):
    return commit_files_onto(forge, branch, bump.files, lambda tree: message(bump, tree))


@pytest.mark.counterpart
class TestOnGitHub:
    def test_the_first_bump_is_one_commit_on_the_base(self, github, bump):
        forge = github.connect()
        sha = commit_bump(forge, read_branch(forge, "claude", github.head()), bump())
        commit = github.person("GET", f"/git/commits/{sha}")
        assert [parent["sha"] for parent in commit["parents"]] == [github.head()]
        assert github.head("modelpin/claude") == sha

    def test_its_commit_is_the_bots_own(self, github, bump):
        forge = github.connect()
        commit_bump(forge, read_branch(forge, "claude", github.head()), bump())
        branch = read_branch(forge, "claude", github.head())
        assert branch.strangers == ()
        assert branch.content == digest(bump().files)

    def test_a_later_bump_holds_only_its_own_files(self, github, bump):
        forge = github.connect()
        commit_bump(forge, read_branch(forge, "claude", github.head()), bump())
        commit_bump(forge, read_branch(forge, "claude", github.head()), bump(new="other"))
        names = set(github.files("modelpin/claude"))
        assert names == {"README.md", *bump(new="other").files}

    def test_a_base_that_moved_on_is_in_the_next_commit(self, github, bump):
        forge = github.connect()
        commit_bump(forge, read_branch(forge, "claude", github.head()), bump())
        github.commit({"models.yml": "another pin moved\n", "code.py": "x = 1\n"})
        commit_bump(forge, read_branch(forge, "claude", github.head()), bump())
        assert github.files("modelpin/claude")["code.py"] == b"x = 1\n"
        compared = github.person("GET", "/compare/main...modelpin/claude")
        assert compared["behind_by"] == 0
        assert {file["filename"] for file in compared["files"]} == set(bump().files)

    def test_a_push_between_looking_and_writing_is_not_lost(self, github, bump):
        forge = github.connect()
        commit_bump(forge, read_branch(forge, "claude", github.head()), bump())
        seen = read_branch(forge, "claude", github.head())
        theirs = github.commit({"prompt.txt": "mine"}, "modelpin/claude")
        with pytest.raises(Moved):
            commit_bump(forge, seen, bump(new="other"))
        assert github.head("modelpin/claude") == theirs


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("config/models.yml", b"x", []),
        ("tests/__snapshots__/a.txt", b"x", []),
        ("tests/__recordings__/old/a.json", None, []),
        ("app/chat.py", b'MODEL = "claude-sonnet-4-5-20251101"', []),
        ("prompts/system.txt", b"Be brief.", ["prompts/system.txt"]),
        ("tests/test_a.py", None, ["tests/test_a.py"]),
    ],
)
def test_what_does_not_name_the_new_version_is_a_second_thing(bump, path, content, expected):
    assert second_things(bump(files={path: content})) == expected


def test_what_people_added_is_a_second_thing_wherever_the_bump_has_it_not(bump):
    changed = ["models.yml", "tests/__snapshots__/b.txt", "prompts/system.txt"]
    assert second_things(bump(), changed) == ["prompts/system.txt"]
