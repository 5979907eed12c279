"""Which logical models a repository's ids make."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import yaml

from pytest_modelpin.adopt.logical_models import Answer, choose
from pytest_modelpin.adopt.logical_names import family_of, version_of
from pytest_modelpin.adopt.plan import registry_text
from pytest_modelpin.adopt.unused_ids import in_table
from pytest_modelpin.alarms.scan import Found
from pytest_modelpin.providers import identify, retirement
from pytest_modelpin.registry import load

TODAY = date(2026, 11, 27)


def found(*ids, path="app/support.py"):
    rows = [each if isinstance(each, tuple) else (path, each) for each in ids]
    return [
        Found(where, line, id, identify(id).provider, identify(id).kind, None, False)
        for line, (where, id) in enumerate(rows, 1)
    ]


def nobody(id, provider):
    """Stands for no network and no key."""
    return Answer(None, why="not asked")


def pinned_as(**versions):
    known = {id.replace("_", "-"): version for id, version in versions.items()}
    return lambda id, provider: Answer(known.get(id), told_by="its reply")


def names(*ids, **more):
    chosen, _ = choose(found(*ids), nobody, TODAY, **more)
    return [one.name for one in chosen]


def test_one_model_is_called_by_its_family():
    assert names("claude-haiku-4-5-20251001") == ["claude"]


def test_an_embedder_beside_another_is_not_called_text():
    ids = ["amazon.titan-embed-text-v2:0", "text-embedding-3-small"]
    assert names(*ids) == ["embedder", "text-embedding-small"]


@pytest.mark.parametrize(
    ("id", "name"),
    [
        ("llama3.1:8b", "llama"),
        ("gpt-oss:120b-cloud", "gpt"),
        ("codellama:7b-code", "codellama"),
        ("ft:gpt-4o-mini-2024-07-18:org:weather:B7R9VjQd", "gpt"),
        ("qwen/qwen3.6-27b", "qwen"),
        ("us.meta.llama4-maverick-17b-instruct-v1:0", "llama"),
        ("o3-pro-2025-06-10", "openai"),
        ("tencent/hy3:free", "hy"),
    ],
)
def test_a_version_or_size_in_a_word_a_tag_and_a_tuning_hide_no_family(id, name):
    assert names(id) == [name]


def test_a_letter_is_a_word():
    assert family_of("command-r-plus") == ["command", "r", "plus"]


def test_of_two_that_begin_with_no_word_the_rest_tells():
    assert names("o3-2025-04-16", "o3-pro-2025-06-10") == ["openai", "openai-pro"]


@pytest.mark.parametrize(
    ("sellers", "provider"),
    [
        (("groq",), "groq"),
        (("groq", "openrouter"), "openrouter"),
        (("groq", "together"), "openrouter"),
        ((), "openrouter"),
    ],
)
def test_an_id_with_a_vendor_is_of_the_one_host_that_the_code_speaks_of(sellers, provider):
    """A Groq user was told to set OPENROUTER_API_KEY."""
    (chosen,), _ = choose(found("openai/gpt-oss-20b"), nobody, TODAY, sellers=sellers)
    assert (chosen.production, chosen.provider) == ("openai/gpt-oss-20b", provider)


@pytest.mark.parametrize(
    ("sellers", "provider"),
    [
        (("huggingface",), "huggingface"),
        (("together",), "together"),
        (("together", "huggingface"), "openai_compatible"),
        ((), "openai_compatible"),
    ],
)
def test_weights_are_asked_of_the_one_host_that_the_code_speaks_of(sellers, provider):
    place = Found("app.py", 1, "Qwen/Qwen3-32B", None, "unknown", None, known=False)
    (chosen,), _ = choose([place], nobody, TODAY, sellers=sellers)
    assert (chosen.name, chosen.production) == ("qwen", "Qwen/Qwen3-32B")
    assert chosen.provider == provider


def test_two_of_one_vendor_are_told_apart_by_the_rest_of_the_family():
    assert names("claude-haiku-4-5-20251001", "claude-opus-4-6") == ["claude-haiku", "claude-opus"]


def test_two_of_one_family_are_told_apart_by_what_they_are_used_for():
    ids = [("app/triage.py", "gpt-5.2-2025-12-11"), ("app/reply.py", "gpt-5.4-2026-03-05")]
    assert names(*ids) == ["gpt-triage", "gpt-reply"]


def test_the_variable_says_more_of_the_use_than_the_file():
    lines = {1: 'summary_model = "gpt-5.2-2025-12-11"', 2: 'TRIAGE_MODEL = "gpt-5.4-2026-03-05"'}
    ids = ["gpt-5.2-2025-12-11", "gpt-5.4-2026-03-05"]
    assert names(*ids, lines=lambda path, line: lines[line]) == ["gpt-summary", "gpt-triage"]


def test_the_next_use_tells_apart_what_share_the_first():
    ids = [
        ("app/triage.py", "gpt-5.2-2025-12-11"),
        ("app/triage.py", "gpt-5.4-2026-03-05"),
        ("app/reply.py", "gpt-5.4-2026-03-05"),
    ]
    assert names(*ids) == ["gpt-triage", "gpt-reply"]


@pytest.mark.parametrize("line", ['get_model("{}")', 'assert "{}" in model_ids', "model_type"])
def test_a_verb_or_a_kind_of_value_is_no_use(line):
    ids = [("app/triage.py", "gpt-5.2-2025-12-11"), ("app/reply.py", "gpt-5.4-2026-03-05")]
    assert names(*ids, lines=lambda path, at: line) == ["gpt-triage", "gpt-reply"]


def test_a_model_is_not_called_by_another_s_kind():
    ids = [
        ("tests/test_sonnet.py", "claude-opus-4-6"),
        ("tests/test_sonnet.py", "claude-opus-5"),
        ("tests/test_sonnet.py", "claude-sonnet-5-5"),
    ]
    assert names(*ids) == ["claude-opus-a", "claude-opus-b", "claude-sonnet"]


def test_where_nothing_tells_them_apart_letters_do_and_no_version():
    ids = [("app.py", "gpt-5.2-2025-12-11"), ("app.py", "gpt-5.4-2026-03-05")]
    assert names(*ids) == ["gpt-a", "gpt-b"]


@pytest.mark.parametrize("taken", [{"claude"}, {"claude", "claude-haiku"}])
def test_no_name_is_given_twice_in_a_repository(taken):
    (name,) = names("claude-haiku-4-5-20251001", taken=taken)
    assert name not in taken


def test_no_logical_model_is_called_like_an_id():
    ids = [
        "o1-2024-12-17",
        "o3-2025-04-16",
        "gpt-5.4-mini",
        "mistral-large-2512",
        "command-r-08-2024",
    ]
    chosen, _ = choose(found(*ids), nobody, date(2024, 1, 1))
    for one in chosen:
        assert identify(one.name).kind == "unknown", one.name
        assert one.name not in (one.production, one.staging)


def test_a_floating_id_beside_its_pin_says_who_told_that_it_is():
    (one,), _ = choose(
        found("gpt-4.1-mini", "gpt-4.1-mini-2025-04-14"),
        pinned_as(**{"gpt-4.1-mini": "gpt-4.1-mini-2025-04-14"}),
        date(2025, 6, 1),
    )
    assert (one.was, one.told_by, len(one.places)) == ("gpt-4.1-mini", "its reply", 2)


def test_a_floating_id_is_pinned_to_what_it_stands_for():
    chosen, _ = choose(found("gpt-5.4-mini"), pinned_as(gpt_5_4_mini=""), TODAY)
    ask = lambda id, provider: Answer("gpt-5.4-mini-2026-03-17", told_by="its reply")  # noqa: E731
    (one,), _ = choose(found("gpt-5.4-mini"), ask, TODAY)
    assert (one.production, one.staging, one.was) == (
        "gpt-5.4-mini-2026-03-17", "gpt-5.4-mini", "gpt-5.4-mini",
    )  # fmt: skip
    assert not one.floating
    assert chosen


def test_an_alias_and_its_version_are_one_model():
    ask = lambda id, provider: Answer("gpt-5.4-mini-2026-03-17")  # noqa: E731
    ids = found("gpt-5.4-mini", "gpt-5.4-mini-2026-03-17")
    (one,), _ = choose(ids, ask, TODAY)
    assert one.production == "gpt-5.4-mini-2026-03-17"
    assert len(one.places) == 2


@pytest.mark.parametrize(
    "other",
    [
        *[[("models.py", f"gpt-{n}.1-mini") for n in range(4, 20)]],
        [("web/chat.ts", "gpt-5.4-mini")],
    ],
    ids=["list", "typescript"],
)
def test_a_floating_id_that_other_code_keeps_moves_nowhere(other):
    """Half moved, what one file asks for another does not know: a suite that passed failed."""
    ask = lambda id, provider: Answer(f"{id}-2026-03-17")  # noqa: E731
    other = [*other, ("models.py", "gpt-5.4-mini")] if len(other) > 1 else other
    chosen, _ = choose(found(("app.py", "gpt-5.4-mini"), *other), ask, TODAY)
    one = next(one for one in chosen if one.production == "gpt-5.4-mini")
    assert (one.was, one.was_in, one.version) == (None, (), "gpt-5.4-mini-2026-03-17")
    assert f"({other[-1][0]})" in one.kept


def test_code_that_maps_a_floating_id_to_its_pin_goes_on_being_asked_by_it():
    ask = lambda id, provider: Answer("gpt-5.4-mini-2026-03-17")  # noqa: E731
    map_of = [replace(each, path="map.py", line=1) for each in found(*PAIR)]
    (one,), _ = choose([*map_of, *found("gpt-5.4-mini")], ask, TODAY)
    assert (one.production, one.was_in) == ("gpt-5.4-mini-2026-03-17", ())


def test_what_a_deployment_may_be_called_moves_nowhere():
    """In code for both, a deployment of that name is looked up by the name that it was given."""
    ask = lambda id, provider: Answer("gpt-5.4-mini-2026-03-17")  # noqa: E731
    line = 'deployment_map = {"gpt-5.4-mini": "ours"}'
    (one,), _ = choose(found("gpt-5.4-mini"), ask, TODAY, lines=lambda *at: line)
    assert (one.production, one.was) == ("gpt-5.4-mini", None)
    assert one.kept == "a deployment may be called (app/support.py)"


PAIR = ("gpt-5.4-mini", "gpt-5.4-mini-2026-03-17")


def test_what_recorded_traffic_asks_for_is_in_use_though_only_a_list_names_it():
    """The id that tests then see in answers is no other model's."""
    ask = lambda id, provider: Answer(f"{id}-2026-03-17")  # noqa: E731
    listed = found(*(f"gpt-{n}.4-mini" for n in range(5, 20)), path="models.py")
    answered = found("gpt-5.4-mini-2026-03-17", path="tests/test_app.py")
    asked = {"gpt-5.4-mini": "1 cassette asks for (a.yaml)"}
    (one,), _ = choose([*listed, *answered], ask, TODAY, asked=asked)
    assert (one.production, one.kept) == ("gpt-5.4-mini", asked["gpt-5.4-mini"])
    assert one.places == ("models.py:1", "tests/test_app.py:1")


