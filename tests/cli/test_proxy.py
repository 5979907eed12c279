"""`proxy`: whatever asks there is recorded for a named test, and replayed with the network cut."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from pytest_modelpin import cli
from pytest_modelpin.demo.provider_server import ProviderServer

PIN = "gpt-4o-2024-08-06"
MODELS = f"models: {{support: {{production: {PIN}, staging: gpt-4o, provider: openai}}}}\n"
ASK = """
import json, os, sys, urllib.request
body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": sys.argv[1]}]}
url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
headers = {"content-type": "application/json", "authorization": "Bearer sk-planted-0123456789abc"}
request = urllib.request.Request(url, json.dumps(body).encode(), headers)
try:
    reply = json.load(urllib.request.urlopen(request, timeout=30))
except urllib.error.HTTPError as error:
    sys.exit(error.read().decode())
print(reply["choices"][0]["message"]["content"])
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    (tmp_path / "models.yml").write_text(MODELS)
    (tmp_path / "ask.py").write_text(ASK)
    (tmp_path / "tests").mkdir()
    monkeypatch.chdir(tmp_path)
    with ProviderServer(aliases={"gpt-4o": "gpt-4o-2024-11-20"}) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/gateway/v1")
        yield tmp_path, server


def proxy(*options, ask="fee?", port="0"):
    command = ["--", sys.executable, "ask.py", ask] if ask else []
    owner = ["--for", "tests/test_app.py::test_flow"]
    return cli.main(["proxy", *owner, "--port", port, *options, *command])


def test_recorded_for_a_named_test_and_replayed_with_the_network_cut(place, capfd):
    folder, server = place
    assert proxy("--record", "new") == 0
    path = folder / f"tests/__recordings__/{PIN}/test_app/test_flow.json"
    recorded = path.read_text()
    assert "sk-planted" not in recorded
    [exchange] = json.loads(recorded)["exchanges"]
    assert exchange["request"]["url"] == f"{server.url}/gateway/v1/chat/completions"
    server.close()
    assert proxy() == 0
    assert capfd.readouterr().out.count(f"This is {PIN}.") == 2
    assert path.read_text() == recorded


def test_options_behind_the_dashes_are_the_command_s_own(place, capfd):
    _, server = place
    owner = ["--for", "tests/test_app.py::test_flow", "--port", "0", "--record", "new"]
    assert cli.main(["proxy", *owner, "--", sys.executable, "-I", "-c", ASK, "fee?"]) == 0
    assert f"This is {PIN}." in capfd.readouterr().out
    assert len(server.requests) == 1


def test_a_replay_hands_on_a_placeholder_where_there_is_no_key(place, capfd, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    (place[0] / "ask.py").write_text('import os; print(os.environ.get("OPENAI_API_KEY"))')
    proxy()
    assert "replayed-no-key-needed\n" in capfd.readouterr().out
    proxy("--record", "all")  # who asks live has to bring a key
    assert "None\n" in capfd.readouterr().out
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-my-own-0123456789")
    (place[0] / "ask.py").write_text('import os; print(len(os.environ["OPENAI_API_KEY"]))')
    proxy()
    assert "23\n" in capfd.readouterr().out


def test_what_is_not_recorded_is_a_miss_and_asks_nobody(place, capfd):
    _, server = place
    assert proxy() == 1
    said = capfd.readouterr()
    assert f'Not recorded: support (production: {PIN}) was asked "fee?" by' in said.out
    assert "Not recorded" in said.err  # the client hears it, too
    # What asks there need be no test: pytest would find none of that name.
    assert said.out.splitlines()[-1] == (
        "to record it here: `pytest-modelpin proxy --for tests/test_app.py::test_flow --record new`"
        ", with the other options and the command as before"
    )
    assert server.requests == []


def test_the_candidate_is_put_in_its_place(place, capfd):
    folder, server = place
    assert proxy("--model", "candidate") == 0
    assert [request.model for request in server.requests] == ["gpt-4o"]
    assert "This is gpt-4o-2024-11-20." in capfd.readouterr().out
    tried = folder / ".pytest_modelpin/recordings/tests/__recordings__/gpt-4o-2024-11-20"
    assert (tried / "test_app/test_flow.json").is_file()


def test_it_passes_nothing_on_to_other_hosts(place, capfd):
    folder, _ = place
    (folder / "ask.py").write_text(
        ASK.replace(
            'os.environ["OPENAI_BASE_URL"]',
            'os.environ["OPENAI_BASE_URL"].partition("/http/")[0] + "/http/127.0.0.1:9"',
        )
    )
    proxy("--record", "new")
    assert "no host of a model" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--for", "tests/test_app.py"], "it names no test"),
        (["--for", "t.py::a", "--", "no-such-command"], "no-such-command can't be run"),
    ],
)
def test_wrong_use_is_a_sentence(place, capsys, options, said):
    assert cli.main(["proxy", "--port", "0", *options]) == 2
    assert said in capsys.readouterr().err


