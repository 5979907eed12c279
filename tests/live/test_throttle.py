"""Admission: in order, at the pace and within the budget, and nothing is held for who is gone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pytest_modelpin.live import throttle as module
from pytest_modelpin.live.pace import NotSent
from pytest_modelpin.live.reply_limits import DeadlinePassed
from pytest_modelpin.live.throttle import Budget, Permit, Throttle
from pytest_modelpin.providers.wire import Reply, Usage

SOON, PATIENCE = 0.02, 20.0


@contextmanager
def counted_looks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """How often anybody looked whether it is its turn."""
    looks, plain = [0], module.Admission._look

    def look(self: module.Admission, now: float) -> Permit | None:
        looks[0] += 1
        return plain(self, now)

    monkeypatch.setattr(module.Admission, "_look", look)
    yield lambda: looks[0]


def crowd(throttle: Throttle, size: int) -> None:
    """So many threads at once, each with one request that ends as soon as it was admitted."""

    def ask() -> None:
        permit = throttle.enter("m", until=module.monotonic() + PATIENCE)
        permit.arrived(200, {})
        permit.over(Reply(text="x"))

    held = [throttle.enter("m") for _ in range(throttle.jobs)]
    threads = [threading.Thread(target=ask) for _ in range(size)]
    for thread in threads:
        thread.start()
    for permit in held:
        permit.over(None)
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)


def test_each_request_wakes_a_few_threads_and_never_all(monkeypatch: pytest.MonkeyPatch) -> None:
    with counted_looks(monkeypatch) as looks:
        crowd(Throttle(jobs=4), 200)
    assert looks() <= 4 * 200


def test_threads_that_wait_cost_in_proportion_to_their_number(
    growth: Callable[[Callable[[int], object], int, int], float],
) -> None:
    assert growth(lambda size: crowd(Throttle(jobs=4), size), 100, 400) < 2.5


def test_who_came_first_goes_first_and_tests_before_what_is_sent_ahead() -> None:
    throttle = Throttle(jobs=1)
    running = throttle.enter("m")
    ahead = throttle.admission("m", ahead=True)
    first, second = throttle.admission("m"), throttle.admission("other")
    order = []
    for _ in range(3):
        running.over(None)
        (name, running) = next(
            (name, permit)
            for name, each in {"first": first, "second": second, "ahead": ahead}.items()
            if name not in order and (permit := each.at_once()) is not None
        )
        order.append(name)
    assert order == ["first", "second", "ahead"]


def test_a_place_that_is_abandoned_goes_to_the_next() -> None:
    throttle = Throttle(jobs=1)
    running = throttle.enter("m")
    gone, next_one = throttle.admission("m"), throttle.admission("m")
    gone.abandon()
    running.over(None)
    assert next_one.at_once() is not None
    with pytest.raises(DeadlinePassed):
        gone.wait()


def test_what_was_granted_to_who_is_gone_is_given_back() -> None:
    budget = Budget(1.0, lambda reply: 0.1)
    throttle = Throttle(jobs=1, budget=budget)
    running = throttle.enter("m")
    gone = throttle.admission("m")
    running.over(Reply(text="x", usage=Usage(1, 1)))  # `gone` holds the only place now
    gone.abandon()
    gone.abandon()  # a second time does nothing
    assert throttle.enter("m", until=module.monotonic() + PATIENCE) is not None
    assert budget._under_way["m"] == 1


def test_the_thread_of_an_abandoned_wait_ends() -> None:
    throttle = Throttle(jobs=1)
    throttle.enter("m")
    admission, ended = throttle.admission("m"), threading.Event()

    def wait() -> None:
        with pytest.raises(DeadlinePassed):
            admission.wait()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    admission.abandon()
    assert ended.wait(PATIENCE)


def test_one_that_runs_out_of_time_does_not_take_the_clock_with_it() -> None:
    throttle = Throttle(jobs=4)
    throttle.enter("m").arrived(429, {"retry-after-ms": "40"})
    watching = throttle.admission("m", until=module.monotonic() + SOON)
    waiting = throttle.admission("m", until=module.monotonic() + PATIENCE)
    admitted = threading.Event()
    threading.Thread(target=lambda: (waiting.wait(), admitted.set()), daemon=True).start()
    with pytest.raises(DeadlinePassed):
        watching.wait()
    assert admitted.wait(PATIENCE)


def test_what_others_do_not_tell_of_the_price_is_waited_for_so_long_and_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_LONGEST_DOUBT", SOON)
    throttle = Throttle(jobs=4, budget=Budget(1.0, lambda reply: 0.1))
    throttle.enter("m")  # and never a reply
    with pytest.raises(NotSent):
        throttle.enter("m")
    assert throttle.budget.refused["m"] == 1


def test_a_model_in_doubt_keeps_no_other_model_waiting() -> None:
    throttle = Throttle(jobs=4, budget=Budget(1.0, lambda reply: 0.1))
    throttle.enter("dear")
    throttle.admission("dear")
    assert throttle.admission("cheap").at_once() is not None


def test_close_frees_what_waits_to_be_sent_ahead_and_no_test() -> None:
    throttle = Throttle(jobs=1)
    running = throttle.enter("m")
    ahead, test = throttle.admission("m", ahead=True), throttle.admission("m")
    throttle.close()
    with pytest.raises(NotSent):
        ahead.wait()
    running.over(None)
    assert test.at_once() is not None


def cents(reply: Reply) -> float | None:
    tokens = reply.usage.output_tokens
    return None if tokens is None else tokens / 100


def costing(tokens: int | None) -> Reply:
    return Reply(text="x", usage=Usage(1, tokens))


def spend(budget: Budget, tokens: int | None, asked: str = "m") -> None:
    budget.reserve(asked)
    budget.book(asked, costing(tokens))


def test_without_a_limit_everything_is_affordable() -> None:
    budget = Budget(None, cents)
    spend(budget, 10_000)
    assert budget.affords("m") is True
    assert budget.notes() == []


def test_until_the_first_reply_has_told_its_cost_only_one_request_goes() -> None:
    budget = Budget(1.0, cents)
    assert budget.affords("m") is True
    budget.reserve("m")
    assert budget.affords("m") is None
    budget.book("m", costing(10))
    assert budget.affords("m") is True


def test_what_is_under_way_counts_as_dear_as_the_dearest() -> None:
    budget = Budget(1.0, cents)
    spend(budget, 10)
    spend(budget, 30)
    budget.reserve("m")
    assert budget.affords("m") is True  # 0.40 spent, 0.30 under way, 0.30 next
    budget.reserve("m")
    assert budget.affords("m") is None
    budget.book("m", costing(1))
    budget.book("m", costing(30))
    assert budget.affords("m") is False
    assert budget.spent <= 1.0


def test_errors_cost_nothing_and_free_what_was_reserved() -> None:
    budget = Budget(0.5, cents)
    spend(budget, 30)
    budget.reserve("m")
    budget.book("m", None)
    budget.reserve("m")
    budget.book("m", Reply(status=400, error="no"))
    assert budget.spent == 0.3


def test_a_budget_of_nothing_sends_nothing() -> None:
    assert Budget(0.0, cents).affords("m") is False


def test_an_unknown_price_is_said_and_never_counted_as_nothing_spent() -> None:
    budget = Budget(1.0, cents)
    spend(budget, None)
    assert budget.affords("m") is True
    (note,) = budget.notes()
    assert "the price of m is not known, so that the budget can't count it" in note


def test_a_price_that_is_not_known_is_named_by_what_answered_since_replies_are_priced_by_that():
    budget = Budget(1.0, cents)
    budget.reserve("gpt-4o")
    budget.book("gpt-4o", Reply(served_model="gpt-4o-2024-11-20", usage=Usage(1, None)))
    (note,) = budget.notes()
    assert note.startswith("the price of gpt-4o-2024-11-20 (which answers for gpt-4o) is not known")


def test_a_reply_that_broke_off_before_it_told_its_tokens_lifts_no_limit() -> None:
    budget = Budget(0.5, cents)
    budget.reserve("m")
    budget.book("m", Reply(text="x"))
    spend(budget, 40)
    assert budget.affords("m") is False
    budget.reserve("m")
    budget.book("m", Reply(text="x"))
    assert budget.spent == 0.8  # taken to cost as much as the dearest
    assert budget.unpriced == {}


def test_a_provider_that_wants_a_day_turns_away_who_waits_and_who_comes() -> None:
    """A minute was waited for each: a suite of 45 tests took a night to hear nothing."""
    throttle = Throttle(jobs=1)
    first = throttle.enter("m")
    waits, ahead, other = (
        throttle.admission("m"),
        throttle.admission("m", ahead=True),
        throttle.admission("another"),
    )
    first.arrived(429, {"retry-after": "86400"})
    for turned_away in (waits, ahead, throttle.admission("m")):
        with pytest.raises(NotSent, match="wants none for 24 hours"):
            turned_away.wait()
    assert isinstance(other.wait(), Permit)
    assert throttle.budget.notes() == []


def test_a_provider_that_wants_some_minutes_is_asked_no_sooner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was asked again each minute, which some count as another offence."""
    now = [0.0]
    monkeypatch.setattr("pytest_modelpin.live.throttle.monotonic", lambda: now[0])
    throttle = Throttle(jobs=2)
    throttle.enter("m").arrived(429, {"retry-after": "300"})
    waiting = throttle.admission("m", None)
    throttle.enter("other").over(None)
    for now[0] in (0.0, 61.0, 299.0):
        assert waiting.at_once() is None
    now[0] = 301.0
    assert waiting.at_once() is not None
