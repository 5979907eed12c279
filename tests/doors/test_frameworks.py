"""Frameworks as published, each group in an environment of its own: recorded, swapped, replayed.

A group's file is what its users would write, tests that know nothing of pins; here pytest runs it
three times. A framework that is not installed breaks its own group alone.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from every_wire import EveryWire
from framework_environments import REPOSITORY, python_of

from pytest_modelpin.demo.provider_server import Question
from pytest_modelpin.providers.wire import Reply, ToolCall

HERE = Path(__file__).parent
QUESTIONS = HERE / "frameworks" / "door_questions.py"
"""What the groups share."""
GROUPS = sorted({path.stem for path in QUESTIONS.parent.glob("*.py")} - {QUESTIONS.stem})

SAID = "four words of answer"
CITY = {"city": "Oslo"}
ACCOUNT = ("AKIAPLANTED000000001", "aPlanted0Secret1Access2Key3of4Amazon5xyz")
SECRETS = {
    "OPENAI_API_KEY": "sk-planted-0123456789abcdef0123",
    "AZURE_OPENAI_API_KEY": "planted0azure0key0123456789abcdef",
    "ANTHROPIC_API_KEY": "sk-ant-api03-planted0123456789abcdef",
    "GEMINI_API_KEY": "AIzaSyPlanted0123456789abcdefghijklmn",
    "MISTRAL_API_KEY": "planted0mistral0key0123456789abc",
    "CO_API_KEY": "planted0cohere0key0123456789abcd",
    "GROQ_API_KEY": "gsk_planted0123456789abcdef0123456789",
    "TOGETHER_API_KEY": "planted0together0key0123456789ab",
    "AWS_ACCESS_KEY_ID": ACCOUNT[0],
    "AWS_SECRET_ACCESS_KEY": ACCOUNT[1],
}
BEDROCK = "anthropic.claude-sonnet-4-5-20250929-v1:0"
NEXT_BEDROCK = "us.anthropic.claude-opus-4-8-20261001-v1:0"
TOGETHER = "meta-llama/Llama-3.3-70B-Instruct-Turbo"
NEXT_TOGETHER = "Qwen/Qwen3-235B-A22B-Instruct-2507-tput"
MODELS = f"""\
models:
  gpt: {{production: gpt-4o-2024-08-06, staging: gpt-4o}}
  claude: {{production: claude-sonnet-4-5-20250929, staging: claude-sonnet-4-5}}
  gemini: {{production: gemini-2.5-flash, staging: gemini-3.5-flash}}
  azure: {{production: gpt-4.1-2025-04-14, staging: gpt-4.1, provider: azure}}
  vertex: {{production: "claude-sonnet-4-5@20250929", staging: claude-opus-4-8, provider: vertex}}
  bedrock: {{production: "{BEDROCK}", staging: "{NEXT_BEDROCK}"}}
  mistral: {{production: mistral-small-2506, staging: mistral-medium-2508}}
  cohere: {{production: command-a-03-2025, staging: command-r-plus-08-2024}}
  groq: {{production: llama-3.3-70b-versatile, staging: llama-3.1-8b-instant, provider: groq}}
  together: {{production: "{TOGETHER}", staging: "{NEXT_TOGETHER}", provider: together}}
  llama: {{production: "llama3.2:1b", staging: "llama3.2:3b", provider: ollama}}
"""
SERVED = {
    "openai": ("gpt-4o-2024-08-06", "gpt-4o-2024-11-20"),
    "azure": ("gpt-4.1-2025-04-14", "gpt-4.1-2025-10-01"),
    "anthropic": ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5-20261101"),
    "vertex": ("claude-sonnet-4-5-20250929", "claude-opus-4-8"),
    "google": ("gemini-2.5-flash", "gemini-3.5-flash"),
    "bedrock": (None, None),  # Converse names no version
    "bedrock invoke": ("claude-sonnet-4-5-20250929", "claude-opus-4-8-20261001"),
    "mistral": ("mistral-small-2506", "mistral-medium-2508"),
    "cohere": (None, None),  # nor does Cohere
    "groq": ("llama-3.3-70b-versatile", "llama-3.1-8b-instant"),
    "together": (TOGETHER, NEXT_TOGETHER),
    "ollama": ("llama3.2:1b", "llama3.2:3b"),
}
"""By wire: the versions that the replies name, of the pin and of the candidate."""
CANDIDATES = {
    "claude-opus-4-8",
    "gpt-4o",
    "gpt-4.1",
    "claude-sonnet-4-5",
    "gemini-3.5-flash",
    "mistral-medium-2508",
    "command-r-plus-08-2024",
    "llama-3.1-8b-instant",
    NEXT_TOGETHER,
    NEXT_BEDROCK,
    "llama3.2:3b",
}
ALIASES = {
    "claude-sonnet-4-5@20250929": "claude-sonnet-4-5-20250929",
    "gpt-4.1": "gpt-4.1-2025-10-01",
    "gpt-4o": "gpt-4o-2024-11-20",
    "claude-sonnet-4-5": "claude-sonnet-4-5-20261101",
}

# Python runs a module of this name at its start.
CUT_NETWORK = """
import socket

