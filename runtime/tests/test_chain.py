from __future__ import annotations

import asyncio

import pytest

from modelpin_runtime.breaker import Breaker, BreakerSettings
from modelpin_runtime.chain import (
    Breakers,
    ChainExhaustedError,
    Restarted,
    Target,
    Walk,
)

A = Target("claude-a", "anthropic", "pin", "claude")
B = Target("gpt-b", "openai", "fallback", "claude")
C = Target("gemini-c", "google", "fallback", "claude")
DOWN = ConnectionResetError("down")


def answering(*down, error=DOWN):
    def fn(id, provider):
        if id in down:
            raise error
        return f"{id} of {provider}"

    return fn


def test_the_first_that_answers_is_named_with_those_that_did_not():
    got = Walk("claude", (A, B, C), Breakers()).call(answering("claude-a", "gpt-b"))
    assert (got.value, got.target) == ("gemini-c of google", C)
    assert [(each.target.id, each.why) for each in got.attempts] == [
        ("claude-a", "connection"),
        ("gpt-b", "connection"),
    ]


def test_the_callers_own_bug_asks_nobody_else():
    asked = []

    def fn(id, provider):
        asked.append(id)
        raise ValueError("bad prompt")

    with pytest.raises(ValueError, match="bad prompt"):
        Walk("claude", (A, B), Breakers()).call(fn)
    assert asked == ["claude-a"]


def test_where_none_answers_one_error_holds_every_attempt():
    with pytest.raises(ChainExhaustedError) as raised:
        Walk("claude", (A, B), Breakers()).call(answering("claude-a", "gpt-b"))
    assert [each.target for each in raised.value.attempts] == [A, B]
    assert "claude-a: connection (down); gpt-b: connection (down)" in str(raised.value)
    assert raised.value.__cause__ is DOWN


def test_an_empty_chain_is_said():
    with pytest.raises(ChainExhaustedError, match="Its chain is empty"):
        Walk("claude", (), Breakers()).call(answering())


def test_where_all_are_left_alone_the_first_is_asked_after_all():
    breakers = Breakers()
    for target in (A, B):
        breakers[target.id].failed(retry_after=60)
    assert Walk("claude", (A, B), breakers).call(answering()).target == A


@pytest.mark.parametrize("every", [4.0, 1.0])
def test_a_dead_model_is_asked_seldom_in_a_minutes_outage(every):
    now = [0.0]
    breakers = Breakers(BreakerSettings())
    breakers._by_id["claude-a"] = Breaker(BreakerSettings(), lambda: now[0])
    tried = 0

    def fn(id, provider):
        nonlocal tried
        if id == "claude-a" and now[0] < 60:
            tried += 1
            raise DOWN
        return id

    answers = []
    while now[0] < 120:
        answers.append(Walk("claude", (A, B), breakers).call(fn).value)
        now[0] += every
    assert tried <= 4
    assert answers[-1] == "claude-a"  # and traffic is back soon after


def test_async_decides_the_same():
    async def fn(id, provider):
        return answering("claude-a")(id, provider)

    got = asyncio.run(Walk("claude", (A, B), Breakers()).call_async(fn))
    assert (got.target, len(got.attempts)) == (B, 1)


def probing():
    """Breakers whose first model is to be probed by whoever comes next."""
    breakers = Breakers(BreakerSettings(failures=1, open_seconds=0))
    breakers[A.id].failed()
    return breakers


async def never(id, provider):
    await asyncio.Event().wait()


async def never_a_chunk(id, provider):
    await never(id, provider)
    yield id


async def all_chunks(breakers):
    return [chunk async for chunk in Walk("claude", (A, B), breakers).stream_async(never_a_chunk)]


@pytest.mark.parametrize(
    "ask",
    [lambda breakers: Walk("claude", (A, B), breakers).call_async(never), all_chunks],
    ids=["call", "stream"],
)
def test_a_cancelled_probe_lets_the_next_one_try(ask):
    """A stream's was waited for for ever: a model that was well again was not asked any more."""
    breakers = probing()

    async def run():
        task = asyncio.ensure_future(ask(breakers))
        await asyncio.sleep(0.01)
        assert not breakers[A.id].admits()  # under way
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert breakers[A.id].admits()


def test_an_interrupted_stream_lets_the_next_one_try():
    breakers = probing()

    def fn(id, provider):
        raise KeyboardInterrupt
        yield id

    with pytest.raises(KeyboardInterrupt):
        list(Walk("claude", (A, B), breakers).stream(fn))
    assert breakers[A.id].admits()


def broken_stream(id, provider):
    yield f"{id} 1"
    if id == "claude-a":
        raise DOWN
    yield f"{id} 2"


def test_a_stream_that_breaks_off_raises_or_restarts_in_the_open():
    with pytest.raises(ConnectionResetError):
        list(Walk("claude", (A, B), Breakers()).stream(broken_stream))
    first, restarted, *rest = Walk("claude", (A, B), Breakers()).stream(
        broken_stream, on_break="restart"
    )
    assert first == "claude-a 1"
    assert isinstance(restarted, Restarted)
    assert restarted.target == B
    assert rest == ["gpt-b 1", "gpt-b 2"]


def test_a_stream_that_fails_before_its_first_chunk_passes_on_without_a_word():
    def fn(id, provider):
        if id == "claude-a":
            raise DOWN
        yield id

    assert list(Walk("claude", (A, B), Breakers()).stream(fn)) == ["gpt-b"]


def test_async_streams_do_the_same():
    async def fn(id, provider):
        for chunk in broken_stream(id, provider):
            yield chunk

    async def run():
        made = Walk("claude", (A, B), Breakers()).stream_async(fn, on_break="restart")
        return [chunk async for chunk in made]

    chunks = asyncio.run(run())
    assert [type(chunk).__name__ for chunk in chunks] == ["str", "Restarted", "str", "str"]
