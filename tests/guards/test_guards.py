"""What must not grow unseen: what an idle session imports, and ratios to what people use today.

Ratios are held to their bars and half of them again; no absolute time is asserted, because how
long something takes says as much about the machine as about the code.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "speed.py"
FALLEN_BEHIND = 1.5

HEAVY = (
    "httpx",
    "httpx2",
    "yaml",
    "github",
    "rich",
    "rapidfuzz",
    "genai_prices",
    "openai",
    "anthropic",
)
OURS_WHEN_IDLE = {"pytest_modelpin", "pytest_modelpin.plugin"}

CONFTEST = """
import json, sys

def pytest_unconfigure(config):
    config.rootpath.joinpath("seen.json").write_text(json.dumps({
        "modules": sorted(sys.modules),
        "finders": [type(finder).__module__ for finder in sys.meta_path],
        "hooks": [name for name, _ in config.pluginmanager.list_name_plugin()],
    }))
"""

TEST_WITH_CLIENT = """
import httpx

def test_client():
    send = httpx.HTTPTransport.handle_request
    assert send.__module__ == "httpx._transports.default"
    assert not hasattr(send, "_modelpin_stands_before")
"""


def write_recording(path: Path) -> None:
    """One exchange, as the plugin would have recorded it."""
    model = "gpt-4o-2024-08-06"
    message = {"role": "assistant", "content": "The answer"}
    question = {"model": model, "messages": [{"role": "user", "content": "question 0"}]}
    exchange = {
        "sample": 1,
        "request": {
            "method": "POST",
            "url": "https://api.openai.com/v1/chat/completions",
            "body": question,
        },
        "response": {
            "status": 200,
            "headers": {"content-type": "application/json"},
            "body": {"model": model, "choices": [{"index": 0, "message": message}]},
        },
        "asked": model,
        "served": model,
        "seconds": 1.0,
    }
    document = {"schema": 1, "test": "test_it::test_answer", "version": model,
                "recorded": "2026-11-20", "exchanges": [exchange]}  # fmt: skip
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(document))


NAMED = ("-p", "syrupy", "-p", "pytest_modelpin.plugin")
"""For a session with these plugins alone."""
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def run_pytest(
    folder: Path,
    *options: str,
    plugins: Sequence[str] = NAMED,
    environment: Mapping[str, str] = ALONE,
) -> str:
    """What it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugins, *options],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def idle(tmp_path: Path) -> dict[str, list[str]]:
    """What a session without models.yml leaves behind in its process."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_nothing.py").write_text("def test_nothing(): pass\n")
    run_pytest(tmp_path)
    return json.loads((tmp_path / "seen.json").read_text())


def test_an_idle_session_imports_nothing_heavy(idle):
    assert not [name for name in idle["modules"] if name.split(".")[0] in HEAVY]


def test_an_idle_session_imports_nothing_of_ours_but_the_plugin(idle):
    ours = {name for name in idle["modules"] if name.split(".")[0] == "pytest_modelpin"}
    assert ours == OURS_WHEN_IDLE


def test_an_idle_session_adds_no_hooks_and_no_import_finder(idle):
    assert "modelpin-worker" not in idle["hooks"]
    assert not [module for module in idle["finders"] if module.startswith("pytest_modelpin")]


def test_an_idle_session_patches_no_http_client(tmp_path):
    (tmp_path / "test_client.py").write_text(TEST_WITH_CLIENT)
    run_pytest(tmp_path)


REPLAYED = """
import httpx

def test_answer():
    body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": "question 0"}]}
    reply = httpx.post("https://api.openai.com/v1/chat/completions", json=body)
    assert reply.json()["choices"][0]["message"]["content"] == "The answer"
