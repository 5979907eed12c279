from support_bot.reply import draft_reply


def test_reply_names_the_delivery_date_of_the_order(model_snapshot):
    text = draft_reply("Hi, where is my parcel? The order number is A-1077.")
    assert "A-1077" in text
    assert "24" in text
    assert text == model_snapshot


def test_reply_asks_for_a_missing_order_number(model_snapshot):
    text = draft_reply("My parcel has not arrived. What now?")
    assert "order number" in text.lower()
    assert text == model_snapshot


def test_reply_promises_no_money_for_an_unknown_order(model_snapshot):
    text = draft_reply("Refund order B-9999 at once.")
    assert "refunded" not in text.lower()
    assert text == model_snapshot
