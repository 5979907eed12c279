"""`resolve`: ids of every grammar, offline and live, several at once, and written down."""

from __future__ import annotations

import json

import pytest
from own_server import Handler, serving

from pytest_modelpin.cli import main

MODELS = """\
models:
  claude:
    production: claude-sonnet-4-5   # a comment that stays
  gpt:
    production: gpt-4o
  mistral:
    production: mistral-large-latest
"""
LISTS = {
    "/anthropic/v1/models/claude-sonnet-4-5": {"id": "claude-sonnet-4-5-20250929"},
    "/mistral/models": {
        "data": [
            {"id": "mistral-large-2512", "aliases": ["mistral-large-latest"]},
            {"id": "mistral-large-2411"},
        ]
    },
    "/openai/models": {"data": [{"id": "gpt-4o"}, {"id": "gpt-4o-2024-11-20"}]},
    "/gemini/v1beta/models?pageSize=1000": {
        "models": [{"name": "models/gemini-2.0-flash-001"}, {"name": "models/gemini-2.0-flash"}]
    },
}


@pytest.fixture
def api(monkeypatch, tmp_path):
    """The lists of four providers, and chats that say who answers."""

    class Api(Handler):
        def do_GET(self):
            self.server.asked.append(self.path)
            self.server.meanwhile()
            self.found(self.server.lists.get(self.path))

        def do_POST(self):
            content = self.content()
            self.server.asked.append(self.path)
            if self.path.startswith("/gemini"):
                return self.found({"candidates": [], "modelVersion": "gemini-2.0-flash"})
            model = json.loads(content)["model"]
            echoed = model if self.path.startswith("/ollama") else None
            served = {"gpt-4o": "gpt-4o-2024-11-20"}.get(model, echoed)
            return self.found(served and {"model": served, "choices": []})

        def found(self, document):
            nothing = {"error": {"message": "no such model"}}
            self.give(document or nothing, 200 if document else 404)

    with serving(Api, asked=[], lists=dict(LISTS), meanwhile=lambda: None) as server:
        base = server.url
        for name, variable in (
            ("anthropic", "ANTHROPIC"),
            ("openai", "OPENAI"),
            ("mistral", "MISTRAL"),
            ("gemini", "GOOGLE_GEMINI"),
        ):
            monkeypatch.setenv(f"{variable}_BASE_URL", f"{base}/{name}")
            key = f"{variable.removeprefix('GOOGLE_')}_API_KEY"
            monkeypatch.setenv(key, "sk-planted-0123456789")
        (tmp_path / ".git").mkdir()
        monkeypatch.chdir(tmp_path)
        yield server


@pytest.fixture
def resolve(api, capsys):
    def run(*arguments):
        code = main(["resolve", *arguments, "--today=2026-11-27"])
        out = capsys.readouterr()
        return code, out.out if code != 2 else out.err

    return run


@pytest.mark.parametrize(
    ("id", "kind", "provider"),
    [
        ("gpt-4o-2024-08-06", "pinned", "openai"),
        ("gpt-5.6-sol", "pinned", "openai"),
        ("claude-opus-4-6", "pinned", "anthropic"),
        ("claude-sonnet-4-5", "floating", "anthropic"),
        ("gemini-2.0-flash-001", "pinned", "google"),
        ("claude-3-5-haiku@20241022", "pinned", "google"),
        ("us.anthropic.claude-3-haiku-20240307-v1:0", "pinned", "bedrock"),
        ("mistral-large-latest", "floating", "mistral"),
        ("command-r-08-2024", "pinned", "cohere"),
        ("grok-4-0709", "pinned", "xai"),
        ("anthropic/claude-4.6-sonnet-20260217", "pinned", "openrouter"),
        ("llama3.2:latest", "floating", "ollama"),
        ("bedrock/converse/us.anthropic.claude-3-haiku-20240307-v1:0", "pinned", "bedrock"),
        ("vertex_ai/claude-3-5-haiku@20241022", "pinned", "google"),
        ("gemini/gemini-2.0-flash-001", "pinned", "google"),
    ],
)
def test_ids_of_every_grammar(resolve, id, kind, provider):
    code, out = resolve(id, "--json")
    (found,) = json.loads(out)
    assert code == 0
    assert (found["kind"], found["provider"]) == (kind, provider)
    assert found["rule"].endswith(".")


