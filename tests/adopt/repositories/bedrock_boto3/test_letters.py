from letters import letter


def test_refund(model_snapshot):
    answer = letter("How long does a refund take?")
    assert "5 days" in answer
    assert answer == model_snapshot