def test_a_name_that_only_tests_made_up_is_left_out():
    ids = found(
        ("tests/test_app.py", "gpt-7-notreal"),
        ("app.py", "gpt-8-of-ours"),
        ("app/latest.py", "gpt-9-of-ours"),  # no file of tests, though "test" is in its name
    )
    chosen, skipped = choose(ids, nobody, TODAY)
    assert [one.production for one in chosen] == ["gpt-8-of-ours", "gpt-9-of-ours"]
    assert [each.because for each in skipped] == [
        "only tests name it, and no provider is known to have it"
    ]


def test_an_unresolved_id_is_watched_and_check_stays_quiet(tmp_path):
    from pytest_modelpin.alarms.alarm import alarms
    from pytest_modelpin.alarms.pin_facts import PinFacts

    chosen, _ = choose(found("gpt-5.4-mini"), nobody, TODAY)
    (tmp_path / "models.yml").write_text(registry_text(chosen, TODAY, "https://example.com/s"))
    pins = load(tmp_path / "models.yml", {})
    assert pins.models["gpt"].policy == "float"
    assert alarms(PinFacts(pins, {}, TODAY, retirement)) == ()


def test_a_candidate_that_the_provider_does_not_have_is_not_proposed():
    def ask(id, provider):
        return Answer(None, exists=id != "claude-haiku-4-5")

    (one,), _ = choose(found("claude-haiku-4-5-20251001"), ask, TODAY)
    assert one.staging == "claude-haiku-5-5", "the next version of its line"


