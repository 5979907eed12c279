"""What audit events reach, here and as a started child tells it."""

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_modelpin.intercept.unseen.events import (
    Reached,
    reached,
    told_by_a_child,
    told_by_arguments,
)

OPENAI = "api.openai.com"
REQUEST = b"POST /v1/chat/completions?a=b HTTP/1.1\r\nhost: x\r\n\r\n"


def connection(host, port, tunnel=None, tunnel_port=None):
    return SimpleNamespace(host=host, port=port, _tunnel_host=tunnel, _tunnel_port=tunnel_port)


EVENTS = [
    ("socket.connect", (None, ("10.0.0.1", 443)), Reached("10.0.0.1", 443)),
    ("socket.connect", (None, ("::1", 80, 0, 0)), Reached("::1", 80)),
    ("socket.connect", (None, "/run/socket"), None),
    ("socket.connect", (None, (17, 4)), None),
    ("socket.sendto", (None, ("10.0.0.1", 443)), Reached("10.0.0.1", 443)),
    ("socket.sendmsg", (None, None), None),
    ("socket.getaddrinfo", (OPENAI, 443, 0, 0, 0), Reached(OPENAI, 443)),
    ("socket.getaddrinfo", (b"api.openai.com", "https", 0, 0, 0), Reached(OPENAI, 443)),
    ("socket.getaddrinfo", (OPENAI, None, 0, 0, 0), Reached(OPENAI, None)),
    ("socket.getaddrinfo", ("localhost", None, 0, 0, 0), None),
    ("socket.getaddrinfo", ("localhost", "8080", 0, 0, 0), Reached("localhost", 8080)),
    ("socket.getaddrinfo", (None, 80, 0, 0, 0), None),
    (
        "http.client.send",
        (connection(OPENAI, 443), REQUEST),
        Reached(OPENAI, 443, "POST", "/v1/chat/completions?a=b"),
    ),
    (
        "http.client.send",
        (connection("proxy", 3128, OPENAI, None), REQUEST),
        Reached(OPENAI, 443, "POST", "/v1/chat/completions?a=b"),
    ),
    (
        "http.client.send",
        (connection("proxy", 3128), b"CONNECT api.openai.com:443 HTTP/1.1\r\n\r\n"),
        Reached(OPENAI, 443, "CONNECT"),
    ),
    (
        "http.client.send",
        (connection("proxy", 3128), b"GET http://here:81/v1 HTTP/1.0\r\n\r\n"),
        Reached("here", 81, "GET", "/v1"),
    ),
    ("http.client.send", (connection(OPENAI, 443), b'{"more": "of a body"}'), None),
]


@pytest.mark.parametrize(("event", "arguments", "expected"), EVENTS)
def test_an_event_says_what_is_reached(event, arguments, expected):
    assert reached(event, arguments) == expected


TOLD = [
    (["socket.connect", "10.0.0.1", "443"], Reached("10.0.0.1", 443)),
    (["socket.getaddrinfo", OPENAI, "https"], Reached(OPENAI, 443)),
    (["socket.getaddrinfo", OPENAI, ""], Reached(OPENAI, None)),
    (
        ["http.client.send", "here", "81", "", "", "GET /v1 HTTP/1.1"],
        Reached("here", 81, "GET", "/v1"),
    ),
    (
        ["http.client.send", "proxy", "3128", OPENAI, "443", "GET /v1 HTTP/1.1"],
        Reached(OPENAI, 443, "GET", "/v1"),
    ),
]


@pytest.mark.parametrize(("lines", "expected"), TOLD)
def test_a_child_says_the_same_in_lines(lines, expected):
    assert told_by_a_child([*lines, "httpx", "asking"]) == (expected, ["httpx", "asking"])


@pytest.mark.parametrize("lines", [["socket.connect"], ["http.client.send", "here", "81"]])
def test_what_no_child_of_ours_says_is_an_error(lines):
    with pytest.raises(IndexError):
        told_by_a_child(lines)


def test_a_request_is_said_without_its_query_and_not_too_long():
    assert Reached(OPENAI, 443, "GET", "/v1?key=secret").said == "GET /v1"
    assert len(Reached(OPENAI, 443, "GET", "/v" * 500).said) == 120
    assert Reached(OPENAI, 443, "CONNECT").said == ""


ARGUMENTS = [
    (["curl", "-s", "here:81/v1/chat"], ["http://here:81/v1/chat"]),
    (["curl", "here:81"], ["tcp://here:81"]),
    (["sh", "-c", "wget -q 127.1:81/v1 -O -"], ["http://127.1:81/v1"]),
    (["run", "--upstream=here:81/v1"], ["http://here:81/v1"]),
    (["openssl", "s_client", "-connect", f"{OPENAI}:443"], [f"tcp://{OPENAI}:443"]),
    (["socat", "-", "TCP:here:81"], ["tcp://here:81"]),
    (["curl", "[::1]:81/v1"], ["http://[::1]:81/v1"]),
    (["nc", "-w", "5", "here", "81"], ["tcp://here:81"]),
    ("cat x | nc here 81", ["tcp://here:81"]),
    (["bash", "-c", "exec 3<>/dev/tcp/here/81"], ["tcp://here:81"]),
    (["curl", "https://here/v1"], ["https://here/v1"]),
    (["curl", "-s", "llm.corp/v1/chat"], ["http://llm.corp/v1/chat"]),
    (["sh", "-c", "wget -q llm.corp"], ["http://llm.corp"]),
    (["curl", "-H", "Host: llm.corp", "http://here/v1"], ["http://here/v1"]),
    (["python", "llm.corp/v1/chat"], []),
    # Where it listens, or names something else, it asks nobody.
    (["gunicorn", "-b", "127.0.0.1:8000", "app:app"], []),
    (["docker", "run", "-p", "127.0.0.1:11434:11434", "ollama/ollama:0.3"], []),
    (["git", "clone", "git@here:22/x.git"], []),
    (["nc", "-l", "8000"], []),
    (["sleep", "5"], []),
    ([], []),
]


@pytest.mark.parametrize(("arguments", "urls"), ARGUMENTS)
def test_arguments_say_where_a_program_asks(arguments, urls):
    assert [url for url, _ in told_by_arguments(None, arguments)] == urls


@pytest.mark.parametrize("word", ["nc ", "curl a: ", "curl a.a/ ", "a.a", "/dev/tcp/"])
def test_long_arguments_such_as_an_answer_are_read_in_linear_time(growth: Any, word: str) -> None:
    def read(times: int) -> None:
        list(told_by_arguments("say", ["say", word * times]))

    assert growth(read, 500, 8000) < 4


LATE = """
import sys
from pytest_modelpin.intercept.unseen import events

class Listener:
    def hear(self, event, arguments):
        print(event)

events.listen(Listener())
sys.audit("os.fork")
# What Python does with a module's names as the process ends.
vars(events).update({name: None for name in vars(events) if not name.startswith("__")})
sys.audit("os.fork")
"""


def test_what_happens_as_the_process_ends_makes_no_noise():
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("os.fork\n", "")
