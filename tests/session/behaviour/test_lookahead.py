"""Look-ahead: replies are there before the tests ask, and nothing else changes."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from importlib import import_module

import pytest

MANY = """
import pytest
from support import ask

@pytest.mark.parametrize("number", range(8))
def test_many(number):
    assert ask(f"q{number}") == f"q{number}"
"""

STREAMED = """
import httpx, os, pytest

@pytest.mark.parametrize("number", range(4))
def test_streamed(number):
    body = {"model": "gpt-4o-2024-08-06", "stream": True,
            "messages": [{"role": "user", "content": f"one two {number}"}]}
    url = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
    with httpx.stream("POST", url, json=body) as reply:
        events = [line for line in reply.iter_lines() if line.startswith("data: {")]
    assert str(number) in "".join(events)
"""

ASYNC = """
import asyncio, httpx, os, pytest

@pytest.mark.parametrize("number", range(4))
def test_async(number):
    async def ask(text):
        body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": text}]}
        async with httpx.AsyncClient() as client:
            url = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
            reply = await client.post(url, json=body)
        return reply.json()["choices"][0]["message"]["content"]
    assert asyncio.run(ask(f"a{number}")) == f"a{number}"
"""

AIOHTTP = """
import aiohttp, asyncio, os, pytest

@pytest.mark.parametrize("number", range(4))
def test_aiohttp(number):
    async def ask(text, **more):
        body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": text}]}
        url = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
        async with aiohttp.ClientSession() as client:
            async with client.post(url, json={**body, **more}) as reply:
                return await reply.text()
    assert f'"a{number}"' in asyncio.run(ask(f"a{number}"))
    assert f'"s{number}"' in asyncio.run(ask(f"s{number}", stream=True))
"""

OPENAI = """
import os, pytest, openai

@pytest.mark.parametrize("number", range(4))
def test_openai(number):
    with openai.OpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1") as client:
        messages = [{"role": "user", "content": f"o{number}"}]
        reply = client.chat.completions.create(model="gpt-4o-2024-08-06", messages=messages)
    assert reply.choices[0].message.content == f"o{number}"
"""

TURNS = """
import httpx, os, pytest

def chat(messages):
    url = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
    body = {"model": "gpt-4o-2024-08-06", "messages": messages}
    said = httpx.post(url, json=body).json()["choices"][0]["message"]
    return [*messages, {"role": "assistant", "content": said["content"]}]

@pytest.mark.parametrize("number", range(4))
def test_turns(number):
    messages = chat([{"role": "user", "content": f"first {number}"}])
    chat([*messages, {"role": "user", "content": "second"}])
"""


@contextmanager
def watched(project, seconds=0.1, only=lambda text: True):
    """How many requests were under way at once, at most; of questions that `only` names."""
    lock, now, most = threading.Lock(), [0], [0]
    answer = project.server.answer

    def slowly(question):
        counts = only(question.text)
        with lock:
            now[0] += counts
            most[0] = max(most[0], now[0])
        time.sleep(seconds)
        with lock:
            now[0] -= counts
        return answer(question)

    project.server.answer = slowly
    yield most
    project.server.answer = answer


@contextmanager
def together(project, number, only):
    """The questions that `only` names are answered once so many of them are under way at once."""
    lock, now, met, late = threading.Lock(), [0], threading.Event(), []
    answer = project.server.answer

    def waiting(question):
        if only(question.text) and not met.is_set():
            with lock:
                now[0] += 1
                if now[0] >= number:
                    met.set()
            late.extend([question.text] * (not met.wait(30)))
            with lock:
                now[0] -= 1
        return answer(question)

    project.server.answer = waiting
    yield met
    project.server.answer = answer
    assert late == []


def told(report):
    """What a run found, without what no two runs share."""
    return [
        (
            case["id"],
            [
                (
                    s["outcome"],
                    s["message"],
                    [(c["reply"], c["fresh"], c["request"]) for c in s["calls"]],
                )
                for s in case["samples"]
            ],
        )
        for case in report["cases"]
    ]


@pytest.mark.long
@pytest.mark.parametrize(
    "content",
    [MANY, STREAMED, ASYNC, AIOHTTP, OPENAI, TURNS],
    ids=["plain", "streamed", "async", "aiohttp", "openai", "turns"],
)
def test_outcomes_are_the_same_and_each_request_is_sent_once(project, content):
    project.write("tests/test_support.py", content)
    project.record()
    with watched(project) as most:
        ahead = project.report("--model=candidate", "--model-samples=2")
    sent = len(project.server.requests)
    project.server.requests.clear()
    alone = project.report("--model=candidate", "--model-samples=2", "--model-jobs=1")
    assert told(ahead) == told(alone)
    assert sent == len(project.server.requests)
    assert most[0] > 2
    assert ahead["notes"] == alone["notes"] == []
    assert all(
        c["seconds"] > 0.05 for k in ahead["cases"] for s in k["samples"] for c in s["calls"]
    )


IMPATIENT = """
import aiohttp, asyncio, httpx, os, pytest, requests

