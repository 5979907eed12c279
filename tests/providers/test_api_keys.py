"""Keys: stand-ins for what is only replayed, a sentence for what is live and has none."""

from typing import Any

import pytest

from pytest_modelpin.providers.api_keys import (
    PLACEHOLDER_KEY,
    Keys,
    for_want_of_a_key,
    no_key,
)
from pytest_modelpin.registry.selection import Selected, Selection

_CIRCLE = RuntimeError("round")
_CIRCLE.__cause__ = _CIRCLE


def selection(**records):
    models = {
        name: Selected(name, "gpt-4o-2024-08-06", "production", "gpt-4o-2024-08-06", record)
        for name, record in records.items()
    }
    return Selection(models)


def test_a_replayed_provider_gets_a_stand_in_that_is_taken_back():
    environment: dict[str, str] = {}
    keys = Keys(selection(support="none"), environment)
    keys.stand_in()
    assert environment == {"OPENAI_API_KEY": PLACEHOLDER_KEY}
    keys.take_back()
    assert environment == {}


def test_a_stand_in_begins_as_the_client_wants_keys_to_begin():
    """huggingface_hub asks its router with no other: a replay got no further than its client."""
    hub = Selected("hub", "a/b", "production", "a/b", "none", "huggingface")
    environment: dict[str, str] = {}
    keys = Keys(Selection({"hub": hub}), environment)
    keys.stand_in()
    assert environment == {"HF_TOKEN": f"hf_{PLACEHOLDER_KEY}"}
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


def test_recordings_may_answer_where_only_what_is_missing_is_asked():
    environment: dict[str, str] = {}
    Keys(selection(support="new"), environment).stand_in()
    assert environment == {"OPENAI_API_KEY": PLACEHOLDER_KEY}


@pytest.mark.parametrize(
    ("line", "stands_in"),
    [
        ("OPENAI_API_KEY=sk-mine", False),
        ("export OPENAI_API_KEY = 'sk-mine'", False),
        ("OPENAI_API_KEY=", True),
        ("# OPENAI_API_KEY=sk-mine", True),
    ],
)
def test_a_key_in_a_file_that_leaves_alone_what_is_set_is_not_stood_in_for(
    tmp_path, monkeypatch, line, stands_in
):
    """With dotenv or pydantic-settings, `record` had the placeholder and asked for a key."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".env").write_text(f"DEBUG=1\n{line}\n")
    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path / "app")
    environment: dict[str, str] = {}
    Keys(selection(support="new"), environment).stand_in()
    assert bool(environment) is stands_in
    replay = Keys(selection(support="none"), environment)
    replay.stand_in(conftests_follow=True)
    assert bool(environment) is stands_in
    replay.stand_in()
    assert environment, "a replay sends nothing"


@pytest.mark.parametrize("record", ["none", "new"])
def test_bedrock_s_token_and_keys_are_never_stood_in_for(record):
    """botocore would leave profiles, single sign-on and roles aside for them."""
    id = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    claude = Selected("claude", id, "production", id, record, "bedrock")
    environment: dict[str, str] = {}
    Keys(Selection({"claude": claude}), environment).stand_in()
    assert environment == {}


def test_an_sdk_that_finds_credentials_elsewhere_is_left_to_find_them():
    azure = Selected("support", "mine", "production", "mine", "new", "azure")
    environment: dict[str, str] = {}
    Keys(Selection({"support": azure}), environment).stand_in()
    assert environment == {}


def test_what_is_said_of_a_stand_in_is_told_by_its_words():
    lacking = Keys(selection(support="new"), {}).lacking()
    said = no_key("openai", ("OPENAI_API_KEY",))
    assert for_want_of_a_key(lacking, RuntimeError(f"support: {said}")) == said


def test_a_live_model_that_nobody_called_for_want_of_a_key_is_named():
    (sentence,) = Keys(selection(support="all"), {}).missing(called=())
    assert "set OPENAI_API_KEY" in sentence


def test_where_a_profile_or_a_role_would_do_that_is_said_too():
    bedrock = "anthropic.claude-sonnet-4-5-20250929-v1:0"
    models = {"support": Selected("support", bedrock, "production", bedrock, "all", "bedrock")}
    (sentence,) = Keys(Selection(models), {}).missing(called=())
    assert "set AWS_BEARER_TOKEN_BEDROCK, or a profile, a role" in sentence


def test_a_model_that_was_called_needs_no_word():
    assert Keys(selection(support="all"), {}).missing(called=("support",)) == []


def test_a_key_that_is_there_needs_no_word():
    assert Keys(selection(support="all"), {"OPENAI_API_KEY": "k"}).missing(called=()) == []


def test_bedrocks_token_is_never_stood_in_for():
    bedrock = "anthropic.claude-sonnet-4-5-20250929-v1:0"
    models = {"support": Selected("support", bedrock, "production", bedrock, "none", "bedrock")}
    environment = {}
    Keys(Selection(models), environment).stand_in()
    assert environment == {}


@pytest.mark.parametrize("record", ["none", "new", "all"])
def test_what_vertex_sells_lacks_no_key(record):
    """It is asked with a login of the cloud's: GEMINI_API_KEY opens nothing there."""
    id = "claude-opus-4-1@20250805"
    claude = Selected("claude", id, "production", id, record)
    keys = Keys(Selection({"claude": claude}), {})
    assert keys.lacking(replayed=record == "none") == []


