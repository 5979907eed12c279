"""What is committed to the branch of a bump, and what else that commit would move."""

import dataclasses
import json
import re
from datetime import date

import pytest
from every_wire.bedrock import CONVERSE
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.demo.question_and_answer import Answer
from pytest_modelpin.forge.branches import Commit
from pytest_modelpin.forge.errors import Moved
from pytest_modelpin.providers.wire import Reply, Usage
from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.large_bodies import LARGE
from pytest_modelpin.recordings.recording_file import Recording, write_recording
from pytest_modelpin.upgrade.proposal.branch_commit import (
    branch_of,
    commit_files_onto,
    digest,
    made_by_bot,
    message,
    read_branch,
    second_things,
)


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


URL = "https://api.openai.com/v1/chat/completions"
VERSION = "gpt-5.1-2026-02-18"


def reply(text="Yes.", *, id="chatcmpl-1", created=1, usage=7, finish="stop"):
    message = {"role": "assistant", "content": text}
    return {
        "id": id, "object": "chat.completion", "created": created, "model": VERSION,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 3, "completion_tokens": usage, "total_tokens": 3 + usage},
        "system_fingerprint": f"fp_{created}",
    }  # fmt: skip


def recording(content, *, day=date(2026, 11, 20), question="Well?", status=200, seconds=1.0):
    body = {"model": VERSION, "messages": [{"role": "user", "content": question}]}
    headers = {"content-type": "application/json", "x-request-id": str(day)}
    exchange = Exchange(
        Request("POST", URL, body), Response(status, headers, json.dumps(content).encode()),
        asked=VERSION, served=VERSION, seconds=seconds,
    )  # fmt: skip
    return Recording("tests/test_a.py::test_a", VERSION, day, (exchange,))


def of(one):
    path = f"tests/__recordings__/{VERSION}/test_a/test_a.json"
    return digest({path: write_recording(one).encode()})


SAME = recording(reply())


@pytest.mark.parametrize(
    "other",
    [
        recording(reply(), day=date(2026, 11, 21), seconds=2.0),
        recording(reply(id="chatcmpl-2", created=2)),
        recording(reply(usage=8)),
    ],
    ids=["date and seconds", "ids of the reply", "token counts"],
)
def test_what_comes_with_every_reply_is_nothing(other):
    assert of(other) == of(SAME)


@pytest.mark.parametrize(
    "other",
    [
        recording(reply("No.")),
        recording(reply(finish="length")),
        recording(reply(), question="And?"),
        recording({"error": {"message": "No."}}, status=400),
        SAME._replace(answered_by="gpt-6"),
        SAME._replace(exchanges=SAME.exchanges * 2),
    ],
    ids=["text", "finish", "question", "status", "who answered", "one more"],
)
def test_what_a_test_can_see_is_worth_a_commit(other):
    assert of(other) != of(SAME)


def embedding(number, id):
    return recording({"id": id, "data": [{"embedding": [number]}], "usage": {"total_tokens": 1}})


def test_a_reply_of_another_shape_counts_but_for_its_ids():
    assert of(embedding(0.5, "a")) == of(embedding(0.5, "b"))
    assert of(embedding(0.5, "a")) != of(embedding(0.6, "a"))


PINS = """\
models:
  a:
    production: {pin}
    last_validated: "{day}"
    promoted: {day}
  b: {{production: x, last_validated: {day}, notes: n}}
"""


def pins(pin, day):
    return digest({"models.yml": PINS.format(pin=pin, day=day).encode()})


def test_the_dates_of_models_yml_are_nothing_and_its_pins_are():
    assert pins("x", "2026-11-20") == pins("x", "2026-11-21")
    assert pins("x", "2026-11-20") != pins("y", "2026-11-20")


@given(st.binary(), st.binary())
def test_any_other_file_counts_to_the_byte(one, other):
    for path in ("app.py", "tests/__snapshots__/a.txt", "tests/__recordings__/x/a.json"):
        assert (digest({path: one}) == digest({path: other})) == (one == other)


def test_a_deleted_file_counts():
    assert digest({"a": b""}) != digest({"a": None}) != digest({})


CONVERSED = f"https://bedrock-runtime.us-east-1.amazonaws.com/model/{VERSION}/converse-stream"
FOLDER = f"tests/__recordings__/{VERSION}/test_a"


def with_files(day, *contents, beside=True):
    """A bump's files: a recording of these replies, which are large and no text."""
    aside = {}
    [exchange] = SAME.exchanges
    kind = {"content-type": CONVERSE.stream_type}
    asked = Request("POST", CONVERSED, {"messages": []})
    exchanges = [
        dataclasses.replace(exchange, request=asked, response=Response(200, kind, content))
        for content in contents
    ]
    text = write_recording(SAME._replace(recorded=day, exchanges=exchanges), aside)
    files = {f"{FOLDER}/{name}": content for name, content in aside.items()}
    return {f"{FOLDER}/test_a.json": text.encode(), **(files if beside else {})}


def test_a_large_reply_counts_by_its_hash_where_its_file_was_there_before():
    one, other = b"\xff" * 30_000, b"\xfe" * 30_000
    first, later = date(2026, 11, 20), date(2026, 11, 21)

    def of(content, day):
        return digest(with_files(day, content, beside=False))

    assert of(one, first) == of(one, later)
    assert of(one, first) != of(other, first)


def test_what_comes_with_every_reply_is_nothing_in_a_large_stream_either():
    def stream(words, tokens):
        said = Reply(text="word " * words)
        answer = Answer(said, VERSION, Usage(tokens, tokens), number=1, created=1)
        return b"".join(CONVERSE.streamed(answer))

    first, later = date(2026, 11, 20), date(2026, 11, 21)
    one, again, other = stream(300, 1), stream(300, 2), stream(301, 1)
    assert len(one) > LARGE
    assert digest(with_files(first, one)) == digest(with_files(later, again))
    assert digest(with_files(first, one)) != digest(with_files(first, other))