def test_a_port_that_is_taken_is_a_sentence(place, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert proxy(ask="", port=port) == 2
    said = capsys.readouterr().err
    assert f"port {port} on 127.0.0.1 can't be had" in said
    assert "name another with --port" in said


@pytest.mark.parametrize("host", ["192.0.2.1", "::", "no-such-host.invalid"])
def test_a_host_that_is_none_of_this_machine_is_a_sentence(place, capsys, host):
    assert proxy("--host", host) == 2
    said = capsys.readouterr().err
    assert f"port 0 on {host} can't be had" in said
    assert "--host takes an IPv4 address of this machine" in said


@pytest.fixture(params=["SIGTERM", "SIGHUP"])
def ending(request):
    """A signal that what is started here does not ignore: under `nohup` all of us ignore one."""
    number = getattr(signal, request.param)
    before = signal.signal(number, signal.SIG_DFL)
    yield number
    signal.signal(number, before)


def test_without_a_command_it_serves_until_it_is_ended_and_writes_then(place, ending):
    folder, _ = place
    command = [sys.executable, "-m", "pytest_modelpin", "proxy", "--for", "tests/test_app.py::a"]
    with subprocess.Popen(
        [*command, "--port", "0", "--record", "new"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            said = ""
            while "# what asks there" not in said:
                line = process.stdout.readline()
                assert line, said
                said += line
            base = re.search(r"export OPENAI_BASE_URL=(\S+)", said)[1]
            body = {"model": PIN, "messages": [{"role": "user", "content": "fee?"}]}
            headers = {"content-type": "application/json"}
            asked = urllib.request.Request(
                f"{base}/chat/completions", json.dumps(body).encode(), headers
            )
            with urllib.request.urlopen(asked, timeout=60) as reply:
                assert PIN in reply.read().decode()
            process.send_signal(ending)
            assert "wrote tests/__recordings__" in process.communicate(timeout=60)[0]
            assert process.returncode == 0
        finally:
            process.kill()
    assert (folder / f"tests/__recordings__/{PIN}/test_app/a.json").is_file()


SERVICE = """
import signal, sys, time
def end(*_):
    time.sleep(0.5)  # longer than `subprocess.run` waits
    print("finished what it was at")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("service", "finishes"), [(SERVICE, True), (SERVICE.replace("end)", "signal.SIG_IGN)"), False)]
)
def test_a_service_ends_with_the_proxy_and_finishes_what_it_is_at(place, ending, service, finishes):
    quick = "import pytest_modelpin.cli.proxy as proxy; proxy._FINISHES = 2.0; "
    run = f"{quick} import sys; sys.exit(__import__('pytest_modelpin.cli').cli.main(sys.argv[1:]))"
    command = [sys.executable, "-c", run, "proxy", "--for", "tests/test_app.py::a", "--port", "0"]
    with subprocess.Popen(
        [*command, "--", sys.executable, "-c", service], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            process.send_signal(ending)
            said = process.communicate(timeout=30)[0]
        finally:
            process.kill()
    assert ("finished what it was at" in said) is finishes
    assert "0 replies, 0 live" in said
    assert process.returncode == 0
