"""Children with a model's address of their own: seen in whatever Python process a test starts."""

from __future__ import annotations

import json
import os

import pytest

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]

CLIENTS = {
    "httpx": "httpx.post(URL, json=BODY, timeout=30).raise_for_status()",
    "requests": "requests.post(URL, json=BODY, timeout=30).raise_for_status()",
    "urllib.request": "urllib.request.urlopen(urllib.request.Request(URL, DATA, HEADERS)).read()",
}

SCRIPT = """
import json, {module}
URL = "{url}/chat/completions"
BODY = {{"model": "gpt-4o-2024-08-06", "messages": [{{"role": "user", "content": "fee?"}}]}}
DATA, HEADERS = json.dumps(BODY).encode(), {{"content-type": "application/json"}}
{ask}
"""

STARTS = {
    "subprocess": "subprocess.run(WORDS, check=True)",
    "in a shell": 'subprocess.run(f"cd . && {sys.executable} ask.py", shell=True, check=True)',
    "no environment": "subprocess.run(WORDS, env={}, check=True)",
    "a child of a child": 'subprocess.run([sys.executable, "between.py"], check=True)',
}

TEST = """
import os, subprocess, sys
WORDS = [sys.executable, "ask.py"]
def test_plain(): {start}
"""

BETWEEN = 'import subprocess, sys\nsubprocess.run([sys.executable, "ask.py"], check=True)\n'


@pytest.fixture
def suite(project, monkeypatch):
    """A project whose models stand at OPENAI_BASE_URL, and a script that has it written into it."""
    monkeypatch.setenv("OPENAI_BASE_URL", project.server.url + "/v1")
    project.write("between.py", BETWEEN)
    project.write("tests/test_plain.py", TEST.format(start=STARTS["subprocess"]))
    return project


def asks_by(suite, client):
    url = suite.server.url + "/v1"
    module = client.partition(":")[0]
    suite.write("ask.py", SCRIPT.format(module=module, url=url, ask=CLIENTS[client]))


def run(suite, *options):
    return suite.pytester.runpytest_subprocess("-p", "no:cacheprovider", *options, timeout=120)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_replay_stops_what_a_child_asks_by_an_address_of_its_own(suite, client):
    asks_by(suite, client)
    result = run(suite, "tests/test_plain.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [f"*test_plain.py::test_plain asked 127.0.0.1:* through a child process ({client}), where*"]
    )
    assert "such as OPENAI_BASE_URL" in result.stdout.str()
    assert suite.server.requests == []


@pytest.mark.long
@pytest.mark.parametrize("start", STARTS)
def test_a_candidates_case_whose_child_went_past_is_left_out(suite, start):
    (suite.folder / "tests/test_plain.py").unlink()
    suite.record()
    asks_by(suite, "httpx")
    suite.write("tests/test_plain.py", TEST.format(start=STARTS[start]))
    result = run(suite, "--model=candidate", "--model-report=run.json")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        ["left out: tests/test_plain.py::test_plain asked 127.0.0.1:* a child process (httpx)*"]
    )
    cases = json.loads((suite.folder / "run.json").read_text())["cases"]
    assert [bool(case["left_out"]) for case in cases] == [True, False, False]