URL = os.environ["PROVIDER_URL"] + "/v1/chat/completions"

def by_httpx(body):
    return httpx.post(URL, json=body, timeout=0.5).text

def by_requests(body):
    return requests.post(URL, json=body, timeout=(5, 0.5)).text

def by_aiohttp(body):
    async def ask():
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.5)) as client:
            async with client.post(URL, json=body) as reply:
                return await reply.text()
    return asyncio.run(ask())

@pytest.mark.parametrize("number", range(3))
def test_impatient(number):
    message = {"role": "user", "content": f"q{number}"}
    assert f"q{number}" in ASK({"model": "gpt-4o-2024-08-06", "messages": [message]})
"""


@pytest.mark.long
@pytest.mark.parametrize("ask", ["by_httpx", "by_requests", "by_aiohttp"])
def test_a_reply_that_its_client_would_not_have_waited_for_is_not_handed_over(project, ask):
    """Sent ahead, a candidate too slow for the code's own limit of time was green."""
    project.write("tests/test_support.py", IMPATIENT.replace("ASK", ask))
    project.record()
    with watched(project):
        report = project.report("--model=candidate")
    assert [case["samples"][0]["outcome"] for case in report["cases"]] == ["passed"] * 3
    assert report["notes"] == [], "sent ahead and used"
    answer = project.server.answer

    def slowly(question):
        time.sleep(0 if question.text == "q0" else 1)  # the first teaches the way
        return answer(question)

    project.server.answer = slowly
    report = project.report("--model=candidate")
    outcomes = [case["samples"][0]["outcome"] for case in report["cases"]]
    assert outcomes == ["passed", "lost", "lost"]


def test_the_next_turn_is_sent_ahead_only_where_the_reply_is_unchanged(project):
    project.write("tests/test_support.py", TURNS)
    project.record()
    answer = project.server.answer
    project.server.answer = lambda question: answer(question) + "!"
    report = project.report("--model=candidate")
    assert {case["samples"][0]["outcome"] for case in report["cases"]} == {"passed"}
    assert len(project.server.requests) == 8
    assert not any("not as recorded" in note for note in report["notes"]), "it quotes the answer"


def test_a_request_that_differs_goes_live_and_is_reported(project):
    project.write("tests/test_support.py", MANY)
    project.record()
    changed = MANY.replace('ask(f"q{number}")', 'ask(f"q{number}" if number != 5 else "new")')
    project.write("tests/test_support.py", changed.replace('== f"q{number}"', "is not None"))
    report = project.report("--model=candidate")
    assert [case["samples"][0]["outcome"] for case in report["cases"]] == ["passed"] * 8
    assert report["notes"] == [
        "1 reply was fetched ahead and not used.",
        "1 request was not sent ahead: messages[0].content is not as recorded on the pin "
        "(in tests/test_support.py::test_many[5]). `pytest-modelpin record` records it anew.",
    ]