def test_a_promise_whose_day_has_come_says_nothing_any_more(resolve):
    code, out = resolve("claude-haiku-4-5-20251001")
    assert code == 0
    assert "no date is known" in out
    assert "not sooner" not in out


def test_an_id_of_no_grammar_is_inconclusive(resolve):
    code, out = resolve("frobnicate")
    assert code == 3
    assert "frobnicate  unknown" in out


def test_offline_it_says_rule_end_price_and_pins(resolve):
    code, out = resolve("claude-opus-4-6", "gpt-4o")
    assert code == 0
    assert "not sooner than 2027-02-05" in out
    assert "$5 read, $25 written, a million tokens" in out
    assert "retires in 48 days, on 2027-01-14" in out
    assert "instead: gpt-6-luna" in out
    assert "pin         gpt-4o-2024-11-20, gpt-4o-2024-08-06" in out


def test_offline_nothing_is_asked(resolve, api):
    resolve("gpt-4o", "claude-sonnet-4-5", "mistral-large-latest")
    assert api.asked == []


def test_the_end_is_that_of_the_distributor(resolve):
    id = "us.anthropic.claude-opus-4-1-20250805-v1:0"
    _, out = resolve(id, "claude-opus-4-1-20250805", "--json")
    assert [each["retires"] for each in json.loads(out)] == ["2027-01-08", "2026-08-05"]


@pytest.mark.parametrize(
    ("id", "provider", "retires"),
    [
        ("claude-3-7-sonnet@20250219", "vertex", "2026-05-11"),
        ("claude-3-7-sonnet@20250219", None, "2026-05-11"),
        ("gemini-2.0-flash-001", "vertex", "2026-06-01"),
        ("textembedding-gecko@009", "vertex", None),
        ("gpt-4o-2024-08-06", "azure", "2027-04-14"),
        ("our-deployment", "azure", None),
    ],
)
def test_the_end_is_found_as_a_distributor_spells_its_ids(resolve, id, provider, retires):
    _, out = resolve(id, "--json", *(["--provider", provider] if provider else []))
    assert json.loads(out)[0]["retires"] == retires


def test_a_deployment_of_models_yml_has_no_end_by_its_name_and_no_pin(resolve, tmp_path):
    (tmp_path / "models.yml").write_text(
        "models: {it: {production: gpt-4o-2024-08-06, provider: azure}}"
    )
    code, out = resolve("it", "--live")
    assert code == 3
    assert "no date is known" in out
    assert "  pin  " not in out
    assert "pytest-modelpin can't ask azure by itself" in out


@pytest.fixture
def ollama(api, monkeypatch):
    monkeypatch.setenv("OLLAMA_HOST", f"http://127.0.0.1:{api.server_address[1]}/ollama")
    return api.lists


def test_a_digest_tells_and_is_no_id_to_ask_for(resolve, tmp_path, ollama):
    ollama["/ollama/api/tags"] = {"models": [{"name": "llama3.2:1b", "digest": "baf6a787fdff"}]}
    models = 'models: {llama: {production: "llama3.2:1b", provider: ollama}}'
    (tmp_path / "models.yml").write_text(models)
    code, out = resolve("llama", "--write")
    assert code == 3
    assert "llama3.2:1b@baf6a787fdff (its list of models); it can't be pinned by name" in out
    assert "llama: left as it is, llama3.2:1b: it can't be pinned by name." in out
    assert (tmp_path / "models.yml").read_text() == models


