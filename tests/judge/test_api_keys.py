"""Keys: stand-ins for what is only replayed, a sentence for what is live and has none."""

from pytest_modelpin.judge.api_keys import PLACEHOLDER_KEY, Keys
from pytest_modelpin.registry.selection import Selected, Selection


def selection(**records):
    models = {
        name: Selected(name, "gpt-4o-2024-08-06", "production", "gpt-4o-2024-08-06", record)
        for name, record in records.items()
    }
    return Selection(models, explicit=False)


def test_a_replayed_provider_gets_a_stand_in_that_is_taken_back():
    environment: dict[str, str] = {}
    keys = Keys(selection(support="none"), environment)
    keys.stand_in()
    assert environment == {"OPENAI_API_KEY": PLACEHOLDER_KEY}
    keys.take_back()
    assert environment == {}


def test_a_key_that_is_there_stays():
    environment = {"OPENAI_API_KEY": "mine"}
    keys = Keys(selection(support="none"), environment)
    keys.stand_in()
    keys.take_back()
    assert environment == {"OPENAI_API_KEY": "mine"}


def test_a_provider_that_is_asked_live_gets_none():
    environment: dict[str, str] = {}
    Keys(selection(support="none", summary="all"), environment).stand_in()
    assert environment == {}


def test_a_live_model_that_nobody_called_for_want_of_a_key_is_named():
    (sentence,) = Keys(selection(support="all"), {}).missing(called=())
    assert "set OPENAI_API_KEY" in sentence


def test_a_model_that_was_called_needs_no_word():
    assert Keys(selection(support="all"), {}).missing(called=("support",)) == []


def test_a_key_that_is_there_needs_no_word():
    assert Keys(selection(support="all"), {"OPENAI_API_KEY": "k"}).missing(called=()) == []


def test_bedrocks_token_is_never_stood_in_for():
    bedrock = "anthropic.claude-sonnet-4-5-20250929-v1:0"
    models = {"support": Selected("support", bedrock, "production", bedrock, "none", "bedrock")}
    environment = {}
    Keys(Selection(models, explicit=False), environment).stand_in()
    assert environment == {}


def test_a_stand_in_of_another_process_is_no_key():
    environment = {"OPENAI_API_KEY": PLACEHOLDER_KEY}
    (sentence,) = Keys(selection(support="all"), environment).missing(called=())
    assert "OPENAI_API_KEY" in sentence
