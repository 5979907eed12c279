"""What goes past the hooks: a replay fails by it, and a candidate's case is left out for it."""

import json

import pytest

from pytest_modelpin.session.unseen import gathered, not_named

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

PIN = "gpt-4o-2024-08-06"

ASK = """
import json, os, subprocess, sys
BASE = os.environ["OPENAI_BASE_URL"]
BODY = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": "fee?"}]}
PATH = "/chat/completions"
"""

CLIENTS = {
    "urllib.request": """
        import urllib.request
        def test_plain():
            data = json.dumps(BODY).encode()
            headers = {"content-type": "application/json"}
            request = urllib.request.Request(BASE + PATH, data, headers)
            assert b"$42" in urllib.request.urlopen(request).read()
    """,
    "http.client": """
        import http.client
        from urllib.parse import urlsplit
        def test_plain():
            parts = urlsplit(BASE)
            connection = http.client.HTTPConnection(parts.hostname, parts.port)
            connection.request("POST", parts.path + PATH, json.dumps(BODY))
            assert b"$42" in connection.getresponse().read()
            connection.close()
    """,
    "a socket": """
        import socket
        from urllib.parse import urlsplit
        def test_plain():
            parts, data = urlsplit(BASE), json.dumps(BODY)
            head = f"POST {parts.path}{PATH} HTTP/1.1\\r\\nhost: x\\r\\nconnection: close\\r\\n"
            with socket.create_connection((parts.hostname, parts.port)) as connection:
                connection.sendall(f"{head}content-length: {len(data)}\\r\\n\\r\\n{data}".encode())
                assert connection.recv(10)
    """,
    "asyncio": """
        import asyncio
        from urllib.parse import urlsplit
        def test_plain():
            async def ask():
                parts = urlsplit(BASE)
                reader, writer = await asyncio.open_connection("localhost", parts.port)
                writer.close()
            asyncio.run(ask())
    """,
}


CLIENTS["another spelling"] = CLIENTS["a socket"].replace("parts.hostname", '"127.1"')
CLIENTS["within IPv6"] = """
    import socket
    from urllib.parse import urlsplit
    def test_plain():
        with socket.socket(socket.AF_INET6) as connection:
            connection.connect(("::ffff:127.0.0.1", urlsplit(BASE).port))
"""
CLIENTS["fast open"] = """
    import socket
    from urllib.parse import urlsplit
    def test_plain():
        parts = urlsplit(BASE)
        with socket.socket() as connection:
            to = parts.hostname, parts.port
            connection.sendto(b"POST / HTTP/1.1\\r\\n", getattr(socket, "MSG_FASTOPEN", 0), to)
"""
NAMED = {"another spelling": "a socket", "within IPv6": "a socket", "fast open": "a socket"}
"""What an alarm calls them."""


@pytest.fixture
def suite(project, monkeypatch):
    """A project whose models stand at OPENAI_BASE_URL."""
    monkeypatch.setenv("OPENAI_BASE_URL", project.server.url + "/v1")
    return project


def plain(project, client):
    test = CLIENTS[client]
    from textwrap import dedent

    project.write("tests/test_plain.py", ASK + dedent(test))


@pytest.mark.long
@pytest.mark.parametrize("client", CLIENTS)
def test_a_replay_fails_by_what_no_hook_sees_before_it_is_sent(suite, client):
    suite.record()
    plain(suite, client)
    result = suite.run()
    result.assert_outcomes(passed=2, failed=1)
    port, named = suite.server.url.rpartition(":")[2], NAMED.get(client, client)
    result.stdout.fnmatch_lines(
        [f"*test_plain.py::test_plain asked 127.0.0.1:{port}*through {named}*unseen=?allow?*"]
    )
    assert suite.server.requests == []


@pytest.mark.parametrize("client", CLIENTS)
def test_a_candidates_case_that_asked_unseen_is_left_out_by_name(suite, client):
    suite.record()
    plain(suite, client)
    result = suite.run("--model=candidate", "--model-report=run.json")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["*left out: tests/test_plain.py::test_plain asked *unseen*"])
    run = json.loads((suite.folder / "run.json").read_text())
    left_out = {case["id"]: case["left_out"] for case in run["cases"] if case["left_out"]}
    assert list(left_out) == ["tests/test_plain.py::test_plain"]
    assert f"through {NAMED.get(client, client)}" in left_out["tests/test_plain.py::test_plain"]