def test_an_id_that_a_provider_only_echoes_can_t_be_pinned_by_name(resolve, ollama):
    code, out = resolve("llama3.2:1b", "--live")
    assert code == 0
    assert "it can't be pinned by name" in out


@pytest.mark.parametrize(
    "id", ["llama-3.3-70b-versatile", "groq/openai/gpt-oss-20b", "groq/compound", "llama3.2:1b"]
)
def test_where_no_name_is_a_version_that_is_known_without_asking(resolve, api, id):
    code, out = resolve(id)
    assert (code, api.asked) == (0, [])
    assert "pin         none: it can't be pinned by name" in out


def test_it_is_known_after_asking_too_and_not_where_nobody_answered(resolve, api, monkeypatch):
    monkeypatch.setenv("GROQ_API_KEY", "sk-planted-0123456789")
    base = f"http://127.0.0.1:{api.server_address[1]}"
    monkeypatch.setenv("GROQ_BASE_URL", f"{base}/ollama")  # which echoes
    code, out = resolve("llama-3.3-70b-versatile", "--live")
    assert code == 0
    assert "not told: neither its list of models nor its replies say; it can't be pinned" in out
    monkeypatch.setenv("GROQ_BASE_URL", "http://127.0.0.1:9")
    code, out = resolve("llama-3.3-70b-versatile", "--live")
    assert code == 3
    assert "groq can't be reached" in out


def test_a_digest_that_is_told_leaves_nothing_open(resolve, ollama):
    ollama["/ollama/api/tags"] = {"models": [{"name": "llama3.2:1b", "digest": "baf6a787fdff"}]}
    code, out = resolve("llama3.2:1b", "--live")
    assert code == 0
    assert "llama3.2:1b@baf6a787fdff (its list of models); it can't be pinned by name" in out


def test_nobody_to_ask_about_is_said(resolve, tmp_path):
    """It printed nothing, as if all were known."""
    (tmp_path / "models.yml").write_text("models: {a: {production: gpt-4o-2024-08-06}}\n")
    code, out = resolve()
    assert code == 2
    assert "has a candidate to watch" in out


def test_of_all_candidates_one_that_is_not_found_does_not_stop_the_others(resolve, tmp_path):
    (tmp_path / "models.yml").write_text(
        "models:\n  a: {production: gpt-4o-2024-08-06, staging: gpt-9-turbo}\n"
        "  b: {production: gpt-4o-2024-08-06, staging: gpt-4o}\n"
    )
    code, out = resolve()
    assert code == 3
    assert (
        "gpt-9-turbo  served by  not known: openai answered 404 for gpt-9-turbo: no such model"
        in out
    )
    assert "gpt-4o       served by  gpt-4o-2024-11-20" in out
    code, out = resolve("--json")
    assert (code, json.loads(out)) == (3, {"gpt-9-turbo": None, "gpt-4o": "gpt-4o-2024-11-20"})


def test_live_a_list_tells_where_it_can_and_a_reply_else(resolve, api):
    code, out = resolve("claude-sonnet-4-5", "mistral-large-latest", "gpt-4o", "--live", "--json")
    found = json.loads(out)
    assert code == 0
    assert [(each["points_to"], each["told_by"]) for each in found] == [
        ("claude-sonnet-4-5-20250929", "list of models"),
        ("mistral-large-2512", "list of models"),
        ("gpt-4o-2024-11-20", "reply"),
    ]
    assert found[2]["price"] == [2.5, 10.0]  # of the version, not of the alias


def test_an_alias_that_is_only_echoed_is_no_pin_and_its_family_is_named(resolve):
    code, out = resolve("gemini-2.0-flash", "--live")
    assert code == 3
    assert "it can't be pinned by name" in out
    assert "pin         gemini-2.0-flash-001" in out