def test_a_test_with_other_headers_gets_a_reply_of_its_own(project):
    support = (project.folder / "support.py").read_text()
    project.write("tests/test_support.py", MANY)
    project.record()
    project.write(
        "support.py",
        support.replace("headers={", 'headers={"x-beta": "yes" if "3" in question else "no", '),
    )
    report = project.report("--model=candidate")
    (unused, differs) = report["notes"]
    assert "not used" in unused
    assert "sent twice: what was sent ahead differed in header x-beta (" in differs
    assert "tests/test_support.py::test_many[3]" in differs


MIXED = """
import asyncio, os, pytest, openai

BASE = os.environ["PROVIDER_URL"] + "/v1"
MODEL = "gpt-4o-2024-08-06"

@pytest.mark.parametrize("number", range(6))
def test_async(number):
    async def ask():
        async with openai.AsyncOpenAI(base_url=BASE) as client:
            messages = [{"role": "user", "content": f"a{number}"}]
            return await client.chat.completions.create(model=MODEL, messages=messages)
    assert asyncio.run(ask()).choices[0].message.content == f"a{number}"

@pytest.mark.parametrize("number", range(6))
def test_sync(number):
    with openai.OpenAI(base_url=BASE) as client:
        messages = [{"role": "user", "content": f"s{number}"}]
        reply = client.chat.completions.create(model=MODEL, messages=messages)
    assert reply.choices[0].message.content == f"s{number}"

@pytest.mark.parametrize("number", range(6))
def test_raw(number):
    with openai.OpenAI(base_url=BASE) as client:
        messages = [{"role": "user", "content": f"r{number}"}]
        raw = client.chat.completions.with_raw_response
        reply = raw.create(model=MODEL, messages=messages).parse()
    assert reply.choices[0].message.content == f"r{number}"
"""


@pytest.mark.long
def test_what_a_client_says_of_itself_makes_no_other_request(project):
    project.write("tests/test_support.py", MIXED)
    project.record()
    with watched(project) as most:
        report = project.report("--model=candidate", "--model-samples=2")
    assert len(project.server.requests) == 36
    assert most[0] > 4
    assert report["notes"] == []


KEPT = """
import asyncio, os, pytest, openai, anthropic

URL = os.environ["PROVIDER_URL"]
PIN = {pin!r}
{client}

@pytest.mark.parametrize("number", range(6))
def test_kept(number):
    messages = [{{"role": "user", "content": f"k{{number}}"}}]
    assert {ask} == f"k{{number}}"

def test_further():
    messages = [{{"role": "user", "content": "further"}}]
    assert {ask} == "further"
"""
CHAT = "chat.completions.create(model=PIN, messages=messages)"
LOOP = """
loop = asyncio.new_event_loop()
client = openai.AsyncOpenAI(base_url=URL + "/v1")

@pytest.fixture(scope="module", autouse=True)
def closed_at_last():
    yield
    loop.run_until_complete(client.close())
    loop.close()
"""


@pytest.mark.parametrize(
    ("pin", "alias", "client", "ask"),
    [
        (
            "gpt-4o-2024-08-06",
            "gpt-4o",
            'client = openai.OpenAI(base_url=URL + "/v1")',
            f"client.{CHAT}.choices[0].message.content",
        ),
        (
            "gpt-4o-2024-08-06",
            "gpt-4o",
            LOOP,
            f"loop.run_until_complete(client.{CHAT}).choices[0].message.content",
        ),
        (
            "claude-haiku-4-5-20251001",
            "claude-haiku-4-5",
            'client = anthropic.Anthropic(base_url=URL, api_key="k")',
            "client.messages.create(model=PIN, messages=messages, max_tokens=9).content[0].text",
        ),
    ],
    ids=["openai", "openai-async", "anthropic"],
)
def test_a_client_that_is_kept_and_its_cookies_pay_nothing_twice(project, pin, alias, client, ask):
    provider = "anthropic" if "claude" in pin else "openai"
    project.write(
        "models.yml",
        f"models:\n  support: {{production: {pin}, staging: {alias}, provider: {provider}}}\n",
    )
    project.write("tests/test_support.py", KEPT.format(pin=pin, client=client, ask=ask))
    project.record()
    with together(project, 3, lambda text: text != "k0") as met:
        report = project.report("--model=candidate", "--model-samples=2")
    outcomes = [sample["outcome"] for case in report["cases"] for sample in case["samples"]]
    assert outcomes == ["passed"] * 14
    assert len(project.server.requests) == 14
    assert met.is_set()
    assert report["notes"] == []