def test_no_candidate_is_another_model_s_pin():
    ids = found("claude-opus-4-6", "claude-opus-5-5")
    chosen, _ = choose(ids, nobody, TODAY)
    assert {one.staging for one in chosen} == {"claude-opus-5", None}


def test_a_model_s_own_pin_is_not_said_to_be_another_s():
    """`mistral-large-latest, which comes next, is another's pin here`, of that pin itself."""
    lines = {1: 'model="mistral-large-latest"', 2: 'LIST = ["mistral-large-latest"]'}
    ids = [("app/one.py", "mistral-large-latest"), ("app/other.ts", "mistral-large-latest")]
    (one,), _ = choose(
        found(*ids), pinned_as(mistral_large_latest="mistral-large-2512"), TODAY,
        lines=lambda path, line: lines[line],
    )  # fmt: skip
    assert one.production == "mistral-large-latest", "code of another language keeps it"
    assert (one.staging, one.next_is) == (None, None)


def test_an_alias_that_nobody_has_is_no_candidate():
    """`gemini-embedding` was proposed for gemini-embedding-001, as if that were a date."""
    (one,), _ = choose(found("gemini-embedding-001"), nobody, TODAY)
    assert one.staging == "gemini-embedding-2", "what the provider names in its place"
    (one,), _ = choose(found("gpt-99-2027-01-01"), nobody, TODAY)
    assert one.staging == "gpt-99", "a date always has an alias, also of what no list has yet"


