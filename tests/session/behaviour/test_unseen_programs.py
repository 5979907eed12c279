"""Children that are no Python of ours, with a model's address of their own: seen by their proxy."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import threading
from contextlib import closing

import pytest

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]

ADDRESS = "https://api.openai.com/v1/models"
SHELL = f"curl -sS {ADDRESS}\n"
ASK = f"from urllib.request import urlopen\nurlopen('{ADDRESS}')\n"

TEST = """
import os, subprocess, sys
import pytest
def test_plain(): {start}
"""

STARTS = {
    "a script": ('subprocess.run(["sh", "ask.sh"])', "curl/"),
    "os.system": ('os.system("sh ask.sh")', "curl/"),
    "no environment": ('subprocess.run(["/bin/sh", "ask.sh"], env={"PATH": os.defpath})', "curl/"),
    "a forked process": (
        'os.waitpid(os.fork() or os.execlp("sh", "sh", "ask.sh"), 0)', "curl/"
    ),
    "a Python that listens": ('subprocess.run([sys.executable, "ask.py"])', "urllib.request)"),
    "a deaf Python": ('subprocess.run([sys.executable, "-I", "ask.py"])', "a child process,"),
}  # fmt: skip


class UsersProxy:
    """A user's own proxy, which answers each CONNECT and then echoes what comes."""

    def __init__(self, answer=b"HTTP/1.1 200 OK\r\n\r\n"):
        self.heads = []
        self._answer = answer
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with closing(connection):
                head = b""
                while piece := connection.recv(1):
                    head += piece
                    if head.endswith(b"\r\n\r\n"):
                        break
                self.heads.append(head.decode())
                connection.sendall(self._answer)
                connection.recv(65536)

    def close(self):
        self._server.close()


@pytest.fixture
def proxy():
    made = UsersProxy()
    yield made
    made.close()


@pytest.fixture
def suite(project, monkeypatch):
    """A project and programs with a model's address written into them; nobody answers there."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    project.write("ask.sh", SHELL)
    project.write("ask.py", ASK)
    project.write("tests/test_plain.py", TEST.format(start=STARTS["a script"][0]))
    return project


def run(suite, *options):
    return suite.pytester.runpytest_subprocess("-p", "no:cacheprovider", *options, timeout=120)


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
def test_a_replay_stops_each_program_that_asks_by_an_address_of_its_own(suite):
    tests = [f"def test_{number}(): {words}" for number, (words, _) in enumerate(STARTS.values())]
    suite.write("tests/test_plain.py", "\n".join(["import os, subprocess, sys", *tests]))
    result = run(suite, "tests/test_plain.py", "-s")
    result.assert_outcomes(failed=len(STARTS))
    for number, (_, client) in enumerate(STARTS.values()):
        asked = f"::test_{number} asked api.openai.com"
        said = [line for line in result.outlines if asked in line]
        assert len(said) == 1
        assert client in said[0]
        assert "such as OPENAI_BASE_URL" in said[0]


def test_a_candidates_case_whose_program_went_past_is_left_out_and_the_users_proxy_is_used(
    suite, proxy, monkeypatch
):
    suite.record()
    user = f"http://us%40er:pass@127.0.0.1:{proxy.port}"
    monkeypatch.setenv("HTTPS_PROXY", user)
    result = run(suite, "--model=candidate", "--model-report=run.json")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["left out: tests/test_plain.py::test_plain asked api.openai.com*"])
    cases = json.loads((suite.folder / "run.json").read_text())["cases"]
    assert [bool(case["left_out"]) for case in cases] == [True, False, False]
    assert len(proxy.heads) == 1
    assert proxy.heads[0].startswith("CONNECT api.openai.com:443 HTTP/1.1\r\n")
    theirs = base64.b64encode(b"us@er:pass").decode()
    assert f"proxy-authorization: Basic {theirs}\r\n" in proxy.heads[0]
    assert "modelpin" not in proxy.heads[0]


NODE = """
const host = "api." + "openai.com";
require("https").get({ host, path: "/v1/models" }).on("error", (error) => {
  fetch("https://" + host + "/v1/models").catch(({ cause }) => {
    console.log(error.message.slice(0, 60), cause.message.slice(0, 60), process.env.NODE_OPTIONS);
  });
});
"""

IN_NODE = """
import subprocess, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
def test_plain(monkeypatch):
    monkeypatch.setenv("NODE_OPTIONS", "--max-old-space-size=512")
    print(subprocess.run(["node", "ask.js"], capture_output=True, text=True))

class Hello(BaseHTTPRequestHandler):
    def do_POST(self):
        said = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_): pass

OWN = '''
const [port] = process.argv.slice(1), said = "x".repeat(300000);
fetch(`http://127.0.0.1:${port}`, { method: "POST", body: said }).then((r) => r.text())
  .then((heard) => process.exit(heard === said ? 0 : 1));
'''

def test_own_server():
    with HTTPServer(("127.0.0.1", 0), Hello) as server:
        threading.Thread(target=server.handle_request).start()
        subprocess.run(["node", "-e", OWN, str(server.server_port)], check=True, timeout=60)