def test_a_cookie_that_the_test_sets_itself_counts_as_its_own(project):
    support = (project.folder / "support.py").read_text()
    project.write("tests/test_support.py", MANY)
    project.record()
    header = 'headers={"cookie": "tenant=" + ("b" if "3" in question else "a"), '
    project.write("support.py", support.replace("headers={", header))
    report = project.report("--model=candidate")
    assert "differed in header cookie (" in report["notes"][1]


TWO_CLIENTS = """
import os, pytest, openai

URL = os.environ["PROVIDER_URL"] + "/v1"
plain = openai.OpenAI(base_url=URL)
beta = openai.OpenAI(base_url=URL, default_headers={"x-beta": "yes"})

def say(client, text):
    messages = [{"role": "user", "content": text}]
    reply = client.chat.completions.create(model="gpt-4o-2024-08-06", messages=messages)
    assert reply.choices[0].message.content == text
"""


@pytest.mark.long
def test_a_way_is_learnt_for_each_set_of_headers(project):
    project.write(
        "tests/test_plain.py",
        TWO_CLIENTS
        + """
@pytest.mark.parametrize("number", range(10))
def test_plain(number): say(plain, f"p{number}")
@pytest.mark.parametrize("number", range(10))
def test_beta(number): say(beta, f"b{number}")
@pytest.mark.parametrize("number", range(10))
def test_plain_again(number): say(plain, f"a{number}")
""",
    )
    project.write("tests/test_support.py", "")
    project.record()
    with together(project, 2, lambda text: text in ("b8", "b9", "a8", "a9")) as met:
        report = project.report("--model=candidate", "--model-samples=3", "--model-jobs=2")
    outcomes = {sample["outcome"] for case in report["cases"] for sample in case["samples"]}
    assert outcomes == {"passed"}
    assert met.is_set()
    # What was ready when the headers changed, once for each change: twice the jobs.
    assert 90 <= len(project.server.requests) <= 90 + 2 * 4


@pytest.mark.long
def test_a_test_that_asks_in_turns_is_left_to_itself(project):
    project.write(
        "tests/test_support.py",
        TWO_CLIENTS
        + """
@pytest.mark.parametrize("number", range(60))
def test_turns(number): say(beta if number % 2 else plain, f"t{number}")
""",
    )
    project.record()
    report = project.report("--model=candidate", "--model-jobs=4")
    assert [case["samples"][0]["outcome"] for case in report["cases"]] == ["passed"] * 60
    assert len(project.server.requests) <= 60 + 2 * 8


def test_a_mistake_in_look_ahead_neither_hangs_nor_fails_a_test(project, monkeypatch):
    lookahead = import_module("pytest_modelpin.live.lookahead")  # not what an earlier run forgot

    made = threading.Event()

    def mistake(*arguments):
        made.set()
        raise RecursionError("planted")

    monkeypatch.setattr(lookahead, "fetch_ahead", mistake)
    project.write("tests/test_support.py", MANY)
    project.record()
    answer = project.server.answer

    def after_the_mistake(question):
        assert question.text == "q0" or made.wait(30)
        return answer(question)

    project.server.answer = after_the_mistake
    report = project.report("--model=candidate")
    assert [case["samples"][0]["outcome"] for case in report["cases"]] == ["passed"] * 8
    assert len(project.server.requests) == 8
    (note,) = [note for note in report["notes"] if "mistake" in note]
    assert "RecursionError" in note