def test_a_candidate_is_of_the_same_maker():
    """Qwen was proposed in the place of DeepSeek: neither id has a word without a number."""
    (one,), _ = choose(found("us.deepseek.r1-v1:0"), nobody, TODAY)
    assert one.staging is None


def test_a_pin_that_retires_soon_is_followed_by_a_line_that_does_not():
    (one,), _ = choose(found("claude-sonnet-4-5-20250929"), nobody, TODAY)
    assert one.staging not in (None, "claude-sonnet-4-5"), "its alias retires with it"


def test_another_size_is_no_newer_version():
    (one,), _ = choose(found("meta.llama3-1-8b-instruct-v1:0"), nobody, TODAY)
    assert one.staging is None
    sizes = ["gemini-1.5-flash-8b", "mixtral-8x7b", "llama-3.1-8b-instruct", "qwen2.5-1.5b"]
    assert [version_of(each) for each in sizes] == [(1, 5), (), (3, 1), (2, 5)]


def test_a_bedrock_candidate_keeps_the_geography():
    (one,), _ = choose(found("eu.anthropic.claude-haiku-4-5-20251001-v1:0"), nobody, TODAY)
    assert one.staging == "eu.anthropic.claude-haiku-5-5"
    assert one.name == "claude"


@pytest.mark.parametrize(
    ("path", "id", "because"),
    [
        ("app.py", "gpt-3.5-turbo-0301", "retired"),
        ("web/chat.ts", "claude-opus-4-6", "only other languages"),
        ("main.go", "claude-opus-4-6", "only other languages"),
        ("app.py", "omni-moderation-latest", "no answers to compare"),
        ("app.py", "stability.stable-diffusion-xl-v1:0", "no answers to compare"),
    ],
)
def test_what_is_left_out_is_told_with_its_reason(path, id, because):
    chosen, (skipped,) = choose(found(id, path=path), nobody, TODAY)
    assert chosen == ()
    assert skipped.places == (f"{path}:1",)
    assert because in skipped.because


