from support_bot.summary import summarise


def test_summary_keeps_order_and_amount(model_snapshot):
    thread = [
        "Customer: I was charged twice for order A-1042, 39.90 EUR each time.",
        "Agent: I see both payments. I have asked the bank to send one back.",
        "Customer: That was a week ago and nothing has come.",
    ]
    summary = "".join(summarise(thread))
    assert "A-1042" in summary
    assert "39.90" in summary
    assert summary == model_snapshot