def test_a_stand_in_of_another_process_is_no_key():
    environment = {"OPENAI_API_KEY": PLACEHOLDER_KEY}
    (sentence,) = Keys(selection(support="all"), environment).missing(called=())
    assert "OPENAI_API_KEY" in sentence


def test_what_is_to_be_asked_live_without_a_key_is_said_before_the_first_test():
    (one,) = Keys(selection(support="all", summary="new", other="none"), {}).lacking()
    assert "OPENAI_API_KEY is not set" in one.said()
    assert one.models == ("support", "summary")


def _of(module: str, message: str) -> Exception:
    return type("SDKError", (Exception,), {"__module__": module})(message)


MISSING = "Missing credentials. Please pass an `api_key`, or set the OPENAI_API_KEY variable."


def claude(record="new"):
    id = "claude-haiku-4-5-20251001"
    return Selection({"claude": Selected("claude", id, "production", id, record)})


@pytest.mark.parametrize(
    "error",
    [_of("openai", MISSING), _of("openai._x", "no api_key"), _of("litellm", MISSING)],
)
def test_a_provider_that_models_yml_lacks_is_named_where_its_key_is_missing(error):
    said = Keys(claude(), {"ANTHROPIC_API_KEY": "k"}).unnamed(error)
    assert said.startswith(no_key("openai", ("OPENAI_API_KEY",)))
    assert said.endswith("models.yml names no model of openai: add the one that is asked.")


@pytest.mark.parametrize(
    "error",
    [
        _of("openai", "rate limit"),
        _of("anthropic", "set ANTHROPIC_API_KEY"),
        AssertionError(MISSING),
        _of("project", "the api_key of the user"),
    ],
)
def test_nothing_is_said_of_other_errors(error):
    assert Keys(claude(), {}).unnamed(error) is None


def test_nor_of_a_provider_whose_key_is_there():
    environment = {"OPENAI_API_KEY": "k"}
    assert Keys(claude(), environment).unnamed(_of("openai", MISSING)) is None


def test_another_provider_s_sdk_tells_nothing_of_the_key_that_models_yml_wants():
    """A model of Claude's is not told to lack its key by OpenAI's client."""
    assert for_want_of_a_key(Keys(claude(), {}).lacking(), _of("openai", MISSING)) is None


def test_a_client_s_error_of_python_s_own_class_is_the_client_s():
    """Anthropic's says what it lacks by a TypeError, in words that name neither."""
    text = "Could not resolve authentication method. Expected one of api_key, auth_token"
    raising: dict[str, Any] = {"__name__": "anthropic._client"}
    exec(f"def ask(): raise TypeError({text!r})", raising)
    with pytest.raises(TypeError) as caught:
        raising["ask"]()
    said = for_want_of_a_key(Keys(claude(), {}).lacking(replayed=False), caught.value)
    assert said.startswith(no_key("anthropic", ("ANTHROPIC_API_KEY",)))


def test_a_provider_without_an_sdk_is_asked_by_openai_s():
    grok = Selection({"grok": Selected("grok", "grok-4", "production", "grok-4", "all")})
    keys, error = Keys(grok, {}), _of("openai", MISSING)
    said = for_want_of_a_key(keys.lacking(), error)
    assert said.startswith(no_key("xai", ("XAI_API_KEY",)))
    assert keys.unnamed(error) is None


@pytest.mark.parametrize(
    ("records", "nobody"),
    [({"a": "all"}, True), ({"a": "all", "b": "none"}, True), ({"a": "none"}, False)],
)
def test_whether_anybody_can_be_asked(records, nobody):
    assert Keys(selection(**records), {}).can_ask_nobody() is nobody
    assert not Keys(selection(**records), {"OPENAI_API_KEY": "k"}).can_ask_nobody()


def _raised_from(cause: Exception) -> Exception:
    try:
        raise RuntimeError("the app could not start") from cause
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("Missing credentials. Please pass an `api_key`"),
        RuntimeError("Illegal header value b'Bearer '"),
        RuntimeError("Set the `OPENAI_API_KEY` environment variable"),
        _raised_from(RuntimeError("Error code: 401 - You didn't provide an API key.")),
    ],
)
def test_a_client_s_complaint_about_keys_becomes_a_sentence(error):
    lacking = Keys(selection(support="all"), {}).lacking()
    said = for_want_of_a_key(lacking, error)
    assert said is not None
    assert "There is no key for openai in the environment; set OPENAI_API_KEY." in said


@pytest.mark.parametrize(
    "error", [AssertionError("the api_key is missing"), RuntimeError("out of order"), _CIRCLE]
)
def test_any_other_failure_keeps_its_traceback(error):
    lacking = Keys(selection(support="all"), {}).lacking()
    assert for_want_of_a_key(lacking, error) is None
    assert for_want_of_a_key((), RuntimeError("no api key")) is None


def test_a_provider_on_ones_own_machine_needs_no_key():
    llama = Selected("llama", "llama3.2:1b", "production", "llama3.2:1b", "all", "ollama")
    assert Keys(Selection({"llama": llama}), {}).lacking() == []


def test_on_vertex_a_key_is_one_way_among_several():
    """Most have a login or a service account there, and no key of Gemini's."""
    id = "gemini-2.5-flash"
    for provider, others in (("vertex", True), ("google", False)):
        gemini = Selected("gemini", id, "production", id, "all", provider)
        [lacking] = Keys(Selection({"gemini": gemini}), {}).lacking()
        assert lacking.has_other_ways is others