def test_a_loop_that_swallows_what_is_no_ordinary_exception_is_not_left_waiting(suite):
    suite.write(
        "tests/test_plain.py",
        ASK
        + """
import asyncio
from urllib.parse import urlsplit

class Client:  # as Tornado's: what its own task raises is told to nobody but for an Exception
    async def run(self, answer):
        try:
            await asyncio.open_connection("127.0.0.1", urlsplit(BASE).port)
        except Exception as error:
            answer.set_exception(error)

def test_plain():
    async def ask():
        answer = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(Client().run(answer))
        await answer
    asyncio.run(ask())
""",
    )
    options = ["-p", "no:cacheprovider", "tests/test_plain.py"]
    result = suite.pytester.runpytest_subprocess(*options, timeout=60)
    result.assert_outcomes(failed=1)
    assert suite.server.requests == []


REACTOR = """
import socket

def look_up(address, answer):  # as Twisted's: in a thread, whose other ends are a line of its log
    try:
        answer.put(socket.getaddrinfo(*address))
    except socket.gaierror as error:
        answer.put(error)
    except BaseException:
        print("Unhandled error")

def connect(address, answer):  # in the reactor's own thread
    try:
        with socket.socket() as connection:
            answer.put(connection.connect_ex(address))
    except OSError as error:
        answer.put(error.args[0])
    except BaseException:
        print("Unhandled error")
"""


def test_a_reactor_that_passes_on_nothing_but_a_sockets_own_errors_is_given_them(suite):
    suite.write("tests/twisted/__init__.py", "")
    suite.write("tests/twisted/reactor.py", REACTOR)
    suite.write(
        "tests/test_plain.py",
        ASK
        + """
import errno, queue, socket, threading
from twisted.reactor import connect, look_up
from urllib.parse import urlsplit

ADDRESS = "127.0.0.1", urlsplit(BASE).port

def test_look_up():
    answer = queue.Queue()
    threading.Thread(target=look_up, args=(ADDRESS, answer), daemon=True).start()
    assert isinstance(answer.get(timeout=10), socket.gaierror)

def test_connect():
    answer = queue.Queue()
    connect(ADDRESS, answer)
    assert answer.get(timeout=10) == errno.ECONNREFUSED
""",
    )
    result = suite.run("tests/test_plain.py")
    result.assert_outcomes(failed=2)
    port = suite.server.url.rpartition(":")[2]
    for test in ("test_look_up", "test_connect"):
        result.stdout.fnmatch_lines([f"*::{test} asked 127.0.0.1:{port} through twisted*"])
    result.stdout.no_fnmatch_line("*Unhandled error*")
    result.stdout.no_fnmatch_line("*Empty*")
    assert suite.server.requests == []


def left_out(project, *options):
    run = project.report("--model=candidate", *options)
    return {case["id"].partition("::")[2]: case["left_out"] for case in run["cases"]}


def test_a_suite_may_let_it_pass_or_only_be_warned(suite):
    suite.record()
    plain(suite, "urllib.request")
    result = suite.run("-o", "modelpin_unseen=warn")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["unseen: tests/test_plain.py::test_plain asked *urllib.request*"])
    result = suite.run("-o", "modelpin_unseen=allow")
    result.assert_outcomes(passed=3)
    result.stdout.no_fnmatch_line("*unseen*")
    suite.run("-o", "modelpin_unseen=off").stderr.fnmatch_lines(
        ["*modelpin_unseen = off: choose one of fail, warn, allow*"]
    )


def test_a_test_may_let_it_pass_by_its_marker(suite):
    suite.record()
    plain(suite, "urllib.request")
    path = suite.folder / "tests/test_plain.py"
    marked = path.read_text().replace(
        "def test_plain", 'import pytest\n@pytest.mark.modelpin(unseen="allow")\ndef test_plain'
    )
    path.write_text(marked)
    suite.run().assert_outcomes(passed=3)
    assert not any(left_out(suite).values())


def test_what_the_test_swallows_fails_it_nevertheless(suite):
    suite.write(
        "tests/test_plain.py",
        ASK
        + """
import urllib.request
def test_plain():
    try:
        urllib.request.urlopen(BASE + PATH, json.dumps(BODY).encode())
    except BaseException:
        pass
""",
    )
    result = suite.run("tests/test_plain.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_plain asked *POST*through urllib.request*"])


