from __future__ import annotations

from modelpin_runtime.breaker import Breaker, BreakerSettings


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def breaker(**settings):
    clock = Clock()
    return Breaker(BreakerSettings(**settings), clock), clock


def test_one_failure_is_forgiven_two_open_it():
    one, _ = breaker()
    one.failed()
    assert one.admits()
    one.failed()
    assert not one.admits()


def test_a_success_forgets_failures():
    one, _ = breaker()
    one.failed()
    one.succeeded()
    one.failed()
    assert one.admits()


def test_when_the_time_is_over_one_request_tries_and_the_others_wait():
    one, clock = breaker(open_seconds=10)
    one.failed()
    one.failed()
    clock.now = 10
    assert one.admits()
    assert not one.admits()
    one.succeeded()
    assert one.admits()
    assert one.admits()


def test_each_probe_that_fails_doubles_the_time_up_to_a_limit():
    one, clock = breaker(open_seconds=10, longest_seconds=25)
    one.failed()
    for seconds in (10, 20, 25, 25):
        one.failed()
        clock.now += seconds - 1
        assert not one.admits()
        clock.now += 1
        assert one.admits()


def test_a_providers_retry_after_opens_at_once_and_is_honoured():
    one, clock = breaker(open_seconds=10)
    one.failed(retry_after=60)
    clock.now = 59
    assert not one.admits()
    clock.now = 60
    assert one.admits()


def test_a_probe_that_was_cancelled_lets_the_next_one_try():
    one, clock = breaker(open_seconds=10)
    one.failed()
    one.failed()
    clock.now = 10
    assert one.admits()
    one.left_alone()
    assert one.admits()


def test_requests_under_way_when_it_opened_do_not_keep_it_open():
    """Under load dozens fail at once; each of them doubled the time, up to two minutes."""
    one, clock = breaker(open_seconds=10)
    assert all(one.admits() for _ in range(50))
    for _ in range(50):
        one.failed()
    clock.now = 10
    assert one.admits()
    one.failed()
    clock.now = 29
    assert not one.admits()
    one.failed(retry_after=30)  # a straggler; what the provider asks for is honoured all the same
    clock.now = 58
    assert not one.admits()
    clock.now = 59
    assert one.admits()


def test_an_answer_to_a_request_that_was_under_way_ends_no_patience_that_was_asked_for():
    """Of a provider that says 429 to one request in two, the other one is answered."""
    one, clock = breaker()
    one.failed(retry_after=60)
    one.succeeded()
    assert not one.admits()
    clock.now = 60
    assert one.admits()
    one.succeeded()
    assert one.admits()
    assert one.admits()


def test_a_probe_that_is_never_heard_of_again_lets_another_one_try():
    one, clock = breaker(open_seconds=10, probe_seconds=30)
    one.failed()
    one.failed()
    clock.now = 10
    assert one.admits()
    clock.now = 39
    assert not one.admits()
    clock.now = 40
    assert one.admits()
    assert not one.admits()
