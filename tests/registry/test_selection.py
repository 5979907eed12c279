import pytest

from pytest_modelpin.cli import main
from pytest_modelpin.errors import SelectionError
from pytest_modelpin.registry import select
from pytest_modelpin.registry.selection import names_no

TWO = """\
models:
  claude:
    production: claude-4
    staging: claude-latest
    previous: claude-3
    fallback: [gpt, claude-mini]
    canary: {model: claude-5, percent: 5}
    ignore: [claude-4-5]
    provider: anthropic
  gpt:
    production: gpt-4
    fallback: [gpt-mini]
"""
ONE = "models: {claude: {production: claude-4, staging: claude-latest}}"
SHARED = """\
models:
  writer: {production: claude-4, staging: claude-5}
  critic: {production: claude-4, staging: claude-5}
"""


@pytest.fixture
def two(pins_of):
    return pins_of(TWO)


@pytest.fixture
def shared(pins_of):
    return pins_of(SHARED)


def chosen(selection, name="claude"):
    one = selection.models[name]
    return one.which, one.id, one.record


def test_without_the_option_every_model_is_on_its_pin_and_replayed(two):
    selection = select(two)
    assert chosen(selection) == ("production", "claude-4", "none")
    assert chosen(selection, "gpt") == ("production", "gpt-4", "none")
    assert selection.models["claude"].provider == "anthropic"
    assert selection.models["claude"].production == "claude-4"


@pytest.mark.parametrize(
    ("word", "which", "id"),
    [
        ("candidate", "candidate", "claude-latest"),
        ("staging", "candidate", "claude-latest"),
        ("previous", "previous", "claude-3"),
        ("canary", "canary", "claude-5"),
    ],
)
def test_a_word_holds_for_each_model_that_has_one(two, word, which, id):
    selection = select(two, [word])
    assert chosen(selection) == (which, id, "all")
    assert chosen(selection, "gpt") == ("production", "gpt-4", "none")


def test_production_can_be_asked_for(two):
    selection = select(two, ["production"])
    assert chosen(selection) == ("production", "claude-4", "none")


def test_fallback_is_the_first_entry_and_a_logical_name_means_its_pin(two):
    selection = select(two, ["fallback"])
    assert chosen(selection) == ("fallback", "gpt-4", "all")
    assert chosen(selection, "gpt") == ("fallback", "gpt-mini", "all")


def test_one_model_is_selected_and_the_others_stay(two):
    selection = select(two, ["claude=candidate"])
    assert chosen(selection) == ("candidate", "claude-latest", "all")
    assert chosen(selection, "gpt") == ("production", "gpt-4", "none")


@pytest.mark.parametrize(
    "wanted", [["fallback", "claude=previous"], ["claude=previous", "fallback"]]
)
def test_a_name_wins_over_a_word(two, wanted):
    selection = select(two, wanted)
    assert chosen(selection) == ("previous", "claude-3", "all")
    assert chosen(selection, "gpt") == ("fallback", "gpt-mini", "all")


@pytest.mark.parametrize(
    ("wanted", "id"),
    [
        (["claude=previous", "claude=candidate"], "claude-latest"),
        (["candidate", "previous"], "claude-3"),
        (["claude=candidate", "claude-3"], "claude-3"),
    ],
)
def test_the_later_of_two_for_the_same_counts(two, wanted, id):
    assert chosen(select(two, wanted))[1] == id


def test_two_bare_ids_of_one_model_are_not_halved_in_silence(pins_of):
    """The first was dropped, and nothing said so; by name, the suite is run on each."""
    said = r"claude-2 and claude-3 .*--model claude=claude-2 --model claude=claude-3"
    with pytest.raises(SelectionError, match=said):
        select(pins_of(ONE), ["claude-2", "claude-3"])
    assert chosen(select(pins_of(ONE), ["claude-2", "claude-2"]))[1] == "claude-2"


def test_an_id_by_name(two):
    assert chosen(select(two, ["gpt=openai/gpt-5:free"]), "gpt") == (
        "id", "openai/gpt-5:free", "all",
    )  # fmt: skip