def refuse(*_arguments, **_options):
    raise OSError("the network is cut")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
"""


def answer(question: Question) -> str | Reply:
    """What each test waits for: a tool's call until it was made, then words; JSON where asked, and
    where a judge asks about an answer.
    """
    if question.tools and "sunny" not in question.text:
        return Reply(tools=(ToolCall(question.tools[0], CITY),))
    if "[[ ## city ## ]]" in question.text:
        return "[[ ## city ## ]]\nOslo\n\n[[ ## completed ## ]]"
    if "evaluation" in question.text.lower():
        return json.dumps({"score": 10, "reason": "Four words."})
    return json.dumps(CITY) if "json" in question.text else SAID


@pytest.fixture
def provider() -> Iterator[EveryWire]:
    with EveryWire(answer, aliases=ALIASES, aws_secrets=dict([ACCOUNT])) as server:
        yield server


class Suite:
    """A group's tests in a folder of their own, and the runs of them."""

    def __init__(self, folder: Path, group: str, python: Path) -> None:
        self.folder = folder
        self._python = python
        source = (HERE / "frameworks" / f"{group}.py").read_text()
        options = ["-p no:cacheprovider -p pytest_modelpin.plugin"]
        options.append(getattr(loaded(group), "OPTIONS", ""))
        for name, text in {
            "models.yml": MODELS,
            "tests/test_group.py": source,
            "tests/door_questions.py": QUESTIONS.read_text(),
            "cut/sitecustomize.py": CUT_NETWORK,
            "pytest.ini": f"[pytest]\naddopts = {' '.join(options)}\n",
        }.items():
            path = folder / "project" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def run(
        self, which: str, url: str, *options: str, secrets: Mapping[str, str], cut: bool = False
    ) -> dict[str, Any]:
        """The cases of one run, by door and mode."""
        home = self.folder / f"home-{which}"  # what a framework keeps, it keeps from the next run
        home.mkdir()
        ours = [str(REPOSITORY), str(REPOSITORY / "runtime")]
        environment = {
            name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR")
        } | {
            "HOME": str(home),
            "PYTHONPATH": os.pathsep.join([str(self.folder / "project" / "cut")] * cut + ours),
            "PROVIDER_URL": url,
            "OPENAI_BASE_URL": f"{url}/v1",
            "ANTHROPIC_BASE_URL": url,
            "GOOGLE_GEMINI_BASE_URL": url,
            "OLLAMA_API_BASE": url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "OTEL_SDK_DISABLED": "true",
            "DEEPEVAL_TELEMETRY_OPT_OUT": "1",
            **secrets,
        }
        report = self.folder / f"{which}.json"
        command = [
            str(self._python), "-m", "pytest", "-q", "--tb=short", "--model-report", str(report),
            *options,
        ]  # fmt: skip
        done = subprocess.run(
            command, cwd=self.folder / "project", env=environment, capture_output=True, text=True,
            timeout=900, check=False,
        )  # fmt: skip
        assert report.exists(), done.stdout + done.stderr
        self.said = done.stdout + done.stderr
        cases = json.loads(report.read_text())["cases"]
        return {_short(case["id"]): case for case in cases}

    def written(self) -> Iterator[tuple[Path, bytes]]:
        """All that the runs wrote."""
        for path in self.folder.rglob("*"):
            if path.is_file():
                yield path, path.read_bytes()


def _short(id: str) -> str:
    """A cell's door and mode; the name of any other test."""
    return id.partition("[")[2].rstrip("]") or id.rpartition("::")[2]


