"""What child processes ask: recorded as the test's own, replayed offline, missed by its test."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]

PIN = "gpt-4o-2024-08-06"

ASK = """
import os, sys
import httpx

def ask(question):
    body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": question}]}
    headers = {"authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}
    url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    reply = httpx.post(url, json=body, headers=headers, timeout=30)
    if reply.status_code != 200:
        raise RuntimeError(reply.text)
    return reply.json()["choices"][0]["message"]["content"]

if __name__ == "__main__":
    for question in sys.argv[1:]:
        print(ask(question))
"""

HERE = """
from asking import ask

def test_fee(): assert ask("fee?") == "$42"
def test_both(): assert [ask("fee?"), ask("refund?")] == ["$42", "5 days"]
"""

CHILD = """
import subprocess, sys

def ask(*questions):
    done = subprocess.run(
        [sys.executable, "asking.py", *questions], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()

def test_fee(): assert ask("fee?") == ["$42"]
def test_both(): assert ask("fee?", "refund?") == ["$42", "5 days"]
"""

MULTIPROCESSING = """
import multiprocessing
from asking import ask

def in_children(*questions):
    with multiprocessing.get_context("{method}").Pool(1) as pool:
        return pool.map(ask, questions)

def test_fee(): assert in_children("fee?") == ["$42"]
def test_both(): assert in_children("fee?", "refund?") == ["$42", "5 days"]
"""

DOORS = {
    "a child": "a program that `subprocess` starts and that takes its base URL from a variable",
    "fork": "`multiprocessing`, by fork",
    "spawn": "`multiprocessing`, by spawn",
    "uvicorn": "uvicorn, which a fixture of the module starts as a program: whichever test runs",
    "Node": "Node, which asks by `fetch`",
}
"""What docs/providers.md says of processes; a test for each."""

OF_OS = """
import os, sys
import pytest

def by_spawnv(words): return os.spawnv(os.P_WAIT, sys.executable, words)
def by_spawnvp(words): return os.spawnvp(os.P_WAIT, sys.executable, words)
def by_spawnve(words): return os.spawnve(os.P_WAIT, sys.executable, words, dict(os.environ))
def by_posix_spawn(words): return ended(os.posix_spawn(sys.executable, words, os.environb))

def by_fork_and_exec(words):
    child = os.fork()
    if child == 0:
        os.execl(sys.executable, *words)
    return ended(child)

def ended(child): return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

@pytest.mark.parametrize("way", ["spawnv", "spawnvp", "spawnve", "posix_spawn", "fork_and_exec"])
def test_fee(way, capfd):
    assert globals()["by_" + way]([sys.executable, "asking.py", "fee?"]) == 0
    assert capfd.readouterr().out == "$42\\n"
"""

ANOTHER_VARIABLE = CHILD.replace(
    "capture_output=True, text=True",
    "capture_output=True, text=True, env={**os.environ, 'OUR_GATEWAY': os.environ[BASE]}",
).replace("import subprocess, sys", "import os, subprocess, sys\nBASE = 'OPENAI_BASE_URL'")
"""A program that takes its base URL from a variable that no SDK knows."""

NODE = """
import subprocess

ASK = '''
for (const question of process.argv.slice(1)) {
  const body = JSON.stringify({
    model: "gpt-4o-2024-08-06", messages: [{ role: "user", content: question }],
  });
  const headers = {
    authorization: `Bearer ${process.env.OPENAI_API_KEY}`, "content-type": "application/json",
  };
  const url = `${process.env.OPENAI_BASE_URL}/chat/completions`;
  const reply = await fetch(url, { method: "POST", headers, body });
  if (!reply.ok) throw new Error(await reply.text());
  console.log((await reply.json()).choices[0].message.content);
}
'''

def ask(*questions):
    words = ["node", "--input-type=module", "--eval", ASK, *questions]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()

def test_fee(): assert ask("fee?") == ["$42"]
def test_both(): assert ask("fee?", "refund?") == ["$42", "5 days"]
"""

SERVICE = """
import socket, subprocess, sys, time
import httpx
import pytest

@pytest.fixture(scope="module")
def service():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "warning"]
    child = subprocess.Popen([sys.executable, *words])
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            httpx.get(url)
            break
        except httpx.ConnectError:
            time.sleep(0.1)
    yield lambda question: httpx.get(url, params={"question": question}).text
    child.terminate()
    child.wait()

def test_fee(service): assert service("fee?") == "$42"
def test_both(service): assert [service("fee?"), service("refund?")] == ["$42", "5 days"]
"""

APP = """
from asking import ask
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

def answer(request):
    question = request.query_params.get("question")
    return PlainTextResponse(ask(question) if question else "ready")

app = Starlette(routes=[Route("/", answer)])
"""

WAYS = {
    "a child": CHILD,
    "fork": MULTIPROCESSING.replace("{method}", "fork"),
    "spawn": MULTIPROCESSING.replace("{method}", "spawn"),
    "uvicorn": SERVICE,
    "Node": NODE,
}


@pytest.fixture
def suite(project, monkeypatch):
    """A project whose models stand at OPENAI_BASE_URL, asked by a script."""
    monkeypatch.setenv("OPENAI_BASE_URL", project.server.url + "/v1")
    project.write("asking.py", ASK)
    project.write("app.py", APP)
    (project.folder / "tests/test_support.py").unlink()
    return project


def run(suite, *options):
    """Where tests fork, as a process of its own."""
    test = (suite.folder / "tests/test_asks.py").read_text()
    if not any(each in test for each in ("multiprocessing", "spawnv", "uvicorn")):
        return suite.run(*options)
    return suite.pytester.runpytest_subprocess("-p", "no:cacheprovider", *options, timeout=120)


def recorded(suite):
    """The bytes of all recordings but the seconds that they took; the next run starts anew."""
    suite.server._answers = 0  # of which the ids are made that it gives out
    top = suite.folder / "tests/__recordings__"
    found = {}
    for path in sorted(top.rglob("*.json")):
        text = re.sub(r'("seconds"|"created"): [0-9.]+', r"\1: 0", path.read_text())
        found[path.relative_to(top).as_posix()] = text
        path.unlink()
    return found


NEEDS = {
    "Node": [
        pytest.mark.skipif(
            not (shutil.which("node") or os.environ.get("CI")), reason="there is no Node"
        )
    ]
}


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(way, marks=[] if way == "a child" else [pytest.mark.long, *NEEDS.get(way, [])])
        for way in WAYS
    ],
)
def test_a_childs_recordings_are_those_of_the_hook_and_replay_without_the_network(suite, way):
    suite.write("tests/test_asks.py", HERE)
    assert run(suite, "--model-record=new").ret == 0
    by_the_hook = recorded(suite)
    assert len(by_the_hook) == 2

    suite.write("tests/test_asks.py", WAYS[way])
    result = run(suite, "--model-record=new")
    result.assert_outcomes(passed=2)
    by_children = recorded(suite)
    for name, text in by_the_hook.items():
        assert by_children[name].splitlines() == text.splitlines()
    assert "sk-planted" not in "".join(by_children.values())

    run(suite, "--model-record=new")
    suite.server.close()
    result = run(suite)
    result.assert_outcomes(passed=2)


@pytest.mark.long
def test_whatever_os_starts_a_child_with_it_asks_by_way_of_its_test(suite):
    suite.write("tests/test_asks.py", OF_OS)
    run(suite).assert_outcomes(failed=5)
    assert suite.server.requests == []
    run(suite, "--model-record=new").assert_outcomes(passed=5)
    suite.server.close()
    run(suite).assert_outcomes(passed=5)


LISTENING = """
import os, subprocess
import pytest

WORDS = ["ollama", "serve"]

def by_popen(): return subprocess.call(WORDS)
def by_posix_spawnp(): return ended(os.posix_spawnp("ollama", WORDS, os.environ))
def by_spawnvp(): return os.spawnvp(os.P_WAIT, "ollama", WORDS)
def by_spawnvpe(): return os.spawnvpe(os.P_WAIT, "ollama", WORDS, dict(os.environ))

def ended(child): return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

@pytest.mark.parametrize("way", [by_popen, by_posix_spawnp, by_spawnvp, by_spawnvpe])
def test_serves(way, capfd):
    assert way() == 0
    assert capfd.readouterr().out == "127.0.0.1:4321\\n"
"""


def test_a_server_of_models_listens_where_it_was_told_to_however_it_is_started(suite, monkeypatch):
    """Its variable names its own address: led back here, it would take the parent's port."""
    suite.write("bin/ollama", "#!/bin/sh\necho $OLLAMA_HOST\n")
    (suite.folder / "bin/ollama").chmod(0o755)
    monkeypatch.setenv("PATH", str(suite.folder / "bin"), prepend=os.pathsep)
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:4321")
    suite.write("tests/test_asks.py", LISTENING)
    run(suite).assert_outcomes(passed=4)


LISTING = """
import ctypes.util, sys

def test_finds_a_library():
    ctypes.util.find_library("c")
    assert "pytest_modelpin.intercept.loopback" not in sys.modules
"""


@pytest.mark.skipif(not Path("/sbin/ldconfig").exists(), reason="Python asks it on Linux alone")
def test_no_server_is_started_for_python_s_own_look_for_a_library(suite):
    """As trio has one where httpx is imported: it cost each such session's start."""
    suite.write("tests/test_asks.py", LISTING)
    result = suite.pytester.runpytest_subprocess("-p", "no:cacheprovider", timeout=120)
    result.assert_outcomes(passed=1)


@pytest.mark.long
def test_a_model_s_url_in_any_variable_leads_a_child_back(suite):
    asking = (suite.folder / "asking.py").read_text()
    suite.write("asking.py", asking.replace("OPENAI_BASE_URL", "OUR_GATEWAY"))
    suite.write("tests/test_asks.py", ANOTHER_VARIABLE)
    run(suite).assert_outcomes(failed=2)
    assert suite.server.requests == []
    run(suite, "--model-record=new").assert_outcomes(passed=2)
    suite.server.close()
    run(suite).assert_outcomes(passed=2)


@pytest.mark.long
@pytest.mark.parametrize("way", ["a child", "fork", "uvicorn"])
def test_a_child_asks_the_candidate_and_its_case_counts(suite, way):
    suite.write("tests/test_asks.py", WAYS[way])
    run(suite, "--model-record=new")
    suite.server.requests.clear()
    run(suite, "--model=candidate", "--model-report=run.json")
    assert {request.model for request in suite.server.requests} == {"gpt-4o"}
    report = json.loads((suite.folder / "run.json").read_text())
    assert [case["left_out"] for case in report["cases"]] == ["", ""]
    heard = [len(sample["calls"]) for case in report["cases"] for sample in case["samples"]]
    assert sorted(heard) == [1, 2]


@pytest.mark.parametrize("way", ["a child", "fork"])
def test_a_childs_miss_fails_its_test_with_a_sentence(suite, way):
    suite.write("tests/test_asks.py", WAYS[way])
    result = run(suite)
    result.assert_outcomes(failed=2)
    text = result.stdout.str()
    assert 'Not recorded: support (production: gpt-4o-2024-08-06) was asked "fee?" by' in text
    assert "Record it: pytest --model production --model-record new" in text
    assert suite.server.requests == []


IN_A_POOL = """
import multiprocessing
import pytest
from asking import ask

@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_in_a_pool(method):
    with multiprocessing.get_context(method).Pool(1) as pool:
        pool.map_async(ask, ["fee?"]).get(20)
"""


def test_a_miss_hangs_no_pool_whose_code_makes_an_error_of_it_that_cannot_be_unpickled(suite):
    asking = (suite.folder / "asking.py").read_text()
    loud = asking.replace("raise RuntimeError(reply.text)", "reply.raise_for_status()")
    assert loud != asking
    suite.write("asking.py", loud)
    suite.write("tests/test_asks.py", IN_A_POOL)
    result = run(suite, "--tb=line")
    result.assert_outcomes(failed=3)
    text = result.stdout.str()
    assert "TimeoutError" not in text
    assert text.count("Not recorded: support (production: ") >= 3
    assert suite.server.requests == []


OUTLIVES = """
import subprocess, sys

CODE = '''
import sys
from asking import ask
for line in sys.stdin:
    try:
        print(ask(line.strip()), flush=True)
    except RuntimeError as error:
        print(error, flush=True)
'''
CHILDREN = []

def start():
    child = subprocess.Popen(
        [sys.executable, "-c", CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    CHILDREN.append(child)
    return child

def ask(child, question):
    print(question, file=child.stdin, flush=True)
    return child.stdout.readline().strip()

def test_first():
    assert ask(start(), "fee?") == "$42"

def test_second():
    own = start()
    said = ask(CHILDREN[0], "refund?")
    assert "test_first" in said and "after its test had ended" in said
    assert ask(own, "fee?") == "$42"
    for child in CHILDREN:
        child.stdin.close()
        child.wait()
"""

SERVER = """
import subprocess, sys
import pytest

from children import ask, start

@pytest.fixture(scope="module")
def service():
    child = start()
    yield child
    child.stdin.close()
    child.wait()

def test_fee(service): assert ask(service, "fee?") == "$42"
def test_refund(service): assert ask(service, "refund?") == "5 days"
"""


def test_a_child_that_outlives_its_test_asks_for_nobody(suite):
    suite.write("tests/test_asks.py", OUTLIVES)
    result = run(suite, "-p", "no:randomly", "--model-record=new")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*a child process of *::test_first that outlived it, unseen*"])
    assert suite.recordings() == [
        f"{PIN}/test_asks/test_first.json",
        f"{PIN}/test_asks/test_second.json",
    ]
    second = recorded(suite)[f"{PIN}/test_asks/test_second.json"]
    assert "refund?" not in second


def test_a_child_of_a_shared_fixture_asks_for_whichever_test_runs(suite):
    suite.write("children.py", OUTLIVES.partition("def test_first")[0])
    suite.write("tests/test_asks.py", SERVER)
    result = run(suite, "--model-record=new")
    result.assert_outcomes(passed=2)
    assert suite.recordings() == [
        f"{PIN}/test_asks/test_fee.json",
        f"{PIN}/test_asks/test_refund.json",
    ]
    suite.server.close()
    run(suite).assert_outcomes(passed=2)


AT_ONCE = """
import subprocess, sys, threading, time
from pathlib import Path

CODE = '''
import sys, time
from pathlib import Path
from asking import ask

own, other, question = sys.argv[1:]
Path(own).touch()
for _ in range(1200):
    if Path(other).exists():
        break
    time.sleep(0.05)
print(ask(question))
'''

def ask(own, other, question):
    child = [sys.executable, "-c", CODE, own, other, question]
    return subprocess.run(child, capture_output=True, text=True).stdout.strip()

def test_fee():
    assert ask("fee", "refund", "fee?") == "$42"

def test_refund():
    said = {}
    def child(question):
        said[question] = ask("refund", "fee", question)
    threads = [threading.Thread(target=child, args=(each,)) for each in ("fee?", "refund?")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == {"fee?": "$42", "refund?": "5 days"}
"""


@pytest.mark.long
def test_two_tests_children_at_once_are_told_apart(suite):
    """In two workers, and of one test in two threads: each waits until another's has started."""
    suite.write("tests/test_asks.py", AT_ONCE)

    def run_at_once(*options):
        for name in ("fee", "refund"):
            (suite.folder / name).unlink(missing_ok=True)
        command = ("-p", "no:cacheprovider", "-n2", *options)
        return suite.pytester.runpytest_subprocess(*command, timeout=120)

    run_at_once("--model-record=new").assert_outcomes(passed=2)
    found = {}
    for path in (suite.folder / "tests/__recordings__").rglob("*.json"):
        exchanges = json.loads(path.read_text())["exchanges"]
        asked = [each["request"]["body"]["messages"][0]["content"] for each in exchanges]
        found[path.name] = sorted(asked)
    assert found == {"test_fee.json": ["fee?"], "test_refund.json": ["fee?", "refund?"]}
    suite.server.close()
    run_at_once().assert_outcomes(passed=2)


KEPT = """
from pathlib import Path

class CacheInterface:
    pass

class OnDisk(CacheInterface):
    def get(self, key):
        return Path(key).read_text() if Path(key).exists() else None

    def set(self, key, value):
        Path(key).write_text(value)
"""


@pytest.mark.parametrize("way", ["a child", "fork", "spawn"])
def test_what_another_run_has_kept_answers_no_child(suite, way):
    """A chain's first step was the pin's in a candidate's run, and no recording could tell."""
    (suite.folder / "ragas").mkdir()
    suite.write("ragas/__init__.py", "")
    suite.write("ragas/cache.py", KEPT)
    cached = ASK.replace("def ask(", "def ask_model(").replace(
        "if __name__",
        """def ask(question):
    cache = OnDisk()
    if cache.get(question) is None:
        cache.set(question, ask_model(question))
    return cache.get(question)

if __name__""",
    )
    suite.write("asking.py", "from ragas.cache import OnDisk\n" + cached)
    suite.write("tests/test_asks.py", WAYS[way])
    suite.write("fee?", "another answer")
    result = run(suite, "--model=production", "--model-record=new")
    result.assert_outcomes(passed=2)
    assert len(suite.server.requests) == 3
    assert (suite.folder / "fee?").read_text().strip() == "another answer"
    assert not (suite.folder / "refund?").exists()
    run(suite).assert_outcomes(passed=2)


LOKY = """
from asking import ask
from joblib import Parallel, delayed

def in_children(*questions):
    return Parallel(n_jobs=2)(delayed(ask)(each) for each in questions)

def test_fee(): assert in_children("fee?") == ["$42"]
def test_both(): assert in_children("fee?", "refund?") == ["$42", "5 days"]
"""


def test_joblibs_workers_ask_for_the_test_that_runs(suite):
    """It keeps them for the next test, which failed by what the first's had outlived."""
    suite.write("tests/test_asks.py", LOKY)
    run = suite.pytester.runpytest_subprocess
    run("--model=production", "--model-record=new").assert_outcomes(passed=2)
    assert len(suite.server.requests) == 3
    run().assert_outcomes(passed=2)
    assert len(suite.server.requests) == 3