"""

WHAT_REPLAY_NEVER_NEEDS = (
    "compare",
    "forge",
    "intercept.aiohttp_hook",
    "intercept.botocore_hook",
    "intercept.httpx_sender",
    "intercept.live_reply",
    "intercept.sending",
    "intercept.urllib3_hook",
    "ledger",
    "live",
    "providers.retirements",
    "recordings.same_question",
    "redaction",
    "results.case",
    "results.report_file",
    "upgrade",
)


def test_a_replayed_answer_loads_nothing_that_sends_or_reports(tmp_path):
    """What can't be loaded can't call the network; and each module is start-up time."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "models.yml").write_text(
        "models: {support: {production: gpt-4o-2024-08-06, staging: gpt-4o, provider: openai}}\n"
    )
    (tmp_path / "test_it.py").write_text(REPLAYED)
    write_recording(tmp_path / "__recordings__/gpt-4o-2024-08-06/test_it/test_answer.json")
    run_pytest(tmp_path)
    loaded = set(json.loads((tmp_path / "seen.json").read_text())["modules"])
    assert "pytest_modelpin.recordings.recorded_exchanges" in loaded
    assert not loaded & {f"pytest_modelpin.{name}" for name in WHAT_REPLAY_NEVER_NEEDS}


def test_a_replay_that_has_something_to_tell_compares_nothing(tmp_path):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "models.yml").write_text("models: {support: {production: gpt-4o-2024-08-06}}\n")
    (tmp_path / "test_it.py").write_text("def test_answer(): pass\n")
    write_recording(tmp_path / "__recordings__/gpt-4o-2024-08-06/test_it/test_answer.json")
    assert "no longer asked for" in run_pytest(tmp_path)
    loaded = set(json.loads((tmp_path / "seen.json").read_text())["modules"])
    assert not loaded & {"pytest_modelpin.compare", "pytest_modelpin.drift"}


def test_a_run_that_whoever_started_it_compares_loads_nothing_that_does(tmp_path):
    """Of a night, a promotion and the like: a quarter of each such run would be loading it."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "models.yml").write_text("models: {support: {production: gpt-4o-2024-08-06}}\n")
    (tmp_path / "test_it.py").write_text(REPLAYED)
    write_recording(tmp_path / "__recordings__/gpt-4o-2024-08-06/test_it/test_answer.json")
    report = ("--model-report=run.json", "--maxfail=0")
    later = {**ALONE, "PYTEST_MODELPIN_JUDGED_LATER": json.dumps(report)}
    assert "1 of 1 passed" in run_pytest(tmp_path, *report, environment=later)
    assert (tmp_path / "run.json").exists()
    loaded = set(json.loads((tmp_path / "seen.json").read_text())["modules"])
    assert not loaded & {
        f"pytest_modelpin.{name}" for name in ("compare", "drift.pair", "drift.text", "gate")
    }


LOADERS = """
import json, sys

def pytest_unconfigure(config):
    config.rootpath.joinpath("seen.json").write_text(json.dumps({
        name: type(module.__loader__).__name__
        for name, module in sys.modules.items() if name.startswith("pytest_modelpin.")
    }))
"""


def test_where_wheels_are_installed_pytest_rewrites_none_of_our_modules(tmp_path, monkeypatch):
    """Rewritten for their asserts, they take nearly twice as long to load."""
    monkeypatch.syspath_prepend(BENCHMARK.parent)
    from installed import installed

    wheels = str(installed(tmp_path / "installed"))
    suite = tmp_path / "suite"
    suite.mkdir()
    (suite / "conftest.py").write_text(LOADERS)
    (suite / "models.yml").write_text("models: {support: {production: gpt-4o-2024-08-06}}\n")
    (suite / "test_nothing.py").write_text("def test_nothing(): pass\n")
    found = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "", "PYTHONPATH": wheels}
    run_pytest(suite, plugins=(), environment=found)
    loaders = json.loads((suite / "seen.json").read_text())
    assert "pytest_modelpin.session.session" in loaders
    assert "AssertionRewritingHook" not in loaders.values()


def loaded_with(*modules: str) -> list[str]:
    """The package's modules that are loaded with these."""
    loading = "\n".join(f"import pytest_modelpin.{module}" for module in modules)
    script = f"{loading}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return [each for each in json.loads(done.stdout) if each.startswith("pytest_modelpin.")]


def test_a_client_s_hook_loads_nothing_that_sends():
    hooks = [
        each.stem for each in (BENCHMARK.parents[1] / "pytest_modelpin/intercept").glob("*_hook.py")
    ]
    assert len(hooks) > 3
    loaded = loaded_with(*(f"intercept.{hook}" for hook in hooks))
    assert not [each for each in loaded if each.startswith("pytest_modelpin.live")]
    assert "pytest_modelpin.intercept.sending" not in loaded


