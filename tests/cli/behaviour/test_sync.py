"""`sync`: a gateway's configuration from models.yml, and back to what it serves."""

import json
import subprocess
from collections import Counter

import pytest
import yaml

from pytest_modelpin.cli import main

PIN, CANARY, SPARE, OTHER = (
    "claude-sonnet-4-5-20250929", "claude-opus-4-6", "claude-haiku-4-5-20251001",
    "gpt-4o-2024-11-20",
)  # fmt: skip
YML = f"""\
models:
  claude:
    production: {PIN}
    fallback: [gpt, {SPARE}]
    canary: {{model: {CANARY}, percent: 20}}
  gpt:
    production: {OTHER}
"""
FILES = {"litellm": "litellm.yaml", "openfeature": "flags.json", "cloudflare": "routes.json",
         "vercel": "items.json", "env": "pins.env"}  # fmt: skip


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("CLAUDE", "GPT"):
        monkeypatch.delenv(f"MODELPIN_{name}", raising=False)
    (tmp_path / "models.yml").write_text(YML)
    return tmp_path


def sync(to, *more):
    return main(["sync", "--to", to, "--file", FILES[to], *more])


@pytest.mark.parametrize("to", FILES)
def test_what_is_written_serves_what_models_yml_says_until_either_moves(project, capsys, to):
    assert sync(to) == 0
    assert sync(to, "--check") == 0
    path = project / FILES[to]
    path.write_text(path.read_text().replace(OTHER, "gpt-4o-2024-08-06"))
    capsys.readouterr()
    assert sync(to, "--check") == 1
    said = capsys.readouterr().out
    assert f"gpt serves gpt-4o-2024-08-06; models.yml says {OTHER}" in said
    assert sync(to) == 0  # it was ours, so it is written anew
    (project / "models.yml").write_text(YML.replace(PIN, SPARE))
    assert sync(to, "--check") == 1


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:Items:UserWarning")  # pydantic's, of litellm's own types
def test_the_routes_of_litellm_are_those_of_its_own_router(project, monkeypatch):
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    from litellm.router import Router

    assert sync("litellm") == 0
    config = yaml.safe_load((project / "litellm.yaml").read_text())
    for entry in config["model_list"]:
        params = entry["litellm_params"]
        params |= {"mock_response": params["model"].partition("/")[2], "api_key": "x"}
    router = Router(model_list=config["model_list"], **config["router_settings"])
    chosen = Counter(
        router.get_available_deployment("claude", messages=[])["litellm_params"]["model"]
        for _ in range(400)
    )
    assert set(chosen) == {f"anthropic/{PIN}", f"anthropic/{CANARY}"}
    assert 30 < chosen[f"anthropic/{CANARY}"] < 140  # 20 %: 80, and its standard deviation is 8

    def answered(name, **more):
        message = [{"role": "user", "content": "?"}]
        said = router.completion(model=name, messages=message, **more)
        return said.choices[0].message.content

    assert answered("claude") in (PIN, CANARY)
    assert answered("claude", mock_testing_fallbacks=True) == OTHER  # the first of its fallbacks
    assert [answered(name) for name in ("gpt", OTHER, SPARE)] == [OTHER, OTHER, SPARE]


def test_flags_hold_the_canarys_share(project):
    assert sync("openfeature") == 0
    flags = json.loads((project / "flags.json").read_text())["flags"]
    assert flags["claude"]["variants"] == {"pin": PIN, "canary": CANARY}
    assert flags["claude"]["targeting"] == {"fractional": [["pin", 80.0], ["canary", 20.0]]}
    assert "targeting" not in flags["gpt"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c["router_settings"]["fallbacks"].clear(), "claude falls back to nothing"),
        (lambda c: c["model_list"].pop(2), "gpt has no route"),
        (lambda c: c["model_list"][1]["litellm_params"].update(weight=80), f"{CANARY} (50 %)"),
    ],
)  # fmt: skip
def test_a_file_that_a_person_edited_is_read_for_what_it_serves(project, capsys, change, said):
    assert sync("litellm") == 0
    path = project / "litellm.yaml"
    config = yaml.safe_load(path.read_text())
    config["general_settings"] = {"master_key": "os.environ/KEY"}
    config["model_list"].append({"model_name": "own", "litellm_params": {"model": "ollama/x"}})
    path.write_text(yaml.safe_dump(config))
    assert sync("litellm", "--check") == 0
    change(config)
    path.write_text(yaml.safe_dump(config))
    assert sync("litellm", "--check") == 1
    assert said in capsys.readouterr().out
    assert sync("litellm") == 2  # a person's own now: never overwritten
    assert "written by someone else" in capsys.readouterr().err


