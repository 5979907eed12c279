import asyncio

from summary import summary_of


def test_the_amount_stays(model_snapshot):
    answer = asyncio.run(summary_of("How long does a refund take? It takes 5 days."))
    assert "5 days" in answer
    assert answer == model_snapshot
