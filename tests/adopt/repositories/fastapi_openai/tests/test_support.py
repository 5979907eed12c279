from app.support import category_of, reply_to


def test_refund(model_snapshot):
    answer = reply_to("How long does a refund take?")
    assert "5 days" in answer
    assert answer == model_snapshot


def test_category():
    assert category_of("Where is my parcel?") == "shipping"