@pytest.mark.parametrize("to", ["litellm", "openfeature"])
@pytest.mark.parametrize("text", ["", "[]", "{", "model_list: 5", '{"flags": {"a": 1}}'])
def test_what_is_no_configuration_is_one_sentence(project, capsys, to, text):
    (project / FILES[to]).write_text(text)
    assert sync(to, "--check") == 2
    assert FILES[to] in capsys.readouterr().err


def test_without_a_file_it_is_printed_and_nothing_can_be_checked(project, capsys):
    assert main(["sync", "--to", "env"]) == 0
    assert f"MODELPIN_CLAUDE={PIN}\n" in capsys.readouterr().out
    assert main(["sync", "--to", "env", "--check"]) == 2


def test_no_id_is_a_command_to_the_shell_that_takes_the_file_in(project):
    """The id of a bump is what a reply called itself."""
    hostile = "x'$(touch${IFS}here)`touch${IFS}here`"
    (project / "models.yml").write_text(YML.replace(OTHER, f'"{hostile}"'))
    assert sync("env") == 0
    assert sync("env", "--check") == 0
    said = subprocess.run(
        ["sh", "-ec", '. ./pins.env; echo "$MODELPIN_GPT"'], check=True, capture_output=True
    )
    assert said.stdout.decode() == f"{hostile}\n"
    assert not (project / "here").exists()


def test_cloudflares_graph_splits_and_falls_back_as_models_yml_says(project):
    assert sync("cloudflare") == 0
    claude = json.loads((project / "routes.json").read_text())["routes"][0]
    elements = {each["id"]: each for each in claude["elements"]}

    def leads(element, output):
        return elements[elements[element]["outputs"][output]["elementId"]]

    assert leads("start", "next")["type"] == "percentage"
    canary, pin = leads("split", "20%"), leads("split", "else")
    assert (canary["properties"]["model"], pin["properties"]["model"]) == (CANARY, PIN)
    for first in (canary, pin):
        second = leads(first["id"], "fallback")
        third = leads(second["id"], "fallback")
        asked = [each["properties"] for each in (second, third)]
        assert [each["provider"] for each in asked] == ["openai", "anthropic"]
        assert [each["model"] for each in asked] == [OTHER, SPARE]
        assert leads(third["id"], "fallback")["type"] == "end"
    models = [each for each, what in elements.items() if what["type"] == "model"]
    assert {leads(each, "success")["type"] for each in models} == {"end"}


def test_cloudflare_is_told_no_provider_that_it_does_not_ask(project, capsys):
    """By the names that its own types list."""
    (project / "models.yml").write_text(
        "models:\n  g: {production: gemini-2.5-pro}\n  x: {production: grok-4-0709}\n"
        "  v: {production: gpt-4o-2024-11-20, provider: azure}\n"
    )
    assert sync("cloudflare") == 0
    routes = json.loads((project / "routes.json").read_text())["routes"]
    named = [each["properties"]["provider"] for route in routes for each in route["elements"]
             if each["type"] == "model"]  # fmt: skip
    assert named == ["google-ai-studio", "grok", "azure-openai"]
    (project / "models.yml").write_text(
        "models: {x: {production: accounts/fireworks/models/deepseek-v3, provider: fireworks}}\n"
    )
    assert sync("cloudflare") == 2
    assert "Cloudflare's AI Gateway asks no fireworks" in capsys.readouterr().err


def test_vercels_items_are_what_its_api_takes(project, capsys):
    assert sync("vercel") == 0
    first, second = json.loads((project / "items.json").read_text())["items"]
    assert first == {
        "operation": "upsert", "key": "claude",
        "value": {"model": PIN, "fallbacks": [OTHER, SPARE],
                  "canary": {"model": CANARY, "percent": 20.0}},
    }  # fmt: skip
    assert second["value"] == {"model": OTHER, "fallbacks": []}
    (project / "models.yml").write_text("models: {a.b: {production: gpt-4o-2024-11-20}}\n")
    assert sync("vercel") == 2
    assert "a.b can't be a key of an Edge Config" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("to", "text"),
    [("cloudflare", '{"routes": [{"name": "claude", "elements": []}]}'), ("cloudflare", "[]"),
     ("vercel", '{"items": [{"key": "claude"}]}'), ("vercel", "torn")],
)  # fmt: skip
def test_a_file_of_another_form_is_said(project, capsys, to, text):
    (project / FILES[to]).write_text(text)
    assert sync(to, "--check") == 2
    assert FILES[to] in capsys.readouterr().err