"""


@pytest.mark.skipif(not shutil.which("node"), reason="there is no Node")
def test_a_node_is_seen_by_its_own_connections_and_others_alarm_nobody(suite):
    """Most go by no proxy that their environment names."""
    suite.write("ask.js", NODE)
    suite.write("tests/test_plain.py", IN_NODE)
    result = run(suite, "tests/test_plain.py")
    result.assert_outcomes(passed=1, failed=1)
    said = "::test_plain asked api.openai.com through a child process (Node.js), where"
    assert sum(said in line for line in result.outlines) == 1
    heard = next(line for line in result.outlines if "max-old-space-size" in line)
    assert heard.count("test_plain.py::test_plain asked api.openai.com") == 2
    assert "--max-old-space-size=512 --require " in heard


@pytest.mark.parametrize("policy", ["warn", "allow"])
def test_a_suite_or_a_test_may_let_it_pass(suite, proxy, monkeypatch, policy):
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    result = run(suite, "tests/test_plain.py", "-o", f"modelpin_unseen={policy}")
    result.assert_outcomes(passed=1)
    assert len(proxy.heads) == 1
    assert ("unseen: tests/test_plain.py" in result.stdout.str()) == (policy == "warn")


def test_a_test_that_allows_it_starts_its_children_without_the_proxy(suite):
    suite.write(
        "tests/test_plain.py",
        """
        import subprocess
        import pytest
        @pytest.mark.modelpin(unseen="allow")
        def test_plain():
            told = subprocess.check_output("env").upper()
            assert b"HTTPS_PROXY" not in told and b"LISTEN.CJS" not in told
        """,
    )
    run(suite, "tests/test_plain.py").assert_outcomes(passed=1)


OTHERS = """
import os, subprocess, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import pytest

class Hello(BaseHTTPRequestHandler):
    def do_POST(self):
        said = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_): pass

@pytest.fixture(scope="module")
def port():
    with ThreadingHTTPServer(("127.0.0.1", 0), Hello) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server.server_port
        server.shutdown()

# As `https://` goes, but without a certificate.
TUNNELLED = "curl -sSp --noproxy none -x $HTTPS_PROXY --data-binary @big http://127.0.0.1:%d/"

def test_big(port, tmp_path):
    big = os.urandom(3_000_000)
    tmp_path.joinpath("big").write_bytes(big)
    done = subprocess.run(TUNNELLED % port, shell=True, capture_output=True, cwd=tmp_path)
    assert done.stdout == big, done.stderr

def test_own_server(port):
    words = ["curl", "-sSd", "hello", f"http://127.0.0.1:{port}/"]
    done = subprocess.run(words, capture_output=True)
    assert done.stdout == b"hello", done.stderr
"""


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
def test_what_a_program_asks_of_others_alarms_nobody_and_comes_through(suite):
    suite.write("tests/test_plain.py", OTHERS)
    result = run(suite, "tests/test_plain.py")
    result.assert_outcomes(passed=2)
    assert "unseen" not in result.stdout.str()


def test_a_program_that_takes_its_base_url_from_a_variable_is_recorded_past_the_proxy(
    suite, monkeypatch
):
    monkeypatch.setenv("OPENAI_BASE_URL", suite.server.url + "/v1")
    suite.write(
        "ask.sh",
        """
        curl -sS -H 'content-type: application/json' $OPENAI_BASE_URL/chat/completions -d '{
          "model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": "fee?"}]}'
        """,
    )
    suite.write(
        "tests/test_plain.py",
        TEST.format(start='assert b"$42" in subprocess.check_output(["sh", "ask.sh"])'),
    )
    run(suite, "tests/test_plain.py", "--model-record=new").assert_outcomes(passed=1)
    suite.server.close()
    run(suite, "tests/test_plain.py").assert_outcomes(passed=1)


@pytest.mark.parametrize("guard", ["Guarded", "guarded"])
def test_children_are_led_here_also_where_a_test_may_open_no_sockets(suite, guard):
    """As pytest-socket has it, and many a conftest.py, for the process of the tests."""
    suite.write(
        "tests/test_plain.py",
        f"""
        import socket, subprocess
        import pytest

        class Guarded(socket.socket):
            def __new__(cls, *_, **__): raise RuntimeError("no sockets")

        def guarded(*_, **__): raise RuntimeError("no sockets")

        @pytest.fixture(autouse=True)
        def no_sockets(monkeypatch): monkeypatch.setattr(socket, "socket", {guard})

        def test_plain():
            assert subprocess.run(["sh", "ask.sh"]).returncode
        """,
    )
    result = run(suite, "tests/test_plain.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_plain asked api.openai.com through*(curl/*"])


def test_what_the_environment_has_there_is_as_it_was_for_who_runs_the_tests(suite):
    """While `os.system` runs, another thread's client would take our own proxy for its own."""
    suite.write(
        "tests/test_plain.py",
        """
        import os, threading, time
        def test_plain(tmp_path):
            beside = threading.Thread(target=os.system, args=(f"sleep 1; touch {tmp_path}/over",))
            beside.start()
            while not (tmp_path / "over").exists():
                assert "HTTPS_PROXY" not in os.environ and "https_proxy" not in os.environ
                time.sleep(0.01)
            beside.join()
        """,
    )
    run(suite, "tests/test_plain.py").assert_outcomes(passed=1)
    assert "HTTPS_PROXY" not in os.environ
