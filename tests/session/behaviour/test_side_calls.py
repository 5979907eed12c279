"""Calls beside the question in one test: recorded and replayed as they are, and no answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from own_server import Handler, serving

PIN, ALIAS, NEXT = "gpt-4o-2024-08-06", "gpt-4o", "gpt-4o-2024-11-20"
SERVED = {ALIAS: NEXT}
SUPPORT = """
import os, httpx

BASE = os.environ["OPENAI_BASE_URL"]
KEY = {"authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}

def post(path, body=None, **more):
    return httpx.post(BASE + path, json=body, headers=KEY, **more).raise_for_status().json()

def get(path):
    return httpx.get(BASE + path, headers=KEY).raise_for_status().json()

def ask(question):
    body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": question}]}
    return post("/chat/completions", body)["choices"][0]["message"]["content"]
"""


class Api(Handler):
    """Chats, embeddings, token counts, files and responses that are made in the background."""

    def do_POST(self) -> None:
        content = self.content()
        is_json = self.headers.get("content-type", "").startswith("application/json")
        body = json.loads(content) if is_json else {}
        self.server.asked.append((self.path, body.get("model")))
        served = SERVED.get(body.get("model"), body.get("model"))
        number = len(self.server.asked)
        if body.get("deferred"):
            self.server.looks, self.server.deferred = 0, served
            self.give({"request_id": f"{number}c114e-f47d-40ca"})
        elif self.path == "/v1/chat/completions":
            message = {"role": "assistant", "content": f"Answer of {served}"}
            self.give({"model": served, "choices": [{"index": 0, "message": message}]})
        elif self.path == "/v1/embeddings":
            self.give({"model": body["model"], "data": [{"embedding": [number]}]})
        elif self.path == "/v1/completions":
            self.give({"model": body["model"], "choices": [{"index": 0, "text": f"text {number}"}]})
        elif self.path == "/v1/responses/input_tokens":
            self.give({"object": "response.input_tokens", "input_tokens": number})
        elif self.path == "/v1/files":
            self.give({"id": f"file-{number}abcdef", "object": "file"})
        else:
            self.server.looks = 0
            self.give(
                {"id": f"resp_{number}00000", "status": "queued", "model": served, "output": []}
            )

    def do_DELETE(self) -> None:
        self.server.asked.append((self.path, None))
        self.give({"id": self.path.rpartition("/")[2], "deleted": True})

    def do_GET(self) -> None:
        self.server.asked.append((self.path, None))
        self.server.looks += 1
        if "/deferred-completion/" in self.path:
            self.give_deferred()
            return
        id = self.path.rpartition("/")[2]
        reply = {"id": id, "object": "response", "status": "in_progress", "output": []}
        if self.server.looks > 1:
            part = {"type": "output_text", "text": "Thought about it"}
            output = [{"type": "message", "content": [part]}]
            reply |= {"status": "completed", "model": self.server.version, "output": output}
        self.give(reply)

    def give_deferred(self) -> None:
        if self.server.looks > 1:
            message = {"role": "assistant", "content": "Thought about it"}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            self.give({"model": self.server.deferred, "choices": [choice]})
        else:
            self.give(b"", 202)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with serving(Api, asked=[], looks=0, version=PIN) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        yield server


@pytest.fixture
def recorded(project, api):
    """Write the test, record it on the pin, and give what replays it."""
    project.write("support.py", SUPPORT)

    def record(test: str):
        project.write("tests/test_support.py", test)
        project.record()
        api.asked.clear()
        return project

    return record


TIDYING = """
import pytest, httpx
from support import BASE, KEY, post

@pytest.fixture(scope="module")
def asked():
    body = {"model": "gpt-4o-2024-08-06", "input": "hi"}
    reply = post("/responses", body)
    yield reply
    httpx.delete(BASE + "/responses/" + reply["id"], headers=KEY).raise_for_status()

def test_background(asked): assert asked["id"]
"""


def test_what_a_fixture_deletes_at_its_end_goes_with_the_reply_that_it_got(recorded, api):
    project = recorded(TIDYING)
    pins = project.recordings()
    assert f"{PIN}/test_support/asked+end@module.json" in pins
    project.run("--model=candidate").assert_outcomes(passed=1)
    assert [path for path, _ in api.asked] == ["/v1/responses", "/v1/responses/resp_100000"]
    assert project.recordings() == pins
    assert project.tried() == [
        f"{NEXT}/test_support/{name}@module.json" for name in ("asked+end", "asked")
    ]
    api.asked.clear()
    project.run().assert_outcomes(passed=1)
    project.run("--model=candidate", "--model-record=none").assert_outcomes(passed=1)
    assert api.asked == []


WITH_EMBEDDING = """
from support import ask, post

def test_retrieval():
    body = {"model": "text-embedding-3-small", "input": "refund"}
    assert post("/embeddings", body)["data"][0]["embedding"] == [1]
    assert "Answer" in ask("refund?")
"""


KEPT_ELSEWHERE = """
import os
from support import ask, post

def test_retrieval():
    body = {"model": "text-embedding-3-small", "input": "refund"}
    heard = [post("/embeddings", body)["data"] for _ in range(int(os.environ["TIMES"]))]
    assert heard == [[{"embedding": [1]}]] * len(heard)
    assert "Answer" in ask("refund?")
"""


def test_what_is_looked_up_more_often_than_it_was_recorded_is_answered_alike(
    recorded, api, monkeypatch
):
    """As by a client that keeps what it looked up: how often it asks depends on other tests."""
    monkeypatch.setenv("TIMES", "1")
    project = recorded(KEPT_ELSEWHERE)
    monkeypatch.setenv("TIMES", "3")
    (case,) = project.report()["cases"]
    assert case["samples"][0]["outcome"] == "passed"
    assert api.asked == []


def test_an_embedding_replays_beside_the_answer(recorded, api):
    project = recorded(WITH_EMBEDDING)
    (case,) = project.report()["cases"]
    assert case["samples"][0]["outcome"] == "passed"
    assert api.asked == []
    assert case["models"] == ["support"]
    assert len(case["samples"][0]["calls"]) == 1


def test_a_candidate_gets_the_recorded_embedding_and_is_asked_for_the_answer(recorded, api):
    project = recorded(WITH_EMBEDDING)
    result = project.run("--model=candidate")
    result.assert_outcomes(passed=1)
    assert api.asked == [("/v1/chat/completions", ALIAS)]


def test_an_embedding_that_is_not_recorded_is_a_miss_that_says_so(recorded, api):
    project = recorded(WITH_EMBEDDING)
    project.write(
        "tests/test_support.py", WITH_EMBEDDING.replace('"input": "refund"', '"input": "x"')
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*POST /v1/embeddings*"])
    assert api.asked == []


def test_a_token_count_moves_with_its_model(recorded, api):
    project = recorded(
        """
        from support import ask, post

        def test_count():
            body = {"model": "gpt-4o-2024-08-06", "input": "hi"}
            assert post("/responses/input_tokens", body)["input_tokens"] > 0
            assert "Answer" in ask("hi")
        """
    )
    project.run().assert_outcomes(passed=1)
    assert api.asked == []
    project.run("--model=candidate").assert_outcomes(passed=1)
    assert api.asked == [("/v1/responses/input_tokens", ALIAS), ("/v1/chat/completions", ALIAS)]
    # Beside the answers of the version that served, so that a bump takes both.
    own = [
        path for path in project.folder.rglob(f"**/{NEXT}/**/*.json") if "recordings" in str(path)
    ]
    assert len(json.loads(own[0].read_text())["exchanges"]) == 2


BACKGROUND = """
from support import get, post

def test_background():
    body = {"model": "gpt-4o-2024-08-06", "input": "think", "background": True}
    made = post("/responses", body)
    while made["status"] != "completed":
        made = get("/responses/" + made["id"])
    assert made["output"][0]["content"][0]["text"] == "Thought about it"
"""


def test_a_background_response_is_polled_from_the_recording(recorded, api):
    project = recorded(BACKGROUND)
    (case,) = project.report()["cases"]
    assert case["samples"][0]["outcome"] == "passed"
    assert api.asked == []
    (call,) = case["samples"][0]["calls"]  # neither "queued" nor "in progress" is an answer
    assert call["reply"]["text"] == "Thought about it"


def test_a_candidates_background_response_is_polled_live(recorded, api):
    project = recorded(BACKGROUND)
    api.version = NEXT
    project.run("--model=candidate").assert_outcomes(passed=1)
    assert [model for _, model in api.asked] == [ALIAS, None, None]


DEFERRED = """
import httpx
from support import BASE, KEY, post

def test_deferred():
    body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": "think"}]}
    id = post("/chat/completions", body | {"deferred": True})["request_id"]
    url = BASE + "/chat/deferred-completion/" + id
    while (look := httpx.get(url, headers=KEY)).status_code == 202:
        pass
    assert look.json()["choices"][0]["message"]["content"] == "Thought about it"
"""


def test_a_deferred_chat_of_xais_is_looked_at_until_it_is_answered(project, api):
    """The id that it is deferred with was taken for the answer: two such are always alike."""
    models = (project.folder / "models.yml").read_text()
    project.write("models.yml", models + ENDPOINTS.replace("openai", "xai"))
    project.write("support.py", SUPPORT)
    project.write("tests/test_support.py", DEFERRED)
    project.record()
    api.asked.clear()
    (case,) = project.report()["cases"]
    assert api.asked == []
    (call,) = case["samples"][0]["calls"]
    assert call["reply"]["text"] == "Thought about it"
    (case,) = project.report("--model=candidate")["cases"]
    assert [model for _, model in api.asked] == [ALIAS, None, None]
    (call,) = case["samples"][0]["calls"]
    assert (call["reply"]["text"], call["fresh"]) == ("Thought about it", True)


WITH_A_TEXT = """
from support import ask, post

def test_retrieval():
    body = {"model": "gpt-3.5-turbo-instruct", "prompt": "Refunds are"}
    assert post("/completions", body)["choices"][0]["text"] == "text 1"
    assert "Answer" in ask("refund?")
"""


def test_a_legacy_completion_replays_beside_the_answer(recorded, api):
    project = recorded(WITH_A_TEXT)
    project.run().assert_outcomes(passed=1)
    assert api.asked == []
    result = project.run("--model=candidate")
    result.assert_outcomes(passed=1)
    assert api.asked == [("/v1/chat/completions", ALIAS)]
    result.stdout.no_fnmatch_line("left out*")


def test_a_call_that_names_no_model_is_none_that_went_live(recorded, api):
    project = recorded("""
from support import ask, get
def test_list():
    get("/models")
    assert "Answer" in ask("refund?")
""")
    result = project.run("--model=production", "--model-record=all")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*went live*")


def test_an_upload_replays_whatever_its_boundary(recorded, api):
    project = recorded(
        """
        from support import BASE, KEY, ask
        import httpx

        def test_upload():
            files = {"file": ("a.jsonl", b"x" * 100_000), "purpose": (None, "batch")}
            made = httpx.post(BASE + "/files", files=files, headers=KEY).raise_for_status().json()
            assert made["id"].startswith("file-1")
            assert "Answer" in ask("hi")
        """
    )
    project.run().assert_outcomes(passed=1)
    assert api.asked == []
    (upload,) = project.folder.rglob("__recordings__/openai_compatible/**/*.json")
    (exchange,) = json.loads(upload.read_text())["exchanges"]
    assert exchange["request"]["body"]["purpose"] == "batch"
    assert exchange["request"]["body"]["file"]["bytes"] == 100_000
    assert upload.stat().st_size < 2_000


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A server of the team's own, at an address that no base URL names."""
    with serving(Api, asked=[], looks=0, version=PIN) as server:
        monkeypatch.setenv("OTHER", server.url)
        yield server


def test_another_servers_paths_pass(recorded, api, other):
    project = recorded(
        """
        import os, httpx
        from support import ask

        def test_both():
            httpx.get(os.environ["OTHER"] + "/files/5").raise_for_status()
            assert "Answer" in ask("hi")
        """
    )
    other.asked.clear()
    project.run().assert_outcomes(passed=1)
    assert (other.asked, api.asked) == ([("/files/5", None)], [])


UNREAD = """
from support import ask, post

def test_both():
    assert post("/threads/runs", {"model": "gpt-4o-2024-08-06", "input": "hi"})["id"]
    assert "Answer" in ask("hi")

def test_read():
    assert "Answer" in ask("hello")
"""
ENDPOINTS = "\nendpoints: [{host: 127.0.0.1, provider: openai}]\n"


@pytest.mark.parametrize(("before", "left_out"), [("", True), ('(unseen="allow")', False)])
def test_a_question_of_which_nothing_is_read_is_no_call_beside_another(
    project, api, before, left_out
):
    """As by Mistral's agents and Cohere's `generate`: whatever the candidate said there, the night
    said nothing of it.
    """
    mark = f"import pytest\n\n@pytest.mark.modelpin{before}\n" if before else ""
    project.write("models.yml", (project.folder / "models.yml").read_text() + ENDPOINTS)
    project.write("support.py", SUPPORT)
    project.write("tests/test_support.py", UNREAD.replace("def test_both", mark + "def test_both"))
    project.record()
    api.asked.clear()
    project.run().assert_outcomes(passed=2)
    assert api.asked == []
    cases = {
        case["id"].rpartition("::")[2]: case
        for case in project.report("--model=candidate")["cases"]
    }
    said = "asked support (gpt-4o) by POST /v1/threads/runs, of which nothing is read"
    assert (said in cases["test_both"].get("left_out", "")) == left_out
    assert not cases["test_read"].get("left_out")
    assert ("/v1/threads/runs", ALIAS) in api.asked
