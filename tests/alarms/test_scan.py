import json
import subprocess
from datetime import date

import pytest

from pytest_modelpin.alarms.scan import Found, ids_asked, scan


def write(root, **files):
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def ids_in(tmp_path):
    """(line, id) of what a file of that name and text holds."""

    def look(name: str, text: str) -> list[tuple[int, str]]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text.encode("utf-8"))
        return [(each.line, each.model) for each in scan(tmp_path)]

    return look


def test_what_is_known_about_an_id(tmp_path, pins_of):
    pins = pins_of("models: {a: {production: claude-sonnet-4-5-20250929}}")
    (tmp_path / "app.py").write_text(
        'ask("claude-sonnet-4-5-20250929")\nask("gpt-4o")\nask(model="mistral-huge-9")\n'
    )
    assert scan(tmp_path, pins) == (
        Found("app.py", 1, "claude-sonnet-4-5-20250929", "anthropic", "pinned",
              date(2026, 11, 30), True),
        Found("app.py", 2, "gpt-4o", "openai", "floating", date(2027, 1, 14), False),
        Found("app.py", 3, "mistral-huge-9", "mistral", "unknown", None, False),
    )  # fmt: skip


PYTHON = '''\
"""Uses gpt-4o for everything, "gpt-4o" too."""
MODEL = "gpt-4.1"  # not "gpt-4o"
NAMES = ("claude-sonnet-4-5",
         "gemini-2.5-pro")
text = "We asked gpt-4o and it said no"
dynamic = f"gpt-4o-{date}"
agent = Agent("openai:gpt-5.6")
completion(model="anthropic/claude-opus-4-6")
small = {"model": "o3", "image": "node:latest"}
local = Client(model="llama3:8b")
'''


def test_python_is_read_as_python(ids_in):
    assert ids_in("app.py", PYTHON) == [
        (2, "gpt-4.1"), (3, "claude-sonnet-4-5"), (4, "gemini-2.5-pro"), (7, "gpt-5.6"),
        (8, "anthropic/claude-opus-4-6"), (9, "o3"), (10, "llama3:8b"),
    ]  # fmt: skip


STANDING_IN = """\
MODEL = os.getenv("MODEL", "llama3.1:8b")
chosen = model or "llama3.2:3b"
class Settings(BaseSettings):
    ollama_model: str = Field(default="qwen2.5:7b")
    image: str = Field(default="redis:7")
def ask(text, model: str = "gemma2:9b", *, judge_model="phi3:14b", image="redis:7"): ...
parser.add_argument("--model", default="mistral:7b", help="say:something")
ChatOllama(model=os.environ.get("OLLAMA", "gemma3:1b"))
self.model = name if name else "llama3.3:70b"
model = SentenceTransformer("microsoft/mpnet-base")
"""


def test_what_stands_in_for_a_model_that_is_not_set_is_called_one(ids_in):
    """Local models' names are spelled like images, and code reads them from its settings."""
    assert ids_in("app.py", STANDING_IN) == [
        (1, "llama3.1:8b"), (4, "qwen2.5:7b"), (6, "gemma2:9b"), (6, "phi3:14b"),
        (7, "mistral:7b"), (8, "gemma3:1b"), (9, "llama3.3:70b"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("groq/openai/gpt-oss-120b", "openai/gpt-oss-120b"),
        ("groq/llama-3.3-70b-versatile", "llama-3.3-70b-versatile"),
        ("groq:llama-3.3-70b-versatile", "llama-3.3-70b-versatile"),
        ("groq/compound", "groq/compound"),
        ("ollama/llama3.2", "llama3.2"),
        ("together_ai/meta-llama/Llama-3.3-70B-Turbo", "meta-llama/Llama-3.3-70B-Turbo"),
        ("ollama/ollama:0.6", None),
    ],
)
def test_behind_a_host_s_route_stands_the_id_that_goes_over_the_wire(ids_in, text, id):
    """As an id, `groq/llama-3.3-70b-versatile` would be a pin that no request ever carries."""
    assert [found for _, found in ids_in("app.py", f'MODEL = "{text}"\n')] == ([id] if id else [])
    assert ids_in("app.py", f'x = "{text}"\n') == []