@pytest.mark.long
def test_hooked_connections_alarm_nobody(suite):
    suite.write(
        "tests/test_hooked.py",
        ASK
        + """
import aiohttp, asyncio, httpx, httpx2, pytest, requests, threading
from concurrent.futures import ThreadPoolExecutor
CLIENT = httpx.Client()  # kept alive from test to test
SESSION = requests.Session()

def check(reply): assert "$42" in reply.text

@pytest.mark.parametrize("n", range(3))
def test_kept(n): check(CLIENT.post(BASE + PATH, json=BODY))

@pytest.mark.parametrize("n", range(3))
def test_kept_by_requests(n): check(SESSION.post(BASE + PATH, json=BODY))

def test_threads():
    with ThreadPoolExecutor(4) as pool:
        for reply in pool.map(lambda n: httpx2.post(BASE + PATH, json={**BODY, "n": n}), range(8)):
            check(reply)

def test_tasks():
    async def ask():
        async with httpx.AsyncClient() as one, httpx2.AsyncClient() as two:
            url = BASE.replace("127.0.0.1", "localhost") + PATH
            asked = [one.post(url, json={**BODY, "n": n}) for n in range(4)]
            asked += [two.post(url, json={**BODY, "n": n}) for n in range(4)]
            for reply in await asyncio.gather(*asked):
                check(reply)
        async with aiohttp.ClientSession() as session:
            for n in range(4):
                reply = await session.post(url, json={**BODY, "n": n})
                assert "$42" in await reply.text()
    asyncio.run(ask())

def test_git(): subprocess.run(["git", "--version"], check=True, capture_output=True)

def test_own_server():
    import http.server, urllib.request
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.handle_request, daemon=True).start()
    with pytest.raises(Exception, match="501"):
        urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/")
    server.server_close()
""",
    )
    suite.run("--model=production", "--model-record=new", "--snapshot-update").assert_outcomes(
        passed=12
    )
    suite.run().assert_outcomes(passed=12)
    assert not any(left_out(suite, "--model-samples=2").values())


def test_kept_connections_of_another_client_are_seen_in_each_test(suite):
    suite.record()
    suite.write(
        "tests/test_kept.py",
        ASK
        + """
import http.client, pytest
from urllib.parse import urlsplit
KEPT = http.client.HTTPConnection(urlsplit(BASE).hostname, urlsplit(BASE).port)
@pytest.mark.parametrize("n", range(3))
def test_kept(n):
    KEPT.request("POST", urlsplit(BASE).path + PATH, json.dumps(BODY))
    assert KEPT.getresponse().read()
""",
    )
    found = left_out(suite)
    assert [name for name, why in found.items() if why] == [f"test_kept[{n}]" for n in range(3)]


def test_all_tests_are_left_out_that_share_what_a_fixture_asked_unseen(suite):
    suite.record()
    suite.write(
        "tests/test_shared.py",
        ASK
        + """
import pytest, urllib.request
@pytest.fixture(scope="module")
def fee(): return urllib.request.urlopen(BASE + PATH, json.dumps(BODY).encode()).read().decode()
def test_one(fee): assert "$42" in fee
def test_two(fee): assert "$42" in fee
def test_other(): pass
""",
    )
    found = left_out(suite)
    assert [name for name, why in found.items() if why] == ["test_one", "test_two"]


def test_a_case_that_heard_nothing_fresh_is_left_out(suite):
    suite.record()
    path = suite.folder / "tests/test_support.py"
    path.write_text(
        path.read_text()
        .replace('assert "$" in ask("fee?")', "pass")
        .replace("def test_refund", "import pytest\n@pytest.mark.skip\ndef test_refund")
    )
    found = left_out(suite)
    assert found["test_fee"] == (
        f"heard nothing fresh from support (gpt-4o), though its pin {PIN} is recorded"
    )
    assert "heard nothing fresh" in found["test_refund"]
    result = suite.run("--model=candidate")
    result.stdout.fnmatch_lines(["*support: asked for gpt-4o (candidate), no reply*"])
    result.stdout.no_fnmatch_line("*served version unknown*")


def test_a_second_sample_from_the_clients_own_cache_leaves_the_case_out(suite):
    suite.record()
    support = (suite.folder / "support.py").read_text()
    cached = support.replace("def ask", "import functools\n@functools.cache\ndef ask")
    suite.write("support.py", cached)
    assert not any(left_out(suite).values())
    assert "heard nothing fresh" in left_out(suite, "--model-samples=2")["test_fee"]


UNKNOWN_WIRES = {
    "httpx": 'httpx.get(BASE + "/made/up")',
    "requests": 'requests.get(BASE + "/made/up")',
    "urllib3": 'urllib3.PoolManager().request("GET", BASE + "/made/up")',
    "aiohttp": "asyncio.run(get())",
}


