import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from pytest_modelpin.errors import RegistryError
from pytest_modelpin.registry import Canary, Settings, find, load

FULL = """\
models:
  claude:                                   # the logical name
    production: claude-sonnet-4-5-20250929  # the pin
    staging: claude-sonnet-4-5
    last_validated: "2026-11-02"
    provider: anthropic
    previous: claude-sonnet-4-20250514
    fallback: [gpt, claude-haiku-4-5-20251001]
    canary: {model: claude-sonnet-5-5, percent: 5}
    policy: float
    group: writers
    introduced: 2026-10-01
    promoted: '2026-11-02'
    prompt_version: 3
    retires: "2026-11-30"
    ignore: [claude-sonnet-4-5-20251101]
    notes: why this version
  gpt: {production: gpt-4o-2024-11-20}
settings:
  green_runs: 4
  stale_days: 31
  warn_days: 91
  urgent_days: 29
  samples: 5
  margin: 0.05
  similarity: 0.8
  budget_usd: 2
  gate: strict
  judge: gpt
  ignore: [wording]
  prices: {my-model: {input: 1, output: 2.5}}
  max_cost_increase: 0.2
  on_red: close
  alarm: issue
  draft: true
  automerge: false
  labels: [models]
  reviewers: [ann]
  assignees: [bob]
  embedding: minishlab/potion@abc
"""


def test_three_keys_are_enough(pins_of):
    pins = pins_of("models:\n  claude:\n    production: claude-opus-4-6\n")
    assert pins["claude"] == "claude-opus-4-6"
    assert pins.models["claude"].staging is None
    assert pins.settings == Settings()


def test_every_key_of_a_model_is_read(pins_of):
    model = pins_of(FULL).models["claude"]
    assert model.name == "claude"
    assert model.staging == "claude-sonnet-4-5"
    assert model.last_validated == date(2026, 11, 2)
    assert (model.provider, model.previous) == ("anthropic", "claude-sonnet-4-20250514")
    assert model.fallback == ("gpt", "claude-haiku-4-5-20251001")
    assert model.canary == Canary("claude-sonnet-5-5", 5)
    assert (model.policy, model.group, model.prompt_version) == ("float", "writers", "3")
    assert (model.introduced, model.promoted) == (date(2026, 10, 1), date(2026, 11, 2))
    assert model.retires == date(2026, 11, 30)
    assert model.ignore == ("claude-sonnet-4-5-20251101",)
    assert model.notes == "why this version"


def test_every_setting_is_read(pins_of):
    assert pins_of(FULL).settings == Settings(
        green_runs=4,
        stale_days=31,
        warn_days=91,
        urgent_days=29,
        samples=5,
        margin=0.05,
        similarity=0.8,
        budget_usd=2.0,
        gate="strict",
        judge="gpt",
        ignore=("wording",),
        prices={"my-model": {"input": 1.0, "output": 2.5}},
        max_cost_increase=0.2,
        on_red="close",
        alarm="issue",
        draft=True,
        labels=("models",),
        reviewers=("ann",),
        assignees=("bob",),
        embedding="minishlab/potion@abc",
    )


def test_a_judge_is_a_plain_name_or_says_when_and_for_how_much(pins_of):
    of = "models: {a: {production: x}}\nsettings: {judge: %s}\n"
    plain, whole = (pins_of(of % written).settings for written in (
        "a", "{model: a, when: marked, budget_usd: 1.5}"))  # fmt: skip
    assert (plain.judge, plain.judge_when, plain.judge_budget_usd) == ("a", "unsure", 0.25)
    assert (whole.judge, whole.judge_when, whole.judge_budget_usd) == ("a", "marked", 1.5)


def test_candidate_is_a_synonym_of_staging(pins_of):
    pins = pins_of("models: {a: {production: x, candidate: y}}")
    assert pins.models["a"].staging == "y"


@pytest.mark.parametrize(
    "id",
    [
        "anthropic/claude-3.5-sonnet",
        "llama3:8b-instruct-q4_0",
        "claude-3-5-sonnet@20240620",
        "~openai/gpt-latest",
        "us.anthropic.claude-sonnet-4-20250514-v1:0",
        "accounts/fireworks/models/llama-v3",
        "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc",
        "ft:gpt-4o-2024-08-06:org::abc",
    ],
)
def test_ids_of_all_providers_are_accepted(pins_of, id):
    assert pins_of(f"models: {{a: {{production: '{id}'}}}}")["a"] == id


def test_an_optional_key_with_nothing_behind_it_is_absent(pins_of):
    model = pins_of("models:\n  a:\n    production: x\n    staging:\n    fallback:\n").models["a"]
    assert (model.staging, model.fallback) == (None, ())


def test_an_alias_repeats_its_anchor(pins_of):
    pins = pins_of("models:\n  a: {production: &pin x}\n  b: {production: *pin}\n")
    assert pins["b"] == "x"