ASKED = """\
client = InferenceClient("Qwen/Qwen3-32B", token=token)
client.chat_completion(said, model="meta-llama/Llama-3.1-8B-Instruct:together")
OpenAI(base_url=url).chat.completions.create(model="mistralai/Mistral-7B-v0.3", messages=said)
MODEL = os.getenv("MODEL", "deepseek-ai/DeepSeek-V3")
complete(model=MODEL, prompt="a/b")
def ask(text, model="google/gemma-2-9b-it"): return create(model=model, input=text)
llm = HuggingFaceEndpoint(repo_id="HuggingFaceH4/zephyr-7b-beta", task="text-generation")
"""
LOADED = """\
model = AutoModel.from_pretrained("Qwen/Qwen3-32B")
pipe = pipeline("text-generation", model="gpt2/medium")
encoder = SentenceTransformer(model_name="BAAI/bge-small-en-v1.5")
create(model="src/prompts.json", messages=messages)
create(messages=[{"role": "user", "content": "and/or"}], media="image/png")
"""


@pytest.mark.parametrize("id", ["01-ai/Yi-34B-Chat", "3DTopia/LGM-4", "152334H/miqu-70b"])
def test_an_owner_of_weights_may_begin_with_a_digit(ids_in, id):
    assert ids_in("app.py", f'create(model="{id}", messages=said)\n') == [(1, id)]
    assert ids_in("app.py", f'from_pretrained("{id}")\n') == []


@pytest.mark.parametrize("text", ["2026/11", "24/7", "1-2/3-4", "2026-11/a.json"])
def test_a_date_or_ratio_is_no_id(ids_in, text):
    assert ids_in("app.py", f'create(model="{text}", messages=said)\n') == []


def test_open_weights_are_ids_where_a_host_of_them_is_asked(ids_in):
    """They are spelled like paths: `init` found nothing in code that asks Hugging Face or vLLM."""
    assert ids_in("app.py", ASKED) == [
        (1, "Qwen/Qwen3-32B"), (2, "meta-llama/Llama-3.1-8B-Instruct:together"),
        (3, "mistralai/Mistral-7B-v0.3"), (4, "deepseek-ai/DeepSeek-V3"),
        (6, "google/gemma-2-9b-it"), (7, "HuggingFaceH4/zephyr-7b-beta"),
    ]  # fmt: skip


def test_open_weights_that_are_loaded_here_are_nobody_s_ids(ids_in):
    assert ids_in("app.py", LOADED) == []


def test_python_that_does_not_parse_is_read_as_text(ids_in):
    assert ids_in("old.py", "print 'x'\nask('gpt-4o')  # 'gpt-4.1'\n") == [(2, "gpt-4o")]


@pytest.mark.parametrize(
    "text",
    [
        'x = "node:latest"',
        'x = "ubuntu-latest"',
        'x = "o1"',
        'x = "google/uuid"',
        'x = "openai/openai-python"',
        'x = "claude-code"',
        'x = "codex-cli"',
        'x = "option:command"',
        'x = "src/gpt-utils.py"',
        'x = "application/json"',
        'x = "2024-11-20"',
        'x = "UTF-8"',
        'x = "python:3.11"',
        'x = "https://example.org/gpt-4o"',
        'x = "claude"',
        "x = 'the gpt-4o model'",
        'x = "o1-like"',
        "import gpt_4o",
        'if "gpt-5" in settings.model: pass',
        'new = "gpt-5" not in model',
        'new = any(each in model for each in ["gpt-5", "claude-opus-4"])',
        'new = any(model.startswith(each) for each in ("gpt-5", "claude-opus-4"))',
    ],
)
def test_other_strings_are_no_ids(ids_in, text):
    assert ids_in("app.py", text + "\n") == []


YAML = """\
# model: gpt-4o
model: claude-sonnet-4-5   # was "gpt-4.1"
models: [gemini-2.5-pro, "gpt-4.1"]
nested:
  - gpt-5.6
  - name: 'o3-mini'
description: we use gpt-4o daily
more: gpt-4o, mostly
image: python:3.11
runs-on: ubuntu-latest
long: >
  Our favourite is gpt-4o
  - or so
"""


def test_yaml_is_read_by_whole_values(ids_in):
    assert ids_in("settings.yaml", YAML) == [
        (2, "claude-sonnet-4-5"), (3, "gemini-2.5-pro"), (3, "gpt-4.1"), (5, "gpt-5.6"),
        (6, "o3-mini"),
    ]  # fmt: skip


def test_toml(ids_in):
    text = (
        '[llm]\nmodel = "gpt-4o"\nall = ["gpt-4.1", "x"]\n# model = "gpt-5.6"\nname = "o1-like"\n'
    )
    assert ids_in("pyproject.toml", text) == [(2, "gpt-4o"), (3, "gpt-4.1")]


