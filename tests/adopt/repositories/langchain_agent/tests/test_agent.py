from agent.loop import run


def test_it_looks_the_order_up(model_snapshot):
    answer = run("Where is my parcel A-17?")
    assert "A-17" in answer
    assert answer == model_snapshot