@pytest.mark.parametrize(
    "id", ["claude-latest", "claude-3", "claude-5", "claude-mini", "claude-4-5", "claude-4"]
)
def test_a_bare_id_is_for_the_model_that_names_it(two, id):
    selection = select(two, [id])
    assert chosen(selection) == ("id", id, "all")
    assert chosen(selection, "gpt") == ("production", "gpt-4", "none")


def test_a_bare_id_is_for_the_only_model(pins_of):
    assert chosen(select(pins_of(ONE), ["claude-opus-9"])) == ("id", "claude-opus-9", "all")


def test_two_bare_ids_for_two_models(two):
    selection = select(two, ["claude-3", "gpt-mini"])
    assert chosen(selection)[1] == "claude-3"
    assert chosen(selection, "gpt")[1] == "gpt-mini"


def test_a_candidate_equal_to_the_pin_is_selected_as_given(pins_of):
    pins = pins_of("models: {a: {production: x, staging: x}}")
    assert chosen(select(pins, ["candidate"]), "a") == ("candidate", "x", "all")


@pytest.mark.parametrize(
    ("wanted", "record", "claude", "gpt"),
    [
        ([], "new", "new", "new"),
        (["production"], "all", "all", "all"),
        (["claude=candidate"], "new", "new", "none"),
        (["claude=candidate"], "none", "none", "none"),
        (["claude=production", "gpt=gpt-5"], "new", "none", "new"),
        (["fallback"], "new", "new", "new"),
    ],
)
def test_the_record_mode_holds_for_what_is_not_production_or_for_all_of_it(
    two, wanted, record, claude, gpt
):
    selection = select(two, wanted, record)
    assert selection.models["claude"].record == claude
    assert selection.models["gpt"].record == gpt


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("gpt=candidate", "'gpt' has no candidate in .*; add `staging: <id>` to it"),
        ("gpt=canary", "'gpt' has no canary in .*; add `canary: {model: <id>, percent: 5}`"),
        ("claud=candidate", r"'claud' is not a logical model.*Did you mean `claude`\?"),
        ("candidate=claude", "'candidate' is not a logical model.*names claude and gpt"),
        ("=candidate", "'' is not a logical model"),
        ("claude", "a logical name; say which of its versions, such as --model claude=candidate"),
        ("gpt=claude", "a logical name; say which of its versions"),
        ("gpt-9", "names 2 logical models and none of its .* --model claude=gpt-9"),
        ("candidat", "did you mean `candidate`"),
        ("claude=Candidate", "did you mean `candidate`"),
        ("", "is empty. Allowed: production, candidate"),
        ("claude=", "is empty"),
        ("gpt 4", "holds a space or control character"),
        ("gpt=a\nb", "holds a space or control character"),
    ],
)
def test_what_models_yml_does_not_offer(two, wanted, says):
    with pytest.raises(SelectionError, match=says):
        select(two, [wanted])


def test_a_word_that_no_model_has(pins_of):
    with pytest.raises(
        SelectionError, match=r"no logical model of .* has one; add `previous: <id>`"
    ):
        select(pins_of(ONE), ["previous"])


def test_a_bare_id_that_several_models_name(shared):
    with pytest.raises(
        SelectionError, match=r"writer and critic name it; .*--model writer=claude-5"
    ):
        select(shared, ["claude-5"])


def test_an_unknown_record_mode(two):
    with pytest.raises(SelectionError, match="choose one of none, new, all"):
        select(two, [], "some")  # type: ignore[arg-type]


def test_the_pin_is_routed_to_its_model(two):
    selection = select(two, ["claude=candidate"])
    assert selection.route("claude-4").id == "claude-latest"
    assert selection.route("gpt-4").id == "gpt-4"


def test_the_selected_id_is_routed_too(two):
    assert select(two, ["claude=candidate"]).route("claude-latest").name == "claude"


def test_an_unknown_id_is_nobodys(two):
    assert select(two).route("gemini-3") is None