@pytest.mark.parametrize("name", [".env", ".env.production"])
def test_env(ids_in, name):
    text = "OPENAI_MODEL=gpt-4o\nOTHER='claude-opus-4-6'\nSAID=I like gpt-4o\nTAG=redis:7\n"
    assert ids_in(name, text) == [(1, "gpt-4o"), (2, "claude-opus-4-6")]


def test_json(ids_in):
    text = '{\n "model": "gpt-4o",\n "text": "use `gpt-4o`",\n "prices": {"gpt-4.1": 2}\n}\n'
    assert ids_in("config.json", text) == [(2, "gpt-4o"), (4, "gpt-4.1")]


@pytest.mark.parametrize("name", ["app.js", "app.ts", "app.tsx", "app.mjs"])
def test_javascript_and_typescript(ids_in, name):
    text = (
        "const a = 'gpt-4o'; // not 'gpt-4.1'\nconst b = { model: `claude-opus-4-6` };\n"
        'fetch("https://api.openai.com/v1/gpt-4o");\nconst c = "node:fs";\n'
    )
    assert ids_in(name, text) == [(1, "gpt-4o"), (2, "claude-opus-4-6")]


@pytest.mark.parametrize(
    "name",
    [
        "models.yml",
        "config/models.yml",
        "tests/__recordings__/gpt-4o/a.json",
        "tests/__snapshots__/a.json",
        "package-lock.json",
        "notes.md",
        "photo.png",
        "tests/cassettes/test_a/test_b.yaml",
        "tests/vcr_cassettes/a.json",
        "agents/benchmark_results/2026-07-04.json",
        "logs/a.yaml",
    ],
)
def test_where_ids_belong_or_nobody_writes_code(ids_in, name):
    assert ids_in(name, '{"model": "gpt-4o"}') == []


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("a.yaml", "interactions:\n- request:\n    body: "),
        ("a.yml", "# by hand\ninteractions:\n- request:\n    body: "),
        ("a.json", '{"version": 1, "interactions": [{"request": '),
        ("a.json", '{"http_interactions": [{"request": '),
        ("a.json", '{"log": {"_recordingName": "x", "entries": '),
    ],
)
def test_what_other_libraries_have_recorded_is_no_code(ids_in, name, beginning):
    said = '{"model": "gpt-4o"}'
    assert ids_in(f"tests/fixtures/{name}", f"{beginning}{said}\n") == []
    assert ids_in(f"tests/fixtures/{name}", f"{said}\n") == [(1, "gpt-4o")]


def test_a_setting_that_has_a_cassette_s_words_is_code(ids_in):
    assert ids_in("app.json", '{"log": {"level": 1},\n "model": "gpt-4o"}') == [(2, "gpt-4o")]


def test_python_beside_cassettes_is_code(ids_in):
    python = 'x = {"interactions": []}\nMODEL = "gpt-4o"\n'
    assert ids_in("tests/cassettes/play.py", python) == [(2, "gpt-4o")]


def test_crlf_and_a_byte_order_mark(ids_in):
    assert ids_in("a.yml", "\ufeffx: 1\r\nmodel: gpt-4o\r\n") == [(2, "gpt-4o")]


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "a.py").write_bytes(b'\xff\xfe "gpt-4o"')
    (tmp_path / "b.json").write_bytes(b'"gpt-4o" \xff')
    (tmp_path / "c.py").write_bytes(b'"gpt-4o" \x00')  # no language takes it for code
    assert [(each.path, each.model) for each in scan(tmp_path)] == [
        ("a.py", "gpt-4o"), ("b.json", "gpt-4o"),
    ]  # fmt: skip


