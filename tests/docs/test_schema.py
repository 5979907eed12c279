"""The JSON Schema of models.yml says what the code says."""

import importlib.util
import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from pytest_modelpin.adopt.plan import SCHEMA
from pytest_modelpin.errors import RegistryError
from pytest_modelpin.registry import load

DOCS = Path(__file__).parents[2] / "docs"
VALIDATOR = Draft7Validator(json.loads((DOCS / "models.schema.json").read_text("utf-8")))

ONE = "models: {claude: {production: claude-opus-4-6%s}}\n"
SETTING = ONE % "" + "settings: {%s}\n"


def test_it_is_what_the_code_makes_of_itself():
    spec = importlib.util.spec_from_file_location("make_schema", DOCS / "make_schema.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    written = (DOCS / "models.schema.json").read_text("utf-8")
    assert written == made.text(), "run `make reference`"
    assert made.ADDRESS == SCHEMA, "the address that `init` writes"


def test_the_example_of_the_docs_fits():
    page = (DOCS / "models-yml.md").read_text("utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    loaded = yaml.load(example, yaml.BaseLoader)
    assert set(VALIDATOR.schema["properties"]) == set(loaded)
    described = VALIDATOR.schema["properties"]["settings"]["properties"]
    assert "description" in described["margin"]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (ONE % "", True),
        (ONE % ", staging: claude-opus-5-5, notes: 3", True),
        (ONE % ", staging:", True),
        (SETTING % "samples: auto, margin: 0.1, judge: claude", True),
        (SETTING % "judge: {model: claude, budget_usd: 0.2}", True),
        (SETTING % "severities: {format: info}, prices: {x: {input: 1, output: 2.5}}", True),
        ("models: {}\n", False),
        ("settings: {}\n", False),
        (ONE % ", staging: a, candidate: b", False),
        (ONE % ", policy: loose", False),
        (ONE % ", produktion: x", False),
        (ONE % ", canary: {percent: 5}", False),
        (SETTING % "margin: 2", False),
        (SETTING % "samples: some", False),
        (SETTING % "green_runs: 0", False),
        (SETTING % "severities: {mood: info}", False),
        ("models: {1x: {production: a}}\n", False),
    ],
)
def test_schema_and_code_take_and_refuse_the_same(tmp_path, text, fits):
    (tmp_path / "models.yml").write_text(text)
    try:
        load(tmp_path / "models.yml", {})
        taken = True
    except RegistryError:
        taken = False
    assert (VALIDATOR.is_valid(yaml.safe_load(text)), taken) == (fits, fits)