def test_a_pin_that_retires_on_this_very_day_can_still_be_recorded():
    """It was left out as retired, on the last day on which its answers could be had."""
    end = retirement("gpt-3.5-turbo-0301")
    (one,), skipped = choose(found("gpt-3.5-turbo-0301"), nobody, end.retires)
    assert (one.production, skipped) == ("gpt-3.5-turbo-0301", ())
    chosen, _ = choose(found("gpt-3.5-turbo-0301"), nobody, end.retires + timedelta(1))
    assert chosen == ()


@pytest.mark.parametrize(
    "id", ["text-embedding-3-small", "gemini-embedding-001", "embed-english-v3.0"]
)
def test_an_embedding_model_is_a_logical_model_of_its_own(id):
    chosen, skipped = choose(found("claude-opus-4-6", id), nobody, TODAY)
    assert {one.name: one.production for one in chosen}["embedder"] == id
    assert skipped == ()


def test_a_list_of_models_makes_no_logical_models():
    ids = [f"claude-opus-4-{n}" for n in range(5, 9)]
    ids += [f"gpt-5.4-mini-2026-03-{day}" for day in range(10, 22)]
    chosen, skipped = choose(found(*ids, path="prices.py"), nobody, TODAY)
    assert chosen == ()
    assert len(skipped) == len(ids)


def test_code_tells_more_of_a_model_than_the_notebooks_that_try_it():
    ids = [("a/00_explore.ipynb", "gpt-5.4-mini"), ("b/summarise.py", "gpt-5.4-mini")]
    both = found(*ids, ("a/01_explore.ipynb", "gpt-5.2"))
    chosen, _ = choose(both, nobody, TODAY)
    [named] = [one for one in chosen if one.production == "gpt-5.4-mini"]
    assert named.places[0] == "b/summarise.py:2"


def test_on_azure_an_id_is_a_deployment_s_name():
    (one,), _ = choose(found("gpt-5.4-mini"), nobody, TODAY, sellers=["azure"])
    assert (one.production, one.provider, one.staging) == ("gpt-5.4-mini", "azure", None)


def test_the_file_is_read_as_it_was_meant(tmp_path):
    chosen, _ = choose(found("us.anthropic.claude-haiku-4-5-20251001-v1:0"), nobody, TODAY)
    text = registry_text(chosen, TODAY, "https://example.com/models.schema.json")
    assert text.startswith(
        "# yaml-language-server: $schema=https://example.com/models.schema.json\n"
    )
    (tmp_path / "models.yml").write_text(text)
    model = load(tmp_path / "models.yml", {}).models["claude"]
    assert model.production == "us.anthropic.claude-haiku-4-5-20251001-v1:0"
    assert (model.introduced, model.last_validated) == (TODAY, TODAY)


def test_the_example_for_a_repository_without_ids_is_valid():
    models = yaml.safe_load(registry_text((), TODAY, "x"))["models"]
    assert models["gpt"]["production"] == "gpt-5.4-mini-2026-03-17"


def test_what_only_tests_name_that_ask_nobody_is_left_out():
    """A library's suite of mocks got a model, with alarms, for each id in it."""
    ids = found(("app.py", "gpt-5.4-2026-03-05"), ("tests/test_a.py", "gpt-5.2-2025-12-11"))
    chosen, skipped = choose(ids, nobody, TODAY, may_ask=lambda path, line, id: False)
    assert [one.production for one in chosen] == ["gpt-5.4-2026-03-05"]
    assert ["ask no model" in each.because for each in skipped] == [True]
    listed = [("list.py", f"gpt-5.2-2025-12-{day}") for day in range(10, 24)]
    _, skipped = choose(
        found(*listed, ("tests/test_a.py", "gpt-5.2-2025-12-11")), nobody, TODAY,
        may_ask=lambda path, line, id: False,
    )  # fmt: skip
    assert next(each.places[0] for each in skipped if "ask no" in each.because) == (
        "tests/test_a.py:15"
    )
    chosen, skipped = choose(
        ids, nobody, TODAY, may_ask=lambda path, line, id: False, asked={"gpt-5.2-2025-12-11": ""}
    )
    assert (len(chosen), skipped) == (2, ())