def test_gitignore_is_honoured(tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    write(tmp_path, _DOT_gitignore="private/\n")
    write(tmp_path, private__a_DOT_py='x = "gpt-4o"', src__a_DOT_py='x = "gpt-4o"')
    assert [each.path for each in scan(tmp_path)] == ["src/a.py"]


def test_without_git_installed_code_is_left_out(tmp_path):
    write(tmp_path, node_modules__a_DOT_js="x = 'gpt-4o'", src__a_DOT_js="x = 'gpt-4o'")
    assert [each.path for each in scan(tmp_path)] == ["src/a.js"]


def test_only_the_files_that_are_named(tmp_path):
    write(tmp_path, a_DOT_py='x = "gpt-4o"', b_DOT_py='x = "gpt-4o"', c_DOT_md="gpt-4o")
    assert [each.path for each in scan(tmp_path, paths=["b.py", "c.md"])] == ["b.py"]


def test_a_file_that_vanished_is_passed_over(tmp_path):
    assert scan(tmp_path, paths=["gone.py"]) == ()


def test_scanning_grows_with_the_number_of_files(tmp_path, growth):
    ordinary = "".join(f"def name_{at}(x):\n    return x['key-{at}/part']\n" for at in range(60))
    for files in (50, 500):
        (tmp_path / str(files)).mkdir()
        for at in range(files):
            hit = 'MODEL = "gpt-4o"\n' if at % 20 == 0 else ""
            (tmp_path / str(files) / f"m{at}.py").write_text(hit + ordinary)

    def work(files):
        assert len(scan(tmp_path / str(files))) == -(-files // 20)

    assert growth(work, 50, 500) < 3


@pytest.mark.parametrize("name", ["a.yaml", "a.json", "a.sh", "a.py"])
def test_scanning_grows_with_the_size_of_what_looks_like_one_endless_id(tmp_path, growth, name):
    """Base64 as URLs have it, in a fixture of an image or of a model's signed thoughts."""
    for size in (2_000, 20_000):
        (tmp_path / str(size)).mkdir()
        text = f'x: ["{"aB3-_x9-" * size}%", "gpt-4o"]\n'
        (tmp_path / str(size) / name).write_text(text)

    assert growth(lambda size: scan(tmp_path / str(size)), 2_000, 20_000) < 3


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("a.js", '"text-sm-left","a.b-c:d",'),
        ("a.tf", '"text-sm-left", '),
        ("a.py", "'text-sm-left' x, "),  # no Python of this version
        ("a.yaml", "text-sm-left, "),
        ("a.sh", "--align text-sm-left "),
    ],
)
def test_scanning_grows_with_the_length_of_a_line(tmp_path, growth, name, word):
    """Minified code is one line: a megabyte of it took `init` minutes."""
    for words in (200, 2_000):
        (tmp_path / str(words)).mkdir()
        (tmp_path / str(words) / name).write_text(f'x= ["gpt-4o", {word * words}"end"]\n')

    assert growth(lambda words: scan(tmp_path / str(words)), 200, 2_000) < 3


def test_a_notebook_whose_only_id_stands_in_double_quotes(ids_in):
    """JSON writes a backslash before each of them, and the notebook was passed over."""
    cell = {"cell_type": "code", "source": ['ask(model="gpt-4o", n=1)\n']}
    assert ids_in("a.ipynb", json.dumps({"cells": [cell]})) == [(1, "gpt-4o")]


def test_what_a_line_says_far_ahead_of_a_word_makes_it_no_model(ids_in):
    assert ids_in("a.js", f'var model=1;{"f();" * 200}g("o1")') == []
    assert ids_in("a.js", '{model:"o1"}') == [(1, "o1")]


def test_a_long_list_in_one_line_is_no_sentence(ids_in):
    listed = ", ".join(f"word-{at}-a" for at in range(100))
    assert ids_in("a.yaml", f"allowed: [{listed}, gpt-4o, mistral-small-2506]\n") == [
        (1, "gpt-4o"), (1, "mistral-small-2506"),
    ]  # fmt: skip


def test_another_project_s_models_yml_is_no_code_and_a_settings_file_of_that_name_is(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "models.yml").write_text("models: {x: {production: gpt-4o}}\n")
    (tmp_path / "b" / "models.yml").write_text("chat: gpt-4o\n")
    assert [each.path for each in scan(tmp_path)] == ["b/models.yml"]


def test_a_cassette_tells_what_was_asked_from_what_answered():
    asked = b'- request:\n    body: \'{"model": "gpt-5.4-mini"}\'\n'
    answered = b'  response:\n    body: \'{"model": "gpt-5.4-mini-2026-03-17"}\'\n'
    assert ids_asked(b"interactions:\n" + asked + answered) == {"gpt-5.4-mini"}
    assert ids_asked(b"interactions:\n- request:\n    uri: /\n" + answered) == {
        "gpt-5.4-mini-2026-03-17"
    }


def test_an_arn_of_nobody_s_account_is_no_model(ids_in):
    """AWS's own examples and tests write it: one became a logical model."""
    arn = "arn:aws:bedrock:us-east-1:{}:application-inference-profile/jf2sje1c0jnb"
    made_up = [f'ask(model="{arn.format(each)}")' for each in ("123456789012", "000000000000")]
    assert ids_in("tests/test_a.py", "\n".join(made_up)) == []
    real = arn.format("210987654321")
    assert ids_in("app.py", f'ask(model="{real}")') == [(1, real)]