def test_a_child_of_os_system_is_seen_at_an_address_that_a_variable_names(suite):
    """While it runs, this process's own variables lead it back here."""
    asks_by(suite, "httpx")
    start = 'assert os.system(f"{sys.executable} ask.py") == 0'
    suite.write("tests/test_plain.py", TEST.format(start=start))
    result = run(suite, "tests/test_plain.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_plain asked 127.0.0.1:* a child process (httpx), where*"])
    assert suite.server.requests == []


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("", ["*test_plain asked 127.0.0.1:* a child process (httpx), where*"]),
        ('@pytest.mark.modelpin(unseen="allow")', ["*[[]SSL:*"]),
    ],
    ids=["seen", "allowed"],
)
def test_a_child_keeps_a_base_url_by_tls_to_this_machine(suite, monkeypatch, mark, said):
    """Its server is the test's own: who but the child could check its certificate?"""
    url = suite.server.url.replace("http:", "https:")
    asks_by(suite, "httpx")
    monkeypatch.delenv("OPENAI_BASE_URL")
    start = (
        f'subprocess.run(WORDS, env={{**os.environ, "OPENAI_BASE_URL": "{url}/v1"}}, check=True)'
    )
    suite.write(
        "tests/test_plain.py",
        "import pytest\n" + TEST.format(start=start).replace("def ", f"{mark}\ndef "),
    )
    text = (suite.folder / "ask.py").read_text().replace(f'"{suite.server.url}/v1', 'URL_OF + "')
    suite.write("ask.py", 'import os\nURL_OF = os.environ["OPENAI_BASE_URL"]\n' + text)
    result = run(suite, "tests/test_plain.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(said)
    assert suite.server.requests == []


def test_a_child_is_refused_by_a_sockets_own_errors_with_their_numbers(suite):
    """Twisted's reactor tells who waits of no other, and the child ran on."""
    address = suite.server.url.removeprefix("http://").split(":")
    suite.write(
        "ask.py",
        f"""
import errno, socket
ADDRESS = {address[0]!r}, {address[1]}
try:
    socket.getaddrinfo(*ADDRESS)
except socket.gaierror as error:
    assert error.args[0] == socket.EAI_NONAME
try:
    socket.socket().connect_ex(ADDRESS)
except OSError as error:
    assert error.args[0] == errno.ECONNREFUSED
    print("refused by number")
""",
    )
    result = run(suite, "tests/test_plain.py", "-s")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*refused by number*"])
    assert suite.server.requests == []


def test_what_a_child_swallows_fails_its_test_nevertheless(suite):
    asks_by(suite, "httpx")
    text = (suite.folder / "ask.py").read_text()
    swallowed = text.replace("httpx.post", "try: httpx.post") + "except Exception: pass\n"
    suite.write("ask.py", swallowed)
    result = run(suite, "tests/test_plain.py")
    assert result.ret == 1
    assert suite.server.requests == []


def test_a_child_of_a_shared_fixture_is_seen_in_the_test_that_runs(suite):
    each_time = f"""
import sys
for line in sys.stdin:
    try: {CLIENTS["httpx"]}
    except Exception: pass
    print(flush=True)
"""
    url = suite.server.url + "/v1"
    suite.write("ask.py", SCRIPT.format(module="httpx", url=url, ask=each_time))
    suite.write(
        "tests/test_plain.py",
        """
        import subprocess, sys
        import pytest

        @pytest.fixture(scope="module")
        def service():
            pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            with subprocess.Popen([sys.executable, "ask.py"], **pipes) as service:
                yield service
                service.stdin.close()

        def test_quiet(service): pass
        def test_plain(service):
            service.stdin.write("go\\n")
            service.stdin.flush()
            assert service.stdout.readline()
        """,
    )
    result = run(suite, "-p", "no:randomly", "tests/test_plain.py")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*FAILED tests/test_plain.py::test_plain*"])
    assert suite.server.requests == []


def test_what_a_child_asks_of_others_alarms_nobody(suite):
    suite.write(
        "tests/test_plain.py",
        """
        import subprocess, sys
        from http.server import BaseHTTPRequestHandler, HTTPServer
        from threading import Thread

        ASK = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read())"

        class Hello(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"hello")

        def test_git(): subprocess.run(["git", "--version"], check=True, capture_output=True)
        def test_own_server():
            with HTTPServer(("127.0.0.1", 0), Hello) as server:
                Thread(target=server.handle_request).start()
                url = f"http://127.0.0.1:{server.server_port}/"
                done = subprocess.run([sys.executable, "-c", ASK, url], capture_output=True)
            assert b"hello" in done.stdout, done.stderr
        """,
    )
    result = run(suite, "tests/test_plain.py")
    result.assert_outcomes(passed=2)
    assert "unseen" not in result.stdout.str()


def test_a_childs_own_sitecustomize_runs_and_its_path_is_as_it_was(suite):
    suite.write("own/sitecustomize.py", "CUSTOM = 'ours'")
    suite.write(
        "tests/test_plain.py",
        """
        import json, os, subprocess, sys
        SAY = "import json, sys, sitecustomize as s; print(json.dumps([s.CUSTOM, sys.path]))"

        def said(**variables):
            environment = {**os.environ, "PYTHONPATH": "own", **variables}
            done = subprocess.run([sys.executable, "-c", SAY], env=environment, capture_output=True)
            return json.loads(done.stdout or "null")

        def test_path():
            custom, path = said()
            assert custom == "ours"
            assert not any("pytest_modelpin/intercept" in each for each in path), path
        """,
    )
    run(suite, "tests/test_plain.py").assert_outcomes(passed=1)


def test_what_a_gateway_asks_for_a_hooked_request_is_that_requests(suite):
    """A proxy that a fixture starts asks a provider because a test asks it, and is recorded."""
    suite.write(
        "ask.py",
        f"""
        import urllib.request
        from http.server import BaseHTTPRequestHandler, HTTPServer
        class Gateway(BaseHTTPRequestHandler):
            def do_POST(self):
                data = self.rfile.read(int(self.headers["content-length"]))
                url = "{suite.server.url}" + self.path
                headers = {{"content-type": "application/json"}}
                reply = urllib.request.urlopen(urllib.request.Request(url, data, headers)).read()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)
        with HTTPServer(("127.0.0.1", 0), Gateway) as server:
            print(server.server_port, flush=True)
            server.serve_forever()
        """,
    )
    suite.write(
        "tests/test_plain.py",
        """
        import subprocess, sys
        import httpx, pytest
        BODY = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": "fee?"}]}

        @pytest.fixture(scope="module")
        def gateway():
            words = [sys.executable, "ask.py"]
            with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as service:
                yield f"http://127.0.0.1:{service.stdout.readline().strip()}/v1"
                service.kill()

        def test_plain(gateway):
            reply = httpx.post(gateway + "/chat/completions", json=BODY, timeout=30)
            assert "$42" in reply.json()["choices"][0]["message"]["content"]
        """,
    )
    result = run(suite, "--model=candidate", "--model-report=run.json", "tests/test_plain.py")
    result.assert_outcomes(passed=1)
    assert "left out" not in result.stdout.str()


LED = """
import json, os, httpx
BODY = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": "fee?"}]}
url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
print(httpx.post(url, json=BODY, timeout=30).json()["choices"][0]["message"]["content"])
"""

LED_TESTS = """
import os, subprocess, sys, threading
COMMAND = f"{sys.executable} led.py"
def test_by_the_system(): assert os.system(COMMAND) == 0
def test_beside_the_system():
    beside = threading.Thread(target=os.system, args=("sleep 1",))
    beside.start()
    done = subprocess.run(COMMAND.split(), capture_output=True, text=True)
    beside.join()
    assert done.stdout.strip() == "$42", done.stderr
"""


def test_who_asks_where_a_variable_leads_is_answered_while_os_system_runs(suite):
    """This process's own variable names its own server meanwhile: no model's address."""
    suite.write("led.py", LED)
    suite.write("tests/test_plain.py", LED_TESTS)
    run(suite, "tests/test_plain.py", "--model-record=new").assert_outcomes(passed=2)
    suite.server.close()
    run(suite, "tests/test_plain.py").assert_outcomes(passed=2)


def test_an_empty_entry_of_a_childs_path_stays_its_working_directory(suite, monkeypatch):
    suite.write("beside.py", "SAID = 'here'\n")
    suite.write("bin/tool.py", "import beside\nprint(beside.SAID)\n")
    start = "assert subprocess.check_output([sys.executable, 'bin/tool.py'], text=True)"
    suite.write("tests/test_plain.py", TEST.format(start=f"{start} == 'here\\n'"))
    monkeypatch.setenv("PYTHONPATH", f"{os.pathsep}src")
    run(suite, "tests/test_plain.py").assert_outcomes(passed=1)