def test_what_code_names_comes_before_what_only_tests_do():
    ids = [("tests/test_a.py", "gpt-5.2-2025-12-11"), ("app.py", "gpt-5.4-2026-03-05")]
    chosen, _ = choose(found(*ids), nobody, TODAY)
    assert [one.production for one in chosen] == ["gpt-5.4-2026-03-05", "gpt-5.2-2025-12-11"]


@pytest.mark.parametrize("path", ["docs/notes.py", "releasenotes/notes/a.yaml"])
def test_documentation_makes_no_model_and_stays_as_it_is(path):
    alone, skipped = choose(found((path, "gpt-5.4-mini")), nobody, TODAY)
    assert (alone, [each.because for each in skipped]) == ((), ["only documentation names it"])
    ask = lambda id, provider: Answer("gpt-5.4-mini-2026-03-17", told_by="its reply")  # noqa: E731
    (one,), _ = choose(found((path, "gpt-5.4-mini"), ("app.py", "gpt-5.4-mini")), ask, TODAY)
    assert one.was_in == ("app.py",)


def test_a_version_that_tests_name_beside_its_alias_is_not_said_to_be_left_out():
    ids = [("app.py", "gpt-5.4-mini"), ("tests/test_a.py", "gpt-5.4-mini-2026-03-17")]
    ask = lambda id, provider: Answer("gpt-5.4-mini-2026-03-17", told_by="its reply")  # noqa: E731
    (one,), skipped = choose(found(*ids), ask, TODAY, may_ask=lambda path, line, id: False)
    assert (one.production, skipped) == ("gpt-5.4-mini-2026-03-17", ())


def test_what_only_a_table_of_models_names_makes_none(tmp_path):
    (tmp_path / "prices.py").write_text(
        'PRICES = {"gpt-5.4-2026-03-05": 2, "claude-opus-4-6": 5}\n'
    )
    ids = [("prices.py", "gpt-5.4-2026-03-05")]
    chosen, (left,) = choose(found(*ids), nobody, TODAY, in_table=in_table(tmp_path))
    assert (chosen, left.because) == ((), "only a list of models names it")


def by_reply(id, provider):
    return Answer("gpt-5.4-mini-2026-03-17", told_by="its reply")


def test_a_floating_id_that_a_table_names_stays_in_the_code(tmp_path):
    """Looked up in the table, its version would not be found."""
    table = 'CONTEXT = {"gpt-5.4-mini": (1, 2), "claude-opus-4-6": (3, 4)}\nx = 1\n'
    (tmp_path / "a.py").write_text(table)
    ids = [("a.py", "gpt-5.4-mini"), ("app.py", "gpt-5.4-mini")]
    (one,), _ = choose(found(*ids), by_reply, TODAY, in_table=in_table(tmp_path))
    assert (one.production, one.kept) == ("gpt-5.4-mini", "a list of models names, too (a.py)")


@pytest.mark.parametrize(
    ("code", "listed"),
    [
        ('P = {"gpt-4o-2024-08-06": 1, "claude-opus-4-6": 2}', True),
        ('P = {"gpt-4o-2024-08-06": {"in": 1}, "claude-opus-4-6": {}}', True),
        ('P = {"gpt-4o-2024-08-06": 1}', False),
        ('P = {"gpt-4o-2024-08-06": ask, "claude-opus-4-6": ask}', False),
        ('P = {"gpt-4o-2024-08-06": "a", "claude-opus-4-6": "b"}', False),
        ('P = {"gpt-4o-2024-08-06": 1, "claude-opus-4-6": 2}["gpt-4o-2024-08-06"]', False),
        ('P = ["gpt-4o-2024-08-06", "claude-opus-4-6"]', False),
        ('P = {"gpt-4o-2024-08-06": 1, "claude', False),
    ],
)
def test_what_is_a_table_of_models(tmp_path, code, listed):
    (tmp_path / "a.py").write_text(code)
    assert in_table(tmp_path)("a.py", 1, "gpt-4o-2024-08-06") is listed
