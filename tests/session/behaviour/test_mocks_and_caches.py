"""Mocks, cassettes, caches and proxies of real libraries between a test and its model.

A replay needs none of them and calls nobody. A candidate's run either asks the candidate through
them, or says that it was not asked.
"""

import json
import textwrap
from http.client import HTTPConnection

import pytest
from own_server import Handler, serving

PIN = "gpt-4o-2024-08-06"
PLUGINS = ("-p", "pytest_recording.plugin", "-p", "pytest_httpx")
BODY = {"model": PIN, "messages": [{"role": "user", "content": "fee?"}]}


@pytest.fixture
def suite(project, monkeypatch):
    """A project whose models stand at OPENAI_BASE_URL."""
    monkeypatch.setenv("OPENAI_BASE_URL", project.server.url + "/v1")
    return project


def reported(suite, *options):
    """Outcome and why it is left out of each case of a candidate's run."""
    suite.pytester.runpytest_subprocess("--model=candidate", "--model-report=run.json", *options)
    cases = json.loads((suite.folder / "run.json").read_text())["cases"]
    return {
        case["id"].rpartition("::")[2]: (case["samples"][0]["outcome"], case["left_out"])
        for case in cases
    }


@pytest.mark.long
def test_a_cassette_plays_in_a_replay_and_is_left_out_of_a_candidates_run(suite):
    suite.write(
        "tests/test_support.py",
        """
        import pytest
        from support import ask

        @pytest.mark.vcr
        def test_taped(): assert "$42" in ask("fee?")

        def test_ours(): assert "days" in ask("refund?")
        """,
    )
    # Recorded by hand: a cassette that vcrpy records goes through our hooks to the provider.
    url = f"{suite.server.url}/v1/chat/completions"
    said = {"model": PIN, "choices": [{"message": {"role": "assistant", "content": "$42"}}]}
    interaction = {
        "request": {"method": "POST", "uri": url, "body": json.dumps(BODY), "headers": {}},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"content-type": ["application/json"]},
            "body": {"string": json.dumps(said)},
        },
    }
    cassette = {"version": 1, "interactions": [interaction]}
    suite.write("tests/cassettes/test_support/test_taped.yaml", json.dumps(cassette))
    run = suite.pytester.runpytest_subprocess
    run("--model=production", "--model-record=new", *PLUGINS).assert_outcomes(passed=2)
    assert len(suite.server.requests) == 1
    suite.server.requests.clear()
    run(*PLUGINS).assert_outcomes(passed=2)
    assert suite.server.requests == []
    found = reported(suite, *PLUGINS)
    assert found["test_ours"] == ("passed", "")
    assert found["test_taped"][0] == "passed"
    assert "through a vcrpy cassette, unseen" in found["test_taped"][1]


THROUGH = {
    "a cassette that records": """
        with vcr.use_cassette(str(tmp_path / "new.yaml"), record_mode="all"):
            requests.post(URL, json=BODY).raise_for_status()
    """,
    "a cassette that adds": """
        with vcr.use_cassette(str(tmp_path / "new.yaml"), record_mode="new_episodes"):
            requests.post(URL, json=BODY).raise_for_status()
    """,
    "respx": """
        with respx.mock(assert_all_mocked=False) as mock:
            mock.route().pass_through()
            httpx.post(URL, json=BODY).raise_for_status()
    """,
    "respx, asynchronous": """
        async def ask():
            async with respx.mock(assert_all_mocked=False) as mock:
                mock.route().pass_through()
                async with httpx.AsyncClient() as client:
                    (await client.post(URL, json=BODY)).raise_for_status()
        asyncio.run(ask())
    """,
}
"""How a mock or a cassette that stands below our hooks lets a question reach the network."""


@pytest.mark.long
def test_what_a_mock_lets_through_to_the_network_is_stopped_or_said(suite):
    tests = [
        f"def test_{number}(tmp_path):\n{textwrap.indent(textwrap.dedent(body), '    ')}"
        for number, body in enumerate(THROUGH.values())
    ]
    head = "import asyncio, os\nimport httpx, requests, respx, vcr\n"
    head += f"URL = os.environ['OPENAI_BASE_URL'] + '/chat/completions'\nBODY = {BODY!r}\n"
    suite.write("tests/test_support.py", head + "\n".join(tests))
    replay = suite.pytester.runpytest_subprocess()
    replay.assert_outcomes(failed=len(THROUGH))
    replay.stdout.fnmatch_lines(["*asked 127.0.0.1:* through requests*"])
    replay.stdout.fnmatch_lines(["*asked 127.0.0.1:* through httpx*"])
    assert suite.server.requests == []
    left_out = [why for _, why in reported(suite).values()]
    assert len(left_out) == len(THROUGH)
    assert all(" through " in why and ", unseen" in why for why in left_out)