@pytest.mark.parametrize("client", UNKNOWN_WIRES)
def test_known_hosts_unknown_wires_are_named(suite, client):
    suite.write(
        "tests/test_plain.py",
        ASK
        + f"""
import aiohttp, asyncio, httpx, requests, urllib3
async def get():
    async with aiohttp.ClientSession() as session, session.get(BASE + "/made/up"): pass
def test_plain(): {UNKNOWN_WIRES[client]}
""",
    )
    result = suite.run("tests/test_plain.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"*test_plain asked *(GET /v1/made/up) through {client},*"])
    assert suite.server.requests == []


def test_an_id_that_models_yml_does_not_name_is_said(suite):
    suite.record()
    suite.write(
        "tests/test_plain.py",
        """
        from support import ask
        def test_plain(): assert ask("fee?", model="gpt-4o-mini-2024-07-18")
        """,
    )
    result = suite.run()
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["*test_plain asked gpt-4o-mini-2024-07-18, which models.yml does not pin,*"]
    )
    assert suite.server.requests == []
    said = "went live: gpt-4o-mini-2024-07-18, not in models.yml (tests/test_plain.py::test_plain)"
    result = suite.run("--model=candidate", "--model-report=run.json")
    result.stdout.fnmatch_lines([f"*{said}"])
    assert said in json.loads((suite.folder / "run.json").read_text())["notes"]
    suite.run("-o", "modelpin_unseen=allow").stdout.fnmatch_lines([said])


def test_a_model_that_many_tests_ask_unnamed_is_said_once():
    tests = [not_named("gpt-5", f"test_a.py::test[{at}]") for at in range(9)]
    assert gathered([tests[0], ("lost: a worker", ""), *tests, not_named("o3", "b.py::test")]) == [
        "went live: gpt-5, not in models.yml (test_a.py::test[0], test_a.py::test[1] and 7 more)",
        "lost: a worker",
        "went live: o3, not in models.yml (b.py::test)",
    ]


def test_what_a_base_urls_path_excludes_is_no_model(suite):
    suite.record()
    suite.write(
        "tests/test_plain.py",
        ASK
        + """
import httpx, requests
def test_plain():
    health = BASE.removesuffix("/v1") + "/health"
    assert httpx.get(health).status_code == requests.get(health).status_code
""",
    )
    suite.run().assert_outcomes(passed=3)


def test_a_passing_test_that_recorded_nothing_is_said(suite):
    suite.write(
        "tests/test_plain.py",
        ASK
        + """
import httpx
def test_plain(): assert httpx.post(BASE + PATH, json=BODY).status_code == 429
""",
    )
    from pytest_modelpin.demo.provider_server import Fault

    suite.server.faults.extend([Fault(status=429)] * 20)
    result = suite.run("--model-record=new", "tests/test_plain.py")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["tests/test_plain.py::test_plain passed but recorded nothing*429*"]
    )


@pytest.mark.long
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_what_a_child_of_multiprocessing_asks_past_the_hooks_is_seen(suite, method):
    suite.record()
    suite.write(
        "tests/test_plain.py",
        ASK
        + f"""
import multiprocessing, urllib.request

def asks(url):
    data, headers = json.dumps(BODY).encode(), {{"content-type": "application/json"}}
    urllib.request.urlopen(urllib.request.Request(url, data, headers)).read()

def test_plain():
    process = multiprocessing.get_context("{method}").Process(target=asks, args=[BASE + PATH])
    process.start()
    process.join(30)
    assert process.exitcode == 0
""",
    )
    options = ["-p", "no:cacheprovider", "--model=candidate", "--model-report=run.json"]
    result = suite.pytester.runpytest_subprocess(*options, timeout=120)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["left out: tests/test_plain.py::test_plain asked *unseen"])

    suite.server.requests.clear()
    result = suite.pytester.runpytest_subprocess("-p", "no:cacheprovider", timeout=120)
    result.assert_outcomes(passed=2, failed=1)
    assert suite.server.requests == []


STARTS = (
    'subprocess.run(["echo", URL])',
    'os.system(f"echo {URL}")',
    'os.spawnlp(os.P_WAIT, "echo", "echo", URL)',
    'os.waitpid(os.posix_spawnp("echo", ["echo", URL], {}), 0)',
)


def test_each_child_told_by_its_arguments_is_named(suite):
    head = 'import os, subprocess\nURL = "https://api.openai.com/v1/models"'
    tests = [f"def test_{number}(): {start}" for number, start in enumerate(STARTS)]
    suite.write("tests/test_plain.py", "\n".join([head, *tests]))
    result = suite.pytester.runpytest_subprocess("-p", "no:cacheprovider", "tests/test_plain.py")
    result.assert_outcomes(failed=len(STARTS))
    for number in range(len(STARTS)):
        result.stdout.fnmatch_lines(
            [f"*::test_{number} asked api.openai.com through a child process (*)*"]
        )
