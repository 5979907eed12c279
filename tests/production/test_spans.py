"""OpenTelemetry's spans of model calls, read as observations."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.cli import main
from pytest_modelpin.production.spans import observations

NAMES = {"claude-a": "claude", "claude-b": "claude"}


def attribute(key, value):
    kind = {str: "stringValue", int: "intValue"}.get(type(value))
    if isinstance(value, list):
        return {
            "key": key,
            "value": {"arrayValue": {"values": [{"stringValue": v} for v in value]}},
        }
    return {"key": key, "value": {kind: str(value)}}


def span(model="claude-a", began=1_000, seconds=2.0, failed=False, **more):
    given = {"gen_ai.operation.name": "chat", "gen_ai.request.model": model} | more
    made = {
        "name": f"chat {model}", "kind": 3,
        "startTimeUnixNano": str(int(began * 1e9)),
        "endTimeUnixNano": str(int((began + seconds) * 1e9)),
        "attributes": [attribute(key, value) for key, value in given.items()],
    }  # fmt: skip
    return made | ({"status": {"code": 2, "message": "boom"}} if failed else {})


def line(*spans):
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]})


def test_a_span_says_what_an_observation_does():
    told = {
        "gen_ai.response.model": "claude-a-0929", "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": 34, "gen_ai.response.finish_reasons": ["stop"],
    }  # fmt: skip
    (found,) = observations([line(span(**told))], NAMES)
    assert found == {
        "v": 1, "at": 1000.0, "name": "claude", "id": "claude-a", "role": "span",
        "served": "claude-a-0929", "seconds": 2.0, "in": 12, "out": 34, "refusal": False,
    }  # fmt: skip


def test_errors_and_refusals_are_seen():
    refused = span(**{"gen_ai.response.finish_reasons": ["content_filter"]})
    lines = [line(span(failed=True), span(**{"error.type": "timeout"}), refused)]
    found = list(observations(lines, NAMES))
    assert [each.get("error") for each in found] == ["error", "timeout", None]
    assert [each.get("refusal") for each in found] == [None, None, True]


def test_agents_other_models_and_what_is_torn_are_passed_over():
    others = (
        span(**{"gen_ai.operation.name": "invoke_agent"}),
        span(**{"gen_ai.operation.name": "embeddings"}),
        span("gpt-x"),
    )
    deep = "[" * 200_000
    lines = [line(*others), line(span())[:40], "[]", '{"resourceSpans": 5}', "", "null", deep]
    assert list(observations(lines, NAMES)) == []


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["resourceSpans", "scopeSpans", "spans", "attributes", "key", "value"]),
            inner, max_size=3,
        ),
        max_leaves=20,
    )
)  # fmt: skip
def test_nothing_in_a_file_raises(value):
    assert list(observations([json.dumps(value)], NAMES)) == []


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MODELPIN_CLAUDE", raising=False)
    (tmp_path / "models.yml").write_text(
        "models:\n  claude:\n    production: claude-a\n"
        "    canary: {model: claude-b, percent: 5, min_requests: 50, min_hours: 1}\n"
    )
    return tmp_path


@pytest.mark.parametrize(("rate", "code", "action"), [(0.3, 1, "roll back"), (0.01, 0, "advance")])
def test_a_canary_is_decided_from_spans_alone(project, capsys, rate, code, action):
    rng = random.Random(3)
    lines = []
    for number in range(3000):
        model = "claude-b" if rng.random() < 0.2 else "claude-a"
        failed = rng.random() < (rate if model == "claude-b" else 0.01)
        lines.append(line(span(model, began=1e9 + 12 * number, failed=failed)))
    (project / "traces.json").write_text("\n".join(lines))
    assert main(["canary", "claude", "--spans", "traces.json"]) == code
    assert f"claude-b at 5 %: {action}" in capsys.readouterr().out


def test_spans_that_are_not_there_are_said(project, capsys):
    assert main(["canary", "claude", "--spans", "none/*.json"]) == 2
    assert "There are no spans at none/*.json" in capsys.readouterr().err