def test_the_id_in_the_file_is_routed_where_the_environment_overrides_it(pins_of):
    selection = select(pins_of(ONE, {"MODELPIN_CLAUDE": "claude-3"}))
    assert selection.route("claude-4").id == "claude-3"
    assert selection.route("claude-3").id == "claude-3"


def test_a_shared_pin_needs_no_names_while_selected_alike(shared):
    assert select(shared).route("claude-4").id == "claude-4"
    assert select(shared, ["candidate"]).route("claude-4").id == "claude-5"


def test_a_shared_pin_is_told_apart_by_the_names_of_the_test(shared):
    selection = select(shared, ["critic=candidate"])
    assert selection.route("claude-4", ["critic"]).id == "claude-5"
    assert selection.route("claude-4", ["writer"]).id == "claude-4"


@pytest.mark.parametrize("names", [[], ["writer", "critic"], ["other"]])
def test_a_shared_pin_that_nothing_tells_apart(shared, names):
    with pytest.raises(SelectionError, match="writer and critic, which are selected differently"):
        select(shared, ["critic=candidate"]).route("claude-4", names)


def test_names_that_do_not_share_the_id_are_no_hindrance(two):
    assert select(two).route("gpt-4", ["claude"]).name == "gpt"


FAMILY = """\
models:
  gpt-4o: {production: gpt-4o-2024-08-06, staging: gpt-4o}
  gpt-4o-mini: {production: gpt-4o-mini-2024-07-18, staging: gpt-4o-mini, fallback: [gpt-4o]}
"""


@pytest.mark.parametrize(
    ("wanted", "which"),
    [
        ("gpt-4o=gpt-4o", "id"),
        ("gpt-4o=candidate", "candidate"),
        ("gpt-4o", "id"),
    ],
)
def test_a_name_may_be_its_own_candidates_id(pins_of, wanted, which):
    selection = select(pins_of(FAMILY), [wanted])
    assert chosen(selection, "gpt-4o") == (which, "gpt-4o", "all")
    assert chosen(selection, "gpt-4o-mini") == ("production", "gpt-4o-mini-2024-07-18", "none")


def test_a_name_that_is_another_models_candidate_is_that_models(pins_of):
    crossed = "models: {a: {production: x-1, staging: b}, b: {production: x-2}}"
    assert chosen(select(pins_of(crossed), ["b"]), "a") == ("id", "b", "all")


def test_a_name_in_a_fallback_is_no_id(pins_of):
    with pytest.raises(SelectionError, match="a logical name; say which of its versions"):
        select(
            pins_of("models: {a: {production: x-1, fallback: [b]}, b: {production: x-2}}"), ["b"]
        )


@pytest.mark.parametrize(
    "command",
    [
        ("nightly", "suport"), ("promote", "suport", "--to", "x"), ("rollback", "suport"),
        ("diff", "suport"), ("history", "suport"), ("health", "suport"), ("accept", "suport"),
    ],
)  # fmt: skip
def test_a_typo_is_answered_with_the_name_that_was_meant(tmp_path, monkeypatch, capsys, command):
    (tmp_path / "models.yml").write_text(
        "models:\n  support:\n    production: gpt-4.1-2025-04-14\n"
    )
    monkeypatch.chdir(tmp_path)
    assert main(command) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "it names: support. Did you mean `support`?" in said


def test_several_names_are_not_guessed():
    assert (
        names_no("models.yml", ["a", "b", "c"], ["c"])
        == "models.yml names no 'a', 'b'; it names: c."
    )


def test_a_canary_s_id_is_routed_to_its_model_where_no_other_has_it(pins_of):
    """Code that routes users asks it, whatever the tests try."""
    text = """
models:
  a: {production: pin-a, canary: {model: next-a, percent: 5}}
  b: {production: pin-b, canary: {model: pin-a, percent: 5}}
"""
    selection = select(pins_of(text))
    assert selection.route("next-a").name == "a"
    assert selection.route("next-a").id == "pin-a"
    assert selection.route("pin-a").name == "a"