@pytest.mark.long
def test_what_pytest_httpx_answers_is_no_model_s_answer(suite):
    suite.record()
    suite.write(
        "tests/test_mocked.py",
        """
        from support import ask

        def test_mocked(httpx_mock):
            said = {"choices": [{"message": {"content": "mocked"}}]}
            httpx_mock.add_response(json=said)
            assert ask("never heard of") == "mocked"
        """,
    )
    suite.pytester.runpytest_subprocess(*PLUGINS).assert_outcomes(passed=3)
    assert suite.server.requests == []
    found = reported(suite, *PLUGINS)
    assert found == {"test_fee": ("passed", ""), "test_refund": ("passed", "")}
    mock = "def test_fee(httpx_mock):\n    httpx_mock.add_response(json={'choices': [{'message': "
    mock += "{'content': '$1'}}]})\n    "
    path = suite.folder / "tests/test_support.py"
    path.write_text(path.read_text().replace("def test_fee():", mock))
    assert "heard nothing fresh" in reported(suite, *PLUGINS)["test_fee"][1]


@pytest.mark.long
def test_what_respx_answers_is_no_model_s_answer(suite):
    suite.record()
    suite.write(
        "tests/test_mocked.py",
        """
        import respx
        from support import ask

        @respx.mock
        def test_mocked():
            respx.route().respond(json={"choices": [{"message": {"content": "mocked"}}]})
            assert ask("never heard of") == "mocked"
        """,
    )
    suite.pytester.runpytest_subprocess().assert_outcomes(passed=3)
    assert suite.server.requests == []
    assert set(reported(suite)) == {"test_fee", "test_refund"}


def test_a_mock_answers_for_a_model_that_models_yml_does_not_name_as_without_the_plugin(suite):
    suite.record()
    suite.write(
        "tests/test_mocked.py",
        """
        import asyncio
        import httpx, respx

        BODY = {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "hi"}]}
        SOMEWHERE = "https://models.example.com/v1/chat/completions"
        OPENAI = "https://api.openai.com/v1/chat/completions"

        @respx.mock
        def test_elsewhere():
            respx.post(SOMEWHERE).respond(json={"choices": []})
            assert httpx.post(SOMEWHERE, json=BODY).json() == {"choices": []}

        @respx.mock
        def test_at_openai():
            respx.post(OPENAI).respond(json={"choices": []})
            assert httpx.post(OPENAI, json=BODY).json() == {"choices": []}

        @respx.mock
        def test_listed():
            respx.get("https://api.openai.com/v1/models").respond(json={"data": []})
            assert httpx.get("https://api.openai.com/v1/models").json() == {"data": []}
            respx.post("https://api.openai.com/v1/files").respond(json={})
            assert httpx.post("https://api.openai.com/v1/files", content=b"x").json() == {}

        @respx.mock
        def test_asynchronously():
            respx.post(SOMEWHERE).respond(json={"choices": []})

            async def ask():
                async with httpx.AsyncClient() as client:
                    return (await client.post(SOMEWHERE, json=BODY)).json()

            assert asyncio.run(ask()) == {"choices": []}
        """,
    )
    done = suite.pytester.runpytest_subprocess()
    done.assert_outcomes(passed=6)
    assert "gpt-4.1-mini" not in done.stdout.str()
    assert suite.server.requests == []


CACHE = '''
import json, os, sqlite3
import httpx

def ask(question, model="gpt-4o-2024-08-06"):
    """A client with a cache on disk, as dspy keeps one: by the request that the caller makes."""
    with sqlite3.connect("cache.db") as cache:
        cache.execute("create table if not exists said (request primary key, answer)")
        key = json.dumps([question, model])
        for (answer,) in cache.execute("select answer from said where request = ?", [key]):
            return answer
        url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
        body = {"model": model, "messages": [{"role": "user", "content": question}]}
        reply = httpx.post(url, json=body).raise_for_status().json()
        answer = reply["choices"][0]["message"]["content"]
        cache.execute("insert into said values (?, ?)", [key, answer])
    cache.close()
    return answer
'''


