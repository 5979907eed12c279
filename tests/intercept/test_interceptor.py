"""Owners, names, swapping the model, and what a miss says."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import Any

import httpx
import httpx2
import pytest

from pytest_modelpin.intercept import hooks
from pytest_modelpin.intercept.door import Pass
from pytest_modelpin.intercept.interceptor import Interceptor
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.store import Recordings
from pytest_modelpin.registry.selection import Selected


def ask(url: str, text: str = "hi", model: str = "gpt-4o-2024-08-06", **more: Any) -> Any:
    body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
    return httpx.post(f"{url}/v1/chat/completions", json=body)


def test_headers_and_the_rest_of_the_body_arrive_as_they_were(
    server: Any, stage: Any, words: Any
) -> None:
    body = {"model": words.PIN, "messages": [{"role": "user", "content": "é😀"}], "seed": 7}

    def test() -> Any:
        headers = {"X-Own": "1", "Authorization": "Bearer abc"}
        return httpx2.post(
            f"{server.url}/v1/chat/completions?api-version=2", json=body, headers=headers
        )

    stage.play(words.production("all"), test)
    stage.play(words.candidate(), test)
    straight, swapped = server.arrived
    assert swapped.body == {**straight.body, "model": words.ALIAS} == {**body, "model": "gpt-4o"}
    assert swapped.path == straight.path
    for arrived in server.arrived:
        arrived.headers.pop("content-length")
    assert list(swapped.headers.items()) == list(straight.headers.items())


@pytest.mark.parametrize(
    "kind",
    ["text/plain; charset=utf-8", "application/octet-stream", "application/x-www-form-urlencoded"],
)
def test_a_body_that_a_client_called_by_its_own_default_is_read_all_the_same(
    server: Any, stage: Any, words: Any, kind: str
) -> None:
    content = json.dumps({"model": words.PIN, "messages": [{"role": "user", "content": "hi"}]})

    def test() -> Any:
        url = f"{server.url}/v1/chat/completions"
        return httpx.post(url, content=content, headers={"content-type": kind}).json()

    _, capture = stage.play(words.candidate(), test)
    assert [call.exchange.asked for call in capture.calls] == [words.ALIAS]
    assert json.loads(server.arrived[0].content)["model"] == words.ALIAS


def test_a_model_that_models_yml_names_is_known_at_an_odd_address(
    server: Any, stage: Any, words: Any
) -> None:
    pin = "llama3.2:1b"
    reply = {"model": pin, "message": {"role": "assistant", "content": "hi"}, "done": True}
    server.scripts = [server.plain(reply)]
    selection = words.selection_of(
        Selected("llama", pin, "candidate", "llama3.2:3b", "all", provider="ollama")
    )
    body = {"model": pin, "messages": [{"role": "user", "content": "hi"}], "stream": False}
    _, capture = stage.play(selection, lambda: httpx.post(f"{server.url}/api/chat", json=body))
    assert server.arrived[0].body["model"] == "llama3.2:3b"
    assert [call.name for call in capture.calls] == ["llama"]


TRACES = "https://api.openai.com/v1/traces/ingest"


def test_a_report_of_what_was_asked_fails_no_replay(stage: Any, words: Any) -> None:
    """As openai-agents sends one from a thread, while whichever test is running."""
    reply, capture = stage.play(words.production(), lambda: httpx.post(TRACES, json={"data": []}))
    assert reply.status_code == 204
    assert (capture.calls, stage.files()) == ((), [])


def test_a_report_of_what_was_asked_is_sent_as_ever_where_something_is(words: Any) -> None:
    interceptor = Interceptor(words.candidate(), recordings=Recordings())
    interceptor.limit()
    report: Any = SimpleNamespace(method="POST", url=TRACES, headers=())
    with pytest.raises(StopIteration) as end:
        next(interceptor.flow(report))
    assert end.value.value == Pass()


def test_the_model_is_swapped_in_a_url(server: Any, stage: Any, words: Any) -> None:
    pin = "gemini-2.0-flash-001"
    server.scripts = [server.plain({"candidates": [], "modelVersion": "gemini-2.5-flash"})]
    selection = words.selection_of(Selected("g", pin, "id", "gemini-2.5-flash", "all"))
    body = {"contents": [{"parts": [{"text": "hi"}]}]}

    def test() -> Any:
        url = f"{server.url}/v1beta/models/{pin}:generateContent?key=planted-query-key"
        return httpx.post(url, json=body)

    _, capture = stage.play(selection, test)
    assert server.arrived[0].path == (
        "/v1beta/models/gemini-2.5-flash:generateContent?key=planted-query-key"
    )
    assert server.arrived[0].body == body
    assert capture.calls[0].exchange.request.url.endswith(
        "gemini-2.5-flash:generateContent?key=REDACTED"
    )


def test_a_question_whose_body_is_streamed_is_swapped_and_replayed(
    server: Any, stage: Any, words: Any
) -> None:
    body = {"model": words.PIN, "messages": [{"role": "user", "content": "hi"}]}

    def test() -> Any:
        content = iter([json.dumps(body).encode()])
        headers = {"content-type": "application/json"}
        return httpx.post(f"{server.url}/v1/chat/completions", content=content, headers=headers)

    stage.play(words.candidate(), test)
    assert server.arrived[0].body == {**body, "model": words.ALIAS}
    server.stop()
    assert stage.play(words.candidate("none"), test)[0].json()["model"] == words.ALIAS


def test_of_two_names_with_one_pin_the_declared_one_is_meant(
    server: Any, stage: Any, words: Any
) -> None:
    selection = words.selection_of(
        Selected("short", words.PIN, "candidate", "gpt-a", "all"),
        Selected("long", words.PIN, "candidate", "gpt-b", "all"),
    )
    _, capture = stage.play(selection, lambda: ask(server.url), names=("long",))
    assert capture.calls[0].name == "long"
    assert "short, long" in stage.miss(selection, lambda: ask(server.url)).replace(" and", ",")

    def declares() -> Any:
        stage.interceptor.declare("short")
        return ask(server.url)

    _, capture = stage.play(selection, declares)
    assert capture.calls[0].exchange.asked == "gpt-a"


def test_a_fixture_s_calls_are_its_own(server: Any, stage: Any, words: Any) -> None:
    fixture = Owner(stage.folder, "test_summary", "corpus@module")

    def test() -> Any:
        ask(server.url, "before")
        stage.interceptor.begin(fixture)
        ask(server.url, "in the fixture")
        inner = stage.interceptor.end()
        ask(server.url, "after")
        return inner

    inner, capture = stage.play(words.candidate(), test)
    prompts = [c.exchange.request.body["messages"][0]["content"] for c in capture.calls]
    assert prompts == ["before", "after"]
    assert inner.owner == fixture
    assert len(inner.calls) == 1


def test_asking_outside_any_test_fails_in_replay_and_passes_live(
    server: Any, stage: Any, words: Any
) -> None:
    for selection, live in ((words.production(), False), (words.candidate(), True)):
        interceptor = Interceptor(selection, recordings=Recordings(root=stage.folder))
        hooks.install(interceptor)
        if live:
            assert ask(server.url).json()["model"] == words.ALIAS
        else:
            with pytest.raises(pytest.fail.Exception, match="while no test was running"):
                ask(server.url)
        (said,) = interceptor.asked_outside
        assert "asked while no test was running" in said
    assert len(server.arrived) == 1
    assert stage.files() == []


def test_what_was_heard_and_missed_so_far_can_be_asked(server: Any, stage: Any, words: Any) -> None:
    stage.play(words.production("new"), lambda: ask(server.url))

    def test() -> Any:
        ask(server.url)
        with pytest.raises(pytest.fail.Exception):
            ask(server.url, "unknown")
        return stage.interceptor.names_called(), stage.interceptor.misses()

    (heard, misses), capture = stage.play(words.production(), test)
    assert heard == ("gpt",)
    assert misses == capture.misses
    assert len(misses) == 1


def test_a_miss_names_test_version_place_and_command(server: Any, stage: Any, words: Any) -> None:
    owner = Owner(stage.folder, "test_a", "test_b[x y]", "tests/test_a.py::test_b[x y]")
    message = stage.miss(words.production(), lambda: ask(server.url), owner=owner)
    assert message.startswith(
        'Not recorded: gpt (production: gpt-4o-2024-08-06) was asked "hi" by '
        "tests/test_a.py::test_b[x y], and"
    )
    assert "__recordings__/gpt-4o-2024-08-06/test_a/test_b_x" in message.replace("[", "_")
    assert "pytest --model production --model-record new 'tests/test_a.py::test_b[x y]'" in message


def test_the_nearest_request_of_a_long_talk_is_its_own_turn(
    server: Any, stage: Any, words: Any
) -> None:
    def talk(*said: str) -> None:
        for turns in (said[:1], said):
            messages = [{"role": "user", "content": text} for text in turns]
            body = {"model": words.PIN, "messages": messages}
            httpx.post(f"{server.url}/v1/chat/completions", json=body)

    texts = [f"turn {number}" for number in range(9)]
    stage.play(words.production("new"), lambda: talk(*texts))
    message = stage.miss(words.production(), lambda: talk(*texts[:-1], "turn of another kind"))
    assert "turn of another kind" in message
    assert "lines more" not in message


def test_a_miss_shows_what_differs_from_the_nearest_request(
    server: Any, stage: Any, words: Any
) -> None:
    def record() -> None:
        ask(server.url, "Summarise this.", temperature=0)
        ask(server.url, "something else altogether", tools=[{"type": "function"}])

    stage.play(words.production("new"), record)
    stage.play(words.production("new"), record, sample=2)
    message = stage.miss(
        words.production(), lambda: ask(server.url, "Summarize this.", temperature=0)
    )
    assert '-   "content": "Summarise this."' in message
    assert '+   "content": "Summarize this."' in message
    assert "something else" not in message
    assert "has 2 other requests" in message


def test_a_miss_of_what_each_sample_asks_otherwise_says_what_helps(
    server: Any, stage: Any, words: Any
) -> None:
    """It only said to record it, which would be missed in the same way."""
    for sample in (1, 2, 3):
        stage.play(
            words.production("new"), lambda n=sample: ask(server.url, f"ticket {n}"), sample=sample
        )
    message = stage.miss(words.production(), lambda: ask(server.url, "ticket 7"))
    assert "Each recorded sample of it asks something else" in message
    assert "a counter (factory_boy's `Sequence`) by setting it back" in message
    assert "\nThen record it: pytest" in message


def test_a_miss_of_a_conversation_that_quotes_its_own_answers_does_not(
    server: Any, stage: Any, words: Any
) -> None:
    for sample in (1, 2, 3):
        stage.play(
            words.production("new"),
            lambda n=sample: [ask(server.url, "hi"), ask(server.url, f"you said {n}")],
            sample=sample,
        )
    message = stage.miss(words.production(), lambda: ask(server.url, "hello"))
    assert "something else" not in message
    assert "\nRecord it: pytest" in message


def test_a_miss_never_floods_and_never_tells_a_secret(server: Any, stage: Any, words: Any) -> None:
    stage.play(words.production("new"), lambda: ask(server.url))
    long = [
        {"role": "user", "content": f"{n} sk-planted1234567890 " + "x" * 500} for n in range(99)
    ]
    message = stage.miss(words.production(), lambda: ask(server.url, messages=long))
    assert len(message.splitlines()) < 40
    assert max(map(len, message.splitlines())) < 400
    assert "planted" not in message


def test_a_miss_tells_too_many_calls_from_another_sample(
    server: Any, stage: Any, words: Any
) -> None:
    stage.play(words.production("new"), lambda: ask(server.url))
    twice = stage.miss(words.production(), lambda: [ask(server.url), ask(server.url)])
    assert "recorded 1 time, but was asked 2 times" in twice
    sample = stage.miss(words.production(), lambda: ask(server.url), sample=2)
    assert "recorded for sample 1, but not for sample 2" in sample


@pytest.mark.parametrize(
    ("which", "id", "others", "option"),
    [
        ("candidate", "gpt-4o", (), "--model candidate "),
        ("id", "gpt-9", (), "--model gpt-9 "),
        ("candidate", "gpt-4o", ("production",), "--model gpt=candidate "),
        ("candidate", "gpt-4o", ("candidate",), "--model candidate "),
    ],
)
def test_the_command_selects_what_this_run_selected(
    which: Any, id: str, others: Any, option: str, server: Any, stage: Any, words: Any
) -> None:
    selection = words.selection_of(
        Selected("gpt", words.PIN, which, id, "none"),
        *(Selected(f"m{n}", f"pin{n}", other, f"id{n}", "none") for n, other in enumerate(others)),
    )
    assert option in stage.miss(selection, lambda: ask(server.url))


def test_a_body_without_a_content_type_is_recognised_too(
    server: Any, stage: Any, words: Any
) -> None:
    body = {"model": words.PIN, "messages": []}

    def test() -> Any:
        url = f"{server.url}/v1/chat/completions"
        return httpx.post(url, content=json.dumps(body).encode())

    _, capture = stage.play(words.candidate(), test)
    assert server.arrived[0].body["model"] == words.ALIAS
    assert len(capture.calls) == 1


def test_fields_that_the_user_ignores_may_differ(server: Any, stage: Any, words: Any) -> None:
    ignore = {"ignore_fields": ("trace.run",)}
    stage.play(words.production("new"), lambda: ask(server.url, trace={"run": 1, "k": 1}), **ignore)
    reply, _ = stage.play(
        words.production(), lambda: ask(server.url, trace={"run": 2, "k": 1}), **ignore
    )
    assert reply.status_code == 200
    stage.miss(words.production(), lambda: ask(server.url, trace={"run": 2, "k": 2}), **ignore)


def test_no_planted_secret_reaches_a_file_a_tape_or_a_message(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_SERVICE_TOKEN", "planted-environment")
    planted = {
        "header": "planted-header-0",
        "query": "planted-query-00",
        "cookie": "planted-cookie-0",
        "body": "sk-planted-body-000",
        "account": "planted-account-0",
    }
    everything = " ".join(planted.values()) + " planted-environment"

    def answer(arrived: Any) -> Any:
        headers = {
            "set-cookie": "session=planted-setcookie",
            "openai-organization": "planted-account-0",
            "x-request-id": "req-planted-header-0",
        }
        return server.plain(words.chat(words.PIN, everything), **headers)

    def streamed(arrived: Any) -> Any:
        letters = words.chat_events(words.PIN, list("key: planted-header-0!"))
        return server.stream([*letters[:-1], "data: [DONE]\n\n"])

    def refused(arrived: Any) -> Any:
        return server.plain({"error": {"message": f"Bad key {planted['header']}"}}, 401)

    def overloaded(arrived: Any) -> Any:
        return server.plain({"error": {"message": f"Busy for {planted['header']}"}}, 503)

    server.scripts = [answer, streamed, refused, overloaded]

    def test(numbers: Any = range(4)) -> None:
        for number in numbers:
            httpx.post(
                f"{server.url}/v1/chat/completions?api-key={planted['query']}&n={number}",
                headers={
                    "authorization": f"Bearer {planted['header']}",
                    "cookie": f"session={planted['cookie']}",
                    "openai-organization": planted["account"],
                },
                json={
                    "model": words.PIN,
                    "messages": [{"role": "user", "content": f"{number} {everything}"}],
                    "trace": {"password": "planted-field-00", "x": planted["body"]},
                },
            )

    _, capture = stage.play(words.production("new"), test)
    message = stage.miss(words.production(), lambda: test([9]))
    written = stage.text() + message + repr(capture)
    assert [secret for secret in planted.values() if secret in written] == []
    assert "planted-" not in written
    texts = [
        json.loads(event.removeprefix("data: "))["choices"][0]["delta"].get("content", "")
        for event in json.loads(stage.text())["exchanges"][1]["response"]["events"][:-1]
    ]
    assert "".join(texts) == "key: REDACTED!"
    server.stop()
    _, again = stage.play(words.production(), lambda: test(range(3)))
    assert len(again.calls) == 3


def test_requests_with_secrets_in_them_replay_with_other_secrets(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_API_KEY", "recorded-with-this-1")
    stage.play(words.production("new"), lambda: ask(server.url, "key recorded-with-this-1"))
    server.stop()
    monkeypatch.setenv("MY_API_KEY", "replayed-with-that-22")
    stage.play(words.production(), lambda: ask(server.url, "key replayed-with-that-22"))


def test_a_thousand_replays_in_one_test_are_fast(server: Any, stage: Any, words: Any) -> None:
    stage.play(words.production("new"), lambda: ask(server.url, "number 0"))
    (path,) = stage.folder.rglob("*.json")
    document = json.loads(path.read_text())
    exchange = document["exchanges"][0]
    document["exchanges"] = [
        {
            **exchange,
            "request": json.loads(json.dumps(exchange["request"]).replace("number 0", text)),
        }
        for text in (f"number {n}" for n in range(1000))
    ]
    path.write_text(json.dumps(document))
    server.stop()

    def replay() -> None:
        with httpx.Client() as client:
            for number in range(1000):
                messages = [{"role": "user", "content": f"number {number}"}]
                body = {"model": words.PIN, "messages": messages}
                client.post(f"{server.url}/v1/chat/completions", json=body)

    started = time.perf_counter()
    _, capture = stage.play(words.production(), replay)
    assert len(capture.calls) == 1000
    assert time.perf_counter() - started < 10  # 0.5 s on an idle machine; a list took minutes


def test_the_secret_of_a_question_may_change_before_it_is_replayed(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "planted-first-value")
    stage.play(words.production("new"), lambda: ask(server.url, "It is planted-first-value."))
    server.stop()
    monkeypatch.setenv("SHOP_TOKEN", "planted-second-value")

    def asks_both() -> list[Any]:
        return [
            ask(server.url, f"It is {secret}.")
            for secret in ("REDACTED", "planted-second-value")  # as recorded, and with the secret
        ]

    with pytest.raises(pytest.fail.Exception, match="recorded 1 time, but was asked 2 times"):
        stage.play(words.production(), asks_both)
    replayed, capture = stage.play(
        words.production(), lambda: ask(server.url, "It is planted-second-value.")
    )
    assert replayed.status_code == 200
    assert "planted" not in repr(capture)


def test_what_was_a_secret_where_it_was_recorded_replays_where_it_is_none(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "sunshine")
    stage.play(words.production("new"), lambda: ask(server.url, "Is it sunshine?"))
    assert "sunshine" not in stage.text()
    server.stop()
    monkeypatch.delenv("SHOP_PASSWORD")
    replayed, _ = stage.play(words.production(), lambda: ask(server.url, "Is it sunshine?"))
    assert replayed.status_code == 200
    stage.miss(words.production(), lambda: ask(server.url, "Was it sunshine?"))


def test_in_replay_nothing_may_be_sent(stage: Any, words: Any) -> None:
    for selection, sends in (
        (words.production(), False),
        (words.candidate("none"), False),
        (words.production("new"), True),
        (words.candidate(), True),
    ):
        interceptor = Interceptor(selection, recordings=Recordings(root=stage.folder))
        assert interceptor.sends is sends
        assert (interceptor.ahead is not None) is sends
        assert interceptor.stop_sending() == []