def doors(group: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """A group's doors, whose functions import nothing until they are called."""
    return dict(loaded(group).DOORS)


def loaded(group: str) -> Any:
    """A group's module."""
    spec = spec_from_file_location(group.replace("-", "_"), HERE / "frameworks" / f"{group}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(QUESTIONS.parent)
        spec.loader.exec_module(module)
    return module


def signature_problem(case: Any, served: str | None, *, fresh: bool) -> str | None:
    """Why a cell's run does not hold; None where it does."""
    if case is None:
        return "has no case in the run's report"
    [sample] = case["samples"]
    if sample["outcome"] != "passed":
        return f"{sample['outcome']}: {sample.get('message')}"
    if case.get("left_out"):
        return f"left out: {case['left_out']}"
    if not sample["calls"]:
        return "no hook heard it"
    for call in sample["calls"]:
        reply = call["reply"]
        usage = reply.get("usage") or {}
        if call["fresh"] != fresh:
            return f"fresh is {call['fresh']}"
        if reply.get("served_model") != served:
            return f"served by {reply.get('served_model')}, not {served}"
        if not usage.get("input_tokens") or not usage.get("output_tokens"):
            return f"no usage: {usage}"
    return None


def said(case: Any) -> list[Any]:
    """What the models answered in a case."""
    calls = case["samples"][0]["calls"] if case else []
    return [(call["reply"].get("text"), call["reply"].get("tools")) for call in calls]


@pytest.mark.long
@pytest.mark.parametrize("group", GROUPS)
def test_every_door_of_a_group(group: str, provider: EveryWire, tmp_path: Path) -> None:
    suite = Suite(tmp_path, group, python_of(group))
    cells = {
        f"{door}-{mode}": SERVED[wire]
        for door, (wire, ways) in doors(group).items()
        for mode in ways
    }
    wrong: dict[str, str] = {}

    def look(run: str, cases: dict[str, Any], which: int, *, fresh: bool) -> None:
        for cell, served in cells.items():
            if found := signature_problem(cases.get(cell), served[which], fresh=fresh):
                wrong[f"{run}: {cell}"] = found

    recorded = suite.run("record", provider.url, "--model-record", "new", secrets=SECRETS)
    look("record", recorded, 0, fresh=True)
    seen = sum(len(case["samples"][0]["calls"]) for case in recorded.values())
    questions = [request for request in provider.requests if request.model is not None]
    assert seen == len(questions), "questions that no hook saw"

    before = len(provider.requests)
    tried = suite.run("candidate", provider.url, "--model", "candidate", secrets=SECRETS)
    look("candidate", tried, 1, fresh=True)
    assert {request.model for request in provider.requests[before:]} <= {*CANDIDATES, None}

    provider.close()
    replayed = suite.run("replay", provider.url, secrets={}, cut=True)
    look("replay", replayed, 0, fresh=False)
    for cell, case in recorded.items():
        if not said(case) == said(tried.get(cell)) == said(replayed.get(cell)):
            wrong[f"heard: {cell}"] = f"{said(case)}, {said(tried.get(cell))}"
    assert wrong == {}, suite.said[-4000:]

    for path, content in suite.written():
        for name, secret in SECRETS.items():
            assert secret.encode() not in content, f"{name} in {path.relative_to(tmp_path)}"


WITH_AIORESPONSES = """
import asyncio
import aiohttp
from aioresponses import aioresponses
from door_questions import GPT, URL, asked

CHAT = f"{URL}/v1/chat/completions"
MOCKED = {"choices": [{"message": {"content": "mocked"}}]}

async def asking(question):
    async with aiohttp.ClientSession() as session:
        body = {"model": GPT, "messages": asked(question)}
        async with session.post(CHAT, json=body) as reply:
            return (await reply.json())["choices"][0]["message"]["content"]

def ask(question):
    return asyncio.run(asking(question))

def test_plain():
    assert ask("first") == "four words of answer"

def test_mocked():
    with aioresponses() as mock:
        mock.post(CHAT, payload=MOCKED)
        assert ask("never recorded") == "mocked"
        mock.assert_called_once()

def test_let_through():
    with aioresponses(passthrough=[URL]) as mock:
        mock.post("http://elsewhere.example/", payload=MOCKED)
        assert ask("second") == "four words of answer"

def test_both():
    with aioresponses(passthrough_unmatched=True) as mock:
        assert ask("third") == "four words of answer"
        mock.post(CHAT, payload=MOCKED)
        assert ask("never recorded") == "mocked"
"""


@pytest.mark.long
def test_what_aioresponses_answers_is_no_model_s_and_what_it_lets_through_is(
    provider: EveryWire, tmp_path: Path
) -> None:
    """It stands above our hook, in the place of a session's way to ask. It knows no newer aiohttp
    than that of the group.
    """
    suite = Suite(tmp_path, "year_old", python_of("year_old"))
    (tmp_path / "project/tests/test_group.py").write_text(WITH_AIORESPONSES)
    asked = {"test_plain": 1, "test_let_through": 1, "test_both": 1}

    def heard(which: str, *options: str, **more: Any) -> dict[str, int]:
        cases = suite.run(which, provider.url, *options, secrets=SECRETS, **more)
        assert [case["left_out"] for case in cases.values() if case["left_out"]] == [], suite.said
        assert "4 passed" in suite.said
        return {name: len(case["samples"][0]["calls"]) for name, case in cases.items()}

    assert heard("record", "--model-record", "new") == asked
    assert heard("candidate", "--model", "candidate") == asked
    assert {request.model for request in provider.requests[len(asked) :]} == {"gpt-4o"}
    provider.close()
    assert heard("replay", cut=True) == asked
