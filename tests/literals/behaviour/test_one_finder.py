"""What `scan` sees a bump moves, or says why it stays: one table of files, one set of routes."""

import json
import subprocess

import pytest

from pytest_modelpin.alarms.scan import scan
from pytest_modelpin.literals.moving import Codebase, moved
from pytest_modelpin.providers import route_prefixes

OLD, NEW = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"

NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "markdown", "source": [f"We use {OLD}."]},
            {
                "cell_type": "code",
                "source": ["%pip install openai\n", f'ask(model="{OLD}")\n'],
                "outputs": [{"text": [f"served by {OLD}"]}],
            },
        ]
    },
    indent=1,
)

MOVES = {
    "app.py": f'PIN = "{OLD}"\n',
    "web/app.tsx": f"const m = '{OLD}';\n",
    "web/app.jsx": f"const m = `{OLD}`;\n",
    "web/app.mjs": f'export const m = "{OLD}";\n',
    ".env.production": f"MODEL={OLD}\n",
    "settings.cfg": f"[llm]\nmodel = {OLD}\n",
    "Dockerfile": f"FROM python:3.13\nENV MODEL={OLD}\n",
    "docker/Dockerfile.web": f"ARG MODEL={OLD}\n",
    "infra/main.tf": f'model = "{OLD}" # the pin\n',
    "run.sh": f"export MODEL={OLD}\nask --model {OLD} hello\n",
    "demo.ipynb": NOTEBOOK,
    "helm/values.yaml": f"llm:\n  model: {OLD}\n",
}


@pytest.fixture
def repository(tmp_path):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)

    def track(files):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        subprocess.run(["git", "-C", str(tmp_path), "add", "--all", "--force"], check=True)
        return tmp_path

    return track


@pytest.mark.parametrize("name", MOVES)
def test_what_is_scanned_is_moved(repository, name):
    root = repository({name: MOVES[name]})
    seen = {f"{each.path}:{each.line}" for each in scan(root) if each.model == OLD}
    found = moved(Codebase(root), OLD, NEW)
    assert seen
    assert seen == set(found.places)
    (content,) = found.files.values()
    assert content.decode().count(NEW) == len(seen)


def test_a_notebooks_prose_and_output_stay_and_are_named(repository):
    root = repository({"demo.ipynb": NOTEBOOK})
    found = moved(Codebase(root), OLD, NEW)
    (content,) = found.files.values()
    assert content.decode().count(OLD) == 2
    assert {left.because for left in found.left} == {"not in a code cell"}
    assert json.loads(content)["cells"][1]["source"][1] == f'ask(model="{NEW}")\n'


@pytest.mark.parametrize("route", [*route_prefixes(), "openai/", "acme:"])
def test_a_route_is_moved_or_told(repository, route):
    mark = "" if route.endswith(("/", ":")) else ":"
    root = repository({"app.py": f'PIN = "{route}{mark}{OLD}"\n'})
    found = moved(Codebase(root), OLD, NEW)
    assert len(found.places) + len(found.left) == 1
    assert bool(found.places) == (mark == ":")


def test_what_is_seen_and_left_is_told_with_its_reason(repository):
    root = repository(
        {
            ".github/workflows/ci.yml": f"env:\n  MODEL: {OLD}\n",
            "README.md": f"We use {OLD}.\n",
            "app.py": f'OTHER = "{OLD}-mini"\n',
            "models.yml": f"models: {{a: {{production: {OLD}}}}}\n",
            "tests/__snapshots__/a.txt": f"{OLD}\n",
        }
    )
    found = moved(Codebase(root), OLD, NEW)
    assert found.files == {}
    assert {left.place: left.because for left in found.left} == {
        ".github/workflows/ci.yml:2": "a workflow's token may not change it",
        "README.md:1": "not a kind of file that is code",
    }


def test_a_shared_pin_stays_everywhere(repository):
    root = repository({"app.py": f'PIN = "{OLD}"\n'})
    found = moved(Codebase(root), OLD, NEW, stays="gpt is pinned to it too")
    assert (found.files, found.places) == ({}, ())
    assert [(left.place, left.because) for left in found.left] == [
        ("app.py:1", "gpt is pinned to it too")
    ]
