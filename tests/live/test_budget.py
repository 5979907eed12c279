"""What live requests may cost in all."""

from __future__ import annotations

from pytest_modelpin.live.budget import Budget
from pytest_modelpin.providers.reply import Reply, Usage


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
    assert "the price of m is not known: the budget of $1.00 can't count it" in note


def test_a_price_that_is_not_known_is_named_by_what_answered_since_replies_are_priced_by_that():
    budget = Budget(1.0, cents)
    budget.reserve("gpt-4o")
    budget.book("gpt-4o", Reply(served_model="gpt-4o-2024-11-20", usage=Usage(1, None)))
    (note,) = budget.notes()
    assert note.startswith("the price of gpt-4o-2024-11-20, which answers for gpt-4o, is not known")


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
