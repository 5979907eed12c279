"""Look-ahead: replies are there before the tests ask, and nothing else changes."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager

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


@pytest.mark.parametrize(
    "content",
    [MANY, STREAMED, ASYNC, OPENAI, TURNS],
    ids=["plain", "streamed", "async", "openai", "turns"],
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


def test_the_next_turn_is_sent_ahead_only_where_the_reply_is_unchanged(project):
    project.write("tests/test_support.py", TURNS)
    project.record()
    answer = project.server.answer
    project.server.answer = lambda question: answer(question) + "!"
    report = project.report("--model=candidate")
    assert {case["samples"][0]["outcome"] for case in report["cases"]} == {"passed"}
    assert len(project.server.requests) == 8


def test_a_request_that_differs_goes_live_and_is_reported(project):
    project.write("tests/test_support.py", MANY)
    project.record()
    changed = MANY.replace('ask(f"q{number}")', 'ask(f"q{number}" if number != 5 else "new")')
    project.write("tests/test_support.py", changed.replace('== f"q{number}"', "is not None"))
    report = project.report("--model=candidate")
    assert [case["samples"][0]["outcome"] for case in report["cases"]] == ["passed"] * 8
    assert report["notes"] == [
        "1 reply was fetched ahead and not used.",
        "1 request differed from what production's recordings foretold.",
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
    assert "1 reply was fetched ahead and not used." in report["notes"]


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


def test_what_a_client_says_of_itself_makes_no_other_request(project):
    project.write("tests/test_support.py", MIXED)
    project.record()
    with watched(project) as most:
        report = project.report("--model=candidate", "--model-samples=2")
    assert len(project.server.requests) == 36
    assert most[0] > 4
    assert report["notes"] == []


def test_from_the_first_request_with_other_headers_on_those_are_sent_ahead(project):
    project.write("tests/test_support.py", MANY.replace("range(8)", "range(40)"))
    project.record()
    support = (project.folder / "support.py").read_text()
    header = 'headers={"x-beta": "yes" if int(question[1:]) >= 20 else "no", '
    project.write("support.py", support.replace("headers={", header))
    with watched(project, only=lambda text: int(text[1:]) >= 30) as most:
        report = project.report("--model=candidate", "--model-jobs=4")
    assert most[0] >= 3
    assert [case["samples"][0]["outcome"] for case in report["cases"]] == ["passed"] * 40
    # No more can be in vain than were under way, or ready, when the headers changed.
    assert 40 <= len(project.server.requests) <= 40 + 8


def test_a_recording_is_read_no_more_often_where_its_test_asks_more(project, monkeypatch):
    from pytest_modelpin.live import foreseen

    reads, read = [], foreseen.read
    monkeypatch.setattr(foreseen, "read", lambda path: reads.append(path) or read(path))
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


def test_nothing_more_is_sent_once_the_session_stops(project):
    project.write("tests/test_support.py", MANY.replace("range(8)", "range(40)"))
    project.record()
    project.says = {("q1", "gpt-4o-2024-11-20"): "wrong"}
    project.run("--model=candidate", "-x", "--model-jobs=2").assert_outcomes(passed=1, failed=1)
    sent = len(project.server.requests)
    assert sent <= 8
    time.sleep(0.3)
    assert len(project.server.requests) == sent


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
    # Which of the questions came first is chance, where several are sent at once.
    assert sorted(sample["outcome"] for sample in samples) == ["lost"] * 3 + ["passed"] * 5
    assert len(project.server.requests) == 5
    assert all("the budget of $5.00" in message for message in lost)
    assert [note for note in report["notes"] if "3 calls to gpt-4o were not sent" in note] == [
        note for note in report["notes"] if "budget" in note
    ]


def test_an_unknown_price_is_said_once(project):
    project.write("tests/test_support.py", MANY)
    project.record()
    project.server.roll("gpt-4o", "house-1")
    report = project.report("--model=candidate", "--model-budget=5")
    assert len(project.server.requests) == 8
    assert sum("the price of gpt-4o is not known" in note for note in report["notes"]) == 1
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