@pytest.mark.long
def test_a_clients_own_cache_on_disk_is_no_candidates_answer(suite):
    suite.write("support.py", CACHE)
    suite.record()
    assert (suite.folder / "cache.db").is_file()
    found = reported(suite)
    assert {why.partition(" from ")[0] for _, why in found.values()} == {"heard nothing fresh"}
    suite.server.requests.clear()
    (suite.folder / "cache.db").unlink()
    assert reported(suite) == {"test_fee": ("passed", ""), "test_refund": ("passed", "")}


KEPT_STEP = {
    "on disk": """
        def topic(text):
            kept = Path("topic.txt")
            if not kept.exists():
                kept.write_text(ask("topic of " + text))
            return kept.read_text()
    """,
    "in memory": """
        @lru_cache
        def topic(text): return ask("topic of " + text)
    """,
}


@pytest.mark.long
@pytest.mark.parametrize("kept", KEPT_STEP)
def test_a_step_that_a_cache_answers_is_no_candidates_though_the_next_one_is(suite, kept):
    """Three nights were green on the pin's own answer to the first question of a chain."""
    test = """
        def test_chain(): assert "mail" in ask("mail on " + topic("x"))
        def test_fee(): assert "$42" in ask("fee?")
    """
    lead = "from functools import lru_cache\nfrom pathlib import Path\nfrom support import ask\n"
    suite.write(
        "tests/test_support.py", lead + "".join(map(textwrap.dedent, (KEPT_STEP[kept], test)))
    )
    run = suite.pytester.runpytest_subprocess
    run("--model=production", "--model-record=new", "--model-samples=3").assert_outcomes(passed=2)
    assert len(suite.server.requests) == 7
    found = reported(suite, "--model-samples=2")
    assert found["test_fee"] == ("passed", "")
    if kept == "in memory":  # the candidate's own answer
        assert found["test_chain"] == ("passed", "")
        return
    assert found["test_chain"][1].startswith('did not ask support (gpt-4o) "topic of x"')
    (suite.folder / "topic.txt").unlink()
    assert reported(suite, "--model-samples=2")["test_chain"] == ("passed", "")


class Proxy(Handler):
    """Passes on what it is asked in the absolute form."""

    def do_POST(self):
        self.server.passed.append(self.path)
        body = self.content()
        host, _, path = self.path.removeprefix("http://").partition("/")
        there = HTTPConnection(host)
        there.request("POST", f"/{path}", body, {"content-type": "application/json"})
        reply = there.getresponse()
        self.give(reply.read(), reply.status)
        there.close()


@pytest.fixture
def proxy(monkeypatch):
    """HTTP_PROXY leads to it, for this machine too."""
    with serving(Proxy, passed=[]) as server:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, server.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield server.passed


@pytest.mark.long
def test_a_proxy_is_seen_through(suite, proxy):
    suite.record()
    assert len(proxy) == 2
    proxy.clear()
    suite.write(
        "tests/test_plain.py",
        f"""
        import json, os, urllib.request
        def test_plain():
            url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
            headers = {{"content-type": "application/json"}}
            data = json.dumps({BODY!r}).encode()
            request = urllib.request.Request(url, data, headers)
            assert b"$42" in urllib.request.urlopen(request).read()
        """,
    )
    result = suite.pytester.runpytest_subprocess()
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*test_plain asked *POST*through urllib.request*"])
    assert proxy == []
    found = reported(suite)
    assert [name for name, (_, why) in found.items() if why] == ["test_plain"]
    assert len(proxy) == 3


def test_an_answer_that_no_model_gave_is_named(suite):
    """A cache that was filled before the pin was ever recorded passed each night, unsaid."""
    suite.write(
        "tests/test_support.py",
        """
        from support import ask

        def test_kept(model_snapshot): assert "kept long ago" == model_snapshot

        def test_no_answer_of_a_models(): assert 1 + 1 == 2

        def test_fee(model_snapshot): assert ask("fee?") == model_snapshot
        """,
    )
    said = "*answered without a model: *turn it off for tests (tests/test_support.py::test_kept)*"
    recording = suite.run("--model=production", "--model-record=new", "--snapshot-update")
    recording.stdout.fnmatch_lines([said])
    [note] = [note for note in suite.report("--model=candidate")["notes"] if "without" in note]
    assert "test_kept" in note
    replay = suite.run()
    replay.assert_outcomes(passed=3)
    replay.stdout.no_fnmatch_line(said)
    suite.write("pytest.ini", "[pytest]\nmodelpin_snapshot = true\n")
    assert not any("without" in note for note in suite.report("--model=candidate")["notes"])