@pytest.mark.long
def test_without_a_thread_to_be_had_tests_wait_for_themselves(project, monkeypatch):
    lookahead = import_module("pytest_modelpin.live.lookahead")  # not what an earlier run forgot

    class Thread(threading.Thread):
        def start(self):
            raise RuntimeError("can't start new thread")

    class Threading:
        def __getattr__(self, name):
            return Thread if name == "Thread" else getattr(threading, name)

    monkeypatch.setattr(lookahead, "threading", Threading())
    project.write("tests/test_support.py", MANY)
    project.record()
    report = project.report("--model=candidate")
    assert [case["samples"][0]["outcome"] for case in report["cases"]] == ["passed"] * 8
    assert report["notes"] == []


@pytest.mark.long
def test_from_the_first_request_with_other_headers_on_those_are_sent_ahead(project):
    project.write("tests/test_support.py", MANY.replace("range(8)", "range(40)"))
    project.record()
    support = (project.folder / "support.py").read_text()
    header = 'headers={"x-beta": "yes" if int(question[1:]) >= 20 else "no", '
    project.write("support.py", support.replace("headers={", header))
    with together(project, 3, lambda text: int(text[1:]) >= 30) as met:
        report = project.report("--model=candidate", "--model-jobs=4")
    assert met.is_set()
    assert [case["samples"][0]["outcome"] for case in report["cases"]] == ["passed"] * 40
    # No more can be in vain than were under way, or ready, when the headers changed.
    assert 40 <= len(project.server.requests) <= 40 + 8


@pytest.mark.long
def test_a_recording_is_read_no_more_often_where_its_test_asks_more(project, monkeypatch):
    from pytest_modelpin.live import expected_requests

    reads, read = [], expected_requests.read
    monkeypatch.setattr(expected_requests, "read", lambda path: reads.append(path) or read(path))
    content = """
        from support import ask
        def test_much():
            for number in range(20):
                assert ask(f"q{number}")
        """
    project.write("tests/test_support.py", content)
    project.record()
    project.report("--model=candidate")
    few = len(reads)
    project.write("tests/test_support.py", content.replace("20", "60"))
    project.record()
    reads.clear()
    project.report("--model=candidate")
    assert len(reads) <= few <= 3


def test_deselected_tests_are_not_looked_ahead_for(project):
    project.write("tests/test_support.py", MANY)
    project.record()
    project.run("--model=candidate", "-k", "2 or 3")
    assert len(project.server.requests) == 2


@pytest.mark.long
def test_nothing_more_is_sent_once_the_session_stops(project):
    project.write("tests/test_support.py", MANY.replace("range(8)", "range(40)"))
    project.record()
    project.says = {("q1", "gpt-4o-2024-11-20"): "wrong"}
    project.run("--model=candidate", "-x", "--model-jobs=2").assert_outcomes(passed=1, failed=1)
    sent = len(project.server.requests)
    assert sent <= 8
    time.sleep(0.3)
    assert len(project.server.requests) == sent


@pytest.mark.long
@pytest.mark.parametrize("dist", ["load", "worksteal"])
def test_workers_never_send_a_request_twice(project, dist):
    project.write("pytest.ini", "[pytest]\npythonpath = .\n")
    project.write("tests/test_support.py", MANY)
    project.record()
    project.run("--model=candidate", "-n2", f"--dist={dist}").assert_outcomes(passed=8)
    assert len(project.server.requests) == 8


def test_shared_fixtures_are_looked_ahead_for_and_asked_once(project):
    project.write(
        "tests/test_support.py",
        """
        import pytest
        from support import ask

        @pytest.fixture(scope="module")
        def fee(): return ask("fee?")

        def test_before(): assert ask("a") == "a"
        def test_one(fee): assert fee == "$42"
        def test_two(fee): assert fee == "$42" and ask("b") == "b"
        """,
    )
    project.record()
    with watched(project) as most:
        report = project.report("--model=candidate", "--model-samples=2")
    assert len(project.server.requests) == 5
    assert most[0] >= 2
    assert report["notes"] == []


