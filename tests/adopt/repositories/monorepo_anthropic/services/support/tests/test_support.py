from support import reply_to


def test_refund(snapshot):
    assert reply_to("How long does a refund take?") == snapshot


def test_parcel(snapshot):
    assert reply_to("Where is my parcel?") == snapshot
