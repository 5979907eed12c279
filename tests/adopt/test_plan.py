"""`init`: what it would write, and what it leaves alone."""

import pytest
import yaml

from pytest_modelpin.adopt.content import registry_text
from pytest_modelpin.adopt.plan import carry_out, plan
from pytest_modelpin.registry import load


def test_an_empty_repository_gets_all_four_files(tmp_path):
    steps = plan(tmp_path, [])
    carry_out(tmp_path, steps)
    assert [(step.path, step.action) for step in steps] == [
        ("models.yml", "create"),
        (".github/workflows/model-nightly.yml", "create"),
        (".gitattributes", "create"),
        (".gitignore", "create"),
    ]
    assert all((tmp_path / step.path).is_file() for step in steps)


def test_the_second_time_nothing_is_left_to_do(tmp_path):
    carry_out(tmp_path, plan(tmp_path, []))
    assert {step.action for step in plan(tmp_path, [])} == {"keep"}


def test_existing_files_keep_every_byte(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "models.yml").write_text("models: {}\n")
    (tmp_path / ".gitignore").write_bytes(b"*.log")
    carry_out(tmp_path, plan(tmp_path, ["gpt-4o"]))
    assert (tmp_path / "config" / "models.yml").read_text() == "models: {}\n"
    assert (tmp_path / ".gitignore").read_bytes() == b"*.log\n.pytest_modelpin/\n.writing-*.tmp\n"
    assert not (tmp_path / "models.yml").exists()


def test_planning_writes_nothing(tmp_path):
    plan(tmp_path, ["gpt-4o"])
    assert list(tmp_path.iterdir()) == []


def test_a_pinned_id_gets_its_alias_as_candidate(tmp_path):
    (tmp_path / "models.yml").write_text(registry_text(["claude-sonnet-4-5-20250929"]))
    model = load(tmp_path / "models.yml").models["claude"]
    assert (model.production, model.staging) == ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5")


def test_a_floating_id_is_kept_and_said_to_float():
    text = registry_text(["gpt-4o"])
    assert "production: gpt-4o  # floating" in text
    assert yaml.safe_load(text)["models"]["gpt"]["staging"] == "gpt-4o"


def test_a_mistral_alias_ends_in_latest():
    text = registry_text(["mistral-large-2411"])
    assert yaml.safe_load(text)["models"]["mistral"]["staging"] == "mistral-large-latest"


def test_two_ids_of_one_family_get_names_of_their_own(tmp_path):
    (tmp_path / "models.yml").write_text(
        registry_text(["gpt-4o-2024-08-06", "gpt-4o-mini-2024-07-18"])
    )
    assert set(load(tmp_path / "models.yml").models) == {"gpt", "gpt-mini"}


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (
            ["claude-haiku-4-5-20251001", "claude-sonnet-4-5-20250929"],
            ["claude-haiku", "claude-sonnet"],
        ),
        (["gpt-4.1-2025-04-14", "gpt-4o-2024-08-06"], ["gpt-v4-1", "gpt-v4o"]),
        (["gpt-4o", "gpt-4o-2024-08-06"], ["gpt-v4o", "gpt-v4o-2024-08-06"]),
        (["o1", "o3"], ["openai-o1", "openai-o3"]),
        (["anthropic/claude-3", "x/claude-3"], ["claude-v3", "claude-v3-2"]),
    ],
)
def test_no_logical_model_is_called_like_an_id(ids, names):
    models = yaml.safe_load(registry_text(ids))["models"]
    assert list(models) == names
    named = {id for model in models.values() for id in model.values()}
    assert not named & set(names)


def test_the_example_for_a_repository_without_ids_is_valid(tmp_path):
    (tmp_path / "models.yml").write_text(registry_text([]))
    assert load(tmp_path / "models.yml")["claude"] == "claude-sonnet-4-5-20250929"