@pytest.mark.long
def test_a_rate_limit_loses_no_case(project):
    project.write("tests/test_support.py", MANY.replace("range(8)", "range(16)"))
    project.record()
    project.server.rate_limit = 8
    report = project.report("--model=candidate")
    assert [case["samples"][0]["outcome"] for case in report["cases"]] == ["passed"] * 16


def test_a_limit_that_never_ends_is_the_providers_own_answer(project):
    from pytest_modelpin.demo.provider_server import Fault

    project.write("tests/test_support.py", MANY)
    project.record()
    refusal = Fault(status=429, headers={"retry-after-ms": "1"}, message="Slow down.")
    project.server.faults.extend([refusal] * 1000)
    report = project.report("--model=candidate")
    samples = [case["samples"][0] for case in report["cases"]]
    assert [sample["outcome"] for sample in samples] == ["lost"] * 8
    assert {"429" in sample["message"] for sample in samples} == {True}


def test_where_the_provider_is_down_nothing_is_sent_ahead(project):
    from pytest_modelpin.demo.provider_server import Fault

    project.write("tests/test_support.py", MANY)
    project.record()
    project.server.faults.extend(Fault(status=503) for _ in range(100))
    report = project.report("--model=candidate")
    assert [case["samples"][0]["outcome"] for case in report["cases"]] == ["lost"] * 8
    assert len(project.server.requests) == 8


def test_a_recording_with_something_redacted_in_it_is_not_sent(project, monkeypatch):
    monkeypatch.setenv("SHOP_SECRET", "planted-secret-value")
    project.write(
        "tests/test_support.py", MANY.replace("q{number}", "planted-secret-value {number}")
    )
    project.record()
    with watched(project) as most:
        report = project.report("--model=candidate")
    assert most[0] == 1
    assert [case["samples"][0]["outcome"] for case in report["cases"]] == ["passed"] * 8


PRICED = """
models:
  support: {production: gpt-4o-2024-08-06, staging: gpt-4o, provider: openai}
settings:
  prices: {gpt-4o-2024-11-20: {input: 1000000, output: 0}}
"""


@pytest.mark.parametrize("jobs", ["1", "50"])
def test_the_budget_is_never_passed_and_what_it_stops_is_lost(project, jobs):
    project.write("models.yml", PRICED)  # a dollar for each token, of which each question has one
    project.write("tests/test_support.py", MANY)
    project.record()
    report = project.report("--model=candidate", "--model-budget=5", f"--model-jobs={jobs}")
    samples = [case["samples"][0] for case in report["cases"]]
    lost = [sample["message"] for sample in samples if sample["outcome"] == "lost"]
    assert {sample.get("lost_to") for sample in samples} == {"budget", None}
    # Which of the questions came first is chance, where several are sent at once.
    assert sorted(sample["outcome"] for sample in samples) == ["lost"] * 3 + ["passed"] * 5
    assert len(project.server.requests) == 5
    assert all("the budget of $5.00" in message for message in lost)
    assert [note for note in report["notes"] if "3 calls to gpt-4o were not sent" in note] == [
        note for note in report["notes"] if "budget" in note
    ]


@pytest.mark.long
def test_an_unknown_price_is_said_once(project):
    project.write("tests/test_support.py", MANY)
    project.record()
    project.server.roll("gpt-4o", "house-1")
    report = project.report("--model=candidate", "--model-budget=5")
    assert len(project.server.requests) == 8
    assert (
        sum(
            "the price of house-1 (which answers for gpt-4o) is not known" in note
            for note in report["notes"]
        )
        == 1
    )
    assert sum("budget" in note for note in report["notes"]) == 1


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--model-jobs=0", "*--model-jobs must be a whole number from 1*"),
        ("--model-timeout=0", "*--model-timeout must be a number of seconds above 0*"),
        ("--model-timeout=inf", "*--model-timeout must be a number of seconds above 0*"),
        ("--model-budget=-1", "*--model-budget must be a number of US dollars from 0*"),
    ],
)
def test_a_wrong_limit_is_one_sentence(project, option, said):
    result = project.run(option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])
