"""Recorded replies of real providers, where the folder of samples lies above the repository."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from pytest_modelpin.providers import provider_for, read_reply


def _samples() -> Path | None:
    for folder in Path(__file__).resolve().parents:
        if (folder / "shared" / "samples" / "manifest.yml").is_file():
            return folder / "shared" / "samples"
    return None


FOLDER = _samples()
ROWS = yaml.safe_load((FOLDER / "manifest.yml").read_text()) if FOLDER else []

pytestmark = pytest.mark.skipif(FOLDER is None, reason="the folder of samples is not here")


@pytest.fixture(params=ROWS, ids=lambda row: row["id"])
def row(request):
    return request.param


@pytest.fixture
def reply(row):
    meta = json.loads((FOLDER / row["meta_file"]).read_text())
    content = (FOLDER / row["body_file"]).read_bytes()
    request, response = meta["request"], meta["response"]
    return read_reply(request["url"], request["body"], row["status"], response["headers"], content)


def test_models_are_as_the_manifest_says(row, reply):
    assert (reply.requested_model, reply.served_model) == (
        row["requested_model"],
        row["served_model"],
    )


def test_the_text_is_as_the_manifest_says(row, reply):
    assert reply.text == (row["text"] or "")


def test_usage_is_as_the_manifest_says(row, reply):
    usage, said = reply.usage, row["usage"]
    counted = (usage.input_tokens, usage.output_tokens, usage.cached_tokens, usage.reasoning_tokens)
    assert counted == tuple(said.get(name) for name in ("input", "output", "cached", "reasoning"))


def test_the_provider_is_as_the_manifest_says(row, reply):
    assert reply.provider == row["provider"].removesuffix("-vertex")


def test_every_reply_is_complete_and_errors_are_errors(row, reply):
    assert reply.complete
    assert (reply.error is not None) is (row["status"] >= 400)


def test_the_request_is_known_to_ask_for_an_answer(row):
    request = json.loads((FOLDER / row["meta_file"]).read_text())["request"]
    assert provider_for(request["method"], request["url"], request["body"]) is not None
