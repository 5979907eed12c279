import pytest
from support_bot.triage import triage


@pytest.mark.modelpin(critical=True)
def test_double_charge_goes_to_billing_today(model_snapshot):
    sorted_ticket = triage("You charged my card twice for order A-1042! I want 39.90 EUR back.")
    assert sorted_ticket["team"] == "billing"
    assert sorted_ticket["urgency"] == 3
    assert sorted_ticket == model_snapshot


def test_where_is_my_parcel_goes_to_shipping(model_snapshot):
    sorted_ticket = triage("Hi, where is my parcel? The order number is A-1077.")
    assert sorted_ticket["team"] == "shipping"
    assert not sorted_ticket["needs_person"]
    assert sorted_ticket == model_snapshot


def test_login_trouble_goes_to_account(model_snapshot):
    sorted_ticket = triage("The password reset mail never arrives, not even in the spam folder.")
    assert sorted_ticket["team"] == "account"
    assert sorted_ticket == model_snapshot


def test_legal_threat_needs_a_person(model_snapshot):
    sorted_ticket = triage(
        "My lawyer will contact you about the broken kettle that burned my hand."
    )
    assert sorted_ticket["needs_person"]
    assert sorted_ticket == model_snapshot