def test_byte_order_mark_and_crlf_are_read(pins_of):
    pins = pins_of("\ufeffmodels:\r\n  a:\r\n    production: x\r\n")
    assert pins["a"] == "x"


def test_the_line_of_each_key_is_known(pins_of):
    lines = pins_of(FULL).lines
    assert lines["models", "claude", "production"] == 3
    assert lines["settings", "judge"] == 29


@pytest.mark.parametrize("place", ["models.yml", "config/models.yml", ".github/models.yml"])
def test_the_file_is_found_in_each_place(tmp_path, place):
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_text("models: {a: {production: x}}")
    assert find(tmp_path) == path


def test_the_first_place_counts(tmp_path):
    for place in ("config/models.yml", "models.yml"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("")
    assert find(tmp_path) == tmp_path / "models.yml"


def test_nothing_is_found_where_nothing_is(tmp_path):
    assert find(tmp_path) is None


def test_an_explicit_place_is_the_only_one(tmp_path):
    (tmp_path / "models.yml").write_text("")
    (tmp_path / "pins.yml").write_text("")
    assert find(tmp_path, "pins.yml") == tmp_path / "pins.yml"
    with pytest.raises(RegistryError, match=r"other\.yml, which `modelpin_registry` names"):
        find(tmp_path, "other.yml")


def test_load_looks_upwards_as_far_as_the_repository(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "models.yml").write_text("models: {a: {production: x}}")
    below = tmp_path / "tests" / "unit"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert load(environment={})["a"] == "x"


def test_load_does_not_look_above_the_repository(tmp_path, monkeypatch):
    (tmp_path / "models.yml").write_text("models: {a: {production: x}}")
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    monkeypatch.chdir(repository)
    with pytest.raises(RegistryError) as caught:
        load()
    assert str(repository) in str(caught.value)
    assert "config/models.yml" in str(caught.value)
    assert "`pytest-modelpin init`" in str(caught.value)


def test_a_missing_file_says_what_to_run(tmp_path):
    with pytest.raises(
        RegistryError, match=r"No file at .*nothing\.yml; run `pytest-modelpin init`"
    ):
        load(tmp_path / "nothing.yml")


def test_a_folder_instead_of_a_file_is_an_error(tmp_path):
    with pytest.raises(RegistryError, match="can't be read"):
        load(tmp_path)


def test_another_encoding_is_an_error(tmp_path):
    (tmp_path / "models.yml").write_bytes("models: {}".encode("utf-16"))
    with pytest.raises(RegistryError, match="not UTF-8"):
        load(tmp_path / "models.yml")


def test_the_environment_overrides_the_pin(pins_of):
    pins = pins_of(FULL, {"MODELPIN_CLAUDE": "claude-opus-4-6"})
    assert pins["claude"] == "claude-opus-4-6"
    assert pins.models["claude"].overridden == "claude-sonnet-4-5-20250929"
    assert pins.models["gpt"].overridden is None


def test_the_variable_of_a_name_with_punctuation(pins_of):
    pins = pins_of("models: {my-model.v2: {production: x}}", {"MODELPIN_MY_MODEL_V2": "y"})
    assert pins["my-model.v2"] == "y"


def test_an_empty_variable_counts_as_unset(pins_of):
    model = pins_of(FULL, {"MODELPIN_CLAUDE": ""}).models["claude"]
    assert (model.production, model.overridden) == ("claude-sonnet-4-5-20250929", None)


def test_a_variable_that_repeats_the_pin_overrides_nothing(pins_of):
    assert pins_of(FULL, {"MODELPIN_GPT": "gpt-4o-2024-11-20"}).models["gpt"].overridden is None


def test_a_variable_without_a_model_id_is_an_error(pins_of):
    with pytest.raises(RegistryError, match="MODELPIN_GPT holds a space"):
        pins_of(FULL, {"MODELPIN_GPT": "gpt 4"})


def test_the_process_environment_is_the_default(tmp_path, monkeypatch):
    (tmp_path / "models.yml").write_text("models: {a: {production: x}}")
    monkeypatch.setenv("MODELPIN_A", "y")
    assert load(tmp_path / "models.yml")["a"] == "y"


def test_importing_the_registry_imports_no_yaml_pytest_or_http_client():
    code = (
        "import sys, pytest_modelpin.registry\n"
        "print({'yaml', 'pytest', 'httpx', 'httpx2', 'syrupy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_pins_are_usable_in_production_without_pytest_or_http_client(tmp_path):
    (tmp_path / "models.yml").write_text("models: {a: {production: x}}")
    code = (
        "import sys\nfrom pytest_modelpin.registry import load\nprint(load()['a'])\n"
        "print({'pytest', 'httpx', 'httpx2', 'syrupy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["x", "set()"]


def test_a_message_names_the_file_as_seen_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("models.yml").write_text("models:\n")
    with pytest.raises(RegistryError, match=r"^models\.yml:1: models: found nothing"):
        load()
