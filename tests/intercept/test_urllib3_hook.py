"""requests and urllib3: recorded, replayed with no server, and followed as they stream."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests
import urllib3

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

BODY: Any = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": "hi"}]}
STREAMED = {**BODY, "stream": True}
KEY = "sk-proj-aVery0Long1Secret2Key3456789abcdef"
HEADERS = {"authorization": f"Bearer {KEY}"}


def text_of(document: Any) -> str:
    return str(document["choices"][0]["message"]["content"])


def with_requests(url: str) -> str:
    return text_of(requests.post(url, json=BODY, headers=HEADERS, timeout=5).json())


def with_a_session(url: str) -> str:
    with requests.Session() as session:
        session.headers.update(HEADERS)
        return text_of(session.post(url, json=BODY, timeout=5).json())


def with_requests_streamed(url: str) -> str:
    with requests.post(url, json=STREAMED, headers=HEADERS, stream=True, timeout=5) as reply:
        lines = [line for line in reply.iter_lines() if line]
    return lines_text(lines)


def with_urllib3(url: str) -> str:
    return text_of(urllib3.PoolManager().request("POST", url, json=BODY, headers=HEADERS).json())


def with_urllib3_streamed(url: str) -> str:
    reply = urllib3.PoolManager().request(
        "POST", url, json=STREAMED, headers=HEADERS, preload_content=False
    )
    lines = b"".join(reply.stream()).splitlines()
    return lines_text([line for line in lines if line])


def with_a_body_that_streams(url: str) -> str:
    content = json.dumps(BODY).encode()
    pieces = iter([content[:10], content[10:]])
    kind = {"content-type": "application/json"}
    return text_of(requests.post(url, data=pieces, headers=HEADERS | kind, timeout=5).json())


def lines_text(lines: list[bytes]) -> str:
    assert lines[-1] == b"data: [DONE]"
    documents = [json.loads(line.removeprefix(b"data: ")) for line in lines[:-1]]
    return "".join(d["choices"][0]["delta"].get("content", "") for d in documents)


WAYS: list[Callable[[str], str]] = [
    with_requests,
    with_a_session,
    with_requests_streamed,
    with_urllib3,
    with_urllib3_streamed,
    with_a_body_that_streams,
]


@pytest.mark.parametrize("ask", WAYS, ids=lambda way: way.__name__)
def test_recorded_on_the_pin_then_replayed_without_a_server(
    server: Any, stage: Any, words: Any, ask: Callable[[str], str]
) -> None:
    url = f"{server.url}/v1/chat/completions"
    recorded, capture = stage.play(words.production("new"), lambda: ask(url))
    assert recorded
    assert [each.exchange.served for each in capture.calls] == [words.PIN]
    assert stage.files() == [f"__recordings__/{words.PIN}/test_summary/test_short.json"]
    assert KEY not in stage.text()
    server.stop()
    assert stage.play(words.production(), lambda: ask(url))[0] == recorded


@pytest.mark.parametrize("ask", WAYS, ids=lambda way: way.__name__)
def test_the_candidate_is_put_in_and_its_version_learned(
    server: Any, stage: Any, words: Any, ask: Callable[[str], str]
) -> None:
    server.serves = {words.ALIAS: "gpt-4o-2024-11-20"}
    _, capture = stage.play(words.candidate(), lambda: ask(f"{server.url}/v1/chat/completions"))
    assert [arrived.body["model"] for arrived in server.arrived] == [words.ALIAS]
    assert [each.exchange.served for each in capture.calls] == ["gpt-4o-2024-11-20"]


def test_a_stream_reaches_the_client_event_by_event(server: Any, stage: Any, words: Any) -> None:
    read = threading.Semaphore(0)
    events = words.chat_events(words.PIN, ["a", "b", "c"])
    server.scripts = [server.stream(events, was_read=read)]

    def test() -> list[bytes]:
        lines = []
        url = f"{server.url}/v1/chat/completions"
        with requests.post(url, json=STREAMED, stream=True, timeout=5) as reply:
            for line in reply.iter_lines(chunk_size=None):
                if line:
                    lines.append(line)
                    read.release()
        return lines

    lines, capture = stage.play(words.production("new"), test)
    assert lines[-1] == b"data: [DONE]"
    assert capture.calls[0].exchange.response.complete


def test_compressed_replies_are_stored_as_text(server: Any, stage: Any, words: Any) -> None:
    server.scripts = [server.compressed(words.chat(words.PIN, "packed"), "gzip")]
    url = f"{server.url}/v1/chat/completions"
    assert stage.play(words.production("new"), lambda: with_requests(url))[0] == "packed"
    assert "packed" in stage.text()


def test_retries_of_urllib3_are_one_request_of_the_test(
    server: Any, stage: Any, words: Any
) -> None:
    server.scripts = [server.plain({"error": {"message": "busy"}}, status=503)]
    retry = urllib3.Retry(3, status_forcelist=[503], allowed_methods=None, backoff_factor=0)
    url = f"{server.url}/v1/chat/completions"

    def test() -> str:
        with requests.Session() as session:
            session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
            return text_of(session.post(url, json=BODY, timeout=5).json())

    answer, capture = stage.play(words.production("new"), test)
    assert len(server.arrived) == 2
    assert len(capture.calls) == 1
    server.stop()
    assert stage.play(words.production(), test)[0] == answer


def test_a_redirect_is_followed_to_the_answer(server: Any, stage: Any, words: Any) -> None:
    url = f"{server.url}/v1/chat/completions"
    elsewhere = words.Script(307, headers={"location": f"{url}?moved=1"})
    server.scripts = [elsewhere]
    answer, _ = stage.play(words.production("new"), lambda: with_requests(url))
    assert answer == "answer 2"
    server.stop()
    assert stage.play(words.production(), lambda: with_requests(url))[0] == answer


def test_cookies_reach_the_session(server: Any, stage: Any, words: Any) -> None:
    server.scripts = [server.plain(words.chat(words.PIN, "hi"), **{"set-cookie": "a=b; Path=/"})]

    def test() -> Any:
        with requests.Session() as session:
            session.post(f"{server.url}/v1/chat/completions", json=BODY, timeout=5)
            return session.cookies.get_dict()

    assert stage.play(words.production("new"), test)[0] == {"a": "b"}


def test_a_miss_is_told_past_the_librarys_own_retries(server: Any, stage: Any, words: Any) -> None:
    url = f"{server.url}/v1/chat/completions"
    message = stage.miss(words.production(), lambda: with_requests(url))
    assert "pytest-modelpin record" in message or "--model-record" in message
    assert server.arrived == []


def test_a_connection_that_breaks_in_the_middle_is_heard_as_such(
    server: Any, stage: Any, words: Any
) -> None:
    events = words.chat_events(words.PIN, ["a", "b", "c"])
    server.scripts = [server.stream(events, cut_after=2)]

    def test() -> None:
        url = f"{server.url}/v1/chat/completions"
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            list(requests.post(url, json=STREAMED, stream=True, timeout=5).iter_lines())

    _, capture = stage.play(words.production("new"), test)
    assert not capture.calls
    assert capture.trouble


def test_a_reply_that_takes_too_long_is_broken_off(server: Any, stage: Any, words: Any) -> None:
    held = threading.Semaphore(0)
    server.scripts = [server.stream(words.chat_events(words.PIN, ["a", "b"]), was_read=held)]

    def test() -> None:
        url = f"{server.url}/v1/chat/completions"
        list(requests.post(url, json=STREAMED, stream=True).iter_lines())

    with pytest.raises(pytest.fail.Exception, match="--model-timeout"):
        stage.play(words.production("new"), test, seconds=0.3)
    held.release()


def test_other_traffic_passes_as_it_is(server: Any, stage: Any, words: Any) -> None:
    def test() -> Any:
        url = f"{server.url}/health"
        return requests.get(url, timeout=5).status_code, requests.head(url, timeout=5).status_code

    result, capture = stage.play(words.production(), test)
    assert result[0] == 200
    assert not capture.calls