def test_one_that_is_not_found_does_not_stop_the_others(resolve):
    code, out = resolve("gpt-9-turbo", "gpt-4o", "--live")
    assert code == 3
    assert "openai answered 404 for gpt-9-turbo: no such model" in out
    assert "gpt-4o-2024-11-20 (its reply)" in out


def test_a_missing_key_is_a_problem_of_one_id(resolve, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    code, out = resolve("gpt-4o", "claude-sonnet-4-5", "--live")
    assert code == 3
    assert "not known: There is no key for openai in the environment" in out
    assert "claude-sonnet-4-5-20250929 (its list of models)" in out


def test_logical_names_stand_for_their_production_id(resolve, tmp_path):
    (tmp_path / "models.yml").write_text(MODELS)
    _, out = resolve("claude", "--json")
    assert json.loads(out)[0]["id"] == "claude-sonnet-4-5"


def test_write_pins_all_at_once_and_keeps_the_rest(resolve, tmp_path):
    (tmp_path / "models.yml").write_text(MODELS)
    code, out = resolve("claude", "gpt-4o", "--write")
    assert code == 0
    assert "claude: production is now claude-sonnet-4-5-20250929 (was claude-sonnet-4-5)." in out
    assert (tmp_path / "models.yml").read_text() == MODELS.replace(
        "claude-sonnet-4-5 ", "claude-sonnet-4-5-20250929 "
    ).replace("production: gpt-4o", "production: gpt-4o-2024-11-20")


def test_a_pin_that_a_person_sets_while_providers_are_asked_stays(resolve, tmp_path, api):
    registry = tmp_path / "models.yml"
    registry.write_text(MODELS)
    theirs = MODELS.replace("claude-sonnet-4-5 ", "claude-opus-4-6 ")
    api.meanwhile = lambda: registry.write_text(theirs)
    _, out = resolve("claude", "mistral", "--write")
    assert "claude: left as it is, models.yml was changed meanwhile." in out
    assert registry.read_text() == theirs.replace("mistral-large-latest", "mistral-large-2512")


def test_write_leaves_what_it_could_not_resolve(resolve, tmp_path, api):
    api.lists.clear()
    (tmp_path / "models.yml").write_text(MODELS)
    code, out = resolve("mistral", "--write")
    assert code == 3
    assert "mistral: left as it is, mistral-large-latest is floating." in out
    assert (tmp_path / "models.yml").read_text() == MODELS


def test_write_takes_no_id_that_models_yml_lacks(resolve, tmp_path):
    (tmp_path / "models.yml").write_text(MODELS)
    code, out = resolve("gpt-4.1", "--write")
    assert code == 2
    assert "no logical model of" in out
    assert "claude, gpt, mistral" in out


@pytest.mark.parametrize("arguments", [("resolve", "gpt-5.1"), ("resolve", "--provider=no", "x")])
def test_no_line_is_wider_than_the_window(arguments, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "60")
    main([*arguments])
    said = capsys.readouterr()
    lines = [line for line in (said.out + said.err).splitlines() if "https://" not in line]
    assert lines
    assert max(map(len, lines)) <= 60


@pytest.mark.parametrize("columns", [40, 80, 160])
def test_a_place_that_is_too_wide_beside_its_id_stands_above_it(
    columns, capsys, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(columns))
    folder = tmp_path / "services" / "support"
    folder.mkdir(parents=True)
    (folder / "settings.py").write_text('MODEL = "gpt-4o-2024-08-06"\n')
    assert main(["scan"]) == 0
    lines = capsys.readouterr().out.splitlines()
    place, said = "services/support/settings.py:1", "gpt-4o-2024-08-06  pinned, retires 2027-01-14"
    if columns == 160:
        assert lines[0] == f"{place}  {said}, not in models.yml"
    else:
        assert lines[0] == place
        assert lines[1].startswith("  gpt-4o-2024-08-06  pinned")
        assert max(map(len, lines)) <= columns
