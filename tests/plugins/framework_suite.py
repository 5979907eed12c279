"""A group of frameworks in an environment of its own: its tests in a folder, and runs of them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from framework_environments import REPOSITORY

HERE = Path(__file__).parents[1] / "doors"
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
    "HF_TOKEN": "hf_planted0123456789abcdef0123456789",
    "AWS_ACCESS_KEY_ID": ACCOUNT[0],
    "AWS_SECRET_ACCESS_KEY": ACCOUNT[1],
}
BEDROCK = "anthropic.claude-sonnet-4-5-20250929-v1:0"
NEXT_BEDROCK = "us.anthropic.claude-opus-4-8-20261001-v1:0"
BEDROCK_LLAMA = "meta.llama3-3-70b-instruct-v1:0"
NEXT_BEDROCK_LLAMA = "us.meta.llama4-maverick-17b-instruct-v1:0"
TOGETHER = "meta-llama/Llama-3.3-70B-Instruct-Turbo"
NEXT_TOGETHER = "Qwen/Qwen3-235B-A22B-Instruct-2507-tput"
HUB, NEXT_HUB = "Qwen/Qwen3-32B:together", "Qwen/Qwen3-235B-A22B-Instruct-2507:together"
MODELS = f"""\
models:
  gpt: {{production: gpt-4o-2024-08-06, staging: gpt-4o}}
  claude: {{production: claude-sonnet-4-5-20250929, staging: claude-sonnet-4-5}}
  gemini: {{production: gemini-2.5-flash, staging: gemini-3.5-flash}}
  azure: {{production: gpt-4.1-2025-04-14, staging: gpt-4.1, provider: azure}}
  vertex: {{production: "claude-sonnet-4-5@20250929", staging: claude-opus-4-8, provider: vertex}}
  bedrock: {{production: "{BEDROCK}", staging: "{NEXT_BEDROCK}"}}
  bedrock_llama: {{production: "{BEDROCK_LLAMA}", staging: "{NEXT_BEDROCK_LLAMA}"}}
  mistral: {{production: mistral-small-2506, staging: mistral-medium-2508}}
  cohere: {{production: command-a-03-2025, staging: command-r-plus-08-2024}}
  groq: {{production: llama-3.3-70b-versatile, staging: llama-3.1-8b-instant, provider: groq}}
  together: {{production: "{TOGETHER}", staging: "{NEXT_TOGETHER}", provider: together}}
  hub: {{production: "{HUB}", staging: "{NEXT_HUB}", provider: huggingface}}
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
    "huggingface": (HUB.partition(":")[0], NEXT_HUB.partition(":")[0]),
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
    NEXT_HUB,
    NEXT_BEDROCK,
    NEXT_BEDROCK_LLAMA,
    "llama3.2:3b",
}
ALIASES = {
    "claude-sonnet-4-5@20250929": "claude-sonnet-4-5-20250929",
    "gpt-4.1": "gpt-4.1-2025-10-01",
    "gpt-4o": "gpt-4o-2024-11-20",
    "claude-sonnet-4-5": "claude-sonnet-4-5-20261101",
    **{hosted: hosted.partition(":")[0] for hosted in (HUB, NEXT_HUB)},
}

# Python runs a module of this name at its start.
CUT_NETWORK = """
import socket

def refuse(*_arguments, **_options):
    raise OSError("the network is cut")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
"""


class Suite:
    """A group's tests in a folder of their own, and the runs of them."""

    def __init__(self, folder: Path, group: str, python: Path) -> None:
        self.folder = folder
        self._python = python
        self._programs = 0
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
        report = self.folder / f"{which}.json"
        command = [
            str(self._python), "-m", "pytest", "-q", "--tb=short", "--model-report", str(report),
            *options,
        ]  # fmt: skip
        done = subprocess.run(
            command, cwd=self.folder / "project", capture_output=True, text=True, timeout=900,
            env=self._environment(which, url, secrets, cut=cut), check=False,
        )  # fmt: skip
        assert report.exists(), done.stdout + done.stderr
        self.said = done.stdout + done.stderr
        cases = json.loads(report.read_text())["cases"]
        return {_short(case["id"]): case for case in cases}

    def without_pytest(self, code: str, url: str) -> str:
        """What a program prints that is none of the tests."""
        self._programs += 1
        done = subprocess.run(
            [str(self._python), "-c", code], cwd=self.folder / "project", timeout=300, check=False,
            env=self._environment(f"plain-{self._programs}", url, SECRETS, cut=False),
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _environment(
        self, which: str, url: str, secrets: Mapping[str, str], *, cut: bool
    ) -> dict[str, str]:
        home = self.folder / f"home-{which}"  # what a framework keeps, it keeps from the next run
        home.mkdir()
        ours = [str(REPOSITORY), str(REPOSITORY / "runtime")]
        return {
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