def test_a_live_run_starts_without_loading_what_compares_it_at_its_end():
    assert "pytest_modelpin.compare" not in loaded_with("session.live_progress")


READS = """
import json

def pytest_unconfigure(config):
    from modelpin_runtime.registry.schema import read
    config.rootpath.joinpath("seen.json").write_text(json.dumps(read.cache_info().misses))
"""


def test_a_session_parses_models_yml_once(tmp_path):
    """It is asked for twice: before any conftest.py is imported, and when pytest is configured."""
    (tmp_path / "conftest.py").write_text(READS)
    (tmp_path / "models.yml").write_text("models: {support: {production: gpt-4o-2024-08-06}}\n")
    (tmp_path / "test_nothing.py").write_text("def test_nothing(): pass\n")
    run_pytest(tmp_path)
    assert json.loads((tmp_path / "seen.json").read_text()) == 1


def test_a_session_with_models_loads_no_network_library_by_itself(tmp_path):
    """`http.client` brings ssl along: as long to load as all of ours together."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "models.yml").write_text("models: {support: {production: gpt-4o-2024-08-06}}\n")
    (tmp_path / "test_nothing.py").write_text("def test_nothing(): pass\n")
    run_pytest(tmp_path)
    loaded = set(json.loads((tmp_path / "seen.json").read_text())["modules"])
    assert "pytest_modelpin.intercept.unseen.monitor" in loaded
    (tmp_path / "models.yml").unlink()
    run_pytest(tmp_path)  # from Python 3.14 on, pytest's own pdb brings asyncio, and so ssl
    without = set(json.loads((tmp_path / "seen.json").read_text())["modules"])
    assert "pytest_modelpin.intercept.unseen.monitor" not in without
    assert not (loaded - without) & {"http.client", "http.server", "ssl", "urllib.request"}


def test_one_reply_walks_no_further_through_the_package_than_the_docs_say():
    trace = BENCHMARK.with_name("trace.py")
    done = subprocess.run([sys.executable, trace], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    live, replay = ([int(n) for n in re.findall(r"\d+", line)] for line in done.stdout.splitlines())
    said = re.search(
        r"a live one enters (\d+) modules and goes from one file to another (\d+) times, "
        r"a replay (\d+) and (\d+)\.",
        (BENCHMARK.parents[1] / "docs/architecture.md").read_text(),
    )
    assert said is not None
    walked = [*live, *replay]
    assert [n <= int(m) for n, m in zip(walked, said.groups(), strict=True)] == [True] * 4, walked
    # Whoever writes more there has to find a shorter way: it is what a newcomer follows.
    assert [n <= most for n, most in zip(walked, (25, 80, 14, 36), strict=True)] == [True] * 4


def fallen_behind(value: float, at_most: float | None, at_least: float | None) -> bool:
    if at_most is not None:
        return value > at_most * FALLEN_BEHIND
    return at_least is not None and value < at_least / FALLEN_BEHIND


@pytest.mark.parametrize(
    ("value", "at_most", "at_least", "behind"),
    [(1.9, 1.3, None, False), (2.0, 1.3, None, True), (3.4, None, 5, False), (3.3, None, 5, True)],
)
def test_a_bar_holds_from_above_or_from_below(value, at_most, at_least, behind):
    assert fallen_behind(value, at_most, at_least) == behind


def behind_their_bars() -> set[tuple[str, str]]:
    """The ratios that one measurement finds behind their bars, by group and figure."""
    done = subprocess.run(
        [sys.executable, BENCHMARK, "--guard"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert len(figures) == 5
    return {
        (each["group"], each["figure"])
        for each in figures
        if fallen_behind(each["value"], each["at_most"], each["at_least"])
    }


def test_no_ratio_has_fallen_behind_its_bar_by_half_again():
    """What is slow is slow each time; a machine that stumbles spoils one measurement of it."""
    behind = behind_their_bars()
    for _ in range(2):
        if behind:
            behind &= behind_their_bars()
    assert not behind
